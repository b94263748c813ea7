//! `recordings list` and `recordings show`: what is in the data folder. Reads only.

use super::text::print;
use super::{Exit, Failure, Globals, print_json};
use crate::raw::Channel;
use crate::store::Reader;
use crate::store::facts::{RecordingRow, RecordingState, Selection};
use crate::units::WallTime;
use clap::Subcommand;
use serde::Serialize;
use std::collections::BTreeMap;

/// Lists and shows recordings.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// All recordings, oldest first, one line each.
    List {
        /// Write JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// One recording: what it holds and what was found in it.
    Show {
        /// Its id, or the first characters of it.
        #[arg(value_name = "ID", default_value = "newest")]
        id: String,
        /// Write JSON instead of lines.
        #[arg(long)]
        json: bool,
    },
}

/// Characters of an id that a list shows: enough to tell thousands apart.
const ID_SHOWN: usize = 8;

/// A recording, as `--json` writes it.
#[derive(Serialize)]
struct Listed {
    id: String,
    name: String,
    source: String,
    start: String,
    zone: String,
    placement: &'static str,
    state: &'static str,
    duration_s: Option<f64>,
    samples: Option<u64>,
    nominal_rate_hz: f64,
    acc_unit: &'static str,
    gyr_unit: Option<&'static str>,
}

/// What was found in a recording, beside [`Listed`].
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    recording: Listed,
    events: BTreeMap<&'static str, usize>,
    steps: usize,
    epochs: usize,
    gaps: Vec<ShownGap>,
    marks: Vec<ShownMark>,
}

#[derive(Serialize)]
struct ShownGap {
    start_s: f64,
    end_s: f64,
    lost: u32,
    cause: &'static str,
}

#[derive(Serialize)]
struct ShownMark {
    at: String,
    text: String,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let reader = Reader::open(&globals.data_dir()?)?;
    match &args.what {
        What::List { json } => list(&reader, *json),
        What::Show { id, json } => show(&reader, id, *json),
    }
}

/// A moment in UTC, to the second.
pub(super) fn utc(at: WallTime) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(at.0)).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A moment as the wearer's clock showed it, to the minute; UTC where the zone is not known.
fn local(at: WallTime, zone: &str) -> String {
    let at = jiff::Timestamp::from_nanosecond(i128::from(at.0)).unwrap_or_default();
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

impl From<&RecordingRow> for Listed {
    fn from(row: &RecordingRow) -> Self {
        let open = row.state == RecordingState::Open;
        Self {
            id: row.id.to_string(),
            name: row.about.name.clone(),
            source: row.about.source.clone(),
            start: utc(row.about.start),
            zone: row.about.zone.clone(),
            placement: row.about.placement.name(),
            state: row.state.name(),
            duration_s: row.end.map(crate::units::Time::seconds),
            samples: (!open).then_some(row.samples),
            nominal_rate_hz: row.about.format.nominal_rate_hz,
            acc_unit: row.about.format.acc.unit.name(),
            gyr_unit: row.about.format.gyr.map(|Channel { unit, .. }| unit.name()),
        }
    }
}

fn list(reader: &Reader, json: bool) -> Result<Exit, Failure> {
    let rows = reader.recordings()?;
    if json {
        print_json(&rows.iter().map(Listed::from).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    let mut text = format!(
        "{:ID_SHOWN$}  {:16}  {:>8}  {:>10}  {:8}  {:6}  name\n",
        "id", "start", "duration", "samples", "source", "state"
    );
    for row in &rows {
        let listed = Listed::from(row);
        text += &format!(
            "{:ID_SHOWN$}  {:16}  {:>8}  {:>10}  {:8}  {:6}  {}\n",
            &listed.id[..ID_SHOWN],
            local(row.about.start, &row.about.zone),
            listed.duration_s.map_or_else(|| "-".into(), duration),
            listed.samples.map_or_else(|| "-".into(), |samples| samples.to_string()),
            listed.source,
            listed.state,
            listed.name,
        );
    }
    print(&text)
}

fn show(reader: &Reader, id: &str, json: bool) -> Result<Exit, Failure> {
    let row = reader.recording(id)?;
    let selection = Selection::Recording(row.id);
    let mut events = BTreeMap::new();
    for event in reader.events(&selection)? {
        *events.entry(event.fact.kind.name()).or_default() += 1;
    }
    let end = row.end.map_or(WallTime(i64::MAX), |end| WallTime(row.about.start.at(end).0 + 1));
    let gaps = reader.gaps(&selection)?.into_iter().map(|gap| gap.fact);
    let shown = Shown {
        recording: Listed::from(&row),
        events,
        steps: reader.steps(&selection)?.len(),
        epochs: reader.epochs(&selection)?.len(),
        gaps: gaps
            .map(|gap| ShownGap {
                start_s: gap.from.seconds(),
                end_s: gap.to.seconds(),
                lost: gap.lost,
                cause: gap.cause.name(),
            })
            .collect(),
        marks: reader
            .marks(row.about.start..end)?
            .into_iter()
            .map(|mark| ShownMark { at: utc(mark.at), text: mark.text })
            .collect(),
    };
    if json {
        print_json(&shown)?;
        return Ok(Exit::Done);
    }
    let Shown { recording, events, steps, epochs, gaps, marks } = shown;
    let mut text = format!(
        "recording  {}\nname       {}\nsource     {}\nstart      {} ({})\nduration   {}\nsamples    {}\nrate       {} Hz\n\
         placement  {}\nstate      {}\n",
        recording.id,
        recording.name,
        recording.source,
        local(row.about.start, &row.about.zone),
        recording.zone,
        recording.duration_s.map_or_else(|| "not over".into(), duration),
        recording.samples.map_or_else(|| "not counted yet".into(), |samples| samples.to_string()),
        recording.nominal_rate_hz,
        recording.placement,
        recording.state,
    );
    text += &format!("found      {steps} steps, {epochs} epochs");
    for (kind, count) in events {
        text += &format!(", {count} {kind}");
    }
    text += "\n";
    for gap in gaps {
        text +=
            &format!("gap        {:.2} s to {:.2} s, {} samples, {}\n", gap.start_s, gap.end_s, gap.lost, gap.cause);
    }
    for mark in marks {
        text += &format!("mark       {}  {}\n", mark.at, mark.text);
    }
    print(&text)
}

/// `h:mm:ss`.
fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    format!("{}:{:02}:{:02}", whole / 3_600, whole / 60 % 60, whole % 60)
}
