//! Someone who watches wearer and signals, and holds each signal against the wording of domain.md §6.
//!
//! In: at each tick what is truly so, then every verdict. Out: a panic where a promise is broken, and counts. Times
//! are true seconds since the beginning, whatever any clock shows.

use lumbard::warning::{Outcome, Verdict};
use std::collections::{BTreeMap, VecDeque};

/// Every reason for not being armed: each is to be met in some weeks.
pub(crate) const UNARMED: [&str; 14] = [
    "acute_off",
    "red_flag",
    "no_fresh_sample",
    "implausible",
    "not_worn",
    "calibration_missing",
    "calibration_stale",
    "placement_unknown",
    "lying",
    "prone_or_all_fours",
    "exercise_running",
    "calibrating",
    "snoozed",
    "quiet_hours",
];
/// Every reason for withholding a signal: each is to be met too. While there is no bend to judge, as when lying,
/// nothing is withheld, for there is nothing to say.
pub(crate) const WITHHELD: [&str; 13] = [
    "red_flag",
    "no_fresh_sample",
    "calibration_missing",
    "calibration_stale",
    "placement_unknown",
    "exercise_running",
    "calibrating",
    "snoozed",
    "quiet_hours",
    "too_soon",
    "hourly_limit",
    "lift_told_already",
    "moment_passed",
];

/// What is truly so at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) now_s: f64,
    pub(crate) acute: bool,
    /// Names of what speaks against a signal, acute mode apart.
    pub(crate) against: Vec<&'static str>,
    /// Trunk angle in degrees; `None` while it cannot be told.
    pub(crate) tea_deg: Option<f64>,
    /// Lying, on all fours or not worn: no angle is a bend then.
    pub(crate) resting: bool,
    pub(crate) seated: bool,
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    pub(crate) sent: BTreeMap<&'static str, u32>,
    pub(crate) withheld: BTreeMap<&'static str, u32>,
    /// Reasons shown for not being armed, in ticks.
    pub(crate) shown: BTreeMap<&'static str, u32>,
    pub(crate) summaries: u32,
    pub(crate) fullest_hour: usize,
    /// Deep bends that had to be told, and were.
    pub(crate) due: u32,
    pub(crate) clock_set: u32,
    pub(crate) travels: u32,
    pub(crate) sleeps: u32,
}

impl Notes {
    pub(crate) fn add(&mut self, other: &Self) {
        let maps =
            [(&mut self.sent, &other.sent), (&mut self.withheld, &other.withheld), (&mut self.shown, &other.shown)];
        for (all, more) in maps {
            more.iter().for_each(|(name, times)| *all.entry(name).or_default() += times);
        }
        self.summaries += other.summaries;
        self.fullest_hour = self.fullest_hour.max(other.fullest_hour);
        self.due += other.due;
        self.clock_set += other.clock_set;
        self.travels += other.travels;
        self.sleeps += other.sleeps;
    }
}

/// A stretch at or beyond 20°, as the onlooker sees it.
#[derive(Clone, Copy, Debug)]
struct Bend {
    number: u32,
    since_s: f64,
    low_since_s: Option<f64>,
    deep_since_s: Option<f64>,
    deep_told: bool,
}

/// A signal that was given.
#[derive(Clone, Copy, Debug)]
struct Given {
    at_s: f64,
    rule: &'static str,
    /// The bend it is about; `None`: about several.
    bend: Option<u32>,
}

#[derive(Debug, Default)]
pub(crate) struct Onlooker {
    pub(crate) notes: Notes,
    facts: Facts,
    bends: u32,
    bend: Option<Bend>,
    /// The newest bend, open or over.
    newest: u32,
    newest_usable_s: f64,
    given: VecDeque<Given>,
    /// Ends of bends beyond 30° that were whole, unseated and outside exercises.
    ended: VecDeque<f64>,
    summed_up: bool,
    /// A deep bend has to be told at this tick.
    deep_due: bool,
}

impl Onlooker {
    /// A moment begins.
    pub(crate) fn look(&mut self, facts: Facts) {
        let now_s = facts.now_s;
        // No bend spans a hole of more than half a second.
        if now_s - self.newest_usable_s > 0.5 || facts.resting {
            self.bend = None;
        }
        self.given.retain(|given| now_s - given.at_s < 7200.0);
        self.deep_due = false;
        if let Some(tea_deg) = facts.tea_deg.filter(|_| !facts.resting) {
            self.newest_usable_s = now_s;
            self.follow(now_s, tea_deg);
            self.deep_due = self.is_deep_due(&facts);
        }
        self.facts = facts;
    }

