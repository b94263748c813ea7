//! `plan list`: the plan with this week's target, beside what was done of it.

use super::super::here::{self, Here};
use super::super::{Exit, Failure, Globals, print_json};
use crate::care::Locale;
use crate::care::messages;
use crate::plan::{Quota, Week, catalogue};
use crate::store::facts::ExerciseLogRow;
use crate::store::planned::{Plan, Planned, Rests, done, growth, plan_item};
use crate::units::Seconds;
use jiff::civil::Date;
use serde::Serialize;

/// Lists the plan with this week's targets and what was done.
#[derive(clap::Args)]
pub(super) struct List {
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// An amount for programs.
#[derive(Serialize)]
pub(super) struct Amount {
    sets: Option<u32>,
    reps: Option<u32>,
    lasting_s: Option<f64>,
}

impl From<Quota> for Amount {
    fn from(quota: Quota) -> Self {
        Self { sets: quota.sets, reps: quota.reps, lasting_s: quota.lasting.map(|lasting| lasting.0) }
    }
}

#[derive(Serialize)]
struct Grows {
    start: f64,
    ceiling: f64,
    weekly_step: f64,
    unit: &'static str,
    weeks_met: u32,
}

/// An item for programs.
#[derive(Serialize)]
pub(super) struct Item {
    id: i64,
    exercise: String,
    name: String,
    sets: Option<u32>,
    reps: Option<u32>,
    lasting_s: Option<f64>,
    days_per_week: u8,
    from: String,
    until: Option<String>,
    entered_by: String,
    note: Option<String>,
    target: Amount,
    grows: Option<Grows>,
    held: bool,
    rests: Option<&'static str>,
    week_planned: u32,
    week_kept: u32,
    week_extra: u32,
    week_amount_planned: Option<f64>,
    week_amount_done: f64,
    nprs_before: Option<f64>,
    nprs_after: Option<f64>,
}

#[derive(Serialize)]
struct Answer {
    red_flag: Option<&'static str>,
    week_from: String,
    items: Vec<Item>,
    unplanned: Vec<Unplanned>,
}

#[derive(Serialize)]
struct Unplanned {
    exercise: String,
    days: u32,
}

/// Planned beside done for the week of a day.
fn week(plan: &Plan, day: Date) -> Week {
    let items: Vec<_> = plan.items.iter().map(|planned| plan_item(&planned.row)).collect();
    Week::of(day, &items, &plan.logs.iter().map(done).collect::<Vec<_>>())
}

/// The mean of what was told.
fn mean(told: impl Iterator<Item = u8>) -> Option<f64> {
    let (sum, count) = told.fold((0.0, 0.0), |(sum, count), pain| (sum + f64::from(pain), count + 1.0));
    (count > 0.0).then(|| (sum / count * 10.0_f64).round() / 10.0)
}

/// This week's logs of an item.
fn logs<'a>(planned: &'a Planned, plan: &'a Plan) -> impl Iterator<Item = &'a ExerciseLogRow> {
    plan.logs.iter().filter(|log| match log.about.plan_item {
        Some(id) => id == planned.row.id,
        None => log.about.exercise == planned.row.about.exercise,
    })
}

impl Item {
    pub(super) fn of(planned: &Planned, plan: &Plan, day: Date, locale: Locale) -> Self {
        let (about, standing) = (&planned.row.about, &planned.standing);
        let week = week(plan, day);
        let sums = week.rows.iter().find(|line| line.item == Some(planned.row.id)).map(|line| line.adherence);
        let sums = sums.unwrap_or_default();
        Self {
            id: planned.row.id,
            exercise: about.exercise.clone(),
            name: name(&about.exercise, locale),
            sets: about.sets,
            reps: about.reps,
            lasting_s: about.lasting.map(|lasting| lasting.0),
            days_per_week: about.days_per_week,
            from: about.from.to_string(),
            until: about.until.map(|day| day.to_string()),
            entered_by: about.entered_by.clone(),
            note: about.note.clone(),
            target: standing.target.into(),
            grows: growth(about).map(|growth| Grows {
                start: growth.start,
                ceiling: growth.ceiling,
                weekly_step: growth.weekly_step,
                unit: if about.reps.is_some() { "count" } else { "s" },
                weeks_met: standing.weeks_met,
            }),
            held: standing.held,
            rests: planned.rests.map(Rests::name),
            week_planned: sums.planned,
            week_kept: sums.kept,
            week_extra: sums.extra,
            week_amount_planned: standing.planned,
            week_amount_done: standing.done,
            nprs_before: mean(logs(planned, plan).filter_map(|log| log.about.nprs_before)),
            nprs_after: mean(logs(planned, plan).filter_map(|log| log.about.nprs_after)),
        }
    }
}

fn name(exercise: &str, locale: Locale) -> String {
    catalogue::find(exercise).map_or_else(|| exercise.to_owned(), |known| known.name(locale).to_owned())
}

/// An item and this week's target in words.
pub(super) fn said(planned: &Planned, locale: Locale) -> String {
    format!("{}, {}", name(&planned.row.about.exercise, locale), target(planned, locale))
}

fn target(planned: &Planned, locale: Locale) -> String {
    let unit = catalogue::find(&planned.row.about.exercise).map_or("times", |exercise| exercise.unit());
    planned.standing.target.words(unit, locale)
}

/// Where an item grows to, in words.
pub(super) fn grows(planned: &Planned, locale: Locale) -> String {
    let Some(growth) = growth(&planned.row.about) else { return String::new() };
    let about = &planned.row.about;
    let ceiling = match about.reps {
        Some(_) => Quota { reps: Some(growth.ceiling as u32), ..Quota::default() },
        None => Quota { lasting: Some(Seconds(growth.ceiling)), ..Quota::default() },
    };
    let unit = catalogue::find(&about.exercise).map_or("times", |exercise| exercise.unit());
    let ceiling = ceiling.words(unit, locale);
    format!(", {}", locale.phrases().terminal.grows.fill(&[("ceiling", &ceiling)]))
}

/// Days a week in words.
pub(super) fn days(days_per_week: u8, locale: Locale) -> String {
    let say = &locale.phrases().terminal;
    match days_per_week {
        1 => say.one_day.to_string(),
        7 => say.every_day.to_string(),
        n => say.days.fill(&[("count", &n)]),
    }
}

pub(super) fn list(globals: &Globals, args: &List) -> Result<Exit, Failure> {
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let (reader, locale) = (here::reader(&data_dir)?, here::locale(&data_dir));
    let plan = reader.map(|reader| Plan::read(&reader, here.today)).transpose()?.unwrap_or_default();
    let week = week(&plan, here.today);
    let unplanned = week.rows.iter().filter(|row| row.item.is_none());
    let unplanned: Vec<_> =
        unplanned.map(|row| Unplanned { exercise: row.exercise.clone(), days: row.adherence.extra }).collect();
    if args.json {
        let items = plan.items.iter().map(|planned| Item::of(planned, &plan, here.today, locale)).collect();
        print_json(&Answer {
            red_flag: plan.days.first(locale),
            week_from: week.monday.to_string(),
            items,
            unplanned,
        })?;
        return Ok(Exit::Done);
    }
    let say = &locale.phrases().terminal;
    if let Some(first) = plan.days.first(locale) {
        // While a red flag is open nothing else is shown.
        println!("{first}");
        return Ok(Exit::Done);
    }
    if plan.items.is_empty() {
        println!("{}", say.no_plan);
    }
    for planned in plan.items.iter().filter(|planned| planned.rests.is_none()) {
        line(planned, &plan, here.today, locale);
    }
    for Unplanned { exercise, days } in &unplanned {
        let week = say.week_days.fill(&[("days", days)]);
        println!("{:>3}  {:<20} {:<18} {:<16} {week}", "", name(exercise, locale), say.not_planned, "");
    }
    let resting: Vec<String> =
        plan.items.iter().filter(|planned| planned.rests.is_some()).map(|planned| resting(planned, locale)).collect();
    if !resting.is_empty() {
        println!("\n{}", say.these_rest.fill(&[("names", &resting.join(", "))]));
    }
    if plan.items.iter().any(|planned| planned.standing.held) {
        println!("\n{}", messages::find("hold_rule").map_or("", |message| message.text(locale)));
    }
    Ok(Exit::Done)
}

fn resting(planned: &Planned, locale: Locale) -> String {
    name(&planned.row.about.exercise, locale)
}

/// How much was done this week of what it asks for.
fn amount(planned: &Planned, locale: Locale) -> String {
    let standing = &planned.standing;
    let Some(asked) = standing.planned.filter(|asked| *asked > 0.0) else { return String::new() };
    let (unit, word) = match (standing.target.reps, standing.target.lasting) {
        (Some(_), _) => (1.0, ""),
        (None, Some(each)) if each.0 >= 60.0 => (60.0, " min"),
        (None, _) => (1.0, " s"),
    };
    let (done, asked) = (format!("{:.0}", standing.done / unit), format!("{:.0}{word}", asked / unit));
    format!(", {}", locale.phrases().terminal.done_of.fill(&[("done", &done), ("asked", &asked)]))
}

fn line(planned: &Planned, plan: &Plan, today: Date, locale: Locale) {
    let item = Item::of(planned, plan, today, locale);
    let say = &locale.phrases().terminal;
    let extra = (item.week_extra > 0).then(|| say.more.fill(&[("count", &item.week_extra)]));
    let more = extra.map_or_else(String::new, |more| format!(", {more}"));
    let before = item.nprs_before.map(|before| say.pain_before.fill(&[("before", &before)]));
    let after = item.nprs_after.map(|after| say.pain_after.fill(&[("after", &after)]));
    let pain: String = before.into_iter().chain(after).map(|pain| format!(", {pain}")).collect();
    let line = format!(
        "{:>3}  {:<20} {:<18} {:<16} {}{more}{}{pain}",
        item.id,
        item.name,
        target(planned, locale),
        days(item.days_per_week, locale),
        say.this_week.fill(&[("kept", &item.week_kept), ("planned", &item.week_planned)]),
        amount(planned, locale),
    );
    println!("{}", line.trim_end());
}
