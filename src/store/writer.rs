//! What the writing thread does: takes samples, facts and signals, and commits them in that order.
//!
//! Raw samples are committed to their day file first, then the facts that needed no more than these, so a
//! fact is never there without its samples. Nothing leaves memory before its commit has succeeded: when
//! a commit fails (disk full, read-only, locked), the same is tried again later, new samples are kept up
//! to a limit and then dropped and counted, and the process lives on.
//!
//! A little longer than most files here: the order of the commits is the promise, and it is read in one place.

use super::chunk::Effort;
use super::error::{About, StoreError};
use super::facts::{Fact, LateAnswer, NewCalibration, NewRecording, NewSignal, RecordingId};
use super::live::{Live, Sealed};
use super::raw_day::{Packed, RawDay, utc_date};
use super::recovery::{FACT_TABLES, mark_closed, mark_open};
use super::{Health, Options, hand_tables, tables};
use crate::raw::RawSample;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Full stretches are committed when this many samples wait in them, so that a replay at full speed
/// pays for a few commits a second and not for one each recorded second.
const COMMIT_AT_SAMPLES: usize = 1 << 13;
/// How long to wait before a commit that failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// Signals kept in memory while nothing can be committed; more would be a flood, not a warning.
const MOST_SIGNALS: usize = 1_000;
/// Facts kept in memory for each recording while nothing can be committed.
const MOST_FACTS: usize = 100_000;

/// A one-time answer.
pub(super) type Reply<T> = SyncSender<Result<T, StoreError>>;

/// What the writing thread is told.
pub(super) enum Message {
    /// A recording begins.
    Begin(RecordingId, Box<NewRecording>, Reply<()>),
    /// Samples of a recording, and facts made from them and earlier ones.
    Batch(RecordingId, Vec<RawSample>, Vec<Fact>),
    /// How the sensor sits became known, or known better.
    Calibrated(RecordingId, Box<NewCalibration>),
    /// A signal was given or withheld.
    Signal(Box<NewSignal>),
    /// A channel answered after its signal was kept.
    LateAnswer(Box<LateAnswer>),
    /// Facts of an earlier recording are to be replaced by these.
    Remake(RecordingId, Vec<Fact>, Reply<()>),
    /// A recording is over.
    End(RecordingId, Reply<()>),
    /// Commit everything now.
    Flush(Reply<()>),
    /// End everything and stop.
    Close(Reply<()>),
}

/// The state of the writing thread.
pub(super) struct Writer {
    folder: PathBuf,
    db: Connection,
    file: PathBuf,
    options: Options,
    health: Arc<Mutex<Health>>,
    days: BTreeMap<Date, RawDay>,
    live: BTreeMap<RecordingId, Live>,
    signals: Vec<NewSignal>,
    late_answers: Vec<LateAnswer>,
    retry_at: Option<Instant>,
}

impl Writer {
    pub(super) fn new(folder: PathBuf, db: Connection, options: Options, health: Arc<Mutex<Health>>) -> Self {
        let file = super::folder::main_file(&folder);
        Self {
            folder,
            db,
            file,
            options,
            health,
            days: BTreeMap::new(),
            live: BTreeMap::new(),
            signals: Vec::new(),
            late_answers: Vec::new(),
            retry_at: None,
        }
    }

