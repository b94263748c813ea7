//! A MetaMotionS.

use super::{Sensor, Sent, i16s};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::metamotion::command::Command;
use firmware_protocol::metamotion::peripheral::{Peripheral, S};
use firmware_protocol::metamotion::wire::{LONGEST, Message};
use firmware_protocol::metamotion::{COMMAND, FAMILY, MODEL, NOTIFY};
use firmware_protocol::session::{Action, Frame, Moment, Uuid};

pub(crate) struct MetaMotion(Peripheral);

impl Default for MetaMotion {
    fn default() -> Self {
        Self(Peripheral::new(S))
    }
}

impl Sensor for MetaMotion {
    fn family(&self) -> &'static Family {
        &FAMILY
    }
    fn period_ms(&self) -> u64 {
        20
    }
    fn asked(&mut self, _: Moment, action: &Action<'_>) -> Vec<Sent> {
        let mut sent = Vec::new();
        match *action {
            Action::Read(MODEL) => sent.push(Sent::Value(MODEL, self.0.model().as_bytes().to_vec())),
            Action::Write { characteristic: COMMAND, bytes } => {
                self.0.write(bytes, &mut |answer| sent.push(Sent::Notification(NOTIFY, answer.to_vec())));
            }
            _ => {}
        }
        sent
    }
    fn packet(&mut self, _: Moment, mark: u16) -> Vec<Sent> {
        let mut sent = Vec::new();
        let n = [mark as i16; 3];
        self.0.sample(n, n, &mut |bytes| sent.push(Sent::Notification(NOTIFY, bytes.to_vec())));
        sent
    }
    fn marks(&self, frame: &Frame) -> Vec<i64> {
        frame.acc.iter().chain(&frame.gyr).map(|&n| i64::from(n)).collect()
    }
    fn pieces(&self, frame: &Frame) -> Vec<Vec<u8>> {
        vec![[i16s(&frame.acc), i16s(&frame.gyr)].concat()]
    }
    fn rebuilt(&self, way: Way, characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
        match (way, characteristic) {
            (Way::ToSensor, COMMAND) => Some(Command::parse(bytes)?.encode().as_slice().to_vec()),
            (Way::FromSensor, NOTIFY) => {
                let mut written = [0; LONGEST];
                let len = Message::parse(bytes).ok()?.encode(&mut written);
                Some(written[..len].to_vec())
            }
            _ => None,
        }
    }
    fn given(&self) -> &'static [&'static str] {
        &["range_g", "range_dps", "chip", "timeout_ms"]
    }
}
