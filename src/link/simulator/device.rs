//! A simulated sensor as it is on the air: readings and commands go in, real bytes come out.
//!
//! In:  readings in their order, what is written to it and read from it. Out: notifications and answers,
//! byte for byte those of a WitMotion sensor or of one with our open profile. The bytes themselves are
//! made by the peripheral sides of `firmware_protocol`.

use super::Reading;
use super::sensor::{ACC_FULL_G, GYR_FULL_DPS, count};
use firmware_protocol::family::Family;
use firmware_protocol::open_motion::peripheral::{Peripheral as OpenMotion, STARTER};
use firmware_protocol::open_motion::wire::{Counted, Info, LONGEST_PACKET, TICKS_PER_S};
use firmware_protocol::open_motion::{self, BATTERY_LEVEL, CONTROL, INFO, MOTION};
use firmware_protocol::session::{Action, Moment, Uuid};
use firmware_protocol::witmotion::peripheral::Peripheral as WitMotion;
use firmware_protocol::witmotion::wire::{Motion, SETTABLE_HZ};
use firmware_protocol::witmotion::{self, COMMAND, DATA};

/// What the simulated sensor speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speaks {
    /// As a WitMotion sensor: no counter and no clock, at 10, 20, 50, 100 or 200 Hz.
    #[default]
    WitMotion,
    /// Our own open profile: counter, clock, several samples a packet, any rate.
    OpenMotion,
}

impl Speaks {
    /// Whether it can be sampled at this rate.
    pub fn offers(self, rate_hz: f64) -> bool {
        match self {
            Self::WitMotion => SETTABLE_HZ.contains(&rate_hz),
            Self::OpenMotion => true,
        }
    }

    pub(super) fn family(self) -> &'static Family {
        match self {
            Self::WitMotion => &witmotion::FAMILY,
            Self::OpenMotion => &open_motion::FAMILY,
        }
    }
}

/// ATT MTU of the simulated connection: what Linux agrees on with a modern sensor.
pub(super) const MTU: u16 = 247;
/// How much the sensor's crystal runs fast. A common one is off by 20 ppm.
const CLOCK_FAST: f64 = 20e-6;
/// Charge at the start, and how long it lasts.
const CHARGE: f64 = 94.0;
const CHARGE_LASTS_H: f64 = 60.0;
/// Samples the counter of the open profile shows at the start, as a sensor has that ran before.
const RAN_BEFORE: u16 = 65_000;

/// Something the sensor sends.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sent {
    Notification(Uuid, Vec<u8>),
    /// The answer to a read.
    Value(Uuid, Vec<u8>),
    /// A request that it cannot fulfil.
    Refusal(Uuid),
}

#[derive(Debug)]
enum Side {
    WitMotion(WitMotion),
    OpenMotion(Box<OpenMotion>),
}

/// The sensor's side of the link.
#[derive(Debug)]
pub(super) struct Device {
    side: Side,
    /// Number of the next reading.
    next: u64,
    packet: [u8; LONGEST_PACKET],
}

impl Device {
    pub(super) fn new(speaks: Speaks, rate_hz: f64) -> Self {
        let side = match speaks {
            Speaks::WitMotion => Side::WitMotion(WitMotion::default()),
            Speaks::OpenMotion => {
                let info = Info { rate_mhz: (rate_hz * 1000.0).round() as u32, ..STARTER };
                let mut sensor = OpenMotion::new(info, usize::from(MTU));
                sensor.set_counter(RAN_BEFORE);
                Side::OpenMotion(Box::new(sensor))
            }
        };
        Self { side, next: 0, packet: [0; LONGEST_PACKET] }
    }

    /// Takes a reading; those with lower numbers that never came are lost. Gives out the packets that
    /// are full now.
    pub(super) fn reading(&mut self, reading: &Reading, send: &mut impl FnMut(Sent)) {
        let lost = reading.number - self.next;
        self.next = reading.number + 1;
        let counts = |v: [f64; 3], full: f64| v.map(|value| count(value, full) as i16);
        let acc = counts([reading.acc_g.x, reading.acc_g.y, reading.acc_g.z], ACC_FULL_G);
        let gyr = counts([reading.gyr.x, reading.gyr.y, reading.gyr.z], GYR_FULL_DPS.to_radians());
        match &mut self.side {
            Side::WitMotion(_) => {
                let motion = Motion { acc, gyr, angle: [0; 3], clock: None };
                send(Sent::Notification(DATA, motion.encode().to_vec()));
            }
            Side::OpenMotion(sensor) => {
                let mut packets = Vec::new();
                let packet = &mut self.packet;
                if lost > 0 {
                    packets.extend(sensor.flush(packet).map(|len| packet[..len].to_vec()));
                    // The counter wraps, and so may the number of lost samples.
                    sensor.set_counter(sensor.counter().wrapping_add(lost as u16));
                }
                let seconds = reading.t.seconds() * (1.0 + CLOCK_FAST);
                // The clock wraps too; only its low bits are sent.
                let clock = (seconds * f64::from(TICKS_PER_S)) as u64 as u32;
                packets.extend(sensor.sample(clock, Counted { acc, gyr }, packet).map(|len| packet[..len].to_vec()));
                packets.into_iter().for_each(|bytes| send(Sent::Notification(MOTION, bytes)));
            }
        }
    }

    /// Gives out what still waits for a full packet.
    pub(super) fn flush(&mut self) -> Option<Sent> {
        match &mut self.side {
            Side::WitMotion(_) => None,
            Side::OpenMotion(sensor) => {
                let len = sensor.flush(&mut self.packet)?;
                Some(Sent::Notification(MOTION, self.packet[..len].to_vec()))
            }
        }
    }

    /// Does what the session asks for; gives the answer.
    pub(super) fn asked(&mut self, now: Moment, action: &Action<'_>) -> Option<Sent> {
        let hours = now.0 as f64 / 3.6e12;
        let charge = (CHARGE * (1.0 - hours / CHARGE_LASTS_H)).max(1.0);
        match (&mut self.side, *action) {
            (Side::WitMotion(sensor), Action::Write { characteristic: COMMAND, bytes }) => {
                // 3.4 V is empty and 4.1 V is full.
                sensor.centivolts = (340.0 + 0.7 * charge) as i16;
                sensor.write(now, bytes).map(|frame| Sent::Notification(DATA, frame.to_vec()))
            }
            (Side::OpenMotion(sensor), Action::Read(INFO)) => Some(Sent::Value(INFO, sensor.info().encode().to_vec())),
            (Side::OpenMotion(_), Action::Read(BATTERY_LEVEL)) => Some(Sent::Value(BATTERY_LEVEL, vec![charge as u8])),
            (Side::OpenMotion(sensor), Action::Write { characteristic: CONTROL, bytes }) => {
                sensor.control(bytes).is_err().then_some(Sent::Refusal(CONTROL))
            }
            (_, Action::Read(characteristic) | Action::Write { characteristic, .. }) => {
                Some(Sent::Refusal(characteristic))
            }
            _ => None,
        }
    }
}
