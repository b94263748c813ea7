//! A set as people and programs see it: figures and what to do now, in words.

use super::Over;
use crate::care::{Locale, messages};
use crate::plan::{Counting, Exercise, StopReason, catalogue};
use serde::{Deserialize, Serialize};
use std::fmt::Display;

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

/// A set as people and programs see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionView {
    /// The wish it answers: when it was asked for, ns since 1970-01-01 UTC.
    pub asked_utc_ns: i64,
    /// Id in the catalogue.
    pub exercise: String,
    /// Where it stands.
    pub step: SetStep,
    /// Id of the message that says what to do now, or how it ended.
    pub message: String,
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
            step: SetStep::Refused,
            message: message.to_owned(),
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
        self.message = Over::Stopped(StopReason::Pain).message().to_owned();
    }

    /// What the wearer said of it afterwards is kept.
    pub fn noted(&mut self, count: Option<u32>) {
        self.count = count.or(self.count);
        self.message = "ex_noted".to_owned();
    }

    /// Nothing more will come.
    pub fn is_over(&self) -> bool {
        matches!(self.step, SetStep::Over | SetStep::Refused)
    }

    /// The count is one that the wearer must confirm.
    pub fn is_about(&self) -> bool {
        self.counting == Counting::Assisted.name()
    }

    /// The exercise's name for people.
    pub fn name(&self, locale: Locale) -> &str {
        catalogue::find(&self.exercise).map_or(&self.exercise, |exercise| exercise.name(locale))
    }

    /// What to do now, or how it ended.
    pub fn words(&self, locale: Locale) -> &'static str {
        messages::find(&self.message).map_or("", |message| message.text(locale))
    }

    /// The figures of now in a few words: `3 of 10`, `about 4`, `hold 2: 14 of 20 s`, `12:00 walked, 1040 steps`.
    pub fn figures(&self, locale: Locale) -> String {
        let say = &locale.phrases().set;
        let of = |count: &dyn Display, wanted: Option<&dyn Display>| match wanted {
            Some(wanted) => say.of.fill(&[("count", count), ("wanted", wanted)]),
            None => count.to_string(),
        };
        let counted = |count: u32, wanted: Option<u32>| of(&count, wanted.as_ref().map(|wanted| wanted as _));
        let timed = || of(&clock(self.lasting_s), self.lasting_of_s.map(clock).as_ref().map(|wanted| wanted as _));
        if let Some(steps) = self.steps {
            return say.walked.fill(&[("time", &timed()), ("steps", &counted(steps, self.steps_of))]);
        }
        match (self.count, self.hold_s) {
            (Some(count), Some(hold)) if hold > 0.0 && !self.is_over() => {
                let (number, seconds) = (counted(count + 1, self.count_of), format!("{:.0}", hold.floor()));
                match self.hold_of_s {
                    Some(wanted) => {
                        let wanted = format!("{wanted:.0}");
                        say.hold_now_of.fill(&[("number", &number), ("seconds", &seconds), ("wanted", &wanted)])
                    }
                    None => say.hold_now.fill(&[("number", &number), ("seconds", &seconds)]),
                }
            }
            (Some(count), Some(_)) => {
                let holds = if count == 1 && self.count_of.is_none() { &say.one_hold } else { &say.holds };
                let seconds = format!("{:.0}", self.lasting_s);
                holds.fill(&[("count", &counted(count, self.count_of)), ("seconds", &seconds)])
            }
            (Some(count), None) if self.is_about() => say.about.fill(&[("count", &counted(count, self.count_of))]),
            (Some(count), None) => counted(count, self.count_of),
            (None, _) => timed(),
        }
    }

    /// What is told of it when it is over, beside the figures.
    pub fn details(&self, locale: Locale) -> String {
        let say = &locale.phrases().set;
        let mut told = Vec::new();
        if let Some(hold) = self.mean_hold_s.filter(|_| self.hold_s.is_none()) {
            told.push(say.held_each.fill(&[("seconds", &format!("{hold:.1}"))]));
        }
        if let Some(tempo) = self.tempo_s {
            told.push(say.one_every.fill(&[("seconds", &format!("{tempo:.1}"))]));
        }
        if let Some(steady) = self.steady_share {
            let what = if self.is_about() { &say.back_level } else { &say.hips_still };
            told.push(what.fill(&[("percent", &format!("{:.0}", steady * 100.0))]));
        }
        told.join(", ")
    }
}

/// Minutes and seconds, as a stopwatch shows them.
fn clock(s: f64) -> String {
    let s = s.max(0.0) as u64;
    format!("{}:{:02}", s / 60, s % 60)
}
