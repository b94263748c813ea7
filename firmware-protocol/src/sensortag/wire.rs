//! The bytes of a SensorTag, and what they mean.

use crate::att::{AttError, i16s, put_i16s};

/// Rotation counts in 1 °/s. Source: TI's formula, which divides by a whole 65536 / 500.
pub const GYR_PER_DPS: f64 = 131.0;
/// The count that stands for the acceleration range.
pub const FULL_COUNT: f64 = 32_768.0;
/// The range that is always asked for, in g: older firmware measures with it whatever is asked, and every
/// firmware falls back to it. Source: node-sensortag issue 62, and TI's sources.
pub const RANGE_G: u8 = 8;

/// One sample, in counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movement {
    /// Rotation rate x, y, z.
    pub gyr: [i16; 3],
    /// Acceleration x, y, z.
    pub acc: [i16; 3],
    /// Magnetic field x, y, z; its unit is disputed.
    pub mag: [i16; 3],
}

impl Movement {
    /// Bytes of a sample.
    pub const LEN: usize = 18;

    /// Reads a sample; `None` if it has another length.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let [a, b, c, d, e, f, g, h, i] = i16s(bytes)?;
        Some(Self { gyr: [a, b, c], acc: [d, e, f], mag: [g, h, i] })
    }

    /// The bytes of this sample.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        for (part, numbers) in bytes.chunks_exact_mut(6).zip([self.gyr, self.acc, self.mag]) {
            put_i16s(part, &numbers);
        }
        bytes
    }

    /// All zeros: what it sends between being switched on and measuring.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which axes are on, and their range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config(pub u16);

impl Config {
    const GYRO: u16 = 0b111;
    const ACCEL: u16 = 0b111 << 3;
    const MAG: u16 = 1 << 6;
    const WAKE_ON_MOTION: u16 = 1 << 7;
    /// Everything is off.
    pub const OFF: Self = Self(0);
    /// Acceleration and rotation at 8 g, without waking on motion, which would end the stream of a still wearer.
    pub const SIX_AXES: Self = Self(Self::GYRO | Self::ACCEL | 2 << 8);
    /// What it reads after its motion chip failed its own test.
    pub const FAULT: Self = Self(0xffff);

    /// Reads a configuration as the sensor does.
    pub fn parse(bytes: &[u8]) -> Result<Self, AttError> {
        let &[low, high] = bytes else { return Err(AttError::LENGTH) };
        Ok(Self(u16::from_le_bytes([low, high])))
    }

    /// The bytes of this configuration.
    pub const fn encode(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }

    /// All three axes of the gyroscope are on.
    pub const fn gyro(self) -> bool {
        self.0 & Self::GYRO == Self::GYRO
    }
    /// All three axes of the accelerometer are on.
    pub const fn accel(self) -> bool {
        self.0 & Self::ACCEL == Self::ACCEL
    }
    /// The magnetometer is on.
    pub const fn mag(self) -> bool {
        self.0 & Self::MAG != 0
    }
    /// It sleeps until it is moved.
    pub const fn wake_on_motion(self) -> bool {
        self.0 & Self::WAKE_ON_MOTION != 0
    }
    /// The acceleration range: 2, 4, 8 or 16 g.
    pub const fn range_g(self) -> u8 {
        2 << (self.0 >> 8 & 3)
    }
}

/// Time between samples, in units of 10 ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period(pub u8);

impl Period {
    /// The fastest: 100 ms.
    pub const FASTEST: Self = Self(10);

    /// Reads a period as the sensor does.
    pub fn parse(bytes: &[u8]) -> Result<Self, AttError> {
        match *bytes {
            [units] if units >= Self::FASTEST.0 => Ok(Self(units)),
            [_] => Err(AttError::APPLICATION),
            _ => Err(AttError::LENGTH),
        }
    }

    /// In ms.
    pub const fn millis(self) -> u16 {
        self.0 as u16 * 10
    }

    /// Samples a second.
    pub fn rate_hz(self) -> f64 {
        100.0 / f64::from(self.0.max(1))
    }
}

/// Lights and buzzer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Io(u8);

impl Io {
    /// The red light.
    pub const RED: Self = Self(1);
    /// The green light.
    pub const GREEN: Self = Self(2);
    /// The buzzer, at 2 kHz.
    pub const BUZZER: Self = Self(4);
    /// Nothing.
    pub const OFF: Self = Self(0);
    /// Erases the flash of the tag. Never written: [`Io::encode`] cannot say it.
    pub const ERASES_FLASH: u8 = 8;

    /// These bits, without those that are no light or buzzer.
    pub const fn of(bits: u8) -> Self {
        Self(bits & 7)
    }

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// All of this is on.
    pub const fn has(self, what: Self) -> bool {
        self.0 & what.0 == what.0
    }

    /// The byte of this: never with another bit than those of lights and buzzer.
    pub const fn encode(self) -> [u8; 1] {
        [self.0]
    }
}

/// Who rules over lights and buzzer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IoMode {
    /// The tag itself.
    Local,
    /// The host.
    Remote,
    /// A test of the tag.
    SelfTest,
}

impl IoMode {
    /// Reads a mode; `None` if there is no such mode.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        [Self::Local, Self::Remote, Self::SelfTest].into_iter().find(|mode| mode.encode() == bytes)
    }

    /// The byte of this mode.
    pub const fn encode(self) -> [u8; 1] {
        [match self {
            Self::Local => 0,
            Self::Remote => 1,
            Self::SelfTest => 2,
        }]
    }

    /// In a word.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Remote => "remote",
            Self::SelfTest => "self-test",
        }
    }
}
