//! The bytes of Movella DOT (before: Xsens DOT) and what they mean.
//!
//! All numbers are little-endian. What a payload holds is told by the mode that was started, not by the bytes:
//! several modes have the same length. Each begins with the sensor's clock in µs and goes on with `f32`.

use super::{LONG, MEDIUM, SHORT};
use crate::bytes::Written;
use crate::session::{Refusal, Uuid};
use core::ops::Range;

/// The rates it streams at, in Hz. It records on board at 120 Hz too.
pub const RATES_HZ: [f64; 8] = [1.0, 4.0, 10.0, 12.0, 15.0, 20.0, 30.0, 60.0];
/// Mode: acceleration and rotation, 28 bytes. The one that lumbard starts.
pub const RATE_QUANTITIES: u8 = 21;

/// A part of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// w, x, y, z.
    Quaternion,
    /// Roll, pitch, yaw in °.
    Euler,
    /// Acceleration without gravity in the earth frame, in m/s².
    FreeAcceleration,
    /// Acceleration with gravity, in m/s².
    Acceleration,
    /// Rotation rate in °/s.
    Rotation,
    /// Magnetic field: i16, 1/4096 of an arbitrary unit of about 40 µT.
    Magnetic,
    /// Change of orientation since the last payload: w, x, y, z.
    DeltaQuaternion,
    /// Change of velocity since the last payload, in m/s.
    DeltaVelocity,
    /// Status bits, u16.
    Status,
    /// Times the accelerometer was at its end, u8.
    ClippedAcceleration,
    /// Times the gyroscope was at its end, u8.
    ClippedRotation,
}

impl Field {
    /// Numbers in it.
    pub const fn numbers(self) -> usize {
        match self {
            Self::Quaternion | Self::DeltaQuaternion => 4,
            Self::Status | Self::ClippedAcceleration | Self::ClippedRotation => 1,
            _ => 3,
        }
    }

    /// Bytes of each number.
    pub const fn width(self) -> usize {
        match self {
            Self::Magnetic | Self::Status => 2,
            Self::ClippedAcceleration | Self::ClippedRotation => 1,
            _ => 4,
        }
    }

    const fn len(self) -> usize {
        self.numbers() * self.width()
    }
}

/// What a mode sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Its number.
    pub mode: u8,
    /// The characteristic that carries it.
    pub characteristic: Uuid,
    /// What comes after the clock, in order; empty where only the maker's decoder knows.
    pub fields: &'static [Field],
}

/// The modes. Where lengths are the same, the likelier one comes first.
pub const MODES: [Mode; 17] = {
    use Field::{Acceleration as Acc, Euler, FreeAcceleration as Free, Magnetic as Mag, Quaternion as Quat};
    use Field::{ClippedAcceleration, ClippedRotation, DeltaQuaternion, DeltaVelocity, Rotation as Gyr, Status};
    const fn mode(mode: u8, characteristic: Uuid, fields: &'static [Field]) -> Mode {
        Mode { mode, characteristic, fields }
    }
    [
        mode(RATE_QUANTITIES, MEDIUM, &[Acc, Gyr]),
        mode(20, MEDIUM, &[Acc, Gyr, Mag]),
        mode(26, LONG, &[Quat, Acc, Gyr]),
        mode(6, SHORT, &[Free]),
        mode(4, SHORT, &[Euler]),
        mode(5, SHORT, &[Quat]),
        mode(3, MEDIUM, &[Quat, Free]),
        mode(2, MEDIUM, &[Quat, Free, Status, ClippedAcceleration, ClippedRotation]),
        mode(16, MEDIUM, &[Euler, Free]),
        mode(7, MEDIUM, &[Euler, Free, Status, ClippedAcceleration, ClippedRotation]),
        mode(18, MEDIUM, &[DeltaQuaternion, DeltaVelocity, Mag]),
        mode(19, MEDIUM, &[DeltaQuaternion, DeltaVelocity]),
        mode(22, MEDIUM, &[Euler, Free, Gyr]),
        mode(23, MEDIUM, &[Euler, Free, Mag]),
        mode(24, MEDIUM, &[Quat, Gyr]),
        mode(25, LONG, &[]),
        mode(17, MEDIUM, &[]),
    ]
};

/// The magnetic count that means one unit.
const MAGNETIC_FULL_COUNT: f64 = 4096.0;
const TIME: usize = 4; // u32, µs since power-on; wraps after 71.6 min
/// Short payloads are padded with zeros to 20 bytes; longer ones may be, to what their characteristic can carry.
const PADDED: [(Uuid, usize); 3] = [(SHORT, 20), (MEDIUM, 40), (LONG, 63)];

impl Mode {
    /// The mode with this number.
    pub fn of(mode: u8) -> Option<Self> {
        MODES.into_iter().find(|known| known.mode == mode)
    }

