//! Walking at the lower back: the accelerations and turns of the pelvis that each stride brings.
//!
//! In:  the moments of the steps. Out: acceleration (up, right, forward) and small rotations.
//! Source: the first six harmonics of the stride in the recordings `gait_l5` (8 people, 46 walks of
//! 2 x 10 m, sensor at L5, Voisard et al. 2023): median amplitude over the walks, phase of the mean
//! vector, time zero at the right heel strike, 107 steps a minute. Step times there vary by 6 % with
//! the turn-round left out. Rotation rates were turned into angles at that cadence.
//! Differs from it: accelerations grow with the square of the cadence, angles stay; the part of gravity
//! that a rocking pelvis brings into the forward channel (under 0.02 g) is counted twice.

use super::random::Random;
use super::track::Jet;
use super::wave;
use std::f64::consts::{PI, TAU};
use std::sync::LazyLock;

/// Cadence of the recordings the tables come from, steps a minute.
const TABLE_CADENCE_SPM: f64 = 107.0;

/// (amplitude, phase) of harmonics 1 to 6 of the stride: amplitude * cos(h * stride phase + phase).
type Harmonics = [(f64, f64); 6];

/// Acceleration up, in g.
const UP: Harmonics =
    [(0.0116, -0.08), (0.2126, -0.69), (0.0239, -0.80), (0.0432, 0.58), (0.0185, -0.53), (0.0906, 0.0)];
/// Acceleration to the right, in g.
const RIGHT: Harmonics =
    [(0.0383, 1.94), (0.0124, -1.89), (0.0470, -2.20), (0.0107, 0.31), (0.0633, 2.33), (0.0193, 1.06)];
/// Acceleration forward, in g.
const FORWARD: Harmonics =
    [(0.0150, 1.43), (0.1541, 1.32), (0.0108, -1.93), (0.0892, 1.03), (0.0113, -0.56), (0.0786, 0.37)];
/// Rate about the up axis, °/s (first three harmonics carry what is left after division by frequency).
const YAW: [(f64, f64); 3] = [(19.5, 1.04), (3.04, -3.08), (8.56, -2.80)];
/// Rate about the right axis, °/s.
const PITCH: [(f64, f64); 3] = [(4.14, 2.78), (11.40, -0.33), (2.86, -1.44)];
/// Rate about the forward axis, °/s.
const LEAN: [(f64, f64); 3] = [(14.71, 2.65), (3.00, -0.79), (21.55, 1.65)];

/// What walking adds to the body at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gait {
    /// How strongly the wearer walks, 0 (not at all) to about 1.
    pub(super) strength: f64,
    /// Acceleration up, right and forward, in g.
    pub(super) accel_g: [f64; 3],
    /// Turn about up, right and forward, in rad and rad/s.
    pub(super) turn: [Jet; 3],
}

/// How someone walks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Steps a minute.
    pub(super) cadence_spm: f64,
    /// Spread of step times as a share of their mean; 0.06 in `gait_l5`.
    pub(super) step_spread: f64,
    /// Strength of all accelerations beside the table at this cadence.
    pub(super) vigour: f64,
}

/// One walk: the moments of its steps.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// Heel strikes, right foot first, with one step time before and after them.
    moments: Vec<f64>,
    /// Strength at each of `moments`; 0 at both ends.
    strength: Vec<f64>,
    /// Accelerations beside the table.
    scale: f64,
}

impl Walk {
    /// A walk of `steps` heel strikes that begins (first movement) at `start`. The mean step time is
    /// exactly that of the cadence.
    pub(super) fn new(start: f64, steps: u32, style: Style, random: &mut Random) -> Self {
        let mean = 60.0 / style.cadence_spm;
        let intervals = steps as usize + 1;
        let mut times: Vec<f64> = (0..intervals).map(|_| 1.0 + style.step_spread * random.bell()).collect();
        let total: f64 = times.iter().sum();
        times.iter_mut().for_each(|time| *time *= mean * intervals as f64 / total);
        let mut moments = vec![start];
        let mut now = start;
        for time in times {
            now += time;
            moments.push(now);
        }
        let mut strength: Vec<f64> = moments.iter().map(|_| 1.0 + 0.08 * random.bell()).collect();
        // The first and the last step are weaker: the body gets going, and comes to rest.
        let last = strength.len() - 1;
        strength[0] = 0.0;
        strength[1] *= 0.7;
        strength[last - 1] *= 0.7;
        strength[last] = 0.0;
        let ratio = style.cadence_spm / TABLE_CADENCE_SPM;
        Self { moments, strength, scale: style.vigour * ratio * ratio }
    }

    /// When the first movement begins.
    pub(super) fn start(&self) -> f64 {
        self.moments[0]
    }

    /// When the last movement is over.
    pub(super) fn end(&self) -> f64 {
        self.moments[self.moments.len() - 1]
    }

    /// The heel strikes.
    pub(super) fn heel_strikes(&self) -> &[f64] {
        &self.moments[1..self.moments.len() - 1]
    }

