//! `demo`: the whole service on a simulated day with a plan and an episode, or on a recording; then the page.

use super::feed::{Feed, Order, Wearer};
use super::here::zone;
use super::host::{Host, Page};
use super::service::{MIN_CONFIDENCE, MountingSource, Tally};
use super::source::Source;
use super::{Exit, Failure, Globals, now, print_json};
use crate::care::{Episode, Pattern, local_date};
use crate::frames::Placement;
use crate::link::pace::Speed;
use crate::link::simulator::Simulation;
use crate::link::wanted::WantedSensors;
use crate::notify::Notifier;
use crate::plan::StopReason;
use crate::signal::mounting::Mounting;
use crate::signal::mounting::auto::AutoMounting;
use crate::signal::{Event, ExerciseSet, Kind, Sample};
use crate::store::facts::{CountSource, Dated, NewEpisode, NewExerciseLog, NewPlanItem, Selection};
use crate::store::{Hand, Reader, Store};
use crate::units::{Seconds, Time, WallTime};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The day that `demo` makes up: any seed would do, this one holds something of everything.
const SEED: u64 = 7;
/// Length of that day, from before getting up to after going to bed.
const HOURS: f64 = 18.5;
/// Hour of the local day at which it begins.
const BEGINS_AT_HOUR: i8 = 4;
/// While the mounting is learned, it is asked for so often.
const ASK_EVERY: Seconds = Seconds(60.0);
/// Samples a second: ample for posture, and what most sensors keep up all day (domain.md §6).
const RATE_HZ: f64 = 50.0;

/// Shows everything on a simulated day: runs it through the whole service and opens the page.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Play this recording instead of the simulated day.
    #[arg(long, value_name = "FILE")]
    recording: Option<PathBuf>,
    /// End when all is committed, instead of leaving the page up.
    #[arg(long)]
    once: bool,
    /// Print what happened as one JSON object.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Answer {
    hours: f64,
    samples: u64,
    steps: u64,
    walking_min: f64,
    bends: u64,
    possible_lifts: u64,
    signals: u64,
    withheld: u64,
    exercises: usize,
    gaps: u64,
    not_worn_min: f64,
    stored_bytes: u64,
    page: String,
}

/// Plays the day, shows it, and takes the made-up data away at the end.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let folder = Folder::new(globals)?;
    let today = local_date(now(), &TimeZone::system());
    let day = today.yesterday().unwrap_or(today);
    let order = order(args, day);
    let mounting = match order.simulation()? {
        Some(simulation) => worn_before(&simulation).map_or(MountingSource::Learn, MountingSource::Given),
        None => order.mounting()?,
    };
    let store = Store::open(folder.path())?;
    let host = Host::new()?;
    let feed = Feed::start(&order, host.runtime(), host.stop())?;
    let sets = feed.exercises.clone();
    let began = prepare(&store, &order, day)?;
    let mut served = host.open_page(Some(Page { port: 0 }), folder.path().to_path_buf())?;
    if !args.once {
        eprintln!("lumbard: the page is at {}", served.address);
        open_browser(&served.address);
    }
    let (_, tally) = host.serve(store, mounting, &order, feed, &mut served, Notifier::new())?;
    log_exercises(folder.path(), began, &sets)?;
    let answer = answer(folder.path(), &tally, served.address.clone())?;
    if args.json {
        print_json(&answer)?;
    } else {
        tell(&answer);
    }
    if !args.once {
        eprintln!("lumbard: look at the page; Ctrl-C ends the demo and takes its data away");
        host.wait();
    }
    host.close(served);
    Ok(Exit::Done)
}

fn order(args: &Args, day: Date) -> Order {
    let begins = day.at(BEGINS_AT_HOUR, 0, 0, 0).to_zoned(TimeZone::system()).map(|zoned| wall(zoned.timestamp())).ok();
    let (source, start) = match &args.recording {
        Some(file) => (Source::Replay(file.clone()), None),
        None => (Source::Simulate(SEED), begins),
    };
    Order {
        source,
        speed: Speed::Max,
        wanted: WantedSensors::default(),
        placement: Placement::L3,
        start,
        hours: HOURS,
        rate_hz: RATE_HZ,
        wearer: Wearer::LivesADay,
    }
}

