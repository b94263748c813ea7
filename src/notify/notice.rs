//! What is brought to a person: verdicts and messages come in, words with a loudness come out.

use crate::care::{self, Locale, Message};
use crate::signal::WarningKind;
use crate::units::WallTime;
use crate::warning::{Measured, Signal, Verdict};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

/// The message that says a channel is being tried.
const TRIAL: &str = "channel_trial";

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A warning signal.
    Warning,
    /// The line that stands for the rest of an hour.
    Summary,
    /// A kind word, or something about the link or the episode.
    Message,
}

/// How much it may disturb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loudness {
    /// Only where someone looks anyway: terminal and page.
    Quiet,
    /// On the desktop too, without sound or buzz.
    Text,
    /// A soft signal that may repeat: a posture.
    Soft,
    /// One short, distinct signal: a movement.
    Strong,
}

/// Words for a person, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// `W1` to `W4` for a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// How much it may disturb.
    pub loudness: Loudness,
    /// When it was.
    #[serde(skip)]
    pub at: WallTime,
    /// Local time of day, `14:03:12`.
    pub clock: String,
    /// What was measured against which limit, in a few words; empty without a measurement.
    pub measured: String,
    /// The message, at most 90 characters.
    pub text: String,
    /// The language it is in.
    #[serde(skip)]
    pub locale: Locale,
}

impl Notice {
    /// The notice of a verdict; `None` when it is withheld and no summary is due. `nth` counts the
    /// signals of this rule so far, so that its messages take turns.
    pub fn from_verdict(verdict: &Verdict, nth: u64, locale: Locale, zone: &TimeZone) -> Option<Self> {
        let signal = &verdict.signal;
        let (kind, message, loudness) = if verdict.outcome.is_sent() {
            (NoticeKind::Warning, care::messages::warning(signal.rule, nth), loudness(signal.rule))
        } else if verdict.summary {
            (NoticeKind::Summary, care::messages::summary(), Loudness::Text)
        } else {
            return None;
        };
        Some(Self {
            kind,
            rule: (kind == NoticeKind::Warning).then(|| signal.rule.name()),
            loudness,
            at: signal.wall,
            clock: clock(signal.wall, zone),
            measured: if kind == NoticeKind::Warning { measured(signal, locale) } else { String::new() },
            text: message.text(locale).to_owned(),
            locale,
        })
    }

    /// A message of the catalogue, shown where someone looks anyway.
    pub fn from_message(message: &Message, locale: Locale, at: WallTime, zone: &TimeZone) -> Self {
        Self { loudness: Loudness::Quiet, ..Self::about_the_sensor(message.text(locale).to_owned(), locale, at, zone) }
    }

    /// A try of the channels, felt and heard as a posture's signal is.
    pub fn trial(locale: Locale, at: WallTime, zone: &TimeZone) -> Self {
        let text = care::messages::find(TRIAL).map(|message| message.text(locale)).unwrap_or_default();
        Self { loudness: Loudness::Soft, ..Self::about_the_sensor(text.to_owned(), locale, at, zone) }
    }

    /// A nudge to move: on the desktop too, without sound or buzz, for nothing presses.
    pub fn nudge(message: &Message, locale: Locale, at: WallTime, zone: &TimeZone) -> Self {
        Self { loudness: Loudness::Text, ..Self::from_message(message, locale, at, zone) }
    }

    /// Words about the sensor, such as its battery: on the desktop too, without sound or buzz.
    pub fn about_the_sensor(text: String, locale: Locale, at: WallTime, zone: &TimeZone) -> Self {
        Self {
            kind: NoticeKind::Message,
            rule: None,
            loudness: Loudness::Text,
            at,
            clock: clock(at, zone),
            measured: String::new(),
            text,
            locale,
        }
    }
}

