//! `exercise`: what there is, a set that counts while it goes on, and what was done without one.

mod alone;
mod follow;
mod list;
mod log;
mod set;
mod typed;

use super::{Exit, Failure, Globals};
use crate::care::{Locale, messages};
use crate::plan::{Exercise, Side, StopReason, asks_to_stop, catalogue};
use crate::store::facts::{ExerciseLogRow, NewExerciseLog};
use clap::{Subcommand, ValueEnum};
use serde::Serialize;

/// Shows the exercises, counts a set, and keeps what you did.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    List(list::List),
    Start(set::Start),
    Stop(set::Stop),
    Log(log::Log),
    Correct(log::Correct),
}

/// Runs the action.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    match &args.action {
        Action::List(args) => list::list(globals, args),
        Action::Start(args) => set::start(globals, args),
        Action::Stop(args) => set::stop(globals, args),
        Action::Log(args) => log::log(globals, args),
        Action::Correct(args) => log::correct(globals, args),
    }
}

/// `--side`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SideArg {
    /// The left.
    Left,
    /// The right.
    Right,
}

impl From<SideArg> for Side {
    fn from(side: SideArg) -> Self {
        match side {
            SideArg::Left => Self::Left,
            SideArg::Right => Self::Right,
        }
    }
}

/// `--reason`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reason {
    /// It was done.
    Done,
    /// It hurt.
    Pain,
    /// That was enough for now.
    Tired,
    /// Anything else.
    Other,
}

impl From<Reason> for StopReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Done => Self::Done,
            Reason::Pain => Self::Pain,
            Reason::Tired => Self::Tired,
            Reason::Other => Self::Other,
        }
    }
}

fn known(id: &str) -> Result<&'static Exercise, Failure> {
    catalogue::find(id).ok_or_else(|| Failure::bad_input(catalogue::unknown(id)))
}

/// An exercise, and how it is done.
fn how_to(exercise: &Exercise, locale: Locale) -> String {
    let how = exercise.words(locale).map_or("", |words| &words.how);
    format!("{}: {how}", exercise.name(locale))
}

/// The words of a message.
fn words(id: &str, locale: Locale) -> &'static str {
    messages::find(id).map_or("", |message| message.text(locale))
}

/// Something done, for programs.
#[derive(Serialize)]
struct Answer {
    id: i64,
    exercise: String,
    plan_item: Option<i64>,
    date: String,
    sets: Option<u32>,
    reps_in_all: Option<u32>,
    lasting_s: Option<f64>,
    steps: Option<u32>,
    steady_share: Option<f64>,
    count_source: &'static str,
    planned_sets: Option<u32>,
    planned_reps: Option<u32>,
    planned_lasting_s: Option<f64>,
    side: Option<&'static str>,
    stop_reason: Option<&'static str>,
    effort: Option<u8>,
    nprs_before: Option<u8>,
    nprs_after: Option<u8>,
}

impl Answer {
    fn of(row: &ExerciseLogRow) -> Self {
        let about = &row.about;
        Self {
            id: row.id,
            exercise: about.exercise.clone(),
            plan_item: about.plan_item,
            date: about.day.to_string(),
            sets: about.sets,
            reps_in_all: about.reps,
            lasting_s: about.lasting.map(|lasting| lasting.0),
            steps: about.steps,
            steady_share: about.steady_share,
            count_source: about.count_source.name(),
            planned_sets: about.planned.sets,
            planned_reps: about.planned.reps,
            planned_lasting_s: about.planned.lasting.map(|lasting| lasting.0),
            side: about.side.map(Side::name),
            stop_reason: about.stop_reason.map(StopReason::name),
            effort: about.effort,
            nprs_before: about.nprs_before,
            nprs_after: about.nprs_after,
        }
    }
}

/// The stop text, where what was told asks for it.
fn stop_text(about: &NewExerciseLog, locale: Locale) {
    if asks_to_stop(about.stop_reason, about.nprs_before, about.nprs_after) {
        eprintln!("{}", words("stop_pain", locale));
    }
}
