//! A run that goes on: who holds the folder, how it is, what it notices, and how it ends.

use super::program::{Daemon, done, json, lumbard, output, until};
use lumbard::store::facts::{RecordingState, Selection};
use lumbard::store::{RawStream, Reader};

const LIVE: [&str; 6] = ["--source", "simulate:3", "--speed", "1", "--hours", "1"];

#[test]
fn a_second_run_on_the_same_folder_says_who_holds_it() {
    let data = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(data.path(), &LIVE);
    let second = output(data.path(), &["run", "--source", "simulate:1", "--speed", "max", "--no-page"]);
    let words = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(5), "{words}");
    assert!(words.contains(&daemon.pid().to_string()), "{words}");
    assert_eq!(daemon.status().0, 0, "the first is none the worse");
}

#[test]
fn status_tells_a_healthy_run_and_that_it_is_over() {
    let data = tempfile::tempdir().unwrap();
    let (code, before) = json(data.path(), &["status", "--json"]);
    assert_eq!((code, &before["health"]), (4, &"not_running".into()), "{before}");
    let daemon = Daemon::start(data.path(), &LIVE);
    until("healthy", || {
        let (code, status) = daemon.status();
        (code == 0 && status["health"] == "healthy" && status["streaming"] == true).then_some(())
    });
    assert!(daemon.stop().success());
    let (code, after) = json(data.path(), &["status", "--json"]);
    assert_eq!((code, &after["health"]), (4, &"not_running".into()), "{after}");
}

#[test]
fn an_episode_that_begins_while_a_run_goes_on_is_noticed() {
    let data = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(data.path(), &LIVE);
    let reasons = || daemon.status().1["not_watching_because"].clone();
    let before = until("a reason", || Some(reasons()).filter(|reasons| !reasons.as_array().unwrap().is_empty()));
    // Yesterday, so that midnight between here and there changes nothing.
    let onset = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().yesterday().unwrap().to_string();
    done(data.path(), &["episode", "start", "--onset", &onset, "--sudden", "--nprs", "5", "--no-red-flags"]);
    let first = before[0].clone();
    until("the episode is noticed", || (!reasons().as_array().unwrap().contains(&first)).then_some(()));
    done(data.path(), &["episode", "end"]);
    until("its end is noticed", || reasons().as_array().unwrap().contains(&first).then_some(()));
}

/// DESIGN §6 gives a running daemon 1 s; `status` shows what it knew up to 1 s ago, and a busy machine takes its
/// time to start each command. So the moment itself is read from what the daemon writes.
#[test]
fn what_is_chosen_while_a_run_goes_on_holds_within_a_second() {
    let data = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(data.path(), &LIVE);
    let reasons = || daemon.status().1["not_watching_because"].to_string();
    until("a first sign of life", || (reasons() != "null").then_some(()));
    for (chosen, words, back) in [
        (&["snooze", "30m"][..], "Snoozed until", &["snooze", "off"][..]),
        (&["quiet", "00:00-23:59"], "Quiet hours until", &["quiet", "off"]),
    ] {
        done(data.path(), chosen);
        let entered = std::time::Instant::now();
        until(words, || reasons().contains(words).then_some(()));
        let took = entered.elapsed();
        println!("{chosen:?} held after {:.2} s as seen through status", took.as_secs_f64());
        done(data.path(), back);
        until("its end", || (!reasons().contains(words)).then_some(()));
    }
}

#[test]
fn a_language_that_is_chosen_while_a_run_goes_on_is_taken_up_within_a_second() {
    let data = tempfile::tempdir().unwrap();
    assert_eq!(json(data.path(), &["language", "--json"]).1, serde_json::json!({"language": "en", "chosen": false}));
    let daemon = Daemon::start(data.path(), &LIVE);
    let says = |words: &str| daemon.status().1["link"].as_str().is_some_and(|link| link.contains(words)).then_some(());
    until("English", || says("Sensor connected."));
    for (tag, words) in [("de", "Sensor verbunden."), ("en", "Sensor connected.")] {
        let chosen = std::time::Instant::now();
        assert_eq!(json(data.path(), &["language", tag, "--json"]).1["chosen"], true);
        until(tag, || says(words));
        // A second for the choice, a second for the sign of life that shows it, and one for a busy machine.
        assert!(chosen.elapsed().as_secs_f64() < 3.0, "{tag} after {:?}", chosen.elapsed());
    }
}

#[test]
fn a_run_that_is_asked_to_stop_commits_everything() {
    let data = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(data.path(), &["--source", "simulate:5", "--speed", "20", "--hours", "4"]);
    let taken = until("half a minute of samples", || daemon.samples().filter(|samples| *samples > 3_000));
    let status = daemon.stop();
    assert_eq!(status.code(), Some(0));
    let reader = Reader::open(data.path()).unwrap();
    let row = reader.recording("newest").unwrap();
    assert_eq!(row.state, RecordingState::Ended);
    assert!(row.samples >= taken, "{} stored, {taken} told", row.samples);
    let times: Vec<_> = reader.raw(row.id, RawStream::ALL).unwrap().samples().map(|sample| sample.unwrap().t).collect();
    assert_eq!((times.len() as u64, times.last().copied()), (row.samples, row.end));
    // What the detectors still held is there too: postures reach to the end.
    let postures = reader.postures(&Selection::Recording(row.id)).unwrap();
    assert!(row.end.unwrap().since(postures.last().unwrap().fact.end).0 < 1.0, "{:?}", postures.last());
}

#[test]
fn a_doctor_tells_what_is_wrong_with_the_data_folder_and_that_bluetooth_is_not_needed() {
    let data = tempfile::tempdir().unwrap();
    let state = |answer: &serde_json::Value, name: &str| {
        let checks = answer["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}"))["state"].clone()
    };
    let doctor = |folder: &std::path::Path| {
        // A bus that is not there: as on a machine without Bluetooth.
        let bus = ["DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS"];
        let mut command = lumbard(folder, &["doctor", "--json"]);
        let output = command.envs(bus.map(|bus| (bus, "unix:path=/nonexistent/bus"))).output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code() == Some(0), answer["well"] == true, "{answer}");
        (output.status.code(), answer)
    };
    let (_, answer) = doctor(data.path());
    assert_eq!((state(&answer, "data folder"), state(&answer, "store")), ("fine".into(), "fine".into()), "{answer}");
    assert!(state(&answer, "adapter") != "fine", "{answer}");
    std::fs::write(data.path().join("lumbard.db"), "this is no database, and never was one").unwrap();
    let (code, answer) = doctor(data.path());
    assert_eq!((code, state(&answer, "store")), (Some(3), "attention".into()), "{answer}");
}
