//! Movella DOT.

use super::{Sensor, Sent, f32s, float_marks, marked};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::movella_dot::peripheral::Peripheral;
use firmware_protocol::movella_dot::wire::{Control, Field, Measurement, Mode, Payload, encode_rate_quantities};
use firmware_protocol::movella_dot::{CONTROL, FAMILY, MEASUREMENT, MEDIUM, REPORT};
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
                Some(report) => vec![Sent::Notification(REPORT, vec![report.code()])],
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
            (Way::FromSensor, MEDIUM) => {
                let payload = Payload::parse(Mode::of(21)?, bytes).ok()?;
                let (acc, gyr) = (payload.floats(Field::Acceleration)?, payload.floats(Field::Rotation)?);
                Some(encode_rate_quantities(payload.time_us(), acc, gyr).to_vec())
            }
            _ => None,
        }
    }
    fn not_rebuilt(&self) -> &'static [&'static str] {
        // lumbard and its simulated sensor use one mode, and write neither battery nor headings from values.
        &[
            "free acceleration",
            "orientation Euler",
            "custom mode 1",
            "rate quantities with mag",
            "custom mode 5",
            "battery",
            "device report",
            "heading reset",
        ]
    }
    fn given(&self) -> &'static [&'static str] {
        &["payload_mode"]
    }
}
