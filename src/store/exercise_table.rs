//! How what was done lies in the columns of `exercise_logs`: one function writes it, one reads it back.

use super::facts::{CountSource, ExerciseLogRow, NewExerciseLog};
use super::hand_tables::{date, recording_or_none, wall, wall_or_none};
use super::tables::word;
use crate::plan::session::After;
use crate::plan::{Quota, Side, StopReason};
use crate::units::Seconds;
use rusqlite::{Connection, Row, named_params};

impl NewExerciseLog {
    /// Takes what the wearer says afterwards. A count that the sensor gave is corrected by it, or confirmed.
    pub fn amend(&mut self, after: &After) {
        if let Some(count) = after.count {
            self.reps = Some(count);
            self.count_source = match self.count_source {
                CountSource::Auto | CountSource::Corrected => CountSource::Corrected,
                CountSource::Manual => CountSource::Manual,
            };
        }
        self.stop_reason = after.reason.or(self.stop_reason);
        self.nprs_after = after.nprs_after.or(self.nprs_after);
        self.effort = after.effort.or(self.effort);
    }
}

/// Reads rows with the id of their recording beside them.
pub(super) const SELECT: &str = "SELECT l.*, r.uid AS recording_uid FROM exercise_logs l
    LEFT JOIN recordings r ON r.key = l.recording";

/// Columns and the values that fill them, in one order.
const COLUMNS: &str = "plan_item, exercise, local_date, at_utc_ns, sets, reps, lasting_s, counted, nprs_before,
    nprs_after, note, start_utc_ns, end_utc_ns, recording, count_source, stop_reason, effort, side, steps,
    steady_share, planned_sets, planned_reps, planned_lasting_s";
const VALUES: &str = ":item, :exercise, :day, :at, :sets, :reps, :lasting, :counted, :before,
    :after, :note, :started, :ended, (SELECT key FROM recordings WHERE uid = :recording), :source, :reason, :effort,
    :side, :steps, :steady, :planned_sets, :planned_reps, :planned_lasting";

/// Adds a row, or replaces the one of this number.
fn put(db: &Connection, sql: &str, id: Option<i64>, new: &NewExerciseLog) -> rusqlite::Result<usize> {
    db.prepare_cached(sql)?.execute(named_params! {
        ":id": id, ":item": new.plan_item, ":exercise": new.exercise, ":day": new.day.to_string(), ":at": new.at.0,
        ":sets": new.sets, ":reps": new.reps, ":lasting": new.lasting.map(|s| s.0),
        ":counted": new.count_source == CountSource::Auto,
        ":before": new.nprs_before, ":after": new.nprs_after, ":note": new.note,
        ":started": new.started.map(|at| at.0), ":ended": new.ended.map(|at| at.0),
        ":recording": new.recording.map(|id| id.to_string()), ":source": new.count_source.name(),
        ":reason": new.stop_reason.map(StopReason::name), ":effort": new.effort, ":side": new.side.map(Side::name),
        ":steps": new.steps, ":steady": new.steady_share, ":planned_sets": new.planned.sets,
        ":planned_reps": new.planned.reps, ":planned_lasting": new.planned.lasting.map(|s| s.0),
    })
}

pub(super) fn insert(db: &Connection, new: &NewExerciseLog) -> rusqlite::Result<i64> {
    put(db, &format!("INSERT INTO exercise_logs (id, {COLUMNS}) VALUES (:id, {VALUES})"), None, new)?;
    Ok(db.last_insert_rowid())
}

pub(super) fn update(db: &Connection, row: &ExerciseLogRow) -> rusqlite::Result<usize> {
    let sql = format!("UPDATE exercise_logs SET ({COLUMNS}) = ({VALUES}) WHERE id = :id");
    put(db, &sql, Some(row.id), &row.about)
}

pub(super) fn row(row: &Row<'_>) -> rusqlite::Result<ExerciseLogRow> {
    let seconds = |column: &str| Ok::<_, rusqlite::Error>(row.get::<_, Option<f64>>(column)?.map(Seconds));
    Ok(ExerciseLogRow {
        id: row.get("id")?,
        about: NewExerciseLog {
            plan_item: row.get("plan_item")?,
            exercise: row.get("exercise")?,
            day: date(row, "local_date")?,
            at: wall(row, "at_utc_ns")?,
            sets: row.get("sets")?,
            reps: row.get("reps")?,
            lasting: seconds("lasting_s")?,
            count_source: match row.get::<_, Option<String>>("count_source")? {
                None => CountSource::Manual,
                Some(_) => word(row, "count_source", CountSource::from_name)?,
            },
            nprs_before: row.get("nprs_before")?,
            nprs_after: row.get("nprs_after")?,
            note: row.get("note")?,
            started: wall_or_none(row, "start_utc_ns")?,
            ended: wall_or_none(row, "end_utc_ns")?,
            recording: recording_or_none(row)?,
            stop_reason: row.get::<_, Option<String>>("stop_reason")?.as_deref().and_then(StopReason::from_name),
            effort: row.get("effort")?,
            side: row.get::<_, Option<String>>("side")?.as_deref().and_then(Side::from_name),
            steps: row.get("steps")?,
            steady_share: row.get("steady_share")?,
            planned: Quota {
                sets: row.get("planned_sets")?,
                reps: row.get("planned_reps")?,
                lasting: seconds("planned_lasting_s")?,
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Hand, Reader};
    use super::*;
    use crate::units::WallTime;
    use jiff::civil::date;

    #[test]
    fn a_set_is_kept_from_its_start_counts_when_it_ended_and_its_correction_can_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut hand = Hand::open(folder.path()).unwrap();
        let reader = Reader::open(folder.path()).unwrap();
        let (day, began, ended) = (date(2026, 3, 2), WallTime(1_000), WallTime(2_000));
        let opened = NewExerciseLog {
            started: Some(began),
            side: Some(Side::Left),
            planned: Quota { sets: Some(2), reps: Some(5), lasting: Some(Seconds(20.0)) },
            ..NewExerciseLog::told("bridge", day, began)
        };
        let id = hand.open_set(&opened).unwrap();
        let done = || reader.exercise_logs(day..date(2026, 3, 3)).unwrap();
        assert_eq!((done(), reader.newest_exercise_log().unwrap()), (Vec::new(), None), "it goes on");
        assert_eq!(hand.undo(began).unwrap(), None, "and is no entry yet");

        let about = NewExerciseLog {
            ended: Some(ended),
            reps: Some(10),
            count_source: CountSource::Auto,
            steady_share: Some(0.75),
            steps: Some(3),
            stop_reason: Some(StopReason::Tired),
            effort: Some(4),
            ..opened
        };
        let row = ExerciseLogRow { id, about };
        hand.end_set(&row, ended).unwrap();
        assert_eq!(done(), std::slice::from_ref(&row), "every column comes back");

        let mut right = row.clone();
        right.about.amend(&After { count: Some(9), nprs_after: Some(2), ..After::default() });
        assert_eq!(
            (right.about.count_source, right.about.stop_reason),
            (CountSource::Corrected, Some(StopReason::Tired))
        );
        hand.change_exercise_log(&right, ended).unwrap();
        assert_eq!(done(), [right]);
        hand.undo(ended).unwrap();
        assert_eq!(done(), [row]);
        assert!(hand.undo(ended).unwrap().is_some_and(|undone| undone.removed));
        assert_eq!(done(), []);
    }
}
