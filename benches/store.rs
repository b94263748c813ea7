//! What storing costs: bytes a sample, and samples a second in and out.
//!
//! Budgets (DESIGN §10): 5.6 bytes a sample in a closed day and 7 in an open one, times, ticks and
//! arrivals included; less than 0.5 % of a core at 200 Hz; 20 M six-axis samples a second back.
//!
//! The samples are those of a recording in `LUMBARD_RECORDINGS` (else `../shared/data`), as the counts of
//! a 16-bit sensor of 16 g and 2000 °/s; without recordings, a made-up walk with a sensor's noise.

use divan::Bencher;
use divan::counter::ItemsCount;
use lumbard::frames::Placement;
use lumbard::raw::{Channel, Encoding, RawFormat, RawSample, Unit};
use lumbard::store::facts::{NewRecording, RecordingId};
use lumbard::store::{Options, RawStream, Reader, Store};
use lumbard::units::{Arrival, STANDARD_GRAVITY, Ticks, Time, WallTime};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

const NS: i64 = 1_000_000_000;
const RATE_HZ: i64 = 100;
const HOURS: i64 = 2;
/// Samples in one packet of the sensor.
const PACKET: usize = 5;
const ACC_FULL_G: f64 = 16.0;
const GYR_FULL_DPS: f64 = 2_000.0;
const FULL_COUNT: f64 = 32_768.0;
/// 2024-01-01T08:00:00Z.
const START: WallTime = WallTime(1_704_096_000 * NS);

fn main() {
    sizes();
    divan::main();
}

/// Six axes as counts: recordings one after the other.
fn real_counts() -> Option<Vec<[i64; 6]>> {
    let folder = std::env::var_os("LUMBARD_RECORDINGS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join("mobgap")).ok()?.map(|e| e.unwrap().path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(".csv.gz"));
    files.sort();
    let mut counts = Vec::new();
    for file in files {
        let unpacked = flate2::read::MultiGzDecoder::new(std::fs::File::open(file).unwrap());
        let mut csv = csv::Reader::from_reader(unpacked);
        let names = csv.headers().unwrap().clone();
        let wanted = ["acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"];
        let Some(places) = wanted.map(|name| names.iter().position(|found| found == name)).into_iter().collect() else {
            continue;
        };
        let places: Vec<usize> = places;
        for row in csv.records() {
            let row = row.unwrap();
            let cell = |i: usize| row[places[i]].parse::<f64>().unwrap_or_default();
            let scale = |i: usize| match i {
                0..3 => FULL_COUNT / ACC_FULL_G / STANDARD_GRAVITY,
                _ => FULL_COUNT / GYR_FULL_DPS * (180.0 / std::f64::consts::PI),
            };
            counts.push(std::array::from_fn(|i| (cell(i) * scale(i)).round() as i64));
        }
    }
    (!counts.is_empty()).then_some(counts)
}

fn made_up_counts() -> Vec<[i64; 6]> {
    eprintln!("no recordings found, so these are figures of a made-up walk; see LUMBARD_RECORDINGS");
    let mut state = 1_u64;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 60) as f64
    };
    (0..600 * RATE_HZ)
        .map(|i| {
            let walk = (i as f64 * std::f64::consts::TAU * 1.9 / RATE_HZ as f64).sin();
            std::array::from_fn(|axis| (walk * 300.0 * (axis as f64 + 1.0) + noise()) as i64)
        })
        .collect()
}

/// Two hours at 100 Hz with a sensor clock of 1/32768 s and packets that arrive unevenly, in whole µs.
static SAMPLES: LazyLock<Vec<RawSample>> = LazyLock::new(|| {
    let counts = real_counts().unwrap_or_else(made_up_counts);
    println!("{} different samples", counts.len());
    (0..(HOURS * 3_600 * RATE_HZ) as usize)
        .map(|i| {
            let count = counts[i % counts.len()];
            let ticks = i as u64 * 32_768 / RATE_HZ as u64;
            let packet = i / PACKET;
            let late_us = (packet as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51;
            RawSample {
                t: Time((i128::from(ticks) * i128::from(NS) / 32_768) as i64),
                seq: Some(i as u64),
                ticks: Some(Ticks(ticks)),
                arrival: Some(Arrival(((packet * PACKET) as u64 * 10_000 + late_us) * 1_000)),
                acc: [count[0], count[1], count[2]],
                gyr: [count[3], count[4], count[5]],
                flags: 0,
            }
        })
        .collect()
});

fn about() -> NewRecording {
    let counts = |full_scale| Encoding::Counts { full_scale, full_count: FULL_COUNT };
    NewRecording {
        name: "bench".into(),
        source: "replay".into(),
        format: RawFormat {
            acc: Channel { encoding: counts(ACC_FULL_G), unit: Unit::G },
            gyr: Some(Channel { encoding: counts(GYR_FULL_DPS), unit: Unit::DegreesPerSecond }),
            nominal_rate_hz: RATE_HZ as f64,
            tick_s: Some(1.0 / 32_768.0),
        },
        start: START,
        zone: "Europe/Berlin".into(),
        placement: Placement::L3,
        calibration: None,
    }
}

/// Stores all samples as if it were that day (`open`), or long after it.
fn store(folder: &Path, open: bool) -> RecordingId {
    let mut options = Options::default();
    if open {
        options.now = || START;
    }
    let store = Store::open_with(folder, options).unwrap();
    let mut recorder = store.begin_replay(about()).unwrap();
    for &sample in SAMPLES.iter() {
        recorder.sample(sample).unwrap();
    }
    let id = recorder.end().unwrap();
    store.close().unwrap();
    id
}

fn sizes() {
    for (what, open, budget) in [("open day", true, 7.0), ("closed day", false, 5.6)] {
        let folder = tempfile::tempdir().unwrap();
        store(folder.path(), open);
        let raw = std::fs::read_dir(folder.path().join("raw")).unwrap();
        let bytes: u64 = raw.map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
        println!("{what}: {:.3} bytes a sample, budget {budget}", bytes as f64 / SAMPLES.len() as f64);
    }
}

/// Everything handed over, packed, committed and the day closed.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn ingest_a_past_day(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(SAMPLES.len())).with_inputs(|| tempfile::tempdir().unwrap()).bench_values(
        |folder| {
            store(folder.path(), false);
            folder
        },
    );
}

/// The same in short chunks, as a day that is not over.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn ingest_today(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(SAMPLES.len())).with_inputs(|| tempfile::tempdir().unwrap()).bench_values(
        |folder| {
            store(folder.path(), true);
            folder
        },
    );
}

#[divan::bench(args = ["blocks", "samples"], sample_count = 10, sample_size = 1)]
fn read_back(bencher: Bencher<'_, '_>, how: &str) {
    let folder = tempfile::tempdir().unwrap();
    let id = store(folder.path(), false);
    let reader = Reader::open(folder.path()).unwrap();
    bencher.counter(ItemsCount::new(SAMPLES.len())).bench_local(|| {
        let stream = reader.raw(id, RawStream::ALL).unwrap();
        match how {
            "blocks" => stream.map(|block| block.unwrap().acc[0].iter().sum::<i64>()).sum::<i64>(),
            _ => stream.samples().map(|sample| sample.unwrap().acc[0]).sum::<i64>(),
        }
    });
}
