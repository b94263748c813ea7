//! What a Movella DOT is told and what it tells beside payloads: settings, start and stop, charge, reports.

use crate::bytes::Written;
use crate::session::Refusal;

/// The charge: two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// 0 to 100 %.
    pub percent: u8,
    /// It is charged now.
    pub charging: bool,
}

impl Charge {
    /// Reads the two bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let &[percent, charging] = bytes else { return Err(Refusal::Length) };
        Ok(Self { percent, charging: charging == 1 })
    }
    /// The two bytes.
    pub const fn encode(self) -> [u8; 2] {
        [self.percent, self.charging as u8]
    }
}

/// What is done to the heading: two bytes. Never sent by lumbard, which needs no heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// Where it looks now is zero.
    Reset,
    /// As it was before.
    Revert,
}

impl Heading {
    /// Reads the two bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        match bytes {
            [1, 0] => Ok(Self::Reset),
            [7, 0] => Ok(Self::Revert),
            [_, _] => Err(Refusal::Kind),
            _ => Err(Refusal::Length),
        }
    }
    /// The two bytes.
    pub const fn encode(self) -> [u8; 2] {
        match self {
            Self::Reset => [1, 0],
            Self::Revert => [7, 0],
        }
    }
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

    /// The bytes of this report.
    pub fn encode(self) -> Written {
        match self {
            Self::Button(Some(ms)) => Written::of(&[&[self.code(), 0], &ms.to_le_bytes()]),
            _ => Written::of(&[&[self.code()]]),
        }
    }

    const fn code(self) -> u8 {
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