    fn follow(&mut self, now_s: f64, tea_deg: f64) {
        if self.bend.is_none() && tea_deg >= 20.0 {
            self.bends += 1;
            self.newest = self.bends;
            let (number, since_s) = (self.bends, now_s);
            self.bend = Some(Bend { number, since_s, low_since_s: None, deep_since_s: None, deep_told: false });
        }
        let Some(bend) = &mut self.bend else { return };
        bend.deep_since_s = if tea_deg >= 60.0 { bend.deep_since_s.or(Some(now_s)) } else { None };
        bend.low_since_s = if tea_deg < 20.0 { bend.low_since_s.or(Some(now_s)) } else { None };
        if bend.low_since_s.is_some_and(|since_s| now_s - since_s >= 0.5) {
            self.bend = None;
        }
    }

    /// The first moment of a bend at which 60° have lasted 0.3 s, with nothing against it and room for it.
    fn is_deep_due(&mut self, facts: &Facts) -> bool {
        let (crowded, full) =
            (self.crowded(facts.now_s, self.bend.map(|bend| bend.number)), self.last_hour(facts.now_s));
        let Some(bend) = &mut self.bend else { return false };
        let lasted = bend.deep_since_s.is_some_and(|since_s| facts.now_s - since_s >= 0.3 - 1e-6);
        if !lasted || std::mem::replace(&mut bend.deep_told, true) {
            return false;
        }
        facts.acute && facts.against.is_empty() && !crowded && full < 8
    }

    /// A signal about another bend was given less than 20 s ago.
    fn crowded(&self, now_s: f64, bend: Option<u32>) -> bool {
        let other = |given: &&Given| bend.is_none() || given.bend != bend;
        self.given.iter().filter(other).any(|given| now_s - given.at_s < 20.0 - 1e-6)
    }

    fn last_hour(&self, now_s: f64) -> usize {
        self.given.iter().filter(|given| now_s - given.at_s < 3600.0 - 1e-6).count()
    }

    /// A bend of at least 30° was made known to the rules.
    pub(crate) fn bend_ended(&mut self, counts: bool) {
        if counts && self.facts.acute {
            self.ended.push_back(self.facts.now_s);
        }
    }

