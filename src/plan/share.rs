//! A plan in a file that a wearer or a physiotherapist writes, in TOML or JSON. In: its text. Out: its items, all
//! of them sound, or the line of the first that is not, and what to do.
//!
//! ```toml
//! lumbard_plan = 1             # the format, always 1
//! by = "physiotherapist"       # or "wearer"; --by counts before it
//!
//! [[item]]
//! exercise = "walk"            # an id of the catalogue: lumbard exercise list
//! minutes = 20                 # or steps, reps, seconds; of each set
//! start = 10                   # the first week's, in the same unit; with it, minutes is where it leads
//! weekly_step = 1              # grows by this a week, by at most a tenth, after weeks that were met
//! ceiling = 20                 # and no further
//! days_per_week = 4
//!
//! [[item]]
//! exercise = "bridge"
//! sets = 2
//! reps = 8
//! days_per_week = 3
//! from = "2026-03-02"          # until = "2026-05-01" is the first day on which it no longer holds
//! note = "slowly"
//! ```
//!
//! In JSON the same keys stand in one object, and `item` is a list of objects. Nothing here proposes a dose.

use super::catalogue;
use super::dose::Quota;
use super::progress::Growth;
use crate::care::Locale;
use crate::units::Seconds;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};
use std::fmt;
use toml::Spanned;

/// The format's number.
const FORMAT: u32 = 1;
/// Longest file that is read, in bytes. Chosen by us: hundreds of items.
pub const LONGEST_FILE: u64 = 256 * 1024;
/// Longest day, in minutes.
const DAY_MIN: f64 = 1440.0;
/// Most sets a day, and most repetitions in each. Chosen by us: beyond these it is a slip of the finger.
const MOST_SETS: u32 = 100;
const MOST_REPS: u32 = 1000;
const MOST_STEPS: u32 = 100_000;

/// An item as it is written: flags and files say it alike.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Id in the catalogue.
    pub exercise: String,
    /// Sets a day.
    #[serde(default)]
    pub sets: Option<u32>,
    /// Repetitions in each set.
    #[serde(default)]
    pub reps: Option<u32>,
    /// Steps of a walk.
    #[serde(default)]
    pub steps: Option<u32>,
    /// Length of each set.
    #[serde(default)]
    pub seconds: Option<f64>,
    /// Length of each set.
    #[serde(default)]
    pub minutes: Option<f64>,
    /// The first week's, in the unit of the four above.
    #[serde(default)]
    pub start: Option<f64>,
    /// Growth a week, in the same unit.
    #[serde(default)]
    pub weekly_step: Option<f64>,
    /// It grows no further.
    #[serde(default)]
    pub ceiling: Option<f64>,
    /// On how many days a week.
    #[serde(default)]
    pub days_per_week: Option<u8>,
    /// First local day.
    #[serde(default)]
    pub from: Option<String>,
    /// First local day on which it no longer holds.
    #[serde(default)]
    pub until: Option<String>,
    /// Free words.
    #[serde(default)]
    pub note: Option<String>,
}

/// An item that is sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Id in the catalogue.
    pub exercise: &'static str,
    /// How much, where it leads when it grows.
    pub quota: Quota,
    /// How it grows, in count or seconds of a set.
    pub growth: Option<Growth>,
    /// On how many days a week, 1 to 7.
    pub days_per_week: u8,
    /// First local day; `None`: today.
    pub from: Option<Date>,
    /// First local day on which it no longer holds.
    pub until: Option<Date>,
    /// Free words.
    pub note: Option<String>,
}

impl TryFrom<Written> for Item {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let exercise = catalogue::find(&written.exercise).ok_or_else(|| catalogue::unknown(&written.exercise))?;
        let days_per_week = written.days_per_week.unwrap_or(7);
        if !(1..=7).contains(&days_per_week) {
            return Err(format!("days_per_week {days_per_week} is no number of days; write 1 to 7"));
        }
        let (quota, unit) = written.quota()?;
        if written.steps.is_some() && exercise.id != "walk" {
            return Err(format!(
                "{} is not counted in steps; write reps, seconds or minutes",
                exercise.name(Locale::En)
            ));
        }
        let (from, until) = (day("from", written.from.as_deref())?, day("until", written.until.as_deref())?);
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            return Err(format!("until {until} is not after from {from}; write a later day, or leave it away"));
        }
        let growth = written.growth(&quota, unit)?;
        Ok(Self { exercise: &exercise.id, quota, growth, days_per_week, from, until, note: written.note })
    }
}

/// Refused where it stands, so that the reader of the file tells its line.
impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        Self::try_from(Written::deserialize(text)?).map_err(serde::de::Error::custom)
    }
}

