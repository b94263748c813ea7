//! Lets recorded time pass as fast as asked: in real time, a number of times faster, or without waiting.
//!
//! In:  moments of a recording, in order. Out: nothing, but not before each is due. Used by replay and
//! simulator alike. It blocks its thread, so both run on threads of their own.

use crate::units::{Seconds, Time};
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// Longest sleep in one piece, so that a receiver that went away is soon noticed.
const LONGEST_NAP: Duration = Duration::from_millis(100);

/// How fast recorded time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// This many times as fast as it happened; 1 is real time.
    Times(f64),
    /// Without waiting.
    Max,
}

impl Speed {
    /// As it happened.
    pub const REAL: Speed = Speed::Times(1.0);
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("max") {
            return Ok(Self::Max);
        }
        let times = text.strip_suffix(['x', 'X']).unwrap_or(text).parse::<f64>().ok();
        match times.filter(|times| times.is_finite() && *times > 0.0) {
            Some(times) => Ok(Self::Times(times)),
            None => Err(format!("{text:?} is no speed; write 1 for real time, 60 for a minute a second, or max")),
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Times(times) => write!(f, "{times}"),
            Self::Max => f.write_str("max"),
        }
    }
}

/// A clock that only this module reads; tests bring their own.
pub(super) trait Clock {
    /// Time since any fixed start.
    fn now(&self) -> Duration;
    /// Lets this much pass.
    fn sleep(&mut self, lasting: Duration);
}

/// The machine's own clock.
#[derive(Debug)]
pub(super) struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
    fn sleep(&mut self, lasting: Duration) {
        std::thread::sleep(lasting);
    }
}

/// Holds a source back until each of its moments is due.
#[derive(Debug)]
pub(super) struct Pace<C> {
    speed: Speed,
    clock: C,
    /// The first moment, and when it was due.
    began: Option<(Time, Duration)>,
}

impl Pace<SystemClock> {
    /// By the machine's clock, from the first moment on.
    pub(super) fn new(speed: Speed) -> Self {
        Self::by(speed, SystemClock::default())
    }
}

impl<C: Clock> Pace<C> {
    fn by(speed: Speed, clock: C) -> Self {
        Self { speed, clock, began: None }
    }

    /// Waits until `t` is due; gives up with `false` as soon as `unwanted` says so.
    pub(super) fn wait(&mut self, t: Time, unwanted: impl Fn() -> bool) -> bool {
        let Speed::Times(times) = self.speed else {
            return true;
        };
        let (first, at) = *self.began.get_or_insert_with(|| (t, self.clock.now()));
        let Seconds(since) = t.since(first);
        // Beyond what a Duration holds lies the end of time: then it waits as long as it is wanted.
        let due = Duration::try_from_secs_f64(since / times).map_or(Duration::MAX, |d| at.saturating_add(d));
        loop {
            let left = due.saturating_sub(self.clock.now());
            if left.is_zero() {
                return true;
            }
            if unwanted() {
                return false;
            }
            self.clock.sleep(left.min(LONGEST_NAP));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct FakeClock(Duration);

    impl Clock for FakeClock {
        fn now(&self) -> Duration {
            self.0
        }
        fn sleep(&mut self, lasting: Duration) {
            self.0 += lasting;
        }
    }

    fn passed(speed: &str, to: f64) -> f64 {
        let mut pace = Pace::by(speed.parse().unwrap(), FakeClock::default());
        assert!(pace.wait(Time::from_seconds(10.0), || false));
        assert!(pace.wait(Time::from_seconds(to), || false));
        pace.clock.0.as_secs_f64()
    }

    #[test]
    fn recorded_time_passes_as_fast_as_asked() {
        assert!((passed("1", 70.0) - 60.0).abs() < 1e-6);
        assert!((passed("60x", 70.0) - 1.0).abs() < 1e-6);
        assert_eq!(passed("max", 1e9), 0.0);
    }

    #[test]
    fn time_that_was_lost_elsewhere_is_not_waited_for_again() {
        let mut pace = Pace::by(Speed::REAL, FakeClock::default());
        pace.wait(Time::START, || false);
        pace.clock.0 += Duration::from_secs(5);
        pace.wait(Time::from_seconds(3.0), || false);
        assert_eq!(pace.clock.0, Duration::from_secs(5));
    }

    #[test]
    fn an_unwanted_wait_ends() {
        let mut pace = Pace::by(Speed::REAL, FakeClock::default());
        pace.wait(Time::START, || true);
        assert!(!pace.wait(Time::from_seconds(1e12), || true));
    }

    #[test]
    fn speeds_are_read_as_they_are_typed() {
        assert_eq!("max".parse(), Ok(Speed::Max));
        assert_eq!("20x".parse(), Ok(Speed::Times(20.0)));
        for wrong in ["0", "-1", "inf", "fast", "", "nan"] {
            assert!(wrong.parse::<Speed>().is_err(), "{wrong}");
        }
    }
}
