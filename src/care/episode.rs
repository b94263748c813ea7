//! The episode clock: local dates and answers come in; day number, class, and whether acute mode is on
//! come out.
//!
//! Source: domain.md §10. Days are local calendar days, so a day of 23 or 25 hours is one day, and what
//! the hours do at a clock change does not matter here.

use super::red_flags;
use crate::units::WallTime;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// First day of the subacute class. Source: domain.md §10 (guidelines differ: some say 4 weeks).
pub const SUBACUTE_FROM: u32 = 42;
/// Last day of the subacute class. Source: domain.md §10 (WHO: chronic beyond 3 months).
pub const SUBACUTE_TO: u32 = 84;
/// Acute mode ends itself on this day. Source: domain.md §10, chosen by us: "a short period".
pub const ACUTE_DAYS: u32 = 7;
/// It may be renewed up to this day without giving a reason. Source: domain.md §10.
pub const RENEWED_DAYS: u32 = 14;
/// With a reason it goes on for so many days at a time. Chosen by us, as long as the first time.
pub const CONFIRMED_DAYS: u32 = 7;
/// Less than this long without pain, and it is the same spell. Source: domain.md §10, chosen by us.
pub const PAIN_FREE_DAYS: u32 = 14;

/// How long it has lasted, in the words of guidelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Less than six weeks.
    Acute,
    /// Six to twelve weeks.
    Subacute,
    /// Longer.
    Chronic,
}

impl Class {
    /// The class of a day number.
    pub fn of_day(day: u32) -> Self {
        match day {
            0..SUBACUTE_FROM => Self::Acute,
            SUBACUTE_FROM..=SUBACUTE_TO => Self::Subacute,
            _ => Self::Chronic,
        }
    }

    /// The word in keys and on pages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acute => "acute",
            Self::Subacute => "subacute",
            Self::Chronic => "chronic",
        }
    }
}

/// How the episode stands to earlier ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pattern {
    /// The first that was told.
    #[default]
    First,
    /// One after at least two weeks without pain.
    Recurrence,
    /// A flare of long-lasting pain, with a clock of its own.
    FlareOfChronic,
}

/// What an episode that is told now is, by the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// A new one.
    New(Pattern),
    /// The one before goes on: it ended so many days ago, fewer than two weeks.
    SameSpell {
        /// Days since it ended.
        ended_days_ago: u32,
    },
}

impl Beginning {
    /// By the local day on which the newest earlier episode ended; `None` when there was none.
    pub fn after(earlier_ended: Option<Date>, today: Date) -> Self {
        match earlier_ended.map(|ended| days_between(ended, today)) {
            None => Self::New(Pattern::First),
            Some(days) if days < PAIN_FREE_DAYS => Self::SameSpell { ended_days_ago: days },
            Some(_) => Self::New(Pattern::Recurrence),
        }
    }
}

impl Pattern {
    /// All patterns, as typed and stored.
    pub const ALL: [Pattern; 3] = [Self::First, Self::Recurrence, Self::FlareOfChronic];

    /// The word in flags, columns and keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Recurrence => "recurrence",
            Self::FlareOfChronic => "flare_of_chronic",
        }
    }

    /// The pattern of a word written by [`Pattern::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pattern| pattern.name() == name)
    }
}

/// Counts days since onset and never goes backward: travel to the west may bring yesterday's date back,
/// but not yesterday's day number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayClock {
    onset: Date,
    latest: Date,
}

impl DayClock {
    /// Day 0 is `onset`; `seen` is the latest local date met so far, if any.
    pub fn new(onset: Date, seen: Option<Date>) -> Self {
        Self { onset, latest: seen.map_or(onset, |seen| seen.max(onset)) }
    }

    /// Notes today's local date and gives the day number.
    pub fn see(&mut self, today: Date) -> u32 {
        self.latest = self.latest.max(today);
        self.day()
    }

    /// The day number as last seen.
    pub fn day(&self) -> u32 {
        days_between(self.onset, self.latest)
    }

    /// The latest local date met: what day rules count by.
    pub fn latest(&self) -> Date {
        self.latest
    }
}

