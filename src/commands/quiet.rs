//! `quiet`: hours of every day without signals.

use super::service::{QUIET_HOURS, quiet_hours};
use super::{Exit, Failure, Globals, here, now, print_json};
use crate::store::Hand;
use crate::warning::QuietHours;
use serde::Serialize;

/// Rests signals in the same hours of every day, until off; without a time it shows them.
#[derive(clap::Args)]
pub(super) struct Args {
    /// From and to, such as 22:00-07:00; off ends quiet hours.
    #[arg(value_name = "HH:MM-HH:MM", value_parser = wanted)]
    hours: Option<Wanted>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wanted {
    Off,
    Hours(QuietHours),
}

#[derive(Serialize)]
struct Answer {
    from: Option<String>,
    to: Option<String>,
}

fn wanted(text: &str) -> Result<Wanted, String> {
    if text.eq_ignore_ascii_case("off") {
        return Ok(Wanted::Off);
    }
    match quiet_hours(text) {
        Some(hours) if hours.from == hours.to => Err(format!(
            "{text:?} begins and ends at one time; for a whole day without signals use: lumbard snooze 24h"
        )),
        Some(hours) => Ok(Wanted::Hours(hours)),
        None => Err(format!("{text:?} is no stretch of a day; write 22:00-07:00, or off")),
    }
}

/// Keeps or shows the choice; a running daemon takes it up within a second.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let data_dir = globals.data_dir()?;
    let hours = match args.hours {
        Some(wanted) => {
            let hours = if let Wanted::Hours(hours) = wanted { Some(hours) } else { None };
            let text = hours.map_or_else(|| "off".to_owned(), text);
            Hand::open(&data_dir)?.set_setting(QUIET_HOURS, &text, now())?;
            hours
        }
        None => {
            let kept = here::reader(&data_dir)?.map(|reader| reader.setting(QUIET_HOURS)).transpose()?.flatten();
            kept.as_deref().and_then(quiet_hours)
        }
    };
    if args.json {
        let time = |at: jiff::civil::Time| at.strftime("%H:%M").to_string();
        print_json(&Answer { from: hours.map(|hours| time(hours.from)), to: hours.map(|hours| time(hours.to)) })?;
    } else {
        let say = &here::locale(&data_dir).phrases().terminal;
        match hours {
            Some(hours) => println!("{}", say.quiet_set.fill(&[("hours", &text(hours))])),
            None => println!("{}", say.quiet_none),
        }
    }
    Ok(Exit::Done)
}

fn text(hours: QuietHours) -> String {
    format!("{}-{}", hours.from.strftime("%H:%M"), hours.to.strftime("%H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_they_are_written() {
        let Ok(Wanted::Hours(hours)) = wanted("22:30-7:00") else { panic!("these are hours") };
        assert_eq!(text(hours), "22:30-07:00");
        assert_eq!(wanted("OFF"), Ok(Wanted::Off));
        for unclear in ["", "22", "25:00-07:00", "22:00", "07:00-07:00"] {
            assert!(wanted(unclear).is_err(), "{unclear}");
        }
    }
}
