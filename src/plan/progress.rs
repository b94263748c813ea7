//! How a plan grows: a start, a weekly step, a ceiling and the weeks so far come in, this week's target comes out.
//!
//! Source: domain.md §9. A week's target grows by the weekly step, by at most 10 % of itself, only after a
//! week that was met, and never beyond the ceiling. Three days of pain at least 2 above the wearer's own
//! baseline hold it where it is; nothing ever lowers it, and nothing grows by itself without a step.
//! Rounding: the target is kept exact, and what is asked for is rounded down to whole repetitions, steps or
//! seconds. So what is asked for never lies above the curve of 10 %; a small count stays for some weeks
//! and then grows by one.

/// A week grows by at most this share of itself. Source: domain.md §9, a common rule and no evidence.
pub const MOST_A_WEEK: f64 = 0.10;
/// Pain this far above the baseline counts for the hold rule. Source: domain.md §9.
pub const HOLD_ABOVE: f64 = 2.0;
/// So many days of it hold. Source: domain.md §9.
pub const HOLD_DAYS: usize = 3;
/// Within so many days. Chosen by us: the week that a target is for.
pub const HOLD_WITHIN: i32 = 7;
/// The baseline is the median of so many days before those. Chosen by us: four weeks.
pub const BASELINE_OVER: i32 = 28;
/// With fewer days of pain told there is no baseline, and nothing is held. Chosen by us.
pub const BASELINE_DAYS: usize = 3;

use jiff::civil::Date;
use std::collections::BTreeMap;

/// How a plan item is meant to grow: each in count or seconds of a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// Where it begins.
    pub start: f64,
    /// It grows no further.
    pub ceiling: f64,
    /// Growth a week, before the cap of [`MOST_A_WEEK`].
    pub weekly_step: f64,
}

/// A week that is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PastWeek {
    /// What was planned in it was done.
    pub met: bool,
    /// Pain held it.
    pub held: bool,
}

impl Growth {
    /// The exact target after these weeks, oldest first.
    pub fn target(&self, weeks: &[PastWeek]) -> f64 {
        weeks.iter().fold(self.start.min(self.ceiling), |target, week| self.after(target, *week))
    }

    /// The exact target of the week after one with this target.
    fn after(&self, target: f64, week: PastWeek) -> f64 {
        if !week.met || week.held {
            return target;
        }
        (target + self.weekly_step.max(0.0).min(MOST_A_WEEK * target)).min(self.ceiling)
    }

    /// What is asked for: the exact target, rounded down to a whole one.
    pub fn asked(target: f64) -> f64 {
        // A product of steps may end a hair below a whole number.
        const HAIR: f64 = 1e-9;
        (target + HAIR).floor()
    }
}

/// Pain by local day: the highest that was told on each.
pub type PainDays = BTreeMap<Date, u8>;

/// What is usual for the wearer, from the days before `day` and the week it closes; `None`: too little was told.
pub fn baseline(pain: &PainDays, day: Date) -> Option<f64> {
    let days = |n: i32| day.saturating_sub(jiff::Span::new().days(n));
    let mut usual: Vec<u8> =
        pain.range(days(HOLD_WITHIN + BASELINE_OVER)..days(HOLD_WITHIN)).map(|(_, p)| *p).collect();
    if usual.len() < BASELINE_DAYS {
        return None;
    }
    usual.sort_unstable();
    let middle = usual.len() / 2;
    Some(match usual.len() % 2 {
        0 => (f64::from(usual[middle - 1]) + f64::from(usual[middle])) / 2.0,
        _ => f64::from(usual[middle]),
    })
}

