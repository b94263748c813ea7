//! Learns the gyroscope's bias: at rest from the rate itself, in motion from the drift of the vertical.
//!
//! In:  ten times a second, the mean rate (at rest), or how fast the low-passed vertical drifts (in motion).
//! Out: the bias in rad/s, sensor axes.
//! Source: a Kalman filter as in VQF, on the level parts of the drift only, one number after the other.
//! Fails: in motion the part of the bias along the vertical cannot be seen; it stays as it was, and
//! does not matter for the vertical.

use crate::frames::Vec3;
use crate::units::{AngularRate, Seconds};
use nalgebra::Matrix3;

/// What a person or a paper chooses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BiasParams {
    /// How large a bias is expected before anything was seen, and after long not seeing. VQF takes 0.5 °/s;
    /// consumer gyroscopes are specified to a few °/s.
    pub expected: AngularRate,
    /// How far a bias wanders in `wander_over`. Source: VQF, 0.1 °/s in 100 s.
    pub wander: AngularRate,
    /// See `wander`.
    pub wander_over: Seconds,
    /// Error of the mean rate over one second at rest. Source: VQF, 0.03 °/s.
    pub rest_error: AngularRate,
    /// Error of the drift of the vertical over ten seconds of movement. VQF takes 0.1 °/s; 0.05 °/s by us,
    /// from `broad`: 0.03 to 0.1 differ by 0.006° of inclination.
    pub motion_error: AngularRate,
    /// A drift beyond this is taken as this: something other than the bias is at work. Source: VQF, 2 °/s.
    pub largest: AngularRate,
}

impl Default for BiasParams {
    fn default() -> Self {
        Self {
            expected: AngularRate::from_degrees_per_second(1.0),
            wander: AngularRate::from_degrees_per_second(0.1),
            wander_over: Seconds(100.0),
            rest_error: AngularRate::from_degrees_per_second(0.03),
            motion_error: AngularRate::from_degrees_per_second(0.05),
            largest: AngularRate::from_degrees_per_second(2.0),
        }
    }
}

/// Time over which [`BiasParams::motion_error`] is meant, in seconds.
const MOTION_ERROR_OVER_S: f64 = 10.0;

/// [`BiasParams`] made ready: variances in (rad/s)², and their growth per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bias {
    expected: f64,
    wander: f64,
    rest_error: f64,
    motion_error: f64,
    largest: f64,
}

/// The estimate and its covariance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BiasState {
    bias: Vec3,
    covariance: Option<Matrix3<f64>>,
}

impl BiasState {
    /// The bias in rad/s, sensor axes.
    #[inline]
    pub fn bias(&self) -> Vec3 {
        self.bias
    }

    /// Variance of each part in (rad/s)²; `None` before anything was learned.
    pub(crate) fn variance(&self) -> Option<Vec3> {
        self.covariance.map(|covariance| covariance.diagonal())
    }
}

impl Bias {
    /// Makes a filter with these parameters.
    pub fn new(params: BiasParams) -> Self {
        let variance = |rate: AngularRate| rate.radians_per_second().powi(2);
        Self {
            expected: variance(params.expected),
            wander: variance(params.wander) / params.wander_over.0,
            rest_error: variance(params.rest_error),
            motion_error: variance(params.motion_error) * MOTION_ERROR_OVER_S,
            largest: params.largest.radians_per_second(),
        }
    }

    /// The covariance after `dt` more seconds of wandering.
    fn grown(&self, state: &BiasState, dt: f64) -> Matrix3<f64> {
        let Some(mut covariance) = state.covariance else {
            return Matrix3::from_diagonal_element(self.expected);
        };
        for i in 0..3 {
            covariance[(i, i)] = (covariance[(i, i)] + self.wander * dt).min(self.expected);
        }
        covariance
    }

    /// Takes the mean rate of `dt` seconds at rest.
    pub fn at_rest(&self, state: &mut BiasState, dt: f64, mean_rate: &Vec3) {
        let mut covariance = self.grown(state, dt);
        for i in 0..3 {
            // What one axis shows of the error is its column of the covariance.
            let spread: Vec3 = covariance.column(i).into();
            let (variance, surprise) = (spread[i] + self.rest_error / dt, mean_rate[i] - state.bias[i]);
            correct(&mut state.bias, &mut covariance, &spread, variance, surprise);
        }
        state.covariance = Some(covariance);
    }

    /// Takes the drift of the vertical (g/s, in a frame whose z is up) after `dt` more seconds of
    /// movement, and the attitude low-passed like the vertical.
    pub fn in_motion(&self, state: &mut BiasState, dt: f64, up_rate: &Vec3, turn: &Matrix3<f64>) {
        let mut covariance = self.grown(state, dt);
        let limited = |drift: f64| drift.clamp(-self.largest, self.largest);
        // A bias b turns the frame by R b, so the vertical seems to drift by -(R b) x z. What is left of
        // the drift is due to what is left of the bias, so both parts are surprises.
        let (about_x, about_y) = (limited(-up_rate.y), limited(up_rate.x));
        let [level_x, level_y] = [turn.row(0).transpose(), turn.row(1).transpose()];
        let noise = self.motion_error / dt;
        let before = state.bias;
        learn(&mut state.bias, &mut covariance, &level_x, about_x, noise);
        // The second surprise was met by the first correction in part.
        let about_y = about_y - level_y.dot(&(state.bias - before));
        learn(&mut state.bias, &mut covariance, &level_y, about_y, noise);
        state.covariance = Some(covariance);
    }
}

/// One scalar step of a Kalman filter: `surprise` is what `along` of the error should have been zero.
fn learn(bias: &mut Vec3, covariance: &mut Matrix3<f64>, along: &Vec3, surprise: f64, noise: f64) {
    let spread = *covariance * along;
    correct(bias, covariance, &spread, along.dot(&spread) + noise, surprise);
}

/// The same, for what is known to spread so and to vary by so much.
#[inline]
fn correct(bias: &mut Vec3, covariance: &mut Matrix3<f64>, spread: &Vec3, variance: f64, surprise: f64) {
    let gain = spread / variance;
    *bias += gain * surprise;
    *covariance -= gain * spread.transpose();
}
