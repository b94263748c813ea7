//! WitMotion: bytes against their meaning, both ways, and the talk with a sensor from set-up to battery.
//!
//! Provenance of the bytes. `LOG`: recorded by a WT901SDCL-BT50 on its card, repository
//! `zhuyetuo/witmotion_imu`, `data/test/WIT18.TXT`; the card holds the same frames that go over the air,
//! and the first 20 bytes of each are what every Bluetooth model sends. `LAYOUT`: derived from the layout
//! in "WT901BLECL Datasheet v20-0707" §6. Commands: the sample programs of repository
//! `WITMOTION/WitBluetooth_BWT901BLE5_0`; the fusion command also in `LiDline/witmotion_WT901BLECL_py`.
#![cfg(feature = "peripheral")]

use firmware_protocol::session::{Action, Event, Format, Frame, Moment, Refusal, Scale, Session, Wanted};
use firmware_protocol::witmotion::peripheral::Peripheral;
use firmware_protocol::witmotion::wire::{Clock, Command, Motion, Registers, percent};
use firmware_protocol::witmotion::{COMMAND, DATA, Found, Stream, WitMotion};

/// Three frames in a row at 20 Hz: bytes, acceleration, rotation and angle counts, milliseconds of the clock.
const LOG: [(&str, [i16; 9], u16); 3] = [
    (
        "5561d8fd3905de05bb01ff00fbffab0fb1ed808a1a06160e29011903",
        [-552, 1337, 1502, 443, 255, -5, 4011, -4687, -30080],
        793,
    ),
    (
        "55615afd2605250686001fffcd003910e1ed8c8a1a06160e29014b03",
        [-678, 1318, 1573, 134, -225, 205, 4153, -4639, -30068],
        843,
    ),
    (
        "5561e9fd53058b05ae00c8ff70ffe91043ee328a1a06160e29017d03",
        [-535, 1363, 1419, 174, -56, -144, 4329, -4541, -30158],
        893,
    ),
];
/// Scale end points: 1 g, -1000 °/s, +179.99, -180 and +90°.
const LAYOUT: (&str, [i16; 9]) =
    ("55610000000000080000000000c0ff7f00800040", [0, 0, 2048, 0, 0, -16384, 32767, -32768, 16384]);

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn motion(n: [i16; 9], clock: Option<Clock>) -> Motion {
    Motion { acc: [n[0], n[1], n[2]], gyr: [n[3], n[4], n[5]], angle: [n[6], n[7], n[8]], clock }
}

fn clock(millisecond: u16) -> Clock {
    Clock { year: 26, month: 6, day: 22, hour: 14, minute: 41, second: 1, millisecond }
}

fn found(notifications: &[&[u8]]) -> Vec<Found> {
    let (mut stream, mut all) = (Stream::default(), Vec::new());
    for bytes in notifications {
        stream.push(bytes, &mut |found| all.push(found));
    }
    all
}

#[test]
fn frames_of_a_real_sensor_are_read_and_written_byte_for_byte() {
    for (bytes, numbers, millisecond) in LOG {
        let with_clock = motion(numbers, Some(clock(millisecond)));
        assert_eq!(Motion::parse(&hex(bytes)), Some(with_clock));
        assert_eq!(with_clock.encode_clocked(&clock(millisecond)).to_vec(), hex(bytes));
        let cut = &hex(bytes)[..20];
        assert_eq!(Motion::parse(cut), Some(motion(numbers, None)));
        assert_eq!(motion(numbers, None).encode(), cut);
        assert_eq!(found(&[&hex(bytes)]), [Found::Motion(with_clock)]);
        assert_eq!(found(&[cut]), [Found::Motion(motion(numbers, None))]);
    }
    let (bytes, numbers) = LAYOUT;
    assert_eq!(Motion::parse(&hex(bytes)), Some(motion(numbers, None)));
    assert_eq!(motion(numbers, None).encode().to_vec(), hex(bytes));
}

#[test]
fn three_frames_in_one_notification_are_three_samples() {
    let cuts: Vec<u8> = LOG.iter().flat_map(|(bytes, ..)| hex(&bytes[..40])).collect();
    assert_eq!(found(&[&cuts]), LOG.map(|(_, numbers, _)| Found::Motion(motion(numbers, None))));
    let clocked: Vec<u8> = LOG.iter().flat_map(|(bytes, ..)| hex(bytes)).collect();
    assert_eq!(found(&[&clocked]), LOG.map(|(_, numbers, ms)| Found::Motion(motion(numbers, Some(clock(ms))))));
}

#[test]
fn a_frame_split_over_two_notifications_is_one_sample() {
    let whole = hex(&LOG[0].0[..40]);
    let sample = Found::Motion(motion(LOG[0].1, None));
    for cut in 1..20 {
        assert_eq!(found(&[&whole[..cut]]), []);
        assert_eq!(found(&[&whole[..cut], &whole[cut..]]), [sample], "cut at {cut}");
    }
}

