//! What is asked for when a set begins, and what is said when it ends. Both are written down as JSON.

use crate::plan::catalogue::{self, Exercise};
use crate::plan::{Quota, Side, StopReason};
use crate::units::Seconds;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
