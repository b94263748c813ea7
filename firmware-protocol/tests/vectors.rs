//! Every test vector of every family: explained as it expects, and written anew byte for byte.
//!
//! The vectors lie beside the project, in `shared/devices/vectors-*.json`, or where `LUMBARD_DEVICES` says.
//! Where they are absent this is skipped loudly, unless `LUMBARD_REQUIRE_DATA` is set.
#![cfg(feature = "peripheral")]

mod families;

use families::sensors;
use families::told::Told;
use firmware_protocol::explain::{ADVERTISING, Explain, Known, Unclear, Way};
use firmware_protocol::family::{AnyExplain, FAMILIES, explainer};
use firmware_protocol::session::Uuid;
use firmware_protocol::sig;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Names that only say where a vector belongs.
const PLACING: [&str; 3] = ["group", "part", "note"];
/// A vector with such a name goes on from the one before it in the file.
const GOES_ON: [&str; 1] = ["delta_us_from_previous"];
/// Vectors are rounded to seven digits, or else to as many decimals as they show, at least these.
const ROUNDED: f64 = 1e-6;
const LEAST_DECIMALS: usize = 3;

struct Vector {
    device: String,
    name: String,
    way: Way,
    characteristic: Uuid,
    bytes: Vec<u8>,
    expect: Json,
}

fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/devices");
    let folder = std::env::var_os("LUMBARD_DEVICES").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// All vectors there are; `None`, and said so, where there are none.
fn vectors() -> Option<Vec<Vector>> {
    let Some(folder) = folder() else {
        assert!(
            std::env::var_os("LUMBARD_REQUIRE_DATA").is_none(),
            "no test vectors: set LUMBARD_DEVICES to the folder with vectors-*.json"
        );
        eprintln!("SKIPPED: no test vectors beside the project; set LUMBARD_DEVICES to the folder with vectors-*.json");
        return None;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("vectors-")));
    files.sort();
    assert!(!files.is_empty(), "the folder has no vectors-*.json");
    let parse = |path: &PathBuf| serde_json::from_str::<Vec<Json>>(&std::fs::read_to_string(path).unwrap()).unwrap();
    Some(files.iter().flat_map(parse).map(|json| vector(&json)).collect())
}

fn vector(json: &Json) -> Vector {
    let text = |name: &str| json[name].as_str().unwrap_or_else(|| panic!("{name} of {json}")).to_owned();
    let hex = text("hex");
    Vector {
        device: text("device"),
        name: text("name"),
        way: if text("kind") == "command" { Way::ToSensor } else { Way::FromSensor },
        characteristic: match text("characteristic").as_str() {
            "advertising" => ADVERTISING,
            uuid => Uuid(u128::from_str_radix(&uuid.replace('-', ""), 16).unwrap()),
        },
        bytes: (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect(),
        expect: json["expect"].clone(),
    }
}

/// The vectors of one device in runs: each goes through one explainer, in order.
fn runs<'a>(vectors: &'a [Vector], device: &str) -> Vec<Vec<&'a Vector>> {
    let mut runs: Vec<Vec<&Vector>> = Vec::new();
    for vector in vectors.iter().filter(|vector| vector.device == device) {
        let group = |vector: &Vector| vector.expect["group"].as_str().map(str::to_owned);
        let goes_on = GOES_ON.iter().any(|name| !vector.expect[name].is_null());
        let same = |run: &&mut Vec<&Vector>| goes_on || (group(run[0]).is_some() && group(run[0]) == group(vector));
        match runs.last_mut().filter(same) {
            Some(run) => run.push(vector),
            None => runs.push(vec![vector]),
        }
    }
    runs
}

#[derive(Default)]
struct Given(BTreeMap<String, String>);

impl Known for Given {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// Finds the value of a name, wherever it stands.
fn find<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    json.get(name).or_else(|| json.as_object()?.values().find_map(|inner| find(inner, name)))
}

fn given(names: &[&str], run: &[&Vector]) -> Given {
    let value = |name: &str| run.iter().find_map(|vector| find(&vector.expect, name));
    let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    Given(names.iter().filter_map(|&name| Some((name.to_owned(), text(value(name)?)))).collect())
}

/// Where what was told differs from what is expected.
fn difference(at: &str, expected: &Json, told: &Json) -> Option<String> {
    match (expected, told) {
        (Json::Object(expected), Json::Object(told)) => {
            expected.iter().filter(|(name, _)| !PLACING.contains(&name.as_str())).find_map(|(name, value)| {
                let at = format!("{at}.{name}");
                told.get(name).map_or(Some(format!("{at} is not told")), |told| difference(&at, value, told))
            })
        }
        (Json::Array(expected), Json::Array(told)) if expected.len() == told.len() => {
            expected.iter().zip(told).enumerate().find_map(|(i, (e, t))| difference(&format!("{at}[{i}]"), e, t))
        }
        (Json::Number(expected), Json::Number(told)) => {
            let (e, t) = (expected.as_f64().unwrap(), told.as_f64().unwrap());
            ((e - t).abs() > rounding(e)).then(|| format!("{at}: {e} expected, {t} told"))
        }
        _ => (expected != told).then(|| format!("{at}: {expected} expected, {told} told")),
    }
}

