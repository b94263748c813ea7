//! Polar: compression both ways, and sessions from settings through loss, reconnection and new starts.
//!
//! Longer than most files here: two streams, three forms of frames and every status code have a test of a few lines each.
#![cfg(feature = "peripheral")]

use firmware_protocol::family::{Recognised, recognise};
use firmware_protocol::polar::delta::{self, Samples};
use firmware_protocol::polar::frame::{self, DataFrame, Form};
use firmware_protocol::polar::peripheral::{Model, Peripheral};
use firmware_protocol::polar::wire::{Answer, Command, Kind, Settings, Status};
use firmware_protocol::polar::{BATTERY_LEVEL, CONTROL, DATA, Polar, SERVICE};
use firmware_protocol::session::{
    Action, Event, Format, Frame, Moment, Refusal, Scale, Session, Signal, Unit, Uuid, Wanted,
};
use std::collections::VecDeque;

/// What a clock shows that was never set.
const UNSET_NS: u64 = 599_616_000_000_000_000;
const HOUR_NS: u64 = 3_600_000_000_000;
/// What is measured goes round here.
const ROUND: i32 = 20_000;

/// A sensor and a session on one link.
struct Talk {
    session: Polar,
    sensor: Peripheral,
    now: Moment,
    /// When the sensor's clock showed its start.
    began_ns: u64,
    up: bool,
    /// Events that are to come: a characteristic, read or notified.
    coming: VecDeque<(Uuid, bool, Vec<u8>)>,
    commands: Vec<Vec<u8>>,
    frames: Vec<Frame>,
    formats: Vec<Format>,
    told: Vec<String>,
    /// Whole data frames that the sensor sent, of each kind.
    sent: [u32; 2],
    next_ns: [u64; 2],
    taken: [i16; 2],
}

impl Talk {
    fn new(model: Model, rate_hz: f64) -> Self {
        Self {
            session: Polar::new(Wanted { rate_hz }),
            sensor: Peripheral::new(model, 247),
            now: Moment(HOUR_NS),
            began_ns: HOUR_NS,
            up: false,
            coming: VecDeque::new(),
            commands: Vec::new(),
            frames: Vec::new(),
            formats: Vec::new(),
            told: Vec::new(),
            sent: [0; 2],
            next_ns: [HOUR_NS; 2],
            taken: [0; 2],
        }
    }

    fn event(&mut self, event: Event<'_>) {
        let Self { session, sensor, now, coming, commands, frames, formats, told, .. } = self;
        session.handle(*now, event, &mut |action| match action {
            Action::Write { characteristic, bytes } => {
                assert_eq!(characteristic, CONTROL);
                commands.push(bytes.to_vec());
                let mut answer = [0; 64];
                let len = sensor.write(bytes, &mut answer).unwrap();
                coming.push_back((CONTROL, false, answer[..len].to_vec()));
            }
            Action::Read(CONTROL) => coming.push_back((CONTROL, true, sensor.features().to_vec())),
            Action::Read(BATTERY_LEVEL) => coming.push_back((BATTERY_LEVEL, true, vec![sensor.percent])),
            Action::Frame(frame) => frames.push(frame),
            Action::Format(format) => formats.push(format),
            other => told.push(format!("{other:?}")),
        });
    }

    fn arrive(&mut self) {
        while let Some((characteristic, read, bytes)) = self.coming.pop_front() {
            self.event(if read {
                Event::Read { characteristic, bytes: &bytes }
            } else {
                Event::Notification { characteristic, bytes: &bytes }
            });
        }
    }

    fn connect(&mut self) {
        self.up = true;
        self.event(Event::Connected { mtu: 247 });
        self.arrive();
    }

    fn disconnect(&mut self) {
        self.up = false;
        self.event(Event::Disconnected);
    }

