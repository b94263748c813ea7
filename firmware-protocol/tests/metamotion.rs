//! MetaMotion: the chips and their codes, and sessions from discovery through loss, reconnection and new starts.
#![cfg(feature = "peripheral")]

use firmware_protocol::family::{Recognised, recognise};
use firmware_protocol::metamotion::command::{Command, Processor, Sensor, Source};
use firmware_protocol::metamotion::peripheral::{C, Make, Peripheral, R, S};
use firmware_protocol::metamotion::wire::{self, Axes, Chip, LONGEST, Message};
use firmware_protocol::metamotion::{COMMAND, MODEL, MetaMotion, NOTIFY, SERVICE};
use firmware_protocol::session::{Action, Event, Format, Frame, Moment, Refusal, Scale, Session, Signal, Wanted};
use std::collections::VecDeque;

/// What comes to the session.
enum Coming {
    Notification(Vec<u8>),
    Model(Vec<u8>),
}

/// A board and a session on one link.
struct Talk {
    session: MetaMotion,
    board: Peripheral,
    /// The board says nothing at all.
    mute: bool,
    /// The board says that it has a fuser, even if it has none.
    claims_fuser: bool,
    up: bool,
    now: Moment,
    coming: VecDeque<Coming>,
    written: Vec<Command>,
    frames: Vec<Frame>,
    formats: Vec<Format>,
    told: Vec<String>,
    taken: i16,
}

impl Talk {
    fn new(make: Make, rate_hz: f64) -> Self {
        Self {
            session: MetaMotion::new(Wanted { rate_hz }),
            board: Peripheral::new(make),
            mute: false,
            claims_fuser: false,
            up: false,
            now: Moment(1),
            coming: VecDeque::new(),
            written: Vec::new(),
            frames: Vec::new(),
            formats: Vec::new(),
            told: Vec::new(),
            taken: 0,
        }
    }

    fn event(&mut self, event: Event<'_>) {
        let Self { session, board, mute, up, now, coming, written, frames, formats, told, .. } = self;
        session.handle(*now, event, &mut |action| match action {
            Action::Write { characteristic, bytes } => {
                assert_eq!(characteristic, COMMAND);
                written.push(Command::parse(bytes).unwrap_or_else(|| panic!("no command: {bytes:02x?}")));
                if !*mute {
                    *up &= board.write(bytes, &mut |answer| coming.push_back(Coming::Notification(answer.to_vec())));
                }
            }
            Action::Read(MODEL) if !*mute => coming.push_back(Coming::Model(board.model().as_bytes().to_vec())),
            Action::Frame(frame) => frames.push(frame),
            Action::Format(format) => formats.push(format),
            other => told.push(format!("{other:?}")),
        });
    }

    fn arrive(&mut self) {
        while let Some(coming) = self.coming.pop_front() {
            match coming {
                Coming::Notification(mut bytes) => {
                    if self.claims_fuser && bytes.starts_with(&[0x09, 0x80]) {
                        bytes[3] = 1;
                    }
                    self.event(Event::Notification { characteristic: NOTIFY, bytes: &bytes });
                }
                Coming::Model(bytes) => self.event(Event::Read { characteristic: MODEL, bytes: &bytes }),
            }
        }
    }

    fn connect(&mut self) {
        self.up = true;
        self.event(Event::Connected { mtu: 23 });
        self.arrive();
    }

    fn disconnect(&mut self) {
        self.up = false;
        self.board.disconnected();
        self.event(Event::Disconnected);
    }

    /// Time passes in steps of 10 ms; the board takes samples, the link delivers those that `keep` says.
    fn run(&mut self, millis: u64, keep: &dyn Fn(i16) -> bool) {
        for _ in 0..millis / 10 {
            self.now = self.now.plus_millis(10);
            if self.session.wake_at().is_some_and(|due| self.now >= due) {
                self.event(Event::Wake);
                self.arrive();
            }
            if self.board.rate_hz().is_some() {
                self.taken += 1;
                let (n, mut sent) = (self.taken, Vec::new());
                self.board.sample([n; 3], [-n; 3], &mut |bytes| sent.push(bytes.to_vec()));
                if self.up && keep(n) && !self.mute {
                    self.coming.extend(sent.into_iter().map(Coming::Notification));
                }
            }
            self.arrive();
        }
    }

