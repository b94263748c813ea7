//! Bytes that no sensor should send: every cut, every flipped bit, noise, repeats. Nothing may panic, and no
//! sample may be made of bytes that were not one whole frame.
#![cfg(feature = "peripheral")]

mod families;

use families::{Sensor, Sent, every_way};
use firmware_protocol::explain::{ADVERTISING, Explain, Tell, Value, Way};
use firmware_protocol::family::{AnySession, FAMILIES};
use firmware_protocol::open_motion::peripheral::{Peripheral, STARTER};
use firmware_protocol::open_motion::wire::{Counted, LONGEST_PACKET};
use firmware_protocol::open_motion::{BATTERY_LEVEL, INFO, MOTION};
use firmware_protocol::session::{Action, Event, Format, Frame, Moment, Session, Uuid, Wanted};
use firmware_protocol::witmotion::wire::Motion;
use firmware_protocol::witmotion::{Found, Stream};
use std::collections::VecDeque;
use std::time::Instant;

/// xorshift64*: enough chance for tests, the same on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n
    }
    fn bytes(&mut self, longest: usize) -> Vec<u8> {
        (0..self.below(longest + 1)).map(|_| self.next() as u8).collect()
    }
}

/// A WitMotion frame whose numbers tell which frame it is, in every one of them.
fn marked(i: i16) -> Motion {
    Motion { acc: [i; 3], gyr: [i; 3], angle: [i; 3], clock: None }
}

fn is_marked(motion: &Motion) -> bool {
    let Motion { acc, gyr, angle, .. } = motion;
    acc.iter().chain(gyr).chain(angle).all(|&n| n == acc[0])
}

#[test]
fn no_witmotion_sample_is_made_of_two_frames_however_they_are_cut() {
    for cut in 0..=20 {
        for second_cut in 0..=20 {
            // A lone 0x55 after 19 bytes may as well be the 20th: nothing can tell.
            if (cut, second_cut) == (19, 1) {
                continue;
            }
            let (mut stream, mut samples) = (Stream::default(), 0);
            let (a, b, c) = (marked(0x0102).encode(), marked(0x0304).encode(), marked(0x0506).encode());
            for bytes in [&a[..cut], &b[..second_cut], &c[..]] {
                stream.push(bytes, &mut |found| {
                    if let Found::Motion(motion) = found {
                        assert!(is_marked(&motion), "cuts {cut} {second_cut}: {motion:?}");
                        samples += 1;
                    }
                });
            }
            assert_eq!(samples, 1 + usize::from(cut == 20) + usize::from(second_cut == 20));
        }
    }
}

#[test]
fn a_packed_notification_with_a_hole_gives_no_blend() {
    let whole: Vec<u8> = (1..=8).flat_map(|i| marked(i * 0x0101).encode()).collect();
    for from in 0..whole.len() {
        for lost in [1, 7, 19, 20, 33] {
            let mut holed = whole.clone();
            holed.drain(from..(from + lost).min(whole.len()));
            let (mut stream, mut blends) = (Stream::default(), 0);
            stream.push(&holed, &mut |found| {
                blends += usize::from(matches!(found, Found::Motion(motion) if !is_marked(&motion)));
            });
            // A frame at a place that was trusted may run into the next one: no checksum can tell. But one only.
            assert!(blends <= 1, "hole of {lost} at {from}: {blends}");
        }
    }
}

#[test]
fn every_cut_and_every_flipped_bit_of_an_open_packet_is_refused() {
    let mut sensor = Peripheral::new(STARTER, 247);
    let mut packet = [0; LONGEST_PACKET];
    let len = (0..).find_map(|i| sensor.sample(i, Counted { acc: [i as i16; 3], gyr: [7; 3] }, &mut packet)).unwrap();
    let whole = &packet[..len];
    let frames = |bytes: &[u8]| {
        let mut session = FAMILIES[0].session(Wanted { rate_hz: 100.0 });
        let mut frames = 0;
        for event in [
            Event::Connected { mtu: 247 },
            Event::Read { characteristic: INFO, bytes: &STARTER.encode() },
            Event::Notification { characteristic: MOTION, bytes },
        ] {
            session.handle(Moment(0), event, &mut |action| frames += usize::from(matches!(action, Action::Frame(_))));
        }
        frames
    };
    assert_eq!(frames(whole), 5);
    for cut in 0..len {
        assert_eq!(frames(&whole[..cut]), 0, "cut at {cut}");
    }
    for bit in 0..8 * len {
        let mut flipped = whole.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(frames(&flipped), 0, "bit {bit}");
    }
}

/// One connection after another between a session and a sensor, with an unkind link between them.
struct Link {
    sensor: Box<dyn Sensor>,
    session: AnySession,
    now: Moment,
    /// What the sensor sent and the session did not get yet.
    coming: VecDeque<Sent>,
    frames: Vec<Frame>,
    told: Option<Format>,
    newest: Option<(u64, u64)>,
}

