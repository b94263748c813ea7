//! Movesense: the talk with a sensor from hello to battery, its refusals, its clock, and payloads in pieces.
//!
//! Bytes against their meaning are held to the vectors in `tests/vectors.rs`. `CAPTURE` is one of them: bytes of
//! a real sensor, repository `sensein/movesense-py`, `tests/fixtures/validation/fixture.json`, whose payload was
//! compared there with the sensor's own log; the two bytes before it are added.
#![cfg(feature = "peripheral")]

use firmware_protocol::movesense::peripheral::Peripheral;
use firmware_protocol::movesense::wire::{Command, Request};
use firmware_protocol::movesense::{BATTERY_LEVEL, COMMAND, DATA, Movesense};
use firmware_protocol::session::{Action, Event, Format, Frame, Moment, Refusal, Scale, Session, Unit, Wanted};

const CAPTURE: &str = "020aaca1020094b578bf399b8840cdb20d4155ff7cbf6a60884092c70c4182627cbfa2e988405da00c418bf871bf\
                       71248940c38c0c4148e17abf713daabf3333b3bec3f568bf713daabf3e0ad7beae4721bff628bcbf3e0ad7be\
                       ae4721bf3333b3bf3e0ad7be";

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

/// A host's session on a link whose other end is a sensor with a clock.
struct Talk {
    session: Movesense,
    sensor: Peripheral,
    now: Moment,
    /// The sensor was started at this moment.
    started: Moment,
    log: Vec<String>,
    frames: Vec<Frame>,
    formats: Vec<Format>,
}

impl Talk {
    fn new(rate_hz: f64) -> Self {
        Self {
            session: Movesense::new(Wanted { rate_hz }),
            sensor: Peripheral::new(247),
            now: Moment(5_000_000_000),
            started: Moment(0),
            log: Vec::new(),
            frames: Vec::new(),
            formats: Vec::new(),
        }
    }

    /// One event, and everything that the sensor answers to it.
    fn event(&mut self, event: Event<'_>) {
        let mut answers = Vec::new();
        let Self { session, sensor, now, log, frames, formats, .. } = self;
        session.handle(*now, event, &mut |action| match action {
            Action::Write { characteristic, bytes } => {
                assert_eq!(characteristic, COMMAND);
                log.push(format!("write {:?}", Request::parse(bytes).unwrap().command));
                answers.extend(sensor.write(bytes));
            }
            Action::Format(format) => {
                log.push(format!("format {} Hz", format.rate_hz));
                formats.push(format);
            }
            Action::Frame(frame) => frames.push(frame),
            other => log.push(format!("{other:?}")),
        });
        for answer in answers {
            self.notify(answer.as_slice());
        }
    }

    fn notify(&mut self, bytes: &[u8]) {
        self.event(Event::Notification { characteristic: DATA, bytes });
    }

    fn connect(&mut self) {
        self.event(Event::Connected { mtu: 247 });
    }

    fn disconnect(&mut self) {
        self.sensor.disconnected();
        self.event(Event::Disconnected);
    }

    /// The notifications of the next sample, after its period.
    fn sample(&mut self, acc: [f32; 3], gyr: [f32; 3]) -> Vec<Vec<u8>> {
        let rate_hz = self.sensor.rate_hz().unwrap_or(52.0);
        self.now = Moment(self.now.0 + (1e9 / rate_hz) as u64);
        self.event(Event::Wake);
        // The sensor's clock has 32 bits of milliseconds.
        let ms = (self.now.nanos_since(self.started) / 1_000_000) as u32;
        let mut sent = Vec::new();
        self.sensor.sample(ms, acc, gyr, &mut |bytes| sent.push(bytes.to_vec()));
        sent
    }

    fn run(&mut self, samples: usize) {
        for _ in 0..samples {
            for bytes in self.sample([0.0, 9.75, 0.5], [1.0, -2.0, 0.25]) {
                self.notify(&bytes);
            }
        }
    }

    fn count(&self, what: &str) -> usize {
        self.log.iter().filter(|line| line.starts_with(what)).count()
    }

    fn refused(&self, why: Refusal) -> u64 {
        self.session.counts().refused(why)
    }
}

