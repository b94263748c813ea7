//! Turns and sums samples over short blocks: where the sensor turned to, and the force it felt meanwhile.
//!
//! In:  specific force (g) and rotation rate (rad/s) in sensor axes, sample by sample.
//! Out: for each block the rotation since its start, and specific force in the axes of its start.
//! Source: strapdown integration with a coning term from one interval back, as usual in inertial
//! navigation (recalled: Savage 1998).

use crate::frames::Vec3;
use nalgebra::Quaternion;

/// An interval this much longer than those before it holds lost samples; the rate within it is then
/// taken as the mean of the rates at its ends.
const LOST: f64 = 1.6;
/// Share by which the usual interval follows each new one.
const USUAL_SHARE: f64 = 0.1;

/// What one sample leaves for the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Strapdown {
    usual_dt_s: f64,
    /// Rotation rate without bias, rad/s.
    pub(super) rate: Vec3,
    turned: Vec3,
}

/// Sums over the samples of one block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Block {
    /// Its time in seconds, and how many samples it holds.
    pub(crate) lasted_s: f64,
    pub(crate) samples: f64,
    /// From sensor axes now to sensor axes at its start.
    pub(crate) turn: Quaternion<f64>,
    /// Specific force times time, in sensor axes at its start.
    pub(crate) force: Vec3,
    /// Sums of squared lengths over the samples, of specific force and of the rate without bias.
    acc2: f64,
    rate2: f64,
}

impl Default for Block {
    fn default() -> Self {
        Self { lasted_s: 0.0, samples: 0.0, turn: Quaternion::identity(), force: Vec3::zeros(), acc2: 0.0, rate2: 0.0 }
    }
}

impl Block {
    /// Mean specific force in sensor axes at its start, and its variance, summed over the axes.
    pub(crate) fn mean_force(&self) -> (Vec3, f64) {
        let mean = self.force / self.lasted_s;
        (mean, self.acc2 / self.samples - mean.norm_squared())
    }

    /// The turn since its start as a vector, rad; within 1 % up to half a radian.
    pub(crate) fn turned(&self) -> Vec3 {
        Vec3::new(self.turn.i, self.turn.j, self.turn.k) * 2.0
    }

    /// Mean rate without bias, and its variance, summed over the axes. The mean is that of the whole turn,
    /// which is right for the small turns by which rest is told and the bias learned.
    pub(crate) fn mean_rate(&self) -> (Vec3, f64) {
        let mean = self.turned() / self.lasted_s;
        (mean, self.rate2 / self.samples - mean.norm_squared())
    }
}

impl Strapdown {
    /// Begins with a first sample, which only tells the rate.
    pub(crate) fn new(rate: &Vec3) -> Self {
        Self { usual_dt_s: 0.0, rate: *rate, turned: Vec3::zeros() }
    }

    /// Takes a sample that came `dt` after the last; answers `false`, and takes nothing but the rate,
    /// where the hole before it is longer than `longest_bridged_s`.
    #[inline]
    pub(crate) fn step(
        &mut self,
        block: &mut Block,
        longest_bridged_s: f64,
        dt: f64,
        acc: &Vec3,
        gyr: &Vec3,
        bias: &Vec3,
    ) -> bool {
        let newest = gyr - bias;
        let mut rate = newest;
        if dt > LOST * self.usual_dt_s {
            if dt > longest_bridged_s {
                self.rate = newest;
                return false;
            }
            if self.usual_dt_s == 0.0 {
                self.usual_dt_s = dt;
            } else {
                rate = (rate + self.rate) * 0.5;
            }
        }
        self.usual_dt_s += USUAL_SHARE * (dt - self.usual_dt_s);
        self.rate = newest;

        let turned = rate * dt;
        let coning = self.turned.cross(&turned) * (1.0 / 12.0);
        self.turned = turned;
        // Both sensors give means over the interval, so the force is turned by the attitude at its middle.
        let (before, turn) = (block.turn, small_rotation(&(turned + coning)));
        block.turn *= turn;
        block.force += rotate(&halfway(&before, &block.turn, turn.w), acc) * dt;
        block.lasted_s += dt;
        block.samples += 1.0;
        block.acc2 += acc.norm_squared();
        block.rate2 += newest.norm_squared();
        true
    }
}

/// The rotation by a short vector (rad): the series of sine and cosine, good to 1e-9 below 0.2 rad and
/// to 2e-3 at 2 rad.
#[inline]
pub(crate) fn small_rotation(turned: &Vec3) -> Quaternion<f64> {
    let half = turned * 0.5;
    let x = half.norm_squared();
    let cos = 1.0 - x * (1.0 / 2.0 - x * (1.0 / 24.0 - x * (1.0 / 720.0)));
    let sinc = 1.0 - x * (1.0 / 6.0 - x * (1.0 / 120.0));
    Quaternion::new(cos, half.x * sinc, half.y * sinc, half.z * sinc)
}

/// The rotation halfway between two, of which the second is the first turned by some angle, and `cos` the
/// cosine of half that angle.
#[inline]
fn halfway(before: &Quaternion<f64>, after: &Quaternion<f64>, cos: f64) -> Quaternion<f64> {
    // The sum has the length √(2 + 2 cos); its inverse, to second order in 1 − cos.
    let off = 1.0 - cos;
    let scale = 0.5 + off * (0.125 + off * (3.0 / 64.0));
    Quaternion::from((before.coords + after.coords) * scale)
}

/// A vector turned by a quaternion of unit length.
#[inline]
pub(crate) fn rotate(q: &Quaternion<f64>, v: &Vec3) -> Vec3 {
    let axis = Vec3::new(q.i, q.j, q.k);
    let t = axis.cross(v) * 2.0;
    v + t * q.w + axis.cross(&t)
}
