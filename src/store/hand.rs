//! Entries made by hand, while a daemon runs or not. In: what was said. Out: its number in the store.
//!
//! Every change keeps what stood there before, so that the last one can be taken back. Each entry is one
//! short transaction that waits its turn behind the daemon's; a daemon notices it by [`super::Reader::changed`].

use super::error::{About, StoreError};
use super::facts::{
    Answer, CheckInRow, EpisodeRow, ExerciseLogRow, NewCalibration, NewCheckIn, NewEpisode, NewExerciseLog,
    NewPlanItem, PlanItemRow, SensorRow,
};
use super::{exercise_table, folder, hand_tables, main_db};
use crate::units::WallTime;
use jiff::civil::Date;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};

/// The tables that keep old values, with their primary keys: the only ones `undo` touches.
const BY_HAND: [(&str, &str); 8] = [
    ("episodes", "id"),
    ("check_ins", "id"),
    ("plan_items", "id"),
    ("exercise_logs", "id"),
    ("marks", "id"),
    ("answers", "id"),
    ("settings", "key"),
    ("sensors", "uid"),
];

/// A connection for entries by hand.
#[derive(Debug)]
pub struct Hand {
    db: Connection,
    file: PathBuf,
}

/// What was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The table: `episodes`, `marks`, …
    pub table: String,
    /// The row's primary key as text.
    pub key: String,
    /// It had been new and is gone; otherwise it is again as it was.
    pub removed: bool,
}

