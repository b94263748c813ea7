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
}

#[test]
fn a_spell_that_comes_back_within_two_weeks_goes_on() {
    let bench = Bench::new();
    let onset = days_ago(9);
    let first = bench.json(&["episode", "start", "--onset", &onset, "--sudden", "--nprs", "6", "--no-red-flags"]);
    bench.json(&["episode", "end"]);
    let again = bench.json(&["episode", "start", "--gradual", "--nprs", "2", "--no-red-flags"]);
    assert_eq!((&again["id"], &again["day"], &again["ended"]), (&first["id"], &9.into(), &false.into()));
    bench.json(&["episode", "end"]);
    let told = ["episode", "start", "--gradual", "--nprs", "2", "--no-red-flags", "--pattern", "recurrence"];
    let new = bench.json(&told);
    assert_eq!((&new["pattern"], &new["day"]), (&"recurrence".into(), &0.into()));
    bench.json(&["episode", "end", "--reason", "mistake"]);
}

#[test]
fn a_flare_of_chronic_pain_has_a_clock_of_its_own() {
    let bench = Bench::new();
    bench.json(&["episode", "start", "--onset", &days_ago(100), "--gradual", "--nprs", "4", "--no-red-flags"]);
    bench.refused(&["episode", "renew"], "over 12 weeks");
    let told = ["episode", "start", "--sudden", "--nprs", "7", "--no-red-flags"];
    bench.refused(&told, "still on");
    let flare = bench.json(&[&told[..], &["--pattern", "flare_of_chronic"]].concat());
    assert_eq!(
        (&flare["pattern"], &flare["day"], &flare["acute_mode"]),
        (&"flare_of_chronic".into(), &0.into(), &true.into())
    );
}

/// Domain.md §16, scenario 14, by the dates of check-ins.
#[test]
fn check_ins_tell_how_it_goes_and_when_to_see_someone() {
    let begin = |days: i64| {
        let bench = Bench::new();
        bench.json(&["episode", "start", "--onset", &days_ago(days), "--sudden", "--nprs", "7", "--no-red-flags"]);
        bench
    };
    let say = |bench: &Bench, ago: i64, nprs: &str| {
        bench.json(&["episode", "check-in", "--date", &days_ago(ago), "--nprs", nprs])
    };

    let easing = begin(5);
    for (ago, nprs) in [(5, "7"), (4, "6"), (3, "5"), (0, "5")] {
        say(&easing, ago, nprs);
    }
    let shown = easing.json(&["episode", "show"]);
    assert_eq!((&shown["course"], &shown["advice"]), (&"improving".into(), &Value::Null));

    for (day, last, advice) in [(4, "7", Value::Null), (5, "6", "day_5".into()), (7, "6", "day_7".into())] {
        let same = begin(day);
        for ago in (1..=day).rev() {
            say(&same, ago, "7");
        }
        let after = say(&same, 0, last);
        assert_eq!((&after["course"], &after["advice"]), (&"not_improving".into(), &advice), "day {day}");
        if after["advice"] != Value::Null {
            let (_, out, _) = same.run(&["episode", "show"]);
            assert!(out.contains("spine professional"), "{out}");
            same.json(&["episode", "dismiss"]);
            assert_eq!(same.json(&["episode", "show"])["advice"], Value::Null, "put away");
        }
    }
    assert_eq!(begin(7).json(&["episode", "show"])["advice"], "day_7", "no data counts from day 7");
    let worse = begin(4);
    for (ago, nprs) in [(4, "4"), (2, "4"), (1, "7"), (0, "9")] {
        say(&worse, ago, nprs);
    }
    assert_eq!(worse.json(&["episode", "show"])["course"], "worse");
    assert_eq!(worse.json(&["episode", "show"])["advice"], "day_7", "at once");
}

#[test]
fn a_check_in_is_completed_corrected_and_taken_back() {
    let bench = Bench::new();
    bench.refused(&["episode", "check-in", "--nprs", "3"], "no episode is on");
    bench.json(&["episode", "start", "--onset", &days_ago(2), "--sudden", "--nprs", "7", "--no-red-flags"]);
    bench.refused(&["episode", "check-in"], "nobody can be asked here");
    bench.refused(&["episode", "check-in", "--date", &days_ago(3), "--nprs", "3"], "lies before this episode");
    let open = |answer: &Value| answer["still_to_answer"].as_array().unwrap().len();
    assert_eq!(open(&bench.json(&["episode", "check-in", "--nprs", "6"])), 4, "the rest is asked for, not inferred");
    let rest = ["episode", "check-in", "--worst", "8", "--normal", "partly", "--sleep", "poor", "--no-red-flags"];
    let whole = bench.json(&rest);
    assert_eq!((open(&whole), &whole["nprs_newest"]), (0, &6.into()), "the answer from before stays");
    bench.json(&["episode", "check-in", "--nprs", "2"]);
    assert_eq!(bench.json(&["undo"])["removed"], false);
    assert_eq!(bench.json(&["episode", "show"])["nprs_newest"], 6, "as it was before");
}

