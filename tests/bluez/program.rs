//! The program itself as a child: `lumbard scan`, and `lumbard run` into a store.

use super::bus::PrivateBus;
use super::sensor::Kind;
use super::stand_in::{ADDRESS, World, lose_link, serve};
use std::process::{Command, Output};
use std::time::Duration;

pub(super) fn lumbard(bus: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lumbard"));
    command.env("LC_ALL", "C");
    command.args(args).env("DBUS_SYSTEM_BUS_ADDRESS", bus).env("NO_COLOR", "1");
    command
}

pub(super) async fn output(mut command: Command) -> (Output, serde_json::Value) {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output, json)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scan_lists_the_sensor_and_how_well_it_suits() {
    let Some(bus) = PrivateBus::start() else { return };
    for kind in [Kind::WitMotion, Kind::Open] {
        let bluez = serve(&bus.address, &World::new(kind), true).await.unwrap();
        let (output, json) = output(lumbard(&bus.address, &["scan", "--for", "1.5", "--json"])).await;
        assert!(output.status.success(), "{output:?}");
        let found = &json["found"][0];
        assert_eq!((&found["name"], &found["address"]), (&kind.name().into(), &ADDRESS.into()), "{json}");
        assert_eq!(found["usable"], true);
        assert!(found["live_warnings"].as_str().unwrap().contains("well suited"), "{json}");
        bluez.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scan_says_what_is_missing_and_what_to_do() {
    let Some(bus) = PrivateBus::start() else { return };
    let (out, _) = output(lumbard("unix:path=/nonexistent/bus", &["scan", "--for", "1"])).await;
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("message bus cannot be reached"), "{out:?}");
    let (out, _) = output(lumbard(&bus.address, &["scan", "--for", "1"])).await;
    assert!(String::from_utf8_lossy(&out.stderr).contains("enable --now bluetooth"), "{out:?}");
    let _without = serve(&bus.address, &World::new(Kind::Open), false).await.unwrap();
    let (out, _) = output(lumbard(&bus.address, &["scan", "--for", "1"])).await;
    assert!(String::from_utf8_lossy(&out.stderr).contains("no Bluetooth adapter"), "{out:?}");
}

/// The number under a key, or the length of the list there.
fn count(json: &serde_json::Value, key: &str) -> u64 {
    json[key].as_u64().unwrap_or_else(|| json[key].as_array().map_or(0, |list| list.len() as u64))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_stores_every_sample_through_a_lost_link() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let data_dir = data.path().to_str().unwrap();
    let args = ["run", "--source", "ble", "--sensor", ADDRESS, "--data-dir", data_dir, "--no-page"];
    let mut daemon = lumbard(&bus.address, &args).spawn().unwrap();
    sent(&world, 600).await;
    lose_link(&bluez.c, &world).await.unwrap();
    sent(&world, 1_200).await;
    // One second for what is under way; the stop itself then commits everything that came.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let stopped = Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let status = tokio::task::spawn_blocking(move || daemon.wait().unwrap()).await.unwrap();
    assert!(status.success(), "{status:?}");
    let all_sent = world.sent_so_far() as u64;
    let (out, json) = output(lumbard(&bus.address, &["recordings", "show", "--json", "--data-dir", data_dir])).await;
    assert!(out.status.success(), "{out:?}");
    // Samples on their way while the daemon stops are not its own any more: a quarter of a second of them.
    let stored = count(&json, "samples");
    assert!((1_200..=all_sent).contains(&stored) && all_sent - stored <= 25, "{stored} of {all_sent}: {json}");
    assert_eq!(count(&json, "gaps"), 1, "{json}");
}

/// Waits until the sensor has sent so many samples.
async fn sent(world: &World, samples: usize) {
    let waited = tokio::time::timeout(Duration::from_secs(60), async {
        while world.sent_so_far() < samples {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    waited.await.expect("the daemon connects and subscribes within a minute");
}
