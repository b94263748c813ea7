//! Commands to the control point, its answers, and the settings in both. Data frames are `frame`'s.
//!
//! All numbers are little-endian. A command is an operation and a kind of measurement; starting one adds
//! settings, each as type, count, values. An answer repeats operation and kind after `F0`; what the sensor
//! says of its own accord begins with something else.

use crate::bytes::Written;
use crate::session::Refusal;

/// First byte of an answer to a command.
pub const ANSWER: u8 = 0xf0;
/// First byte of what a read of the control point gives.
pub const FEATURES: u8 = 0x0f;
/// First byte when the sensor itself stopped streams; their kinds follow.
pub const STOPPED: u8 = 0x01;
/// Bits of a byte that hold a kind; the others tell recordings on board.
pub const KIND_MASK: u8 = 0x3f;

/// A kind of measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(pub u8);

impl Kind {
    /// Acceleration.
    pub const ACC: Self = Self(2);
    /// Rotation rate.
    pub const GYRO: Self = Self(5);
    /// Not measured but switched: the mode in which every rate and range is offered.
    pub const SDK_MODE: Self = Self(9);

    /// Its name in the maker's sources, if it is known.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "ECG",
            1 => "PPG",
            2 => "ACC",
            3 => "PPI",
            5 => "GYRO",
            6 => "MAG",
            7 => "SKIN_TEMPERATURE",
            9 => "SDK_MODE",
            13 => "OFFLINE_RECORDING",
            _ => return None,
        })
    }
}

/// Operation: which settings there are.
pub const SETTINGS: u8 = 1;
/// Operation: start.
pub const START: u8 = 2;
/// Operation: stop. (The `01` that public scripts stop with is a question for settings.)
pub const STOP: u8 = 3;
/// Operation: which settings there are in SDK mode.
pub const SDK_SETTINGS: u8 = 4;
/// Operation: what is running.
pub const STATUS: u8 = 5;
/// Operation: whether SDK mode is on.
pub const SDK_STATUS: u8 = 6;

/// The name of an operation in the maker's sources.
pub const fn operation(op: u8) -> Option<&'static str> {
    Some(match op {
        SETTINGS => "GET_MEASUREMENT_SETTINGS",
        START => "START",
        STOP => "STOP",
        SDK_SETTINGS => "GET_SDK_MODE_SETTINGS",
        STATUS => "GET_MEASUREMENT_STATUS",
        SDK_STATUS => "GET_SDK_MODE_STATUS",
        _ => return None,
    })
}

/// Setting: samples a second.
pub const RATE: u8 = 0;
/// Setting: bits of a sample.
pub const RESOLUTION: u8 = 1;
/// Setting: range, in g or °/s.
pub const RANGE: u8 = 2;
/// Setting: channels.
pub const CHANNELS: u8 = 4;
/// Setting, in answers only: what one count stands for.
pub const FACTOR: u8 = 5;

/// Bytes of one value of a setting.
const fn value_len(setting: u8) -> Option<usize> {
    Some(match setting {
        RATE | RESOLUTION | RANGE => 2,
        3 | FACTOR => 4,
        CHANNELS => 1,
        6 => 16,
        _ => return None,
    })
}

/// What a stream is started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Samples a second.
    pub rate_hz: u16,
    /// Bits of a sample.
    pub resolution: u16,
    /// Range, in g or °/s.
    pub range: u16,
    /// Channels, where the sensor offers them as a setting.
    pub channels: Option<u8>,
}

/// What the host asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Which settings a kind has; with `true` in SDK mode.
    Settings(Kind, bool),
    /// Start a kind.
    Start(Kind, Option<Choice>),
    /// Stop a kind.
    Stop(Kind),
    /// What is running.
    Status,
    /// Whether SDK mode is on.
    SdkStatus,
}

impl Command {
    /// The bytes of this command.
    pub fn encode(&self) -> Written {
        match *self {
            Self::Settings(kind, sdk) => Written::of(&[&[if sdk { SDK_SETTINGS } else { SETTINGS }, kind.0]]),
            Self::Stop(kind) => Written::of(&[&[STOP, kind.0]]),
            Self::Status => Written::of(&[&[STATUS]]),
            Self::SdkStatus => Written::of(&[&[SDK_STATUS]]),
            Self::Start(kind, None) => Written::of(&[&[START, kind.0]]),
            Self::Start(kind, Some(Choice { rate_hz, resolution, range, channels })) => {
                let [rate, resolution, range] = [rate_hz, resolution, range].map(u16::to_le_bytes);
                let channels = channels.map(|channels| [CHANNELS, 1, channels]);
                Written::of(&[
                    &[START, kind.0, RATE, 1],
                    &rate,
                    &[RESOLUTION, 1],
                    &resolution,
                    &[RANGE, 1],
                    &range,
                    channels.as_ref().map_or(&[][..], |channels| channels),
                ])
            }
        }
    }

    /// Reads a command as a sensor does; `None` if it is none of these.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (&op, rest) = bytes.split_first()?;
        match (op, rest) {
            (SETTINGS, &[kind]) => Some(Self::Settings(Kind(kind), false)),
            (SDK_SETTINGS, &[kind]) => Some(Self::Settings(Kind(kind), true)),
            (STOP, &[kind]) => Some(Self::Stop(Kind(kind))),
            (STATUS, []) => Some(Self::Status),
            (SDK_STATUS, []) => Some(Self::SdkStatus),
            (START, &[kind]) => Some(Self::Start(Kind(kind), None)),
            (START, [kind, settings @ ..]) => {
                let first = |wanted| Settings(settings).values(wanted).next();
                let choice = Choice {
                    rate_hz: first(RATE)?,
                    resolution: first(RESOLUTION)?,
                    range: first(RANGE)?,
                    channels: first(CHANNELS).and_then(|n| u8::try_from(n).ok()),
                };
                Settings(settings).whole().then_some(Self::Start(Kind(*kind), Some(choice)))
            }
            _ => None,
        }
    }
}

