//! The bytes of a Thingy:52, and what they mean.

use crate::att::{AttError, Short, i16s, put_i16s, u16_of};
use core::ops::RangeInclusive;

/// Acceleration counts in 1 g.
pub const ACC_PER_G: f64 = 1024.0;
/// Rotation counts in 1 °/s.
pub const GYR_PER_DPS: f64 = 32.0;
/// Magnetic counts in 1 µT.
pub const MAG_PER_UT: f64 = 16.0;
/// Counts of a quaternion's one.
pub const QUATERNION_ONE: f64 = 1_073_741_824.0;
/// Counts of one degree of heading and Euler angles.
pub const PER_DEGREE: f64 = 65_536.0;
/// Acceleration counts at the end of the range: the chip is fixed at 2 g.
pub const ACC_END: i16 = 2047;
/// Rotation counts at the end of the range: the format ends at about 1023 °/s.
pub const GYR_END: i16 = 32_736;
/// The highest rate that comes through without queueing, in Hz. Source: a user's log shows about 65
/// notifications a second at 200 Hz, in pairs (`nordicsemi/Android-Nordic-Thingy` issue 24).
pub const AIR_HZ: f64 = 60.0;

/// One sample, in counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Raw {
    /// Acceleration x, y, z.
    pub acc: [i16; 3],
    /// Rotation rate x, y, z.
    pub gyr: [i16; 3],
    /// Magnetic field x, y, z.
    pub mag: [i16; 3],
}

impl Raw {
    /// Bytes of a sample.
    pub const LEN: usize = 18;

    /// Reads a sample; `None` if it has another length.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let [a, b, c, d, e, f, g, h, i] = i16s(bytes)?;
        Some(Self { acc: [a, b, c], gyr: [d, e, f], mag: [g, h, i] })
    }

    /// The bytes of this sample.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        for (part, numbers) in bytes.chunks_exact_mut(6).zip([self.acc, self.gyr, self.mag]) {
            put_i16s(part, &numbers);
        }
        bytes
    }

    /// The chip has not measured yet: it sends zeros until then.
    pub fn is_empty(&self) -> bool {
        self.acc == [0; 3] && self.gyr == [0; 3]
    }

    /// A number stands at the end of its range.
    pub fn is_clipped(&self) -> bool {
        let beyond = |numbers: [i16; 3], end: i16| !numbers.iter().all(|n| (-end..end).contains(n));
        beyond(self.acc, ACC_END) || beyond(self.gyr, GYR_END)
    }
}

/// Motion settings. They are kept in flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MotionConfig {
    /// Time between step counts, in ms.
    pub step_ms: u16,
    /// Time between temperatures that correct the chip, in ms.
    pub temp_ms: u16,
    /// Time between magnetic samples, in ms.
    pub mag_ms: u16,
    /// Samples a second.
    pub motion_hz: u16,
    /// It sleeps until it is moved.
    pub wake_on_motion: bool,
}

impl Default for MotionConfig {
    /// As it comes from its maker.
    fn default() -> Self {
        Self { step_ms: 1000, temp_ms: 500, mag_ms: 500, motion_hz: 10, wake_on_motion: true }
    }
}

impl MotionConfig {
    /// Bytes of the settings.
    pub const LEN: usize = 9;
    /// Rates that it takes, in Hz.
    pub const RATES_HZ: RangeInclusive<u16> = 5..=200;
    const SLOW_MS: RangeInclusive<u16> = 100..=5000;
    const MAG_MS: RangeInclusive<u16> = 100..=1000;

    /// Reads settings as the sensor does.
    pub fn parse(bytes: &[u8]) -> Result<Self, AttError> {
        let &[a, b, c, d, e, f, g, h, wake @ 0..=1] = bytes else { return Err(AttError::NOT_PERMITTED) };
        let [step_ms, temp_ms, mag_ms, motion_hz] = [[a, b], [c, d], [e, f], [g, h]].map(u16::from_le_bytes);
        let sound = Self::SLOW_MS.contains(&step_ms)
            && Self::SLOW_MS.contains(&temp_ms)
            && Self::MAG_MS.contains(&mag_ms)
            && Self::RATES_HZ.contains(&motion_hz);
        let config = Self { step_ms, temp_ms, mag_ms, motion_hz, wake_on_motion: wake == 1 };
        if sound { Ok(config) } else { Err(AttError::NOT_PERMITTED) }
    }

    /// The bytes of these settings.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let numbers = [self.step_ms, self.temp_ms, self.mag_ms, self.motion_hz];
        put_i16s(&mut bytes, &numbers.map(u16::cast_signed));
        bytes[8] = u8::from(self.wake_on_motion);
        bytes
    }
}

