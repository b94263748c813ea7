//! The store from outside: what it promises when it is killed, opened twice, damaged, or read meanwhile.

use lumbard::frames::Placement;
use lumbard::raw::{Channel, Encoding, RawFormat, RawSample, Unit};
use lumbard::signal::{Epoch, Event, Kind, Posture};
use lumbard::store::facts::{Fact, NewRecording, RecordingId, RecordingState, Selection};
use lumbard::store::{RawStream, Reader, Store, StoreError};
use lumbard::units::{Arrival, Seconds, Ticks, Time, WallTime};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const RATE_HZ: i64 = 200;
const NS: i64 = 1_000_000_000;
/// 2024-01-01T23:59:40Z: a day that is over, twenty seconds before its midnight.
const BEFORE_MIDNIGHT: WallTime = WallTime(1_704_153_580 * NS);

fn format() -> RawFormat {
    RawFormat {
        acc: Channel { encoding: Encoding::Counts { full_scale: 16.0, full_count: 32_768.0 }, unit: Unit::G },
        gyr: Some(Channel {
            encoding: Encoding::Counts { full_scale: 2_000.0, full_count: 32_768.0 },
            unit: Unit::DegreesPerSecond,
        }),
        nominal_rate_hz: RATE_HZ as f64,
        tick_s: Some(1e-3),
    }
}

fn about(start: WallTime) -> NewRecording {
    NewRecording {
        name: "made up".into(),
        source: "simulate".into(),
        format: format(),
        start,
        zone: "Europe/Berlin".into(),
        placement: Placement::L3,
        calibration: None,
    }
}

/// Sample `i` of every recording in these tests: any reader can tell whether it is the right one.
fn sample(i: u64) -> RawSample {
    let noise = |salt: u64| ((i + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as i64;
    let wave = ((i as f64 / 40.0).sin() * 900.0) as i64;
    RawSample {
        t: Time(i as i64 * NS / RATE_HZ + (i as i64 % 3) * 1_000),
        seq: Some(i),
        ticks: Some(Ticks(i * 5)),
        arrival: (i % 7 != 6).then_some(Arrival(i / 4 * 20_000_000)),
        acc: [2_048 + wave + noise(1), noise(2), noise(3)],
        gyr: [wave, noise(4) - 128, if i.is_multiple_of(97) { RawSample::EMPTY } else { noise(5) }],
        flags: 0,
    }
}

fn epoch_ending_at(end: Time) -> Epoch {
    Epoch {
        start: Time(end.0 - NS),
        duration: Seconds(1.0),
        valid_share: 1.0,
        mad_mg: Some(12.5),
        enmo_mg: None,
        steps: 2,
        cadence_spm: None,
        posture: Posture::Moving,
        sitting_probability: None,
        tea_p50: None,
        tea_p95: None,
        over_30: Seconds(0.0),
        over_45: Seconds(0.0),
        over_60: Seconds(0.0),
    }
}

/// Every file of the folder as SQLite itself checks it.
fn assert_files_are_whole(folder: &Path) {
    let mut files: Vec<_> = std::fs::read_dir(folder.join("raw")).unwrap().map(|e| e.unwrap().path()).collect();
    files.push(folder.join("lumbard.db"));
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "db")) {
        let db = rusqlite::Connection::open(file).unwrap();
        let verdict: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok", "{}", file.display());
        let orphans = db.prepare("PRAGMA foreign_key_check").unwrap().query_map([], |_| Ok(())).unwrap().count();
        assert_eq!(orphans, 0, "{}", file.display());
    }
}

/// How many samples of a recording are stored; they must be the first ones ever made, in order, without
/// a hole.
fn stored_samples(reader: &Reader, id: RecordingId) -> u64 {
    let mut count = 0;
    for stored in reader.raw(id, RawStream::ALL).unwrap().samples() {
        assert_eq!(stored.unwrap(), sample(count));
        count += 1;
    }
    count
}

