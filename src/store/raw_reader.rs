//! Reads a recording's raw samples back, block by block, in order, across day files. In: which recording
//! and which stretch of it. Out: the samples as they were stored.
//!
//! Each day is read from one snapshot, so that a daemon may pack and repack meanwhile. Memory holds one
//! block at a time: ten seconds, or ten minutes of a closed day.

use super::chunk::RawBlock;
use super::error::{About, StoreError};
use super::facts::RecordingId;
use super::raw_day::{read_only, unpack, utc_date};
use super::recovery::dates;
use super::{Reader, folder};
use crate::raw::RawSample;
use crate::units::{Time, WallTime};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};
use std::ops::Range;
use std::path::PathBuf;

/// A recording's raw samples, as blocks.
#[derive(Debug)]
pub struct RawStream {
    folder: PathBuf,
    id: RecordingId,
    range: Range<Time>,
    dates: std::vec::IntoIter<Date>,
    day: Option<Day>,
}

/// The day file that is being read.
#[derive(Debug)]
struct Day {
    db: Connection,
    file: PathBuf,
    key: i64,
    /// Rows from this sample number on come next.
    next: i64,
}

impl Reader {
    /// The raw samples of a recording in `[start, end)` of its own time; [`RawStream::ALL`] for all.
    pub fn raw(&self, id: RecordingId, range: Range<Time>) -> Result<RawStream, StoreError> {
        let began = self.recording(&id.to_string())?.about.start;
        let clamp = |t: Time| WallTime(began.0.saturating_add(t.0));
        let (first, last) = (utc_date(clamp(range.start)), utc_date(clamp(range.end)));
        let mut dates = dates(self.folder())?;
        dates.retain(|&date| first <= date && (date <= last || range.end == RawStream::ALL.end));
        Ok(RawStream { folder: self.folder().to_path_buf(), id, range, dates: dates.into_iter(), day: None })
    }
}

impl RawStream {
    /// The whole of a recording.
    pub const ALL: Range<Time> = Time(0)..Time(i64::MAX);

    /// The samples one by one. For speed, take the blocks.
    pub fn samples(self) -> impl Iterator<Item = Result<RawSample, StoreError>> {
        self.flat_map(|block| {
            let (block, error) = match block {
                Ok(block) => (block, None),
                Err(error) => (RawBlock::default(), Some(Err(error))),
            };
            (0..block.len()).map(move |i| Ok(block.sample(i))).chain(error)
        })
    }

    fn open(&self, date: Date) -> Result<Option<Day>, StoreError> {
        let file = folder::raw_file(&self.folder, date);
        let Some(db) = read_only(&file)? else {
            return Ok(None);
        };
        db.execute_batch("BEGIN").about(&file)?;
        let sql = "SELECT key FROM recordings WHERE uid = ?1";
        let key = db.query_row(sql, [self.id.to_string()], |row| row.get(0)).optional().about(&file)?;
        Ok(key.map(|key| Day { db, file, key, next: 0 }))
    }

    fn next_block(&mut self) -> Result<Option<RawBlock>, StoreError> {
        loop {
            let Some(day) = &mut self.day else {
                let Some(date) = self.dates.next() else {
                    return Ok(None);
                };
                self.day = self.open(date)?;
                continue;
            };
            let Some(mut block) = day.next_block(&self.range)? else {
                self.day = None;
                continue;
            };
            block.keep(&self.range);
            if !block.is_empty() {
                return Ok(Some(block));
            }
        }
    }
}

impl Day {
    fn next_block(&mut self, range: &Range<Time>) -> Result<Option<RawBlock>, StoreError> {
        // Rows outside the range are passed over without reading their samples.
        let row = |table: &str| {
            let sql = format!(
                "SELECT first, count, samples FROM {table}
                 WHERE recording = ?1 AND first >= ?2 AND to_ns >= ?3 AND from_ns < ?4 ORDER BY first LIMIT 1"
            );
            let values = params![self.key, self.next, range.start.0, range.end.0];
            let read = |row: &rusqlite::Row<'_>| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, unpack(&self.file, row.get_ref(2)?.as_blob()?)))
            };
            self.db.prepare_cached(&sql).and_then(|mut statement| statement.query_row(values, read).optional())
        };
        // Tail rows are newer than any chunk of their recording.
        let found = match row("chunks").about(&self.file)? {
            Some(found) => Some(found),
            None => row("tail").about(&self.file)?,
        };
        let Some((first, count, block)) = found else {
            return Ok(None);
        };
        self.next = first + count;
        block.map(Some)
    }
}

impl Iterator for RawStream {
    type Item = Result<RawBlock, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.next_block().transpose();
        if matches!(block, Some(Err(_))) {
            // After an error nothing that follows would be in order.
            self.day = None;
            self.dates = Vec::new().into_iter();
        }
        block
    }
}
