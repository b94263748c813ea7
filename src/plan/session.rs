//! A set of one exercise while it goes on. In: what was asked for, and what the detectors see. Out: what to
//! show now, and at the end what was done and where its count is from.
//!
//! Source: domain.md §14. What the sensor cannot count it does not count: it is timed, and the wearer tells.
//! Doses are those that were asked for; without one the set goes on until it is stopped.

use super::catalogue::{self, Counting, Exercise, ExerciseKind};
use super::dose::{Quota, Side, StopReason};
use crate::care::messages;
use crate::signal::{Event, ExerciseNow, Posture, Stage, Tick};
use crate::units::{Seconds, Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

/// What is asked for when a set begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What, from the catalogue; written as its id.
    #[serde(serialize_with = "exercise_id", deserialize_with = "known_exercise")]
    pub exercise: &'static Exercise,
    /// Sets.
    pub sets: Option<u32>,
    /// Repetitions or holds in each set, or steps of a walk.
    pub reps: Option<u32>,
    /// Length of each hold or set, in seconds.
    pub seconds: Option<u32>,
    /// The side, where it is told.
    pub side: Option<Side>,
    /// Pain before it, 0 to 10.
    pub nprs_before: Option<u8>,
}

impl Order {
    /// The exercise with nothing said of how much.
    pub fn open(exercise: &'static Exercise) -> Self {
        Self { exercise, sets: None, reps: None, seconds: None, side: None, nprs_before: None }
    }

    /// How much is asked for.
    pub fn quota(&self) -> Quota {
        Quota { sets: self.sets, reps: self.reps, lasting: self.seconds.map(|s| Seconds(f64::from(s))) }
    }

    /// The same with what a plan says, where nothing was said of how much.
    #[must_use]
    pub fn or(self, planned: &Quota) -> Self {
        if !self.quota().is_open() {
            return self;
        }
        Self { sets: planned.sets, reps: planned.reps, seconds: planned.lasting.map(|s| s.0.round() as u32), ..self }
    }
}

fn exercise_id<S: Serializer>(exercise: &Exercise, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&exercise.id)
}

fn known_exercise<'de, D: Deserializer<'de>>(text: D) -> Result<&'static Exercise, D::Error> {
    let id = String::deserialize(text)?;
    catalogue::find(&id).ok_or_else(|| serde::de::Error::custom(catalogue::unknown(&id)))
}

/// What the wearer says when a set ends, or afterwards. `None`: nothing was said of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// How many it were.
    pub count: Option<u32>,
    /// Why it ended.
    pub reason: Option<StopReason>,
    /// Pain after it, 0 to 10.
    pub nprs_after: Option<u8>,
    /// How hard it felt, 0 to 10.
    pub effort: Option<u8>,
}

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

/// Where a set stands, as a word for page and programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetStep {
    /// No sample has come yet.
    Waiting,
    /// The body is not in the start position.
    Position,
    /// It is, and is to be still.
    Settle,
    /// It counts, or its time runs.
    Going,
    /// Another movement goes on.
    Turned,
    /// It is over.
    Over,
    /// It was not begun, and the words say why.
    Refused,
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
            name: self.exercise.name.clone(),
            step,
            words: words(message),
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

/// A set as people and programs see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionView {
    /// The wish it answers: when it was asked for, ns since 1970-01-01 UTC.
    pub asked_utc_ns: i64,
    /// Id in the catalogue.
    pub exercise: String,
    /// Its name for people.
    pub name: String,
    /// Where it stands.
    pub step: SetStep,
    /// What to do now, or how it ended.
    pub words: String,
    /// How it is counted.
    pub counting: String,
    /// Repetitions or holds so far; `None` where the sensor counts none.
    pub count: Option<u32>,
    /// How many were asked for.
    pub count_of: Option<u32>,
    /// How long the hold under way lasts; `None` for what has no holds.
    pub hold_s: Option<f64>,
    /// How long a hold was meant to be.
    pub hold_of_s: Option<f64>,
    /// Time that counts so far.
    pub lasting_s: f64,
    /// How long it was meant to be.
    pub lasting_of_s: Option<f64>,
    /// Steps of a walk.
    pub steps: Option<u32>,
    /// How many were asked for.
    pub steps_of: Option<u32>,
    /// Mean length of a repetition beyond its angle.
    pub mean_hold_s: Option<f64>,
    /// From one repetition to the next, in the mean.
    pub tempo_s: Option<f64>,
    /// How much was kept still, 0 to 1.
    pub steady_share: Option<f64>,
    /// Why it ended.
    pub stop_reason: Option<StopReason>,
    /// Its number in the store, once it is kept.
    pub log: Option<i64>,
    /// The wish that stopped it, where one did.
    #[serde(default)]
    pub stopped_utc_ns: Option<i64>,
}

