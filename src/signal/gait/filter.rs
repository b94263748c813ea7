//! Band filter for steps: a symmetric kernel on the fixed grid, so that every frequency is late by the
//! same known time.
//!
//! In:  one value per grid step. Out: the filtered value of [`Hat::LAG`] steps ago.

/// Half length of the kernel in grid steps: 0.56 s.
const HALF: usize = 14;
/// Taps of the kernel.
const TAPS: usize = 2 * HALF + 1;

/// A Mexican-hat kernel: the second derivative of a bell curve, with unit gain at its centre.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hat {
    taps: [f64; TAPS],
}

impl Hat {
    /// Grid steps by which the filtered value is late.
    pub(super) const LAG: usize = HALF;

    /// A kernel that passes best at `centre_hz`, for grid steps of `interval_s`.
    pub(super) fn new(centre_hz: f64, interval_s: f64) -> Self {
        // The gain of the hat is f² exp(−(2πσf)²/2), largest at f = √2 / (2πσ).
        let sigma = std::f64::consts::SQRT_2 / (std::f64::consts::TAU * centre_hz);
        let mut taps = [0.0; TAPS];
        for (i, tap) in taps.iter_mut().enumerate() {
            let x = (i as f64 - HALF as f64) * interval_s / sigma;
            *tap = (1.0 - x * x) * (-0.5 * x * x).exp();
        }
        let mean = taps.iter().sum::<f64>() / TAPS as f64;
        taps.iter_mut().for_each(|tap| *tap -= mean);
        let omega = std::f64::consts::TAU * centre_hz * interval_s;
        let gain: f64 = taps.iter().enumerate().map(|(i, tap)| tap * (omega * (i as f64 - HALF as f64)).cos()).sum();
        taps.iter_mut().for_each(|tap| *tap /= gain);
        Self { taps }
    }
}

/// The newest values, kept twice in a row so that they always lie side by side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    values: [f64; 2 * TAPS],
    at: usize,
    filled: bool,
}

impl Default for Window {
    fn default() -> Self {
        Self { values: [0.0; 2 * TAPS], at: 0, filled: false }
    }
}

impl Window {
    /// Takes a value; the first one after a restart stands for all before it.
    #[inline]
    pub(super) fn push(&mut self, value: f64) {
        if !self.filled {
            self.values = [value; 2 * TAPS];
            self.filled = true;
        }
        self.values[self.at] = value;
        self.values[self.at + TAPS] = value;
        self.at = if self.at + 1 == TAPS { 0 } else { self.at + 1 };
    }

    /// The filtered value of [`Hat::LAG`] steps ago.
    #[inline]
    pub(super) fn filtered(&self, hat: &Hat) -> f64 {
        let values = &self.values[self.at..self.at + TAPS];
        // The kernel is the same on both sides.
        let (before, after) = (&values[..HALF], &values[HALF + 1..]);
        let mut sums = [values[HALF] * hat.taps[HALF], 0.0];
        for i in 0..HALF {
            sums[i % 2] += (before[i] + after[HALF - 1 - i]) * hat.taps[i];
        }
        sums[0] + sums[1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hat_passes_its_centre_and_stops_steady_values() {
        let hat = Hat::new(1.6, 0.04);
        let gain = |hz: f64| {
            let mut window = Window::default();
            let mut largest: f64 = 0.0;
            for i in 0..600 {
                window.push(1.0 + (std::f64::consts::TAU * hz * f64::from(i) * 0.04).sin());
                if i > 100 {
                    largest = largest.max(window.filtered(&hat).abs());
                }
            }
            largest
        };
        assert!((gain(1.6) - 1.0).abs() < 0.02, "{}", gain(1.6));
        assert!(gain(0.2) < 0.1 && gain(5.0) < 0.05, "{} {}", gain(0.2), gain(5.0));
    }
}
