//! Movella DOT: the talk with a sensor from its state to its battery, its reports, and its clock.
//!
//! Bytes against their meaning are held to the vectors in `tests/vectors.rs`. The payloads of `RATE_QUANTITIES`
//! there are derived from the layout; real ones were at hand for other modes only.
#![cfg(feature = "peripheral")]

use firmware_protocol::movella_dot::control::{Charge, Control, Measurement, Report};
use firmware_protocol::movella_dot::peripheral::Peripheral;
use firmware_protocol::movella_dot::wire::{RATE_QUANTITIES, encode_rate_quantities};
use firmware_protocol::movella_dot::{BATTERY, CONTROL, MEASUREMENT, MEDIUM, MovellaDot, REPORT};
use firmware_protocol::session::{Action, Event, Frame, Moment, Refusal, Scale, Session, Signal, Unit, Wanted};

/// A host's session on a link whose other end is a sensor with a clock.
struct Talk {
    session: MovellaDot,
    sensor: Peripheral,
    now: Moment,
    started: Moment,
    subscribed: bool,
    log: Vec<String>,
    frames: Vec<Frame>,
}

fn name(characteristic: firmware_protocol::session::Uuid) -> &'static str {
    match characteristic {
        CONTROL => "control",
        MEASUREMENT => "measurement",
        REPORT => "report",
        BATTERY => "battery",
        MEDIUM => "medium",
        _ => "?",
    }
}

impl Talk {
    fn new(rate_hz: f64) -> Self {
        Self {
            session: MovellaDot::new(Wanted { rate_hz }),
            sensor: Peripheral::default(),
            now: Moment(1_000_000_000),
            started: Moment(0),
            subscribed: false,
            log: Vec::new(),
            frames: Vec::new(),
        }
    }

    /// One event, and everything that the sensor answers to it.
    fn event(&mut self, event: Event<'_>) {
        let (mut reports, mut values) = (Vec::new(), Vec::new());
        let Self { session, sensor, now, log, frames, subscribed, .. } = self;
        *subscribed &= event != Event::Disconnected;
        session.handle(*now, event, &mut |action| match action {
            Action::Subscribe(at) => {
                *subscribed |= at == MEDIUM;
                log.push(format!("subscribe {}", name(at)));
            }
            Action::Read(at) => {
                log.push(format!("read {}", name(at)));
                values.extend(sensor.read(at).map(|value| (at, value)));
            }
            Action::Write { characteristic: CONTROL, bytes } => {
                let asked = Control::parse(bytes).unwrap();
                log.push(format!("set visit {:02x} rate {}", asked.visit, asked.rate_hz));
                reports.extend(sensor.write(CONTROL, bytes));
            }
            Action::Write { characteristic, bytes } => {
                log.push(format!("{:?}", Measurement::parse(bytes).unwrap()));
                reports.extend(sensor.write(characteristic, bytes));
            }
            Action::Format(format) => {
                assert_eq!(format.acc, Scale::Float32(Unit::MetresPerSecond2));
                log.push(format!("format {} Hz", format.rate_hz));
            }
            Action::Frame(frame) => frames.push(frame),
            other => log.push(format!("{other:?}")),
        });
        for report in reports {
            self.event(Event::Notification { characteristic: REPORT, bytes: report.encode().as_slice() });
        }
        for (characteristic, value) in values {
            self.event(Event::Read { characteristic, bytes: value.as_slice() });
        }
    }

    fn notify(&mut self, bytes: &[u8]) {
        self.event(Event::Notification { characteristic: MEDIUM, bytes });
    }

    fn connect(&mut self) {
        self.event(Event::Connected { mtu: 247 });
    }

    /// Time with samples at the sensor's rate.
    fn run(&mut self, seconds: f64) {
        let end = Moment(self.now.0 + (seconds * 1e9) as u64);
        while self.now < end {
            self.now = Moment(self.now.0 + (1e9 / self.sensor.rate_hz().unwrap_or(60.0)) as u64);
            self.event(Event::Wake);
            // The sensor's clock has 32 bits of microseconds.
            let us = (self.now.nanos_since(self.started) / 1000) as u32;
            let sent = self.sensor.sample(us, [0.5, -0.25, 9.8125], [1.5, -2.0, 90.0]);
            if let Some(bytes) = sent.filter(|_| self.subscribed) {
                self.notify(&bytes);
            }
        }
    }

    fn count(&self, what: &str) -> usize {
        self.log.iter().filter(|line| line.starts_with(what)).count()
    }
}

