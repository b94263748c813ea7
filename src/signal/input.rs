//! What the detectors are given: samples, gaps and silences, in the order of their times.

use crate::frames::Vec3;
use crate::units::{Seconds, Time};

/// One reading of the sensor, in sensor axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When it was taken.
    pub t: Time,
    /// Specific force in g; at rest it points up with length 1. NaN where the source gave no value.
    pub acc: Vec3,
    /// Rotation rate in rad/s, right-handed about the same axes; `None` without a gyroscope.
    pub gyr: Option<Vec3>,
}

/// The next thing that happened at the sensor. Times never go backward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    /// A sample came.
    Sample(Sample),
    /// Samples between two moments never came. Half-seen movements end as truncated.
    ///
    /// A hole between the times of two samples is found without being told; the link tells so that a
    /// movement is ended while the link is still down.
    Gap {
        /// The last sample before the hole.
        from: Time,
        /// As far as the hole is known to reach.
        to: Time,
        /// Samples that should have come, as far as counters or rates tell.
        lost: u32,
    },
    /// Nothing has come for so long that posture is unknown from now on.
    Silence {
        /// When the last sample was taken.
        since: Time,
        /// For how long nothing has come.
        lasting: Seconds,
    },
}
