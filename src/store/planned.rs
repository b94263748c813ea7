//! The plan as it stands on a local day. In: a reader. Out: each item with this week's target, what was done of it,
//! and whether it rests; what decides is left to [`crate::plan`].

use super::facts::{ExerciseLogRow, NewPlanItem, PlanItemRow};
use super::{Reader, StoreError};
use crate::care::red_flags::Level;
use crate::care::{Episode, Locale, red_flags};
use crate::plan::progress::{Growth, PainDays};
use crate::plan::standing::{Did, Item, Standing};
use crate::plan::week::monday_of;
use crate::plan::{Done, Exercise, PlanItem, Quota, catalogue};
use jiff::Span;
use jiff::civil::Date;
use std::ops::Range;

/// Setting: the wearer's usual pain from 0 to 10, against which the hold rule looks.
pub const BASELINE: &str = "plan_baseline_nprs";

/// Why an exercise is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rests {
    /// In acute days it rests.
    Acute,
    /// A red flag is open: all rest until a professional has been seen.
    RedFlag(Level),
}

impl Rests {
    /// The word in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acute => "acute",
            Self::RedFlag(_) => "red_flag",
        }
    }

    /// Id of the message that says so.
    pub fn message(self) -> &'static str {
        match self {
            Self::Acute => "ex_rests",
            Self::RedFlag(_) => "ex_flag",
        }
    }
}

/// The days of an episode, as far as exercises care.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// Acute mode is on.
    pub acute: bool,
    /// A red flag waits for a professional.
    pub red_flag: Option<Level>,
}

impl Days {
    /// Reads them.
    pub fn read(reader: &Reader, today: Date) -> Result<Self, StoreError> {
        let Some(row) = reader.open_episode()? else { return Ok(Self::default()) };
        let episode = Episode::from(row);
        Ok(Self { acute: episode.acute_on(today), red_flag: episode.red_flag() })
    }

    /// Why this exercise rests; `None`: it does not.
    pub fn rest(&self, exercise: &Exercise) -> Option<Rests> {
        match self.red_flag {
            Some(level) => Some(Rests::RedFlag(level)),
            None => (self.acute && exercise.rests_in_acute).then_some(Rests::Acute),
        }
    }

    /// What comes before everything else while a red flag is open.
    pub fn first(&self, locale: Locale) -> Option<&'static str> {
        self.red_flag.map(|level| red_flags::text(level, locale))
    }
}

/// A plan item on a local day.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// As it is stored.
    pub row: PlanItemRow,
    /// This week's target, and what was done of it.
    pub standing: Standing,
    /// Why it is not offered just now.
    pub rests: Option<Rests>,
}

/// The whole plan on a local day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Items that hold, or will.
    pub items: Vec<Planned>,
    /// What was done this week.
    pub logs: Vec<ExerciseLogRow>,
    /// The days of an episode.
    pub days: Days,
}

impl Plan {
    /// Reads it.
    pub fn read(reader: &Reader, today: Date) -> Result<Self, StoreError> {
        let days = Days::read(reader, today)?;
        let rows = reader.plan_items()?;
        let rows = rows.into_iter().filter(|row| row.about.until.is_none_or(|until| today < until));
        let logs = reader.exercise_logs(Date::MIN..Date::MAX)?;
        let pain = pain_days(reader, &logs)?;
        let baseline = reader.setting(BASELINE)?.and_then(|text| text.parse().ok());
        let items = rows.map(|row| {
            let item = item(&row);
            let did: Vec<Did> = logs.iter().map(|log| did(log, &item.quota)).collect();
            let exercise = catalogue::find(&row.about.exercise);
            let rests = exercise.and_then(|exercise| days.rest(exercise));
            Planned { standing: item.standing(&did, &pain, baseline, today), row, rests }
        });
        let items = items.collect();
        let week = week_of(today);
        let logs = logs.into_iter().filter(|log| week.contains(&log.about.day)).collect();
        Ok(Self { items, logs, days })
    }

    /// The newest item for this exercise that holds on a local day.
    pub fn of(&self, exercise: &str, day: Date) -> Option<&Planned> {
        let holds =
            |planned: &&Planned| planned.row.about.exercise == exercise && plan_item(&planned.row).holds_on(day);
        self.items.iter().rev().find(holds)
    }
}

/// The local days of a week.
pub fn week_of(day: Date) -> Range<Date> {
    let monday = monday_of(day);
    monday..monday.saturating_add(Span::new().days(7))
}

/// A stored plan item as the plan sees it.
pub fn plan_item(row: &PlanItemRow) -> PlanItem {
    PlanItem {
        id: row.id,
        exercise: row.about.exercise.clone(),
        days_per_week: row.about.days_per_week,
        from: row.about.from,
        until: row.about.until,
    }
}

/// Something stored as done as the plan sees it.
pub fn done(row: &ExerciseLogRow) -> Done {
    Done { day: row.about.day, exercise: row.about.exercise.clone(), plan_item: row.about.plan_item }
}

/// How much a stored item asks for; where it leads, when it grows.
pub fn quota(about: &NewPlanItem) -> Quota {
    Quota { sets: about.sets, reps: about.reps, lasting: about.lasting }
}

/// How a stored item grows.
pub fn growth(about: &NewPlanItem) -> Option<Growth> {
    let (start, ceiling, weekly_step) = (about.start_value?, about.ceiling?, about.weekly_step?);
    Some(Growth { start, ceiling, weekly_step })
}

fn item(row: &PlanItemRow) -> Item {
    Item {
        item: plan_item(row),
        quota: quota(&row.about),
        growth: growth(&row.about),
        grows_from: row.about.start_date.unwrap_or(row.about.from).max(row.about.from),
    }
}

/// How much was done, in what the quota is told in.
fn did(log: &ExerciseLogRow, quota: &Quota) -> Did {
    let about = &log.about;
    let amount = match quota.reps {
        Some(_) => about.steps.or(about.reps).map(f64::from),
        None => about.lasting.map(|lasting| lasting.0),
    };
    Did { done: done(log), amount }
}

/// The highest pain that was told on each day: at check-ins, before and after exercises.
fn pain_days(reader: &Reader, logs: &[ExerciseLogRow]) -> Result<PainDays, StoreError> {
    let mut days = PainDays::new();
    let mut told = |day: Date, pain: Option<u8>| {
        if let Some(pain) = pain {
            days.entry(day).and_modify(|most| *most = pain.max(*most)).or_insert(pain);
        }
    };
    for episode in reader.episodes()? {
        reader.check_ins(episode.id)?.iter().for_each(|row| told(row.about.day, row.about.nprs_now));
    }
    for log in logs {
        told(log.about.day, log.about.nprs_before);
        told(log.about.day, log.about.nprs_after);
    }
    Ok(days)
}
