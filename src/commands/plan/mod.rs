//! `plan`: what was prescribed, entered by hand or from a file, and how much of this week's was done.

mod entry;
mod import;
mod list;

use super::{Exit, Failure, Globals};
use clap::{Subcommand, ValueEnum};

/// Keeps the plan: which exercises, how much, on how many days a week.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Add(entry::Add),
    List(list::List),
    Edit(entry::Edit),
    Remove(entry::Remove),
    Import(import::Import),
    Baseline(entry::Baseline),
}

/// Who prescribes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// You.
    Wearer,
    /// Your physiotherapist.
    Physiotherapist,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Wearer => "wearer",
            Self::Physiotherapist => "physiotherapist",
        }
    }
}

/// Runs the action.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    match &args.action {
        Action::Add(add) => entry::add(globals, add),
        Action::List(args) => list::list(globals, args),
        Action::Edit(edit) => entry::edit(globals, edit),
        Action::Remove(remove) => entry::remove(globals, remove),
        Action::Import(args) => import::import(globals, args),
        Action::Baseline(baseline) => entry::baseline(globals, baseline),
    }
}