#[test]
fn hello_and_a_subscription_come_before_the_first_sample_and_then_the_battery() {
    let mut talk = Talk::new(50.0);
    talk.sensor.battery = Some(87);
    talk.connect();
    talk.run(8);
    assert_eq!(
        talk.log,
        [
            &format!("Subscribe({DATA:?})"),
            "write Hello",
            "write Subscribe(\"/Meas/IMU6/52\")",
            "format 52 Hz",
            "write Get(\"/System/Energy/Level\")",
            "Battery { percent: 87, millivolts: None }",
        ]
    );
    assert_eq!((talk.frames.len(), talk.session.counts().frames), (8, 8));
    let ticks: Vec<u64> = talk.frames.iter().map(|frame| frame.ticks.unwrap()).collect();
    assert!(ticks.windows(2).all(|pair| (19_000..20_500).contains(&(pair[1] - pair[0]))), "{ticks:?}");
    talk.run(52 * 50);
    assert_eq!(talk.count("Battery"), 2);
}

#[test]
fn a_frame_holds_the_bits_that_a_real_sensor_sent() {
    let mut talk = Talk::new(52.0);
    talk.connect();
    talk.notify(&hex(CAPTURE));
    let Format { acc: Scale::Float32(Unit::MetresPerSecond2), gyr: Some(gyr), .. } = talk.formats[0] else {
        panic!("{:?}", talk.formats)
    };
    assert_eq!(gyr, Scale::Float32(Unit::DegreesPerSecond));
    assert_eq!(talk.frames.len(), 4);
    let first = talk.frames[0];
    assert_eq!(first.acc, [0xbf78_b594_u32, 0x4088_9b39, 0x410d_b2cd].map(u32::cast_signed));
    assert_eq!(first.ticks, Some(172_460_000));
    for (number, value) in first.acc.into_iter().zip([-0.971_520_7, 4.268_948, 8.856_153]) {
        assert!((talk.formats[0].acc.value(number) - value).abs() < 1e-6);
    }
    assert_eq!(f32::from_bits(talk.frames[3].gyr[1].cast_unsigned()), -1.4);
}

#[test]
fn a_payload_in_two_pieces_is_joined_and_its_cut_does_not_matter() {
    let mut talk = Talk::new(100.0);
    talk.connect();
    let sent: Vec<Vec<u8>> = (0..8_u8).flat_map(|i| talk.sample([f32::from(i), 0.0, 9.75], [7.0, 0.0, 0.0])).collect();
    assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), [158, 42]);
    sent.iter().for_each(|bytes| talk.notify(bytes));
    let x: Vec<f32> = talk.frames.iter().map(|frame| f32::from_bits(frame.acc[0].cast_unsigned())).collect();
    assert_eq!(x, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    let payload = [&sent[0][2..], &sent[1][2..]].concat();
    let [head, rest] = [[2, sent[0][1]], [3, sent[0][1]]];
    for cut in 4..payload.len() {
        let mut talk = Talk::new(100.0);
        talk.connect();
        talk.notify(&[&head[..], &payload[..cut]].concat());
        assert_eq!(talk.frames.len(), 0);
        talk.notify(&[&rest[..], &payload[cut..]].concat());
        assert_eq!(talk.frames.len(), 8, "cut at {cut}");
    }
}

#[test]
fn pieces_of_two_payloads_are_never_joined() {
    let mut talk = Talk::new(100.0);
    talk.connect();
    let payload = |talk: &mut Talk, mark: f32| -> Vec<Vec<u8>> {
        (0..8).flat_map(|_| talk.sample([mark; 3], [mark; 3])).collect()
    };
    let (one, two, three, four) =
        (payload(&mut talk, 1.0), payload(&mut talk, 2.0), payload(&mut talk, 3.0), payload(&mut talk, 4.0));
    let notify = |talk: &mut Talk, bytes: &[u8], ms: u64| {
        talk.now = talk.now.plus_millis(ms);
        talk.notify(bytes);
    };
    // The end of the first and the start of the second are lost: the time tells.
    notify(&mut talk, &one[0], 0);
    notify(&mut talk, &two[1], 77);
    // The end of the third comes after the start of the fourth; then the fourth's own end has nothing before it.
    notify(&mut talk, &three[0], 77);
    notify(&mut talk, &four[0], 77);
    notify(&mut talk, &three[1], 0);
    notify(&mut talk, &four[1], 0);
    assert_eq!(talk.frames.len(), 0);
    assert_eq!(talk.refused(Refusal::Truncated), 4);
    talk.run(16);
    // The first after it does not count either: the ones before are missing.
    assert!(
        !talk.frames.is_empty() && talk.frames.iter().all(|frame| frame.acc[1] == 9.75_f32.to_bits().cast_signed())
    );
}