impl Link {
    fn new(sensor: Box<dyn Sensor>) -> Self {
        let session = sensor.family().session(Wanted { rate_hz: sensor.rate_hz() });
        let (coming, frames) = (VecDeque::new(), Vec::new());
        let mut link = Self { sensor, session, now: Moment(1), coming, frames, told: None, newest: None };
        link.connect();
        link
    }

    fn event(&mut self, event: Event<'_>) {
        let Self { sensor, session, now, coming, frames, told, newest } = self;
        session.handle(*now, event, &mut |action| {
            coming.extend(sensor.asked(*now, &action));
            match action {
                Action::Format(format) => *told = Some(format),
                Action::Restarted => *newest = None,
                Action::Frame(frame) => {
                    frames.push(frame);
                    let Frame { seq, ticks, .. } = frame;
                    let (seq, ticks) = (seq.unwrap_or(0), ticks.unwrap_or(0));
                    // A clock may step back by less than a sample, a counter never.
                    let slack = told.and_then(|format| Some(0.03 / format.tick_s?)).unwrap_or(0.0) as u64;
                    let forward = newest.is_none_or(|(s, t)| (seq > s || frame.seq.is_none()) && ticks + slack >= t);
                    assert!(forward, "{}: {newest:?} {frame:?}", sensor.family().id);
                    *newest = Some((seq, ticks));
                }
                _ => {}
            }
        });
    }

    fn sent(&mut self, sent: &Sent) {
        self.event(match sent {
            Sent::Notification(characteristic, bytes) => Event::Notification { characteristic: *characteristic, bytes },
            Sent::Value(characteristic, bytes) => Event::Read { characteristic: *characteristic, bytes },
            Sent::Failed(characteristic) => Event::Failed { characteristic: *characteristic },
        });
    }

    /// Lets time pass up to a moment, with every waking and every answer.
    fn until(&mut self, end: Moment) {
        while let Some(answer) = self.coming.pop_front() {
            self.sent(&answer);
        }
        while let Some(due) = self.session.wake_at().filter(|due| *due <= end) {
            self.now = self.now.plus_millis(1).max(due);
            self.event(Event::Wake);
            while let Some(answer) = self.coming.pop_front() {
                self.sent(&answer);
            }
        }
        self.now = self.now.max(end);
    }

    fn packet(&mut self, mark: u16) -> Vec<Sent> {
        self.until(self.now.plus_millis(self.sensor.period_ms()));
        self.sensor.packet(self.now, mark)
    }

    fn connect(&mut self) {
        self.event(Event::Connected { mtu: 247 });
    }

    /// Runs until samples come.
    fn streaming(mut self) -> Self {
        for mark in 0..1000 {
            for sent in self.packet(mark % MARKS) {
                self.sent(&sent);
            }
            if self.told.is_some() && !self.frames.is_empty() {
                self.frames.clear();
                return self;
            }
        }
        panic!("{} never gives a sample", self.sensor.family().id);
    }
}

/// Marks go round below this.
const MARKS: u16 = 1000;

/// Packets a family gets, from the environment: a million in a run with `--release`.
fn how_many() -> u32 {
    std::env::var("FRAMES").map_or(20_000, |text| text.parse().expect("FRAMES is no number"))
}

/// What became of a notification on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Whole,
    Lost,
    Twice,
    Late,
    Cut,
    Longer,
    Flipped,
    Noise,
}

impl Fate {
    /// Most arrive as they are, so that there is something to be blended.
    fn draw(chance: &mut Chance) -> Self {
        match chance.below(16) {
            0 => Self::Lost,
            1 => Self::Twice,
            2 => Self::Late,
            3 => Self::Cut,
            4 => Self::Longer,
            5 => Self::Flipped,
            6 => Self::Noise,
            _ => Self::Whole,
        }
    }

    fn apply(self, bytes: &mut Vec<u8>, chance: &mut Chance) {
        match self {
            Self::Cut => bytes.truncate(chance.below(bytes.len().max(1))),
            Self::Longer => bytes.extend((0..=chance.below(12)).map(|_| chance.next() as u8 | 1)),
            Self::Flipped if !bytes.is_empty() => {
                let at = chance.below(bytes.len());
                bytes[at] ^= 1 << chance.below(8);
            }
            Self::Noise => *bytes = chance.bytes(64),
            Self::Flipped | Self::Whole | Self::Lost | Self::Twice | Self::Late => {}
        }
    }

    /// Numbers were made up on the way, and nothing but a checksum can tell.
    fn makes_up(self) -> bool {
        matches!(self, Self::Longer | Self::Flipped | Self::Noise)
    }
}

