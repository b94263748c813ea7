//! `lumbard sensor` and `scan` as people use them, against the sensors of the stand-in.

use super::bus::PrivateBus;
use super::faults::STRONG;
use super::program::{lumbard, output};
use super::sensor::Kind;
use super::stand_in::{World, serve, serve_all};
use serde_json::Value as Json;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// SPEC.md §6: show which sensor this is for two seconds.
const IDENTIFY: [u8; 3] = [0x13, 0x02, 0x28];

/// A data folder on a bus.
struct Desk {
    bus: PrivateBus,
    data: tempfile::TempDir,
}

impl Desk {
    fn new() -> Option<Self> {
        Some(Self { bus: PrivateBus::start()?, data: tempfile::tempdir().unwrap() })
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = lumbard(&self.bus.address, args);
        command.arg("--data-dir").arg(self.data.path()).stdin(Stdio::null());
        command
    }

    async fn run(&self, args: &[&str]) -> (Output, Json) {
        output(self.command(args)).await
    }

    /// Runs it, and expects this exit code and these words.
    async fn fails(&self, args: &[&str], code: i32, words: &str) {
        let (out, _) = self.run(args).await;
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.code() == Some(code) && said.contains(words), "{args:?}: {words}: {out:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sensor_is_found_made_known_tried_and_forgotten() {
    let Some(desk) = Desk::new() else { return };
    let worlds = [World::numbered(Kind::Open, 1, "OM-1"), World::numbered(Kind::WitMotion, 2, "WT901BLE68")];
    let _bluez = serve_all(&desk.bus.address, &worlds, true).await.unwrap();
    let [open, _] = &worlds;
    let (out, added) = desk.run(&["sensor", "add", "om-1", "--call", "belt", "--seconds", "1.5", "--json"]).await;
    assert!(out.status.success(), "{out:?}");
    assert_eq!((&added["name"], &added["address"]), (&"belt".into(), &open.address.as_str().into()));
    assert_eq!((&added["family"], &added["role"]), (&"open-motion".into(), &"worn".into()));

    let (_, listed) = desk.run(&["sensor", "list", "--json"]).await;
    assert_eq!(listed, Json::Array(vec![added]));

    let (out, _) = desk.run(&["sensor", "blink", "belt", "--json"]).await;
    assert!(out.status.success() && open.written_at(&IDENTIFY).is_some(), "{out:?}");

    // The only known one is taken, although another is in reach.
    let (out, tried) = desk.run(&["sensor", "test", "--json"]).await;
    assert!(matches!(out.status.code(), Some(0 | 3)), "{out:?}");
    assert_eq!((&tried["address"], &tried["family"]), (&open.address.as_str().into(), &"open-motion".into()));
    assert_eq!(tried["signal"], "vibration");
    assert!(open.written_at(&STRONG).is_some(), "it was asked to buzz");
    // A busy machine may be late; it loses nothing.
    let samples = tried["samples"].as_u64().unwrap();
    assert!((300..=520).contains(&samples) && tried["lost"] == 0, "{tried}");
    assert!((tried["acc_mean_g"].as_f64().unwrap() - 1.0).abs() < 0.1, "{tried}");
    assert_eq!(worlds[1].connects.load(SeqCst), 0);

    let (out, removed) = desk.run(&["sensor", "remove", "BELT", "--json"]).await;
    assert!(out.status.success() && removed["removed"]["name"] == "belt", "{out:?}");
    let (_, listed) = desk.run(&["sensor", "list", "--json"]).await;
    assert_eq!(listed, Json::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_stands_in_the_way_of_a_sensor_has_its_own_words() {
    let Some(desk) = Desk::new() else { return };
    desk.fails(&["sensor", "test", "--wait", "20"], 1, "enable --now bluetooth").await;
    let worlds = [
        World::numbered(Kind::Open, 1, "OM-1"),
        World::numbered(Kind::Open, 2, "OM-1"),
        World::numbered(Kind::Other, 3, "kettle"),
        World::numbered(Kind::WitMotion, 4, "WTVB01-BT50"),
        World::numbered(Kind::WitMotion, 5, "WT901BLE68"),
    ];
    let _bluez = serve_all(&desk.bus.address, &worlds, true).await.unwrap();
    let add = |sensor| vec!["sensor", "add", sensor, "--seconds", "1.5"];
    desk.fails(&add("nobody"), 1, "nobody is not in reach").await;
    desk.fails(&add("kettle"), 1, "no kind of sensor that lumbard knows").await;
    desk.fails(&add("WTVB01-BT50"), 1, "this is a vibration sensor").await;
    desk.fails(&add("OM-1"), 2, "2 sensors in reach are called").await;
    desk.fails(&["sensor", "add", "--seconds", "1.5"], 2, "which one?").await;
    let wrist = ["sensor", "add", "WT901BLE68", "--role", "buzzer", "--seconds", "1.5"];
    desk.fails(&wrist, 2, "can neither vibrate nor sound").await;
    desk.fails(&["sensor", "add", "--kind", "witmotion"], 2, "--kind goes with an address").await;
    desk.fails(&["sensor", "remove", "belt"], 2, "no sensor is known").await;
    desk.fails(&["sensor", "blink", "WT901BLE68"], 1, "can neither blink, buzz nor sound").await;
    desk.fails(&["sensor", "blink", "nobody", "--wait", "3"], 1, "nobody is not in reach").await;
    desk.fails(&["sensor", "blink", "--wait", "0"], 2, "--wait wants").await;
    // Another holds the data folder, and so the sensor.
    let mut daemon = desk.command(&["run", "--source", "simulate:1", "--no-page"]).spawn().unwrap();
    let began = Instant::now();
    loop {
        let (out, _) = desk.run(&["sensor", "blink", "nobody", "--wait", "1"]).await;
        if out.status.code() == Some(5) {
            assert!(String::from_utf8_lossy(&out.stderr).contains("stop it first"), "{out:?}");
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "the daemon starts: {out:?}");
    }
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_takes_the_known_sensor_and_no_other() {
    let Some(desk) = Desk::new() else { return };
    let worlds = [World::numbered(Kind::Open, 1, "OM-other"), World::numbered(Kind::Open, 2, "OM-mine")];
    let _bluez = serve_all(&desk.bus.address, &worlds, true).await.unwrap();
    // Not in reach while it is added, so by its kind alone.
    worlds[1].faults.hidden.store(true, SeqCst);
    let add = ["sensor", "add", &worlds[1].address, "--kind", "open-motion", "--call", "mine"];
    let (out, _) = desk.run(&add).await;
    assert!(out.status.success(), "{out:?}");
    let mut daemon = desk.command(&["run", "--source", "ble", "--no-page"]).spawn().unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    worlds[1].faults.hidden.store(false, SeqCst);
    super::holds("the known one streams", || worlds[1].sent_so_far() > 100).await;
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert_eq!(worlds[0].connects.load(SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_is_known_by_its_manufacturer_data_and_a_look_alike_is_refused() {
    let Some(desk) = Desk::new() else { return };
    let node = World::numbered(Kind::Other, 1, "BOX-PRO");
    // A SensorTile.box as Linux shows it: acceleration and rotation in its mask.
    *node.manufacturer.lock().unwrap() = Some((0x0601, vec![0x00, 0xe2, 0x00, 0x00]));
    let worlds = [node, World::numbered(Kind::WitMotion, 2, "WTVB01-BT50"), World::numbered(Kind::Other, 3, "kettle")];
    let bluez = serve_all(&desk.bus.address, &worlds, true).await.unwrap();
    let (_, json) = desk.run(&["scan", "--seconds", "1.5", "--json"]).await;
    assert_eq!(
        (&json["found"][0]["name"], &json["found"][0]["family"]),
        (&"BOX-PRO".into(), &"bluest".into()),
        "{json}"
    );
    assert_eq!((&json["found"][1]["usable"], &json["other_devices"]), (&false.into(), &1.into()), "{json}");
    let (out, _) = desk.run(&["scan", "--seconds", "1.5"]).await;
    let page = String::from_utf8_lossy(&out.stdout);
    for words in ["with limits", "sets the rate", "cannot be used", "vibration sensor", "other devices: 1"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    bluez.close().await.unwrap();
    let _nobody = serve(&desk.bus.address, &World::numbered(Kind::Other, 3, "kettle"), true).await.unwrap();
    let (out, _) = desk.run(&["scan", "--seconds", "1"]).await;
    assert!(String::from_utf8_lossy(&out.stderr).contains("No sensor in reach (other devices: 1)"), "{out:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_terminal_the_table_of_a_scan_is_drawn_again_in_its_place() {
    let Some(desk) = Desk::new() else { return };
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("SKIPPED: there is no program script here (package bsdutils), so no terminal to draw on");
        return;
    }
    let worlds = [World::numbered(Kind::Open, 1, "OM-1"), World::numbered(Kind::WitMotion, 2, "WT901BLE68")];
    worlds[1].faults.hidden.store(true, SeqCst);
    let bluez = serve_all(&desk.bus.address, &worlds, true).await.unwrap();
    let mut terminal = Command::new("script");
    let scan = format!("{} scan --seconds 3", env!("CARGO_BIN_EXE_lumbard"));
    terminal.args(["-qec", &scan, "/dev/null"]).stdin(Stdio::null());
    terminal.env("DBUS_SYSTEM_BUS_ADDRESS", &desk.bus.address).env("TERM", "xterm");
    let scanning = tokio::task::spawn_blocking(move || terminal.output().unwrap());
    super::holds("the scan is on", || bluez.radio.scans.load(SeqCst) > 0).await;
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    worlds[1].faults.hidden.store(false, SeqCst);
    let out = scanning.await.unwrap();
    let drawn = String::from_utf8_lossy(&out.stdout).into_owned();
    // Each drawing takes away exactly the lines of the one before.
    let tables: Vec<&str> = drawn.split("NAME").skip(1).collect();
    assert!(tables.len() > 3, "{drawn:?}");
    assert!(tables[0].contains("OM-1") && !tables[0].contains("WT901"), "{drawn:?}");
    for table in &tables[..tables.len() - 1] {
        let up = table.split_once("\u{1b}[").and_then(|(_, rest)| rest.split_once('A')).expect("goes up again");
        assert_eq!(up.0.parse::<usize>().unwrap(), table.matches('\n').count(), "{drawn:?}");
    }
    let last = tables.last().unwrap();
    assert!(last.contains("OM-1") && last.contains("WT901BLE68") && !last.contains('\u{1b}'), "{drawn:?}");
}
