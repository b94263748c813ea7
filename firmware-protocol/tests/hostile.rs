//! Bytes that no sensor should send: every cut, every flipped bit, noise, repeats. Nothing may panic, and no
//! sample may be made of bytes that were not one whole frame.
#![cfg(feature = "peripheral")]

use firmware_protocol::family::FAMILIES;
use firmware_protocol::open_motion::peripheral::{Peripheral, STARTER};
use firmware_protocol::open_motion::wire::{Counted, LONGEST_PACKET};
use firmware_protocol::open_motion::{BATTERY_LEVEL, INFO, MOTION};
use firmware_protocol::session::{Action, Event, Frame, Moment, Session, Uuid, Wanted};
use firmware_protocol::witmotion::wire::Motion;
use firmware_protocol::witmotion::{self, Found, Stream};

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

#[test]
fn noise_on_every_characteristic_at_any_moment_panics_nothing_and_counters_never_go_back() {
    let mut chance = Chance(7);
    for (round, family) in (0..400).flat_map(|round| FAMILIES.map(|family| (round, family))) {
        let mut session = family.session(Wanted { rate_hz: 50.0 });
        let mut newest: Option<(u64, u64)> = None;
        let mut now = Moment(0);
        let mut sensor = Peripheral::new(STARTER, 23);
        for _ in 0..200 {
            now = Moment(now.0.wrapping_add(chance.next() >> chance.below(64)));
            let mut bytes = match chance.below(4) {
                0 => chance.bytes(64),
                1 => marked(chance.next() as i16).encode().to_vec(),
                2 => STARTER.encode().to_vec(),
                _ => {
                    let mut packet = [0; LONGEST_PACKET];
                    let len = sensor.sample(chance.next() as u32, Counted::default(), &mut packet);
                    packet[..len.unwrap_or(0)].to_vec()
                }
            };
            if chance.below(3) == 0 && !bytes.is_empty() {
                let at = chance.below(bytes.len());
                bytes[at] ^= 1 << chance.below(8);
            }
            let characteristic =
                [INFO, MOTION, BATTERY_LEVEL, witmotion::DATA, witmotion::COMMAND, Uuid(0)][chance.below(6)];
            let event = match chance.below(12) {
                0 => Event::Connected { mtu: chance.next() as u16 },
                1 => Event::Disconnected,
                2 => Event::Failed { characteristic },
                3 => Event::Wake,
                4 => Event::Read { characteristic: INFO, bytes: &STARTER.encode() },
                5 => Event::Read { characteristic, bytes: &bytes },
                _ => Event::Notification { characteristic, bytes: &bytes },
            };
            session.handle(now, event, &mut |action| match action {
                Action::Restarted => newest = None,
                Action::Frame(Frame { seq: Some(seq), ticks: Some(ticks), .. }) => {
                    // A clock may step back by less than a sample, a counter never.
                    let sound = newest.is_none_or(|(s, t)| seq > s && ticks + 1000 >= t);
                    assert!(sound, "round {round}: {newest:?} {seq} {ticks}");
                    newest = Some((seq, ticks));
                }
                _ => {}
            });
        }
    }
}
