//! TI's SensorTag.

use super::{Sensor, Sent, i16s, standard, value, written};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::sensortag::peripheral::Peripheral;
use firmware_protocol::sensortag::wire::{Config, Io, IoMode, Movement, Period};
use firmware_protocol::sensortag::{CONFIG, DATA, FAMILY, IO, IO_MODE, PERIOD};
use firmware_protocol::session::{Action, Frame, Moment, Uuid};

#[derive(Default)]
pub(crate) struct SensorTag(Peripheral);

impl Sensor for SensorTag {
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
        let n = [mark as i16; 3];
        vec![Sent::Notification(DATA, self.0.sample(Movement { gyr: n, acc: n, mag: n }).to_vec())]
    }
    fn marks(&self, frame: &Frame) -> Vec<i64> {
        frame.acc.iter().chain(&frame.gyr).map(|&n| i64::from(n)).collect()
    }
    fn pieces(&self, frame: &Frame) -> Vec<Vec<u8>> {
        vec![[i16s(&frame.gyr), i16s(&frame.acc)].concat()]
    }
    fn rebuilt(&self, _: Way, characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
        match characteristic {
            DATA => Some(Movement::parse(bytes)?.encode().to_vec()),
            CONFIG => Some(Config::parse(bytes).ok()?.encode().to_vec()),
            PERIOD => Some(vec![Period::parse(bytes).ok()?.0]),
            IO => Some(Io::of(*bytes.first()?).encode().to_vec()),
            IO_MODE => Some(IoMode::parse(bytes)?.encode().to_vec()),
            other => standard(other, bytes),
        }
    }
    fn not_rebuilt(&self) -> &'static [&'static str] {
        // Nobody writes what is refused.
        &["period 90 ms"]
    }
}
