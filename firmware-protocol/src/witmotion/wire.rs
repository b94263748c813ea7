//! The bytes of WitMotion frames and commands, and what they mean. Finding frames in a stream is `stream`'s.
//!
//! All numbers are little-endian. From the sensor come `55 61` (motion, 20 bytes, with a calendar clock
//! 28) and `55 71` (eight registers, 20 bytes). To the sensor go five bytes: `FF AA register low high`.

use core::ops::Range;

/// The first byte of everything the sensor sends.
pub const HEADER: u8 = 0x55;
/// Second byte of a motion frame.
pub const MOTION: u8 = 0x61;
/// Second byte of an answer to a register read.
pub const REGISTERS: u8 = 0x71;
/// Length of a motion frame without clock, and of a register answer.
pub const FRAME_LEN: usize = 20;
/// The clock that a WT901SDCL-BT50 adds to a motion frame: year since 2000, month, day, hour, minute,
/// second (one byte each), millisecond (two bytes).
pub const CLOCK: Range<usize> = 20..28;
/// Length of a motion frame with clock.
pub const CLOCKED_LEN: usize = CLOCK.end;

const ACC: Range<usize> = 2..8; // i16 x, y, z; 16 g at 32768
const GYR: Range<usize> = 8..14; // i16 x, y, z; 2000 °/s at 32768
const ANGLE: Range<usize> = 14..20; // i16 roll, pitch, yaw; ANGLE_FULL_SCALE_DEG at 32768
const START: Range<usize> = 2..4; // u16 number of the first register
const VALUES: Range<usize> = 4..20; // eight registers of 16 bits

/// Acceleration at [`FULL_COUNT`], in g. Fixed in every one of the maker's programs.
pub const ACC_FULL_SCALE_G: f64 = 16.0;
/// Rotation rate at [`FULL_COUNT`], in °/s.
pub const GYR_FULL_SCALE_DPS: f64 = 2000.0;
/// Angle at [`FULL_COUNT`], in °.
pub const ANGLE_FULL_SCALE_DEG: f64 = 180.0;
/// The count that stands for full scale.
pub const FULL_COUNT: f64 = 32_768.0;

/// Register: save the settings (0) or go back to the maker's (1).
pub const SAVE: u8 = 0x00;
/// Register: calibration mode.
pub const CALIBRATION: u8 = 0x01;
/// Register: output rate, as a code of [`RATE_CODES`].
pub const RATE: u8 = 0x03;
/// Register: fusion of the on-board angles, 0 with magnetometer, 1 without.
pub const FUSION: u8 = 0x24;
/// Register that answers a read: its value is the first register wanted.
pub const READ: u8 = 0x27;
/// Register: temperature in 1/100 °C.
pub const TEMPERATURE: u8 = 0x40;
/// Register: the first of four with the quaternion w, x, y, z; 1 at [`FULL_COUNT`].
pub const QUATERNION: u8 = 0x51;
/// Register: battery voltage in 1/100 V.
pub const BATTERY: u8 = 0x64;
/// Register: unlocks the settings for about ten seconds when [`UNLOCK_KEY`] is written.
pub const UNLOCK: u8 = 0x69;
/// What opens [`UNLOCK`].
pub const UNLOCK_KEY: u16 = 0xb588;

/// Codes of [`RATE`] and the rates they stand for, in Hz. `0x0A` (125 Hz) is left out: the maker's header
/// says it exists on another model only.
pub const RATE_CODES: [(u8, f64); 10] = [
    (0x01, 0.2),
    (0x02, 0.5),
    (0x03, 1.0),
    (0x04, 2.0),
    (0x05, 5.0),
    (0x06, 10.0),
    (0x07, 20.0),
    (0x08, 50.0),
    (0x09, 100.0),
    (0x0b, 200.0),
];

/// The rates that make sense for movement, in Hz.
pub const SETTABLE_HZ: [f64; 5] = [10.0, 20.0, 50.0, 100.0, 200.0];

/// A motion frame: raw counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Motion {
    /// Acceleration x, y, z; [`ACC_FULL_SCALE_G`] at [`FULL_COUNT`].
    pub acc: [i16; 3],
    /// Rotation rate x, y, z; [`GYR_FULL_SCALE_DPS`] at [`FULL_COUNT`].
    pub gyr: [i16; 3],
    /// Roll, pitch, yaw as the sensor reckons them; 180° at [`FULL_COUNT`]. Not used by lumbard.
    pub angle: [i16; 3],
    /// The sensor's calendar clock, where it sends one.
    pub clock: Option<Clock>,
}

/// The calendar clock of a WT901SDCL-BT50. It drifts and may jump after a reconnect: for logs only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Years since 2000.
    pub year: u8,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999.
    pub millisecond: u16,
}

/// An answer to a register read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// The number of the first one.
    pub start: u16,
    /// Eight registers from there on.
    pub values: [i16; 8],
}

fn i16s<const N: usize>(bytes: &[u8]) -> Option<[i16; N]> {
    let mut numbers = [0; N];
    for (number, pair) in numbers.iter_mut().zip(bytes.chunks_exact(2)) {
        *number = i16::from_le_bytes([pair[0], pair[1]]);
    }
    (bytes.len() == 2 * N).then_some(numbers)
}

