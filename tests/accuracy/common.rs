//! What the accuracy tests share: where recordings are, how they are read, and how figures are shown.

use crate::page::{self, Measured};
use flate2::read::MultiGzDecoder;
use lumbard::frames::Vec3;
use lumbard::signal::Sample;
use lumbard::units::{STANDARD_GRAVITY, Time};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

/// The folder of one set of recordings, or `None` after saying loudly that it is absent.
pub(crate) fn set(name: &str) -> Option<PathBuf> {
    let all = std::env::var_os("LUMBARD_RECORDINGS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let folder = all.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let absent = format!(
        "the recordings of {name} are not in {}: put them there, or set LUMBARD_RECORDINGS to their folder",
        all.display()
    );
    assert!(std::env::var_os("LUMBARD_REQUIRE_DATA").is_none_or(|v| v != "1"), "{absent}");
    loud(&format!("*** SKIPPED, nothing was measured: {absent} ***\n"));
    None
}

/// The recordings of a set, in the order of their names.
pub(crate) fn recordings(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().ends_with(".csv.gz"));
    paths.sort();
    paths
}

/// The name of a recording: its file name without `.csv.gz`.
pub(crate) fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.trim_end_matches(".gz").trim_end_matches(".csv").to_owned()
}

/// A table with a header line, read by the names of its columns.
pub(crate) struct Table {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    /// Reads a `.csv` or `.csv.gz`.
    pub(crate) fn read(path: &Path) -> Self {
        let file = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let plain: Box<dyn Read> = match path.extension() {
            Some(end) if end == "gz" => Box::new(MultiGzDecoder::new(file)),
            _ => Box::new(file),
        };
        let mut reader = csv::Reader::from_reader(plain);
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        Self { path: path.to_owned(), header, rows: reader.records().map(Result::unwrap).collect() }
    }

    /// How many rows there are below the header.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    fn find(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name == column)
    }

    /// A column as text.
    pub(crate) fn text(&self, column: &str) -> Vec<&str> {
        let i = self.find(column).unwrap_or_else(|| panic!("{} has no column {column}", self.path.display()));
        self.rows.iter().map(|row| &row[i]).collect()
    }

    /// A column as numbers, NaN where a cell is empty.
    pub(crate) fn numbers(&self, column: &str) -> Vec<f64> {
        let number = |cell: &str| if cell.is_empty() { f64::NAN } else { cell.parse().unwrap() };
        self.text(column).into_iter().map(number).collect()
    }

    /// The rows as samples in g and rad/s: columns `acc_*` in m/s², or `acc_*_g` or `acc_*_raw_g` in g,
    /// and `gyr_*` in rad/s where they exist.
    pub(crate) fn samples(&self) -> Vec<Sample> {
        let (ending, unit) = [("", STANDARD_GRAVITY), ("_g", 1.0), ("_raw_g", 1.0)]
            .into_iter()
            .find(|(ending, _)| self.find(&format!("acc_x{ending}")).is_some())
            .unwrap_or_else(|| panic!("{} has no acceleration", self.path.display()));
        let three =
            |stem: &str, ending: &str| ["x", "y", "z"].map(|axis| self.numbers(&format!("{stem}_{axis}{ending}")));
        let acc = three("acc", ending);
        let gyr = self.find("gyr_x").map(|_| three("gyr", ""));
        let at = |columns: &[Vec<f64>; 3], i: usize| Vec3::new(columns[0][i], columns[1][i], columns[2][i]);
        self.numbers("t_s")
            .into_iter()
            .enumerate()
            .map(|(i, t)| Sample {
                t: Time::from_seconds(t),
                acc: at(&acc, i) / unit,
                gyr: gyr.as_ref().map(|gyr| at(gyr, i)),
            })
            .collect()
    }

    /// The samples of each trial, for a file whose column `trial` holds several, in file order.
    pub(crate) fn trials(&self) -> Vec<(String, Vec<Sample>)> {
        let mut trials: Vec<(String, Vec<Sample>)> = Vec::new();
        for (name, sample) in self.text("trial").into_iter().zip(self.samples()) {
            match trials.last_mut() {
                Some((open, samples)) if open == name => samples.push(sample),
                _ => trials.push((name.to_owned(), vec![sample])),
            }
        }
        trials
    }
}

/// The mean; NaN of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The median; NaN of nothing.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}

/// What was measured, beside what is wanted and what must not be lost.
pub(crate) struct Report {
    title: String,
    text: String,
    broken: Vec<String>,
    measured: Vec<Measured>,
}

impl Report {
    /// Begins a report.
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), text: String::new(), broken: Vec::new(), measured: Vec::new() }
    }

    /// A figure without a bar, for the reader.
    pub(crate) fn note(&mut self, figure: &str, measured: impl std::fmt::Display) {
        writeln!(self.text, "  {figure:<44} {measured:>9}").unwrap();
    }

    /// A figure that is better when smaller. `bar` is the aim; above `floor` the test fails.
    pub(crate) fn at_most(&mut self, figure: &str, measured: f64, bar: f64, floor: f64) {
        self.line(figure, measured, "<=", bar, floor, measured <= bar, measured <= floor);
    }

    /// A figure that is better when larger. `bar` is the aim; below `floor` the test fails.
    pub(crate) fn at_least(&mut self, figure: &str, measured: f64, bar: f64, floor: f64) {
        self.line(figure, measured, ">=", bar, floor, measured >= bar, measured >= floor);
    }

    #[expect(clippy::too_many_arguments, reason = "one line of the table, in its own order")]
    fn line(&mut self, figure: &str, measured: f64, sign: &str, bar: f64, floor: f64, meets: bool, holds: bool) {
        let word = if meets { "ok" } else { "SHORT" };
        writeln!(self.text, "  {figure:<44} {measured:>9.3}  bar {sign} {bar:<7} floor {sign} {floor:<7} {word}")
            .unwrap();
        self.measured.push(Measured { figure: figure.to_owned(), bar: format!("{sign} {bar}"), value: measured });
        if !holds {
            self.broken.push(format!("{figure} is {measured:.3}, but {sign} {floor} had been reached"));
        }
    }

    /// Shows the report, and fails if a floor was broken, or if the page of figures says otherwise.
    pub(crate) fn finish(mut self) {
        loud(&format!("{}\n{}", self.title, self.text));
        self.broken.extend(page::hold(&self.title, &self.measured));
        assert!(self.broken.is_empty(), "{}: {}", self.title, self.broken.join("; "));
    }
}

/// Past the test harness, which swallows what `println!` says in a test that passes.
fn loud(text: &str) {
    let mut out = std::io::stderr().lock();
    out.write_all(text.as_bytes()).unwrap();
}
