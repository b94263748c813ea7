//! Quantities that cross module borders: angles, rates, durations, and three kinds of time that never mix.
//!
//! Inside a formula the core works in plain `f64` of one unit each: rad, rad/s, seconds, and g for
//! specific force. Degrees exist only where people read or type; a column, key or flag says its unit
//! in its name (`_deg`, `_dps`, `_g`, `_s`, `_hz`).
//!
//! The times are different types on purpose, and no arithmetic joins them:
//!
//! | type | counts | answers |
//! |---|---|---|
//! | [`Ticks`] | the sensor's own clock | in which order and how far apart were samples taken? |
//! | [`Arrival`] | ns of this machine's monotonic clock | is the link alive, and how late are we? |
//! | [`WallTime`] | ns since 1970-01-01 UTC | when was that, for people? |
//!
//! [`Time`] is what the detectors see: ns since the start of a recording, made from the others by
//! `signal::timeline` or read from a file.

use std::fmt;
use std::ops::{Add, Neg, Sub};

/// Standard gravity in m/s², exact by definition (3rd CGPM, 1901).
pub const STANDARD_GRAVITY: f64 = 9.806_65;

const NS_PER_S: f64 = 1e9;

/// The nearest whole number, halves away from zero: as `f64::round`, which calls a function on machines
/// without the instruction for it, and times are rounded several times a sample.
#[inline]
fn nearest(value: f64) -> i64 {
    let whole = value as i64;
    let rest = value - whole as f64;
    whole.saturating_add(i64::from(rest >= 0.5)).saturating_sub(i64::from(rest <= -0.5))
}

/// A plane angle, held in radians.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Angle(f64);

impl Angle {
    /// No angle at all.
    pub const ZERO: Angle = Angle(0.0);

    /// From radians.
    pub const fn from_radians(radians: f64) -> Self {
        Self(radians)
    }
    /// From degrees, as people type them.
    pub const fn from_degrees(degrees: f64) -> Self {
        Self(degrees * (std::f64::consts::PI / 180.0))
    }
    /// In radians, for formulas.
    pub const fn radians(self) -> f64 {
        self.0
    }
    /// In degrees, for people.
    pub const fn degrees(self) -> f64 {
        self.0 * (180.0 / std::f64::consts::PI)
    }
    /// The size of the angle without its sign.
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }
    /// The larger of two angles.
    pub const fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}

impl Add for Angle {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Angle {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Angle {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl fmt::Display for Angle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}°", self.degrees())
    }
}

/// A rate of rotation, held in rad/s.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct AngularRate(f64);

impl AngularRate {
    /// From rad/s.
    pub const fn from_radians_per_second(rate: f64) -> Self {
        Self(rate)
    }
    /// From °/s.
    pub const fn from_degrees_per_second(rate: f64) -> Self {
        Self(rate * (std::f64::consts::PI / 180.0))
    }
    /// In rad/s, for formulas.
    pub const fn radians_per_second(self) -> f64 {
        self.0
    }
    /// In °/s, for people.
    pub const fn degrees_per_second(self) -> f64 {
        self.0 * (180.0 / std::f64::consts::PI)
    }
}

/// A length of time in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Seconds(pub f64);

impl Seconds {
    /// As whole nanoseconds, to the nearest.
    #[inline]
    pub fn nanos(self) -> i64 {
        nearest(self.0 * NS_PER_S)
    }
}

impl Add for Seconds {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

/// A moment in a recording: nanoseconds since its first sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// The first sample of a recording.
    pub const START: Time = Time(0);

    /// From seconds, to the nearest nanosecond.
    pub fn from_seconds(seconds: f64) -> Self {
        Self(nearest(seconds * NS_PER_S))
    }
    /// Seconds since the start of the recording.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / NS_PER_S
    }
    /// How long it is from `earlier` to here.
    pub fn since(self, earlier: Self) -> Seconds {
        Seconds((self.0 - earlier.0) as f64 / NS_PER_S)
    }
}

impl Add<Seconds> for Time {
    type Output = Self;
    fn add(self, by: Seconds) -> Self {
        Self(self.0 + by.nanos())
    }
}

impl Sub<Seconds> for Time {
    type Output = Self;
    fn sub(self, by: Seconds) -> Self {
        Self(self.0 - by.nanos())
    }
}

/// A moment for people: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(pub i64);

impl WallTime {
    /// The wall time of a moment in a recording that began at `self`.
    pub const fn at(self, t: Time) -> Self {
        Self(self.0 + t.0)
    }
}

/// When something reached this process: nanoseconds of the machine's monotonic clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arrival(pub u64);

/// A reading of a sensor's own clock, in that sensor's unit, unwrapped to 64 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticks(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_angle_is_the_same_in_degrees_and_radians() {
        assert_eq!(Angle::from_degrees(90.0).radians(), std::f64::consts::FRAC_PI_2);
        assert_eq!(Angle::from_radians(std::f64::consts::PI).degrees(), 180.0);
        assert_eq!(Angle::from_degrees(71.4).to_string(), "71°");
    }

    #[test]
    fn the_nearest_whole_number_is_that_of_the_standard_library() {
        for value in [0.0, -0.0, 0.5, -0.5, 1.5, 2.5, 0.499_999_999_999_999_94, -1e9 - 0.5, 4.503_599_627_370_497e15] {
            assert_eq!(nearest(value), value.round() as i64, "{value}");
        }
        assert_eq!((nearest(f64::NAN), nearest(1e300), nearest(-1e300)), (0, i64::MAX, i64::MIN));
    }

    #[test]
    fn time_keeps_nanoseconds_over_a_year() {
        let late = Time::from_seconds(365.0 * 86_400.0);
        assert_eq!((late + Seconds(1e-9)).since(late).0, 1e-9);
        assert_eq!(WallTime(5).at(Time(7)), WallTime(12));
    }
}
