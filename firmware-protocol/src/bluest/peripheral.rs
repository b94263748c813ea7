//! A BlueST node seen from inside: gives samples and battery byte for byte.
//!
//! For simulators and tests: who owns it takes the readings and sends the bytes. Like the stock packs it has
//! nothing to set.

use super::wire::{self, Charge, Features};
use super::{BATTERY, MOTION};
use crate::att::Short;
use crate::session::Uuid;

/// The sensor's side of a connection.
#[derive(Clone, Debug)]
pub struct Peripheral {
    /// How long a tick of its clock is, in ms: 8 or 10.
    pub tick_ms: u64,
    /// Samples a second.
    pub rate_hz: f64,
    /// Its build sends the magnetic field too.
    pub magnetometer: bool,
    /// Battery.
    pub charge: Charge,
}

impl Default for Peripheral {
    /// A SensorTile.box with the pack of 2024.
    fn default() -> Self {
        let charge = Charge { permille: 1000, millivolts: 4100, current: Charge::NO_CURRENT, status: 2 };
        Self { tick_ms: 10, rate_hz: 20.0, magnetometer: true, charge }
    }
}

impl Peripheral {
    /// The characteristic that its build has for motion.
    pub fn motion(&self) -> Uuid {
        MOTION[usize::from(!self.magnetometer)]
    }

    /// It has this characteristic.
    pub fn has(&self, characteristic: Uuid) -> bool {
        [self.motion(), BATTERY].contains(&characteristic)
    }

    /// The notification of a sample that was taken this long after its start.
    pub fn sample(&self, since_start_ms: u64, acc: [i16; 3], gyr: [i16; 3], mag: [i16; 3]) -> Short {
        let timestamp = self.timestamp(since_start_ms);
        let mag = self.magnetometer.then_some(mag);
        Features { timestamp, acc: Some(acc), gyr: Some(gyr), mag, ..Features::default() }.encode()
    }

    /// The notification of the battery, this long after its start.
    pub fn battery(&self, since_start_ms: u64) -> Short {
        let timestamp = self.timestamp(since_start_ms);
        Features { timestamp, battery: Some(self.charge), ..Features::default() }.encode()
    }

    fn timestamp(&self, since_start_ms: u64) -> u16 {
        // Only the low bits are sent.
        ((since_start_ms / self.tick_ms) & ((1 << wire::CLOCK_BITS) - 1)) as u16
    }
}
