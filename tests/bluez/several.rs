//! Several known sensors: the first that is seen is worn, one at a time; a buzzer beside it.

use super::bus::PrivateBus;
use super::client::{Client, Told};
use super::faults::STRONG;
use super::sensor::Kind;
use super::stand_in::{World, lose_link, serve_all};
use super::{assert_nothing_lost, holds, stop, streaming, wait, wait_for_more};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

fn begun(told: &[Told]) -> Vec<&str> {
    told.iter()
        .filter_map(|told| if let Told::Begin { name, .. } = told { Some(name.as_str()) } else { None })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_that_is_seen_is_worn_and_another_takes_its_place_when_it_is_gone() {
    let Some(bus) = PrivateBus::start() else { return };
    let [old, new, strange] =
        [(1, "OM-old"), (2, "OM-new"), (3, "OM-strange")].map(|(n, name)| World::numbered(Kind::Open, n, name));
    old.faults.hidden.store(true, SeqCst);
    let all = [old.clone(), new.clone(), strange.clone()];
    let bluez = serve_all(&bus.address, &all, true).await.unwrap();
    let client = Client::wanting(&bus.address, 100.0, &format!("OM-old,{}", new.address), "");
    let client = wait(client, "streaming", streaming).await;
    assert_eq!(begun(&client.told), ["OM-new"]);
    // The other one wakes up, and a drop of a moment is no reason to take it.
    old.faults.hidden.store(false, SeqCst);
    lose_link(&bluez.c, &new).await.unwrap();
    let client = wait_for_more(client, "samples of the same sensor", 200).await;
    assert_eq!((begun(&client.told), old.connects.load(SeqCst)), (vec!["OM-new"], 0));
    assert_nothing_lost(&client.told, &new);
    // Its battery is empty: a minute later the other one is taken.
    new.faults.hidden.store(true, SeqCst);
    lose_link(&bluez.c, &new).await.unwrap();
    let client = tokio::task::spawn_blocking(move || {
        let mut client = client;
        client.until("the other one", Duration::from_secs(100), |told| begun(told).len() == 2);
        client
    });
    let client = wait_for_more(client.await.unwrap(), "samples of the other one", 200).await;
    assert_eq!(begun(&client.told), ["OM-new", "OM-old"]);
    let from = client.told.iter().rposition(|told| matches!(told, Told::Begin { .. })).unwrap();
    assert_nothing_lost(&client.told[from..], &old);
    assert_eq!(strange.connects.load(SeqCst), 0);
    stop(client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_buzzer_at_the_wrist_buzzes_beside_a_sensor_that_cannot() {
    let Some(bus) = PrivateBus::start() else { return };
    let worn = World::numbered(Kind::WitMotion, 1, "WT901BLE68");
    let wrist = World::numbered(Kind::Open, 2, "OM-wrist");
    let bluez = serve_all(&bus.address, &[worn.clone(), wrist.clone()], true).await.unwrap();
    let client = Client::wanting(&bus.address, 200.0, "WT901BLE68", "OM-wrist");
    let mut client = wait(client, "streaming", streaming).await;
    holds("the buzzer is connected", || wrist.is_connected()).await;
    // Its info is read, and then it can be asked.
    client = wait_for_more(client, "a moment", 400).await;
    client.signal();
    holds("it buzzes", || wrist.written_at(&STRONG).is_some()).await;
    // It is found again after it was out of reach, and no sample of the worn one is lost over all that.
    let client = wait_for_more(client, "more samples", 400).await;
    assert_nothing_lost(&client.told, &worn);
    assert!(!client.told.iter().any(|told| matches!(told, Told::Gap { .. })), "no gap from the buzzer's scan");
    assert_eq!(wrist.sent_so_far(), 0, "its samples are not asked for");
    drop(bluez);
    stop(client).await;
}
