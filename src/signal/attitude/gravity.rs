//! Tracks the vertical with a gyroscope: specific force, low-passed in a frame that turns with the
//! gyroscope, with the gyroscope's bias learned on the way.
//!
//! In:  specific force (g) and rotation rate (rad/s) in sensor axes.
//! Out: up in sensor axes, the attitude, the rate without bias.
//! Source: the inclination part of VQF (Laidig and Seel, Information Fusion 91, 2023), with these
//! differences: specific force is turned by the attitude at the middle of its interval, not at the end,
//! since both sensors give means over the interval (on `broad` averaged to 100 Hz this alone takes the
//! error from 0.77° to 0.65°); the rotation of one interval takes the one before into account (coning); the
//! low-pass, the rest detector and the bias estimate run on sums of 0.1 s, which are free of the rate.
//!
//! There is no gate on |a|. Velocity is bounded, so the mean of a wearer's own acceleration over a few
//! seconds vanishes and a linear low-pass is right in the mean. A gate or a limit keeps one side of a
//! movement and drops the other: on `broad` every limit tried (0.05 to 0.4 g) took fast
//! translation from 0.5° to over 5°.
//!
//! Fails: for about 3 s after a start or hole while moving; when the gyroscope clips.

use super::bias::{Bias, BiasParams, BiasState};
use super::rest::{Rest, RestParams, RestState};
use super::smallest_rotation;
use super::strapdown::{Block, Ended, Felt, Strapdown, rotate, small_rotation};
use crate::frames::{Quat, Vec3};
use crate::units::Seconds;
use nalgebra::{Matrix3, Quaternion};

/// What a person or a paper chooses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GravityParams {
    /// Time over which specific force is averaged to the vertical. Longer lets less of the wearer's own
    /// acceleration through, and more of the gyroscope's errors. Source: VQF's tau_acc, 3 s, found by its
    /// authors on six data sets; 2 s and 4 s are worse here too.
    pub settle: Seconds,
    /// Damping ratio of the low-pass. VQF takes 0.71 (Butterworth); 0.6 answers a little sooner and takes
    /// the mean error on `broad` from 0.625° to 0.61°: four trials better, one worse by 0.01°. Chosen by us.
    pub damping: f64,
    /// How late the sensor's own low-pass gives the rate; attitude is turned on by so much, to be that of
    /// now. Source: the delays in the MPU-6050 register map (DLPF_CFG): 1.0, 1.9, 2.8 and 4.8 ms at
    /// bandwidths of 256, 188, 98 and 42 Hz. On `broad`, where a shift between sensor and cameras cannot be
    /// told from it, 0.5 to 4 ms all do better than none, and 1 to 3 ms differ by 0.04°.
    pub latency: Seconds,
    /// A hole longer than this is not bridged by the gyroscope: the vertical starts anew. A trunk turns
    /// at some 100 °/s at most in daily life, so half a second unseen is 50°. Chosen by us.
    pub longest_bridged: Seconds,
    /// How rest is told.
    pub rest: RestParams,
    /// How the bias is learned.
    pub bias: BiasParams,
}

impl Default for GravityParams {
    fn default() -> Self {
        Self {
            settle: Seconds(3.0),
            damping: 0.6,
            latency: Seconds(0.002),
            longest_bridged: Seconds(0.5),
            rest: RestParams::default(),
            bias: BiasParams::default(),
        }
    }
}

/// The slow parts run on sums over this time, in seconds. Far below the time constants they serve.
const BLOCK_S: f64 = 0.1;
/// While young, a sum closes after this share of its age, so that a start is averaged from its first
/// samples on.
const YOUNG_BLOCK: f64 = 0.125;
/// Beyond this sine of an angle (about 1°), the frame is turned upright again.
const LEANING: f64 = 0.02;
/// [`GravityParams`] made ready.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gravity {
    settle_s: f64,
    /// Square of the low-pass's natural frequency, 1/s².
    stiffness: f64,
    /// Twice damping ratio times natural frequency, 1/s.
    drag: f64,
    pub(super) latency_s: f64,
    longest_bridged_s: f64,
    rest: Rest,
    bias: Bias,
}