    fn told(&self, what: &str) -> usize {
        self.told.iter().filter(|told| told.starts_with(what)).count()
    }

    /// Both halves of every frame were taken together.
    fn check_pairs(&self) {
        assert!(self.frames.iter().all(|frame| frame.acc[0] == -frame.gyr[0]), "{:?}", self.frames);
    }
}

#[test]
fn a_board_is_known_by_its_service_and_its_boot_loader_is_refused() {
    let found = recognise(Some("my back"), &[SERVICE]);
    assert!(matches!(found, Recognised::As(family) if family.id == "metamotion"));
    assert!(matches!(recognise(Some("MetaBoot"), &[]), Recognised::Refused(family, _) if family.id == "metamotion"));
    // A name that anyone may give proves nothing.
    assert!(matches!(recognise(Some("MetaWear"), &[]), Recognised::Unknown));
}

#[test]
fn rates_and_ranges_have_the_codes_of_the_maker() {
    assert_eq!([1, 5, 6, 8, 9, 12, 13].map(wire::rate_hz), [0.78125, 12.5, 25.0, 100.0, 200.0, 1600.0, 3200.0]);
    assert_eq!([1.0, 26.0, 100.0, 400.0].map(wire::rate_code), [6, 7, 8, 8]);
    for (chip, code, bytes) in [
        (Chip::Bmi160, 8, [0x03, 0x03, 0x28, 0x0c]),
        (Chip::Bmi160, 4, [0x03, 0x03, 0x84, 0x0c]),
        (Chip::Bmi270, 8, [0x03, 0x03, 0xa8, 0x03]),
        (Chip::Bmi270, 4, [0x03, 0x03, 0x24, 0x03]),
    ] {
        let command = Command::AccConfig(chip, code, 16);
        assert_eq!(command.encode().as_slice(), bytes);
        assert_eq!(Command::parse(&bytes), Some(command));
    }
}

#[test]
fn counts_become_the_values_of_the_makers_tests() {
    let mut talk = Talk::new(R, 100.0);
    talk.connect();
    talk.run(50, &|_| true);
    let Format { acc, gyr, .. } = talk.formats[0];
    let close = |scale: Scale, count: i32, value: f64| assert!((scale.value(count) - value).abs() < 5e-4, "{value}");
    close(acc, i32::from(i16::from_le_bytes([0x62, 0xb7])), -4.539);
    close(gyr.unwrap(), i32::from(i16::from_le_bytes([0x09, 0x15])), 164.177);
}

#[test]
fn a_packed_frame_may_be_short_but_never_broken() {
    let mut bytes = [0; LONGEST];
    let two = Message::Acc(0x1c, Axes::of(&[[1, 2, 3], [4, 5, 6]]));
    let len = two.encode(&mut bytes);
    assert_eq!(Message::parse(&bytes[..len]), Ok(two));
    for (cut, why) in [(1, Refusal::Length), (2, Refusal::Length), (9, Refusal::Length), (13, Refusal::Length)] {
        assert_eq!(Message::parse(&bytes[..cut]), Err(why), "{cut}");
    }
    // One register, two meanings: the length decides.
    let single = Message::Gyr(0x05, Axes::of(&[[1, 2, 3]]));
    let len = single.encode(&mut bytes);
    assert_eq!((len, Message::parse(&bytes[..len])), (8, Ok(single)));
    assert_eq!(Message::parse(&[0x19, 0x07, 1, 2]), Err(Refusal::Kind));
}

