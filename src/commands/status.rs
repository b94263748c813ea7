//! `status`: one screen that says whether a daemon runs, is well, and watches. Its exit code says it too.

use super::heartbeat::Heartbeat;
use super::{Exit, Failure, Globals, here, now, print_json};
use crate::care::phrases::Status;
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
        print_words(&answer, &here::locale(&data_dir).phrases().status);
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

fn print_words(answer: &Answer, say: &Status) {
    let line = |name: &str, words: &str| println!("{name:<10} {words}");
    let Some(beat) = &answer.beat else {
        line("lumbard", if answer.health == Health::NotRunning { &say.not_running } else { &say.unheard });
        line(&say.data, &answer.data_dir);
        return;
    };
    let (age, pid) = (age_s(beat), beat.pid);
    if age < Heartbeat::STALE_S {
        line("lumbard", &say.running.fill(&[("pid", &pid)]));
    } else {
        line("lumbard", &say.silent.fill(&[("pid", &pid), ("seconds", &format_args!("{age:.0}"))]));
    }
    line(&say.link, &format!("{} ({})", beat.link, beat.source));
    match (beat.watching, beat.not_watching_because.as_slice()) {
        (true, _) => line(&say.watching, &say.yes),
        (false, []) => line(&say.watching, &say.no),
        (false, [first, rest @ ..]) => {
            line(&say.watching, &say.no_because.fill(&[("why", first)]));
            rest.iter().for_each(|why| line("", &format!("    {why}")));
        }
    }
    let degrees = |deg: f64| format!("{deg:.0}");
    let angle = beat.tea_deg.map(|deg| say.angle.fill(&[("degrees", &degrees(deg))]));
    line(&say.now, &format!("{}, {}", beat.posture, angle.as_deref().unwrap_or(&say.no_angle)));
    if let Some(by) = beat.refresh_offered_deg {
        line(&say.offer, &say.offered.fill(&[("degrees", &degrees(by))]));
    }
    if let Some(percent) = beat.battery_percent {
        line(&say.battery, &format!("{percent} %"));
    }
    line(&say.samples, &beat.samples.to_string());
    if let Some(trouble) = &beat.store_trouble {
        line(&say.store, trouble);
    }
    if let Some(page) = &beat.page {
        line(&say.page, page);
    }
    line(&say.data, &answer.data_dir);
}