#[test]
fn two_well_days_end_an_episode_and_that_can_be_taken_back() {
    let bench = Bench::new();
    bench.json(&["episode", "start", "--onset", &days_ago(6), "--sudden", "--nprs", "7", "--no-red-flags"]);
    bench.json(&["episode", "check-in", "--date", &days_ago(1), "--nprs", "0", "--normal", "yes"]);
    let after = bench.json(&["episode", "check-in", "--nprs", "0", "--normal", "yes"]);
    assert_eq!((&after["ended"], &after["end_reason"]), (&true.into(), &"recovered".into()));
    assert_eq!(bench.json(&["episode", "show"]), Value::Null);
    bench.json(&["undo"]);
    assert_eq!(bench.json(&["episode", "show"])["ended"], false);
}

/// Domain.md §16, scenario 13.
#[test]
fn a_red_flag_at_a_check_in_comes_before_anything_else() {
    let bench = Bench::new();
    bench.json(&["episode", "start", "--onset", &days_ago(2), "--sudden", "--nprs", "7", "--no-red-flags"]);
    let (code, out, err) = bench.run(&["episode", "check-in", "--red-flag", "bladder"]);
    assert_eq!(code, 0);
    assert!(err.starts_with("Please get help now"), "{err}");
    assert!(out.contains("resting until you have been seen"), "{out}");
    let shown = bench.json(&["episode", "show"]);
    assert_eq!((&shown["red_flag_open"], &shown["acute_mode"]), (&true.into(), &false.into()));
    bench.run(&["red-flags", "--seen"]);
    assert_eq!(bench.json(&["episode", "show"])["acute_mode"], true);
}

#[test]
fn signals_are_renewed_and_beyond_day_14_with_a_reason() {
    let bench = Bench::new();
    let begun = |days: i64| {
        bench.json(&["episode", "start", "--onset", &days_ago(days), "--gradual", "--nprs", "4", "--no-red-flags"])
    };
    assert_eq!(begun(8)["acute_mode"], false);
    assert_eq!(bench.json(&["episode", "renew"])["acute_mode"], true);
    bench.json(&["episode", "end", "--reason", "mistake"]);
    assert_eq!(begun(20)["pattern"], "first", "an entry made by mistake counts for nothing");
    bench.refused(&["episode", "renew"], "beyond day 14");
    assert_eq!(bench.json(&["episode", "renew", "--reason", "moving house"])["acute_mode"], true);
}

#[test]
fn quiet_hours_and_a_snooze_are_kept_and_taken_back() {
    let bench = Bench::new();
    assert_eq!(bench.json(&["quiet"])["from"], Value::Null);
    assert_eq!(bench.json(&["quiet", "22:00-07:00"])["to"], "07:00");
    assert_eq!(bench.json(&["quiet"])["from"], "22:00");
    assert_eq!(bench.json(&["quiet", "off"])["from"], Value::Null);
    bench.json(&["undo"]);
    assert_eq!(bench.json(&["quiet"])["from"], "22:00");
    bench.refused(&["quiet", "late"], "22:00-07:00");
    assert!(bench.json(&["snooze", "tomorrow"])["until_utc_ns"].as_i64().is_some());
    assert_eq!(bench.json(&["snooze", "off"])["until_utc_ns"], Value::Null);
    assert_eq!(bench.json(&["undo"])["table"], "settings");
}

