//! Shimmer3R.

use super::{Sensor, Sent, i16s};
use firmware_protocol::explain::Way;
use firmware_protocol::family::Family;
use firmware_protocol::session::{Action, Frame, Moment, Uuid};
use firmware_protocol::shimmer3r::peripheral::{FRAME_LEN, Peripheral};
use firmware_protocol::shimmer3r::wire::{ACK, Channels, Command, GYR, Inquiry, encode_frame, stamp};
use firmware_protocol::shimmer3r::{FAMILY, FROM, TO};

/// Samples in a packet. It goes out in two notifications, cut anywhere.
const SAMPLES: u64 = 5;
/// The smallest piece: what the smallest MTU carries.
const LEAST: usize = 20;

#[derive(Default)]
pub(crate) struct Shimmer3r(Peripheral);

impl Sensor for Shimmer3r {
    fn family(&self) -> &'static Family {
        &FAMILY
    }
    fn period_ms(&self) -> u64 {
        // Five samples at 50 Hz.
        100
    }
    fn asked(&mut self, _: Moment, action: &Action<'_>) -> Vec<Sent> {
        match *action {
            Action::Write { characteristic: TO, bytes } => {
                vec![Sent::Notification(FROM, self.0.write(bytes).as_slice().to_vec())]
            }
            Action::Read(characteristic) => vec![Sent::Failed(characteristic)],
            _ => Vec::new(),
        }
    }
    fn packet(&mut self, now: Moment, mark: u16) -> Vec<Sent> {
        let n = [mark as i16; 3];
        let newest = u64::try_from(u128::from(now.0) * 32_768 / 1_000_000_000).unwrap();
        let ticks = (0..SAMPLES).rev().map(|i| newest.wrapping_sub(i * u64::from(self.0.divider())));
        let bytes: Vec<u8> = ticks.filter_map(|ticks| self.0.sample(ticks, n, n)).flatten().collect();
        let cut = LEAST + usize::from(mark) * 7 % (SAMPLES as usize * FRAME_LEN - 2 * LEAST + 1);
        match bytes.split_at_checked(cut) {
            Some((a, b)) => [a, b].map(|bytes| Sent::Notification(FROM, bytes.to_vec())).to_vec(),
            None => Vec::new(),
        }
    }
    fn marks(&self, frame: &Frame) -> Vec<i64> {
        frame.acc.iter().chain(&frame.gyr).map(|&n| i64::from(n)).collect()
    }
    fn pieces(&self, frame: &Frame) -> Vec<Vec<u8>> {
        vec![[i16s(&frame.acc), i16s(&frame.gyr)].concat()]
    }
    fn has_seams(&self) -> bool {
        true
    }
    fn rebuilt(&self, way: Way, _: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
        if way == Way::ToSensor {
            return Some(Command::parse(bytes)?.encode().as_slice().to_vec());
        }
        if bytes == [ACK] {
            return Some(Peripheral::default().write(Command::Stop.encode().as_slice()).as_slice().to_vec());
        }
        let mut written = [0; 20];
        let len = match Inquiry::parse(bytes) {
            Some(Ok(inquiry)) => inquiry.encode(&mut written)?,
            _ => {
                let channels = Channels::six_axes();
                let ([a, b, c], [d, e, f]) = (channels.read(bytes, [0, 1, 2])?, channels.read(bytes, GYR)?);
                encode_frame(stamp(bytes), &[a, b, c, d, e, f], &mut written)?
            }
        };
        Some(written[..len].to_vec())
    }
}
