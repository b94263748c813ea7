//! Twenty drops in a simulated hour, through the bytes of a sensor: how soon samples come again after it is in
//! reach, how true the gaps are, and that nothing comes twice. The waits are the link's own (`reconnect`); how
//! long advertising and connecting take is drawn from what was measured or is usual.

use super::super::worn_day;
use super::*;
use crate::frames::Placement;
use crate::link::reconnect::Reconnect;
use crate::link::session::SILENT_AFTER;
use crate::raw::{RawFormat, RawSample};

const DROPS: u32 = 20;
const RATE_HZ: f64 = 100.0;
/// Source: issue 4; two periods are less at this rate.
const GAP_WITHIN_S: f64 = 0.05;
/// Source: issue 4.
const BACK_WITHIN_S: f64 = 10.0;
/// Most sensors show themselves once to ten times a second.
const ADVERTISED_S: (f64, f64) = (0.1, 1.0);
/// Connecting and reading services: 0.2 to 0.5 s against a real bluetoothd; ten times that on bad air.
const CONNECTED_S: (f64, f64) = (0.2, 3.0);
/// How long bluetoothd takes to end a connection that went silent.
const ENDED_S: f64 = 2.0;

/// The quickest way back, as the waits above have it.
const SHORTEST_DROP_S: f64 = 0.75;

/// A time out of reach, and when the link stands again.
struct Drop {
    lost_s: f64,
    in_reach_s: f64,
    connected_s: f64,
}

/// The golden ratio's fractions: spread evenly, the same on every machine.
fn between((low, high): (f64, f64), n: u32) -> f64 {
    low + (high - low) * (f64::from(n) * 0.618_033_988_749).fract()
}

fn drop(n: u32) -> Drop {
    let lost_s = 100.0 + 170.0 * f64::from(n);
    // From a moment to a minute and a half.
    let in_reach_s = lost_s + between((0.0, 90.0), n);
    // Half of them are told by BlueZ; of the others only silence tells.
    let told_s = if n.is_multiple_of(2) { 0.0 } else { SILENT_AFTER.as_secs_f64() + 0.25 + ENDED_S };
    let mut reconnect = Reconnect::default();
    let mut now_s = lost_s + told_s;
    loop {
        now_s += reconnect.failed().as_secs_f64();
        let until_s = now_s + Reconnect::look(std::time::Duration::from_secs_f64(now_s - lost_s)).as_secs_f64();
        let seen_s = now_s.max(in_reach_s) + between(ADVERTISED_S, n + 7);
        if seen_s < until_s {
            return Drop { lost_s, in_reach_s, connected_s: seen_s + between(CONNECTED_S, n + 3) };
        }
        now_s = until_s;
    }
}

async fn play(play: Play, kept: Vec<Reading>) -> Vec<Item> {
    let (sender, mut items) = tokio::sync::mpsc::channel(1024);
    let thread = tokio::task::spawn_blocking(move || {
        let _ = run_over(&play, kept.into_iter(), &sender);
    });
    let mut all = Vec::new();
    while let Some(item) = items.recv().await {
        all.push(item);
    }
    thread.await.unwrap();
    all
}

/// Each sample is a reading, each reading is used once, and in order. Gives the reading of each.
fn readings_of(samples: &[RawSample], format: RawFormat, kept: &[Reading]) -> Vec<Reading> {
    let mut left = kept.iter();
    let same = |raw: &RawSample, reading: &Reading| {
        let sample = format.sample(raw);
        (sample.acc - reading.acc_g).norm() < 1e-9 && (sample.gyr.unwrap() - reading.gyr).norm() < 1e-9
    };
    let found = |raw| *left.find(|reading| same(raw, reading)).expect("a sample twice, or out of order");
    samples.iter().map(found).collect()
}

async fn twenty_drops(speaks: Speaks) {
    let simulation = worn_day(5, 1.0, RATE_HZ, Placement::L3);
    let drops: Vec<Drop> = (0..DROPS).map(drop).collect();
    let heard = |reading: &Reading| {
        let t_s = reading.t.seconds();
        !drops.iter().any(|drop| (drop.lost_s..drop.connected_s).contains(&t_s))
    };
    let kept: Vec<Reading> = simulation.readings().filter(heard).collect();
    let (start, zone) = (WallTime(1_000_000_000_000_000_000), "Etc/UTC".to_owned());
    let items = play(Play { simulation, speaks, speed: Speed::Max, start, zone }, kept.clone()).await;
    let begins: Vec<_> =
        items.iter().filter_map(|item| if let Item::Begin(begin) = item { Some(begin) } else { None }).collect();
    assert_eq!(begins.len(), 1, "one recording over all connections");
    let samples: Vec<RawSample> =
        items.iter().filter_map(|item| if let Item::Sample(raw) = item { Some(*raw) } else { None }).collect();
    assert!(samples.is_sorted_by(|a, b| a.t < b.t));
    let readings = readings_of(&samples, begins[0].format, &kept);
    assert!(kept.len() - samples.len() <= 30 * DROPS as usize, "{} of {} came", samples.len(), kept.len());

    let gap = |item: &Item| match item {
        // The day itself loses a packet now and then.
        Item::Gap { from, to, .. } if to.since(*from).0 > SHORTEST_DROP_S => Some((*from, *to)),
        _ => None,
    };
    let gaps: Vec<(Time, Time)> = items.iter().filter_map(gap).collect();
    assert_eq!(gaps.len(), drops.len(), "one gap for each drop");
    let (mut worst_s, mut back_s) = (0.0_f64, Vec::new());
    for ((from, to), drop) in gaps.into_iter().zip(&drops) {
        let after = samples.iter().position(|raw| raw.t == to).unwrap();
        let truth_s = readings[after].t.since(readings[after - 1].t).0;
        worst_s = worst_s.max((to.since(from).0 - truth_s).abs());
        let arrived_s = (samples[after].arrival.unwrap().0 as f64 - SET_UP_NS as f64) * 1e-9;
        back_s.push(arrived_s - drop.in_reach_s);
    }
    back_s.sort_by(f64::total_cmp);
    let (median_s, slowest_s) = (back_s[back_s.len() / 2], back_s[back_s.len() - 1]);
    println!(
        "{speaks:?}, {DROPS} drops in an hour: streaming again after {median_s:.2} s (median, {slowest_s:.2} s at \
         most); gaps off by {:.1} ms at most",
        worst_s * 1e3
    );
    assert!(median_s <= BACK_WITHIN_S && worst_s <= GAP_WITHIN_S, "{median_s} s, {worst_s} s");
}

#[tokio::test]
async fn twenty_drops_in_a_simulated_hour_with_a_counter() {
    twenty_drops(Speaks::OpenMotion).await;
}

#[tokio::test]
async fn twenty_drops_in_a_simulated_hour_without_a_counter() {
    twenty_drops(Speaks::WitMotion).await;
}
