//! The rows that go in and out of the store, as plain values; how they lie in tables is left to the
//! modules beside this one.
//!
//! A fact of a recording counts time from that recording's first sample; [`Dated`] carries the wall
//! time of that sample along. Local days are `jiff::civil::Date`. Where a row is made by hand, a `New…`
//! type without its number goes in and a `…Row` comes out. Longer than most files: one plain type for each table.

use super::error::StoreError;
use crate::frames::{Placement, Quat};
use crate::link::GapCause;
use crate::plan::{Quota, Side, StopReason};
use crate::raw::RawFormat;
use crate::signal::{Epoch, Event, Output, PostureSpan, Step};
use crate::units::{AngularRate, Seconds, Time, WallTime};
use jiff::civil::Date;
use std::fmt;
use std::ops::Range;
use uuid::Uuid;

/// Which recording: random, so that its first characters are enough to name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordingId(pub(super) Uuid);

impl RecordingId {
    /// A new one.
    pub(super) fn random() -> Result<Self, StoreError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|source| StoreError::NoRandom(source.to_string()))?;
        Ok(Self(uuid::Builder::from_random_bytes(bytes).into_uuid()))
    }
}

impl fmt::Display for RecordingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

/// What is known of a recording when it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRecording {
    /// A short name for lists.
    pub name: String,
    /// `ble`, `replay`, `simulate` or `import`.
    pub source: String,
    /// What its numbers mean.
    pub format: RawFormat,
    /// When its first sample was taken.
    pub start: WallTime,
    /// The wearer's time zone, as an IANA name.
    pub zone: String,
    /// Where on the back the sensor sits.
    pub placement: Placement,
    /// The number of the calibration in use.
    pub calibration: Option<i64>,
}

/// Whether a recording is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingState {
    /// Samples are still coming.
    Open,
    /// It was ended in order.
    Ended,
    /// The program ended before the recording did; what had been committed is there.
    Cut,
}

impl RecordingState {
    /// The word in columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended => "ended",
            Self::Cut => "cut",
        }
    }
}

/// A recording in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingRow {
    /// Which one.
    pub id: RecordingId,
    /// What was known when it began.
    pub about: NewRecording,
    /// Whether it is over.
    pub state: RecordingState,
    /// Its last stored sample; `None` while open or when it has none.
    pub end: Option<Time>,
    /// Samples stored; counted when it ends, so 0 while open.
    pub samples: u64,
}

/// Samples that never came, or could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The last sample before the hole.
    pub from: Time,
    /// As far as the hole is known to reach.
    pub to: Time,
    /// Samples that should have come.
    pub lost: u32,
    /// Why, as far as it is known.
    pub cause: GapCause,
}

/// A fact found in a recording's samples. It can be made again from them.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Something that happened.
    Event(Event),
    /// A fixed stretch of time, summed up.
    Epoch(Epoch),
    /// A step.
    Step(Step),
    /// A stretch of one posture.
    Posture(PostureSpan),
    /// A hole.
    Gap(Gap),
}

impl Fact {
    /// The fact in what the detectors say; `None` for a live judgement, which is not kept.
    pub fn from_output(output: Output) -> Option<Self> {
        match output {
            Output::Tick(_) => None,
            Output::Event(event) => Some(Self::Event(event)),
            Output::Step(step) => Some(Self::Step(step)),
            Output::Posture(span) => Some(Self::Posture(span)),
            Output::Epoch(epoch) => Some(Self::Epoch(epoch)),
        }
    }

    /// How much of the recording had been read when it was decided.
    pub fn decided(&self) -> Time {
        match self {
            Self::Event(event) => event.decided,
            Self::Epoch(epoch) => epoch.start + epoch.duration,
            Self::Step(step) => step.decided,
            Self::Posture(span) => span.decided,
            Self::Gap(gap) => gap.from,
        }
    }
}

/// A fact with what turns its times into wall time.
#[derive(Clone, Debug, PartialEq)]
pub struct Dated<T> {
    /// The recording it was found in.
    pub recording: RecordingId,
    /// When that recording's first sample was taken.
    pub began: WallTime,
    /// The fact.
    pub fact: T,
}