    /// Time passes in ms; the sensor samples, and the link delivers the data frames that `keep` says, by kind
    /// and number.
    fn run(&mut self, millis: u64, keep: &dyn Fn(Kind, u32) -> bool) {
        for _ in 0..millis {
            self.now = self.now.plus_millis(1);
            if self.session.wake_at().is_some_and(|due| self.now >= due) {
                self.event(Event::Wake);
                self.arrive();
            }
            for (i, kind) in [Kind::ACC, Kind::GYRO].into_iter().enumerate() {
                let Some(rate_hz) = self.sensor.rate_hz(kind) else {
                    self.next_ns[i] = self.now.0;
                    continue;
                };
                while self.next_ns[i] <= self.now.0 {
                    let clock_ns = UNSET_NS + self.next_ns[i] - self.began_ns;
                    self.next_ns[i] += 1_000_000_000 / u64::from(rate_hz);
                    // What is measured tells the moment, so that pairs can be checked.
                    self.taken[i] = (clock_ns / 2_000_000 % ROUND as u64) as i16;
                    let n = self.taken[i] * if i == 0 { 1 } else { -1 };
                    let mut bytes = [0; 244];
                    if let Some(len) = self.sensor.sample(kind, clock_ns, [n, 0, n], &mut bytes) {
                        self.sent[i] += 1;
                        if self.up && keep(kind, self.sent[i]) {
                            self.coming.push_back((DATA, false, bytes[..len].to_vec()));
                        }
                    }
                }
            }
            self.arrive();
        }
    }

    fn told(&self, what: &str) -> usize {
        self.told.iter().filter(|told| told.starts_with(what)).count()
    }

    fn ticks(&self) -> Vec<u64> {
        self.frames.iter().map(|frame| frame.ticks.unwrap()).collect()
    }

    /// Every acceleration has the rotation rate of its moment, and the moment that it was taken at: both to
    /// within a period, what is measured telling units of 2 ms.
    fn check_pairs(&self) {
        let near = |a: i32, b: i32| ((a - b).rem_euclid(ROUND) + 3) % ROUND <= 6;
        for Frame { ticks, acc, gyr, .. } in &self.frames {
            let measured = (ticks.unwrap() / 2_000_000 % ROUND as u64) as i32;
            assert!(near(measured, acc[0]) && near(measured, -gyr[0]), "{measured} {acc:?} {gyr:?}");
        }
    }
}

fn all(_: Kind, _: u32) -> bool {
    true
}

#[test]
fn differences_of_every_width_are_written_and_read() {
    for bits in 1..=32_u8 {
        let most = if bits == 32 { i32::MAX } else { (1 << (bits - 1)) - 1 };
        let mut samples = vec![[0, -1, 1]];
        for step in [[most, 0, -most], [-most - 1, 0, most], [0, 0, 0], [-1, most, -most - 1]] {
            let last = *samples.last().unwrap();
            samples.push([0, 1, 2].map(|i| i32::wrapping_add(last[i], step[i])));
        }
        assert_eq!(delta::width(samples[0], &samples[1..]), bits);
        let mut bytes = [0; 128];
        let len = delta::encode(&samples, [(bits, 3), (bits, 1)].into_iter(), &mut bytes).unwrap();
        assert_eq!(delta::count(&bytes[..len]), Ok(4));
        assert_eq!(Samples::new(samples[0], &bytes[..len]).collect::<Vec<_>>(), samples);
        // A field less is too narrow, a byte less is no block.
        assert_eq!(delta::encode(&samples, [(bits - 1, 4)].into_iter(), &mut [0; 128]), None);
        assert_eq!(delta::count(&bytes[..len - 1]), Err(Refusal::Length));
    }
    for blocks in [[0, 1, 0], [33, 1, 0], [8, 0, 0]] {
        assert_eq!(delta::count(&blocks), Err(Refusal::Kind), "{blocks:?}");
    }
}

#[test]
fn every_cut_of_a_compressed_frame_is_refused_or_ends_at_a_block() {
    let samples: Vec<[i32; 3]> = (0..40).map(|i| [i * 7, -i * 3, 4000 + i]).collect();
    let mut bytes = [0; 244];
    let len = frame::encode(Form::AccDelta, 1, &samples, [(5, 16), (4, 15), (6, 8)].into_iter(), &mut bytes).unwrap();
    assert_eq!(DataFrame::parse(&bytes[..len]).unwrap().samples().collect::<Vec<_>>(), samples);
    let ends = [16, 16 + 2 + 30, 16 + 2 + 30 + 2 + 23];
    for cut in 0..len {
        let whole = DataFrame::parse(&bytes[..cut]).map(|frame| frame.samples().collect::<Vec<_>>());
        match ends.iter().position(|end| *end == cut) {
            // Nothing in the bytes tells that more was to come; what is there is true.
            Some(i) => assert_eq!(whole.unwrap(), samples[..[1, 17, 32][i]]),
            None => assert!(whole.is_err(), "{cut}"),
        }
    }
}