/// What is wanted of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Shortest interval, in units of 1.25 ms.
    pub min: u16,
    /// Longest interval, in units of 1.25 ms.
    pub max: u16,
    /// Connection events that it may sleep through.
    pub latency: u16,
    /// Silence after which the link counts as lost, in units of 10 ms.
    pub supervision: u16,
}

impl Connection {
    /// 7.5 to 15 ms: as fast as samples need. Source: the maker's defaults, with the longer half cut off.
    pub const FAST: Self = Self { min: 6, max: 12, latency: 0, supervision: 320 };

    /// Reads connection parameters.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let [min, max, latency, supervision] = i16s(bytes)?.map(i16::cast_unsigned);
        Some(Self { min, max, latency, supervision })
    }

    /// The bytes of these parameters.
    pub fn encode(&self) -> [u8; 8] {
        let mut bytes = [0; 8];
        put_i16s(&mut bytes, &[self.min, self.max, self.latency, self.supervision].map(u16::cast_signed));
        bytes
    }
}

/// What the light does. Kept in flash at every change: not to be blinked by writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Led {
    /// Dark.
    Off,
    /// One colour: red, green, blue.
    Constant([u8; 3]),
    /// Up and down.
    Breathe {
        /// 1 red, 2 green, 3 yellow, 4 blue, 5 purple, 6 cyan, 7 white.
        color: u8,
        /// 1 to 100 %.
        intensity: u8,
        /// Time between breaths, 50 to 10 000 ms.
        delay_ms: u16,
    },
    /// Once up and down.
    OneShot {
        /// As above.
        color: u8,
        /// 1 to 100 %.
        intensity: u8,
    },
}

impl Led {
    /// Reads a light command as the sensor does.
    pub fn parse(bytes: &[u8]) -> Result<Self, AttError> {
        match *bytes {
            [0] => Ok(Self::Off),
            [1, r, g, b] => Ok(Self::Constant([r, g, b])),
            [2, color @ 1..=7, intensity @ 1..=100, low, high] => match u16::from_le_bytes([low, high]) {
                delay_ms @ 50..=10_000 => Ok(Self::Breathe { color, intensity, delay_ms }),
                _ => Err(AttError::NOT_PERMITTED),
            },
            [3, color @ 1..=7, intensity @ 1..=100] => Ok(Self::OneShot { color, intensity }),
            _ => Err(AttError::NOT_PERMITTED),
        }
    }

    /// The bytes of this command.
    pub fn encode(&self) -> Short {
        match *self {
            Self::Off => Short::of(&[0]),
            Self::Constant([r, g, b]) => Short::of(&[1, r, g, b]),
            Self::Breathe { color, intensity, delay_ms } => {
                let [low, high] = delay_ms.to_le_bytes();
                Short::of(&[2, color, intensity, low, high])
            }
            Self::OneShot { color, intensity } => Short::of(&[3, color, intensity]),
        }
    }
}

/// What speaker and microphone do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoundConfig {
    /// 1 tones, 2 sound sent to it, 3 stored sounds.
    pub speaker: u8,
    /// 1 compressed sound, 2 loudness.
    pub microphone: u8,
}

impl SoundConfig {
    /// Tones from the speaker.
    pub const TONE: Self = Self { speaker: 1, microphone: 1 };

    /// Reads it as the sensor does.
    pub fn parse(bytes: &[u8]) -> Result<Self, AttError> {
        match *bytes {
            [speaker @ 1..=3, microphone @ 1..=2] => Ok(Self { speaker, microphone }),
            _ => Err(AttError::NOT_PERMITTED),
        }
    }

    /// The bytes of this.
    pub const fn encode(&self) -> [u8; 2] {
        [self.speaker, self.microphone]
    }
}

/// A tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tone {
    /// Frequency; 0 ends a tone.
    pub frequency_hz: u16,
    /// How long; 0 without end.
    pub duration_ms: u16,
    /// 0 to 100 %.
    pub volume_percent: u8,
}

impl Tone {
    /// Reads a tone.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let &[_, _, _, _, volume_percent @ 0..=100] = bytes else { return None };
        Some(Self { frequency_hz: u16_of(bytes), duration_ms: u16_of(&bytes[2..]), volume_percent })
    }

    /// The bytes of this tone.
    pub const fn encode(&self) -> [u8; 5] {
        let ([a, b], [c, d]) = (self.frequency_hz.to_le_bytes(), self.duration_ms.to_le_bytes());
        [a, b, c, d, self.volume_percent]
    }
}
