//! Deep bends of human timing, one after another, each labelled with the moment at which it satisfies rule W1.
//!
//! In:  a seed, how many, a rate and a placement. Out: one recording with its truth. The sensor is worn like any
//! other (bias, scale error, skin, noise; see `Sensor::worn`), but sits exactly on the body's axes: how well a
//! mounting is found is another question. Times and depths are chosen by us, as people move: a whole bend of 0.7 to
//! 6 s, faster on one way than on the other, with or without a stay below.

use super::Simulation;
use super::activities::Bend;
use super::body::Body;
use super::script::Script;
use super::sensor::Sensor;
use crate::frames::{Placement, Quat};
use crate::signal::WarningKind;

/// Rule W1 of domain.md §6, typed again here on purpose: the truth leans on no detector.
const DEEP_DEG: f64 = 60.0;
/// For how long.
const DEEP_FOR_S: f64 = 0.3;
/// The truth is read from the body's own motion in steps this long.
const TRUTH_STEP_S: f64 = 0.001;

/// So many bends, each deeper than 60 degrees, far enough apart for each to be told.
pub fn deep_bends(seed: u64, bends: u32, rate_hz: f64, placement: Placement) -> Simulation {
    let mut script = Script::new(seed, placement);
    script.stand(20.0);
    for _ in 0..bends {
        let lasting = script.random.between(0.7, 6.0);
        let down_s = lasting * script.random.between(0.35, 0.65);
        let hold_s = if script.random.chance(0.5) { script.random.between(0.1, 1.5) } else { 0.0 };
        let (peak_deg, side_deg) = (script.random.between(64.0, 110.0), script.random.between(-8.0, 8.0));
        script.bend(Bend { peak_deg, down_s, hold_s, up_s: lasting - down_s, side_deg });
        let pause = script.random.between(22.0, 26.0);
        script.stand(pause);
    }
    for at in deep_moments(&script, seed) {
        script.label_signal(WarningKind::W1, at);
    }
    script.finish();
    let mut sensor = Sensor::worn(seed);
    sensor.sensor_from_body = Quat::identity();
    Simulation { name: format!("deep-bends-seed{seed}"), placement, rate_hz, seed, script, sensor, loss: 0.0 }
}

/// When the true trunk, sway included, has been that deep for that long; once for each bend.
fn deep_moments(script: &Script, seed: u64) -> Vec<f64> {
    let (mut body, mut since, mut told, mut moments) = (Body::new(script, seed), None, false, Vec::new());
    for i in 0..(script.now / TRUTH_STEP_S) as u64 {
        let t = i as f64 * TRUTH_STEP_S;
        let deg = body.trunk(t).value.to_degrees();
        if deg < DEEP_DEG {
            since = None;
            told &= deg >= DEEP_DEG / 2.0;
        } else if t - *since.get_or_insert(t) >= DEEP_FOR_S && !told {
            told = true;
            moments.push(t);
        }
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Kind;

    #[test]
    fn most_bends_are_deep_for_long_enough_and_each_is_labelled_once() {
        let simulation = deep_bends(1, 40, 50.0, Placement::L1);
        let count = |kind| simulation.truth().iter().filter(|event| event.kind == kind).count();
        assert_eq!(count(Kind::Bend), 40);
        assert!((30..=40).contains(&count(Kind::Signal)), "{}", count(Kind::Signal));
    }
}