#[test]
fn a_sum_that_leaves_sixteen_bits_shows_damage() {
    let mut bytes = [0; 64];
    let far = [[32_000, 0, 0], [32_800, 0, 0]];
    for (form, refused) in [(Form::AccDelta, true), (Form::GyrDelta, true), (Form::GyrFloatDelta, false)] {
        let len = frame::encode(form, 1, &far, [(12, 1)].into_iter(), &mut bytes).unwrap();
        assert_eq!(DataFrame::parse(&bytes[..len]).is_err(), refused, "{form:?}");
    }
}

#[test]
fn raw_forms_are_of_one_two_and_three_bytes() {
    let samples = [[-1, 2, -128], [127, 0, 5]];
    let mut bytes = [0; 64];
    for (form, len) in [(Form::Acc8, 16), (Form::Acc16, 22), (Form::Acc24, 28)] {
        assert_eq!(frame::encode(form, 9, &samples, std::iter::empty(), &mut bytes), Some(len));
        let frame = DataFrame::parse(&bytes[..len]).unwrap();
        assert_eq!((frame.form, frame.clock_ns, frame.count), (form, 9, 2));
        assert_eq!(frame.samples().collect::<Vec<_>>(), samples);
        assert_eq!(DataFrame::parse(&bytes[..len - 1]), Err(Refusal::Length));
    }
    for (kind, form) in [(2, 0x03), (2, 0x82), (5, 0x00), (6, 0x80)] {
        (bytes[0], bytes[9]) = (kind, form);
        assert_eq!(DataFrame::parse(&bytes[..22]), Err(Refusal::Kind), "{kind} {form:#x}");
    }
}

#[test]
fn settings_of_the_makers_test_are_read() {
    let bytes = [0, 1, 52, 0, 1, 1, 16, 0, 2, 4, 0xf5, 0, 0xf4, 1, 0xe8, 3, 0xd0, 7, 4, 1, 3];
    let settings = Settings(&bytes);
    assert!(settings.whole() && !Settings(&bytes[..20]).whole());
    let values = |setting| settings.values(setting).collect::<Vec<_>>();
    assert_eq!([values(0), values(1), values(4)], [[52], [16], [3]]);
    assert_eq!(values(2), [245, 500, 1000, 2000]);
    assert_eq!(settings.factor(), None);
}

#[test]
fn a_chest_strap_streams_acceleration_at_its_fastest() {
    let mut talk = Talk::new(Model::H10, 100.0);
    talk.connect();
    talk.run(1_000, &all);
    let start = [2, 2, 0, 1, 0xc8, 0, 1, 1, 16, 0, 2, 1, 8, 0];
    assert_eq!(talk.commands, [vec![3, 2], vec![1, 2], start.to_vec()]);
    let scale = Scale::Counts { full_scale: 8.0, full_count: 8_000.0 };
    assert_eq!(talk.formats, [Format { acc: scale, gyr: None, rate_hz: 200.0, tick_s: Some(1e-9) }]);
    // Frames of 36 samples, 5 ms apart.
    assert_eq!(talk.frames.len(), 180);
    assert!(talk.ticks().windows(2).all(|pair| pair[1] - pair[0] == 5_000_000));
    assert!(!talk.session.signal(Signal::Identify, &mut |_| {}));
}