/// Two patterns (domain.md §6): short and strong for a movement, soft and repeating for a posture. What
/// is told at an upright moment needs neither.
fn loudness(rule: WarningKind) -> Loudness {
    match rule {
        WarningKind::W1 => Loudness::Strong,
        WarningKind::W2 => Loudness::Soft,
        WarningKind::W3 | WarningKind::W4 => Loudness::Text,
    }
}

/// What was measured, in the words of terminal, page and record.
fn measured(signal: &Signal, locale: Locale) -> String {
    let say = &locale.phrases().notice;
    let whole = |value: f64| format!("{value:.0}");
    let degrees = whole(signal.tea.degrees());
    match signal.measured {
        Measured::Angle { value, threshold } => {
            say.angle.fill(&[("value", &whole(value.degrees())), ("limit", &whole(threshold.degrees()))])
        }
        Measured::Held { value, threshold } => {
            say.held.fill(&[("degrees", &degrees), ("value", &whole(value.0)), ("limit", &whole(threshold.0))])
        }
        Measured::Bends { value, .. } => say.bends.fill(&[("count", &value)]),
        Measured::Rise { .. } => say.rise.fill(&[("degrees", &degrees)]),
    }
}

fn clock(at: WallTime, zone: &TimeZone) -> String {
    let at = Timestamp::from_nanosecond(i128::from(at.0)).unwrap_or(Timestamp::UNIX_EPOCH);
    zone.to_datetime(at).strftime("%H:%M:%S").to_string()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::units::{Angle, Seconds, Time};
    use crate::warning::{Outcome, Reason};

    /// A verdict on a deep bend at half past one.
    pub(in crate::notify) fn verdict(outcome: Outcome, summary: bool) -> Verdict {
        let signal = Signal {
            rule: WarningKind::W1,
            at: Time::from_seconds(10.0),
            wall: WallTime(5_400_000_000_000),
            since: Time::from_seconds(9.7),
            bend: Some(1),
            nth: 1,
            measured: Measured::Angle { value: Angle::from_degrees(68.0), threshold: Angle::from_degrees(60.0) },
            tea: Angle::from_degrees(68.0),
        };
        Verdict { signal, outcome, summary }
    }

    #[test]
    fn a_deep_bend_is_told_with_its_figures_and_one_option() {
        let notice = Notice::from_verdict(&verdict(Outcome::Sent, false), 0, Locale::En, &TimeZone::UTC).unwrap();
        assert_eq!((notice.clock.as_str(), notice.measured.as_str()), ("01:30:00", "deep bend, 68 of 60 degrees"));
        assert_eq!(notice.loudness, Loudness::Strong);
        assert_eq!(notice.text, "That was a deep bend. While things are sore, try smaller or slower.");
        let next = Notice::from_verdict(&verdict(Outcome::Sent, false), 1, Locale::En, &TimeZone::UTC).unwrap();
        assert_ne!(next.text, notice.text, "messages take turns");
    }

    #[test]
    fn what_is_withheld_is_not_told_but_for_one_summary() {
        let withheld = Outcome::Withheld(Reason::HourlyLimit);
        assert_eq!(Notice::from_verdict(&verdict(withheld, false), 0, Locale::En, &TimeZone::UTC), None);
        let summary = Notice::from_verdict(&verdict(withheld, true), 0, Locale::En, &TimeZone::UTC).unwrap();
        assert_eq!((summary.kind, summary.loudness, summary.rule), (NoticeKind::Summary, Loudness::Text, None));
    }

    #[test]
    fn the_figures_of_every_rule_keep_to_the_words() {
        let mut signal = verdict(Outcome::Sent, false).signal;
        let held = Measured::Held { value: Seconds(75.0), threshold: Seconds(75.0) };
        for said in [held, Measured::Bends { value: 10, threshold: 10 }, signal.measured] {
            signal.measured = said;
            for locale in Locale::ALL {
                assert_eq!(care::words::objection(locale, &measured(&signal, locale)), None);
            }
        }
        signal.measured = held;
        assert_eq!(measured(&signal, Locale::En), "held at 68 degrees for 75 of 75 s");
    }
}
