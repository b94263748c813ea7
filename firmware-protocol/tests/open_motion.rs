//! The open motion profile: the examples of `SPEC.md` both ways, and sessions through wraps, losses and restarts.
#![cfg(feature = "peripheral")]

use firmware_protocol::open_motion::peripheral::{Peripheral, STARTER};
use firmware_protocol::open_motion::wire::{
    AttError, Command, Counted, Form, Header, Info, LONGEST_PACKET, Packet, check, encode_packet,
};
use firmware_protocol::open_motion::{BATTERY_LEVEL, CONTROL, INFO, MOTION, OpenMotion};
use firmware_protocol::session::{Action, Event, Frame, Moment, Refusal, Session, Signal, Wanted};

const INFO_BYTES: &str = "01 0f 00 24 f4 00 00 94 35 77 a0 86 01 00 07 00 01 02 03 27";
const ONE: &str = "10 e1 ff ff ff ff ff 00 08 00 00 00 00 00 00 00 00 00 00 2d";
const TWO: &str = "11 f2 00 00 47 01 00 ff 7f 00 00 00 00 00 08 00 00 00 00 71";
const VIBRATE: &str = "11 14 00 01 64 05";
const RATE: &str = "12 50 c3 00 00 4e";
const IDENTIFY: &str = "13 02 28";
const REFUSED: [(&str, Refusal); 5] = [
    ("10 e1 ff ff ff ff ff 00 08 00 00 00 00 00 00 00 00 00 a0", Refusal::Length),
    ("20 e1 ff ff ff ff ff 00 08 00 00 00 00 00 00 00 00 00 00 33", Refusal::Kind),
    ("12 e1 ff ff ff ff ff 00 08 00 00 00 00 00 00 00 00 00 00 15", Refusal::Kind),
    ("10 e0 ff ff ff ff ff b2", Refusal::Kind),
    ("10 e1 ff ff ff ff ff 01 08 00 00 00 00 00 00 00 00 00 00 2d", Refusal::Checksum),
];