impl SessionView {
    /// A set that was not begun; the message says why.
    pub fn refused(asked_utc_ns: i64, exercise: Option<&Exercise>, message: &str) -> Self {
        Self {
            asked_utc_ns,
            exercise: exercise.map(|exercise| exercise.id.clone()).unwrap_or_default(),
            name: exercise.map(|exercise| exercise.name.clone()).unwrap_or_default(),
            step: SetStep::Refused,
            words: words(message),
            counting: exercise.map(|exercise| exercise.counting.name().to_owned()).unwrap_or_default(),
            count: None,
            count_of: None,
            hold_s: None,
            hold_of_s: None,
            lasting_s: 0.0,
            lasting_of_s: None,
            steps: None,
            steps_of: None,
            mean_hold_s: None,
            tempo_s: None,
            steady_share: None,
            stop_reason: None,
            log: None,
            stopped_utc_ns: None,
        }
    }

    /// Pain was told that asks to stop: its text comes before all others.
    pub fn ask_to_stop(&mut self) {
        self.words = words(Over::Stopped(StopReason::Pain).message());
    }

    /// Nothing more will come.
    pub fn is_over(&self) -> bool {
        matches!(self.step, SetStep::Over | SetStep::Refused)
    }

    /// The count is one that the wearer must confirm.
    pub fn is_about(&self) -> bool {
        self.counting == Counting::Assisted.name()
    }

    /// The figures of now in a few words: `3 of 10`, `about 4`, `hold 2: 14 of 20 s`, `12 min, 1040 steps`.
    pub fn figures(&self) -> String {
        let of = |of: Option<u32>| of.map_or(String::new(), |of| format!(" of {of}"));
        if let Some(steps) = self.steps {
            let time = clock(self.lasting_s);
            let planned = self.lasting_of_s.map_or(String::new(), |s| format!(" of {}", clock(s)));
            return format!("{time}{planned} walked, {steps}{} steps", of(self.steps_of));
        }
        match (self.count, self.hold_s) {
            (Some(count), Some(hold)) if hold > 0.0 && !self.is_over() => {
                let planned = self.hold_of_s.map_or(String::new(), |s| format!(" of {s:.0}"));
                format!("hold {}{}: {:.0}{planned} s", count + 1, of(self.count_of), hold.floor())
            }
            (Some(count), Some(_)) => {
                let holds = if count == 1 && self.count_of.is_none() { "hold" } else { "holds" };
                format!("{count}{} {holds}, {:.0} s in all", of(self.count_of), self.lasting_s)
            }
            (Some(count), None) if self.is_about() => format!("about {count}{}", of(self.count_of)),
            (Some(count), None) => format!("{count}{}", of(self.count_of)),
            (None, _) => {
                let planned = self.lasting_of_s.map_or(String::new(), |s| format!(" of {}", clock(s)));
                format!("{}{planned}", clock(self.lasting_s))
            }
        }
    }

    /// What is told of it when it is over, beside the figures.
    pub fn details(&self) -> String {
        let mut told = Vec::new();
        if let Some(hold) = self.mean_hold_s.filter(|_| self.hold_s.is_none()) {
            told.push(format!("held {hold:.1} s each"));
        }
        if let Some(tempo) = self.tempo_s {
            told.push(format!("one every {tempo:.1} s"));
        }
        if let Some(steady) = self.steady_share {
            let what = if self.is_about() { "back level" } else { "hips still" };
            told.push(format!("{what} for {:.0} % of it", steady * 100.0));
        }
        told.join(", ")
    }
}

/// Minutes and seconds, as a stopwatch shows them.
fn clock(s: f64) -> String {
    let s = s.max(0.0) as u64;
    format!("{}:{:02}", s / 60, s % 60)
}

