//! Finds the mounting in ordinary movement: up from walking or from the posture a recording begins in,
//! forward from how people walk and lean.
//!
//! In:  samples in sensor axes, with or without rotation rate, of any scale and rate.
//! Out: a [`Mounting`] with a stated confidence, at any moment. Memory: 60 kB, however long it goes on.
//! Error: `tests/accuracy/mounting.rs` says how far up and forward are from the axes of each set.
//! Fails: in a trouser pocket forward is that of the thigh; where neither walking nor leaning is seen,
//! forward is any level direction, with confidence 0.

mod directions;
mod grid;
mod leaning;
mod seat;
mod walking;

use super::{Method, Mounting, body_from_directions};
use crate::frames::Vec3;
use crate::signal::Sample;
use crate::units::Seconds;
use directions::{Directions, Seen};
use grid::{Grid, Item};
use leaning::{Leaning, Shown};
use walking::Walking;

/// Walking within this angle of one direction is the same mounting: 25°.
const SAME_UP: f64 = 0.436;
/// Leanings that start within this angle of up count: 40°, so that sitting does.
const NEAR_UP: f64 = 0.698;
/// Walking counts as evidence of up from this many seconds on, and fully from the second.
const SOME_WALKING_S: f64 = 3.0;
const ENOUGH_WALKING_S: f64 = 20.0;
/// Stillness in another direction than the first must last this many times longer to be taken for
/// upright: recordings begin upright, and a long lying must not win easily.
const FIRST_COUNTS: f64 = 4.0;
/// The posture in which a recording begins is the mean of this many seconds.
const FIRST_S: f64 = 1.0;
/// Seconds of leaning that count as full evidence.
const ENOUGH_LEANING_S: f64 = 4.0;
/// Walking that is half sure leaves leaning nothing to say. Chosen by us: what leans in walking is noise.
const SILENCED_BY_WALKING: f64 = 2.0;
/// Confidence in up without walking: it is a guess from the posture a recording begins in.
const UP_GUESSED: f64 = 0.5;

/// Collects evidence of the mounting.
#[derive(Clone, Debug, PartialEq)]
pub struct AutoMounting {
    grid: Grid,
    walking: Walking,
    evidence: Evidence,
    leaning: Leaning,
}

#[derive(Clone, Debug, PartialEq)]
struct Evidence {
    directions: Directions,
    /// Sum of specific force of the first second, and its length.
    first: Vec3,
    first_s: f64,
    /// Sum of |a| and of the rate at rest.
    rest_norm: f64,
    rest_s: f64,
    rest_gyr: Vec3,
    rest_gyr_s: f64,
    walked_s: f64,
    /// Sum of specific force of everything.
    all: Vec3,
}

impl Default for AutoMounting {
    fn default() -> Self {
        Self::new()
    }
}

impl AutoMounting {
    /// Begins without any evidence.
    pub fn new() -> Self {
        Self {
            grid: Grid::default(),
            walking: Walking::new(),
            leaning: Leaning::new(),
            evidence: Evidence {
                directions: Directions::new(),
                first: Vec3::zeros(),
                first_s: 0.0,
                rest_norm: 0.0,
                rest_s: 0.0,
                rest_gyr: Vec3::zeros(),
                rest_gyr_s: 0.0,
                walked_s: 0.0,
                all: Vec3::zeros(),
            },
        }
    }

    /// Takes the next sample, in the order of time. Samples without a usable value are passed over.
    pub fn push(&mut self, sample: &Sample) {
        if !Grid::takes(sample) {
            return;
        }
        let Self { grid, walking, leaning, evidence } = self;
        grid.push(sample, &mut |item| match item {
            Item::Break => {
                walking.break_off();
                leaning.break_off();
            }
            Item::Bridge(cell) => {
                walking.break_off();
                leaning.bridge(&cell, &mut |shown| evidence.take(&shown));
            }
            Item::Cell(cell) => {
                evidence.all += cell.acc;
                if let Some(stride) = walking.push(&cell.acc) {
                    evidence.walked(&stride);
                }
                leaning.push(&cell, &mut |shown| evidence.take(&shown));
            }
        });
    }

    /// How much walking was seen.
    pub fn walked(&self) -> Seconds {
        Seconds(self.evidence.walked_s)
    }

    /// The mounting as far as it can be told; `None` before anything was seen.
    pub fn estimate(&self) -> Option<Mounting> {
        self.evidence.estimate()
    }
}

