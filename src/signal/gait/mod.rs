//! Finds steps and walking bouts in the norm of the specific force, however the sensor is turned.
//!
//! In:  the norm (g) on the fixed grid. Out: steps, each with its bout, and a bout when it is over.
//! A step is decided about half a second after it happened, the first ones of a bout when the fifth
//! was seen.

mod filter;

use self::filter::{Hat, Window};
use super::{Event, Flags, Kind, Output, Step, Tick};
use crate::frames::Vec3;
use crate::units::{Seconds, Time};

/// What counts as walking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaitParams {
    /// Centre of the step band, Hz. Source: people walk at 0.8 to 2.4 steps a second (domain.md §7).
    pub centre_hz: f64,
    /// Smallest filtered peak that may be a step, g. Chosen by us.
    pub smallest: f64,
    /// Smallest filtered peak that may be the next step of a bout, g: the last one, feet together, is
    /// slight. Chosen by us.
    pub smallest_next: f64,
    /// Time constant of the slow up-vector. Chosen by us: a stride's swing averages out.
    pub slow: Seconds,
    /// Slow tipping beyond which a body bends, sits down or rises rather than walks: distance of two
    /// up-vectors that follow each other. Chosen by us.
    pub tipping: f64,
    /// Smallest mean of the first steps' peaks, g. Chosen by us.
    pub sure: f64,
    /// Shortest time between two steps. Chosen by us: sprinters reach 4.5 steps a second.
    pub shortest: Seconds,
    /// Share of the bout's own step time below which two peaks are one step. Chosen by us.
    pub rushed: f64,
    /// Weight of a new step in the bout's own step time. Chosen by us: about five steps.
    pub learn: f64,
    /// How long a peak may stay without a dip after it: the last step of a bout. Chosen by us.
    pub lone: Seconds,
    /// Longest time between two steps of one bout's beginning. Source: slow walking, 40 steps/min.
    pub longest: Seconds,
    /// Steps in a row that make a bout. Source: Paraschiv-Ionescu, as in mobgap (domain.md §7).
    pub fewest: usize,
    /// Pause within which two bouts are one. Source: same.
    pub merge: Seconds,
    /// How far apart the first steps' times may lie, as ratio of longest to shortest. Chosen by us.
    pub uneven: f64,
    /// When the foot touches the ground, relative to the peak of the filtered norm.
    pub contact: Seconds,
}

impl Default for GaitParams {
    fn default() -> Self {
        Self {
            centre_hz: 1.6,
            smallest: 0.008,
            smallest_next: 0.003,
            slow: Seconds(0.6),
            tipping: 0.15,
            sure: 0.04,
            shortest: Seconds(0.25),
            rushed: 0.65,
            learn: 0.2,
            lone: Seconds(0.5),
            longest: Seconds(1.2),
            fewest: 5,
            merge: Seconds(3.5),
            uneven: 2.2,
            contact: Seconds(-0.07),
        }
    }
}

/// [`GaitParams`] made ready for the grid.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gait {
    params: GaitParams,
    hat: Hat,
}

/// A peak of the filtered norm.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Peak {
    t: Time,
    height: f64,
}

/// An open walking bout.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bout {
    start: Time,
    newest: Time,
    steps: u32,
    /// Time spent stepping, without pauses.
    stepping: f64,
    /// Running time of one step, s.
    period: f64,
}

/// Peaks that wait for being enough.
const WAITING: usize = 5;

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
    /// The newest peak, not yet sure to be the highest around.
    candidate: Option<Peak>,
    bout: Option<Bout>,
    bouts: u32,
    /// Slow up-vector, and one that follows it; `None` at the start.
    ups: Option<(Vec3, Vec3)>,
}

impl GaitState {
    /// How far the slow up-vector is from where it was.
    fn tip(&mut self, params: &GaitParams, up: &Vec3) -> f64 {
        let gain = Tick::INTERVAL.0 / (params.slow.0 + Tick::INTERVAL.0);
        let (slow, slower) = self.ups.get_or_insert((*up, *up));
        *slow += (up - *slow) * gain;
        *slower += (*slow - *slower) * gain;
        (*slow - *slower).norm()
    }

    /// Whether a bout is open and its newest step is fresh.
    pub(super) fn walking(&self, t: Time) -> bool {
        /// A step is known this long after it happened, and the next is due within a second.
        const FRESH: Seconds = Seconds(2.0);
        self.bout.is_some_and(|bout| t.since(bout.newest) <= FRESH)
    }
}

/// What the rest of the chain needs to know of walking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum GaitNews {
    /// Walking goes on over this stretch.
    Walked(Time, Time),
}