    /// Works until told to close, or until nobody is left who could tell anything.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        let mut due = Instant::now() + self.options.commit_every;
        loop {
            match messages.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(Message::Close(reply)) => {
                    let closed = self.close();
                    // Who asked may be gone.
                    let _ = reply.send(closed);
                    return;
                }
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    if let Err(error) = self.close() {
                        tracing::error!("{error}");
                    }
                    return;
                }
            }
            if Instant::now() >= due {
                self.commit_if_possible(true);
                self.close_past_days();
                due = Instant::now() + self.options.commit_every;
            } else if self.live.values().map(Live::waiting_sealed).sum::<usize>() >= COMMIT_AT_SAMPLES {
                self.commit_if_possible(false);
                self.close_past_days();
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Begin(id, about, reply) => {
                let begun = self.begin(id, *about);
                let _ = reply.send(begun);
            }
            Message::Batch(id, samples, facts) => self.batch(id, &samples, facts),
            Message::Calibrated(id, calibration) => {
                if let Some(live) = self.live.get_mut(&id) {
                    live.calibration = Some(*calibration);
                }
            }
            Message::Signal(signal) => {
                if self.signals.len() < MOST_SIGNALS {
                    self.signals.push(*signal);
                }
            }
            Message::LateAnswer(answer) => {
                if self.late_answers.len() < MOST_SIGNALS {
                    self.late_answers.push(*answer);
                }
            }
            Message::Remake(id, facts, reply) => {
                let remade = self.remake(id, &facts);
                let _ = reply.send(remade);
            }
            Message::End(id, reply) => {
                let ended = self.end(id);
                let _ = reply.send(ended);
                self.close_past_days();
            }
            Message::Flush(reply) => {
                let flushed = self.commit(true);
                let _ = reply.send(flushed);
            }
            // Handled by `run`, which alone can stop.
            Message::Close(_) => {}
        }
    }

    pub(super) fn begin(&mut self, id: RecordingId, about: NewRecording) -> Result<(), StoreError> {
        // Committed before its first sample, so that no sample is ever without its recording.
        let key = tables::insert_recording(&self.db, id, &about).about(&self.file)?;
        self.live.insert(id, Live::new(key, about));
        Ok(())
    }

    pub(super) fn batch(&mut self, id: RecordingId, samples: &[RawSample], facts: Vec<Fact>) {
        let today = utc_date((self.options.now)());
        let waiting: usize = self.live.values().map(Live::waiting).sum();
        let paused = self.retry_at.is_some();
        let Some(live) = self.live.get_mut(&id) else {
            return;
        };
        if paused && (live.in_hole() || waiting + samples.len() > self.options.most_waiting) {
            live.drop_samples(samples);
            let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
            health.lost_samples += samples.len() as u64;
            return;
        }
        for &sample in samples {
            live.push(sample, today);
        }
        if live.facts.len() < MOST_FACTS {
            live.facts.extend(facts);
        }
    }

    fn remake(&mut self, id: RecordingId, facts: &[Fact]) -> Result<(), StoreError> {
        let mut run = || -> rusqlite::Result<bool> {
            let db = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let sql = "SELECT key FROM recordings WHERE uid = ?1";
            let Some(key) = db.query_row(sql, [id.to_string()], |row| row.get::<_, i64>(0)).optional()? else {
                return Ok(false);
            };
            for (table, _) in FACT_TABLES {
                // Holes that the link reported are no judgement: they stay.
                if table != "gaps" {
                    db.execute(&format!("DELETE FROM {table} WHERE recording = ?1"), [key])?;
                }
            }
            for fact in facts {
                tables::insert_fact(&db, key, fact)?;
            }
            db.commit()?;
            Ok(true)
        };
        match run().about(&self.file)? {
            true => Ok(()),
            false => Err(StoreError::NoSuchRecording { given: id.to_string() }),
        }
    }

    pub(super) fn end(&mut self, id: RecordingId) -> Result<(), StoreError> {
        let Some(live) = self.live.get_mut(&id) else {
            return Err(StoreError::NoSuchRecording { given: id.to_string() });
        };
        live.seal();
        live.ended = true;
        let lost = live.lost;
        self.commit(true)?;
        if lost > 0 {
            let why = self.health.lock().unwrap_or_else(PoisonError::into_inner).last_trouble.clone();
            return Err(StoreError::Lost { samples: lost, why: why.unwrap_or_default() });
        }
        Ok(())
    }

    pub(super) fn close(&mut self) -> Result<(), StoreError> {
        for live in self.live.values_mut() {
            live.seal();
            live.ended = true;
        }
        let committed = self.commit(true);
        self.close_past_days();
        committed
    }

    /// Commits, unless a commit failed a moment ago.
    fn commit_if_possible(&mut self, everything: bool) {
        if self.retry_at.is_some_and(|at| Instant::now() < at) {
            return;
        }
        // The reason stands in the health, where the page and `status` find it.
        let _ = self.commit(everything);
    }

    /// Commits full stretches and the facts that need no more; with `everything`, what is in the open
    /// stretches too.
    pub(super) fn commit(&mut self, everything: bool) -> Result<(), StoreError> {
        let done = self.commit_raw(everything).and_then(|()| self.commit_facts());
        let now = (self.options.now)();
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match &done {
            Ok(()) => {
                if health.paused.take().is_some() {
                    tracing::info!("storing goes on");
                }
                health.last_commit = Some(now);
                self.retry_at = None;
            }
            Err(error) => {
                if health.paused.is_none() {
                    tracing::error!("{error}");
                    health.paused = Some((now, error.to_string()));
                }
                health.last_trouble = Some(error.to_string());
                self.retry_at = Some(Instant::now() + RETRY_AFTER);
            }
        }
        done
    }

    fn commit_raw(&mut self, everything: bool) -> Result<(), StoreError> {
        for (&id, live) in &mut self.live {
            while let Some(date) = live.sealed.front().map(|sealed| sealed.date) {
                let count = live.sealed.iter().take_while(|sealed| sealed.date == date).count();
                let day = open_day(&mut self.days, &self.folder, &self.db, &self.file, date)?;
                let mut chunks = Vec::with_capacity(count);
                for Sealed { first, samples, .. } in live.sealed.iter().take(count) {
                    let packed = Packed::new(*first, samples, &live.about.format, Effort::Thorough);
                    chunks.extend(packed.map_err(|source| day.bad(&source))?);
                }
                day.commit(id, &live.about, &chunks, None)?;
                live.sealed_committed(count);
            }
            if let Some((date, first, samples)) = live.tail().filter(|_| everything) {
                let day = open_day(&mut self.days, &self.folder, &self.db, &self.file, date)?;
                let packed = Packed::new(first, samples, &live.about.format, Effort::Quick);
                let packed = packed.map_err(|source| day.bad(&source))?;
                day.commit(id, &live.about, &[], packed.as_ref())?;
                live.tail_committed();
            }
        }
        Ok(())
    }

    fn commit_facts(&mut self) -> Result<(), StoreError> {
        let ready =
            |live: &Live| live.ended || live.calibration.is_some() || live.facts.iter().any(|fact| live.is_ready(fact));
        if self.signals.is_empty() && self.late_answers.is_empty() && !self.live.values().any(ready) {
            return Ok(());
        }
        let mut run = || -> rusqlite::Result<()> {
            let db = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for live in self.live.values() {
                if let Some(new) = &live.calibration {
                    let calibration = hand_tables::insert_calibration(&db, new)?;
                    db.execute(
                        "UPDATE recordings SET calibration = ?2 WHERE key = ?1",
                        params![live.key, calibration],
                    )?;
                }
                for fact in live.facts.iter().filter(|fact| live.is_ready(fact)) {
                    tables::insert_fact(&db, live.key, fact)?;
                }
                if live.ended {
                    db.execute(
                        "UPDATE recordings SET state = 'ended', end_ns = ?2, samples = ?3 WHERE key = ?1",
                        params![live.key, live.newest().map(|t| t.0), live.samples() as i64],
                    )?;
                }
            }
            for signal in &self.signals {
                let recording = match signal.recording {
                    None => None,
                    Some(id) => db
                        .query_row("SELECT key FROM recordings WHERE uid = ?1", [id.to_string()], |row| row.get(0))
                        .optional()?,
                };
                hand_tables::insert_signal(&db, recording, signal)?;
            }
            for answer in &self.late_answers {
                hand_tables::answer_signal(&db, answer)?;
            }
            db.commit()
        };
        run().about(&self.file)?;
        self.signals.clear();
        self.late_answers.clear();
        for live in self.live.values_mut() {
            live.calibration = None;
            let facts = std::mem::take(&mut live.facts);
            live.facts = facts.into_iter().filter(|fact| !live.is_ready(fact)).collect();
        }
        self.live.retain(|_, live| !live.ended);
        Ok(())
    }

    /// Repacks, closes and checksums the days that are over and that no recording still writes to. What
    /// fails here is tried again when the folder is next opened; the samples are safe either way.
    fn close_past_days(&mut self) {
        let today = utc_date((self.options.now)());
        let over: Vec<Date> = self
            .days
            .keys()
            .copied()
            .filter(|&date| date < today && !self.live.values().any(|live| live.uses(date)))
            .collect();
        for date in over {
            let Some(day) = self.days.remove(&date) else {
                continue;
            };
            let closed = day
                .close()
                .and_then(|closed| mark_closed(&self.db, date, &closed, (self.options.now)()).about(&self.file));
            if let Err(error) = closed {
                tracing::warn!("the samples of {date} are stored, but the day was not closed: {error}");
            }
        }
    }
}

