//! The bytes of BlueST features, and what they mean.

use crate::att::{Short, i16s, put_i16s, u16_of};
use crate::session::{Refusal, Uuid};

/// What follows the mask in the UUID of a feature characteristic.
const TAIL: u128 = 0x0000_0000_0001_11e1_ac36_0002_a5d5_c51b;

/// Feature: state of a switch or light.
pub const SWITCH: u32 = 0x2000_0000;
/// Feature: acceleration in mg.
pub const ACC: u32 = 0x0080_0000;
/// Feature: rotation rate in 0.1 °/s.
pub const GYR: u32 = 0x0040_0000;
/// Feature: magnetic field in mGauss.
pub const MAG: u32 = 0x0020_0000;
/// Feature: battery.
pub const BATTERY: u32 = 0x0002_0000;

/// The features whose length is known, from the highest bit to the lowest, with their length.
const LENGTHS: [(u32, usize); 5] = [(SWITCH, 1), (ACC, 6), (GYR, 6), (MAG, 6), (BATTERY, 7)];
/// Acceleration counts in 1 g.
pub const ACC_PER_G: f64 = 1000.0;
/// Rotation counts in 1 °/s.
pub const GYR_PER_DPS: f64 = 10.0;
/// Bits of the clock.
pub const CLOCK_BITS: u32 = 16;
/// Ticks as firmware has them, in s: older packs, and the pack of 2024.
pub const TICKS_S: [f64; 2] = [0.008, 0.010];

/// The characteristic of these features.
pub const fn feature(mask: u32) -> Uuid {
    Uuid(TAIL | (mask as u128) << 96)
}

/// The features of a characteristic; `None` if it is no feature characteristic.
pub const fn mask_of(characteristic: Uuid) -> Option<u32> {
    let mask = (characteristic.0 >> 96) as u32;
    if feature(mask).0 == characteristic.0 { Some(mask) } else { None }
}

/// The state of a battery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charge {
    /// Tenths of a percent.
    pub permille: u16,
    /// Voltage.
    pub millivolts: u16,
    /// Current, as it was sent; [`Charge::NO_CURRENT`] if it is not known.
    pub current: i16,
    /// Charging or not, and bit 7: the current is in tenths.
    pub status: u8,
}

impl Charge {
    /// The current is not known.
    pub const NO_CURRENT: i16 = i16::MIN;
    const TENTHS: u8 = 0x80;

    fn parse(bytes: &[u8]) -> Option<Self> {
        let &[a, b, c, d, e, f, status] = bytes else { return None };
        let [permille, millivolts, current] = [[a, b], [c, d], [e, f]].map(u16::from_le_bytes);
        Some(Self { permille, millivolts, current: current.cast_signed(), status })
    }

    fn encode(&self) -> [u8; 7] {
        let [[a, b], [c, d]] = [self.permille, self.millivolts].map(u16::to_le_bytes);
        let [e, f] = self.current.to_le_bytes();
        [a, b, c, d, e, f, self.status]
    }

    /// The current, if it is known.
    pub fn current(&self) -> Option<f64> {
        let whole = (self.current != Self::NO_CURRENT).then(|| f64::from(self.current))?;
        Some(if self.status & Self::TENTHS == 0 { whole } else { whole / 10.0 })
    }

    /// The charge in whole percent.
    pub fn percent(&self) -> u8 {
        // At most 100.
        (self.permille / 10).min(100) as u8
    }
}

/// What one notification holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// The low bits of the sensor's clock.
    pub timestamp: u16,
    /// State of a switch or light.
    pub switch: Option<u8>,
    /// Acceleration x, y, z.
    pub acc: Option<[i16; 3]>,
    /// Rotation rate x, y, z.
    pub gyr: Option<[i16; 3]>,
    /// Magnetic field x, y, z.
    pub mag: Option<[i16; 3]>,
    /// Battery.
    pub battery: Option<Charge>,
}

impl Features {
    /// Reads a notification of a characteristic with this mask. Features behind one of unknown length cannot be
    /// found and are left out. Refused: fewer bytes than the known features need, more than they need where
    /// all are known, and masks that begin with an unknown one.
    pub fn parse(mask: u32, bytes: &[u8]) -> Result<Self, Refusal> {
        let (clock, mut rest) = bytes.split_at_checked(2).ok_or(Refusal::Length)?;
        let mut features = Self { timestamp: u16_of(clock), ..Self::default() };
        let mut found = false;
        for bit in (0..u32::BITS).rev().map(|bit| 1 << bit).filter(|bit| mask & bit != 0) {
            let Some((_, len)) = LENGTHS.into_iter().find(|&(known, _)| known == bit) else { break };
            let (value, after) = rest.split_at_checked(len).ok_or(Refusal::Length)?;
            (rest, found) = (after, true);
            match bit {
                SWITCH => features.switch = Some(value[0]),
                ACC => features.acc = i16s(value),
                GYR => features.gyr = i16s(value),
                MAG => features.mag = i16s(value),
                _ => features.battery = Charge::parse(value),
            }
        }
        match () {
            () if !found => Err(Refusal::Kind),
            () if features.mask() == mask && !rest.is_empty() => Err(Refusal::Length),
            () => Ok(features),
        }
    }

    /// The mask of these features.
    pub fn mask(&self) -> u32 {
        let bit = |there: bool, bit: u32| if there { bit } else { 0 };
        bit(self.switch.is_some(), SWITCH)
            | bit(self.acc.is_some(), ACC)
            | bit(self.gyr.is_some(), GYR)
            | bit(self.mag.is_some(), MAG)
            | bit(self.battery.is_some(), BATTERY)
    }

    /// The bytes of these features: 20 at most, which is what one notification carries.
    pub fn encode(&self) -> Short {
        let mut bytes = [0; 28];
        bytes[..2].copy_from_slice(&self.timestamp.to_le_bytes());
        let mut len = 2;
        if let Some(switch) = self.switch {
            bytes[len] = switch;
            len += 1;
        }
        for numbers in [self.acc, self.gyr, self.mag].into_iter().flatten() {
            put_i16s(&mut bytes[len..len + 6], &numbers);
            len += 6;
        }
        if let Some(battery) = self.battery {
            bytes[len..len + 7].copy_from_slice(&battery.encode());
            len += 7;
        }
        Short::of(&bytes[..len])
    }
}
