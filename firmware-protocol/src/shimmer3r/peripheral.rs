//! A Shimmer3R seen from inside: answers commands, gives samples byte for byte.
//!
//! For simulators and tests: who owns it takes the readings at [`Peripheral::rate_hz`] while it streams, and
//! cuts the bytes into notifications as it likes.

use super::wire::{self, ACK, Channels, Command, Inquiry, NACK};
use crate::att::Short;

/// Bytes of a sample with six axes.
pub const FRAME_LEN: usize = 16;

/// The sensor's side of a connection.
#[derive(Clone, Debug)]
pub struct Peripheral {
    inquiry: Inquiry,
    six_axes: bool,
    streams: bool,
}

impl Default for Peripheral {
    /// Set to 8 g and 500 °/s, with nothing to measure yet, at 51.2 Hz.
    fn default() -> Self {
        let settings = 2_u64 << 30 | 2 << 16;
        let [a, b, c, d, e, f, g, _] = settings.to_le_bytes();
        let config = [a, b, c, d, e, f, g];
        let inquiry = Inquiry { divider: 640, config, buffer_size: 1, channels: Channels::six_axes() };
        Self { inquiry, six_axes: false, streams: false }
    }
}

impl Peripheral {
    /// It streams.
    pub fn streams(&self) -> bool {
        self.streams
    }

    /// Samples a second.
    pub fn rate_hz(&self) -> f64 {
        self.inquiry.rate_hz()
    }

    /// Ticks of its clock from one sample to the next.
    pub fn divider(&self) -> u16 {
        self.inquiry.divider
    }

    /// The bytes of a sample that was taken when its clock showed this; `None` while it does not stream.
    pub fn sample(&self, ticks: u64, acc: [i16; 3], gyr: [i16; 3]) -> Option<[u8; FRAME_LEN]> {
        let mut frame = [0; FRAME_LEN];
        let ([a, b, c], [d, e, f]) = (acc, gyr);
        // Only the low bits are sent.
        let stamp = (ticks & ((1 << wire::CLOCK_BITS) - 1)) as u32;
        wire::encode_frame(stamp, &[a, b, c, d, e, f], &mut frame)?;
        self.streams.then_some(frame)
    }

    /// Takes what was written, and gives the answer.
    pub fn write(&mut self, bytes: &[u8]) -> Short {
        let six_axes = wire::LOW_NOISE | wire::GYRO;
        match Command::parse(bytes) {
            Some(Command::Rate(divider @ 1..)) => self.inquiry.divider = divider,
            Some(Command::Sensors(mask)) if mask == six_axes => self.six_axes = true,
            Some(Command::Start) if self.six_axes => self.streams = true,
            Some(Command::Stop) => self.streams = false,
            Some(Command::Inquiry) => {
                let mut reply = [ACK; Short::MOST];
                let len = self.inquiry.encode(&mut reply[1..]).unwrap_or_default();
                return Short::of(&reply[..=len]);
            }
            Some(Command::Battery) => return Short::of(&[ACK, wire::BATTERY, 0x00, 0x0a, 0x80]),
            _ => return Short::of(&[NACK]),
        }
        Short::of(&[ACK])
    }
}
