//! Tracks the vertical without a gyroscope: specific force, low-passed in sensor axes.
//!
//! In:  specific force (g) in sensor axes.
//! Out: up in sensor axes, and an attitude whose heading turns as little as possible.
//! Source: domain.md §6, a second-order low-pass.
//! Fails: takes the wearer's own acceleration for a tilt; in walking by some 5 to 10°.

use super::rest::{Rest, RestParams, RestState};
use super::smallest_rotation;
use crate::frames::{Quat, Vec3};
use crate::units::Seconds;

/// What a person or a paper chooses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccelerometerParams {
    /// Cut-off frequency of the low-pass in Hz. Source: domain.md §6, 2 Hz.
    pub cutoff_hz: f64,
    /// Damping ratio. Source: as for the cut-off, Butterworth.
    pub damping: f64,
    /// A hole longer than this starts the low-pass anew. Chosen by us: as with a gyroscope.
    pub longest_bridged: Seconds,
    /// How rest is told.
    pub rest: RestParams,
}

impl Default for AccelerometerParams {
    fn default() -> Self {
        Self {
            cutoff_hz: 2.0,
            damping: std::f64::consts::FRAC_1_SQRT_2,
            longest_bridged: Seconds(0.5),
            rest: RestParams::default(),
        }
    }
}

/// Rest is judged on sums over this time, in seconds.
const BLOCK_S: f64 = 0.1;
/// A vertical averaged over this many seconds is trusted: two periods of the low-pass.
const SETTLED_S: f64 = 1.0;

/// [`AccelerometerParams`] made ready.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accelerometer {
    stiffness: f64,
    drag: f64,
    longest_bridged_s: f64,
    rest: Rest,
}

/// All that samples change.
#[derive(Clone, Debug, PartialEq)]
pub struct AccelerometerState {
    up: Vec3,
    up_rate: Vec3,
    /// The attitude when last it was turned upright.
    earth_from_sensor: Quat,
    age_s: f64,
    block_s: f64,
    samples: f64,
    acc: Vec3,
    acc2: f64,
    rest: RestState,
}

impl AccelerometerState {
    /// Starts with one sample, close to the attitude known before.
    pub(super) fn new(acc: &Vec3, earth_from_sensor: &Quat) -> Self {
        let correction = smallest_rotation(&(earth_from_sensor * acc), &Vec3::z());
        Self {
            up: *acc,
            up_rate: Vec3::zeros(),
            earth_from_sensor: correction * earth_from_sensor,
            age_s: 0.0,
            block_s: 0.0,
            samples: 0.0,
            acc: Vec3::zeros(),
            acc2: 0.0,
            rest: RestState::default(),
        }
    }

    pub(super) fn earth_from_sensor(&self) -> Quat {
        smallest_rotation(&(self.earth_from_sensor * self.up), &Vec3::z()) * self.earth_from_sensor
    }

    pub(super) fn up_sensor(&self) -> Vec3 {
        self.up.normalize()
    }

    pub(super) fn at_rest(&self) -> bool {
        self.rest.at_rest()
    }

    pub(super) fn settled(&self) -> bool {
        self.age_s >= SETTLED_S
    }
}

impl Accelerometer {
    /// Makes a filter with these parameters.
    pub fn new(params: AccelerometerParams) -> Self {
        let natural = std::f64::consts::TAU * params.cutoff_hz;
        Self {
            stiffness: natural * natural,
            drag: 2.0 * params.damping * natural,
            longest_bridged_s: params.longest_bridged.0,
            rest: Rest::new(params.rest),
        }
    }

    pub(super) fn step(&self, state: &mut AccelerometerState, dt: f64, acc: &Vec3) {
        if dt > self.longest_bridged_s {
            *state = AccelerometerState::new(acc, &state.earth_from_sensor());
            return;
        }
        state.age_s += dt;
        // Backward Euler: stable at any interval.
        let pull = (acc - state.up) * (self.stiffness * dt);
        state.up_rate = (state.up_rate + pull) / (1.0 + dt * (self.drag + dt * self.stiffness));
        state.up += state.up_rate * dt;

        state.block_s += dt;
        state.samples += 1.0;
        state.acc += acc;
        state.acc2 += acc.norm_squared();
        if state.block_s >= BLOCK_S {
            let mean = state.acc / state.samples;
            let variance = state.acc2 / state.samples - mean.norm_squared();
            self.rest.step(&mut state.rest, state.block_s, &mean, variance, &Vec3::zeros(), 0.0);
            state.earth_from_sensor = state.earth_from_sensor();
            (state.block_s, state.samples, state.acc, state.acc2) = (0.0, 0.0, Vec3::zeros(), 0.0);
        }
    }
}
