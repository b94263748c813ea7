//! MAD and ENMO of a real recording beside those of scikit-digital-health, from the same samples: equal within 1e-6 of
//! the value, or 1e-6 mg where the value is smaller than 1 mg.
//!
//! Asked for by name, because it installs a Python package from PyPI into a folder that it removes afterwards:
//!
//! ```text
//! LUMBARD_SKDH=1 cargo test --test skdh -- --nocapture
//! ```
//!
//! Seen on 2026-11-25 with scikit-digital-health 0.17.18 and `hapt` exp01 (82 epochs of 5 s at 50 Hz): largest
//! difference 2e-12 of the value.

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A version that installs from wheels on Python 3.11.
const PACKAGE: &str = "scikit-digital-health==0.17.18";
/// Largest difference, as a share of the value or in mg.
const WITHIN: f64 = 1e-6;
/// Samples in an epoch of 5 s at 50 Hz.
const EPOCH: usize = 250;

/// Prints MAD and ENMO in mg of each epoch, to the last bit.
const SCRIPT: &str = "
import csv, gzip, sys
import numpy
from skdh.activity.metrics import metric_enmo, metric_mad
with gzip.open(sys.argv[1], 'rt') as file:
    rows = [[float(row[axis]) for axis in ('acc_x', 'acc_y', 'acc_z')] for row in csv.DictReader(file)]
acc = numpy.array(rows) / 9.80665
length = int(sys.argv[2])
for mad, enmo in zip(metric_mad(acc, wlen=length), metric_enmo(acc, wlen=length)):
    print(repr(float(mad) * 1000), repr(float(enmo) * 1000))
";

/// Past the test harness, which swallows what `println!` says in a test that passes.
fn loud(text: &str) {
    std::io::stderr().lock().write_all(text.as_bytes()).unwrap();
}

fn recording() -> PathBuf {
    let all = std::env::var_os("LUMBARD_RECORDINGS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    all.join("hapt/exp01_user01.csv.gz")
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// (MAD, ENMO) in mg of each epoch by scikit-digital-health.
fn theirs(folder: &Path, recording: &Path) -> Vec<(f64, f64)> {
    let place = folder.join("python");
    run(Command::new("python3").args(["-m", "venv"]).arg(&place));
    run(Command::new(place.join("bin/pip")).args(["install", "--quiet", PACKAGE]));
    let text = run(Command::new(place.join("bin/python")).args(["-c", SCRIPT]).arg(recording).arg(EPOCH.to_string()));
    let pair = |line: &str| {
        let (mad, enmo) = line.split_once(' ').unwrap();
        (mad.parse().unwrap(), enmo.parse().unwrap())
    };
    text.lines().map(pair).collect()
}

/// (MAD, ENMO) in mg of each epoch by `analyze`; Parquet holds every bit.
fn ours(folder: &Path, recording: &Path) -> Vec<(f64, f64)> {
    let out = folder.join("out");
    let mut analyze = Command::new(env!("CARGO_BIN_EXE_lumbard"));
    run(analyze.arg("analyze").arg(recording).args(["--format", "parquet", "--out"]).arg(&out));
    let reader = SerializedFileReader::new(File::open(out.join("exp01_user01.epochs.parquet")).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
    let value = |row: &parquet::record::Row, column: &str| {
        let field = row.get_column_iter().find(|(name, _)| *name == column).map(|(_, field)| field.clone());
        if let Some(Field::Double(value)) = field { value } else { f64::NAN }
    };
    rows.map(|row| (value(&row, "mad_mg"), value(&row, "enmo_mg"))).collect()
}

#[test]
fn mad_and_enmo_are_those_of_scikit_digital_health() {
    if std::env::var_os("LUMBARD_SKDH").is_none_or(|asked| asked != "1") {
        loud(
            "*** SKIPPED: LUMBARD_SKDH=1 compares MAD and ENMO with scikit-digital-health (installs it from PyPI) ***\n",
        );
        return;
    }
    let recording = recording();
    assert!(recording.is_file(), "{} is absent: set LUMBARD_RECORDINGS", recording.display());
    let folder = tempfile::tempdir().unwrap();
    let (theirs, ours) = (theirs(folder.path(), &recording), ours(folder.path(), &recording));
    assert!(theirs.len() > 50 && ours.len() >= theirs.len(), "{} and {} epochs", theirs.len(), ours.len());
    let mut largest: f64 = 0.0;
    for (i, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
        for (what, theirs, ours) in [("MAD", theirs.0, ours.0), ("ENMO", theirs.1, ours.1)] {
            let off = (theirs - ours).abs() / theirs.abs().max(1.0);
            assert!(off <= WITHIN, "{what} of epoch {i}: {theirs} and {ours} mg");
            largest = largest.max(off);
        }
    }
    loud(&format!("{} epochs of MAD and ENMO: largest difference {largest:.1e} of the value\n", theirs.len()));
}
