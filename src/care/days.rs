//! Which local day it is for the wearer: readings of the wall clock come in, a day that never moves backward comes out,
//! and a clock that was wrong does not leave it stuck ahead. Pure: it is handed every reading.
//!
//! Travel to the west, a suspended machine and both changes of the clocks leave UTC going on, so a day that was seen
//! stays: yesterday's date does not come back. A clock that is *set* is another matter: then one of two readings was
//! wrong, and the rule is that **what has run steadily for an hour counts against what has not, and of two that have,
//! the newer**. So each later day is noted with the moment at which it was first seen:
//!
//! | what the clock does | the day |
//! |---|---|
//! | shows an earlier local date at a later moment (travel) | stays |
//! | is set back beneath the moment of a note that is less than an hour old | goes back at once: the note was wrong |
//! | is set back beneath an older note | stays, until the clock has run steadily for an hour as it is now |
//! | loses its time (a machine that starts in the year 2000, until it is told the time) | stays, for the same reason |
//!
//! Why an hour: a machine that starts with a wrong clock is told the right time within minutes, and nobody travels
//! over a date in less. A wrong clock that ran on for longer costs one more hour of the wrong day, never a year.
//! Source: domain.md §10.3; the hour and the minute are chosen by us.

use super::local_date;
use crate::units::{Seconds, WallTime};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A reading that has run so long without being set counts.
const STEADY_AFTER: Seconds = Seconds(3600.0);
/// A clock that gains or loses more than this against the time that truly passed was set. Days care for no less.
const SET_BEYOND: Seconds = Seconds(60.0);

/// A local day, and when it was first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Note {
    date: Date,
    seen: WallTime,
    /// The clock ran steadily for an hour after it.
    sure: bool,
}

/// The days seen so far. Plain data, kept as text over a new start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DaysSeen {
    /// By date: the newest that is sure, and later ones that are not yet.
    notes: Vec<Note>,
    newest: Option<WallTime>,
    /// For how long the clock has run without being set.
    steady: Seconds,
}

impl DaysSeen {
    /// The day at this reading of the clock, which is noted. `passed` is what truly passed since the last one, by a
    /// clock that nobody sets; `None`: not known, as after a new start.
    pub fn see(&mut self, at: WallTime, passed: Option<Seconds>, zone: &TimeZone) -> Date {
        let shown = self.newest.map(|newest| between(newest, at));
        self.newest = Some(at);
        match (shown, passed) {
            (Some(shown), Some(passed)) if (shown.0 - passed.0).abs() <= SET_BEYOND.0 => {
                self.steady = self.steady + passed;
            }
            _ => self.steady = Seconds(0.0),
        }
        let steady = self.steady.0 >= STEADY_AFTER.0;
        self.notes.retain(|note| !lies_ahead(note, at) || (note.sure && !steady));
        if let Some(place) = self.notes.iter().rposition(|note| between(note.seen, at).0 >= STEADY_AFTER.0 && steady) {
            self.notes[place].sure = true;
            self.notes.drain(..place);
        }
        let (date, floor) = (local_date(at, zone), self.floor(at));
        if floor.is_none_or(|floor| date > floor) {
            self.notes.push(Note { date, seen: at, sure: false });
        }
        floor.map_or(date, |floor| floor.max(date))
    }

    /// The day at this reading, for someone who only looks.
    pub fn today(&self, at: WallTime, zone: &TimeZone) -> Date {
        let date = local_date(at, zone);
        self.floor(at).map_or(date, |floor| floor.max(date))
    }

    /// The latest day that stands at this reading.
    fn floor(&self, at: WallTime) -> Option<Date> {
        self.notes.iter().filter(|note| note.sure || !lies_ahead(note, at)).map(|note| note.date).max()
    }