    /// Takes the reasons that are shown for not being armed: all that hold, and no other.
    pub(crate) fn read_reasons(&mut self, shown: &[&'static str]) {
        let mut want = self.facts.against.clone();
        want.extend((!self.facts.acute).then_some("acute_off"));
        let (mut want, mut got) = (want, shown.to_vec());
        want.sort_unstable();
        got.sort_unstable();
        assert_eq!(want, got, "why nothing is watched: {:?}", self.facts);
        got.iter().for_each(|name| *self.notes.shown.entry(name).or_default() += 1);
    }

    /// Takes what was said at this moment.
    pub(crate) fn hear(&mut self, verdicts: &[Verdict]) {
        let mut deep_sent = false;
        for verdict in verdicts {
            self.read(verdict);
            let rule = verdict.signal.rule.name();
            match verdict.outcome {
                Outcome::Sent => {
                    deep_sent |= rule == "W1";
                    self.sent(rule, verdict);
                }
                Outcome::Withheld(reason) => self.withheld(rule, reason.name(), verdict.summary),
            }
        }
        assert!(deep_sent || !self.deep_due, "a deep bend was not told: {:?} {verdicts:?}", self.facts);
        self.notes.due += u32::from(self.deep_due);
    }

    /// Every signal says what was measured against which limit, sent or not.
    fn read(&self, verdict: &Verdict) {
        let signal = &verdict.signal;
        let (value, threshold, ratio) = (signal.measured.value(), signal.measured.threshold(), signal.measured.ratio());
        assert!(value.is_finite() && threshold.is_finite() && threshold > 0.0, "{verdict:?}");
        assert!((ratio - value / threshold).abs() < 1e-9 && ratio >= 1.0 - 1e-9, "{verdict:?}");
        let unit = match signal.rule.name() {
            "W1" => "deg",
            "W2" => "s",
            "W3" => "count",
            "W4" => "dps",
            other => panic!("{other}"),
        };
        assert_eq!(signal.measured.unit(), unit);
        assert!(self.facts.acute, "nothing is judged outside the acute days: {verdict:?}");
    }

    fn sent(&mut self, rule: &'static str, verdict: &Verdict) {
        let (now_s, facts) = (self.facts.now_s, &self.facts);
        assert!(facts.against.is_empty(), "{rule} was sent in spite of {:?}", facts.against);
        assert!(!verdict.summary);
        let tea_deg = facts
            .tea_deg
            .filter(|_| !facts.resting)
            .unwrap_or_else(|| panic!("{rule} was sent without a bend to judge: {facts:?}"));
        let bend = match rule {
            "W3" => None,
            "W4" => Some(self.newest),
            _ => Some(self.bend.unwrap_or_else(|| panic!("{rule} outside a bend: {facts:?}")).number),
        };
        assert!(!self.crowded(now_s, bend), "{rule} at {now_s} s crowds {:?}", self.given);
        let same_rule = || self.given.iter().filter(|given| given.rule == rule);
        match rule {
            "W1" => {
                let deep_since_s = self.bend.and_then(|bend| bend.deep_since_s);
                assert!(deep_since_s.is_some_and(|since_s| now_s - since_s >= 0.3 - 1e-6), "{facts:?}");
                let before = same_rule().filter(|given| given.bend == bend).map(|given| given.at_s).next_back();
                assert!(before.is_none_or(|at_s| now_s - at_s >= 20.0 - 1e-6), "twice in one bend within 20 s");
            }
            "W2" => {
                let series: Vec<f64> = same_rule().filter(|given| given.bend == bend).map(|given| given.at_s).collect();
                assert!(series.len() < 3 && usize::from(verdict.signal.nth) == series.len() + 1, "{series:?}");
                assert!(series.last().is_none_or(|at_s| now_s - at_s >= 5.0 - 1e-6), "{series:?} {now_s}");
                assert!(tea_deg >= if facts.seated { 45.0 } else { 20.0 }, "{facts:?}");
                // The shortest limit there is: half a minute at 60°.
                assert!(self.bend.is_some_and(|bend| now_s - bend.since_s >= 30.0 - 0.3), "{facts:?}");
            }
            "W3" => {
                assert!(tea_deg < 20.0, "W3 waits for an upright moment: {facts:?}");
                // Ten within 5 min, told up to 2 min later.
                self.ended.retain(|end_s| now_s - end_s < 300.0 + 121.0);
                assert!(self.ended.len() >= 10, "W3 after {} bends", self.ended.len());
                self.ended.drain(..10);
            }
            "W4" => {
                assert!(tea_deg < 20.0, "W4 waits for an upright moment: {facts:?}");
                assert!(same_rule().next_back().is_none_or(|given| now_s - given.at_s >= 3600.0 - 1e-6), "an hour");
            }
            other => panic!("{other}"),
        }
        self.given.push_back(Given { at_s: now_s, rule, bend });
        let hour = self.last_hour(now_s);
        assert!(hour <= 8, "{hour} signals in an hour");
        self.notes.fullest_hour = self.notes.fullest_hour.max(hour);
        *self.notes.sent.entry(rule).or_default() += 1;
        self.summed_up = false;
    }

    /// A reason that is given is true.
    fn withheld(&mut self, rule: &'static str, reason: &'static str, summary: bool) {
        let now_s = self.facts.now_s;
        let named = WITHHELD.iter().find(|name| **name == reason).unwrap_or_else(|| panic!("{reason}"));
        let holds = match reason {
            "too_soon" => self.given.iter().any(|given| now_s - given.at_s < 20.0),
            "hourly_limit" => self.last_hour(now_s + 1e-5) >= 8,
            "lift_told_already" => {
                self.given.iter().any(|given| given.rule == "W4" && now_s - given.at_s < 3600.0) && rule == "W4"
            }
            "moment_passed" => rule == "W3" || rule == "W4",
            told => self.facts.against.contains(&told),
        };
        assert!(holds, "{rule} was withheld for {reason}, which is not so: {:?}", self.facts);
        if summary {
            assert!(reason == "hourly_limit" && !self.summed_up, "one summary line, and only for the hour");
            self.summed_up = true;
            self.notes.summaries += 1;
        }
        *self.notes.withheld.entry(named).or_default() += 1;
    }
}
