//! `nudge`: a friendly word after a long still stretch, and one in the morning. Both are off until chosen.

use super::service::{MORNING, NUDGES};
use super::{Exit, Failure, Globals, here, now, print_json};
use crate::care::Nudges;
use crate::care::moving::{Awake, NUDGE_EVERY, every_within};
use crate::store::Hand;
use crate::units::Seconds;
use clap::{Subcommand, ValueEnum};
use serde::Serialize;

/// Has lumbard say a word after a long still stretch, in your awake hours; without an action it shows the choice.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print one JSON object for programs.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Action {
    On(On),
    /// No nudges.
    Off,
    Morning(Morning),
}

/// Nudges after a still stretch, at most one in that time.
#[derive(clap::Args)]
struct On {
    /// After how long, from 30m to 180m.
    #[arg(long, value_name = "TIME", default_value = "45m", value_parser = every)]
    every: Seconds,
    /// Only in these hours of the day.
    #[arg(long, value_name = "HH:MM-HH:MM", default_value = "07:00-22:00")]
    awake: Awake,
}

/// A kind word after the first upright minutes of the day.
#[derive(clap::Args)]
struct Morning {
    /// On or off.
    #[arg(value_enum)]
    switch: Switch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

#[derive(Serialize)]
struct Answer {
    nudges: bool,
    every_min: Option<f64>,
    awake: Option<String>,
    morning: bool,
}

fn every(text: &str) -> Result<Seconds, String> {
    let minutes = text.strip_suffix('m').and_then(|number| number.parse::<u32>().ok());
    let minutes = minutes.ok_or_else(|| format!("{text:?} is no time; write {:.0}m", NUDGE_EVERY.0 / 60.0))?;
    every_within(Seconds(f64::from(minutes) * 60.0))
}

/// Keeps or shows the choice; a running daemon takes it up within a second.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let data_dir = globals.data_dir()?;
    let chosen = match &args.action {
        Some(Action::On(on)) => Some((NUDGES, Nudges { on: true, every: on.every, awake: on.awake }.to_string())),
        Some(Action::Off) => Some((NUDGES, Nudges::default().to_string())),
        Some(Action::Morning(morning)) => {
            Some((MORNING, if morning.switch == Switch::On { "on" } else { "off" }.to_owned()))
        }
        None => None,
    };
    if let Some((key, value)) = chosen {
        Hand::open(&data_dir)?.set_setting(key, &value, now())?;
    }
    let reader = here::reader(&data_dir)?;
    let kept = |key| reader.as_ref().map(|reader| reader.setting(key)).transpose().map(Option::flatten);
    let nudges: Nudges = kept(NUDGES)?.and_then(|text| text.parse().ok()).unwrap_or_default();
    let morning = kept(MORNING)?.as_deref() == Some("on");
    let say = &here::locale(&data_dir).phrases().terminal;
    if args.json {
        let hours = |at: jiff::civil::Time| at.strftime("%H:%M").to_string();
        print_json(&Answer {
            nudges: nudges.on,
            every_min: nudges.on.then_some(nudges.every.0 / 60.0),
            awake: nudges.on.then(|| format!("{}-{}", hours(nudges.awake.from), hours(nudges.awake.to))),
            morning,
        })?;
    } else if nudges.on {
        println!("{}", say.nudges_on.fill(&[("nudges", &nudges)]));
    } else {
        println!("{}", say.nudges_off);
    }
    if !args.json {
        println!("{}", if morning { &say.morning_on } else { &say.morning_off });
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_between_nudges_is_typed_in_minutes_within_reason() {
        assert_eq!(every("45m"), Ok(Seconds(2700.0)));
        for wrong in ["", "45", "5m", "200m", "1h", "-30m"] {
            assert!(every(wrong).is_err(), "{wrong}");
        }
    }
}
