//! `snooze`: rests signals for a while. It ends by itself.

use super::here::Here;
use super::service::SNOOZED_UNTIL;
use super::{Exit, Failure, Globals};
use crate::store::Hand;
use crate::units::{Seconds, WallTime};
use std::str::FromStr;

/// Rests signals about bends for a while; it ends by itself.
#[derive(clap::Args)]
pub(super) struct Args {
    /// How long, such as 30m or 1h; off ends a snooze now.
    #[arg(value_name = "TIME")]
    lasting: Lasting,
}

/// `30m`, `1h`, or `off`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Lasting(Seconds);

/// Longest snooze: until tomorrow. Source: domain.md §6.
const LONGEST: Seconds = Seconds(24.0 * 3600.0);

impl FromStr for Lasting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(Seconds(0.0)));
        }
        let unit = [("m", 60.0), ("h", 3600.0)].into_iter().find_map(|(end, s)| Some((text.strip_suffix(end)?, s)));
        unit.and_then(|(number, seconds)| Some(Seconds(number.parse::<u32>().ok().map(f64::from)? * seconds)))
            .filter(|lasting| lasting.0 > 0.0 && lasting.0 <= LONGEST.0)
            .map(Self)
            .ok_or_else(|| format!("{text:?} is no time to rest; write 15m, 30m, 1h, up to 24h, or off"))
    }
}

/// Keeps the choice; a running daemon takes it up within a second.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let here = Here::read();
    let until = WallTime(here.now.0 + args.lasting.0.nanos());
    Hand::open(&globals.data_dir()?)?.set_setting(SNOOZED_UNTIL, &until.0.to_string(), here.now)?;
    if args.lasting.0.0 > 0.0 {
        eprintln!("lumbard: signals rest for {:.0} min; that ends by itself", args.lasting.0.0 / 60.0);
    } else {
        eprintln!("lumbard: signals are no longer snoozed");
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_is_typed_in_minutes_or_hours() {
        assert_eq!("30m".parse(), Ok(Lasting(Seconds(1800.0))));
        assert_eq!("2h".parse(), Ok(Lasting(Seconds(7200.0))));
        assert_eq!("off".parse(), Ok(Lasting(Seconds(0.0))));
        for wrong in ["", "m", "0m", "30", "25h", "-5m", "1d"] {
            assert!(wrong.parse::<Lasting>().is_err(), "{wrong}");
        }
    }
}
