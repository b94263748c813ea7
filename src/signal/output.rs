//! What the detectors say: events, epochs, steps, postures, and a live judgement 25 times a second.
//!
//! `start` and `t` say when a thing happened and may lie back in time; `decided` says how much of the
//! recording had been read when it was decided. Nothing depends on a sample after its `decided`.

use crate::frames::Vec3;
use crate::units::{Angle, AngularRate, Seconds, Time};

/// Everything a [`super::Monitor`] can say.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// The live judgement, on a fixed grid of [`Tick::INTERVAL`] however fast the sensor is.
    Tick(Tick),
    /// Something that happened and is over (or was cut off).
    Event(Event),
    /// A foot touched the ground.
    Step(Step),
    /// A stretch of one posture. Spans of one recording follow each other without holes or overlaps.
    Posture(PostureSpan),
    /// A fixed stretch of time, summed up.
    Epoch(Epoch),
}

/// What the wearer is doing, in the words of the `posture` column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Posture {
    /// Cannot tell: no samples, no mounting, or values that make no sense.
    #[default]
    Unknown,
    /// The sensor lies somewhere without a person.
    NotWorn,
    /// Lying on the back, a side, or (reached from lying) the front.
    Lying,
    /// Walking, stairs included.
    Walking,
    /// Upright and moving, but not walking.
    Moving,
    /// Sitting or standing still.
    UprightStill,
    /// Trunk held forward beyond 65° and still for over two minutes.
    ProneOrAllFours,
}

impl Posture {
    /// All postures.
    pub const ALL: [Posture; 7] = [
        Self::Unknown,
        Self::NotWorn,
        Self::Lying,
        Self::Walking,
        Self::Moving,
        Self::UprightStill,
        Self::ProneOrAllFours,
    ];

    /// The word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotWorn => "not_worn",
            Self::Lying => "lying",
            Self::Walking => "walking",
            Self::Moving => "moving",
            Self::UprightStill => "upright_still",
            Self::ProneOrAllFours => "prone_or_all_fours",
        }
    }

    /// The posture of a word written by [`Posture::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|posture| posture.name() == name)
    }
}

/// Which side of the body is down while lying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LyingSide {
    /// On the back.
    Back,
    /// On the left side.
    Left,
    /// On the right side.
    Right,
    /// On the front.
    Front,
}

impl LyingSide {
    /// The word in the `lying_side` column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::Left => "left",
            Self::Right => "right",
            Self::Front => "front",
        }
    }

    /// The side of a word written by [`LyingSide::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Back, Self::Left, Self::Right, Self::Front].into_iter().find(|side| side.name() == name)
    }
}

/// The live judgement at one moment: what a warning, a gauge or a `samples` row is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    /// The moment; the newest input has this time or a little more.
    pub t: Time,
    /// Up in sensor axes, unit length.
    pub up_sensor: Vec3,
    /// Forward tilt θ of the sensor (`frames`). `None` while the mounting is unknown.
    pub tilt: Option<Angle>,
    /// Side bend φ of the sensor. `None` while the mounting is unknown.
    pub side: Option<Angle>,
    /// Trunk-equivalent angle. `None` while the mounting is unknown.
    pub tea: Option<Angle>,
    /// The trunk-equivalent angle lies beyond the planning table and was capped.
    pub beyond_table: bool,
    /// Posture as far as decided by now.
    pub posture: Posture,
    /// A bend is open: it has begun and not ended.
    pub bending: bool,
    /// The newest values are plausible: finite, unclipped, not stuck. Warnings need this.
    pub valid: bool,
    /// Chance that an upright, still wearer is sitting, where it can be told.
    pub sitting: Option<f32>,
}

impl Tick {
    /// Spacing of ticks, and of the grid on which the detectors run: 25 a second. The back moves at some 10 Hz
    /// at most; on the recordings of `tests/accuracy` 50 a second find the same, for twice the cost.
    pub const INTERVAL: Seconds = Seconds(0.04);
}

