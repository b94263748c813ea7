//! `lumbard devices` as its user runs it: the list, and every test vector taken apart by the program.
//!
//! The vectors lie beside the project, in `shared/devices/vectors-*.json`, or where `LUMBARD_DEVICES` says.
//! Where they are absent this is skipped loudly, unless `LUMBARD_REQUIRE_DATA` is set.

#![allow(missing_docs, reason = "a test program")]

use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn lumbard(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lumbard")).args(args).output().unwrap()
}

/// The objects that the program printed, one on each line.
fn lines(output: &Output) -> Vec<Json> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn one(args: &[&str]) -> Json {
    let output = lumbard(&[&["devices", "decode"], args].concat());
    assert!(output.status.success(), "{args:?}: {}", words(&output));
    let mut told = lines(&output);
    assert_eq!(told.len(), 1, "{args:?}");
    told.remove(0)
}

/// All vectors there are; `None`, and said so, where there are none.
fn vectors() -> Option<Vec<Json>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/devices");
    let folder = std::env::var_os("LUMBARD_DEVICES").map_or_else(beside, PathBuf::from);
    if !folder.is_dir() {
        let absent = format!("no vectors-*.json in {}; set LUMBARD_DEVICES to their folder", folder.display());
        assert!(std::env::var_os("LUMBARD_REQUIRE_DATA").is_none_or(|v| v != "1"), "{absent}");
        eprintln!("*** SKIPPED, nothing was taken apart: {absent} ***");
        return None;
    }
    let files = ["vectors-a.json", "vectors-b.json"].map(|name| std::fs::read_to_string(folder.join(name)).unwrap());
    Some(files.iter().flat_map(|text| serde_json::from_str::<Vec<Json>>(text).unwrap()).collect())
}

/// Vectors that go through one process: parts of one message, or messages that count from the one before.
fn runs(vectors: &[Json]) -> Vec<Vec<&Json>> {
    let mut runs: Vec<Vec<&Json>> = Vec::new();
    for vector in vectors {
        let same = |run: &&mut Vec<&Json>| {
            let (first, expect) = (run[0], &vector["expect"]);
            let group = &expect["group"];
            let goes_on = !expect["delta_us_from_previous"].is_null();
            let together = goes_on || !group.is_null() && first["expect"]["group"] == *group;
            together && ["device", "characteristic", "kind"].iter().all(|key| first[key] == vector[key])
        };
        match runs.last_mut().filter(same) {
            Some(run) => run.push(vector),
            None => runs.push(vec![vector]),
        }
    }
    runs
}

/// What a live session would know, in the words of `--with`.
const KNOWN: [&str; 7] = ["range_g", "range_dps", "chip", "timeout_ms", "payload_mode", "path", "needs_factor"];

/// The value of a name, wherever it stands.
fn find<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    json.get(name).or_else(|| json.as_object()?.values().find_map(|inner| find(inner, name)))
}

fn with(run: &[&Json]) -> Vec<String> {
    let value = |name: &str| run.iter().find_map(|vector| find(&vector["expect"], name));
    let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    KNOWN.iter().filter_map(|&name| Some(format!("--with={name}={}", text(value(name)?)))).collect()
}

/// Names that only say where a vector belongs.
const PLACING: [&str; 3] = ["group", "part", "note"];
/// Numbers are rounded to seven digits, or else to as many decimals as they show, at least three.
const ROUNDED: f64 = 1e-6;

/// Where what was told differs from what is expected.
fn difference(at: &str, expected: &Json, told: &Json) -> Option<String> {
    match (expected, told) {
        (Json::Object(expected), Json::Object(told)) => {
            let meant = expected.iter().filter(|(name, _)| !PLACING.contains(&name.as_str()));
            meant.into_iter().find_map(|(name, value)| match told.get(name) {
                Some(told) => difference(&format!("{at}.{name}"), value, told),
                None => Some(format!("{at}.{name} is not told")),
            })
        }
        (Json::Array(expected), Json::Array(told)) if expected.len() == told.len() => {
            expected.iter().zip(told).enumerate().find_map(|(i, (e, t))| difference(&format!("{at}[{i}]"), e, t))
        }
        (Json::Number(expected), Json::Number(told)) => {
            let (e, t) = (expected.as_f64().unwrap(), told.as_f64().unwrap());
            let decimals = expected.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
            let shown = if decimals >= 3 { 0.500_01 * 0.1_f64.powi(decimals as i32) } else { 0.0 };
            ((e - t).abs() > shown.max(e.abs() * ROUNDED)).then(|| format!("{at}: {e} expected, {t} told"))
        }
        _ => (expected != told).then(|| format!("{at}: {expected} expected, {told} told")),
    }
}

fn check(run: &[&Json], wrong: &mut Vec<String>) {
    let text = |name: &str| run[0][name].as_str().unwrap();
    let with = with(run);
    let mut args = vec!["devices", "decode", text("device"), text("characteristic")];
    args.extend(run.iter().map(|vector| vector["hex"].as_str().unwrap()));
    args.extend(with.iter().map(String::as_str));
    let output = lumbard(&args);
    let told = lines(&output);
    if !output.status.success() || told.len() != run.len() {
        wrong.push(format!("{} {}: {}", text("device"), text("name"), words(&output)));
        return;
    }
    for (vector, told) in run.iter().zip(told) {
        if let Some(what) = difference("", &vector["expect"], &told) {
            wrong.push(format!("{} {}: {what}\n  in {told}", text("device"), vector["name"]));
        }
    }
}

