//! Finds the sensor, keeps the connection, and yields its samples, gaps and silences in order.
//!
//! Only `link` knows Bluetooth. A replayed recording and the simulator come out of here in the same
//! form as a sensor, so everything behind treats them alike.
//!
//! | file | does |
//! |---|---|
//! | [`ble`] | the radio: the only file of these with a clock and a bus, besides [`clock`] and [`pace`] |
//! | [`session`] | a sensor's frames to items: times, gaps with their cause, silence, away |
//! | [`reconnect`] | how long to look, and to wait between |
//! | [`wanted`] | which sensors may be worn, and which is only buzzed |
//! | [`battery`] | when a charge is to be told |
//! | [`replay`], [`simulator`] | a file, or a made-up day, as if its sensor were there |

pub mod battery;
pub mod ble;
pub mod clock;
mod outbox;
pub mod pace;
pub mod reconnect;
pub mod replay;
pub mod session;
pub mod simulator;
pub mod wanted;

use crate::raw::{RawFormat, RawSample};
use crate::units::{Seconds, Time, WallTime};

/// What a source says next. Items come in the order in which they happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A recording begins. Comes first, and again when the source changes its format.
    Begin(Beginning),
    /// One sample.
    Sample(RawSample),
    /// Samples between two moments never came.
    Gap {
        /// The last sample before the hole.
        from: Time,
        /// As far as the hole is known to reach.
        to: Time,
        /// Samples that should have come.
        lost: u32,
        /// Why, as far as it is known.
        cause: GapCause,
    },
    /// Nothing has come for so long that posture is unknown from now on.
    Silence {
        /// When the last sample was taken.
        since: Time,
        /// For how long nothing has come.
        lasting: Seconds,
    },
    /// The link changed.
    Status(LinkStatus),
    /// The sensor told its charge, 0 to 100 %.
    Battery(u8),
    /// The charge has come down to one of [`battery::LOW_PERCENT`]: for people, once each.
    BatteryLow(u8),
    /// The source is at its end: a replay or a simulation is over.
    End,
}

/// How a recording begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Beginning {
    /// What its numbers mean.
    pub format: RawFormat,
    /// A short name for lists: a file's stem, a sensor's model, `simulated day`.
    pub name: String,
    /// `ble`, `replay` or `simulate`.
    pub source: &'static str,
    /// When its first sample was taken.
    pub start: WallTime,
    /// The wearer's time zone, as an IANA name.
    pub zone: String,
}

/// Why samples are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapCause {
    /// Some packets were lost on the air.
    Loss,
    /// The link was down for a while.
    Disconnected,
    /// The sensor was out of reach for longer than [`reconnect::AWAY_AFTER`]: normal, for a computer stays
    /// where it is.
    Away,
    /// The sensor started anew.
    SensorReset,
    /// The host slept or its clock jumped.
    Suspended,
    /// The file has a hole.
    Recorded,
    /// They came and were judged, but could not be stored: the disk was full or refused.
    NotStored,
}

impl GapCause {
    /// All causes.
    pub const ALL: [GapCause; 7] = [
        Self::Loss,
        Self::Disconnected,
        Self::Away,
        Self::SensorReset,
        Self::Suspended,
        Self::Recorded,
        Self::NotStored,
    ];

    /// The word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Disconnected => "disconnected",
            Self::Away => "away",
            Self::SensorReset => "sensor_reset",
            Self::Suspended => "suspended",
            Self::Recorded => "recorded",
            Self::NotStored => "not_stored",
        }
    }

    /// The cause of a word written by [`GapCause::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name() == name)
    }
}

/// The state of the link, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkStatus {
    /// Looking for the sensor.
    Searching,
    /// Found; the connection is being made.
    Connecting,
    /// Samples are coming.
    Streaming,
    /// Connected, but nothing has come for a while.
    Quiet,
    /// The connection is down; it is tried again by itself.
    Lost,
    /// The same for so long that the sensor must be elsewhere. It is taken up again when it comes back.
    Away,
    /// A replay or a simulation is over.
    Played,
    /// Nothing works until someone acts; the words say what and how, in English.
    Blocked(String),
}
