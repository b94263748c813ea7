//! `lumbard sensor`: which sensors are known, and whether one works.
//!
//! | file | does |
//! |---|---|
//! | `add` | finds a sensor and makes it known |
//! | `probe` | connects to one for a moment |
//! | `trial` | `test`: buzzes, takes samples, and says how it went |

mod add;
mod probe;
mod trial;

use super::devices::{cue, live, suits};
use super::recordings::utc;
use super::text::{print, table};
use super::{Exit, Failure, Globals, known, now, print_json};
use crate::store::Hand;
use crate::store::facts::{SensorRole, SensorRow};
use clap::Subcommand;
use firmware_protocol::family::{FAMILIES, Family};
use serde_json::{Value, json};

/// Makes sensors known, and tries them out
///
/// Of several known sensors, the first that is seen is worn. With none known, any of a known kind is taken.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Add(add::Args),
    /// Lists the known sensors
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Forgets a sensor; its recordings stay
    Remove {
        /// Its name or address
        #[arg(value_name = "SENSOR")]
        sensor: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    Blink(probe::Args),
    Test(trial::Args),
}

/// Runs the command.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    match &args.what {
        What::Add(args) => add::run(globals, args),
        What::List { json } => list(globals, *json),
        What::Remove { sensor, json } => remove(globals, sensor, *json),
        What::Blink(args) => probe::run(globals, args),
        What::Test(args) => trial::run(globals, args),
    }
}

fn list(globals: &Globals, json: bool) -> Result<Exit, Failure> {
    let sensors = known::sensors(&globals.data_dir()?)?;
    if json {
        print_json(&Value::from_iter(sensors.iter().map(as_json)))?;
        return Ok(Exit::Done);
    }
    if sensors.is_empty() {
        eprintln!("No sensor is known yet; any of a known kind is taken. To choose yours: lumbard sensor add");
        return Ok(Exit::Done);
    }
    let rows: Vec<[String; 6]> = sensors.iter().map(row).collect();
    print(&table(["NAME", "ADDRESS", "KIND", "ROLE", "CUE", "LIVE"], &rows))
}

fn row(sensor: &SensorRow) -> [String; 6] {
    let family = family(sensor);
    [
        sensor.name.clone(),
        sensor.uid.clone(),
        sensor.family.clone(),
        sensor.role.name().to_owned(),
        family.map_or("-", cue).to_owned(),
        family.map_or("-", |family| suits(family).0).to_owned(),
    ]
}

fn remove(globals: &Globals, typed: &str, json: bool) -> Result<Exit, Failure> {
    let data_dir = globals.data_dir()?;
    let sensors = known::sensors(&data_dir)?;
    let Some(sensor) = known::find(&sensors, typed)? else { return Err(not_known(typed, &sensors)) };
    Hand::open(&data_dir)?.remove_sensor(&sensor.uid, now())?;
    eprintln!("lumbard: {} is no longer known; its recordings stay{}", sensor.name, after_restart(&data_dir));
    if json {
        print_json(&json!({ "removed": as_json(sensor) }))?;
    }
    Ok(Exit::Done)
}

/// A sensor that was named and is not in the list.
fn not_known(typed: &str, sensors: &[SensorRow]) -> Failure {
    let names: Vec<&str> = sensors.iter().map(|sensor| sensor.name.as_str()).collect();
    Failure::bad_input(if names.is_empty() {
        format!("no sensor is known, so {typed:?} cannot be removed; see: lumbard sensor list")
    } else {
        format!("{typed:?} is not known; known are: {}", names.join(", "))
    })
}

/// What to do where a daemon runs on this data folder: it read the list when it was started.
fn after_restart(data_dir: &std::path::Path) -> &'static str {
    match crate::store::holder(data_dir) {
        Some(_) => "; lumbard run takes this up when it is started again",
        None => "",
    }
}

/// The family of a known sensor; `None` if this version does not have it.
fn family(sensor: &SensorRow) -> Option<&'static Family> {
    FAMILIES.iter().copied().find(|family| family.id == sensor.family)
}

/// A role as typed.
fn role(typed: &str) -> Result<SensorRole, String> {
    SensorRole::from_name(typed).ok_or_else(|| format!("{typed:?} is no role; write worn or buzzer"))
}

fn as_json(sensor: &SensorRow) -> Value {
    let family = family(sensor);
    json!({
        "name": sensor.name,
        "address": sensor.uid,
        "family": sensor.family,
        "kind": family.map(|family| family.name),
        "role": sensor.role.name(),
        "cue": family.map(cue),
        "live_warnings": family.map(live),
        "added": utc(sensor.added),
    })
}
