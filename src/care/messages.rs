//! The short messages of `data/messages`: a signal or a happening comes in, a message comes out, with its words in
//! every language; and how many encouragements are owed for the warnings of a day. Bringing them is left to `notify`.
//! What a message is (its id, kind, rule and moment) is the same in every language, and read from the English file.

use super::Locale;
use super::phrases::Phrase;
use crate::signal::WarningKind;
use crate::units::Seconds;
use jiff::civil::Date;
use serde::Deserialize;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A warning signal.
    Warning,
    /// The line that stands for the rest of an hour.
    Summary,
    /// A kind word.
    Encouragement,
    /// About the sensor and its link.
    Link,
    /// About the course of an episode.
    Episode,
    /// A higher threshold, after signals that did not help.
    Offer,
    /// What to do now in a set of an exercise, and how it ended.
    Exercise,
}

/// One short message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Its name in records.
    pub id: String,
    /// What it is for.
    pub kind: MessageKind,
    /// The rule of a warning: `W1` to `W4`.
    pub rule: Option<String>,
    text: Phrase,
    /// The moment at which it is given.
    pub when: String,
}

impl Message {
    /// The words, at most 90 characters.
    pub fn text(&self, locale: Locale) -> &str {
        let there = locale.phrases().message.iter().find(|message| message.id == self.id);
        &there.unwrap_or(self).text
    }
}

/// All messages, in the order of the file.
pub fn all() -> &'static [Message] {
    &Locale::En.phrases().message
}

/// The message with this id.
pub fn find(id: &str) -> Option<&'static Message> {
    all().iter().find(|message| message.id == id)
}

/// The words for the `nth` signal of a rule, counted from 0: they take turns, so that nobody hears the
/// same sentence all day.
pub fn warning(rule: WarningKind, nth: u64) -> &'static Message {
    let turns: Vec<_> = all().iter().filter(|message| message.rule.as_deref() == Some(rule.name())).collect();
    // A test finds at least one message for each of the four rules, so the remainder is in range.
    turns[(nth % turns.len() as u64) as usize]
}

/// The words of a nudge, taking turns; in acute days those about a few steps around the home (domain.md §7).
pub fn nudge(acute: bool, nth: usize) -> &'static Message {
    let when = if acute { STILL_IN_ACUTE_DAYS } else { STILL };
    let turns: Vec<_> = all().iter().filter(|message| message.when == when).collect();
    // A test finds words for both, so the remainder is in range.
    turns[nth % turns.len()]
}

/// The moments of a nudge, as the file words them.
const STILL: &str = "still for a while, where nudges were chosen";
const STILL_IN_ACUTE_DAYS: &str = "still for a while in acute days, where nudges were chosen";

/// The line that stands for the rest of an hour.
pub fn summary() -> &'static Message {
    // A test finds this id.
    find("summary_hour").expect("data/messages/en.toml holds summary_hour")
}

/// An encouragement is given after at least this much walking. Chosen by us: a minute is a walk.
const WALK_WORTH_A_WORD: Seconds = Seconds(60.0);

/// Keeps the kind words of a day level with its warnings (domain.md §11: at least one for each).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encourager {
    day: Option<Date>,
    owed: u32,
    turn: usize,
}

impl Encourager {
    /// A warning was sent on this local day.
    pub fn warned(&mut self, today: Date) {
        self.turn_to(today);
        self.owed += 1;
    }

