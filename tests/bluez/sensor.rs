//! A sensor inside the stand-in: makes numbered samples and speaks the real bytes of its family.

use firmware_protocol::open_motion::peripheral as open;
use firmware_protocol::open_motion::wire::{AttError, Counted, LONGEST_PACKET};
use firmware_protocol::session::{Moment, Uuid};
use firmware_protocol::witmotion::peripheral as wit;
use firmware_protocol::witmotion::wire::Motion;
use firmware_protocol::{open_motion, witmotion};

/// Which kind of sensor stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    WitMotion,
    Open,
    /// Nothing that we know: it has a heart rate service, and is named by the test.
    Other,
}

pub(crate) enum Sensor {
    WitMotion(Box<wit::Peripheral>),
    Open(Box<open::Peripheral>),
}

/// What the heart rate service measures.
const HEART_RATE: Uuid = Uuid::sig(0x2a37);

/// A sample's number as its acceleration, so that every one can be told from all others at the other end.
pub(crate) fn numbered(n: u64) -> [i16; 3] {
    [(n % 30_000) as i16, (n / 30_000) as i16, 2048]
}

/// The number of a sample that came out at the other end.
pub(crate) fn number(acc: [i64; 3]) -> u64 {
    (acc[1] * 30_000 + acc[0]) as u64
}

impl Kind {
    pub(crate) fn sensor(self, mtu: u16) -> Sensor {
        match self {
            Self::WitMotion => Sensor::WitMotion(Box::default()),
            Self::Open | Self::Other => Sensor::Open(Box::new(open::Peripheral::new(open::STARTER, usize::from(mtu)))),
        }
    }
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WitMotion => "WT901BLE68",
            Self::Open => "OM-1",
            Self::Other => "thing",
        }
    }
    pub(crate) fn service(self) -> Uuid {
        match self {
            Self::WitMotion => witmotion::SERVICE,
            Self::Open => open_motion::SERVICE,
            Self::Other => Uuid::sig(0x180d),
        }
    }
    /// Characteristics with their flags.
    pub(crate) fn characteristics(self) -> &'static [(Uuid, &'static [&'static str])] {
        match self {
            Self::WitMotion => {
                &[(witmotion::DATA, &["notify"]), (witmotion::COMMAND, &["write", "write-without-response"])]
            }
            Self::Other => &[(HEART_RATE, &["notify"])],
            Self::Open => &[
                (open_motion::MOTION, &["notify"]),
                (open_motion::INFO, &["read"]),
                (open_motion::CONTROL, &["write"]),
                (open_motion::BATTERY_LEVEL, &["read"]),
            ],
        }
    }
}

impl Sensor {
    pub(crate) fn rate_hz(&self) -> f64 {
        match self {
            Self::WitMotion(sensor) => sensor.rate_hz(),
            Self::Open(sensor) => f64::from(sensor.info().rate_mhz) / 1000.0,
        }
    }

    /// Sample number `n`, taken at this moment: the notification that it fills, if it does.
    pub(crate) fn sample(&mut self, n: u64, at: Moment) -> Option<Vec<u8>> {
        match self {
            Self::WitMotion(_) => Some(Motion { acc: numbered(n), ..Motion::default() }.encode().to_vec()),
            Self::Open(sensor) => {
                let mut packet = [0; LONGEST_PACKET];
                let clock = (u128::from(at.0) * 32_768 / 1_000_000_000) as u32;
                let len = sensor.sample(clock, Counted { acc: numbered(n), gyr: [0; 3] }, &mut packet)?;
                Some(packet[..len].to_vec())
            }
        }
    }

    /// A sample that nobody is connected for.
    pub(crate) fn unsent(&mut self) {
        if let Self::Open(sensor) = self {
            let mut packet = [0; LONGEST_PACKET];
            sensor.drop_sample(&mut packet);
        }
    }

    pub(crate) fn read(&self, characteristic: Uuid) -> Vec<u8> {
        match self {
            Self::Open(sensor) if characteristic == open_motion::INFO => sensor.info().encode().to_vec(),
            _ => Vec::new(),
        }
    }

    /// Takes a write; gives a notification in answer, or an ATT error.
    pub(crate) fn write(&mut self, now: Moment, bytes: &[u8]) -> Result<Option<Vec<u8>>, AttError> {
        match self {
            Self::WitMotion(sensor) => Ok(sensor.write(now, bytes).map(|answer| answer.to_vec())),
            Self::Open(sensor) => sensor.control(bytes).map(|_| None),
        }
    }
}