    /// The notes as they are kept: `date moment sure|unsure`, separated by `; `.
    pub fn kept(&self) -> String {
        let one = |note: &Note| format!("{} {} {}", note.date, note.seen.0, if note.sure { "sure" } else { "unsure" });
        self.notes.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    /// Notes written by [`DaysSeen::kept`]. What cannot be read is left out.
    pub fn from_kept(text: &str) -> Self {
        let one = |part: &str| {
            let mut words = part.split_whitespace();
            let (date, seen) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some(Note { date, seen: WallTime(seen), sure: words.next()? == "sure" })
        };
        let mut notes: Vec<Note> = text.split(';').filter_map(one).collect();
        notes.sort_by_key(|note| note.date);
        Self { notes, ..Self::default() }
    }
}

fn between(from: WallTime, to: WallTime) -> Seconds {
    Seconds((i128::from(to.0) - i128::from(from.0)) as f64 / 1e9)
}

/// A note from a moment that has not come yet: one of the two readings is wrong.
fn lies_ahead(note: &Note, at: WallTime) -> bool {
    between(at, note.seen).0 > SET_BEYOND.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;

    const HOUR_S: f64 = 3600.0;

    /// A host whose clock can be set.
    struct Host {
        days: DaysSeen,
        zone: TimeZone,
        wall_s: f64,
    }

    impl Host {
        fn new(zone: &str, local: jiff::civil::DateTime) -> Self {
            let zone = TimeZone::get(zone).unwrap();
            let wall_s = local.to_zoned(zone.clone()).unwrap().timestamp().as_second() as f64;
            Self { days: DaysSeen::default(), zone, wall_s }
        }
        fn see(&mut self, passed: Option<Seconds>) -> Date {
            self.days.see(WallTime((self.wall_s * 1e9) as i64), passed, &self.zone)
        }
        /// Runs for so long, looking once a minute; gives the last day.
        fn run(&mut self, hours: f64) -> Date {
            let mut day = self.see(Some(Seconds(0.0)));
            for _ in 0..(hours * 60.0) as u32 {
                self.wall_s += 60.0;
                day = self.see(Some(Seconds(60.0)));
            }
            day
        }
        fn set_clock(&mut self, by_hours: f64) -> Date {
            self.wall_s += by_hours * HOUR_S;
            self.see(Some(Seconds(0.0)))
        }
        fn travel(&mut self, zone: &str) -> Date {
            self.zone = TimeZone::get(zone).unwrap();
            self.see(Some(Seconds(0.0)))
        }
        /// The program is started anew: notes are read from where they are kept, and nobody knows what passed.
        fn restart(&mut self, after_hours: f64) -> Date {
            self.days = DaysSeen::from_kept(&self.days.kept());
            self.wall_s += after_hours * HOUR_S;
            self.see(None)
        }
    }

    #[test]
    fn days_step_at_each_local_midnight_over_both_clock_changes() {
        for (zone, change) in [
            ("Europe/Berlin", date(2026, 3, 29)),
            ("Europe/Berlin", date(2026, 10, 25)),
            ("Australia/Lord_Howe", date(2026, 4, 5)),
        ] {
            let from = change.saturating_sub(2.days());
            let mut host = Host::new(zone, from.at(12, 0, 0, 0));
            let mut day = host.run(0.0);
            let mut steps = Vec::new();
            for _ in 0..4 * 24 * 60 {
                let next = host.run(1.0 / 60.0);
                if next != day {
                    let at = jiff::Timestamp::from_second(host.wall_s as i64).unwrap();
                    assert_eq!(host.zone.to_datetime(at).time(), jiff::civil::time(0, 0, 0, 0));
                    steps.push(next);
                    day = next;
                }
            }
            let want: Vec<Date> = (1..=4).map(|days: i32| from.saturating_add(days.days())).collect();
            assert_eq!(steps, want, "{zone}");
            assert!(host.days.notes.len() <= 2, "{:?}", host.days);
        }
    }

    #[test]
    fn travel_and_sleep_never_bring_yesterday_back() {
        // Half past midnight in Berlin, and off to New York at once.
        let mut host = Host::new("Europe/Berlin", date(2026, 5, 3).at(23, 0, 0, 0));
        assert_eq!(host.run(1.5), date(2026, 5, 4));
        assert_eq!(host.travel("America/New_York"), date(2026, 5, 4));
        assert_eq!(host.restart(1.0), date(2026, 5, 4), "not over a new start either");
        assert_eq!(host.run(4.0), date(2026, 5, 4));
        // The machine sleeps for two days: true time and clock go on together.
        host.wall_s += 48.0 * HOUR_S;
        assert_eq!(host.see(Some(Seconds(48.0 * HOUR_S))), date(2026, 5, 5), "23:30 there, two days later");
        assert_eq!(host.travel("Asia/Tokyo"), date(2026, 5, 6));
    }

    #[test]
    fn a_clock_that_was_ahead_and_is_set_right_is_followed() {
        // A day ahead for ten minutes after the start.
        let mut soon = Host::new("Europe/Berlin", date(2026, 5, 3).at(12, 0, 0, 0));
        assert_eq!(soon.run(5.0), date(2026, 5, 3));
        assert_eq!(soon.set_clock(24.0 * 30.0), date(2026, 6, 2));
        assert_eq!(soon.run(0.2), date(2026, 6, 2));
        assert_eq!(soon.set_clock(-24.0 * 30.0), date(2026, 5, 3), "seen for less than an hour: at once");

        // A month ahead for a whole day, and then set right.
        let mut late = Host::new("Europe/Berlin", date(2026, 5, 3).at(12, 0, 0, 0));
        late.run(5.0);
        late.set_clock(24.0 * 30.0);
        assert_eq!(late.run(24.0), date(2026, 6, 3));
        assert_eq!(late.set_clock(-24.0 * 30.0), date(2026, 6, 3));
        assert_eq!(late.run(0.9), date(2026, 6, 3));
        assert_eq!(late.run(0.2), date(2026, 5, 4), "after an hour of a steady clock");
        assert_eq!(late.run(24.0), date(2026, 5, 5));
        // The same over a new start in between.
        late.set_clock(24.0 * 30.0);
        late.run(2.0);
        late.restart(0.0);
        late.set_clock(-24.0 * 30.0);
        assert_eq!(late.run(1.1), date(2026, 5, 5));
    }

    #[test]
    fn a_machine_that_starts_without_its_time_keeps_the_day() {
        let mut host = Host::new("Europe/Berlin", date(2026, 5, 3).at(12, 0, 0, 0));
        host.run(20.0);
        let right_s = host.wall_s;
        host.wall_s = 946_684_800.0;
        assert_eq!(host.restart(0.0), date(2026, 5, 4), "the year 2000 is not believed");
        assert_eq!(host.run(0.3), date(2026, 5, 4));
        host.wall_s = right_s + 1200.0;
        assert_eq!(host.see(Some(Seconds(1.0))), date(2026, 5, 4));
        assert_eq!(host.run(24.0), date(2026, 5, 5));
    }

    #[test]
    fn notes_are_read_as_they_are_kept_and_looking_changes_nothing() {
        let mut host = Host::new("Europe/Berlin", date(2026, 5, 3).at(23, 30, 0, 0));
        host.run(1.0);
        let kept = DaysSeen::from_kept(&host.days.kept());
        assert_eq!(kept.notes, host.days.notes);
        let at = WallTime((host.wall_s * 1e9) as i64);
        assert_eq!(kept.today(at, &TimeZone::get("America/New_York").unwrap()), date(2026, 5, 4));
        assert_eq!(DaysSeen::from_kept("yesterday; 2026-05-04 x sure").notes, []);
    }
}
