//! The contract between a sensor's protocol and the link that carries it: events in, actions out.
//!
//! A session outlives connections. It is told of each new one, so that it can go on where it was: the
//! counters of the sensor run on through a short absence, and a sensor that started anew is noticed.
//! It never waits; it says by [`Session::wake_at`] when it wants to be called again.

use core::fmt;

/// A 128-bit Bluetooth UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uuid(pub u128);

impl Uuid {
    /// A 16-bit UUID of the Bluetooth SIG, in full.
    pub const fn sig(short: u16) -> Self {
        Self(0x0000_0000_0000_1000_8000_0080_5f9b_34fb | ((short as u128) << 96))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = [self.0 >> 96, self.0 >> 80, self.0 >> 64, self.0 >> 48];
        let tail = self.0 & 0xffff_ffff_ffff;
        write!(f, "{a:08x}-{:04x}-{:04x}-{:04x}-{tail:012x}", b & 0xffff, c & 0xffff, d & 0xffff)
    }
}

/// A moment of the host's monotonic clock, in nanoseconds from any fixed start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

impl Moment {
    /// This many milliseconds later.
    #[must_use]
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1_000_000)))
    }
    /// Nanoseconds since an earlier moment; none if it is later.
    pub const fn nanos_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// What happened on the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A connection stands and the services of the sensor are known.
    Connected {
        /// The ATT MTU; a notification holds at most three bytes less.
        mtu: u16,
    },
    /// The connection is gone.
    Disconnected,
    /// A notification came.
    Notification {
        /// From which characteristic.
        characteristic: Uuid,
        /// What it holds.
        bytes: &'a [u8],
    },
    /// A read that the session asked for was answered.
    Read {
        /// Of which characteristic.
        characteristic: Uuid,
        /// What it holds.
        bytes: &'a [u8],
    },
    /// A write, read or subscription that the session asked for did not work.
    Failed {
        /// At which characteristic.
        characteristic: Uuid,
    },
    /// Time passed: the moment of [`Session::wake_at`] has come.
    Wake,
}

/// What the session wants done, or has to tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action<'a> {
    /// Turn the notifications of this characteristic on.
    Subscribe(Uuid),
    /// Write these bytes.
    Write {
        /// To this characteristic.
        characteristic: Uuid,
        /// At most 64 of them; those that a session sends before it knows the MTU are 20 at most.
        bytes: &'a [u8],
    },
    /// Read this characteristic.
    Read(Uuid),
    /// What the numbers of the following frames mean. Comes before the first frame, and again on a change.
    Format(Format),
    /// One sample.
    Frame(Frame),
    /// The sensor told its charge.
    Battery {
        /// 0 to 100 %.
        percent: u8,
        /// The voltage, where it was told, in mV.
        millivolts: Option<u16>,
    },
    /// The sensor told its temperature, in 1/100 °C.
    Temperature(i16),
    /// The sensor started anew: its counter and clock have no bearing on the earlier ones.
    Restarted,
    /// Bytes were not understood, and nothing was made of them.
    Refused {
        /// Why.
        why: Refusal,
        /// How many bytes.
        bytes: usize,
    },
    /// The sensor does not do what was asked; it goes on with its own rate.
    ReadOnly {
        /// The rate it is believed to have, in Hz.
        rate_hz: f64,
    },
    /// The sensor speaks a form that this session does not; it is of no use to go on.
    Unsupported(&'static str),
    /// Something happened at the sensor.
    Notice(Notice),
}

/// What can happen at a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Its button was pressed.
    Button,
    /// It switches itself off: the link drops now, and it comes back when someone switches it on.
    SwitchesOff,
}

/// Why bytes were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Too short or too long for what they claim to be.
    Length,
    /// No known header, type or version.
    Kind,
    /// The checksum does not fit.
    Checksum,
    /// The counter went backward: a packet that came twice or too late.
    Repeated,
    /// The rest of a frame that never came.
    Truncated,
    /// Before the meaning of the numbers was known.
    Early,
    /// A number that cannot be: not finite, or out of its range.
    Value,
}

impl Refusal {
    /// All reasons.
    pub const ALL: [Refusal; 7] =
        [Self::Length, Self::Kind, Self::Checksum, Self::Repeated, Self::Truncated, Self::Early, Self::Value];

    /// In words, for a count of them.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Length => "wrong length",
            Self::Kind => "unknown kind",
            Self::Checksum => "wrong checksum",
            Self::Repeated => "came twice or too late",
            Self::Truncated => "cut short",
            Self::Early => "before the sensor was set up",
            Self::Value => "a number that cannot be",
        }
    }
}

