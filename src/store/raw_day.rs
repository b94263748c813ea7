//! One raw day file, `raw/<UTC date>.db`: takes packed samples of that day, repacks and closes it when
//! the day is over. Which samples go where, and when to commit, is left to the writer.

use super::chunk::{Effort, RawBlock, pack_samples, unpack_samples};
use super::column::BadColumn;
use super::error::{About, StoreError};
use super::facts::{NewRecording, RecordingId};
use super::tables::{FORMAT_COLUMNS, format, format_values};
use super::upgrade::RAW_DAY;
use super::{LOCK_PATIENCE, folder, set_up};
use crate::raw::{RawFormat, RawSample};
use crate::units::{Seconds, Time, WallTime};
use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params, params_from_iter};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What a chunk spans while its day is open. Both divide a day, so no chunk reaches into the next.
pub(super) const SHORT_CHUNK: Seconds = Seconds(10.0);
/// What a chunk spans once its day is closed.
pub(super) const LONG_CHUNK: Seconds = Seconds(600.0);
/// No chunk is made of more samples, however long it may span: it is packed, unpacked and compared in memory, also
/// while a sensor is worn. Eighty seconds at 100 Hz, and some 2 MB; the program as a whole is to stay below 30 MiB
/// (DESIGN §10). Longer chunks are hardly smaller.
pub(super) const MOST_IN_CHUNK: usize = 8_000;

/// Bytes of a database page. Chunks fill whole pages and waste half a page at their end on average; at
/// 1 KiB that is 8 % of a 10 s chunk at 100 Hz, at SQLite's usual 4 KiB it would be 30 %.
const PAGE_BYTES: i64 = 1_024;
/// Pages that may wait in the write-ahead log before they go to the file.
const LOG_PAGES: i64 = 256;

/// The UTC date of a moment.
pub(super) fn utc_date(at: WallTime) -> Date {
    let timestamp = jiff::Timestamp::from_nanosecond(i128::from(at.0)).unwrap_or_default();
    timestamp.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Number of the stretch of `span` that a moment falls into, counted from 1970.
pub(super) fn stretch(at: WallTime, span: Seconds) -> i64 {
    at.0.div_euclid(span.nanos())
}

/// Samples of one recording, ready for a row.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    first: u64,
    count: usize,
    from: Time,
    to: Time,
    blob: Vec<u8>,
}

impl Packed {
    /// Packs samples, the first of which has this number in its recording. `None` for no samples.
    pub(super) fn new(
        first: u64,
        samples: &[RawSample],
        format: &RawFormat,
        effort: Effort,
    ) -> Result<Option<Self>, BadColumn> {
        let (Some(from), Some(to)) = (samples.first(), samples.last()) else {
            return Ok(None);
        };
        let blob = pack_samples(samples, format, effort)?;
        Ok(Some(Self { first, count: samples.len(), from: from.t, to: to.t, blob }))
    }
}

/// What a closed day amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClosedDay {
    pub(super) bytes: u64,
    pub(super) samples: u64,
    pub(super) sha256: String,
}

/// An open raw day file.
#[derive(Debug)]
pub(super) struct RawDay {
    db: Connection,
    file: PathBuf,
    /// Row numbers of the recordings that have been seen in this file.
    keys: HashMap<RecordingId, i64>,
}

impl RawDay {
    /// Opens the file of a date, making it where there is none.
    pub(super) fn open(folder: &Path, date: Date) -> Result<Self, StoreError> {
        let file = folder::raw_file(folder, date);
        folder::make_private(&file)?;
        let mut db = Connection::open(&file).about(&file)?;
        db.pragma_update(None, "page_size", PAGE_BYTES).about(&file)?;
        set_up(&db).about(&file)?;
        db.pragma_update(None, "wal_autocheckpoint", LOG_PAGES).about(&file)?;
        RAW_DAY.bring_up_to_date(&mut db, &file)?;
        Ok(Self { db, file, keys: HashMap::new() })
    }

    /// What stored bytes that do not unpack mean.
    pub(super) fn bad(&self, source: &BadColumn) -> StoreError {
        StoreError::Corrupt { file: self.file.clone(), detail: source.to_string() }
    }

    /// Lets the file grow to so many pages and no further, as a full disk would.
    #[cfg(test)]
    pub(super) fn limit_pages(&self, pages: u32) {
        self.db.pragma_update(None, "max_page_count", pages).unwrap();
    }

