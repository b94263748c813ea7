//! `lumbard scan`: which sensors are in reach, and how well each suits live warnings.

use super::{Exit, Failure, Globals};
use crate::link::ble::{self, Found, What};
use firmware_protocol::family::{Cue, Family, Suits};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::time::Duration;

/// Looks for sensors in reach
///
/// Looks around for a few seconds and lists what it found, sensors first, the nearest on top. A sensor that
/// another program is connected to does not show itself.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// How long to look, in seconds
    #[arg(long = "for", value_name = "S", default_value_t = 8.0)]
    seconds: f64,
    /// Show every Bluetooth LE device, not only sensors
    #[arg(long)]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The longest look, in seconds: an hour.
const LONGEST_S: f64 = 3600.0;

/// Runs the command.
pub(super) fn run(_: &Globals, args: &Args) -> Result<Exit, Failure> {
    if !(0.1..=LONGEST_S).contains(&args.seconds) {
        return Err(Failure::bad_input("--for wants seconds between 0.1 and 3600, such as --for 8"));
    }
    let mut found = ble::scan(Duration::from_secs_f64(args.seconds), &mut |_| ControlFlow::Continue(()))
        .map_err(|error| Failure::failed(error.to_string()))?;
    let others = found.iter().filter(|found| matches!(found.what, What::Other)).count();
    if !args.all {
        found.retain(|found| !matches!(found.what, What::Other));
    }
    if args.json {
        let devices: Vec<Value> = found.iter().map(as_json).collect();
        println!("{}", json!({ "found": devices, "other_devices": others }));
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        eprintln!(
            "No sensor in reach ({others} other devices). Switch it on or press its button, bring it closer, and make \
             sure that no phone is connected to it. Known kinds: lumbard devices"
        );
        return Ok(Exit::Done);
    }
    let rows: Vec<[String; 5]> = found.iter().map(row).collect();
    super::devices::print_table(["NAME", "ADDRESS", "SIGNAL", "KIND", "LIVE WARNINGS"], &rows);
    Ok(Exit::Done)
}

fn row(found: &Found) -> [String; 5] {
    let (kind, live) = match found.what {
        What::Sensor(family) => (family.name, live(family)),
        What::Refused(family, why) => (family.name, format!("cannot be used: {why}")),
        What::Other => ("not a known sensor", "-".to_owned()),
    };
    let signal = found.rssi_dbm.map_or_else(|| "-".to_owned(), |dbm| format!("{dbm} dBm"));
    [found.name.clone().unwrap_or_else(|| "-".to_owned()), found.address.clone(), signal, kind.to_owned(), live]
}

/// How well a family suits live warnings, in words.
pub(super) fn live(family: &Family) -> String {
    let suits = match family.live {
        Suits::Well => "well suited".to_owned(),
        Suits::Limited(why) => format!("with limits: {why}"),
        Suits::No(why) => format!("recordings only: {why}"),
    };
    match family.cue {
        Cue::Vibration => format!("{suits}; can vibrate"),
        Cue::Sound => format!("{suits}; can sound"),
        Cue::Light | Cue::Nothing => suits,
    }
}

fn as_json(found: &Found) -> Value {
    let (family, usable, why) = match found.what {
        What::Sensor(family) => (Some(family), true, None),
        What::Refused(family, why) => (Some(family), false, Some(why)),
        What::Other => (None, false, None),
    };
    json!({
        "name": found.name,
        "address": found.address,
        "rssi_dbm": found.rssi_dbm,
        "family": family.map(|family| family.id),
        "usable": usable,
        "why_not": why,
        "live_warnings": family.filter(|_| usable).map(live),
        "gyroscope": family.map(|family| family.gyro),
        "vibrates": family.map(|family| family.cue == Cue::Vibration),
    })
}
