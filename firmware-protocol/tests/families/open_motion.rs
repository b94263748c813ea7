//! Our own open profile.

use super::{Sensor, Sent, i16s};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::open_motion::peripheral::{Peripheral, STARTER};
use firmware_protocol::open_motion::wire::{
    Command, Counted, Info, LONGEST_PACKET, Packet, TICKS_PER_S, encode_packet,
};
use firmware_protocol::open_motion::{BATTERY_LEVEL, CONTROL, FAMILY, INFO, MOTION};
use firmware_protocol::session::{Action, Frame, Moment, Uuid};

/// Samples in 1000 s.
const RATE_MHZ: u64 = 100_000;

pub(crate) struct OpenMotion(Peripheral);

impl Default for OpenMotion {
    fn default() -> Self {
        Self(Peripheral::new(STARTER, 247))
    }
}

impl Sensor for OpenMotion {
    fn family(&self) -> &'static Family {
        &FAMILY
    }
    fn period_ms(&self) -> u64 {
        50
    }
    fn asked(&mut self, _: Moment, action: &Action<'_>) -> Vec<Sent> {
        match *action {
            Action::Read(INFO) => vec![Sent::Value(INFO, self.0.info().encode().to_vec())],
            Action::Read(BATTERY_LEVEL) => vec![Sent::Value(BATTERY_LEVEL, vec![80])],
            Action::Write { characteristic: CONTROL, bytes } if self.0.control(bytes).is_err() => {
                vec![Sent::Failed(CONTROL)]
            }
            _ => Vec::new(),
        }
    }
    fn packet(&mut self, now: Moment, mark: u16) -> Vec<Sent> {
        let n = [mark as i16; 3];
        let mut packet = [0; LONGEST_PACKET];
        let clock = u128::from(now.0) * u128::from(TICKS_PER_S) / 1_000_000_000;
        // Five samples, the newest of them now; the clock is cut to its bits.
        let len = (0..5).rev().find_map(|i: u64| {
            let before = i * u64::from(TICKS_PER_S) * 1000 / RATE_MHZ;
            let clock = (clock as u64).wrapping_sub(before) as u32;
            self.0.sample(clock, Counted { acc: n, gyr: n }, &mut packet)
        });
        len.map(|len| Sent::Notification(MOTION, packet[..len].to_vec())).into_iter().collect()
    }
    fn marks(&self, frame: &Frame) -> Vec<i64> {
        frame.acc.iter().chain(&frame.gyr).map(|&n| i64::from(n)).collect()
    }
    fn pieces(&self, frame: &Frame) -> Vec<Vec<u8>> {
        vec![[i16s(&frame.acc), i16s(&frame.gyr)].concat()]
    }
    fn rebuilt(&self, way: Way, characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
        match (way, characteristic) {
            (Way::ToSensor, CONTROL) => Some(Command::parse(bytes).ok()?.encode().as_slice().to_vec()),
            (Way::FromSensor, INFO) => Some(Info::parse(bytes).ok()?.encode().to_vec()),
            (Way::FromSensor, MOTION) => {
                let packet = Packet::parse(bytes).ok()?;
                let mut written = [0; LONGEST_PACKET];
                let samples: Vec<Counted> = packet.samples().collect();
                let len = encode_packet(&packet.header, &samples, &mut written)?;
                Some(written[..len].to_vec())
            }
            _ => None,
        }
    }
}
