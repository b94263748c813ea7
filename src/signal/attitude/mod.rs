//! Estimates which way is up for the sensor, from specific force and (where there is one) rotation rate.
//!
//! In:  acceleration (g) and rotation rate (rad/s) in sensor axes, with the time since the last sample;
//!      12.5 to 500 samples a second, evenly or not, with holes.
//! Out: the unit vector that points up, in sensor axes; an attitude with arbitrary heading that follows
//!      the gyroscope; the gyroscope's bias; whether the sensor is at rest.
//! Error: figures and floors in `tests/accuracy/broad.rs`.
//!
//! | file | does |
//! |---|---|
//! | [`gravity`] | with a gyroscope: low-passes specific force in a frame that turns with the gyroscope |
//! | [`bias`] | learns the gyroscope's bias, at rest and in motion |
//! | [`rest`] | tells whether the sensor lies still |
//! | [`accelerometer`] | without a gyroscope: low-passes specific force in sensor axes |
//!
//! Each sample costs two cross products and no square root, division, trigonometry or quaternion; everything slow
//! runs on sums, ten times a second. What is asked for ([`AttitudeState::up_sensor`] and its kin) is
//! worked out when asked.

pub mod accelerometer;
pub mod bias;
pub mod gravity;
pub mod rest;
pub(crate) mod strapdown;

use super::run::Reading;
use crate::frames::{Quat, Vec3};
use crate::units::Seconds;
use accelerometer::{Accelerometer, AccelerometerParams, AccelerometerState};
use gravity::{Gravity, GravityParams, GravityState};
use strapdown::Felt;

/// What a person or a paper chooses. Says nothing about the sample rate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AttitudeParams {
    /// With a gyroscope.
    pub gravity: GravityParams,
    /// Without one.
    pub accelerometer: AccelerometerParams,
}

/// [`AttitudeParams`] made ready. Never changes while samples flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attitude {
    gravity: Gravity,
    accelerometer: Accelerometer,
}

/// All that samples change: plain data, to be kept and gone on from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttitudeState {
    estimate: Estimate,
    /// Time of samples that could not be used, to be added to the next.
    owed_s: f64,
    /// How far the sensor had turned about up when the gyroscope last came or went, rad.
    turned_before: f64,
}

#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one for each recording, and it must not be on the heap")]
enum Estimate {
    #[default]
    Nothing,
    WithGyro(GravityState),
    WithoutGyro(AccelerometerState),
}

impl AttitudeState {
    /// Attitude with arbitrary heading; with a gyroscope the heading follows it, without one it turns as
    /// little as possible.
    pub fn earth_from_sensor(&self) -> Quat {
        match &self.estimate {
            Estimate::Nothing => Quat::identity(),
            Estimate::WithGyro(state) => state.earth_from_sensor(),
            Estimate::WithoutGyro(state) => state.earth_from_sensor(),
        }
    }

    /// The unit vector in sensor axes that points up, against gravity; +z before the first sample.
    #[inline]
    pub fn up_sensor(&self) -> Vec3 {
        match &self.estimate {
            Estimate::Nothing => Vec3::z(),
            Estimate::WithGyro(state) => state.up_sensor(),
            Estimate::WithoutGyro(state) => state.up_sensor(),
        }
    }

    /// Rotation rate of the newest sample without its estimated bias, rad/s, sensor axes; zero without
    /// a gyroscope.
    pub fn rate_sensor(&self) -> Vec3 {
        match &self.estimate {
            Estimate::WithGyro(state) => state.rate_sensor(),
            Estimate::Nothing | Estimate::WithoutGyro(_) => Vec3::zeros(),
        }
    }

    /// How far the sensor has turned about up since the start, rad, positive to the left; it does not move
    /// without a gyroscope or during a hole.
    pub fn turned_about_up(&self) -> f64 {
        match &self.estimate {
            Estimate::WithGyro(state) => self.turned_before + state.turned_about_up(),
            Estimate::Nothing | Estimate::WithoutGyro(_) => self.turned_before,
        }
    }

    /// The gyroscope's bias in rad/s, sensor axes, as far as learned; `None` without a gyroscope.
    pub fn gyro_bias(&self) -> Option<Vec3> {
        match &self.estimate {
            Estimate::WithGyro(state) => Some(state.gyro_bias()),
            Estimate::Nothing | Estimate::WithoutGyro(_) => None,
        }
    }

    /// Whether the sensor has lain still for at least [`rest::RestParams::at_least`].
    pub fn at_rest(&self) -> bool {
        match &self.estimate {
            Estimate::Nothing => false,
            Estimate::WithGyro(state) => state.at_rest(),
            Estimate::WithoutGyro(state) => state.at_rest(),
        }
    }

    /// Whether enough has been seen since the start, or since the last hole, to trust the vertical.
    pub fn settled(&self) -> bool {
        match &self.estimate {
            Estimate::Nothing => false,
            Estimate::WithGyro(state) => state.settled(),
            Estimate::WithoutGyro(state) => state.settled(),
        }
    }
}

