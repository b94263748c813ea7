//! The guidance of `data/guidance.toml`: a phase comes in, facts with their sources come out. They are worded in
//! `data/messages`.

use super::Locale;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// When a fact helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// In the first weeks of an episode.
    Acute,
    /// In long-lasting pain.
    Chronic,
    /// At all times.
    Always,
}

/// Where facts are from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Author or title.
    pub title: String,
    /// ISO date.
    pub published: String,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its name.
    pub id: String,
    /// When it helps.
    #[serde(rename = "for")]
    pub phase: Phase,
    /// Key of its source.
    pub source: String,
}

impl Fact {
    /// The words; its id where a language has none, which a test rules out.
    pub fn text(&self, locale: Locale) -> &str {
        locale.phrases().guidance.facts.get(&self.id).map_or(&self.id, |text| text)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Guidance {
    sources: BTreeMap<String, Source>,
    fact: Vec<Fact>,
}

static GUIDANCE: LazyLock<Guidance> = LazyLock::new(|| {
    // The text is part of the program, and a test reads it: it cannot be malformed here.
    toml::from_str(include_str!("../../data/guidance.toml")).expect("data/guidance.toml is read by a test")
});

/// The line that stands on every page: what lumbard is not.
pub fn standing_line(locale: Locale) -> &'static str {
    &locale.phrases().guidance.standing_line
}

/// The facts for a phase, with those that always hold, each with its source.
pub fn facts(phase: Phase) -> impl Iterator<Item = (&'static Fact, &'static Source)> {
    GUIDANCE
        .fact
        .iter()
        .filter(move |fact| fact.phase == phase || fact.phase == Phase::Always)
        .filter_map(|fact| GUIDANCE.sources.get(&fact.source).map(|source| (fact, source)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_fact_has_a_dated_source_and_words_in_every_language() {
        for fact in &GUIDANCE.fact {
            let source = GUIDANCE.sources.get(&fact.source).unwrap_or_else(|| panic!("{}: no source", fact.id));
            assert!(source.published.parse::<jiff::civil::Date>().is_ok(), "{}", source.published);
        }
        let ids: BTreeSet<_> = GUIDANCE.fact.iter().map(|fact| &fact.id).collect();
        for locale in Locale::ALL {
            let words = &locale.phrases().guidance.facts;
            assert_eq!(words.keys().collect::<BTreeSet<_>>(), ids, "{}", locale.name());
        }
        assert!(facts(Phase::Acute).any(|(fact, _)| fact.id == "keep_active"));
        assert!(facts(Phase::Acute).all(|(fact, _)| fact.phase != Phase::Chronic));
    }
}
