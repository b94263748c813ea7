//! The Bluetooth path, end to end: the real btleplug, the real libdbus, a real dbus-daemon; only bluetoothd
//! is a stand-in, and its sensors speak the real bytes. Needs no privileges and no hardware, only the
//! program dbus-daemon; without it the tests say loudly that they were skipped (`LUMBARD_REQUIRE_BLUEZ=1`
//! makes that a failure).
//!
//! Times in here are limits against hanging, unless a test says that it measures.

#![allow(missing_docs, reason = "a test program")]

mod bare;
mod bus;
mod client;
mod doctor;
mod drops;
mod faults;
mod known;
mod missing;
mod program;
mod rates;
mod sensor;
mod several;
mod stand_in;

use client::{Client, Told};
use stand_in::World;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

/// Enough for anything on a busy machine.
const LONG: Duration = Duration::from_secs(60);

#[test]
#[ignore = "the client's side; the other tests start it"]
fn the_client() {
    client::run();
}

#[test]
#[ignore = "a reader to compare with; another test starts it"]
fn the_bare_reader() {
    bare::run();
}

fn streaming(told: &[Told]) -> bool {
    Client::samples(told) > 100
}

fn blocked(words: &'static str) -> impl FnMut(&[Told]) -> bool {
    move |told| matches!(told.last(), Some(Told::Status(status)) if status.contains(words))
}

/// Everything that came, against everything that was sent: a stretch of it, in order, without a hole.
fn assert_nothing_lost(told: &[Told], world: &World) {
    let numbers: Vec<u64> = Client::numbers_in(told);
    let sent = world.numbers_with(numbers[numbers.len() - 1]);
    let begun = sent.iter().position(|n| *n == numbers[0]).expect("the first sample was sent");
    let same = numbers.iter().zip(&sent[begun..]).take_while(|(came, sent)| came == sent).count();
    assert_eq!(same, numbers.len(), "a hole or a swap at sample {:?}", numbers.get(same));
    let t_ns = |told: &Told| if let Told::Sample { t_ns, .. } = told { Some(*t_ns) } else { None };
    let times: Vec<i64> = told.iter().filter_map(t_ns).collect();
    assert!(times.is_sorted_by(|a, b| a < b), "time went backward");
    assert_eq!(world.overlaps.load(SeqCst), 0, "a read or write came while one was under way");
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
async fn wait_for_more(client: Client, what: &'static str, more: usize) -> Client {
    let enough = Client::samples(&client.told) + more;
    wait(client, what, move |told| Client::samples(told) >= enough).await
}

/// Ends the client, which must not have panicked.
async fn stop(client: Client) -> Vec<Told> {
    tokio::task::spawn_blocking(move || client.stop()).await.unwrap()
}

/// Waits until something holds in the stand-in.
async fn holds(what: &str, mut condition: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(LONG, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("{what}: not within {LONG:?}"));
}
