//! The simulated stream against its own truth, and against physics.

use super::*;
use crate::frames::{Quat, forward_tilt, side_bend};
use crate::signal::{Kind, Posture};
use proptest::prelude::*;

fn perfect(number: u8, rate_hz: f64, placement: Placement) -> Simulation {
    scenario(number, 1, Some(rate_hz), Some(placement)).unwrap().remove(0).without_errors()
}

/// Forward tilt in degrees over time, from the rotation rate alone.
fn integrated_tilt(simulation: &Simulation) -> Vec<(f64, f64)> {
    let dt = 1.0 / simulation.rate_hz();
    let mut level_from_body: Option<Quat> = None;
    let mut before = Vec3::zeros();
    let step = |reading: Reading| {
        let attitude = match level_from_body {
            None => Quat::rotation_between(&reading.acc_g, &Vec3::x()).unwrap(),
            Some(attitude) => attitude * Quat::from_scaled_axis((before + reading.gyr) * 0.5 * dt),
        };
        level_from_body = Some(attitude);
        before = reading.gyr;
        (reading.t.seconds(), forward_tilt(&attitude.inverse_transform_vector(&Vec3::x())).degrees())
    };
    simulation.readings().map(step).collect()
}

#[test]
fn the_rotation_rate_adds_up_to_the_true_peak_of_a_bend() {
    for rate_hz in [25.0, 50.0, 100.0, 200.0, 400.0] {
        for (placement, seen_deg) in [(Placement::L1, 80.0), (Placement::L5S1, 40.67)] {
            let peak =
                integrated_tilt(&perfect(10, rate_hz, placement)).iter().fold(0.0_f64, |p, &(_, tilt)| p.max(tilt));
            assert!((peak - seen_deg).abs() < 0.3, "{rate_hz} Hz, {placement:?}: {peak}");
        }
    }
}

#[test]
fn gravity_and_rotation_rate_tell_the_same_attitude_before_and_after() {
    let simulation = perfect(10, 100.0, Placement::L3);
    let integrated = integrated_tilt(&simulation);
    for (reading, (_, tilt)) in simulation.readings().zip(integrated).filter(|(r, _)| r.t.seconds() % 27.0 < 0.01) {
        if (reading.acc_g.norm() - 1.0).abs() < 0.001 {
            let from_gravity = forward_tilt(&reading.acc_g.normalize()).degrees();
            assert!((from_gravity - tilt).abs() < 0.3, "{from_gravity} and {tilt}");
        }
    }
}

#[test]
fn a_still_wearer_feels_one_g_in_every_posture() {
    let simulation = perfect(8, 50.0, Placement::L3);
    for reading in simulation.readings() {
        let still = reading.gyr.norm() < 0.01;
        assert!(!still || (reading.acc_g.norm() - 1.0).abs() < 1e-6, "{reading:?}");
    }
    let at = |t: f64| simulation.readings().find(|reading| reading.t.seconds() >= t).unwrap().acc_g;
    assert!((forward_tilt(&at(100.0)).degrees() + 90.0).abs() < 1.0);
    assert!((side_bend(&at(400.0)).degrees() - 90.0).abs() < 1.0);
    assert!((forward_tilt(&at(700.0)).degrees() - 90.0).abs() < 1.0);
}

#[test]
fn the_same_seed_gives_the_same_readings_and_another_seed_others() {
    let day = |seed| worn_day(seed, 0.3, 50.0, Placement::L3).readings().collect::<Vec<_>>();
    assert_eq!(day(5), day(5));
    assert_ne!(day(5), day(6));
}

#[test]
fn truth_does_not_depend_on_the_rate() {
    let truth = |rate_hz| worn_day(11, 6.0, rate_hz, Placement::L3).truth().to_vec();
    assert_eq!(truth(25.0), truth(400.0));
}

#[test]
fn walking_is_as_strong_as_in_the_recordings() {
    // SD of the upward acceleration over the walks of gait_l5, from its harmonics: about 0.17 g.
    let simulation = perfect(7, 100.0, Placement::L3);
    let up: Vec<f64> =
        simulation.readings().filter(|r| (30.0..280.0).contains(&r.t.seconds())).map(|r| r.acc_g.x).collect();
    let mean = up.iter().sum::<f64>() / up.len() as f64;
    let sd = (up.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / up.len() as f64).sqrt();
    // The scenario walks at 120 steps a minute, the recordings at 107: (120/107)² = 1.26 times.
    assert!((0.17..0.26).contains(&sd), "{sd}");
    assert!((mean - 1.0).abs() < 0.02, "{mean}");
}

#[test]
fn a_table_is_stiller_than_a_wearer() {
    let simulation = scenario(11, 1, None, None).unwrap().remove(0);
    let table = *simulation.truth().iter().find(|event| event.kind == Kind::NonWear).unwrap();
    assert!(table.end.since(table.start).0 >= 5400.0);
    let x: Vec<f64> =
        simulation.readings().filter(|r| r.t > table.start && r.t < table.end).map(|r| r.acc_g.y).collect();
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    let sd = (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64).sqrt();
    assert!((sd - 0.002).abs() < 0.0003, "{sd}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_seed_gives_a_possible_day(seed in any::<u64>(), minutes in 3.0..400.0_f64) {
        let day = worn_day(seed, minutes / 60.0, 12.5, Placement::L1);
        let end = Time::from_seconds(minutes * 60.0);
        prop_assert!(day.truth().iter().all(|event| event.start <= event.end && event.end <= end));
        prop_assert!(day.truth().windows(2).all(|pair| pair[0].start <= pair[1].start));
        prop_assert!(day.postures().iter().any(|span| span.posture == Posture::Walking) || minutes < 10.0);
        let mut last = None;
        for reading in day.readings() {
            prop_assert!(last.is_none_or(|last| last < reading.t));
            prop_assert!(reading.acc_g.norm() < 4.0 && reading.gyr.norm() < 12.0, "{reading:?}");
            last = Some(reading.t);
        }
    }
}