/// The local calendar day of a moment.
pub fn local_date(at: WallTime, zone: &TimeZone) -> Date {
    let at = Timestamp::from_nanosecond(i128::from(at.0));
    // An i64 of nanoseconds ends in 2262, long before jiff's calendar does.
    zone.to_datetime(at.unwrap_or(Timestamp::UNIX_EPOCH)).date()
}

/// Days from `from` to `to`; 0 when `to` lies before.
pub(super) fn days_between(from: Date, to: Date) -> u32 {
    u32::try_from(from.until(to).map_or(0, |span| span.get_days())).unwrap_or(0)
}

/// A local date so many days later; the last one there is when it would lie beyond.
pub(super) fn days_after(date: Date, days: u32) -> Date {
    date.saturating_add(Span::new().days(days))
}

/// Why acute mode was not renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenewError {
    /// Chronic class.
    #[error("this spell has lasted over 12 weeks, so signals about bends stay off; a new flare starts its own clock")]
    Chronic,
    /// Beyond day 14 it needs a reason.
    #[error("day {day} is beyond day 14: to go on with signals about bends, say why you would like to")]
    NeedsReason {
        /// The day number.
        day: u32,
    },
    /// It is over.
    #[error("this episode has ended; start a new one when you need it")]
    Ended,
}

/// One declared bout of pain, as far as deciding needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// Local day on which it began: day 0.
    pub onset: Date,
    /// How it stands to earlier ones.
    pub pattern: Pattern,
    /// First local day without acute mode; `None`: it was never on.
    pub acute_until: Option<Date>,
    /// Ids of the red flags answered with yes, now or earlier.
    pub red_flags: Vec<String>,
    /// The wearer says that a professional has seen them.
    pub seen_by_professional: bool,
    /// It is over.
    pub ended: bool,
}

impl Episode {
    /// An episode told on local day `today`. Acute mode is on until day 7, or never when told later.
    pub fn begin(onset: Date, today: Date, pattern: Pattern, red_flags: Vec<String>) -> Self {
        let ends = days_after(onset, ACUTE_DAYS);
        let acute_until = (today < ends).then_some(ends);
        Self { onset, pattern, acute_until, red_flags, seen_by_professional: false, ended: false }
    }

    /// The day number, counting from 0; `today` is the latest local date met ([`DayClock::latest`]).
    pub fn day(&self, today: Date) -> u32 {
        days_between(self.onset, today)
    }

    /// The class by today's day number.
    pub fn class(&self, today: Date) -> Class {
        Class::of_day(self.day(today))
    }

    /// Whether signals about bends are wanted: acute mode, which ends by itself.
    pub fn acute_on(&self, today: Date) -> bool {
        !self.ended && self.acute_until.is_some_and(|until| today < until) && self.class(today) != Class::Chronic
    }

    /// How soon help is needed, while a red flag waits for a professional.
    pub fn red_flag(&self) -> Option<red_flags::Level> {
        if self.seen_by_professional || self.ended {
            return None;
        }
        red_flags::level(self.red_flags.iter().map(String::as_str))
    }

