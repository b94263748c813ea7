//! What the wearer says about bends, lifts and signals, seen from outside: found by its moment, kept with the old
//! answer, left out of figures, and three times "not helpful" leads to an offer that may be taken or declined.

mod common;

use assert_cmd::Command;
use common::figures::rich_day;
use common::stored::record;
use jiff::civil::{Date, date};
use serde_json::Value;
use std::path::Path;

const ZONE: &str = "Europe/Berlin";
const DAY: Date = date(2026, 3, 5);

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("lumbard").unwrap();
    let output =
        command.args(args).env("LUMBARD_DATA_DIR", folder).env("TZ", ZONE).env("LC_ALL", "C").output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn json(folder: &Path, args: &[&str]) -> Value {
    let (code, out, err) = run(folder, &[args, &["--json"]].concat());
    assert_eq!(code, 0, "{args:?}: {err}");
    serde_json::from_str(&out).unwrap()
}

/// A folder with a stored day of bends and signals.
fn stored() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    record(folder.path(), &rich_day(DAY, ZONE));
    folder
}

fn of_kind(folder: &Path, kind: &str) -> Vec<Value> {
    let all = json(folder, &["answer", "list", "--date", &DAY.to_string()]);
    all.as_array().unwrap().iter().filter(|item| item["kind"] == kind).cloned().collect()
}

#[test]
fn a_bend_that_was_none_is_left_out_of_the_figure_until_that_is_taken_back() {
    let folder = stored();
    let day = DAY.to_string();
    let deep = |folder: &Path| {
        let (_, table, err) = run(folder, &["chart", "day", "--from", &day, "--text"]);
        assert!(!table.is_empty(), "{err}");
        table
    };
    let before = deep(folder.path());
    let bends = of_kind(folder.path(), "bend");
    assert!(bends.len() > 2, "{bends:?}");
    let kept = json(folder.path(), &["answer", "bend", "no", "--date", &day]);
    assert_eq!((&kept["at"], &kept["answer"]), (&bends[bends.len() - 1]["at"], &"no".into()));
    assert_ne!(deep(folder.path()), before, "one bend fewer");
    assert_eq!(json(folder.path(), &["undo"])["table"], "answers");
    assert_eq!(deep(folder.path()), before);
    let at = &bends[0]["at"].as_str().unwrap()[..5];
    assert_eq!(json(folder.path(), &["answer", "bend", "yes", "--at", at, "--date", &day])["answer"], "yes");
    let (code, _, err) = run(folder.path(), &["answer", "bend", "no", "--at", "03:33", "--date", &day]);
    assert!(code == 2 && err.contains("near 03:33"), "{err}");
}

#[test]
fn three_signals_that_did_not_help_lead_to_an_offer_that_is_taken_and_taken_back() {
    let folder = stored();
    let day = DAY.to_string();
    let deep: Vec<Value> = of_kind(folder.path(), "signal").into_iter().filter(|item| item["words"] == "W1").collect();
    assert!(deep.len() >= 3, "the stored day has {} of them", deep.len());
    assert_eq!(json(folder.path(), &["answer", "offer"]), Value::Array(vec![]));
    for item in &deep[..3] {
        let at = &item["at"].as_str().unwrap()[..5];
        run(folder.path(), &["answer", "signal", "not-helpful", "--at", at, "--date", &day]);
    }
    let offered = json(folder.path(), &["answer", "offer"]);
    assert_eq!((&offered[0]["rule"], &offered[0]["not_helpful"]), (&"W1".into(), &3.into()), "{offered}");
    let (code, _, err) = run(folder.path(), &["answer", "offer", "W2", "yes"]);
    assert!(code == 2 && err.contains("nothing is offered"), "{err}");
    let taken = json(folder.path(), &["answer", "offer", "w1", "yes"]);
    assert_eq!(taken["thresholds"], "W1=70 W2=0.5 W3=10 W4=on");
    assert_eq!(json(folder.path(), &["answer", "offer"]), Value::Array(vec![]), "it was answered");
    assert_eq!(json(folder.path(), &["undo"])["key"], "thresholds");
}