impl Hand {
    /// Opens the data folder for entries; makes it where there is none.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        folder::make_folders(folder)?;
        let file = folder::main_file(folder);
        Ok(Self { db: main_db(&file)?, file })
    }

    /// Runs one entry as a transaction.
    fn enter<T>(
        &mut self,
        at: WallTime,
        entry: impl FnOnce(&Entry<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let run = || -> rusqlite::Result<T> {
            let entered = Entry { db: self.db.transaction_with_behavior(TransactionBehavior::Immediate)?, at };
            let done = entry(&entered)?;
            entered.db.commit()?;
            Ok(done)
        };
        run().about(&self.file)
    }

    /// Begins an episode.
    pub fn add_episode(&mut self, new: &NewEpisode) -> Result<i64, StoreError> {
        self.enter(new.started, |entry| entry.added("episodes", hand_tables::insert_episode(&entry.db, new)?))
    }

    /// Replaces what is stored of an episode: renewed acute mode, cleared red flags, its end.
    pub fn change_episode(&mut self, episode: &EpisodeRow, at: WallTime) -> Result<(), StoreError> {
        let changed = self.enter(at, |entry| {
            entry.keep("episodes", &episode.id.into())?;
            hand_tables::update_episode(&entry.db, episode)
        })?;
        found(changed, "episode", episode.id)
    }

    /// Ends an episode.
    pub fn end_episode(&mut self, id: i64, at: WallTime, reason: &str) -> Result<(), StoreError> {
        let changed = self.enter(at, |entry| {
            entry.keep("episodes", &id.into())?;
            let sql = "UPDATE episodes SET ended_utc_ns = ?2, end_reason = ?3 WHERE id = ?1";
            entry.db.execute(sql, params![id, at.0, reason])
        })?;
        found(changed, "episode", id)
    }

    /// Adds a check-in.
    pub fn add_check_in(&mut self, new: &NewCheckIn) -> Result<i64, StoreError> {
        self.enter(new.at, |entry| entry.added("check_ins", hand_tables::insert_check_in(&entry.db, new)?))
    }

    /// Replaces what was said at a check-in, such as an answer that was missing.
    pub fn change_check_in(&mut self, check_in: &CheckInRow, at: WallTime) -> Result<(), StoreError> {
        let changed = self.enter(at, |entry| {
            entry.keep("check_ins", &check_in.id.into())?;
            hand_tables::update_check_in(&entry.db, check_in)
        })?;
        found(changed, "check-in", check_in.id)
    }

    /// Keeps what the wearer says about a bend, a lift or a signal; the newest answer about a moment counts.
    pub fn add_answer(&mut self, answer: &Answer) -> Result<i64, StoreError> {
        self.enter(answer.at, |entry| entry.added("answers", hand_tables::insert_answer(&entry.db, answer)?))
    }

    /// Adds a plan item.
    pub fn add_plan_item(&mut self, new: &NewPlanItem) -> Result<i64, StoreError> {
        self.enter(new.created, |entry| entry.added("plan_items", hand_tables::insert_plan_item(&entry.db, new)?))
    }

    /// Replaces what is stored of a plan item.
    pub fn change_plan_item(&mut self, item: &PlanItemRow, at: WallTime) -> Result<(), StoreError> {
        let changed = self.enter(at, |entry| {
            entry.keep("plan_items", &item.id.into())?;
            hand_tables::update_plan_item(&entry.db, item)
        })?;
        found(changed, "plan item", item.id)
    }

    /// Lets a plan item end before local day `until`. What was done for it stays.
    pub fn end_plan_item(&mut self, id: i64, until: Date, at: WallTime) -> Result<(), StoreError> {
        let changed = self.enter(at, |entry| {
            entry.keep("plan_items", &id.into())?;
            entry.db.execute("UPDATE plan_items SET until_date = ?2 WHERE id = ?1", params![id, until.to_string()])
        })?;
        found(changed, "plan item", id)
    }

    /// Adds plan items: all of them, or none.
    pub fn add_plan_items(&mut self, new: &[NewPlanItem], at: WallTime) -> Result<Vec<i64>, StoreError> {
        self.enter(at, |entry| {
            let add = |item| entry.added("plan_items", hand_tables::insert_plan_item(&entry.db, item)?);
            new.iter().map(add).collect()
        })
    }

    /// Logs what was done.
    pub fn log_exercise(&mut self, new: &NewExerciseLog) -> Result<i64, StoreError> {
        self.enter(new.at, |entry| entry.added("exercise_logs", exercise_table::insert(&entry.db, new)?))
    }

    /// Keeps that a set was opened. It becomes an entry that `undo` can take back when it is ended.
    pub fn open_set(&mut self, new: &NewExerciseLog) -> Result<i64, StoreError> {
        self.enter(new.at, |entry| exercise_table::insert(&entry.db, new))
    }

    /// Ends a set that was opened.
    pub fn end_set(&mut self, row: &ExerciseLogRow, at: WallTime) -> Result<(), StoreError> {
        let changed = self.enter(at, |entry| {
            let changed = exercise_table::update(&entry.db, row)?;
            entry.added("exercise_logs", row.id)?;
            Ok(changed)
        })?;
        found(changed, "set", row.id)
    }

    /// Adds what became known of a set after its end, such as its last steps. Nothing that anyone said changes.
    pub fn add_to_set(&mut self, id: i64, steps: u32, at: WallTime) -> Result<(), StoreError> {
        let sql = "UPDATE exercise_logs SET steps = ?2 WHERE id = ?1";
        self.enter(at, |entry| entry.db.execute(sql, params![id, steps]).map(drop))
    }

    /// Replaces what is stored of something done; what stood there is kept.
    pub fn change_exercise_log(&mut self, row: &ExerciseLogRow, at: WallTime) -> Result<(), StoreError> {
        let changed = self.enter(at, |entry| {
            entry.keep("exercise_logs", &row.id.into())?;
            exercise_table::update(&entry.db, row)
        })?;
        found(changed, "exercise", row.id)
    }

    /// Marks a moment with a few words, in the recording that is open, if one is.
    pub fn add_mark(&mut self, at: WallTime, text: &str) -> Result<i64, StoreError> {
        self.enter(at, |entry| {
            let sql = "INSERT INTO marks (at_utc_ns, text, recording) VALUES (?1, ?2,
                (SELECT key FROM recordings WHERE state = 'open' ORDER BY key DESC LIMIT 1))";
            entry.db.execute(sql, params![at.0, text])?;
            entry.added("marks", entry.db.last_insert_rowid())
        })
    }

    /// Makes a choice.
    pub fn set_setting(&mut self, key: &str, value: &str, at: WallTime) -> Result<(), StoreError> {
        self.enter(at, |entry| {
            entry.keep("settings", &key.to_owned().into())?;
            entry.put_setting(key, value)
        })
    }

    /// Keeps something for a program rather than for people: what a running daemon is asked to do, or what it
    /// must know after a new start. It is read like a setting, and `undo` passes it by.
    pub fn note(&mut self, key: &str, value: &str, at: WallTime) -> Result<(), StoreError> {
        self.enter(at, |entry| entry.put_setting(key, value))
    }

    /// Adds a sensor, or replaces what is known of it.
    pub fn put_sensor(&mut self, sensor: &SensorRow, at: WallTime) -> Result<(), StoreError> {
        self.enter(at, |entry| {
            entry.keep("sensors", &sensor.uid.clone().into())?;
            hand_tables::insert_sensor(&entry.db, sensor).map(drop)
        })
    }

    /// Forgets a sensor. Its recordings stay. Says whether it was known.
    pub fn remove_sensor(&mut self, uid: &str, at: WallTime) -> Result<bool, StoreError> {
        self.enter(at, |entry| {
            entry.keep("sensors", &uid.to_owned().into())?;
            Ok(entry.db.execute("DELETE FROM sensors WHERE uid = ?1", [uid])? > 0)
        })
    }

    /// Keeps a calibration for ever.
    pub fn add_calibration(&mut self, new: &NewCalibration) -> Result<i64, StoreError> {
        self.enter(new.at, |entry| hand_tables::insert_calibration(&entry.db, new))
    }

    /// Takes back the last entry made by hand that has not been taken back; `None` when there is none.
    pub fn undo(&mut self, at: WallTime) -> Result<Option<Undone>, StoreError> {
        self.enter(at, |entry| {
            let undone = entry.undo_newest()?;
            Ok(undone)
        })
    }
}

