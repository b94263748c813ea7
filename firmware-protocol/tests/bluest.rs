//! BlueST: which characteristic, how long a tick is, wraps, losses, new starts, battery.
#![cfg(feature = "peripheral")]

mod host;

use firmware_protocol::bluest::peripheral::Peripheral;
use firmware_protocol::bluest::wire::{self, ACC, BATTERY, Features, GYR};
use firmware_protocol::bluest::{self, BlueSt};
use firmware_protocol::session::{Action, Event, Refusal, Session, Signal, Wanted};
use host::{Answer, Host};

fn answer(sensor: &mut Peripheral, action: &Action<'_>) -> Option<Answer> {
    match *action {
        Action::Subscribe(at) if !sensor.has(at) => Some(Answer::Failed(at)),
        _ => None,
    }
}

fn connected(sensor: Peripheral) -> Host<BlueSt, Peripheral> {
    let mut host = Host::new(BlueSt::new(Wanted { rate_hz: 100.0 }), sensor, answer);
    host.connect();
    host
}

/// Streams for this long; the sensor's clock shows this much more than the host's.
fn stream(host: &mut Host<BlueSt, Peripheral>, ms: u64, ahead_ms: u64) {
    for _ in 0..ms / 50 {
        let sample = host.sensor.sample(host.now_ms + ahead_ms, [12, -8, 1003], [1, -2, 0], [210, -33, 405]);
        host.notify(host.sensor.motion(), sample.as_slice());
        host.pass(50);
    }
}

#[test]
fn the_length_of_a_tick_is_learned_in_five_seconds() {
    for (tick_ms, magnetometer) in [(8, true), (10, false)] {
        let mut host = connected(Peripheral { tick_ms, magnetometer, ..Peripheral::default() });
        // A clock that wraps while it is learned.
        stream(&mut host, 10_000, 65_530 * tick_ms);
        let format = &host.told[0];
        assert!(format.contains(&format!("tick_s: Some({})", tick_ms as f64 / 1000.0)), "{format}");
        assert!(format.contains("rate_hz: 20.0"), "{format}");
        assert_eq!(host.frames.len() as u64, 200 - host.session.counts().refused(Refusal::Early));
        assert!((100..105).contains(&host.session.counts().refused(Refusal::Early)));
        assert_eq!((host.frames[0].acc, host.frames[0].gyr), ([12, -8, 1003], [1, -2, 0]));
    }
}

#[test]
fn the_clock_goes_on_through_wraps_losses_and_absences() {
    let mut host = connected(Peripheral::default());
    stream(&mut host, 6_000, 600_000);
    host.frames.clear();
    // 655.36 s is a turn of the clock.
    stream(&mut host, 120_000, 600_000);
    host.pass(2_000);
    stream(&mut host, 1_000, 600_000);
    host.event(Event::Disconnected);
    host.pass(1_500_000);
    host.connect();
    stream(&mut host, 1_000, 600_000);
    let ticks: Vec<u64> = host.frames.iter().filter_map(|frame| frame.ticks).collect();
    let steps: Vec<u64> = ticks.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step != 5).collect();
    assert_eq!(steps, [205, 150_005], "of {} samples", ticks.len());
    assert!(!host.told.iter().any(|told| told == "Restarted"));
}

#[test]
fn a_new_start_is_noticed_and_an_old_packet_refused() {
    let mut host = connected(Peripheral::default());
    stream(&mut host, 7_000, 100_000);
    let old = host.sensor.sample(host.now_ms - 500 + 100_000, [1; 3], [1; 3], [1; 3]);
    host.notify(host.sensor.motion(), old.as_slice());
    assert_eq!(host.session.counts().refused(Refusal::Repeated), 1);
    host.event(Event::Disconnected);
    host.pass(10_000);
    host.connect();
    let before = host.frames.len();
    // It counts from zero again.
    let ahead = 0_u64.wrapping_sub(host.now_ms);
    for _ in 0..20 {
        let since_start = host.now_ms.wrapping_add(ahead);
        let sample = host.sensor.sample(since_start, [12, -8, 1003], [1, -2, 0], [0; 3]);
        host.notify(host.sensor.motion(), sample.as_slice());
        host.pass(50);
    }
    assert_eq!(host.told.iter().filter(|told| *told == "Restarted").count(), 1);
    assert_eq!(host.frames.len() - before, 20);
    assert_eq!(host.frames[before].ticks, Some(0));
}

#[test]
fn a_node_without_motion_of_version_1_is_of_no_use() {
    let nothing = |(): &mut (), action: &Action<'_>| match *action {
        Action::Subscribe(at) => Some(Answer::Failed(at)),
        _ => None,
    };
    let mut host = Host::new(BlueSt::new(Wanted { rate_hz: 20.0 }), (), nothing);
    host.connect();
    assert_eq!(host.asked, ["subscribe 0000"; 3]);
    assert!(host.told[0].starts_with("Unsupported(\"it needs firmware with BlueST version 1"), "{:?}", host.told);
}

#[test]
fn battery_comes_by_notification_and_nothing_can_be_signalled() {
    let mut host = connected(Peripheral::default());
    let bytes = [0x64, 0x00, 0x69, 0x03, 0x48, 0x0f, 0x00, 0x80, 0x02];
    host.notify(bluest::BATTERY, &bytes);
    assert_eq!(host.told, ["Battery { percent: 87, millivolts: Some(3912) }"]);
    assert!(host.signal(Signal::Strong).is_empty());
}

#[test]
fn features_are_found_by_the_mask_and_only_there() {
    // A feature of unknown length in front hides everything; behind, it is a tail.
    assert_eq!(Features::parse(0x4000_0000 | ACC, &[0; 20]), Err(Refusal::Kind));
    assert!(Features::parse(ACC | 1, &[0; 20]).is_ok_and(|features| features.acc == Some([0; 3])));
    assert_eq!(Features::parse(ACC | GYR, &[0; 13]), Err(Refusal::Length));
    assert_eq!(Features::parse(ACC | GYR, &[0; 15]), Err(Refusal::Length));
    assert_eq!(wire::mask_of(bluest::BATTERY), Some(BATTERY));
    assert_eq!(wire::mask_of(bluest::SERVICE), None);
}
