//! How rows made one at a time lie in the columns of `lumbard.db`: entries by hand, calibrations and
//! signals. One function writes a kind, one reads it back.

use super::facts::{
    Answer, AnswerAbout, CalibrationRow, ChannelResult, CheckInRow, EpisodeRow, LateAnswer, MarkRow, NewCalibration,
    NewCheckIn, NewEpisode, NewPlanItem, NewSignal, PlanItemRow, RecordingId, SensorRole, SensorRow, SettingRow,
    SignalRow,
};
use super::tables::{placement, recording_id, word};
use crate::frames::Quat;
use crate::units::{AngularRate, Seconds, WallTime};
use jiff::civil::Date;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use serde::de::DeserializeOwned;

pub(super) fn wall(row: &Row<'_>, column: &str) -> rusqlite::Result<WallTime> {
    row.get(column).map(WallTime)
}

pub(super) fn wall_or_none(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<WallTime>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(WallTime))
}

pub(super) fn date(row: &Row<'_>, column: &str) -> rusqlite::Result<Date> {
    word(row, column, |word| word.parse().ok())
}

fn date_or_none(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Date>> {
    match row.get::<_, Option<String>>(column)? {
        None => Ok(None),
        Some(_) => date(row, column).map(Some),
    }
}

/// The recording that a row belongs to, where it was read beside it.
pub(super) fn recording_or_none(row: &Row<'_>) -> rusqlite::Result<Option<RecordingId>> {
    match row.get::<_, Option<String>>("recording_uid")? {
        None => Ok(None),
        Some(_) => recording_id(row, "recording_uid").map(Some),
    }
}

/// A JSON list in a column. Lists of plain values always turn into text.
fn json<T: serde::Serialize>(list: &[T]) -> rusqlite::Result<String> {
    serde_json::to_string(list).map_err(|source| rusqlite::Error::ToSqlConversionFailure(source.into()))
}

fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|source| {
        let index = row.as_ref().column_index(column).unwrap_or_default();
        rusqlite::Error::FromSqlConversionFailure(index, Type::Text, source.into())
    })
}

pub(super) fn insert_calibration(db: &Connection, new: &NewCalibration) -> rusqlite::Result<i64> {
    let q = new.body_from_sensor.quaternion();
    let bias = |axis: usize| new.gyro_bias.map(|bias| bias[axis].degrees_per_second());
    db.prepare_cached(
        "INSERT INTO calibrations (at_utc_ns, placement, body_q_w, body_q_x, body_q_y, body_q_z, gyr_bias_x_dps,
             gyr_bias_y_dps, gyr_bias_z_dps, quality, sensor, firmware, method)
         VALUES (:at, :placement, :w, :x, :y, :z, :bx, :by, :bz, :quality, :sensor, :firmware, :method)",
    )?
    .insert(named_params! {
        ":at": new.at.0, ":placement": new.placement.name(),
        ":w": q.w, ":x": q.i, ":y": q.j, ":z": q.k,
        ":bx": bias(0), ":by": bias(1), ":bz": bias(2),
        ":quality": new.quality, ":sensor": new.sensor, ":firmware": new.firmware, ":method": new.method,
    })
}

pub(super) fn calibration(row: &Row<'_>) -> rusqlite::Result<CalibrationRow> {
    let q = |column: &str| row.get::<_, f64>(column);
    let quaternion = nalgebra::Quaternion::new(q("body_q_w")?, q("body_q_x")?, q("body_q_y")?, q("body_q_z")?);
    let bias = |column: &str| {
        Ok::<_, rusqlite::Error>(row.get::<_, Option<f64>>(column)?.map(AngularRate::from_degrees_per_second))
    };
    let gyro_bias = match (bias("gyr_bias_x_dps")?, bias("gyr_bias_y_dps")?, bias("gyr_bias_z_dps")?) {
        (Some(x), Some(y), Some(z)) => Some([x, y, z]),
        _ => None,
    };
    Ok(CalibrationRow {
        id: row.get("id")?,
        about: NewCalibration {
            at: wall(row, "at_utc_ns")?,
            placement: placement(row, "placement")?,
            // Stored as it was, already of length 1: normalising again could change its last bit.
            body_from_sensor: Quat::new_unchecked(quaternion),
            gyro_bias,
            quality: row.get("quality")?,
            sensor: row.get("sensor")?,
            firmware: row.get("firmware")?,
            method: row.get("method")?,
        },
    })
}