#[test]
fn its_state_is_asked_its_rate_set_and_its_start_looked_at_before_a_sample_counts() {
    let mut talk = Talk::new(50.0);
    talk.sensor.charge = Charge { percent: 90, charging: false };
    talk.connect();
    talk.run(3.0);
    assert_eq!(
        talk.log,
        [
            "subscribe report",
            "subscribe battery",
            "read battery",
            "read measurement",
            "Battery { percent: 90, millivolts: None }",
            "read control",
            "set visit 10 rate 60",
            "read control",
            "format 60 Hz",
            "Measurement { kind: 1, running: true, mode: 21 }",
            "read measurement",
            "subscribe medium",
        ]
    );
    assert!(talk.frames.len() > 100);
    let frame = talk.frames[0];
    assert_eq!(frame.acc, [0.5_f32, -0.25, 9.8125].map(|number| number.to_bits().cast_signed()));
    assert_eq!(frame.gyr, [1.5_f32, -2.0, 90.0].map(|number| number.to_bits().cast_signed()));
}

#[test]
fn nothing_counts_before_its_start_was_seen() {
    let mut talk = Talk::new(60.0);
    talk.connect();
    // Sent by what another program subscribed to, in a mode nobody knows yet.
    talk.notify(&encode_rate_quantities(1, [0.0; 3], [0.0; 3]));
    assert_eq!((talk.frames.len(), talk.session.counts().refused(Refusal::Early)), (0, 1));
}

#[test]
fn a_sensor_that_went_on_measuring_is_taken_up_at_once_after_a_reconnection() {
    let mut talk = Talk::new(60.0);
    talk.connect();
    talk.run(2.0);
    let frames = talk.frames.len();
    talk.event(Event::Disconnected);
    talk.connect();
    talk.run(1.0);
    assert!(talk.frames.len() >= frames + 59, "{}", talk.frames.len() - frames);
    assert_eq!((talk.count("Measurement"), talk.count("set")), (1, 1));
}

#[test]
fn a_sensor_that_runs_in_another_mode_is_stopped_with_that_mode() {
    let mut talk = Talk::new(60.0);
    talk.sensor.write(MEASUREMENT, &Measurement::start(16).encode());
    talk.connect();
    talk.run(3.0);
    assert_eq!(talk.count("Measurement { kind: 1, running: false, mode: 16 }"), 1);
    assert!(talk.frames.len() > 60);
}

#[test]
fn a_busy_sensor_is_asked_again_and_one_that_keeps_its_rate_is_taken_at_it() {
    let mut talk = Talk::new(60.0);
    talk.sensor.busy = 2;
    talk.connect();
    talk.run(4.0);
    assert_eq!(talk.count("format 60 Hz"), 1);
    assert!(talk.frames.len() > 60);
    let mut talk = Talk::new(60.0);
    talk.sensor.stubborn = true;
    talk.connect();
    talk.run(4.0);
    assert_eq!((talk.count("set visit 10"), talk.count("ReadOnly { rate_hz: 30.0 }")), (3, 1));
    assert_eq!(talk.count("format 30 Hz"), 1);
    assert!(talk.frames.len() > 30);
}

#[test]
fn a_sensor_that_never_starts_or_never_answers_is_told() {
    let mut talk = Talk::new(60.0);
    talk.sensor.busy = u8::MAX;
    talk.connect();
    talk.run(20.0);
    assert_eq!((talk.count("Unsupported"), talk.frames.len()), (1, 0));
    let mut session = MovellaDot::new(Wanted { rate_hz: 60.0 });
    let (mut now, mut told) = (Moment(0), 0);
    session.handle(now, Event::Connected { mtu: 247 }, &mut |_| {});
    while let Some(due) = session.wake_at() {
        now = due;
        session.handle(now, Event::Wake, &mut |action| told += usize::from(matches!(action, Action::Unsupported(_))));
    }
    assert_eq!((told, now.0 / 1_000_000_000), (1, 6));
}

#[test]
fn the_clock_goes_on_over_its_end_and_over_hours_out_of_reach() {
    let mut talk = Talk::new(60.0);
    // Its clock ends after 71.6 minutes, three seconds from here.
    talk.now = Moment((u64::from(u32::MAX) - 3_000_000) * 1000);
    talk.connect();
    talk.run(5.0);
    talk.event(Event::Disconnected);
    talk.now = talk.now.plus_millis(3 * 3_600_000);
    talk.connect();
    talk.run(2.0);
    let ticks: Vec<u64> = talk.frames.iter().map(|frame| frame.ticks.unwrap()).collect();
    let steps: Vec<u64> = ticks.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let away: Vec<&u64> = steps.iter().filter(|step| **step > 17_000).collect();
    assert!(away.len() == 1 && (10_800_000_000..10_803_000_000).contains(away[0]), "{away:?}");
    assert_eq!((talk.count("Restarted"), talk.count("format")), (0, 1));
}

