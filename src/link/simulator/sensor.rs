//! How the sensor is worn and what it gets wrong: from the body's motion to one reading.
//!
//! In:  specific force and rotation rate in the body frame. Out: the same in sensor axes, with a
//! crooked mounting, a slipping strap, soft tissue, scale, bias, noise, clipping and counts.
//!
//! White noise is given for each sample, whatever the rate: so domain.md §16 words it.

use super::body::Motion;
use super::random::{Purpose, Random};
use super::track::Jet;
use super::wave;
use crate::frames::{Quat, Vec3};
use std::f64::consts::TAU;

/// What is wrong with one worn sensor. All zero is a perfect one.
#[derive(Clone, Debug)]
pub(super) struct Sensor {
    /// How it is strapped on.
    pub(super) sensor_from_body: Quat,
    /// SD of the accelerometer's noise, g.
    pub(super) acc_noise_g: f64,
    /// SD of the gyroscope's noise, rad/s.
    pub(super) gyr_noise: f64,
    /// Reading without rotation, rad/s.
    pub(super) gyr_bias: Vec3,
    /// What 1 g reads as, on each axis.
    pub(super) acc_scale: Vec3,
    /// What 1 rad/s reads as, on each axis.
    pub(super) gyr_scale: Vec3,
    /// Largest wobble of the skin under the sensor while walking, rad.
    pub(super) tissue: f64,
    /// Waves of that wobble: frequency in Hz and phase in turns, two for each axis.
    waves: [[(f64, f64); 2]; 3],
    /// Whether readings are whole counts.
    pub(super) counts: bool,
}

/// Largest reading in g, and the count that means it: the ±16 g, 16 bit setting most sensors ship with.
pub(super) const ACC_FULL_G: f64 = 16.0;
/// Largest reading in °/s, and the count that means it.
pub(super) const GYR_FULL_DPS: f64 = 2000.0;
/// Count of the largest reading.
pub(super) const FULL_COUNT: f64 = 32_768.0;

/// Typical noise of a sample of a worn inertial sensor, between the recordings at rest: differences of neighbouring
/// samples in the stillest twentieth give 1.7 mg and 0.11 °/s in `gait_l5` (Xsens MTw, 100 Hz), 3.2 mg and 0.26 °/s in
/// `hapt` (phone, 50 Hz), 7.4 mg and 0.06 °/s in `sisfall` (self-made, 200 Hz).
pub(super) const USUAL_ACC_NOISE_G: f64 = 0.003;
/// See [`USUAL_ACC_NOISE_G`].
pub(super) const USUAL_GYR_NOISE_DPS: f64 = 0.15;

impl Sensor {
    /// A sensor without any error, mounted exactly on the body's axes.
    pub(super) fn perfect() -> Self {
        Self {
            sensor_from_body: Quat::identity(),
            acc_noise_g: 0.0,
            gyr_noise: 0.0,
            gyr_bias: Vec3::zeros(),
            acc_scale: Vec3::repeat(1.0),
            gyr_scale: Vec3::repeat(1.0),
            tissue: 0.0,
            waves: [[(0.0, 0.0); 2]; 3],
            counts: false,
        }
    }

    /// Mounted exactly on the body's axes, with white noise and nothing else.
    pub(super) fn noisy(acc_noise_g: f64) -> Self {
        Self { acc_noise_g, gyr_noise: USUAL_GYR_NOISE_DPS.to_radians(), counts: true, ..Self::perfect() }
    }

