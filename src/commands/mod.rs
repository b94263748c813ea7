//! The command line: one file for each subcommand, `Args` and `run` in each.
//!
//! Data goes to stdout, words to stderr. Exit codes are those of [`Exit`].

mod devices;
mod scan;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// How a command ended, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or healthy.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// Bad input or usage.
    BadInput = 2,
    /// Running, but not all is well.
    Degraded = 3,
    /// Not running.
    NotRunning = 4,
    /// Another process holds the data folder.
    InUse = 5,
}

/// Why a command could not do its work: the words for the person, and the exit code.
#[derive(Debug)]
pub struct Failure {
    /// What happened, what it means, and one next step.
    pub words: String,
    /// The exit code.
    pub exit: Exit,
}

impl Failure {
    /// Bad input or usage: exit code 2.
    pub fn bad_input(words: impl Into<String>) -> Self {
        Self { words: words.into(), exit: Exit::BadInput }
    }
    /// Anything else that went wrong: exit code 1.
    pub fn failed(words: impl Into<String>) -> Self {
        Self { words: words.into(), exit: Exit::Failed }
    }
}

/// Tells you, while it happens, about deep, held or repeated bends in the days you chose.
#[derive(Parser)]
#[command(name = "lumbard", version, about, propagate_version = true)]
struct Cli {
    /// Folder that holds everything lumbard keeps.
    #[arg(long, value_name = "DIR", env = "LUMBARD_DATA_DIR", global = true)]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Devices(devices::Args),
    Scan(scan::Args),
}

/// What every command is given besides its own arguments.
#[derive(Clone, Debug)]
pub struct Globals {
    /// Folder that holds everything lumbard keeps.
    pub data_dir: Option<PathBuf>,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let globals = Globals { data_dir: cli.data_dir };
    let outcome: Result<Exit, Failure> = match cli.command {
        Command::Devices(args) => devices::run(&args, &globals),
        Command::Scan(args) => scan::run(&args, &globals),
    };
    match outcome {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            eprintln!("lumbard: {}", failure.words);
            ExitCode::from(failure.exit as u8)
        }
    }
}
