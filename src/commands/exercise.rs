//! `exercise`: keeps what was done, told by hand.

use super::here::{self, Here};
use super::plan::plan_item;
use super::{Exit, Failure, Globals, print_json};
use crate::care::messages;
use crate::plan::catalogue;
use crate::store::facts::NewExerciseLog;
use crate::store::{Hand, Reader, StoreError};
use crate::units::Seconds;
use clap::Subcommand;
use jiff::civil::Date;
use serde::Serialize;

/// Keeps what you did.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Log(Log),
}

/// Logs an exercise that was done, today or on another day.
#[derive(clap::Args)]
struct Log {
    /// Which exercise, such as walk, bridge or bird_dog.
    exercise: String,
    /// Sets.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    sets: Option<u32>,
    /// Repetitions in each set; without --sets, in all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    reps: Option<u32>,
    /// Minutes in all.
    #[arg(long, value_name = "MIN")]
    minutes: Option<f64>,
    /// The local day it counts for [default: today].
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Pain before it, from 0 to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    nprs_before: Option<u8>,
    /// Pain after it, from 0 to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    nprs_after: Option<u8>,
    /// A few words of your own.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer {
    id: i64,
    exercise: String,
    plan_item: Option<i64>,
    date: String,
    sets: Option<u32>,
    reps_in_all: Option<u32>,
    lasting_s: Option<f64>,
    nprs_before: Option<u8>,
    nprs_after: Option<u8>,
}

/// Pain of this much after a set counts as severe: the stop text is shown. Source: the usual bands of
/// the 0 to 10 scale, 7 and more severe; domain.md §9 has the text, the figure is chosen by us.
const SEVERE_NPRS: u8 = 7;
/// A day has no more minutes.
const DAY_MIN: f64 = 1440.0;

/// Runs the action.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let Action::Log(log) = &args.action;
    let exercise =
        catalogue::find(&log.exercise).ok_or_else(|| Failure::bad_input(catalogue::unknown(&log.exercise)))?;
    if let Some(minutes) = log.minutes.filter(|minutes| !(*minutes > 0.0 && *minutes <= DAY_MIN)) {
        return Err(Failure::bad_input(format!(
            "--minutes {minutes} is not within a day; give more than 0 and at most 1440"
        )));
    }
    let here = Here::read();
    let day = here.not_ahead(log.date.unwrap_or(here.today), "--date")?;
    let data_dir = globals.data_dir()?;
    let locale = here::locale(&data_dir);
    let mut hand = Hand::open(&data_dir)?;
    let new = NewExerciseLog {
        plan_item: planned(&Reader::open(&data_dir)?, &exercise.id, day)?,
        exercise: exercise.id.clone(),
        day,
        at: here.now,
        sets: log.sets,
        reps: log.reps.map(|reps| reps * log.sets.unwrap_or(1)),
        lasting: log.minutes.map(|minutes| Seconds(minutes * 60.0)),
        counted: false,
        nprs_before: log.nprs_before,
        nprs_after: log.nprs_after,
        note: log.note.clone(),
    };
    let id = hand.log_exercise(&new)?;
    if log.json {
        print_json(&Answer {
            id,
            exercise: new.exercise,
            plan_item: new.plan_item,
            date: day.to_string(),
            sets: new.sets,
            reps_in_all: new.reps,
            lasting_s: new.lasting.map(|lasting| lasting.0),
            nprs_before: new.nprs_before,
            nprs_after: new.nprs_after,
        })?;
    } else {
        println!(
            "Kept: {} on {day}{}.",
            exercise.name(locale),
            if new.plan_item.is_some() { ", as planned" } else { "" }
        );
    }
    let grew = log.nprs_before.is_none_or(|before| log.nprs_after > Some(before));
    if log.nprs_after.is_some_and(|after| after >= SEVERE_NPRS)
        && grew
        && let Some(stop) = messages::find("stop_pain")
    {
        eprintln!("{}", stop.text(locale));
    }
    Ok(Exit::Done)
}

/// The newest plan item for this exercise that holds on this day.
fn planned(reader: &Reader, exercise: &str, day: Date) -> Result<Option<i64>, StoreError> {
    let items = reader.plan_items()?;
    let newest = items.iter().rev().find(|row| row.about.exercise == exercise && plan_item(row).holds_on(day));
    Ok(newest.map(|row| row.id))
}