fn found(changed: usize, what: &'static str, id: i64) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NoSuchRow { what, id }) } else { Ok(()) }
}

/// One entry under way.
struct Entry<'db> {
    db: Transaction<'db>,
    at: WallTime,
}

impl Entry<'_> {
    fn put_setting(&self, key: &str, value: &str) -> rusqlite::Result<()> {
        let sql = "INSERT INTO settings (key, value, changed_utc_ns) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET value = ?2, changed_utc_ns = ?3";
        self.db.execute(sql, params![key, value, self.at.0]).map(drop)
    }

    fn note(&self, table: &str, key: &Value, old: Option<String>) -> rusqlite::Result<()> {
        let key = match key {
            Value::Integer(id) => id.to_string(),
            Value::Text(text) => text.clone(),
            other => format!("{other:?}"),
        };
        self.db
            .execute(
                "INSERT INTO hand_changes (at_utc_ns, in_table, row_key, old_row) VALUES (?1, ?2, ?3, ?4)",
                params![self.at.0, table, key, old],
            )
            .map(drop)
    }

    /// Notes that a row is new; gives its number back.
    fn added(&self, table: &str, id: i64) -> rusqlite::Result<i64> {
        self.note(table, &id.into(), None)?;
        Ok(id)
    }

    /// Notes how a row stands before it is changed; a row that does not exist yet is noted as new.
    fn keep(&self, table: &str, key: &Value) -> rusqlite::Result<()> {
        let primary = primary_key(table);
        let mut statement = self.db.prepare_cached(&format!("SELECT * FROM {table} WHERE {primary} = ?1"))?;
        let names: Vec<String> = statement.column_names().map(ToString::to_string).collect();
        let old = statement
            .query_row([key], |row| {
                let mut old = serde_json::Map::new();
                for (i, name) in names.iter().enumerate() {
                    let value = match row.get_ref(i)? {
                        ValueRef::Integer(value) => value.into(),
                        ValueRef::Real(value) => value.into(),
                        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
                        ValueRef::Null | ValueRef::Blob(_) => serde_json::Value::Null,
                    };
                    old.insert(name.clone(), value);
                }
                Ok(serde_json::Value::Object(old).to_string())
            })
            .optional()?;
        self.note(table, key, old)
    }

    fn undo_newest(&self) -> rusqlite::Result<Option<Undone>> {
        let newest = self
            .db
            .query_row(
                "SELECT id, in_table, row_key, old_row FROM hand_changes WHERE undone = 0 ORDER BY id DESC LIMIT 1",
                [],
                |row| {
                    Ok((
                        row.get::<_, i64>(0)?,
                        row.get::<_, String>(1)?,
                        row.get::<_, String>(2)?,
                        row.get::<_, Option<String>>(3)?,
                    ))
                },
            )
            .optional()?;
        let Some((id, table, key, old)) = newest else {
            return Ok(None);
        };
        let primary = primary_key(&table);
        let removed = old.is_none();
        match old {
            None => self.db.execute(&format!("DELETE FROM {table} WHERE {primary} = ?1"), [&key])?,
            Some(old) => self.put_back(&table, primary, &old)?,
        };
        self.db.execute("UPDATE hand_changes SET undone = 1 WHERE id = ?1", [id])?;
        Ok(Some(Undone { table, key, removed }))
    }

    /// Puts a kept row back, whether it is still there or was removed. It is changed in place, so that
    /// rows that refer to it stay.
    fn put_back(&self, table: &str, primary: &str, old: &str) -> rusqlite::Result<usize> {
        let names: Vec<String> = self
            .db
            .prepare(&format!("SELECT * FROM {table} LIMIT 0"))?
            .column_names()
            .map(ToString::to_string)
            .collect();
        let values: Vec<String> = names.iter().map(|name| format!("json_extract(?1, '$.{name}')")).collect();
        let changes: Vec<String> = names.iter().map(|name| format!("{name} = excluded.{name}")).collect();
        self.db.execute(
            &format!(
                "INSERT INTO {table} ({}) VALUES ({}) ON CONFLICT ({primary}) DO UPDATE SET {}",
                names.join(", "),
                values.join(", "),
                changes.join(", "),
            ),
            [old],
        )
    }
}