/// How far from the truth a rounded number may be.
fn rounding(expected: f64) -> f64 {
    let text = expected.to_string();
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let shown = if decimals >= LEAST_DECIMALS { 0.500_01 * 0.1_f64.powi(decimals as i32) } else { 0.0 };
    shown.max(expected.abs() * ROUNDED)
}

fn explain(explainer: &mut AnyExplain, vector: &Vector, known: &Given) -> Result<Json, Unclear> {
    let mut told = Told::default();
    explainer.message(vector.way, vector.characteristic, &vector.bytes, known, &mut told)?;
    Ok(told.json())
}

#[test]
fn every_vector_is_explained_as_it_expects() {
    let Some(vectors) = vectors() else { return };
    let mut wrong = Vec::new();
    for sensor in sensors() {
        let family = sensor.family();
        for run in runs(&vectors, family.device) {
            let (mut explainer, known) = ((family.explain)(), given(sensor.given(), &run));
            for vector in run {
                let difference = match explain(&mut explainer, vector, &known) {
                    Ok(told) => difference("", &vector.expect, &told).map(|what| format!("{what}\n  in {told}")),
                    Err(unclear) => Some(unclear.to_string()),
                };
                wrong.extend(difference.map(|what| format!("{}: {}: {what}", family.device, vector.name)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_standard_services_are_explained_and_written_anew() {
    let Some(vectors) = vectors() else { return };
    let of_it: Vec<&Vector> = vectors.iter().filter(|vector| vector.device == sig::DEVICE).collect();
    assert!(!of_it.is_empty(), "no vectors for {}", sig::DEVICE);
    for vector in of_it {
        let told = explain(&mut explainer(sig::DEVICE).unwrap(), vector, &Given::default()).unwrap();
        assert_eq!(difference("", &vector.expect, &told), None, "{}", vector.name);
        let sound = vector.expect["error"].is_null();
        let rebuilt = families::standard(vector.characteristic, &vector.bytes);
        assert_eq!(rebuilt, sound.then(|| vector.bytes.clone()), "{}", vector.name);
    }
}

#[test]
fn every_vector_is_written_anew_byte_for_byte() {
    let Some(vectors) = vectors() else { return };
    let mut wrong = Vec::new();
    for sensor in sensors() {
        let apart = |vector: &Vector| sensor.not_rebuilt().iter().any(|start| vector.name.starts_with(start));
        for vector in vectors.iter().filter(|vector| vector.device == sensor.family().device) {
            let rebuilt = sensor.rebuilt(vector.way, vector.characteristic, &vector.bytes);
            if apart(vector) != rebuilt.is_none() || rebuilt.as_ref().is_some_and(|bytes| *bytes != vector.bytes) {
                let bytes = &vector.bytes;
                wrong.push(format!("{}: {}:\n  {bytes:02x?}\n  {rebuilt:02x?}", vector.device, vector.name));
            }
        }
        let unused = sensor.not_rebuilt().iter().filter(|start| !vectors.iter().any(|v| v.name.starts_with(**start)));
        wrong.extend(unused.map(|start| format!("no vector begins with {start}")));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_family_has_a_sensor_here_and_every_device_a_word_of_its_own() {
    let mut devices: Vec<&str> = sensors().iter().map(|sensor| sensor.family().device).collect();
    let mut families: Vec<&str> = FAMILIES.iter().map(|family| family.device).collect();
    devices.sort_unstable();
    families.sort_unstable();
    assert_eq!(devices, families);
    families.dedup();
    assert_eq!(families.len(), FAMILIES.len());
}

#[test]
fn a_difference_is_seen() {
    let json = |text: &str| serde_json::from_str::<Json>(text).unwrap();
    let told = json(r#"{"a": 1.0000001, "b": [[1, 2]], "c": "x"}"#);
    assert_eq!(difference("", &json(r#"{"a": 1, "b": [[1, 2]], "group": "g"}"#), &told), None);
    for wrong in [r#"{"a": 1.00001}"#, r#"{"b": [[1, 3]]}"#, r#"{"b": [[1]]}"#, r#"{"d": 0}"#, r#"{"c": 1}"#] {
        assert!(difference("", &json(wrong), &told).is_some(), "{wrong}");
    }
}
