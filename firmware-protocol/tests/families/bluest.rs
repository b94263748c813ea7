//! ST's BlueST boxes.

use super::{Sensor, Sent, i16s};
use firmware_protocol::bluest::FAMILY;
use firmware_protocol::bluest::advert::Node;
use firmware_protocol::bluest::peripheral::Peripheral;
use firmware_protocol::bluest::wire::{Features, mask_of};
use firmware_protocol::explain::{ADVERTISING, Way};
use firmware_protocol::family::Family;
use firmware_protocol::session::{Action, Frame, Moment, Uuid};

pub(crate) struct BlueSt(Peripheral);

impl Default for BlueSt {
    fn default() -> Self {
        Self(Peripheral { tick_ms: 8, magnetometer: false, ..Peripheral::default() })
    }
}

impl Sensor for BlueSt {
    fn family(&self) -> &'static Family {
        &FAMILY
    }
    fn period_ms(&self) -> u64 {
        50
    }
    fn asked(&mut self, _: Moment, action: &Action<'_>) -> Vec<Sent> {
        match *action {
            Action::Subscribe(characteristic) if !self.0.has(characteristic) => vec![Sent::Failed(characteristic)],
            _ => Vec::new(),
        }
    }
    fn packet(&mut self, now: Moment, mark: u16) -> Vec<Sent> {
        let n = [mark as i16; 3];
        let sample = self.0.sample(now.0 / 1_000_000, n, n, n);
        vec![Sent::Notification(self.0.motion(), sample.as_slice().to_vec())]
    }
    fn marks(&self, frame: &Frame) -> Vec<i64> {
        frame.acc.iter().chain(&frame.gyr).map(|&n| i64::from(n)).collect()
    }
    fn pieces(&self, frame: &Frame) -> Vec<Vec<u8>> {
        vec![[i16s(&frame.acc), i16s(&frame.gyr)].concat()]
    }
    fn rebuilt(&self, _: Way, characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
        if characteristic == ADVERTISING {
            return Some(Node::parse(bytes)?.encode().as_slice().to_vec());
        }
        let features = Features::parse(mask_of(characteristic)?, bytes).ok()?;
        Some(features.encode().as_slice().to_vec())
    }
}
