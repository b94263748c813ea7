//! Sums a recording up in epochs: MAD, ENMO, coverage, and percentiles and times of the trunk angle.
//!
//! In:  the norm of every usable sample (g) with its time, the trunk-equivalent angle and the decided
//! posture on the grid, and steps. Out: one [`Epoch`] for each fixed stretch of time, given out once its
//! postures and steps are decided.
//! Error: equal to the formulas of domain.md §7 to 1e-9, asserted below.

use super::posture::POSTURES;
use super::run::Reading;
use super::{Epoch, Posture};
use crate::units::{Angle, Seconds, Time};
use std::collections::VecDeque;

/// Share of its samples that an epoch needs. Source: domain.md §8.
pub const ENOUGH: f64 = 2.0 / 3.0;
/// g to mg.
const MILLI: f64 = 1000.0;
/// Levels whose time is kept. Source: domain.md §6.
const LEVELS: [Angle; 3] = [Angle::from_degrees(30.0), Angle::from_degrees(45.0), Angle::from_degrees(60.0)];
/// Seconds of a minute.
const MINUTE: f64 = 60.0;

/// Mean of max(|a| − 1, 0) in g.
pub fn enmo(norms: &[f64]) -> f64 {
    mean(norms, |norm| (norm - 1.0).max(0.0))
}

/// Mean of ||a| − mean|a|| in g.
pub fn mad(norms: &[f64]) -> f64 {
    let middle = mean(norms, |norm| norm);
    mean(norms, |norm| (norm - middle).abs())
}

/// Mean of something made of each value. Four sums side by side, because each addition waits for the one
/// before it.
#[inline]
fn mean(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 4];
    let fours = values.chunks_exact(sums.len());
    let rest: f64 = fours.remainder().iter().map(|value| of(*value)).sum();
    for four in fours {
        for (sum, value) in sums.iter_mut().zip(four) {
            *sum += of(*value);
        }
    }
    (rest + sums.iter().sum::<f64>()) / values.len() as f64
}

/// Sums of one stretch whose postures or steps are not all decided yet.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pending {
    start: Time,
    covered: f64,
    mad: Option<f64>,
    enmo: Option<f64>,
    steps: u32,
    /// Time between steps inside, s.
    stepping: f64,
    /// Intervals between steps inside.
    intervals: u32,
    postures: [u32; POSTURES],
    tea: Option<(Angle, Angle)>,
    over: [f64; 3],
    sitting: f64,
    sitting_ticks: u32,
}

impl Pending {
    fn new(start: Time) -> Self {
        Self {
            start,
            covered: 0.0,
            mad: None,
            enmo: None,
            steps: 0,
            stepping: 0.0,
            intervals: 0,
            postures: [0; POSTURES],
            tea: None,
            over: [0.0; 3],
            sitting: 0.0,
            sitting_ticks: 0,
        }
    }
}

/// Epochs of one length.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Epochs {
    length: Seconds,
    length_ns: i64,
    /// Norms of the open epoch's samples, g.
    norms: Vec<f64>,
    /// Trunk-equivalent angles of the open epoch, five a second, rad.
    teas: Vec<f64>,
    /// The epoch that is filling, until this moment; `None` before the first sample.
    open: Option<Pending>,
    open_until: Time,
    covered: f64,
    /// Full epochs that wait for postures, oldest first.
    pending: VecDeque<Pending>,
    last_step: Option<Time>,
}

impl Epochs {
    pub(super) fn new(length: Seconds) -> Self {
        Self {
            length,
            length_ns: length.nanos().max(1),
            norms: Vec::new(),
            teas: Vec::new(),
            open: None,
            open_until: Time(i64::MIN),
            covered: 0.0,
            pending: VecDeque::new(),
            last_step: None,
        }
    }

    /// Takes usable samples, of a sensor with this scale.
    #[inline]
    pub(super) fn run(&mut self, run: &[Reading], scale: f64) {
        if run.last().is_some_and(|newest| newest.t < self.open_until) {
            // All of them lie in the open epoch, as nearly always.
            let covered = &mut self.covered;
            self.norms.extend(run.iter().map(|reading| {
                *covered += reading.covers;
                reading.norm * scale
            }));
            return;
        }
        for reading in run {
            if reading.t >= self.open_until {
                self.reach(reading.t);
            }
            self.norms.push(reading.norm * scale);
            self.covered += reading.covers;
        }
    }

    /// Closes the epoch that is filling and opens the one that holds `t`.
    #[cold]
    fn reach(&mut self, t: Time) {
        self.close(ENOUGH * self.length.0 * (1.0 - f64::EPSILON));
        let start = Time(t.0.div_euclid(self.length_ns) * self.length_ns);
        self.open = Some(Pending::new(start));
        self.open_until = Time(start.0 + self.length_ns);
    }

