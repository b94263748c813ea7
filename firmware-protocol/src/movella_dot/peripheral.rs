//! A Movella DOT seen from inside: settings, start and stop, samples at the rate that is set.
//!
//! For simulators and tests: who owns it takes readings and sends the bytes. Like the real one it takes no
//! setting and no other mode while it measures, and says so at most in a report.

use super::wire::{self, Control, Measurement, RATE_QUANTITIES, RATE_QUANTITIES_LEN, RATES_HZ, Report};
use super::{BATTERY, CONTROL, MEASUREMENT};
use crate::bytes::Written;
use crate::session::Uuid;

/// The sensor's side of a connection.
#[derive(Clone, Debug)]
pub struct Peripheral {
    settings: Control,
    measurement: Measurement,
    /// Charge in percent.
    pub battery: u8,
    /// It is charged now.
    pub charging: bool,
    /// So many commands are answered with "busy" and not done.
    pub busy: u8,
    /// Ignores a written rate.
    pub stubborn: bool,
    /// Times it was asked to blink.
    pub blinks: u32,
    /// It was switched off: the link drops now.
    pub off: bool,
}

impl Default for Peripheral {
    /// A full sensor at 30 Hz that does not measure.
    fn default() -> Self {
        let mut tag = [0; 16];
        tag[..9].copy_from_slice(b"Xsens DOT");
        Self {
            settings: Control { power_saving: [[10, 0], [30, 0]], tag_len: 9, tag, rate_hz: 30, ..Control::default() },
            measurement: Measurement::stop(RATE_QUANTITIES),
            battery: 100,
            charging: false,
            busy: 0,
            stubborn: false,
            blinks: 0,
            off: false,
        }
    }
}

impl Peripheral {
    /// Samples a second that it now sends; `None` while it stands.
    pub fn rate_hz(&self) -> Option<f64> {
        self.measurement.running.then_some(f64::from(self.settings.rate_hz))
    }

    /// Answers a read; `None` where there is nothing to read.
    pub fn read(&self, characteristic: Uuid) -> Option<Written> {
        match characteristic {
            CONTROL => Some(Written::of(&[&self.settings.encode()])),
            MEASUREMENT => Some(Written::of(&[&self.measurement.encode()])),
            BATTERY => Some(Written::of(&[&[self.battery, u8::from(self.charging)]])),
            _ => None,
        }
    }

    /// Takes what was written, and gives what it reports about it. `None`: it knows no such command.
    pub fn write(&mut self, characteristic: Uuid, bytes: &[u8]) -> Option<Report> {
        if self.busy > 0 {
            self.busy -= 1;
            return Some(Report::Busy);
        }
        match characteristic {
            CONTROL => Some(self.control(&Control::parse(bytes).ok()?)),
            MEASUREMENT => {
                let asked = Measurement::parse(bytes).ok()?;
                let other = self.measurement.running && asked.mode != self.measurement.mode;
                if other {
                    return Some(Report::Illegal);
                }
                self.measurement = asked;
                Some(Report::Success)
            }
            _ => None,
        }
    }

    fn control(&mut self, asked: &Control) -> Report {
        if asked.visit & Control::IDENTIFY != 0 {
            self.blinks += u32::from(asked.identify);
        }
        if asked.visit & Control::POWER != 0 && asked.power & 1 != 0 {
            self.off = true;
            return Report::PowerOff;
        }
        if asked.visit & Control::RATE != 0 {
            let known = RATES_HZ.contains(&f64::from(asked.rate_hz));
            if self.measurement.running || !known {
                return Report::Illegal;
            }
            if !self.stubborn {
                self.settings.rate_hz = asked.rate_hz;
            }
        }
        Report::Success
    }

    /// A sample was taken, in m/s² and °/s, at this µs of the sensor's clock: what goes out at
    /// [`super::MEDIUM`], if the mode that lumbard starts runs.
    pub fn sample(&self, us: u32, acc: [f32; 3], gyr: [f32; 3]) -> Option<[u8; RATE_QUANTITIES_LEN]> {
        let ours = self.measurement.running && self.measurement.mode == RATE_QUANTITIES;
        ours.then(|| wire::encode_rate_quantities(us, acc, gyr))
    }

    /// The button was pressed, at this ms of the sensor's clock: what goes out at [`super::REPORT`].
    pub fn button(ms: u32) -> [u8; 6] {
        let [a, b, c, d] = ms.to_le_bytes();
        [Report::Button(None).code(), 0, a, b, c, d]
    }
}
