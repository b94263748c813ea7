//! Finds steps and walking bouts in the norm of the specific force, however the sensor is turned.
//!
//! In:  the norm (g) on the fixed grid; the up-vector only for how fast it moves. Out: steps, each with
//! its bout, and a bout when it is over. Nothing depends on how the sensor is turned.
//! Peaks of the norm in the band of steps are firm or slight, against the bout's own peaks. A firm one is
//! a step, decided about half a second after it happened. Slight ones, where feet turn, shuffle or come
//! to rest, are decided by what follows: by the next firm one which of them leave the most even walk, or
//! 1.2 s later as the last steps of the walk. The first steps of a bout are decided when the fifth was seen.
//!
//! Error: on `gait_l5`, walks with a turn and 6 % of packets lost, F1 0.98 within 0.25 s and half of the
//! trials exact; cadence off by 0.7 % in the median; none in 1.2 h of sitting, standing, lying, rising and
//! bending with straight knees (`sisfall`, `hapt`). Asserted in `tests/accuracy/gait.rs`.
//! Source: peaks of the norm in a row as in Paraschiv-Ionescu (mobgap). Differs: a causal filter on 25 Hz,
//! and what becomes of slight peaks.
//! Fails: where feet are set down without being felt at the back, as in a turn on the spot. What shakes the
//! back evenly while standing counts as steps: hops, jumping jacks, punches; so does, at times, rising and
//! sitting down again and again without a gyroscope (`mhad_hip`: 57 steps in 60 sets).

mod bout;
mod filter;
mod opening;
mod params;
mod slight;
/// The nearest whole millisecond: below it a step has no time, and the last digits would be those of rounding.
fn to_millisecond(t: Time) -> Time {
    const MILLISECOND_NS: i64 = 1_000_000;
    Time((t.0 + MILLISECOND_NS / 2).div_euclid(MILLISECOND_NS) * MILLISECOND_NS)
}

/// Where between three values a grid step apart their parabola is highest, in steps from the middle one, which is
/// the largest.
fn summit(before: f64, middle: f64, after: f64) -> f64 {
    let bent = before - 2.0 * middle + after;
    if bent < 0.0 { 0.5 * (before - after) / bent } else { 0.0 }
}

#[cfg(test)]
mod tests;

use self::bout::Bout;
use self::filter::{Hat, Window};
pub use self::params::GaitParams;

use super::{Event, Flags, Kind, Output, Step, Tick};
use crate::frames::Vec3;
use crate::units::{Seconds, Time};

/// [`GaitParams`] made ready for the grid.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gait {
    params: GaitParams,
    hat: Hat,
    /// Share by which the slow up-vectors follow at each grid step.
    gain: f64,
}

/// A peak of the filtered norm.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Peak {
    t: Time,
    height: f64,
    /// How far the body tipped since the peak before, as distance of two up-vectors.
    tip: f64,
}

/// Peaks that wait for being enough.
const WAITING: usize = 5;
/// Slight peaks in a row that wait for a firm one. More than these, and walking itself has become slight.
const SLIGHT: usize = 6;

/// What samples change.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct GaitState {
    window: Window,
    /// The two newest filtered values.
    recent: [f64; 2],
    /// The filtered norm was below zero since the last peak.
    dipped: bool,
    waiting: [Peak; WAITING],
    waiting_len: usize,
    /// Slight peaks since the newest step of the bout.
    slight: [Peak; SLIGHT],
    slight_len: usize,
    /// The newest peak, not yet sure to be the highest around.
    candidate: Option<Peak>,
    bout: Option<Bout>,
    bouts: u32,
    /// Slow up-vector, and one that follows it; `None` at the start.
    ups: Option<(Vec3, Vec3)>,
    /// How far they were apart since the newest peak.
    tip: f64,
    /// The newest grid step and its norm.
    newest: Option<(Time, f64)>,
}

impl GaitState {
    /// How far the slow up-vector is from where it was.
    fn tip(&mut self, gain: f64, up: &Vec3) -> f64 {
        let (slow, slower) = self.ups.get_or_insert((*up, *up));
        *slow += (up - *slow) * gain;
        *slower += (*slow - *slower) * gain;
        (*slow - *slower).norm()
    }

    /// Slight peaks that wait.
    fn slight(&self) -> &[Peak] {
        &self.slight[..self.slight_len]
    }

    /// When the newest step, or what may be one, was in the open bout.
    fn newest_in_bout(&self, params: &GaitParams) -> Option<Time> {
        let slight = self.slight().last().map(|peak| peak.t + params.contact);
        self.bout.map(|bout| slight.unwrap_or(bout.newest))
    }

    /// Whether a bout is open and its newest step is fresh.
    pub(super) fn walking(&self, t: Time) -> bool {
        /// A step is known this long after it happened, and the next is due within a second.
        const FRESH: Seconds = Seconds(2.0);
        let slight = self.slight().last().map(|peak| peak.t);
        self.bout.is_some_and(|bout| t.since(slight.unwrap_or(bout.newest)) <= FRESH)
    }
}

