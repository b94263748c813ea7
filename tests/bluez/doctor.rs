//! `lumbard doctor` against the stand-in: each thing that can be missing shows in its own line with its own words,
//! and a sensor that is heard is judged by what came.

use super::bus::PrivateBus;
use super::sensor::Kind;
use super::stand_in::{World, serve};
use serde_json::Value;
use std::process::Command;
use std::sync::atomic::Ordering::SeqCst;

/// What it says on this bus, and its exit code.
async fn doctor(bus: &str) -> (Option<i32>, Value) {
    let bus = bus.to_owned();
    let run = move || {
        let data = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_lumbard"))
            .args(["doctor", "--json", "--data-dir", data.path().to_str().unwrap()])
            .env("DBUS_SYSTEM_BUS_ADDRESS", bus)
            .env("TZ", "UTC")
            .output()
            .unwrap();
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// The state and the words of one line.
fn line(answer: &Value, name: &str) -> (String, String) {
    let checks = answer["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}: {answer}"));
    (check["state"].as_str().unwrap().to_owned(), check["words"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doctor_shows_everything_that_is_missing_in_its_own_line() {
    let Some(bus) = PrivateBus::start() else { return };
    // What is missing, in which line, and the step that must be named.
    let mut told: Vec<(&str, &str, &str, Value)> = Vec::new();
    let mut add = |what, name, step, (code, answer): (Option<i32>, Value)| {
        assert_eq!((code, &answer["well"]), (Some(3), &false.into()), "{what}: {answer}");
        told.push((what, name, step, answer));
    };
    let nowhere = doctor("unix:path=/nonexistent/bus").await;
    add("no bus", "message bus", "systemctl start dbus", nowhere);
    add("no service", "bluetooth service", "systemctl enable --now bluetooth", doctor(&bus.address).await);

    let world = World::new(Kind::Open);
    let bluez = serve(&bus.address, &world, false).await.unwrap();
    add("no adapter", "adapter", "plug one in", doctor(&bus.address).await);
    bluez.close().await.unwrap();
    let strict = PrivateBus::denying().unwrap();
    let hidden = serve(&strict.address, &world, true).await.unwrap();
    add("no permission", "permission", "usermod -aG bluetooth", doctor(&strict.address).await);
    hidden.close().await.unwrap();
    world.forget();

    let bluez = serve(&bus.address, &world, true).await.unwrap();
    bluez.radio.blocked.store(true, SeqCst);
    add("adapter off", "sensor", "rfkill unblock bluetooth", doctor(&bus.address).await);
    bluez.radio.blocked.store(false, SeqCst);
    bluez.close().await.unwrap();
    world.forget();

    *world.faults.refusal.lock().unwrap() = "le-connection-refused";
    world.faults.refuse_connects.store(1_000, SeqCst);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    add("held by a phone", "sensor", "close its app on the phone", doctor(&bus.address).await);
    world.faults.refuse_connects.store(0, SeqCst);
    bluez.close().await.unwrap();
    world.forget();

    let alike = World::numbered(Kind::Other, 5, "WTVB01-BT50");
    let bluez = serve(&bus.address, &alike, true).await.unwrap();
    add("wrong device", "sensor", "WTVB01-BT50 cannot be used: ", doctor(&bus.address).await);
    bluez.close().await.unwrap();

    world.charge.store(6, SeqCst);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    add("flat battery", "battery", "Please charge it soon", doctor(&bus.address).await);
    world.faults.hidden.store(true, SeqCst);
    add("out of reach", "sensor", "bring it closer", doctor(&bus.address).await);
    bluez.close().await.unwrap();

    for (i, (what, name, step, answer)) in told.iter().enumerate() {
        let (state, words) = line(answer, name);
        println!("{what}: {words}");
        assert_eq!(state, "attention", "{what}: {answer}");
        assert!(words.contains(step), "{what}: {words}");
        let same = told[..i].iter().find(|(_, name, _, answer)| line(answer, name).1 == words);
        assert!(same.is_none(), "{what} and {same:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doctor_tells_distance_rate_loss_and_battery_of_a_sensor_in_reach() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    world.charge.store(80, SeqCst);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    let (code, answer) = doctor(&bus.address).await;
    println!("{answer:#}");
    for name in ["message bus", "bluetooth service", "permission", "adapter", "sensor", "distance", "loss", "battery"] {
        assert_eq!(line(&answer, name).0, "fine", "{name}: {answer}");
    }
    assert!(line(&answer, "distance").1.contains("dBm"), "{answer}");
    assert_eq!(line(&answer, "battery").1, "80 %");
    let rate: f64 = line(&answer, "rate").1.split(' ').next().unwrap().parse().unwrap();
    assert!((80.0..=120.0).contains(&rate), "{rate} of 100 Hz: {answer}");
    assert_eq!(code == Some(0), answer["well"] == true, "{answer}");
}
