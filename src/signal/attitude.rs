//! Estimates which way is up for the sensor, from specific force and (where there is one) rotation rate.
//!
//! In:  acceleration (g) and rotation rate (rad/s) in sensor axes, with the time since the last sample.
//! Out: the unit vector that points up, in sensor axes, and an attitude with arbitrary heading.

use crate::frames::{Quat, Vec3};
use crate::units::Seconds;

/// What a person or a paper chooses. Says nothing about the sample rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttitudeParams {
    /// Time over which acceleration pulls a gyroscope's attitude back to the vertical.
    pub settle: Seconds,
}

impl Default for AttitudeParams {
    fn default() -> Self {
        Self { settle: Seconds(3.0) }
    }
}

/// [`AttitudeParams`] made ready. Never changes while samples flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attitude {
    params: AttitudeParams,
}

/// All that samples change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttitudeState {
    earth_from_sensor: Quat,
    /// Rotation rate without its estimated bias, rad/s, sensor axes.
    rate: Vec3,
    started: bool,
}

impl Default for AttitudeState {
    fn default() -> Self {
        Self { earth_from_sensor: Quat::identity(), rate: Vec3::zeros(), started: false }
    }
}

impl AttitudeState {
    /// Attitude with arbitrary heading.
    pub fn earth_from_sensor(&self) -> Quat {
        self.earth_from_sensor
    }
    /// The unit vector in sensor axes that points up, against gravity.
    pub fn up_sensor(&self) -> Vec3 {
        self.earth_from_sensor.inverse_transform_vector(&Vec3::z())
    }
    /// Rotation rate of the newest sample without its estimated bias, rad/s, sensor axes; zero without
    /// a gyroscope.
    pub fn rate_sensor(&self) -> Vec3 {
        self.rate
    }
}

impl Attitude {
    /// Makes a filter with these parameters.
    pub fn new(params: AttitudeParams) -> Self {
        Self { params }
    }

    /// Takes one sample that came `dt` after the last one. Values must be finite.
    pub fn step(&self, state: &mut AttitudeState, dt: Seconds, acc: &Vec3, gyr: Option<&Vec3>) {
        let Some(up_measured) = acc.try_normalize(1e-6) else {
            return;
        };
        if !state.started {
            state.started = true;
            state.earth_from_sensor = Quat::rotation_between(&up_measured, &Vec3::z())
                .unwrap_or_else(|| Quat::from_axis_angle(&Vec3::x_axis(), std::f64::consts::PI));
            return;
        }
        if let Some(gyr) = gyr {
            state.rate = *gyr;
            state.earth_from_sensor *= Quat::from_scaled_axis(gyr * dt.0);
        }
        let settle = if gyr.is_some() { self.params.settle.0 } else { self.params.settle.0 / 10.0 };
        let gain = dt.0 / (settle + dt.0);
        let up_earth = state.earth_from_sensor * up_measured;
        if let Some(correction) = Quat::rotation_between(&up_earth, &Vec3::z()) {
            state.earth_from_sensor = correction.powf(gain) * state.earth_from_sensor;
        }
        state.earth_from_sensor.renormalize_fast();
    }
}
