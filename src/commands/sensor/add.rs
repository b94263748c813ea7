//! `sensor add`: finds a sensor and makes it known. In: a name or address, or a choice. Out: a row in the store.

use super::super::scan::lasting;
use super::super::text::foreign;
use super::super::{Exit, Failure, Globals, ask, known, now, print_json};
use super::{after_restart, as_json, live, role};
use crate::frames::Placement;
use crate::link::ble::{self, BleError, Found, What};
use crate::store::Hand;
use crate::store::facts::{SensorRole, SensorRow};
use firmware_protocol::family::{FAMILIES, Family};
use std::ops::ControlFlow;

/// Makes a sensor known, so that it is the one that is used
///
/// Without SENSOR it looks around and lets you choose. Adding it again changes its name or role.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// What it calls itself, or its address, as lumbard scan shows them
    #[arg(value_name = "SENSOR")]
    sensor: Option<String>,
    /// What you call it; without it, what it calls itself
    #[arg(long = "call", value_name = "NAME")]
    name: Option<String>,
    /// What it is for: worn on the back, or a buzzer at the wrist
    #[arg(long, value_name = "ROLE", default_value = "worn", value_parser = role)]
    role: SensorRole,
    /// Its kind, to add an address that is not in reach now; see: lumbard devices
    #[arg(long, value_name = "FAMILY")]
    kind: Option<String>,
    /// How long to look, in seconds
    #[arg(long, value_name = "S", default_value_t = 8.0)]
    seconds: f64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A sensor that is to be known.
struct Chosen {
    address: String,
    calls_itself: Option<String>,
    family: &'static Family,
}

/// Characters of a name that is kept.
const LONGEST_NAME: usize = 40;

pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let lasting = lasting(args.seconds)?;
    let data_dir = globals.data_dir()?;
    let sensors = known::sensors(&data_dir)?;
    let chosen = match (&args.sensor, &args.kind) {
        (Some(address), Some(kind)) => unseen(address, kind)?,
        (None, Some(_)) => {
            return Err(Failure::bad_input(
                "--kind goes with an address, such as: lumbard sensor add C0:FF:EE:00:00:01 --kind witmotion",
            ));
        }
        (Some(typed), None) => named(typed, &look(lasting, Some(typed))?)?,
        (None, None) => choose(&look(lasting, None)?, &sensors)?,
    };
    let family = chosen.family;
    if args.role == SensorRole::Buzzer && !family.warns() {
        return Err(Failure::bad_input(format!(
            "{} can neither vibrate nor sound, so it cannot be a buzzer; add it with --role worn",
            family.name
        )));
    }
    let before = sensors.iter().find(|sensor| sensor.uid == chosen.address);
    let others: Vec<&SensorRow> = sensors.iter().filter(|sensor| sensor.uid != chosen.address).collect();
    let sensor = SensorRow {
        name: name(args.name.as_deref(), &chosen, before, &others)?,
        uid: chosen.address,
        family: family.id.to_owned(),
        placement: before.map_or(Placement::Unknown, |before| before.placement),
        calibration: before.and_then(|before| before.calibration),
        added: before.map_or_else(now, |before| before.added),
        role: args.role,
    };
    Hand::open(&data_dir)?.put_sensor(&sensor, now())?;
    let what = match sensor.role {
        SensorRole::Worn => format!("as one that you wear; live warnings: {}", live(family)),
        SensorRole::Buzzer => "as a buzzer beside the one that you wear".to_owned(),
    };
    eprintln!("lumbard: {} ({}) is known now, {what}{}", sensor.name, family.name, after_restart(&data_dir));
    eprintln!("lumbard: try it with: lumbard sensor test {:?}", sensor.name);
    if args.json {
        print_json(&as_json(&sensor))?;
    }
    Ok(Exit::Done)
}

/// Looks around; ends early when the address that was asked for was seen as a sensor. A name may be that of two.
fn look(lasting: std::time::Duration, typed: Option<&str>) -> Result<Vec<Found>, Failure> {
    eprintln!("Looking for {} s …", lasting.as_secs_f64());
    let there = |found: &Found| {
        matches!(found.what, What::Sensor(_)) && typed.is_some_and(|typed| found.address.eq_ignore_ascii_case(typed))
    };
    let enough =
        |found: &[Found]| if found.iter().any(there) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    ble::scan(lasting, &mut { enough }).map_err(|error| Failure::failed(error.to_string()))
}

