//! `exercise start` and `exercise stop`: a set that a running daemon counts; without one, a plain timer.

use super::super::heartbeat::Heartbeat;
use super::super::here::{self, Here};
use super::super::service::{WISH, Wish};
use super::super::{Exit, Failure, Globals, now, print_json};
use super::follow::Line;
use super::log::source_words;
use super::typed::Typed;
use super::{Answer, Reason, SideArg, alone, how_to, known, stop_text, words};
use crate::care::Locale;
use crate::plan::session::{After, Order, SessionView, SetStep};
use crate::plan::{Counting, Exercise, ExerciseKind, Measure, StopReason, asks_to_stop};
use crate::store::facts::ExerciseLogRow;
use crate::store::planned::{Days, Plan};
use crate::store::{self, Hand, Reader};
use crate::web::PageCommand;
use std::path::Path;
use std::time::{Duration, Instant};

/// Opens a set: it asks for the start position, counts, and ends when what you asked for is done, or you stop it.
///
/// Signals about bends rest meanwhile. Without a number, what your plan asks for this week counts. In a terminal,
/// Enter stops it; elsewhere: lumbard exercise stop.
#[derive(clap::Args)]
pub(super) struct Start {
    /// Which exercise, such as bridge, knee_to_chest or walk.
    pub(super) exercise: String,
    /// Sets.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    sets: Option<u32>,
    /// Repetitions or holds in each set; for a walk, steps.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    reps: Option<u32>,
    /// Length of each hold, or of each timed set, in seconds.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    seconds: Option<u32>,
    /// Which side.
    #[arg(long, value_enum)]
    side: Option<SideArg>,
    /// Pain before it, from 0 to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    nprs_before: Option<u8>,
    /// Open it and come back at once; it goes on counting.
    #[arg(long)]
    no_wait: bool,
    /// Print how it ended as one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

/// Ends the set that is open.
#[derive(clap::Args)]
pub(super) struct Stop {
    /// Why it ends.
    #[arg(long, value_enum, default_value = "done")]
    reason: Reason,
    /// How many it were, where you know better.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    count: Option<u32>,
    /// Pain after it, from 0 to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    nprs_after: Option<u8>,
    /// How hard it felt, from 0 to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    effort: Option<u8>,
    /// Print how it ended as one JSON object.
    #[arg(long)]
    json: bool,
}

/// A daemon takes a wish up within a second; one that has not answered by then does not listen.
const ANSWER_PATIENCE: Duration = Duration::from_secs(5);
/// A daemon's words are looked for so often, and Enter with them.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const SILENT: &str = "the running lumbard does not answer; look at: lumbard status";
const GONE: &str = "lumbard was stopped meanwhile; what was done so far is kept";

impl Start {
    fn order(&self, exercise: &'static Exercise, nprs_before: Option<u8>) -> Order {
        let (sets, reps, seconds) = (self.sets, self.reps, self.seconds);
        Order { exercise, sets, reps, seconds, side: self.side.map(Into::into), nprs_before }
    }
}

pub(super) fn start(globals: &Globals, args: &Start) -> Result<Exit, Failure> {
    let exercise = known(&args.exercise)?;
    let folder = globals.data_dir()?;
    let today = Here::read().today;
    let plan = here::reader(&folder)?.map(|reader| Plan::read(&reader, today)).transpose()?.unwrap_or_default();
    refuse(&plan.days, exercise, here::locale(&folder))?;
    let locale = here::locale(&folder);
    let typed = Typed::new(locale);
    let running = store::holder(&folder).is_some();
    if !running {
        alone::say_so(exercise, &typed, args.seconds.is_some())?;
    }
    let ask_before = args.nprs_before.is_none() && !args.no_wait && !args.json;
    let nprs_before = args
        .nprs_before
        .or_else(|| ask_before.then(|| typed.pain(&locale.phrases().terminal.ask_pain_before)).flatten());
    let order = args.order(exercise, nprs_before);
    if !running {
        let planned = plan.of(&exercise.id, today);
        return alone::run(&folder, order, planned, &typed, args.json);
    }
    let asked = ask(&folder, PageCommand::StartExercise(order))?;
    let mut line = Line::new(locale);
    let (begun, mut heard, mut asked_to_stop) = (Instant::now(), false, false);
    if typed.is_possible() && !args.no_wait {
        eprintln!("{}\n{}", how_to(exercise, locale), locale.phrases().terminal.enter_stops);
    }
    let view = loop {
        let view = seen(&folder).filter(|view| view.asked_utc_ns == asked);
        match view {
            Some(view) if view.is_over() => break view,
            Some(view) if args.no_wait => {
                line.show(&view);
                line.end();
                return Ok(Exit::Done);
            }
            Some(view) => {
                heard = true;
                line.show(&view);
            }
            None if heard => return Err(ended(&mut line, GONE)),
            None if begun.elapsed() > ANSWER_PATIENCE => return Err(ended(&mut line, SILENT)),
            None => {}
        }
        if store::holder(&folder).is_none() {
            return Err(ended(&mut line, GONE));
        }
        if typed.line(LOOK_EVERY).is_some() && !asked_to_stop {
            asked_to_stop = true;
            ask(&folder, PageCommand::StopExercise(After { reason: Some(StopReason::Done), ..After::default() }))?;
        }
    };
    line.end();
    if view.step == SetStep::Refused {
        return Err(Failure::bad_input(view.words(locale)));
    }
    let mut row = kept(&folder, &view)?;
    if asked_to_stop && typed.is_possible() {
        row.about.stop_reason = why(&typed).or(row.about.stop_reason);
    }
    afterwards(&folder, exercise, &view, row, &typed, args.json)
}

/// While a red flag is open, or in acute days, some exercises are not begun.
fn refuse(days: &Days, exercise: &Exercise, locale: Locale) -> Result<(), Failure> {
    match days.rest(exercise) {
        None => Ok(()),
        Some(rests) => Err(Failure::bad_input(days.first(locale).unwrap_or(words(rests.message(), locale)))),
    }
}

fn ended(line: &mut Line, words: &str) -> Failure {
    line.end();
    Failure::failed(words)
}

/// Asks the daemon; gives the name of the wish.
fn ask(folder: &Path, command: PageCommand) -> Result<i64, Failure> {
    let wish = Wish { asked_utc_ns: now().0, command };
    Hand::open(folder)?.note(WISH, &wish.text().unwrap_or_default(), now())?;
    Ok(wish.asked_utc_ns)
}

/// The set, as the daemon shows it.
fn seen(folder: &Path) -> Option<SessionView> {
    Heartbeat::read(folder).and_then(|beat| beat.exercise)
}

/// What was kept of a set that is over.
fn kept(folder: &Path, view: &SessionView) -> Result<ExerciseLogRow, Failure> {
    let row = Reader::open(folder)?.newest_exercise_log()?;
    row.filter(|row| Some(row.id) == view.log)
        .ok_or_else(|| Failure::failed("the set was not kept; look at: lumbard status"))
}

fn why(typed: &Typed) -> Option<StopReason> {
    let say = &typed.locale().phrases().terminal;
    typed.ask(&say.ask_why, |answer| {
        StopReason::from_name(&answer.to_lowercase()).ok_or_else(|| say.ask_why_again.to_string())
    })
}

/// Tells how it ended, and asks what only the wearer knows.
fn afterwards(
    folder: &Path,
    exercise: &Exercise,
    view: &SessionView,
    mut row: ExerciseLogRow,
    typed: &Typed,
    json: bool,
) -> Result<Exit, Failure> {
    let (before, locale) = (kept(folder, view)?, here::locale(folder));
    if !json {
        println!("{}", told(view, &row, locale));
        // Pain that was told just now has its own words at the end.
        if !asks_to_stop(row.about.stop_reason, None, None) {
            println!("{}", view.words(locale));
        }
    }
    let reps = exercise.measure == Measure::Reps;
    let unsure = exercise.counting == Counting::Assisted || (view.count.is_none() && reps);
    let after = After {
        count: if unsure && !json && typed.is_possible() { typed.count(view.count) } else { None },
        reason: row.about.stop_reason,
        nprs_after: if json { None } else { typed.pain(&locale.phrases().terminal.ask_pain_after) },
        effort: if json || exercise.kind != ExerciseKind::Aerobic { None } else { typed.effort() },
    };
    row.about = before.about.clone();
    row.about.amend(&after);
    if row != before {
        Hand::open(folder)?.change_exercise_log(&row, now())?;
    }
    if json {
        print_json(&Answer::of(&row))?;
    }
    stop_text(&row.about, locale);
    Ok(Exit::Done)
}

/// A set that is over, in a line.
fn told(view: &SessionView, row: &ExerciseLogRow, locale: Locale) -> String {
    let details = view.details(locale);
    let details = if details.is_empty() { String::new() } else { format!(", {details}") };
    let source = if view.count.is_some() || view.steps.is_some() {
        source_words(row.about.count_source, locale)
    } else {
        &locale.phrases().terminal.timed
    };
    format!("{}: {}, {source}{details}.", view.name(locale), view.figures(locale))
}

pub(super) fn stop(globals: &Globals, args: &Stop) -> Result<Exit, Failure> {
    let folder = globals.data_dir()?;
    let locale = here::locale(&folder);
    if store::holder(&folder).is_none() {
        return Err(Failure {
            words: "lumbard is not running, so no set is open; to keep what you did: lumbard exercise log".to_owned(),
            exit: Exit::NotRunning,
        });
    }
    let after =
        After { count: args.count, reason: Some(args.reason.into()), nprs_after: args.nprs_after, effort: args.effort };
    let asked = ask(&folder, PageCommand::StopExercise(after))?;
    let begun = Instant::now();
    let view = loop {
        let answer = seen(&folder).filter(|view| view.stopped_utc_ns == Some(asked) && view.is_over());
        if let Some(view) = answer {
            break view;
        }
        if begun.elapsed() > ANSWER_PATIENCE {
            return Err(Failure::failed(SILENT));
        }
        std::thread::sleep(LOOK_EVERY);
    };
    if view.step == SetStep::Refused {
        return Err(Failure::bad_input(view.words(locale)));
    }
    let row = kept(&folder, &view)?;
    if args.json {
        print_json(&Answer::of(&row))?;
    } else {
        println!("{}", told(&view, &row, locale));
        println!("{}", view.words(locale));
    }
    Ok(Exit::Done)
}
