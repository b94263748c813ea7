//! The four rules: ticks and finished events come in, a verdict for every signal comes out.
//!
//! | rule | says | decided |
//! |---|---|---|
//! | W1 | a deep bend | on the tick at which TEA ≥ 60° has lasted 0.3 s; ready again below 50° |
//! | W2 | a held bend | when the hold limit is used up; up to 3, 5 s apart, none below 20° |
//! | W3 | repeated bends | at the first upright moment after the tenth bend in 5 min |
//! | W4 | a possible lift | at the next upright moment, once an hour |
//!
//! Outside acute mode there are no signals at all, so there is nothing to withhold: bends are counted
//! elsewhere and not judged. In acute mode a signal that may not be sent is given out as withheld, once
//! for each bend and rule. The rules rest while lying, on hands and knees, or not worn: what looks like
//! a bend then is none. So is the way up from there, until the wearer has been upright.
//!
//! Hours and spacings are kept on a line of time of the warner's own: within a recording its times, between
//! two what [`Warner::begin_recording`] is told. A clock that is set does not move it. What depends on the
//! time of day (a snooze, quiet hours) goes by wall time.
//!
//! Source: domain.md §6. Differs from it: a second W1 within one bend also keeps the spacing of
//! different bends, since someone who works between 45° and 65° would use up the hour in seconds; W3
//! keeps it too, being about several bends; W2 is told once for each bend, so that nobody who has to
//! stay bent hears it all along; what begins within half a second of rising from a seat is the rest of rising
//! and neither counts for W3 nor is a lift.

use super::arming::{Context, Reason, armed, first_reason, reason_against_any};
use super::budget::{Budget, BudgetState};
use super::hold::{Hold, HoldState};
use super::params::{HOLD_FROM, WarningParams};
use super::signal::{Measured, Outcome, Signal, Verdict};
use crate::signal::{Event, Flags, Kind, Posture, Tick, WarningKind};
use crate::units::{Angle, Seconds, Time, WallTime};
use std::collections::VecDeque;

/// Runs the rules for one wearer, over any number of recordings.
#[derive(Clone, Debug, PartialEq)]
pub struct Warner {
    params: WarningParams,
    hold: Hold,
    budget: Budget,
    state: WarnerState,
}

/// All that ticks and events change. Plain data: clone it, store it, carry on from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WarnerState {
    newest: Option<Tick>,
    newest_usable: Option<Time>,
    bends_seen: u64,
    bend: Option<OpenBend>,
    /// The newest bend, open or closed.
    latest: Option<LatestBend>,
    /// The wearer lay or tipped over as far, and has not been upright since; upright since when.
    tipped: Option<Tipped>,
    /// When the wearer was last known to sit, or not to.
    sitting: Option<(Time, bool)>,
    /// Starts and ends of bends that count for W3, oldest first.
    counted: VecDeque<(Time, Time)>,
    waiting: [Option<Waiting>; 2],
    newest_lift: Option<Time>,
    /// When the wearer last rose from a seat.
    rose: Option<Time>,
    budget: BudgetState,
    /// The warner's own line of time: how far it has come, and at which time of the recording.
    passed: Time,
    passed_at: Time,
}

/// A stretch at or beyond 20°.
#[derive(Clone, Debug, PartialEq)]
struct OpenBend {
    number: u64,
    start: Time,
    low_since: Option<Time>,
    deep_since: Option<Time>,
    deep_told: bool,
    deep_signals: u32,
    hold: HoldState,
    series: Option<Series>,
    seated: bool,
}

/// On the way up from lying, or a sensor in someone's hands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tipped {
    upright_since: Option<Time>,
}

/// The W2 signals of one bend.
#[derive(Clone, Debug, PartialEq)]
struct Series {
    since: Time,
    threshold: Seconds,
    sent: u8,
    next: Time,
    withheld_told: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct LatestBend {
    number: u64,
    start: Time,
    seated: bool,
}

/// A W3 or W4 that waits for an upright moment.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Waiting {
    rule: WarningKind,
    since: Time,
    decided: Time,
    bend: Option<u64>,
    measured: Measured,
    tea: Angle,
}