fn hex(text: &str) -> Vec<u8> {
    text.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn info() -> Info {
    Info { start_number: 7, firmware: [1, 2, 3], ..STARTER }
}

#[test]
fn the_examples_are_those_of_the_specification() {
    let spec = include_str!("../SPEC.md");
    let examples = [INFO_BYTES, ONE, TWO, VIBRATE, RATE, IDENTIFY].into_iter().chain(REFUSED.map(|(bytes, _)| bytes));
    for example in examples {
        assert!(spec.contains(&format!("\n{example}\n")), "{example} is not in SPEC.md");
    }
    assert_eq!(check(b"123456789"), 0xdf);
}

#[test]
fn accepted_examples_mean_what_the_specification_says_and_are_written_byte_for_byte() {
    assert_eq!(Info::parse(&hex(INFO_BYTES)), Ok(info()));
    assert_eq!(info().encode().to_vec(), hex(INFO_BYTES));

    let rest = Counted { acc: [2048, 0, 0], gyr: [0; 3] };
    let full = Counted { acc: [32767, 0, 0], gyr: [0; 3] };
    let one = Header { form: Form::SixAxes, clipped: false, start: 7, counter: 65535, clock: 0xff_ffff };
    let two = Header { form: Form::Acceleration, clipped: true, start: 7, counter: 0, clock: 327 };
    for (bytes, header, samples) in [(ONE, one, vec![rest]), (TWO, two, vec![full, rest])] {
        let bytes = hex(bytes);
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!((packet.header, packet.samples().collect::<Vec<_>>()), (header, samples.clone()));
        let mut written = [0; LONGEST_PACKET];
        let len = encode_packet(&header, &samples, &mut written).unwrap();
        assert_eq!(written[..len], bytes);
    }

    let buzz = Command::Vibrate { on: 20, off: 0, times: 1, strength: 100 };
    for (bytes, command) in [(VIBRATE, buzz), (RATE, Command::Rate(50_000)), (IDENTIFY, Command::Identify(2))] {
        assert_eq!(Command::parse(&hex(bytes)), Ok(command));
        assert_eq!(command.encode().as_slice(), hex(bytes));
    }
}

#[test]
fn refused_examples_are_refused_for_the_reason_given() {
    for (bytes, why) in REFUSED {
        assert_eq!(Packet::parse(&hex(bytes)), Err(why), "{bytes}");
    }
}

#[test]
fn a_sensor_refuses_commands_it_cannot_follow() {
    let mut plain = Peripheral::new(Info { vibrates: false, ..STARTER }, 23);
    assert_eq!(plain.control(&hex(VIBRATE)), Err(AttError::Unable));
    assert_eq!(plain.control(&hex("11 14 00 01 64 06")), Err(AttError::Check));
    assert_eq!(plain.control(&[]), Err(AttError::Unknown));
    let long = Command::Vibrate { on: 200, off: 0, times: 3, strength: 100 };
    assert_eq!(plain.control(long.encode().as_slice()), Err(AttError::Range));
    assert_eq!(plain.control(Command::Rate(5).encode().as_slice()), Err(AttError::Range));
    assert_eq!(plain.control(&hex(RATE)), Ok(Command::Rate(50_000)));
    assert_eq!(plain.info().rate_mhz, 50_000);
}

#[test]
fn a_packet_never_holds_more_than_the_mtu_or_fifty_milliseconds() {
    for (mtu, rate_mhz, samples, len) in [(23, 100_000, 1, 20), (247, 100_000, 5, 68), (247, 400_000, 15, 188)] {
        let mut sensor = Peripheral::new(Info { rate_mhz, ..STARTER }, mtu);
        let mut packet = [0; LONGEST_PACKET];
        let first = (1..20).find_map(|i| sensor.sample(i * 100, Counted::default(), &mut packet).map(|len| (i, len)));
        assert_eq!(first, Some((samples, len)), "mtu {mtu}");
    }
}

/// A host's session and everything it made of what came.
struct Link {
    session: OpenMotion,
    frames: Vec<Frame>,
    told: Vec<String>,
}

impl Link {
    fn new() -> Self {
        let session = OpenMotion::new(Wanted { rate_hz: 100.0 });
        let mut link = Self { session, frames: Vec::new(), told: Vec::new() };
        link.event(0.0, Event::Connected { mtu: 23 });
        link.info(0.0, &info());
        link
    }
    fn event(&mut self, at_s: f64, event: Event<'_>) {
        self.session.handle(Moment((at_s * 1e9) as u64), event, &mut |action| match action {
            Action::Frame(frame) => self.frames.push(frame),
            other => self.told.push(format!("{other:?}")),
        });
    }
    fn info(&mut self, at_s: f64, info: &Info) {
        self.event(at_s, Event::Read { characteristic: INFO, bytes: &info.encode() });
    }
    fn packet(&mut self, at_s: f64, start: u8, counter: u16, clock: u32) {
        let header = Header { form: Form::SixAxes, clipped: false, start, counter, clock: clock & 0xff_ffff };
        let mut bytes = [0; LONGEST_PACKET];
        let len = encode_packet(&header, &[Counted::default()], &mut bytes).unwrap();
        self.event(at_s, Event::Notification { characteristic: MOTION, bytes: &bytes[..len] });
    }
    fn seqs(&self) -> Vec<u64> {
        self.frames.iter().map(|frame| frame.seq.unwrap()).collect()
    }
    fn told(&self, what: &str) -> usize {
        self.told.iter().filter(|told| told.starts_with(what)).count()
    }
}

#[test]
fn info_comes_first_and_tells_the_scales() {
    let link = Link::new();
    assert_eq!(link.told[0], format!("{:?}", Action::Read(INFO)));
    assert!(link.told[1].contains("full_scale: 16.0") && link.told[1].contains("rate_hz: 100.0"), "{}", link.told[1]);
    assert_eq!(link.told[2], format!("{:?}", Action::Subscribe(MOTION)));
}

#[test]
fn counter_and_clock_go_on_over_their_ends() {
    let mut link = Link::new();
    for i in 0..3_u16 {
        link.packet(0.01 * f64::from(i), 7, 65534_u16.wrapping_add(i), 0xff_ff00 + u32::from(i) * 328);
    }
    assert_eq!(link.seqs(), [65534, 65535, 65536]);
    let ticks: Vec<u64> = link.frames.iter().map(|frame| frame.ticks.unwrap()).collect();
    assert_eq!(ticks, [0xff_ff00, 0xff_ff00 + 328, 0xff_ff00 + 656]);
}

#[test]
fn after_hours_out_of_reach_counter_and_clock_are_extended_by_the_time_that_passed() {
    let mut link = Link::new();
    link.packet(0.0, 7, 10, 1000);
    // Three hours later, on a sensor whose clock is 50 ppm fast and takes 100.4 samples a second.
    let hours_s = 3.0 * 3600.0;
    let ticks = 1000 + (hours_s * 32_768.0 * 1.000_05) as u64;
    let seq = 10 + (hours_s * 100.4) as u64;
    link.packet(hours_s, 7, seq as u16, ticks as u32);
    assert_eq!((link.frames[1].ticks, link.frames[1].seq), (Some(ticks), Some(seq)));
}

#[test]
fn lost_packets_show_in_the_counter_and_repeated_ones_are_refused() {
    let mut link = Link::new();
    for (at_s, counter) in [(0.00, 0), (0.04, 4), (0.05, 4), (0.06, 3), (0.07, 7)] {
        link.packet(at_s, 7, counter, u32::from(counter) * 328);
    }
    assert_eq!(link.seqs(), [0, 4, 7]);
    assert_eq!(link.session.counts().refused(Refusal::Repeated), 2);
}

#[test]
fn a_new_start_shows_in_the_first_packet_after_it() {
    let mut link = Link::new();
    link.packet(0.0, 7, 500, 100_000);
    link.event(1.0, Event::Disconnected);
    link.event(3.0, Event::Connected { mtu: 23 });
    link.packet(3.0, 0, 2, 900);
    link.info(3.1, &Info { start_number: 8, ..info() });
    link.packet(3.2, 0, 22, 900 + 20 * 328);
    assert_eq!(link.seqs(), [500, 2, 22]);
    assert_eq!(link.told("Restarted"), 1);
}

#[test]
fn a_sensor_that_begins_anew_without_saying_so_is_believed_after_eight_packets() {
    let mut link = Link::new();
    link.packet(0.0, 7, 500, 100_000);
    for i in 0..10_u16 {
        link.packet(0.01 * f64::from(i + 1), 7, i, u32::from(i) * 328);
    }
    assert_eq!(link.seqs(), [500, 7, 8, 9]);
}

#[test]
fn nothing_counts_before_info_and_another_version_is_told() {
    let mut session = OpenMotion::new(Wanted { rate_hz: 100.0 });
    let mut told = Vec::new();
    let mut act = |action: Action<'_>| told.push(format!("{action:?}"));
    session.handle(Moment(0), Event::Connected { mtu: 23 }, &mut act);
    session.handle(Moment(1), Event::Notification { characteristic: MOTION, bytes: &hex(ONE) }, &mut act);
    let mut other = info().encode();
    other[0] = 2;
    other[19] = check(&other[..19]);
    session.handle(Moment(2), Event::Read { characteristic: INFO, bytes: &other }, &mut act);
    assert!(told[1].contains("Early") && told.last().unwrap().starts_with("Unsupported"), "{told:?}");
}

#[test]
fn the_rate_is_asked_for_once_on_a_connection() {
    let mut link = Link::new();
    link.info(0.0, &Info { rate_mhz: 25_000, ..info() });
    assert_eq!(link.told("Write"), 1);
    link.info(0.1, &Info { rate_mhz: 25_000, ..info() });
    assert_eq!(link.told("Write"), 1);
    assert_eq!(link.told("ReadOnly { rate_hz: 25.0 }"), 1);
}

#[test]
fn battery_is_read_and_a_signal_vibrates() {
    let mut link = Link::new();
    link.event(0.2, Event::Wake);
    assert_eq!(*link.told.last().unwrap(), format!("{:?}", Action::Read(BATTERY_LEVEL)));
    link.event(0.3, Event::Read { characteristic: BATTERY_LEVEL, bytes: &[83] });
    assert_eq!(link.told("Battery { percent: 83"), 1);
    let mut written = Vec::new();
    let did = link.session.signal(Signal::Strong, &mut |action| {
        if let Action::Write { characteristic: CONTROL, bytes } = action {
            written = bytes.to_vec();
        }
    });
    assert!(did);
    assert_eq!(written, hex(VIBRATE));
}
