//! A recording goes in by `run`, and comes out again: as a chart, and as files that hold the same samples
//! and from which `analyze` makes the same events.

use super::program::{done, json};
use flate2::read::MultiGzDecoder;
use lumbard::frames::Placement;
use lumbard::link::simulator::worn_day;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A table of text with a header, by the names of its columns.
struct Columns {
    header: csv::StringRecord,
    rows: Vec<csv::StringRecord>,
}

impl Columns {
    fn read(path: &Path) -> Self {
        let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let plain: Box<dyn Read> = match path.extension() {
            Some(end) if end == "gz" => Box::new(MultiGzDecoder::new(file)),
            _ => Box::new(file),
        };
        let mut reader = csv::Reader::from_reader(plain);
        let header = reader.headers().unwrap().clone();
        Self { header, rows: reader.records().map(Result::unwrap).collect() }
    }

    /// The cells of some columns, row by row.
    fn cells(&self, names: &[&str]) -> Vec<Vec<&str>> {
        let at = |name: &&str| self.header.iter().position(|n| n == *name).unwrap_or_else(|| panic!("no {name}"));
        let places: Vec<usize> = names.iter().map(at).collect();
        self.rows.iter().map(|row| places.iter().map(|&place| &row[place]).collect()).collect()
    }
}

/// The events of a folder's one table of events: kind, start and end, as written.
fn events(folder: &Path) -> Vec<Vec<String>> {
    let table = Columns::read(&the_one(folder, ".events.csv"));
    let cells = table.cells(&["kind", "start_s", "end_s"]);
    cells.into_iter().map(|row| row.into_iter().map(str::to_owned).collect()).collect()
}

/// The one file in a folder whose name ends so.
fn the_one(folder: &Path, end: &str) -> PathBuf {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.to_string_lossy().ends_with(end)).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

/// What came out of a data folder.
pub(crate) struct Exported {
    folder: tempfile::TempDir,
}

impl Exported {
    /// Exports a recording both ways.
    pub(crate) fn of(data: &Path, recording: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for format in ["csv", "parquet"] {
            let out = folder.path().join(format);
            done(data, &["export", format, "--recording", recording, "-o", out.to_str().unwrap()]);
        }
        Self { folder }
    }

    fn csv(&self) -> PathBuf {
        the_one(&self.folder.path().join("csv"), ".raw.csv")
    }

    fn live_events(&self) -> Vec<Vec<String>> {
        events(&self.folder.path().join("csv"))
    }

    /// The events that `analyze` finds in the exported raw samples of a format.
    fn analyzed(&self, format: &str, more: &[&str]) -> Vec<Vec<String>> {
        let raw = the_one(&self.folder.path().join(format), &format!(".raw.{format}"));
        let out = self.folder.path().join(format!("analyzed-{format}"));
        let mut args = vec!["analyze", raw.to_str().unwrap(), "--out", out.to_str().unwrap()];
        args.extend(more);
        done(self.folder.path(), &args);
        events(&out)
    }

    /// What the service found in the recording is what `analyze` finds in its exports.
    pub(crate) fn assert_analyze_agrees(&self, more: &[&str]) {
        let live = self.live_events();
        assert!(!live.is_empty(), "nothing happened in the recording");
        for format in ["csv", "parquet"] {
            let analyzed = self.analyzed(format, more);
            let first = live.iter().zip(&analyzed).position(|(a, b)| a != b);
            assert_eq!(live.len(), analyzed.len(), "{format}: they part at {first:?}");
            assert_eq!(live, analyzed, "{format}");
        }
    }
}

fn assert_charts(data: &Path) {
    let folder = tempfile::tempdir().unwrap();
    for (name, begins) in [("day.svg", b"<svg".as_slice()), ("day.png", b"\x89PNG".as_slice())] {
        let file = folder.path().join(name);
        done(data, &["chart", "day", "-o", file.to_str().unwrap()]);
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.starts_with(begins) && bytes.len() > 2_000, "{name}: {} bytes", bytes.len());
    }
}

/// A recording of the sets, or `None` after saying loudly that it is absent.
fn recording(name: &str) -> Option<PathBuf> {
    let all = std::env::var_os("LUMBARD_RECORDINGS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let file = all.join(name);
    if file.is_file() {
        return Some(file);
    }
    let absent = format!("{} is not there: put it there, or set LUMBARD_RECORDINGS to its folder", file.display());
    assert!(std::env::var_os("LUMBARD_REQUIRE_DATA").is_none_or(|v| v != "1"), "{absent}");
    eprintln!("*** SKIPPED, nothing was tested: {absent} ***");
    None
}

#[test]
fn a_replayed_recording_comes_out_as_it_went_in_and_is_judged_alike() {
    let Some(file) = recording("mobgap/HA001_Test11_Trial1.csv.gz") else { return };
    let data = tempfile::tempdir().unwrap();
    let source = format!("replay:{}", file.display());
    done(data.path(), &["run", "--source", &source, "--speed", "max", "--no-page"]);
    let (_, shown) = json(data.path(), &["recordings", "show", "--json"]);
    assert_eq!(shown["state"], "ended");
    assert!(shown["steps"].as_u64().unwrap() > 50 && shown["epochs"].as_u64().unwrap() > 0, "{shown}");
    assert_charts(data.path());

    let exported = Exported::of(data.path(), "newest");
    let (original, came) = (Columns::read(&file), Columns::read(&exported.csv()));
    assert_eq!(shown["samples"], original.rows.len());
    let names = ["t_s", "acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"];
    let numbers = |table: &Columns| -> Vec<Vec<f64>> {
        let rows = table.cells(&names);
        rows.iter().map(|row| row.iter().map(|cell| cell.parse().unwrap()).collect()).collect()
    };
    assert_eq!(numbers(&original), numbers(&came));
    exported.assert_analyze_agrees(&[]);
}

#[test]
fn a_simulated_sensor_is_judged_alike_live_and_from_its_export() {
    const AXES: &str = "up=+x,right=+y,forward=+z";
    let data = tempfile::tempdir().unwrap();
    // With axes given: live, they would be learned on the way, and `analyze` knows them from the start.
    done(
        data.path(),
        &[
            "run",
            "--source",
            "simulate:7",
            "--hours",
            "1",
            "--rate-hz",
            "50",
            "--speed",
            "max",
            "--no-page",
            "--axes",
            AXES,
            "--placement",
            "L3",
        ],
    );
    let (_, shown) = json(data.path(), &["recordings", "show", "--json"]);
    assert_eq!(shown["state"], "ended");
    assert!(shown["samples"].as_u64().unwrap() > 150_000, "{shown}");
    assert_charts(data.path());
    // The sets of the simulated day are known to the run, and told to `analyze`.
    let mut args = ["--axes", AXES, "--placement", "L3"].map(str::to_owned).to_vec();
    for set in worn_day(7, 1.0, 50.0, Placement::L3).exercise_sets() {
        args.push(format!("--exercise={}@{}..{}", set.exercise, set.start.seconds(), set.end.seconds()));
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    Exported::of(data.path(), "newest").assert_analyze_agrees(&args);
}