    /// Bytes of a payload, without padding.
    pub fn len(&self) -> usize {
        TIME + self.fields.iter().map(|field| field.len()).sum::<usize>()
    }

    /// Nothing is known of what it holds.
    pub const fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Where a field stands.
    pub fn range(&self, wanted: Field) -> Option<Range<usize>> {
        let place = self.fields.iter().position(|&field| field == wanted)?;
        let start = TIME + self.fields[..place].iter().map(|field| field.len()).sum::<usize>();
        Some(start..start + wanted.len())
    }
}

/// A payload whose mode is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload<'a> {
    /// What it holds.
    pub mode: Mode,
    bytes: &'a [u8],
    padding: usize,
}

impl<'a> Payload<'a> {
    /// Reads a payload of a mode. Refused: too few bytes, or more than zeros after what the mode sends.
    pub fn parse(mode: Mode, bytes: &'a [u8]) -> Result<Self, Refusal> {
        let (bytes, padding) = bytes.split_at_checked(mode.len()).ok_or(Refusal::Length)?;
        let longest = PADDED.iter().find(|(of, _)| *of == mode.characteristic).map_or(0, |(_, longest)| *longest);
        let sound =
            mode.is_empty() || (padding.iter().all(|&byte| byte == 0) && bytes.len() + padding.len() <= longest);
        if sound || padding.is_empty() {
            Ok(Self { mode, bytes, padding: padding.len() })
        } else {
            Err(Refusal::Length)
        }
    }

    /// The sensor's clock in µs; wraps after 71.6 minutes.
    pub fn time_us(&self) -> u32 {
        self.bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    /// Zeros after it.
    pub const fn padding(&self) -> usize {
        self.padding
    }

    /// The bytes of a field, if the mode has it.
    pub fn field(&self, field: Field) -> Option<&'a [u8]> {
        self.bytes.get(self.mode.range(field)?)
    }

    /// Number `i` of a field in the field's unit, if the mode has it.
    pub fn number(&self, field: Field, i: usize) -> Option<f64> {
        let bytes = self.field(field)?.chunks_exact(field.width()).nth(i)?;
        match (field, bytes) {
            (Field::Magnetic, &[a, b]) => Some(f64::from(i16::from_le_bytes([a, b])) / MAGNETIC_FULL_COUNT),
            (_, &[a]) => Some(f64::from(a)),
            (_, &[a, b]) => Some(f64::from(u16::from_le_bytes([a, b]))),
            (_, &[a, b, c, d]) => Some(f64::from(f32::from_le_bytes([a, b, c, d]))),
            _ => None,
        }
    }

    /// A field of floats, if the mode has it with so many.
    pub fn floats<const N: usize>(&self, field: Field) -> Option<[f32; N]> {
        let bytes = self.field(field).filter(|bytes| bytes.len() == 4 * N)?;
        let mut floats = [0.0; N];
        for (float, bytes) in floats.iter_mut().zip(bytes.as_chunks().0) {
            *float = f32::from_le_bytes(*bytes);
        }
        Some(floats)
    }
}

/// Bytes of a payload of [`RATE_QUANTITIES`].
pub const RATE_QUANTITIES_LEN: usize = 28;

/// A payload of [`RATE_QUANTITIES`]: acceleration in m/s², rotation in °/s.
pub fn encode_rate_quantities(time_us: u32, acc: [f32; 3], gyr: [f32; 3]) -> [u8; RATE_QUANTITIES_LEN] {
    let mut bytes = [0; RATE_QUANTITIES_LEN];
    bytes[..TIME].copy_from_slice(&time_us.to_le_bytes());
    for (bytes, number) in bytes[TIME..].as_chunks_mut().0.iter_mut().zip(acc.iter().chain(&gyr)) {
        *bytes = number.to_le_bytes();
    }
    bytes
}

/// The payload of any mode: each number of each field in the field's unit, then so many zeros.
pub fn encode_payload(
    mode: Mode,
    time_us: u32,
    padding: usize,
    number: &mut dyn FnMut(Field, usize) -> f64,
) -> Written {
    let mut written = Written::of(&[&time_us.to_le_bytes()]);
    for &field in mode.fields {
        for i in 0..field.numbers() {
            let value = number(field, i);
            // Floats become the nearest number that their width has.
            match (field, field.width()) {
                (Field::Magnetic, _) => written.push(&((value * MAGNETIC_FULL_COUNT) as i16).to_le_bytes()),
                (_, 1) => written.push(&[value as u8]),
                (_, 2) => written.push(&(value as u16).to_le_bytes()),
                _ => written.push(&(value as f32).to_le_bytes()),
            }
        }
    }
    (0..padding).for_each(|_| written.push(&[0]));
    written
}