pub(super) fn insert_signal(db: &Connection, recording: Option<i64>, new: &NewSignal) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO signals (recording, at_utc_ns, rule, value, threshold, unit, ratio, sent, reason, text, channels)
         VALUES (:recording, :at, :rule, :value, :threshold, :unit, :ratio, :sent, :reason, :text, :channels)",
    )?
    .insert(named_params! {
        ":recording": recording, ":at": new.at.0, ":rule": new.rule, ":value": new.value,
        ":threshold": new.threshold, ":unit": new.unit, ":ratio": new.ratio, ":sent": new.sent,
        ":reason": new.reason, ":text": new.text, ":channels": json(&new.channels)?,
    })
}

/// Enters what a channel answered after its signal was kept; a signal that was erased since is none of its
/// business any more.
pub(super) fn answer_signal(db: &Connection, answer: &LateAnswer) -> rusqlite::Result<()> {
    let sql = "SELECT id, channels FROM signals WHERE at_utc_ns = ?1 AND rule = ?2 ORDER BY id DESC LIMIT 1";
    let read = |row: &Row<'_>| Ok((row.get::<_, i64>("id")?, from_json::<Vec<ChannelResult>>(row, "channels")?));
    let Some((id, mut channels)) = db.query_row(sql, params![answer.at.0, answer.rule], read).optional()? else {
        return Ok(());
    };
    answer.enter(&mut channels);
    db.execute("UPDATE signals SET channels = ?2 WHERE id = ?1", params![id, json(&channels)?]).map(drop)
}

pub(super) fn signal(row: &Row<'_>) -> rusqlite::Result<SignalRow> {
    let recording = recording_or_none(row)?;
    Ok(SignalRow {
        id: row.get("id")?,
        about: NewSignal {
            recording,
            at: wall(row, "at_utc_ns")?,
            rule: row.get("rule")?,
            value: row.get("value")?,
            threshold: row.get("threshold")?,
            unit: row.get("unit")?,
            ratio: row.get("ratio")?,
            sent: row.get("sent")?,
            reason: row.get("reason")?,
            text: row.get("text")?,
            channels: from_json(row, "channels")?,
        },
    })
}

pub(super) fn insert_episode(db: &Connection, new: &NewEpisode) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO episodes (onset_date, sudden, pattern, nprs, zone, started_utc_ns, red_flags, acute_until_date)
         VALUES (:onset, :sudden, :pattern, :nprs, :zone, :started, :red_flags, :acute_until)",
    )?
    .insert(named_params! {
        ":onset": new.onset.to_string(), ":sudden": new.sudden, ":pattern": new.pattern, ":nprs": new.nprs,
        ":zone": new.zone, ":started": new.started.0, ":red_flags": json(&new.red_flags)?,
        ":acute_until": new.acute_until.map(|day| day.to_string()),
    })
}

pub(super) fn update_episode(db: &Connection, episode: &EpisodeRow) -> rusqlite::Result<usize> {
    let new = &episode.about;
    db.prepare_cached(
        "UPDATE episodes SET onset_date = :onset, sudden = :sudden, pattern = :pattern, nprs = :nprs, zone = :zone,
             started_utc_ns = :started, red_flags = :red_flags, acute_until_date = :acute_until,
             cleared_utc_ns = :cleared, ended_utc_ns = :ended, end_reason = :reason, renewed_because = :renewed
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":onset": new.onset.to_string(), ":sudden": new.sudden, ":pattern": new.pattern, ":nprs": new.nprs,
        ":zone": new.zone, ":started": new.started.0, ":red_flags": json(&new.red_flags)?,
        ":acute_until": new.acute_until.map(|day| day.to_string()), ":cleared": episode.cleared.map(|at| at.0),
        ":ended": episode.ended.map(|at| at.0), ":reason": episode.end_reason, ":renewed": episode.renewed_because, ":id": episode.id,
    })
}