impl Warner {
    /// Makes ready with these thresholds.
    pub fn new(params: WarningParams) -> Self {
        Self::resume(params, WarnerState::default())
    }

    /// Goes on from a state.
    pub fn resume(params: WarningParams, state: WarnerState) -> Self {
        let hold = Hold { tolerance: params.hold_tolerance, departure: params.closes_after, share: params.hold_share };
        Self { hold, budget: Budget::new(&params), params, state }
    }

    /// The state, to go on from later.
    pub fn state(&self) -> &WarnerState {
        &self.state
    }

    /// The thresholds in use.
    pub fn params(&self) -> &WarningParams {
        &self.params
    }

    /// Other thresholds hold from now on; what is going on goes on.
    pub fn set_params(&mut self, params: WarningParams) {
        if params != self.params {
            *self = Self::resume(params, std::mem::take(&mut self.state));
            if !self.params.lifts {
                self.state.waiting[1] = None;
            }
        }
    }

    /// A new recording begins, so long after the newest tick: its times count anew. The budget and the
    /// hour of lifts go on. Where the clock was set in between, what truly passed is to be told; less than
    /// nothing counts as nothing.
    pub fn begin_recording(&mut self, after: Seconds) {
        let state = std::mem::take(&mut self.state);
        self.state = WarnerState {
            bends_seen: state.bends_seen,
            newest_lift: state.newest_lift,
            budget: state.budget,
            passed: state.passed + Seconds(after.0.max(0.0)),
            ..WarnerState::default()
        };
    }

    /// A signal that was sent so long ago, before the program was started anew. Give the oldest first.
    pub fn remember(&mut self, rule: Option<WarningKind>, ago: Seconds) {
        let at = self.state.passed - Seconds(ago.0.max(0.0));
        self.budget.note_sent(&mut self.state.budget, at, None);
        if rule == Some(WarningKind::W4) {
            self.state.newest_lift = Some(at);
        }
    }

    /// Whether a signal of another kind, such as a nudge, may be given now beside these. It keeps the same
    /// distance, and counts for the same hour once it is [noted](Warner::note_other).
    pub fn allows_other(&self) -> Result<(), Reason> {
        self.budget.allows(&self.state.budget, self.state.passed, None)
    }

    /// Notes a signal of another kind that is sent now.
    pub fn note_other(&mut self) {
        self.budget.note_sent(&mut self.state.budget, self.state.passed, None);
    }

    /// The weightiest reason against any signal now, also one that says nothing about bends.
    pub fn at_rest(&self, context: &Context, now: WallTime) -> Option<Reason> {
        reason_against_any(&self.params, context, self.state.newest.as_ref(), now)
    }

    /// Whether signals may be given now; else every reason against it, the weightiest first.
    pub fn armed(&self, context: &Context, now: WallTime) -> Result<(), Vec<Reason>> {
        armed(&self.params, context, self.state.newest.as_ref(), now)
    }

    /// How much of the hold limit the open bend has used: 1 is the line. For the live view.
    pub fn hold_used(&self) -> Option<f64> {
        self.state.bend.as_ref().map(|bend| bend.hold.used())
    }

    /// Takes the next live judgement.
    pub fn push_tick(&mut self, tick: &Tick, context: &Context, emit: &mut impl FnMut(Verdict)) {
        self.state.newest = Some(*tick);
        self.pass(tick.t);
        self.note_sitting(tick);
        let Some(tea) = self.usable_angle(tick) else {
            return;
        };
        self.follow_bend(tick.t, tea);
        self.judge_deep(tick.t, tea, context, emit);
        self.judge_held(tick.t, tea, context, emit);
        self.tell_waiting(tick.t, tea, context, emit);
    }

