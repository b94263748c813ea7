//! A Verity Sense: both streams, each in frames of 63 samples.

use super::{Sensor, Sent};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::polar::frame::{self, DataFrame};
use firmware_protocol::polar::peripheral::{Model, Peripheral};
use firmware_protocol::polar::wire::{Answer, Command, Kind};
use firmware_protocol::polar::{BATTERY_LEVEL, CONTROL, DATA, FAMILY};
use firmware_protocol::session::{Action, Frame, Moment, Uuid};

/// Samples in a frame.
const SAMPLES: u64 = 63;

pub(crate) struct Polar(Peripheral);

impl Default for Polar {
    fn default() -> Self {
        Self(Peripheral::new(Model::VeritySense, 247))
    }
}

impl Sensor for Polar {
    fn family(&self) -> &'static Family {
        &FAMILY
    }
    fn period_ms(&self) -> u64 {
        // 63 samples at 208 Hz, and no less.
        303
    }
    fn asked(&mut self, _: Moment, action: &Action<'_>) -> Vec<Sent> {
        match *action {
            Action::Read(CONTROL) => vec![Sent::Value(CONTROL, self.0.features().to_vec())],
            Action::Read(BATTERY_LEVEL) => vec![Sent::Value(BATTERY_LEVEL, vec![self.0.percent])],
            Action::Write { characteristic: CONTROL, bytes } => {
                let mut answer = [0; 64];
                let len = self.0.write(bytes, &mut answer).unwrap();
                vec![Sent::Notification(CONTROL, answer[..len].to_vec())]
            }
            _ => Vec::new(),
        }
    }
    fn packet(&mut self, now: Moment, mark: u16) -> Vec<Sent> {
        let mut sent = Vec::new();
        for kind in [Kind::ACC, Kind::GYRO] {
            let Some(rate_hz) = self.0.rate_hz(kind) else { continue };
            for before in (0..SAMPLES).rev() {
                // A clock that was set long ago.
                let clock_ns = (1_u64 << 59).saturating_add(now.0) - before * 1_000_000_000 / u64::from(rate_hz);
                let mut bytes = [0; 244];
                if let Some(len) = self.0.sample(kind, clock_ns, [mark as i16; 3], &mut bytes) {
                    sent.push(Sent::Notification(DATA, bytes[..len].to_vec()));
                }
            }
        }
        sent
    }
    fn marks(&self, frame: &Frame) -> Vec<i64> {
        frame.acc.iter().chain(&frame.gyr).map(|&n| i64::from(n)).collect()
    }
    fn pieces(&self, _: &Frame) -> Vec<Vec<u8>> {
        Vec::new()
    }
    fn reach(&self) -> usize {
        // The clock of a frame places its samples beside those of the other stream, and of the frame after it.
        12
    }
    fn rebuilt(&self, way: Way, characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut written = [0; 512];
        match (way, characteristic) {
            (Way::ToSensor, CONTROL) => return Some(Command::parse(bytes)?.encode().as_slice().to_vec()),
            (Way::FromSensor, CONTROL) => Answer::parse(bytes).ok()?.encode(&mut written),
            (Way::FromSensor, DATA) => {
                let frame = DataFrame::parse(bytes).ok()?;
                if frame.blocks().flatten().any(|block| block.padding() != 0) {
                    return None;
                }
                let samples: Vec<[i32; 3]> = frame.samples().collect();
                let blocks = frame.blocks().map(|block| block.map(|block| (block.bits, block.count)).unwrap());
                frame::encode(frame.form, frame.clock_ns, &samples, blocks, &mut written)
            }
            _ => None,
        }
        .map(|len| written[..len].to_vec())
    }
    fn not_rebuilt(&self) -> &'static [&'static str] {
        // One names a measurement that no sensor's side here takes; in one the maker set a bit that means nothing.
        &["device-initiated stop", "ACC compressed type 1"]
    }
    fn given(&self) -> &'static [&'static str] {
        &["needs_factor"]
    }
}
