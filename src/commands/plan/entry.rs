//! `plan add`, `edit`, `remove` and `baseline`: one entry by hand, held to the same rules as a plan in a file.

use super::super::here::{self, Here};
use super::super::{Exit, Failure, Globals, print_json};
use super::By;
use super::list::{Item, days, grows, said};
use crate::care::messages;
use crate::plan::share::{self, Written};
use crate::plan::{Exercise, Measure, catalogue};
use crate::store::facts::{NewPlanItem, PlanItemRow};
use crate::store::planned::{BASELINE, Plan, Planned, growth, quota};
use crate::store::{Hand, Reader};
use crate::units::WallTime;
use jiff::civil::Date;
use std::path::Path;

/// How much, and how it grows.
#[derive(clap::Args, Default)]
struct Dose {
    /// Sets a day.
    #[arg(long, value_name = "N")]
    sets: Option<u32>,
    /// Repetitions in each set.
    #[arg(long, value_name = "N", conflicts_with_all = ["steps", "seconds", "minutes"])]
    reps: Option<u32>,
    /// Steps of a walk.
    #[arg(long, value_name = "N", conflicts_with_all = ["seconds", "minutes"])]
    steps: Option<u32>,
    /// Length of each set in seconds, for holds.
    #[arg(long, value_name = "S", conflicts_with = "minutes")]
    seconds: Option<f64>,
    /// Length of each set in minutes, for walking and the like.
    #[arg(long, value_name = "MIN")]
    minutes: Option<f64>,
    /// Where a plan that grows begins, in the unit of --reps, --steps, --seconds or --minutes.
    #[arg(long, value_name = "N")]
    start: Option<f64>,
    /// How much it grows in a week that follows one that was met; never by more than a tenth.
    #[arg(long, value_name = "N")]
    weekly_step: Option<f64>,
    /// It grows no further [default: what is planned].
    #[arg(long, value_name = "N")]
    ceiling: Option<f64>,
    /// On how many days a week [default: 7].
    #[arg(long, value_name = "1-7")]
    days_per_week: Option<u8>,
    /// First local day [default: today].
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// First local day on which it no longer holds.
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// A few words of your own.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

impl Dose {
    fn written(&self, exercise: &str) -> Written {
        Written {
            exercise: exercise.to_owned(),
            sets: self.sets,
            reps: self.reps,
            steps: self.steps,
            seconds: self.seconds,
            minutes: self.minutes,
            start: self.start,
            weekly_step: self.weekly_step,
            ceiling: self.ceiling,
            days_per_week: self.days_per_week,
            from: self.from.map(|day| day.to_string()),
            until: self.until.map(|day| day.to_string()),
            note: self.note.clone(),
        }
    }

    fn says_how_much(&self) -> bool {
        self.reps.is_some() || self.steps.is_some() || self.seconds.is_some() || self.minutes.is_some()
    }

    /// Something that growth depends on.
    fn touches_growth(&self) -> bool {
        self.says_how_much() || self.start.is_some() || self.weekly_step.is_some() || self.ceiling.is_some()
    }