pub(super) fn episode(row: &Row<'_>) -> rusqlite::Result<EpisodeRow> {
    Ok(EpisodeRow {
        id: row.get("id")?,
        about: NewEpisode {
            onset: date(row, "onset_date")?,
            sudden: row.get("sudden")?,
            pattern: row.get("pattern")?,
            nprs: row.get("nprs")?,
            zone: row.get("zone")?,
            started: wall(row, "started_utc_ns")?,
            red_flags: from_json(row, "red_flags")?,
            acute_until: date_or_none(row, "acute_until_date")?,
        },
        cleared: wall_or_none(row, "cleared_utc_ns")?,
        ended: wall_or_none(row, "ended_utc_ns")?,
        end_reason: row.get("end_reason")?,
        renewed_because: row.get("renewed_because")?,
    })
}

pub(super) fn insert_check_in(db: &Connection, new: &NewCheckIn) -> rusqlite::Result<i64> {
    let red_flags = new.red_flags.as_deref().map(json).transpose()?;
    db.prepare_cached(
        "INSERT INTO check_ins (episode, at_utc_ns, local_date, nprs_now, nprs_worst_24h, back_to_normal, sleep,
             better, red_flags)
         VALUES (:episode, :at, :day, :now, :worst, :normal, :sleep, :better, :red_flags)",
    )?
    .insert(named_params! {
        ":episode": new.episode, ":at": new.at.0, ":day": new.day.to_string(), ":now": new.nprs_now,
        ":worst": new.nprs_worst_24h, ":normal": new.back_to_normal, ":sleep": new.sleep, ":better": new.better,
        ":red_flags": red_flags,
    })
}

pub(super) fn update_check_in(db: &Connection, check_in: &CheckInRow) -> rusqlite::Result<usize> {
    let new = &check_in.about;
    let red_flags = new.red_flags.as_deref().map(json).transpose()?;
    db.prepare_cached(
        "UPDATE check_ins SET at_utc_ns = :at, local_date = :day, nprs_now = :now, nprs_worst_24h = :worst,
             back_to_normal = :normal, sleep = :sleep, better = :better, red_flags = :red_flags
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":at": new.at.0, ":day": new.day.to_string(), ":now": new.nprs_now, ":worst": new.nprs_worst_24h,
        ":normal": new.back_to_normal, ":sleep": new.sleep, ":better": new.better, ":red_flags": red_flags,
        ":id": check_in.id,
    })
}

pub(super) fn check_in(row: &Row<'_>) -> rusqlite::Result<CheckInRow> {
    let red_flags = match row.get::<_, Option<String>>("red_flags")? {
        None => None,
        Some(_) => Some(from_json(row, "red_flags")?),
    };
    Ok(CheckInRow {
        id: row.get("id")?,
        about: NewCheckIn {
            episode: row.get("episode")?,
            at: wall(row, "at_utc_ns")?,
            day: date(row, "local_date")?,
            nprs_now: row.get("nprs_now")?,
            nprs_worst_24h: row.get("nprs_worst_24h")?,
            back_to_normal: row.get("back_to_normal")?,
            sleep: row.get("sleep")?,
            better: row.get("better")?,
            red_flags,
        },
    })
}

pub(super) fn insert_plan_item(db: &Connection, new: &NewPlanItem) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO plan_items (exercise, sets, reps, lasting_s, days_per_week, start_value, ceiling, weekly_step,
             entered_by, from_date, until_date, note, created_utc_ns, start_date)
         VALUES (:exercise, :sets, :reps, :lasting, :days, :start, :ceiling, :step, :by, :from, :until, :note,
             :created, :start_date)",
    )?
    .insert(named_params! {
        ":exercise": new.exercise, ":sets": new.sets, ":reps": new.reps, ":lasting": new.lasting.map(|s| s.0),
        ":days": new.days_per_week, ":start": new.start_value, ":ceiling": new.ceiling, ":step": new.weekly_step,
        ":by": new.entered_by, ":from": new.from.to_string(), ":until": new.until.map(|day| day.to_string()),
        ":note": new.note, ":created": new.created.0, ":start_date": new.start_date.map(|day| day.to_string()),
    })
}

