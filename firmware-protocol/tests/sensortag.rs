//! SensorTag: settings read back, the first empty sample, the buzzer's timing, faults.
#![cfg(feature = "peripheral")]

mod host;

use firmware_protocol::sensortag::peripheral::Peripheral;
use firmware_protocol::sensortag::wire::{Io, Movement};
use firmware_protocol::sensortag::{CONFIG, DATA, SensorTag};
use firmware_protocol::session::{Action, Event, Refusal, Session, Signal, Wanted};
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

fn connected(sensor: Peripheral) -> Host<SensorTag, Peripheral> {
    let mut host = Host::new(SensorTag::new(Wanted { rate_hz: 100.0 }), sensor, answer);
    host.connect();
    host
}

const STILL: Movement = Movement { gyr: [131, 0, 0], acc: [0, 0, 4096], mag: [0; 3] };

#[test]
fn it_is_asked_for_ten_samples_a_second_at_8_g_and_the_first_empty_one_is_left_out() {
    let mut host = connected(Peripheral::default());
    assert_eq!(
        host.asked,
        [
            "subscribe aa81",
            "read aa83",
            "aa83 <- 0a",
            "read aa83",
            "read aa82",
            "aa82 <- 3f02",
            "read aa82",
            "aa65 <- 00",
            "aa66 <- 01"
        ]
    );
    assert!(host.told[0].contains("full_scale: 8.0") && host.told[0].contains("rate_hz: 10.0"), "{:?}", host.told);
    for _ in 0..2 {
        let bytes = host.sensor.sample(STILL);
        host.notify(DATA, &bytes);
        host.pass(100);
    }
    let [frame] = host.frames[..] else { panic!("{:?}", host.frames) };
    assert_eq!((frame.acc, frame.gyr), ([0, 0, 4096], [131, 0, 0]));
    assert_eq!(host.session.counts().refused(Refusal::Early), 1);

    // A new connection proves the settings anew before a sample counts.
    host.event(Event::Disconnected);
    host.notify(DATA, &STILL.encode());
    host.connect();
    host.notify(DATA, &STILL.encode());
    assert_eq!((host.frames.len(), host.session.counts().refused(Refusal::Early)), (2, 2));
}

#[test]
fn a_failed_chip_and_settings_that_do_not_take_are_no_sensor() {
    let mut faulty = Peripheral::default();
    faulty.faulty = true;
    let host = connected(faulty);
    assert!(host.told[0].starts_with("Unsupported(\"its motion chip failed"), "{:?}", host.told);

    let stubborn = |sensor: &mut Peripheral, action: &Action<'_>| match action {
        Action::Write { characteristic: CONFIG, .. } => None,
        action => answer(sensor, action),
    };
    let mut host = Host::new(SensorTag::new(Wanted { rate_hz: 10.0 }), Peripheral::default(), stubborn);
    host.connect();
    assert!(host.told[0].starts_with("Unsupported(\"it does not keep"), "{:?}", host.told);
    host.notify(DATA, &STILL.encode());
    assert!(host.frames.is_empty());
}

#[test]
fn the_buzzer_is_switched_on_and_off_in_time_and_flash_is_never_touched() {
    let mut host = connected(Peripheral::default());
    for (signal, on_ms, times) in [(Signal::Strong, 400, 1), (Signal::Soft, 160, 2), (Signal::Identify, 1000, 4)] {
        let (mut sounded, mut rises, mut before) = (0, 1, true);
        host.signal(signal);
        for _ in 0..300 {
            let sounds = host.sensor.shows().has(Io::BUZZER);
            (sounded, rises) = (sounded + 10 * u64::from(sounds), rises + u64::from(sounds && !before));
            before = sounds;
            host.pass(10);
        }
        assert_eq!((sounded, rises), (on_ms, times), "{signal:?}");
    }
    for bits in 0..=u8::MAX {
        assert_eq!(Io::of(bits).encode()[0] & !7, 0);
    }
    assert!(!host.sensor.flash_erased);
    host.event(Event::Disconnected);
    assert!(host.signal(Signal::Strong).is_empty());
}