    /// Worn as people wear it: some degrees crooked, with bias, scale error and skin that moves.
    ///
    /// Sizes chosen by us: up to 8° crooked about each axis; bias up to 0.5 °/s (the largest in the
    /// recordings `broad`); scale within 1.5 % (`mobgap` reads 0.981 g at rest); skin wobble up to 1°.
    pub(super) fn worn(seed: u64) -> Self {
        let mut random = Random::new(seed, Purpose::Sensor);
        let mut three = |low: f64, high: f64| {
            Vec3::new(random.between(low, high), random.between(low, high), random.between(low, high))
        };
        let crooked = three(-8.0, 8.0).map(f64::to_radians);
        let gyr_bias = three(-0.5, 0.5).map(f64::to_radians);
        let acc_scale = three(0.985, 1.015);
        let gyr_scale = three(0.99, 1.01);
        // Skin over muscle swings between 2 and 7 Hz.
        let mut wave = || (random.between(2.0, 7.0), random.unit());
        let waves = [[wave(), wave()], [wave(), wave()], [wave(), wave()]];
        Self {
            sensor_from_body: Quat::from_scaled_axis(crooked),
            gyr_bias,
            acc_scale,
            gyr_scale,
            tissue: 1.0_f64.to_radians(),
            waves,
            ..Self::noisy(USUAL_ACC_NOISE_G)
        }
    }

    /// Acceleration (g) and rotation rate (rad/s) in sensor axes.
    #[inline]
    pub(super) fn read(&self, t: f64, motion: &Motion, slips: &[Vec3], noise: &mut Random) -> (Vec3, Vec3) {
        let (mut acc, mut gyr) = (motion.acc, motion.gyr);
        if motion.slip.value > 0.0 || motion.slip.rate > 0.0 {
            (acc, gyr) = slipped(acc, gyr, motion.slip, slips);
        }
        if self.tissue > 0.0 && motion.shaking > 0.0 {
            let [x, y, z] = self.waves.map(|waves| wobble(t, &waves, self.tissue * motion.shaking));
            // A turn this small acts as a cross product; what is left out is below 2e-4.
            acc -= Vec3::new(x.value, y.value, z.value).cross(&acc);
            gyr += Vec3::new(x.rate, y.rate, z.rate);
        }
        let acc = (self.sensor_from_body * acc).component_mul(&self.acc_scale);
        let gyr = (self.sensor_from_body * gyr).component_mul(&self.gyr_scale) + self.gyr_bias;
        let mut white = |size: f64| Vec3::new(noise.bell(), noise.bell(), noise.bell()) * size;
        let (acc, gyr) = (acc + white(self.acc_noise_g), gyr + white(self.gyr_noise));
        if !self.counts {
            return (acc, gyr);
        }
        let full_rate = GYR_FULL_DPS.to_radians();
        (acc.map(|v| counted(v, ACC_FULL_G)), gyr.map(|v| counted(v, full_rate)))
    }
}

/// A value as a whole count of the range reads it.
#[inline]
fn counted(value: f64, full: f64) -> f64 {
    count(value, full) * (full / FULL_COUNT)
}

/// The count a value is read as; clips at the end of the range.
#[inline]
pub(super) fn count(value: f64, full: f64) -> f64 {
    wave::nearest(value * (FULL_COUNT / full)).clamp(-FULL_COUNT, FULL_COUNT - 1.0)
}

/// Turned with the strap: whole slips stay, the one under way turns the sensor against the body.
fn slipped(mut acc: Vec3, mut gyr: Vec3, slip: Jet, slips: &[Vec3]) -> (Vec3, Vec3) {
    let done = slip.value as usize;
    let under_way = slip.value - done as f64;
    for (i, by) in slips.iter().enumerate().take(done + 1) {
        let share = if i < done { 1.0 } else { under_way };
        let turn = Quat::from_scaled_axis(by * -share);
        (acc, gyr) = (turn * acc, turn * gyr);
        if i == done {
            gyr += by * slip.rate;
        }
    }
    (acc, gyr)
}

fn wobble(t: f64, waves: &[(f64, f64); 2], size: f64) -> Jet {
    let mut sum = Jet::default();
    for &(hz, phase) in waves {
        let (sin, cos) = wave::turns(hz * t + phase);
        sum = sum.plus(Jet { value: 0.5 * size * sin, rate: 0.5 * size * TAU * hz * cos, accel: 0.0 });
    }
    sum
}
