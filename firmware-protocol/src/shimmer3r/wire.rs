//! The bytes of a Shimmer3R, and what they mean. Finding samples in a stream is `stream`'s.

use crate::att::{Short, u16_of};
use crate::session::Refusal;

/// Ticks of its clock in one second; also what a rate is divided from.
pub const TICKS_PER_S: f64 = 32_768.0;
/// Bits of the clock in a sample.
pub const CLOCK_BITS: u32 = 24;
/// A command was taken.
pub const ACK: u8 = 0xff;
/// A command was refused.
pub const NACK: u8 = 0xfe;
/// First byte of an inquiry's reply.
pub const INQUIRY: u8 = 0x02;
/// First byte of a battery's reply: two bytes of converter and one of status follow.
pub const BATTERY: u8 = 0x94;
/// First byte of a sample.
pub const DATA: u8 = 0x00;
/// Bytes of a sample before its channels: [`DATA`] and the clock.
pub const HEAD: usize = 4;
/// Most channels of a sample that are taken. The sensor has fewer.
pub const MOST_CHANNELS: usize = 24;
/// The longest sample.
pub const LONGEST: usize = HEAD + 2 * MOST_CHANNELS;

/// Sensors: acceleration with low noise.
pub const LOW_NOISE: u32 = 0x80;
/// Sensors: rotation rate.
pub const GYRO: u32 = 0x40;

/// Channel ids of acceleration with low noise.
pub const ACC: [u8; 3] = [0x00, 0x01, 0x02];
/// Channel ids of the accelerometer with the wide range.
pub const WIDE: [u8; 3] = [0x04, 0x05, 0x06];
/// Channel ids of the magnetic field.
pub const MAG: [u8; 3] = [0x07, 0x08, 0x09];
/// Channel ids of rotation rate.
pub const GYR: [u8; 3] = [0x0a, 0x0b, 0x0c];

/// Ranges of acceleration in g, with the counts in 1 m/s² that the maker takes without a calibration.
pub const ACC_RANGES: [(f64, f64); 4] = [(2.0, 1672.0), (4.0, 836.0), (8.0, 418.0), (16.0, 209.0)];
/// Ranges of rotation in °/s, with the counts in 1 °/s.
pub const GYR_RANGES: [(f64, f64); 6] =
    [(125.0, 229.0), (250.0, 114.0), (500.0, 57.0), (1000.0, 29.0), (2000.0, 14.0), (4000.0, 7.0)];
/// 1 g in m/s².
pub const STANDARD_GRAVITY: f64 = 9.80665;

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// What it measures, and how.
    Inquiry,
    /// The rate: [`TICKS_PER_S`] divided by this.
    Rate(u16),
    /// Which sensors measure: a mask of 24 bits.
    Sensors(u32),
    /// Begin to stream.
    Start,
    /// End it.
    Stop,
    /// Begin to stream and to record on the card.
    StartBoth,
    /// End both.
    StopBoth,
    /// State of the battery.
    Battery,
    /// All calibrations.
    Calibration,
}

impl Command {
    /// The bytes of this command.
    pub fn encode(&self) -> Short {
        match *self {
            Self::Inquiry => Short::of(&[0x01]),
            Self::Rate(divider) => {
                let [low, high] = divider.to_le_bytes();
                Short::of(&[0x05, low, high])
            }
            Self::Sensors(mask) => {
                let [a, b, c, _] = mask.to_le_bytes();
                Short::of(&[0x08, a, b, c])
            }
            Self::Start => Short::of(&[0x07]),
            Self::Stop => Short::of(&[0x20]),
            Self::StartBoth => Short::of(&[0x70]),
            Self::StopBoth => Short::of(&[0x97]),
            Self::Battery => Short::of(&[0x95]),
            Self::Calibration => Short::of(&[0x2c]),
        }
    }

    /// Reads a command; `None` if it is none that is known.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        Some(match *bytes {
            [0x01] => Self::Inquiry,
            [0x05, low, high] => Self::Rate(u16::from_le_bytes([low, high])),
            [0x08, a, b, c] => Self::Sensors(u32::from_le_bytes([a, b, c, 0])),
            [0x07] => Self::Start,
            [0x20] => Self::Stop,
            [0x70] => Self::StartBoth,
            [0x97] => Self::StopBoth,
            [0x95] => Self::Battery,
            [0x2c] => Self::Calibration,
            _ => return None,
        })
    }

    /// In a word.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::Rate(_) => "rate",
            Self::Sensors(_) => "sensors",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::StartBoth => "start with card",
            Self::StopBoth => "stop with card",
            Self::Battery => "battery",
            Self::Calibration => "calibration",
        }
    }
}

/// The divider for a rate: the next one that is at least as fast.
pub fn divider(rate_hz: f64) -> u16 {
    // A float becomes the nearest whole number that there is, and its part behind the point is cut off.
    ((TICKS_PER_S / rate_hz) as u16).max(1)
}

/// The channels of a sample, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels {
    ids: [u8; MOST_CHANNELS],
    len: usize,
}

