//! `plan`: what was prescribed, entered by hand, and how much of this week's was done.

use super::here::{self, Here};
use super::{Exit, Failure, Globals, print_json};
use crate::care::{Episode, Locale};
use crate::plan::week::monday_of;
use crate::plan::{Done, PlanItem, Week, catalogue};
use crate::store::facts::{ExerciseLogRow, NewPlanItem, PlanItemRow};
use crate::store::{Hand, Reader};
use crate::units::Seconds;
use clap::{Subcommand, ValueEnum};
use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;

/// Keeps the plan: which exercises, how much, on how many days a week.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Add(Add),
    List(List),
}

/// Adds an exercise to the plan. How much is up to you or your physiotherapist: start with what feels easy.
#[derive(clap::Args)]
struct Add {
    /// Which exercise, such as walk, bridge or bird_dog.
    exercise: String,
    /// Sets a day.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    sets: Option<u32>,
    /// Repetitions in each set.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000), conflicts_with_all = ["seconds", "minutes"])]
    reps: Option<u32>,
    /// Length of each set in seconds, for holds.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=86_400), conflicts_with = "minutes")]
    seconds: Option<u32>,
    /// Length of each set in minutes, for walking and the like.
    #[arg(long, value_name = "MIN", value_parser = clap::value_parser!(u32).range(1..=1440))]
    minutes: Option<u32>,
    /// On how many days a week.
    #[arg(long, value_name = "1-7", default_value = "7", value_parser = clap::value_parser!(u8).range(1..=7))]
    days_per_week: u8,
    /// First local day [default: today].
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Who prescribes it.
    #[arg(long, value_enum, default_value = "wearer")]
    by: By,
    /// A few words of your own.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// You.
    Wearer,
    /// Your physiotherapist.
    Physiotherapist,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Wearer => "wearer",
            Self::Physiotherapist => "physiotherapist",
        }
    }
}

/// Lists the plan with this week's days done.
#[derive(clap::Args)]
struct List {
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Item {
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
    week_planned: u32,
    week_kept: u32,
    week_extra: u32,
}

#[derive(Serialize)]
struct Answer {
    week_from: String,
    items: Vec<Item>,
    unplanned: Vec<Unplanned>,
}

#[derive(Serialize)]
struct Unplanned {
    exercise: String,
    days: u32,
}

/// Runs the action.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    match &args.action {
        Action::Add(add) => self::add(globals, add),
        Action::List(list) => self::list(globals, list),
    }
}

fn add(globals: &Globals, args: &Add) -> Result<Exit, Failure> {
    let exercise =
        catalogue::find(&args.exercise).ok_or_else(|| Failure::bad_input(catalogue::unknown(&args.exercise)))?;
    let data_dir = globals.data_dir()?;
    let (here, locale) = (Here::read(), here::locale(&data_dir));
    let lasting = args.seconds.or(args.minutes.map(|minutes| minutes * 60)).map(|s| Seconds(f64::from(s)));
    let new = NewPlanItem {
        exercise: exercise.id.clone(),
        sets: args.sets,
        reps: args.reps,
        lasting,
        days_per_week: args.days_per_week,
        start_value: None,
        ceiling: None,
        weekly_step: None,
        entered_by: args.by.name().to_owned(),
        from: args.from.unwrap_or(here.today),
        until: None,
        note: args.note.clone(),
        created: here.now,
    };
    let id = Hand::open(&data_dir)?.add_plan_item(&new)?;
    let reader = Reader::open(&data_dir)?;
    let acute = reader.open_episode()?.is_some_and(|row| Episode::from(row).acute_on(here.today));
    let row = PlanItemRow { id, about: new };
    if args.json {
        let week = week(here.today, std::slice::from_ref(&row), &[]);
        print_json(&item(&row, &week, locale))?;
    } else {
        println!("Added: {}, {}, {}.", exercise.name(locale), dose(&row), days(args.days_per_week));
    }
    if acute && exercise.rests_in_acute {
        eprintln!("{} rests during the acute days; it is kept in the plan for later.", exercise.name(locale));
    }
    Ok(Exit::Done)
}

