//! The red-flag screen of `data/red_flags.toml`: answers come in, what to do first comes out.
//! lumbard does not diagnose; a yes rests exercises and signals until a professional has been seen.
//! Questions and advice are worded in `data/messages`.

use super::Locale;
use serde::Deserialize;
use std::sync::LazyLock;

/// How soon help is needed. The later one weighs more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A doctor today.
    Urgent,
    /// Within hours.
    Emergency,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// Its name in flags and records.
    pub id: String,
    /// How soon help is needed on a yes.
    pub level: Level,
}

impl Flag {
    /// The question; its id where a language has none, which a test rules out.
    pub fn question(&self, locale: Locale) -> &str {
        locale.phrases().red_flags.questions.get(&self.id).map_or(&self.id, |question| question)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Screen {
    flag: Vec<Flag>,
}

static SCREEN: LazyLock<Screen> = LazyLock::new(|| {
    // The text is part of the program, and a test reads it: it cannot be malformed here.
    toml::from_str(include_str!("../../data/red_flags.toml")).expect("data/red_flags.toml is read by a test")
});

/// The questions, the most pressing first.
pub fn questions() -> &'static [Flag] {
    &SCREEN.flag
}

/// The question with this id.
pub fn find(id: &str) -> Option<&'static Flag> {
    SCREEN.flag.iter().find(|flag| flag.id == id)
}

/// How soon help is needed when these ids were answered with yes; `None` without a yes. An id that is
/// not known, from another version, counts as an emergency.
pub fn level<'a>(yes: impl IntoIterator<Item = &'a str>) -> Option<Level> {
    yes.into_iter().map(|id| find(id).map_or(Level::Emergency, |flag| flag.level)).max()
}

/// What to do first.
pub fn text(level: Level, locale: Locale) -> &'static str {
    let words = &locale.phrases().red_flags;
    match level {
        Level::Emergency => &words.emergency,
        Level::Urgent => &words.urgent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_screen_asks_calmly_and_each_thing_once() {
        let ids: HashSet<_> = questions().iter().map(|flag| &flag.id).collect();
        assert_eq!(ids.len(), questions().len());
        for locale in Locale::ALL {
            let words = &locale.phrases().red_flags.questions;
            assert_eq!(words.keys().collect::<HashSet<_>>(), ids, "{}", locale.name());
            assert!(questions().iter().all(|flag| flag.question(locale).ends_with('?')), "{}", locale.name());
        }
        assert!(questions().is_sorted_by(|a, b| a.level >= b.level), "emergencies are asked first");
    }

    #[test]
    fn the_most_pressing_yes_decides_what_to_do() {
        assert_eq!(level([]), None);
        assert_eq!(level(["fever"]), Some(Level::Urgent));
        assert_eq!(level(["fever", "saddle", "night"]), Some(Level::Emergency));
        assert_eq!(level(["something_later"]), Some(Level::Emergency));
        assert!(text(Level::Emergency, Locale::En).contains("emergency number"));
        assert!(text(Level::Emergency, Locale::De).contains("112"));
        assert!(text(Level::Urgent, Locale::En).contains("doctor today"));
    }
}
