//! The bytes of the open motion profile and what they mean. The sections are those of `SPEC.md`.

use crate::session::Refusal;
use core::ops::Range;

/// The version that this code speaks.
pub const VERSION: u8 = 1;
/// Ticks of the sensor's clock in one second.
pub const TICKS_PER_S: u32 = 32_768;
/// Bits of the clock in a packet.
pub const CLOCK_BITS: u32 = 24;
/// Bits of the counter in a packet.
pub const COUNTER_BITS: u32 = 16;
/// Most samples that one packet can hold.
pub const MOST_SAMPLES: usize = 15;
/// The longest packet: 15 six-axis samples.
pub const LONGEST_PACKET: usize = HEADER_LEN + MOST_SAMPLES * Form::SixAxes.sample_len() + 1;

const HEADER_LEN: usize = 7;
const FIRST_COUNTER: Range<usize> = 2..4;
const FIRST_CLOCK: Range<usize> = 4..7;
const CLIPPED: u8 = 1 << 4;

/// §5: CRC-8 with polynomial 0x2F, start 0xFF, final XOR 0xFF.
pub fn check(bytes: &[u8]) -> u8 {
    let mut crc = 0xff_u8;
    for byte in bytes {
        crc ^= byte;
        for _ in 0..8 {
            crc = if crc & 0x80 == 0 { crc << 1 } else { (crc << 1) ^ 0x2f };
        }
    }
    crc ^ 0xff
}

/// Splits the check off its bytes, if it fits.
fn checked(bytes: &[u8]) -> Result<&[u8], Refusal> {
    let (&last, body) = bytes.split_last().ok_or(Refusal::Length)?;
    if check(body) == last { Ok(body) } else { Err(Refusal::Checksum) }
}

/// §2: what a sensor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// It can vibrate.
    pub vibrates: bool,
    /// Its rate can be set.
    pub rate_settable: bool,
    /// It can show which one it is.
    pub identifies: bool,
    /// Acceleration at count 32768, in µg.
    pub acc_full_scale_ug: u32,
    /// Rotation rate at count 32768, in µ°/s; 0 without gyroscope.
    pub gyr_full_scale_udps: u32,
    /// Samples in 1000 s.
    pub rate_mhz: u32,
    /// Another one after each start.
    pub start_number: u16,
    /// Firmware version: major, minor, patch.
    pub firmware: [u8; 3],
}

impl Info {
    /// Bytes of info.
    pub const LEN: usize = 20;
    /// Rates outside of this are refused, in mHz.
    pub const RATES_MHZ: core::ops::RangeInclusive<u32> = 1_000..=1_000_000;
    const GYRO: u8 = 1;
    const VIBRATES: u8 = 2;
    const RATE_SETTABLE: u8 = 4;
    const IDENTIFIES: u8 = 8;

    /// It has a gyroscope.
    pub const fn has_gyro(&self) -> bool {
        self.gyr_full_scale_udps > 0
    }

    /// Reads info. Refused: another length, version or rate, a wrong check.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().map_err(|_| Refusal::Length)?;
        checked(bytes)?;
        let u32_at = |i: usize| u32::from_le_bytes([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
        let can = |what: u8| bytes[1] & what != 0;
        let info = Self {
            vibrates: can(Self::VIBRATES),
            rate_settable: can(Self::RATE_SETTABLE),
            identifies: can(Self::IDENTIFIES),
            acc_full_scale_ug: u32_at(2),
            gyr_full_scale_udps: if can(Self::GYRO) { u32_at(6) } else { 0 },
            rate_mhz: u32_at(10),
            start_number: u16::from_le_bytes([bytes[14], bytes[15]]),
            firmware: [bytes[16], bytes[17], bytes[18]],
        };
        let sound = bytes[0] == VERSION && info.acc_full_scale_ug > 0 && Self::RATES_MHZ.contains(&info.rate_mhz);
        if sound { Ok(info) } else { Err(Refusal::Kind) }
    }

    /// The 20 bytes of this info.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let bit = |on: bool, bit: u8| if on { bit } else { 0 };
        let mut bytes = [0; Self::LEN];
        bytes[0] = VERSION;
        bytes[1] = bit(self.has_gyro(), Self::GYRO)
            | bit(self.vibrates, Self::VIBRATES)
            | bit(self.rate_settable, Self::RATE_SETTABLE)
            | bit(self.identifies, Self::IDENTIFIES);
        bytes[2..6].copy_from_slice(&self.acc_full_scale_ug.to_le_bytes());
        bytes[6..10].copy_from_slice(&self.gyr_full_scale_udps.to_le_bytes());
        bytes[10..14].copy_from_slice(&self.rate_mhz.to_le_bytes());
        bytes[14..16].copy_from_slice(&self.start_number.to_le_bytes());
        bytes[16..19].copy_from_slice(&self.firmware);
        bytes[19] = check(&bytes[..19]);
        bytes
    }
}

