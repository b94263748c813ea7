//! What "not helpful" leads to: answers to signals come in, the offer of a higher threshold comes out, and an offer
//! that is accepted changes the thresholds. Nothing changes by itself.
//!
//! | rule | asked again and again, it is offered |
//! |---|---|
//! | W1 | 10° deeper, up to 90° |
//! | W2 | a longer hold: the share of the limit from 0.5 to 0.75 to 1 |
//! | W3 | 15 bends in 5 min in place of 10 |
//! | W4 | none of these messages any more |
//!
//! Source: domain.md §6: after three answers of "not helpful" a higher threshold is offered; the steps are chosen by
//! us, and none goes beyond what the source of its rule calls acceptable for healthy adults (hold limit) or what a
//! sensor can tell (90°). Answers count for each rule from its last offer that was taken or declined on.

use super::params::WarningParams;
use crate::signal::WarningKind;
use crate::units::{Angle, WallTime};
use std::fmt;
use std::str::FromStr;

/// So many answers of "not helpful" for a rule, and a higher threshold is offered. Source: domain.md §6.
pub const OFFER_AFTER: usize = 3;
/// W1 is offered so much deeper. Chosen by us, as far as hysteresis reaches.
const DEEPER: Angle = Angle::from_degrees(10.0);
/// And no deeper than this. Chosen by us: what the placement tables reach (domain.md §4).
const DEEPEST: Angle = Angle::from_degrees(90.0);
/// Shares of the hold limit, one after the other. Chosen by us; 1 is the limit for healthy adults.
const SHARES: [f64; 3] = [0.5, 0.75, 1.0];
/// Bends in 5 min, one after the other. Chosen by us.
const REPEATS: [u32; 2] = [10, 15];
/// Two figures closer than this are one.
const SAME: f64 = 1e-6;

/// The thresholds that the wearer may raise. As text: `W1=60 W2=0.5 W3=10 W4=on`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// W1: where deep begins.
    pub deep: Angle,
    /// W2: share of the hold limit.
    pub hold_share: f64,
    /// W3: bends in 5 min.
    pub repeated: u32,
    /// W4: told at all.
    pub lifts: bool,
}

impl Default for Thresholds {
    fn default() -> Self {
        let WarningParams { deep, hold_share, repeated, lifts, .. } = WarningParams::default();
        Self { deep, hold_share, repeated, lifts }
    }
}

impl Thresholds {
    /// All parameters, with these thresholds.
    pub fn params(&self) -> WarningParams {
        let Self { deep, hold_share, repeated, lifts } = *self;
        WarningParams { deep, hold_share, repeated, lifts, ..WarningParams::default() }
    }

    /// The next higher threshold of a rule; `None`: there is none.
    fn next(&self, rule: WarningKind) -> Option<Self> {
        let mut next = *self;
        match rule {
            WarningKind::W1 if self.deep.degrees() < DEEPEST.degrees() - SAME => {
                next.deep = Angle::from_degrees((self.deep + DEEPER).degrees().min(DEEPEST.degrees()));
            }
            WarningKind::W2 => next.hold_share = SHARES.into_iter().find(|share| *share > self.hold_share + SAME)?,
            WarningKind::W3 => next.repeated = REPEATS.into_iter().find(|bends| *bends > self.repeated)?,
            WarningKind::W4 if self.lifts => next.lifts = false,
            WarningKind::W1 | WarningKind::W4 => return None,
        }
        Some(next)
    }
}

impl fmt::Display for Thresholds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lifts = if self.lifts { "on" } else { "off" };
        write!(f, "W1={:.0} W2={} W3={} W4={lifts}", self.deep.degrees(), self.hold_share, self.repeated)
    }
}

impl FromStr for Thresholds {
    type Err = String;

    /// A rule that is not named keeps its usual threshold; one lower than usual is refused: lumbard warns no sooner
    /// than domain.md has it.
    fn from_str(text: &str) -> Result<Self, String> {
        let (mut found, usual) = (Self::default(), Self::default());
        for word in text.split_whitespace() {
            let no = || format!("{word:?} is no threshold; they read W1=60 W2=0.5 W3=10 W4=on, and none is lower");
            let (rule, figure) = word.split_once('=').ok_or_else(no)?;
            let number = || figure.parse::<f64>().map_err(|_| no());
            match rule {
                "W1" => found.deep = Angle::from_degrees(number()?),
                "W2" => found.hold_share = number()?,
                "W3" => found.repeated = figure.parse().map_err(|_| no())?,
                "W4" => found.lifts = ["off", "on"].iter().position(|known| *known == figure).ok_or_else(no)? == 1,
                _ => return Err(no()),
            }
            let in_range = (usual.deep.degrees() - SAME..=DEEPEST.degrees() + SAME).contains(&found.deep.degrees())
                && (usual.hold_share..=SHARES[2]).contains(&found.hold_share)
                && (usual.repeated..=REPEATS[1]).contains(&found.repeated);
            if !in_range {
                return Err(no());
            }
        }
        Ok(found)
    }
}

/// What the wearer said about one signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The rule of the signal.
    pub rule: WarningKind,
    /// When it was said.
    pub at: WallTime,
    /// It helped.
    pub helpful: bool,
}

/// When the last offer about each rule was taken or declined. As text: `W1@1714602600000000000 W4@…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided(Vec<(WarningKind, WallTime)>);

impl Decided {
    /// An offer about this rule was taken or declined.
    pub fn note(&mut self, rule: WarningKind, at: WallTime) {
        self.0.retain(|(known, _)| *known != rule);
        self.0.push((rule, at));
        self.0.sort_unstable();
    }

