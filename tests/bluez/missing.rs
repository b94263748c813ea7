//! Everything that can be missing: each has words of its own that say what to do.

use super::bus::PrivateBus;
use super::client::{Client, Told};
use super::sensor::Kind;
use super::stand_in::{World, lose_link, serve};
use super::{blocked, streaming, wait, wait_for_more};
use std::process::Command;
use std::sync::atomic::Ordering::SeqCst;

/// What `doctor` says of Bluetooth on this bus.
fn doctor(bus: &str) -> String {
    let data = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_lumbard"))
        .args(["doctor", "--json", "--data-dir", data.path().to_str().unwrap()])
        .env("DBUS_SYSTEM_BUS_ADDRESS", bus)
        .output()
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    // The first step on the way to the adapter that is not fine.
    let steps = ["message bus", "bluetooth service", "permission", "adapter"];
    let is_step = |check: &&serde_json::Value| steps.iter().any(|step| check["name"] == *step);
    let wanting = json["checks"].as_array().unwrap().iter().filter(is_step).find(|check| check["state"] != "fine");
    wanting.map_or("all is fine", |check| check["words"].as_str().unwrap()).to_owned()
}

/// What the link says when someone must act, once it does.
async fn link(bus: &str, sensor: &str) -> String {
    let client = wait(Client::wanting(bus, 100.0, sensor, ""), "the reason", |told| reason(told).is_some()).await;
    reason(&client.told).unwrap()
}

fn reason(told: &[Told]) -> Option<String> {
    told.iter().find_map(|told| match told {
        Told::Status(status) => Some(status.strip_prefix("Blocked(\"")?.strip_suffix("\")")?.to_owned()),
        _ => None,
    })
}

async fn asked_doctor(bus: &str) -> String {
    let bus = bus.to_owned();
    tokio::task::spawn_blocking(move || doctor(&bus)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_can_be_missing_has_its_own_words() {
    let Some(bus) = PrivateBus::start() else { return };
    // What is missing, what the link says, and the step that must be named.
    let mut told: Vec<(&str, String, &str)> = Vec::new();
    // `doctor` and the link say the same.
    let mut doctors: Vec<(&str, String)> = Vec::new();

    let nowhere = "unix:path=/nonexistent/bus";
    told.push(("no bus", link(nowhere, "").await, "systemctl start dbus"));
    doctors.push(("no bus", asked_doctor(nowhere).await));
    told.push(("no service", link(&bus.address, "").await, "systemctl enable --now bluetooth"));
    doctors.push(("no service", asked_doctor(&bus.address).await));

    let world = World::new(Kind::Open);
    let bluez = serve(&bus.address, &world, false).await.unwrap();
    told.push(("no adapter", link(&bus.address, "").await, "plug one in"));
    doctors.push(("no adapter", asked_doctor(&bus.address).await));
    bluez.close().await.unwrap();

    let bluez = serve(&bus.address, &world, true).await.unwrap();
    bluez.radio.blocked.store(true, SeqCst);
    told.push(("adapter off", link(&bus.address, "").await, "rfkill unblock bluetooth"));
    bluez.close().await.unwrap();

    let strict = PrivateBus::denying().unwrap();
    let hidden = serve(&strict.address, &world, true).await.unwrap();
    told.push(("no permission", link(&strict.address, "").await, "usermod -aG bluetooth"));
    doctors.push(("no permission", asked_doctor(&strict.address).await));
    hidden.close().await.unwrap();
    world.forget();

    *world.faults.refusal.lock().unwrap() = "le-connection-refused";
    world.faults.refuse_connects.store(1_000, SeqCst);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    told.push(("held by a phone", link(&bus.address, "").await, "close its app on the phone"));
    world.faults.refuse_connects.store(0, SeqCst);
    world.faults.held.store(true, SeqCst);
    told.push(("held by a program", link(&bus.address, "").await, "program here"));
    world.faults.held.store(false, SeqCst);
    bluez.close().await.unwrap();
    world.forget();

    world.faults.wrong_tree.store(true, SeqCst);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    told.push(("stale services", link(&bus.address, "").await, "bluetoothctl remove"));
    world.faults.wrong_tree.store(false, SeqCst);
    bluez.close().await.unwrap();
    world.forget();

    let other = World::numbered(Kind::Other, 4, "HEADSET");
    let bluez = serve(&bus.address, &other, true).await.unwrap();
    told.push(("wrong device", link(&bus.address, "HEADSET").await, "lumbard devices"));
    bluez.close().await.unwrap();
    let alike = World::numbered(Kind::Other, 5, "WTVB01-BT50");
    let bluez = serve(&bus.address, &alike, true).await.unwrap();
    told.push(("look-alike", link(&bus.address, "").await, "WTVB01-BT50 cannot be used: "));
    bluez.close().await.unwrap();

    world.charge.store(6, SeqCst);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    let client = Client::start(&bus.address, 100.0);
    let client = wait(client, "6 %", |told| told.contains(&Told::Battery(6))).await;
    world.faults.hidden.store(true, SeqCst);
    lose_link(&bluez.c, &world).await.unwrap();
    let client = wait(client, "it is flat", blocked("charge it")).await;
    told.push(("flat battery", reason(&client.told).unwrap(), "please charge it"));
    // It comes back by itself.
    world.faults.hidden.store(false, SeqCst);
    wait_for_more(client, "samples of a charged sensor", 200).await;
    bluez.close().await.unwrap();

    println!("{}", told.iter().map(|(what, words, _)| format!("{what}: {words}\n")).collect::<String>());
    for (i, (what, words, step)) in told.iter().enumerate() {
        assert!(words.contains(step), "{what}: {words}");
        let same = told[..i].iter().find(|(_, other, _)| other == words);
        // Two programs that hold it are one matter, told with what the system said.
        assert!(same.is_none(), "{what} and {same:?}: {words}");
    }
    for (what, words) in doctors {
        let link = &told.iter().find(|(told, ..)| *told == what).unwrap().1;
        assert_eq!(words, *link, "{what}: doctor and the link");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_told_and_the_link_comes_up_once_it_is_there() {
    let Some(mut bus) = PrivateBus::start() else { return };
    let address = bus.address.clone();
    bus.kill();
    let client = wait(Client::start(&address, 100.0), "no bus", blocked("message bus cannot be reached")).await;
    bus.restart();
    let client = wait(client, "no service", blocked("service is not running")).await;
    let world = World::new(Kind::WitMotion);
    let without = serve(&bus.address, &world, false).await.unwrap();
    let client = wait(client, "no adapter", blocked("no Bluetooth adapter")).await;
    without.close().await.unwrap();
    let _with = serve(&bus.address, &world, true).await.unwrap();
    wait(client, "streaming", streaming).await;
}