#[test]
fn a_clock_that_comes_in_the_next_notification_is_no_garbage() {
    let whole = hex(LOG[0].0);
    assert_eq!(found(&[&whole[..20], &whole[20..]]), [Found::Motion(motion(LOG[0].1, None))]);
}

#[test]
fn garbage_before_a_frame_is_skipped_and_counted() {
    let noisy = hex("005533555561d8fd3905de05bb01ff00fbffab0fb1ed808a");
    assert_eq!(found(&[&noisy]), [Found::Refused(Refusal::Kind, 4), Found::Motion(motion(LOG[0].1, None))]);
}

#[test]
fn the_rest_of_a_frame_that_never_came_is_not_joined_with_the_next() {
    let (whole, next) = (hex(&LOG[0].0[..40]), hex(&LOG[1].0[..40]));
    for cut in 1..20 {
        let out = found(&[&whole[..cut], &next]);
        assert_eq!(out, [Found::Refused(Refusal::Truncated, cut), Found::Motion(motion(LOG[1].1, None))], "{cut}");
    }
}

#[test]
fn register_answers_are_read_and_written() {
    let battery = "557164008a010000000000000000000000000000";
    let temperature = "557140002e0b0000000000000000000000000000";
    let quaternion = "55715100825a0000825a00000000000000000000";
    for (bytes, start, values) in [
        (battery, 0x64, [394, 0, 0, 0, 0, 0, 0, 0]),
        (temperature, 0x40, [2862, 0, 0, 0, 0, 0, 0, 0]),
        (quaternion, 0x51, [23170, 0, 23170, 0, 0, 0, 0, 0]),
    ] {
        let registers = Registers { start, values };
        assert_eq!(Registers::parse(&hex(bytes)), Some(registers));
        assert_eq!(registers.encode().to_vec(), hex(bytes));
    }
    assert_eq!(Registers::parse(&hex(battery)).unwrap().get(0x64), Some(394));
    assert_eq!((percent(394), percent(397), percent(370), percent(300)), (90, 100, 15, 0));
    let longer = [&hex(battery)[..], &[0, 0]].concat();
    assert_eq!(found(&[&longer])[0], Found::Registers(Registers::parse(&hex(battery)).unwrap()));
}

#[test]
fn commands_are_the_makers_bytes() {
    let command = |register, value| Command { register, value };
    for (bytes, command) in [
        ("ffaa6988b5", Command::UNLOCK),
        ("ffaa000000", command(0x00, 0)),
        ("ffaa030600", Command::rate(0x06)),
        ("ffaa030800", Command::rate(0x08)),
        ("ffaa030900", Command::rate(0x09)),
        ("ffaa030b00", Command::rate(0x0b)),
        ("ffaa010100", command(0x01, 1)),
        ("ffaa010000", command(0x01, 0)),
        ("ffaa010800", command(0x01, 8)),
        ("ffaa240100", command(0x24, 1)),
        ("ffaa276400", Command::read(0x64)),
        ("ffaa274000", Command::read(0x40)),
        ("ffaa275100", Command::read(0x51)),
    ] {
        assert_eq!(command.encode().to_vec(), hex(bytes));
        assert_eq!(Command::parse(&hex(bytes)), Some(command));
    }
}

/// A host's session on a link whose other end may answer.
struct Talk {
    session: WitMotion,
    sensor: Option<Peripheral>,
    now: Moment,
    log: Vec<String>,
    formats: Vec<Format>,
}

impl Talk {
    fn new(rate_hz: f64, sensor: Option<Peripheral>) -> Self {
        let session = WitMotion::new(Wanted { rate_hz });
        Self { session, sensor, now: Moment(0), log: Vec::new(), formats: Vec::new() }
    }

    /// One event, and everything that the sensor answers to it.
    fn event(&mut self, event: Event<'_>) {
        let mut answer = None;
        let Self { session, sensor, now, log, formats } = self;
        session.handle(*now, event, &mut |action| match action {
            Action::Write { characteristic, bytes } => {
                assert_eq!(characteristic, COMMAND);
                log.push(format!("write {bytes:02x?}"));
                answer = sensor.as_mut().and_then(|sensor| sensor.write(*now, bytes));
            }
            Action::Format(format) => {
                formats.push(format);
                log.push(format!("format {} Hz", format.rate_hz));
            }
            Action::Frame(Frame { acc, .. }) => log.push(format!("frame {acc:?}")),
            other => log.push(format!("{other:?}")),
        });
        if let Some(bytes) = answer {
            self.notify(&bytes);
        }
    }

    fn notify(&mut self, bytes: &[u8]) {
        self.event(Event::Notification { characteristic: DATA, bytes });
    }