    /// Takes a finished event: bends for W3, possible lifts for W4, rising and sitting down.
    pub fn push_event(&mut self, event: &Event, context: &Context) {
        match event.kind {
            Kind::SitToStand => {
                self.set_sitting(event.end, false);
                self.state.rose = Some(event.end);
            }
            Kind::StandToSit => self.set_sitting(event.end, true),
            _ => {}
        }
        if !context.acute {
            self.state.counted.clear();
            self.state.waiting = [None; 2];
            return;
        }
        // The lean that rising from a seat begins with and ends in is neither a bend that counts nor a lift.
        let just_after = |rose: Time| event.end > rose && event.start.since(rose).0 <= self.params.closes_after.0;
        let rising = self.state.rose.is_some_and(just_after);
        let doubtful = event.flags.has(Flags::TRUNCATED) || event.flags.has(Flags::SITTING);
        if context.exercise || doubtful || rising {
            return;
        }
        match event.kind {
            Kind::Bend if self.bend_of(event).is_some_and(|bend| bend.seated) => {}
            Kind::Bend => self.count_bend(event),
            Kind::PossibleLift if self.params.lifts => self.note_lift(event),
            _ => {}
        }
    }

    /// Lets time pass on the warner's own line.
    fn pass(&mut self, t: Time) {
        let state = &mut self.state;
        state.passed = state.passed + Seconds(t.since(state.passed_at).0.max(0.0));
        state.passed_at = state.passed_at.max(t);
    }

    /// The angle to judge by; `None` where there is no bend to judge.
    fn usable_angle(&mut self, tick: &Tick) -> Option<Angle> {
        let resting = matches!(tick.posture, Posture::NotWorn | Posture::Lying | Posture::ProneOrAllFours);
        let state = &mut self.state;
        let too_long = |since: Time| tick.t.since(since).0 > self.params.closes_after.0;
        if resting || state.newest_usable.is_some_and(too_long) {
            state.bend = None;
        }
        let sideways = tick.side.is_some_and(|side| side.abs() >= self.params.sideways);
        state.tipped = still_tipped(&self.params, state.tipped, tick);
        let tipped = state.tipped.is_some();
        let tea = tick.tea.filter(|tea| tick.valid && !resting && !sideways && !tipped && tea.radians().is_finite())?;
        state.newest_usable = Some(tick.t);
        Some(tea)
    }

    fn note_sitting(&mut self, tick: &Tick) {
        if let Some(chance) = tick.sitting {
            self.set_sitting(tick.t, chance >= self.params.sitting_from);
        } else if tick.posture == Posture::Walking {
            self.set_sitting(tick.t, false);
        }
    }

    fn set_sitting(&mut self, t: Time, sitting: bool) {
        if self.state.sitting.is_some_and(|(newest, _)| t < newest) {
            return;
        }
        self.state.sitting = Some((t, sitting));
        if let Some(bend) = &mut self.state.bend {
            bend.seated = sitting;
        }
    }

    /// Opens a bend at 20°, follows its hold, closes it after half a second below.
    fn follow_bend(&mut self, t: Time, tea: Angle) {
        let state = &mut self.state;
        let low = tea < HOLD_FROM;
        let Some(bend) = &mut state.bend else {
            if low {
                return;
            }
            let remembered = |at: Time| t.since(at).0 <= self.params.sitting_remembered.0;
            let seated = state.sitting.is_some_and(|(at, sitting)| sitting && remembered(at));
            state.bends_seen += 1;
            state.bend = Some(OpenBend {
                number: state.bends_seen,
                start: t,
                low_since: None,
                deep_since: None,
                deep_told: false,
                deep_signals: 0,
                hold: HoldState::begin(t, tea),
                series: None,
                seated,
            });
            return;
        };
        state.latest = Some(LatestBend { number: bend.number, start: bend.start, seated: bend.seated });
        if low {
            let since = *bend.low_since.get_or_insert(t);
            if t.since(since).0 >= self.params.closes_after.0 {
                state.bend = None;
                return;
            }
        } else {
            bend.low_since = None;
        }
        let from = if bend.seated { self.params.seated_hold_from } else { HOLD_FROM };
        self.hold.step(&mut bend.hold, t, tea, from);
    }