/// What kind of thing happened, in the words of the `kind` column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The trunk-equivalent angle went beyond the bend threshold and came back.
    Bend,
    /// A bend and rise whose motion looks like a lift. Load is unknown.
    PossibleLift,
    /// Five or more steps in a row.
    WalkingBout,
    /// Rising from a seat.
    SitToStand,
    /// Sitting down.
    StandToSit,
    /// Half an hour or more of hardly any movement, worn and not lying.
    StillBout,
    /// Turning round while upright.
    Turn,
    /// One repetition of an exercise in an open set.
    Repetition,
    /// No samples.
    Gap,
    /// The sensor was not worn.
    NonWear,
    /// A warning was, or would have been, given.
    Signal,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 11] = [
        Self::Bend,
        Self::PossibleLift,
        Self::WalkingBout,
        Self::SitToStand,
        Self::StandToSit,
        Self::StillBout,
        Self::Turn,
        Self::Repetition,
        Self::Gap,
        Self::NonWear,
        Self::Signal,
    ];

    /// The word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bend => "bend",
            Self::PossibleLift => "possible_lift",
            Self::WalkingBout => "walking_bout",
            Self::SitToStand => "sit_to_stand",
            Self::StandToSit => "stand_to_sit",
            Self::StillBout => "still_bout",
            Self::Turn => "turn",
            Self::Repetition => "repetition",
            Self::Gap => "gap",
            Self::NonWear => "non_wear",
            Self::Signal => "signal",
        }
    }

    /// The kind of a word written by [`Kind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The warning rules of domain.md §6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WarningKind {
    /// Deep bend.
    W1,
    /// Sustained bend.
    W2,
    /// Repeated bends.
    W3,
    /// Possible lift.
    W4,
}

impl WarningKind {
    /// The word in the `style` column of a `signal`.
    pub fn name(self) -> &'static str {
        match self {
            Self::W1 => "W1",
            Self::W2 => "W2",
            Self::W3 => "W3",
            Self::W4 => "W4",
        }
    }

    /// The rule of a word written by [`WarningKind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::W1, Self::W2, Self::W3, Self::W4].into_iter().find(|kind| kind.name() == name)
    }
}

/// How a bend was done, or which rule a signal follows: the `style` column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Bend with bent knees, or a squat.
    KneesBent,
    /// Bend with straight knees.
    KneesStraight,
    /// The rule of a `signal`.
    Warning(WarningKind),
}

impl Style {
    /// The word in the `style` column.
    pub fn name(self) -> &'static str {
        match self {
            Self::KneesBent => "knees_bent",
            Self::KneesStraight => "knees_straight",
            Self::Warning(kind) => kind.name(),
        }
    }

    /// The style of a word written by [`Style::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "knees_bent" => Some(Self::KneesBent),
            "knees_straight" => Some(Self::KneesStraight),
            other => WarningKind::from_name(other).map(Self::Warning),
        }
    }
}

/// Doubts and limits that go with an event, epoch or tick: the `flags` column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u16);

impl Flags {
    /// A gap or the end of the recording cut it off.
    pub const TRUNCATED: Flags = Flags(1);
    /// The angle lies beyond the planning table and was capped at 120°.
    pub const BEYOND_TABLE: Flags = Flags(1 << 1);
    /// The placement is not known, so bands are approximate.
    pub const APPROXIMATE: Flags = Flags(1 << 2);
    /// The wearer was probably sitting: the planning table does not describe that.
    pub const SITTING: Flags = Flags(1 << 3);
    /// The sensor clipped.
    pub const CLIPPED: Flags = Flags(1 << 4);
    /// Some samples were lost inside.
    pub const LOSSY: Flags = Flags(1 << 5);

    const NAMES: [(&'static str, Flags); 6] = [
        ("truncated", Self::TRUNCATED),
        ("beyond_table", Self::BEYOND_TABLE),
        ("approximate", Self::APPROXIMATE),
        ("sitting", Self::SITTING),
        ("clipped", Self::CLIPPED),
        ("lossy", Self::LOSSY),
    ];

    /// Whether all of `other` are set.
    pub fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// The words that are set, in fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(_, flag)| self.has(*flag)).map(|(name, _)| name)
    }
}

