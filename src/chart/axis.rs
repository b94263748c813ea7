//! The hours of a local day along an axis, from midnight to midnight, and scales that start at zero.

use super::ChartError;
use super::data::{lasting, local_day, timestamp};
use super::look::Clock;
use super::text;
use crate::units::WallTime;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A local day as an axis of elapsed seconds since its midnight.
pub(super) struct DayAxis {
    start: WallTime,
    /// Length of the day in seconds: 23 to 25 h.
    pub(super) length: f64,
    zone: TimeZone,
}

impl DayAxis {
    pub(super) fn new(date: Date, zone: &TimeZone) -> Result<Self, ChartError> {
        let (start, end) = local_day(date, zone)?;
        Ok(Self { start, length: lasting(start, end).0, zone: zone.clone() })
    }

    /// Seconds since midnight; may lie outside the day.
    pub(super) fn at(&self, moment: WallTime) -> f64 {
        lasting(self.start, moment).0
    }

    /// Seconds since midnight, cut to the day.
    pub(super) fn within(&self, moment: WallTime) -> f64 {
        self.at(moment).clamp(0.0, self.length)
    }

    /// The full local hours whose number can be divided by `every`, with their place, midnight at the
    /// end included. An hour that a clock change repeats appears twice, one that it skips not at all.
    pub(super) fn hours(&self, every: i8, clock: Clock) -> Vec<(f64, String)> {
        /// Clock changes move by whole quarters of an hour.
        const QUARTER_S: i64 = 900;
        let quarters = (self.length as i64) / QUARTER_S;
        (0..=quarters)
            .filter_map(|quarter| {
                let elapsed = quarter * QUARTER_S;
                let local = timestamp(WallTime(self.start.0 + elapsed * 1_000_000_000)).to_zoned(self.zone.clone());
                let wanted = local.minute() == 0 && local.second() == 0 && local.hour() % every == 0;
                wanted.then(|| (elapsed as f64, text::hour(local.hour(), clock)))
            })
            .collect()
    }

    /// A moment as a time of day.
    pub(super) fn time_of_day(&self, moment: WallTime, clock: Clock) -> String {
        let local = timestamp(moment).to_zoned(self.zone.clone());
        text::time_of_day(local.hour(), local.minute(), clock)
    }
}

/// The end of a scale that starts at zero and holds `largest`, and the spacing of its lines, of which
/// there are two to five. `least` keeps a quiet day from looking busy.
pub(super) fn scale(largest: f64, least: f64) -> (f64, f64) {
    let reach = largest.max(least);
    let power = 10f64.powf(reach.log10().floor());
    let step = [0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .map(|share| share * power)
        .find(|step| reach / step <= 4.0)
        .unwrap_or(power * 5.0);
    ((reach / step).ceil() * step, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_hour_skipped_by_the_clock_is_not_on_the_axis_and_a_repeated_one_is_twice() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let hours = |day| {
            let axis = DayAxis::new(day, &berlin).unwrap();
            axis.hours(2, Clock::TwentyFour).into_iter().map(|(_, word)| word).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(hours(date(2026, 3, 29)), "00 04 06 08 10 12 14 16 18 20 22 00");
        assert_eq!(hours(date(2026, 10, 25)), "00 02 02 04 06 08 10 12 14 16 18 20 22 00");
    }

    #[test]
    fn scales_hold_their_largest_value_in_few_round_steps() {
        assert_eq!(scale(0.0, 200.0), (200.0, 50.0));
        assert_eq!(scale(587.0, 200.0), (600.0, 200.0));
        for largest in [1.0, 7.0, 33.0, 61.0, 99.0, 123.0, 480.0, 999.0] {
            let (end, step) = scale(largest, 1.0);
            assert!(end >= largest && (1.0..=5.0).contains(&(end / step)), "{largest}: {end} by {step}");
        }
    }
}