    /// Renews acute mode: to day 14, or later for a week at a time with a reason. Gives the first local
    /// day without it.
    pub fn renew(&mut self, today: Date, reason: Option<&str>) -> Result<Date, RenewError> {
        let day = self.day(today);
        let until = if self.ended {
            return Err(RenewError::Ended);
        } else if self.class(today) == Class::Chronic {
            return Err(RenewError::Chronic);
        } else if day < RENEWED_DAYS {
            days_after(self.onset, RENEWED_DAYS)
        } else if reason.is_some_and(|reason| !reason.trim().is_empty()) {
            days_after(today, CONFIRMED_DAYS)
        } else {
            return Err(RenewError::NeedsReason { day });
        };
        self.acute_until = Some(until);
        Ok(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const NONE: Vec<String> = Vec::new();

    /// Domain.md §16, scenario 12, minute by minute over both clock changes of two zones.
    #[test]
    fn day_numbers_step_once_at_each_local_midnight_across_a_clock_change() {
        for (zone, change) in [
            ("Europe/Berlin", date(2026, 3, 29)),
            ("Europe/Berlin", date(2026, 10, 25)),
            ("America/New_York", date(2026, 11, 1)),
            ("Australia/Lord_Howe", date(2026, 4, 5)),
        ] {
            let zone = TimeZone::get(zone).unwrap();
            let onset = change.checked_sub(Span::new().days(3)).unwrap();
            let mut clock = DayClock::new(onset, None);
            let episode = Episode::begin(onset, onset, Pattern::First, NONE);
            let mut at = onset.to_zoned(zone.clone()).unwrap().timestamp();
            let end = days_after(onset, 9).to_zoned(zone.clone()).unwrap().timestamp();
            let mut steps = Vec::new();
            let mut day = clock.see(onset);
            while at < end {
                let local = zone.to_datetime(at);
                let now = clock.see(local.date());
                if now != day {
                    assert_eq!(local.time(), jiff::civil::time(0, 0, 0, 0), "steps at midnight");
                    steps.push(now);
                    day = now;
                }
                assert_eq!(episode.acute_on(clock.latest()), now < 7, "acute mode ends itself on day 7");
                at = at.checked_add(Span::new().minutes(1)).unwrap();
            }
            assert_eq!(steps, (1..=8).collect::<Vec<_>>());
        }
    }

    #[test]
    fn travel_to_the_west_never_moves_the_day_backward() {
        let mut clock = DayClock::new(date(2026, 5, 1), None);
        let days = [date(2026, 5, 3), date(2026, 5, 4), date(2026, 5, 3), date(2026, 5, 4), date(2026, 5, 5)];
        assert_eq!(days.map(|today| clock.see(today)), [2, 3, 3, 3, 4]);
        assert_eq!(DayClock::new(date(2026, 5, 1), Some(date(2026, 5, 9))).see(date(2026, 5, 8)), 8);
    }

    #[test]
    fn classes_change_on_days_42_and_85() {
        let names = [0, 41, 42, 84, 85].map(|day| Class::of_day(day).name());
        assert_eq!(names, ["acute", "acute", "subacute", "subacute", "chronic"]);
    }

    #[test]
    fn less_than_two_weeks_without_pain_is_the_same_spell() {
        let today = date(2026, 5, 20);
        let ended = |days: u32| Some(today.saturating_sub(Span::new().days(days)));
        assert_eq!(Beginning::after(None, today), Beginning::New(Pattern::First));
        assert_eq!(Beginning::after(ended(13), today), Beginning::SameSpell { ended_days_ago: 13 });
        assert_eq!(Beginning::after(ended(14), today), Beginning::New(Pattern::Recurrence));
    }

    #[test]
    fn an_episode_told_late_starts_without_acute_mode() {
        let onset = date(2026, 5, 1);
        let told_on = |day: u32| Episode::begin(onset, days_after(onset, day), Pattern::First, NONE);
        assert!(told_on(6).acute_on(days_after(onset, 6)));
        assert!(!told_on(7).acute_on(days_after(onset, 7)));
        assert_eq!(told_on(8).acute_until, None);
    }

    #[test]
    fn renewing_needs_a_reason_beyond_day_14_and_is_over_in_chronic_class() {
        let onset = date(2026, 5, 1);
        let day = |day| days_after(onset, day);
        let mut episode = Episode::begin(onset, onset, Pattern::First, NONE);
        assert_eq!(episode.renew(day(8), None), Ok(day(14)));
        assert!(episode.acute_on(day(13)) && !episode.acute_on(day(14)));
        assert_eq!(episode.renew(day(20), None), Err(RenewError::NeedsReason { day: 20 }));
        assert_eq!(episode.renew(day(20), Some("moving house")), Ok(day(27)));
        assert_eq!(episode.renew(day(85), Some("moving house")), Err(RenewError::Chronic));
        episode.ended = true;
        assert_eq!(episode.renew(day(9), None), Err(RenewError::Ended));
        assert!(!episode.acute_on(day(21)));
    }

    #[test]
    fn a_red_flag_waits_until_a_professional_has_seen_it() {
        let onset = date(2026, 5, 1);
        let mut episode = Episode::begin(onset, onset, Pattern::First, vec!["saddle".into()]);
        assert_eq!(episode.red_flag(), Some(red_flags::Level::Emergency));
        episode.seen_by_professional = true;
        assert_eq!(episode.red_flag(), None);
    }
}
