//! The Bluetooth path, end to end: the real btleplug, the real libdbus, a real dbus-daemon; only bluetoothd
//! is a stand-in, and its sensor speaks the real bytes. Needs no privileges and no hardware, only the
//! program dbus-daemon; without it the tests say loudly that they were skipped (`LUMBARD_REQUIRE_BLUEZ=1`
//! makes that a failure).
//!
//! Times in here are limits against hanging, never measurements.

#![allow(missing_docs, reason = "a test program")]

mod bus;
mod client;
mod program;
mod sensor;
mod stand_in;

use bus::PrivateBus;
use client::{Client, Told};
use sensor::Kind;
use stand_in::{World, lose_link, serve};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

/// Enough for anything on a busy machine.
const LONG: Duration = Duration::from_secs(60);

#[test]
#[ignore = "the client's side; the other tests start it"]
fn the_client() {
    client::run();
}

fn streaming(told: &[Told]) -> bool {
    Client::samples(told) > 100
}

fn blocked(words: &'static str) -> impl FnMut(&[Told]) -> bool {
    move |told| matches!(told.last(), Some(Told::Status(status)) if status.contains(words))
}

/// Everything that came, against everything that was sent: a stretch of it, in order, without a hole.
fn assert_nothing_lost(told: &[Told], world: &World) {
    let sent = world.sent.lock().unwrap().clone();
    let numbers: Vec<u64> = told
        .iter()
        .filter_map(|told| if let Told::Sample { number, .. } = told { Some(*number) } else { None })
        .collect();
    let begun = sent.iter().position(|n| *n == numbers[0]).expect("the first sample was sent");
    let same = numbers.iter().zip(&sent[begun..]).take_while(|(came, sent)| came == sent).count();
    assert_eq!(same, numbers.len(), "a hole or a swap at sample {:?}", numbers.get(same));
    let times: Vec<i64> =
        told.iter().filter_map(|told| if let Told::Sample { t_ns, .. } = told { Some(*t_ns) } else { None }).collect();
    assert!(times.is_sorted_by(|a, b| a < b), "time went backward");
}

async fn stream_through_a_lost_link(kind: Kind) {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(kind);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    let mut client = Client::start(&bus.address, 200.0);
    let client = tokio::task::spawn_blocking(move || {
        client.until("1,000 samples", LONG, |told| Client::samples(told) >= 1_000);
        client
    });
    let mut client = client.await.unwrap();
    lose_link(&bluez, &world).await.unwrap();
    let sent_before = world.sent_so_far();
    let mut client = tokio::task::spawn_blocking(move || {
        let before = Client::samples(&client.told);
        client.until("1,000 more after the link was lost", LONG, |told| Client::samples(told) >= before + 1_200);
        client
    })
    .await
    .unwrap();
    assert!(client.told.contains(&Told::Begin { rate_hz: 200.0 }));
    assert!(sent_before >= 1_000);
    client.told.retain(|told| !matches!(told, Told::Battery(_)));
    assert_nothing_lost(&client.told, &world);
    let gaps: Vec<&Told> = client.told.iter().filter(|told| matches!(told, Told::Gap { .. })).collect();
    let [Told::Gap { lost, cause, .. }] = gaps[..] else { panic!("one gap, for the lost link: {gaps:?}") };
    assert_eq!(cause, "Disconnected");
    // What the sensor counted while nobody heard it.
    let numbers = client.numbers();
    let hole = numbers.windows(2).map(|pair| pair[1] - pair[0] - 1).max().unwrap();
    match kind {
        Kind::Open => assert_eq!(u64::from(*lost), hole),
        // Without a counter the arrivals tell: within two periods and a tenth of a second of scheduling.
        Kind::WitMotion => assert!(hole.abs_diff(u64::from(*lost)) <= 22, "{lost} told, {hole} lost"),
    }
    tokio::task::spawn_blocking(move || client.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn witmotion_at_200_hz_loses_nothing_through_a_lost_link() {
    stream_through_a_lost_link(Kind::WitMotion).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_open_profile_at_200_hz_loses_nothing_through_a_lost_link() {
    stream_through_a_lost_link(Kind::Open).await;
}

/// A client on a bus, moved to a thread for each wait so that the stand-in goes on.
async fn wait(mut client: Client, what: &'static str, enough: impl FnMut(&[Told]) -> bool + Send + 'static) -> Client {
    tokio::task::spawn_blocking(move || {
        client.until(what, LONG, enough);
        client
    })
    .await
    .unwrap()
}

/// Waits for so many more samples than there are.
async fn wait_for_more(client: Client, what: &'static str) -> Client {
    let enough = Client::samples(&client.told) + 200;
    wait(client, what, move |told| Client::samples(told) >= enough).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_goes_silent_is_noticed_and_made_anew() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    let client = wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    let connects = world.connects.load(SeqCst);
    world.silent.store(true, SeqCst);
    let client = wait(client, "the silence is told", |told| told.contains(&Told::Silence)).await;
    let world_then = world.clone();
    let client = wait(client, "a new connection", move |_| world_then.connects.load(SeqCst) > connects).await;
    world.silent.store(false, SeqCst);
    let client = wait_for_more(client, "samples after the silence").await;
    assert!(client.told.iter().any(|told| matches!(told, Told::Status(status) if status == "Quiet")));
    assert_nothing_lost(&client.told, &world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_connection_is_tried_again() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    world.refuse_connects.store(2, SeqCst);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    assert!(world.connects.load(SeqCst) >= 3);
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
    wait_for_more(client, "samples from the new service").await;
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
    let client = wait_for_more(client, "samples over the new bus").await;
    tokio::task::spawn_blocking(move || client.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_reaches_the_sensor_while_it_streams() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    let mut client = wait(Client::start(&bus.address, 100.0), "streaming", streaming).await;
    client.signal();
    let client = wait_for_more(client, "more samples").await;
    // SPEC.md §6: vibrate 200 ms once at full strength.
    assert!(world.has_written(&[0x11, 0x14, 0x00, 0x01, 0x64, 0x05]), "{:?}", world.writes.lock().unwrap());
    assert_nothing_lost(&client.told, &world);
}
