//! The exercise catalogue of `data/exercises.toml`: an id comes in, what it is and what the sensor sees
//! of it come out. Names no doses. What people read of it is worded in `data/messages`.

use crate::care::Locale;
use crate::care::phrases::ExerciseWords;
use serde::Deserialize;
use std::sync::LazyLock;

/// What an exercise is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExerciseKind {
    /// Strength.
    Strength,
    /// Stretch.
    Stretch,
    /// Endurance.
    Aerobic,
    /// Something for every day.
    Habit,
}

impl ExerciseKind {
    /// The word in tables and keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strength => "strength",
            Self::Stretch => "stretch",
            Self::Aerobic => "aerobic",
            Self::Habit => "habit",
        }
    }
}

/// How it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// By the sensor.
    Automatic,
    /// By the sensor, confirmed by the wearer.
    Assisted,
    /// The sensor times the holds.
    HoldTimer,
    /// A plain timer.
    Timer,
    /// Told by hand.
    Manual,
}

/// What a set is told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Repetitions.
    Reps,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
}

/// One exercise.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Its name in flags, columns and keys.
    pub id: String,
    /// What it is for.
    pub kind: ExerciseKind,
    /// Where it is from; the letters are told at the top of the file.
    pub sources: Vec<String>,
    /// It is not shown in acute days.
    pub rests_in_acute: bool,
    /// How it is counted.
    pub counting: Counting,
    /// What a set is told in.
    pub measure: Measure,
}

impl Exercise {
    /// Its name for people; its id where a language has none, which a test rules out.
    pub fn name(&self, locale: Locale) -> &str {
        self.words(locale).map_or(&self.id, |words| &words.name)
    }

    /// Position and movement, and what one sensor on the lower back sees of it.
    pub fn words(&self, locale: Locale) -> Option<&'static ExerciseWords> {
        locale.phrases().exercises.get(&self.id)
    }
}

#[derive(Deserialize)]
struct Exercises {
    exercise: Vec<Exercise>,
}

static EXERCISES: LazyLock<Vec<Exercise>> = LazyLock::new(|| {
    toml::from_str::<Exercises>(include_str!("../../data/exercises.toml"))
        // The text is part of the program, and a test reads it: it cannot be malformed here.
        .expect("data/exercises.toml is read by a test")
        .exercise
});

/// The whole catalogue, in the order of the file.
pub fn all() -> &'static [Exercise] {
    &EXERCISES
}

/// The exercise with this id; `-` counts as `_`, and case does not count.
pub fn find(id: &str) -> Option<&'static Exercise> {
    let id = id.trim().to_lowercase().replace('-', "_");
    EXERCISES.iter().find(|exercise| exercise.id == id)
}

/// What to say about an id that is not in the catalogue: the ids there are.
pub fn unknown(id: &str) -> String {
    let ids: Vec<&str> = all().iter().map(|exercise| exercise.id.as_str()).collect();
    format!("{id:?} is not in the exercise catalogue; it has {}", ids.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_catalogue_is_whole_and_worded_in_every_language() {
        let ids: BTreeSet<_> = all().iter().map(|exercise| &exercise.id).collect();
        assert_eq!((all().len(), ids.len()), (11, 11));
        assert!(all().iter().all(|exercise| !exercise.sources.is_empty()));
        for locale in Locale::ALL {
            assert_eq!(locale.phrases().exercises.keys().collect::<BTreeSet<_>>(), ids, "{}", locale.name());
        }
    }

    #[test]
    fn exercises_are_found_however_their_id_is_typed() {
        assert_eq!(find("Bird-Dog").map(|exercise| exercise.name(Locale::En)), Some("Bird dog"));
        assert_eq!(find("handstand"), None);
        assert!(unknown("handstand").contains("knee_to_chest"));
        assert!(find("walk").is_some_and(|walk| !walk.rests_in_acute));
    }
}
