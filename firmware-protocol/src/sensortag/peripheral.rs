//! A SensorTag seen from inside: takes settings, lights and buzzer, gives samples byte for byte.
//!
//! For simulators and tests: who owns it takes the readings at [`Peripheral::rate_hz`] and sends the bytes.

use super::wire::{Config, Io, IoMode, Movement, Period};
use super::{CONFIG, IO, IO_MODE, PERIOD};
use crate::att::{AttError, Short};
use crate::session::Uuid;
use crate::sig::BATTERY_LEVEL;

/// The sensor's side of a connection.
#[derive(Clone, Debug)]
pub struct Peripheral {
    config: Config,
    period: Period,
    mode: IoMode,
    io: Io,
    /// A sample was measured since it was switched on.
    measured: bool,
    /// 0 to 100 %.
    pub percent: u8,
    /// Its motion chip failed its own test.
    pub faulty: bool,
    /// Someone wrote the bit that erases its flash.
    pub flash_erased: bool,
}

impl Default for Peripheral {
    /// As it wakes up: nothing is on, one sample a second.
    fn default() -> Self {
        Self {
            config: Config::OFF,
            period: Period(100),
            mode: IoMode::Local,
            io: Io::OFF,
            measured: false,
            percent: 100,
            faulty: false,
            flash_erased: false,
        }
    }
}

impl Peripheral {
    /// Samples a second that it takes; `None` while it is off.
    pub fn rate_hz(&self) -> Option<f64> {
        self.config.accel().then(|| self.period.rate_hz())
    }

    /// Lights and buzzer that are on.
    pub fn shows(&self) -> Io {
        if self.mode == IoMode::Remote { self.io } else { Io::OFF }
    }

    /// The notification of a sample: zeros for axes that are off, and for the first one.
    pub fn sample(&mut self, movement: Movement) -> [u8; Movement::LEN] {
        let measured = core::mem::replace(&mut self.measured, true);
        let keep = |on: bool, numbers: [i16; 3]| if on && measured { numbers } else { [0; 3] };
        Movement {
            gyr: keep(self.config.gyro(), movement.gyr),
            acc: keep(self.config.accel(), movement.acc),
            mag: keep(self.config.mag(), movement.mag),
        }
        .encode()
    }

    /// What a read answers.
    pub fn read(&self, characteristic: Uuid) -> Option<Short> {
        let config = if self.faulty { Config::FAULT } else { self.config };
        Some(match characteristic {
            CONFIG => Short::of(&config.encode()),
            PERIOD => Short::of(&[self.period.0]),
            IO => Short::of(&self.io.encode()),
            IO_MODE => Short::of(&self.mode.encode()),
            BATTERY_LEVEL => Short::of(&[self.percent]),
            _ => return None,
        })
    }

    /// Takes what was written.
    pub fn write(&mut self, characteristic: Uuid, bytes: &[u8]) -> Result<(), AttError> {
        match characteristic {
            CONFIG => {
                self.config = Config::parse(bytes)?;
                self.measured = false;
            }
            PERIOD => self.period = Period::parse(bytes)?,
            IO => {
                let &[bits] = bytes else { return Err(AttError::LENGTH) };
                self.flash_erased |= bits & Io::ERASES_FLASH != 0;
                self.io = Io::of(bits);
            }
            IO_MODE => self.mode = IoMode::parse(bytes).ok_or(AttError::APPLICATION)?,
            _ => return Err(AttError::NOT_PERMITTED),
        }
        Ok(())
    }
}