/// A sensor that is not in reach, by what was typed alone.
fn unseen(address: &str, kind: &str) -> Result<Chosen, Failure> {
    let pairs: Vec<&str> = address.split(':').collect();
    let sound = |pair: &&str| pair.len() == 2 && pair.chars().all(|c| c.is_ascii_hexdigit());
    if pairs.len() != 6 || !pairs.iter().all(sound) {
        return Err(Failure::bad_input(format!(
            "{address:?} is no address; with --kind give one such as C0:FF:EE:00:00:01, as it stands on the sensor"
        )));
    }
    let family = FAMILIES.iter().copied().find(|family| family.id.eq_ignore_ascii_case(kind));
    let family = family.ok_or_else(|| {
        let known: Vec<&str> = FAMILIES.iter().map(|family| family.id).collect();
        Failure::bad_input(format!("{kind:?} is no kind that lumbard knows; write one of: {}", known.join(", ")))
    })?;
    Ok(Chosen { address: address.to_ascii_uppercase(), calls_itself: None, family })
}

/// The one that was typed, among those in reach.
fn named(typed: &str, found: &[Found]) -> Result<Chosen, Failure> {
    let is = |found: &&Found| {
        let by_name = found.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(typed));
        by_name || found.address.eq_ignore_ascii_case(typed)
    };
    let matching: Vec<&Found> = found.iter().filter(is).collect();
    let sensors: Vec<Chosen> = matching.iter().filter_map(|found| usable(found)).collect();
    let sensors = match <[Chosen; 1]>::try_from(sensors) {
        Ok([chosen]) => return Ok(chosen),
        Err(sensors) => sensors,
    };
    if !sensors.is_empty() {
        let addresses: Vec<&str> = sensors.iter().map(|sensor| sensor.address.as_str()).collect();
        return Err(Failure::bad_input(format!(
            "{} sensors in reach are called {typed:?}; give the address: {}",
            sensors.len(),
            addresses.join(" or ")
        )));
    }
    let sensor = foreign(typed, LONGEST_NAME);
    let error = match matching.first().map(|found| found.what) {
        Some(What::Refused(_, why)) => BleError::Unusable { sensor, why: why.to_owned() },
        Some(_) => BleError::Unusable {
            sensor,
            why: "it is no kind of sensor that lumbard knows; see: lumbard devices".to_owned(),
        },
        None => BleError::NotFound { sensor },
    };
    Err(Failure::failed(error.to_string()))
}

fn usable(found: &Found) -> Option<Chosen> {
    let What::Sensor(family) = found.what else { return None };
    Some(Chosen { address: found.address.clone(), calls_itself: found.name.clone(), family })
}

/// Lets someone choose among those in reach that are not known yet.
fn choose(found: &[Found], known: &[SensorRow]) -> Result<Chosen, Failure> {
    let is_new = |found: &&Found| known.iter().all(|sensor| sensor.uid != found.address);
    let new: Vec<&Found> = found.iter().filter(is_new).collect();
    let mut sensors: Vec<Chosen> = new.iter().filter_map(|found| usable(found)).collect();
    if sensors.is_empty() {
        return Err(Failure::failed(
            "no sensor is in reach that is not known already; switch it on or press its button, bring it closer, and \
             close its app on the phone",
        ));
    }
    if !ask::possible() {
        let lines: Vec<String> = sensors.iter().map(|sensor| format!("\n  {}", shown(sensor))).collect();
        return Err(Failure::bad_input(format!(
            "which one? Give its address, such as: lumbard sensor add {}{}",
            sensors[0].address,
            lines.concat()
        )));
    }
    for (i, sensor) in sensors.iter().enumerate() {
        eprintln!("  {}  {}", i + 1, shown(sensor));
    }
    let number = ask::until_understood("Which one? Its number:", |answer| {
        let number = answer.parse::<usize>().ok().filter(|number| (1..=sensors.len()).contains(number));
        number.ok_or_else(|| format!("Please type a number from 1 to {}.", sensors.len()))
    })?;
    Ok(sensors.swap_remove(number - 1))
}

fn shown(sensor: &Chosen) -> String {
    let name = sensor.calls_itself.as_deref().unwrap_or("(no name)");
    format!("{}  {}  {}", sensor.address, foreign(name, LONGEST_NAME), sensor.family.name)
}

/// What it is called: as typed, as before, or as it calls itself, with a number where another has that name.
fn name(
    typed: Option<&str>,
    chosen: &Chosen,
    before: Option<&SensorRow>,
    others: &[&SensorRow],
) -> Result<String, Failure> {
    let taken = |name: &str| others.iter().any(|other| other.name.eq_ignore_ascii_case(name));
    if let Some(typed) = typed {
        let typed = foreign(typed.trim(), LONGEST_NAME);
        if typed.is_empty() {
            return Err(Failure::bad_input("--call wants a name, such as --call belt"));
        }
        if taken(&typed) {
            return Err(Failure::bad_input(format!("another known sensor is called {typed:?}; choose another name")));
        }
        return Ok(typed);
    }
    if let Some(before) = before {
        return Ok(before.name.clone());
    }
    let own = foreign(chosen.calls_itself.as_deref().unwrap_or(chosen.family.id).trim(), LONGEST_NAME);
    let numbered = (2..).map(|n| format!("{own} {n}"));
    Ok([own.clone()].into_iter().chain(numbered).find(|name| !taken(name)).unwrap_or(own))
}