impl Gait {
    pub(super) fn new(params: GaitParams) -> Self {
        Self { params, hat: Hat::new(params.centre_hz, Tick::INTERVAL.0) }
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
        state.window.push(norm);
        let tipping = state.tip(&self.params, up) > self.params.tipping;
        let value = state.window.filtered(&self.hat);
        let at = t - Seconds((Hat::LAG as f64 + 1.5) * Tick::INTERVAL.0);
        let [older, old] = state.recent;
        state.recent = [old, value];
        if value < 0.0 {
            state.dipped = true;
        }
        let mut news = None;
        let shortest = state
            .bout
            .map_or(self.params.shortest.0, |bout| self.params.shortest.0.max(self.params.rushed * bout.period));
        let fresh = state.bout.is_some_and(|bout| at.since(bout.newest) <= self.params.longest);
        let smallest = if fresh { self.params.smallest_next } else { self.params.smallest };
        if old > older && old >= value && old > smallest && !tipping {
            let peak = Peak { t: at, height: old };
            match &mut state.candidate {
                Some(last) if !state.dipped || peak.t.since(last.t).0 < shortest => {
                    if peak.height > last.height {
                        *last = peak;
                    }
                }
                _ => {
                    news = self.settle(state, now, emit);
                    state.candidate = Some(peak);
                }
            }
            state.dipped = false;
        }
        // A peak is settled once nothing can replace it any more.
        let sure_after = if state.dipped { shortest } else { self.params.lone.0 };
        if state.candidate.is_some_and(|peak| at.since(peak.t).0 >= sure_after) {
            news = self.settle(state, now, emit);
        }
        if state.bout.is_some_and(|bout| at.since(bout.newest).0 > self.params.merge.0) {
            self.end(state, now, Flags::default(), emit);
        }
        news
    }

    /// Makes the candidate a step, or one that waits for enough company.
    fn settle(&self, state: &mut GaitState, now: Time, emit: &mut impl FnMut(Output)) -> Option<GaitNews> {
        let peak = state.candidate.take()?;
        if let Some(bout) = state.bout {
            let since = peak.t.since(bout.newest).0;
            if since <= self.params.longest.0 && state.waiting_len == 0 {
                return Some(self.take_step(state, peak, now, emit));
            }
        }
        if state.waiting_len > 0 {
            let last = state.waiting[state.waiting_len - 1];
            if peak.t.since(last.t).0 > self.params.longest.0 {
                state.waiting_len = 0;
            }
        }
        if state.waiting_len == WAITING {
            state.waiting.copy_within(1.., 0);
            state.waiting_len -= 1;
        }
        state.waiting[state.waiting_len] = peak;
        state.waiting_len += 1;
        if state.waiting_len < self.params.fewest || !self.like_walking(&state.waiting[..state.waiting_len]) {
            return None;
        }
        let waiting = state.waiting;
        let from = waiting[0].t;
        for peak in waiting.iter().take(std::mem::take(&mut state.waiting_len)) {
            self.take_step(state, *peak, now, emit);
        }
        Some(GaitNews::Walked(from, peak.t))
    }

    /// Whether peaks look like steps in a row.
    fn like_walking(&self, peaks: &[Peak]) -> bool {
        let mut shortest = f64::MAX;
        let mut longest: f64 = 0.0;
        for pair in peaks.windows(2) {
            let apart = pair[1].t.since(pair[0].t).0;
            shortest = shortest.min(apart);
            longest = longest.max(apart);
        }
        let mean = peaks.iter().map(|peak| peak.height).sum::<f64>() / peaks.len() as f64;
        mean >= self.params.sure && longest <= self.params.uneven * shortest
    }

    fn take_step(&self, state: &mut GaitState, peak: Peak, now: Time, emit: &mut impl FnMut(Output)) -> GaitNews {
        let t = (peak.t + self.params.contact).max(Time::START);
        let bout = state.bout.get_or_insert(Bout { start: t, newest: t, steps: 0, stepping: 0.0, period: 0.0 });
        let from = bout.newest;
        let apart = t.since(bout.newest).0;
        if apart <= self.params.longest.0 {
            bout.stepping += apart;
            let before = if bout.period > 0.0 { bout.period } else { apart };
            bout.period = before + self.params.learn * (apart - before);
        }
        bout.newest = t;
        bout.steps += 1;
        emit(Output::Step(Step { t, bout: state.bouts, decided: now }));
        GaitNews::Walked(from, t)
    }

    fn end(&self, state: &mut GaitState, now: Time, flags: Flags, emit: &mut impl FnMut(Output)) {
        let Some(bout) = state.bout.take() else {
            return;
        };
        state.bouts += 1;
        let mut event = Event::new(Kind::WalkingBout, bout.start, bout.newest, now);
        event.steps = Some(bout.steps);
        if bout.stepping > 0.0 {
            // The first step begins the first interval, so there is one interval fewer than steps.
            event.cadence_spm = Some(60.0 * f64::from(bout.steps - 1) / bout.stepping);
        }
        event.flags = flags;
        emit(Output::Event(event));
    }

    /// Ends what is open: a gap or the end of the recording.
    pub(super) fn cut(&self, state: &mut GaitState, now: Time, emit: &mut impl FnMut(Output)) -> Option<GaitNews> {
        let news = self.settle(state, now, emit);
        self.end(state, now, Flags::TRUNCATED, emit);
        *state = GaitState { bouts: state.bouts, ..GaitState::default() };
        news
    }
}
