//! `status`: one screen that says whether a daemon runs, is well, and watches. Its exit code says it too.

use super::heartbeat::Heartbeat;
use super::{Exit, Failure, Globals, now, print_json};
use crate::store;
use serde::Serialize;

/// Says whether lumbard runs, is well, and is watching bends.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// How a daemon is, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    Healthy,
    Degraded,
    NotRunning,
}

#[derive(Serialize)]
struct Answer {
    health: Health,
    data_dir: String,
    #[serde(flatten)]
    beat: Option<Heartbeat>,
}

/// Prints the answer; exits 0 when healthy, 3 when degraded, 4 when not running.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let data_dir = globals.data_dir()?;
    let held = store::holder(&data_dir).is_some();
    let beat = Heartbeat::read(&data_dir).filter(|_| held);
    let health = match &beat {
        _ if !held => Health::NotRunning,
        Some(beat) if well(beat) => Health::Healthy,
        _ => Health::Degraded,
    };
    let answer = Answer { health, data_dir: data_dir.display().to_string(), beat };
    if args.json {
        print_json(&answer)?;
    } else {
        print_words(&answer);
    }
    Ok(match health {
        Health::Healthy => Exit::Done,
        Health::Degraded => Exit::Degraded,
        Health::NotRunning => Exit::NotRunning,
    })
}

/// A sensor that is elsewhere is nothing to mend: a computer stays where it is.
fn well(beat: &Heartbeat) -> bool {
    (beat.streaming || beat.away) && beat.store_trouble.is_none() && age_s(beat) < Heartbeat::STALE_S
}

fn age_s(beat: &Heartbeat) -> f64 {
    (now().0 - beat.written_utc_ns) as f64 / 1e9
}

fn print_words(answer: &Answer) {
    let line = |name: &str, words: &str| println!("{name:<10} {words}");
    let Some(beat) = &answer.beat else {
        line(
            "lumbard",
            match answer.health {
                Health::NotRunning => "not running; start it with: lumbard run",
                _ => "running, but it has not said how it is",
            },
        );
        line("data", &answer.data_dir);
        return;
    };
    let age = age_s(beat);
    if age < Heartbeat::STALE_S {
        line("lumbard", &format!("running, process {}", beat.pid));
    } else {
        line("lumbard", &format!("process {} has been silent for {age:.0} s", beat.pid));
    }
    line("link", &format!("{} ({})", beat.link, beat.source));
    match (beat.watching, beat.not_watching_because.as_slice()) {
        (true, _) => line("watching", "yes"),
        (false, []) => line("watching", "no"),
        (false, [first, rest @ ..]) => {
            line("watching", &format!("no: {first}"));
            rest.iter().for_each(|why| line("", &format!("    {why}")));
        }
    }
    let angle = beat.tea_deg.map_or_else(|| "angle not known yet".to_owned(), |deg| format!("{deg:.0}° forward"));
    line("now", &format!("{}, {angle}", beat.posture.replace('_', " ")));
    if let Some(by) = beat.refresh_offered_deg {
        line(
            "offered",
            &format!("your walk shows upright {by:.0}° from before; take it: lumbard calibrate --accept-refresh"),
        );
    }
    if let Some(percent) = beat.battery_percent {
        line("battery", &format!("{percent} %"));
    }
    line("samples", &beat.samples.to_string());
    if let Some(trouble) = &beat.store_trouble {
        line("store", trouble);
    }
    if let Some(page) = &beat.page {
        line("page", page);
    }
    line("data", &answer.data_dir);
}