#[test]
fn a_verity_sense_goes_into_sdk_mode_and_gives_six_axes() {
    let mut talk = Talk::new(Model::VeritySense, 100.0);
    talk.connect();
    talk.run(3_000, &all);
    let settings = |kind, range: [u8; 2]| vec![2, kind, 0, 1, 208, 0, 1, 1, 16, 0, 2, 1, range[0], range[1], 4, 1, 3];
    assert_eq!(
        talk.commands,
        [vec![3, 2], vec![3, 5], vec![2, 9], vec![4, 2], settings(2, [8, 0]), vec![4, 5], settings(5, [0xd0, 0x07]),]
    );
    let Format { acc, gyr, rate_hz, .. } = talk.formats[0];
    assert!(talk.formats.len() == 1 && rate_hz == 208.0);
    assert!((acc.value(4096) - 1.0).abs() < 1e-9 && (gyr.unwrap().value(-16_384) + 1_000.0).abs() < 1e-9);
    // All but what still waits: a frame of one kind is 0.3 s.
    assert!(talk.frames.len() > 500 && talk.session.counts().refused_in_all() <= 2, "{}", talk.frames.len());
    talk.check_pairs();
}

#[test]
fn an_old_sensor_with_one_rate_says_that_it_keeps_it() {
    let mut talk = Talk::new(Model::Oh1, 100.0);
    talk.connect();
    talk.run(3_000, &all);
    assert_eq!(talk.told("ReadOnly { rate_hz: 50.0 }"), 1);
    assert_eq!(talk.frames.len(), 126);
    assert_eq!(talk.formats[0].acc.value(1_000), 1.0);
}

#[test]
fn a_lost_frame_is_a_hole_in_the_clock_and_no_sample_is_stretched_over_it() {
    let mut talk = Talk::new(Model::H10, 200.0);
    talk.connect();
    talk.run(2_000, &|_, n| n != 4);
    let steps: Vec<u64> = talk.ticks().windows(2).map(|pair| (pair[1] - pair[0]) / 1_000_000).collect();
    assert_eq!(steps.iter().filter(|step| **step != 5).collect::<Vec<_>>(), [&185]);
    assert_eq!(steps.len(), 36 * 10 - 1);
}

#[test]
fn a_lost_half_leaves_its_other_half_out() {
    for lost in [Kind::ACC, Kind::GYRO] {
        let mut talk = Talk::new(Model::VeritySense, 208.0);
        talk.connect();
        talk.run(1_000, &all);
        let before = (talk.session.counts().refused(Refusal::Truncated), talk.sent);
        talk.run(3_000, &|kind, n| kind != lost || n != before.1[usize::from(lost == Kind::GYRO)] + 2);
        let truncated = talk.session.counts().refused(Refusal::Truncated) - before.0;
        // Sixty-three, but for the edges.
        if lost == Kind::GYRO {
            assert!((60..=64).contains(&truncated), "{truncated}");
        } else {
            assert_eq!(truncated, 0);
        }
        let holes = talk.ticks().windows(2).filter(|pair| pair[1] - pair[0] > 8_000_000).count();
        assert_eq!(holes, 1, "{lost:?}");
        talk.check_pairs();
    }
}

#[test]
fn a_stream_that_outlived_the_link_goes_on_and_nothing_is_told_anew() {
    let mut talk = Talk::new(Model::VeritySense, 208.0);
    talk.connect();
    talk.run(2_000, &all);
    talk.disconnect();
    talk.run(5_000, &all);
    let before = talk.frames.len();
    talk.connect();
    talk.run(2_000, &all);
    assert!(talk.frames.len() > before + 300, "{}", talk.frames.len() - before);
    assert_eq!((talk.told("Restarted"), talk.formats.len()), (0, 1));
    talk.check_pairs();
}

#[test]
fn a_clock_that_begins_anew_or_is_set_is_a_new_start() {
    for set_by_ns in [-1_500_000_000_i64, 900_000_000_000] {
        let mut talk = Talk::new(Model::VeritySense, 208.0);
        talk.connect();
        talk.run(2_000, &all);
        talk.began_ns = talk.began_ns.checked_add_signed(-set_by_ns).unwrap();
        let before = talk.frames.len();
        talk.run(2_000, &all);
        // Both streams show it, and each may be the first.
        assert!((1..=2).contains(&talk.told("Restarted")), "{set_by_ns}: {}", talk.told("Restarted"));
        assert!(talk.frames.len() > before + 100, "{set_by_ns}: {}", talk.frames.len() - before);
        // The frame in which it was set holds samples of both clocks.
        talk.frames.clear();
        talk.run(1_000, &all);
        assert!(talk.frames.len() > 100);
        talk.check_pairs();
    }
}