/// Delivers notifications to a session and looks at every sample that comes of it.
struct Delivery {
    link: Link,
    recent: VecDeque<(Fate, Vec<u8>)>,
    given: u64,
}

impl Delivery {
    fn deliver(&mut self, fate: Fate, characteristic: Uuid, bytes: Vec<u8>) {
        let payload = self.link.sensor.payload(&bytes).to_vec();
        self.recent.push_back((fate, payload));
        if self.recent.len() > self.link.sensor.reach() {
            self.recent.pop_front();
        }
        self.link.sent(&Sent::Notification(characteristic, bytes));
        self.look();
    }

    fn look(&mut self) {
        let Self { link, recent, given } = self;
        if link.frames.is_empty() {
            return;
        }
        let family = link.sensor.family();
        let faults = recent.iter().filter(|(fate, _)| *fate != Fate::Whole).count();
        let made_up = recent.iter().any(|(fate, _)| fate.makes_up()) || (link.sensor.has_seams() && faults > 1);
        let flipped = recent.back().is_some_and(|(fate, _)| *fate == Fate::Flipped);
        assert!(!flipped || family.guard.is_none(), "{}: a flipped bit went through: {recent:02x?}", family.id);
        let sent: Vec<u8> = recent.iter().flat_map(|(_, payload)| payload).copied().collect();
        let mut found = Vec::new();
        for frame in std::mem::take(&mut link.frames) {
            *given += 1;
            let marks = link.sensor.marks(&frame);
            let one = marks.iter().all(|mark| *mark == marks[0]);
            assert!(one || made_up, "{}: a sample of two packets: {marks:?} {recent:02x?}", family.id);
            let pieces = link.sensor.pieces(&frame);
            // The samples of a packet are all the same, and one look is enough.
            if pieces == found {
                continue;
            }
            // Where a sample waits for the next one as its proof, the first may be of before.
            if recent.len() < link.sensor.reach() {
                continue;
            }
            for piece in &pieces {
                let there = sent.windows(piece.len()).any(|window| window == piece);
                assert!(there, "{}: {frame:?} was never sent: {recent:02x?}", family.id);
            }
            found = pieces;
        }
    }
}

#[test]
fn a_million_bent_frames_of_every_family_give_only_samples_that_were_sent() {
    for sensor in every_way() {
        let (mut chance, begun) = (Chance(11), Instant::now());
        let link = Link::new(sensor).streaming();
        let mut delivery = Delivery { link, recent: VecDeque::new(), given: 0 };
        let mut late: Option<(Uuid, Vec<u8>)> = None;
        // Bluetooth keeps the order. One packet may be out of it here, but not several in a row: pieces without a
        // number, each coming in the place of the next one's, cannot be told from pieces in order.
        let mut last_late = 0;
        let (mut delivered, packets) = (0, how_many());
        for i in 0.. {
            if delivered >= packets {
                break;
            }
            if chance.below(3000) == 0 {
                delivery.link.event(Event::Disconnected);
                delivery.link.now = delivery.link.now.plus_millis(chance.below(5000) as u64);
                delivery.link.connect();
            }
            let sends = delivery.link.packet((i % u32::from(MARKS)) as u16);
            delivery.look();
            for sent in sends {
                let Sent::Notification(characteristic, mut bytes) = sent else { continue };
                let fate = match Fate::draw(&mut chance) {
                    Fate::Late if i <= last_late + delivery.link.sensor.reach() as u32 => Fate::Whole,
                    fate => fate,
                };
                fate.apply(&mut bytes, &mut chance);
                delivered += 1;
                match fate {
                    Fate::Lost => continue,
                    Fate::Late => {
                        (late, last_late) = (Some((characteristic, bytes)), i);
                        continue;
                    }
                    Fate::Twice => delivery.deliver(fate, characteristic, bytes.clone()),
                    _ => {}
                }
                delivery.deliver(fate, characteristic, bytes);
                if let Some((characteristic, bytes)) = late.take() {
                    delivery.deliver(Fate::Late, characteristic, bytes);
                }
            }
        }
        let (given, refused) = (delivery.given, delivery.link.session.counts().refused_in_all());
        let seconds = begun.elapsed().as_secs_f64();
        let family = delivery.link.sensor.family().id;
        println!("{family}: {delivered} notifications, {given} samples, {refused} refused, {seconds:.2} s");
        assert!(given > u64::from(packets / 4), "{family}: only {given} samples of {packets} packets");
        // At least the cut ones; cut to nothing, or where nothing tells, it may be less.
        assert!(refused > u64::from(packets / 32), "{family}: only {refused} refused of {packets} packets");
    }
}

