//! Judges whether somebody wears the sensor.
//!
//! In:  the specific force (g) of every sample, since a mean over the grid would hide part of the noise, and
//! the passing of time, five times a second. Out: a live suspicion after five minutes without a stir,
//! and stretches of non-wear by the off-line rule, given out when they are over.
//! Source: domain.md §8; the off-line rule is GGIR's: windows of 60 min every 15 min, non-wear where two
//! axes or more have a deviation under 13 mg and a range under 50 mg.
//! Fails: a sensor that lies on a moving seat counts as worn; a body that does not breathe counts as not.

use super::attitude::strapdown::Felt;
use super::run::Reading;
use super::{Event, Flags, Kind};
use crate::frames::Vec3;
use crate::units::{Seconds, Time};

/// Thresholds of wear. Source of all but `block`: domain.md §8.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WearParams {
    /// Deviation per axis below which nothing stirs, g.
    pub stir: f64,
    /// How long nothing must stir.
    pub suspect_after: Seconds,
    /// Length over which a deviation is taken for the suspicion. Chosen by us: a few breaths.
    pub block: Seconds,
    /// Step between windows of the off-line rule.
    pub step: Seconds,
    /// Deviation per axis, g, and range, g, of the off-line rule.
    pub deviation: f64,
    /// See `deviation`.
    pub range: f64,
    /// Axes that must be so.
    pub axes: usize,
}

impl Default for WearParams {
    fn default() -> Self {
        Self {
            stir: 0.004,
            suspect_after: Seconds(300.0),
            block: Seconds(10.0),
            step: Seconds(900.0),
            deviation: 0.013,
            range: 0.050,
            axes: 2,
        }
    }
}

/// Steps of the off-line rule in one window.
const WINDOW: usize = 4;
/// Share of a step that must have come. Source: as for epochs, domain.md §8.
const ENOUGH: f64 = 2.0 / 3.0;

/// Sums per axis of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spread {
    count: f64,
    sum: Vec3,
    squares: Vec3,
    least: Vec3,
    most: Vec3,
}

impl Default for Spread {
    fn default() -> Self {
        let (zero, huge) = (Vec3::zeros(), Vec3::repeat(f64::MAX));
        Self { count: 0.0, sum: zero, squares: zero, least: huge, most: -huge }
    }
}

impl Spread {
    /// Takes samples, and looks at their range where that is asked for.
    #[inline]
    fn add(&mut self, run: &[Reading], range: bool) {
        let mut sums = (self.sum, self.squares);
        for Reading { felt: Felt { acc, .. }, .. } in run {
            sums.0 += acc;
            sums.1 += acc.component_mul(acc);
        }
        self.count += run.len() as f64;
        (self.sum, self.squares) = sums;
        if range {
            for Reading { felt: Felt { acc, .. }, .. } in run {
                // Samples are numbers here; `f64::min` would look after NaN as well, at twice the cost.
                self.least = self.least.zip_map(acc, |least, new| if new < least { new } else { least });
                self.most = self.most.zip_map(acc, |most, new| if new > most { new } else { most });
            }
        }
    }
    fn join(&self, other: &Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
            least: self.least.inf(&other.least),
            most: self.most.sup(&other.most),
        }
    }
    fn deviation(&self) -> Vec3 {
        let mean = self.sum / self.count;
        (self.squares / self.count - mean.component_mul(&mean)).map(|variance| variance.max(0.0).sqrt())
    }
    fn range(&self) -> Vec3 {
        self.most - self.least
    }
    /// Axes whose range is that of no wearing.
    fn narrow(&self, params: &WearParams) -> usize {
        self.range().iter().filter(|range| **range < params.range).count()
    }
}

/// What samples change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct WearState {
    block: Spread,
    /// Seconds of the block, and of the step that is filling.
    block_for: f64,
    filling_for: f64,
    unstirred: f64,
    /// The steps of the window, oldest first, and the one that is filling.
    steps: [Option<Spread>; WINDOW],
    filling: Spread,
    filling_since: Option<Time>,
    /// The range of the step that is filling is wide enough already for its window to be worn, so it is not looked at
    /// any more.
    ranged: bool,
    off: Option<(Time, Time)>,
}

impl WearState {
    /// Nothing has stirred for so long that probably nobody wears the sensor.
    pub(super) fn suspected(&self, params: &WearParams) -> bool {
        self.unstirred >= params.suspect_after.0
    }

    /// Takes the force of samples.
    #[inline]
    pub(super) fn run(&mut self, run: &[Reading]) {
        self.block.add(run, !self.ranged);
    }

    /// Takes the passing of `dt` that ended at `t`; returns non-wear that is over.
    pub(super) fn step(&mut self, params: &WearParams, t: Time, dt: Seconds, now: Time) -> Option<Event> {
        self.block_for += dt.0;
        let since = *self.filling_since.get_or_insert(t - dt);
        // Sums of fifths of a second fall a little short of whole seconds.
        if self.block_for >= params.block.0 - 0.5 * dt.0 && self.block.count > 0.0 {
            let block = std::mem::take(&mut self.block);
            self.filling = self.filling.join(&block);
            self.ranged = self.filling.narrow(params) < params.axes;
            self.filling_for += std::mem::take(&mut self.block_for);
            let still = block.deviation().max() < params.stir;
            self.unstirred = if still { self.unstirred + params.block.0 } else { 0.0 };
        }
        if t.since(since) < params.step {
            return None;
        }
        let filled = std::mem::take(&mut self.filling);
        // A step is a whole number of blocks, so no block is under way here.
        (self.filling_since, self.ranged) = (None, false);
        self.steps.copy_within(1.., 0);
        self.steps[WINDOW - 1] = (std::mem::take(&mut self.filling_for) >= ENOUGH * params.step.0).then_some(filled);
        let whole = self.steps.iter().try_fold(Spread::default(), |whole, step| Some(whole.join(step.as_ref()?)));
        if whole.is_some_and(|whole| self.unworn(params, &whole)) {
            let from = t - Seconds(params.step.0 * WINDOW as f64);
            let (start, _) = self.off.unwrap_or((from.max(Time::START), t));
            self.off = Some((start, t));
            return None;
        }
        // A window that begins after the last one ended cannot lengthen it any more.
        let over = self.off.is_some_and(|(_, end)| t.since(end).0 >= params.step.0 * WINDOW as f64);
        over.then(|| self.end(now, Flags::default())).flatten()
    }

    fn unworn(&self, params: &WearParams, whole: &Spread) -> bool {
        let (deviation, range) = (whole.deviation(), whole.range());
        (0..3).filter(|&i| deviation[i] < params.deviation && range[i] < params.range).count() >= params.axes
    }

    fn end(&mut self, now: Time, flags: Flags) -> Option<Event> {
        let (start, end) = self.off.take()?;
        let mut event = Event::new(Kind::NonWear, start, end, now);
        event.flags = flags;
        Some(event)
    }

    /// Ends at a gap or at the end of the recording.
    pub(super) fn cut(&mut self, now: Time) -> Option<Event> {
        let event = self.end(now, Flags::TRUNCATED);
        *self = Self::default();
        event
    }
}
