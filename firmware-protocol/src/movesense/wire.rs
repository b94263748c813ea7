//! The bytes of GSP, the Movesense protocol over plain GATT, and what they mean.
//!
//! All numbers are little-endian. To the sensor goes a command code, a reference byte chosen by the host, and
//! what the command needs. From it come a response code, the same reference, and an answer or data. Data of a
//! measurement has a timestamp and then whole blocks: all acceleration, then all rotation. It does not tell
//! how many samples it holds: that follows from its length, and the length from the rate.

use crate::bytes::Written;
use crate::session::Refusal;
use core::ops::Range;

/// Response code: the answer to a command.
pub const ANSWER: u8 = 1;
/// Response code: data of a subscription.
pub const DATA: u8 = 2;
/// Response code: the rest of data that was too long for one notification.
pub const DATA_PART2: u8 = 3;
/// Bytes before the payload: response code and reference.
pub const HEADER_LEN: usize = 2;
/// The longest payload known: IMU9 at 208 Hz.
pub const LONGEST_PAYLOAD: usize = VECTORS + 16 * 3 * VECTOR_LEN;
/// The longest notification of a real sensor.
pub const LONGEST_NOTIFICATION: usize = 158;
/// Blocks of the six-axis stream: acceleration and rotation.
pub const BLOCKS: usize = 2;
/// The path of the battery's charge.
pub const BATTERY_PATH: &str = "/System/Energy/Level";

const TIMESTAMP: Range<usize> = 0..4; // u32, ms since the sensor's start, at the first sample; wraps after 49.7 d
const VECTORS: usize = 4; // f32 x, y, z each
const VECTOR_LEN: usize = 12;

/// What the host asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Who are you? The answer has no status.
    Hello,
    /// Send what this path measures, under the reference.
    Subscribe(&'a str),
    /// Stop sending it.
    Unsubscribe,
    /// Send a log with this number.
    FetchLog(u32),
    /// Tell the value of a path.
    Get(&'a str),
    /// Destroy all logs. Never sent by lumbard.
    ClearLogbook,
    /// Log these paths, each ended by a zero.
    LoggerPaths(&'a [u8]),
    /// Change the mode: [`Command::REBOOT`] and others.
    SystemMode(u8),
    /// The time, in µs since 1970.
    UtcTime(u64),
    /// Stop (2) or start (3) logging.
    LoggerState(u8),
}

/// A command with its reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Comes back with everything that belongs to the command.
    pub reference: u8,
    /// What is asked.
    pub command: Command<'a>,
}

impl Command<'_> {
    /// The mode that starts the sensor anew.
    pub const REBOOT: u8 = 5;
    /// Stops logging.
    pub const STOP_LOGGING: u8 = 2;
}

impl<'a> Request<'a> {
    /// The bytes of this command.
    pub fn encode(&self) -> Written {
        let head = |code: u8| [code, self.reference];
        match self.command {
            Command::Hello => Written::of(&[&head(0)]),
            Command::Subscribe(path) => Written::of(&[&head(1), path.as_bytes(), &[0]]),
            Command::Unsubscribe => Written::of(&[&head(2)]),
            Command::FetchLog(id) => Written::of(&[&head(3), &id.to_le_bytes()]),
            Command::Get(path) => Written::of(&[&head(4), path.as_bytes(), &[0]]),
            Command::ClearLogbook => Written::of(&[&head(5)]),
            Command::LoggerPaths(paths) => Written::of(&[&head(6), paths]),
            Command::SystemMode(mode) => Written::of(&[&head(7), &[mode]]),
            Command::UtcTime(us) => Written::of(&[&head(8), &us.to_le_bytes()]),
            Command::LoggerState(state) => Written::of(&[&head(9), &[state]]),
        }
    }

