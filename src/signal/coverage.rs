//! Tells how much time each sample stands for, so that lost samples show as missing time.
//!
//! In:  the time since the last sample. Out: the part of that time which the sample covers.
//! The sensor's own interval is tracked as the running median of the times between samples, from those
//! already seen: a rate is never taken from the whole recording.

use super::Tick;

/// Change of the tracked interval per sample at the start, as a ratio. Chosen by us: settles within ten
/// samples.
const QUICK: f64 = 0.25;
/// The same once settled. Chosen by us: follows a change of rate within a few seconds, and a third of
/// the samples lost does not move it.
const SLOW: f64 = 0.01;
/// The most that the interval grows and shrinks per sample once settled.
const UP: f64 = 1.0 + SLOW;
const DOWN: f64 = 1.0 / UP;
/// Samples after which the quick change has come down to the slow one.
const SETTLED: u32 = (QUICK / SLOW) as u32;
/// From this many intervals on, one is missing at least one sample. Chosen by us: jitter stays below.
const MISSING: f64 = 1.6;

/// What samples change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct CoverageState {
    /// Tracked interval, s; 0 before the second sample.
    interval: f64,
    samples: u32,
}

impl CoverageState {
    /// The tracked interval between samples, s.
    pub(super) fn interval(&self) -> f64 {
        if self.interval > 0.0 { self.interval } else { Tick::INTERVAL.0 }
    }

    /// Takes the time since the last sample; returns the part that this one covers.
    #[inline]
    pub(super) fn step(&mut self, dt: f64) -> f64 {
        // Mostly, samples come evenly to the last bit.
        if self.samples >= SETTLED && dt == self.interval {
            return dt;
        }
        self.follow(dt)
    }

    fn follow(&mut self, dt: f64) -> f64 {
        if self.interval <= 0.0 {
            self.interval = dt;
        }
        if self.samples >= SETTLED && dt >= self.interval * DOWN && dt <= self.interval * UP {
            self.interval = dt;
            return dt;
        }
        let (up, down) = if self.samples < SETTLED {
            // A small share of the quick rate stays for a while, so a first hole is soon forgotten.
            self.samples += 1;
            let rate = (QUICK / f64::from(self.samples)).max(SLOW);
            (1.0 + rate, 1.0 / (1.0 + rate))
        } else {
            (UP, DOWN)
        };
        self.interval = dt.clamp(self.interval * down, self.interval * up);
        if dt > MISSING * self.interval { self.interval } else { dt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_the_samples_lost_shows_as_a_third_of_the_time() {
        let mut state = CoverageState::default();
        let (mut covered, mut whole, mut dt, mut noise) = (0.0, 0.0, 0.0, 1_u32);
        for _ in 0..30_000 {
            dt += 0.02;
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if f64::from(noise >> 8) / f64::from(1_u32 << 24) >= 0.3 {
                covered += state.step(dt);
                whole += dt;
                dt = 0.0;
            }
        }
        let share = covered / whole;
        assert!((share - 0.70).abs() < 0.01, "{share}");
    }

    #[test]
    fn a_new_rate_is_followed() {
        let mut state = CoverageState::default();
        for dt in std::iter::repeat_n(0.01, 500).chain(std::iter::repeat_n(0.04, 300)) {
            state.step(dt);
        }
        assert!((state.interval() - 0.04).abs() < 0.004, "{}", state.interval());
    }
}
