//! A set without a running daemon: a plain timer, and what was done told by hand. Nothing is counted, and it says so.

use super::super::here::{self, Here};
use super::super::{Exit, Failure, now, print_json};
use super::follow::Line;
use super::typed::Typed;
use super::{Answer, how_to, stop_text};
use crate::plan::session::{Order, Over, Session};
use crate::plan::{Exercise, ExerciseKind, Measure, StopReason};
use crate::signal::{Monitor, Setup, Tick};
use crate::store::Hand;
use crate::store::facts::{ExerciseLogRow, NewExerciseLog};
use crate::store::planned::Planned;
use crate::units::{Seconds, Time, WallTime};
use std::path::Path;
use std::time::{Duration, Instant};

/// The clock is looked at so often, and Enter with it.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Says that nothing is counted; refuses where nobody could end the timer.
pub(super) fn say_so(exercise: &Exercise, typed: &Typed, bounded: bool) -> Result<(), Failure> {
    if !typed.is_possible() && !bounded {
        return Err(Failure {
            words: format!(
                "lumbard is not running, so nothing can be counted; start it with: lumbard run; or keep what you did \
                 with: lumbard exercise log {}",
                exercise.id
            ),
            exit: Exit::NotRunning,
        });
    }
    eprintln!("lumbard is not running, so nothing is counted: this is a plain timer. To count, start: lumbard run");
    Ok(())
}

/// Runs the timer until Enter, or until the time is up; then keeps what was done.
pub(super) fn run(
    folder: &Path,
    order: Order,
    planned: Option<&Planned>,
    typed: &Typed,
    json: bool,
) -> Result<Exit, Failure> {
    let (exercise, locale) = (order.exercise, here::locale(folder));
    let say = &locale.phrases().terminal;
    let target = planned.map(|planned| planned.standing.target).unwrap_or_default();
    let order = order.or(&target);
    let mut session = Session::new(order, Time::START);
    let still = Monitor::new(Setup::default()).now();
    let (started, begun, mut line) = (now(), Instant::now(), Line::new(locale));
    if typed.is_possible() {
        eprintln!("{}\n{}", how_to(exercise, locale), say.enter_stops);
    }
    while session.over().is_none() {
        let s = begun.elapsed().as_secs_f64();
        session.tick(&Tick { t: Time::from_seconds(s), ..still }, None);
        // What cannot be counted ends with its time all the same.
        let time = order.quota().lasting.map(|lasting| lasting.0 * f64::from(order.quota().sets_or_one()));
        if time.is_some_and(|time| s >= time) {
            session.stop(Over::Reached);
        }
        line.show(&timer(&session, s));
        if session.over().is_none() && typed.line(LOOK_EVERY).is_some() {
            session.stop(Over::Stopped(StopReason::Done));
        }
    }
    line.end();
    let lasting = Seconds(begun.elapsed().as_secs_f64());
    let here = Here::read();
    let ended = WallTime(started.0 + lasting.nanos());
    let asks = typed.is_possible() && !json;
    let new = NewExerciseLog {
        plan_item: planned.map(|planned| planned.row.id),
        planned: order.quota(),
        sets: Some(order.quota().sets_or_one()),
        reps: if asks && exercise.measure == Measure::Reps { typed.count(None) } else { None },
        lasting: Some(lasting),
        started: Some(started),
        ended: Some(ended),
        side: order.side,
        stop_reason: session.over().map(Over::reason),
        nprs_before: order.nprs_before,
        nprs_after: if asks { typed.pain(&say.ask_pain_after) } else { None },
        effort: if asks && exercise.kind == ExerciseKind::Aerobic { typed.effort() } else { None },
        ..NewExerciseLog::told(exercise.id.clone(), here.today, ended)
    };
    let row = ExerciseLogRow { id: Hand::open(folder)?.log_exercise(&new)?, about: new };
    if json {
        print_json(&Answer::of(&row))?;
    } else {
        let seconds = format!("{:.0}", lasting.0);
        println!("{}", say.kept_timed.fill(&[("exercise", &exercise.name(locale)), ("seconds", &seconds)]));
    }
    stop_text(&row.about, locale);
    Ok(Exit::Done)
}

/// A view of the clock alone.
fn timer(session: &Session, s: f64) -> crate::plan::session::SessionView {
    let message = "ex_timing".to_owned();
    crate::plan::session::SessionView { lasting_s: s, steps: None, message, ..session.view(0) }
}
