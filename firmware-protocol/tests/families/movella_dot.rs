//! Movella DOT.

use super::{Sensor, Sent, f32s, float_marks, marked};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::movella_dot::control::{Charge, Control, Heading, Measurement, Report};
use firmware_protocol::movella_dot::peripheral::Peripheral;
use firmware_protocol::movella_dot::wire::{MODES, Mode, Payload, encode_payload};
use firmware_protocol::movella_dot::{BATTERY, CONTROL, FAMILY, HEADING, LONG, MEASUREMENT, MEDIUM, REPORT, SHORT};
use firmware_protocol::session::{Action, Frame, Moment, Uuid};

#[derive(Default)]
pub(crate) struct MovellaDot(Peripheral);

impl Sensor for MovellaDot {
    fn family(&self) -> &'static Family {
        &FAMILY
    }
    fn period_ms(&self) -> u64 {
        17
    }
    fn asked(&mut self, _: Moment, action: &Action<'_>) -> Vec<Sent> {
        match *action {
            Action::Read(at) => match self.0.read(at) {
                Some(value) => vec![Sent::Value(at, value.as_slice().to_vec())],
                None => vec![Sent::Failed(at)],
            },
            Action::Write { characteristic, bytes } => match self.0.write(characteristic, bytes) {
                Some(report) => vec![Sent::Notification(REPORT, report.encode().as_slice().to_vec())],
                None => vec![Sent::Failed(characteristic)],
            },
            _ => Vec::new(),
        }
    }
    fn packet(&mut self, now: Moment, mark: u16) -> Vec<Sent> {
        // Its clock has 32 bits.
        let sample = self.0.sample((now.0 / 1000) as u32, marked(mark), marked(mark));
        sample.map(|bytes| Sent::Notification(MEDIUM, bytes.to_vec())).into_iter().collect()
    }
    fn marks(&self, frame: &Frame) -> Vec<i64> {
        float_marks(frame)
    }
    fn pieces(&self, frame: &Frame) -> Vec<Vec<u8>> {
        vec![[f32s(&frame.acc), f32s(&frame.gyr)].concat()]
    }
    fn rebuilt(&self, way: Way, characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
        match (way, characteristic) {
            (_, CONTROL) => Some(Control::parse(bytes).ok()?.encode().to_vec()),
            (Way::ToSensor, MEASUREMENT) => Some(Measurement::parse(bytes).ok()?.encode().to_vec()),
            (Way::ToSensor, HEADING) => Some(Heading::parse(bytes).ok()?.encode().to_vec()),
            (Way::FromSensor, BATTERY) => Some(Charge::parse(bytes).ok()?.encode().to_vec()),
            (Way::FromSensor, REPORT) => Some(Report::parse(bytes).ok()?.encode().as_slice().to_vec()),
            (Way::FromSensor, LONG | MEDIUM | SHORT) => {
                // Whichever mode of this length: the numbers of each must be written as they were read.
                let fits = |mode: &Mode| mode.characteristic == characteristic && !mode.is_empty();
                let read = MODES.into_iter().filter(fits).filter_map(|mode| Payload::parse(mode, bytes).ok());
                let written: Vec<Vec<u8>> = read
                    .map(|read| {
                        let mut number = |field, i| read.number(field, i).unwrap();
                        encode_payload(read.mode, read.time_us(), read.padding(), &mut number).as_slice().to_vec()
                    })
                    .collect();
                assert!(written.iter().all(|one| *one == written[0]), "{written:02x?}");
                written.into_iter().next()
            }
            _ => None,
        }
    }
    fn given(&self) -> &'static [&'static str] {
        &["payload_mode"]
    }
}
