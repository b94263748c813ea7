//! A Thingy:52 seen from inside: takes settings and tones, gives samples byte for byte.
//!
//! For simulators and tests: who owns it takes the readings at [`Peripheral::rate_hz`] and sends the bytes.

use super::wire::{Connection, Led, MotionConfig, Raw, SoundConfig, Tone};
use super::{CONNECTION, FIRMWARE, LED, MOTION, SOUND, SPEAKER};
use crate::att::{AttError, Short};
use crate::session::Uuid;
use crate::sig::BATTERY_LEVEL;

/// The sensor's side of a connection.
#[derive(Clone, Debug)]
pub struct Peripheral {
    config: MotionConfig,
    connection: Connection,
    sound: SoundConfig,
    /// What the light does.
    pub led: Led,
    /// The tone that was asked for last.
    pub tone: Option<Tone>,
    /// 0 to 100 %.
    pub percent: u8,
    /// Times that flash was written: settings that were not as before.
    pub flash_writes: u32,
}

impl Default for Peripheral {
    /// As it comes from its maker.
    fn default() -> Self {
        Self {
            config: MotionConfig::default(),
            connection: Connection { min: 6, max: 24, latency: 0, supervision: 320 },
            sound: SoundConfig::TONE,
            led: Led::Off,
            tone: None,
            percent: 100,
            flash_writes: 0,
        }
    }
}

impl Peripheral {
    /// Samples a second that it takes.
    pub fn rate_hz(&self) -> f64 {
        f64::from(self.config.motion_hz)
    }

    /// The notification of a sample.
    pub fn sample(&self, raw: Raw) -> [u8; Raw::LEN] {
        raw.encode()
    }

    /// What a read answers.
    pub fn read(&self, characteristic: Uuid) -> Option<Short> {
        Some(match characteristic {
            MOTION => Short::of(&self.config.encode()),
            CONNECTION => Short::of(&self.connection.encode()),
            SOUND => Short::of(&self.sound.encode()),
            LED => self.led.encode(),
            FIRMWARE => Short::of(&[2, 2, 0]),
            BATTERY_LEVEL => Short::of(&[self.percent]),
            _ => return None,
        })
    }

    /// Takes what was written.
    pub fn write(&mut self, characteristic: Uuid, bytes: &[u8]) -> Result<(), AttError> {
        let before = (self.config, self.connection, self.led);
        match characteristic {
            MOTION => self.config = MotionConfig::parse(bytes)?,
            CONNECTION => self.connection = Connection::parse(bytes).ok_or(AttError::NOT_PERMITTED)?,
            SOUND => self.sound = SoundConfig::parse(bytes)?,
            LED => self.led = Led::parse(bytes)?,
            SPEAKER => self.tone = Some(Tone::parse(bytes).ok_or(AttError::NOT_PERMITTED)?),
            _ => return Err(AttError::NOT_PERMITTED),
        }
        self.flash_writes += u32::from(before != (self.config, self.connection, self.led));
        Ok(())
    }
}
