//! A set of one exercise while it goes on. In: what was asked for, and what the detectors see. Out: what to
//! show now, and at the end what was done and where its count is from.
//!
//! Source: domain.md §14. What the sensor cannot count it does not count: it is timed, and the wearer tells.
//! Doses are those that were asked for; without one the set goes on until it is stopped.

mod order;
#[cfg(test)]
mod tests;
mod view;

pub use order::{After, Order};
pub use view::{SessionView, SetStep};

use super::catalogue::{Counting, Exercise, ExerciseKind};
use super::dose::StopReason;
use crate::signal::{Event, ExerciseNow, Posture, Stage, Tick};
use crate::units::{Seconds, Time};

/// A set of repetitions or holds ends by itself after so long, so that signals are not off for ever. Chosen by us:
/// three sets of ten slow repetitions with long rests take a third of it.
pub const LONGEST_SET: Seconds = Seconds(30.0 * 60.0);
/// The same for walks, bikes and the like. Chosen by us: more than most outings.
pub const LONGEST_OUTING: Seconds = Seconds(3.0 * 3600.0);
/// A set that counts by itself ends when nothing was counted for so long. Chosen by us: a long rest between two sets,
/// or a pause on a bench.
pub const IDLE: Seconds = Seconds(5.0 * 60.0);
/// For a walk. Chosen by us: longer than waiting for a bus.
pub const IDLE_WALK: Seconds = Seconds(10.0 * 60.0);

/// How a set ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// What was asked for is done.
    Reached,
    /// The wearer stopped it.
    Stopped(StopReason),
    /// It went on too long without a stop.
    TooLong,
    /// The recording ended.
    Cut,
}

impl Over {
    /// The reason that is kept.
    pub fn reason(self) -> StopReason {
        match self {
            Self::Reached => StopReason::Done,
            Self::Stopped(reason) => reason,
            Self::TooLong | Self::Cut => StopReason::Other,
        }
    }

    /// What is said.
    fn message(self) -> &'static str {
        match self {
            Self::Reached => "ex_reached",
            Self::Stopped(StopReason::Pain) => "stop_pain",
            Self::Stopped(StopReason::Tired) => "ex_rest",
            Self::Stopped(_) => "ex_kept",
            Self::TooLong => "ex_ended",
            Self::Cut => "ex_cut",
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Sets.
    pub sets: u32,
    /// Repetitions or holds; `None` where the sensor counts none.
    pub count: Option<u32>,
    /// Time: of holds, of walking, else from the first moment that counted.
    pub lasting: Seconds,
    /// Steps of a walk.
    pub steps: Option<u32>,
    /// How much was kept still, 0 to 1.
    pub steady_share: Option<f64>,
    /// The sensor counted it.
    pub by_sensor: bool,
}

/// A set of one exercise.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    order: Order,
    exercise: &'static Exercise,
    began: Time,
    newest: Time,
    /// Its time runs since then.
    going: Option<Time>,
    /// When something last counted.
    last: Time,
    seen: Option<ExerciseNow>,
    ticked: bool,
    count: u32,
    held: f64,
    /// How long the movement under way is beyond, and the same for those that counted.
    holding: f64,
    beyond: f64,
    first: Option<Time>,
    newest_start: Time,
    walked: f64,
    steps: u32,
    over: Option<Over>,
}

impl Session {
    /// Begins at a moment of the recording.
    pub fn new(order: Order, began: Time) -> Self {
        Self {
            order,
            exercise: order.exercise,
            began,
            newest: began,
            going: None,
            last: began,
            seen: None,
            ticked: false,
            count: 0,
            held: 0.0,
            holding: 0.0,
            beyond: 0.0,
            first: None,
            newest_start: began,
            walked: 0.0,
            steps: 0,
            over: None,
        }
    }

    /// What was asked for.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// The newest moment that was seen of it.
    pub fn newest(&self) -> Time {
        self.newest
    }

    /// When it began, and when it must be over.
    pub fn longest(&self) -> (Time, Time) {
        let lasting = if self.exercise.kind == ExerciseKind::Aerobic { LONGEST_OUTING } else { LONGEST_SET };
        (self.began, self.began + lasting)
    }

