//! WitMotion.

use super::{Sensor, Sent, i16s};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::session::{Action, Frame, Moment, Uuid};
use firmware_protocol::witmotion::peripheral::Peripheral;
use firmware_protocol::witmotion::wire::{Command, FRAME_LEN, Motion, Registers};
use firmware_protocol::witmotion::{COMMAND, DATA, FAMILY};

#[derive(Default)]
pub(crate) struct WitMotion(Peripheral);

impl Sensor for WitMotion {
    fn family(&self) -> &'static Family {
        &FAMILY
    }
    fn period_ms(&self) -> u64 {
        20
    }
    fn asked(&mut self, now: Moment, action: &Action<'_>) -> Vec<Sent> {
        match *action {
            Action::Write { characteristic: COMMAND, bytes } => {
                self.0.write(now, bytes).map(|answer| Sent::Notification(DATA, answer.to_vec())).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
    fn packet(&mut self, _: Moment, mark: u16) -> Vec<Sent> {
        let n = [mark as i16; 3];
        vec![Sent::Notification(DATA, Motion { acc: n, gyr: n, angle: n, clock: None }.encode().to_vec())]
    }
    fn marks(&self, frame: &Frame) -> Vec<i64> {
        frame.acc.iter().chain(&frame.gyr).map(|&n| i64::from(n)).collect()
    }
    fn pieces(&self, frame: &Frame) -> Vec<Vec<u8>> {
        vec![[i16s(&frame.acc), i16s(&frame.gyr)].concat()]
    }
    fn rebuilt(&self, way: Way, characteristic: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
        match (way, characteristic) {
            (Way::ToSensor, COMMAND) => Command::parse(bytes).map(|command| command.encode().to_vec()),
            (Way::FromSensor, DATA) => {
                if let Some(motion @ Motion { clock: Some(clock), .. }) = Motion::parse(bytes) {
                    return Some(motion.encode_clocked(&clock).to_vec());
                }
                let frames = bytes.chunks(FRAME_LEN).map(|frame| {
                    let motion = Motion::parse(frame).map(|motion| motion.encode());
                    motion.or_else(|| Registers::parse(frame).map(|registers| registers.encode()))
                });
                frames.collect::<Option<Vec<_>>>().map(|frames| frames.concat())
            }
            _ => None,
        }
    }
    fn not_rebuilt(&self) -> &'static [&'static str] {
        // No sensor makes garbage or half frames on purpose.
        &["leading garbage", "first 12 bytes", "remaining 8 bytes"]
    }
}
