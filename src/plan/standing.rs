//! Where a plan item stands: what was done since it began comes in; this week's target, whether it is held, and
//! planned beside done come out.

use super::dose::Quota;
use super::progress::{self, Growth, PainDays, PastWeek};
use super::week::{Done, PlanItem, Week, monday_of};
use crate::units::Seconds;
use jiff::Span;
use jiff::civil::Date;

/// Something done, with how much of it: in the item's own count or in seconds; `None`: not told.
#[derive(Clone, Debug, PartialEq)]
pub struct Did {
    /// What, when, and for which item.
    pub done: Done,
    /// How much.
    pub amount: Option<f64>,
}

/// A plan item with all that decides on its target.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What is planned, and when.
    pub item: PlanItem,
    /// How much; where it leads, when it grows.
    pub quota: Quota,
    /// How it grows.
    pub growth: Option<Growth>,
    /// Local day from which it grows.
    pub grows_from: Date,
}

/// Where an item stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// What is asked for this week.
    pub target: Quota,
    /// The hold rule holds just now.
    pub held: bool,
    /// Weeks that were met since it began to grow.
    pub weeks_met: u32,
    /// Amount of this week so far, in the item's own count or in seconds.
    pub done: f64,
    /// What this week asks for in all; `None` where no amount was planned.
    pub planned: Option<f64>,
}

impl Item {
    /// Where it stands on a local day.
    pub fn standing(&self, did: &[Did], pain: &PainDays, baseline: Option<f64>, today: Date) -> Standing {
        let this_monday = monday_of(today);
        let done: Vec<Done> = did.iter().map(|did| did.done.clone()).collect();
        let (mut monday, mut weeks) = (monday_of(self.grows_from), Vec::new());
        while monday < this_monday {
            let next = next_monday(monday);
            let held = progress::holds(pain, next, baseline);
            let quota = self.asked(&weeks);
            weeks.push(PastWeek { met: self.met(monday, &quota, &done, did), held });
            // The last day there is has no Monday after it.
            if next <= monday {
                break;
            }
            monday = next;
        }
        let target = self.asked(&weeks);
        let adherence = Week::of(today, std::slice::from_ref(&self.item), &done).adherence();
        Standing {
            held: progress::holds(pain, today.saturating_add(Span::new().days(1)), baseline),
            weeks_met: u32::try_from(weeks.iter().filter(|week| week.met).count()).unwrap_or(u32::MAX),
            done: self.amount(this_monday, &target, did),
            planned: target.in_all().map(|daily| daily * f64::from(adherence.planned)),
            target,
        }
    }

    /// What is asked for after these weeks.
    fn asked(&self, weeks: &[PastWeek]) -> Quota {
        let Some(growth) = &self.growth else { return self.quota };
        let asked = Growth::asked(growth.target(weeks));
        match self.quota.reps {
            Some(_) => Quota { reps: Some(asked as u32), ..self.quota },
            None => Quota { lasting: Some(Seconds(asked)), ..self.quota },
        }
    }

    /// Whether a week was met: done on as many days as planned, and in all as much as that asks for. What was done
    /// without saying how much counts as what was asked.
    fn met(&self, monday: Date, quota: &Quota, done: &[Done], did: &[Did]) -> bool {
        let adherence = Week::of(monday, std::slice::from_ref(&self.item), done).adherence();
        let amount = self.amount(monday, quota, did);
        let asked = quota.in_all().unwrap_or(0.0) * f64::from(adherence.planned);
        adherence.planned > 0 && adherence.kept >= adherence.planned && amount >= asked
    }

    /// What was done of it in a week, all together.
    fn amount(&self, monday: Date, quota: &Quota, did: &[Did]) -> f64 {
        self.amounts(monday, did).fold(0.0, |sum, amount| sum + amount.or(quota.in_all()).unwrap_or(0.0))
    }

    /// The amounts of a week that belong to this item.
    fn amounts<'a>(&'a self, monday: Date, did: &'a [Did]) -> impl Iterator<Item = Option<f64>> + 'a {
        let days = monday..next_monday(monday);
        let belongs = |done: &Done| done.plan_item.map_or(done.exercise == self.item.exercise, |id| id == self.item.id);
        did.iter().filter(move |did| days.contains(&did.done.day) && belongs(&did.done)).map(|did| did.amount)
    }
}

fn next_monday(monday: Date) -> Date {
    monday.saturating_add(Span::new().days(7))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const MONDAY: Date = date(2026, 3, 2);

    fn later(days: i32) -> Date {
        MONDAY.saturating_add(Span::new().days(days))
    }

    fn walk() -> Item {
        Item {
            item: PlanItem { id: 1, exercise: "walk".into(), days_per_week: 2, from: MONDAY, until: None },
            quota: Quota { lasting: Some(Seconds(1200.0)), ..Quota::default() },
            growth: Some(Growth { start: 600.0, ceiling: 1200.0, weekly_step: 120.0 }),
            grows_from: MONDAY,
        }
    }

    fn did(day: i32, amount: Option<f64>) -> Did {
        Did { done: Done { day: later(day), exercise: "walk".into(), plan_item: None }, amount }
    }

    #[test]
    fn it_grows_after_a_week_that_was_met_and_stays_after_one_that_was_not() {
        let target = |did: &[Did], day| walk().standing(did, &PainDays::new(), None, later(day)).target.lasting;
        let met = [did(0, Some(700.0)), did(3, Some(500.0))];
        assert_eq!(target(&met, 6), Some(Seconds(600.0)), "not before the week is over");
        assert_eq!(target(&met, 7), Some(Seconds(660.0)), "a tenth, where the step is more");
        assert_eq!(target(&met, 14), Some(Seconds(660.0)), "nothing was done in the second week");
        assert_eq!(target(&[did(0, Some(700.0)), did(3, Some(400.0))], 7), Some(Seconds(600.0)), "too little");
        assert_eq!(target(&[did(0, Some(2000.0))], 7), Some(Seconds(600.0)), "once is not twice");
        assert_eq!(target(&[did(0, None), did(1, None)], 7), Some(Seconds(660.0)), "done, and not told how much");
    }

    #[test]
    fn pain_holds_it_and_does_not_lower_it() {
        let met = [did(0, None), did(1, None), did(7, None), did(8, None)];
        let mut pain: PainDays = (-25..-10).map(|day| (later(day), 2)).collect();
        pain.extend((8..11).map(|day| (later(day), 5)));
        let standing = walk().standing(&met, &pain, None, later(14));
        assert_eq!((standing.target.lasting, standing.held), (Some(Seconds(660.0)), true));
        let without = walk().standing(&met, &PainDays::new(), None, later(14));
        assert_eq!((without.target.lasting, without.held), (Some(Seconds(726.0)), false));
    }

    #[test]
    fn planned_stands_beside_done() {
        let standing = walk().standing(&[did(0, Some(300.0)), did(2, Some(900.0))], &PainDays::new(), None, later(3));
        assert_eq!((standing.done, standing.planned), (1200.0, Some(1200.0)));
        let bridge = Item {
            item: PlanItem { exercise: "bridge".into(), ..walk().item },
            quota: Quota { sets: Some(2), reps: Some(8), lasting: None },
            growth: None,
            ..walk()
        };
        let standing = bridge.standing(&[], &PainDays::new(), None, later(3));
        assert_eq!((standing.planned, standing.target.reps), (Some(32.0), Some(8)));
    }
}
