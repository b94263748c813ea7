//! Turns and sums samples over short blocks: where the sensor turned to, and the force it felt meanwhile.
//!
//! In:  specific force (g) and rotation rate (rad/s) in sensor axes, sample by sample.
//! Out: for each block the rotation since its start, and specific force in the axes of its start.
//! Source: strapdown integration in two paces, as usual in inertial navigation (recalled: Savage 1998): sums of turns
//! and of force with their coning and first-order terms at every sample, a quaternion at the end of each part.

use crate::frames::Vec3;
use nalgebra::Quaternion;

/// An interval this much longer than those before it holds lost samples; the rate within it is then
/// taken as the mean of the rates at its ends.
const LOST: f64 = 1.6;
/// Share by which the usual interval follows each new one.
const USUAL_SHARE: f64 = 0.1;
/// A part of a block ends once the sensor has turned by this since its start, rad. Chosen by us: what is left out
/// within a part is of third order, 1e-4 of the force; 0.05 to 0.15 differ by 0.001° on `broad`.
const PART: f64 = 0.1;

/// One sample, and the squared lengths of its values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Felt {
    /// Seconds since the last.
    pub(crate) dt: f64,
    /// Specific force, g, and rotation rate, rad/s, in sensor axes.
    pub(crate) acc: Vec3,
    pub(crate) gyr: Vec3,
    pub(crate) acc2: f64,
    pub(crate) gyr2: f64,
}

impl Felt {
    /// A sample whose lengths are not known yet.
    #[inline]
    pub(crate) fn new(dt: f64, acc: Vec3, gyr: Vec3) -> Self {
        Self { dt, acc, gyr, acc2: acc.norm_squared(), gyr2: gyr.norm_squared() }
    }
}

/// What one sample leaves for the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Strapdown {
    /// The longest interval that holds no lost samples: [`LOST`] times the usual one; 0 before the first.
    longest_s: f64,
    /// Rotation rate without bias, rad/s.
    pub(super) rate: Vec3,
    turned: Vec3,
}

/// Sums over the samples of one block.
///
/// Within a part of it, in which the sensor turns by little, turns add up as vectors (with the coning of each against
/// those before), and the force is turned to first order. So most samples cost two cross products; quaternions are
/// for the ends of parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Block {
    /// Its time in seconds, and how many samples it holds.
    pub(crate) lasted_s: f64,
    pub(crate) samples: f64,
    /// From sensor axes at the start of the open part to sensor axes at the block's start; `None` within the first part,
    /// which in calm times is the only one.
    turn: Option<Quaternion<f64>>,
    /// Specific force times time before the open part, in sensor axes at the block's start.
    force: Vec3,
    /// The turn since the start of the open part, rad, and specific force times time in the axes of that start.
    swept: Vec3,
    pulled: Vec3,
    /// Sums of squared lengths over the samples, of specific force and of the rate with its bias.
    acc2: f64,
    gyr2: f64,
}

impl Default for Block {
    fn default() -> Self {
        let zero = Vec3::zeros();
        Self { lasted_s: 0.0, samples: 0.0, turn: None, force: zero, swept: zero, pulled: zero, acc2: 0.0, gyr2: 0.0 }
    }
}

impl Block {
    /// From sensor axes now to sensor axes at its start.
    pub(crate) fn turn(&self) -> Quaternion<f64> {
        let part = small_rotation(&self.swept);
        self.turn.map_or(part, |turn| turn * part)
    }

    /// What stands still and was `at_start` in sensor axes at its start, in sensor axes as they are once the sensor has
    /// turned on by `further` (rad).
    #[inline]
    pub(crate) fn brought(&self, at_start: &Vec3, further: &Vec3) -> Vec3 {
        let at_part = self.turn.map_or(*at_start, |turn| rotate(&turn.conjugate(), at_start));
        let turned = self.swept + further;
        let aside = turned.cross(&at_part);
        // To second order; the third is 0.01° at the end of a part.
        at_part - aside + turned.cross(&aside) * 0.5
    }

    /// The turn since its start as a vector, rad; within 1 % up to half a radian.
    pub(crate) fn turned(&self) -> Vec3 {
        self.turn().imag() * 2.0
    }

