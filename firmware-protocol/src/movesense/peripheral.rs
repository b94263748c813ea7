//! A Movesense sensor seen from inside: answers commands, packs samples, cuts what is too long.
//!
//! For simulators and tests: who owns it takes the readings, calls [`Peripheral::sample`] with the sensor's
//! milliseconds, and sends what is handed out, in order.

use super::wire::{self, BATTERY_PATH, Command, HEADER_LEN, Hello, LONGEST_NOTIFICATION, LONGEST_PAYLOAD};
use super::wire::{RATES, Rate, Request, Response, Status};
use crate::bytes::Written;

/// Most samples in one payload.
const MOST: usize = 16;
/// Bytes of a notification that are not its value.
const ATT_OVERHEAD: usize = 3;

/// The sensor's side of a connection.
#[derive(Clone, Debug)]
pub struct Peripheral {
    subscription: Option<(u8, Rate)>,
    acc: [[f32; 3]; MOST],
    gyr: [[f32; 3]; MOST],
    waits: usize,
    first_ms: u32,
    mtu: usize,
    /// Charge in percent; `None`: it cannot measure it now.
    pub battery: Option<u8>,
    /// Speaks as the maker's early sample: a short hello, and no answer to a good subscription.
    pub early: bool,
    /// Answers subscriptions with this status instead.
    pub refuses: Option<u16>,
    /// Was told to start anew: the link drops now.
    pub reboots: bool,
}

impl Peripheral {
    /// A full sensor to which nobody subscribed.
    pub fn new(mtu: usize) -> Self {
        Self {
            subscription: None,
            acc: [[0.0; 3]; MOST],
            gyr: [[0.0; 3]; MOST],
            waits: 0,
            first_ms: 0,
            mtu,
            battery: Some(100),
            early: false,
            refuses: None,
            reboots: false,
        }
    }

    /// The link is gone, and the subscription with it.
    pub fn disconnected(&mut self) {
        (self.subscription, self.waits) = (None, 0);
    }

    /// Samples a second that it now sends; `None` without a subscription.
    pub fn rate_hz(&self) -> Option<f64> {
        self.subscription.map(|(_, rate)| f64::from(rate.hz))
    }

    /// Takes what was written to the command characteristic; gives the answer to send, if there is one.
    pub fn write(&mut self, bytes: &[u8]) -> Option<Written> {
        let Request { reference, command } = Request::parse(bytes).ok()?;
        let status = |code: u16, rest: &[u8]| {
            let [low, high] = Status { code, big_endian: false }.encode();
            Some(Written::of(&[&[wire::ANSWER, reference, low, high], rest]))
        };
        match command {
            Command::Hello => {
                let hello = if self.early { Hello::Early } else { HELLO }.encode();
                Some(Written::of(&[&[wire::ANSWER, reference], hello.as_slice()]))
            }
            Command::Subscribe(path) => {
                let Some(rate) = RATES.into_iter().find(|rate| rate.path == path) else { return status(404, &[]) };
                if let Some(code) = self.refuses {
                    return status(code, &[]);
                }
                (self.subscription, self.waits) = (Some((reference, rate)), 0);
                if self.early { None } else { status(200, &[]) }
            }
            Command::Unsubscribe => {
                self.disconnected();
                status(200, &[])
            }
            Command::Get(BATTERY_PATH) => match self.battery {
                Some(percent) => status(200, &[percent]),
                None => status(503, &[]),
            },
            Command::Get(_) | Command::FetchLog(_) => status(404, &[]),
            Command::SystemMode(mode) => {
                self.reboots = mode == Command::REBOOT;
                status(202, &[])
            }
            Command::LoggerState(_) => {
                // What it refused for is over.
                self.refuses = self.refuses.filter(|&code| code != 409);
                status(200, &[])
            }
            Command::ClearLogbook | Command::LoggerPaths(_) | Command::UtcTime(_) => status(200, &[]),
        }
    }

    /// A sample was taken, in m/s² and °/s, this many ms after the sensor's start. When a payload is full it is
    /// handed to `send`, in as many notifications as it takes.
    pub fn sample(&mut self, ms: u32, acc: [f32; 3], gyr: [f32; 3], send: &mut dyn FnMut(&[u8])) {
        let Some((reference, rate)) = self.subscription else { return };
        if self.waits == 0 {
            self.first_ms = ms;
        }
        (self.acc[self.waits], self.gyr[self.waits]) = (acc, gyr);
        self.waits += 1;
        if self.waits < rate.samples {
            return;
        }
        let blocks = [&self.acc[..self.waits], &self.gyr[..self.waits]];
        let mut payload = [0; LONGEST_PAYLOAD];
        let len = wire::encode_packet(self.first_ms, &blocks, &mut payload).unwrap_or(0);
        self.waits = 0;
        let room = self.mtu.saturating_sub(ATT_OVERHEAD).clamp(HEADER_LEN + 1, LONGEST_NOTIFICATION) - HEADER_LEN;
        for (i, body) in payload[..len].chunks(room).enumerate() {
            let code = if i == 0 { wire::DATA } else { wire::DATA_PART2 };
            send(Response { code, reference, body }.encode().as_slice());
        }
    }
}

const HELLO: Hello<'static> = Hello::Known {
    version: Hello::VERSION,
    serial: "000000000001",
    product: "simulated",
    dfu_mac: "00:00:00:00:00:00",
    app_name: "simulated",
    app_version: "1.0.0",
};