fn open_day<'a>(
    days: &'a mut BTreeMap<Date, RawDay>,
    folder: &std::path::Path,
    db: &Connection,
    file: &std::path::Path,
    date: Date,
) -> Result<&'a mut RawDay, StoreError> {
    use std::collections::btree_map::Entry;
    match days.entry(date) {
        Entry::Occupied(day) => Ok(day.into_mut()),
        Entry::Vacant(place) => {
            mark_open(db, date).about(file)?;
            Ok(place.insert(RawDay::open(folder, date)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Reader, folder, main_db};
    use super::*;
    use crate::frames::Placement;
    use crate::link::GapCause;
    use crate::raw::{Channel, Encoding, RawFormat, Unit};
    use crate::signal::{Event, Kind};
    use crate::store::facts::Selection;
    use crate::store::raw_reader::RawStream;
    use crate::units::{Time, WallTime};

    const PERIOD_NS: i64 = 10_000_000;

    fn sample(i: i64) -> RawSample {
        RawSample { t: Time(i * PERIOD_NS), acc: [i.wrapping_mul(7_919) % 4_096, i % 3, 2_048], ..RawSample::default() }
    }

    fn samples(range: std::ops::Range<i64>) -> Vec<RawSample> {
        range.map(sample).collect()
    }

    fn event(i: i64) -> Fact {
        let t = Time(i * PERIOD_NS);
        Fact::Event(Event::new(Kind::Turn, t, t, t))
    }

    fn writer(folder: &std::path::Path) -> (Writer, RecordingId) {
        folder::make_folders(folder).unwrap();
        let db = main_db(&folder::main_file(folder)).unwrap();
        let options =
            Options { now: || WallTime(1_704_110_400_000_000_000), most_waiting: 5_000, ..Options::default() };
        let mut writer = Writer::new(folder.to_path_buf(), db, options, Arc::default());
        let id = RecordingId::random().unwrap();
        let channel = Channel { encoding: Encoding::Counts { full_scale: 16.0, full_count: 32_768.0 }, unit: Unit::G };
        let about = NewRecording {
            name: "made up".into(),
            source: "simulate".into(),
            format: RawFormat { acc: channel, gyr: None, nominal_rate_hz: 100.0, tick_s: None },
            start: WallTime(1_704_110_400_000_000_000),
            zone: "UTC".into(),
            placement: Placement::L3,
            calibration: None,
        };
        writer.begin(id, about).unwrap();
        (writer, id)
    }

    fn stored(folder: &std::path::Path, id: RecordingId) -> Vec<RawSample> {
        let reader = Reader::open(folder).unwrap();
        reader.raw(id, RawStream::ALL).unwrap().samples().map(Result::unwrap).collect()
    }

    /// Lets the day file grow to this many pages and no further, as a full disk would.
    fn limit_pages(writer: &Writer, pages: u32) {
        for day in writer.days.values() {
            day.limit_pages(pages);
        }
    }

    #[test]
    fn on_a_full_disk_recording_pauses_harms_nothing_and_goes_on_when_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, id) = writer(folder.path());
        writer.batch(id, &samples(0..3_000), vec![event(2_999)]);
        writer.commit(true).unwrap();

        limit_pages(&writer, 1);
        writer.batch(id, &samples(3_000..7_000), vec![event(6_999)]);
        let full = writer.commit(true).unwrap_err();
        assert!(matches!(full, StoreError::Full { .. }), "{full}");
        assert!(writer.health.lock().unwrap().paused.is_some());
        assert_eq!(stored(folder.path(), id), samples(0..3_000));

        // More than may wait: dropped and counted, with the facts made from them.
        writer.batch(id, &samples(7_000..9_000), vec![event(8_999)]);
        assert_eq!(writer.health.lock().unwrap().lost_samples, 2_000);

        limit_pages(&writer, u32::MAX);
        writer.commit(true).unwrap();
        assert_eq!(writer.health.lock().unwrap().paused, None);
        assert_eq!(stored(folder.path(), id), samples(0..7_000));
        writer.batch(id, &samples(9_000..9_500), vec![event(9_499)]);
        assert!(matches!(writer.end(id), Err(StoreError::Lost { samples: 2_000, .. })));
        assert_eq!(stored(folder.path(), id), [samples(0..7_000), samples(9_000..9_500)].concat());

        let reader = Reader::open(folder.path()).unwrap();
        let gaps = reader.gaps(&Selection::Recording(id)).unwrap();
        let gap = gaps.first().map(|gap| (gap.fact.from, gap.fact.to, gap.fact.lost, gap.fact.cause));
        assert_eq!(gap, Some((sample(6_999).t, sample(9_000).t, 2_000, GapCause::NotStored)));
        let events = reader.events(&Selection::Recording(id)).unwrap();
        let decided: Vec<i64> = events.iter().map(|event| event.fact.decided.0 / PERIOD_NS).collect();
        assert_eq!(decided, [2_999, 6_999, 9_499]);
    }

    #[test]
    fn a_fact_is_not_committed_before_the_samples_it_was_made_from() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, id) = writer(folder.path());
        writer.batch(id, &samples(0..1_500), vec![event(400), event(1_499)]);
        // One full stretch of 1,000 samples is committed, the open one is not.
        writer.commit(false).unwrap();
        let reader = Reader::open(folder.path()).unwrap();
        let decided = |reader: &Reader| -> Vec<i64> {
            let events = reader.events(&Selection::Recording(id)).unwrap();
            events.iter().map(|event| event.fact.decided.0 / PERIOD_NS).collect()
        };
        assert_eq!((stored(folder.path(), id).len(), decided(&reader)), (1_000, vec![400]));
        writer.commit(true).unwrap();
        assert_eq!((stored(folder.path(), id).len(), decided(&reader)), (1_500, vec![400, 1_499]));
    }

    #[test]
    fn the_tail_becomes_chunks_and_each_sample_is_there_once() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, id) = writer(folder.path());
        for start in (0..4_321).step_by(130) {
            writer.batch(id, &samples(start..(start + 130).min(4_321)), Vec::new());
            writer.commit(true).unwrap();
            assert_eq!(stored(folder.path(), id).len() as i64, (start + 130).min(4_321));
        }
        assert_eq!(stored(folder.path(), id), samples(0..4_321));
        // The day is over: everything is repacked, and still the same.
        writer.options.now = || WallTime(1_704_250_000_000_000_000);
        writer.close().unwrap();
        assert_eq!(stored(folder.path(), id), samples(0..4_321));
        let row =
            "SELECT count(*), max(sha256) IS NOT NULL FROM raw_days WHERE closed_utc_ns IS NOT NULL AND samples = 4321";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?));
        assert_eq!(writer.db.query_row(row, [], read).unwrap(), (1, true));
    }
}
