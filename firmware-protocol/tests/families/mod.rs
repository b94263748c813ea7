//! The sensor's side of every family, as `tests/hostile.rs` and `tests/vectors.rs` need it.
//!
//! A new family is a file here that implements [`Sensor`], and a line in [`sensors`].
// Each of the two tests uses its part of this.
#![allow(dead_code)]

pub(crate) mod told;

mod bluest;
mod infinitime;
mod metamotion;
mod movella_dot;
mod movesense;
mod open_motion;
mod polar;
mod sensortag;
mod shimmer3r;
mod thingy52;
mod witmotion;

use firmware_protocol::att::{AttError, Short};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::session::{Action, Frame, Moment, Uuid};
use firmware_protocol::sig;

/// One sensor of each family in `FAMILIES`.
pub(crate) fn sensors() -> Vec<Box<dyn Sensor>> {
    vec![
        Box::new(open_motion::OpenMotion::default()),
        Box::new(witmotion::WitMotion::default()),
        Box::new(metamotion::MetaMotion::default()),
        Box::new(polar::Polar::default()),
        Box::new(thingy52::Thingy52::default()),
        Box::new(sensortag::SensorTag::default()),
        Box::new(bluest::BlueSt::default()),
        Box::new(shimmer3r::Shimmer3r::default()),
        Box::new(infinitime::InfiniTime::default()),
        Box::new(movesense::Movesense::at(52.0)),
        Box::new(movella_dot::MovellaDot::default()),
    ]
}

/// The same, and those that send in another way too.
pub(crate) fn every_way() -> Vec<Box<dyn Sensor>> {
    let mut sensors = sensors();
    // In two pieces.
    sensors.push(Box::new(movesense::Movesense::at(104.0)));
    sensors
}

/// Something that a sensor sends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sent {
    Notification(Uuid, Vec<u8>),
    /// The answer to a read.
    Value(Uuid, Vec<u8>),
    /// A request that it cannot fulfil.
    Failed(Uuid),
}

/// A sensor that marks its samples, so that one made of two packets is noticed.
pub(crate) trait Sensor {
    fn family(&self) -> &'static Family;

    /// The rate to ask for.
    fn rate_hz(&self) -> f64 {
        50.0
    }

    /// How far apart its packets are.
    fn period_ms(&self) -> u64;

    /// What it answers when the session asks for something: reads, writes, subscriptions.
    fn asked(&mut self, now: Moment, action: &Action<'_>) -> Vec<Sent>;

    /// The notifications of its next packet: every number of every sample in it says `mark` (below 1000).
    fn packet(&mut self, now: Moment, mark: u16) -> Vec<Sent>;

    /// What mark each number of a frame says.
    fn marks(&self, frame: &Frame) -> Vec<i64>;

    /// The bytes of a frame's numbers in pieces that must stand in what was sent; none where numbers are
    /// packed in a way that a piece cannot be found again.
    fn pieces(&self, frame: &Frame) -> Vec<Vec<u8>>;

    /// How many notifications back a sample may have begun.
    fn reach(&self) -> usize {
        6
    }

    /// What of a notification carries numbers: a piece may run from one into the next.
    fn payload<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes
    }

    /// Its samples may lie in two notifications, and nothing guards the seam: two faults at once, of just the
    /// right lengths, fit together unseen.
    fn has_seams(&self) -> bool {
        false
    }

    /// Bytes written anew from what they were read as; `None` if they are not whole messages.
    fn rebuilt(&self, way: Way, characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>>;

    /// Vectors that [`Sensor::rebuilt`] does not write, by how their names begin, each for a reason.
    fn not_rebuilt(&self) -> &'static [&'static str] {
        &[]
    }

    /// Names of `expect` that a live session knows beside the bytes; the vector's value is handed in.
    fn given(&self) -> &'static [&'static str] {
        &[]
    }
}

/// The answer to a read, or that there is none.
pub(crate) fn value(characteristic: Uuid, value: Option<Short>) -> Vec<Sent> {
    let sent = |value: Short| Sent::Value(characteristic, value.as_slice().to_vec());
    vec![value.map_or(Sent::Failed(characteristic), sent)]
}

/// Nothing, or that a write was refused.
pub(crate) fn written<T>(characteristic: Uuid, result: Result<T, AttError>) -> Vec<Sent> {
    result.err().map(|_| Sent::Failed(characteristic)).into_iter().collect()
}

/// What the standard services carry, written anew.
pub(crate) fn standard(characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
    match characteristic {
        sig::BATTERY_LEVEL => Some(vec![sig::wire::level(bytes).ok()?]),
        sig::BATTERY_STATUS => Some(sig::wire::LevelStatus::parse(bytes).ok()?.encode().as_slice().to_vec()),
        sig::ALERT_LEVEL => Some(sig::wire::AlertLevel::parse(bytes).ok()?.encode().to_vec()),
        _ => None,
    }
}

/// The bytes of counts, little-endian, 16 bits each.
pub(crate) fn i16s(numbers: &[i32]) -> Vec<u8> {
    numbers.iter().flat_map(|&number| (number as i16).to_le_bytes()).collect()
}

/// A mark as a float that holds it exactly: within 16 g and 2000 °/s.
pub(crate) fn marked(mark: u16) -> [f32; 3] {
    [f32::from(mark) / 8.0; 3]
}

/// The marks of floats.
pub(crate) fn float_marks(frame: &Frame) -> Vec<i64> {
    frame.acc.iter().chain(&frame.gyr).map(|&bits| (f32::from_bits(bits as u32) * 8.0) as i64).collect()
}

/// The bytes of floats, little-endian, 32 bits each.
pub(crate) fn f32s(bits: &[i32]) -> Vec<u8> {
    bits.iter().flat_map(|bits| bits.to_le_bytes()).collect()
}