#[test]
fn a_sensor_whose_true_rate_is_off_by_a_tenth_is_heard_in_pieces_too() {
    for period_ms in [70, 77, 85] {
        let mut talk = Talk::new(100.0);
        talk.connect();
        let mut sent: Vec<Vec<u8>> = (0..8).flat_map(|_| talk.sample([1.0; 3], [1.0; 3])).collect();
        for i in 0..20_u32 {
            talk.now = talk.now.plus_millis(period_ms);
            sent[0][2..6].copy_from_slice(&(5000 + i * period_ms as u32).to_le_bytes());
            sent.iter().for_each(|bytes| talk.notify(bytes));
        }
        assert_eq!(talk.frames.len(), 160, "{period_ms} ms");
    }
}

#[test]
fn a_number_of_samples_that_the_firmware_chose_itself_is_learned_from_its_clock() {
    let mut talk = Talk::new(26.0);
    talk.connect();
    let reference = 10;
    // Four samples instead of two: every 154 ms.
    for i in 0..10_u32 {
        talk.now = talk.now.plus_millis(154);
        let mut bytes = vec![2, reference];
        bytes.extend((1000 + i * 154).to_le_bytes());
        bytes.extend([1.0_f32; 24].iter().flat_map(|number| number.to_le_bytes()));
        talk.notify(&bytes);
    }
    assert_eq!((talk.frames.len(), talk.refused(Refusal::Length)), (28, 3));
}

#[test]
fn wrong_bytes_are_refused_and_counted() {
    let mut talk = Talk::new(52.0);
    talk.connect();
    talk.run(4);
    let sent = (0..4).flat_map(|_| talk.sample([1.0; 3], [1.0; 3])).next().unwrap();
    let with = |at: usize, bytes: &[u8]| {
        let mut wrong = sent.clone();
        wrong[at..at + bytes.len()].copy_from_slice(bytes);
        wrong
    };
    let frames = talk.frames.len();
    for (wrong, why) in [
        (vec![2], Refusal::Length),
        (vec![2, 10], Refusal::Length),
        (with(0, &[9]), Refusal::Kind),
        (with(1, &[11]), Refusal::Kind),
        ([&sent[..], &[0; 24]].concat(), Refusal::Length),
        (with(6, &f32::NAN.to_le_bytes()), Refusal::Value),
        (with(50, &f32::INFINITY.to_le_bytes()), Refusal::Value),
        (vec![3, 10, 0, 0], Refusal::Truncated),
        (vec![1, 10, 0xff, 0xff], Refusal::Kind),
    ] {
        let before = talk.refused(why);
        talk.notify(&wrong);
        assert_eq!((talk.frames.len(), talk.refused(why)), (frames, before + 1), "{wrong:02x?}");
    }
    talk.notify(&sent);
    assert_eq!(talk.frames.len(), frames + 4);
    talk.notify(&sent);
    assert_eq!((talk.frames.len(), talk.refused(Refusal::Repeated)), (frames + 4, 1));
}

