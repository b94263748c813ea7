//! `lumbard devices`: which kinds of sensors are supported, and what is known of each.

use super::scan::live;
use super::{Exit, Failure, Globals};
use firmware_protocol::family::{Cue, FAMILIES, Family, Suits};
use serde_json::{Value, json};

/// Shows which kinds of sensors are supported
///
/// Says of each kind what it measures, how late its samples come, whether it can vibrate, and what our
/// knowledge of it was checked against.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(_: &Globals, args: &Args) -> Result<Exit, Failure> {
    if args.json {
        println!("{}", Value::from_iter(FAMILIES.map(as_json)));
        return Ok(Exit::Done);
    }
    let rows: Vec<[String; 6]> = FAMILIES.iter().map(|family| row(family)).collect();
    print_table(["KIND", "MEASURES", "UP TO", "DELAY", "LIVE WARNINGS", "CHECKED AGAINST"], &rows);
    for family in FAMILIES {
        println!("\n{}: {}\n  {}", family.name, family.models.join(", "), family.note);
        for (start, why) in family.refuse_names {
            println!("  not {start}…: {why}");
        }
    }
    Ok(Exit::Done)
}

fn row(family: &Family) -> [String; 6] {
    let (best, slow) = family.delay_ms;
    [
        family.name.to_owned(),
        if family.gyro { "acceleration, rotation" } else { "acceleration" }.to_owned(),
        format!("{} Hz", family.highest_rate_hz),
        format!("{best}-{slow} ms"),
        live(family),
        family.checked.words().to_owned(),
    ]
}

fn as_json(family: &Family) -> Value {
    let (suits, why) = match family.live {
        Suits::Well => ("well", None),
        Suits::Limited(why) => ("limited", Some(why)),
        Suits::No(why) => ("no", Some(why)),
    };
    json!({
        "family": family.id,
        "name": family.name,
        "models": family.models,
        "gyroscope": family.gyro,
        "counter": family.counter,
        "clock": family.clock,
        "rates_hz": family.rates_hz,
        "highest_rate_hz": family.highest_rate_hz,
        "delay_ms": [family.delay_ms.0, family.delay_ms.1],
        "live_warnings": suits,
        "live_warnings_why": why,
        "vibrates": family.cue == Cue::Vibration,
        "checked_against": family.checked.words(),
        "note": family.note,
    })
}

/// Prints columns as wide as their widest cell; the last one runs free.
pub(super) fn print_table<const N: usize>(head: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        println!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    line(head);
    for row in rows {
        line(std::array::from_fn(|column| row[column].as_str()));
    }
}