/// The mounting as it would be known from wearing the sensor the day before: learned from this very day,
/// up to where that is sure.
fn worn_before(simulation: &Simulation) -> Option<Mounting> {
    let mut auto = AutoMounting::new();
    let mut ask_at = Time::START;
    for reading in simulation.readings() {
        auto.push(&Sample { t: reading.t, acc: reading.acc_g, gyr: Some(reading.gyr) });
        if reading.t >= ask_at {
            ask_at = reading.t + ASK_EVERY;
            let found = auto.estimate().filter(|found| found.confidence() >= MIN_CONFIDENCE);
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

fn wall(timestamp: Timestamp) -> WallTime {
    // A local morning of our time lies within 64 bits of nanoseconds.
    WallTime(i64::try_from(timestamp.as_nanosecond()).unwrap_or_default())
}

/// Enters an episode two days old and a small plan, as a wearer would have; gives the moment the day begins.
fn prepare(store: &Store, order: &Order, day: Date) -> Result<WallTime, Failure> {
    let began = order.start.unwrap_or_else(now);
    let entered = WallTime(began.0 - Seconds(3600.0).nanos());
    let onset = day.checked_sub(2.days()).unwrap_or(day);
    let episode = Episode::begin(onset, onset, Pattern::First, Vec::new());
    let mut hand = store.hand()?;
    hand.add_episode(&NewEpisode {
        onset,
        sudden: Some(true),
        pattern: episode.pattern.name().to_owned(),
        nprs: Some(6),
        zone: zone(),
        started: entered,
        red_flags: Vec::new(),
        acute_until: episode.acute_until,
    })?;
    let item = |exercise: &str, reps, lasting, days_per_week| NewPlanItem {
        exercise: exercise.to_owned(),
        sets: Some(1),
        reps,
        lasting,
        days_per_week,
        start_value: None,
        ceiling: None,
        weekly_step: None,
        entered_by: "wearer".to_owned(),
        from: onset,
        until: None,
        note: None,
        created: entered,
        start_date: None,
    };
    hand.add_plan_item(&item("walk", None, Some(Seconds(600.0)), 7))?;
    hand.add_plan_item(&item("knee_to_chest", None, Some(Seconds(60.0)), 7))?;
    hand.add_plan_item(&item("bridge", Some(8), None, 3))?;
    Ok(began)
}

/// Enters the sets of the day with the repetitions that were counted, and its longest walk.
fn log_exercises(folder: &Path, began: WallTime, sets: &[ExerciseSet]) -> Result<(), Failure> {
    let reader = Reader::open(folder)?;
    let mut hand = Hand::open(folder)?;
    let selection = Selection::Recording(reader.recording("newest")?.id);
    let events = reader.events(&selection)?;
    let items = reader.plan_items()?;
    let planned = |exercise: &str| items.iter().find(|item| item.about.exercise == exercise).map(|item| item.id);
    let recording = reader.recording("newest")?.id;
    let log = |exercise: &str, from: WallTime, at: WallTime, reps, by_sensor: bool| NewExerciseLog {
        plan_item: planned(exercise),
        sets: Some(1),
        reps,
        lasting: Some(Seconds((at.0 - from.0) as f64 * 1e-9)),
        count_source: if by_sensor { CountSource::Auto } else { CountSource::Manual },
        started: Some(from),
        ended: Some(at),
        recording: Some(recording),
        stop_reason: Some(StopReason::Done),
        ..NewExerciseLog::told(exercise, local_date(at, &TimeZone::system()), at)
    };
    for set in sets {
        let inside = |event: &&Dated<Event>| {
            event.fact.kind == Kind::Repetition && (set.start..set.end).contains(&event.fact.start)
        };
        let counted = events.iter().filter(inside).count();
        let reps = u32::try_from(counted).ok().filter(|counted| *counted > 0);
        hand.log_exercise(&log(set.id, began.at(set.start), began.at(set.end), reps, counted > 0))?;
    }
    // The day's longest walk stands for the walk that was planned.
    let walks = events.iter().map(|event| &event.fact).filter(|event| event.kind == Kind::WalkingBout);
    if let Some(walk) = walks.max_by_key(|walk| walk.end.0 - walk.start.0) {
        let log = log("walk", began.at(walk.start), began.at(walk.end), None, true);
        hand.log_exercise(&NewExerciseLog { steps: walk.steps, ..log })?;
    }
    Ok(())
}

fn answer(folder: &Path, tally: &Tally, page: String) -> Result<Answer, Failure> {
    let reader = Reader::open(folder)?;
    let minutes = |lasting: Seconds| (lasting.0 / 6.0).round() / 10.0;
    Ok(Answer {
        hours: (tally.recorded.0 / 36.0).round() / 100.0,
        samples: tally.samples,
        steps: tally.steps,
        walking_min: minutes(tally.walking),
        bends: tally.bends,
        possible_lifts: tally.possible_lifts,
        signals: tally.signals,
        withheld: tally.withheld,
        exercises: reader.exercise_logs(Date::MIN..Date::MAX)?.len(),
        gaps: tally.gaps,
        not_worn_min: minutes(tally.not_worn),
        stored_bytes: reader.stored_bytes()?,
        page,
    })
}

fn tell(answer: &Answer) {
    let line = |name: &str, words: String| println!("{name:<16} {words}");
    line("hours", format!("{:.1}, {} samples", answer.hours, answer.samples));
    line("steps", format!("{}, {:.0} min of walking", answer.steps, answer.walking_min));
    line("bends", format!("{}, and {} possible lifts", answer.bends, answer.possible_lifts));
    line("signals", format!("{} given, {} withheld", answer.signals, answer.withheld));
    line("exercises", answer.exercises.to_string());
    line("gaps", format!("{}, and {:.0} min not worn", answer.gaps, answer.not_worn_min));
    line("stored", format!("{:.1} MB", answer.stored_bytes as f64 / 1e6));
    line("page", answer.page.clone());
}

/// Where the demo keeps its data: a folder of its own that goes away, or the one that was named.
struct Folder {
    path: PathBuf,
    own: bool,
}

impl Folder {
    fn new(globals: &Globals) -> Result<Self, Failure> {
        if let Some(named) = &globals.data_dir {
            if Reader::open(named).is_ok() {
                return Err(Failure::bad_input(format!(
                    "{} already holds data, and a demo would mix made-up days into it; name another folder",
                    named.display()
                )));
            }
            return Ok(Self { path: named.clone(), own: false });
        }
        let path = std::env::temp_dir().join(format!("lumbard-demo-{}", std::process::id()));
        Ok(Self { path, own: true })
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.own {
            // What cannot be removed is made-up data in the system's own temporary folder.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Opens the page where there is a desktop. A machine without one is none the worse.
fn open_browser(address: &str) {
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if desktop {
        let quiet = || Stdio::null();
        let _ = Command::new("xdg-open").arg(address).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
    }
}
