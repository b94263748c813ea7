//! A week of planned beside done: plan items and what was done come in, a row for each item comes out.
//!
//! A plan says on how many days a week, not on which: so a week is kept when an exercise was done on as
//! many days as planned, whichever they were. Doing more is shown and never asked for.

use jiff::Span;
use jiff::civil::{Date, Weekday};

/// Something prescribed.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanItem {
    /// Its number.
    pub id: i64,
    /// Id in the catalogue.
    pub exercise: String,
    /// On how many days a week, 1 to 7.
    pub days_per_week: u8,
    /// First local day.
    pub from: Date,
    /// First local day on which it no longer holds; `None`: open.
    pub until: Option<Date>,
}

impl PlanItem {
    /// Whether it holds on a local day.
    pub fn holds_on(&self, day: Date) -> bool {
        day >= self.from && self.until.is_none_or(|until| day < until)
    }
}

/// Something done.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The local day it counts for.
    pub day: Date,
    /// Id in the catalogue.
    pub exercise: String,
    /// The plan item it was done for, where that was told.
    pub plan_item: Option<i64>,
}

/// How much of a plan was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adherence {
    /// Days on which it was planned.
    pub planned: u32,
    /// Of those, days on which it was done.
    pub kept: u32,
    /// Days on which it was done beyond the plan.
    pub extra: u32,
}

impl Adherence {
    /// Kept to planned, 0 to 1; `None` when nothing was planned.
    pub fn share(&self) -> Option<f64> {
        (self.planned > 0).then(|| f64::from(self.kept) / f64::from(self.planned))
    }

    fn add(&mut self, other: Self) {
        self.planned += other.planned;
        self.kept += other.kept;
        self.extra += other.extra;
    }
}

/// One exercise in one week.
#[derive(Clone, Debug, PartialEq)]
pub struct WeekRow {
    /// The plan item; `None` for something done without a plan.
    pub item: Option<i64>,
    /// Id in the catalogue.
    pub exercise: String,
    /// Where the plan's slots are drawn, Monday first: evenly spread over the days on which it holds.
    pub slots: [bool; 7],
    /// How often it was done on each day, Monday first.
    pub done: [u32; 7],
    /// The sum.
    pub adherence: Adherence,
}

/// Planned beside done for the seven local days from a Monday on.
#[derive(Clone, Debug, PartialEq)]
pub struct Week {
    /// Its first day.
    pub monday: Date,
    /// Planned items in the order given, then what was done without a plan.
    pub rows: Vec<WeekRow>,
}

impl Week {
    /// The week that holds `day`.
    pub fn of(day: Date, items: &[PlanItem], done: &[Done]) -> Self {
        let monday = monday_of(day);
        let days: [Date; 7] = std::array::from_fn(|i| monday.saturating_add(Span::new().days(i as i64)));
        let mut taken = vec![false; done.len()];
        let mut rows = Vec::new();
        for item in items {
            let holds = days.map(|day| item.holds_on(day));
            if holds.contains(&true) {
                let belongs = |entry: &Done| match entry.plan_item {
                    Some(id) => id == item.id,
                    None => entry.exercise == item.exercise,
                };
                let counts = count(&days, done, &mut taken, belongs);
                rows.push(row(Some(item.id), &item.exercise, spread(item.days_per_week, holds), counts));
            }
        }
        for i in 0..done.len() {
            if !taken[i] && days.contains(&done[i].day) {
                let exercise = done[i].exercise.clone();
                let counts = count(&days, done, &mut taken, |entry| entry.exercise == exercise);
                rows.push(row(None, &exercise, [false; 7], counts));
            }
        }
        Self { monday, rows }
    }

    /// All rows together.
    pub fn adherence(&self) -> Adherence {
        self.rows.iter().fold(Adherence::default(), |mut sum, row| {
            sum.add(row.adherence);
            sum
        })
    }
}

/// The Monday on or before a day.
pub fn monday_of(day: Date) -> Date {
    day.saturating_sub(Span::new().days(i64::from(day.weekday().since(Weekday::Monday))))
}

