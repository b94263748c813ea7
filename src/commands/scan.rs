//! `lumbard scan`: which sensors are in reach, and how well each suits live warnings.

use super::devices::{cue, live, suits};
use super::text::{foreign, labelled, print, table};
use super::{Exit, Failure, Globals, print_json};
use crate::link::ble::{self, Found, What};
use firmware_protocol::family::Cue;
use serde_json::{Value, json};
use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Looks for sensors in reach
///
/// Looks around for a few seconds and shows what it finds as it is found, sensors first, the nearest on top. A
/// sensor that another program or a phone is connected to does not show itself.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// How long to look, in seconds
    #[arg(long, alias = "for", value_name = "S", default_value_t = 8.0)]
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
/// A live table is drawn at most this often. Chosen by us: signal strengths change ten times a second.
const REDRAW: Duration = Duration::from_millis(300);
/// Lines of a live table: what stands above the top of a terminal cannot be drawn again. Chosen by us: 24 lines are
/// the least that terminals have.
const LINES_LIVE: usize = 20;
/// Characters of a name that a table shows.
const NAME_SHOWN: usize = 17;

/// Runs the command.
pub(super) fn run(_: &Globals, args: &Args) -> Result<Exit, Failure> {
    let lasting = lasting(args.seconds)?;
    let can_redraw = io::stdout().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
    let mut live = Live { all: args.all, drawn: None, lines: 0 };
    if !args.json {
        eprintln!("Looking for {} s …", args.seconds);
    }
    let mut found = ble::scan(lasting, &mut |found| {
        if can_redraw && !args.json {
            live.draw(found);
        }
        ControlFlow::Continue(())
    })
    .map_err(|error| Failure::failed(error.to_string()))?;
    live.clear();
    let others = others(&found);
    if !args.all {
        found.retain(is_sensor);
    }
    if args.json {
        let devices: Vec<Value> = found.iter().map(as_json).collect();
        print_json(&json!({ "found": devices, "other_devices": others }))?;
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        eprintln!(
            "No sensor in reach (other devices: {others}). Switch it on or press its button, bring it closer, and make \
             sure that no phone is connected to it. Known kinds: lumbard devices"
        );
        return Ok(Exit::Done);
    }
    print(&page(&found, others, args.all))
}

/// A time to look, as typed.
pub(super) fn lasting(seconds: f64) -> Result<Duration, Failure> {
    if (0.1..=LONGEST_S).contains(&seconds) {
        return Ok(Duration::from_secs_f64(seconds));
    }
    Err(Failure::bad_input("--seconds wants a number between 0.1 and 3600, such as --seconds 8"))
}

/// A sensor, or something that looks like one.
fn is_sensor(found: &Found) -> bool {
    !matches!(found.what, What::Other)
}

fn others(found: &[Found]) -> usize {
    found.iter().filter(|found| !is_sensor(found)).count()
}

/// A table on a terminal that is drawn again in its place.
struct Live {
    all: bool,
    drawn: Option<Instant>,
    lines: usize,
}

impl Live {
    fn draw(&mut self, found: &[Found]) {
        if self.drawn.is_some_and(|drawn| drawn.elapsed() < REDRAW) {
            return;
        }
        self.clear();
        let shown: Vec<Found> = found.iter().filter(|found| self.all || is_sensor(found)).cloned().collect();
        let page = page(&shown, others(found), self.all);
        let page: String = page.split_inclusive('\n').take(LINES_LIVE).collect();
        (self.drawn, self.lines) = (Some(Instant::now()), page.lines().count());
        // A terminal that does not take it shows the table at the end all the same.
        let _ = print(&page);
    }

    /// Takes away what was drawn last.
    fn clear(&mut self) {
        if self.lines > 0 {
            let mut out = io::stdout().lock();
            let _ = write!(out, "\u{1b}[{}A\u{1b}[J", self.lines);
            let _ = out.flush();
            self.lines = 0;
        }
    }
}

fn page(found: &[Found], others: usize, all: bool) -> String {
    let rows: Vec<[String; 6]> = found.iter().map(row).collect();
    let mut text = table(["NAME", "ADDRESS", "SIGNAL", "KIND", "LIVE", "CUE"], &rows);
    for device in found {
        let why = match device.what {
            What::Sensor(family) if suits(family).1.is_some() => format!("live warnings: {}", live(family)),
            What::Refused(_, why) => format!("cannot be used: {why}"),
            What::Sensor(_) | What::Other => continue,
        };
        text += &labelled(&format!("{}:", foreign(device.called(), NAME_SHOWN)), &why, NAME_SHOWN + 2);
    }
    if !all && others > 0 {
        text += &format!("(other devices: {others}; --all shows them)\n");
    }
    text
}

fn row(found: &Found) -> [String; 6] {
    let (kind, live, cue) = match found.what {
        What::Sensor(family) => (family.id, suits(family).0, cue(family)),
        What::Refused(family, _) => (family.id, "refused", "-"),
        What::Other => ("-", "-", "-"),
    };
    let signal = found.rssi_dbm.map_or_else(|| "-".to_owned(), |dbm| format!("{dbm} dBm"));
    let name = found.name.as_ref().map_or_else(|| "-".to_owned(), |name| foreign(name, NAME_SHOWN));
    [name, found.address.clone(), signal, kind.to_owned(), live.to_owned(), cue.to_owned()]
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
        "suits": family.filter(|_| usable).map(|family| suits(family).0),
        "live_warnings": family.filter(|_| usable).map(live),
        "gyroscope": family.map(|family| family.gyro),
        "vibrates": family.map(|family| family.cue == Cue::Vibration),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_protocol::family::{Recognised, recognise};

    fn found(name: &str) -> Found {
        let what = match recognise(Some(name), &[]) {
            Recognised::As(family) => What::Sensor(family),
            Recognised::Refused(family, why) => What::Refused(family, why),
            Recognised::Unknown => What::Other,
        };
        Found { name: Some(name.into()), address: "C0:FF:EE:00:00:01".into(), rssi_dbm: Some(-101), what }
    }

    #[test]
    fn the_table_fits_a_terminal_and_says_why_not() {
        let names = ["WT901BLE68", "InfiniTime", "WTVB01-BT50", "Thingy", "Polar Sense 12345678901", "TV"];
        let page = page(&names.map(found), 3, false);
        assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
        for words in [
            "recordings only",
            "cannot be used",
            "with limits",
            "refused",
            "ten samples a second",
            "vibration sensor",
            "radio queue",
            "(other devices: 3",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
    }
}
