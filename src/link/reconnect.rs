//! How a lost sensor is looked for: how long each look lasts, and the wait before the next.
//!
//! In: what became of a try. Out: durations. Left to others: the looking (`link::ble`), and telling people
//! (`link::session`). Pure, so that an hour of drops runs through a test in no time.

use std::time::Duration;

/// Without the sensor in reach for this long, it is away, and not merely lost for a moment: a hole of this
/// length also makes a calibration stale. Source: domain.md §5 (disconnected for more than 10 min).
pub const AWAY_AFTER: Duration = Duration::from_secs(600);

/// How long one look for the sensor lasts before the scan is begun anew. Source: btleplug issue 332, a scan
/// that is on for long may go quiet; the length is chosen by us.
const LOOK: Duration = Duration::from_secs(20);
/// The same while the sensor is away. With [`Reconnect::LONGEST`] between, the radio looks a third of the
/// time, and a sensor that comes back is still seen within those ten seconds. Chosen by us.
const LOOK_AWAY: Duration = Duration::from_secs(5);

/// When the next try is due: waits double from half a second to ten, anew after a success. It never gives up.
///
/// Ten seconds, because a sensor that comes back in reach shall be streaming again within ten (DESIGN §11);
/// as it is looked for by scanning, a longer wait would only save power when there is no radio at all.
#[derive(Clone, Debug, Default)]
pub struct Reconnect {
    failures: u32,
}

impl Reconnect {
    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(10);

    /// Something failed; wait this long.
    pub fn failed(&mut self) -> Duration {
        let wait = Self::FIRST.saturating_mul(1 << self.failures.min(5)).min(Self::LONGEST);
        self.failures = self.failures.saturating_add(1);
        wait
    }

    /// Samples came.
    pub fn worked(&mut self) {
        self.failures = 0;
    }

    /// How long to look, when the sensor has not been heard for this long.
    pub fn look(unheard: Duration) -> Duration {
        if unheard < AWAY_AFTER { LOOK } else { LOOK_AWAY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_to_ten_seconds_and_begins_anew_after_a_success() {
        let mut reconnect = Reconnect::default();
        let waits: Vec<f64> = (0..7).map(|_| reconnect.failed().as_secs_f64()).collect();
        assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]);
        reconnect.worked();
        assert_eq!(reconnect.failed(), Duration::from_millis(500));
    }

    #[test]
    fn away_is_what_makes_a_calibration_stale() {
        assert_eq!(AWAY_AFTER.as_secs_f64(), crate::warning::AWAY_LIMIT.0);
    }

    #[test]
    fn a_sensor_that_is_away_is_looked_for_a_third_of_the_time() {
        assert_eq!(Reconnect::look(Duration::from_secs(599)), LOOK);
        let away = Reconnect::look(AWAY_AFTER).as_secs_f64();
        let share = away / (away + Reconnect::LONGEST.as_secs_f64());
        assert!((0.3..0.34).contains(&share), "{share}");
    }
}
