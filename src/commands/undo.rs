//! `undo`: takes back the last entry made by hand.

use super::{Exit, Failure, Globals, here, now, print_json};
use crate::care::Locale;
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
    let data_dir = globals.data_dir()?;
    let undone = Hand::open(&data_dir)?.undo(now())?;
    if args.json {
        print_json(&undone.map(|Undone { table, key, removed }| Answer { table, key, removed }))?;
        return Ok(Exit::Done);
    }
    let locale = here::locale(&data_dir);
    let nothing = || locale.phrases().terminal.undo_nothing.to_string();
    println!("{}", undone.map_or_else(nothing, |undone| words(&undone, locale)));
    Ok(Exit::Done)
}

fn words(undone: &Undone, locale: Locale) -> String {
    let say = &locale.phrases().terminal;
    let choice = || say.undo_choice.fill(&[("key", &undone.key.replace('_', " "))]);
    let (what, removed) = match say.what.get(&undone.table) {
        Some(what) => (what.to_string(), undone.removed),
        // A choice that was never made before is as it usually is.
        None => (choice(), false),
    };
    let words = if removed { &say.undo_gone } else { &say.undo_before };
    words.fill(&[("what", &what)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_back_is_named() {
        let undone = |table: &str, removed| Undone { table: table.into(), key: "quiet_hours".into(), removed };
        assert_eq!(words(&undone("check_ins", true), Locale::En), "Taken back: the check-in is gone.");
        assert_eq!(words(&undone("episodes", false), Locale::En), "Taken back: the episode is as it was.");
        assert!(words(&undone("settings", false), Locale::En).contains("quiet hours"));
    }
}