impl<T> Dated<T> {
    /// The wall time of a moment in this fact's recording.
    pub fn wall(&self, t: Time) -> WallTime {
        self.began.at(t)
    }
}

/// Which facts to read. Events, epochs and steps belong to the range in which they start; posture
/// spans and gaps are given wherever they overlap it.
#[derive(Clone, Debug, PartialEq)]
pub enum Selection {
    /// All of one recording.
    Recording(RecordingId),
    /// All recordings, `[start, end)`.
    Wall(Range<WallTime>),
}

/// A calibration that was just made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCalibration {
    /// When.
    pub at: WallTime,
    /// Where on the back.
    pub placement: Placement,
    /// The rotation found.
    pub body_from_sensor: Quat,
    /// Rotation rate at rest about the sensor's axes; `None` without gyroscope.
    pub gyro_bias: Option<[AngularRate; 3]>,
    /// Quality numbers as a JSON object, with units in the keys.
    pub quality: String,
    /// `SensorRow::uid`; `None` for a file.
    pub sensor: Option<String>,
    /// As the sensor told it.
    pub firmware: Option<String>,
    /// Name and version of the method.
    pub method: String,
}

/// A calibration in the store. It never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationRow {
    /// Its number.
    pub id: i64,
    /// What was found.
    pub about: NewCalibration,
}

/// How one channel fared with a signal.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ChannelResult {
    /// `terminal`, `desktop`, `page`, `sensor`, …
    pub channel: String,
    /// Whether it was handed over.
    pub delivered: bool,
    /// Why not, or what the channel said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// From the decision to the hand-over, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_s: Option<f64>,
}

/// What a channel answered after its signal was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct LateAnswer {
    /// When the signal was decided.
    pub at: WallTime,
    /// Its rule.
    pub rule: String,
    /// How the channel fared; stands in place of what was kept of it.
    pub result: ChannelResult,
}

impl LateAnswer {
    /// Puts the answer in its place among the channels of its signal.
    pub(super) fn enter(&self, channels: &mut Vec<ChannelResult>) {
        channels.retain(|kept| kept.channel != self.result.channel);
        channels.push(self.result.clone());
    }
}

/// A warning that was given, or was not and why.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSignal {
    /// The recording it speaks of.
    pub recording: Option<RecordingId>,
    /// When it was decided.
    pub at: WallTime,
    /// The rule: `W1` to `W4`, `nudge`, …
    pub rule: String,
    /// What was measured, in `unit`.
    pub value: Option<f64>,
    /// The limit it was held against, in `unit`.
    pub threshold: Option<f64>,
    /// `deg`, `s` or `count`.
    pub unit: Option<String>,
    /// Value to threshold: 1 is the line.
    pub ratio: Option<f64>,
    /// Whether people were told.
    pub sent: bool,
    /// Why not; `None` when sent.
    pub reason: Option<String>,
    /// What people saw, or would have seen.
    pub text: Option<String>,
    /// How each channel fared.
    pub channels: Vec<ChannelResult>,
}

/// A signal in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalRow {
    /// Its number.
    pub id: i64,
    /// What happened.
    pub about: NewSignal,
}

/// An episode that begins (domain.md §10).
#[derive(Clone, Debug, PartialEq)]
pub struct NewEpisode {
    /// Local day on which it began; day number 0.
    pub onset: Date,
    /// Sudden, or else gradual; `None`: not answered.
    pub sudden: Option<bool>,
    /// `first`, `recurrence` or `flare_of_chronic`.
    pub pattern: String,
    /// Pain 0 to 10 at the start; `None`: not answered, as when a red flag came first.
    pub nprs: Option<u8>,
    /// IANA name of the time zone.
    pub zone: String,
    /// When it was entered.
    pub started: WallTime,
    /// Ids of the red flags answered yes.
    pub red_flags: Vec<String>,
    /// First local day without acute mode; `None`: never on.
    pub acute_until: Option<Date>,
}

