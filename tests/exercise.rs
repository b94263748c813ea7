//! Exercises counted from files: a simulated set with other movements in it, at every placement and rate.
//!
//! What is checked is what `simulate` and `analyze` write; nothing else is known here.

use assert_cmd::Command;
use std::collections::HashMap;
use std::path::Path;
use tempfile::TempDir;

const PLACEMENTS: [&str; 3] = ["L1", "L3", "L5_S1"];
const RATES_HZ: [&str; 4] = ["25", "50", "100", "200"];
/// The simulated sensor is worn up to 8° crooked about these.
const AXES: &str = "--axes=up=+x,right=+y,forward=+z";
/// How far a timed hold may be off.
const HOLD_WITHIN_S: f64 = 1.0;

type Row = HashMap<String, String>;

fn lumbard(args: &[&str]) -> String {
    let output = Command::cargo_bin("lumbard").unwrap().args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stderr).unwrap()
}

fn repetitions(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let rows = lines.map(|cells| names.iter().cloned().zip(cells).collect::<Row>());
    rows.filter(|row| row["kind"] == "repetition").collect()
}

fn seconds(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// Simulates a set and judges it; gives what truly happened and what was said.
fn judged(exercise: &str, seed: &str, rate_hz: &str, placement: &str) -> (Vec<Row>, Vec<Row>) {
    let folder = TempDir::new().unwrap();
    let (sim, out) = (folder.path().join("sim"), folder.path().join("out"));
    let (sim, out) = (sim.to_str().unwrap(), out.to_str().unwrap());
    let told = lumbard(&[
        "simulate",
        "--exercise",
        exercise,
        "--seed",
        seed,
        "--rate-hz",
        rate_hz,
        "--placement",
        placement,
        "-o",
        sim,
    ]);
    let set = told.split_whitespace().find(|word| word.contains('@')).expect("the set is told");
    let name = format!("exercise-{exercise}-seed{seed}");
    let recording = format!("{sim}/{name}.csv");
    lumbard(&["analyze", &recording, "--out", out, "--placement", placement, AXES, "--exercise", set]);
    let truth = repetitions(&Path::new(sim).join(format!("{name}.truth.csv")));
    (truth, repetitions(&Path::new(out).join(format!("{name}.events.csv"))))
}

/// Every repetition that was said overlaps one that was done, each a different one.
fn each_is_true(truth: &[Row], said: &[Row]) -> bool {
    truth.len() == said.len()
        && truth.iter().zip(said).all(|(truth, said)| {
            seconds(said, "start_s") < seconds(truth, "end_s") + 0.5
                && seconds(truth, "start_s") - 0.5 < seconds(said, "end_s")
        })
}

#[test]
fn ten_bridges_are_ten_at_every_placement_and_rate_and_what_lies_between_counts_zero() {
    for placement in PLACEMENTS {
        for (n, rate_hz) in RATES_HZ.into_iter().enumerate() {
            for seed in [n + 1, n + 11] {
                let (truth, said) = judged("bridge", &seed.to_string(), rate_hz, placement);
                assert_eq!(truth.len(), 10);
                assert_eq!(said.len(), 10, "{placement} at {rate_hz} Hz, seed {seed}: {said:?}");
                assert!(each_is_true(&truth, &said), "{placement} at {rate_hz} Hz, seed {seed}: {said:?}");
            }
        }
    }
}

#[test]
fn holds_of_the_knee_are_timed_to_a_second() {
    for placement in PLACEMENTS {
        for (n, rate_hz) in RATES_HZ.into_iter().enumerate() {
            let (truth, said) = judged("knee_to_chest", &(n + 1).to_string(), rate_hz, placement);
            assert!(each_is_true(&truth, &said), "{placement} at {rate_hz} Hz: {truth:?} {said:?}");
            for (truth, said) in truth.iter().zip(&said) {
                let lasted = |row: &Row| seconds(row, "end_s") - seconds(row, "start_s");
                let off = lasted(said) - lasted(truth);
                assert!(off.abs() <= HOLD_WITHIN_S, "{placement} at {rate_hz} Hz: {off} s off");
            }
        }
    }
}

#[test]
fn reaches_of_the_bird_dog_alternate_and_are_about_ten() {
    for placement in PLACEMENTS {
        for (n, rate_hz) in RATES_HZ.into_iter().enumerate() {
            let (truth, said) = judged("bird_dog", &(n + 1).to_string(), rate_hz, placement);
            assert!(said.len().abs_diff(truth.len()) <= 1, "{placement} at {rate_hz} Hz: {said:?}");
            let sides: Vec<bool> = said.iter().map(|row| seconds(row, "angle_deg") > 0.0).collect();
            assert!(sides.windows(2).all(|pair| pair[0] != pair[1]), "{placement} at {rate_hz} Hz: {said:?}");
        }
    }
}

#[test]
fn what_cannot_be_counted_is_not_counted() {
    for exercise in ["clamshell", "seated_twist", "walk"] {
        let (truth, said) = judged(exercise, "1", "50", "L3");
        assert!(truth.is_empty() && said.is_empty(), "{exercise}: {said:?}");
    }
    let refused =
        Command::cargo_bin("lumbard").unwrap().args(["simulate", "--exercise", "pool", "-o", "x"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
}