fn count(days: &[Date; 7], done: &[Done], taken: &mut [bool], belongs: impl Fn(&Done) -> bool) -> [u32; 7] {
    let mut counts = [0; 7];
    for (entry, taken) in done.iter().zip(taken) {
        if let Some(i) = days.iter().position(|day| *day == entry.day)
            && !*taken
            && belongs(entry)
        {
            counts[i] += 1;
            *taken = true;
        }
    }
    counts
}

fn row(item: Option<i64>, exercise: &str, slots: [bool; 7], done: [u32; 7]) -> WeekRow {
    let days = |marks: &[bool]| u32::try_from(marks.iter().filter(|&&mark| mark).count()).unwrap_or(0);
    let planned = days(&slots);
    let done_days = days(&done.map(|times| times > 0));
    let kept = done_days.min(planned);
    let adherence = Adherence { planned, kept, extra: done_days - kept };
    WeekRow { item, exercise: exercise.to_owned(), slots, done, adherence }
}

/// Spreads so many days evenly over those on which a plan holds. In a week in which it holds on fewer
/// days, as many are planned as the same pace asks for, to the nearest.
fn spread(days_per_week: u8, holds: [bool; 7]) -> [bool; 7] {
    let open: Vec<usize> = (0..7).filter(|&i| holds[i]).collect();
    let wanted = (usize::from(days_per_week.min(7)) * open.len() + 3) / 7;
    let mut slots = [false; 7];
    for n in 0..wanted {
        slots[open[n * open.len() / wanted]] = true;
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const THURSDAY: Date = date(2026, 3, 5);
    const MONDAY: Date = date(2026, 3, 2);

    fn item(id: i64, exercise: &str, days_per_week: u8) -> PlanItem {
        PlanItem { id, exercise: exercise.into(), days_per_week, from: date(2026, 1, 1), until: None }
    }
    fn done(day: i8, exercise: &str, plan_item: Option<i64>) -> Done {
        Done { day: date(2026, 3, day), exercise: exercise.into(), plan_item }
    }

    #[test]
    fn a_week_counts_days_not_times() {
        let week = Week::of(
            THURSDAY,
            &[item(1, "walk", 4), item(2, "bridge", 3)],
            &[
                done(2, "walk", Some(1)),
                done(2, "walk", Some(1)),
                done(4, "walk", None),
                done(8, "bridge", None),
                done(9, "bridge", None),
                done(3, "pool", None),
            ],
        );
        assert_eq!(week.monday, MONDAY);
        let sums: Vec<_> = week
            .rows
            .iter()
            .map(|row| (row.exercise.as_str(), row.adherence.planned, row.adherence.kept, row.adherence.extra))
            .collect();
        assert_eq!(sums, [("walk", 4, 2, 0), ("bridge", 3, 1, 0), ("pool", 0, 0, 1)]);
        assert_eq!(week.rows[0].done, [2, 0, 1, 0, 0, 0, 0]);
        assert_eq!(week.adherence().share(), Some(3.0 / 7.0));
    }

    #[test]
    fn doing_more_than_planned_is_extra_and_never_more_than_whole() {
        let entries: Vec<_> = (2..=7).map(|day| done(day, "walk", None)).collect();
        let week = Week::of(MONDAY, &[item(1, "walk", 3)], &entries);
        assert_eq!(week.adherence(), Adherence { planned: 3, kept: 3, extra: 3 });
        assert_eq!(week.adherence().share(), Some(1.0));
    }

    #[test]
    fn slots_are_spread_evenly_and_shrink_with_a_short_week() {
        assert_eq!(spread(3, [true; 7]), [true, false, true, false, true, false, false]);
        assert_eq!(spread(7, [true; 7]), [true; 7]);
        let from_friday = [false, false, false, false, true, true, true];
        assert_eq!(spread(7, from_friday), from_friday);
        assert_eq!(spread(1, from_friday), [false; 7]);
        let ended = PlanItem { until: Some(MONDAY), ..item(1, "walk", 3) };
        assert_eq!(Week::of(THURSDAY, &[ended], &[]).rows, []);
    }
}
