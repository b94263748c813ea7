//! What may leave the machine: a notice comes in; kind, time and a short text come out, and nothing else.
//!
//! Only sentences of the catalogue leave as they stand. Anything that was filled in, such as a figure or a
//! name, and anything about the course of an episode or an exercise leaves as the discreet line, as does all of a channel
//! that was set up to be discreet. So no figure of pain, no angle, no name and no address can get here,
//! whatever a notice says. Source: DESIGN §11.

use super::notice::{Notice, NoticeKind};
use super::retry::Patience;
use crate::care::Locale;
use crate::care::messages::{self, MessageKind};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::time::Duration;

/// The message that stands for all others.
const DISCREET: &str = "discreet_note";
/// What that is called in place of its kind.
const NOTE: &str = "note";

/// One try over a network ends after this long. Chosen by us: a receiver in the own network answers within
/// 0.1 s, one across the world within 2 s.
pub(super) const TRY_LASTS: Duration = Duration::from_secs(5);
/// How long a note to another machine is tried: three times, 17.5 s in all at most when each hangs.
///
/// Chosen by us: the waits let a receiver start again; after a minute a note about a bend is of no use.
pub(super) const PATIENCE: Patience =
    Patience { waits: &[Duration::from_millis(500), Duration::from_millis(2_000)], useful: Duration::from_secs(60) };

/// How much the words tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wording {
    /// The message as the wearer gets it.
    #[default]
    Plain,
    /// One neutral line, whatever it is about.
    Discreet,
}

/// All that leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outward {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    at: String,
    text: String,
}

impl Outward {
    /// What leaves of a notice.
    pub fn of(notice: &Notice, wording: Wording) -> Self {
        let at = at(notice);
        if wording == Wording::Plain && may_leave(&notice.text, notice.locale) {
            return Self { kind: kind(notice.kind), rule: notice.rule, at, text: notice.text.clone() };
        }
        Self { kind: NOTE, rule: None, at, text: discreet_line(notice.locale).to_owned() }
    }

    /// As the JSON that is sent.
    pub fn json(&self) -> String {
        // Four short texts always have a JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The neutral line.
pub fn discreet_line(locale: Locale) -> &'static str {
    messages::find(DISCREET).map_or("", |message| message.text(locale))
}

/// What may be told elsewhere: nothing about the course of an episode, an exercise, or what the wearer is asked.
const TELLABLE: [MessageKind; 4] =
    [MessageKind::Warning, MessageKind::Summary, MessageKind::Encouragement, MessageKind::Link];

/// A sentence of the catalogue that may be told elsewhere.
fn may_leave(text: &str, locale: Locale) -> bool {
    messages::all().iter().any(|message| message.text(locale) == text && TELLABLE.contains(&message.kind))
}

fn kind(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Warning => "warning",
        NoticeKind::Summary => "summary",
        NoticeKind::Message => "message",
    }
}

