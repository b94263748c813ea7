//! When to say that a professional should be seen: the day, the course and what was shown before come in; the
//! text that is due comes out.
//!
//! Source: domain.md §10.6. Day 5, not improving: plan a visit. Day 7, not improving or no data: it is a good
//! time. Getting worse: the same at once. It stands until it is put away, and comes again after 3 days at the
//! earliest.

use super::course::Course;
use super::episode::days_between;
use super::messages::{self, Message};
use jiff::civil::Date;

/// From this day on, not improving: plan a visit. Source: domain.md §10.6.
pub const PLAN_FROM_DAY: u32 = 5;
/// From this day on, not improving or no data: see someone. Source: domain.md §10.6.
pub const SEE_FROM_DAY: u32 = 7;
/// After it was put away it comes again so many days later. Source: domain.md §10.6.
pub const AGAIN_AFTER_DAYS: u32 = 3;

/// What is advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Day 5: plan to see a professional.
    Plan,
    /// Day 7, or worse: see a professional.
    See,
}

/// What was put away, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which.
    pub advice: Advice,
    /// The local day on which it was put away.
    pub put_away: Date,
}

impl Advice {
    /// The word in settings and keys; also the id of its message.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "day_5",
            Self::See => "day_7",
        }
    }

    /// The advice of a word written by [`Advice::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Plan, Self::See].into_iter().find(|advice| advice.name() == name)
    }

    /// Its words.
    pub fn message(self) -> Option<&'static Message> {
        messages::find(self.name())
    }

    /// What is due on local day `today`, which is day number `day` of the episode.
    pub fn due(day: u32, course: Course, today: Date, put_away: Option<Shown>) -> Option<Self> {
        let unsure = course == Course::Unknown && day >= SEE_FROM_DAY;
        let wanted = match course {
            Course::Worse => Self::See,
            Course::Improving | Course::Recovered => return None,
            Course::NotImproving if day >= SEE_FROM_DAY => Self::See,
            Course::NotImproving if day >= PLAN_FROM_DAY => Self::Plan,
            Course::Unknown if unsure => Self::See,
            Course::NotImproving | Course::Unknown => return None,
        };
        // The stronger one is not held up by the weaker one that was put away before it.
        let rests = put_away
            .is_some_and(|shown| shown.advice == wanted && days_between(shown.put_away, today) < AGAIN_AFTER_DAYS);
        (!rests).then_some(wanted)
    }
}

impl Shown {
    /// Whether it is too soon to come again.
    pub fn rests_on(&self, today: Date) -> bool {
        days_between(self.put_away, today) < AGAIN_AFTER_DAYS
    }

    /// The text that is kept: `day_7 2026-03-04`.
    pub fn text(&self) -> String {
        format!("{} {}", self.advice.name(), self.put_away)
    }

    /// What [`Shown::text`] wrote; `None` for anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        let (name, day) = text.split_once(' ')?;
        Some(Self { advice: Advice::from_name(name)?, put_away: day.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const ONSET: Date = date(2026, 5, 1);

    fn due(day: u32, course: Course, put_away: Option<Shown>) -> Option<Advice> {
        Advice::due(day, course, super::super::episode::days_after(ONSET, day), put_away)
    }

    /// Domain.md §16, scenario 14.
    #[test]
    fn not_improving_is_told_on_days_5_and_7_and_improving_never() {
        let told = |course| [3, 4, 5, 6, 7, 8].map(|day| due(day, course, None));
        let (plan, see) = (Some(Advice::Plan), Some(Advice::See));
        assert_eq!(told(Course::NotImproving), [None, None, plan, plan, see, see]);
        assert_eq!(told(Course::Unknown), [None, None, None, None, see, see], "no data counts from day 7");
        assert_eq!(told(Course::Improving), [None; 6]);
        assert_eq!(told(Course::Worse), [see; 6], "worse is told at once");
    }

    #[test]
    fn what_was_put_away_comes_again_after_three_days_and_holds_up_nothing_stronger() {
        let put_away = |advice, day| Some(Shown { advice, put_away: super::super::episode::days_after(ONSET, day) });
        let see = |day, shown| due(day, Course::NotImproving, shown);
        assert_eq!([7, 8, 9, 10].map(|day| see(day, put_away(Advice::See, 7)).is_some()), [false, false, false, true]);
        assert_eq!(see(6, put_away(Advice::Plan, 5)), None);
        assert_eq!(see(7, put_away(Advice::Plan, 6)), Some(Advice::See));
    }

    #[test]
    fn what_was_put_away_is_read_as_it_is_kept() {
        let shown = Shown { advice: Advice::See, put_away: ONSET };
        assert_eq!(Shown::from_text(&shown.text()), Some(shown));
        assert_eq!(Shown::from_text("day_9 2026-01-01"), None);
        assert!([Advice::Plan, Advice::See].iter().all(|advice| advice.message().is_some()));
    }
}