    /// How it ended; `None` while it goes on.
    pub fn over(&self) -> Option<Over> {
        self.over
    }

    /// The wearer stops it, or something else does.
    pub fn stop(&mut self, over: Over) {
        self.over.get_or_insert(over);
    }

    /// Takes one grid step and what is seen of the set.
    pub fn tick(&mut self, tick: &Tick, seen: Option<ExerciseNow>) {
        if self.over.is_some() {
            return;
        }
        (self.newest, self.seen, self.ticked) = (tick.t, seen, true);
        // Without a position to check, or without a mounting to check it by, time runs at once.
        let ready = seen.is_none_or(|seen| matches!(seen.stage, Stage::Known | Stage::Turned));
        if ready {
            self.going.get_or_insert(tick.t);
        }
        let holding = seen.map_or(0.0, |seen| seen.holding.0);
        // The detector forgets a movement when it is over; its length is kept until it is told.
        self.holding = if holding > 0.0 { holding } else { self.holding };
        if self.is_walk() && tick.posture == Posture::Walking {
            self.walked += Tick::INTERVAL.0;
            self.last = tick.t;
        }
        self.see_whether_over();
    }

    /// Takes a repetition that the detectors found.
    pub fn repetition(&mut self, event: &Event) {
        if self.over.is_some() || event.start < self.began {
            return;
        }
        self.count += 1;
        self.held += event.end.since(event.start).0;
        self.beyond += std::mem::take(&mut self.holding);
        self.first.get_or_insert(event.start);
        (self.newest_start, self.last) = (event.start, event.end);
        self.see_whether_over();
    }

    /// Takes a step that was made at `t`; those of the last seconds become known a moment later. Says whether it
    /// belongs to this walk.
    pub fn step(&mut self, t: Time) -> bool {
        let inside = self.is_walk() && t >= self.began && t <= self.newest;
        self.steps += u32::from(inside);
        inside
    }

    fn is_walk(&self) -> bool {
        self.exercise.id == "walk"
    }

    fn counts(&self) -> bool {
        matches!(self.exercise.counting, Counting::Automatic | Counting::Assisted | Counting::HoldTimer)
            && self.exercise.position.is_some()
    }

    fn see_whether_over(&mut self) {
        let (_, end) = self.longest();
        let quiet = self.newest.since(self.last);
        let idle = (self.counts() && quiet >= IDLE) || (self.is_walk() && quiet >= IDLE_WALK);
        if self.reached() {
            self.stop(Over::Reached);
        } else if self.newest >= end || idle {
            self.stop(Over::TooLong);
        }
    }

    /// What was asked for is done. A count that the wearer must confirm never ends a set, and neither does a walk:
    /// whoever walks may go on.
    fn reached(&self) -> bool {
        let quota = self.order.quota();
        match self.exercise.counting {
            _ if self.is_walk() => false,
            Counting::Assisted => false,
            _ if self.counts() => self.wanted().is_some_and(|wanted| self.count >= wanted),
            _ => quota.lasting.is_some() && quota.reps.is_none() && quota.in_all().is_some_and(|s| self.ran() >= s),
        }
    }

    /// Repetitions or holds that are asked for in all.
    fn wanted(&self) -> Option<u32> {
        let quota = self.order.quota();
        match (quota.reps, self.exercise.counting) {
            (Some(reps), _) => Some(reps * quota.sets_or_one()),
            // So many seconds, so many times: each is one hold.
            (None, Counting::HoldTimer) if quota.lasting.is_some() => Some(quota.sets_or_one()),
            (None, _) => None,
        }
    }

    /// How long its time has run.
    fn ran(&self) -> f64 {
        self.going.map_or(0.0, |going| self.newest.since(going).0)
    }