/// What is known of a bend beyond its times.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BendDetail {
    /// Largest trunk-equivalent angle.
    pub peak_tea: Angle,
    /// Largest side bend, with its sign.
    pub peak_side: Angle,
    /// Fastest bending down, positive.
    pub peak_down: AngularRate,
    /// Fastest coming up, positive.
    pub peak_up: AngularRate,
    /// Time at or beyond 30°.
    pub over_30: Seconds,
    /// Time at or beyond 45°.
    pub over_45: Seconds,
    /// Time at or beyond 60°.
    pub over_60: Seconds,
}

/// Something that happened. Fields that do not apply to its kind are `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// When it began.
    pub start: Time,
    /// When it ended.
    pub end: Time,
    /// How much of the recording had been read when it was decided.
    pub decided: Time,
    /// Angles and rates, for `bend` and `possible_lift`; for `signal`, what stood when it was given.
    pub bend: Option<BendDetail>,
    /// Steps inside a walking bout.
    pub steps: Option<u32>,
    /// Steps a minute inside a walking bout.
    pub cadence_spm: Option<f64>,
    /// Angle turned (`turn`, positive to the left), or of a repetition.
    pub angle: Option<Angle>,
    /// The exercise of a `repetition`, as an id of `data/exercises.toml`.
    pub exercise: Option<&'static str>,
    /// How it was done.
    pub style: Option<Style>,
    /// How sure the detector is, 0 to 1, where it can say.
    pub confidence: Option<f64>,
    /// Doubts and limits.
    pub flags: Flags,
}

impl Event {
    /// An event with nothing known but its kind and times.
    pub fn new(kind: Kind, start: Time, end: Time, decided: Time) -> Self {
        Self {
            kind,
            start,
            end,
            decided,
            bend: None,
            steps: None,
            cadence_spm: None,
            angle: None,
            exercise: None,
            style: None,
            confidence: None,
            flags: Flags::default(),
        }
    }
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When the foot touched the ground.
    pub t: Time,
    /// Number of the walking bout it belongs to, from 0 in each recording.
    pub bout: u32,
    /// How much of the recording had been read when it was decided.
    pub decided: Time,
}

/// A stretch of one posture, `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostureSpan {
    /// When it began.
    pub start: Time,
    /// When the next began.
    pub end: Time,
    /// The posture.
    pub posture: Posture,
    /// Which side is down, while lying.
    pub lying_side: Option<LyingSide>,
    /// How much of the recording had been read when both ends were decided.
    pub decided: Time,
}

/// A fixed stretch of time, summed up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// When it began: a multiple of its duration since the start of the recording.
    pub start: Time,
    /// How long it is.
    pub duration: Seconds,
    /// Share of its samples that came and were usable, 0 to 1. Below 2/3 the figures are `None`.
    pub valid_share: f64,
    /// Mean amplitude deviation of |a| in mg.
    pub mad_mg: Option<f64>,
    /// Euclidean norm minus one, cut at zero, in mg.
    pub enmo_mg: Option<f64>,
    /// Steps inside, as far as decided when the epoch was given out.
    pub steps: u32,
    /// Steps a minute of the walking inside.
    pub cadence_spm: Option<f64>,
    /// The posture that filled most of it.
    pub posture: Posture,
    /// Chance of sitting, where it can be told.
    pub sitting_probability: Option<f64>,
    /// Median trunk-equivalent angle.
    pub tea_p50: Option<Angle>,
    /// 95th percentile of the trunk-equivalent angle.
    pub tea_p95: Option<Angle>,
    /// Time at or beyond 30°.
    pub over_30: Seconds,
    /// Time at or beyond 45°.
    pub over_45: Seconds,
    /// Time at or beyond 60°.
    pub over_60: Seconds,
}