impl Channels {
    /// These ones. Refused: none, too many, and ids of which the length is not known.
    pub fn of(ids: &[u8]) -> Result<Self, Refusal> {
        let known = |id: &u8| [ACC, WIDE, MAG, GYR].as_flattened().contains(id);
        let mut channels = Self { ids: [0; MOST_CHANNELS], len: ids.len() };
        let place = channels.ids.get_mut(..ids.len()).filter(|place| !place.is_empty()).ok_or(Refusal::Length)?;
        place.copy_from_slice(ids);
        if ids.iter().all(known) { Ok(channels) } else { Err(Refusal::Kind) }
    }

    /// Acceleration and rotation, as a session asks for them.
    pub fn six_axes() -> Self {
        let [[a, b, c], [d, e, f]] = [ACC, GYR];
        let mut ids = [0; MOST_CHANNELS];
        ids[..6].copy_from_slice(&[a, b, c, d, e, f]);
        Self { ids, len: 6 }
    }

    /// Their ids.
    pub fn ids(&self) -> &[u8] {
        &self.ids[..self.len]
    }

    /// Bytes of a sample.
    pub const fn frame_len(&self) -> usize {
        HEAD + 2 * self.len
    }

    /// Three channels of a whole sample; `None` if it does not have them all.
    pub fn read(&self, frame: &[u8], wanted: [u8; 3]) -> Option<[i16; 3]> {
        let mut numbers = [0; 3];
        for (number, id) in numbers.iter_mut().zip(wanted) {
            let place = HEAD + 2 * self.ids().iter().position(|&known| known == id)?;
            *number = u16_of(frame.get(place..place + 2)?).cast_signed();
        }
        Some(numbers)
    }
}

/// The clock of a whole sample.
pub fn stamp(frame: &[u8]) -> u32 {
    if let [_, a, b, c, ..] = *frame { u32::from_le_bytes([a, b, c, 0]) } else { 0 }
}

/// What an inquiry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// The rate is [`TICKS_PER_S`] divided by this.
    pub divider: u16,
    /// Settings, as they were sent.
    pub config: [u8; 7],
    /// Its buffer.
    pub buffer_size: u8,
    /// What a sample holds.
    pub channels: Channels,
}

impl Inquiry {
    const FIXED: usize = 12;

    /// Reads a reply from its first byte on; `None` while its rest is still to come.
    pub fn parse(bytes: &[u8]) -> Option<Result<Self, Refusal>> {
        let (fixed, ids) = bytes.split_at_checked(Self::FIXED)?;
        let &[kind, low, high, ref config @ .., count, buffer_size] = fixed else { return None };
        if kind != INQUIRY {
            return Some(Err(Refusal::Kind));
        }
        let config = config.try_into().ok()?;
        let divider = u16::from_le_bytes([low, high]);
        if divider == 0 || usize::from(count) > MOST_CHANNELS {
            return Some(Err(Refusal::Value));
        }
        let channels = Channels::of(ids.get(..usize::from(count))?);
        Some(channels.map(|channels| Self { divider, config, buffer_size, channels }))
    }

    /// Bytes of the reply.
    pub const fn reply_len(&self) -> usize {
        Self::FIXED + self.channels.len
    }

    /// Writes the reply into `into`, and gives its length; `None` if it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let into = into.get_mut(..self.reply_len())?;
        into[0] = INQUIRY;
        into[1..3].copy_from_slice(&self.divider.to_le_bytes());
        into[3..10].copy_from_slice(&self.config);
        // At most MOST_CHANNELS.
        into[10..12].copy_from_slice(&[self.channels.len as u8, self.buffer_size]);
        into[12..].copy_from_slice(self.channels.ids());
        Some(into.len())
    }

    /// Samples a second.
    pub fn rate_hz(&self) -> f64 {
        TICKS_PER_S / f64::from(self.divider)
    }

    fn bits(&self, from: usize, count: usize) -> usize {
        let [a, b, c, d, e, f, g] = self.config;
        let all = u64::from_le_bytes([a, b, c, d, e, f, g, 0]);
        // Two bits at most are asked for.
        (all >> from) as usize & ((1 << count) - 1)
    }

    /// The range of acceleration, and its counts in 1 m/s².
    pub fn acc_range(&self) -> (f64, f64) {
        ACC_RANGES[self.bits(30, 2)]
    }

    /// The range of rotation, and its counts in 1 °/s; `None` if there is no such range.
    pub fn gyr_range(&self) -> Option<(f64, f64)> {
        GYR_RANGES.get(self.bits(16, 2) | self.bits(34, 1) << 2).copied()
    }
}

/// Writes a sample of these numbers, in the order of the channels, and gives its length; `None` if it does not
/// fit.
pub fn encode_frame(stamp: u32, numbers: &[i16], into: &mut [u8]) -> Option<usize> {
    let into = into.get_mut(..HEAD + 2 * numbers.len())?;
    let [a, b, c, _] = stamp.to_le_bytes();
    into[..HEAD].copy_from_slice(&[DATA, a, b, c]);
    crate::att::put_i16s(&mut into[HEAD..], numbers);
    Some(into.len())
}
