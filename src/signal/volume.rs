//! Sums a recording up in epochs: MAD, ENMO, coverage, and percentiles and times of the trunk angle.
//!
//! In:  the norm of every usable sample (g) with its time, the trunk-equivalent angle and the decided
//! posture on the grid, and steps. Out: one [`Epoch`] for each fixed stretch of time, given out once its
//! postures and steps are decided.
//! Error: equal to the formulas of domain.md §7 to 1e-9, asserted below.

use super::posture::POSTURES;
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
    norms.iter().map(|norm| (norm - 1.0).max(0.0)).sum::<f64>() / norms.len() as f64
}

/// Mean of ||a| − mean|a|| in g.
pub fn mad(norms: &[f64]) -> f64 {
    let mean = norms.iter().sum::<f64>() / norms.len() as f64;
    norms.iter().map(|norm| (norm - mean).abs()).sum::<f64>() / norms.len() as f64
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
    /// Norms of the open epoch's samples.
    norms: Vec<f64>,
    /// Trunk-equivalent angles of the open epoch's grid steps, rad.
    teas: Vec<f64>,
    /// Closed epochs that wait for postures, oldest first, and the open one last.
    pending: VecDeque<Pending>,
    last_step: Option<Time>,
}

impl Epochs {
    pub(super) fn new(length: Seconds) -> Self {
        Self { length, norms: Vec::new(), teas: Vec::new(), pending: VecDeque::new(), last_step: None }
    }

    fn start_of(&self, t: Time) -> Time {
        let length = self.length.nanos().max(1);
        Time(t.0.div_euclid(length) * length)
    }

    /// Closes what lies before `t` and opens the epoch that holds it.
    #[inline]
    fn reach(&mut self, t: Time) {
        if self.pending.back().is_none_or(|open| t.0 - open.start.0 >= self.length.nanos()) {
            self.close();
            let start = self.start_of(t);
            self.pending.push_back(Pending::new(start));
        }
    }

    fn close(&mut self) {
        let length = self.length.0;
        let Some(open) = self.pending.back_mut() else {
            return;
        };
        if !self.norms.is_empty() && open.covered >= ENOUGH * length * (1.0 - f64::EPSILON) {
            open.mad = Some(MILLI * mad(&self.norms));
            open.enmo = Some(MILLI * enmo(&self.norms));
            if !self.teas.is_empty() {
                open.tea = Some((percentile(&mut self.teas, 0.50), percentile(&mut self.teas, 0.95)));
            }
        }
        self.norms.clear();
        self.teas.clear();
    }

    /// Takes the norm of one usable sample that stands for `covers` seconds.
    #[inline]
    pub(super) fn sample(&mut self, t: Time, norm: f64, covers: f64) {
        self.reach(t);
        self.norms.push(norm);
        if let Some(open) = self.pending.back_mut() {
            open.covered += covers;
        }
    }

    /// Takes the judgement of one grid step that ended at `t`.
    pub(super) fn tick(&mut self, t: Time, dt: f64, tea: Option<Angle>, sitting: Option<f32>) {
        // The grid step that ends on the border belongs to the epoch before it.
        let inside = Time(t.0 - 1);
        let length = self.length.nanos();
        let Some(at) = self.pending.iter().rposition(|epoch| (0..length).contains(&(inside.0 - epoch.start.0))) else {
            return;
        };
        let newest = at + 1 == self.pending.len();
        let epoch = &mut self.pending[at];
        if let Some(sitting) = sitting {
            epoch.sitting += f64::from(sitting);
            epoch.sitting_ticks += 1;
        }
        let Some(tea) = tea else {
            return;
        };
        for (over, level) in epoch.over.iter_mut().zip(LEVELS) {
            if tea >= level {
                *over += dt;
            }
        }
        if newest {
            self.teas.push(tea.radians());
        }
    }

    /// Takes one step.
    pub(super) fn step(&mut self, t: Time, longest: Seconds) {
        let apart = self.last_step.replace(t).map(|last| t.since(last).0).filter(|apart| *apart <= longest.0);
        if let Some(epoch) = self.at(t) {
            epoch.steps += 1;
            if let Some(apart) = apart {
                epoch.stepping += apart;
                epoch.intervals += 1;
            }
        }
    }

    /// Takes the decided posture of the grid step that ended at `t`, and hands out every epoch that is
    /// now complete.
    pub(super) fn posture(&mut self, t: Time, posture: Posture, mut full: impl FnMut(Epoch)) {
        let inside = Time(t.0 - 1);
        while let Some(epoch) = self.pending.front().filter(|epoch| inside.0 - epoch.start.0 >= self.length.nanos()) {
            full(self.summed(epoch, self.length));
            self.pending.pop_front();
        }
        if let Some(epoch) = self.at(inside) {
            epoch.postures[posture as usize] += 1;
        }
    }

    /// Hands out everything that is left; `end` is the newest sample's time.
    pub(super) fn finish(&mut self, end: Time, mut full: impl FnMut(Epoch)) {
        // The last epoch is as long as the recording goes on in it: no later sample can fill it.
        if let Some(open) = self.pending.back() {
            let length = end.since(open.start).0;
            if length > 0.0 && open.covered >= ENOUGH * self.length.0 {
                self.close();
            } else {
                self.norms.clear();
                self.teas.clear();
            }
        }
        while let Some(epoch) = self.pending.pop_front() {
            full(self.summed(&epoch, self.length));
        }
    }

    fn at(&mut self, t: Time) -> Option<&mut Pending> {
        let length = self.length.nanos();
        self.pending.iter_mut().rev().find(|epoch| (0..length).contains(&(t.0 - epoch.start.0)))
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
            epochs.sample(Time::from_seconds(f64::from(i) * 0.01), 1.0, 0.01);
        }
        let mut got = Vec::new();
        epochs.finish(Time::from_seconds(3.0), |epoch| got.push(epoch));
        assert_eq!(got.len(), 1);
        assert!((got[0].valid_share - 0.6).abs() < 1e-9 && got[0].mad_mg.is_none());
    }
}