    /// W1.
    fn judge_deep(&mut self, t: Time, tea: Angle, context: &Context, emit: &mut impl FnMut(Verdict)) {
        let Some(bend) = &mut self.state.bend else {
            return;
        };
        if tea < self.params.deep {
            bend.deep_since = None;
            if tea < self.params.deep - self.params.exit_below {
                bend.deep_told = false;
            }
            return;
        }
        let since = *bend.deep_since.get_or_insert(t);
        if bend.deep_told || t.0 - since.0 < self.params.deep_for.nanos() {
            return;
        }
        bend.deep_told = true;
        bend.deep_signals += 1;
        let (number, again) = (bend.number, bend.deep_signals > 1);
        let signal = Signal {
            rule: WarningKind::W1,
            at: t,
            wall: context.start.at(t),
            since,
            bend: Some(number),
            nth: 1,
            measured: Measured::Angle { value: tea, threshold: self.params.deep },
            tea,
        };
        if let Some(verdict) = self.decide(signal, (!again).then_some(number), context) {
            emit(verdict);
        }
    }

    /// W2.
    fn judge_held(&mut self, t: Time, tea: Angle, context: &Context, emit: &mut impl FnMut(Verdict)) {
        let Some(bend) = &mut self.state.bend else {
            return;
        };
        let from = if bend.seated { self.params.seated_hold_from } else { HOLD_FROM };
        if tea < from {
            return;
        }
        if bend.series.is_none() && bend.hold.used() >= 1.0 && bend.hold.mean() >= from {
            let lasting = bend.hold.lasting();
            let threshold = Seconds(lasting.0 / bend.hold.used());
            bend.series = Some(Series { since: t - lasting, threshold, sent: 0, next: t, withheld_told: false });
        }
        let Some(series) = &bend.series else {
            return;
        };
        if t < series.next || series.sent >= self.params.series {
            return;
        }
        let (number, already_told) = (bend.number, series.withheld_told);
        let signal = Signal {
            rule: WarningKind::W2,
            at: t,
            wall: context.start.at(t),
            since: series.since,
            bend: Some(number),
            nth: series.sent + 1,
            measured: Measured::Held { value: t.since(series.since), threshold: series.threshold },
            tea,
        };
        let verdict = self.decide(signal, Some(number), context);
        if let Some(series) = self.state.bend.as_mut().and_then(|bend| bend.series.as_mut()) {
            series.next = t + self.params.series_every;
            match verdict {
                Some(verdict) if verdict.outcome.is_sent() => series.sent += 1,
                Some(_) => series.withheld_told = true,
                None => {}
            }
        }
        if let Some(verdict) = verdict.filter(|verdict| verdict.outcome.is_sent() || !already_told) {
            emit(verdict);
        }
    }

    fn count_bend(&mut self, event: &Event) {
        let params = &self.params;
        let state = &mut self.state;
        state.counted.push_back((event.start, event.end));
        while state.counted.front().is_some_and(|&(_, end)| event.end.since(end).0 >= params.repeated_within.0) {
            state.counted.pop_front();
        }
        let value = u32::try_from(state.counted.len()).unwrap_or(u32::MAX);
        if value < params.repeated {
            return;
        }
        let since = state.counted.front().map_or(event.start, |&(start, _)| start);
        state.counted.clear();
        self.state.waiting[0] = Some(Waiting {
            rule: WarningKind::W3,
            since,
            decided: event.decided,
            bend: None,
            measured: Measured::Bends { value, threshold: self.params.repeated },
            tea: event.bend.map_or(Angle::ZERO, |detail| detail.peak_tea),
        });
    }

    /// The bend that an event is about, while it is the newest.
    fn bend_of(&self, event: &Event) -> Option<LatestBend> {
        self.state.latest.filter(|bend| bend.start <= event.end)
    }