fn primary_key(table: &str) -> &'static str {
    BY_HAND.iter().find(|(name, _)| *name == table).map_or("id", |(_, primary)| primary)
}

#[cfg(test)]
mod tests {
    use super::super::Reader;
    use super::*;

    const NOW: WallTime = WallTime(1_714_602_600_000_000_000);

    fn plan_item() -> NewPlanItem {
        NewPlanItem {
            exercise: "bridge".into(),
            sets: Some(2),
            reps: Some(8),
            lasting: None,
            days_per_week: 4,
            start_value: None,
            ceiling: None,
            weekly_step: None,
            entered_by: "physiotherapist".into(),
            from: Date::constant(2024, 5, 1),
            until: None,
            note: Some("slowly, it's \"fine\"".into()),
            created: NOW,
            start_date: None,
        }
    }

    #[test]
    fn the_last_entry_is_taken_back_and_then_the_one_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut hand = Hand::open(folder.path()).unwrap();
        let reader = Reader::open(folder.path()).unwrap();
        let id = hand.add_plan_item(&plan_item()).unwrap();
        let before = reader.plan_items().unwrap();
        let mut changed = before[0].clone();
        changed.about.reps = Some(12);
        hand.change_plan_item(&changed, NOW).unwrap();
        hand.set_setting("quiet", "22:00-07:00", NOW).unwrap();
        hand.set_setting("quiet", "off", NOW).unwrap();

        let undone = |hand: &mut Hand| hand.undo(NOW).unwrap().map(|undone| (undone.table, undone.removed));
        assert_eq!(undone(&mut hand), Some(("settings".into(), false)));
        assert_eq!(reader.setting("quiet").unwrap().as_deref(), Some("22:00-07:00"));
        assert_eq!(undone(&mut hand), Some(("settings".into(), true)));
        assert_eq!(reader.setting("quiet").unwrap(), None);
        assert_eq!(reader.plan_items().unwrap(), [changed]);
        assert_eq!(undone(&mut hand), Some(("plan_items".into(), false)));
        assert_eq!(reader.plan_items().unwrap(), before);
        assert_eq!(undone(&mut hand), Some(("plan_items".into(), true)));
        assert_eq!(reader.plan_items().unwrap(), []);
        assert_eq!(undone(&mut hand), None);
        assert!(matches!(hand.end_plan_item(id, Date::constant(2024, 6, 1), NOW), Err(StoreError::NoSuchRow { .. })));
    }

    #[test]
    fn a_note_for_a_daemon_is_read_like_a_setting_and_undo_passes_it_by() {
        let folder = tempfile::tempdir().unwrap();
        let mut hand = Hand::open(folder.path()).unwrap();
        hand.set_setting("quiet", "off", NOW).unwrap();
        hand.note("asked", "1 begin", NOW).unwrap();
        hand.note("asked", "2 stop", NOW).unwrap();
        assert_eq!(hand.undo(NOW).unwrap().unwrap().key, "quiet");
        assert_eq!(Reader::open(folder.path()).unwrap().setting("asked").unwrap().as_deref(), Some("2 stop"));
    }

    #[test]
    fn an_entry_that_was_refused_leaves_nothing_to_take_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut hand = Hand::open(folder.path()).unwrap();
        hand.add_plan_item(&NewPlanItem { days_per_week: 9, ..plan_item() }).unwrap_err();
        assert_eq!(hand.undo(NOW).unwrap(), None);
    }

    #[test]
    fn a_mark_is_kept_with_its_words() {
        let folder = tempfile::tempdir().unwrap();
        Hand::open(folder.path()).unwrap().add_mark(NOW, "on the train").unwrap();
        let marks = Reader::open(folder.path()).unwrap().marks(NOW..WallTime(NOW.0 + 1)).unwrap();
        assert_eq!(marks.iter().map(|mark| (mark.at, mark.text.as_str())).collect::<Vec<_>>(), [(NOW, "on the train")]);
    }
}