    /// Reads a command as a sensor does. The zero after a path may be absent: some programs leave it out.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let (&[code, reference], rest) = bytes.split_first_chunk().ok_or(Refusal::Length)?;
        let path = || {
            let path = core::str::from_utf8(rest.strip_suffix(&[0]).unwrap_or(rest)).map_err(|_| Refusal::Kind)?;
            if path.starts_with('/') { Ok(path) } else { Err(Refusal::Kind) }
        };
        let command = match (code, rest) {
            (0, []) => Command::Hello,
            (1, _) => Command::Subscribe(path()?),
            (2, []) => Command::Unsubscribe,
            (3, rest) => Command::FetchLog(u32::from_le_bytes(rest.try_into().map_err(|_| Refusal::Length)?)),
            (4, _) => Command::Get(path()?),
            (5, []) => Command::ClearLogbook,
            (6, rest) => Command::LoggerPaths(rest),
            (7, &[mode]) => Command::SystemMode(mode),
            (8, rest) => Command::UtcTime(u64::from_le_bytes(rest.try_into().map_err(|_| Refusal::Length)?)),
            (9, &[state]) => Command::LoggerState(state),
            (0..=9, _) => return Err(Refusal::Length),
            _ => return Err(Refusal::Kind),
        };
        Ok(Self { reference, command })
    }
}

/// What the sensor sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// [`ANSWER`], [`DATA`] or [`DATA_PART2`].
    pub code: u8,
    /// That of the command it belongs to.
    pub reference: u8,
    /// The rest.
    pub body: &'a [u8],
}

impl<'a> Response<'a> {
    /// Reads a notification.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let (&[code, reference], body) = bytes.split_first_chunk().ok_or(Refusal::Length)?;
        if matches!(code, ANSWER | DATA | DATA_PART2) { Ok(Self { code, reference, body }) } else { Err(Refusal::Kind) }
    }

    /// The bytes of this notification.
    pub fn encode(&self) -> Written {
        Written::of(&[&[self.code, self.reference], self.body])
    }
}

/// How a command went, in numbers like those of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// 200 to 202 is good.
    pub code: u16,
    /// Sent with the high byte first, as the maker's early sample does for 507.
    pub big_endian: bool,
}

impl Status {
    const SOUND: Range<u16> = 100..600;

    /// Reads the status of an answer, and gives what comes after it.
    pub fn parse(body: &[u8]) -> Result<(Self, &[u8]), Refusal> {
        let (&bytes, rest) = body.split_first_chunk().ok_or(Refusal::Length)?;
        let both = [(u16::from_le_bytes(bytes), false), (u16::from_be_bytes(bytes), true)];
        let sound = both.into_iter().find(|(code, _)| Self::SOUND.contains(code));
        sound.map(|(code, big_endian)| (Self { code, big_endian }, rest)).ok_or(Refusal::Kind)
    }

    /// The two bytes of this status.
    pub const fn encode(self) -> [u8; 2] {
        if self.big_endian { self.code.to_be_bytes() } else { self.code.to_le_bytes() }
    }
}

/// Who the sensor says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hello<'a> {
    /// The maker's early sample program, which says nothing more.
    Early,
    /// Everyone else.
    Known {
        /// Of the protocol: 1.
        version: u8,
        /// Serial number.
        serial: &'a str,
        /// Product name.
        product: &'a str,
        /// Address in firmware-update mode.
        dfu_mac: &'a str,
        /// Name of the program in it.
        app_name: &'a str,
        /// Version of the program in it.
        app_version: &'a str,
    },
}

impl<'a> Hello<'a> {
    const EARLY: &'static [u8] = b"Hello";
    /// The version of the protocol that this code speaks.
    pub const VERSION: u8 = 1;

    /// Reads the answer to [`Command::Hello`]: a version and five texts that end with a zero each.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        if body == Self::EARLY {
            return Some(Self::Early);
        }
        let (&version, texts) = body.split_first()?;
        let mut texts = texts.strip_suffix(&[0])?.split(|&byte| byte == 0).map(core::str::from_utf8);
        let mut next = || texts.next()?.ok();
        let hello = Self::Known {
            version,
            serial: next()?,
            product: next()?,
            dfu_mac: next()?,
            app_name: next()?,
            app_version: next()?,
        };
        texts.next().is_none().then_some(hello)
    }

    /// The body of the answer.
    pub fn encode(&self) -> Written {
        match *self {
            Self::Early => Written::of(&[Self::EARLY]),
            Self::Known { version, serial, product, dfu_mac, app_name, app_version } => {
                let z: &[u8] = &[0];
                let [s, p, d, n, v] = [serial, product, dfu_mac, app_name, app_version].map(str::as_bytes);
                Written::of(&[&[version], s, z, p, z, d, z, n, z, v, z])
            }
        }
    }
}

