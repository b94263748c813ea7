//! Makes up what a sensor on the lower back would say, together with the truth about it.
//!
//! In:  a seed and a length, or the number of a reference scenario; a placement and a rate. Out:
//! readings in sensor axes, and every event labelled in the columns of `events`; or, played by [`start`],
//! the items of a link. No file.
//!
//! Truth is worth nothing if it leans on what it is to test: the body model shares no constant and no
//! code with the detectors. Frames, units and the form of an event are common ground; the planning
//! table of placements is typed a second time (`geometry`).
//!
//! | file | holds |
//! |---|---|
//! | `track`, `script`, `activities` | what the wearer does: smooth curves, one activity after another, labelled |
//! | `gait`, `geometry`, `body` | what an ideal sensor on the body would feel |
//! | `sensor` | mounting, soft tissue, bias, noise, counts |
//! | `scenarios`, `day` | the reference scenarios, and a plausible worn day |
//! | `calibrating`, `exercising` | a calibration done as asked, and a set of one exercise with other movements in it |
//! | `bending` | many deep bends, labelled with the moment at which each has to be told |
//! | `random`, `wave` | random numbers and sines that are the same everywhere |
//! | `device`, `source` | the simulated sensor on the air: real bytes, connection events, lost links |
//!
//! It cannot show what it was not told: real skin, real furniture, and people with pain move in ways
//! no model here has. What it finds is a lower limit of what recordings would find.

mod activities;
mod bending;
mod body;
mod calibrating;
mod day;
mod device;
mod exercising;
mod gait;
mod geometry;
mod random;
mod scenarios;
mod script;
mod sensor;
mod source;
mod track;
mod wave;

#[cfg(test)]
mod tests;

use crate::frames::{Placement, Vec3};
use crate::signal::{Event, PostureSpan};
use crate::units::{Angle, Seconds, Time};
use body::Body;
use random::{Purpose, Random};
use script::Script;
use sensor::Sensor;

pub use bending::deep_bends;
pub use calibrating::calibrating;
pub use day::worn_day;
pub use device::Speaks;
pub use exercising::{EXERCISES, exercising};
pub use scenarios::{SCENARIOS, Scenario, scenario};
pub use source::{NoSuchRate, Play, start};

/// Slowest rate that is simulated, samples a second: the slowest sensor there is (domain.md §6).
pub const SLOWEST_HZ: f64 = 12.5;
/// Fastest rate that is simulated, samples a second.
pub const FASTEST_HZ: f64 = 400.0;
/// Rate where none is asked for.
pub const USUAL_RATE_HZ: f64 = 100.0;

/// One reading of the simulated sensor, in sensor axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Number of the sample; lost ones are counted.
    pub number: u64,
    /// When it was taken.
    pub t: Time,
    /// Specific force in g.
    pub acc_g: Vec3,
    /// Rotation rate in rad/s.
    pub gyr: Vec3,
}

/// An exercise set in a simulated recording: give it to the detectors as opened and closed by hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExerciseSet {
    /// The exercise.
    pub exercise: &'static str,
    /// When the set was begun.
    pub start: Time,
    /// When it was ended.
    pub end: Time,
}

/// A recording that was never made, and the truth about it.
#[derive(Clone, Debug)]
pub struct Simulation {
    name: String,
    placement: Placement,
    rate_hz: f64,
    seed: u64,
    script: Script,
    sensor: Sensor,
    /// Share of samples that are lost on the air, each by itself.
    loss: f64,
}

impl Simulation {
    /// A short name, for files and lists.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Where the sensor sits.
    pub fn placement(&self) -> Placement {
        self.placement
    }
    /// Samples a second.
    pub fn rate_hz(&self) -> f64 {
        self.rate_hz
    }
    /// How long it is.
    pub fn duration(&self) -> Seconds {
        Seconds(self.script.now)
    }
    /// Whether the sensor's axes are the body's: x up, y right, z forward.
    pub fn on_body_axes(&self) -> bool {
        self.sensor.sensor_from_body == crate::frames::Quat::identity()
    }
    /// All that truly happened, by start.
    pub fn truth(&self) -> &[Event] {
        &self.script.events
    }
    /// The true postures, one after another.
    pub fn postures(&self) -> &[PostureSpan] {
        &self.script.postures
    }
    /// The true heel strikes, in order.
    pub fn heel_strikes(&self) -> impl Iterator<Item = Time> {
        self.script.walks.iter().flat_map(gait::Walk::heel_strikes).map(|&t| Time::from_seconds(t))
    }
    /// When the strap began to slip, and by how much.
    pub fn slips(&self) -> impl Iterator<Item = (Time, Angle)> {
        let slips = self.script.slipped_at.iter().zip(&self.script.slips);
        slips.map(|(&at, by)| (Time::from_seconds(at), Angle::from_radians(by.norm())))
    }
    /// The exercise sets in it.
    pub fn exercise_sets(&self) -> impl Iterator<Item = ExerciseSet> {
        let sets = self.script.sets.iter();
        sets.map(|&(exercise, start, end)| ExerciseSet {
            exercise,
            start: Time::from_seconds(start),
            end: Time::from_seconds(end),
        })
    }

    /// The same recording from a sensor without any error, mounted on the body's axes.
    #[must_use]
    pub fn without_errors(mut self) -> Self {
        self.sensor = Sensor::perfect();
        self.loss = 0.0;
        self
    }

    /// All readings that arrive, in order.
    pub fn readings(&self) -> Readings<'_> {
        Readings {
            simulation: self,
            body: Body::new(&self.script, self.seed),
            noise: Random::new(self.seed, Purpose::Noise),
            loss: Random::new(self.seed, Purpose::Loss),
            hole: 0,
            number: 0,
        }
    }
}

/// Iterator over the readings of a [`Simulation`].
#[derive(Clone, Debug)]
pub struct Readings<'a> {
    simulation: &'a Simulation,
    body: Body<'a>,
    noise: Random,
    loss: Random,
    hole: usize,
    number: u64,
}

impl Iterator for Readings<'_> {
    type Item = Reading;

    fn next(&mut self) -> Option<Reading> {
        let Simulation { script, sensor, rate_hz, loss, .. } = self.simulation;
        loop {
            let number = self.number;
            let t = number as f64 / rate_hz;
            if t >= script.now {
                return None;
            }
            self.number += 1;
            while script.holes.get(self.hole).is_some_and(|hole| hole.to <= t) {
                self.hole += 1;
            }
            if script.holes.get(self.hole).is_some_and(|hole| hole.from <= t) {
                continue;
            }
            // Noise is drawn for lost samples too, so that losing some changes no other.
            let motion = self.body.at(t);
            let (acc_g, gyr) = sensor.read(t, &motion, &script.slips, &mut self.noise);
            if *loss > 0.0 && self.loss.chance(*loss) {
                continue;
            }
            return Some(Reading { number, t: Time::from_seconds(t), acc_g, gyr });
        }
    }
}
