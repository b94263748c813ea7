//! Reads the store while the daemon writes to it. In: what to read. Out: rows of [`super::facts`].
//!
//! A connection of its own that cannot write, so nothing here can hold up or harm a recording. Raw
//! samples are read by `super::raw_reader`; entries by hand are made by [`super::Hand`].

use super::error::{About, StoreError};
use super::facts::{
    Answer, CalibrationRow, CheckInRow, Dated, EpisodeRow, ExerciseLogRow, Gap, MarkRow, PlanItemRow, RecordingId,
    RecordingRow, Selection, SensorRow, SettingRow, SignalRow,
};
use super::upgrade::MAIN;
use super::{LOCK_PATIENCE, exercise_table, folder, hand_tables, tables};
use crate::care::Locale;
use crate::care::locale::LANGUAGE;
use crate::signal::{Epoch, Event, PostureSpan, Step};
use crate::units::WallTime;
use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags, Params, Row, params};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A read-only view of a data folder.
#[derive(Debug)]
pub struct Reader {
    db: Connection,
    file: PathBuf,
    folder: PathBuf,
    seen: i64,
}

impl Reader {
    /// Opens the data folder for reading, whether or not a daemon runs.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        if !folder::has_data(folder) {
            return Err(StoreError::NothingYet { folder: folder.to_path_buf() });
        }
        let file = folder::main_file(folder);
        let db = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .about(&file)?;
        db.busy_timeout(LOCK_PATIENCE).about(&file)?;
        if !MAIN.require(&db, &file)? {
            return Err(StoreError::NothingYet { folder: folder.to_path_buf() });
        }
        let seen = data_version(&db).about(&file)?;
        Ok(Self { db, file, folder: folder.to_path_buf(), seen })
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether any other connection has committed a change since this was last asked. Costs microseconds;
    /// ask a few times a second.
    pub fn changed(&mut self) -> Result<bool, StoreError> {
        let now = data_version(&self.db).about(&self.file)?;
        Ok(std::mem::replace(&mut self.seen, now) != now)
    }

    fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let run = || -> rusqlite::Result<Vec<T>> { self.db.prepare_cached(sql)?.query_map(params, read)?.collect() };
        run().about(&self.file)
    }

    /// All recordings, oldest first.
    pub fn recordings(&self) -> Result<Vec<RecordingRow>, StoreError> {
        self.rows("SELECT * FROM recordings ORDER BY start_utc_ns, key", [], tables::recording)
    }

    /// The recording whose id begins with `given`; `newest` is the one that was begun last.
    pub fn recording(&self, given: &str) -> Result<RecordingRow, StoreError> {
        if given == "newest" {
            let newest = self.rows("SELECT * FROM recordings ORDER BY key DESC LIMIT 1", [], tables::recording)?;
            return newest.into_iter().next().ok_or(StoreError::NoRecording);
        }
        let wanted: String = given.to_ascii_lowercase().chars().filter(|c| *c != '-').collect();
        let is_id = !wanted.is_empty() && wanted.chars().all(|c| c.is_ascii_hexdigit());
        let mut fitting = match is_id {
            true => self.rows("SELECT * FROM recordings WHERE uid LIKE ?1 || '%'", [wanted], tables::recording)?,
            false => Vec::new(),
        };
        match (fitting.len(), fitting.pop()) {
            (1, Some(only)) => Ok(only),
            (0, _) | (_, None) => Err(StoreError::NoSuchRecording { given: given.to_owned() }),
            (matching, _) => Err(StoreError::Ambiguous { given: given.to_owned(), matching }),
        }
    }

    /// Facts of one table. `start` names the column that says when a fact begins, `end` the one that
    /// says when it is over, where facts are wanted that overlap the range.
    fn facts<T>(
        &self,
        selection: &Selection,
        [table, start, end]: [&str; 3],
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<Dated<T>>, StoreError> {
        let read = |row: &Row<'_>| {
            Ok(Dated {
                recording: tables::recording_id(row, "recording_uid")?,
                began: WallTime(row.get("recording_start_utc_ns")?),
                fact: read(row)?,
            })
        };
        // CROSS JOIN keeps the order: few recordings outside, an index range of facts inside.
        let select = format!(
            "SELECT f.*, r.uid AS recording_uid, r.start_utc_ns AS recording_start_utc_ns
             FROM recordings r CROSS JOIN {table} f ON f.recording = r.key"
        );
        let order = format!("ORDER BY r.start_utc_ns, r.key, f.{start}, f.id");
        match selection {
            Selection::Recording(id) => {
                self.rows(&format!("{select} WHERE r.uid = ?1 {order}"), [id.to_string()], read)
            }
            Selection::Wall(range) if start == end => self.rows(
                &format!(
                    "{select} WHERE r.start_utc_ns < ?2 AND f.{start} >= ?1 - r.start_utc_ns
                     AND f.{start} < ?2 - r.start_utc_ns {order}"
                ),
                params![range.start.0, range.end.0],
                read,
            ),
            Selection::Wall(range) => self.rows(
                &format!(
                    "{select} WHERE r.start_utc_ns < ?2 AND f.{end} > ?1 - r.start_utc_ns
                     AND f.{start} < ?2 - r.start_utc_ns {order}"
                ),
                params![range.start.0, range.end.0],
                read,
            ),
        }
    }

    /// Events that start in the selection.
    pub fn events(&self, selection: &Selection) -> Result<Vec<Dated<Event>>, StoreError> {
        self.facts(selection, ["events", "start_ns", "start_ns"], tables::event)
    }

    /// Epochs that start in the selection.
    pub fn epochs(&self, selection: &Selection) -> Result<Vec<Dated<Epoch>>, StoreError> {
        self.facts(selection, ["epochs", "start_ns", "start_ns"], tables::epoch)
    }

    /// Steps in the selection.
    pub fn steps(&self, selection: &Selection) -> Result<Vec<Dated<Step>>, StoreError> {
        self.facts(selection, ["steps", "t_ns", "t_ns"], tables::step)
    }

    /// Posture spans that overlap the selection.
    pub fn postures(&self, selection: &Selection) -> Result<Vec<Dated<PostureSpan>>, StoreError> {
        self.facts(selection, ["postures", "start_ns", "end_ns"], tables::posture)
    }

    /// Gaps that overlap the selection.
    pub fn gaps(&self, selection: &Selection) -> Result<Vec<Dated<Gap>>, StoreError> {
        self.facts(selection, ["gaps", "from_ns", "to_ns"], tables::gap)
    }

    /// Signals, sent and withheld, by when they were decided.
    pub fn signals(&self, selection: &Selection) -> Result<Vec<SignalRow>, StoreError> {
        let select = "SELECT s.*, r.uid AS recording_uid FROM signals s LEFT JOIN recordings r ON r.key = s.recording";
        match selection {
            Selection::Recording(id) => self.rows(
                &format!("{select} WHERE r.uid = ?1 ORDER BY s.at_utc_ns, s.id"),
                [id.to_string()],
                hand_tables::signal,
            ),
            Selection::Wall(range) => self.rows(
                &format!("{select} WHERE s.at_utc_ns >= ?1 AND s.at_utc_ns < ?2 ORDER BY s.at_utc_ns, s.id"),
                params![range.start.0, range.end.0],
                hand_tables::signal,
            ),
        }
    }

    /// The local or UTC moments of the oldest and newest fact of movement, as `[start, end)`; `None`
    /// without any.
    pub fn extent(&self) -> Result<Option<Range<WallTime>>, StoreError> {
        let found = self.rows(
            "SELECT min(r.start_utc_ns), max(r.start_utc_ns + max(coalesce(r.end_ns, 0), coalesce(
                 (SELECT max(e.start_ns + CAST(e.duration_s * 1e9 AS INTEGER)) FROM epochs e WHERE e.recording = r.key), 0)))
             FROM recordings r",
            [],
            |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)),
        )?;
        Ok(match found.first() {
            Some((Some(start), Some(end))) => Some(WallTime(*start)..WallTime(end + 1)),
            _ => None,
        })
    }

    /// All calibrations, oldest first.
    pub fn calibrations(&self) -> Result<Vec<CalibrationRow>, StoreError> {
        self.rows("SELECT * FROM calibrations ORDER BY at_utc_ns, id", [], hand_tables::calibration)
    }

    /// One calibration; `None` when there is none of that number.
    pub fn calibration(&self, id: i64) -> Result<Option<CalibrationRow>, StoreError> {
        let sql = "SELECT * FROM calibrations WHERE id = ?1";
        Ok(self.rows(sql, [id], hand_tables::calibration)?.into_iter().next())
    }

    /// Looks through the pages and tables of `lumbard.db`. Empty when all is well, else what is not, as
    /// SQLite words it.
    pub fn quick_check(&self) -> Result<Vec<String>, StoreError> {
        let mut found: Vec<String> = self.rows("PRAGMA quick_check", [], |row| row.get(0))?;
        found.retain(|line| line != "ok");
        Ok(found)
    }

    /// All episodes, oldest onset first.
    pub fn episodes(&self) -> Result<Vec<EpisodeRow>, StoreError> {
        self.rows("SELECT * FROM episodes ORDER BY onset_date, id", [], hand_tables::episode)
    }

    /// The episode that lasts, if one does; the newest when there are several.
    pub fn open_episode(&self) -> Result<Option<EpisodeRow>, StoreError> {
        let sql = "SELECT * FROM episodes WHERE ended_utc_ns IS NULL ORDER BY onset_date DESC, id DESC LIMIT 1";
        Ok(self.rows(sql, [], hand_tables::episode)?.into_iter().next())
    }

    /// The check-ins of an episode, by day; the last entry of a day comes last.
    pub fn check_ins(&self, episode: i64) -> Result<Vec<CheckInRow>, StoreError> {
        let sql = "SELECT * FROM check_ins WHERE episode = ?1 ORDER BY local_date, at_utc_ns, id";
        self.rows(sql, [episode], hand_tables::check_in)
    }

    /// All plan items, oldest first; those that no longer hold too.
    pub fn plan_items(&self) -> Result<Vec<PlanItemRow>, StoreError> {
        self.rows("SELECT * FROM plan_items ORDER BY from_date, id", [], hand_tables::plan_item)
    }

    /// What was done on local days `[start, end)`. A set that still goes on is not done.
    pub fn exercise_logs(&self, days: Range<Date>) -> Result<Vec<ExerciseLogRow>, StoreError> {
        let sql = format!(
            "{} WHERE l.local_date >= ?1 AND l.local_date < ?2 AND (l.start_utc_ns IS NULL OR l.end_utc_ns IS NOT NULL)
             ORDER BY l.local_date, l.at_utc_ns, l.id",
            exercise_table::SELECT
        );
        self.rows(&sql, [days.start.to_string(), days.end.to_string()], exercise_table::row)
    }

    /// The sets that were opened in a recording, in order, with those that were never ended.
    pub fn sets_in(&self, recording: RecordingId) -> Result<Vec<ExerciseLogRow>, StoreError> {
        let sql = format!(
            "{} WHERE r.uid = ?1 AND l.start_utc_ns IS NOT NULL ORDER BY l.start_utc_ns, l.id",
            exercise_table::SELECT
        );
        self.rows(&sql, [recording.to_string()], exercise_table::row)
    }

    /// What was entered last of what was done.
    pub fn newest_exercise_log(&self) -> Result<Option<ExerciseLogRow>, StoreError> {
        let sql = format!(
            "{} WHERE l.start_utc_ns IS NULL OR l.end_utc_ns IS NOT NULL ORDER BY l.id DESC LIMIT 1",
            exercise_table::SELECT
        );
        Ok(self.rows(&sql, [], exercise_table::row)?.into_iter().next())
    }

    /// Marks in `[start, end)`.
    pub fn marks(&self, range: Range<WallTime>) -> Result<Vec<MarkRow>, StoreError> {
        let sql = "SELECT m.*, r.uid AS recording_uid FROM marks m LEFT JOIN recordings r ON r.key = m.recording
                   WHERE m.at_utc_ns >= ?1 AND m.at_utc_ns < ?2 ORDER BY m.at_utc_ns, m.id";
        self.rows(sql, [range.start.0, range.end.0], hand_tables::mark)
    }

    /// What the wearer said about moments in `[start, end)`, by moment; the last entry about one comes last.
    pub fn answers(&self, range: Range<WallTime>) -> Result<Vec<Answer>, StoreError> {
        let sql = "SELECT * FROM answers WHERE moment_utc_ns >= ?1 AND moment_utc_ns < ?2 ORDER BY moment_utc_ns, id";
        self.rows(sql, [range.start.0, range.end.0], hand_tables::answer)
    }

    /// All settings that were ever chosen, by name.
    pub fn settings(&self) -> Result<Vec<SettingRow>, StoreError> {
        self.rows("SELECT * FROM settings ORDER BY key", [], hand_tables::setting)
    }

    /// One setting; `None` when it was never chosen.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let found = self.rows("SELECT * FROM settings WHERE key = ?1", [key], hand_tables::setting)?;
        Ok(found.into_iter().next().map(|setting| setting.value))
    }

    /// The language of messages: the one that was chosen, else that of the system.
    pub fn locale(&self) -> Result<Locale, StoreError> {
        Ok(Locale::chosen(self.setting(LANGUAGE)?.as_deref(), |name| std::env::var(name).ok()))
    }

    /// All known sensors, oldest first.
    pub fn sensors(&self) -> Result<Vec<SensorRow>, StoreError> {
        self.rows("SELECT * FROM sensors ORDER BY added_utc_ns, uid", [], hand_tables::sensor)
    }

    /// Bytes that the data folder's files take: facts and raw days, side files included.
    pub fn stored_bytes(&self) -> Result<u64, StoreError> {
        folder::stored_bytes(&self.folder)
    }
}

fn data_version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "data_version", |row| row.get(0))
}
