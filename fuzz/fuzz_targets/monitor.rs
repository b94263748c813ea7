//! Any bytes, read as a sequence of inputs, through everything that takes samples: the monitor with the warning rules
//! behind it, the search for the mounting, the guided calibration and the smoother. Nothing may panic, and no angle or
//! figure may be other than a number.
//!
//! With the address sanitizer, by cargo-fuzz on a nightly compiler:
//!
//! ```text
//! cargo fuzz run monitor -- -max_total_time=60
//! ```
//!
//! On the stable compiler of this project, without it:
//!
//! ```text
//! cd fuzz && RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
//!   -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
//!   -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1" \
//!   cargo run --release --target x86_64-unknown-linux-gnu --bin monitor -- -max_total_time=60 -max_len=8192
//! ```
//!
//! `-timeout=10` finds inputs that take too long. The first byte chooses mounting, placement and epochs. Each input then takes a byte that says what it is, and as
//! many more as that needs; whole values come from a few bytes, so that plausible movements are found soon, and now
//! and then from eight, so that every number there is can come.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lumbard::frames::{Placement, Quat, Vec3};
use lumbard::signal::mounting::auto::AutoMounting;
use lumbard::signal::mounting::standing::{StandingCalibration, StandingParams};
use lumbard::signal::smooth::Smoother;
use lumbard::signal::{ExerciseSet, Input, Monitor, Output, Sample, Setup};
use lumbard::units::{Seconds, Time};
use lumbard::warning::Rehearsal;

/// The bytes, taken from the front; none left reads as zeros.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        let (front, rest) = self.0.split_at(N.min(self.0.len()));
        out[..front.len()].copy_from_slice(front);
        self.0 = rest;
        out
    }
    fn byte(&mut self) -> u8 {
        self.take::<1>()[0]
    }
    /// A number within this of zero, in 16 bits.
    fn tame(&mut self, most: f64) -> f64 {
        f64::from(i16::from_le_bytes(self.take())) / 32768.0 * most
    }
    /// Any number there is, or none.
    fn wild(&mut self) -> f64 {
        f64::from_le_bytes(self.take())
    }
    fn three(&mut self, wild: bool, most: f64) -> Vec3 {
        Vec3::from_fn(|_, _| if wild { self.wild() } else { self.tame(most) })
    }
}

/// A recording under way: the newest values, which most inputs change a little.
struct Course {
    t: i64,
    acc: Vec3,
    gyr: Option<Vec3>,
}

impl Course {
    fn next(&mut self, bytes: &mut Bytes) -> Input {
        let what = bytes.byte();
        let ahead = match what & 7 {
            0..=4 => 10_000_000,
            5 => 20_000_000 + i64::from(bytes.byte()) * 1_000_000,
            6 => i64::from(i32::from_le_bytes(bytes.take())),
            _ => i64::from_le_bytes(bytes.take()) >> 8,
        };
        self.t = self.t.saturating_add(ahead).max(0);
        match (what >> 3) & 15 {
            0..=5 => self.acc += bytes.three(false, 0.5),
            6 | 7 => self.acc = bytes.three(false, 4.0),
            8 => self.acc = bytes.three(true, 0.0),
            9 => self.gyr = Some(bytes.three(false, 10.0)),
            10 => self.gyr = Some(bytes.three(true, 0.0)),
            11 => self.gyr = None,
            12 => {
                return Input::Gap { from: Time(self.t), to: Time(self.t.saturating_add(1 << 30)), lost: what.into() };
            }
            13 => return Input::Silence { since: Time(self.t), lasting: Seconds(bytes.tame(1e6).abs()) },
            // As before, or back to rest.
            14 => (self.acc, self.gyr) = (Vec3::x(), Some(Vec3::zeros())),
            _ => {}
        }
        Input::Sample(Sample { t: Time(self.t), acc: self.acc, gyr: self.gyr })
    }
}

fn setup(choice: u8) -> Setup {
    let placement = [Placement::L1, Placement::L3, Placement::L5S1, Placement::Unknown][usize::from(choice & 3)];
    let set = ExerciseSet { id: "bridge", start: Time::from_seconds(5.0), end: Time::from_seconds(60.0) };
    Setup {
        body_from_sensor: (choice & 4 == 0).then(Quat::identity),
        placement,
        second_epoch: (choice & 8 != 0).then_some(Seconds(60.0)),
        exercise_sets: if choice & 16 != 0 { vec![set] } else { Vec::new() },
        ..Setup::default()
    }
}

fn numbers(output: &Output) {
    match output {
        Output::Tick(tick) => {
            let angles = [tick.tilt, tick.side, tick.tea];
            assert!(angles.iter().flatten().all(|angle| angle.radians().is_finite()), "{tick:?}");
        }
        Output::Epoch(epoch) => {
            let figures = [epoch.mad_mg, epoch.enmo_mg, epoch.cadence_spm, Some(epoch.valid_share)];
            assert!(figures.iter().flatten().all(|figure| figure.is_finite()), "{epoch:?}");
        }
        Output::Event(event) => assert!(event.start <= event.end, "{event:?}"),
        Output::Posture(span) => assert!(span.start <= span.end, "{span:?}"),
        Output::Step(_) => {}
    }
}

fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes(data);
    let mut monitor = Monitor::new(setup(bytes.byte()));
    let mut rehearsal = Rehearsal::default();
    let (mut auto, mut smoother) = (AutoMounting::new(), Smoother::default());
    let mut calibration = StandingCalibration::new(StandingParams::default());
    let mut course = Course { t: 0, acc: Vec3::x(), gyr: Some(Vec3::zeros()) };
    let mut samples = Vec::new();
    let mut take = |output: Output| {
        numbers(&output);
        rehearsal.push(&output, &mut |_| ());
    };
    while !bytes.0.is_empty() {
        // Runs of one value are what a real stream has most: a few bytes make a second of rest.
        let input = course.next(&mut bytes);
        monitor.push(input, &mut take);
        if let Input::Sample(sample) = input {
            auto.push(&sample);
            calibration.push(&sample);
            smoother.push(&sample);
            samples.push(sample);
        }
    }
    monitor.finish(&mut take);
    let finite = |q: Quat| assert!(q.coords.iter().all(|v| v.is_finite()), "{q:?}");
    auto.estimate().into_iter().for_each(|found| finite(found.body_from_sensor));
    calibration.finish().into_iter().for_each(|found| finite(found.mounting.body_from_sensor));
    if let Some(mut smoothed) = smoother.finish() {
        samples.iter().for_each(|sample| finite(smoothed.next(sample)));
    }
});