#[test]
fn numbers_at_the_end_of_what_it_can_measure_are_marked() {
    let mut talk = Talk::new(13.0);
    talk.connect();
    for (acc, gyr) in [(9.81, 1.0), (157.0, 1.0), (9.81, -2000.0)] {
        talk.sample([0.0, 0.0, acc], [gyr; 3]).iter().for_each(|bytes| talk.notify(bytes));
    }
    assert_eq!(talk.frames.iter().map(|frame| frame.clipped).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn the_clock_goes_on_over_its_end_and_over_a_short_absence() {
    let mut talk = Talk::new(52.0);
    // Two seconds before the end of the sensor's clock.
    talk.now = Moment((u64::from(u32::MAX) - 2000) * 1_000_000);
    talk.connect();
    talk.run(52 * 4);
    talk.disconnect();
    talk.now = talk.now.plus_millis(20_000);
    talk.connect();
    talk.run(52);
    let ticks: Vec<u64> = talk.frames.iter().map(|frame| frame.ticks.unwrap()).collect();
    let steps: Vec<u64> = ticks.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(steps.iter().filter(|step| **step > 21_000).count(), 1, "{steps:?}");
    let away = steps.iter().max().unwrap();
    assert!((20_000_000..20_100_000).contains(away), "{away}");
    assert_eq!((talk.count("Restarted"), talk.count("format")), (0, 1));
    // A reconnection has a subscription of its own.
    assert_eq!(talk.count("write Subscribe"), 2);
}

#[test]
fn a_new_start_of_the_sensor_is_noticed() {
    let mut talk = Talk::new(52.0);
    talk.connect();
    talk.run(52 * 20);
    talk.disconnect();
    talk.now = talk.now.plus_millis(4_000);
    (talk.sensor, talk.started) = (Peripheral::new(247), talk.now);
    talk.connect();
    talk.run(52);
    assert_eq!(talk.count("Restarted"), 1);
    assert!(talk.frames.last().unwrap().ticks < Some(1_100_000));
}

#[test]
fn the_early_sample_program_is_understood() {
    let mut talk = Talk::new(52.0);
    talk.sensor.early = true;
    talk.connect();
    talk.run(8);
    assert_eq!((talk.frames.len(), talk.count("write Subscribe"), talk.count("format")), (8, 1, 1));
}

#[test]
fn what_can_be_cured_is_cured_and_the_rest_is_told() {
    // Its own logger runs: it is stopped.
    let mut talk = Talk::new(52.0);
    talk.sensor.refuses = Some(409);
    talk.connect();
    talk.run(52 * 3);
    assert_eq!((talk.count("write LoggerState(2)"), talk.frames.is_empty()), (1, false));
    // Its requests are used up: it is started anew, once.
    let mut talk = Talk::new(52.0);
    talk.sensor.refuses = Some(429);
    talk.connect();
    talk.run(52 * 60);
    assert_eq!((talk.count("write SystemMode(5)"), talk.sensor.reboots), (1, true));
    assert!(talk.count("write Subscribe") > 3);
    // No such path.
    let mut talk = Talk::new(52.0);
    talk.sensor.refuses = Some(404);
    talk.connect();
    talk.run(52 * 60);
    assert_eq!((talk.count("Unsupported"), talk.count("write Subscribe")), (1, 1));
    // Not this rate: the next lower one, and so on.
    let mut talk = Talk::new(100.0);
    talk.sensor.refuses = Some(501);
    talk.connect();
    talk.sensor.refuses = None;
    assert_eq!(talk.count("write Subscribe"), 4, "{:?}", talk.log);
}

#[test]
fn a_sensor_that_answers_nothing_is_asked_again_and_then_started_anew() {
    let mut session = Movesense::new(Wanted { rate_hz: 52.0 });
    let mut written = Vec::new();
    let mut now = Moment(0);
    let mut take = |session: &mut Movesense, now: Moment, event: Event<'_>| {
        session.handle(now, event, &mut |action| {
            if let Action::Write { bytes, .. } = action {
                written.push((now.0 / 1_000_000_000, bytes[0]));
            }
        });
    };
    take(&mut session, now, Event::Connected { mtu: 247 });
    while now < Moment(30_000_000_000) {
        now = session.wake_at().unwrap().max(now);
        take(&mut session, now, Event::Wake);
    }
    let (hello, subscribe, mode) = (0, 1, 7);
    assert_eq!(
        written[..6],
        [(0, hello), (5, hello), (10, subscribe), (15, mode), (23, hello), (28, hello)],
        "{written:?}"
    );
}

#[test]
fn where_gsp_tells_no_charge_the_battery_service_is_read() {
    let mut talk = Talk::new(52.0);
    talk.connect();
    let unknown = [&[1, 105][..], &400_u16.to_le_bytes()].concat();
    talk.notify(&unknown);
    talk.run(4);
    assert_eq!(talk.count(&format!("Read({BATTERY_LEVEL:?})")), 1);
    talk.event(Event::Read { characteristic: BATTERY_LEVEL, bytes: &[55] });
    assert_eq!(talk.count("Battery { percent: 55"), 1);
    talk.event(Event::Failed { characteristic: BATTERY_LEVEL });
    talk.run(52 * 60);
    assert_eq!(talk.count(&format!("Read({BATTERY_LEVEL:?})")), 1);
}

#[test]
fn another_version_of_the_protocol_is_told() {
    let mut talk = Talk::new(52.0);
    talk.connect();
    talk.notify(b"\x01\x64\x02s\0p\0d\0n\0v\0");
    assert_eq!(talk.count("Unsupported"), 1);
}

#[test]
fn a_command_is_read_as_it_was_written_also_without_the_zero_after_its_path() {
    let request = Request { reference: 10, command: Command::Subscribe("/Meas/IMU6/52") };
    let bytes = request.encode();
    assert_eq!(bytes.as_slice(), hex("010a2f4d6561732f494d55362f353200"));
    assert_eq!(Request::parse(bytes.as_slice().strip_suffix(&[0]).unwrap()), Ok(request));
    for wrong in [&[0_u8][..], &[0, 1, 2], &[7, 1], &[1, 1, b'x', 0], &[10, 1]] {
        assert!(Request::parse(wrong).is_err(), "{wrong:?}");
    }
}