/// All that samples change.
#[derive(Clone, Debug, PartialEq)]
pub struct GravityState {
    /// From sensor axes at the start of the open block to a frame that stands still but for the
    /// gyroscope's errors.
    still_from_start: Quaternion<f64>,
    /// Low-passed specific force in that frame, g, and how fast it changes, g/s.
    up: Vec3,
    up_rate: Vec3,
    /// Up of unit length in sensor axes at the start of the open block.
    up_at_start: Vec3,
    /// How far the sensor has turned about up before the open block, rad.
    turned_about_up: f64,
    /// [`GravityParams::latency`], which is added whenever somebody asks.
    latency_s: f64,
    /// The attitude, low-passed in the same way, and how fast it changes.
    turn: Matrix3<f64>,
    turn_rate: Matrix3<f64>,
    /// Time since the start or the last hole.
    age_s: f64,
    strapdown: Strapdown,
    block: Block,
    /// The open block closes once it has lasted so long.
    block_for_s: f64,
    rest: RestState,
    bias: BiasState,
}

impl GravityState {
    /// Starts with one sample, close to the attitude known before.
    pub(super) fn new(acc: &Vec3, gyr: &Vec3, earth_from_sensor: &Quat, latency_s: f64) -> Self {
        let correction = smallest_rotation(&(earth_from_sensor * acc), &Vec3::z());
        let norm = acc.norm();
        Self {
            still_from_start: (correction * earth_from_sensor).into_inner(),
            up: Vec3::z() * norm,
            up_rate: Vec3::zeros(),
            up_at_start: acc / norm,
            turned_about_up: 0.0,
            latency_s,
            turn: Matrix3::zeros(),
            turn_rate: Matrix3::zeros(),
            age_s: 0.0,
            strapdown: Strapdown::new(gyr),
            block: Block::default(),
            block_for_s: block_for(0.0),
            rest: RestState::default(),
            bias: BiasState::default(),
        }
    }

    pub(super) fn earth_from_sensor(&self) -> Quat {
        let since = small_rotation(&(self.strapdown.rate * self.latency_s));
        let still_from_sensor = Quat::from_quaternion(self.still_from_start * self.block.turn() * since);
        smallest_rotation(&self.up, &Vec3::z()) * still_from_sensor
    }

    #[inline]
    pub(super) fn up_sensor(&self) -> Vec3 {
        self.block.brought(&self.up_at_start, &(self.strapdown.rate * self.latency_s))
    }

    /// How far the sensor has turned about up so far, rad, positive to the left.
    pub(super) fn turned_about_up(&self) -> f64 {
        self.turned_about_up + self.block.turned().dot(&self.up_at_start)
    }

    pub(super) fn rate_sensor(&self) -> Vec3 {
        self.strapdown.rate
    }

    pub(super) fn gyro_bias(&self) -> Vec3 {
        self.bias.bias()
    }

    pub(super) fn at_rest(&self) -> bool {
        self.rest.at_rest()
    }

    pub(super) fn settled(&self) -> bool {
        self.age_s >= SETTLED_S
    }
}

/// A vertical averaged over this many seconds is trusted: one stride.
const SETTLED_S: f64 = 1.0;

impl Gravity {
    /// Makes a filter with these parameters.
    pub fn new(params: GravityParams) -> Self {
        // VQF's relation of time constant and cut-off frequency.
        let natural = std::f64::consts::SQRT_2 / params.settle.0;
        Self {
            settle_s: params.settle.0,
            stiffness: natural * natural,
            drag: 2.0 * params.damping * natural,
            latency_s: params.latency.0,
            longest_bridged_s: params.longest_bridged.0,
            rest: Rest::new(params.rest),
            bias: Bias::new(params.bias),
        }
    }