#[test]
fn a_sensor_that_lost_its_power_is_set_up_again() {
    let mut talk = Talk::new(Model::H10, 200.0);
    talk.connect();
    talk.run(20_000, &all);
    talk.disconnect();
    (talk.sensor, talk.began_ns) = (Peripheral::new(Model::H10, 247), talk.now.0);
    talk.connect();
    talk.run(2_000, &all);
    assert_eq!(talk.told("Restarted"), 1);
    assert_eq!(talk.formats.len(), 1);
    assert!(talk.ticks().last().unwrap() - UNSET_NS < 2_000_000_000);
}

#[test]
fn a_frame_that_comes_twice_or_too_late_is_refused() {
    let mut talk = Talk::new(Model::H10, 200.0);
    talk.connect();
    talk.run(1_000, &all);
    let newest = *talk.ticks().last().unwrap();
    let frames = talk.frames.len();
    let mut bytes = [0; 244];
    for clock_ns in [newest, newest - 180_000_000, newest - 180_000_000, newest] {
        let len = frame::encode(Form::Acc16, clock_ns, &[[1; 3]; 36], std::iter::empty(), &mut bytes).unwrap();
        talk.event(Event::Notification { characteristic: DATA, bytes: &bytes[..len] });
    }
    assert_eq!((talk.frames.len(), talk.session.counts().refused(Refusal::Repeated)), (frames, 4));
    assert_eq!(talk.told("Restarted"), 0);
}

#[test]
fn in_its_charger_it_stops_and_says_so() {
    let mut talk = Talk::new(Model::VeritySense, 208.0);
    talk.connect();
    talk.run(1_000, &all);
    let mut said = [0; 8];
    let len = talk.sensor.stop_all(&mut said).unwrap();
    assert_eq!(said[..len], [1, 2, 5]);
    talk.sensor.charging = true;
    talk.event(Event::Notification { characteristic: CONTROL, bytes: &said[..len] });
    talk.run(2_000, &all);
    assert!(talk.told("Unsupported(\"it does not stream while it is charging") == 1, "{:?}", talk.told);
    // Out of it, and connected anew.
    talk.sensor.charging = false;
    talk.disconnect();
    talk.connect();
    let before = talk.frames.len();
    talk.run(1_000, &all);
    assert!(talk.frames.len() > before + 60);
}

#[test]
fn a_stream_that_the_sensor_stopped_is_started_again() {
    let mut talk = Talk::new(Model::VeritySense, 208.0);
    talk.connect();
    talk.run(1_000, &all);
    let mut said = [0; 8];
    let len = talk.sensor.stop_all(&mut said).unwrap();
    talk.event(Event::Notification { characteristic: CONTROL, bytes: &said[..len] });
    let before = talk.frames.len();
    talk.run(3_000, &all);
    assert!(talk.frames.len() > before + 250, "{}", talk.frames.len() - before);
    assert_eq!((talk.told("Restarted"), talk.told("Unsupported")), (0, 0));
}

#[test]
fn sensors_are_known_by_name_and_those_of_one_phone_are_refused() {
    for name in ["Polar H10 1234ABCD", "Polar Sense 1234ABCD", "Polar OH1 1234ABC"] {
        let found = recognise(Some(name), &[]);
        assert!(matches!(found, Recognised::As(family) if family.id == "polar"), "{name}: {found:?}");
    }
    for name in ["Polar 360 1234ABCD", "Polar Loop 1234ABCD"] {
        assert!(matches!(recognise(Some(name), &[SERVICE]), Recognised::Refused(..)), "{name}");
    }
    // A watch has the maker's name alone.
    assert!(matches!(recognise(Some("Polar Vantage V 1234ABCD"), &[]), Recognised::Unknown));
}