    fn since(&self, rule: WarningKind) -> Option<WallTime> {
        self.0.iter().find(|(known, _)| *known == rule).map(|(_, at)| *at)
    }

    /// Read from its text; what cannot be read is left out.
    pub fn from_kept(text: &str) -> Self {
        let one = |word: &str| {
            let (rule, at) = word.split_once('@')?;
            Some((WarningKind::from_name(rule)?, WallTime(at.parse().ok()?)))
        };
        Self(text.split_whitespace().filter_map(one).collect())
    }

    /// Its text.
    pub fn kept(&self) -> String {
        self.0.iter().map(|(rule, at)| format!("{}@{}", rule.name(), at.0)).collect::<Vec<_>>().join(" ")
    }
}

/// A higher threshold that is offered. To take it, keep [`Offer::then`]; to take or decline it, [`Decided::note`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// The rule it is about.
    pub rule: WarningKind,
    /// How often it was said not to help.
    pub not_helpful: usize,
    /// The thresholds if it is taken.
    pub then: Thresholds,
}

impl Offer {
    /// Id of the message that asks; a yes or a no answers it.
    pub fn message_id(&self) -> &'static str {
        match self.rule {
            WarningKind::W1 => "offer_w1",
            WarningKind::W2 => "offer_w2",
            WarningKind::W3 => "offer_w3",
            WarningKind::W4 => "offer_w4",
        }
    }
}

/// What may be offered now, for each rule that was said not to help often enough.
pub fn offers(now: &Thresholds, decided: &Decided, answers: &[Answer]) -> Vec<Offer> {
    let rules = [WarningKind::W1, WarningKind::W2, WarningKind::W3, WarningKind::W4];
    let offer = |rule: WarningKind| {
        let since = decided.since(rule);
        let counts = |answer: &&Answer| answer.rule == rule && since.is_none_or(|since| answer.at > since);
        let not_helpful = answers.iter().filter(counts).filter(|answer| !answer.helpful).count();
        (not_helpful >= OFFER_AFTER).then_some(Offer { rule, not_helpful, then: now.next(rule)? })
    };
    rules.into_iter().filter_map(offer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use WarningKind::{W1, W2, W3, W4};

    fn said(rule: WarningKind, helpful: bool, at: i64) -> Answer {
        Answer { rule, at: WallTime(at), helpful }
    }

    #[test]
    fn the_third_not_helpful_leads_to_an_offer_and_nothing_changes_by_itself() {
        let now = Thresholds::default();
        let mut answers = vec![said(W1, false, 1), said(W1, true, 2), said(W1, false, 3), said(W2, false, 4)];
        assert_eq!(offers(&now, &Decided::default(), &answers), []);
        answers.push(said(W1, false, 5));
        let offered = offers(&now, &Decided::default(), &answers);
        assert_eq!(offered.len(), 1);
        assert_eq!((offered[0].rule, offered[0].not_helpful, offered[0].then.deep.degrees().round()), (W1, 3, 70.0));
        assert!(crate::care::messages::find(offered[0].message_id()).is_some());
        assert_eq!(now, Thresholds::default());
    }

    #[test]
    fn an_offer_that_was_answered_is_not_made_again_before_three_more() {
        let now = Thresholds::default();
        let mut answers: Vec<Answer> = (1..=3).map(|at| said(W3, false, at)).collect();
        let mut decided = Decided::default();
        decided.note(W3, WallTime(10));
        assert_eq!(offers(&now, &decided, &answers), []);
        answers.extend((11..=13).map(|at| said(W3, false, at)));
        assert_eq!(offers(&now, &decided, &answers).len(), 1);
        assert_eq!(Decided::from_kept(&decided.kept()), decided);
        assert_eq!(Decided::from_kept("W9@3 W1@x W2@5").kept(), "W2@5");
    }

    #[test]
    fn each_rule_has_its_steps_and_an_end() {
        let steps = |rule: WarningKind| {
            let (mut now, mut steps) = (Thresholds::default(), Vec::new());
            while let Some(next) = now.next(rule) {
                steps.push(next.to_string());
                now = next;
            }
            steps
        };
        let w1 = ["W1=70 W2=0.5 W3=10 W4=on", "W1=80 W2=0.5 W3=10 W4=on", "W1=90 W2=0.5 W3=10 W4=on"];
        assert_eq!(steps(W1), w1);
        assert_eq!(steps(W2), ["W1=60 W2=0.75 W3=10 W4=on", "W1=60 W2=1 W3=10 W4=on"]);
        assert_eq!(steps(W3), ["W1=60 W2=0.5 W3=15 W4=on"]);
        assert_eq!(steps(W4), ["W1=60 W2=0.5 W3=10 W4=off"]);
    }

    #[test]
    fn thresholds_are_read_as_they_are_written_and_never_lower_than_usual() {
        for text in ["W1=60 W2=0.5 W3=10 W4=on", "W1=90 W2=1 W3=15 W4=off"] {
            assert_eq!(text.parse::<Thresholds>().unwrap().to_string(), text);
        }
        assert_eq!("".parse(), Ok(Thresholds::default()));
        for text in ["W1=50", "W1=120", "W1=NaN", "W2=0.2", "W2=2", "W3=3", "W3=90", "W4=maybe", "W5=1", "60"] {
            assert!(text.parse::<Thresholds>().is_err(), "{text}");
        }
        let params = "W1=70 W4=off".parse::<Thresholds>().unwrap().params();
        assert_eq!((params.deep.degrees().round(), params.lifts, params.budget), (70.0, false, 8));
    }
}
