//! `simulate` from outside, through its files alone: contents as worded, the same bytes again, refusals.

use assert_cmd::Command;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

fn simulate(folder: &Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("lumbard").unwrap();
    command.arg("simulate").args(arguments).arg("-o").arg(folder).assert()
}

/// The files of one run, by name.
fn files(arguments: &[&str]) -> HashMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    simulate(folder.path(), arguments).success();
    let read = |path: PathBuf| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
    };
    std::fs::read_dir(folder.path()).unwrap().map(|entry| read(entry.unwrap().path())).collect()
}

/// The rows of a table, by column.
fn table(text: &str) -> Vec<HashMap<&str, &str>> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines.map(|line| header.iter().copied().zip(line.split(',')).collect()).collect()
}

fn of_kind<'a>(rows: &'a [HashMap<&str, &str>], kind: &str) -> Vec<&'a HashMap<&'a str, &'a str>> {
    rows.iter().filter(|row| row["kind"] == kind).collect()
}

fn number(row: &HashMap<&str, &str>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

#[test]
fn a_scenario_writes_a_recording_and_its_truth_in_the_columns_of_events() {
    let files = files(&["--scenario", "2"]);
    let mut names: Vec<&String> = files.keys().collect();
    names.sort();
    assert_eq!(names, ["scenario-2.csv", "scenario-2.truth.csv"]);
    assert!(files["scenario-2.csv"].starts_with("t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z\n0.000000,"));
    assert_eq!(
        files["scenario-2.truth.csv"].lines().next().unwrap(),
        "kind,start_s,end_s,decided_s,peak_tea_deg,peak_side_deg,peak_down_dps,peak_up_dps,over_30_s,over_45_s,\
         over_60_s,steps,cadence_spm,angle_deg,exercise,style,confidence,flags"
    );
    let truth = table(&files["scenario-2.truth.csv"]);
    let bends = of_kind(&truth, "bend");
    assert_eq!(bends.len(), 1);
    assert_eq!(number(bends[0], "peak_tea_deg"), 80.0);
}

#[test]
fn at_rest_a_scenario_reads_one_standard_gravity_upward() {
    let files = files(&["--scenario", "4"]);
    let rows = table(&files["scenario-4.csv"]);
    let still: Vec<_> = rows.iter().filter(|row| number(row, "t_s") < 19.0).collect();
    let mean = |column| still.iter().map(|row| number(row, column)).sum::<f64>() / still.len() as f64;
    assert!((mean("acc_x") - 9.806_65).abs() < 0.01);
    // The wearer sways by a tenth of a degree, 0.02 m/s².
    assert!(mean("acc_y").abs() < 0.02 && mean("acc_z").abs() < 0.02);
    assert!(mean("gyr_x").abs() < 0.002 && mean("gyr_y").abs() < 0.002 && mean("gyr_z").abs() < 0.002);
}

#[test]
fn a_held_bend_tips_the_sensor_as_its_placement_sees_it() {
    for (placement, seen_deg) in [("L1", 40.0), ("L3", 30.0), ("L5_S1", 15.33)] {
        let files = files(&["--scenario", "4", "--placement", placement]);
        let rows = table(&files["scenario-4.csv"]);
        let held: Vec<_> = rows.iter().filter(|row| (40.0..100.0).contains(&number(row, "t_s"))).collect();
        let mean = |column| held.iter().map(|row| number(row, column)).sum::<f64>() / held.len() as f64;
        let tilt_deg = (-mean("acc_z")).atan2(mean("acc_x")).to_degrees();
        assert!((tilt_deg - seen_deg).abs() < 0.2, "{placement}: {tilt_deg}");
    }
}

#[test]
fn the_same_arguments_give_the_same_bytes_and_another_seed_others() {
    let day = |seed| files(&["--seed", seed, "--hours", "0.2", "--rate-hz", "50"]);
    assert_eq!(day("4"), day("4"));
    assert_ne!(day("4")["day-seed4.csv"], day("5")["day-seed5.csv"]);
}

#[test]
fn the_truth_of_a_scenario_does_not_depend_on_the_rate() {
    let truth = |rate| files(&["--scenario", "5", "--rate-hz", rate])["scenario-5.truth.csv"].clone();
    assert_eq!(truth("25"), truth("400"));
}

#[test]
fn every_scenario_can_be_had_and_the_check_in_ones_say_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    for scenario in 1..=15 {
        let told = simulate(folder.path(), &["--scenario", &scenario.to_string(), "--rate-hz", "12.5"]).success();
        let words = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
        assert!(words.contains(&format!("scenario-{scenario}.csv")), "{words}");
        assert_eq!(words.contains("not about a sensor stream"), scenario >= 12, "{words}");
        assert!(told.get_output().stdout.is_empty());
    }
}

#[test]
fn a_lost_connection_is_a_hole_in_the_file() {
    let files = files(&["--scenario", "9", "--rate-hz", "50"]);
    let times: Vec<f64> = table(&files["scenario-9.csv"]).iter().map(|row| number(row, "t_s")).collect();
    let holes: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 0.5).collect();
    assert_eq!(holes.len(), 1);
    assert!((holes[0] - 660.0).abs() < 0.05);
    let truth = table(&files["scenario-9.truth.csv"]);
    assert_eq!(of_kind(&truth, "gap").len(), 1);
}

#[test]
fn what_cannot_be_simulated_is_refused_and_nothing_is_written() {
    for arguments in [
        &["--scenario", "16"][..],
        &["--scenario", "0"],
        &["--scenario", "two"],
        &["--hours", "0"],
        &["--hours", "nan"],
        &["--hours", "1e9"],
        &["--hours", "1", "--rate-hz", "5"],
        &["--hours", "1", "--rate-hz", "1000"],
        &["--hours", "1", "--placement", "neck"],
        &["--hours", "1", "--seed", "-3"],
        &["--hours", "1", "--scenario", "2"],
        &[],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("new");
        let refused = simulate(&out, arguments).code(2);
        assert!(!refused.get_output().stderr.is_empty());
        assert!(!out.exists(), "{arguments:?}");
    }
}
