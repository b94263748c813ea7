//! `exercise list`: the catalogue, with what rests just now left out.

use super::super::here::{self, Here};
use super::super::{Exit, Failure, Globals, print_json};
use super::known;
use crate::care::Locale;
use crate::plan::catalogue::{self, Exercise, Position};
use crate::signal::StartPosition;
use crate::store::planned::{Days, Rests};
use serde::Serialize;

/// Shows the exercises: how each is done, what the sensor sees of it, and where it is from.
#[derive(clap::Args)]
pub(super) struct List {
    /// One of them, with everything about it.
    exercise: Option<String>,
    /// Print one JSON object for programs; it holds those that rest too.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Item {
    id: &'static str,
    name: &'static str,
    kind: &'static str,
    position: Option<&'static str>,
    begins: Option<&'static str>,
    tilt_deg: Option<f64>,
    side_deg: Option<f64>,
    how: &'static str,
    sensor_sees: &'static str,
    counting: &'static str,
    counted: &'static str,
    rests_in_acute: bool,
    rests: Option<&'static str>,
    sources: Vec<Source>,
}

#[derive(Serialize)]
struct Source {
    title: &'static str,
    published: &'static str,
}

fn item(exercise: &'static Exercise, days: &Days, locale: Locale) -> Item {
    let words = exercise.words(locale);
    let angles = exercise.begins().map(Position::angles);
    Item {
        id: &exercise.id,
        name: exercise.name(locale),
        kind: exercise.kind.name(),
        position: exercise.position.map(StartPosition::name),
        begins: exercise.begins_words(locale),
        tilt_deg: angles.map(|(tilt, _)| tilt.degrees()),
        side_deg: angles.map(|(_, side)| side.degrees()),
        how: words.map_or("", |words| &words.how),
        sensor_sees: words.map_or("", |words| &words.sees),
        counting: exercise.counting.name(),
        counted: words.map_or("", |words| &words.counted),
        rests_in_acute: exercise.rests_in_acute,
        rests: days.rest(exercise).map(Rests::name),
        sources: exercise
            .origins()
            .map(|origin| Source { title: &origin.title, published: &origin.published })
            .collect(),
    }
}

pub(super) fn list(globals: &Globals, args: &List) -> Result<Exit, Failure> {
    let one = args.exercise.as_deref().map(known).transpose()?;
    let (data_dir, today) = (globals.data_dir()?, Here::read().today);
    let (reader, locale) = (here::reader(&data_dir)?, here::locale(&data_dir));
    let days = reader.map(|reader| Days::read(&reader, today)).transpose()?.unwrap_or_default();
    let wanted = catalogue::all().iter().filter(|exercise| one.is_none_or(|one| one.id == exercise.id));
    if args.json {
        print_json(&wanted.map(|exercise| item(exercise, &days, locale)).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if let Some(first) = days.first(locale) {
        println!("{first}");
        return Ok(Exit::Done);
    }
    if let Some(exercise) = one {
        tell(&item(exercise, &days, locale));
        return Ok(Exit::Done);
    }
    let (shown, resting): (Vec<_>, Vec<_>) = wanted.partition(|exercise| days.rest(exercise).is_none());
    for exercise in shown {
        println!("{:<15} {:<10} {}", exercise.id, exercise.kind.name(), item(exercise, &days, locale).how);
    }
    if !resting.is_empty() {
        let names: Vec<&str> = resting.iter().map(|exercise| exercise.name(locale)).collect();
        println!("\n{}", locale.phrases().terminal.these_rest.fill(&[("names", &names.join(", "))]));
    }
    Ok(Exit::Done)
}

fn tell(item: &Item) {
    println!("{} ({})\n\n{}\n", item.name, item.kind, item.how);
    if let (Some(tilt), Some(side), Some(position)) = (item.tilt_deg, item.side_deg, item.begins) {
        println!("Begins       {position}: the sensor sees a tilt near {tilt:.0}° and a side bend near {side:.0}°");
    }
    println!("Sensor sees  {}", item.sensor_sees);
    println!("Counted      {}", item.counted);
    if item.rests_in_acute {
        println!("Rests        in acute days");
    }
    for source in &item.sources {
        println!("Source       {}, {}", source.title, source.published);
    }
}