impl Written {
    /// How much it is, and how many counts or seconds the unit has that was written.
    fn quota(&self) -> Result<(Quota, f64), String> {
        let told = [self.reps.is_some(), self.steps.is_some(), self.seconds.is_some(), self.minutes.is_some()];
        if told.into_iter().filter(|told| *told).count() > 1 {
            return Err("reps, steps, seconds and minutes are each a way to say how much; write one of them".into());
        }
        within("sets", self.sets.map(f64::from), MOST_SETS.into())?;
        within("reps", self.reps.map(f64::from), MOST_REPS.into())?;
        within("steps", self.steps.map(f64::from), MOST_STEPS.into())?;
        within("seconds", self.seconds, DAY_MIN * 60.0)?;
        within("minutes", self.minutes, DAY_MIN)?;
        let unit = if self.minutes.is_some() { 60.0 } else { 1.0 };
        let lasting = self.seconds.or(self.minutes).map(|long| Seconds(long * unit));
        Ok((Quota { sets: self.sets, reps: self.reps.or(self.steps), lasting }, unit))
    }

    fn growth(&self, quota: &Quota, unit: f64) -> Result<Option<Growth>, String> {
        for (name, value) in [("start", self.start), ("weekly_step", self.weekly_step), ("ceiling", self.ceiling)] {
            within(name, value, f64::from(MOST_STEPS))?;
        }
        let dose = quota.reps.map(f64::from).or(quota.lasting.map(|lasting| lasting.0));
        let [start, step, ceiling] = [self.start, self.weekly_step, self.ceiling].map(|told| told.map(|v| v * unit));
        match (dose, start, step, ceiling) {
            (_, None, None, None) => Ok(None),
            (None, ..) => Err("a plan that grows needs to say of what: write minutes, steps, reps or seconds".into()),
            (Some(_), _, None, _) => Err("start and ceiling are for a plan that grows; write weekly_step too".into()),
            (Some(_), None, Some(_), None) => {
                Err("weekly_step needs an end: write ceiling, or start for a plan that leads to what is planned".into())
            }
            (Some(dose), start, Some(weekly_step), ceiling) => {
                let (start, ceiling) = (start.unwrap_or(dose), ceiling.unwrap_or(dose));
                if start > ceiling {
                    return Err(format!(
                        "it starts at {} and ends at {}; write a ceiling that is not below the start",
                        start / unit,
                        ceiling / unit
                    ));
                }
                Ok(Some(Growth { start, ceiling, weekly_step }))
            }
        }
    }
}

fn within(name: &str, value: Option<f64>, most: f64) -> Result<(), String> {
    match value {
        Some(value) if !(value > 0.0 && value <= most) => {
            Err(format!("{name} {value} is out of range; write more than 0 and at most {most}"))
        }
        _ => Ok(()),
    }
}

fn day(name: &str, text: Option<&str>) -> Result<Option<Date>, String> {
    text.map(|text| text.parse().map_err(|_| format!("{name} {text:?} is no day; write it as \"2026-03-02\"")))
        .transpose()
}

/// A plan that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Who wrote it, where that is told: `wearer` or `physiotherapist`.
    pub by: Option<String>,
    /// Its items.
    pub items: Vec<Item>,
}

/// Why a plan could not be read: nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line, from 1; `None` where it cannot be told.
    pub line: Option<usize>,
    /// What is amiss, and what to write.
    pub words: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.words),
            None => f.write_str(&self.words),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<I> {
    lumbard_plan: u32,
    #[serde(default)]
    by: Option<String>,
    item: Vec<I>,
}

/// Reads a plan: JSON when it begins with a brace, else TOML.
pub fn read(text: &str) -> Result<Plan, Refused> {
    let file = if text.trim_start().starts_with('{') { from_json(text) } else { from_toml(text) }?;
    let refused = |words: String| Err(Refused { line: None, words });
    if file.lumbard_plan != FORMAT {
        return refused(format!(
            "lumbard_plan = {} is a format this version does not know; it reads {FORMAT}",
            file.lumbard_plan
        ));
    }
    if file.item.is_empty() {
        return refused("it has no item; write at least one, with an exercise".into());
    }
    if let Some(by) = file.by.as_deref().filter(|by| !["wearer", "physiotherapist"].contains(by)) {
        return refused(format!("by = {by:?} is nobody who may plan; write \"wearer\" or \"physiotherapist\""));
    }
    Ok(Plan { by: file.by, items: file.item })
}