/// The form of the samples in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Acceleration and rotation rate.
    SixAxes,
    /// Acceleration alone.
    Acceleration,
}

impl Form {
    /// Bytes of one sample.
    pub const fn sample_len(self) -> usize {
        match self {
            Self::SixAxes => 12,
            Self::Acceleration => 6,
        }
    }
}

/// One sample's counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Acceleration x, y, z.
    pub acc: [i16; 3],
    /// Rotation rate x, y, z; zeros in [`Form::Acceleration`].
    pub gyr: [i16; 3],
}

/// §3: what stands before the samples of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The form of the samples.
    pub form: Form,
    /// A number in this packet stands at the end of its range.
    pub clipped: bool,
    /// The start number modulo 8.
    pub start: u8,
    /// Counter of the first sample.
    pub counter: u16,
    /// Clock at the first sample, 24 bits.
    pub clock: u32,
}

/// A whole packet, checked; its samples are read as they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// What stands before the samples.
    pub header: Header,
    samples: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a packet. Refused: a length that count and form do not give, an unknown version or form, no
    /// samples, a wrong check.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        if bytes.len() <= HEADER_LEN {
            return Err(Refusal::Length);
        }
        let form = match bytes[0] {
            byte if byte >> 4 != VERSION => return Err(Refusal::Kind),
            byte if byte & 0x0f == 0 => Form::SixAxes,
            byte if byte & 0x0f == 1 => Form::Acceleration,
            _ => return Err(Refusal::Kind),
        };
        let count = usize::from(bytes[1] & 0x0f);
        if count == 0 {
            return Err(Refusal::Kind);
        }
        if bytes.len() != HEADER_LEN + count * form.sample_len() + 1 {
            return Err(Refusal::Length);
        }
        let body = checked(bytes)?;
        let [c0, c1] = [body[FIRST_COUNTER.start], body[FIRST_COUNTER.start + 1]];
        let [t0, t1, t2] = [body[FIRST_CLOCK.start], body[FIRST_CLOCK.start + 1], body[FIRST_CLOCK.start + 2]];
        let header = Header {
            form,
            clipped: bytes[1] & CLIPPED != 0,
            start: bytes[1] >> 5,
            counter: u16::from_le_bytes([c0, c1]),
            clock: u32::from_le_bytes([t0, t1, t2, 0]),
        };
        Ok(Self { header, samples: &body[HEADER_LEN..] })
    }

    /// The samples, oldest first.
    pub fn samples(&self) -> impl Iterator<Item = Counted> + use<'a> {
        let form = self.header.form;
        self.samples.chunks_exact(form.sample_len()).map(move |bytes| {
            let at = |i: usize| i16::from_le_bytes([bytes[2 * i], bytes[2 * i + 1]]);
            let gyr = if form == Form::SixAxes { [at(3), at(4), at(5)] } else { [0; 3] };
            Counted { acc: [at(0), at(1), at(2)], gyr }
        })
    }
}

