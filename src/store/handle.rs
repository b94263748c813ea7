//! The way into the store for a program that records: one writing thread behind a bounded channel.
//!
//! SQLite blocks while the disk does its work, so it has a thread of its own. The channel is
//! `std::sync::mpsc::sync_channel`: bounded, so that a replay cannot outrun the disk and fill memory; and
//! not an async one, because the thread behind it does not run in an async task, and because a live
//! recorder must be able to hand over without waiting (`try_send`): warnings never wait for a disk.

use super::error::StoreError;
use super::facts::{Fact, Gap, LateAnswer, NewCalibration, NewRecording, NewSignal, RecordingId};
use super::folder::{self, FolderLock};
use super::recovery::{Recovered, recover};
use super::writer::{Message, Writer};
use super::{Hand, Reader, main_db};
use crate::link::GapCause;
use crate::raw::RawSample;
use crate::units::{Time, WallTime};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Messages that may wait for the writing thread: half a minute of a live recorder's, and 2 MB of a replay's.
const QUEUE: usize = 128;
/// A recorder hands over what it has after this many samples …
const BATCH_SAMPLES: usize = 128;
/// … or after this long, so that a slow sensor's samples are committed in time too.
const BATCH_AFTER: Duration = Duration::from_millis(200);
/// Samples that a live recorder holds back while the queue is full: five minutes at 200 Hz.
const MOST_HELD_BACK: usize = 60_000;

/// How a store is run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The wall clock: it decides which UTC day is over.
    pub now: fn() -> WallTime,
    /// How much a power cut may cost.
    pub commit_every: Duration,
    /// Samples kept in memory while nothing can be stored; later ones are dropped and counted.
    pub most_waiting: usize,
}

impl Default for Options {
    fn default() -> Self {
        // 120,000 samples: ten minutes at 200 Hz, 13 MB.
        Self { now: system_now, commit_every: Duration::from_secs(1), most_waiting: 120_000 }
    }
}

/// The wall clock of this machine.
fn system_now() -> WallTime {
    // Nanoseconds since 1970 fit 64 bits until the year 2262.
    WallTime(i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX))
}

/// How the store fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Since when and why nothing can be stored; `None` while all is well.
    pub paused: Option<(WallTime, String)>,
    /// When something was last committed.
    pub last_commit: Option<WallTime>,
    /// Samples dropped since the store was opened, because they could not be stored.
    pub lost_samples: u64,
    /// The last reason why something could not be stored, even if that is over.
    pub last_trouble: Option<String>,
}

/// A data folder opened for recording. One process at a time; others can read it and make entries.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    sender: SyncSender<Message>,
    /// Read a few times a second, written once a commit: a plain lock costs nothing here.
    health: Arc<Mutex<Health>>,
    recovered: Vec<Recovered>,
    thread: Option<JoinHandle<()>>,
    _lock: FolderLock,
}

impl Store {
    /// Opens a data folder for recording, makes it where there is none, and puts in order what a program
    /// that ended too early left behind.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_with(folder, Options::default())
    }

    /// The same with other options.
    pub fn open_with(folder: &Path, options: Options) -> Result<Self, StoreError> {
        folder::make_folders(folder)?;
        let lock = FolderLock::take(folder, (options.now)())?;
        let mut db = main_db(&folder::main_file(folder))?;
        let recovered = recover(folder, &mut db, (options.now)())?;
        let health = Arc::new(Mutex::new(Health::default()));
        let (sender, messages) = sync_channel(QUEUE);
        let writer = Writer::new(folder.to_path_buf(), db, options, Arc::clone(&health));
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || writer.run(&messages))
            .map_err(|source| StoreError::io(folder, source))?;
        Ok(Self { folder: folder.to_path_buf(), sender, health, recovered, thread: Some(thread), _lock: lock })
    }

    /// Recordings that a program that ended too early had left open.
    pub fn recovered(&self) -> &[Recovered] {
        &self.recovered
    }

    /// How the store fares.
    pub fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins a recording whose recorder never waits for the disk: for a live sensor.
    pub fn begin_live(&self, about: NewRecording) -> Result<Recorder, StoreError> {
        self.begin(about, Patience::Never)
    }

    /// Begins a recording whose recorder waits while the disk is behind: for replays and imports.
    pub fn begin_replay(&self, about: NewRecording) -> Result<Recorder, StoreError> {
        self.begin(about, Patience::Wait)
    }

    fn begin(&self, about: NewRecording, patience: Patience) -> Result<Recorder, StoreError> {
        let id = RecordingId::random()?;
        self.ask(|reply| Message::Begin(id, Box::new(about), reply))?;
        Ok(Recorder {
            id,
            sender: self.sender.clone(),
            health: Arc::clone(&self.health),
            patience,
            samples: Vec::new(),
            facts: Vec::new(),
            calibration: None,
            handed_over: Instant::now(),
            held_back: None,
        })
    }

    /// Keeps a signal, sent or withheld. Does not wait.
    pub fn signal(&self, signal: NewSignal) -> Result<(), StoreError> {
        self.tell(Message::Signal(Box::new(signal)))
    }

    /// Keeps what a channel answered after its signal was kept. Does not wait.
    pub fn late_answer(&self, answer: LateAnswer) -> Result<(), StoreError> {
        self.tell(Message::LateAnswer(Box::new(answer)))
    }

    fn tell(&self, message: Message) -> Result<(), StoreError> {
        match self.sender.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(StoreError::Busy { file: folder::main_file(&self.folder) }),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Stopped),
        }
    }

    /// Replaces the facts of a recording that is over by others made from the same samples.
    pub fn remake(&self, id: RecordingId, facts: Vec<Fact>) -> Result<(), StoreError> {
        self.ask(|reply| Message::Remake(id, facts, reply))
    }

    /// Waits until everything handed over so far is committed.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.ask(Message::Flush)
    }

    /// Ends open recordings, commits everything, closes days that are over, and gives the folder free.
    pub fn close(mut self) -> Result<(), StoreError> {
        let closed = self.ask(Message::Close);
        self.join();
        closed
    }

    /// A new reader of the same folder.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open(&self.folder)
    }

    /// A new connection for entries by hand in the same folder.
    pub fn hand(&self) -> Result<Hand, StoreError> {
        Hand::open(&self.folder)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn ask<T>(&self, message: impl FnOnce(super::writer::Reply<T>) -> Message) -> Result<T, StoreError> {
        let (reply, answer) = sync_channel(1);
        self.sender.send(message(reply)).map_err(|_| StoreError::Stopped)?;
        wait(&answer)
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("{}", StoreError::Stopped);
        }
    }
}

