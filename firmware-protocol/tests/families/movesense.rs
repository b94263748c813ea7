//! Movesense.

use super::{Sensor, Sent, f32s, float_marks, marked};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::movesense::peripheral::Peripheral;
use firmware_protocol::movesense::wire::{
    ANSWER, DATA_PART2, HEADER_LEN, Hello, Packet, Request, Response, Status, encode_packet,
};
use firmware_protocol::movesense::{COMMAND, DATA, FAMILY};
use firmware_protocol::session::{Action, Frame, Moment, Uuid};

pub(crate) struct Movesense {
    sensor: Peripheral,
    rate_hz: f64,
}

impl Movesense {
    /// A sensor that is asked for this rate.
    pub(crate) fn at(rate_hz: f64) -> Self {
        Self { sensor: Peripheral::new(247), rate_hz }
    }
}

impl Sensor for Movesense {
    fn family(&self) -> &'static Family {
        &FAMILY
    }
    fn rate_hz(&self) -> f64 {
        self.rate_hz
    }
    fn period_ms(&self) -> u64 {
        77
    }
    fn asked(&mut self, _: Moment, action: &Action<'_>) -> Vec<Sent> {
        match *action {
            Action::Write { characteristic: COMMAND, bytes } => {
                let answer = self.sensor.write(bytes);
                answer.map(|answer| Sent::Notification(DATA, answer.as_slice().to_vec())).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
    fn packet(&mut self, now: Moment, mark: u16) -> Vec<Sent> {
        let mut sent = Vec::new();
        let samples = (self.rate_hz / 13.0) as usize;
        for _ in 0..samples {
            // Its clock has 32 bits.
            self.sensor.sample((now.0 / 1_000_000) as u32, marked(mark), marked(mark), &mut |bytes| {
                sent.push(Sent::Notification(DATA, bytes.to_vec()));
            });
        }
        sent
    }
    fn marks(&self, frame: &Frame) -> Vec<i64> {
        float_marks(frame)
    }
    fn pieces(&self, frame: &Frame) -> Vec<Vec<u8>> {
        vec![f32s(&frame.acc), f32s(&frame.gyr)]
    }
    fn payload<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(HEADER_LEN..).unwrap_or_default()
    }
    fn rebuilt(&self, way: Way, characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
        match (way, characteristic) {
            (Way::ToSensor, COMMAND) => Some(Request::parse(bytes).ok()?.encode().as_slice().to_vec()),
            (Way::FromSensor, DATA) => {
                let Response { code, reference, body } = Response::parse(bytes).ok()?;
                let body = match code {
                    DATA_PART2 => return None,
                    ANSWER => answer(body)?,
                    _ => data(body)?,
                };
                Some(Response { code, reference, body: &body }.encode().as_slice().to_vec())
            }
            _ => None,
        }
    }
    fn not_rebuilt(&self) -> &'static [&'static str] {
        // Half payloads are written by the sensor's side in tests/movesense.rs; of the time we only read.
        &["IMU6/104 part", "orphan DATA_PART2", "Time/Detailed payload"]
    }
    fn given(&self) -> &'static [&'static str] {
        &["path"]
    }
}

fn answer(body: &[u8]) -> Option<Vec<u8>> {
    if let Some(hello) = Hello::parse(body) {
        return Some(hello.encode().as_slice().to_vec());
    }
    let (status, value) = Status::parse(body).ok()?;
    Some([&status.encode(), value].concat())
}

fn data(body: &[u8]) -> Option<Vec<u8>> {
    // Four samples each.
    let blocks = (body.len() - 4) / 48;
    if body.len() != 4 + 48 * blocks {
        return None;
    }
    let packet = Packet::parse(body, blocks).ok()?;
    let read = |block: usize| (0..packet.samples()).map(move |i| packet.vector(block, i)).collect::<Vec<_>>();
    let read: Vec<Vec<[f32; 3]>> = (0..blocks).map(read).collect();
    let slices: Vec<&[[f32; 3]]> = read.iter().map(Vec::as_slice).collect();
    let mut written = [0; 256];
    let len = encode_packet(packet.timestamp_ms, &slices, &mut written)?;
    Some(written[..len].to_vec())
}
