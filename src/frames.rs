//! Coordinate frames: which way the sensor is worn, and what the signs of the angles mean.
//!
//! ```text
//!            x up                     body frame B, fixed to the lower back, right-handed
//!            │
//!            │   z forward            standing upright reads acc = (+1, 0, 0) g
//!            │  ╱                     (specific force: at rest it points UP)
//!            │ ╱
//!            └──────── y right
//! ```
//!
//! The same axes as mobgap and McRoberts; in Motion-BIDS words `SpatialAxes = "SRA"`. The sensor
//! frame S is whatever the maker printed on the case. The earth frame E has z up and an arbitrary
//! heading, which is never shown. Rotations are named so that neighbours match:
//! `acc_body = body_from_sensor * acc_sensor`.
//!
//! With `u` the unit vector in B that points up against gravity:
//!
//! | angle | is | zero | positive |
//! |---|---|---|---|
//! | forward tilt θ | atan2(−u_z, u_x) | upright | leaning forward; supine is −90° |
//! | side bend φ | atan2(−u_y, √(u_x² + u_z²)) | upright | leaning to the right |
//! | inclination ψ | arccos(u_x) | upright | any direction |
//!
//! The forward bending rate is −gyro_y: a positive turn about the right-pointing axis tips backward.

use crate::units::Angle;
use nalgebra::{Rotation3, UnitQuaternion, Vector3};
use std::fmt;
use std::str::FromStr;

/// A vector of three numbers; its name says in which frame.
pub type Vec3 = Vector3<f64>;
/// A rotation between two frames, named `to_from`.
pub type Quat = UnitQuaternion<f64>;

/// Forward tilt θ for a unit up-vector in the body frame.
#[inline]
pub fn forward_tilt(up_body: &Vec3) -> Angle {
    Angle::from_radians(arctangent(-up_body.z, up_body.x))
}

/// Side bend φ for a unit up-vector in the body frame, positive to the right.
#[inline]
pub fn side_bend(up_body: &Vec3) -> Angle {
    let sine = -up_body.y;
    if sine.abs() <= SIN_22_5 {
        return Angle::from_radians(series(&ARCSINE, sine));
    }
    Angle::from_radians(arctangent(sine, (up_body.x * up_body.x + up_body.z * up_body.z).sqrt()))
}

/// Inclination ψ from upright in any direction, for a unit up-vector in the body frame.
#[inline]
pub fn inclination(up_body: &Vec3) -> Angle {
    Angle::from_radians(arctangent((up_body.y * up_body.y + up_body.z * up_body.z).sqrt(), up_body.x))
}

/// Odd terms of the arctangent up to 22.5°: the polynomial whose largest error there is smallest.
const ARCTANGENT: [f64; 7] = [
    0.999_999_999_852_618_7,
    -0.333_333_300_632_830_7,
    0.199_997_896_315_028_35,
    -0.142_797_155_291_306_43,
    0.110_223_669_086_464_53,
    -0.083_719_751_450_529_57,
    0.045_567_341_204_224_38,
];
/// Odd terms of the arcsine up to 22.5°, in the same way: within 1e-12 rad.
const ARCSINE: [f64; 7] = [
    1.000_000_000_031_617_6,
    0.166_666_658_743_526_49,
    0.075_000_573_324_885_54,
    0.044_624_641_744_375_72,
    0.030_676_550_482_794_836,
    0.019_865_113_573_768_443,
    0.027_730_523_622_542_74,
];
/// Sine of 22.5°.
const SIN_22_5: f64 = 0.382_683_432_365_089_8;
/// Tangent of 22.5°.
const TAN_22_5: f64 = std::f64::consts::SQRT_2 - 1.0;