pub(super) fn update_plan_item(db: &Connection, item: &PlanItemRow) -> rusqlite::Result<usize> {
    let new = &item.about;
    db.prepare_cached(
        "UPDATE plan_items SET exercise = :exercise, sets = :sets, reps = :reps, lasting_s = :lasting,
             days_per_week = :days, start_value = :start, ceiling = :ceiling, weekly_step = :step,
             entered_by = :by, from_date = :from, until_date = :until, note = :note, created_utc_ns = :created,
             start_date = :start_date
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":exercise": new.exercise, ":sets": new.sets, ":reps": new.reps, ":lasting": new.lasting.map(|s| s.0),
        ":days": new.days_per_week, ":start": new.start_value, ":ceiling": new.ceiling, ":step": new.weekly_step,
        ":by": new.entered_by, ":from": new.from.to_string(), ":until": new.until.map(|day| day.to_string()),
        ":note": new.note, ":created": new.created.0, ":start_date": new.start_date.map(|day| day.to_string()),
        ":id": item.id,
    })
}

pub(super) fn plan_item(row: &Row<'_>) -> rusqlite::Result<PlanItemRow> {
    Ok(PlanItemRow {
        id: row.get("id")?,
        about: NewPlanItem {
            exercise: row.get("exercise")?,
            sets: row.get("sets")?,
            reps: row.get("reps")?,
            lasting: row.get::<_, Option<f64>>("lasting_s")?.map(Seconds),
            days_per_week: row.get("days_per_week")?,
            start_value: row.get("start_value")?,
            ceiling: row.get("ceiling")?,
            weekly_step: row.get("weekly_step")?,
            entered_by: row.get("entered_by")?,
            from: date(row, "from_date")?,
            until: date_or_none(row, "until_date")?,
            note: row.get("note")?,
            created: wall(row, "created_utc_ns")?,
            start_date: date_or_none(row, "start_date")?,
        },
    })
}

pub(super) fn mark(row: &Row<'_>) -> rusqlite::Result<MarkRow> {
    let recording = recording_or_none(row)?;
    Ok(MarkRow { id: row.get("id")?, at: wall(row, "at_utc_ns")?, recording, text: row.get("text")? })
}

pub(super) fn insert_answer(db: &Connection, answer: &Answer) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO answers (at_utc_ns, about, moment_utc_ns, answer) VALUES (:at, :about, :moment, :answer)",
    )?
    .insert(named_params! {
        ":at": answer.at.0, ":about": answer.about.name(), ":moment": answer.moment.0,
        ":answer": answer.word(),
    })
}

pub(super) fn answer(row: &Row<'_>) -> rusqlite::Result<Answer> {
    Ok(Answer {
        at: wall(row, "at_utc_ns")?,
        about: word(row, "about", AnswerAbout::from_name)?,
        moment: wall(row, "moment_utc_ns")?,
        yes: matches!(row.get::<_, String>("answer")?.as_str(), "yes" | "helpful"),
    })
}

pub(super) fn setting(row: &Row<'_>) -> rusqlite::Result<SettingRow> {
    Ok(SettingRow { key: row.get("key")?, value: row.get("value")?, changed: wall(row, "changed_utc_ns")? })
}

pub(super) fn insert_sensor(db: &Connection, sensor: &SensorRow) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "INSERT INTO sensors (uid, family, name, placement, calibration, added_utc_ns, role)
         VALUES (:uid, :family, :name, :placement, :calibration, :added, :role)
         ON CONFLICT (uid) DO UPDATE SET family = :family, name = :name, placement = :placement,
             calibration = :calibration, added_utc_ns = :added, role = :role",
    )?
    .execute(named_params! {
        ":uid": sensor.uid, ":family": sensor.family, ":name": sensor.name,
        ":placement": sensor.placement.name(), ":calibration": sensor.calibration, ":added": sensor.added.0,
        ":role": sensor.role.name(),
    })
}

pub(super) fn sensor(row: &Row<'_>) -> rusqlite::Result<SensorRow> {
    Ok(SensorRow {
        uid: row.get("uid")?,
        family: row.get("family")?,
        name: row.get("name")?,
        placement: placement(row, "placement")?,
        calibration: row.get("calibration")?,
        added: wall(row, "added_utc_ns")?,
        role: word(row, "role", SensorRole::from_name)?,
    })
}
