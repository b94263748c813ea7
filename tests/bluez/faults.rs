//! What BlueZ, the bus and the air do wrong, one at a time: the link goes on.

use super::bus::PrivateBus;
use super::client::{Client, Told};
use super::sensor::Kind;
use super::stand_in::{World, lose_link, serve, serve_all};
use super::{assert_nothing_lost, blocked, holds, stop, streaming, wait, wait_for_more};
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// SPEC.md §6: vibrate 200 ms once at full strength.
pub(crate) const STRONG: [u8; 6] = [0x11, 0x14, 0x00, 0x01, 0x64, 0x05];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_goes_silent_is_noticed_and_made_anew() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    let client = wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    let connects = world.connects.load(SeqCst);
    world.faults.silent.store(true, SeqCst);
    let client = wait(client, "the silence is told", |told| told.contains(&Told::Silence)).await;
    holds("a new connection", || world.connects.load(SeqCst) > connects).await;
    world.faults.silent.store(false, SeqCst);
    let client = wait_for_more(client, "samples after the silence", 200).await;
    assert!(client.told.iter().any(|told| matches!(told, Told::Status(status) if status == "Quiet")));
    assert_nothing_lost(&client.told, &world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_connection_is_tried_again() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    world.faults.refuse_connects.store(2, SeqCst);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    assert!(world.connects.load(SeqCst) >= 3);
    // A failed call may leave the link up.
    assert!(world.disconnects.load(SeqCst) >= 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connect_that_never_answers_is_ended_and_tried_again() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    // Three in a row: a sensor that does not answer is no dead bus, which would be opened anew after two.
    world.faults.hang_connects.store(3, SeqCst);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    let client = wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    assert_eq!((world.connects.load(SeqCst), world.disconnects.load(SeqCst)), (4, 3));
    stop(client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_that_come_late_are_read_again() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    world.faults.late_trees.store(1, SeqCst);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    let client = wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    assert_eq!(world.connects.load(SeqCst), 1, "on the first connection");
    assert_nothing_lost(&client.told, &world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_that_is_already_on_is_no_failure() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    bluez.radio.busy_scans.store(1, SeqCst);
    wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    assert_eq!(bluez.radio.scans.load(SeqCst), 0, "the scan that was on did");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_devices_around_are_left_alone() {
    let Some(bus) = PrivateBus::start() else { return };
    let around: Vec<_> = (2..12).map(|n| World::numbered(Kind::Other, n, &format!("thing-{n}"))).collect();
    let world = World::new(Kind::Open);
    let mut all = around.clone();
    all.push(world.clone());
    let _bluez = serve_all(&bus.address, &all, true).await.unwrap();
    let client = wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    assert_nothing_lost(&client.told, &world);
    assert_eq!(around.iter().map(|other| other.connects.load(SeqCst)).sum::<u32>(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_comes_late_is_read_again() {
    let Some(bus) = PrivateBus::start() else { return };
    // Known by its name alone: its service is not in what it advertises.
    let world = World::new(Kind::WitMotion);
    world.faults.nameless.store(5, SeqCst);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    assert_eq!(world.faults.nameless.load(SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_link_ends_within_two_seconds_of_being_asked_to() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    world.faults.slow_disconnects.store(true, SeqCst);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    let client = wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    let asked = Instant::now();
    stop(client).await;
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    // And the sensor is free for others soon after.
    holds("the connection is ended", || !world.is_connected()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bluetooth_service_that_dies_and_comes_back_is_used_again() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    let client = wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    bluez.close().await.unwrap();
    world.forget();
    let client = wait(client, "the service is missed", blocked("service is not running")).await;
    let _again = serve(&bus.address, &world, true).await.unwrap();
    let client = wait_for_more(client, "samples from the new service", 200).await;
    assert_nothing_lost(&client.told, &world);
    stop(client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_that_dies_and_comes_back_is_used_again() {
    let Some(mut bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    let client = wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    bus.kill();
    drop(bluez);
    world.forget();
    let client = wait(client, "the bus is missed", blocked("message bus cannot be reached")).await;
    bus.restart();
    let _again = serve(&bus.address, &world, true).await.unwrap();
    let client = wait_for_more(client, "samples over the new bus", 200).await;
    assert_nothing_lost(&client.told, &world);
    stop(client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_that_never_answers_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("bus");
    let _silent = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let client = Client::start(&format!("unix:path={}", socket.display()), 100.0);
    let told = |told: &[Told]| matches!(told.last(), Some(Told::Status(status)) if status.contains("message bus"));
    let client = wait(client, "the bus is missed", told).await;
    // The call that hangs does not hold up the end.
    let asked = Instant::now();
    stop(client).await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adapter_that_is_switched_off_and_on_is_used_again() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    let client = wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    bluez.switch_off().await.unwrap();
    let client = wait(client, "the adapter is missed", blocked("rfkill unblock bluetooth")).await;
    bluez.radio.blocked.store(false, SeqCst);
    let client = wait_for_more(client, "samples over the adapter", 200).await;
    assert_nothing_lost(&client.told, &world);
    assert_eq!(client.told.iter().filter(|told| matches!(told, Told::Gap { .. })).count(), 1);
    stop(client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_overtakes_what_waits() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    // The charge is asked for as soon as samples come, and never told: four seconds for everything behind it.
    world.faults.hang_reads.store(true, SeqCst);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    let mut client = wait(Client::start(&bus.address, 100.0), "streaming", |told| Client::samples(told) > 20).await;
    let asked = Instant::now();
    client.signal();
    holds("the signal", || world.written_at(&STRONG).is_some()).await;
    let after = world.written_at(&STRONG).unwrap().duration_since(asked);
    println!("a signal reached the sensor {after:?} after it was asked for, past a read that hangs");
    assert!(after < Duration::from_secs(1), "{after:?}");
    world.faults.hang_reads.store(false, SeqCst);
    let client = wait_for_more(client, "more samples", 200).await;
    assert_nothing_lost(&client.told, &world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_that_is_refused_is_tried_again_for_a_second_and_no_longer() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    let mut client = wait(Client::start(&bus.address, 100.0), "streaming", |told| Client::samples(told) > 100).await;
    // Far more than a second can hold: what is left over tells how many were tried.
    world.faults.refuse_writes.store(1_000, SeqCst);
    client.signal();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let tried = 1_000 - world.faults.refuse_writes.swap(0, SeqCst);
    assert!((2..=11).contains(&tried), "{tried}");
    assert!(world.written_at(&STRONG).is_none(), "a buzz that comes late is worse than none");

    world.faults.refuse_writes.store(2, SeqCst);
    let asked = Instant::now();
    client.signal();
    holds("the signal", || world.written_at(&STRONG).is_some()).await;
    let after = world.written_at(&STRONG).unwrap().duration_since(asked);
    println!("a signal that was refused twice reached the sensor {after:?} after it was asked for");
    assert!(after >= Duration::from_millis(200) && after < Duration::from_millis(1_100), "{after:?}");
    let client = wait_for_more(client, "more samples", 200).await;
    assert_nothing_lost(&client.told, &world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_charge_is_asked_for_and_a_low_one_is_told() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    world.charge.store(20, SeqCst);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    let low = |told: &[Told]| told.contains(&Told::BatteryLow(20));
    let client = wait(Client::start(&bus.address, 100.0), "20 % is told", low).await;
    assert!(client.told.contains(&Told::Battery(20)));
    // Asked anew on the next connection, and told for the next limit alone.
    world.charge.store(19, SeqCst);
    lose_link(&bluez.c, &world).await.unwrap();
    let client = wait(client, "19 %", |told| told.contains(&Told::Battery(19))).await;
    world.charge.store(10, SeqCst);
    lose_link(&bluez.c, &world).await.unwrap();
    let client = wait(client, "10 % is told", |told| told.contains(&Told::BatteryLow(10))).await;
    assert_eq!(client.told.iter().filter(|told| matches!(told, Told::BatteryLow(_))).count(), 2);
}