    /// What was written before, with what is written now in its place.
    fn over(&self, before: Written) -> Written {
        let now = self.written(&before.exercise);
        let dose = if self.says_how_much() {
            Written {
                reps: now.reps,
                steps: now.steps,
                seconds: now.seconds,
                minutes: now.minutes,
                ..Written::default()
            }
        } else {
            before.clone()
        };
        Written {
            sets: now.sets.or(before.sets),
            reps: dose.reps,
            steps: dose.steps,
            seconds: dose.seconds,
            minutes: dose.minutes,
            start: now.start.or(before.start),
            weekly_step: now.weekly_step.or(before.weekly_step),
            ceiling: now.ceiling.or(before.ceiling),
            days_per_week: now.days_per_week.or(before.days_per_week),
            from: now.from.or(before.from),
            until: now.until.or(before.until),
            note: now.note.or(before.note),
            exercise: before.exercise,
        }
    }
}

/// Adds an exercise to the plan. How much is up to you or your physiotherapist: start with what feels easy.
#[derive(clap::Args)]
pub(super) struct Add {
    /// Which exercise, such as walk, bridge or bird_dog.
    exercise: String,
    #[command(flatten)]
    dose: Dose,
    /// Who prescribes it.
    #[arg(long, value_enum, default_value = "wearer")]
    by: By,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// Changes an item of the plan; what is not named stays. With a new amount it goes on growing from there.
#[derive(clap::Args)]
pub(super) struct Edit {
    /// Its number, from: lumbard plan list.
    #[arg(value_name = "ID")]
    id: i64,
    #[command(flatten)]
    dose: Dose,
    /// It no longer grows: what it asks for now stays.
    #[arg(long, conflicts_with_all = ["start", "weekly_step", "ceiling"])]
    no_growth: bool,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// Takes an item out of the plan from today on. What was done for it stays.
#[derive(clap::Args)]
pub(super) struct Remove {
    /// Its number, from: lumbard plan list.
    #[arg(value_name = "ID")]
    id: i64,
}

/// Sets your usual pain: three days of at least 2 above it hold the plan where it is.
///
/// Without it, the median of the four weeks before counts, from what you told at check-ins and exercises.
#[derive(clap::Args)]
pub(super) struct Baseline {
    /// From 0 to 10; off goes back to the median.
    #[arg(value_name = "0-10")]
    pain: String,
}

/// What is stored of a sound item.
pub(super) fn stored(item: share::Item, by: &str, here: &Here) -> NewPlanItem {
    NewPlanItem {
        exercise: item.exercise.to_owned(),
        sets: item.quota.sets,
        reps: item.quota.reps,
        lasting: item.quota.lasting,
        days_per_week: item.days_per_week,
        start_value: item.growth.map(|growth| growth.start),
        ceiling: item.growth.map(|growth| growth.ceiling),
        weekly_step: item.growth.map(|growth| growth.weekly_step),
        entered_by: by.to_owned(),
        from: item.from.unwrap_or(here.today),
        until: item.until,
        note: item.note,
        created: here.now,
        start_date: None,
    }
}

pub(super) fn add(globals: &Globals, args: &Add) -> Result<Exit, Failure> {
    let item = share::Item::try_from(args.dose.written(&args.exercise)).map_err(Failure::bad_input)?;
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let new = stored(item, args.by.name(), &here);
    let id = Hand::open(&data_dir)?.add_plan_item(&new)?;
    tell(&data_dir, &here, id, "Added", args.json)
}

/// Says what an item asks for now.
fn tell(data_dir: &Path, here: &Here, id: i64, done: &str, json: bool) -> Result<Exit, Failure> {
    let (plan, locale) = (Plan::read(&Reader::open(data_dir)?, here.today)?, here::locale(data_dir));
    let Some(planned) = plan.items.iter().find(|planned| planned.row.id == id) else { return Ok(Exit::Done) };
    if json {
        print_json(&Item::of(planned, &plan, here.today, locale))?;
    } else {
        println!(
            "{done} {id}: {}, {}{}.",
            said(planned, locale),
            days(planned.row.about.days_per_week, locale),
            grows(planned, locale)
        );
    }
    if let (Some(rests), false) = (planned.rests, json) {
        let words = messages::find(rests.message()).map_or("", |message| message.text(locale));
        eprintln!("{} {}", plan.days.first(locale).unwrap_or(words), locale.phrases().terminal.kept_for_later);
    }
    Ok(Exit::Done)
}

/// The item of a number that still holds, as it stands today.
fn found(data_dir: &Path, id: i64, here: &Here) -> Result<Planned, Failure> {
    let plan = here::reader(data_dir)?.map(|reader| Plan::read(&reader, here.today)).transpose()?.unwrap_or_default();
    let ids: Vec<String> = plan.items.iter().map(|planned| planned.row.id.to_string()).collect();
    plan.items.into_iter().find(|planned| planned.row.id == id).ok_or_else(|| {
        Failure::bad_input(match ids.is_empty() {
            true => "nothing is planned yet; add something with: lumbard plan add walk --minutes 10".to_owned(),
            false => format!("no item of the plan has the number {id}; it has {}", ids.join(", ")),
        })
    })
}

/// An item as it would be written today.
fn written(row: &PlanItemRow, exercise: &Exercise) -> Written {
    let about = &row.about;
    let in_minutes =
        about.lasting.is_some_and(|lasting| lasting.0 % 60.0 == 0.0) && exercise.measure == Measure::Minutes;
    let unit = if in_minutes { 60.0 } else { 1.0 };
    let long = about.lasting.map(|lasting| lasting.0 / unit);
    let walk = exercise.unit() == "steps";
    Written {
        exercise: about.exercise.clone(),
        sets: about.sets,
        reps: about.reps.filter(|_| !walk),
        steps: about.reps.filter(|_| walk),
        seconds: long.filter(|_| !in_minutes),
        minutes: long.filter(|_| in_minutes),
        start: about.start_value.map(|value| value / unit),
        weekly_step: about.weekly_step.map(|value| value / unit),
        ceiling: about.ceiling.map(|value| value / unit),
        days_per_week: Some(about.days_per_week),
        from: Some(about.from.to_string()),
        until: about.until.map(|day| day.to_string()),
        note: about.note.clone(),
    }
}

pub(super) fn edit(globals: &Globals, args: &Edit) -> Result<Exit, Failure> {
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let planned = found(&data_dir, args.id, &here)?;
    let exercise = catalogue::find(&planned.row.about.exercise)
        .ok_or_else(|| Failure::bad_input(catalogue::unknown(&planned.row.about.exercise)))?;
    let mut before = planned.row.clone();
    let regrown = args.no_growth || args.dose.touches_growth();
    if regrown && growth(&before.about).is_some() {
        // It goes on from what it asks for today.
        let target = planned.standing.target;
        before.about.start_value = target.reps.map(f64::from).or(target.lasting.map(|lasting| lasting.0));
    }
    let mut text = written(&before, exercise);
    if args.no_growth {
        (before.about.reps, before.about.lasting) = (planned.standing.target.reps, planned.standing.target.lasting);
        text = Written { start: None, weekly_step: None, ceiling: None, ..written(&before, exercise) };
    } else if args.dose.says_how_much() {
        // Where it leads is what is planned now, and its unit may be another.
        let unit = |minutes: bool| if minutes { 60.0 } else { 1.0 };
        let turn = unit(text.minutes.is_some()) / unit(args.dose.minutes.is_some());
        let alike = text.reps.or(text.steps).is_some() == args.dose.reps.or(args.dose.steps).is_some();
        let turned = |value: Option<f64>| value.filter(|_| alike).map(|value| value * turn);
        let most = [args.dose.reps.or(args.dose.steps).map(f64::from), args.dose.seconds, args.dose.minutes];
        let most = most.into_iter().flatten().next().unwrap_or(f64::INFINITY);
        text.start = turned(text.start).map(|start| start.min(most));
        text.weekly_step = turned(text.weekly_step);
        text.ceiling = None;
    }
    let item = share::Item::try_from(args.dose.over(text)).map_err(Failure::bad_input)?;
    let new = stored(item, &planned.row.about.entered_by, &here);
    let start_date = if regrown { Some(here.today) } else { planned.row.about.start_date };
    let about = NewPlanItem { created: planned.row.about.created, start_date, ..new };
    if quota(&about) == quota(&planned.row.about) && about == planned.row.about {
        return Err(Failure::bad_input("nothing would change; name what is to change, such as --minutes 15"));
    }
    Hand::open(&data_dir)?.change_plan_item(&PlanItemRow { id: args.id, about }, here.now)?;
    tell(&data_dir, &here, args.id, "Changed", args.json)
}

pub(super) fn remove(globals: &Globals, args: &Remove) -> Result<Exit, Failure> {
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let planned = found(&data_dir, args.id, &here)?;
    Hand::open(&data_dir)?.end_plan_item(args.id, here.today, here.now)?;
    let locale = here::locale(&data_dir);
    let item = said(&planned, locale);
    println!("{}", locale.phrases().terminal.taken_out.fill(&[("id", &args.id), ("item", &item)]));
    Ok(Exit::Done)
}

pub(super) fn baseline(globals: &Globals, args: &Baseline) -> Result<Exit, Failure> {
    let off = args.pain == "off";
    let known = off || args.pain.parse::<u8>().is_ok_and(|pain| pain <= 10);
    if !known {
        return Err(Failure::bad_input(format!("{:?} is no pain figure; write 0 to 10, or off", args.pain)));
    }
    let at: WallTime = super::super::now();
    let data_dir = globals.data_dir()?;
    Hand::open(&data_dir)?.set_setting(BASELINE, &args.pain, at)?;
    let say = &here::locale(&data_dir).phrases().terminal;
    match off {
        true => println!("{}", say.usual_median),
        false => println!("{}", say.usual_pain.fill(&[("pain", &args.pain)])),
    }
    Ok(Exit::Done)
}
