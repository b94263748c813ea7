//! `exercise log` and `exercise correct`: what was done, told by hand, and what stands there, put right.

use super::super::here::{self, Here};
use super::super::{Exit, Failure, Globals, print_json};
use super::{Answer, Reason, SideArg, known, stop_text};
use crate::care::Locale;
use crate::plan::Side;
use crate::plan::session::After;
use crate::store::facts::{CountSource, ExerciseLogRow, NewExerciseLog};
use crate::store::planned::{Plan, quota};
use crate::store::{Hand, Reader};
use crate::units::Seconds;
use jiff::civil::Date;

/// Logs an exercise that was done, today or on another day.
#[derive(clap::Args)]
pub(super) struct Log {
    /// Which exercise, such as walk, bridge or bird_dog.
    exercise: String,
    /// Sets.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    sets: Option<u32>,
    /// Repetitions in each set; without --sets, in all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    reps: Option<u32>,
    /// Minutes in all.
    #[arg(long, value_name = "MIN", conflicts_with = "seconds")]
    minutes: Option<f64>,
    /// Seconds in all, for holds.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    seconds: Option<u32>,
    /// Steps of a walk.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200_000))]
    steps: Option<u32>,
    /// Which side.
    #[arg(long, value_enum)]
    side: Option<SideArg>,
    /// The local day it counts for [default: today].
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Pain before it, from 0 to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    nprs_before: Option<u8>,
    /// Pain after it, from 0 to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    nprs_after: Option<u8>,
    /// How hard it felt, from 0 to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    effort: Option<u8>,
    /// Why it ended.
    #[arg(long, value_enum)]
    reason: Option<Reason>,
    /// A few words of your own.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// Puts right what was done last: how many it were, or what you felt. What stood there is kept; undo brings it back.
#[derive(clap::Args)]
pub(super) struct Correct {
    /// How many repetitions or holds it were, in all; without it, the count that stands there is confirmed.
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    count: Option<u32>,
    /// Pain after it, from 0 to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    nprs_after: Option<u8>,
    /// How hard it felt, from 0 to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    effort: Option<u8>,
    /// Why it ended.
    #[arg(long, value_enum)]
    reason: Option<Reason>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// A day has no more minutes.
const DAY_MIN: f64 = 1440.0;

pub(super) fn log(globals: &Globals, args: &Log) -> Result<Exit, Failure> {
    let exercise = known(&args.exercise)?;
    if let Some(minutes) = args.minutes.filter(|minutes| !(*minutes > 0.0 && *minutes <= DAY_MIN)) {
        return Err(Failure::bad_input(format!(
            "--minutes {minutes} is not within a day; give more than 0 and at most 1440"
        )));
    }
    let here = Here::read();
    let day = here.not_ahead(args.date.unwrap_or(here.today), "--date")?;
    let data_dir = globals.data_dir()?;
    let mut hand = Hand::open(&data_dir)?;
    let plan = Plan::read(&Reader::open(&data_dir)?, day)?;
    let planned = plan.of(&exercise.id, day);
    let new = NewExerciseLog {
        plan_item: planned.map(|planned| planned.row.id),
        planned: planned.map(|planned| planned.standing.target).unwrap_or_default(),
        sets: args.sets,
        reps: args.reps.map(|reps| reps * args.sets.unwrap_or(1)),
        lasting: args.minutes.map(|minutes| minutes * 60.0).or(args.seconds.map(f64::from)).map(Seconds),
        steps: args.steps,
        side: args.side.map(Side::from),
        nprs_before: args.nprs_before,
        nprs_after: args.nprs_after,
        effort: args.effort,
        stop_reason: args.reason.map(Into::into),
        note: args.note.clone(),
        ..NewExerciseLog::told(exercise.id.clone(), day, here.now)
    };
    let (id, locale) = (hand.log_exercise(&new)?, here::locale(&data_dir));
    let row = ExerciseLogRow { id, about: new };
    if args.json {
        print_json(&Answer::of(&row))?;
    } else {
        println!(
            "Kept: {} on {day}{}.",
            exercise.name(locale),
            beside(planned.map(|planned| quota(&planned.row.about)))
        );
    }
    stop_text(&row.about, locale);
    Ok(Exit::Done)
}

/// That it was planned.
fn beside(planned: Option<crate::plan::Quota>) -> &'static str {
    if planned.is_some() { ", as planned" } else { "" }
}

pub(super) fn correct(globals: &Globals, args: &Correct) -> Result<Exit, Failure> {
    let data_dir = globals.data_dir()?;
    let newest = here::reader(&data_dir)?.map(|reader| reader.newest_exercise_log()).transpose()?.flatten();
    let Some(mut row) = newest else {
        return Err(Failure::bad_input(
            "nothing was done yet that could be put right; keep something with: lumbard exercise log walk --minutes 10",
        ));
    };
    let before = row.about.clone();
    let says_more = args.nprs_after.is_some() || args.effort.is_some() || args.reason.is_some();
    let count = if says_more { args.count } else { args.count.or(before.reps) };
    let after = After { count, reason: args.reason.map(Into::into), nprs_after: args.nprs_after, effort: args.effort };
    row.about.amend(&after);
    if row.about == before {
        return Err(Failure::bad_input(
            "that is what stands there already; give a count, such as: lumbard exercise correct 9",
        ));
    }
    Hand::open(&data_dir)?.change_exercise_log(&row, super::super::now())?;
    let locale = here::locale(&data_dir);
    if args.json {
        print_json(&Answer::of(&row))?;
    } else {
        let name = known(&row.about.exercise).map_or(row.about.exercise.as_str(), |exercise| exercise.name(locale));
        let was = match (before.reps, row.about.reps) {
            (Some(was), Some(now)) if was != now => format!("{now} in place of {was}"),
            (_, Some(now)) if count.is_some() => format!("{now}"),
            _ => "kept".to_owned(),
        };
        println!("{name}, {}: {was}, {}.", row.about.day, source_words(row.about.count_source, locale));
    }
    if says_more {
        stop_text(&row.about, locale);
    }
    Ok(Exit::Done)
}

/// Where a count is from, in words.
pub(super) fn source_words(source: CountSource, locale: Locale) -> &'static str {
    let say = &locale.phrases().terminal;
    match source {
        CountSource::Auto => &say.by_sensor,
        CountSource::Corrected => &say.put_right,
        CountSource::Manual => &say.by_you,
    }
}
