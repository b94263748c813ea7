//! Entries made by hand, seen from outside: episodes, red flags, the plan and what was done.

use assert_cmd::Command;
use jiff::civil::Date;
use jiff::{Span, Zoned};
use serde_json::Value;
use tempfile::TempDir;

/// A data folder with the program that writes to it. Stdin is no terminal.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = Command::cargo_bin("lumbard")
            .unwrap()
            .args(args)
            .env("LUMBARD_DATA_DIR", self.folder.path())
            .env("TZ", "Europe/Berlin")
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    fn json(&self, args: &[&str]) -> Value {
        let (code, out, err) = self.run(&[args, &["--json"]].concat());
        assert_eq!(code, 0, "{args:?}: {err}");
        serde_json::from_str(&out).unwrap()
    }

    fn refused(&self, args: &[&str], because: &str) {
        let (code, out, err) = self.run(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.contains(because), "{args:?}: {err}");
    }
}

fn today() -> Date {
    Zoned::now().with_time_zone(jiff::tz::TimeZone::get("Europe/Berlin").unwrap()).date()
}

fn days_ago(days: i64) -> String {
    today().checked_sub(Span::new().days(days)).unwrap().to_string()
}

#[test]
fn an_episode_starts_with_every_answer_and_ends() {
    let bench = Bench::new();
    assert_eq!(bench.json(&["episode", "show"]), Value::Null);
    let onset = days_ago(3);
    let started = bench.json(&["episode", "start", "--onset", &onset, "--sudden", "--nprs", "6", "--no-red-flags"]);
    assert_eq!(
        (&started["day"], &started["acute_mode"], &started["class"]),
        (&3.into(), &true.into(), &"acute".into())
    );
    assert_eq!(bench.json(&["episode", "show"]), started);
    bench.refused(&["episode", "start", "--gradual", "--nprs", "2", "--no-red-flags"], "still on");
    assert_eq!(bench.json(&["episode", "end"])["ended"], true);
    assert_eq!(bench.json(&["episode", "show"]), Value::Null);
    bench.refused(&["episode", "end"], "no episode is on");
    let again = bench.json(&["episode", "start", "--gradual", "--nprs", "2", "--no-red-flags"]);
    assert_eq!(again["pattern"], "recurrence");
}

#[test]
fn an_episode_told_late_starts_without_signals() {
    for (days, acute, class) in
        [(6, true, "acute"), (7, false, "acute"), (50, false, "subacute"), (90, false, "chronic")]
    {
        let bench = Bench::new();
        let onset = days_ago(days);
        let started =
            bench.json(&["episode", "start", "--onset", &onset, "--gradual", "--nprs", "4", "--no-red-flags"]);
        assert_eq!((&started["acute_mode"], &started["class"]), (&acute.into(), &class.into()), "day {days}");
    }
}

#[test]
fn nothing_waits_for_input_and_nothing_is_kept_half() {
    let bench = Bench::new();
    bench.refused(&["episode", "start"], "--no-red-flags, or --red-flag WORD");
    bench.refused(&["episode", "start", "--no-red-flags", "--sudden"], "--nprs");
    bench.refused(&["episode", "start", "--red-flag", "tired"], "saddle");
    let tomorrow = today().checked_add(Span::new().days(2)).unwrap().to_string();
    bench.refused(
        &["episode", "start", "--onset", &tomorrow, "--no-red-flags", "--sudden", "--nprs", "3"],
        "lies ahead",
    );
    assert_eq!(bench.json(&["episode", "show"]), Value::Null);
}

#[test]
fn a_red_flag_is_answered_first_and_rests_the_signals_until_seen() {
    let bench = Bench::new();
    let (code, _, err) = bench.run(&["episode", "start", "--red-flag", "saddle"]);
    assert_eq!(code, 0);
    assert!(err.starts_with("Please get medical help now"), "{err}");
    let shown = bench.json(&["episode", "show"]);
    assert_eq!((&shown["red_flag_open"], &shown["acute_mode"]), (&true.into(), &false.into()));
    assert_eq!(bench.json(&["red-flags"])["level"], "emergency");
    bench.run(&["red-flags", "--seen"]);
    assert_eq!(bench.json(&["episode", "show"])["acute_mode"], true);
    let (_, _, err) = bench.run(&["red-flags", "--yes", "fever"]);
    assert!(err.starts_with("Please call a doctor today"), "{err}");
    assert_eq!(bench.json(&["episode", "show"])["acute_mode"], false);
}

#[test]
fn the_plan_stands_beside_what_was_done() {
    let bench = Bench::new();
    assert_eq!(bench.json(&["plan", "list"])["items"], Value::Array(vec![]));
    let walk = bench.json(&["plan", "add", "walk", "--minutes", "20", "--days-per-week", "5"]);
    assert_eq!((&walk["exercise"], &walk["lasting_s"]), (&"walk".into(), &1200.0.into()));
    bench.json(&["plan", "add", "Bird-Dog", "--sets", "3", "--reps", "8", "--by", "physiotherapist"]);
    let done = bench.json(&["exercise", "log", "walk", "--minutes", "25", "--nprs-before", "4", "--nprs-after", "3"]);
    assert_eq!((&done["plan_item"], &done["nprs_after"]), (&walk["id"], &3.into()));
    let sets = bench.json(&["exercise", "log", "bird_dog", "--sets", "2", "--reps", "8"]);
    assert_eq!(sets["reps_in_all"], 16);
    bench.json(&["exercise", "log", "pool", "--minutes", "30"]);
    let list = bench.json(&["plan", "list"]);
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert!(list["items"][0]["week_kept"].as_u64().unwrap() + list["items"][0]["week_extra"].as_u64().unwrap() == 1);
    assert_eq!(list["unplanned"][0]["exercise"], "pool");
    bench.refused(&["plan", "add", "handstand"], "it has bridge");
    bench.refused(&["exercise", "log", "walk", "--minutes", "1500"], "--minutes");
    bench.refused(&["exercise", "log", "walk", "--date", "2999-01-01"], "lies ahead");
}

#[test]
fn severe_pain_after_a_set_is_answered_with_a_pause() {
    let bench = Bench::new();
    let (_, out, err) = bench.run(&["exercise", "log", "bridge", "--nprs-before", "4", "--nprs-after", "8"]);
    assert!(out.starts_with("Kept: Bridge"), "{out}");
    assert!(err.contains("ask a health professional"), "{err}");
}