/// An episode in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct EpisodeRow {
    /// Its number.
    pub id: i64,
    /// How it began, as it now stands.
    pub about: NewEpisode,
    /// When the wearer said that a professional has seen the red flags.
    pub cleared: Option<WallTime>,
    /// When it ended; `None` while it lasts.
    pub ended: Option<WallTime>,
    /// Why it ended: `recovered`, `entered_by_mistake`, …
    pub end_reason: Option<String>,
    /// Why signals were renewed beyond day 14.
    pub renewed_because: Option<String>,
}

/// A daily check-in. `None`: not answered.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCheckIn {
    /// The episode's number.
    pub episode: i64,
    /// When it was entered.
    pub at: WallTime,
    /// The local day it speaks of.
    pub day: Date,
    /// Pain now, 0 to 10.
    pub nprs_now: Option<u8>,
    /// Worst pain of the last 24 h, 0 to 10.
    pub nprs_worst_24h: Option<u8>,
    /// `yes`, `partly` or `no`.
    pub back_to_normal: Option<String>,
    /// `good`, `fair` or `poor`.
    pub sleep: Option<String>,
    /// The wearer says it is better.
    pub better: Option<bool>,
    /// Ids of the red flags answered yes; `None`: not asked.
    pub red_flags: Option<Vec<String>>,
}

/// A check-in in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckInRow {
    /// Its number.
    pub id: i64,
    /// What was said.
    pub about: NewCheckIn,
}

/// Something prescribed.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPlanItem {
    /// Id in `data/exercises.toml`.
    pub exercise: String,
    /// Sets a day.
    pub sets: Option<u32>,
    /// Repetitions in each set, or steps of a walk; `None` when it goes by time.
    pub reps: Option<u32>,
    /// Length of each set; `None` when it goes by repetitions.
    pub lasting: Option<Seconds>,
    /// On how many days a week, 1 to 7.
    pub days_per_week: u8,
    /// First target of a growing plan: count or seconds of each set, as `reps` or `lasting`.
    pub start_value: Option<f64>,
    /// It grows no further.
    pub ceiling: Option<f64>,
    /// Growth a week.
    pub weekly_step: Option<f64>,
    /// `wearer` or `physiotherapist`.
    pub entered_by: String,
    /// First local day.
    pub from: Date,
    /// First local day on which it no longer holds; `None`: open.
    pub until: Option<Date>,
    /// Free words.
    pub note: Option<String>,
    /// When it was entered.
    pub created: WallTime,
    /// Local day from which it grows; `None`: from the first day on.
    pub start_date: Option<Date>,
}

/// A plan item in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanItemRow {
    /// Its number.
    pub id: i64,
    /// What is prescribed.
    pub about: NewPlanItem,
}

/// Where a count is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountSource {
    /// The sensor counted.
    Auto,
    /// The sensor counted, then the wearer said how many it were.
    Corrected,
    /// The wearer told it.
    Manual,
}

impl CountSource {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Corrected, Self::Manual];

    /// The word in columns and keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Corrected => "corrected",
            Self::Manual => "manual",
        }
    }

    /// The source of a word written by [`CountSource::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// Something done.
#[derive(Clone, Debug, PartialEq)]
pub struct NewExerciseLog {
    /// The plan item it belongs to.
    pub plan_item: Option<i64>,
    /// Id in `data/exercises.toml`.
    pub exercise: String,
    /// The local day it counts for.
    pub day: Date,
    /// When it was done, or entered.
    pub at: WallTime,
    /// Sets.
    pub sets: Option<u32>,
    /// Repetitions in all.
    pub reps: Option<u32>,
    /// Time in all.
    pub lasting: Option<Seconds>,
    /// Where the count is from.
    pub count_source: CountSource,
    /// Pain before it, 0 to 10.
    pub nprs_before: Option<u8>,
    /// Pain after it, 0 to 10.
    pub nprs_after: Option<u8>,
    /// Free words.
    pub note: Option<String>,
    /// When the set was opened; `None` for what was told afterwards.
    pub started: Option<WallTime>,
    /// When it was ended; `None` while it goes on.
    pub ended: Option<WallTime>,
    /// The recording that was open.
    pub recording: Option<RecordingId>,
    /// Why it ended: `done`, `pain`, `tired` or `other`.
    pub stop_reason: Option<StopReason>,
    /// How hard it felt, 0 to 10.
    pub effort: Option<u8>,
    /// The side, as told.
    pub side: Option<Side>,
    /// Steps of a walk, counted.
    pub steps: Option<u32>,
    /// How much of it was kept still, 0 to 1.
    pub steady_share: Option<f64>,
    /// What was meant to be done that day.
    pub planned: Quota,
}