fn list(globals: &Globals, args: &List) -> Result<Exit, Failure> {
    let data_dir = globals.data_dir()?;
    let (here, locale) = (Here::read(), here::locale(&data_dir));
    let monday = monday_of(here.today);
    let (rows, logs) = match here::reader(&data_dir)? {
        None => (Vec::new(), Vec::new()),
        Some(reader) => {
            (reader.plan_items()?, reader.exercise_logs(monday..monday.saturating_add(Span::new().days(7)))?)
        }
    };
    let rows: Vec<_> = rows.into_iter().filter(|row| row.about.until.is_none_or(|until| here.today < until)).collect();
    let week = week(here.today, &rows, &logs);
    let unplanned: Vec<_> = week
        .rows
        .iter()
        .filter(|row| row.item.is_none())
        .map(|row| Unplanned { exercise: row.exercise.clone(), days: row.adherence.extra })
        .collect();
    if args.json {
        let items = rows.iter().map(|row| item(row, &week, locale)).collect();
        print_json(&Answer { week_from: week.monday.to_string(), items, unplanned })?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        println!("Nothing is planned yet. Add something with: lumbard plan add walk --minutes 10");
    }
    for row in &rows {
        let item = item(row, &week, locale);
        println!(
            "{:<18} {:<20} {:<16} this week {} of {}{}",
            item.name,
            dose(row),
            days(item.days_per_week),
            item.week_kept,
            item.week_planned,
            if item.week_extra > 0 { format!(", {} more", item.week_extra) } else { String::new() },
        );
    }
    for Unplanned { exercise, days } in &unplanned {
        let name = catalogue::find(exercise).map_or(exercise.as_str(), |exercise| exercise.name(locale));
        println!("{name:<18} {:<20} {:<16} this week {days}", "", "not planned");
    }
    Ok(Exit::Done)
}

/// Planned beside done for the week of `day`, from rows of the store.
fn week(day: Date, items: &[PlanItemRow], logs: &[ExerciseLogRow]) -> Week {
    let items: Vec<_> = items.iter().map(plan_item).collect();
    let done: Vec<_> = logs.iter().map(done).collect();
    Week::of(day, &items, &done)
}

/// A stored plan item as the plan sees it.
pub(super) fn plan_item(row: &PlanItemRow) -> PlanItem {
    PlanItem {
        id: row.id,
        exercise: row.about.exercise.clone(),
        days_per_week: row.about.days_per_week,
        from: row.about.from,
        until: row.about.until,
    }
}

fn done(row: &ExerciseLogRow) -> Done {
    Done { day: row.about.day, exercise: row.about.exercise.clone(), plan_item: row.about.plan_item }
}

fn item(row: &PlanItemRow, week: &Week, locale: Locale) -> Item {
    let about = &row.about;
    let sums = week.rows.iter().find(|line| line.item == Some(row.id)).map(|line| line.adherence).unwrap_or_default();
    Item {
        id: row.id,
        exercise: about.exercise.clone(),
        name: catalogue::find(&about.exercise).map_or(about.exercise.as_str(), |known| known.name(locale)).to_owned(),
        sets: about.sets,
        reps: about.reps,
        lasting_s: about.lasting.map(|lasting| lasting.0),
        days_per_week: about.days_per_week,
        from: about.from.to_string(),
        until: about.until.map(|day| day.to_string()),
        entered_by: about.entered_by.clone(),
        note: about.note.clone(),
        week_planned: sums.planned,
        week_kept: sums.kept,
        week_extra: sums.extra,
    }
}

fn days(days_per_week: u8) -> String {
    match days_per_week {
        1 => "1 day a week".into(),
        7 => "every day".into(),
        n => format!("{n} days a week"),
    }
}

/// A dose in words: `3 sets of 10`, `20 min`, or that none was given.
fn dose(row: &PlanItemRow) -> String {
    let each = match (row.about.reps, row.about.lasting) {
        (Some(reps), _) => Some(if row.about.sets.is_some() { reps.to_string() } else { format!("{reps} times") }),
        (None, Some(Seconds(s))) if s >= 60.0 && s % 60.0 == 0.0 => Some(format!("{:.0} min", s / 60.0)),
        (None, Some(Seconds(s))) => Some(format!("{s:.0} s")),
        (None, None) => None,
    };
    match (row.about.sets, each) {
        (Some(1), Some(each)) => format!("1 set of {each}"),
        (Some(sets), Some(each)) => format!("{sets} sets of {each}"),
        (Some(sets), None) => format!("{sets} set{}", if sets == 1 { "" } else { "s" }),
        (None, Some(each)) => each,
        (None, None) => "as much as feels easy".into(),
    }
}