    /// Closes the epoch that is filling; it has figures where so many seconds are covered.
    fn close(&mut self, enough: f64) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        open.covered = std::mem::take(&mut self.covered);
        if !self.norms.is_empty() && open.covered >= enough {
            open.mad = Some(MILLI * mad(&self.norms));
            open.enmo = Some(MILLI * enmo(&self.norms));
            if !self.teas.is_empty() {
                open.tea = Some((percentile(&mut self.teas, 0.50), percentile(&mut self.teas, 0.95)));
            }
        }
        self.norms.clear();
        self.teas.clear();
        self.pending.push_back(open);
    }

    /// Takes the time that one grid step, which ended at `t`, spent at a trunk-equivalent angle.
    #[inline]
    pub(super) fn bent(&mut self, t: Time, dt: f64, tea: Angle) {
        if tea < LEVELS[0] {
            return;
        }
        if let Some(epoch) = self.at(t) {
            for (over, level) in epoch.over.iter_mut().zip(LEVELS) {
                if tea >= level {
                    *over += dt;
                }
            }
        }
    }

    /// Takes the trunk-equivalent angle and the chance of sitting at `t`, five times a second.
    pub(super) fn tick(&mut self, t: Time, tea: Option<Angle>, sitting: Option<f32>) {
        if let (Some(tea), true) = (tea, self.open.as_ref().is_some_and(|open| open.start < t)) {
            self.teas.push(tea.radians());
        }
        if let (Some(sitting), Some(epoch)) = (sitting, self.at(t)) {
            epoch.sitting += f64::from(sitting);
            epoch.sitting_ticks += 1;
        }
    }

    /// Takes one step.
    pub(super) fn step(&mut self, t: Time, longest: Seconds) {
        let apart = self.last_step.replace(t).map(|last| t.since(last).0).filter(|apart| *apart <= longest.0);
        // A step at the very start of an epoch is inside; the grid step that ends there is not.
        if let Some(epoch) = self.at(Time(t.0 + 1)) {
            epoch.steps += 1;
            if let Some(apart) = apart {
                epoch.stepping += apart;
                epoch.intervals += 1;
            }
        }
    }

    /// Takes the decided posture of the stretch that ended at `t`, and hands out every epoch that is now
    /// complete.
    pub(super) fn posture(&mut self, t: Time, posture: Posture, mut full: impl FnMut(Epoch)) {
        while let Some(epoch) = self.pending.front().filter(|epoch| t.0 - epoch.start.0 > self.length_ns) {
            full(self.summed(epoch, self.length));
            self.pending.pop_front();
        }
        let oldest = self.pending.front_mut().or(self.open.as_mut());
        if let Some(epoch) = oldest.filter(|epoch| epoch.start < t) {
            epoch.postures[posture as usize] += 1;
        }
    }

    /// Hands out everything that is left; `end` is the newest sample's time.
    pub(super) fn finish(&mut self, end: Time, mut full: impl FnMut(Epoch)) {
        // The last epoch is as long as the recording goes on in it: no later sample can fill it.
        let some = self.open.as_ref().is_some_and(|open| end > open.start);
        self.close(if some { ENOUGH * self.length.0 } else { f64::INFINITY });
        while let Some(epoch) = self.pending.pop_front() {
            full(self.summed(&epoch, self.length));
        }
    }

    /// The epoch in which a stretch lies that ends at `t`: one that ends on the border belongs to the epoch
    /// before it.
    fn at(&mut self, t: Time) -> Option<&mut Pending> {
        let length = self.length_ns;
        let newest_first = self.open.iter_mut().chain(self.pending.iter_mut().rev());
        newest_first.into_iter().find(|epoch| epoch.start < t && t.0 <= epoch.start.0 + length)
    }

    fn summed(&self, epoch: &Pending, duration: Seconds) -> Epoch {
        let most = (0..POSTURES).rev().max_by_key(|i| epoch.postures[*i]).unwrap_or(0);
        let some = epoch.postures[most] > 0;
        Epoch {
            start: epoch.start,
            duration,
            valid_share: (epoch.covered / self.length.0).min(1.0),
            mad_mg: epoch.mad,
            enmo_mg: epoch.enmo,
            steps: epoch.steps,
            cadence_spm: (epoch.stepping > 0.0).then(|| MINUTE * f64::from(epoch.intervals) / epoch.stepping),
            posture: if some { Posture::ALL[most] } else { Posture::Unknown },
            sitting_probability: (epoch.sitting_ticks > 0).then(|| epoch.sitting / f64::from(epoch.sitting_ticks)),
            tea_p50: epoch.tea.map(|tea| tea.0),
            tea_p95: epoch.tea.map(|tea| tea.1),
            over_30: Seconds(epoch.over[0]),
            over_45: Seconds(epoch.over[1]),
            over_60: Seconds(epoch.over[2]),
        }
    }
}

/// The value below which `share` of the values lie, by the nearest rank. Reorders the values.
fn percentile(values: &mut [f64], share: f64) -> Angle {
    let rank = ((share * values.len() as f64).ceil() as usize).clamp(1, values.len()) - 1;
    let (_, value, _) = values.select_nth_unstable_by(rank, f64::total_cmp);
    Angle::from_radians(*value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// domain.md §7: the test vectors of the formulas.
    #[test]
    fn mad_and_enmo_equal_their_formulas() {
        let near = |got: f64, want: f64| assert!((got - want).abs() < 1e-9, "{got} is not {want}");
        let steady = [1.1; 500];
        near(MILLI * enmo(&steady), 100.0);
        near(MILLI * mad(&steady), 0.0);
        let swinging: Vec<f64> = (0..500).map(|i| if i % 2 == 0 { 0.9 } else { 1.1 }).collect();
        near(MILLI * enmo(&swinging), 50.0);
        near(MILLI * mad(&swinging), 100.0);
    }

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut values, 0.50).radians(), 50.0);
        assert_eq!(percentile(&mut values, 0.95).radians(), 95.0);
        assert_eq!(percentile(&mut [3.0], 0.95).radians(), 3.0);
    }

    #[test]
    fn an_epoch_with_too_few_samples_has_no_figures_but_says_its_share() {
        let mut epochs = Epochs::new(Seconds(5.0));
        for i in 0..300 {
            let t = Time::from_seconds(f64::from(i) * 0.01);
            epochs.run(&[Reading { t, covers: 0.01, norm: 1.0, ..Reading::default() }], 1.0);
        }
        let mut got = Vec::new();
        epochs.finish(Time::from_seconds(3.0), |epoch| got.push(epoch));
        assert_eq!(got.len(), 1);
        assert!((got[0].valid_share - 0.6).abs() < 1e-9 && got[0].mad_mg.is_none());
    }
}
