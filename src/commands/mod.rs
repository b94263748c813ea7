//! The command line: one file for each subcommand, `Args` and `run` in each.
//!
//! Data goes to stdout, words to stderr. Exit codes are those of [`Exit`].

mod analyze;
mod answer;
mod ask;
mod calibrate;
mod channel;
mod chart;
mod completions;
mod demo;
mod devices;
mod doctor;
mod episode;
mod exercise;
mod export;
mod feed;
mod heartbeat;
mod here;
mod host;
mod known;
mod language;
mod mark;
mod nudge;
mod plan;
mod quiet;
mod recordings;
mod red_flags;
mod run;
mod scan;
mod sensor;
mod service;
mod simulate;
mod snooze;
mod source;
mod status;
mod supervisor;
mod text;
mod undo;

use crate::link::ble;
use crate::store::{self, StoreError};
use crate::units::WallTime;
use clap::{Parser, Subcommand};
use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;
use tracing_subscriber::EnvFilter;

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

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::InUse { .. } => Exit::InUse,
            StoreError::NoSuchRecording { .. } | StoreError::Ambiguous { .. } => Exit::BadInput,
            _ => Exit::Failed,
        };
        Self { words: error.to_string(), exit }
    }
}

/// Tells you, while it happens, about deep, held or repeated bends in the days you chose.
///
/// lumbard shows movement. It is not a medical device and does not diagnose or treat. In an emergency
/// call your local emergency number.
#[derive(Parser)]
#[command(name = "lumbard", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    /// Folder that holds everything lumbard keeps.
    #[arg(long, value_name = "DIR", env = "LUMBARD_DATA_DIR", global = true)]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Args),
    Run(run::Args),
    Scan(scan::Args),
    Sensor(sensor::Args),
    Devices(devices::Args),
    Calibrate(calibrate::Args),
    Doctor(doctor::Args),
    Status(status::Args),
    Episode(episode::Args),
    RedFlags(red_flags::Args),
    Snooze(snooze::Args),
    Nudge(nudge::Args),
    Quiet(quiet::Args),
    Answer(answer::Args),
    Language(language::Args),
    Channel(channel::Args),
    Plan(plan::Args),
    Exercise(exercise::Args),
    Mark(mark::Args),
    Undo(undo::Args),
    Chart(chart::Args),
    Recordings(recordings::Args),
    Export(export::Args),
    Analyze(analyze::Args),
    Simulate(simulate::Args),
    Completions(completions::Args),
}

impl Command {
    fn run(&self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Self::Demo(args) => demo::run(globals, args),
            Self::Run(args) => run::run(globals, args),
            Self::Scan(args) => scan::run(globals, args),
            Self::Sensor(args) => sensor::run(globals, args),
            Self::Devices(args) => devices::run(globals, args),
            Self::Calibrate(args) => calibrate::run(globals, args),
            Self::Doctor(args) => doctor::run(globals, args),
            Self::Status(args) => status::run(globals, args),
            Self::Episode(args) => episode::run(globals, args),
            Self::RedFlags(args) => red_flags::run(globals, args),
            Self::Snooze(args) => snooze::run(globals, args),
            Self::Nudge(args) => nudge::run(globals, args),
            Self::Quiet(args) => quiet::run(globals, args),
            Self::Answer(args) => answer::run(globals, args),
            Self::Language(args) => language::run(globals, args),
            Self::Channel(args) => channel::run(globals, args),
            Self::Plan(args) => plan::run(globals, args),
            Self::Exercise(args) => exercise::run(globals, args),
            Self::Mark(args) => mark::run(globals, args),
            Self::Undo(args) => undo::run(globals, args),
            Self::Chart(args) => chart::run(globals, args),
            Self::Recordings(args) => recordings::run(globals, args),
            Self::Export(args) => export::run(globals, args),
            Self::Analyze(args) => analyze::run(globals, args),
            Self::Simulate(args) => simulate::run(globals, args),
            Self::Completions(args) => completions::run(globals, args),
        }
    }
}

/// What every command is given besides its own arguments.
#[derive(Clone, Debug)]
pub struct Globals {
    /// Folder that holds everything lumbard keeps, where one was named.
    pub data_dir: Option<PathBuf>,
}

impl Globals {
    /// The data folder: the one named, or the usual place of this system.
    pub fn data_dir(&self) -> Result<PathBuf, Failure> {
        Ok(store::data_dir(self.data_dir.as_deref())?)
    }
}

/// The time of day, for commands and for the service; the core never asks.
fn now() -> WallTime {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    // Nanoseconds since 1970 fill an i64 in the year 2262.
    WallTime(i64::try_from(since_1970.as_nanos()).unwrap_or(i64::MAX))
}

/// Writes one JSON document and a line end to stdout. A reader that went away early is no failure.
fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from).and_then(|()| writeln!(out));
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("the answer could not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes one JSON document as one line to stdout. A reader that went away early is no failure.
fn print_json_line(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(|error| Failure::failed(error.to_string()))?;
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("the answer could not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Where the log's level can be chosen, such as `lumbard=debug`.
const LOG_LEVEL: &str = "LUMBARD_LOG";
/// What is logged unless chosen otherwise: our own warnings. Names and addresses stay below that level.
const USUAL_LOG: &str = "lumbard=warn";

/// Sends the log to stderr.
fn start_log() {
    let filter = EnvFilter::try_from_env(LOG_LEVEL).unwrap_or_else(|_| EnvFilter::new(USUAL_LOG));
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(io::stderr).without_time().init();
}

/// How the standard library words a line that nobody reads any more.
const NOBODY_READS: [&str; 2] = ["failed printing to stdout", "Broken pipe"];

/// Passes over the panics that mean nothing; every other is printed as usual. A reader of stdout that went away
/// early, such as `head`, is no failure.
fn pass_over_harmless_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let words = info.payload_as_str().unwrap_or_default();
        if NOBODY_READS.iter().all(|part| words.contains(part)) {
            std::process::exit(i32::from(Exit::Done as u8));
        }
        if ble::is_harmless_panic(info) {
            tracing::debug!(%info, "passed over");
        } else {
            usual(info);
        }
    }));
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    start_log();
    pass_over_harmless_panics();
    let cli = Cli::parse();
    match cli.command.run(&Globals { data_dir: cli.data_dir }) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            eprintln!("lumbard: {}", failure.words);
            ExitCode::from(failure.exit as u8)
        }
    }
}