/// What the rest of the chain needs to know of walking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum GaitNews {
    /// Walking goes on over this stretch.
    Walked(Time, Time),
}

/// Both stretches as one.
fn join(news: Option<GaitNews>, more: Option<GaitNews>) -> Option<GaitNews> {
    match (news, more) {
        (Some(GaitNews::Walked(from, _)), Some(GaitNews::Walked(_, to))) => Some(GaitNews::Walked(from, to)),
        (news, more) => news.or(more),
    }
}

impl Gait {
    pub(super) fn new(params: GaitParams) -> Self {
        let gain = Tick::INTERVAL.0 / (params.slow.0 + Tick::INTERVAL.0);
        Self { params, hat: Hat::new(params.centre_hz, Tick::INTERVAL.0), gain }
    }

    /// Takes the norm of one grid step that ended at `t`, when the input was read up to `now`.
    pub(super) fn step(
        &self,
        state: &mut GaitState,
        t: Time,
        now: Time,
        norm: f64,
        up: &Vec3,
        emit: &mut impl FnMut(Output),
    ) -> Option<GaitNews> {
        let tip = state.tip(self.gain, up);
        state.tip = state.tip.max(tip);
        let tipping = tip > self.params.tipping;
        state.newest = Some((t, norm));
        self.advance(state, t, now, norm, tipping, emit)
    }

    fn advance(
        &self,
        state: &mut GaitState,
        t: Time,
        now: Time,
        norm: f64,
        tipping: bool,
        emit: &mut impl FnMut(Output),
    ) -> Option<GaitNews> {
        let params = &self.params;
        state.window.push(norm);
        let value = state.window.filtered(&self.hat);
        let at = t - Seconds((Hat::LAG as f64 + 1.5) * Tick::INTERVAL.0);
        let [older, old] = state.recent;
        state.recent = [old, value];
        if value < 0.0 {
            state.dipped = true;
        }
        let mut news = None;
        let rushed = state.bout.map_or(0.0, |bout| params.rushed * bout.period);
        let shortest = params.shortest.0.max(rushed);
        let fresh = state.newest_in_bout(params).is_some_and(|newest| at.since(newest) <= params.longest);
        let smallest = if fresh { params.smallest_next } else { params.smallest };
        if old > older && old >= value && old > smallest && !tipping {
            let peak = Peak {
                t: to_millisecond(at + Seconds(Tick::INTERVAL.0 * summit(older, old, value))),
                height: old,
                tip: std::mem::take(&mut state.tip),
            };
            match &mut state.candidate {
                Some(last) if !state.dipped || peak.t.since(last.t).0 < shortest => {
                    let tip = peak.tip.max(last.tip);
                    *last = if peak.height > last.height { Peak { tip, ..peak } } else { Peak { tip, ..*last } };
                }
                _ => {
                    news = self.settle(state, now, emit);
                    state.candidate = Some(peak);
                }
            }
            state.dipped = false;
        }
        // A peak is settled once nothing can replace it any more.
        let sure_after = if state.dipped { shortest } else { params.lone.0 };
        if state.candidate.is_some_and(|peak| at.since(peak.t).0 >= sure_after) {
            news = join(news, self.settle(state, now, emit));
        }
        if state.slight().last().is_some_and(|peak| at.since(peak.t) > params.longest) {
            news = join(news, self.come_to_rest(state, now, emit));
        }
        if state.bout.is_some_and(|bout| at.since(bout.newest) > params.merge) {
            news = join(news, self.come_to_rest(state, now, emit));
            self.end(state, now, Flags::default(), emit);
        }
        news
    }

    /// Makes the candidate a step, or one that waits for enough company.
    fn settle(&self, state: &mut GaitState, now: Time, emit: &mut impl FnMut(Output)) -> Option<GaitNews> {
        let peak = state.candidate.take()?;
        if let (Some(bout), Some(newest)) = (state.bout, state.newest_in_bout(&self.params))
            && state.waiting_len == 0
            && peak.t.since(newest) <= self.params.longest
        {
            return self.go_on(state, bout, peak, now, emit);
        }
        if state.waiting_len > 0 {
            let last = state.waiting[state.waiting_len - 1];
            if peak.t.since(last.t) > self.params.longest {
                state.waiting_len = 0;
            }
        }
        if state.waiting_len == WAITING {
            state.waiting.copy_within(1.., 0);
            state.waiting_len -= 1;
        }
        state.waiting[state.waiting_len] = peak;
        state.waiting_len += 1;
        let waiting = state.waiting;
        let waiting = &waiting[..state.waiting_len];
        if opening::bends(&self.params, waiting) {
            state.waiting[0] = peak;
            state.waiting_len = 1;
            return None;
        }
        let (before, start) = opening::walk(&self.params, waiting)?;
        state.waiting_len = 0;
        let mut news = self.come_to_rest(state, now, emit);
        let mut steps = waiting[before..].iter();
        if state.bout.is_none() {
            let first = steps.next()?;
            let t = self.contact(first);
            state.bout = Some(Bout::new(t, &start));
            emit(Output::Step(Step { t, bout: state.bouts, decided: now }));
            news = Some(GaitNews::Walked(t, t));
        }
        for peak in steps {
            news = join(news, self.take_firm(state, peak, true, now, emit));
        }
        news
    }