/// A session that waits for an answer to its start of acceleration on a sensor with these features.
fn asked(features: [u8; 3]) -> (Polar, Vec<Vec<u8>>) {
    let mut session = Polar::new(Wanted { rate_hz: 50.0 });
    let mut written = Vec::new();
    let offer = [0, 2, 25, 0, 200, 0, 1, 1, 16, 0, 2, 2, 4, 0, 8, 0];
    let mut event = |event: Event<'_>| {
        session.handle(Moment(0), event, &mut |action| {
            if let Action::Write { bytes, .. } = action {
                written.push(bytes.to_vec());
            }
        });
    };
    event(Event::Connected { mtu: 247 });
    event(Event::Read { characteristic: CONTROL, bytes: &features });
    event(Event::Notification { characteristic: CONTROL, bytes: &[0xf0, 3, 2, 6, 0] });
    // Settings in two answers.
    let first = [&[0xf0, 1, 2, 0, 1][..], &offer[..5]].concat();
    let second = [&[0xf0, 1, 2, 0, 0][..], &offer[5..]].concat();
    event(Event::Notification { characteristic: CONTROL, bytes: &first });
    event(Event::Notification { characteristic: CONTROL, bytes: &second });
    (session, written)
}

#[test]
fn settings_that_come_in_two_answers_are_joined() {
    let (_, written) = asked([0x0f, 0x04, 0]);
    assert_eq!(written.last().unwrap()[..], [2, 2, 0, 1, 200, 0, 1, 1, 16, 0, 2, 1, 8, 0]);
}

#[test]
fn every_refusal_to_start_is_tried_again_and_then_told() {
    for (status, tries, word) in
        [(3, 1, "offer"), (13, 1, "charging"), (12, 3, "mode"), (10, 3, "too few bytes"), (8, 3, "every setting")]
    {
        let (mut session, _) = asked([0x0f, 0x04, 0]);
        let (mut told, mut now) = (Vec::new(), Moment(0));
        let mut starts = 0;
        for _ in 0..100 {
            let mut answers = VecDeque::from([vec![0xf0, 2, 2, status, 0]]);
            starts += 1;
            while let Some(bytes) = answers.pop_front() {
                session.handle(now, Event::Notification { characteristic: CONTROL, bytes: &bytes }, &mut |action| {
                    if let Action::Unsupported(why) = action {
                        told.push(why);
                    }
                });
            }
            if !told.is_empty() {
                break;
            }
            now = session.wake_at().unwrap();
            session.handle(now, Event::Wake, &mut |_| {});
            for bytes in
                [vec![0xf0, 3, 2, 0, 0], [vec![0xf0, 1, 2, 0, 0], vec![0, 1, 50, 0, 1, 1, 16, 0, 2, 1, 8, 0]].concat()]
            {
                session.handle(now, Event::Read { characteristic: CONTROL, bytes: &[0x0f, 4, 0] }, &mut |_| {});
                session.handle(now, Event::Notification { characteristic: CONTROL, bytes: &bytes }, &mut |_| {});
            }
        }
        assert!(told.len() == 1 && told[0].contains(word) && starts == tries, "{status}: {told:?} after {starts}");
    }
}

#[test]
fn a_gyroscope_that_refuses_leaves_acceleration() {
    let (mut session, _) = asked([0x0f, 0x24, 0]);
    let mut frames = Vec::new();
    let mut formats = Vec::new();
    let mut bytes = [0; 64];
    let len = frame::encode(Form::Acc16, 1 << 50, &[[1, 2, 3], [4, 5, 6]], std::iter::empty(), &mut bytes).unwrap();
    let offer = [0xf0, 1, 2, 0, 0, 0, 1, 50, 0, 1, 1, 16, 0, 2, 1, 8, 0];
    for (characteristic, bytes) in [
        // The second stop, then settings and start of acceleration, a frame, and no gyroscope.
        (CONTROL, &[0xf0, 3, 5, 6, 0][..]),
        (CONTROL, &offer),
        (CONTROL, &[0xf0, 2, 2, 0, 0]),
        (DATA, &bytes[..len]),
        (CONTROL, &[0xf0, 1, 5, 3, 0]),
    ] {
        session.handle(Moment(1), Event::Notification { characteristic, bytes }, &mut |action| match action {
            Action::Frame(frame) => frames.push(frame.acc),
            Action::Format(format) => formats.push(format.gyr),
            _ => {}
        });
    }
    assert_eq!((frames, formats), (vec![[1, 2, 3], [4, 5, 6]], vec![None]));
}