impl NewExerciseLog {
    /// An exercise told by hand, with nothing else known of it.
    pub fn told(exercise: impl Into<String>, day: Date, at: WallTime) -> Self {
        Self {
            plan_item: None,
            exercise: exercise.into(),
            day,
            at,
            sets: None,
            reps: None,
            lasting: None,
            count_source: CountSource::Manual,
            nprs_before: None,
            nprs_after: None,
            note: None,
            started: None,
            ended: None,
            recording: None,
            stop_reason: None,
            effort: None,
            side: None,
            steps: None,
            steady_share: None,
            planned: Quota::default(),
        }
    }
}

/// An exercise log in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct ExerciseLogRow {
    /// Its number.
    pub id: i64,
    /// What was done.
    pub about: NewExerciseLog,
}

/// A mark in time with a few words.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkRow {
    /// Its number.
    pub id: i64,
    /// The moment.
    pub at: WallTime,
    /// The recording that was open.
    pub recording: Option<RecordingId>,
    /// The words.
    pub text: String,
}

/// What an answer of the wearer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerAbout {
    /// A bend: was it one?
    Bend,
    /// A possible lift: was it one?
    PossibleLift,
    /// A signal: did it help?
    Signal,
}

impl AnswerAbout {
    /// The word in columns and keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bend => "bend",
            Self::PossibleLift => "possible_lift",
            Self::Signal => "signal",
        }
    }

    /// What a word written by [`AnswerAbout::name`] means.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Bend, Self::PossibleLift, Self::Signal].into_iter().find(|about| about.name() == name)
    }
}

/// An answer of the wearer to a bend, a lift or a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When it was entered.
    pub at: WallTime,
    /// What it is about.
    pub about: AnswerAbout,
    /// When the event began, or the signal was decided.
    pub moment: WallTime,
    /// It was one; or it helped.
    pub yes: bool,
}

impl Answer {
    /// The word in columns and keys: a signal helps or does not, an event was one or was not.
    pub fn word(&self) -> &'static str {
        match (self.about, self.yes) {
            (AnswerAbout::Signal, true) => "helpful",
            (AnswerAbout::Signal, false) => "not_helpful",
            (_, true) => "yes",
            (_, false) => "no",
        }
    }
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingRow {
    /// Its name.
    pub key: String,
    /// What was chosen.
    pub value: String,
    /// When.
    pub changed: WallTime,
}

/// A known sensor.
#[derive(Clone, Debug, PartialEq)]
pub struct SensorRow {
    /// Address or platform id. Never logged.
    pub uid: String,
    /// Its family, as in `lumbard devices`.
    pub family: String,
    /// What the wearer calls it.
    pub name: String,
    /// Where it is worn.
    pub placement: Placement,
    /// The number of the calibration in use.
    pub calibration: Option<i64>,
    /// When it was added.
    pub added: WallTime,
    /// What it is for.
    pub role: SensorRole,
}

/// What a known sensor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SensorRole {
    /// Worn on the back: its samples are taken.
    Worn,
    /// Only buzzed, such as a watch at the wrist.
    Buzzer,
}

impl SensorRole {
    /// The word in files and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Worn => "worn",
            Self::Buzzer => "buzzer",
        }
    }

    /// The role of a word written by [`SensorRole::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Worn, Self::Buzzer].into_iter().find(|role| role.name() == name)
    }
}