/// A list of settings, each with its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings<'a>(pub &'a [u8]);

impl<'a> Iterator for Settings<'a> {
    /// Type of a setting, and the bytes of its values.
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let &[setting, count, ref rest @ ..] = self.0 else { return None };
        let (values, rest) = rest.split_at_checked(value_len(setting)? * usize::from(count))?;
        self.0 = rest;
        Some((setting, values))
    }
}

impl<'a> Settings<'a> {
    /// Every byte belongs to a setting.
    pub fn whole(mut self) -> bool {
        while self.next().is_some() {}
        self.0.is_empty()
    }

    /// The values of one setting that has numbers of up to 16 bits.
    pub fn values(self, wanted: u8) -> impl Iterator<Item = u16> + Clone + 'a {
        let len = value_len(wanted).unwrap_or(2).min(2);
        let bytes = self.bytes_of(wanted);
        bytes.chunks_exact(len).map(|value| u16::from_le_bytes([value[0], value.get(1).copied().unwrap_or(0)]))
    }

    /// What one count stands for, where it is told.
    pub fn factor(self) -> Option<f32> {
        let bytes = self.bytes_of(FACTOR);
        Some(f32::from_le_bytes(bytes.get(..4)?.try_into().ok()?)).filter(|factor| factor.is_finite() && *factor > 0.0)
    }

    fn bytes_of(mut self, wanted: u8) -> &'a [u8] {
        self.find(|&(setting, _)| setting == wanted).map_or(&[], |(_, values)| values)
    }
}

/// How a command went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u8);

impl Status {
    /// It is done.
    pub const SUCCESS: Self = Self(0);
    /// It is running already.
    pub const ALREADY: Self = Self(6);
    /// Notifications of this MTU cannot hold its frames.
    pub const MTU: Self = Self(10);
    /// Not in the mode it is in.
    pub const STATE: Self = Self(12);
    /// Not while it is being charged.
    pub const CHARGER: Self = Self(13);

    /// The sensor has no such measurement.
    pub const fn never(self) -> bool {
        matches!(self.0, 1..=3)
    }

    /// Its name in the maker's sources.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "SUCCESS",
            1 => "INVALID_OP_CODE",
            2 => "INVALID_MEASUREMENT_TYPE",
            3 => "NOT_SUPPORTED",
            4 => "INVALID_LENGTH",
            5 => "INVALID_PARAMETER",
            6 => "ALREADY_IN_STATE",
            7 => "INVALID_RESOLUTION",
            8 => "INVALID_SAMPLE_RATE",
            9 => "INVALID_RANGE",
            10 => "INVALID_MTU",
            11 => "INVALID_NUMBER_OF_CHANNELS",
            12 => "INVALID_STATE",
            13 => "DEVICE_IN_CHARGER",
            14 => "DISK_FULL",
            _ => return None,
        })
    }
}

/// An answer to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The operation that it answers.
    pub op: u8,
    /// The kind that it answers for.
    pub kind: Kind,
    /// How it went.
    pub status: Status,
    /// More parameters come in another answer.
    pub more: bool,
    /// Mostly [`Settings`].
    pub parameters: &'a [u8],
}

impl<'a> Answer<'a> {
    /// Reads an answer.
    ///
    /// # Errors
    /// If it is too short, or no answer.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        match bytes {
            &[ANSWER, op, kind, status, ref rest @ ..] => {
                let (more, parameters) = rest.split_first().map_or((0, rest), |(&more, rest)| (more, rest));
                Ok(Self { op, kind: Kind(kind), status: Status(status), more: more != 0, parameters })
            }
            [ANSWER, ..] | [] => Err(Refusal::Length),
            _ => Err(Refusal::Kind),
        }
    }

    /// Writes the answer into `into` and gives its length; `None` if there is no room.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let len = 5 + self.parameters.len();
        let (head, parameters) = into.get_mut(..len)?.split_at_mut(5);
        head.copy_from_slice(&[ANSWER, self.op, self.kind.0, self.status.0, u8::from(self.more)]);
        parameters.copy_from_slice(self.parameters);
        Some(len)
    }
}

/// What a sensor can measure: what a read of the control point gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features(pub u16);

impl Features {
    /// Reads them.
    ///
    /// # Errors
    /// If it is too short, or something else.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        match *bytes {
            // Not everything may begin alike, but answers and what the sensor says of its own do not.
            [ANSWER | STOPPED, ..] => Err(Refusal::Kind),
            [_, low, high, ..] => Ok(Self(u16::from_le_bytes([low, high]))),
            _ => Err(Refusal::Length),
        }
    }

    /// The bytes of a read.
    pub const fn encode(self) -> [u8; 3] {
        let [low, high] = self.0.to_le_bytes();
        [FEATURES, low, high]
    }

    /// It has this kind.
    pub const fn has(self, kind: Kind) -> bool {
        kind.0 < 16 && self.0 & (1 << kind.0) != 0
    }
}
