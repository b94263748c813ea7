//! Finds quarters of an hour in which the accelerometer was at the end of its range too much to be believed.
//!
//! In:  the specific force (g) of every sample, and the range of the sensor. Out: each window when it is over, with
//! the share of samples near the end of the range, and whether that makes it invalid.
//! Error: exact; asserted below.
//! Source: domain.md §8, GGIR (`clipthres`: 7.5 g for a sensor of ±8 g; over 30 % of a window of 15 min). Differs from
//! it: windows count from the start of the recording. Fails: a source that does not tell its range cannot be judged.

use crate::frames::Vec3;
use crate::units::{Seconds, Time};

/// What counts as clipped. Source of all: domain.md §8, GGIR.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClippingParams {
    /// Length of a window.
    pub window: Seconds,
    /// How near the end of the range is near, g.
    pub margin: f64,
    /// Share of a window's samples beyond which it is invalid.
    pub share: f64,
}

impl Default for ClippingParams {
    fn default() -> Self {
        Self { window: Seconds(900.0), margin: 0.5, share: 0.30 }
    }
}

/// A window that is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClippedWindow {
    /// Where it begins.
    pub start: Time,
    /// Where it ends.
    pub end: Time,
    /// Share of its samples that were near the end of the range on an axis.
    pub share: f64,
    /// So many were that nothing in it is to be believed.
    pub invalid: bool,
}

/// The range to watch, made ready. Never changes while samples flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clipping {
    params: ClippingParams,
    /// Level on an axis that is near the end, g.
    level: f64,
}

/// What samples change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClippingState {
    window: i64,
    samples: u32,
    near_end: u32,
}

impl Clipping {
    /// Makes ready for a sensor that reads up to this, g.
    pub fn new(params: ClippingParams, range: f64) -> Self {
        Self { params, level: range - params.margin }
    }

    /// Takes one sample; returns the window that it ends.
    #[inline]
    pub fn step(&self, state: &mut ClippingState, t: Time, acc: &Vec3) -> Option<ClippedWindow> {
        let window = t.0.div_euclid(self.params.window.nanos());
        let over = if window == state.window { None } else { self.cut(state) };
        state.window = window;
        state.samples += 1;
        state.near_end += u32::from(acc.amax() >= self.level);
        over
    }

    /// Ends the window at the end of the recording; `None` where it has no sample.
    pub fn cut(&self, state: &mut ClippingState) -> Option<ClippedWindow> {
        let ClippingState { window, samples, near_end } = std::mem::take(state);
        let length = self.params.window.nanos();
        let share = f64::from(near_end) / f64::from(samples);
        (samples > 0).then_some(ClippedWindow {
            start: Time(window * length),
            end: Time((window + 1) * length),
            share,
            invalid: share > self.params.share,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two windows and a bit at 1 Hz; a share of the second sits at this level on one axis.
    fn windows(level: f64, share: f64) -> Vec<ClippedWindow> {
        let clipping = Clipping::new(ClippingParams::default(), 8.0);
        let (mut state, mut over) = (ClippingState::default(), Vec::new());
        for i in 0..2000_u32 {
            let clipped = (900..1800).contains(&i) && f64::from(i - 900) < share * 900.0;
            let acc = if clipped { Vec3::new(0.3, -level, 0.2) } else { Vec3::x() };
            over.extend(clipping.step(&mut state, Time::from_seconds(f64::from(i)), &acc));
        }
        over.extend(clipping.cut(&mut state));
        over
    }

    #[test]
    fn a_window_with_over_30_percent_near_the_end_is_invalid_and_its_neighbours_are_not() {
        let over = windows(7.6, 0.31);
        assert_eq!(over.iter().map(|window| window.invalid).collect::<Vec<_>>(), [false, true, false]);
        assert!((over[1].share - 0.31).abs() < 1e-9);
        assert_eq!((over[1].start, over[1].end), (Time::from_seconds(900.0), Time::from_seconds(1800.0)));
    }

    #[test]
    fn fewer_or_farther_from_the_end_are_believed() {
        assert!(windows(7.6, 0.30).iter().all(|window| !window.invalid));
        assert!(windows(7.4, 1.0).iter().all(|window| !window.invalid));
    }

    #[test]
    fn hours_without_samples_give_no_window() {
        let clipping = Clipping::new(ClippingParams::default(), 8.0);
        let mut state = ClippingState::default();
        assert_eq!(clipping.step(&mut state, Time::from_seconds(9000.0), &Vec3::x()), None);
        let over = clipping.step(&mut state, Time::from_seconds(90_000.0), &Vec3::x()).unwrap();
        assert_eq!(over.start, Time::from_seconds(9000.0));
    }
}