/// Specific force below this many g (a sensor in free fall, or one that sends zeros) says nothing of up.
const FAINTEST_G: f64 = 1e-3;
/// Beyond any accelerometer, in g: a value that must not reach the sums.
const STRONGEST_G: f64 = 1e3;
/// Beyond any gyroscope, in rad/s.
const FASTEST_RAD_S: f64 = 1e3;

impl Attitude {
    /// Makes a filter with these parameters.
    pub fn new(params: AttitudeParams) -> Self {
        Self { gravity: Gravity::new(params.gravity), accelerometer: Accelerometer::new(params.accelerometer) }
    }

    /// Takes one sample that came `dt` after the last one. A sample with values that no sensor can mean
    /// is passed over; its time is added to the next one's.
    #[inline]
    pub fn step(&self, state: &mut AttitudeState, dt: Seconds, acc: &Vec3, gyr: Option<&Vec3>) {
        let dt = dt.0 + state.owed_s;
        if !usable(dt, acc, gyr) {
            if dt.is_finite() {
                state.owed_s = dt.max(0.0);
            }
            return;
        }
        state.owed_s = 0.0;
        self.take(state, &Felt::new(dt, *acc, gyr.copied().unwrap_or_default()), gyr.is_some());
    }

    /// Takes samples whose values are known to be such as sensors mean, all of them with a rotation rate or none.
    #[inline]
    pub(super) fn run(&self, state: &mut AttitudeState, run: &[Reading], gyro: bool) {
        match &mut state.estimate {
            Estimate::WithGyro(inner) if gyro => self.gravity.run(inner, run.iter().map(|reading| &reading.felt)),
            _ => run.iter().for_each(|reading| self.take(state, &reading.felt, gyro)),
        }
    }

    /// Takes one sample whose values are known to be such as sensors mean; `gyro` says whether it has a rotation rate.
    #[inline]
    fn take(&self, state: &mut AttitudeState, felt: &Felt, gyro: bool) {
        match &mut state.estimate {
            Estimate::WithGyro(inner) if gyro => self.gravity.step(inner, felt),
            Estimate::WithoutGyro(inner) if !gyro => self.accelerometer.step(inner, felt.dt, &felt.acc),
            _ => state.change(&felt.acc, Some(&felt.gyr).filter(|_| gyro), self.gravity.latency_s),
        }
    }
}

impl AttitudeState {
    /// Begins, or goes on after the gyroscope came or went.
    #[cold]
    fn change(&mut self, acc: &Vec3, gyr: Option<&Vec3>, latency_s: f64) {
        self.turned_before = self.turned_about_up();
        let before = self.earth_from_sensor();
        self.estimate = match gyr {
            Some(gyr) => Estimate::WithGyro(GravityState::new(acc, gyr, &before, latency_s)),
            None => Estimate::WithoutGyro(AccelerometerState::new(acc, &before)),
        };
    }
}

/// Whether a sample has values that a sensor can mean. Written so that NaN fails.
#[inline]
pub(crate) fn usable(dt: f64, acc: &Vec3, gyr: Option<&Vec3>) -> bool {
    let force2 = acc.norm_squared();
    force2 > FAINTEST_G * FAINTEST_G
        && force2 < STRONGEST_G * STRONGEST_G
        && gyr.is_none_or(|gyr| gyr.norm_squared() < FASTEST_RAD_S * FASTEST_RAD_S)
        && dt >= 0.0
        && dt.is_finite()
}