#[test]
fn every_board_is_discovered_cleaned_and_configured_for_its_own_chip() {
    for (make, acc, gyro) in [(R, 0x28, 0x05), (C, 0x28, 0x05), (S, 0xa8, 0x04)] {
        let mut talk = Talk::new(make, 100.0);
        talk.connect();
        talk.run(200, &|_| true);
        let written: Vec<Vec<u8>> = talk.written.iter().map(|command| command.encode().as_slice().to_vec()).collect();
        assert_eq!(written[0], [0x11, 0x80]);
        let expected: [&[u8]; 13] = [
            &[0x09, 0x08],
            &[0x0a, 0x05],
            &[0x0b, 0x0a],
            &[0x03, 0x01, 0x00],
            &[0x13, 0x01, 0x00],
            &[0x11, 0x09, 6, 0, 6, 0, 0, 0, 0x58, 2],
            &[0x03, 0x03, acc, if make == S { 2 } else { 8 }],
            &[0x13, 0x03, 0x28, 1],
            &[0x09, 0x02, 0x13, gyro, 0xff, 0xa0, 0x0f, 0x05],
            &[0x09, 0x02, 0x03, 0x04, 0xff, 0xa0, 0x1b, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x09, 0x02, 0x09, 0x03, 1, 0x60, 0x11, 0x30, 0x03],
            &[0x09, 0x07, 2, 1],
            &[0x09, 0x03, 1],
        ];
        assert_eq!(written[7..20], expected);
        assert_eq!(written[20..].concat(), [3, 2, 1, 0, 0x13, 2, 1, 0, 3, 1, 1, 0x13, 1, 1]);
        assert!(talk.frames.len() > 15 && talk.formats.len() == 1, "{}", talk.frames.len());
        talk.check_pairs();
    }
}

#[test]
fn what_the_link_loses_is_a_hole_in_the_counter() {
    let mut talk = Talk::new(S, 100.0);
    talk.connect();
    talk.run(100, &|_| true);
    let (begun, first) = (talk.frames.len(), talk.taken);
    talk.run(1_000, &|n| (n - first - 1) % 4 != 0);
    let seqs: Vec<u64> = talk.frames[begun - 1..].iter().map(|frame| frame.seq.unwrap()).collect();
    assert_eq!(seqs[1] - seqs[0], 2);
    assert_eq!(seqs.last().unwrap() - seqs[0], 100);
    assert_eq!(seqs.len(), 76);
    talk.check_pairs();
}

#[test]
fn without_the_fuser_two_counters_are_put_together_by_their_numbers() {
    let mut talk = Talk::new(Make { processor_revision: 0, ..R }, 50.0);
    talk.connect();
    assert!(talk.written.contains(&Command::Create(Source::Acc, Processor::Count)));
    assert!(talk.written.contains(&Command::Create(Source::Gyro(Chip::Bmi160), Processor::Count)));
    talk.run(300, &|_| true);
    talk.check_pairs();
    let whole = talk.frames.len();
    // Now and then one half is lost on the air.
    for i in 0_u8..100 {
        talk.taken += 1;
        let (n, mut sent) = (talk.taken, Vec::new());
        talk.board.sample([n; 3], [-n; 3], &mut |bytes| sent.push(bytes.to_vec()));
        match i % 10 {
            3 => drop(sent.remove(0)),
            7 => drop(sent.remove(1)),
            _ => {}
        }
        talk.coming.extend(sent.into_iter().map(Coming::Notification));
        talk.arrive();
    }
    assert_eq!(talk.frames.len() - whole, 80);
    assert_eq!(talk.session.counts().refused(Refusal::Truncated), 20);
    talk.check_pairs();
    assert!(talk.frames.windows(2).all(|pair| pair[1].seq > pair[0].seq));
}

#[test]
fn firmware_that_ignores_the_fuser_gets_two_counters_after_all() {
    let mut talk = Talk::new(Make { processor_revision: 0, ..R }, 100.0);
    talk.claims_fuser = true;
    talk.connect();
    talk.run(4_000, &|_| true);
    assert!(talk.written.contains(&Command::Create(Source::Acc, Processor::Fuser(0))));
    assert!(talk.frames.len() > 100, "{}", talk.frames.len());
    talk.check_pairs();
}

#[test]
fn after_a_reconnection_the_counter_tells_what_was_lost_and_nothing_is_set_up_again() {
    let mut talk = Talk::new(R, 100.0);
    talk.connect();
    talk.run(500, &|_| true);
    talk.disconnect();
    let (before, written) = (talk.frames.len(), talk.written.len());
    talk.run(3_000, &|_| true);
    talk.connect();
    talk.run(500, &|_| true);
    let lost = talk.frames[before].seq.unwrap() - talk.frames[before - 1].seq.unwrap() - 1;
    assert_eq!(lost, 300);
    assert_eq!(talk.told("Restarted"), 0);
    assert_eq!(talk.formats.len(), 1);
    assert!(!talk.written[written..].iter().any(|command| matches!(command, Command::AccConfig(..))));
}

