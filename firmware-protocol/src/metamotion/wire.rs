//! What a board sends, and the two motion chips. Commands are `command`'s.
//!
//! All numbers are little-endian. Everything begins with module and register; an answer to a read has bit 7 of
//! the register set, and bit 6 if the read was a silent one. Nothing is longer than 20 bytes.

use crate::session::Refusal;

/// The longest message either way.
pub const LONGEST: usize = 20;
/// Bits of a register that tell a read apart.
const READ: u8 = 0x80;
const REGISTER: u8 = 0x3f;

/// Modules of a board.
pub mod module {
    /// Light.
    pub const LED: u8 = 0x02;
    /// Accelerometer.
    pub const ACC: u8 = 0x03;
    /// Vibration motor or buzzer.
    pub const HAPTIC: u8 = 0x08;
    /// Programs on the board.
    pub const PROCESSOR: u8 = 0x09;
    /// Commands that the board gives itself.
    pub const EVENT: u8 = 0x0a;
    /// Recordings on the board.
    pub const LOGGING: u8 = 0x0b;
    /// Link and battery.
    pub const SETTINGS: u8 = 0x11;
    /// Gyroscope.
    pub const GYRO: u8 = 0x13;
    /// Ambient light: tells a MetaMotionR from an RL.
    pub const LIGHT: u8 = 0x14;
    /// Reset.
    pub const DEBUG: u8 = 0xfe;
}

/// The motion chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chip {
    /// MetaMotionR, RL and C.
    Bmi160,
    /// MetaMotionS.
    Bmi270,
}

impl Chip {
    /// By what the accelerometer module says of itself.
    pub const fn of_acc(implementation: u8) -> Option<Self> {
        match implementation {
            1 => Some(Self::Bmi160),
            4 => Some(Self::Bmi270),
            _ => None,
        }
    }

    /// What accelerometer and gyroscope modules say of themselves.
    pub const fn implementations(self) -> (u8, u8) {
        match self {
            Self::Bmi160 => (1, 0),
            Self::Bmi270 => (4, 1),
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bmi160 => "BMI160",
            Self::Bmi270 => "BMI270",
        }
    }

    /// Code of each range, rising with it.
    const fn acc_codes(self) -> [u8; 4] {
        match self {
            Self::Bmi160 => [0x03, 0x05, 0x08, 0x0c],
            Self::Bmi270 => [0x00, 0x01, 0x02, 0x03],
        }
    }

    /// The code of a range of acceleration, in g.
    pub fn acc_code(self, range_g: u8) -> Option<u8> {
        ACC_RANGES_G.into_iter().zip(self.acc_codes()).find(|&(g, _)| g == range_g).map(|(_, code)| code)
    }

    /// The range of acceleration that a code stands for, in g.
    pub fn acc_range_g(self, code: u8) -> Option<u8> {
        ACC_RANGES_G.into_iter().zip(self.acc_codes()).find(|&(_, known)| known == code).map(|(g, _)| g)
    }

    /// The register of single rotation rates; on the other chip the same number may mean packed ones.
    pub const fn gyr_register(self) -> u8 {
        match self {
            Self::Bmi160 => 0x05,
            Self::Bmi270 => 0x04,
        }
    }

    /// The register of packed accelerations.
    pub const fn acc_packed(self) -> u8 {
        match self {
            Self::Bmi160 => 0x1c,
            Self::Bmi270 => 0x05,
        }
    }

    /// The register of packed rotation rates.
    pub const fn gyr_packed(self) -> u8 {
        match self {
            Self::Bmi160 => 0x07,
            Self::Bmi270 => 0x05,
        }
    }
}

/// The register of single accelerations.
pub const ACC_REGISTER: u8 = 0x04;
/// Ranges of acceleration, in g.
pub const ACC_RANGES_G: [u8; 4] = [2, 4, 8, 16];
/// The count that stands for the range of acceleration.
pub const ACC_FULL_COUNT: f64 = 32_768.0;
/// Ranges of rotation rate by their code, in °/s.
pub const GYR_RANGES_DPS: [u16; 5] = [2000, 1000, 500, 250, 125];
/// The count that stands for the range of rotation rate: 16.4 counts per °/s at 2000.
pub const GYR_FULL_COUNT: f64 = 32_800.0;
/// Rates that both sensors have and one packet a sample can carry, in Hz. Source: the maker plans unpacked
/// streams up to 100 Hz.
pub const RATES_HZ: [f64; 3] = [25.0, 50.0, 100.0];
/// One tick of the board's clock, in ms.
pub const TICK_MS: f64 = 48.0 / 32.768;

/// The rate that a code stands for, in Hz: each step doubles it. Codes of the accelerometer are 1 to 12, those
/// of the gyroscope 6 to 13.
pub fn rate_hz(code: u8) -> f64 {
    0.390_625 * f64::from(1_u16 << code.min(15))
}

/// The code of the slowest of [`RATES_HZ`] that is at least this fast, or of the fastest.
pub fn rate_code(wanted_hz: f64) -> u8 {
    let [first, .., last] = [6_u8, 7, 8];
    (first..=last).find(|&code| rate_hz(code) >= wanted_hz).unwrap_or(last)
}

/// Up to three samples of three axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axes {
    samples: [[i16; 3]; 3],
    len: usize,
}

impl Axes {
    /// Of one to three samples; of more, the first three.
    pub fn of(from: &[[i16; 3]]) -> Self {
        let mut axes = Self { samples: [[0; 3]; 3], len: from.len().min(3) };
        axes.samples.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        axes
    }

    fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if !matches!(bytes.len(), 6 | 12 | 18) {
            return Err(Refusal::Length);
        }
        let mut axes = Self { samples: [[0; 3]; 3], len: bytes.len() / 6 };
        for (number, pair) in axes.samples.iter_mut().flatten().zip(bytes.chunks_exact(2)) {
            *number = i16::from_le_bytes([pair[0], pair[1]]);
        }
        Ok(axes)
    }

    /// Oldest first.
    pub fn samples(&self) -> &[[i16; 3]] {
        &self.samples[..self.len]
    }
}

/// What a board says of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info<'a> {
    /// Which of several makes it is.
    pub implementation: u8,
    /// How new it is.
    pub revision: u8,
    /// More, by module.
    pub extra: &'a [u8],
}

/// One message of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// What a module is; nothing if the board has none such.
    Module(u8, Option<Info<'a>>),
    /// The charge.
    Battery {
        /// 0 to 100 %.
        percent: u8,
        /// The voltage, in mV.
        millivolts: u16,
    },
    /// The board's own address, last byte first, and its type.
    Address(u8, [u8; 6]),
    /// A processor was created, with this number.
    Created(u8),
    /// Accelerations, from this register.
    Acc(u8, Axes),
    /// Rotation rates, from this register.
    Gyr(u8, Axes),
    /// A processor's result: its number, what it counted, one or two samples of three axes.
    Processed(u8, u32, Axes),
}

const MODULE_INFO: u8 = 0x00;
const BATTERY: u8 = 0x0c;
const ADDRESS: u8 = 0x0b;
const CREATE: u8 = 0x02;
const RESULT: u8 = 0x03;

impl<'a> Message<'a> {
    /// Reads a message.
    ///
    /// # Errors
    /// If module and register are none that are known here, or the length does not fit.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let &[module, register, ref rest @ ..] = bytes else { return Err(Refusal::Length) };
        if bytes.len() > LONGEST {
            return Err(Refusal::Length);
        }
        let (read, register) = (register & READ != 0, register & REGISTER);
        match (module, register, rest) {
            (_, MODULE_INFO, []) if read => Ok(Self::Module(module, None)),
            (_, MODULE_INFO, &[implementation, revision, ref extra @ ..]) if read => {
                Ok(Self::Module(module, Some(Info { implementation, revision, extra })))
            }
            (module::SETTINGS, BATTERY, &[percent, low, high]) if read => {
                Ok(Self::Battery { percent, millivolts: u16::from_le_bytes([low, high]) })
            }
            (module::SETTINGS, ADDRESS, &[kind, a, b, c, d, e, f]) if read => {
                Ok(Self::Address(kind, [a, b, c, d, e, f]))
            }
            (_, MODULE_INFO, _) | (module::SETTINGS, BATTERY | ADDRESS, _) if read => Err(Refusal::Length),
            _ if read => Err(Refusal::Kind),
            (module::PROCESSOR, CREATE, &[id]) => Ok(Self::Created(id)),
            (module::PROCESSOR, RESULT, &[id, a, b, c, d, ref axes @ ..]) if axes.len() <= 12 => {
                Ok(Self::Processed(id, u32::from_le_bytes([a, b, c, d]), Axes::parse(axes)?))
            }
            (module::PROCESSOR, CREATE | RESULT, _) => Err(Refusal::Length),
            (module::ACC, ACC_REGISTER, axes) if axes.len() != 6 => Err(Refusal::Length),
            (module::ACC, ACC_REGISTER | 0x05 | 0x1c, axes) => Ok(Self::Acc(register, Axes::parse(axes)?)),
            (module::GYRO, 0x04, axes) if axes.len() != 6 => Err(Refusal::Length),
            (module::GYRO, 0x04 | 0x05 | 0x07, axes) => Ok(Self::Gyr(register, Axes::parse(axes)?)),
            _ => Err(Refusal::Kind),
        }
    }

    /// Writes the message into `into` and gives its length.
    pub fn encode(&self, into: &mut [u8; LONGEST]) -> usize {
        let mut len = 0;
        let mut put = |bytes: &[u8]| {
            let end = (len + bytes.len()).min(LONGEST);
            into[len..end].copy_from_slice(&bytes[..end - len]);
            len = end;
        };
        let numbers = |axes: &Axes, put: &mut dyn FnMut(&[u8])| {
            axes.samples().iter().flatten().for_each(|number| put(&number.to_le_bytes()));
        };
        match self {
            Self::Module(module, info) => {
                put(&[*module, READ | MODULE_INFO]);
                if let Some(info) = info {
                    put(&[info.implementation, info.revision]);
                    put(info.extra);
                }
            }
            Self::Battery { percent, millivolts } => {
                put(&[module::SETTINGS, READ | BATTERY, *percent]);
                put(&millivolts.to_le_bytes());
            }
            Self::Address(kind, address) => {
                put(&[module::SETTINGS, READ | ADDRESS, *kind]);
                put(address);
            }
            Self::Created(id) => put(&[module::PROCESSOR, CREATE, *id]),
            Self::Acc(register, axes) => {
                put(&[module::ACC, *register]);
                numbers(axes, &mut put);
            }
            Self::Gyr(register, axes) => {
                put(&[module::GYRO, *register]);
                numbers(axes, &mut put);
            }
            Self::Processed(id, counted, axes) => {
                put(&[module::PROCESSOR, RESULT, *id]);
                put(&counted.to_le_bytes());
                numbers(axes, &mut put);
            }
        }
        len
    }
}
