//! Finds windows of walking, and in them how the level acceleration goes with the vertical one.
//!
//! In:  the even grid of specific force. Out: for each window that looks like walking, the mean specific
//! force, and what swings at step frequency as far ahead of the vertical as forward acceleration does.
//!
//! At the lower back, vertical and forward acceleration swing once a step, sideways acceleration once a
//! stride (two steps), so what swings at step frequency lies in the plane of up and forward. In walking,
//! forward speed is largest while both feet are down, when the vertical acceleration is largest too, and
//! the foot in front then brakes: forward acceleration leads the vertical by a quarter of a step or
//! somewhat more. In running, speed is smallest in the middle of the stance, when the vertical
//! acceleration is largest: the sign is the opposite one. Both are measured in `tests/accuracy`.

use super::grid::CELL_S;
use crate::frames::Vec3;
use std::f64::consts::TAU;

/// 3.2 s: three steps of the slowest walking.
const WINDOW: usize = 64;
/// Windows overlap by half.
const HOP: usize = WINDOW / 2;
/// Step frequencies looked at, in Hz: from slow walking to running at 3.1 Hz.
const SLOWEST_HZ: f64 = 1.1;
const STEP_HZ: f64 = 0.1;
const FREQUENCIES: usize = 21;
/// Smallest swing of |a| at step frequency, in g. Slow indoor walking has about 0.08.
const SMALLEST_SWING_G: f64 = 0.03;
/// Share of the variance of |a| that lies at step frequency and its double.
const RHYTHMIC_SHARE: f64 = 0.3;
/// By how much of a period forward acceleration leads the vertical in walking: 110°. Chosen by us: 46 of
/// 46 walks of `gait_l5`, all of `mobgap` and the walks of five people of `sisfall` lie within about 85 to 170°.
const LEAD: f64 = 110.0 * TAU / 360.0;
/// Above this step frequency people run: the walks of these sets reach 2.3 Hz, their runs begin at 2.5 Hz.
const RUNNING_HZ: f64 = 2.4;
/// Below this |a| in g both feet are off the ground. At less than [`RUNNING_HZ`] that is jumping, which
/// says nothing of forward.
const FLYING_G: f64 = 0.3;

/// One window of walking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stride {
    /// Mean specific force in g.
    pub(super) mean: Vec3,
    /// Swing at step frequency, g: the part that goes as forward acceleration should.
    pub(super) forward: Vec3,
    /// The part a quarter of a period apart from that, g.
    pub(super) other: Vec3,
}

/// The time that a window stands for, in seconds.
pub(super) const WINDOW_STANDS_FOR_S: f64 = HOP as f64 * CELL_S;

/// The newest cells.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Walking {
    cells: Vec<Vec3>,
    /// Hann window; sums to one half of its length.
    taper: Vec<f64>,
}

impl Walking {
    pub(super) fn new() -> Self {
        let taper = (0..WINDOW).map(|i| 0.5 - 0.5 * (TAU * (i as f64 + 0.5) / WINDOW as f64).cos()).collect();
        Self { cells: Vec::with_capacity(WINDOW), taper }
    }

    /// Forgets what came before a hole.
    pub(super) fn break_off(&mut self) {
        self.cells.clear();
    }

    /// Takes the next cell; answers when a window is full and looks like walking.
    pub(super) fn push(&mut self, acc: &Vec3) -> Option<Stride> {
        self.cells.push(*acc);
        if self.cells.len() < WINDOW {
            return None;
        }
        let stride = self.judge();
        self.cells.drain(..HOP);
        stride
    }