/// As `y.atan2(x)`, within 1e-11 rad and several times faster: tilt is asked for at every step of the grid.
#[inline]
fn arctangent(y: f64, x: f64) -> f64 {
    use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};
    let (across, along) = (y.abs(), x.abs());
    // Mostly, a body is near upright.
    if x > 0.0 && across <= TAN_22_5 * x {
        return series(&ARCTANGENT, y / x);
    }
    let flat = across <= along;
    let (small, large) = if flat { (across, along) } else { (along, across) };
    let mut angle = if small > TAN_22_5 * large {
        // Between 22.5° and 45° it is measured from 45°.
        FRAC_PI_4 + series(&ARCTANGENT, (small - large) / (small + large))
    } else if large == 0.0 {
        0.0
    } else {
        series(&ARCTANGENT, small / large)
    };
    if !flat {
        angle = FRAC_PI_2 - angle;
    }
    if x < 0.0 {
        angle = PI - angle;
    }
    angle.copysign(y)
}

/// The odd polynomial with these terms.
#[inline]
fn series(terms: &[f64; 7], of: f64) -> f64 {
    let x = of * of;
    let [a, b, c, d, e, f, g] = terms;
    let x2 = x * x;
    // Pairs side by side, rather than each waiting for the one before it.
    of * ((a + b * x) + x2 * ((c + d * x) + x2 * ((e + f * x) + x2 * g)))
}

/// Where on the back the sensor sits. It decides how sensor tilt maps to trunk-equivalent angle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Placement {
    /// First lumbar or twelfth thoracic vertebra: sees a whole bend.
    L1,
    /// Third lumbar vertebra.
    L3,
    /// Belt level, fifth lumbar vertebra or sacrum: sees far less of an early bend.
    L5S1,
    /// Not told. Judged as L3, and every band is marked approximate.
    #[default]
    Unknown,
}

impl Placement {
    /// All placements, as typed and stored.
    pub const NAMES: [(&'static str, Placement); 4] =
        [("L1", Self::L1), ("L3", Self::L3), ("L5_S1", Self::L5S1), ("unknown", Self::Unknown)];

    /// The word used in flags, files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::L1 => "L1",
            Self::L3 => "L3",
            Self::L5S1 => "L5_S1",
            Self::Unknown => "unknown",
        }
    }
}

impl FromStr for Placement {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word))
            .map(|&(_, placement)| placement)
            .ok_or_else(|| format!("placement {word:?} is not known; write L1, L3, L5_S1 or unknown"))
    }
}

/// Which sensor axis points up, right and forward on the wearer, as typed: `up=+x,right=+y,forward=+z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axes {
    up: SignedAxis,
    right: SignedAxis,
    forward: SignedAxis,
}

/// One sensor axis with its direction, such as `-y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SignedAxis {
    index: usize,
    negative: bool,
}

impl SignedAxis {
    fn vector(self) -> Vec3 {
        let mut v = Vec3::zeros();
        v[self.index] = if self.negative { -1.0 } else { 1.0 };
        v
    }
    fn along(v: &Vec3) -> Self {
        let index = v.iamax();
        Self { index, negative: v[index] < 0.0 }
    }
}

impl fmt::Display for SignedAxis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.negative { '-' } else { '+' }, ["x", "y", "z"][self.index])
    }
}

impl FromStr for SignedAxis {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        let (negative, letter) = match word.as_bytes() {
            [b'+', letter] => (false, letter),
            [b'-', letter] => (true, letter),
            [letter] => (false, letter),
            _ => return Err(()),
        };
        let index = b"xyz".iter().position(|axis| axis.eq_ignore_ascii_case(letter)).ok_or(())?;
        Ok(Self { index, negative })
    }
}

impl Axes {
    /// The rotation that these axes stand for.
    pub fn body_from_sensor(&self) -> Quat {
        let rows = [self.up.vector(), self.right.vector(), self.forward.vector()];
        let matrix = nalgebra::Matrix3::from_rows(&rows.map(|row| row.transpose()));
        Quat::from_rotation_matrix(&Rotation3::from_matrix_unchecked(matrix))
    }
}

impl fmt::Display for Axes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "up={},right={},forward={}", self.up, self.right, self.forward)
    }
}

