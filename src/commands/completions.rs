//! `completions`: writes the shell's completion script to stdout.

use super::{Exit, Failure, Globals};
use clap::CommandFactory;
use clap_complete::Shell;

/// Prints what a shell needs to complete lumbard's commands and flags.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The shell to write for, such as bash, zsh or fish.
    shell: Shell,
}

/// Writes the script.
pub(super) fn run(_globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    clap_complete::generate(args.shell, &mut super::Cli::command(), "lumbard", &mut std::io::stdout());
    Ok(Exit::Done)
}
