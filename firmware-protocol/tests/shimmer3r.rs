//! Shimmer3R: the talk before the samples, a stream cut anywhere, losses, wraps, new starts, refusals.
#![cfg(feature = "peripheral")]

mod host;

use firmware_protocol::session::{Action, Event, Refusal, Session, Signal, Wanted};
use firmware_protocol::shimmer3r::peripheral::{FRAME_LEN, Peripheral};
use firmware_protocol::shimmer3r::wire::encode_frame;
use firmware_protocol::shimmer3r::{FROM, Found, Shimmer3r, Stream, TO, Window};
use host::{Answer, Host};

fn answer(sensor: &mut Peripheral, action: &Action<'_>) -> Option<Answer> {
    match *action {
        Action::Write { characteristic: TO, bytes } => {
            Some(Answer::Notification(FROM, sensor.write(bytes).as_slice().to_vec()))
        }
        Action::Read(at) => Some(Answer::Failed(at)),
        _ => None,
    }
}

fn streaming() -> Host<Shimmer3r, Peripheral> {
    let mut host = Host::new(Shimmer3r::new(Wanted { rate_hz: 100.0 }), Peripheral::default(), answer);
    host.connect();
    host.pass(600);
    assert!(host.sensor.streams());
    host
}

/// The bytes of samples number `from` to `to`; every number of a sample is its number.
fn samples(host: &Host<Shimmer3r, Peripheral>, range: std::ops::Range<u64>) -> Vec<u8> {
    let sample = |i: u64| host.sensor.sample(i * 327, [i as i16; 3], [i as i16; 3]).expect("it streams");
    range.flat_map(sample).collect()
}

fn ticks(host: &Host<Shimmer3r, Peripheral>) -> Vec<u64> {
    host.frames.iter().filter_map(|frame| frame.ticks).collect()
}

#[test]
fn it_is_stopped_set_asked_and_started_one_answer_at_a_time() {
    let host = streaming();
    let talk = ["subscribe 3333", "3333 <- 20", "3333 <- 054701", "3333 <- 08c00000", "3333 <- 01", "3333 <- 07"];
    assert_eq!(host.asked, talk);
    // 8 g are 418 counts in 1 m/s², 500 °/s are 57 in 1 °/s.
    assert!(host.told[0].contains("full_count: 4099.1797"), "{:?}", host.told);
    assert!(host.told[0].contains("full_count: 57.0") && host.told[0].contains("rate_hz: 100.207"), "{:?}", host.told);
    assert_eq!(host.told.len(), 1, "{:?}", host.told);
}

#[test]
fn samples_are_found_however_they_are_cut_and_the_newest_waits_for_the_next() {
    for piece in [1, 3, 15, 16, 17, 20, 47, 244] {
        let mut host = streaming();
        let bytes = samples(&host, 1..101);
        for piece in bytes.chunks(piece) {
            host.notify(FROM, piece);
        }
        let expected: &[u64] = if piece < 9 { &[] } else { &(1..100).map(|i| i * 327).collect::<Vec<_>>() };
        assert_eq!(ticks(&host), expected, "in pieces of {piece}");
        assert!(
            host.frames.iter().all(|frame| frame.acc == frame.gyr && frame.acc[0] as u64 * 327 == frame.ticks.unwrap())
        );
    }
}

#[test]
fn a_lost_notification_never_makes_a_sample_of_two() {
    for piece in 20..64 {
        let mut host = streaming();
        let bytes = samples(&host, 1000..1200);
        let pieces: Vec<&[u8]> = bytes.chunks(piece).collect();
        for (i, piece) in pieces.iter().enumerate() {
            // One of nine is lost, and once five in a row.
            if i % 9 != 4 && !(40..45).contains(&i) {
                host.notify(FROM, piece);
            }
        }
        let whole = |frame: &&firmware_protocol::session::Frame| {
            let n = frame.acc[0];
            frame.acc == [n; 3] && frame.gyr == [n; 3] && u64::try_from(n).is_ok_and(|n| frame.ticks == Some(n * 327))
        };
        let sound = host.frames.iter().filter(whole).count();
        assert_eq!(sound, host.frames.len(), "pieces of {piece}");
        assert!(sound > 60, "pieces of {piece}: {sound}");
    }
}

