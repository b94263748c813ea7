//! How much of an exercise, on which side, and why it ended: the words that plans and sets share.

use crate::care::Locale;
use crate::units::Seconds;
use serde::{Deserialize, Serialize};

/// An amount of an exercise. Nothing here proposes one: it is entered, or grown from what was entered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quota {
    /// Sets.
    pub sets: Option<u32>,
    /// Repetitions in each set, or steps of a walk.
    pub reps: Option<u32>,
    /// Length of each set.
    pub lasting: Option<Seconds>,
}

impl Quota {
    /// Nothing was said about how much.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// How many sets, one where none were told.
    pub fn sets_or_one(&self) -> u32 {
        self.sets.unwrap_or(1).max(1)
    }

    /// All sets together, as a count or in seconds; `None` where neither was told.
    pub fn in_all(&self) -> Option<f64> {
        let each = self.reps.map(f64::from).or(self.lasting.map(|lasting| lasting.0))?;
        Some(each * f64::from(self.sets_or_one()))
    }

    /// In words: `3 sets of 10`, `20 min`, or that it was left open.
    pub fn words(&self, unit: &str, locale: Locale) -> String {
        let say = &locale.phrases().terminal;
        let each = match (self.reps, self.lasting) {
            (Some(reps), _) if self.sets.is_some() && unit == "times" => Some(reps.to_string()),
            (Some(reps), _) if unit == "steps" => Some(say.steps.fill(&[("count", &reps)])),
            (Some(reps), _) => Some(say.times.fill(&[("count", &reps)])),
            (None, Some(Seconds(s))) if s >= 60.0 && (s / 6.0).fract() == 0.0 => Some(format!("{} min", s / 60.0)),
            (None, Some(Seconds(s))) => Some(format!("{s:.0} s")),
            (None, None) => None,
        };
        match (self.sets, each) {
            (Some(1), Some(each)) => say.one_set_of.fill(&[("each", &each)]),
            (Some(sets), Some(each)) => say.sets_of.fill(&[("sets", &sets), ("each", &each)]),
            (Some(1), None) => say.one_set.to_string(),
            (Some(sets), None) => say.sets.fill(&[("sets", &sets)]),
            (None, Some(each)) => each,
            (None, None) => say.feels_easy.to_string(),
        }
    }
}

/// Which side an exercise was done on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The left.
    Left,
    /// The right.
    Right,
}

impl Side {
    /// The word in flags, columns and keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// The side of a word written by [`Side::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Left, Self::Right].into_iter().find(|side| side.name() == name)
    }
}

/// Why a set ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// It was done.
    Done,
    /// It hurt: the stop text is shown.
    Pain,
    /// That was enough for now.
    Tired,
    /// Anything else.
    Other,
}

impl StopReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Done, Self::Pain, Self::Tired, Self::Other];

    /// The word in flags, columns and keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Pain => "pain",
            Self::Tired => "tired",
            Self::Other => "other",
        }
    }

    /// The reason of a word written by [`StopReason::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// Pain of this much after a set, and more than before it, counts as severe: the stop text is shown.
///
/// Source: the usual bands of the 0 to 10 scale, 7 and more severe; domain.md §9 has the text, the figure is
/// chosen by us.
pub const SEVERE_NPRS: u8 = 7;

/// Whether the stop text belongs here.
pub fn asks_to_stop(reason: Option<StopReason>, before: Option<u8>, after: Option<u8>) -> bool {
    let grew = before.is_none_or(|before| after > Some(before));
    reason == Some(StopReason::Pain) || (grew && after.is_some_and(|after| after >= SEVERE_NPRS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_told_in_words() {
        let words = |sets, reps, s: Option<f64>, unit: &str| {
            Quota { sets, reps, lasting: s.map(Seconds) }.words(unit, Locale::En)
        };
        assert_eq!(words(Some(3), Some(10), None, "times"), "3 sets of 10");
        assert_eq!(words(None, Some(10), None, "times"), "10 times");
        assert_eq!(words(None, Some(3000), None, "steps"), "3000 steps");
        assert_eq!(words(None, None, Some(1200.0), ""), "20 min");
        assert_eq!(words(None, None, Some(630.0), ""), "10.5 min");
        assert_eq!(words(Some(2), None, Some(45.0), ""), "2 sets of 45 s");
        assert_eq!(words(None, None, None, ""), "as much as feels easy");
    }

    #[test]
    fn pain_asks_to_stop_and_so_does_severe_pain_that_grew() {
        assert!(asks_to_stop(Some(StopReason::Pain), None, None));
        assert!(asks_to_stop(None, Some(4), Some(8)) && asks_to_stop(None, None, Some(7)));
        assert!(!asks_to_stop(Some(StopReason::Tired), Some(8), Some(8)));
        assert!(!asks_to_stop(None, Some(2), Some(6)));
    }
}