    /// What was done so far.
    pub fn outcome(&self) -> Outcome {
        let counts = self.counts() && self.seen_at_all();
        let lasting = match self.exercise.counting {
            _ if self.is_walk() => self.walked,
            Counting::HoldTimer if counts => self.held,
            _ => self.ran(),
        };
        let reps = self.order.reps.filter(|_| counts);
        let sets = reps.map_or(1, |reps| self.count.div_ceil(reps.max(1))).clamp(1, self.order.quota().sets_or_one());
        Outcome {
            sets,
            count: counts.then_some(self.count),
            lasting: Seconds(lasting),
            steps: self.is_walk().then_some(self.steps),
            steady_share: self.seen.and_then(|seen| seen.steady),
            by_sensor: counts || self.is_walk(),
        }
    }

    /// Whether the detectors see anything of it: not without a mounting.
    fn seen_at_all(&self) -> bool {
        self.seen.is_some()
    }

    /// As people see it now.
    pub fn view(&self, asked_utc_ns: i64) -> SessionView {
        let (step, message) = self.stands();
        let outcome = self.outcome();
        let quota = self.order.quota();
        let many = f64::from(self.count.max(1));
        let mean_hold = (self.count > 0 && self.beyond > 0.0).then(|| self.beyond / many);
        let tempo = (self.count > 1)
            .then(|| self.newest_start.since(self.first.unwrap_or_default()).0 / f64::from(self.count - 1));
        SessionView {
            asked_utc_ns,
            exercise: self.exercise.id.clone(),
            step,
            message: message.to_owned(),
            counting: self.exercise.counting.name().to_owned(),
            count: outcome.count,
            count_of: self.wanted().filter(|_| outcome.count.is_some()),
            hold_s: (self.exercise.counting == Counting::HoldTimer)
                .then(|| self.seen.map_or(0.0, |seen| seen.holding.0)),
            hold_of_s: quota.lasting.map(|s| s.0).filter(|_| self.exercise.counting == Counting::HoldTimer),
            lasting_s: outcome.lasting.0,
            lasting_of_s: quota.in_all().filter(|_| quota.reps.is_none() && !self.counts()),
            steps: outcome.steps,
            steps_of: self.order.reps.filter(|_| self.is_walk()),
            mean_hold_s: mean_hold,
            tempo_s: tempo,
            steady_share: outcome.steady_share,
            stop_reason: self.over.map(Over::reason),
            log: None,
            stopped_utc_ns: None,
        }
    }

    /// Where it stands, and the message for it.
    fn stands(&self) -> (SetStep, &'static str) {
        if let Some(over) = self.over {
            return (SetStep::Over, over.message());
        }
        if !self.ticked {
            return (SetStep::Waiting, "ex_waiting");
        }
        let Some(seen) = self.seen else {
            let message = match self.is_walk() {
                true if self.walk_is_enough() => "ex_walk_enough",
                true => "ex_walking",
                false if self.exercise.position.is_some() => "ex_unseen",
                false => "ex_timing",
            };
            return (SetStep::Going, message);
        };
        match seen.stage {
            Stage::Elsewhere => {
                let asks = self.exercise.begins().map_or("ex_waiting", |position| position.message.as_str());
                (SetStep::Position, asks)
            }
            Stage::Settling => (SetStep::Settle, "ex_settle"),
            Stage::Turned => (SetStep::Turned, "ex_turned"),
            Stage::Known if !self.counts() => (SetStep::Going, "ex_timing"),
            Stage::Known => (SetStep::Going, self.counting_words(&seen)),
        }
    }

    fn counting_words(&self, seen: &ExerciseNow) -> &'static str {
        let lasting = self.order.quota().lasting;
        match (self.exercise.counting, seen.holding.0 > 0.0) {
            (Counting::HoldTimer, true) if lasting.is_some_and(|lasting| seen.holding >= lasting) => "ex_hold_enough",
            (Counting::HoldTimer, true) => "ex_hold",
            _ if self.count == 0 => "ex_go",
            _ => "ex_counting",
        }
    }

    fn walk_is_enough(&self) -> bool {
        let quota = self.order.quota();
        let long = quota.lasting.is_some() && quota.in_all().is_some_and(|s| self.walked >= s);
        long || quota.reps.is_some_and(|steps| self.steps >= steps * quota.sets_or_one())
    }
}
