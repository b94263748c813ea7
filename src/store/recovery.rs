//! Puts a data folder in order when it is opened: packs what a program that ended too early left in the
//! tails, drops facts beyond the end of the raw samples, and closes days that are over.

use super::error::{About, StoreError};
use super::facts::{RecordingId, RecordingRow};
use super::raw_day::{ClosedDay, RawDay, utc_date};
use super::{folder, tables};
use crate::units::{Time, WallTime};
use jiff::civil::Date;
use rusqlite::{Connection, params};
use std::path::Path;

/// A recording that a program ended too early had left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Which one.
    pub recording: RecordingId,
    /// Its last stored sample; `None` when it has none.
    pub end: Option<Time>,
    /// Facts that lay beyond that and were dropped. They can be made again from the raw samples.
    pub dropped: usize,
}

/// Tables of facts with the column that says how much of the recording they needed.
pub(super) const FACT_TABLES: [(&str, &str); 5] = [
    ("events", "decided_ns"),
    ("epochs", "decided_ns"),
    ("steps", "decided_ns"),
    ("postures", "decided_ns"),
    ("gaps", "from_ns"),
];

/// Dates of the raw day files that are there, oldest first.
pub(super) fn dates(folder: &Path) -> Result<Vec<Date>, StoreError> {
    let raw = folder::raw_folder(folder);
    if !raw.exists() {
        return Ok(Vec::new());
    }
    let mut dates = Vec::new();
    for entry in std::fs::read_dir(&raw).about(&raw)? {
        let name = entry.about(&raw)?.file_name();
        dates
            .extend(name.to_str().and_then(|name| name.strip_suffix(".db")).and_then(|date| date.parse::<Date>().ok()));
    }
    dates.sort_unstable();
    Ok(dates)
}

/// Notes that a day's file may change from now on.
pub(super) fn mark_open(db: &Connection, date: Date) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO raw_days (date) VALUES (?1) ON CONFLICT (date)
         DO UPDATE SET closed_utc_ns = NULL, bytes = NULL, samples = NULL, sha256 = NULL",
    )?
    .execute([date.to_string()])
    .map(drop)
}

/// Notes that a day's file is closed, and what it should look like.
pub(super) fn mark_closed(db: &Connection, date: Date, day: &ClosedDay, now: WallTime) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO raw_days (date, closed_utc_ns, bytes, samples, sha256) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (date) DO UPDATE SET closed_utc_ns = ?2, bytes = ?3, samples = ?4, sha256 = ?5",
    )?
    .execute(params![date.to_string(), now.0, day.bytes as i64, day.samples as i64, day.sha256])
    .map(drop)
}

/// Puts the folder in order. A damaged file of an earlier day is left alone and told in the log; a
/// damaged file of today is an error, as nothing could be recorded.
pub(super) fn recover(folder: &Path, db: &mut Connection, now: WallTime) -> Result<Vec<Recovered>, StoreError> {
    let file = folder::main_file(folder);
    let today = utc_date(now);
    let dates = dates(folder)?;
    let mut damaged = Vec::new();
    for &date in &dates {
        if is_closed(db, date).about(&file)? {
            continue;
        }
        match put_in_order(folder, date, today) {
            Ok(Some(day)) => mark_closed(db, date, &day, now).about(&file)?,
            Ok(None) => {}
            Err(error) if date >= today => return Err(error),
            Err(error) => {
                tracing::warn!("{error}; the rest goes on without it");
                damaged.push(date);
            }
        }
    }
    let mut recovered = Vec::new();
    for (key, row) in open_recordings(db).about(&file)? {
        let since = utc_date(row.about.start);
        let days = dates.iter().filter(|&&date| date >= since);
        let whole = !days.clone().any(|date| damaged.contains(date));
        let (mut end, mut samples) = (None, 0);
        for &date in days {
            match RawDay::end_of(folder, date, row.id) {
                Ok(Some((last, count))) => (end, samples) = (end.max(Some(last)), samples + count),
                Ok(None) => {}
                Err(error) if !whole => tracing::warn!("{error}"),
                Err(error) => return Err(error),
            }
        }
        let mut cut = || -> rusqlite::Result<usize> {
            let transaction = db.transaction()?;
            // Where a day cannot be read, its facts are all that is left of it.
            let dropped = if whole { drop_facts_after(&transaction, key, end)? } else { 0 };
            transaction.execute(
                "UPDATE recordings SET state = 'cut', end_ns = ?2, samples = ?3 WHERE key = ?1",
                params![key, end.map(|end| end.0), samples as i64],
            )?;
            transaction.commit()?;
            Ok(dropped)
        };
        let dropped = cut().about(&file)?;
        recovered.push(Recovered { recording: row.id, end, dropped });
    }
    Ok(recovered)
}

/// Closes a day that is over, or packs the tail of one that is not.
fn put_in_order(folder: &Path, date: Date, today: Date) -> Result<Option<ClosedDay>, StoreError> {
    let mut day = RawDay::open(folder, date)?;
    if date < today {
        return day.close().map(Some);
    }
    day.pack_tail()?;
    Ok(None)
}

fn is_closed(db: &Connection, date: Date) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT count(*) FROM raw_days WHERE date = ?1 AND closed_utc_ns IS NOT NULL")?
        .query_row([date.to_string()], |row| row.get::<_, i64>(0))
        .map(|count| count > 0)
}

fn open_recordings(db: &Connection) -> rusqlite::Result<Vec<(i64, RecordingRow)>> {
    db.prepare("SELECT * FROM recordings WHERE state = 'open' ORDER BY key")?
        .query_map([], |row| Ok((row.get("key")?, tables::recording(row)?)))?
        .collect()
}

/// Drops the facts of a recording that needed more than its samples up to `end`; all, without samples.
pub(super) fn drop_facts_after(db: &Connection, key: i64, end: Option<Time>) -> rusqlite::Result<usize> {
    let end = end.map_or(i64::MIN, |end| end.0);
    let mut dropped = 0;
    for (table, needed) in FACT_TABLES {
        dropped +=
            db.execute(&format!("DELETE FROM {table} WHERE recording = ?1 AND {needed} > ?2"), params![key, end])?;
    }
    Ok(dropped)
}
