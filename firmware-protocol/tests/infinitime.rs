//! InfiniTime: samples held where nothing changed, and the watch as a buzzer.
#![cfg(feature = "peripheral")]

mod host;

use firmware_protocol::infinitime::peripheral::{Felt, Peripheral};
use firmware_protocol::infinitime::wire::{Alert, CALL, SIMPLE};
use firmware_protocol::infinitime::{Buzzer, InfiniTime, NEW_ALERT, RAW};
use firmware_protocol::session::{Action, Event, Session, Signal, Wanted};
use firmware_protocol::sig::ALERT_LEVEL;
use host::{Answer, Host};

/// A watch, and what its wearer felt.
#[derive(Default)]
struct Watch {
    inside: Peripheral,
    felt: Vec<Felt>,
    without_messages: bool,
}

fn answer(watch: &mut Watch, action: &Action<'_>) -> Option<Answer> {
    match *action {
        Action::Read(at) => {
            Some(watch.inside.read(at).map_or(Answer::Failed(at), |value| Answer::Value(at, value.as_slice().to_vec())))
        }
        Action::Write { characteristic: NEW_ALERT, .. } if watch.without_messages => Some(Answer::Failed(NEW_ALERT)),
        Action::Write { characteristic, bytes } => {
            watch.felt.extend(watch.inside.write(characteristic, bytes).expect("no such characteristic"));
            None
        }
        _ => None,
    }
}

fn sample(host: &mut Host<InfiniTime, Watch>, counts: [i16; 3]) {
    if let Some(bytes) = host.sensor.inside.sample(counts) {
        host.notify(RAW, &bytes);
    }
    host.pass(100);
}

#[test]
fn a_sample_that_does_not_change_is_held_for_a_second_and_no_longer() {
    let mut host = Host::new(InfiniTime::new(Wanted { rate_hz: 50.0 }), Watch::default(), answer);
    host.connect();
    assert_eq!(host.asked, ["subscribe 0002"]);
    assert!(host.told[0].contains("gyr: None") && host.told[0].contains("rate_hz: 10.0"), "{:?}", host.told);
    for i in 0..10 {
        sample(&mut host, [0, i, 1024]);
    }
    assert_eq!(host.frames.len(), 10);
    // The same for three seconds: one that came, nine that are held.
    for _ in 0..30 {
        sample(&mut host, [0, 9, 1024]);
    }
    assert_eq!(host.frames.len(), 19);
    assert!(host.frames[9..].iter().all(|frame| frame.acc == [0, 9, 1024]));
    assert_eq!(host.session.counts().frames, 10, "what came is counted, not what is held");
    // It moves again; bytes that are no sample end the holding.
    sample(&mut host, [0, 0, 1000]);
    host.notify(RAW, &[0; 5]);
    host.pass(1_000);
    assert_eq!(host.frames.len(), 20);
    host.event(Event::Disconnected);
    assert_eq!(host.session.wake_at(), None);
}

#[test]
fn a_strong_signal_rings_and_a_soft_one_buzzes_once() {
    let mut host = Host::new(Buzzer::new("Zeit für eine Pause"), Watch::default(), answer);
    assert!(host.session.wake_at().is_none());
    let mut early = Vec::new();
    assert!(!host.session.signal(Signal::Strong, &mut |action| early.push(format!("{action:?}"))));
    assert!(early.is_empty());
    host.connect();
    assert!(host.asked.is_empty(), "it does not stream: {:?}", host.asked);
    assert_eq!(host.signal(Signal::Soft), ["2a46 <- 0001005a6569742066c3bc722065696e65205061757365"]);
    host.signal(Signal::Strong);
    assert_eq!(host.sensor.felt, [Felt::Buzz, Felt::Ringing]);
    host.sensor.inside.quiet = true;
    host.signal(Signal::Strong);
    assert_eq!(host.sensor.felt.len(), 2);
    host.pass(5_000);
    assert!(host.told.contains(&"Battery { percent: 100, millivolts: None }".to_owned()));
}

#[test]
fn anything_without_messages_gets_an_immediate_alert_at_once() {
    let watch = Watch { without_messages: true, ..Watch::default() };
    let mut host = Host::new(Buzzer::default(), watch, answer);
    host.connect();
    host.signal(Signal::Strong);
    host.event(Event::Failed { characteristic: NEW_ALERT });
    assert_eq!(host.asked, ["2a06 <- 02"], "the signal is not lost");
    assert_eq!(host.signal(Signal::Soft), ["2a06 <- 01"]);
    host.event(Event::Failed { characteristic: ALERT_LEVEL });
    let mut nothing = true;
    assert!(!host.session.signal(Signal::Soft, &mut |_| nothing = false));
    assert!(nothing);
}

#[test]
fn an_alert_fits_the_mtu_and_is_cut_between_letters() {
    for (mtu, longest) in [(0, 20), (23, 20), (40, 37), (517, 64)] {
        let mut buzzer = Buzzer::new(&"ü".repeat(200));
        buzzer.handle(firmware_protocol::session::Moment(0), Event::Connected { mtu }, &mut |_| {});
        let mut len = 0;
        buzzer.signal(Signal::Strong, &mut |action| {
            let Action::Write { bytes, .. } = action else { panic!("{action:?}") };
            let alert = Alert::parse(bytes).expect("letters are whole");
            assert!(alert.category == CALL && alert.title.chars().all(|letter| letter == 'ü'));
            len = bytes.len();
        });
        assert!((longest - 1..=longest).contains(&len), "{len} bytes with an MTU of {mtu}");
    }
    let alert = Alert { category: SIMPLE, count: 1, title: "", body: "" };
    assert_eq!(alert.encode(&mut [0; 2]), 0);
    assert_eq!(Alert::parse(&[0, 1, 0]), None);
}
