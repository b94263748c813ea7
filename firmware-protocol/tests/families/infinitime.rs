//! PineTime with InfiniTime.

use super::{Sensor, Sent, i16s, standard, value, written};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::infinitime::peripheral::Peripheral;
use firmware_protocol::infinitime::wire::{Alert, encode_sample, sample};
use firmware_protocol::infinitime::{FAMILY, NEW_ALERT, RAW, STEPS};
use firmware_protocol::session::{Action, Frame, Moment, Uuid};

#[derive(Default)]
pub(crate) struct InfiniTime(Peripheral);

impl Sensor for InfiniTime {
    fn family(&self) -> &'static Family {
        &FAMILY
    }
    fn period_ms(&self) -> u64 {
        100
    }
    fn asked(&mut self, _: Moment, action: &Action<'_>) -> Vec<Sent> {
        match *action {
            Action::Read(characteristic) => value(characteristic, self.0.read(characteristic)),
            Action::Write { characteristic, bytes } => written(characteristic, self.0.write(characteristic, bytes)),
            _ => Vec::new(),
        }
    }
    fn packet(&mut self, _: Moment, mark: u16) -> Vec<Sent> {
        let sent = |bytes: [u8; 6]| Sent::Notification(RAW, bytes.to_vec());
        self.0.sample([mark as i16; 3]).map(sent).into_iter().collect()
    }
    fn marks(&self, frame: &Frame) -> Vec<i64> {
        frame.acc.iter().map(|&n| i64::from(n)).collect()
    }
    fn pieces(&self, frame: &Frame) -> Vec<Vec<u8>> {
        vec![i16s(&frame.acc)]
    }
    fn rebuilt(&self, _: Way, characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
        match characteristic {
            RAW => Some(encode_sample(sample(bytes)?).to_vec()),
            NEW_ALERT => {
                let mut written = [0; 64];
                let len = Alert::parse(bytes)?.encode(&mut written);
                Some(written[..len].to_vec())
            }
            STEPS => None,
            other => standard(other, bytes),
        }
    }
    fn not_rebuilt(&self) -> &'static [&'static str] {
        // What the watch reckons itself is never sent by us; and nobody writes what is ignored.
        &["step count", "new alert with empty text"]
    }
}