#[test]
fn a_packet_of_a_wrong_length_is_refused_and_counted() {
    for i in 0..every_way().len() {
        let fresh = || Link::new(every_way().swap_remove(i)).streaming();
        let whole = fresh().packet(1);
        let [Sent::Notification(characteristic, bytes)] = whole.as_slice() else { continue };
        let lengths = (1..bytes.len()).map(|cut| bytes[..cut].to_vec());
        let longer = (1..8).map(|more| [&bytes[..], &vec![0xff; more]].concat());
        for wrong in lengths.chain(longer) {
            let mut link = fresh();
            let (family, cut) = (link.sensor.family().id, wrong.len() < bytes.len());
            let before = link.session.counts().refused_in_all();
            link.packet(1);
            link.sent(&Sent::Notification(*characteristic, wrong.clone()));
            let marks: Vec<i64> = link.frames.iter().flat_map(|frame| link.sensor.marks(frame)).collect();
            assert!(!cut || marks.is_empty(), "{family}: {marks:?} of {wrong:02x?}");
            for sent in link.packet(2) {
                link.sent(&sent);
            }
            let refused = link.session.counts().refused_in_all() - before;
            assert!(refused > 0, "{family}: nothing refused of {} bytes: {wrong:02x?}", wrong.len());
            let last = link.frames.last().map(|frame| link.sensor.marks(frame));
            assert!(last.is_some_and(|marks| marks.iter().all(|&mark| mark == 2)), "{family}: {} bytes", wrong.len());
        }
    }
}

#[test]
fn noise_on_every_characteristic_at_any_moment_panics_nothing_and_counters_never_go_back() {
    for (i, round) in (0..every_way().len()).flat_map(|i| (0..200).map(move |round| (i, round))) {
        let mut chance = Chance(7 + round);
        let mut link = Link::new(every_way().swap_remove(i));
        let family = link.sensor.family();
        for _ in 0..200 {
            link.now = Moment(link.now.0.saturating_add(chance.next() >> chance.below(64)));
            let own = link.sensor.packet(link.now, 7).into_iter().next();
            let mut bytes = match own {
                Some(Sent::Notification(_, bytes)) if chance.below(2) == 0 => bytes,
                _ => chance.bytes(64),
            };
            if chance.below(3) == 0 {
                Fate::Flipped.apply(&mut bytes, &mut chance);
            }
            let characteristics = family.characteristics;
            let any = chance.below(characteristics.len() + 2);
            let characteristic = characteristics.get(any).copied().unwrap_or([BATTERY_LEVEL, Uuid(0)][any % 2]);
            match chance.below(12) {
                0 => link.event(Event::Connected { mtu: chance.next() as u16 }),
                1 => link.event(Event::Disconnected),
                2 => link.event(Event::Failed { characteristic }),
                3 => link.event(Event::Wake),
                4 => {
                    if let Some(answer) = link.coming.pop_front() {
                        link.sent(&answer);
                    }
                }
                5 => link.event(Event::Read { characteristic, bytes: &bytes }),
                _ => link.event(Event::Notification { characteristic, bytes: &bytes }),
            }
            link.frames.clear();
            link.coming.truncate(100);
        }
    }
}

/// Listens to nothing.
struct Deaf;

impl Tell for Deaf {
    fn value(&mut self, _: &'static str, _: Value<'_>) {}
    fn list(&mut self, _: &'static str) {}
    fn entry(&mut self) {}
    fn group(&mut self, _: &'static str) {}
    fn end(&mut self) {}
}

#[test]
fn explaining_noise_panics_nothing() {
    for i in 0..every_way().len() {
        let (mut chance, mut link) = (Chance(5), Link::new(every_way().swap_remove(i)).streaming());
        let family = link.sensor.family();
        let mut explainer = (family.explain)();
        for _ in 0..how_many() {
            let own = link.sensor.packet(link.now, 7).into_iter().next();
            let mut bytes = match own {
                Some(Sent::Notification(_, bytes)) if chance.below(2) == 0 => bytes,
                _ => chance.bytes(200),
            };
            Fate::draw(&mut chance).apply(&mut bytes, &mut chance);
            let way = if chance.below(4) == 0 { Way::ToSensor } else { Way::FromSensor };
            let own = link.sensor.packet(link.now, 7).into_iter().find_map(|sent| match sent {
                Sent::Notification(characteristic, _) => Some(characteristic),
                Sent::Value(..) | Sent::Failed(_) => None,
            });
            let any = chance.below(family.characteristics.len() + 3);
            let others = [own.unwrap_or(BATTERY_LEVEL), BATTERY_LEVEL, ADVERTISING];
            let at = any.saturating_sub(family.characteristics.len());
            let characteristic = family.characteristics.get(any).copied().unwrap_or(others[at]);
            let _ = explainer.message(way, characteristic, &bytes, &(), &mut Deaf);
        }
    }
}