/// A rate of the six-axis stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Samples a second.
    pub hz: u16,
    /// Samples in one payload. Captured at 52 Hz (and 13 Hz, of another stream); hard-coded at 104 Hz in the
    /// common Python program; 26 and 208 Hz follow the same 13 payloads a second, unconfirmed.
    pub samples: usize,
    /// What is subscribed to.
    pub path: &'static str,
}

/// The rates of the six-axis stream.
pub const RATES: [Rate; 5] = [
    Rate { hz: 13, samples: 1, path: "/Meas/IMU6/13" },
    Rate { hz: 26, samples: 2, path: "/Meas/IMU6/26" },
    Rate { hz: 52, samples: 4, path: "/Meas/IMU6/52" },
    Rate { hz: 104, samples: 8, path: "/Meas/IMU6/104" },
    Rate { hz: 208, samples: 16, path: "/Meas/IMU6/208" },
];

/// Samples in one payload at a rate, if it is known.
pub fn samples_at(hz: u16) -> Option<usize> {
    RATES.iter().find(|rate| rate.hz == hz).map(|rate| rate.samples)
}

/// The length of a payload with so many blocks of so many samples.
pub const fn payload_len(blocks: usize, samples: usize) -> usize {
    VECTORS + blocks * samples * VECTOR_LEN
}

/// How many samples a payload of this length can hold.
pub const fn samples_in(blocks: usize, len: usize) -> usize {
    len.saturating_sub(VECTORS) / (blocks * VECTOR_LEN)
}

/// The payload of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Milliseconds since the sensor's start, at the first sample; wraps after 49.7 days.
    pub timestamp_ms: u32,
    samples: usize,
    vectors: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a payload of this many blocks (acceleration, rotation, magnetic field). Refused: a length that
    /// gives no whole number of samples.
    pub fn parse(payload: &'a [u8], blocks: usize) -> Result<Self, Refusal> {
        let (&time, vectors) = payload.split_first_chunk().ok_or(Refusal::Length)?;
        let samples = samples_in(blocks, payload.len());
        if samples == 0 || vectors.len() != samples * blocks * VECTOR_LEN {
            return Err(Refusal::Length);
        }
        Ok(Self { timestamp_ms: u32::from_le_bytes(time), samples, vectors })
    }

    /// How many samples it holds.
    pub const fn samples(&self) -> usize {
        self.samples
    }

    /// Sample `i` of a block: x, y, z. Zeros beyond the end.
    pub fn vector(&self, block: usize, i: usize) -> [f32; 3] {
        let at = (block * self.samples + i) * VECTOR_LEN;
        let mut vector = [0.0; 3];
        if let Some(bytes) = self.vectors.get(at..at + VECTOR_LEN) {
            for (number, bytes) in vector.iter_mut().zip(bytes.as_chunks().0) {
                *number = f32::from_le_bytes(*bytes);
            }
        }
        vector
    }

    /// All numbers in it.
    pub fn numbers(&self) -> impl Iterator<Item = f32> + use<'a> {
        self.vectors.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
    }
}

/// Writes the payload of a measurement into `into`, block after block, and gives its length; `None` without
/// samples, with blocks of different lengths, or with more than `into` can hold.
pub fn encode_packet(timestamp_ms: u32, blocks: &[&[[f32; 3]]], into: &mut [u8]) -> Option<usize> {
    let samples = blocks.first()?.len();
    let len = payload_len(blocks.len(), samples);
    if samples == 0 || blocks.iter().any(|block| block.len() != samples) {
        return None;
    }
    let into = into.get_mut(..len)?;
    into[TIMESTAMP].copy_from_slice(&timestamp_ms.to_le_bytes());
    let numbers = blocks.iter().copied().flatten().flatten();
    for (bytes, number) in into[VECTORS..].as_chunks_mut().0.iter_mut().zip(numbers) {
        *bytes = number.to_le_bytes();
    }
    Some(len)
}