#[test]
fn a_reader_that_goes_away_early_is_no_failure() {
    let bench = Bench::new();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("lumbard"))
        .args(["red-flags"])
        .env("LUMBARD_DATA_DIR", bench.folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn without_anything_there_is_nothing_to_answer_or_take_back() {
    let bench = Bench::new();
    assert_eq!(bench.json(&["answer", "list"]), Value::Array(vec![]));
    bench.refused(&["answer", "lift", "no"], "there is no possible lift");
    assert_eq!(bench.json(&["undo"]), Value::Null);
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
    assert!(err.starts_with("Please get help now"), "{err}");
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

#[test]
fn a_plan_is_changed_taken_out_and_what_it_asks_for_is_told() {
    let bench = Bench::new();
    let walk = bench.json(&["plan", "add", "walk", "--minutes", "20", "--start", "10", "--weekly-step", "1"]);
    assert_eq!((&walk["target"]["lasting_s"], &walk["grows"]["ceiling"]), (&600.0.into(), &1200.0.into()));
    let id = walk["id"].to_string();
    let changed = bench.json(&["plan", "edit", &id, "--minutes", "30", "--days-per-week", "3"]);
    assert_eq!((&changed["lasting_s"], &changed["days_per_week"]), (&1800.0.into(), &3.into()));
    assert_eq!((&changed["grows"]["start"], &changed["grows"]["ceiling"]), (&600.0.into(), &1800.0.into()));
    let still = bench.json(&["plan", "edit", &id, "--no-growth"]);
    assert_eq!((&still["lasting_s"], &still["grows"]), (&600.0.into(), &Value::Null));
    bench.refused(&["plan", "edit", &id, "--minutes", "10"], "nothing would change");
    bench.refused(&["plan", "edit", "99", "--minutes", "5"], "it has 1");
    bench.refused(&["plan", "add", "walk", "--minutes", "10", "--weekly-step", "1"], "needs an end");
    bench.refused(&["plan", "add", "bridge", "--steps", "10"], "not counted in steps");
    bench.run(&["exercise", "log", "walk", "--minutes", "10"]);
    assert_eq!(bench.run(&["plan", "remove", &id]).0, 0);
    let list = bench.json(&["plan", "list"]);
    assert_eq!((&list["items"], &list["unplanned"][0]["exercise"]), (&Value::Array(vec![]), &"walk".into()));
}

#[test]
fn a_plan_in_a_file_is_kept_whole_or_not_at_all() {
    let bench = Bench::new();
    let file = bench.folder.path().join("plan.toml");
    let path = file.to_str().unwrap();
    let good =
        "lumbard_plan = 1\n[[item]]\nexercise = \"walk\"\nminutes = 15\n[[item]]\nexercise = \"bridge\"\nreps = 8\n";
    std::fs::write(&file, good.replace("reps = 8", "reps = 8\nminutes = 3")).unwrap();
    bench.refused(&["plan", "import", path], "line 5");
    assert_eq!(bench.json(&["plan", "list"])["items"], Value::Array(vec![]));
    std::fs::write(&file, good).unwrap();
    let added = bench.json(&["plan", "import", path, "--by", "physiotherapist"]);
    assert_eq!((&added["ids"], &added["entered_by"]), (&serde_json::json!([1, 2]), &"physiotherapist".into()));
    let again = bench.json(&["plan", "import", path, "--replace"]);
    assert_eq!((&again["ids"], &again["ended"]), (&serde_json::json!([3, 4]), &serde_json::json!([1, 2])));
    assert_eq!(bench.json(&["plan", "list"])["items"].as_array().unwrap().len(), 2);
    bench.refused(&["plan", "import", "no-such-file.toml"], "cannot be read");
}

#[test]
fn what_rests_is_hidden_and_a_red_flag_comes_before_everything() {
    let bench = Bench::new();
    bench.json(&["plan", "add", "bridge", "--reps", "8"]);
    bench.json(&["plan", "add", "walk", "--minutes", "10"]);
    bench.run(&["episode", "start", "--sudden", "--nprs", "6", "--no-red-flags"]);
    let (_, out, _) = bench.run(&["plan", "list"]);
    assert!(out.contains("Walk") && out.contains("These rest in acute days: Bridge."), "{out}");
    assert_eq!(bench.json(&["plan", "list"])["items"][0]["rests"], "acute");
    bench.refused(&["exercise", "start", "bridge"], "rests in acute days");
    let (_, out, _) = bench.run(&["exercise", "list"]);
    assert!(!out.contains("bird_dog") && out.contains("walk"), "{out}");
    bench.run(&["red-flags", "--yes", "saddle"]);
    for args in [["plan", "list"], ["exercise", "list"]] {
        let (_, out, _) = bench.run(&args);
        assert!(out.starts_with("Please get help now") && out.lines().count() == 1, "{out}");
    }
    bench.refused(&["exercise", "start", "walk"], "get help now");
}

#[test]
fn what_was_done_is_put_right_and_the_plan_is_held_by_pain() {
    let bench = Bench::new();
    bench.refused(&["exercise", "correct", "3"], "nothing was done yet");
    bench.json(&["plan", "add", "knee_to_chest", "--sets", "2", "--seconds", "20"]);
    bench.run(&["plan", "baseline", "2"]);
    for days in 0..3 {
        let day = days_ago(days);
        let done =
            bench.json(&["exercise", "log", "knee_to_chest", "--reps", "2", "--date", &day, "--nprs-before", "4"]);
        assert_eq!((&done["count_source"], &done["date"]), (&"manual".into(), &day.into()));
    }
    let right = bench.json(&["exercise", "correct", "3", "--nprs-after", "5"]);
    assert_eq!(
        (&right["reps_in_all"], &right["nprs_after"], &right["count_source"]),
        (&3.into(), &5.into(), &"manual".into())
    );
    let (_, out, _) = bench.run(&["plan", "list"]);
    assert!(out.contains("the plan stays where it is"), "{out}");
    assert_eq!(bench.json(&["plan", "list"])["items"][0]["held"], true);
}