    fn note_lift(&mut self, event: &Event) {
        let number = self.bend_of(event).map(|bend| bend.number);
        let detail = event.bend.unwrap_or_default();
        self.state.waiting[1] = Some(Waiting {
            rule: WarningKind::W4,
            since: event.start,
            decided: event.decided,
            bend: number,
            measured: Measured::Rise { value: detail.peak_up, threshold: self.params.lift_rise },
            tea: detail.peak_tea,
        });
    }

    /// W3 and W4, at an upright moment that is not crowded by another signal.
    fn tell_waiting(&mut self, t: Time, tea: Angle, context: &Context, emit: &mut impl FnMut(Verdict)) {
        if !context.acute {
            self.state.waiting = [None; 2];
            return;
        }
        for place in 0..self.state.waiting.len() {
            let Some(waiting) = self.state.waiting[place] else {
                continue;
            };
            let signal = Signal {
                rule: waiting.rule,
                at: t,
                wall: context.start.at(t),
                since: waiting.since,
                bend: waiting.bend,
                nth: 1,
                measured: waiting.measured,
                tea: waiting.tea,
            };
            let lapsed = t.since(waiting.decided).0 > self.params.wait_for_upright.0;
            if lapsed {
                self.state.waiting[place] = None;
                let reason = Reason::MomentPassed;
                emit(Verdict { signal, outcome: Outcome::Withheld(reason), summary: false });
                continue;
            }
            if tea >= HOLD_FROM || t < waiting.decided {
                continue;
            }
            let Some(verdict) = self.decide(signal, waiting.bend, context) else {
                self.state.waiting[place] = None;
                continue;
            };
            if verdict.outcome == Outcome::Withheld(Reason::TooSoon) {
                continue;
            }
            self.state.waiting[place] = None;
            emit(verdict);
        }
    }

    /// Sent or withheld; `None` outside acute mode, where there is nothing to say.
    /// `same_bend` is the bend whose earlier signals do not count for the spacing.
    fn decide(&mut self, signal: Signal, same_bend: Option<u64>, context: &Context) -> Option<Verdict> {
        if !context.acute {
            return None;
        }
        let (params, state) = (&self.params, &mut self.state);
        let now = state.passed;
        let lift_told =
            signal.rule == WarningKind::W4 && state.newest_lift.is_some_and(|at| now.since(at).0 < params.lift_every.0);
        let reason = first_reason(params, context, state.newest.as_ref(), signal.wall)
            .or(lift_told.then_some(Reason::LiftToldAlready))
            .or_else(|| self.budget.allows(&state.budget, now, same_bend).err());
        let Some(reason) = reason else {
            self.budget.note_sent(&mut state.budget, now, signal.bend);
            if signal.rule == WarningKind::W4 {
                state.newest_lift = Some(now);
            }
            return Some(Verdict { signal, outcome: Outcome::Sent, summary: false });
        };
        let summary = reason == Reason::HourlyLimit && self.budget.sums_up(&mut state.budget);
        Some(Verdict { signal, outcome: Outcome::Withheld(reason), summary })
    }
}

/// Who has tipped over is upright again after a while near the vertical.
fn still_tipped(params: &WarningParams, before: Option<Tipped>, tick: &Tick) -> Option<Tipped> {
    let (tilt, side) = (tick.tilt?, tick.side?);
    let down = matches!(tick.posture, Posture::Lying | Posture::ProneOrAllFours);
    if down || side.abs() >= params.sideways || tilt <= params.backward {
        return Some(Tipped::default());
    }
    let Tipped { upright_since } = before?;
    let upright = tilt.abs() < HOLD_FROM && side.abs() < HOLD_FROM;
    let since = upright.then(|| upright_since.unwrap_or(tick.t));
    let long = since.is_some_and(|since| tick.t.since(since).0 >= params.upright_for.0);
    (!long && tick.posture != Posture::Walking).then_some(Tipped { upright_since: since })
}