impl Clock {
    /// Reads the eight bytes of a clock; `None` if no calendar has such a moment.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let &[year, month, day, hour, minute, second, low, high] = bytes else { return None };
        let millisecond = u16::from_le_bytes([low, high]);
        let real = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60
            && millisecond < 1000
            && year < 100;
        real.then_some(Self { year, month, day, hour, minute, second, millisecond })
    }

    /// The eight bytes of this clock.
    pub const fn bytes(&self) -> [u8; 8] {
        let [low, high] = self.millisecond.to_le_bytes();
        [self.year, self.month, self.day, self.hour, self.minute, self.second, low, high]
    }
}

impl Motion {
    /// Reads one whole motion frame of 20 or 28 bytes; `None` if it is anything else.
    pub fn parse(frame: &[u8]) -> Option<Self> {
        if frame.get(..2) != Some(&[HEADER, MOTION]) {
            return None;
        }
        let clock = match frame.len() {
            FRAME_LEN => None,
            CLOCKED_LEN => Some(Clock::parse(&frame[CLOCK])?),
            _ => return None,
        };
        Some(Self { acc: i16s(&frame[ACC])?, gyr: i16s(&frame[GYR])?, angle: i16s(&frame[ANGLE])?, clock })
    }

    /// The 20 bytes that every model sends; the clock is left out.
    pub fn encode(&self) -> [u8; FRAME_LEN] {
        let mut frame = [0; FRAME_LEN];
        frame[..2].copy_from_slice(&[HEADER, MOTION]);
        for (range, numbers) in [(ACC, self.acc), (GYR, self.gyr), (ANGLE, self.angle)] {
            put(&mut frame[range], &numbers);
        }
        frame
    }

    /// The 28 bytes of a model with a clock.
    pub fn encode_clocked(&self, clock: &Clock) -> [u8; CLOCKED_LEN] {
        let mut frame = [0; CLOCKED_LEN];
        frame[..FRAME_LEN].copy_from_slice(&self.encode());
        frame[CLOCK].copy_from_slice(&clock.bytes());
        frame
    }
}

impl Registers {
    /// Reads one register answer; `None` if it is anything else.
    pub fn parse(frame: &[u8]) -> Option<Self> {
        if frame.len() != FRAME_LEN || frame[..2] != [HEADER, REGISTERS] {
            return None;
        }
        let [low, high] = [frame[START.start], frame[START.start + 1]];
        Some(Self { start: u16::from_le_bytes([low, high]), values: i16s(&frame[VALUES])? })
    }

    /// The 20 bytes of this answer.
    pub fn encode(&self) -> [u8; FRAME_LEN] {
        let mut frame = [0; FRAME_LEN];
        frame[..2].copy_from_slice(&[HEADER, REGISTERS]);
        frame[START].copy_from_slice(&self.start.to_le_bytes());
        put(&mut frame[VALUES], &self.values);
        frame
    }

    /// The value of a register, if this answer holds it.
    pub fn get(&self, register: u8) -> Option<i16> {
        let place = u16::from(register).checked_sub(self.start)?;
        self.values.get(usize::from(place)).copied()
    }
}

fn put(bytes: &mut [u8], numbers: &[i16]) {
    for (pair, number) in bytes.chunks_exact_mut(2).zip(numbers) {
        pair.copy_from_slice(&number.to_le_bytes());
    }
}

/// A command to the sensor: a register and its new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// The register.
    pub register: u8,
    /// What is written to it.
    pub value: u16,
}

impl Command {
    /// Opens the settings for about ten seconds.
    pub const UNLOCK: Self = Self { register: UNLOCK, value: UNLOCK_KEY };

    /// Asks for eight registers from this one on.
    pub const fn read(register: u8) -> Self {
        Self { register: READ, value: register as u16 }
    }

    /// Sets the output rate to a code of [`RATE_CODES`].
    pub const fn rate(code: u8) -> Self {
        Self { register: RATE, value: code as u16 }
    }

    /// The five bytes of the command.
    pub const fn encode(&self) -> [u8; 5] {
        let [low, high] = self.value.to_le_bytes();
        [0xff, 0xaa, self.register, low, high]
    }

    /// Reads a command; `None` if it is none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let &[0xff, 0xaa, register, low, high] = bytes else { return None };
        Some(Self { register, value: u16::from_le_bytes([low, high]) })
    }
}

/// The code of the slowest rate that is at least this fast, or of the fastest there is.
pub fn rate_code(rate_hz: f64) -> (u8, f64) {
    let [.., fastest] = RATE_CODES;
    RATE_CODES.into_iter().find(|&(_, hz)| SETTABLE_HZ.contains(&hz) && hz >= rate_hz).unwrap_or(fastest)
}

/// The charge for a battery voltage in 1/100 V, in percent.
///
/// Source: the steps of the maker's newest sample program.
pub fn percent(centivolts: i16) -> u8 {
    const STEPS: [(i16, u8); 11] = [
        (396, 100),
        (393, 90),
        (387, 75),
        (382, 60),
        (379, 50),
        (377, 40),
        (373, 30),
        (370, 20),
        (368, 15),
        (350, 10),
        (340, 5),
    ];
    STEPS.into_iter().find(|&(above, _)| centivolts > above).map_or(0, |(_, percent)| percent)
}