/// Whether the hold rule holds in the week that ends before `day`. `chosen` is the wearer's own baseline, which
/// counts before the one that was found.
pub fn holds(pain: &PainDays, day: Date, chosen: Option<f64>) -> bool {
    let Some(baseline) = chosen.or_else(|| baseline(pain, day)) else { return false };
    let from = day.saturating_sub(jiff::Span::new().days(HOLD_WITHIN));
    pain.range(from..day).filter(|(_, pain)| f64::from(**pain) >= baseline + HOLD_ABOVE).count() >= HOLD_DAYS
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Span;
    use jiff::civil::date;
    use proptest::prelude::*;

    const MET: PastWeek = PastWeek { met: true, held: false };
    const MISSED: PastWeek = PastWeek { met: false, held: false };
    const HELD: PastWeek = PastWeek { met: true, held: true };

    #[test]
    fn a_walk_grows_by_its_step_up_to_the_ceiling_and_only_after_a_week_that_was_met() {
        let walk = Growth { start: 1200.0, ceiling: 1300.0, weekly_step: 60.0 };
        let target = |weeks: &[PastWeek]| walk.target(weeks);
        assert_eq!(target(&[]), 1200.0);
        assert_eq!(target(&[MET]), 1260.0);
        assert_eq!(target(&[MET, MISSED]), 1260.0);
        assert_eq!(target(&[MET, HELD, MET, MET]), 1300.0);
        let above = Growth { start: 1400.0, ..walk };
        assert_eq!(above.target(&[MET]), 1300.0, "the ceiling rules");
    }

    #[test]
    fn a_small_count_waits_until_a_tenth_has_become_a_whole_one() {
        let bridge = Growth { start: 8.0, ceiling: 12.0, weekly_step: 2.0 };
        let asked: Vec<f64> = (0..7).map(|weeks| Growth::asked(bridge.target(&vec![MET; weeks]))).collect();
        assert_eq!(asked, [8.0, 8.0, 9.0, 10.0, 11.0, 12.0, 12.0]);
    }

    #[test]
    fn three_days_well_above_the_usual_hold_and_two_do_not() {
        let monday = date(2026, 3, 9);
        let mut pain: PainDays = (8..20).map(|n| (monday.saturating_sub(Span::new().days(n)), 3)).collect();
        assert_eq!(baseline(&pain, monday), Some(3.0));
        for (told, held) in [(2, false), (5, false), (6, true)] {
            pain.insert(monday.saturating_sub(Span::new().days(told)), 5);
            assert_eq!(holds(&pain, monday, None), held, "{told}");
        }
        assert!(!holds(&pain, monday, Some(4.0)), "the wearer's own word counts first");
        assert!(!holds(&pain, monday.saturating_add(Span::new().days(14)), None), "it is over");
        let little: PainDays = [(monday.saturating_sub(Span::new().days(9)), 3)].into();
        assert_eq!(baseline(&little, monday), None);
    }

    fn any_week() -> impl Strategy<Value = PastWeek> {
        (any::<bool>(), any::<bool>()).prop_map(|(met, held)| PastWeek { met, held })
    }

    proptest! {
        #[test]
        fn it_never_passes_the_ceiling_nor_a_tenth_a_week_and_never_grows_in_a_hold(
            start in 0.5_f64..5000.0,
            room in 1.0_f64..3.0,
            weekly_step in -10.0_f64..2000.0,
            weeks in prop::collection::vec(any_week(), 0..60),
        ) {
            let growth = Growth { start, ceiling: start * room, weekly_step };
            let mut before = growth.target(&[]);
            for n in 1..=weeks.len() {
                let target = growth.target(&weeks[..n]);
                prop_assert!(target <= growth.ceiling);
                prop_assert!(target >= before, "it is never lowered");
                prop_assert!(target <= before * (1.0 + MOST_A_WEEK) * (1.0 + 1e-12));
                prop_assert!(target - before <= weekly_step.max(0.0) + 1e-9);
                prop_assert!(Growth::asked(target) <= target + 1e-6);
                let last = weeks[n - 1];
                if last.held || !last.met {
                    prop_assert_eq!(target, before);
                }
                before = target;
            }
        }
    }
}