/// The smallest rotation that brings `from` onto `to`; half a turn about a level axis where they are
/// opposite. Neither may be zero.
pub(crate) fn smallest_rotation(from: &Vec3, to: &Vec3) -> Quat {
    Quat::rotation_between(from, to).unwrap_or_else(|| Quat::from_axis_angle(&Vec3::x_axis(), std::f64::consts::PI))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(state: &mut AttitudeState, seconds: f64, hz: f64, sample: impl Fn(f64) -> (Vec3, Option<Vec3>)) {
        let attitude = Attitude::new(AttitudeParams::default());
        for i in 1..=(seconds * hz) as usize {
            let (acc, gyr) = sample(i as f64 / hz);
            attitude.step(state, Seconds(1.0 / hz), &acc, gyr.as_ref());
        }
    }

    fn tilt_error_deg(state: &AttitudeState, up: &Vec3) -> f64 {
        state.up_sensor().angle(up).to_degrees()
    }

    #[test]
    fn a_still_sensor_is_known_from_its_first_sample_at_any_attitude() {
        for up in [Vec3::x(), -Vec3::z(), Vec3::new(0.6, 0.0, -0.8), Vec3::new(0.0, -1.0, 0.0)] {
            for gyr in [None, Some(Vec3::zeros())] {
                let mut state = AttitudeState::default();
                run(&mut state, 0.02, 100.0, |_| (up, gyr));
                assert!(tilt_error_deg(&state, &up) < 1e-6);
                assert!((state.earth_from_sensor() * up - Vec3::z()).norm() < 1e-9);
            }
        }
    }

    #[test]
    fn a_turning_sensor_is_followed_at_every_rate_from_12_5_to_500_hz() {
        for hz in [12.5, 25.0, 50.0, 100.0, 200.0, 400.0, 500.0] {
            let rate = Vec3::new(0.3, -2.0, 0.5);
            let truth = |t: f64| Quat::from_scaled_axis(rate * t);
            let mut state = AttitudeState::default();
            let late = GravityParams::default().latency.0 + 0.5 / hz;
            run(&mut state, 20.0, hz, |t| (truth(t - late).inverse() * Vec3::x(), Some(rate)));
            let error = tilt_error_deg(&state, &(truth(20.0).inverse() * Vec3::x()));
            assert!(error < 0.2, "{hz} Hz: {error}°");
        }
    }

    #[test]
    fn a_gyroscope_bias_is_learned_at_rest_and_taken_off_the_rate() {
        let bias = Vec3::new(0.02, -0.01, 0.015);
        let mut state = AttitudeState::default();
        run(&mut state, 30.0, 50.0, |_| (Vec3::z(), Some(bias)));
        assert!(state.at_rest());
        assert!((state.gyro_bias().unwrap() - bias).norm() < 2e-4, "{:?}", state.gyro_bias());
        assert!(state.rate_sensor().norm() < 2e-4);
    }

    #[test]
    fn a_level_bias_is_learned_in_motion_too() {
        let bias = Vec3::new(0.01, -0.01, 0.0);
        let rate = |t: f64| Vec3::new(0.8 * (1.3 * t).sin(), 0.7 * (0.9 * t).cos(), 0.5);
        let hz = 100.0;
        let attitude = Attitude::new(AttitudeParams::default());
        let (mut state, mut truth) = (AttitudeState::default(), Quat::identity());
        for i in 0..(120.0 * hz) as usize {
            let turn = rate(i as f64 / hz);
            let half = truth * Quat::from_scaled_axis(turn * 0.5 / hz);
            truth *= Quat::from_scaled_axis(turn / hz);
            attitude.step(&mut state, Seconds(1.0 / hz), &(half.inverse() * Vec3::z()), Some(&(turn + bias)));
        }
        assert!(!state.at_rest());
        assert!((state.gyro_bias().unwrap() - bias).norm() < 2e-3, "{:?}", state.gyro_bias());
    }

    #[test]
    fn shaking_does_not_move_the_vertical() {
        let mut state = AttitudeState::default();
        run(&mut state, 60.0, 100.0, |t| (Vec3::new(0.8 * (12.0 * t).sin(), 0.0, 1.0), Some(Vec3::zeros())));
        assert!(tilt_error_deg(&state, &Vec3::z()) < 0.5);
    }

    #[test]
    fn after_a_hole_the_new_attitude_is_taken_at_once() {
        let mut state = AttitudeState::default();
        run(&mut state, 10.0, 100.0, |_| (Vec3::z(), Some(Vec3::zeros())));
        assert!(state.settled());
        let attitude = Attitude::new(AttitudeParams::default());
        attitude.step(&mut state, Seconds(60.0), &Vec3::x(), Some(&Vec3::zeros()));
        assert!(tilt_error_deg(&state, &Vec3::x()) < 0.1 && !state.settled());
    }

    #[test]
    fn values_that_no_sensor_can_mean_change_nothing() {
        let attitude = Attitude::new(AttitudeParams::default());
        let mut state = AttitudeState::default();
        run(&mut state, 5.0, 100.0, |_| (Vec3::y(), Some(Vec3::zeros())));
        let before = state.up_sensor();
        for bad in [f64::NAN, f64::INFINITY, 1e300] {
            attitude.step(&mut state, Seconds(0.01), &Vec3::new(bad, 0.0, 0.0), Some(&Vec3::zeros()));
            attitude.step(&mut state, Seconds(0.01), &Vec3::y(), Some(&Vec3::new(0.0, bad, 0.0)));
        }
        attitude.step(&mut state, Seconds(0.01), &Vec3::zeros(), Some(&Vec3::zeros()));
        assert_eq!(state.up_sensor(), before);
        run(&mut state, 5.0, 100.0, |_| (Vec3::y(), Some(Vec3::zeros())));
        assert!(tilt_error_deg(&state, &Vec3::y()) < 1e-6);
    }

    #[test]
    fn turning_about_up_is_summed_whatever_the_attitude() {
        let up = Vec3::new(0.48, -0.6, 0.64);
        let mut state = AttitudeState::default();
        run(&mut state, 10.0, 100.0, |_| (up, Some(up * 0.9)));
        assert!((state.turned_about_up() - 9.0).abs() < 0.02, "{}", state.turned_about_up());
    }

    #[test]
    fn losing_and_regaining_the_gyroscope_keeps_the_heading() {
        let mut state = AttitudeState::default();
        run(&mut state, 4.0, 100.0, |_| (Vec3::z(), Some(Vec3::new(0.0, 0.0, 0.5))));
        let turned = state.earth_from_sensor();
        run(&mut state, 1.0, 100.0, |_| (Vec3::z(), None));
        run(&mut state, 0.01, 100.0, |_| (Vec3::z(), Some(Vec3::zeros())));
        assert!(state.earth_from_sensor().angle_to(&turned).to_degrees() < 0.01);
    }
}