impl FromStr for Axes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let spelling = "write all three, such as up=+x,right=+y,forward=+z";
        let mut found: [Option<SignedAxis>; 3] = [None; 3];
        for part in text.split(',') {
            let (name, axis) =
                part.split_once('=').ok_or_else(|| format!("{part:?} is not a direction and an axis; {spelling}"))?;
            let place = ["up", "right", "forward"]
                .iter()
                .position(|known| *known == name.trim())
                .ok_or_else(|| format!("{name:?} is not up, right or forward; {spelling}"))?;
            let axis = axis
                .trim()
                .parse()
                .map_err(|()| format!("{axis:?} is not an axis; the sensor's axes are +x, -x, +y, -y, +z, -z"))?;
            if found[place].replace(axis).is_some() {
                return Err(format!("{name:?} is given twice; {spelling}"));
            }
        }
        let [Some(up), Some(right), Some(forward)] = found else {
            return Err(format!("{text:?} leaves a direction out; {spelling}"));
        };
        let should_be = up.vector().cross(&right.vector());
        if should_be.norm() < 0.5 {
            return Err(format!("up={up} and right={right} lie on the same sensor axis; they must be at right angles"));
        }
        let axes = Self { up, right, forward: SignedAxis::along(&should_be) };
        if should_be != forward.vector() {
            return Err(format!(
                "up={up},right={right},forward={forward} is not right-handed (up x right must be forward); \
                 with this up and right, write {axes}"
            ));
        }
        Ok(axes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// domain.md §3: the test vectors of the field, acceleration in g at rest.
    #[test]
    fn tilt_and_side_bend_have_the_signs_of_the_field() {
        let near = |angle: Angle, degrees: f64| assert!((angle.degrees() - degrees).abs() < 0.01, "{angle:?}");
        near(forward_tilt(&Vec3::new(0.8660, 0.0, -0.5000)), 30.0);
        near(forward_tilt(&Vec3::new(0.0, 0.0, 1.0)), -90.0);
        near(side_bend(&Vec3::new(0.9397, -0.3420, 0.0)), 20.0);
        near(inclination(&Vec3::new(0.9397, -0.3420, 0.0)), 20.0);
    }

    #[test]
    fn the_arctangent_is_that_of_the_standard_library_in_every_direction() {
        for i in 0..7200 {
            let (sin, cos) = (f64::from(i) * 0.05).to_radians().sin_cos();
            for size in [1e-9, 1.0, 30.0] {
                let off = arctangent(size * sin, size * cos) - (size * sin).atan2(size * cos);
                assert!(off.abs() < 1e-11, "{i}: {off}");
            }
        }
        assert_eq!((arctangent(0.0, 0.0), arctangent(0.0, -1.0)), (0.0, std::f64::consts::PI));
        assert!(arctangent(f64::NAN, 1.0).is_nan() && arctangent(1.0, f64::NAN).is_nan());
    }

    #[test]
    fn the_side_bend_is_the_arctangent_of_its_definition() {
        for i in -900..=900 {
            let (sin, cos) = (f64::from(i) * 0.1).to_radians().sin_cos();
            let bent = side_bend(&Vec3::new(0.6 * cos, -sin, 0.8 * cos)).radians();
            assert!((bent - sin.atan2(cos)).abs() < 1e-11, "{i}: {bent}");
        }
    }

    #[test]
    fn typed_axes_turn_the_sensor_into_the_body() {
        let axes: Axes = "up=-y,right=+x,forward=+z".parse().unwrap();
        let body_from_sensor = axes.body_from_sensor();
        assert!((body_from_sensor * -Vec3::y() - Vec3::x()).norm() < 1e-12);
        assert!((body_from_sensor * Vec3::z() - Vec3::z()).norm() < 1e-12);
        assert_eq!(axes.to_string().parse(), Ok(axes));
    }

    #[test]
    fn a_mirrored_or_repeated_axis_is_refused_with_the_right_spelling() {
        let refusal = |text: &str| text.parse::<Axes>().unwrap_err();
        assert!(refusal("up=+x,right=+y,forward=-z").contains("write up=+x,right=+y,forward=+z"));
        assert!(refusal("up=+x,right=-x,forward=+z").contains("same sensor axis"));
        assert!(refusal("up=+x,right=+y").contains("leaves a direction out"));
        assert!(refusal("up=+w,right=+y,forward=+z").contains("not an axis"));
        assert!(refusal("up=+x,up=+x,right=+y,forward=+z").contains("given twice"));
    }
}