#[test]
fn a_new_start_of_the_sensor_is_noticed() {
    let mut talk = Talk::new(60.0);
    talk.connect();
    talk.run(30.0);
    talk.event(Event::Disconnected);
    (talk.sensor, talk.started) = (Peripheral::default(), talk.now);
    talk.now = talk.now.plus_millis(2_000);
    talk.connect();
    talk.run(3.0);
    assert_eq!(talk.count("Restarted"), 1);
    assert!(talk.frames.last().unwrap().ticks < Some(6_000_000));
}

#[test]
fn wrong_bytes_are_refused_and_counted() {
    let mut talk = Talk::new(60.0);
    talk.connect();
    talk.run(2.0);
    talk.now = talk.now.plus_millis(17);
    let us = (talk.now.0 / 1000) as u32;
    let right = encode_rate_quantities(us, [0.0, 0.0, 9.75], [0.0; 3]);
    let frames = talk.frames.len();
    let not_finite = |number: f32| encode_rate_quantities(us, [number, 0.0, 9.75], [0.0; 3]).to_vec();
    for (wrong, why) in [
        (right[..27].to_vec(), Refusal::Length),
        // 34 bytes would be the mode with a magnetometer, or another one: none that was asked for.
        ([&right[..], &[1, 2, 3, 4, 5, 6]].concat(), Refusal::Length),
        ([&right[..], &[0; 16]].concat(), Refusal::Length),
        (not_finite(f32::NAN), Refusal::Value),
        (not_finite(f32::NEG_INFINITY), Refusal::Value),
    ] {
        let before = talk.session.counts().refused(why);
        talk.notify(&wrong);
        let refused = talk.session.counts().refused(why);
        assert_eq!((talk.frames.len(), refused), (frames, before + 1), "{wrong:02x?}");
    }
    // Padding of zeros may follow.
    talk.notify(&[&right[..], &[0; 12]].concat());
    assert_eq!(talk.frames.len(), frames + 1);
    talk.notify(&right);
    assert_eq!((talk.frames.len(), talk.session.counts().refused(Refusal::Repeated)), (frames + 1, 1));
    talk.now = talk.now.plus_millis(17);
    talk.notify(&encode_rate_quantities(us + 17_000, [0.0, 157.0, 0.0], [0.0; 3]));
    assert!(talk.frames.last().unwrap().clipped);
}

#[test]
fn its_button_its_switching_off_and_its_battery_are_told() {
    let mut talk = Talk::new(60.0);
    talk.connect();
    talk.run(2.0);
    talk.event(Event::Notification { characteristic: REPORT, bytes: Report::Button(Some(1234)).encode().as_slice() });
    talk.event(Event::Notification { characteristic: REPORT, bytes: &[1] });
    talk.event(Event::Notification { characteristic: BATTERY, bytes: &[19, 0] });
    assert_eq!((talk.count("Notice(Button)"), talk.count("Notice(SwitchesOff)")), (1, 1));
    assert_eq!(talk.count("Battery { percent: 19"), 1);
    talk.run(100.0);
    assert_eq!(talk.count("read battery"), 3);
}

#[test]
fn it_blinks_when_asked_and_has_no_other_signal() {
    let mut talk = Talk::new(60.0);
    assert!(!talk.session.signal(Signal::Identify, &mut |_| {}));
    talk.connect();
    talk.run(2.0);
    let Talk { session, sensor, .. } = &mut talk;
    for signal in [Signal::Strong, Signal::Soft] {
        assert!(!session.signal(signal, &mut |_| panic!("it cannot")));
    }
    assert!(session.signal(Signal::Identify, &mut |action| {
        if let Action::Write { characteristic, bytes } = action {
            sensor.write(characteristic, bytes);
        }
    }));
    assert_eq!(talk.sensor.blinks, 1);
    // It goes on measuring.
    let frames = talk.frames.len();
    talk.run(1.0);
    assert!(talk.frames.len() >= frames + 59);
}

#[test]
fn a_start_is_three_bytes() {
    assert_eq!(Measurement::start(RATE_QUANTITIES).encode(), [1, 1, 0x15]);
    assert!(Measurement::parse(&[1, 2, 21]).is_err());
}