    /// Commits chunks and at most one tail row of a recording, all or nothing. Tail rows that a chunk
    /// covers go.
    pub(super) fn commit(
        &mut self,
        id: RecordingId,
        about: &NewRecording,
        chunks: &[Packed],
        tail: Option<&Packed>,
    ) -> Result<(), StoreError> {
        let known = self.keys.get(&id).copied();
        let mut run = || -> rusqlite::Result<i64> {
            let db = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let key = match known {
                Some(key) => key,
                None => recording_key(&db, id, about)?,
            };
            for chunk in chunks {
                insert(&db, "chunks", key, chunk)?;
                db.prepare_cached("DELETE FROM tail WHERE recording = ?1 AND first >= ?2 AND first < ?3")?
                    .execute(params![key, chunk.first as i64, chunk.first as i64 + chunk.count as i64])?;
            }
            if let Some(tail) = tail {
                insert(&db, "tail", key, tail)?;
            }
            db.commit()?;
            Ok(key)
        };
        let key = run().about(&self.file)?;
        self.keys.insert(id, key);
        Ok(())
    }

    /// The last sample of a recording on a day, and how many there are. Changes nothing.
    pub(super) fn end_of(folder: &Path, date: Date, id: RecordingId) -> Result<Option<(Time, u64)>, StoreError> {
        let file = folder::raw_file(folder, date);
        let Some(db) = read_only(&file)? else {
            return Ok(None);
        };
        let sql = "SELECT max(to_ns), sum(count) FROM (
                SELECT recording, to_ns, count FROM chunks UNION ALL SELECT recording, to_ns, count FROM tail)
            WHERE recording = (SELECT key FROM recordings WHERE uid = ?1)";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?));
        let found = db.query_row(sql, [id.to_string()], read).about(&file)?;
        Ok(match found {
            (Some(to), Some(count)) => Some((Time(to), count as u64)),
            _ => None,
        })
    }

    /// Packs what a program that ended too early left in the tail.
    pub(super) fn pack_tail(&mut self) -> Result<(), StoreError> {
        self.repack("tail", SHORT_CHUNK)
    }

    /// Repacks everything for keeping, shrinks the file, and takes its checksum. It is then one plain
    /// file without side files.
    pub(super) fn close(mut self) -> Result<ClosedDay, StoreError> {
        self.repack("tail", LONG_CHUNK)?;
        self.repack("chunks", LONG_CHUNK)?;
        let samples: i64 =
            self.db.query_row("SELECT coalesce(sum(count), 0) FROM chunks", [], |row| row.get(0)).about(&self.file)?;
        self.db.pragma_update(None, "journal_mode", "delete").about(&self.file)?;
        self.db.execute_batch("VACUUM").about(&self.file)?;
        let Self { db, file, .. } = self;
        db.close().map_err(|(_, source)| StoreError::sqlite(&file, source))?;
        let (bytes, sha256) = checksum(&file)?;
        Ok(ClosedDay { bytes, samples: samples as u64, sha256 })
    }

    /// Moves the rows of a table into chunks that span `span` each, one chunk and one transaction at a
    /// time. The old rows go only after the new one has been unpacked and compared with them.
    fn repack(&mut self, table: &str, span: Seconds) -> Result<(), StoreError> {
        for (key, start, format) in self.recordings()? {
            let mut rows = self.rows(table, key)?.into_iter().peekable();
            while let Some(row) = rows.next() {
                let stretch_of = |row: &RowSpan| stretch(start.at(row.from), span);
                let (first, mut samples) = (stretch_of(&row), row.count);
                let mut group = vec![row];
                let fits = |next: &RowSpan, samples| stretch_of(next) == first && samples + next.count <= MOST_IN_CHUNK;
                while let Some(next) = rows.next_if(|next| fits(next, samples)) {
                    samples += next.count;
                    group.push(next);
                }
                // A chunk that is alone in its stretch is packed as well as it can be.
                if table == "tail" || group.len() > 1 {
                    self.merge(table, key, &format, &group)?;
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self, table: &str, key: i64, format: &RawFormat, group: &[RowSpan]) -> Result<(), StoreError> {
        let mut samples = Vec::with_capacity(group.iter().map(|row| row.count).sum());
        for row in group {
            let sql = format!("SELECT samples FROM {table} WHERE recording = ?1 AND first = ?2");
            let blob: Vec<u8> =
                self.db.query_row(&sql, params![key, row.first as i64], |row| row.get(0)).about(&self.file)?;
            samples.extend(unpack_samples(&blob).map_err(|source| self.bad(&source))?.samples());
        }
        let packed = Packed::new(group[0].first, &samples, format, Effort::Thorough);
        let Some(packed) = packed.map_err(|source| self.bad(&source))? else {
            return Ok(());
        };
        let back = unpack_samples(&packed.blob).map_err(|source| self.bad(&source))?;
        if !back.samples().eq(samples.iter().copied()) {
            return Err(self.bad(&BadColumn("repacked samples differ from the old ones, which were kept".into())));
        }
        let mut run = || -> rusqlite::Result<()> {
            let db = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for row in group {
                db.prepare_cached(&format!("DELETE FROM {table} WHERE recording = ?1 AND first = ?2"))?
                    .execute(params![key, row.first as i64])?;
            }
            insert(&db, "chunks", key, &packed)?;
            db.commit()
        };
        run().about(&self.file)
    }

    fn recordings(&self) -> Result<Vec<(i64, WallTime, RawFormat)>, StoreError> {
        let run = || -> rusqlite::Result<Vec<_>> {
            self.db
                .prepare("SELECT * FROM recordings ORDER BY key")?
                .query_map([], |row| Ok((row.get("key")?, WallTime(row.get("start_utc_ns")?), format(row)?)))?
                .collect()
        };
        run().about(&self.file)
    }

    fn rows(&self, table: &str, key: i64) -> Result<Vec<RowSpan>, StoreError> {
        let run = || -> rusqlite::Result<Vec<_>> {
            self.db
                .prepare(&format!("SELECT first, count, from_ns FROM {table} WHERE recording = ?1 ORDER BY first"))?
                .query_map([key], |row| {
                    Ok(RowSpan {
                        first: row.get::<_, i64>(0)? as u64,
                        count: row.get::<_, i64>(1)? as usize,
                        from: Time(row.get(2)?),
                    })
                })?
                .collect()
        };
        run().about(&self.file)
    }
}

/// Opens a day file for reading alone; `None` while it is only being made.
pub(super) fn read_only(file: &Path) -> Result<Option<Connection>, StoreError> {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .about(file)?;
    db.busy_timeout(LOCK_PATIENCE).about(file)?;
    Ok(RAW_DAY.require(&db, file)?.then_some(db))
}

/// Where a row's samples lie in their recording.
struct RowSpan {
    first: u64,
    count: usize,
    from: Time,
}

fn recording_key(db: &Transaction<'_>, id: RecordingId, about: &NewRecording) -> rusqlite::Result<i64> {
    let uid = id.to_string();
    let known = db.query_row("SELECT key FROM recordings WHERE uid = ?1", [&uid], |row| row.get(0)).optional()?;
    if let Some(key) = known {
        return Ok(key);
    }
    let mut values: Vec<rusqlite::types::Value> =
        vec![uid.into(), about.name.clone().into(), about.start.0.into(), about.zone.clone().into()];
    values.extend(format_values(&about.format));
    let sql = format!(
        "INSERT INTO recordings (uid, name, start_utc_ns, zone, {FORMAT_COLUMNS})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
    );
    db.execute(&sql, params_from_iter(values))?;
    Ok(db.last_insert_rowid())
}

fn insert(db: &Transaction<'_>, table: &str, key: i64, packed: &Packed) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO {table} (recording, first, count, from_ns, to_ns, samples) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    );
    let Packed { first, count, from, to, blob } = packed;
    db.prepare_cached(&sql)?.execute(params![key, *first as i64, *count as i64, from.0, to.0, blob]).map(drop)
}

/// Size and SHA-256 of a file.
fn checksum(file: &Path) -> Result<(u64, String), StoreError> {
    const READ_BYTES: usize = 1 << 16;
    let mut open = File::open(file).about(file)?;
    let (mut hash, mut buffer, mut bytes) = (Sha256::new(), vec![0; READ_BYTES], 0);
    loop {
        let read = open.read(&mut buffer).about(file)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((bytes, sha256))
}

/// The blob of a chunk or tail row, unpacked.
pub(super) fn unpack(file: &Path, blob: &[u8]) -> Result<RawBlock, StoreError> {
    unpack_samples(blob).map_err(|source| StoreError::Corrupt { file: file.to_path_buf(), detail: source.to_string() })
}
