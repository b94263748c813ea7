//! The whole chain of detectors on a made-up worn day, and its first steps by themselves, in one run.
//!
//! Budget (DESIGN §10): a day of 100 Hz six-axis data (8.64 M samples) with every detector in 1.0 s on one
//! core; the first version is held to 5 s. An hour is measured and told as time per sample, beside
//! attitude alone, so that the share of the slow detectors is seen; twice the hours must take twice as
//! long. Nearest peers for a day: scikit-digital-health 28 s, mobgap 33 s (gait alone).
//!
//! ```text
//! cargo bench --bench pipeline
//! ```

use divan::{Bencher, black_box, counter::ItemsCount};
use lumbard::frames::Placement;
use lumbard::link::simulator::worn_day;
use lumbard::signal::attitude::{Attitude, AttitudeParams, AttitudeState};
use lumbard::signal::mounting::auto::AutoMounting;
use lumbard::signal::{Input, Monitor, Sample, Setup};
use lumbard::units::Seconds;
use lumbard::warning::Rehearsal;
use std::sync::LazyLock;
use uf_ahrs::Ahrs;

const RATE_HZ: f64 = 100.0;
const HOURS: f64 = 2.0;

static DAY: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let day = worn_day(7, HOURS, RATE_HZ, Placement::L3);
    day.readings().map(|reading| Sample { t: reading.t, acc: reading.acc_g, gyr: Some(reading.gyr) }).collect()
});

fn main() {
    divan::main();
}

fn setup() -> Setup {
    let mut auto = AutoMounting::new();
    DAY.iter().for_each(|sample| auto.push(sample));
    let found = auto.estimate().map(|found| found.body_from_sensor);
    Setup { body_from_sensor: found, placement: Placement::L3, ..Setup::default() }
}

/// Every detector, on this share of the day; cost must grow with length and no faster.
#[divan::bench(args = [0.5, 1.0])]
fn every_detector(bencher: Bencher, share: f64) {
    let samples = &DAY[..(DAY.len() as f64 * share) as usize];
    let setup = setup();
    bencher.counter(ItemsCount::new(samples.len())).bench(|| {
        let mut monitor = Monitor::new(setup.clone());
        let mut outputs = 0_u64;
        // In portions, as a file is read.
        samples.chunks(1000).for_each(|portion| monitor.samples(portion, &mut |_| outputs += 1));
        monitor.finish(&mut |_| outputs += 1);
        black_box(outputs)
    });
}

/// The same with the warning rules behind it.
#[divan::bench]
fn every_detector_and_warnings(bencher: Bencher) {
    let setup = setup();
    bencher.counter(ItemsCount::new(DAY.len())).bench(|| {
        let mut monitor = Monitor::new(setup.clone());
        let mut rehearsal = Rehearsal::default();
        let mut signals = 0_u64;
        for sample in DAY.iter() {
            monitor.push(Input::Sample(*sample), &mut |output| rehearsal.push(&output, &mut |_| signals += 1));
        }
        black_box(signals)
    });
}

/// The nearest peer for attitude alone, on the same samples: what makes times of different machines comparable.
/// Where the budget was set it took 173 ns a sample, so that 1.0 s a day is 0.67 of its time.
#[divan::bench]
fn uf_ahrs_attitude_alone(bencher: Bencher) {
    let samples: Vec<_> =
        DAY.iter().filter_map(|sample| Some((sample.acc.cast::<f32>(), sample.gyr?.cast::<f32>()))).collect();
    let period = std::time::Duration::from_secs_f64(1.0 / RATE_HZ);
    bencher.counter(ItemsCount::new(samples.len())).bench(|| {
        let mut filter = uf_ahrs::Vqf::new(period, uf_ahrs::VqfParams::default());
        for (acc, gyr) in &samples {
            black_box(filter.update_imu(*gyr, *acc));
        }
    });
}

/// Attitude alone, asked for up after each sample.
#[divan::bench]
fn attitude_alone(bencher: Bencher) {
    let attitude = Attitude::new(AttitudeParams::default());
    bencher.counter(ItemsCount::new(DAY.len())).bench(|| {
        let mut state = AttitudeState::default();
        for sample in DAY.iter() {
            attitude.step(&mut state, Seconds(1.0 / RATE_HZ), &sample.acc, sample.gyr.as_ref());
            black_box(state.up_sensor());
        }
    });
}

/// Finding the mounting from ordinary movement.
#[divan::bench]
fn mounting_found(bencher: Bencher) {
    bencher.counter(ItemsCount::new(DAY.len())).bench(|| {
        let mut auto = AutoMounting::new();
        DAY.iter().for_each(|sample| auto.push(sample));
        black_box(auto.estimate())
    });
}
