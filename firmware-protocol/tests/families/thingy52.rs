//! Nordic's Thingy:52.

use super::{Sensor, Sent, i16s, standard, value, written};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::session::{Action, Frame, Moment, Uuid};
use firmware_protocol::thingy52::peripheral::Peripheral;
use firmware_protocol::thingy52::wire::{Led, MotionConfig, Raw, SoundConfig, Tone};
use firmware_protocol::thingy52::{FAMILY, LED, MOTION, QUATERNION, RAW, SOUND, SPEAKER, STEPS};

#[derive(Default)]
pub(crate) struct Thingy52(Peripheral);

impl Sensor for Thingy52 {
    fn family(&self) -> &'static Family {
        &FAMILY
    }
    fn period_ms(&self) -> u64 {
        20
    }
    fn asked(&mut self, _: Moment, action: &Action<'_>) -> Vec<Sent> {
        match *action {
            Action::Read(characteristic) => value(characteristic, self.0.read(characteristic)),
            Action::Write { characteristic, bytes } => written(characteristic, self.0.write(characteristic, bytes)),
            _ => Vec::new(),
        }
    }
    fn packet(&mut self, _: Moment, mark: u16) -> Vec<Sent> {
        let n = [mark as i16; 3];
        vec![Sent::Notification(RAW, self.0.sample(Raw { acc: n, gyr: n, mag: n }).to_vec())]
    }
    fn marks(&self, frame: &Frame) -> Vec<i64> {
        frame.acc.iter().chain(&frame.gyr).map(|&n| i64::from(n)).collect()
    }
    fn pieces(&self, frame: &Frame) -> Vec<Vec<u8>> {
        vec![[i16s(&frame.acc), i16s(&frame.gyr)].concat()]
    }
    fn rebuilt(&self, _: Way, characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
        match characteristic {
            RAW => Some(Raw::parse(bytes)?.encode().to_vec()),
            MOTION => Some(MotionConfig::parse(bytes).ok()?.encode().to_vec()),
            LED => Some(Led::parse(bytes).ok()?.encode().as_slice().to_vec()),
            SOUND => Some(SoundConfig::parse(bytes).ok()?.encode().to_vec()),
            SPEAKER => Some(Tone::parse(bytes)?.encode().to_vec()),
            QUATERNION | STEPS => None,
            other => standard(other, bytes),
        }
    }
    fn not_rebuilt(&self) -> &'static [&'static str] {
        // What the sensor reckons itself is never sent by us; and nobody writes what is out of range.
        &["quaternion", "step counter", "motion config out of range"]
    }
}
