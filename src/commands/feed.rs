//! Starts what was typed as `--source`, and hands on its items.

use super::here::zone;
use super::service::{ITEMS_WAITING, MountingSource, mounting};
use super::source::Source;
use super::{Failure, now};
use crate::frames::Placement;
use crate::import::{ImportError, Options};
use crate::link::pace::Speed;
use crate::link::replay::{self, Replay};
use crate::link::simulator::{self, FASTEST_HZ, Play, SLOWEST_HZ, Simulation, Speaks, calibrating, worn_day};
use crate::link::wanted::WantedSensors;
use crate::link::{Item, ble};
use crate::signal::ExerciseSet;
use crate::units::WallTime;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What was asked for.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// Where samples come from.
    pub source: Source,
    /// How fast a replay or simulation passes.
    pub speed: Speed,
    /// Which sensors may be taken.
    pub wanted: WantedSensors,
    /// Where on the back the sensor sits.
    pub placement: Placement,
    /// When a replay or simulation begins.
    pub start: Option<WallTime>,
    /// Hours of a simulated day.
    pub hours: f64,
    /// Samples a second to ask for.
    pub rate_hz: f64,
    /// What a simulated wearer does.
    pub wearer: Wearer,
}

/// What a simulated wearer does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wearer {
    /// Lives through a day.
    #[default]
    LivesADay,
    /// Does what a guided calibration asks for.
    Calibrates,
}

impl Order {
    /// How the mounting becomes known when nobody typed it: beforehand from a file, else while samples flow.
    pub(super) fn mounting(&self) -> Result<MountingSource, Failure> {
        match &self.source {
            Source::Replay(file) => {
                Ok(MountingSource::Found(mounting::found_in(file, &Options::default()).map_err(refused)?))
            }
            Source::Ble | Source::Simulate(_) => Ok(MountingSource::Learn),
        }
    }

    /// The simulated day; `None` for another source.
    pub(super) fn simulation(&self) -> Result<Option<Simulation>, Failure> {
        let Source::Simulate(seed) = self.source else { return Ok(None) };
        if !(SLOWEST_HZ..=FASTEST_HZ).contains(&self.rate_hz) {
            return Err(Failure::bad_input(format!(
                "--rate-hz {} cannot be simulated; give {SLOWEST_HZ} to {FASTEST_HZ}",
                self.rate_hz
            )));
        }
        if !(self.hours > 0.0 && self.hours <= 24.0) {
            return Err(Failure::bad_input(format!("--hours {} cannot be simulated; give up to 24", self.hours)));
        }
        Ok(Some(match self.wearer {
            Wearer::LivesADay => worn_day(seed, self.hours, self.rate_hz, self.placement),
            Wearer::Calibrates => calibrating(seed, 1, self.rate_hz, self.placement),
        }))
    }
}

fn refused(error: ImportError) -> Failure {
    Failure::bad_input(error.to_string())
}

/// A source that was started.
pub(super) struct Feed {
    /// What it says.
    pub items: mpsc::Receiver<Item>,
    /// `ble`, `replay` or `simulate`.
    pub source: &'static str,
    /// Exercise sets that are known beforehand.
    pub exercises: Vec<ExerciseSet>,
    /// The Bluetooth link, for signals to the sensor.
    pub link: Option<ble::Handle>,
    /// A buzzer at the wrist is known, in reach or not.
    pub has_buzzer: bool,
    /// A replay that reads its file.
    pub reading: Option<JoinHandle<Result<(), ImportError>>>,
}

impl Feed {
    /// Starts the source; it ends when `stop` is given or nobody takes its items.
    pub(super) fn start(order: &Order, runtime: &Handle, stop: &CancellationToken) -> Result<Self, Failure> {
        let (sender, items) = mpsc::channel(ITEMS_WAITING);
        let _inside = runtime.enter();
        let mut feed =
            Self { items, source: "ble", exercises: Vec::new(), link: None, has_buzzer: false, reading: None };
        match &order.source {
            Source::Ble => {
                let options = ble::Options { wanted: order.wanted.clone(), rate_hz: order.rate_hz, zone: zone() };
                let link = ble::start(options, sender, stop.clone())
                    .map_err(|error| Failure::failed(format!("the Bluetooth link could not be started: {error}")))?;
                (feed.link, feed.has_buzzer) = (Some(link), !order.wanted.buzzers.is_empty());
            }
            Source::Replay(file) => {
                feed.source = "replay";
                let replay = Replay {
                    file: file.clone(),
                    options: Options::default(),
                    speed: order.speed,
                    start: order.start,
                    now: now(),
                    zone: zone(),
                };
                feed.reading = Some(replay::start(replay, sender));
            }
            Source::Simulate(_) => {
                feed.source = "simulate";
                let Some(simulation) = order.simulation()? else { return Ok(feed) };
                let sets = simulation.exercise_sets();
                feed.exercises =
                    sets.map(|set| ExerciseSet { id: set.exercise, start: set.start, end: set.end }).collect();
                let start = order.start.unwrap_or(WallTime(now().0 - simulation.duration().nanos()));
                let speaks =
                    if Speaks::WitMotion.offers(order.rate_hz) { Speaks::WitMotion } else { Speaks::OpenMotion };
                let play = Play { simulation, speaks, speed: order.speed, start, zone: zone() };
                simulator::start(play, sender).map_err(|error| Failure::bad_input(error.to_string()))?;
            }
        }
        Ok(feed)
    }

    /// What the source has to say after its last item: a file that could not be read to its end.
    pub(super) async fn outcome(reading: Option<JoinHandle<Result<(), ImportError>>>) -> Result<(), Failure> {
        match reading {
            None => Ok(()),
            Some(reading) => match reading.await {
                Ok(read) => read.map_err(refused),
                Err(error) => Err(Failure::failed(format!("the replay stopped early: {error}"))),
            },
        }
    }
}
