//! An open walking bout: its steps so far, and how it goes.

use super::GaitParams;
use super::opening::Start;
use crate::units::Time;

/// An open walking bout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bout {
    pub start: Time,
    pub newest: Time,
    pub steps: u32,
    /// Time spent stepping, without pauses, s, and how many times from step to step it is made of.
    stepping: f64,
    intervals: u32,
    /// Running time of one step, s.
    pub period: f64,
    /// Running height of a firm peak, g.
    pub height: f64,
    /// Height of the newest step's peak as share of `height`.
    pub share: f64,
}

impl Bout {
    /// Begins with the first step at `t`.
    pub(super) fn new(t: Time, start: &Start) -> Self {
        let Start { period, height, share } = *start;
        Self { start: t, newest: t, steps: 1, stepping: 0.0, intervals: 0, period, height, share }
    }

    /// Takes a step at `t`.
    pub(super) fn add(&mut self, params: &GaitParams, t: Time, height: f64) {
        let apart = t.since(self.newest);
        if apart <= params.longest {
            self.stepping += apart.0;
            self.intervals += 1;
        }
        self.newest = t;
        self.steps += 1;
        self.share = height / self.height;
    }

    /// Learns from a step at `t` that followed the newest one directly.
    pub(super) fn learn_period(&mut self, params: &GaitParams, t: Time) {
        let apart = t.since(self.newest);
        if apart <= params.longest {
            self.period += params.learn * (apart.0 - self.period);
        }
    }

    /// Learns how high a firm peak is.
    pub(super) fn learn_height(&mut self, params: &GaitParams, height: f64) {
        self.height += params.learn * (height - self.height);
    }

    /// Steps a minute while stepping.
    pub(super) fn cadence_spm(&self) -> Option<f64> {
        (self.intervals > 0).then(|| 60.0 * f64::from(self.intervals) / self.stepping)
    }
}