    /// Takes samples one after the other.
    #[inline]
    pub(super) fn run<'a>(&self, state: &mut GravityState, run: impl Iterator<Item = &'a Felt>) {
        run.for_each(|felt| self.step(state, felt));
    }

    #[inline(always)]
    pub(super) fn step(&self, state: &mut GravityState, felt: &Felt) {
        let GravityState { strapdown, block, bias, .. } = state;
        if !strapdown.step(block, self.longest_bridged_s, &bias.bias(), felt) {
            self.start_anew(state, &felt.acc);
            return;
        }
        if block.lasted_s >= state.block_for_s {
            self.close_block(state);
        }
    }

    /// After a hole: nothing is known of the attitude but what specific force says. The bias stays.
    #[cold]
    fn start_anew(&self, state: &mut GravityState, acc: &Vec3) {
        let fresh = GravityState::new(acc, &state.strapdown.rate, &state.earth_from_sensor(), self.latency_s);
        let turned_about_up = state.turned_about_up();
        *state = GravityState { bias: state.bias.clone(), turned_about_up, ..fresh };
    }

    #[inline(never)]
    fn close_block(&self, state: &mut GravityState) {
        let block = state.block.end(&state.bias.bias());
        let dt = block.lasted_s;
        state.turned_about_up += block.turned.dot(&state.up_at_start);
        let force = rotate(&state.still_from_start, &block.mean_force);
        let q = state.still_from_start * block.turn;
        // One Newton step to unit length: the products lose some 1e-15 each.
        state.still_from_start = q * (1.5 - 0.5 * q.norm_squared());
        let now = matrix(&state.still_from_start);
        state.age_s += dt;
        state.block_for_s = block_for(state.age_s);
        if state.age_s < self.settle_s {
            let share = dt / state.age_s;
            state.up += (force - state.up) * share;
            state.turn += (now - state.turn) * share;
        } else {
            state.up_rate += ((force - state.up) * self.stiffness - state.up_rate * self.drag) * dt;
            state.up += state.up_rate * dt;
            state.turn_rate += ((now - state.turn) * self.stiffness - state.turn_rate * self.drag) * dt;
            state.turn += state.turn_rate * dt;
        }
        let Ended { mean_force, force_variance, mean_gyr, rate_variance, .. } = block;
        self.rest.step(&mut state.rest, dt, &mean_force, force_variance, &mean_gyr, rate_variance);
        if state.rest.at_rest() {
            self.bias.at_rest(&mut state.bias, dt, &mean_gyr);
        } else if state.age_s >= self.settle_s {
            self.bias.in_motion(&mut state.bias, dt, &state.up_rate, &state.turn);
        }
        let up = state.up;
        if up.x * up.x + up.y * up.y > LEANING * LEANING * up.norm_squared() {
            stand_upright(state);
        }
        let up_at_start = rotate(&state.still_from_start.conjugate(), &state.up);
        state.up_at_start = up_at_start.try_normalize(f64::EPSILON).unwrap_or(state.up_at_start);
    }
}

/// How long a block lasts that begins at this age; longer than nothing.
fn block_for(age_s: f64) -> f64 {
    BLOCK_S.min((YOUNG_BLOCK * age_s).next_up())
}

/// Turns the frame so that up is its z axis again. Nothing that can be asked for changes.
fn stand_upright(state: &mut GravityState) {
    if state.up.norm_squared() < f64::EPSILON {
        return;
    }
    let correction = smallest_rotation(&state.up, &Vec3::z());
    let matrix = correction.to_rotation_matrix();
    state.still_from_start = correction.into_inner() * state.still_from_start;
    state.up = matrix * state.up;
    state.up_rate = matrix * state.up_rate;
    state.turn = matrix * state.turn;
    state.turn_rate = matrix * state.turn_rate;
}

/// A quaternion of unit length as a matrix.
fn matrix(q: &Quaternion<f64>) -> Matrix3<f64> {
    let twice = q.imag() * 2.0;
    let (i, j, k) = (q.imag() * twice.x, q.imag() * twice.y, twice.z * q.k);
    let w = twice * q.w;
    Matrix3::new(
        1.0 - (j.y + k),
        i.y - w.z,
        i.z + w.y,
        i.y + w.z,
        1.0 - (i.x + k),
        j.z - w.x,
        i.z - w.y,
        j.z + w.x,
        1.0 - (i.x + j.y),
    )
}