/// ISO 8601, UTC, whole seconds.
fn at(notice: &Notice) -> String {
    let at = Timestamp::from_nanosecond(i128::from(notice.at.0)).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::super::notice::tests::verdict;
    use super::*;
    use crate::signal::WarningKind;
    use crate::units::{Angle, AngularRate, Seconds, WallTime};
    use crate::warning::{Measured, Outcome, Reason};
    use proptest::prelude::*;

    const ALLOWED: [&str; 4] = ["kind", "rule", "at", "text"];

    fn keys(outward: &Outward) -> Vec<String> {
        let json: serde_json::Value = serde_json::from_str(&outward.json()).unwrap();
        json.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn a_deep_bend_leaves_as_kind_rule_time_and_words() {
        let notice = Notice::from_verdict(&verdict(Outcome::Sent, false), 0, Locale::En, &TimeZone::UTC).unwrap();
        assert_eq!(
            Outward::of(&notice, Wording::Plain).json(),
            r#"{"kind":"warning","rule":"W1","at":"1970-01-01T01:30:00Z","text":"That was a deep bend. While things are sore, try smaller or slower."}"#
        );
        assert_eq!(
            Outward::of(&notice, Wording::Discreet).json(),
            r#"{"kind":"note","at":"1970-01-01T01:30:00Z","text":"A note from lumbard."}"#
        );
    }

    #[test]
    fn what_was_filled_in_or_is_about_an_episode_leaves_as_the_neutral_line() {
        let at = WallTime(0);
        let neutral = |text: &str| {
            let notice = Notice::about_the_sensor(text.to_owned(), Locale::En, at, &TimeZone::UTC);
            Outward::of(&notice, Wording::Plain).text == discreet_line(Locale::En)
        };
        assert!(neutral("The sensor's battery is at 20 %. Please charge it tonight."));
        assert!(neutral("Anna's pain was 7 of 10 this morning, AA:BB:CC:DD:EE:FF."));
        assert!(neutral(messages::find("day_7").unwrap().text(Locale::En)));
        assert!(!neutral(messages::find("link_lost").unwrap().text(Locale::En)));
    }

    fn measured() -> impl Strategy<Value = Measured> {
        let degrees = || (0.0..120.0_f64).prop_map(Angle::from_degrees);
        prop_oneof![
            (degrees(), degrees()).prop_map(|(value, threshold)| Measured::Angle { value, threshold }),
            (30.0..600.0_f64, 30.0..240.0_f64)
                .prop_map(|(value, threshold)| Measured::Held { value: Seconds(value), threshold: Seconds(threshold) }),
            (10..99_u32).prop_map(|value| Measured::Bends { value, threshold: 10 }),
            (30.0..300.0_f64).prop_map(|dps| Measured::Rise {
                value: AngularRate::from_degrees_per_second(dps),
                threshold: AngularRate::from_degrees_per_second(30.0),
            }),
        ]
    }

    /// Any notice that any way of making one makes, with figures, names and addresses in it where that can be.
    fn notices() -> impl Strategy<Value = Notice> {
        let rule = prop::sample::select(vec![WarningKind::W1, WarningKind::W2, WarningKind::W3, WarningKind::W4]);
        let outcome =
            prop::sample::select(vec![(Outcome::Sent, false), (Outcome::Withheld(Reason::HourlyLimit), true)]);
        let at = 0..4_000_000_000_000_000_000_i64;
        let locale = || prop::sample::select(Locale::ALL.to_vec());
        let warning = (rule, outcome, measured(), 0..9_u64, at.clone(), locale()).prop_map(
            |(rule, how, measured, nth, at, locale)| {
                let mut verdict = verdict(how.0, how.1);
                (verdict.signal.rule, verdict.signal.measured) = (rule, measured);
                verdict.signal.wall = WallTime(at);
                Notice::from_verdict(&verdict, nth, locale, &TimeZone::UTC)
            },
        );
        let message =
            (prop::sample::select(messages::all().to_vec()), at.clone(), locale()).prop_map(|(message, at, locale)| {
                Some(Notice::from_message(&message, locale, WallTime(at), &TimeZone::UTC))
            });
        let filled = ("[A-Z][a-z]{2,8}", 0..11_u8, "([0-9A-F]{2}:){5}[0-9A-F]{2}", 0..90_u8, at, locale()).prop_map(
            |(name, pain, address, degrees, at, locale)| {
                let text = format!("{name}: pain {pain} of 10, {degrees} degrees, {address}.");
                Some(Notice::about_the_sensor(text, locale, WallTime(at), &TimeZone::UTC))
            },
        );
        prop_oneof![warning, message, filled].prop_filter_map("every one of these is told", |notice| notice)
    }

    proptest! {
        #[test]
        fn nothing_but_kind_time_and_a_known_sentence_leaves(notice in notices(), discreet in any::<bool>()) {
            let wording = if discreet { Wording::Discreet } else { Wording::Plain };
            let outward = Outward::of(&notice, wording);
            for key in keys(&outward) {
                prop_assert!(ALLOWED.contains(&key.as_str()), "{key}");
            }
            // Word for word a sentence that stands in the program, and may be told elsewhere.
            let known = messages::all().iter().find(|message| message.text(notice.locale) == outward.text);
            prop_assert!(known.is_some_and(|message| TELLABLE.contains(&message.kind)), "{}", outward.text);
            prop_assert!(outward.text.chars().count() <= crate::care::words::LONGEST);
            prop_assert!(matches!(outward.rule, None | Some("W1" | "W2" | "W3" | "W4")));
            prop_assert!(["warning", "summary", "message", "note"].contains(&outward.kind));
            let written: Timestamp = outward.at.parse().expect("a moment");
            prop_assert_eq!(written.as_second(), notice.at.0 / 1_000_000_000);
            // What was measured is told nowhere.
            prop_assert!(notice.measured.is_empty() || !outward.json().contains(&notice.measured));
            for word in ["degrees", "pain", "of 10"] {
                prop_assert!(!outward.text.contains(word), "{}", outward.text);
            }
            if discreet {
                prop_assert_eq!((outward.kind, outward.rule, outward.text.as_str()), (NOTE, None, discreet_line(notice.locale)));
            }
        }
    }
}