#[test]
fn what_was_recorded_is_read_back_to_the_last_bit_across_midnight() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut recorder = store.begin_replay(about(BEFORE_MIDNIGHT)).unwrap();
    let id = recorder.id();
    let samples = 60 * RATE_HZ as u64;
    for i in 0..samples {
        recorder.sample(sample(i)).unwrap();
    }
    let mut event = Event::new(Kind::Turn, Time(3), Time(9), Time(12));
    event.exercise = Some("bridge");
    recorder.fact(Fact::Event(event));
    recorder.end().unwrap();
    store.close().unwrap();

    let reader = Reader::open(folder.path()).unwrap();
    assert_eq!(stored_samples(&reader, id), samples);
    let row = reader.recording("newest").unwrap();
    assert_eq!((row.id, row.state, row.samples), (id, RecordingState::Ended, samples));
    assert_eq!((row.end, row.about), (Some(sample(samples - 1).t), about(BEFORE_MIDNIGHT)));
    let events = reader.events(&Selection::Recording(id)).unwrap();
    assert_eq!(events.iter().map(|dated| dated.fact).collect::<Vec<_>>(), [event]);
    assert_eq!(events[0].wall(Time(3)), WallTime(BEFORE_MIDNIGHT.0 + 3));

    // Both days are over, so both are closed: no side files.
    let raw = std::fs::read_dir(folder.path().join("raw")).unwrap();
    let mut files: Vec<_> = raw.map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["2024-01-01.db", "2024-01-02.db"]);
    let some = reader.raw(id, Time(10 * NS)..Time(30 * NS)).unwrap().samples().map(Result::unwrap);
    let some: Vec<Time> = some.map(|sample| sample.t).collect();
    assert_eq!((some.len() as i64, some[0].0 / NS), (20 * RATE_HZ, 10));
    assert_files_are_whole(folder.path());
}

#[test]
fn a_live_recording_can_be_read_within_moments_and_while_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let now = WallTime(jiff::Timestamp::now().as_nanosecond() as i64);
    let mut recorder = store.begin_live(about(now)).unwrap();
    let mut reader = store.reader().unwrap();
    for round in 1..=3 {
        for i in (round - 1) * 3_100..round * 3_100 {
            recorder.sample(sample(i)).unwrap();
        }
        recorder.hand_over().unwrap();
        // Nobody asks for a commit: it comes by itself. The limit only ends a test that hangs.
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while stored_samples(&reader, recorder.id()) < round * 3_100 {
            assert!(std::time::Instant::now() < patience, "round {round} never reached the disk");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
    let recorded = recorder.end().unwrap();
    assert!(reader.changed().unwrap());
    assert!(!reader.changed().unwrap());
    let row = reader.recording("newest").unwrap();
    assert_eq!((row.id, row.state), (recorded, RecordingState::Ended));
}

#[test]
fn a_second_store_on_the_same_folder_says_who_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(folder.path()).unwrap();
    let refusal = Store::open(folder.path()).unwrap_err();
    assert!(matches!(&refusal, StoreError::InUse { pid, .. } if *pid == std::process::id().to_string()), "{refusal}");
    assert!(refusal.to_string().contains("--data-dir"), "{refusal}");
    assert!(lumbard::store::holder(folder.path()).is_some());
    drop(first);
    assert!(lumbard::store::holder(folder.path()).is_none());
    Store::open(folder.path()).unwrap().close().unwrap();
}

#[test]
fn a_damaged_file_is_told_by_name_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    Store::open(folder.path()).unwrap().close().unwrap();
    let file = folder.path().join("lumbard.db");
    let noise: Vec<u8> = (0..8_192_u32).map(|i| (i * 31 % 251) as u8).collect();
    std::fs::write(&file, &noise).unwrap();
    for refusal in [Store::open(folder.path()).unwrap_err(), Reader::open(folder.path()).unwrap_err()] {
        assert!(matches!(refusal, StoreError::Corrupt { .. }), "{refusal}");
        assert!(refusal.to_string().contains("lumbard.db is damaged"), "{refusal}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), noise);
}

#[test]
fn a_bad_page_in_a_raw_day_is_an_error_and_never_wrong_samples() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut recorder = store.begin_replay(about(BEFORE_MIDNIGHT)).unwrap();
    for i in 0..15 * RATE_HZ as u64 {
        recorder.sample(sample(i)).unwrap();
    }
    let id = recorder.end().unwrap();
    store.close().unwrap();
    let file = folder.path().join("raw/2024-01-01.db");
    let whole = std::fs::read(&file).unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    let read = || -> Result<Vec<RawSample>, StoreError> { reader.raw(id, RawStream::ALL)?.samples().collect() };
    let right = read().unwrap();
    let mut refused = 0;
    // Past the file's header, wherever in its pages; some of them hold no samples.
    for place in (1_024..whole.len() - 1_024).step_by(1_024).map(|page| page + 500) {
        let mut bytes = whole.clone();
        bytes[place..place + 16].fill(0xa5);
        std::fs::write(&file, bytes).unwrap();
        match read() {
            Ok(samples) => assert!(samples == right, "wrong samples with damage at byte {place}"),
            Err(StoreError::Corrupt { .. }) => refused += 1,
            Err(other) => panic!("damage at byte {place}: {other}"),
        }
    }
    assert!(refused > 0, "no damage was noticed");
}

