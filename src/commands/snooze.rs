//! `snooze`: rests signals for a while. It ends by itself.

use super::here::{self, Here};
use super::service::SNOOZED_UNTIL;
use super::{Exit, Failure, Globals, print_json};
use crate::store::Hand;
use crate::units::{Seconds, WallTime};
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::str::FromStr;

/// Rests signals about bends for a while; it ends by itself.
#[derive(clap::Args)]
pub(super) struct Args {
    /// How long, such as 30m or 1h; tomorrow rests them until tomorrow morning; off ends a snooze now.
    #[arg(value_name = "TIME")]
    lasting: Lasting,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// `30m`, `1h`, `tomorrow`, or `off`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lasting {
    Off,
    For(Seconds),
    UntilTomorrow,
}

#[derive(Serialize)]
struct Answer {
    /// Nanoseconds since 1970-01-01 UTC; `null` when signals are not snoozed.
    until_utc_ns: Option<i64>,
}

/// The end of a snooze that is off. Not this moment: a replayed day may lie before it.
const LONG_OVER: WallTime = WallTime(0);
/// A snooze until tomorrow ends at this local time. Chosen by us: when most people are up.
const MORNING: Time = Time::constant(7, 0, 0, 0);

/// Longest snooze: until tomorrow. Source: domain.md §6.
const LONGEST: Seconds = Seconds(24.0 * 3600.0);

impl FromStr for Lasting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => return Ok(Self::Off),
            "tomorrow" => return Ok(Self::UntilTomorrow),
            _ => {}
        }
        let unit = [("m", 60.0), ("h", 3600.0)].into_iter().find_map(|(end, s)| Some((text.strip_suffix(end)?, s)));
        unit.and_then(|(number, seconds)| Some(Seconds(number.parse::<u32>().ok().map(f64::from)? * seconds)))
            .filter(|lasting| lasting.0 > 0.0 && lasting.0 <= LONGEST.0)
            .map(Self::For)
            .ok_or_else(|| format!("{text:?} is no time to rest; write 15m, 30m, 1h, up to 24h, tomorrow, or off"))
    }
}

/// Keeps the choice; a running daemon takes it up within a second.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let here = Here::read();
    let until = until(args.lasting, &here, &TimeZone::system());
    let kept = until.unwrap_or(LONG_OVER);
    let data_dir = globals.data_dir()?;
    Hand::open(&data_dir)?.set_setting(SNOOZED_UNTIL, &kept.0.to_string(), here.now)?;
    if args.json {
        print_json(&Answer { until_utc_ns: until.map(|until| until.0) })?;
        return Ok(Exit::Done);
    }
    let say = &here::locale(&data_dir).phrases().terminal;
    match until {
        None => println!("{}", say.snooze_off),
        Some(until) => {
            let at = Timestamp::from_nanosecond(i128::from(until.0)).unwrap_or_default().to_zoned(TimeZone::system());
            println!("{}", say.snooze_until.fill(&[("until", &at.strftime("%Y-%m-%d %H:%M"))]));
        }
    }
    Ok(Exit::Done)
}

/// When the snooze ends; `None`: at once. A morning that a clock change leaves out ends it a day later at the most.
fn until(lasting: Lasting, here: &Here, zone: &TimeZone) -> Option<WallTime> {
    let after = |lasting: Seconds| WallTime(here.now.0 + lasting.nanos());
    match lasting {
        Lasting::Off => None,
        Lasting::For(lasting) => Some(after(lasting)),
        Lasting::UntilTomorrow => {
            let morning =
                here.today.tomorrow().ok().and_then(|day| day.to_datetime(MORNING).to_zoned(zone.clone()).ok());
            let morning = morning.and_then(|at| i64::try_from(at.timestamp().as_nanosecond()).ok());
            Some(morning.map_or(after(LONGEST), WallTime))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_is_typed_in_minutes_or_hours() {
        assert_eq!("30m".parse(), Ok(Lasting::For(Seconds(1800.0))));
        assert_eq!("2h".parse(), Ok(Lasting::For(Seconds(7200.0))));
        assert_eq!("off".parse(), Ok(Lasting::Off));
        for wrong in ["", "m", "0m", "30", "25h", "-5m", "1d"] {
            assert!(wrong.parse::<Lasting>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn tomorrow_is_seven_in_the_morning_also_over_a_clock_change() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| WallTime(i64::try_from(text.parse::<Timestamp>().unwrap().as_nanosecond()).unwrap());
        let now = at("2026-03-28T20:00:00Z");
        let here = Here { now, today: jiff::civil::date(2026, 3, 28), zone: "Europe/Berlin".into() };
        assert_eq!(until(Lasting::UntilTomorrow, &here, &zone), Some(at("2026-03-29T05:00:00Z")));
    }
}