    /// Takes a peak within an open bout.
    fn go_on(
        &self,
        state: &mut GaitState,
        bout: Bout,
        peak: Peak,
        now: Time,
        emit: &mut impl FnMut(Output),
    ) -> Option<GaitNews> {
        if peak.height < self.params.slight * bout.height && state.slight_len < SLIGHT {
            state.slight[state.slight_len] = peak;
            state.slight_len += 1;
            return None;
        }
        let mut news = None;
        let n = std::mem::take(&mut state.slight_len);
        if n > 0 {
            let since = |peak: &Peak| self.contact(peak).since(bout.newest).0 / bout.period;
            let between = state.slight.map(|peak| since(&peak));
            let steps = slight::even(&between[..n], since(&peak), self.params.slowed);
            for i in (0..n).filter(|i| steps[*i]) {
                let Peak { t, height, .. } = state.slight[i];
                news = join(news, self.take(state, t + self.params.contact, height, now, emit));
            }
        }
        join(news, self.take_firm(state, &peak, n == 0, now, emit))
    }

    /// Nothing firm followed: slight peaks in the rhythm of the walk were its last steps.
    fn come_to_rest(&self, state: &mut GaitState, now: Time, emit: &mut impl FnMut(Output)) -> Option<GaitNews> {
        let mut news = None;
        for i in 0..std::mem::take(&mut state.slight_len) {
            let (Some(bout), Peak { t, height, .. }) = (state.bout, state.slight[i]) else {
                return None;
            };
            let apart = (t + self.params.contact).since(bout.newest);
            if bout.share < self.params.stands {
                break;
            }
            if apart.0 >= self.params.rushed * bout.period && apart <= self.params.longest {
                let [soonest, latest] = [1.0 - self.params.closing, 1.0 + self.params.closing];
                let t = bout.newest + Seconds(apart.0.clamp(soonest * bout.period, latest * bout.period));
                news = join(news, self.take(state, t, height, now, emit));
            }
        }
        news
    }

    /// When the foot touched the ground.
    fn contact(&self, peak: &Peak) -> Time {
        (peak.t + self.params.contact).max(Time::START)
    }

    /// Takes a step whose peak is firm; `next` if it followed the step before directly.
    fn take_firm(
        &self,
        state: &mut GaitState,
        peak: &Peak,
        next: bool,
        now: Time,
        emit: &mut impl FnMut(Output),
    ) -> Option<GaitNews> {
        let t = self.contact(peak);
        let bout = state.bout.as_mut()?;
        if next {
            bout.learn_period(&self.params, t);
        }
        bout.learn_height(&self.params, peak.height);
        self.take(state, t, peak.height, now, emit)
    }

    /// Takes a step of the open bout.
    fn take(
        &self,
        state: &mut GaitState,
        t: Time,
        height: f64,
        now: Time,
        emit: &mut impl FnMut(Output),
    ) -> Option<GaitNews> {
        let bout = state.bout.as_mut()?;
        let from = bout.newest;
        bout.add(&self.params, t, height);
        emit(Output::Step(Step { t, bout: state.bouts, decided: now }));
        Some(GaitNews::Walked(from, t))
    }

    fn end(&self, state: &mut GaitState, now: Time, flags: Flags, emit: &mut impl FnMut(Output)) {
        if let Some(bout) = state.bout {
            // After a firm step the other foot is brought beside, felt or not.
            let beside = bout.newest + Seconds(bout.period);
            if bout.share >= self.params.slight && beside <= now {
                self.take(state, beside, 0.0, now, emit);
            }
        }
        let Some(bout) = state.bout.take() else {
            return;
        };
        state.bouts += 1;
        let mut event = Event::new(Kind::WalkingBout, bout.start, bout.newest, now);
        event.steps = Some(bout.steps);
        event.cadence_spm = bout.cadence_spm();
        event.flags = flags;
        emit(Output::Event(event));
    }

    /// Ends what is open: a gap or the end of the recording.
    pub(super) fn cut(&self, state: &mut GaitState, now: Time, emit: &mut impl FnMut(Output)) -> Option<GaitNews> {
        let mut news = None;
        if let Some((t, norm)) = state.newest {
            // The newest half second is still in the filter; as if it went on as it was.
            for i in 1..=Hat::LAG + 2 {
                let t = t + Seconds(i as f64 * Tick::INTERVAL.0);
                news = join(news, self.advance(state, t, now, norm, false, emit));
            }
        }
        news = join(news, self.settle(state, now, emit));
        news = join(news, self.come_to_rest(state, now, emit));
        self.end(state, now, Flags::TRUNCATED, emit);
        *state = GaitState { bouts: state.bouts, ..GaitState::default() };
        news
    }
}