    /// The wearer walked for so long: a kind word, if one is owed today.
    pub fn walked(&mut self, today: Date, lasting: Seconds) -> Option<&'static Message> {
        self.turn_to(today);
        if lasting.0 < WALK_WORTH_A_WORD.0 { None } else { self.next("after a walk") }
    }

    /// On the evening of an acute day: a kind word, if one is still owed today.
    pub fn evening(&mut self, today: Date) -> Option<&'static Message> {
        self.turn_to(today);
        self.next("in the evening of an acute day")
    }

    /// A kind word was said for another reason: it counts.
    pub fn gave(&mut self, today: Date) {
        self.turn_to(today);
        self.owed = self.owed.saturating_sub(1);
    }

    /// What is owed, as it is kept over a new start: `2026-05-04 2`; empty before the first day.
    pub fn kept(&self) -> String {
        self.day.map_or_else(String::new, |day| format!("{day} {}", self.owed))
    }

    /// Read from its text; anything else owes nothing.
    pub fn from_kept(text: &str) -> Self {
        let read = || {
            let (day, owed) = text.split_once(' ')?;
            Some(Self { day: Some(day.parse().ok()?), owed: owed.parse().ok()?, turn: 0 })
        };
        read().unwrap_or_default()
    }

    /// Kind words still owed today.
    pub fn owed(&self) -> u32 {
        self.owed
    }

    fn turn_to(&mut self, today: Date) {
        if self.day != Some(today) {
            *self = Self { day: Some(today), owed: 0, turn: self.turn };
        }
    }

    fn next(&mut self, when: &str) -> Option<&'static Message> {
        self.owed = self.owed.checked_sub(1)?;
        self.turn += 1;
        let turns: Vec<_> = all().iter().filter(|message| message.when == when).collect();
        turns.get(self.turn % turns.len().max(1)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_message_is_there_once_and_the_same_in_every_language() {
        let mut ids = HashSet::new();
        for message in all() {
            assert!(ids.insert(&message.id), "{} stands twice", message.id);
            assert!(!message.when.is_empty());
            assert_eq!(message.rule.is_some(), message.kind == MessageKind::Warning, "{}", message.id);
        }
        for locale in Locale::ALL {
            let known =
                |message: &Message| (message.id.clone(), message.kind, message.rule.clone(), message.when.clone());
            let there: Vec<_> = locale.phrases().message.iter().map(known).collect();
            assert_eq!(there, all().iter().map(known).collect::<Vec<_>>(), "{}", locale.name());
        }
        assert_ne!(summary().text(Locale::De), summary().text(Locale::En));
    }

    #[test]
    fn there_are_at_least_as_many_kind_words_as_warnings() {
        let count = |kind| all().iter().filter(|message| message.kind == kind).count();
        assert!(count(MessageKind::Encouragement) >= count(MessageKind::Warning));
    }

    #[test]
    fn every_rule_has_words_that_take_turns() {
        for rule in [WarningKind::W1, WarningKind::W2, WarningKind::W3, WarningKind::W4] {
            assert_eq!(warning(rule, 0).rule.as_deref(), Some(rule.name()));
        }
        assert_ne!(warning(WarningKind::W1, 0), warning(WarningKind::W1, 1));
        assert_eq!(summary().kind, MessageKind::Summary);
        assert_ne!(nudge(false, 0), nudge(false, 1));
        assert!(nudge(true, 3).text.contains("a few steps around the home"));
        for id in ["good_morning", "good_hours"] {
            assert!(find(id).is_some_and(|message| message.kind == MessageKind::Encouragement), "{id}");
        }
    }

    #[test]
    fn a_walk_pays_back_one_kind_word_for_each_warning() {
        let today = jiff::civil::date(2026, 3, 2);
        let mut encourager = Encourager::default();
        assert_eq!(encourager.walked(today, Seconds(300.0)), None);
        encourager.warned(today);
        encourager.warned(today);
        assert_eq!(encourager.walked(today, Seconds(30.0)), None, "too short to mention");
        let said = encourager.walked(today, Seconds(90.0)).unwrap();
        assert_eq!(said.kind, MessageKind::Encouragement);
        assert_eq!(encourager.owed(), 1);
        assert_eq!(Encourager::from_kept(&encourager.kept()).owed(), 1);
        assert_eq!(Encourager::from_kept("nobody knows").owed(), 0);
        assert!(encourager.evening(today).is_some());
        assert_eq!(encourager.walked(today, Seconds(90.0)), None);
    }
}