#[test]
fn numbers_that_look_like_heads_do_not_lead_the_stream_astray() {
    // A still wearer: zeros nearly everywhere, one number that rises as a clock would, and a hole that ends in
    // the middle of a sample.
    for hole in 1..3 * FRAME_LEN {
        let mut bytes = Vec::new();
        for i in 0..60_u32 {
            let mut frame = [0; FRAME_LEN];
            let noise = (i * 7 % 5) as i16;
            encode_frame(900_000 + i * 512, &[noise, 0, 256, 0, noise, 0], &mut frame).unwrap();
            bytes.extend(frame);
        }
        let (before, after) = bytes.split_at(5 * FRAME_LEN + 7);
        let mut stream = Stream::new(FRAME_LEN, 512);
        let (mut found, mut refused) = (0, 0);
        for piece in [before].into_iter().chain(after[hole..].chunks(20)) {
            let window = Window { after: 900_000, span: 100_000 };
            stream.push(piece, Some(window), &mut |what| match what {
                Found::Frame(frame) => {
                    assert!(bytes.chunks(FRAME_LEN).any(|sent| sent == frame), "{frame:?}");
                    found += 1;
                }
                Found::Refused(_, bytes) => refused += bytes,
            });
        }
        assert!(found >= 53, "a hole of {hole}: {found} found, {refused} bytes refused");
    }
}

#[test]
fn the_clock_wraps_and_a_new_start_is_noticed() {
    let mut host = streaming();
    // 2^24 ticks are 512 s.
    for i in 51_290..51_330_u64 {
        let bytes = samples(&host, i..i + 1);
        host.notify(FROM, &bytes);
        host.pass(10);
    }
    let steps: Vec<u64> = ticks(&host).windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!((steps.len(), steps.iter().all(|step| *step == 327)), (38, true), "{steps:?}");

    host.event(Event::Disconnected);
    assert_eq!(host.session.counts().refused(Refusal::Truncated), 1, "the newest sample had no other behind it");
    host.pass(5_000);
    host.connect();
    host.pass(600);
    let bytes = samples(&host, 3..6);
    host.notify(FROM, &bytes);
    assert_eq!(host.told.iter().filter(|told| *told == "Restarted").count(), 1, "{:?}", host.told);
    assert_eq!(host.told.len(), 2, "the format is told once: {:?}", host.told);
    assert_eq!(ticks(&host).last(), Some(&(4 * 327)));
}

#[test]
fn a_sensor_that_still_streams_is_emptied_before_it_is_set() {
    let mut host = streaming();
    host.event(Event::Disconnected);
    host.connect();
    let mut still = Peripheral::default();
    for command in [&[0x08, 0xc0, 0, 0][..], &[0x07]] {
        still.write(command);
    }
    host.notify(FROM, &still.sample(1, [1; 3], [1; 3]).unwrap());
    host.pass(600);
    assert_eq!((host.frames.len(), host.session.counts().refused(Refusal::Early)), (0, FRAME_LEN as u64 / 16));
    assert!(host.sensor.streams());
}

#[test]
fn a_refused_command_ends_it_and_a_lost_answer_is_asked_for_again() {
    let refusing = |(): &mut (), action: &Action<'_>| match *action {
        Action::Write { bytes: &[0x05, ..], .. } => Some(Answer::Notification(FROM, vec![0xfe])),
        _ => None,
    };
    let mut host = Host::new(Shimmer3r::new(Wanted { rate_hz: 100.0 }), (), refusing);
    host.connect();
    host.pass(600);
    assert!(host.told[0].starts_with("Unsupported(\"it refuses a command"), "{:?}", host.told);

    let mut host = Host::new(Shimmer3r::new(Wanted { rate_hz: 100.0 }), (), |(), _| None);
    host.connect();
    host.pass(4_600);
    let talk = ["3333 <- 20", "3333 <- 054701", "3333 <- 054701", "3333 <- 20", "3333 <- 054701"];
    let asked: Vec<&String> = host.asked.iter().filter(|asked| asked.contains("<-")).collect();
    assert_eq!(asked, talk);
    assert!(host.signal(Signal::Strong).is_empty());
}

#[test]
fn an_answer_may_come_in_pieces_and_from_the_other_characteristic() {
    let mut sensor = Peripheral::default();
    let mut host = Host::new(Shimmer3r::new(Wanted { rate_hz: 100.0 }), (), |(), action| match *action {
        Action::Subscribe(FROM) => Some(Answer::Failed(FROM)),
        _ => None,
    });
    host.connect();
    host.pass(600);
    assert_eq!(host.asked[..3], ["subscribe 3333", "3333 <- 20", "subscribe 3333"]);
    for command in [&[0x05, 0x47, 0x01][..], &[0x08, 0xc0, 0, 0], &[0x01], &[0x07]] {
        let reply = sensor.write(command);
        for piece in reply.as_slice().chunks(5) {
            host.notify(TO, piece);
        }
    }
    let bytes: Vec<u8> = (1..5).filter_map(|i| sensor.sample(i * 327, [1; 3], [2; 3])).flatten().collect();
    host.notify(TO, &bytes);
    assert_eq!(host.frames.len(), 3);
}
