//! A recording's own numbers: what the sensor or file wrote, and how to read it. Nothing is rounded here.
//!
//! Stored numbers stay those of the source, so that a day can be judged again bit for bit: counts and
//! their scale for a sensor, decimals as scaled integers for a text file where that is exact, else the
//! bits of the float. [`RawFormat::sample`] is the one place where they become g and rad/s, for the
//! live stream, its replay and its re-analysis alike.

use crate::frames::Vec3;
use crate::signal::Sample;
use crate::units::{Arrival, STANDARD_GRAVITY, Ticks, Time};

/// What one stored integer stands for, in the channel's [`Unit`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Encoding {
    /// `count * full_scale / full_count`: a sensor's ADC counts. Both numbers are exact in `f64`.
    Counts {
        /// The physical value at `full_count`.
        full_scale: f64,
        /// The count that means `full_scale`.
        full_count: f64,
    },
    /// Decimals of a text file times 10⁹; exact for up to nine places (see [`RawSample::FLOAT_BITS`]).
    Nanos,
    /// The bits of an IEEE 754 `f32`.
    Float32,
    /// The bits of an IEEE 754 `f64`.
    Float64,
}

/// The unit that the source itself writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Specific force in g.
    G,
    /// Specific force in m/s².
    MetresPerSecond2,
    /// Rotation rate in °/s.
    DegreesPerSecond,
    /// Rotation rate in rad/s.
    RadiansPerSecond,
}

/// How the three numbers of the accelerometer or of the gyroscope are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Channel {
    /// From stored integer to value.
    pub encoding: Encoding,
    /// The unit of that value.
    pub unit: Unit,
}

/// How all samples of one recording are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RawFormat {
    /// Accelerometer.
    pub acc: Channel,
    /// Gyroscope; `None` where the source has none.
    pub gyr: Option<Channel>,
    /// Samples a second that the source claims; the true rate follows from the times.
    pub nominal_rate_hz: f64,
    /// One tick of the sensor's clock in seconds; `None` where it sends no clock.
    pub tick_s: Option<f64>,
}

/// One sample as the source wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawSample {
    /// Its moment in the recording, as given to the detectors.
    pub t: Time,
    /// The sensor's own counter, unwrapped.
    pub seq: Option<u64>,
    /// The sensor's own clock, unwrapped.
    pub ticks: Option<Ticks>,
    /// When the packet that held it reached us; samples of one packet share it.
    pub arrival: Option<Arrival>,
    /// Accelerometer x, y, z in sensor axes.
    pub acc: [i64; 3],
    /// Gyroscope x, y, z in sensor axes; zeros where the format has none.
    pub gyr: [i64; 3],
    /// [`RawSample::FLOAT_BITS`].
    pub flags: u8,
}

impl RawSample {
    /// The integer of an empty cell: the source gave no value here.
    ///
    /// The bits of one particular quiet NaN, which no number has in any encoding: it is no finite `f64`
    /// (−0.0 included), wider than an `f32`, beyond every sensor's counts and, at 9.2 × 10⁹, beyond the
    /// decimals that scale exactly.
    pub const EMPTY: i64 = 0x7ff8_0000_0000_0001;
    /// Flag: in a [`Encoding::Nanos`] recording, the numbers of this row are `f64` bits, because the
    /// source wrote more than nine places or an exponent.
    pub const FLOAT_BITS: u8 = 1;
}

impl Encoding {
    /// The value of a stored integer; NaN for an empty cell.
    #[inline]
    pub fn value(self, stored: i64, flags: u8) -> f64 {
        if stored == RawSample::EMPTY {
            return f64::NAN;
        }
        match self {
            Self::Counts { full_scale, full_count } => stored as f64 * full_scale / full_count,
            // Dividing an exact integer by an exact power of ten rounds once, and so gives the very
            // float that parsing the decimal text gives.
            Self::Nanos if flags & RawSample::FLOAT_BITS == 0 => stored as f64 / 1e9,
            Self::Nanos | Self::Float64 => f64::from_bits(stored as u64),
            Self::Float32 => f64::from(f32::from_bits(stored as u32)),
        }
    }
}

impl Unit {
    /// The word in column names and metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::G => "g",
            Self::MetresPerSecond2 => "m/s^2",
            Self::DegreesPerSecond => "deg/s",
            Self::RadiansPerSecond => "rad/s",
        }
    }

    /// A value of this unit in the core's unit: g, or rad/s.
    #[inline]
    pub fn to_core(self, value: f64) -> f64 {
        match self {
            Self::G | Self::RadiansPerSecond => value,
            Self::MetresPerSecond2 => value / STANDARD_GRAVITY,
            Self::DegreesPerSecond => value * (std::f64::consts::PI / 180.0),
        }
    }
}

impl Channel {
    /// Three stored integers in the core's unit.
    #[inline]
    pub fn vector(&self, stored: &[i64; 3], flags: u8) -> Vec3 {
        let core = |i: usize| self.unit.to_core(self.encoding.value(stored[i], flags));
        Vec3::new(core(0), core(1), core(2))
    }
}

impl RawFormat {
    /// The sample as the detectors see it, in g and rad/s. Empty cells become NaN.
    #[inline]
    pub fn sample(&self, raw: &RawSample) -> Sample {
        Sample {
            t: raw.t,
            acc: self.acc.vector(&raw.acc, raw.flags),
            gyr: self.gyr.map(|channel| channel.vector(&raw.gyr, raw.flags)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_decimals_give_the_same_float_as_their_text() {
        for (text, nanos) in [("9.51", 9_510_000_000), ("-0.003527", -3_527_000), ("0.1", 100_000_000)] {
            assert_eq!(Encoding::Nanos.value(nanos, 0).to_bits(), text.parse::<f64>().unwrap().to_bits());
        }
    }

    #[test]
    fn floats_and_empty_cells_come_back_as_they_were() {
        let bits = 1.234_567_890_123_4e-5_f64.to_bits() as i64;
        assert_eq!(Encoding::Nanos.value(bits, RawSample::FLOAT_BITS), 1.234_567_890_123_4e-5);
        assert_eq!(Encoding::Float32.value(i64::from(0.25_f32.to_bits()), 0), 0.25);
        assert!(Encoding::Float64.value(RawSample::EMPTY, 0).is_nan());
    }

    #[test]
    fn negative_zero_is_a_number_and_keeps_its_sign() {
        let bits = (-0.0_f64).to_bits() as i64;
        for value in [
            Encoding::Float64.value(bits, 0),
            Encoding::Nanos.value(bits, RawSample::FLOAT_BITS),
            Encoding::Float32.value(i64::from((-0.0_f32).to_bits()), 0),
        ] {
            assert_eq!(value.to_bits(), (-0.0_f64).to_bits());
        }
    }
}