#[test]
fn rotation_in_floats_is_given_out_bit_for_bit_and_only_if_finite() {
    let mut session = Polar::new(Wanted { rate_hz: 50.0 });
    let (mut frames, mut formats, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    let offer = |kind| [0xf0, 1, kind, 0, 0, 0, 1, 208, 0, 1, 1, 16, 0, 2, 1, 8, 0];
    let floats = |n: f32| [n, -n, 0.5 * n].map(|n| n.to_bits().cast_signed());
    let mut data = Vec::new();
    for (form, clock_ns, samples) in [
        (Form::Acc16, 1_000_000_000, vec![[1, 2, 3], [4, 5, 6]]),
        (Form::GyrFloatDelta, 1_000_000_000, vec![floats(1.5), floats(-2.25)]),
        (Form::GyrFloatDelta, 2_000_000_000, vec![floats(f32::NAN)]),
    ] {
        let mut bytes = [0; 64];
        let len =
            frame::encode(form, clock_ns, &samples, (samples.len() > 1).then_some((32, 1)).into_iter(), &mut bytes);
        data.push(bytes[..len.unwrap()].to_vec());
    }
    let mut event = |event: Event<'_>| {
        session.handle(Moment(1), event, &mut |action| match action {
            Action::Frame(frame) => frames.push(frame),
            Action::Format(format) => formats.push(format.gyr),
            Action::Refused { why, .. } => refused.push(why),
            _ => {}
        });
    };
    event(Event::Connected { mtu: 247 });
    event(Event::Read { characteristic: CONTROL, bytes: &[0x0f, 0x24, 0] });
    for bytes in [
        &[0xf0, 3, 2, 0, 0][..],
        &[0xf0, 3, 5, 0, 0],
        &offer(2),
        &[0xf0, 2, 2, 0, 0],
        &offer(5),
        &[0xf0, 2, 5, 0, 0, 5, 1, 0, 0, 0x80, 0x3f],
    ] {
        event(Event::Notification { characteristic: CONTROL, bytes });
    }
    data.iter().for_each(|bytes| event(Event::Notification { characteristic: DATA, bytes }));
    assert_eq!(formats, [Some(Scale::Float32(Unit::DegreesPerSecond))]);
    assert_eq!(frames.iter().map(|frame| frame.gyr).collect::<Vec<_>>(), [floats(1.5), floats(-2.25)]);
    assert_eq!(refused, [Refusal::Value]);
}

#[test]
fn the_sensors_side_refuses_as_the_real_one() {
    let mut sensor = Peripheral::new(Model::VeritySense, 247);
    let mut status = |bytes: &[u8]| {
        let mut answer = [0; 64];
        let len = sensor.write(bytes, &mut answer).unwrap();
        Answer::parse(&answer[..len]).unwrap().status
    };
    let start = [2, 2, 0, 1, 52, 0, 1, 1, 16, 0, 2, 1, 8, 0, 4, 1, 3];
    assert_eq!(status(&[9, 2]), Status(1));
    assert_eq!(status(&[1, 6]), Status(3));
    assert_eq!(status(Command::Start(Kind::ACC, None).encode().as_slice()), Status(5));
    assert_eq!(status(&[2, 2, 0, 1, 208, 0, 1, 1, 16, 0, 2, 1, 8, 0, 4, 1, 3]), Status(8));
    assert_eq!(status(&start), Status::SUCCESS);
    assert_eq!((status(&start), status(&[2, 9])), (Status::ALREADY, Status::STATE));
    assert_eq!((status(&[3, 2]), status(&[2, 9]), status(&[2, 9])), (Status(0), Status(0), Status::ALREADY));
}

#[test]
fn the_battery_is_read_now_and_then() {
    let mut talk = Talk::new(Model::H10, 200.0);
    talk.sensor.percent = 72;
    talk.connect();
    talk.run(47_000, &all);
    assert_eq!(talk.told("Battery { percent: 72, millivolts: None }"), 2);
}
