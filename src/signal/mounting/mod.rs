//! Finds how the sensor sits on the body: which of its directions are up, right and forward.
//!
//! In:  typed axes, a short standing calibration, or ordinary movement.
//! Out: a [`Mounting`]: the rotation, how it was found, how sure that is, and figures to judge it by.
//! Left to others: when a mounting is stale, and what to do then.
//!
//! | file | does |
//! |---|---|
//! | [`standing`] | the guided calibration: stand, then bend comfortably or walk |
//! | [`guided`] | the same with its time limit, from being asked for to its outcome |
//! | [`auto`] | finds the mounting in ordinary movement, without being told anything |
//! | [`scale`] | the sensor's error of scale, from what it reads at rest |
//! | [`refresh`] | moves a mounting a little towards the upright that walking shows |
//! | [`slip`] | tells when the strap has moved on the body |

pub mod auto;
pub mod guided;
pub mod refresh;
mod rejection;
pub mod scale;
pub mod slip;
pub mod standing;

pub use rejection::Rejection;
pub use scale::{AccScale, ScaleOrigin};

use crate::frames::{Axes, Quat, Vec3};
use nalgebra::{Matrix3, Rotation3};

/// How a mounting was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Axes typed by a person, taken as they are.
    Axes,
    /// Standing, and comfortable bends.
    StandingAndBends,
    /// Standing, and walking.
    StandingAndWalking,
    /// Standing for up, axes typed by a person for forward.
    StandingAndAxes,
    /// Standing for up, ordinary movement for forward.
    StandingAndAuto,
    /// Ordinary movement.
    Auto,
}

impl Method {
    /// The word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Axes => "axes",
            Self::StandingAndBends => "standing_and_bends",
            Self::StandingAndWalking => "standing_and_walking",
            Self::StandingAndAxes => "standing_and_axes",
            Self::StandingAndAuto => "standing_and_auto",
            Self::Auto => "auto",
        }
    }

    /// The method of a word written by [`Method::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [
            Self::Axes,
            Self::StandingAndBends,
            Self::StandingAndWalking,
            Self::StandingAndAxes,
            Self::StandingAndAuto,
            Self::Auto,
        ];
        all.into_iter().find(|method| method.name() == name)
    }

    /// Whether a guided calibration gave it.
    pub fn is_guided(self) -> bool {
        matches!(self, Self::StandingAndBends | Self::StandingAndWalking)
    }

    /// The same forward, with up from a standing that was asked for.
    #[must_use]
    pub fn with_standing(self) -> Self {
        match self {
            Self::Axes => Self::StandingAndAxes,
            Self::Auto => Self::StandingAndAuto,
            standing => standing,
        }
    }

    /// Whether the wearer stood still for it on purpose.
    pub fn on_purpose(self) -> bool {
        self == self.with_standing()
    }
}

/// How the sensor sits on the body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mounting {
    /// Turns sensor axes into body axes.
    pub body_from_sensor: Quat,
    /// How it was found.
    pub method: Method,
    /// How sure up is, 0 to 1.
    pub up_confidence: f64,
    /// How sure forward is, its sign included, 0 to 1. At 0, forward is any level direction.
    pub forward_confidence: f64,
    /// Mean rotation rate at rest, rad/s, sensor axes, where a gyroscope was seen at rest.
    pub gyro_bias: Option<Vec3>,
    /// Mean |a| at rest in g: 1 for a true scale. `None` where no rest was seen.
    pub rest_norm_g: Option<f64>,
}

impl Mounting {
    /// Typed axes, taken as they are.
    pub fn from_axes(axes: &Axes) -> Self {
        Self {
            body_from_sensor: axes.body_from_sensor(),
            method: Method::Axes,
            up_confidence: 1.0,
            forward_confidence: 1.0,
            gyro_bias: None,
            rest_norm_g: None,
        }
    }

    /// How sure the whole mounting is, 0 to 1: its weakest part.
    pub fn confidence(&self) -> f64 {
        self.up_confidence.min(self.forward_confidence)
    }

    /// The sensor's error of scale, as its rest shows it.
    pub fn acc_scale(&self) -> AccScale {
        AccScale::from_rest(self.rest_norm_g, self.method.on_purpose())
    }

    /// Up, right and forward of the body in sensor axes.
    pub fn directions(&self) -> [Vec3; 3] {
        [Vec3::x(), Vec3::y(), Vec3::z()].map(|body| self.body_from_sensor.inverse_transform_vector(&body))
    }
}

/// The rotation whose body x is `up` and whose body z is as near to `forward` as a right angle allows;
/// both in sensor axes. Where `forward` is along `up` or zero, the sensor axis most at right angles to
/// `up` stands in for it.
pub fn body_from_directions(up: &Vec3, forward: &Vec3) -> Quat {
    let up = up.try_normalize(f64::EPSILON).unwrap_or_else(Vec3::x);
    let level = |v: &Vec3| (v - up * up.dot(v)).try_normalize(LEVEL_AT_LEAST);
    let forward = level(forward).unwrap_or_else(|| {
        let mut axis = Vec3::zeros();
        axis[up.iamin()] = 1.0;
        // At least one sensor axis is 54° or more away from any direction.
        (axis - up * up.dot(&axis)).normalize()
    });
    let right = forward.cross(&up);
    let rows = Matrix3::from_rows(&[up.transpose(), right.transpose(), forward.transpose()]);
    Quat::from_rotation_matrix(&Rotation3::from_matrix_unchecked(rows))
}

/// The level part of a vector shorter than this names no direction.
const LEVEL_AT_LEAST: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_make_a_right_handed_body_frame() {
        let body_from_sensor = body_from_directions(&-Vec3::y(), &Vec3::new(0.0, 0.3, 1.0));
        let typed: Axes = "up=-y,right=+x,forward=+z".parse().unwrap();
        assert!(body_from_sensor.angle_to(&typed.body_from_sensor()) < 1e-9);
    }

    #[test]
    fn without_a_forward_direction_up_is_kept() {
        for up in [Vec3::x(), Vec3::new(0.5, 0.5, 0.7).normalize()] {
            let body_from_sensor = body_from_directions(&up, &Vec3::zeros());
            assert!((body_from_sensor * up - Vec3::x()).norm() < 1e-9);
        }
    }

    #[test]
    fn typed_axes_are_taken_as_they_are() {
        let axes: Axes = "up=+x,right=-y,forward=-z".parse().unwrap();
        let mounting = Mounting::from_axes(&axes);
        assert_eq!((mounting.body_from_sensor, mounting.confidence()), (axes.body_from_sensor(), 1.0));
        assert!((mounting.directions()[2] + Vec3::z()).norm() < 1e-12);
        assert_eq!(mounting.acc_scale(), AccScale::default());
    }

    #[test]
    fn only_a_standing_on_purpose_gives_a_scale_that_volume_uses() {
        let axes: Axes = "up=+x,right=+y,forward=+z".parse().unwrap();
        let seen = Mounting { rest_norm_g: Some(0.98), method: Method::Auto, ..Mounting::from_axes(&axes) };
        assert_eq!(seen.acc_scale().origin(), ScaleOrigin::Rest);
        for method in [Method::Auto, Method::Axes, Method::StandingAndBends].map(Method::with_standing) {
            assert!(Mounting { method, ..seen }.acc_scale().in_volume(), "{}", method.name());
        }
    }
}
