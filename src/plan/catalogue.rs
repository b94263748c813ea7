//! The exercise catalogue of `data/exercises.toml`: an id comes in, what it is, how it begins and what the
//! sensor sees of it come out. Names no doses. What people read of it is worded in `data/messages`.

use super::dose::Quota;
use crate::care::Locale;
use crate::care::phrases::ExerciseWords;
use crate::signal::StartPosition;
use crate::units::Angle;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
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

impl Counting {
    /// The word in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Assisted => "assisted",
            Self::HoldTimer => "hold_timer",
            Self::Timer => "timer",
            Self::Manual => "manual",
        }
    }
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

/// Where something in the catalogue is from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Author or title.
    pub title: String,
    /// ISO date.
    pub published: String,
}

/// A start position in the words of the catalogue.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    tilt_deg: f64,
    side_deg: f64,
    /// Id of the message that asks for it.
    pub message: String,
}

impl Position {
    /// Forward tilt and side bend that the sensor should see.
    pub fn angles(&self) -> (Angle, Angle) {
        (Angle::from_degrees(self.tilt_deg), Angle::from_degrees(self.side_deg))
    }
}

/// One exercise.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Its name in flags, columns and keys.
    pub id: String,
    /// What it is for.
    pub kind: ExerciseKind,
    /// How it begins, where one sensor can check that.
    #[serde(default, deserialize_with = "start_position")]
    pub position: Option<StartPosition>,
    /// Where it is from; the letters are told at the top of the file.
    pub sources: Vec<String>,
    /// It is not shown in acute days.
    pub rests_in_acute: bool,
    /// A set can be opened while it is worn; not in water.
    #[serde(default = "watched")]
    pub is_watched: bool,
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

    /// Its sources, with their dates.
    pub fn origins(&self) -> impl Iterator<Item = &'static Origin> {
        self.sources.iter().filter_map(|key| CATALOGUE.sources.get(key))
    }

    /// Its start position, as the catalogue has it.
    pub fn begins(&self) -> Option<&'static Position> {
        CATALOGUE.positions.get(self.position?.name())
    }

    /// Its start position in words.
    pub fn begins_words(&self, locale: Locale) -> Option<&'static str> {
        Some(locale.phrases().positions.get(self.position?.name())?)
    }

    /// What a count of it counts.
    pub fn unit(&self) -> &'static str {
        match self.id.as_str() {
            "walk" => "steps",
            _ => "times",
        }
    }

    /// An amount of it in words.
    pub fn dose(&self, quota: &Quota, locale: Locale) -> String {
        quota.words(self.unit(), locale)
    }
}

fn watched() -> bool {
    true
}

/// Reads a word of the table of positions.
fn start_position<'de, D: Deserializer<'de>>(text: D) -> Result<Option<StartPosition>, D::Error> {
    let word = String::deserialize(text)?;
    let known = StartPosition::ALL.into_iter().find(|position| position.name() == word);
    known.map(Some).ok_or_else(|| serde::de::Error::custom(format!("{word:?} is no start position")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    sources: BTreeMap<String, Origin>,
    positions: BTreeMap<String, Position>,
    exercise: Vec<Exercise>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    // The text is part of the program, and a test reads it: it cannot be malformed here.
    toml::from_str(include_str!("../../data/exercises.toml")).expect("data/exercises.toml is read by a test")
});

/// The whole catalogue, in the order of the file.
pub fn all() -> &'static [Exercise] {
    &CATALOGUE.exercise
}

/// The exercise with this id; `-` counts as `_`, and case does not count.
pub fn find(id: &str) -> Option<&'static Exercise> {
    let id = id.trim().to_lowercase().replace('-', "_");
    all().iter().find(|exercise| exercise.id == id)
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
        for exercise in all() {
            assert!(!exercise.sources.is_empty());
            assert_eq!(exercise.origins().count(), exercise.sources.len(), "{}: a source is not told", exercise.id);
            assert!(exercise.origins().all(|origin| origin.published.parse::<jiff::civil::Date>().is_ok()));
            assert_eq!(exercise.position, crate::signal::start_position(&exercise.id), "{}", exercise.id);
            assert_eq!(exercise.begins().is_some(), exercise.position.is_some());
        }
        for locale in Locale::ALL {
            assert_eq!(locale.phrases().exercises.keys().collect::<BTreeSet<_>>(), ids, "{}", locale.name());
        }
    }

    #[test]
    fn the_positions_are_those_of_the_detectors_and_each_asks_in_a_message() {
        assert_eq!(CATALOGUE.positions.len(), StartPosition::ALL.len());
        for position in StartPosition::ALL {
            let told = &CATALOGUE.positions[position.name()];
            assert_eq!(told.angles(), position.angles(), "{}", position.name());
            assert!(crate::care::messages::find(&told.message).is_some(), "{}", told.message);
            assert!(Locale::ALL.iter().all(|locale| locale.phrases().positions.contains_key(position.name())));
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