#[test]
fn a_board_that_lost_its_power_is_noticed_and_set_up_again() {
    let mut talk = Talk::new(S, 100.0);
    talk.connect();
    talk.run(500, &|_| true);
    talk.disconnect();
    talk.board = Peripheral::new(S);
    talk.connect();
    talk.run(3_000, &|_| true);
    assert_eq!(talk.told("Restarted"), 1);
    assert!(talk.frames.len() > 200);
    talk.check_pairs();
}

#[test]
fn the_counter_goes_on_over_its_end_and_repeated_packets_are_refused() {
    let mut talk = Talk::new(R, 100.0);
    talk.connect();
    talk.board.set_counters(u32::MAX - 5);
    talk.run(200, &|_| true);
    let newest = talk.frames.last().unwrap().seq.unwrap();
    assert!(newest > u64::from(u32::MAX) + 5 && newest < u64::from(u32::MAX) + 20, "{newest}");
    assert!(talk.frames.windows(2).all(|pair| pair[1].seq == pair[0].seq.map(|seq| seq + 1)));
    let mut bytes = [0; LONGEST];
    let len = Message::Processed(2, newest as u32, Axes::of(&[[1; 3], [2; 3]])).encode(&mut bytes);
    let frames = talk.frames.len();
    for _ in 0..3 {
        talk.event(Event::Notification { characteristic: NOTIFY, bytes: &bytes[..len] });
    }
    assert_eq!(talk.frames.len(), frames);
    assert_eq!(talk.session.counts().refused(Refusal::Repeated), 3);
}

#[test]
fn a_counter_that_no_time_could_have_brought_is_refused_until_it_goes_on() {
    let mut talk = Talk::new(R, 100.0);
    talk.connect();
    talk.run(200, &|_| true);
    let newest = talk.frames.last().unwrap().seq.unwrap();
    let mut bytes = [0; LONGEST];
    let len = Message::Processed(2, newest as u32 + 1_000, Axes::of(&[[1; 3], [2; 3]])).encode(&mut bytes);
    talk.event(Event::Notification { characteristic: NOTIFY, bytes: &bytes[..len] });
    talk.run(100, &|_| true);
    assert_eq!(talk.session.counts().refused(Refusal::Value), 1);
    assert_eq!(talk.frames.last().unwrap().seq, Some(newest + 10));
    // A counter that stays ahead is a new start.
    talk.board.set_counters(5_000_000);
    talk.run(200, &|_| true);
    assert_eq!(talk.told("Restarted"), 1);
    assert!(talk.frames.last().unwrap().seq.unwrap() > 5_000_000);
}

#[test]
fn a_stream_that_stops_is_set_up_anew_then_reset_then_given_up() {
    let mut talk = Talk::new(R, 100.0);
    talk.connect();
    talk.run(500, &|_| true);
    talk.mute = true;
    talk.run(20_000, &|_| true);
    assert_eq!(talk.written.last(), Some(&Command::Reset));
    for _ in 0..2 {
        talk.disconnect();
        talk.connect();
        talk.run(20_000, &|_| true);
    }
    assert_eq!(talk.told("Unsupported"), 1, "{:?}", talk.told);
    // It comes back.
    (talk.mute, talk.board) = (false, Peripheral::new(R));
    let before = talk.frames.len();
    talk.disconnect();
    talk.connect();
    talk.run(1_000, &|_| true);
    assert!(talk.frames.len() > before + 80);
}