fn wait<T>(answer: &Receiver<Result<T, StoreError>>) -> Result<T, StoreError> {
    answer.recv().map_err(|_| StoreError::Stopped)?
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.thread.is_some() {
            if let Err(error) = self.ask(Message::Close) {
                tracing::error!("{error}");
            }
            self.join();
        }
    }
}

/// What a recorder does while the disk is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Patience {
    Wait,
    Never,
}

/// Takes the samples and facts of one recording, in order.
#[derive(Debug)]
pub struct Recorder {
    id: RecordingId,
    sender: SyncSender<Message>,
    health: Arc<Mutex<Health>>,
    patience: Patience,
    samples: Vec<RawSample>,
    facts: Vec<Fact>,
    /// Waits to be handed over.
    calibration: Option<Box<NewCalibration>>,
    handed_over: Instant,
    /// Samples dropped since the last one kept: from, to, how many.
    held_back: Option<Gap>,
}

impl Recorder {
    /// The recording.
    pub fn id(&self) -> RecordingId {
        self.id
    }

    /// Takes the next sample.
    #[inline]
    pub fn sample(&mut self, sample: RawSample) -> Result<(), StoreError> {
        if self.samples.len() >= MOST_HELD_BACK {
            self.drop_sample(&sample);
        } else {
            self.facts.extend(self.held_back.take().map(Fact::Gap));
            self.samples.push(sample);
        }
        let full = self.samples.len().is_multiple_of(BATCH_SAMPLES);
        if full || self.handed_over.elapsed() >= BATCH_AFTER { self.hand_over() } else { Ok(()) }
    }

    /// Takes a fact made from the samples so far.
    pub fn fact(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// Takes how the sensor sits, once that is known: from now on it belongs to the recording.
    pub fn calibrated(&mut self, calibration: NewCalibration) -> Result<(), StoreError> {
        self.calibration = Some(Box::new(calibration));
        self.hand_over()
    }

    /// Hands what it has to the writing thread. Call it when the source goes quiet.
    pub fn hand_over(&mut self) -> Result<(), StoreError> {
        self.handed_over = Instant::now();
        if let Some(calibration) = self.calibration.take() {
            match self.sender.try_send(Message::Calibrated(self.id, calibration)) {
                Ok(()) => {}
                // It goes with a later batch.
                Err(TrySendError::Full(Message::Calibrated(_, calibration))) => self.calibration = Some(calibration),
                Err(_) => return Err(StoreError::Stopped),
            }
        }
        if self.samples.is_empty() && self.facts.is_empty() {
            return Ok(());
        }
        let samples = std::mem::take(&mut self.samples);
        let facts = std::mem::take(&mut self.facts);
        let message = Message::Batch(self.id, samples, facts);
        match self.patience {
            Patience::Wait => {
                self.sender.send(message).map_err(|_| StoreError::Stopped)?;
                self.trouble()
            }
            Patience::Never => match self.sender.try_send(message) {
                Ok(()) => Ok(()),
                Err(TrySendError::Full(Message::Batch(_, samples, facts))) => {
                    (self.samples, self.facts) = (samples, facts);
                    Ok(())
                }
                Err(_) => Err(StoreError::Stopped),
            },
        }
    }

    /// A replay need not go on when samples are being dropped.
    fn trouble(&self) -> Result<(), StoreError> {
        let health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match (&health.paused, health.lost_samples) {
            (Some((_, why)), samples @ 1..) => Err(StoreError::Lost { samples, why: why.clone() }),
            _ => Ok(()),
        }
    }

    fn drop_sample(&mut self, sample: &RawSample) {
        let newest = self.samples.last().map_or(Time::START, |kept| kept.t);
        let gap = self.held_back.get_or_insert(Gap { from: newest, to: sample.t, lost: 0, cause: GapCause::NotStored });
        gap.to = sample.t;
        gap.lost = gap.lost.saturating_add(1);
        self.health.lock().unwrap_or_else(PoisonError::into_inner).lost_samples += 1;
    }

    /// Ends the recording and waits until all of it is committed.
    pub fn end(mut self) -> Result<RecordingId, StoreError> {
        self.facts.extend(self.held_back.take().map(Fact::Gap));
        // From here on waiting does no harm.
        self.patience = Patience::Wait;
        self.hand_over()?;
        if let Some(calibration) = self.calibration.take() {
            self.sender.send(Message::Calibrated(self.id, calibration)).map_err(|_| StoreError::Stopped)?;
        }
        let (reply, answer) = sync_channel(1);
        self.sender.send(Message::End(self.id, reply)).map_err(|_| StoreError::Stopped)?;
        wait(&answer)?;
        Ok(self.id)
    }
}
