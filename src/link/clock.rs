//! The clock of arrivals: this machine's monotonic clock, made to count the time it was suspended too.
//!
//! The standard library's monotonic clock stands still in suspend on Linux, so a sensor that went on
//! would seem to have jumped. `/proc/uptime` counts on; the difference between the two is the suspension.

use crate::units::{Arrival, Seconds};
use firmware_protocol::session::Moment;
use std::time::Instant;

/// A difference below this is the coarse grain of `/proc/uptime` (10 ms) and the time between two readings.
const SUSPENDED_FROM_S: f64 = 0.5;

/// Tells when something reached this process.
#[derive(Debug)]
pub struct ArrivalClock {
    begun: Instant,
    begun_uptime_s: Option<f64>,
    suspended_s: f64,
}

impl Default for ArrivalClock {
    fn default() -> Self {
        Self { begun: Instant::now(), begun_uptime_s: uptime_s(), suspended_s: 0.0 }
    }
}

impl ArrivalClock {
    /// Now. Zero is when the machine was started, or this clock where that is not known.
    pub fn now(&self) -> Arrival {
        let before = Seconds(self.begun_uptime_s.unwrap_or(0.0) + self.suspended_s).nanos();
        Arrival(before.unsigned_abs() + u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX / 2))
    }

    /// The monotonic instant at which this clock will show `moment`; in the past if it has.
    pub fn instant_of(&self, moment: Moment) -> Instant {
        let ahead = moment.0.saturating_sub(self.now().0);
        Instant::now() + std::time::Duration::from_nanos(ahead)
    }

    /// Looks whether the machine was suspended since the last look, and for how long. Call it now and then.
    pub fn suspension(&mut self) -> Option<Seconds> {
        let passed_s = uptime_s()? - self.begun_uptime_s?;
        let slept_s = passed_s - self.begun.elapsed().as_secs_f64() - self.suspended_s;
        (slept_s > SUSPENDED_FROM_S).then(|| {
            self.suspended_s += slept_s;
            Seconds(slept_s)
        })
    }
}

/// Seconds since the machine was started, suspension included; `None` where there is no `/proc`.
fn uptime_s() -> Option<f64> {
    std::fs::read_to_string("/proc/uptime").ok()?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_goes_on_and_a_waking_machine_was_not_suspended() {
        let mut clock = ArrivalClock::default();
        let first = clock.now();
        assert_eq!(clock.suspension(), None);
        assert!(clock.now() > first);
    }

    #[test]
    fn time_in_suspend_is_counted_once() {
        let mut clock = ArrivalClock::default();
        let Some(uptime_s) = clock.begun_uptime_s else { return };
        // As if the machine had been started an hour later than it was: an hour passed that nobody counted.
        clock.begun_uptime_s = Some(uptime_s - 3600.0);
        let before = clock.now();
        let slept = clock.suspension().unwrap();
        assert!((slept.0 - 3600.0).abs() < 1.0, "{slept:?}");
        assert!(clock.now().0 - before.0 > 3_599_000_000_000);
        assert_eq!(clock.suspension(), None);
    }
}
