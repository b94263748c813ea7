//! What a signal is: which rule, when, what was measured against which limit, and whether it was sent.

use super::arming::Reason;
use crate::signal::WarningKind;
use crate::units::{Angle, AngularRate, Seconds, Time, WallTime};

/// What a rule measured, and the limit it held that against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    /// W1: the trunk-equivalent angle.
    Angle {
        /// As it stood.
        value: Angle,
        /// Where deep begins.
        threshold: Angle,
    },
    /// W2: how long the trunk was held.
    Held {
        /// So long.
        value: Seconds,
        /// The limit at the angle held.
        threshold: Seconds,
    },
    /// W3: bends of the last minutes.
    Bends {
        /// So many.
        value: u32,
        /// Where repeated begins.
        threshold: u32,
    },
    /// W4: the rate of rising.
    Rise {
        /// So fast.
        value: AngularRate,
        /// Where a rise begins to look like a lift.
        threshold: AngularRate,
    },
}

impl Measured {
    /// The value in [`Measured::unit`].
    pub fn value(&self) -> f64 {
        self.parts().0
    }
    /// The limit in [`Measured::unit`].
    pub fn threshold(&self) -> f64 {
        self.parts().1
    }
    /// The unit of columns and keys: `deg`, `s`, `count` or `dps`.
    pub fn unit(&self) -> &'static str {
        self.parts().2
    }
    /// Value to threshold: 1 is the line.
    pub fn ratio(&self) -> f64 {
        self.value() / self.threshold()
    }

    fn parts(&self) -> (f64, f64, &'static str) {
        match *self {
            Self::Angle { value, threshold } => (value.degrees(), threshold.degrees(), "deg"),
            Self::Held { value, threshold } => (value.0, threshold.0, "s"),
            Self::Bends { value, threshold } => (f64::from(value), f64::from(threshold), "count"),
            Self::Rise { value, threshold } => (value.degrees_per_second(), threshold.degrees_per_second(), "dps"),
        }
    }
}

/// Something worth saying, whether or not it was said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signal {
    /// The rule.
    pub rule: WarningKind,
    /// When it was decided.
    pub at: Time,
    /// The same moment in wall time.
    pub wall: WallTime,
    /// When the bend, the hold or the first of the bends began.
    pub since: Time,
    /// The bend it is about, counted since the program began; `None` for W3, which is about several.
    pub bend: Option<u64>,
    /// Place in a W2 series, from 1; 1 for the other rules.
    pub nth: u8,
    /// Value and limit.
    pub measured: Measured,
    /// The trunk-equivalent angle when it was decided; for W4 the largest of the lift.
    pub tea: Angle,
}

/// Whether a signal is brought to the wearer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// It is.
    Sent,
    /// It is not.
    Withheld(Reason),
}

impl Outcome {
    /// Whether it is brought to the wearer.
    pub fn is_sent(&self) -> bool {
        matches!(self, Self::Sent)
    }
}

/// A signal and what became of it. Every one is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// What there was to say.
    pub signal: Signal,
    /// Whether it is said.
    pub outcome: Outcome,
    /// The hourly budget has just run out: show one summary line instead, without sound or buzz.
    pub summary: bool,
}