fn from_toml(text: &str) -> Result<File<Item>, Refused> {
    let line = |at: usize| 1 + text[..at.min(text.len())].matches('\n').count();
    let file: File<Spanned<Written>> = toml::from_str(text).map_err(|error| Refused {
        line: error.span().map(|span| line(span.start)),
        words: error.message().to_owned(),
    })?;
    let sound = |item: Spanned<Written>| {
        let at = line(item.span().start);
        Item::try_from(item.into_inner()).map_err(|words| Refused { line: Some(at), words })
    };
    let item = file.item.into_iter().map(sound).collect::<Result<_, _>>()?;
    Ok(File { lumbard_plan: file.lumbard_plan, by: file.by, item })
}

fn from_json(text: &str) -> Result<File<Item>, Refused> {
    serde_json::from_str(text).map_err(|error| {
        let words = error.to_string();
        // Its own words end in the place, which is told before them.
        let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words).to_owned();
        Refused { line: (error.line() > 0).then_some(error.line()), words }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "lumbard_plan = 1\nby = \"physiotherapist\"\n\n[[item]]\nexercise = \"walk\"\nminutes = 20\nstart = 10\n\
        weekly_step = 1\ndays_per_week = 4\n\n[[item]]\nexercise = \"Bird-Dog\"\nsets = 2\nreps = 8\nfrom = \"2026-03-02\"\n";

    #[test]
    fn a_plan_is_read_alike_from_toml_and_json() {
        let plan = read(GOOD).unwrap();
        assert_eq!(plan.by.as_deref(), Some("physiotherapist"));
        let walk = &plan.items[0];
        assert_eq!((walk.exercise, walk.days_per_week, walk.quota.lasting), ("walk", 4, Some(Seconds(1200.0))));
        assert_eq!(walk.growth, Some(Growth { start: 600.0, ceiling: 1200.0, weekly_step: 60.0 }));
        assert_eq!((plan.items[1].exercise, plan.items[1].quota.reps), ("bird_dog", Some(8)));
        let json = r#"{"lumbard_plan": 1, "by": "physiotherapist", "item": [
            {"exercise": "walk", "minutes": 20, "start": 10, "weekly_step": 1, "days_per_week": 4},
            {"exercise": "bird_dog", "sets": 2, "reps": 8, "from": "2026-03-02"}]}"#;
        assert_eq!(read(json).unwrap(), plan);
    }

    #[test]
    fn what_is_amiss_is_told_with_its_line_and_what_to_write() {
        for (from, to, line, words) in [
            ("\"walk\"", "\"handstand\"", 4, "it has bridge"),
            ("minutes = 20", "minutes = -2", 4, "write more than 0"),
            ("minutes = 20", "minutes = 20\nreps = 3", 4, "write one of them"),
            ("start = 10", "start = 30", 4, "not below the start"),
            ("weekly_step = 1", "", 4, "write weekly_step too"),
            ("days_per_week = 4", "days_per_week = 8", 4, "write 1 to 7"),
            ("reps = 8", "steps = 8", 11, "not counted in steps"),
            ("2026-03-02", "tomorrow", 11, "write it as"),
            ("sets = 2", "rounds = 2", 13, "unknown field"),
            ("sets = 2", "sets = \"two\"", 13, "expected u32"),
        ] {
            let refused = read(&GOOD.replace(from, to)).unwrap_err();
            assert!(refused.words.contains(words), "{to}: {refused}");
            let told = refused.line.unwrap_or_default();
            assert_eq!(told, line, "{to}: {refused}");
        }
        assert!(read("lumbard_plan = 2\nitem = []").unwrap_err().words.contains("does not know"));
        assert!(read("lumbard_plan = 1\nitem = []").unwrap_err().words.contains("no item"));
        assert!(read(&GOOD.replace("\"physiotherapist\"", "\"boss\"")).unwrap_err().words.contains("nobody"));
        let json = "{\"lumbard_plan\": 1,\n \"item\": [\n  {\"exercise\": \"walk\"},\n  {\"exercise\": \"walks\"}]}";
        assert_eq!(read(json).unwrap_err().line, Some(4));
        assert_eq!(read("{").unwrap_err().line, Some(1));
        assert!(read("").is_err());
    }

    #[test]
    fn a_plan_that_grows_has_an_end() {
        let item = |written: Written| Item::try_from(Written { exercise: "walk".into(), ..written });
        let steps = Written { steps: Some(3000), weekly_step: Some(200.0), ..Written::default() };
        assert!(item(steps.clone()).unwrap_err().contains("needs an end"));
        let growth = item(Written { ceiling: Some(5000.0), ..steps }).unwrap().growth.unwrap();
        assert_eq!((growth.start, growth.ceiling, growth.weekly_step), (3000.0, 5000.0, 200.0));
        assert!(item(Written { weekly_step: Some(1.0), ..Written::default() }).unwrap_err().contains("of what"));
    }
}