/// The words of a message.
fn words(id: &str) -> String {
    messages::find(id).map(|message| message.text.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Kind, Monitor, Setup};

    fn now(stage: Stage, holding: f64) -> ExerciseNow {
        ExerciseNow { stage, holding: Seconds(holding), steady: None }
    }

    fn tick(s: f64) -> Tick {
        Tick { t: Time::from_seconds(s), ..Monitor::new(Setup::default()).now() }
    }

    fn repetition(from: f64, to: f64) -> Event {
        Event::new(Kind::Repetition, Time::from_seconds(from), Time::from_seconds(to), Time::from_seconds(to))
    }

    fn session(order: Order) -> Session {
        Session::new(order, Time::START)
    }

    fn open(exercise: &str) -> Order {
        Order::open(catalogue::find(exercise).unwrap())
    }

    #[test]
    fn a_bridge_asks_for_the_position_counts_and_ends_when_all_are_done() {
        let mut set = session(Order { sets: Some(2), reps: Some(2), ..open("bridge") });
        assert_eq!(set.view(7).words, "Just a moment.");
        for (s, stage, words) in [
            (1.0, Stage::Elsewhere, "Lie on your back first."),
            (2.0, Stage::Settling, "Good. Stay still for two seconds."),
            (3.0, Stage::Known, "Ready. Begin when you like."),
        ] {
            set.tick(&tick(s), Some(now(stage, 0.0)));
            assert_eq!((set.view(7).words.as_str(), set.view(7).asked_utc_ns), (words, 7));
        }
        for n in 1..=4 {
            let s = 4.0 * f64::from(n);
            set.tick(&tick(s), Some(now(Stage::Known, 1.5)));
            set.repetition(&repetition(s - 2.0, s));
            assert_eq!(set.view(7).figures(), format!("{n} of 4"));
        }
        assert_eq!(set.over(), Some(Over::Reached));
        let (outcome, view) = (set.outcome(), set.view(7));
        assert_eq!((outcome.count, outcome.sets, outcome.by_sensor), (Some(4), 2, true));
        assert_eq!(view.details(), "held 1.5 s each, one every 4.0 s");
        set.repetition(&repetition(18.0, 20.0));
        assert_eq!(set.outcome().count, Some(4), "it is over");
    }

    #[test]
    fn pain_stops_with_the_stop_text_and_nothing_that_is_forgotten_goes_on_for_ever() {
        let mut set = session(open("bridge"));
        set.tick(&tick(3.0), Some(now(Stage::Known, 0.0)));
        set.stop(Over::Stopped(StopReason::Pain));
        assert!(set.view(1).words.contains("health professional") && set.view(1).is_over());
        for (exercise, s) in [("bridge", IDLE), ("seated_twist", LONGEST_SET), ("walk", IDLE_WALK)] {
            let mut set = session(open(exercise));
            let seen = (exercise != "walk").then_some(now(Stage::Known, 0.0));
            set.tick(&tick(s.0 - 1.0), seen);
            assert_eq!(set.over(), None, "{exercise}");
            set.tick(&tick(s.0 + 1.0), seen);
            assert_eq!(set.over(), Some(Over::TooLong), "{exercise}");
        }
    }

    #[test]
    fn what_the_sensor_cannot_count_is_timed_and_says_so() {
        let mut twist = session(Order { seconds: Some(30), ..open("seated_twist") });
        twist.tick(&tick(1.0), Some(now(Stage::Elsewhere, 0.0)));
        assert_eq!(twist.view(1).words, "Sit upright first.");
        twist.tick(&tick(5.0), Some(now(Stage::Known, 0.0)));
        twist.tick(&tick(20.0), Some(now(Stage::Known, 0.0)));
        assert_eq!(twist.view(1).figures(), "0:15 of 0:30");
        twist.tick(&tick(35.0), Some(now(Stage::Known, 0.0)));
        let outcome = twist.outcome();
        assert_eq!((twist.over(), outcome.count, outcome.by_sensor), (Some(Over::Reached), None, false));
        let mut unseen = session(open("bridge"));
        unseen.tick(&tick(1.0), None);
        assert!(unseen.view(1).words.contains("not calibrated") && unseen.outcome().count.is_none());
    }

    #[test]
    fn a_hold_says_when_it_has_lasted_and_a_bird_dog_says_about() {
        let mut knee = session(Order { sets: Some(2), seconds: Some(20), ..open("knee_to_chest") });
        knee.tick(&tick(5.0), Some(now(Stage::Known, 14.2)));
        assert_eq!(knee.view(1).figures(), "hold 1 of 2: 14 of 20 s");
        knee.tick(&tick(12.0), Some(now(Stage::Known, 20.2)));
        assert_eq!(knee.view(1).words, "That was the time. Lower slowly.");
        knee.repetition(&repetition(0.0, 21.0));
        knee.tick(&tick(30.0), Some(now(Stage::Known, 0.0)));
        assert_eq!(knee.view(1).figures(), "1 of 2 holds, 21 s in all");
        let mut dog = session(Order { reps: Some(1), ..open("bird_dog") });
        let steady = ExerciseNow { steady: Some(0.9), ..now(Stage::Known, 0.0) };
        dog.tick(&tick(5.0), Some(steady));
        dog.repetition(&repetition(1.0, 4.0));
        assert_eq!((dog.over(), dog.view(1).figures().as_str()), (None, "about 1 of 1"));
        assert_eq!(dog.view(1).details(), "back level for 90 % of it");
    }

    #[test]
    fn an_order_is_read_as_it_is_written_and_takes_over_a_plan() {
        let order = Order { side: Some(Side::Left), nprs_before: Some(3), ..open("knee_to_chest") };
        let text = serde_json::to_string(&order).unwrap();
        assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
        assert!(serde_json::from_str::<Order>(&text.replace("knee_to_chest", "handstand")).is_err());
        let planned = Quota { sets: Some(2), reps: None, lasting: Some(Seconds(20.0)) };
        assert_eq!(order.or(&planned).quota(), planned);
        let own = Order { reps: Some(3), ..order };
        assert_eq!(own.or(&planned), own);
    }
}
