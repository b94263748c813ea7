//! BROAD: inclination against an optical reference, at the sensor's own rate and averaged down to 100 Hz.

use crate::common::{Report, Table, mean, recordings, set, stem};
use lumbard::frames::{Quat, Vec3};
use lumbard::signal::Sample;
use lumbard::signal::attitude::{Attitude, AttitudeParams, AttitudeState};
use lumbard::signal::smooth::Smoother;
use lumbard::units::Time;
use nalgebra::Quaternion;

/// The true rate of these recordings, from their note.
const RATE_HZ: f64 = 200.0 / 0.7;

/// One recording: samples, and the true up-vector in sensor axes where it counts.
struct Trial {
    name: String,
    samples: Vec<Sample>,
    truth: Vec<Option<Vec3>>,
}

fn trials() -> Option<Vec<Trial>> {
    let folder = set("broad")?;
    Some(recordings(&folder).iter().map(|path| read(path)).collect())
}

fn read(path: &std::path::Path) -> Trial {
    let table = Table::read(path);
    let [w, x, y, z] = ["q_w", "q_x", "q_y", "q_z"].map(|name| table.numbers(name));
    let moving = table.text("movement");
    let truth = (0..table.len())
        .map(|i| {
            let counts = moving[i] == "1" && w[i].is_finite();
            let q = Quat::from_quaternion(Quaternion::new(w[i], x[i], y[i], z[i]));
            counts.then(|| q.inverse_transform_vector(&Vec3::z()))
        })
        .collect();
    let mut samples = table.samples();
    for (i, sample) in samples.iter_mut().enumerate() {
        sample.t = Time::from_seconds(i as f64 / RATE_HZ);
    }
    Trial { name: stem(path), samples, truth }
}

/// The same movement as a slower sensor gives it: the mean over each new interval, and the truth at its end.
fn averaged(trial: &Trial, hz: f64) -> Trial {
    let mut sums = vec![(Vec3::zeros(), Vec3::zeros())];
    for sample in &trial.samples {
        let (acc, gyr) = sums[sums.len() - 1];
        sums.push((acc + sample.acc / RATE_HZ, gyr + sample.gyr.unwrap() / RATE_HZ));
    }
    let last = trial.samples.len() - 1;
    let at = |t: f64| {
        let k = ((t * RATE_HZ) as usize).min(last);
        let part = t * RATE_HZ - k as f64;
        (sums[k].0.lerp(&sums[k + 1].0, part), sums[k].1.lerp(&sums[k + 1].1, part))
    };
    let mut slow = Trial { name: trial.name.clone(), samples: Vec::new(), truth: Vec::new() };
    let mut before = at(0.0);
    for k in 1..=((last as f64 / RATE_HZ * hz) as usize) {
        let t = k as f64 / hz;
        let now = at(t);
        slow.samples.push(Sample {
            t: Time::from_seconds(t),
            acc: (now.0 - before.0) * hz,
            gyr: Some((now.1 - before.1) * hz),
        });
        slow.truth.push(trial.truth[(t * RATE_HZ).round() as usize - 1]);
        before = now;
    }
    slow
}

fn live(samples: &[Sample]) -> Vec<Vec3> {
    let attitude = Attitude::new(AttitudeParams::default());
    let mut state = AttitudeState::default();
    let mut before = samples[0].t;
    let ups = samples.iter().map(|sample| {
        attitude.step(&mut state, sample.t.since(before), &sample.acc, sample.gyr.as_ref());
        before = sample.t;
        state.up_sensor()
    });
    ups.collect()
}

/// Root mean square of the angle between the estimated and the true vertical, in degrees.
fn inclination_rmse_deg(trial: &Trial, ups: &[Vec3]) -> f64 {
    let squares: Vec<f64> = trial
        .truth
        .iter()
        .zip(ups)
        .filter_map(|(truth, up)| truth.map(|truth| up.cross(&truth).norm().atan2(up.dot(&truth)).to_degrees().powi(2)))
        .collect();
    mean(&squares).sqrt()
}

fn measure(report: &mut Report, trials: &[Trial], estimate: impl Fn(&[Sample]) -> Vec<Vec3>) -> f64 {
    let errors: Vec<f64> = trials
        .iter()
        .map(|trial| {
            let error = inclination_rmse_deg(trial, &estimate(&trial.samples));
            report.note(&trial.name, format!("{error:.3}"));
            error
        })
        .collect();
    mean(&errors)
}

#[test]
fn live_inclination_stays_within_its_bars() {
    let Some(native) = trials() else { return };
    let slow: Vec<Trial> = native.iter().map(|trial| averaged(trial, 100.0)).collect();
    let mut report = Report::new("broad, live: inclination error RMS, degrees");
    let error = measure(&mut report, &native, live);
    report.at_most("mean over trials, native 286 Hz", error, 0.62, 0.50);
    let error = measure(&mut report, &slow, live);
    report.at_most("mean over trials, averaged to 100 Hz", error, 0.72, 0.53);
    report.finish();
}

fn after_the_fact(samples: &[Sample]) -> Vec<Vec3> {
    let mut smoother = Smoother::default();
    samples.iter().for_each(|sample| smoother.push(sample));
    let mut smoothed = smoother.finish().unwrap();
    samples.iter().map(|sample| smoothed.next(sample).inverse_transform_vector(&Vec3::z())).collect()
}

#[test]
fn smoothed_inclination_stays_within_its_bars() {
    let Some(native) = trials() else { return };
    let slow: Vec<Trial> = native.iter().map(|trial| averaged(trial, 100.0)).collect();
    let mut report = Report::new("broad, after the fact: inclination error RMS, degrees");
    let error = measure(&mut report, &native, after_the_fact);
    report.at_most("mean over trials, native 286 Hz", error, 0.48, 0.38);
    let error = measure(&mut report, &slow, after_the_fact);
    report.at_most("mean over trials, averaged to 100 Hz", error, 0.55, 0.42);
    report.finish();
}