#[test]
fn every_vector_is_taken_apart_as_it_expects() {
    let Some(vectors) = vectors() else { return };
    let runs = runs(&vectors);
    let mut wrong = Vec::new();
    runs.iter().for_each(|run| check(run, &mut wrong));
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), vectors.len(), wrong.join("\n"));
    assert!(vectors.len() >= 200 && runs.iter().any(|run| run.len() > 1), "the files hold what they held");
}

#[test]
fn the_direction_is_found_or_told() {
    // Polar: a query for the settings of acceleration, or the sensor's word that acceleration has stopped.
    assert_eq!(one(&["polar", "5c81", "0102"])["op"], "GET_MEASUREMENT_SETTINGS");
    assert_eq!(one(&["polar", "5c81", "0102", "--received"])["server_command"], "ONLINE_MEASUREMENT_STOPPED");
    let both = lumbard(&["devices", "decode", "polar", "5c81", "0102"]);
    assert!(words(&both).contains("see --received"), "{}", words(&both));
    // A DOT: 60 Hz as a command, and the same bytes as what was read.
    let rate = format!("10{}3c{}", "00".repeat(23), "00".repeat(7));
    assert_eq!(one(&["movella-dot", "1002", &rate]), json!({"visit_index": 16, "output_rate_hz": 60}));
    assert_eq!(one(&["movella-dot", "15171002", &rate, "--received"])["transport"], "read");
    let wrong = lumbard(&["devices", "decode", "witmotion", "ffe4", "ffaa0300", "--sent"]);
    assert!(wrong.status.code() == Some(2) && words(&wrong).contains("that is written to"), "{}", words(&wrong));
}

#[test]
fn bytes_may_be_written_as_tools_show_them() {
    let plain = one(&["witmotion-ble", "0000ffe9-0000-1000-8000-00805f9a34fb", "ffaa030800"]);
    for (family, at, hex) in [
        ("witmotion", "ffe9", "FF AA 03 08 00"),
        ("WitMotion", "0xFFE9", "0xffaa030800"),
        ("witmotion-ble", "0000FFE9", "ff:aa:03:08:00"),
    ] {
        assert_eq!(one(&[family, at, hex]), plain, "{family} {at} {hex}");
    }
    assert_eq!(one(&["sig", "2a19", "64"]), json!({"charge_percent": 100}));
    assert_eq!(one(&["thingy52", "2a19", "64"])["charge_percent"], 100);
}

#[test]
fn what_cannot_be_read_is_named_with_what_to_give() {
    for (args, said) in [
        (&["toaster", "ffe4", "55"][..], "no kind of sensor"),
        (&["witmotion", "here", "55"], "is no characteristic"),
        (&["witmotion", "2a00", "55"], "has no such characteristic"),
        (&["witmotion", "ffe4", "5"], "a byte takes two"),
        (&["witmotion", "ffe4", "5g"], "no hexadecimal digit"),
        (&["witmotion", "ffe4", "0000"], "message 1 (2 bytes) is not what"),
        (&["movella-dot", "2004", "00"], "--with payload_mode="),
        (&["metamotion", "9006", "00", "--with", "range_g"], "--with range_g=4"),
    ] {
        let output = lumbard(&[&["devices", "decode"], args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && words(&output).contains(said), "{args:?}: {}", words(&output));
    }
    // What came before it is still told, and a key that nobody asked for is named.
    let second = lumbard(&["devices", "decode", "sig", "2a19", "64", "zz"]);
    assert!(second.status.code() == Some(2) && words(&second).contains("message 2"), "{}", words(&second));
    let second = lumbard(&["devices", "decode", "witmotion", "ffe9", "ffaa030800", "00"]);
    assert_eq!((lines(&second).len(), second.status.code()), (1, Some(2)));
    let unused = lumbard(&["devices", "decode", "sig", "2a19", "64", "--with", "rnage=4"]);
    assert!(unused.status.success() && words(&unused).contains("rnage was not needed"), "{}", words(&unused));
}

#[test]
fn the_list_says_of_every_kind_what_a_buyer_must_know() {
    let page = lumbard(&["devices"]);
    let page = String::from_utf8(page.stdout).unwrap();
    for words in [
        "WTVB",
        "Thingy:53",
        "nothing on the air protects the payload",
        "an 8-bit checksum over every packet",
        "A computer is not carried around",
        "bytes of a real sensor",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let json: Json = serde_json::from_slice(&lumbard(&["devices", "--json"]).stdout).unwrap();
    let families = json.as_array().unwrap();
    assert_eq!(families.len(), 11);
    let all = ["range", "loss_detection", "guard", "cue", "logs_on_board", "checked_against", "delay_ms", "refused"];
    for family in families {
        let named = all.iter().all(|key| family.get(key).is_some());
        assert!(named && page.contains(family["range"].as_str().unwrap().split(' ').next().unwrap()), "{family}");
    }
}
