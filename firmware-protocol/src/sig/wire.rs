//! The bytes of the SIG's battery, device information and immediate alert services, and what they mean.

use crate::att::{Short, u16_of};
use crate::session::Refusal;

/// Reads a battery level in percent. Refused: more than one byte, and values above 100, which are reserved.
pub fn level(bytes: &[u8]) -> Result<u8, Refusal> {
    match *bytes {
        [percent @ 0..=100] => Ok(percent),
        [_] => Err(Refusal::Value),
        _ => Err(Refusal::Length),
    }
}

/// Battery level status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelStatus {
    /// Which of the optional values there are: bit 0 identifier, bit 1 level, bit 2 additional status.
    pub flags: u8,
    /// Bits of the SIG's power state: battery present, external power, charging and so on.
    pub power_state: u16,
    /// Which battery.
    pub identifier: Option<u16>,
    /// Its level in percent.
    pub level: Option<u8>,
    /// Additional status.
    pub additional: Option<u8>,
}

impl LevelStatus {
    const IDENTIFIER: u8 = 1;
    const LEVEL: u8 = 2;
    const ADDITIONAL: u8 = 4;

    /// Reads a status. Refused: another length than the flags give, a reserved flag or level.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let (&flags, rest) = bytes.split_first().ok_or(Refusal::Length)?;
        let (state, mut rest) = rest.split_at_checked(2).ok_or(Refusal::Length)?;
        let mut take = |flag: u8, len: usize| -> Result<Option<&[u8]>, Refusal> {
            if flags & flag == 0 {
                return Ok(None);
            }
            let (value, after) = rest.split_at_checked(len).ok_or(Refusal::Length)?;
            rest = after;
            Ok(Some(value))
        };
        let identifier = take(Self::IDENTIFIER, 2)?.map(u16_of);
        let percent = take(Self::LEVEL, 1)?.map(level).transpose()?;
        let additional = take(Self::ADDITIONAL, 1)?.map(|byte| byte[0]);
        match () {
            () if flags & !(Self::IDENTIFIER | Self::LEVEL | Self::ADDITIONAL) != 0 => Err(Refusal::Kind),
            () if !rest.is_empty() => Err(Refusal::Length),
            () => Ok(Self { flags, power_state: u16_of(state), identifier, level: percent, additional }),
        }
    }

    /// The bytes of this status; the flags follow from what there is.
    pub fn encode(&self) -> Short {
        let [low, high] = self.power_state.to_le_bytes();
        let [id_low, id_high] = self.identifier.unwrap_or_default().to_le_bytes();
        let (mut bytes, mut len) = ([0, low, high, 0, 0, 0, 0], 3);
        let mut put = |flag: u8, value: &[u8]| {
            bytes[0] |= flag;
            bytes[len..len + value.len()].copy_from_slice(value);
            len += value.len();
        };
        if self.identifier.is_some() {
            put(Self::IDENTIFIER, &[id_low, id_high]);
        }
        if let Some(level) = self.level {
            put(Self::LEVEL, &[level]);
        }
        if let Some(additional) = self.additional {
            put(Self::ADDITIONAL, &[additional]);
        }
        Short::of(&bytes[..len])
    }
}

/// How loud an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertLevel {
    /// No alert; it ends one. Some watches buzz at it all the same.
    None,
    /// Mild.
    Mild,
    /// High.
    High,
}

impl AlertLevel {
    /// Reads a level. Refused: more than one byte, and reserved values.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        match *bytes {
            [0] => Ok(Self::None),
            [1] => Ok(Self::Mild),
            [2] => Ok(Self::High),
            [_] => Err(Refusal::Value),
            _ => Err(Refusal::Length),
        }
    }

    /// The byte of this level.
    pub const fn encode(self) -> [u8; 1] {
        [match self {
            Self::None => 0,
            Self::Mild => 1,
            Self::High => 2,
        }]
    }

    /// In a word.
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Mild => "mild",
            Self::High => "high",
        }
    }
}

/// Reads a text of the device information service. No terminator is required, but some sensors add one.
pub fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    core::str::from_utf8(&bytes[..end]).map_err(|_| Refusal::Kind)
}