/// How often something was taken or refused since the session began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Samples given out.
    pub frames: u64,
    refused: [u64; Refusal::ALL.len()],
}

impl Counts {
    /// How often something was refused for this reason.
    pub const fn refused(&self, why: Refusal) -> u64 {
        self.refused[why as usize]
    }
    /// How often something was refused.
    pub fn refused_in_all(&self) -> u64 {
        self.refused.iter().sum()
    }
    pub(crate) const fn count(&mut self, why: Refusal) {
        self.refused[why as usize] += 1;
    }
    /// Counts bytes that were refused, and says so.
    pub(crate) fn refuse(&mut self, why: Refusal, bytes: usize, act: &mut dyn FnMut(Action<'_>)) {
        self.count(why);
        act(Action::Refused { why, bytes });
    }
}

/// What one number of a [`Frame`] stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Counts: the value is `count * full_scale / full_count`.
    Counts {
        /// The value at `full_count`: g for acceleration, °/s for rotation.
        full_scale: f64,
        /// The count that means `full_scale`.
        full_count: f64,
    },
    /// The sensor sends IEEE 754 `f32`: the number is its 32 bits, so that nothing is lost. Always finite.
    Float32(Unit),
}

/// The unit of a sensor that sends floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Acceleration in m/s².
    MetresPerSecond2,
    /// Rotation rate in °/s.
    DegreesPerSecond,
}

impl Scale {
    /// The value of a number in the scale's own unit: g or °/s for counts, the float's own for floats.
    pub const fn value(self, number: i32) -> f64 {
        match self {
            Self::Counts { full_scale, full_count } => number as f64 * full_scale / full_count,
            Self::Float32(_) => f32::from_bits(number.cast_unsigned()) as f64,
        }
    }
}

/// What the numbers of a [`Frame`] mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Format {
    /// Acceleration.
    pub acc: Scale,
    /// Rotation rate; `None` without a gyroscope.
    pub gyr: Option<Scale>,
    /// Samples a second that the sensor claims to take.
    pub rate_hz: f64,
    /// One tick of [`Frame::ticks`] in seconds; `None` where the sensor sends no clock.
    pub tick_s: Option<f64>,
}

/// One sample, in the sensor's own numbers ([`Scale`]) and axes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The sensor's counter of samples, unwrapped; `None` where it sends none.
    pub seq: Option<u64>,
    /// The sensor's clock, unwrapped; `None` where it sends none.
    pub ticks: Option<u64>,
    /// Acceleration x, y, z.
    pub acc: [i32; 3],
    /// Rotation rate x, y, z; zeros where the format has none.
    pub gyr: [i32; 3],
    /// A number was at the end of the sensor's range or beyond: it says so of the packet, or the number shows it.
    pub clipped: bool,
}

/// Something the wearer should feel or see, asked of the sensor itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// One short, clear buzz: a movement.
    Strong,
    /// A soft buzz that may repeat: a posture.
    Soft,
    /// Show which sensor this is: blink or buzz for two seconds.
    Identify,
}

/// What is wanted of a sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// Samples a second; the nearest rate that the sensor offers at or above it is taken.
    pub rate_hz: f64,
}

/// The earliest of the moments that there are.
pub(crate) fn earliest<const N: usize>(moments: [Option<Moment>; N]) -> Option<Moment> {
    moments.into_iter().flatten().min()
}

/// A sensor's protocol: it decides what the bytes mean and what is to be sent.
pub trait Session {
    /// Takes what happened and hands everything that follows from it to `act`, in order.
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>));

    /// Asks the sensor for a signal. False: this sensor has nothing to signal with.
    fn signal(&mut self, signal: Signal, act: &mut dyn FnMut(Action<'_>)) -> bool;

    /// When [`Event::Wake`] is wanted, at the latest.
    fn wake_at(&self) -> Option<Moment>;

    /// What was taken and refused so far.
    fn counts(&self) -> &Counts;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn a_uuid_prints_as_people_know_it() {
        assert_eq!(Uuid::sig(0x2a19).to_string(), "00002a19-0000-1000-8000-00805f9b34fb");
        assert_eq!(Uuid(0x0000ffe5_0000_1000_8000_00805f9a34fb).to_string(), "0000ffe5-0000-1000-8000-00805f9a34fb");
    }
}