impl Evidence {
    fn walked(&mut self, stride: &walking::Stride) {
        let seconds = walking::WINDOW_STANDS_FOR_S;
        let Some(up) = stride.mean.try_normalize(f64::EPSILON) else {
            return;
        };
        self.walked_s += seconds;
        let level = |v: &Vec3| v - up * up.dot(v);
        let seen = self.directions.at(&up);
        seen.walked_s += seconds;
        seen.walked_force += stride.mean * seconds;
        let (forward, other) = (level(&stride.forward), level(&stride.other));
        seen.forward += forward * seconds;
        seen.swing += forward.norm().hypot(other.norm()) * seconds;
    }

    fn take(&mut self, shown: &Shown) {
        let seconds = leaning::STANDS_FOR_S;
        match shown {
            Shown::Leaning { posture, leaned, seconds } => {
                let size = leaned.norm();
                let seen = self.directions.at(posture);
                seen.leaned += leaned * (size * seconds);
                seen.leaned2 += size * size * seconds;
                seen.leaned_s += seconds;
            }
            Shown::Held { force, still, gyr } => {
                if self.first_s < FIRST_S {
                    self.first += force * seconds;
                    self.first_s += seconds;
                }
                let seen = self.directions.at(force);
                seen.seen_s += seconds;
                seen.seen_force += force * seconds;
                if !still {
                    return;
                }
                seen.still_s += seconds;
                seen.still_force += force * seconds;
                self.rest_norm += force.norm() * seconds;
                self.rest_s += seconds;
                if let Some(gyr) = gyr {
                    self.rest_gyr += gyr * seconds;
                    self.rest_gyr_s += seconds;
                }
            }
        }
    }

    fn up(&self) -> Option<(Vec3, f64)> {
        if let Some(near) = self.directions.most(SAME_UP, |seen| seen.walked_s) {
            let seen = self.directions.around(&near, SAME_UP);
            if seen.walked_s >= SOME_WALKING_S {
                let share = seen.walked_s / self.directions.all().walked_s;
                let confidence =
                    share * (UP_GUESSED + (1.0 - UP_GUESSED) * (seen.walked_s / ENOUGH_WALKING_S).min(1.0));
                return Some((seen.walked_force.try_normalize(f64::EPSILON)?, confidence));
            }
        }
        let first = self.directions.around(&self.first, SAME_UP);
        if let Some(near) = self.directions.most(SAME_UP, |seen| seen.still_s) {
            let longest = self.directions.around(&near, SAME_UP);
            if longest.still_s > FIRST_COUNTS * first.seen_s {
                let confidence = UP_GUESSED * longest.still_s / self.directions.all().seen_s;
                return Some((longest.still_force.try_normalize(f64::EPSILON)?, confidence));
            }
        }
        let force = if first.still_s > 0.0 { first.still_force } else { first.seen_force };
        match force.try_normalize(f64::EPSILON) {
            Some(up) => Some((up, UP_GUESSED * first.seen_s / self.directions.all().seen_s)),
            None => Some((self.all.try_normalize(f64::EPSILON)?, 0.0)),
        }
    }

    fn estimate(&self) -> Option<Mounting> {
        let (up, up_confidence) = self.up()?;
        let seen = self.directions.around(&up, NEAR_UP);
        let walking = forward_from_walking(&seen, &up);
        let leaning = forward_from_leaning(self.directions.leanings(&up, NEAR_UP), &up);
        // Leaning speaks as far as walking is silent.
        let forward = walking + leaning * (1.0 - SILENCED_BY_WALKING * walking.norm()).max(0.0);
        Some(Mounting {
            body_from_sensor: body_from_directions(&up, &forward),
            method: Method::Auto,
            up_confidence,
            forward_confidence: forward.norm().min(1.0),
            gyro_bias: (self.rest_gyr_s > 0.0).then(|| self.rest_gyr / self.rest_gyr_s),
            rest_norm_g: (self.rest_s > 0.0).then(|| self.rest_norm / self.rest_s),
        })
    }
}

/// Forward as walking shows it; its length says how sure it is.
fn forward_from_walking(seen: &Seen, up: &Vec3) -> Vec3 {
    if seen.swing <= 0.0 {
        return Vec3::zeros();
    }
    let forward = (seen.forward - up * up.dot(&seen.forward)) / seen.swing;
    forward * (seen.walked_s / ENOUGH_WALKING_S).min(1.0)
}

/// Forward as leaning shows it; its length says how sure it is.
fn forward_from_leaning((leaned, leaned2, leaned_s): (Vec3, f64, f64), up: &Vec3) -> Vec3 {
    if leaned2 <= 0.0 {
        return Vec3::zeros();
    }
    // Leaning forward takes the sensor's up backward.
    let forward = -(leaned - up * up.dot(&leaned)) / leaned2;
    forward * (leaned_s / ENOUGH_LEANING_S).min(1.0)
}