#[cfg(unix)]
#[test]
fn everything_is_for_the_owners_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let store = Store::open(&folder).unwrap();
    let mut recorder = store.begin_live(about(BEFORE_MIDNIGHT)).unwrap();
    recorder.sample(sample(0)).unwrap();
    recorder.hand_over().unwrap();
    store.flush().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("raw"))), (0o700, 0o700));
    let mut files = 0;
    for part in [folder.clone(), folder.join("raw")] {
        for path in std::fs::read_dir(part).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            files += 1;
        }
    }
    assert!(files >= 4, "only {files} files");
}

const CHILD_FOLDER: &str = "LUMBARD_TEST_STORE_FOLDER";
const CHILD_START: &str = "LUMBARD_TEST_STORE_START_NS";

/// Not a test by itself: what `killed_at_any_moment_…` starts and kills. It records as fast as it can,
/// and says how many samples the store has acknowledged as committed.
#[test]
#[ignore = "run by the test that kills it"]
fn records_until_it_is_killed() {
    let (Ok(folder), Ok(start)) = (std::env::var(CHILD_FOLDER), std::env::var(CHILD_START)) else {
        return;
    };
    let store = Store::open(Path::new(&folder)).unwrap();
    let mut recorder = store.begin_replay(about(WallTime(start.parse().unwrap()))).unwrap();
    let id = recorder.id();
    for i in 0.. {
        recorder.sample(sample(i)).unwrap();
        if i % RATE_HZ as u64 == 0 {
            recorder.fact(Fact::Epoch(epoch_ending_at(sample(i).t)));
        }
        if i % 331 == 0 {
            recorder.hand_over().unwrap();
            store.flush().unwrap();
            println!("committed {id} {}", i + 1);
            std::io::stdout().flush().unwrap();
        }
    }
}

#[test]
fn killed_at_any_moment_it_keeps_all_that_was_committed_and_no_fact_without_its_samples() {
    const ROUNDS: u64 = 30;
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = std::collections::BTreeMap::new();
    for round in 0..ROUNDS {
        // Half of the rounds run through a midnight, so that some die while a day is being closed.
        let now = jiff::Timestamp::now().as_nanosecond() as i64;
        let start = if round % 2 == 0 { BEFORE_MIDNIGHT.0 } else { now };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "records_until_it_is_killed", "--ignored", "--nocapture"])
            .env(CHILD_FOLDER, folder.path())
            .env(CHILD_START, start.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut note = |line: &str| {
            let mut words = line.split_whitespace().skip_while(|word| *word != "committed").skip(1);
            let (id, count) = (words.next()?.to_owned(), words.next()?.parse::<u64>().ok()?);
            acknowledged.insert(id, count);
            Some(())
        };
        // It dies after so many acknowledgements and a little later: anywhere between two commits.
        let acknowledgements = 1 + round * 7 % 40;
        let seen = lines.by_ref().filter_map(|line| note(&line)).take(acknowledgements as usize).count();
        std::thread::sleep(std::time::Duration::from_micros(round * 2_903 % 11_000));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it died counts too.
        for line in lines {
            let _ = note(&line);
        }
        assert!(seen > 0, "the child never got to record");
    }

    // Every child put in order what the one before had left; here the last one's.
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.recovered().len(), 1);
    store.close().unwrap();
    assert_files_are_whole(folder.path());
    let reader = Reader::open(folder.path()).unwrap();
    let recordings = reader.recordings().unwrap();
    assert_eq!((recordings.len() as u64, acknowledged.len() as u64), (ROUNDS, ROUNDS));
    for row in recordings {
        let stored = stored_samples(&reader, row.id);
        let promised = acknowledged[&row.id.to_string()];
        assert!(stored >= promised, "{promised} samples were acknowledged, {stored} are there");
        assert_eq!((row.state, row.samples, row.end), (RecordingState::Cut, stored, Some(sample(stored - 1).t)));
        let epochs = reader.epochs(&Selection::Recording(row.id)).unwrap();
        let promised_epochs = (promised - 1) / RATE_HZ as u64 + 1;
        assert!(epochs.len() as u64 >= promised_epochs, "{} of {promised_epochs} epochs", epochs.len());
        assert!(epochs.iter().all(|dated| dated.fact.start + dated.fact.duration <= sample(stored - 1).t));
    }
}
