//! The bytes of Movella DOT (before: Xsens DOT) and what they mean.
//!
//! All numbers are little-endian. What a payload holds is told by the mode that was started, not by the bytes:
//! several modes have the same length. Each begins with the sensor's clock in µs and goes on with `f32`.

use super::{LONG, MEDIUM, SHORT};
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

/// The measurement's state, read or written: three bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// Always 1.
    pub kind: u8,
    /// It runs, or is to run.
    pub running: bool,
    /// The mode.
    pub mode: u8,
}

impl Measurement {
    /// Starts a mode.
    pub const fn start(mode: u8) -> Self {
        Self { kind: 1, running: true, mode }
    }
    /// Stops a mode: the same that was started.
    pub const fn stop(mode: u8) -> Self {
        Self { kind: 1, running: false, mode }
    }
    /// Reads the three bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        match *bytes {
            [kind, action @ (0 | 1), mode] => Ok(Self { kind, running: action == 1, mode }),
            [_, _, _] => Err(Refusal::Kind),
            _ => Err(Refusal::Length),
        }
    }
    /// The three bytes.
    pub const fn encode(self) -> [u8; 3] {
        [self.kind, self.running as u8, self.mode]
    }
}

/// The settings, read or written: 32 bytes. Only the parts that the visit bits name are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// Which parts are meant: [`Control::IDENTIFY`] and others.
    pub visit: u8,
    /// 1: blink.
    pub identify: u8,
    /// Power options; bit 0 written switches it off.
    pub power: u8,
    /// Minutes and seconds without a connection, then without measuring, until it saves power.
    pub power_saving: [[u8; 2]; 2],
    /// Length of the tag.
    pub tag_len: u8,
    /// The name that its owner gave.
    pub tag: [u8; 16],
    /// Samples a second.
    pub rate_hz: u16,
    /// 0 general, 1 dynamic.
    pub filter: u8,
    /// Not known.
    pub reserved: [u8; 5],
}

impl Control {
    /// Bytes of the settings.
    pub const LEN: usize = 32;
    /// Visit bit: [`Control::identify`].
    pub const IDENTIFY: u8 = 0x01;
    /// Visit bit: [`Control::power`].
    pub const POWER: u8 = 0x02;
    /// Visit bit: the tag.
    pub const TAG: u8 = 0x08;
    /// Visit bit: [`Control::rate_hz`]. Without it a written rate does nothing.
    pub const RATE: u8 = 0x10;

    /// Sets the rate.
    pub fn set_rate(rate_hz: u16) -> Self {
        Self { visit: Self::RATE, rate_hz, ..Self::default() }
    }
    /// Makes it blink.
    pub fn blink() -> Self {
        Self { visit: Self::IDENTIFY, identify: 1, ..Self::default() }
    }
    /// Switches it off.
    pub fn switch_off() -> Self {
        Self { visit: Self::POWER, power: 1, ..Self::default() }
    }

    /// Reads the 32 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().map_err(|_| Refusal::Length)?;
        let &[visit, identify, power, a, b, c, d, tag_len, ..] = bytes;
        let [.., low, high, filter, e, f, g, h, i] = *bytes;
        let mut tag = [0; 16];
        tag.copy_from_slice(&bytes[8..24]);
        let power_saving = [[a, b], [c, d]];
        let (rate_hz, reserved) = (u16::from_le_bytes([low, high]), [e, f, g, h, i]);
        Ok(Self { visit, identify, power, power_saving, tag_len, tag, rate_hz, filter, reserved })
    }

    /// The 32 bytes.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let [[a, b], [c, d]] = self.power_saving;
        bytes[..8].copy_from_slice(&[self.visit, self.identify, self.power, a, b, c, d, self.tag_len]);
        bytes[8..24].copy_from_slice(&self.tag);
        bytes[24..26].copy_from_slice(&self.rate_hz.to_le_bytes());
        bytes[26] = self.filter;
        bytes[27..].copy_from_slice(&self.reserved);
        bytes
    }
}

/// What the sensor reports by itself. Source: one program's table, `njanssen/node-movella-dot`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// A command worked.
    Success,
    /// It switches itself off.
    PowerOff,
    /// A command came too early: again in half a second.
    Busy,
    /// A command that cannot be done now.
    Illegal,
    /// It goes to sleep.
    PowerSaving,
    /// The button was pressed, at this time of its clock in ms where it tells.
    Button(Option<u32>),
}

impl Report {
    /// Reads a report; what follows its known bytes is left alone.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        match *bytes {
            [] => Err(Refusal::Length),
            [0, ..] => Ok(Self::Success),
            [1, ..] => Ok(Self::PowerOff),
            [2, ..] => Ok(Self::Busy),
            [3, ..] => Ok(Self::Illegal),
            [4, ..] => Ok(Self::PowerSaving),
            [5, _, a, b, c, d, ..] => Ok(Self::Button(Some(u32::from_le_bytes([a, b, c, d])))),
            [5, ..] => Ok(Self::Button(None)),
            _ => Err(Refusal::Kind),
        }
    }

    /// Its first byte.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::PowerOff => 1,
            Self::Busy => 2,
            Self::Illegal => 3,
            Self::PowerSaving => 4,
            Self::Button(_) => 5,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::PowerOff => "power_off",
            Self::Busy => "busy",
            Self::Illegal => "illegal_command",
            Self::PowerSaving => "power_saving",
            Self::Button(_) => "button",
        }
    }
}
