//! `demo --once --json`: the whole service on a simulated day, with nothing left behind.

use serde_json::Value;
use std::process::{Command, Stdio};

/// DESIGN §6.
const KEYS: [&str; 13] = [
    "hours",
    "samples",
    "steps",
    "walking_min",
    "bends",
    "possible_lifts",
    "signals",
    "withheld",
    "exercises",
    "gaps",
    "not_worn_min",
    "stored_bytes",
    "page",
];

#[test]
fn a_demo_shows_something_of_everything_and_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_lumbard"))
        .args(["demo", "--once", "--json"])
        .env("TMPDIR", temporary.path())
        .env_remove("LUMBARD_DATA_DIR")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut keys: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted = KEYS.to_vec();
    keys.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
    let number = |key: &str| answer[key].as_f64().unwrap_or_else(|| panic!("{key} in {answer}"));
    for (key, least, most) in [
        ("hours", 12.0, 24.0),
        ("samples", 2e6, 5e6),
        ("steps", 1_000.0, 20_000.0),
        ("walking_min", 10.0, 300.0),
        ("bends", 10.0, 500.0),
        ("possible_lifts", 1.0, 100.0),
        ("signals", 1.0, 100.0),
        ("withheld", 0.0, 1_000.0),
        ("exercises", 1.0, 20.0),
        ("gaps", 1.0, 50.0),
        ("not_worn_min", 1.0, 600.0),
        ("stored_bytes", 1e6, 1e8),
    ] {
        assert!((least..=most).contains(&number(key)), "{key} in {answer}");
    }
    assert!(answer["page"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{answer}");
    let left: Vec<_> = std::fs::read_dir(temporary.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}
