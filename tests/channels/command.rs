//! `lumbard channel` as people use it: nothing leaves without a yes, and no address is shown.

use super::receiver::{Receiver, status};
use super::run;
use serde_json::Value;
use std::path::Path;

fn listed(data: &Path) -> Vec<(String, bool)> {
    let (code, out, err) = run(data, &["channel", "list", "--json"]);
    assert_eq!(code, 0, "{err}");
    let list: Vec<Value> = serde_json::from_str(&out).unwrap();
    list.iter().map(|one| (one["channel"].as_str().unwrap().to_owned(), one["on"].as_bool().unwrap())).collect()
}

fn is_on(data: &Path, channel: &str) -> bool {
    listed(data).into_iter().find(|(name, _)| name == channel).expect("it is listed").1
}

#[test]
fn what_leaves_the_machine_is_said_and_needs_a_yes() {
    let data = tempfile::tempdir().unwrap();
    let receiver = Receiver::that(&[status(204)]);
    let add = ["channel", "add", "webhook", &receiver.url()];
    let (code, _, err) = run(data.path(), &add);
    assert!(code == 2 && err.contains("add --yes"), "{err}");
    for said in ["http://127.0.0.1 ", "kind", "at ", "text", "Pain, angles, names, addresses", "not encrypted"] {
        assert!(err.contains(said), "{said}: {err}");
    }
    assert!(!err.contains("/hook"), "{err}");
    assert!(!is_on(data.path(), "webhook"));

    let (code, _, err) = run(data.path(), &[&add[..], &["--discreet", "--yes"]].concat());
    assert!(code == 0 && err.contains("A note from lumbard."), "{err}");
    assert!(is_on(data.path(), "webhook"));
    let (code, out, _) = run(data.path(), &["channel", "test", "webhook", "--json"]);
    assert_eq!(code, 0, "{out}");
    let heard = receiver.next();
    let sent: Value = serde_json::from_str(&heard.body).unwrap();
    assert_eq!((&sent["kind"], &sent["text"]), (&"note".into(), &"A note from lumbard.".into()));
    assert_eq!(sent.as_object().unwrap().len(), 3, "{}", heard.body);

    let (code, ..) = run(data.path(), &["channel", "remove", "webhook"]);
    assert!(code == 0 && !is_on(data.path(), "webhook"));
    let (code, _, err) = run(data.path(), &["channel", "on", "webhook"]);
    assert!(code == 2 && err.contains("no address is known"), "{err}");
    let (code, _, err) = run(data.path(), &["channel", "test", "webhook"]);
    assert!(code == 2 && err.contains("no address is known"), "{err}");
}

#[cfg(unix)]
#[test]
fn an_address_is_kept_where_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt;
    let data = tempfile::tempdir().unwrap();
    run(data.path(), &["channel", "add", "webhook", "https://example.org/T0KEN", "--yes"]);
    for file in std::fs::read_dir(data.path()).unwrap().map(|file| file.unwrap()) {
        let mode = file.metadata().unwrap().permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{:?}", file.path());
    }
}

#[test]
fn channels_of_this_machine_go_off_and_on_and_undo_is_left_alone_where_nothing_changed() {
    let data = tempfile::tempdir().unwrap();
    let all_here =
        |data: &Path| ["sensor", "wrist", "desktop", "page", "terminal"].iter().all(|name| is_on(data, name));
    assert!(all_here(data.path()));
    let (code, _, err) = run(data.path(), &["channel", "off", "desktop"]);
    assert!(code == 0 && err.contains("desktop is off"), "{err}");
    assert!(!is_on(data.path(), "desktop") && is_on(data.path(), "page"));
    let (code, out, err) = run(data.path(), &["channel", "add", "desktop", "--json"]);
    assert!(code == 0 && out.contains("\"on\": true"), "{err}");
    assert!(all_here(data.path()));
    for name in ["sensor", "wrist", "desktop", "page", "terminal"] {
        run(data.path(), &["channel", "off", name]);
    }
    let (_, _, err) = run(data.path(), &["channel", "off", "page"]);
    assert!(err.contains("told nowhere"), "{err}");
    for (args, words) in [
        (vec!["channel", "off", "pigeon"], "no channel is called that"),
        (vec!["channel", "add", "webhook"], "where to?"),
        (vec!["channel", "add", "webhook", "example.org", "--yes"], "give one such as https://"),
        (vec!["channel", "add", "desktop", "https://example.org"], "stays on this machine"),
        (vec!["channel", "add", "webhook", "https://example.org", "--topic", "x"], "has no topic"),
    ] {
        let (code, _, err) = run(data.path(), &args);
        assert!(code == 2 && err.contains(words), "{args:?}: {err}");
    }
    let mqtt = run(data.path(), &["channel", "add", "mqtt", "home.local", "--yes"]);
    let words = if cfg!(feature = "mqtt") { "which topic?" } else { "not in this build" };
    assert!(mqtt.0 == 2 && mqtt.2.contains(words), "{mqtt:?}");
}

#[test]
fn without_a_run_a_try_says_which_channels_need_one() {
    let data = tempfile::tempdir().unwrap();
    let (code, out, err) = run(data.path(), &["channel", "test", "--json"]);
    assert_eq!(code, 3, "{err}");
    let results: Vec<Value> = serde_json::from_str(&out).unwrap();
    let of = |name: &str| results.iter().find(|result| result["channel"] == name).expect("it was tried").clone();
    assert_eq!(of("terminal")["delivered"], true);
    assert!(err.contains("This is a try. Notes from lumbard come this way."), "{err}");
    assert_eq!(of("desktop")["detail"], "no desktop here; tried 2 times");
    for name in ["sensor", "wrist", "page"] {
        assert_eq!(of(name)["detail"], "only while lumbard run goes on");
    }
}
