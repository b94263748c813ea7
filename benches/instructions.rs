//! Instructions a sample, counted by valgrind's callgrind: the same on a noisy machine, so a regression is seen.
//!
//! Each case is run over the first half of half an hour of a simulated day, and over all of it; the difference is what
//! the second half costs, without the start and without making the day. Counts are held to `benches/instructions.toml` within
//! [`TOLERANCE`]; without valgrind this says so loudly and measures nothing. Counts belong to one compiler and one
//! kind of processor; after a change of either, write them anew.
//!
//! ```text
//! cargo bench --bench instructions                    # fails where a count has grown
//! LUMBARD_BLESS=1 cargo bench --bench instructions    # writes the counts anew
//! ```

use lumbard::frames::{Placement, Quat};
use lumbard::link::simulator::worn_day;
use lumbard::signal::attitude::{Attitude, AttitudeParams, AttitudeState};
use lumbard::signal::mounting::auto::AutoMounting;
use lumbard::signal::smooth::Smoother;
use lumbard::signal::{Input, Monitor, Sample, Setup, volume};
use lumbard::units::Seconds;
use lumbard::warning::Rehearsal;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const RATE_HZ: f64 = 100.0;
/// Samples of half of it.
const HALF: usize = 100_000;
/// How much a count may grow. Chosen by us: the same program gives the same count to a few in a million; what is left
/// is room for the compiler.
const TOLERANCE: f64 = 0.03;

/// Works through samples, and gives nothing back.
type Work = fn(&[Sample]);

const CASES: [(&str, Work); 7] = [
    ("attitude_alone", attitude_alone),
    ("every_detector", every_detector),
    ("every_detector_live", every_detector_live),
    ("every_detector_and_warnings", every_detector_and_warnings),
    ("mad_and_enmo", mad_and_enmo),
    ("mounting_found", mounting_found),
    ("smoother_forward", smoother_forward),
];

fn attitude_alone(samples: &[Sample]) {
    let attitude = Attitude::new(AttitudeParams::default());
    let mut state = AttitudeState::default();
    for sample in samples {
        attitude.step(&mut state, Seconds(1.0 / RATE_HZ), &sample.acc, sample.gyr.as_ref());
        black_box(state.up_sensor());
    }
}

fn setup() -> Setup {
    Setup { body_from_sensor: Some(Quat::identity()), placement: Placement::L3, ..Setup::default() }
}

/// In portions, as a file is read.
fn every_detector(samples: &[Sample]) {
    let (mut monitor, mut outputs) = (Monitor::new(setup()), 0_u64);
    samples.chunks(1000).for_each(|portion| monitor.samples(portion, &mut |_| outputs += 1));
    black_box(outputs);
}

/// One by one, as a sensor sends.
fn every_detector_live(samples: &[Sample]) {
    let (mut monitor, mut outputs) = (Monitor::new(setup()), 0_u64);
    samples.iter().for_each(|sample| monitor.push(Input::Sample(*sample), &mut |_| outputs += 1));
    black_box(outputs);
}

fn every_detector_and_warnings(samples: &[Sample]) {
    let (mut monitor, mut rehearsal, mut signals) = (Monitor::new(setup()), Rehearsal::default(), 0_u64);
    for sample in samples {
        monitor.push(Input::Sample(*sample), &mut |output| rehearsal.push(&output, &mut |_| signals += 1));
    }
    black_box(signals);
}

/// Norms and both figures of epochs of 5 s.
fn mad_and_enmo(samples: &[Sample]) {
    let mut norms = Vec::new();
    for epoch in samples.chunks_exact((5.0 * RATE_HZ) as usize) {
        norms.clear();
        norms.extend(epoch.iter().map(|sample| sample.acc.norm()));
        black_box((volume::mad(&norms), volume::enmo(&norms)));
    }
}

fn mounting_found(samples: &[Sample]) {
    let mut auto = AutoMounting::new();
    samples.iter().for_each(|sample| auto.push(sample));
    black_box(auto.estimate());
}

fn smoother_forward(samples: &[Sample]) {
    let mut smoother = Smoother::default();
    samples.iter().for_each(|sample| smoother.push(sample));
    black_box(smoother);
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, case, halves] = &arguments[..]
        && flag == "--run"
    {
        run(case, halves);
        return ExitCode::SUCCESS;
    }
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("*** SKIPPED, no instruction was counted: valgrind is not here; apt-get install valgrind ***");
        return ExitCode::SUCCESS;
    }
    held()
}

/// Runs one case, inside valgrind. Both lengths make the same part of the day.
fn run(case: &str, halves: &str) {
    let day = worn_day(7, 2.0, RATE_HZ, Placement::L3);
    let samples: Vec<Sample> = day
        .readings()
        .take(2 * HALF)
        .map(|reading| Sample { t: reading.t, acc: reading.acc_g, gyr: Some(reading.gyr) })
        .collect();
    let (_, work) = CASES.iter().find(|(name, _)| name == &case).expect("a case of this bench");
    work(if halves == "1" { &samples[..HALF] } else { &samples });
}

/// Instructions of one run.
fn counted(case: &str, halves: &str) -> f64 {
    let program = std::env::current_exe().expect("the path of this program");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["--run", case, halves])
        .output()
        .expect("valgrind runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let count = text.split("Collected :").nth(1).and_then(|rest| rest.split_whitespace().next());
    count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("no count in {text}"))
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.toml")
}

/// Counts every case, and holds the counts to those recorded.
fn held() -> ExitCode {
    let recorded: BTreeMap<String, f64> =
        std::fs::read_to_string(path()).ok().and_then(|text| toml::from_str(&text).ok()).unwrap_or_default();
    let bless = std::env::var_os("LUMBARD_BLESS").is_some_and(|v| v == "1");
    let (mut grown, mut text) = (false, "# Instructions a sample, written by `benches/instructions.rs`.\n".to_owned());
    for (case, _) in CASES {
        let each = (counted(case, "2") - counted(case, "1")) / HALF as f64;
        let before = recorded.get(case).copied();
        let change = before.map(|before| each / before - 1.0);
        let told = change.map_or("not recorded".to_owned(), |change| format!("{:+.1} %", 100.0 * change));
        println!("{case:<28} {each:>8.1} instructions a sample   {told}");
        grown |= change.is_none_or(|change| change > TOLERANCE);
        text.push_str(&format!("{case} = {each:.1}\n"));
    }
    if bless {
        std::fs::write(path(), text).expect("the counts are written");
        return ExitCode::SUCCESS;
    }
    if grown {
        eprintln!("a count has grown by more than {:.0} %, or was never recorded", 100.0 * TOLERANCE);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