#[test]
fn a_gyroscope_that_stays_off_is_switched_on_again() {
    let mut talk = Talk::new(R, 100.0);
    talk.connect();
    talk.run(100, &|_| true);
    talk.board.write(Command::Power(Sensor::Gyro, 0).encode().as_slice(), &mut |_| {});
    // The board still takes accelerations.
    for n in 0..150 {
        let mut sent = Vec::new();
        talk.board.sample([n; 3], [-n; 3], &mut |bytes| sent.push(bytes.to_vec()));
        talk.coming.extend(sent.into_iter().map(Coming::Notification));
        talk.arrive();
    }
    let powers = talk.written.iter().filter(|command| **command == Command::Power(Sensor::Gyro, 1)).count();
    assert_eq!(powers, 2);
    assert_ne!(talk.frames.last().unwrap().gyr, [0; 3]);
}

#[test]
fn unknown_chips_and_boards_that_cannot_count_are_told() {
    for (module, answer, word) in [
        ([0x03, 0x80, 2, 0], true, "motion chip"),
        ([0x13, 0x80, 0, 0], false, "motion chip"),
        ([0x13, 0x80, 1, 0], true, "motion chip"),
        ([0x09, 0x80, 0, 0], false, "firmware"),
    ] {
        let mut session = MetaMotion::new(Wanted { rate_hz: 100.0 });
        let mut told = Vec::new();
        session.handle(Moment(0), Event::Connected { mtu: 23 }, &mut |_| {});
        session.handle(Moment(0), Event::Failed { characteristic: MODEL }, &mut |_| {});
        for id in [0x11, 0x03, 0x13, 0x09, 0x08, 0x02, 0x14] {
            let good = [id, 0x80, u8::from(id == 3), 1];
            let bytes: &[u8] = match (id == module[0], answer) {
                (true, true) => &module,
                (true, false) => &module[..2],
                (false, _) => &good,
            };
            session.handle(Moment(0), Event::Notification { characteristic: NOTIFY, bytes }, &mut |action| {
                if let Action::Unsupported(why) = action {
                    told.push(why);
                }
            });
        }
        assert!(told.len() == 1 && told[0].contains(word), "{told:?}");
    }
}

#[test]
fn only_a_board_that_may_have_a_motor_buzzes_and_every_one_blinks() {
    for (make, buzzes) in [(R, true), (Make { light: false, ..R }, false), (C, false), (S, false)] {
        let mut talk = Talk::new(make, 100.0);
        assert!(!talk.session.signal(Signal::Strong, &mut |_| {}));
        talk.connect();
        talk.run(100, &|_| true);
        let mut written = Vec::new();
        let mut signal = |talk: &mut Talk, signal| {
            talk.session.signal(signal, &mut |action| {
                if let Action::Write { characteristic: COMMAND, bytes } = action {
                    written.push(bytes.to_vec());
                }
            })
        };
        assert_eq!(signal(&mut talk, Signal::Strong), buzzes);
        assert_eq!(signal(&mut talk, Signal::Soft), buzzes);
        assert!(signal(&mut talk, Signal::Identify));
        let motor = [vec![0x08, 0x01, 0xf8, 200, 0, 0], vec![0x08, 0x01, 0x7c, 150, 0, 0]];
        assert_eq!(written[..written.len() - 3], motor[..if buzzes { 2 } else { 0 }]);
        assert_eq!(written.last().unwrap(), &[0x02, 0x01, 0x01]);
    }
}

#[test]
fn the_battery_is_read_over_the_settings_module() {
    let mut talk = Talk::new(R, 100.0);
    (talk.board.percent, talk.board.millivolts) = (99, 4148);
    talk.connect();
    talk.run(2_000, &|_| true);
    assert_eq!(talk.told("Battery { percent: 99, millivolts: Some(4148) }"), 1);
    talk.run(45_000, &|_| true);
    assert_eq!(talk.told("Battery"), 2);
}

#[test]
fn what_an_earlier_program_left_running_is_refused() {
    let mut talk = Talk::new(R, 100.0);
    talk.connect();
    talk.run(100, &|_| true);
    let (frames, left) = (talk.frames.len(), [0x03, 0x04, 0xe8, 0x05, 0x9c, 0xfe, 0x73, 0x42]);
    talk.event(Event::Notification { characteristic: NOTIFY, bytes: &left });
    assert_eq!((talk.frames.len(), talk.session.counts().refused(Refusal::Kind)), (frames, 1));
}