    /// A connection of this many seconds during which the sensor sends at its rate (or at the one given).
    fn connected_for(&mut self, seconds: f64, rate_hz: Option<f64>) -> &[String] {
        let begun = self.log.len();
        let end = Moment(self.now.0 + (seconds * 1e9) as u64);
        let mut next_sample = self.now;
        self.event(Event::Connected { mtu: 23 });
        while self.now < end {
            self.event(Event::Wake);
            if self.now >= next_sample {
                self.notify(&motion([0, 0, 2048, 0, 0, 0, 0, 0, 0], None).encode());
                let rate_hz = rate_hz.or_else(|| self.sensor.as_ref().map(Peripheral::rate_hz)).unwrap();
                next_sample = Moment(next_sample.0 + (1e9 / rate_hz) as u64);
            }
            self.now = self.now.plus_millis(5);
        }
        self.event(Event::Disconnected);
        &self.log[begun..]
    }
}

fn count(log: &[String], what: &str) -> usize {
    log.iter().filter(|line| line.starts_with(what)).count()
}

#[test]
fn counts_become_the_values_of_the_datasheet() {
    let mut talk = Talk::new(100.0, Some(Peripheral::default()));
    talk.connected_for(2.0, None);
    let Format { acc, gyr, .. } = talk.formats[0];
    let close = |scale: Scale, n: i16, value: f64| {
        let got = scale.value(i32::from(n));
        assert!((got - value).abs() < 1e-5 * value.abs(), "{got} {value}");
    };
    for (n, g) in [(-552, -0.269_531_2), (1337, 0.652_832), (1502, 0.733_398_4), (2048, 1.0)] {
        close(acc, n, g);
    }
    for (n, dps) in [(443, 27.038_57), (255, 15.563_96), (-5, -0.305_175_8), (-16384, -1000.0)] {
        close(gyr.unwrap(), n, dps);
    }
}

#[test]
fn a_fresh_sensor_is_unlocked_set_and_read_back_before_a_sample_counts() {
    let mut talk = Talk::new(100.0, Some(Peripheral::default()));
    let log = talk.connected_for(3.0, None).to_vec();
    let writes: Vec<&str> = log.iter().filter_map(|line| line.strip_prefix("write ")).collect();
    assert_eq!(
        writes,
        [
            "[ff, aa, 27, 03, 00]",
            "[ff, aa, 69, 88, b5]",
            "[ff, aa, 03, 09, 00]",
            "[ff, aa, 27, 03, 00]",
            "[ff, aa, 27, 64, 00]",
            "[ff, aa, 27, 40, 00]",
        ]
    );
    let told = log.iter().position(|line| line == "format 100 Hz").unwrap();
    let first = log.iter().position(|line| line.starts_with("frame")).unwrap();
    assert!(first > told && count(&log, "frame") > 200, "{told} {first} {}", count(&log, "frame"));
    assert_eq!(count(&log, "Battery { percent: 100, millivolts: Some(4100) }"), 1);
    assert_eq!(count(&log, "Temperature(3000)"), 1);
    assert_eq!(talk.session.counts().frames as usize, count(&log, "frame"));
}

#[test]
fn after_a_reconnection_no_sample_is_held_back_and_nothing_is_set_again() {
    let mut talk = Talk::new(50.0, Some(Peripheral::default()));
    talk.connected_for(2.0, None);
    talk.now = talk.now.plus_millis(7_000);
    let log = talk.connected_for(1.0, None);
    assert_eq!(count(log, "frame"), 50);
    assert_eq!(count(log, "write [ff, aa, 03") + count(log, "format") + count(log, "Restarted"), 0);
}

#[test]
fn a_sensor_that_lost_its_power_is_noticed_and_set_again() {
    let mut talk = Talk::new(50.0, Some(Peripheral::default()));
    talk.connected_for(2.0, None);
    talk.sensor = Some(Peripheral::default());
    assert_eq!(count(talk.connected_for(3.0, None), "Restarted"), 1);
    assert_eq!(talk.sensor.unwrap().rate_hz(), 50.0);
}

#[test]
fn a_sensor_that_cannot_be_set_is_taken_at_its_own_rate_after_three_tries() {
    let mut sensor = Peripheral::default();
    sensor.stubborn = true;
    let mut talk = Talk::new(100.0, Some(sensor));
    let log = talk.connected_for(5.0, None);
    assert_eq!(count(log, "write [ff, aa, 03, 09, 00]"), 3);
    assert_eq!(count(log, "ReadOnly { rate_hz: 10.0 }"), 1);
    assert!(count(log, "frame") > 20, "{}", count(log, "frame"));
}

#[test]
fn a_sensor_that_answers_no_reads_is_taken_at_the_rate_its_frames_show() {
    let mut talk = Talk::new(100.0, None);
    assert_eq!(count(talk.connected_for(5.0, Some(50.0)), "ReadOnly { rate_hz: 50.0 }"), 1);
}