    /// What the walk adds at `t`; nothing outside of it.
    #[inline]
    pub(super) fn at(&self, t: f64, cursor: &mut usize) -> Gait {
        if t < self.start() || t >= self.end() {
            return Gait::default();
        }
        while self.moments[*cursor + 1] <= t {
            *cursor += 1;
        }
        let i = *cursor;
        let time = self.moments[i + 1] - self.moments[i];
        let share = (t - self.moments[i]) / time;
        // Moment 1 is the first (right) heel strike: stride phase 0.
        let phase = PI * (i as f64 - 1.0 + share);
        let phase_rate = PI / time;
        let strength = self.strength[i] + share * (self.strength[i + 1] - self.strength[i]);
        let strength_rate = (self.strength[i + 1] - self.strength[i]) / time;

        let waves = multiples(phase);
        let coefficients = &*COEFFICIENTS;
        let accel_g = coefficients.accel.each_ref().map(|wave| wave.value(&waves) * strength * self.scale);
        let turn = coefficients.turn.each_ref().map(|wave| {
            let angle = wave.value(&waves);
            let rate = strength * wave.slope(&waves) * phase_rate + strength_rate * angle;
            Jet { value: strength * angle, rate, accel: 0.0 }
        });
        Gait { strength, accel_g, turn }
    }
}

/// (sin, cos) of the first six multiples of an angle, by one call and products.
fn multiples(phase: f64) -> [(f64, f64); 6] {
    let (s, c) = wave::radians(phase);
    let mut waves = [(s, c); 6];
    for h in 1..6 {
        let (sin, cos) = waves[h - 1];
        waves[h] = (sin * c + cos * s, cos * c - sin * s);
    }
    waves
}

/// The tables made ready: factors of sine and cosine.
struct Coefficients {
    accel: [Wave<6>; 3],
    turn: [Wave<3>; 3],
}

/// A sum of harmonics: factors of (sin, cos) of the first `N` multiples of the phase.
struct Wave<const N: usize>([(f64, f64); N]);

impl<const N: usize> Wave<N> {
    fn value(&self, waves: &[(f64, f64); 6]) -> f64 {
        self.0.iter().zip(waves).map(|((a, b), (sin, cos))| a * sin + b * cos).sum()
    }
    /// Change of the value for a radian of phase.
    fn slope(&self, waves: &[(f64, f64); 6]) -> f64 {
        let terms = self.0.iter().zip(waves).zip([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        terms.map(|(((a, b), (sin, cos)), h)| h * (a * cos - b * sin)).sum()
    }
}

static COEFFICIENTS: LazyLock<Coefficients> = LazyLock::new(|| {
    // A cos(x + p) = −A sin p · sin x + A cos p · cos x.
    let accel = [&UP, &RIGHT, &FORWARD]
        .map(|table| Wave(table.map(|(a, p)| (-a * wave::radians(p).0, a * wave::radians(p).1))));
    let stride_rate = TAU * TABLE_CADENCE_SPM / 120.0;
    let turn = [&YAW, &PITCH, &LEAN].map(|table| {
        let mut factors = [(0.0, 0.0); 3];
        for (h, &(rate_dps, p)) in table.iter().enumerate() {
            // The rate A cos(hωt + p) belongs to the angle A / (hω) · sin(hωt + p).
            let a = rate_dps.to_radians() / ((h + 1) as f64 * stride_rate);
            let (sin, cos) = wave::radians(p);
            factors[h] = (a * cos, a * sin);
        }
        Wave(factors)
    });
    Coefficients { accel, turn }
});

#[cfg(test)]
mod tests {
    use super::super::random::Purpose;
    use super::*;

    fn walk(steps: u32) -> Walk {
        let style = Style { cadence_spm: 120.0, step_spread: 0.05, vigour: 1.0 };
        Walk::new(10.0, steps, style, &mut Random::new(1, Purpose::Script))
    }

    #[test]
    fn a_walk_has_the_steps_and_the_cadence_asked_for() {
        let walk = walk(100);
        assert_eq!(walk.heel_strikes().len(), 100);
        assert!((walk.end() - walk.start() - 101.0 * 0.5).abs() < 1e-9);
    }

    #[test]
    fn turning_rates_are_the_slopes_of_the_angles() {
        let walk = walk(20);
        for i in 0..500 {
            let (t, h) = (10.5 + f64::from(i) * 0.017, 1e-6);
            for axis in 0..3 {
                let at = |t: f64| walk.at(t, &mut 0).turn[axis];
                let slope = (at(t + h).value - at(t - h).value) / (2.0 * h);
                // At a heel strike the step time changes, and with it the slope.
                let strike = walk.moments.iter().any(|m| (m - t).abs() < 2.0 * h);
                assert!(strike || (slope - at(t).rate).abs() < 1e-4, "{axis} at {t}");
            }
        }
    }

    #[test]
    fn nothing_moves_before_and_after_a_walk() {
        let walk = walk(5);
        for t in [0.0, 9.99, walk.end(), walk.end() + 1.0] {
            assert_eq!(walk.at(t, &mut 0).accel_g, [0.0; 3]);
        }
    }
}
