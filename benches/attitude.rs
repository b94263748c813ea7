//! Live attitude beside the peers of equal accuracy, on the same movement in one run.
//!
//! Budget (DESIGN §10): at most a quarter of `uf-ahrs`' time a sample. The movement is made here: a
//! trunk that stands, walks, bends and lies, with the noise and bias of a consumer sensor. `f32` peers
//! get `f32` samples, converted beforehand. Ours answers up and the rate after every sample, the peers
//! their quaternion.
//!
//! ```text
//! cargo bench --bench attitude
//! ```

use divan::{Bencher, black_box, counter::ItemsCount};
use lumbard::frames::{Quat, Vec3};
use lumbard::signal::attitude::{Attitude, AttitudeParams, AttitudeState};
use lumbard::units::Seconds;
use std::sync::LazyLock;
use uf_ahrs::Ahrs;

const RATE_HZ: f64 = 100.0;
/// Five minutes.
const SAMPLES: usize = 30_000;

static MOVEMENT: LazyLock<Vec<(Vec3, Vec3)>> = LazyLock::new(|| {
    // xorshift64*, so that the movement is the same everywhere.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut noise = move || {
        seed ^= seed >> 12;
        seed ^= seed << 25;
        seed ^= seed >> 27;
        (seed.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let bias = Vec3::new(0.006, -0.004, 0.003);
    let mut earth_from_sensor = Quat::identity();
    (0..SAMPLES)
        .map(|i| {
            let t = i as f64 / RATE_HZ;
            let rate = match (t / 10.0) as u32 % 4 {
                0 => Vec3::zeros(),
                1 => Vec3::new(0.3 * (6.3 * t).sin(), 0.5 * (11.0 * t).cos(), 0.4 * (5.5 * t).sin()),
                2 => Vec3::new(0.0, 1.2 * (std::f64::consts::TAU * t / 5.0).sin(), 0.0),
                _ => Vec3::new(0.2, -0.1, 0.15) * (0.7 * t).cos(),
            };
            let walking = if (t / 10.0) as u32 % 4 == 1 { 0.2 * (11.0 * t).sin() } else { 0.0 };
            earth_from_sensor *= Quat::from_scaled_axis(rate / RATE_HZ);
            let up = earth_from_sensor.inverse_transform_vector(&Vec3::new(0.0, 0.0, 1.0 + walking));
            let acc = up + Vec3::new(noise(), noise(), noise()) * 0.01;
            (acc, rate + bias + Vec3::new(noise(), noise(), noise()) * 0.004)
        })
        .collect()
});

fn main() {
    divan::main();
}

#[divan::bench]
fn ours(bencher: Bencher) {
    let samples = &*MOVEMENT;
    let attitude = Attitude::new(AttitudeParams::default());
    bencher.counter(ItemsCount::new(SAMPLES)).bench(|| {
        let mut state = AttitudeState::default();
        for (acc, gyr) in samples {
            attitude.step(&mut state, Seconds(1.0 / RATE_HZ), acc, Some(gyr));
            black_box((state.up_sensor(), state.rate_sensor()));
        }
        state
    });
}

/// Asked after every other sample; the monitor asks after every fourth at this rate.
#[divan::bench]
fn ours_asked_every_other_sample(bencher: Bencher) {
    let samples = &*MOVEMENT;
    let attitude = Attitude::new(AttitudeParams::default());
    bencher.counter(ItemsCount::new(SAMPLES)).bench(|| {
        let mut state = AttitudeState::default();
        for pair in samples.chunks_exact(2) {
            for (acc, gyr) in pair {
                attitude.step(&mut state, Seconds(1.0 / RATE_HZ), acc, Some(gyr));
            }
            black_box(state.up_sensor());
        }
        state
    });
}

#[divan::bench]
fn ours_without_gyroscope(bencher: Bencher) {
    let samples = &*MOVEMENT;
    let attitude = Attitude::new(AttitudeParams::default());
    bencher.counter(ItemsCount::new(SAMPLES)).bench(|| {
        let mut state = AttitudeState::default();
        for (acc, _) in samples {
            attitude.step(&mut state, Seconds(1.0 / RATE_HZ), acc, None);
            black_box(state.up_sensor());
        }
        state
    });
}

#[divan::bench]
fn uf_ahrs_vqf(bencher: Bencher) {
    let samples: Vec<_> = MOVEMENT.iter().map(|(acc, gyr)| (acc.cast::<f32>(), gyr.cast::<f32>())).collect();
    let period = std::time::Duration::from_secs_f64(1.0 / RATE_HZ);
    bencher.counter(ItemsCount::new(SAMPLES)).bench(|| {
        let mut filter = uf_ahrs::Vqf::new(period, uf_ahrs::VqfParams::default());
        for (acc, gyr) in &samples {
            black_box(filter.update_imu(*gyr, *acc));
        }
        filter
    });
}

#[divan::bench]
fn vqf_rs(bencher: Bencher) {
    let samples: Vec<_> = MOVEMENT.iter().map(|(acc, gyr)| (<[f64; 3]>::from(*acc), <[f64; 3]>::from(*gyr))).collect();
    bencher.counter(ItemsCount::new(SAMPLES)).bench(|| {
        let mut filter = vqf_rs::VQF::new(1.0 / RATE_HZ, None, None, None);
        for (acc, gyr) in &samples {
            filter.update(*gyr, *acc, None);
            black_box(filter.quat_6d());
        }
        filter.bias_estimate()
    });
}