    /// Ends it and begins the next; `bias` was taken off its rates. It must hold a sample.
    pub(crate) fn end(&mut self, bias: &Vec3) -> Ended {
        let turn = self.end_part();
        let Self { lasted_s, samples, force, acc2, gyr2, .. } = *self;
        (self.lasted_s, self.samples, self.acc2, self.gyr2) = (0.0, 0.0, 0.0, 0.0);
        (self.turn, self.force) = (None, Vec3::zeros());
        let (each_s, each) = (1.0 / lasted_s, 1.0 / samples);
        let turned = turn.imag() * 2.0;
        let (mean_force, mean_gyr) = (force * each_s, turned * each_s + bias);
        Ended {
            lasted_s,
            turn,
            turned,
            mean_force,
            force_variance: acc2 * each - mean_force.norm_squared(),
            mean_gyr,
            rate_variance: gyr2 * each - mean_gyr.norm_squared(),
        }
    }

    /// Takes a sample during which the sensor turned by `turned`, and by `before` during the one before it.
    #[inline(always)]
    fn add(&mut self, felt: &Felt, turned: &Vec3, before: &Vec3) {
        // Both sensors give means over the interval, so the force is turned by the attitude at its middle.
        let half = turned * 0.5;
        let middle = self.swept + half;
        let coning = (self.swept + before * (1.0 / 6.0)).cross(&half);
        self.pulled += (felt.acc + middle.cross(&felt.acc)) * felt.dt;
        self.swept += turned + coning;
        self.lasted_s += felt.dt;
        self.samples += 1.0;
        self.acc2 += felt.acc2;
        self.gyr2 += felt.gyr2;
        if self.swept.norm_squared() > PART * PART {
            self.end_part();
        }
    }

    /// Adds the open part to the rest; answers the turn since the block's start.
    #[inline(never)]
    fn end_part(&mut self) -> Quaternion<f64> {
        let (swept, pulled) = (std::mem::take(&mut self.swept), std::mem::take(&mut self.pulled));
        // The second order, of a turn that went on evenly.
        let pulled = pulled + swept.cross(&swept.cross(&pulled)) * (1.0 / 6.0);
        let part = small_rotation(&swept);
        let (force, turn) = self.turn.map_or((pulled, part), |turn| (rotate(&turn, &pulled), turn * part));
        self.force += force;
        self.turn = Some(turn);
        turn
    }
}

/// What a block that is over has shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ended {
    pub(crate) lasted_s: f64,
    /// From sensor axes at its end to sensor axes at its start, and the same as a vector, as [`Block::turned`].
    pub(crate) turn: Quaternion<f64>,
    pub(crate) turned: Vec3,
    /// Mean specific force in sensor axes at its start, and its variance, summed over the axes.
    pub(crate) mean_force: Vec3,
    pub(crate) force_variance: f64,
    /// Mean rate with its bias, and its variance, summed over the axes. The mean is that of the whole turn, which is
    /// right for the small turns by which rest is told and the bias learned.
    pub(crate) mean_gyr: Vec3,
    pub(crate) rate_variance: f64,
}

impl Strapdown {
    /// Begins with a first sample, which only tells the rate.
    pub(crate) fn new(rate: &Vec3) -> Self {
        Self { longest_s: 0.0, rate: *rate, turned: Vec3::zeros() }
    }

    /// Takes a sample; answers `false`, and takes nothing but the rate, where the hole before it is longer than
    /// `longest_bridged_s`.
    #[inline(always)]
    pub(crate) fn step(&mut self, block: &mut Block, longest_bridged_s: f64, bias: &Vec3, felt: &Felt) -> bool {
        let dt = felt.dt;
        let newest = felt.gyr - bias;
        let mut rate = newest;
        if dt > self.longest_s {
            if dt > longest_bridged_s {
                self.rate = newest;
                return false;
            }
            if self.longest_s == 0.0 {
                self.longest_s = LOST * dt;
            } else {
                rate = (rate + self.rate) * 0.5;
            }
        }
        self.longest_s += USUAL_SHARE * (LOST * dt - self.longest_s);
        self.rate = newest;
        let turned = rate * dt;
        block.add(felt, &turned, &self.turned);
        self.turned = turned;
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

/// A vector turned by a quaternion of unit length.
#[inline]
pub(crate) fn rotate(q: &Quaternion<f64>, v: &Vec3) -> Vec3 {
    let axis = Vec3::new(q.i, q.j, q.k);
    let t = axis.cross(v) * 2.0;
    v + t * q.w + axis.cross(&t)
}
