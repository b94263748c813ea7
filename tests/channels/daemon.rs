//! A running daemon: takes up a channel that is set up meanwhile, and keeps how each fared with the signal.

use super::receiver::{Receiver, Says, status};
use super::{lumbard, run, until};
use lumbard::store::Reader;
use lumbard::store::facts::Selection;
use lumbard::units::WallTime;
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Daemon(Child);

impl Daemon {
    fn start(data: &Path, args: &[&str]) -> Self {
        let mut command = lumbard(data, &["run", "--no-page"]);
        let child = command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let daemon = Self(child);
        until("it runs", || (run(data, &["status"]).0 == 0).then_some(()));
        daemon
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_channel_that_is_set_up_while_a_run_goes_on_is_taken_up_within_a_second() {
    let data = tempfile::tempdir().unwrap();
    let _daemon = Daemon::start(data.path(), &["--source", "simulate:3", "--speed", "1", "--hours", "1"]);
    let (first, second) = (Receiver::that(&[status(204)]), Receiver::that(&[status(204)]));
    for receiver in [&first, &second] {
        run(data.path(), &["channel", "add", "webhook", &receiver.url(), "--yes"]);
        let asked = Instant::now();
        let (code, out, err) = run(data.path(), &["channel", "test", "webhook", "--json"]);
        assert_eq!(code, 0, "{out} {err}");
        let after = receiver.next().at - asked;
        println!("a try reached its receiver {after:?} after the command began");
        assert!(after < Duration::from_secs(10), "{after:?}");
    }
    assert_eq!(first.further(), 0, "what was replaced is called no more");
    let (code, out, _) = run(data.path(), &["channel", "test", "sensor", "--json"]);
    assert!(code == 3 && out.contains("this run has no such channel"), "{out}");
    run(data.path(), &["channel", "off", "webhook"]);
    let (_, out, _) = run(data.path(), &["channel", "test", "--json"]);
    let tried: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert!(tried.iter().all(|result| result["channel"] != "webhook"), "{out}");
}

/// A scenario of domain.md §16 as a recording: one signal of a deep bend, and a minute after it; its name.
fn scenario(folder: &Path) -> String {
    let made = Command::new(env!("CARGO_BIN_EXE_lumbard"))
        .args(["simulate", "--scenario", "6", "-o"])
        .arg(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let mut files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let is_recording =
        |path: &std::path::PathBuf| path.to_str().is_some_and(|p| p.ends_with(".csv") && !p.contains("truth"));
    files.find(is_recording).expect("a recording").to_str().unwrap().to_owned()
}

#[test]
fn a_signal_is_kept_with_how_each_channel_fared_also_when_one_answers_late() {
    let (data, made) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let recording = scenario(made.path());
    let day = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().yesterday().unwrap();
    run(data.path(), &["episode", "start", "--onset", &day.to_string(), "--sudden", "--nprs", "7", "--no-red-flags"]);
    // Takes 5 s for its first try, and is well at the second: later than the record waits.
    let receiver = Receiver::that(&[Says::Nothing, status(204)]);
    let url = format!("http://127.0.0.1:{}/T0KEN", receiver.port);
    assert_eq!(run(data.path(), &["channel", "add", "webhook", &url, "--yes"]).0, 0);
    let source = format!("replay:{recording}");
    let axes = "up=+x,right=+y,forward=+z";
    // Slow enough that the run still goes on when the late answer comes.
    let daemon = lumbard(
        data.path(),
        &["run", "--no-page", "--source", &source, "--axes", axes, "--placement", "L1", "--speed", "2"],
    )
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    let _daemon = Daemon(daemon);
    let heard = receiver.next();
    let sent: Value = serde_json::from_str(&heard.body).unwrap();
    let mut keys: Vec<&String> = sent.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["at", "kind", "rule", "text"], "{sent}");
    let all = Selection::Wall(WallTime(i64::MIN / 2)..WallTime(i64::MAX / 2));
    let webhook = until("the late answer is kept", || {
        let signals = Reader::open(data.path()).ok()?.signals(&all).ok()?;
        let first = signals.into_iter().find(|signal| signal.about.sent)?.about;
        let at = jiff::Timestamp::from_nanosecond(first.at.0.into()).unwrap().as_second();
        assert_eq!(sent["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second(), at);
        assert_eq!((sent["rule"].as_str(), sent["text"].as_str()), (Some(first.rule.as_str()), first.text.as_deref()));
        assert!(first.channels.iter().any(|result| result.channel == "terminal" && result.delivered));
        first.channels.into_iter().find(|result| result.channel == "webhook" && result.delivered)
    });
    assert_eq!(webhook.detail.as_deref(), Some("at try 2"));
    assert!(webhook.delay_s.unwrap() > 5.0, "{webhook:?}");
    assert_eq!(receiver.next().body, heard.body, "the same note again, for it was not known to have come");
}
