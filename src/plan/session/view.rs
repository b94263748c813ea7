//! A set as people and programs see it: figures and what to do now, in words.

use super::Over;
use crate::care::messages;
use crate::plan::{Counting, Exercise, StopReason};
use serde::{Deserialize, Serialize};

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

    /// What the wearer said of it afterwards is kept.
    pub fn noted(&mut self, count: Option<u32>) {
        self.count = count.or(self.count);
        self.words = words("ex_noted");
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
pub(super) fn words(id: &str) -> String {
    messages::find(id).map(|message| message.text.clone()).unwrap_or_default()
}
