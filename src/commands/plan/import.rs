//! `plan import FILE`: a plan in a file, such as a physiotherapist gives. All of it is kept, or nothing.

use super::super::here::{self, Here};
use super::super::{Exit, Failure, Globals, print_json};
use super::By;
use super::entry::stored;
use super::list::{days, grows, said};
use crate::plan::share::{self, LONGEST_FILE};
use crate::store::planned::Plan;
use crate::store::{Hand, Reader};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

/// Takes a plan from a file, in TOML or JSON: all of it, or nothing when a line is not sound.
///
/// It begins with lumbard_plan = 1, then an `[[item]]` for each exercise: exercise = "walk", minutes = 20 (or sets, reps,
/// steps, seconds), days_per_week = 4; and where it grows start = 10, weekly_step = 1, ceiling = 20. Also from, until
/// and note, in quotes. In JSON the same keys, with "item" as a list.
#[derive(clap::Args)]
pub(super) struct Import {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Who prescribes it [default: as the file says, else you].
    #[arg(long, value_enum)]
    by: Option<By>,
    /// In place of what is planned now; that ends today, and what was done for it stays.
    #[arg(long)]
    replace: bool,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct Answer {
    ids: Vec<i64>,
    ended: Vec<i64>,
    entered_by: String,
}

pub(super) fn import(globals: &Globals, args: &Import) -> Result<Exit, Failure> {
    let name = args.file.display();
    let refused = |words: String| Failure::bad_input(format!("{name}: {words}; nothing of it was kept"));
    let unreadable = |error: std::io::Error| refused(format!("it cannot be read ({error}); check its name"));
    let mut text = String::new();
    let file = File::open(&args.file).map_err(unreadable)?;
    file.take(LONGEST_FILE + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LONGEST_FILE {
        return Err(refused(format!("it is longer than {} KB, so it is no plan", LONGEST_FILE / 1024)));
    }
    let plan = share::read(&text).map_err(|error| refused(error.to_string()))?;
    let by = args.by.map(|by| by.name().to_owned()).or(plan.by).unwrap_or_else(|| By::Wearer.name().to_owned());
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let new: Vec<_> = plan.items.into_iter().map(|item| stored(item, &by, &here)).collect();
    let mut hand = Hand::open(&data_dir)?;
    let reader = Reader::open(&data_dir)?;
    let before = if args.replace { Plan::read(&reader, here.today)?.items } else { Vec::new() };
    let ids = hand.add_plan_items(&new, here.now)?;
    for planned in &before {
        hand.end_plan_item(planned.row.id, here.today, here.now)?;
    }
    let ended: Vec<i64> = before.iter().map(|planned| planned.row.id).collect();
    if args.json {
        print_json(&Answer { ids, ended, entered_by: by })?;
        return Ok(Exit::Done);
    }
    let plan = Plan::read(&reader, here.today)?;
    for planned in plan.items.iter().filter(|planned| ids.contains(&planned.row.id)) {
        let locale = here::locale(&data_dir);
        let days = days(planned.row.about.days_per_week, locale);
        println!("Added {}: {}, {days}{}.", planned.row.id, said(planned, locale), grows(planned, locale));
    }
    if !ended.is_empty() {
        println!("{} earlier item{} ended.", ended.len(), if ended.len() == 1 { " has" } else { "s have" });
    }
    Ok(Exit::Done)
}
