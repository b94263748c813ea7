//! Tells whether the sensor lies still.
//!
//! In:  ten times a second, the mean and variance of specific force (and of the rate, if there is one).
//! Out: at rest or not, and how far the movement is from the line between the two.
//! Source: VQF's rest detection, on sums instead of samples.
//! Fails: a turn slower than the limits passes as rest. The time at rest that is asked for, and the
//! small weight of each block, keep such a turn from being taken for a bias.

use crate::frames::Vec3;
use crate::units::{AngularRate, Seconds};

/// What a person or a paper chooses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RestParams {
    /// Largest deviation of the rate from its recent mean, as a standard deviation or of a mean. VQF takes
    /// 2 °/s for single samples.
    pub rate: AngularRate,
    /// The same for specific force, in g. Source: domain.md §5, 0.02 g.
    pub force_g: f64,
    /// No gyroscope has a bias beyond this, so such a rate is a movement however steady. Source: data
    /// sheets of the supported sensors' gyroscopes (±1 to ±5 °/s).
    pub largest_bias: AngularRate,
    /// Time constant of the recent mean. Source: VQF, 0.5 s.
    pub recent: Seconds,
    /// Stillness must last this long. Source: VQF, 1.5 s.
    pub at_least: Seconds,
}

impl Default for RestParams {
    fn default() -> Self {
        Self {
            rate: AngularRate::from_degrees_per_second(1.0),
            force_g: 0.02,
            largest_bias: AngularRate::from_degrees_per_second(5.0),
            recent: Seconds(0.5),
            at_least: Seconds(1.5),
        }
    }
}

/// [`RestParams`] made ready.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rest {
    rate2: f64,
    force2: f64,
    largest_bias2: f64,
    recent_s: f64,
    at_least_s: f64,
}

/// All that blocks change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RestState {
    force: Option<Vec3>,
    rate: Vec3,
    still_s: f64,
    at_rest: bool,
}

impl RestState {
    /// Whether the sensor has been still for long enough.
    pub fn at_rest(&self) -> bool {
        self.at_rest
    }
}

impl Rest {
    /// Makes a detector with these parameters.
    pub fn new(params: RestParams) -> Self {
        Self {
            rate2: params.rate.radians_per_second().powi(2),
            force2: params.force_g * params.force_g,
            largest_bias2: params.largest_bias.radians_per_second().powi(2),
            recent_s: params.recent.0,
            at_least_s: params.at_least.0,
        }
    }

    /// Takes a block of `dt` seconds: means in g and rad/s, variances summed over the axes.
    pub fn step(
        &self,
        state: &mut RestState,
        dt: f64,
        force: &Vec3,
        force_variance: f64,
        rate: &Vec3,
        rate_variance: f64,
    ) {
        let share = dt / (self.recent_s + dt);
        let recent = state.force.get_or_insert_with(|| {
            state.rate = *rate;
            *force
        });
        *recent += (force - *recent) * share;
        state.rate += (rate - state.rate) * share;
        let still = force_variance < self.force2
            && rate_variance < self.rate2
            && (force - *recent).norm_squared() < self.force2
            && (rate - state.rate).norm_squared() < self.rate2
            && state.rate.norm_squared() < self.largest_bias2;
        state.still_s = if still { state.still_s + dt } else { 0.0 };
        state.at_rest = state.still_s >= self.at_least_s;
    }
}
