//! Samples at the rate of a sensor and far above: none lost, and how long they are on their way.

use super::bus::PrivateBus;
use super::client::{Client, Told};
use super::sensor::Kind;
use super::stand_in::{World, lose_link, serve};
use super::{assert_nothing_lost, stop, streaming, wait, wait_for_more};
use std::collections::HashMap;

async fn stream_through_a_lost_link(kind: Kind) {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(kind);
    let bluez = serve(&bus.address, &world, true).await.unwrap();
    let client = wait_for_more(Client::start(&bus.address, 200.0), "1,000 samples", 1_000).await;
    lose_link(&bluez.c, &world).await.unwrap();
    let sent_before = world.sent_so_far();
    let client = wait_for_more(client, "1,000 more after the link was lost", 1_200).await;
    let begin = Told::Begin { rate_hz: 200.0, name: world.name.clone() };
    assert!(client.told.contains(&begin));
    assert!(sent_before >= 1_000);
    assert_nothing_lost(&client.told, &world);
    let gaps: Vec<&Told> = client.told.iter().filter(|told| matches!(told, Told::Gap { .. })).collect();
    let [Told::Gap { lost, cause, .. }] = gaps[..] else { panic!("one gap, for the lost link: {gaps:?}") };
    assert_eq!(cause, "Disconnected");
    // What the sensor counted while nobody heard it.
    let numbers = Client::numbers_in(&client.told);
    let hole = numbers.windows(2).map(|pair| pair[1] - pair[0] - 1).max().unwrap();
    match kind {
        Kind::Open => assert_eq!(u64::from(*lost), hole),
        // Without a counter the arrivals tell: within two periods and a tenth of a second of scheduling.
        _ => assert!(hole.abs_diff(u64::from(*lost)) <= 22, "{lost} told, {hole} lost"),
    }
    stop(client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn witmotion_at_200_hz_loses_nothing_through_a_lost_link() {
    stream_through_a_lost_link(Kind::WitMotion).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_open_profile_at_200_hz_loses_nothing_through_a_lost_link() {
    stream_through_a_lost_link(Kind::Open).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_notifications_a_second_all_come() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    let client = wait_for_more(Client::start(&bus.address, 1_000.0), "8,000 samples", 8_000).await;
    assert_nothing_lost(&client.told, &world);
    let told = stop(client).await;
    assert!(!told.iter().any(|told| matches!(told, Told::Gap { .. })));
    println!("1,000 notifications a second: {} came, none lost", Client::samples(&told));
}

/// From the stand-in's sending to us, in ms: the share `p` of all is below.
fn latency_ms(told: &[Told], sent_at: &HashMap<u64, u64>, p: f64) -> f64 {
    let late = |told: &Told| match told {
        Told::Sample { number, at_ns, .. } => Some(at_ns.saturating_sub(*sent_at.get(number)?) as f64 * 1e-6),
        _ => None,
    };
    let mut all: Vec<f64> = told.iter().filter_map(late).collect();
    all.sort_by(f64::total_cmp);
    all[((all.len() - 1) as f64 * p) as usize]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_p99_stands_beside_that_of_a_bare_reader() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    let ours = wait(Client::start(&bus.address, 200.0), "streaming", streaming).await;
    let bare = wait(Client::bare(&bus.address), "the bare reader reads too", streaming).await;
    let (from_ours, from_bare) = (ours.told.len(), bare.told.len());
    let (ours, bare) = tokio::join!(wait_for_more(ours, "ours", 3_000), wait_for_more(bare, "bare", 3_000));
    let sent_at = world.sent_at();
    for (name, told) in [("lumbard", &ours.told[from_ours..]), ("bare btleplug", &bare.told[from_bare..])] {
        let [p50, p99, most] = [0.5, 0.99, 1.0].map(|p| latency_ms(told, &sent_at, p));
        println!("200 Hz over the private bus, {name}: p50 {p50:.2} ms, p99 {p99:.2} ms, max {most:.2} ms");
    }
    assert_nothing_lost(&ours.told, &world);
    assert_nothing_lost_by_number(&bare.told, &world);
}

/// The bare reader knows no times.
fn assert_nothing_lost_by_number(told: &[Told], world: &World) {
    let numbers = Client::numbers_in(told);
    let sent = world.numbers_with(numbers[numbers.len() - 1]);
    let begun = sent.iter().position(|n| *n == numbers[0]).expect("the first sample was sent");
    assert_eq!(numbers[..], sent[begun..begun + numbers.len()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_notifications_leave_the_client_no_larger() {
    let Some(bus) = PrivateBus::start() else { return };
    let world = World::new(Kind::Open);
    let _bluez = serve(&bus.address, &world, true).await.unwrap();
    // Unread, 20,000 of them take 10 MB, and twice that, for the adapter's stream gets each as well.
    let client = wait_for_more(Client::start(&bus.address, 1_000.0), "2,000 samples", 2_000).await;
    let before = client.memory_mib();
    let client = wait_for_more(client, "18,000 samples", 18_000).await;
    let after = client.memory_mib();
    println!("memory of the client: {before:.1} MiB after 2,000 notifications, {after:.1} MiB after 20,000");
    assert!(after < before + 4.0, "{before} MiB, then {after}");
}
