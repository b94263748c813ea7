//! `calibrate` from outside: with a sensor of its own, with a running daemon, and when it does not work.

use super::program::{Daemon, json, lumbard, output, until};
use lumbard::frames::Placement;
use lumbard::link::simulator::{Reading, calibrating, scenario};
use lumbard::store::Reader;
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

/// The sensor of seed 3, which bends as it is asked to.
const ALONE: [&str; 5] = ["calibrate", "--source", "simulate:3", "--speed", "max"];
const AXES: [&str; 2] = ["--axes", "up=+x,right=+y,forward=+z"];

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn methods(data: &Path) -> Vec<String> {
    let calibrations = Reader::open(data).unwrap().calibrations().unwrap();
    calibrations.into_iter().map(|row| row.about.method.split(' ').next().unwrap().to_owned()).collect()
}

/// Writes a recording: time in s, specific force in g.
fn write(file: &Path, samples: impl Iterator<Item = (f64, [f64; 3], [f64; 3])>) {
    let mut text = String::from("t_s,acc_x_g,acc_y_g,acc_z_g,gyr_x_dps,gyr_y_dps,gyr_z_dps\n");
    for (t, a, g) in samples {
        let g = g.map(f64::to_degrees);
        writeln!(text, "{t:.4},{:.6},{:.6},{:.6},{:.4},{:.4},{:.4}", a[0], a[1], a[2], g[0], g[1], g[2]).unwrap();
    }
    std::fs::write(file, text).unwrap();
}

fn sample(reading: &Reading) -> (f64, [f64; 3], [f64; 3]) {
    (reading.t.seconds(), reading.acc_g.into(), reading.gyr.into())
}

fn replay(file: &Path) -> String {
    format!("replay:{}", file.display())
}

#[test]
fn a_calibration_that_works_is_shown_kept_and_taken_up_by_the_next_run() {
    let data = tempfile::tempdir().unwrap();
    let mut place = ALONE.to_vec();
    place.extend(["--placement", "L3"]);
    let done = output(data.path(), &place);
    let (out, err) = (String::from_utf8_lossy(&done.stdout).into_owned(), words(&done));
    assert_eq!(done.status.code(), Some(0), "{err}");
    assert!(out.contains("Calibrated") && out.contains("Standing steady to") && out.contains("2 bends"), "{out}");
    let (stand, bend) = (err.find("Stand upright and still"), err.find("as far as is comfortable"));
    assert!(stand.is_some() && stand < bend, "{err}");
    assert_eq!(methods(data.path()), ["standing_and_bends"]);

    let (code, answer) = json(data.path(), &["calibrate", "--source", "simulate:3", "--speed", "max", "--json"]);
    assert_eq!((code, &answer["step"], &answer["quality"]["bends"]), (0, &"done".into(), &2.into()), "{answer}");
    assert!(answer["quality"]["one_axis"].as_f64().unwrap() > 0.85, "{answer}");

    let run = ["run", "--source", "simulate:3", "--hours", "0.1", "--speed", "max", "--no-page"];
    assert!(output(data.path(), &run).status.success());
    let reader = Reader::open(data.path()).unwrap();
    let used = reader.recording("newest").unwrap().about.calibration.expect("the run knows how the sensor sits");
    let used = reader.calibration(used).unwrap().unwrap().about;
    assert!(used.method.starts_with("standing_and_bends"), "{}", used.method);

    // Another sensor knows nothing of it, and learns by itself.
    let other = ["run", "--source", "simulate:4", "--hours", "0.1", "--speed", "max", "--no-page"];
    assert!(output(data.path(), &other).status.success());
    let used = Reader::open(data.path()).unwrap().recording("newest").unwrap().about.calibration;
    let method = |number| reader.calibration(number).unwrap().unwrap().about.method;
    assert!(used.is_none_or(|number| method(number).starts_with("auto")), "{used:?}");
}

#[test]
fn one_that_does_not_work_says_why_changes_nothing_and_never_waits_for_input() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("restless.csv");
    let shake = |i: u32| {
        let t = f64::from(i) / 50.0;
        (t, [1.0 + 0.2 * (12.0 * t).sin(), 0.0, 0.0], [0.0; 3])
    };
    write(&file, (0..2_000).map(shake));
    let failed = output(data.path(), &["calibrate", "--source", &replay(&file), "--speed", "max"]);
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(words(&failed).contains("not calibrated: You were not still long enough."), "{}", words(&failed));

    write(&file, (0..2_000).map(|i| (f64::from(i) / 50.0, [1.0, 0.0, 0.0], [0.0; 3])));
    let failed = output(data.path(), &["calibrate", "--source", &replay(&file), "--speed", "max"]);
    assert!(words(&failed).contains("two comfortable bends, or 20 s of walking"), "{}", words(&failed));
    assert!(!data.path().join("lumbard.db").exists(), "something was kept");

    let nobody = output(data.path(), &["calibrate", "--accept-refresh"]);
    assert_eq!(nobody.status.code(), Some(4), "{nobody:?}");
    assert!(words(&nobody).contains("lumbard run"), "{}", words(&nobody));
}

