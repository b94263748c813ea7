//! What a BlueST node says of itself in the manufacturer data of its advertisement.
//!
//! Its two short forms begin with version and device where a company should stand, so that Linux shows them
//! under a company of their own: a SensorTile.box as company 0x0601.

use super::wire;
use crate::att::Short;

/// The company of ST in the longer forms.
pub const COMPANY: u16 = 0x0030;

/// A node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Version of the protocol: 1 or 2.
    pub version: u8,
    /// What it is, with the bit for sleep.
    pub device: u8,
    /// Its features; version 2 does not tell.
    pub mask: Option<u32>,
    /// Its address, highest byte first, where it is told.
    pub address: Option<[u8; 6]>,
}

impl Node {
    /// Reads whole manufacturer data, company included; `None` if it is none of a node.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (company, with_company) = bytes.split_first_chunk::<2>()?;
        let (version_2, rest) = match *with_company {
            [version @ (1 | 2), ref rest @ ..] if u16::from_le_bytes(*company) == COMPANY => (version == 2, rest),
            _ if bytes[0] == 1 && matches!(bytes.len(), 6 | 12) => (false, &bytes[1..]),
            _ => return None,
        };
        let (&device, rest) = rest.split_first()?;
        let (mask, address) = rest.split_first_chunk::<4>()?;
        let mask = u32::from_be_bytes(*mask);
        let address = match address {
            [] => None,
            address => Some(address.try_into().ok()?),
        };
        let node = Self { version: 1 + u8::from(version_2), device, mask: (!version_2).then_some(mask), address };
        // Any company that ends in 01 may look like the short forms.
        (u16::from_le_bytes(*company) == COMPANY || node.kind().is_some()).then_some(node)
    }

    /// The same, as Linux hands it over: the company, and what comes after it.
    pub fn of(company: u16, value: &[u8]) -> Option<Self> {
        let mut bytes = [0; 16];
        let end = 2 + value.len();
        bytes[..2].copy_from_slice(&company.to_le_bytes());
        bytes.get_mut(2..end)?.copy_from_slice(value);
        Self::parse(&bytes[..end])
    }

    /// The manufacturer data of version 1, without a company, as the older packs send it.
    pub fn encode(&self) -> Short {
        let [a, b, c, d] = self.mask.unwrap_or_default().to_be_bytes();
        let head = [1, self.device, a, b, c, d];
        let [e, f, g, h, i, j] = self.address.unwrap_or_default();
        let whole = [1, self.device, a, b, c, d, e, f, g, h, i, j];
        if self.address.is_some() { Short::of(&whole) } else { Short::of(&head) }
    }

    /// It may have what a session needs: acceleration is among its features, or it does not tell them.
    pub fn moves(&self) -> bool {
        self.mask.is_none_or(|mask| mask & wire::ACC != 0)
    }

    /// It sleeps.
    pub const fn sleeps(&self) -> bool {
        self.device & 0xc0 == 0x40
    }

    /// What it is, if it is known.
    pub const fn kind(&self) -> Option<&'static str> {
        Some(match self.device & if self.sleeps() { 0x3f } else { 0xff } {
            0x01 => "WESU1",
            0x02 => "SensorTile",
            0x03 => "BlueCoin",
            0x04 | 0x05 => "BlueNRG or BlueTile",
            0x06 => "SensorTile.box",
            0x07 => "IoT node",
            0x0d => "SensorTile.box PRO",
            0x80.. => "Nucleo",
            _ => return None,
        })
    }
}