/// Writes a packet into `into` and gives its length; `None` without samples, with more than 15, or with
/// more than `into` can hold.
pub fn encode_packet(header: &Header, samples: &[Counted], into: &mut [u8]) -> Option<usize> {
    let sample_len = header.form.sample_len();
    let end = HEADER_LEN + samples.len() * sample_len;
    if samples.is_empty() || samples.len() > MOST_SAMPLES || into.len() <= end {
        return None;
    }
    into[0] = VERSION << 4 | u8::from(header.form == Form::Acceleration);
    // At most 15, checked above.
    into[1] = samples.len() as u8 | if header.clipped { CLIPPED } else { 0 } | header.start << 5;
    into[FIRST_COUNTER].copy_from_slice(&header.counter.to_le_bytes());
    into[FIRST_CLOCK].copy_from_slice(&header.clock.to_le_bytes()[..3]);
    for (bytes, sample) in into[HEADER_LEN..end].chunks_exact_mut(sample_len).zip(samples) {
        let numbers = sample.acc.iter().chain(&sample.gyr);
        for (pair, number) in bytes.chunks_exact_mut(2).zip(numbers) {
            pair.copy_from_slice(&number.to_le_bytes());
        }
    }
    into[end] = check(&into[..end]);
    Some(end + 1)
}

/// §4: what the host asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Vibrate.
    Vibrate {
        /// How long each buzz lasts, in units of 10 ms.
        on: u8,
        /// How long the pauses between last, in units of 10 ms.
        off: u8,
        /// How many, at most 10; 0 stops.
        times: u8,
        /// 1 to 100 %.
        strength: u8,
    },
    /// Set the rate, in mHz.
    Rate(u32),
    /// Show which sensor this is for 1 to 10 seconds.
    Identify(u8),
}

/// §4: why a sensor does not do what the host asks, as an ATT error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum AttError {
    /// A command it does not know, or of a wrong length.
    Unknown = 0x80,
    /// A command it cannot do.
    Unable = 0x81,
    /// A wrong check.
    Check = 0x82,
    /// A value out of range.
    Range = 0x83,
}

/// The bytes of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandBytes {
    bytes: [u8; 6],
    len: usize,
}

impl CommandBytes {
    /// As they go out.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

const VIBRATE: u8 = VERSION << 4 | 1;
const RATE: u8 = VERSION << 4 | 2;
const IDENTIFY: u8 = VERSION << 4 | 3;
/// Longest vibration for one command, in units of 10 ms.
const LONGEST_VIBRATION: u32 = 500;

impl Command {
    /// The bytes of this command, check included.
    pub fn encode(&self) -> CommandBytes {
        let mut bytes = [0; 6];
        let end = match *self {
            Self::Vibrate { on, off, times, strength } => {
                bytes[..5].copy_from_slice(&[VIBRATE, on, off, times, strength]);
                5
            }
            Self::Rate(mhz) => {
                bytes[0] = RATE;
                bytes[1..5].copy_from_slice(&mhz.to_le_bytes());
                5
            }
            Self::Identify(seconds) => {
                bytes[..2].copy_from_slice(&[IDENTIFY, seconds]);
                2
            }
        };
        bytes[end] = check(&bytes[..end]);
        CommandBytes { bytes, len: end + 1 }
    }

    /// Reads a command as a sensor does.
    pub fn parse(bytes: &[u8]) -> Result<Self, AttError> {
        let body = match checked(bytes) {
            Ok(body) => body,
            Err(Refusal::Checksum) => return Err(AttError::Check),
            Err(_) => return Err(AttError::Unknown),
        };
        match *body {
            [VIBRATE, on, off, times, strength] => {
                let lasting = (u32::from(on) + u32::from(off)) * u32::from(times);
                let sound = times <= 10 && (1..=100).contains(&strength) && lasting <= LONGEST_VIBRATION;
                if sound || times == 0 { Ok(Self::Vibrate { on, off, times, strength }) } else { Err(AttError::Range) }
            }
            [RATE, a, b, c, d] => {
                let mhz = u32::from_le_bytes([a, b, c, d]);
                if Info::RATES_MHZ.contains(&mhz) { Ok(Self::Rate(mhz)) } else { Err(AttError::Range) }
            }
            [IDENTIFY, seconds] => {
                if (1..=10).contains(&seconds) {
                    Ok(Self::Identify(seconds))
                } else {
                    Err(AttError::Range)
                }
            }
            _ => Err(AttError::Unknown),
        }
    }
}