    fn judge(&self) -> Option<Stride> {
        let n = WINDOW as f64;
        let mean = self.cells.iter().sum::<Vec3>() / n;
        let norms: Vec<f64> = self.cells.iter().map(Vec3::norm).collect();
        let mean_norm = norms.iter().sum::<f64>() / n;
        let swings: Vec<f64> = norms.iter().map(|norm| norm - mean_norm).collect();
        let tapering: Vec<f64> = swings.iter().zip(&self.taper).map(|(swing, taper)| swing * taper).collect();
        let (step_hz, at_step) = self.strongest(&tapering);
        let tapered: f64 = swings.iter().zip(&self.taper).map(|(s, w)| s * s * w).sum();
        let variance = tapered / (n / 2.0);
        let (re, im) = self.swing(2.0 * step_hz, |i| swings[i]);
        let rhythmic = (at_step + (re * re + im * im) / 2.0) / variance.max(f64::MIN_POSITIVE);
        if at_step < SMALLEST_SWING_G * SMALLEST_SWING_G / 2.0 || rhythmic < RHYTHMIC_SHARE {
            return None;
        }
        let (re, im) = self.swing(step_hz, |i| swings[i]);
        let length = re.hypot(im);
        let (re, im) = (re / length, im / length);
        // Turned so that forward acceleration is real and positive.
        let turn = if step_hz < RUNNING_HZ { LEAD } else { LEAD + TAU / 2.0 };
        let (sin, cos) = turn.sin_cos();
        let (re, im) = (re * cos - im * sin, re * sin + im * cos);
        let mut stride = Stride { mean, forward: Vec3::zeros(), other: Vec3::zeros() };
        if step_hz < RUNNING_HZ && norms.iter().any(|&norm| norm < FLYING_G) {
            return Some(stride);
        }
        for axis in 0..3 {
            let (x, y) = self.swing(step_hz, |i| self.cells[i][axis] - mean[axis]);
            stride.forward[axis] = x * re + y * im;
            stride.other[axis] = y * re - x * im;
        }
        Some(stride)
    }

    /// The step frequency at which most of the power lies, in Hz, and that power.
    fn strongest(&self, tapering: &[f64]) -> (f64, f64) {
        // All frequencies side by side, each turned on from cell to cell.
        let hz: [f64; FREQUENCIES] = std::array::from_fn(|k| SLOWEST_HZ + STEP_HZ * k as f64);
        let turn = hz.map(|hz| (TAU * hz * CELL_S).sin_cos());
        let (mut sin, mut cos) = ([0.0; FREQUENCIES], [1.0; FREQUENCIES]);
        let (mut re, mut im) = ([0.0; FREQUENCIES], [0.0; FREQUENCIES]);
        for value in tapering {
            for k in 0..FREQUENCIES {
                re[k] += value * cos[k];
                im[k] += value * sin[k];
                let (s, c) = turn[k];
                (sin[k], cos[k]) = (sin[k] * c + cos[k] * s, cos[k] * c - sin[k] * s);
            }
        }
        let powers = (0..FREQUENCIES).map(|k| (hz[k], AMPLITUDE * AMPLITUDE * (re[k] * re[k] + im[k] * im[k]) / 2.0));
        powers.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
    }

    /// Amplitude at a frequency, as real and imaginary part.
    fn swing(&self, hz: f64, value: impl Fn(usize) -> f64) -> (f64, f64) {
        let (s, c) = (TAU * hz * CELL_S).sin_cos();
        let (mut sin, mut cos, mut re, mut im) = (0.0, 1.0, 0.0, 0.0);
        for (i, taper) in self.taper.iter().enumerate() {
            let weighed = taper * value(i);
            re += weighed * cos;
            im -= weighed * sin;
            (sin, cos) = (sin * c + cos * s, cos * c - sin * s);
        }
        (re * AMPLITUDE, im * AMPLITUDE)
    }
}

/// From a sum over the window to an amplitude: the taper sums to one half of its length.
const AMPLITUDE: f64 = 2.0 / (WINDOW as f64 / 2.0);

#[cfg(test)]
mod tests {
    use super::*;

    fn window(sample: impl Fn(f64) -> Vec3) -> Option<Stride> {
        let mut walking = Walking::new();
        (0..WINDOW).filter_map(|i| walking.push(&sample(i as f64 * CELL_S))).last()
    }

    #[test]
    fn braking_after_the_foot_is_down_tells_forward_from_backward() {
        for sign in [1.0, -1.0] {
            let phase = |t: f64| TAU * 1.8 * t;
            let walk = |t: f64| Vec3::new(1.0 + 0.3 * phase(t).cos(), 0.0, -0.15 * sign * phase(t).sin());
            let stride = window(walk).unwrap();
            assert!(sign * stride.forward.z > 0.12, "{stride:?}");
        }
    }

    #[test]
    fn in_running_the_sign_is_the_opposite_one() {
        let phase = |t: f64| TAU * 2.7 * t;
        let stride = window(|t| Vec3::new(1.0 + 0.9 * phase(t).cos(), 0.0, 0.3 * phase(t).sin())).unwrap();
        assert!(stride.forward.z > 0.2, "{stride:?}");
    }

    #[test]
    fn stillness_and_slow_sway_are_no_walking() {
        assert_eq!(window(|_| Vec3::x()), None);
        assert_eq!(window(|t| Vec3::new(1.0 + 0.2 * (TAU * 0.3 * t).sin(), 0.0, 0.0)), None);
    }
}
