//! `undo`: takes back the last entry made by hand.

use super::{Exit, Failure, Globals, now, print_json};
use crate::store::{Hand, Undone};
use serde::Serialize;

/// Takes back the last entry made by hand: a check-in, a log, a mark, a choice. Run it again for the one before.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Print one JSON object for programs; `null` when there was nothing to take back.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer {
    table: String,
    key: String,
    removed: bool,
}

/// Runs `undo`.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let undone = Hand::open(&globals.data_dir()?)?.undo(now())?;
    if args.json {
        print_json(&undone.map(|Undone { table, key, removed }| Answer { table, key, removed }))?;
    } else {
        println!("{}", undone.map_or_else(|| "There is nothing to take back.".to_owned(), |undone| words(&undone)));
    }
    Ok(Exit::Done)
}

fn words(undone: &Undone) -> String {
    let what = match undone.table.as_str() {
        "episodes" => "the episode",
        "check_ins" => "the check-in",
        "plan_items" => "the plan item",
        "exercise_logs" => "the exercise",
        "marks" => "the mark",
        "answers" => "the answer",
        "sensors" => "the sensor",
        _ => return format!("Taken back: the choice \"{}\" is as it was before.", undone.key.replace('_', " ")),
    };
    if undone.removed {
        format!("Taken back: {what} is gone.")
    } else {
        format!("Taken back: {what} is as it was before.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_back_is_named() {
        let undone = |table: &str, removed| Undone { table: table.into(), key: "quiet_hours".into(), removed };
        assert_eq!(words(&undone("check_ins", true)), "Taken back: the check-in is gone.");
        assert_eq!(words(&undone("episodes", false)), "Taken back: the episode is as it was before.");
        assert!(words(&undone("settings", false)).contains("quiet hours"));
    }
}
