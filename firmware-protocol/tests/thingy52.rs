//! Thingy:52: settings written only where they differ, samples, tones, reconnection.
#![cfg(feature = "peripheral")]

mod host;

use firmware_protocol::session::{Action, Event, Refusal, Session, Signal, Wanted};
use firmware_protocol::thingy52::peripheral::Peripheral;
use firmware_protocol::thingy52::wire::Raw;
use firmware_protocol::thingy52::{MOTION, RAW, Thingy52};
use host::{Answer, Host};

fn answer(sensor: &mut Peripheral, action: &Action<'_>) -> Option<Answer> {
    match *action {
        Action::Read(at) => {
            Some(sensor.read(at).map_or(Answer::Failed(at), |value| Answer::Value(at, value.as_slice().to_vec())))
        }
        Action::Write { characteristic, bytes } => {
            sensor.write(characteristic, bytes).is_err().then_some(Answer::Failed(characteristic))
        }
        _ => None,
    }
}

fn connected(rate_hz: f64) -> Host<Thingy52, Peripheral> {
    let mut host = Host::new(Thingy52::new(Wanted { rate_hz }), Peripheral::default(), answer);
    host.connect();
    host
}

const STILL: Raw = Raw { acc: [0, 0, 1024], gyr: [0, 0, 320], mag: [0; 3] };

#[test]
fn settings_are_read_written_read_back_and_then_it_streams() {
    let mut host = connected(50.0);
    assert_eq!(
        host.asked,
        [
            "read 0104",
            "0104 <- 06000c0000004001",
            "read 0104",
            "read 0401",
            "0401 <- e803f401f401320000",
            "read 0401",
            // Tones are what it is set to from the start.
            "read 0501",
            "subscribe 0406",
        ]
    );
    assert_eq!(host.sensor.rate_hz(), 50.0);
    assert!(host.told[0].contains("rate_hz: 50.0"), "{:?}", host.told);

    host.notify(RAW, &STILL.encode());
    let [frame] = host.frames[..] else { panic!("{:?}", host.frames) };
    assert_eq!((frame.acc, frame.gyr, frame.clipped), ([0, 0, 1024], [0, 0, 320], false));
    host.notify(RAW, &Raw { acc: [0, -2048, 0], ..STILL }.encode());
    assert!(host.frames[1].clipped);
    // Nothing measured yet; not a whole sample.
    host.notify(RAW, &[0; 18]);
    host.notify(RAW, &[1; 17]);
    let counts = host.session.counts();
    assert_eq!((counts.frames, counts.refused(Refusal::Early), counts.refused(Refusal::Length)), (2, 1, 1));
}

#[test]
fn a_reconnection_writes_nothing_to_flash_and_gives_the_first_sample_out() {
    let mut host = connected(50.0);
    let written = host.sensor.flash_writes;
    host.event(Event::Disconnected);
    host.pass(60_000);
    host.asked.clear();
    host.connect();
    host.notify(RAW, &STILL.encode());
    assert_eq!(host.asked, ["read 0104", "read 0401", "read 0501", "subscribe 0406"]);
    assert_eq!((host.sensor.flash_writes, host.frames.len()), (written, 1));
    assert_eq!(host.told.len(), 1, "the format is told once: {:?}", host.told);
}

#[test]
fn a_rate_beyond_what_the_air_carries_is_cut_and_one_that_does_not_take_is_told() {
    assert_eq!(connected(200.0).sensor.rate_hz(), 60.0);
    assert_eq!(connected(2.0).sensor.rate_hz(), 5.0);
    assert_eq!(connected(12.5).sensor.rate_hz(), 13.0);

    let stubborn = |sensor: &mut Peripheral, action: &Action<'_>| match action {
        Action::Write { characteristic: MOTION, .. } => None,
        action => answer(sensor, action),
    };
    let mut host = Host::new(Thingy52::new(Wanted { rate_hz: 50.0 }), Peripheral::default(), stubborn);
    host.connect();
    assert!(host.told.contains(&"ReadOnly { rate_hz: 10.0 }".to_owned()), "{:?}", host.told);
    assert_eq!(host.asked.last().map(String::as_str), Some("subscribe 0406"));
}

#[test]
fn an_answer_that_never_comes_is_asked_for_again_and_then_given_up() {
    let mut host = Host::new(Thingy52::new(Wanted { rate_hz: 50.0 }), (), |(), _| None);
    host.connect();
    host.pass(20_000);
    assert_eq!(host.asked.iter().filter(|asked| *asked == "read 0401").count(), 4);
    assert!(host.asked.contains(&"subscribe 0406".to_owned()), "{:?}", host.asked);
}

#[test]
fn it_sounds_and_tells_its_battery() {
    let mut host = connected(50.0);
    assert_eq!(host.signal(Signal::Strong), ["0502 <- d007c8003c"]);
    assert_eq!(host.sensor.tone.map(|tone| tone.duration_ms), Some(200));
    assert_eq!(host.signal(Signal::Soft).len(), 1);
    assert_eq!(host.signal(Signal::Identify).len(), 1);
    host.sensor.percent = 77;
    host.pass(3_000);
    assert!(host.told.contains(&"Battery { percent: 77, millivolts: None }".to_owned()), "{:?}", host.told);
    host.event(Event::Disconnected);
    assert!(host.signal(Signal::Strong).is_empty());
}
