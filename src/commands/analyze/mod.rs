//! `lumbard analyze`: recordings come in as files, tables of what was judged go out as files (DESIGN §7).
//!
//! Each recording runs through the same `Monitor` as a live sensor. A file is read twice where its
//! mounting has to be found in it first, or with `--smooth`: that replaces attitude and angles in
//! `samples`; everything else stays as it was judged live. All files appear together when everything went well; else
//! nothing is left behind.
//!
//! | file | does |
//! |---|---|
//! | [`arguments`] | stretches and exercise sets as typed |
//! | [`mounting`] | the first reading: how the sensor sat, and what `--smooth` learns |
//! | [`recording`] | the second: one recording from its samples to its files |
//! | [`summary`] | totals, and what they were made with |
//! | [`timings`] | the line of `--timings` |

mod arguments;
mod mounting;
mod recording;
mod summary;
mod timings;

use super::{Exit, Failure, Globals};
use crate::export::staging::StagingError;
use crate::export::{Format, Staging};
use crate::import::{FileFormat, ImportError, Options, Reason, Recordings};
use crate::signal::{ExerciseSet, Setup};
use crate::units::Seconds;
use arguments::{AxesChoice, PlacementChoice, Set, Stretch};
use indicatif::{ProgressBar, ProgressStyle};
use mounting::{Foreseen, MountingError, MountingSource};
use std::collections::{HashMap, HashSet};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use timings::{Cost, Timings};

/// Judges recordings: samples, epochs, events, steps and postures as files.
///
/// Reads .csv, .csv.gz and other recordings, and writes tables named after each file into one folder.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Recordings to judge.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder for the results; it is made where it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Where on the back the sensor sat: L1, L3, L5_S1 or unknown; or personal:DEG.
    ///
    /// A placement maps the tilt of the sensor to that of the trunk by a table. With personal:48, 48° is the
    /// farthest that the sensor tilted in a comfortable bend, and 80 % of it reads as 60°: deep for this
    /// wearer. Angles are then flagged approximate.
    #[arg(long, value_name = "PLACE", default_value = "unknown")]
    placement: PlacementChoice,
    /// Which sensor axes point up, right and forward, such as up=+x,right=+y,forward=+z; or auto.
    #[arg(long, value_name = "AXES", default_value = "auto")]
    axes: AxesChoice,
    /// Seconds of quiet standing, such as 2..5: their mean is upright. Forward stays that of --axes.
    #[arg(long, value_name = "START..END")]
    calibrate_from: Option<Stretch>,
    /// Also write a row of attitude, angles and posture for every row of the input.
    #[arg(long)]
    samples: bool,
    /// Format of the tables: csv or parquet.
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    format: Format,
    /// Samples a second, for files without times.
    #[arg(long, value_name = "HZ", value_parser = arguments::rate)]
    rate_hz: Option<f64>,
    /// Files judged side by side; the results do not depend on it.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
    /// Estimate attitude looking both ways in time, and angles from it: more exact, but not as it was live.
    #[arg(long)]
    smooth: bool,
    /// Length of a second kind of epochs in seconds, such as 60: written beside those of 5 s.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(5..=86_400))]
    epoch: Option<u32>,
    /// Print one line of JSON: samples, CPU seconds for reading, judging and writing, and memory.
    #[arg(long)]
    timings: bool,
    /// Add the signals that an episode with a fresh calibration would have brought.
    #[arg(long)]
    acute: bool,
    /// An exercise set and its seconds, such as bridge@12..48; may be given again.
    #[arg(long, value_name = "ID@START..END")]
    exercise: Vec<Set>,
}

/// What every recording is judged with.
struct Judging {
    setup: Setup,
    mounting: MountingSource,
    options: Options,
    samples: bool,
    format: Format,
    acute: bool,
}

/// A file and the name of its results.
struct Input {
    path: PathBuf,
    stem: String,
}