#[test]
fn a_sensor_that_cannot_be_reached_is_told_with_the_links_own_words() {
    let data = tempfile::tempdir().unwrap();
    let failed = lumbard(data.path(), &["calibrate"])
        .env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .output()
        .unwrap();
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(words(&failed).contains("message bus cannot be reached"), "{}", words(&failed));
}

/// Someone who calibrates over and over, for some minutes.
fn calibrating_for_minutes(folder: &Path) -> PathBuf {
    let file = folder.join("calibrating.csv");
    write(&file, calibrating(5, 30, 50.0, Placement::L3).readings().map(|reading| sample(&reading)));
    file
}

#[test]
fn a_running_daemon_calibrates_and_signals_rest_meanwhile() {
    let data = tempfile::tempdir().unwrap();
    let file = calibrating_for_minutes(data.path());
    let daemon = Daemon::start(data.path(), &["--source", &replay(&file), "--speed", "1"]);
    let given = output(data.path(), &ALONE);
    assert_eq!(given.status.code(), Some(2), "{given:?}");
    let child = lumbard(data.path(), &["calibrate", "--json"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let status = until("it is asked to stand", || Some(daemon.status().1).filter(|status| step(status) == "stand"));
    let reasons = status["not_watching_because"].to_string();
    assert!(reasons.contains("Calibrating just now"), "{reasons}");
    let output = child.wait_with_output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &answer["step"]), (Some(0), &"done".into()), "{answer}");
    assert_eq!(answer["quality"]["bends"], 2, "{answer}");
    let status = daemon.status().1;
    assert!(!status["not_watching_because"].to_string().contains("Calibrating"), "{status}");
    until("it is kept", || methods(data.path()).contains(&"standing_and_bends".to_owned()).then_some(()));
    assert!(daemon.stop().success());
}

fn step(status: &Value) -> String {
    status["calibration"]["step"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_walk_after_a_long_absence_is_offered_and_can_be_accepted() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("away.csv");
    // Scenario 9 of domain.md §16, then an hour of standing, so that there is time to accept.
    let away = scenario(9, 1, Some(50.0), Some(Placement::L3)).unwrap().remove(0).without_errors();
    let walked: Vec<_> = away.readings().map(|reading| sample(&reading)).collect();
    let end = walked.last().unwrap().0;
    let still = (1..180_000).map(|i| (end + f64::from(i) / 50.0, [1.0, 0.0, 0.0], [0.0; 3]));
    write(&file, walked.into_iter().chain(still));

    let mut source = vec!["--speed", "60", AXES[0], AXES[1], "--placement", "L3"];
    let replayed = replay(&file);
    source.extend(["--source", &replayed]);
    let daemon = Daemon::start(data.path(), &source);
    let early = output(data.path(), &["calibrate", "--accept-refresh"]);
    assert_eq!(early.status.code(), Some(1), "{early:?}");
    assert!(words(&early).contains("Walk for 20 seconds"), "{}", words(&early));
    let away = |status: &Value| status["not_watching_because"].to_string().contains("The sensor was away for");
    let offered = until("a walk is offered", || {
        Some(daemon.status().1).filter(|status| status["refresh_offered_deg"].is_number())
    });
    assert!(away(&offered), "{offered}");
    assert!(offered["refresh_offered_deg"].as_f64().unwrap() < 10.0, "{offered}");
    let shown = String::from_utf8(output(data.path(), &["status"]).stdout).unwrap();
    assert!(shown.contains("lumbard calibrate --accept-refresh"), "{shown}");
    let taken = output(data.path(), &["calibrate", "--accept-refresh"]);
    assert_eq!(taken.status.code(), Some(0), "{taken:?}");
    let after = daemon.status().1;
    assert!(!away(&after) && after["refresh_offered_deg"].is_null(), "{after}");
    let again = output(data.path(), &["calibrate", "--accept-refresh"]);
    assert_eq!(again.status.code(), Some(1), "an offer is taken once: {again:?}");
}

#[test]
fn the_picture_is_drawn_as_a_file_of_either_form_and_in_the_terminal() {
    let data = tempfile::tempdir().unwrap();
    let shown = output(data.path(), &["calibrate", "--picture"]);
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.status.success() && text.contains("from behind") && text.contains("L1 to L3"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    for (name, begins) in [("wear.svg", "<svg".as_bytes()), ("wear.png", b"\x89PNG")] {
        let file = data.path().join(name);
        let drawn = output(data.path(), &["calibrate", "--picture", "-o", file.to_str().unwrap()]);
        assert!(drawn.status.success(), "{drawn:?}");
        assert!(std::fs::read(&file).unwrap().starts_with(begins), "{name}");
    }
    assert_eq!(output(data.path(), &["calibrate", "--picture", "-o", "wear.doc"]).status.code(), Some(2));
}
