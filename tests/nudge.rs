//! `nudge` from outside: what is chosen is shown, kept, and can be taken back.

#![allow(missing_docs, reason = "a test program")]

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

fn nudge(folder: &Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lumbard"));
    command.arg("nudge").args(arguments).arg("--data-dir").arg(folder).assert()
}

fn chosen(folder: &Path) -> Value {
    serde_json::from_slice(&nudge(folder, &["--json"]).success().get_output().stdout).unwrap()
}

#[test]
fn nudges_and_the_morning_word_are_off_until_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let off = chosen(folder);
    assert_eq!((&off["nudges"], &off["morning"], &off["every_min"]), (&false.into(), &false.into(), &Value::Null));
    nudge(folder, &["on"]).success();
    assert_eq!((&chosen(folder)["every_min"], &chosen(folder)["awake"]), (&45.0.into(), &"07:00-22:00".into()));
    nudge(folder, &["on", "--every", "90m", "--awake", "08:30-20:00"]).success();
    assert_eq!((&chosen(folder)["every_min"], &chosen(folder)["awake"]), (&90.0.into(), &"08:30-20:00".into()));
    nudge(folder, &["morning", "on"]).success();
    assert_eq!(chosen(folder)["morning"], true);
    nudge(folder, &["off"]).success();
    assert_eq!((&chosen(folder)["nudges"], &chosen(folder)["morning"]), (&false.into(), &true.into()));
}

#[test]
fn what_cannot_be_is_refused_with_what_can() {
    let folder = tempfile::tempdir().unwrap();
    let words = |arguments: &[&str]| {
        let refused = nudge(folder.path(), arguments).code(2);
        String::from_utf8_lossy(&refused.get_output().stderr).into_owned()
    };
    assert!(words(&["on", "--every", "5m"]).contains("every 30 to 180 minutes"));
    assert!(words(&["on", "--awake", "nine to five"]).contains("07:00-22:00"));
}