/// Why an analysis stops.
#[derive(Debug, thiserror::Error)]
enum AnalyzeError {
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Staging(#[from] StagingError),
    #[error("{file}: {error}")]
    Mounting { file: String, error: Box<MountingError> },
    #[error("{file}: two recordings would both be written as {name}; rename the file or its trial")]
    SameName { file: String, name: String },
}

impl From<AnalyzeError> for Failure {
    fn from(error: AnalyzeError) -> Self {
        match &error {
            AnalyzeError::Staging(_) | AnalyzeError::Import(ImportError { reason: Reason::Io(_), .. }) => {
                Self::failed(error.to_string())
            }
            _ => Self::bad_input(error.to_string()),
        }
    }
}

/// Runs the command.
pub(super) fn run(_: &Globals, args: &Args) -> Result<Exit, Failure> {
    let inputs = inputs(&args.files)?;
    let judging = Judging {
        setup: Setup {
            placement: args.placement.placement(),
            personal: args.placement.personal(),
            second_epoch: args.epoch.map(|s| Seconds(s.into())).filter(|epoch| *epoch != Setup::default().epoch),
            exercise_sets: args.exercise.iter().map(ExerciseSet::from).collect(),
            ..Setup::default()
        },
        mounting: MountingSource { axes: args.axes.given(), standing: args.calibrate_from, smooth: args.smooth },
        options: Options { rate_hz: args.rate_hz },
        samples: args.samples,
        format: args.format,
        acute: args.acute,
    };
    let staging = Staging::begin(&args.out).map_err(|error| Failure::bad_input(error.to_string()))?;
    let cost = Work::new(&judging, &staging, &inputs).run(args.jobs.into())?;
    staging.commit().map_err(AnalyzeError::from)?;
    if args.timings {
        super::print_json_line(&Timings::of_this_process(&cost))?;
    }
    Ok(Exit::Done)
}

/// The files with their stems; two of one stem would write over each other.
fn inputs(files: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let mut seen: HashMap<String, &PathBuf> = HashMap::new();
    files
        .iter()
        .map(|path| {
            // A name that is no recording's is told when the file is opened.
            let stem = FileFormat::of(path).map_or_else(|| path.to_string_lossy().into_owned(), |(_, stem)| stem);
            if let Some(first) = seen.insert(stem.clone(), path) {
                return Err(Failure::bad_input(format!(
                    "{} and {} would both be written as {stem}; rename one, or give them apart with another --out",
                    first.display(),
                    path.display()
                )));
            }
            Ok(Input { path: path.clone(), stem })
        })
        .collect()
}

/// Several files, judged by several threads.
struct Work<'a> {
    judging: &'a Judging,
    staging: &'a Staging,
    inputs: &'a [Input],
    next: AtomicUsize,
    stop: AtomicBool,
    /// Names of recordings that are taken.
    names: Mutex<HashSet<String>>,
    progress: ProgressBar,
}

impl<'a> Work<'a> {
    fn new(judging: &'a Judging, staging: &'a Staging, inputs: &'a [Input]) -> Self {
        Self {
            judging,
            staging,
            inputs,
            next: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            names: Mutex::default(),
            progress: progress(inputs.len()),
        }
    }

    /// Judges all files; of several failures the one that comes first in the order of the files.
    fn run(&self, jobs: usize) -> Result<Cost, AnalyzeError> {
        let failed: Mutex<Option<(usize, AnalyzeError)>> = Mutex::new(None);
        let total = Mutex::new(Cost::default());
        std::thread::scope(|scope| {
            for _ in 0..jobs.min(self.inputs.len()) {
                scope.spawn(|| {
                    let mut cost = Cost::default();
                    // Files are taken in their order, so when one fails all before it are under way, and end.
                    while !self.stop.load(Ordering::Relaxed) {
                        let i = self.next.fetch_add(1, Ordering::Relaxed);
                        let Some(input) = self.inputs.get(i) else {
                            break;
                        };
                        if let Err(error) = self.file(input, &mut cost) {
                            self.stop.store(true, Ordering::Relaxed);
                            let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                            if failed.as_ref().is_none_or(|(first, _)| i < *first) {
                                *failed = Some((i, error));
                            }
                        }
                        self.progress.inc(1);
                    }
                    total.lock().unwrap_or_else(PoisonError::into_inner).add(&cost);
                });
            }
        });
        self.progress.finish_and_clear();
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    fn file(&self, input: &Input, cost: &mut Cost) -> Result<(), AnalyzeError> {
        let name = input.path.file_name().unwrap_or(input.path.as_os_str()).to_string_lossy().into_owned();
        let mut foreseen =
            self.judging.mounting.find(&input.path, &self.judging.options, cost).map_err(|error| match error {
                MountingError::Import(error) => AnalyzeError::Import(error),
                error => AnalyzeError::Mounting { file: name.clone(), error: Box::new(error) },
            })?;
        let mut file = Recordings::open(&input.path, &self.judging.options)?;
        let sha256 = crate::import::sha256(&input.path)?;
        while let Some(head) = file.next_recording()? {
            let stem =
                head.trial.as_ref().map_or_else(|| input.stem.clone(), |trial| format!("{}.{trial}", input.stem));
            if !self.names.lock().unwrap_or_else(PoisonError::into_inner).insert(stem.clone()) {
                return Err(AnalyzeError::SameName { file: name, name: stem });
            }
            let Foreseen { mounting, smoothed } = foreseen.next();
            let recording = recording::Recording { stem: &stem, head: &head, mounting, sha256: &sha256 };
            recording.judge(self.judging, smoothed, &mut file, self.staging, cost)?;
        }
        Ok(())
    }
}

/// A bar on a terminal, nothing elsewhere.
fn progress(files: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(files as u64);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} files, {elapsed} {wide_bar}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
