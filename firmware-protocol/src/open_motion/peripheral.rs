//! A sensor of the open profile seen from inside: packs samples, answers commands. Fit for a microcontroller.
//!
//! ```
//! use firmware_protocol::open_motion::peripheral::{Peripheral, STARTER};
//! use firmware_protocol::open_motion::wire::{Counted, LONGEST_PACKET};
//!
//! let mut sensor = Peripheral::new(STARTER, 23);
//! let mut packet = [0; LONGEST_PACKET];
//! // In the timer interrupt: read the chip, then hand over what the real-time counter showed.
//! let sample = Counted { acc: [2048, 0, 0], gyr: [0; 3] };
//! if let Some(len) = sensor.sample(123_456, sample, &mut packet) {
//!     // notify(&packet[..len]);
//!     assert_eq!(len, 20);
//! }
//! ```

use super::wire::{self, AttError, CLOCK_BITS, Command, Counted, Form, Header, Info, MOST_SAMPLES};

/// Bytes of a notification that are not its value.
const ATT_OVERHEAD: usize = 3;

/// Info to start from: six axes, 16 g, 2000 °/s, 100 Hz; can vibrate, show itself, and be set.
pub const STARTER: Info = Info {
    vibrates: true,
    rate_settable: true,
    identifies: true,
    acc_full_scale_ug: 16_000_000,
    gyr_full_scale_udps: 2_000_000_000,
    rate_mhz: 100_000,
    start_number: 1,
    firmware: [1, 0, 0],
};

/// The sensor's side of a connection.
#[derive(Clone, Debug)]
pub struct Peripheral {
    /// What [`super::INFO`] answers.
    info: Info,
    counter: u16,
    waiting: [Counted; MOST_SAMPLES],
    waits: usize,
    first_clock: u32,
    mtu: usize,
    per_packet: usize,
}

impl Peripheral {
    /// A sensor that packs as many samples as the MTU allows, but never more than 50 ms of them.
    pub fn new(info: Info, mtu: usize) -> Self {
        let mut sensor = Self {
            info,
            counter: 0,
            waiting: [Counted::default(); MOST_SAMPLES],
            waits: 0,
            first_clock: 0,
            mtu,
            per_packet: 1,
        };
        sensor.set_mtu(mtu);
        sensor
    }

    /// The link has another MTU now. Samples that wait go out with the next packet.
    pub fn set_mtu(&mut self, mtu: usize) {
        self.mtu = mtu;
        let room = mtu.saturating_sub(ATT_OVERHEAD + 8) / self.form().sample_len();
        // Samples in 50 ms: rate_mhz / 1000 / 20.
        let patience = usize::try_from(self.info.rate_mhz / 20_000).unwrap_or(1);
        // Those that wait already must go out with it.
        self.per_packet = room.min(patience).clamp(self.waits + 1, MOST_SAMPLES);
    }

    /// What a read of the info characteristic answers.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// The counter of the next sample.
    pub fn counter(&self) -> u16 {
        self.counter
    }

    /// Goes on counting from here, as a sensor does that ran before.
    pub fn set_counter(&mut self, counter: u16) {
        self.counter = counter;
    }

    fn form(&self) -> Form {
        if self.info.has_gyro() { Form::SixAxes } else { Form::Acceleration }
    }

    /// A sample was taken when the clock showed `clock`. When a packet is full, it is written into `into`
    /// and its length given; send it, or lose it: the counter goes on.
    pub fn sample(&mut self, clock: u32, sample: Counted, into: &mut [u8]) -> Option<usize> {
        if self.waits == 0 {
            self.first_clock = clock & ((1 << CLOCK_BITS) - 1);
        }
        self.waiting[self.waits] = sample;
        self.waits += 1;
        if self.waits < self.per_packet { None } else { self.flush(into) }
    }

    /// Writes the samples that wait, if there are any, into `into` and gives the packet's length.
    pub fn flush(&mut self, into: &mut [u8]) -> Option<usize> {
        let samples = &self.waiting[..self.waits];
        let at_end = |sample: &Counted| sample.acc.iter().chain(&sample.gyr).any(|&n| matches!(n, i16::MIN | i16::MAX));
        let header = Header {
            form: self.form(),
            clipped: samples.iter().any(at_end),
            start: (self.info.start_number & 7) as u8,
            counter: self.counter,
            clock: self.first_clock,
        };
        let len = wire::encode_packet(&header, samples, into);
        // At most 15 wait.
        self.counter = self.counter.wrapping_add(self.waits as u16);
        self.waits = 0;
        len
    }

    /// A sample was taken that cannot be sent: it is only counted.
    pub fn drop_sample(&mut self, into: &mut [u8]) -> Option<usize> {
        let waiting = self.flush(into);
        self.counter = self.counter.wrapping_add(1);
        waiting
    }

    /// Takes what was written to the control characteristic. A rate is taken over; the rest is the
    /// caller's to do.
    pub fn control(&mut self, bytes: &[u8]) -> Result<Command, AttError> {
        let command = Command::parse(bytes)?;
        let able = match command {
            Command::Vibrate { .. } => self.info.vibrates,
            Command::Identify(_) => self.info.identifies,
            Command::Rate(mhz) => {
                if self.info.rate_settable {
                    self.info.rate_mhz = mhz;
                    self.set_mtu(self.mtu);
                }
                self.info.rate_settable
            }
        };
        if able { Ok(command) } else { Err(AttError::Unable) }
    }
}
