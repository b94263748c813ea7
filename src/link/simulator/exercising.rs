//! Someone who does one exercise, with other movements between the repetitions: rolls to a side, sits up, lets the
//! knees sway.
//!
//! In:  an exercise, a seed, a rate and a placement. Out: one recording with its truth; none for an exercise that
//! the sensor does not see. The sensor is worn a little crooked and has the errors of `Sensor::worn`. Nobody lies
//! down exactly as before: each repetition returns to within 2° of where it began. Times and sizes are chosen by
//! us within what domain.md §9 and §14 say of each exercise.

use super::Simulation;
use super::gait::Style as WalkStyle;
use super::script::{Part, Script};
use super::sensor::Sensor;
use super::track::Shape;
use crate::frames::Placement;
use crate::signal::{Kind, LyingSide, Posture};
use crate::units::Angle;
use std::f64::consts::FRAC_PI_2;

/// Exercises that can be simulated.
pub const EXERCISES: [&str; 6] = ["bridge", "knee_to_chest", "bird_dog", "clamshell", "seated_twist", "walk"];

/// Repetitions of a set.
const REPETITIONS: u32 = 10;
/// A hold counts where the hips are tipped by more than this, as domain.md §14 words it.
const HOLD_DEG: f64 = 5.0;
/// How far from where it began a repetition may return.
const RETURN_DEG: f64 = 2.0;
/// Samples lost on the air.
const LOSS: f64 = 0.002;

/// One set of an exercise, from standing to standing.
pub fn exercising(exercise: &str, seed: u64, rate_hz: f64, placement: Placement) -> Option<Simulation> {
    let id = EXERCISES.into_iter().find(|id| *id == exercise)?;
    let mut script = Script::new(seed, placement);
    script.stand(5.0);
    match id {
        "bridge" => on_the_back(&mut script, id, |script| bridges(script, placement)),
        "knee_to_chest" => on_the_back(&mut script, id, knees_to_chest),
        "clamshell" => on_the_back(&mut script, id, clamshells),
        "bird_dog" => bird_dogs(&mut script),
        "seated_twist" => twists(&mut script),
        _ => walk(&mut script),
    }
    script.stand(6.0);
    script.finish();
    Some(Simulation {
        name: format!("exercise-{id}-seed{seed}"),
        placement,
        rate_hz,
        seed,
        script,
        sensor: Sensor::worn(seed),
        loss: LOSS,
    })
}

fn on_the_back(script: &mut Script, id: &'static str, set: impl FnOnce(&mut Script)) {
    script.sit_down(2.8, 34.0);
    script.stay(5.0);
    script.lie_down(3.7);
    script.stay(6.0);
    let start = script.now;
    script.stay(4.0);
    set(script);
    script.sets.push((id, start, script.now));
    script.stay(4.0);
    script.sit_up(3.5);
    script.stay(5.0);
    script.stand_up(2.4, 36.0);
}

/// A movement that is no repetition, on the back.
fn another_movement(script: &mut Script, nth: u32) {
    match nth % 3 {
        0 => sway_knees(script),
        1 => {
            let side = if script.random.chance(0.5) { LyingSide::Left } else { LyingSide::Right };
            script.roll(side, 2.2);
            script.stay(4.0);
            script.roll(LyingSide::Back, 2.0);
        }
        _ => {
            script.sit_up(3.5);
            script.stay(5.0);
            script.lie_down(3.7);
            script.posture(Posture::Lying, Some(LyingSide::Back));
        }
    }
    let pause = script.random.between(2.6, 4.0);
    script.stay(pause);
}

/// The bent knees sway from side to side, and take the hips with them a little.
fn sway_knees(script: &mut Script) {
    let (hz, roll_deg, tip_deg) =
        (script.random.between(0.4, 0.7), script.random.between(6.0, 12.0), script.random.between(2.0, 4.0));
    let lasting = 4.0 / hz;
    script.shape(Part::Roll, script.now, lasting, Shape::Oscillate { height: roll_deg.to_radians(), hz });
    script.shape(Part::Recline, script.now, lasting, Shape::Oscillate { height: -tip_deg.to_radians(), hz });
    script.stay(lasting);
}

/// Where the back comes to lie again: near where it lay when the set began.
fn lies_again(script: &mut Script) -> f64 {
    -FRAC_PI_2 + script.random.between(-RETURN_DEG, RETURN_DEG).to_radians()
}

fn repetition(script: &mut Script, id: &'static str, from: f64, to: f64, shift_deg: f64) {
    let event = script.label(Kind::Repetition, from, to);
    event.exercise = Some(id);
    event.angle = Some(Angle::from_degrees(shift_deg));
}

/// The hips tip less the higher up the back the sensor sits, as the shoulders stay where they are.
fn bridges(script: &mut Script, placement: Placement) {
    let share = match placement {
        Placement::L1 => 0.85,
        Placement::L3 | Placement::Unknown => 0.95,
        Placement::L5S1 => 1.05,
    };
    for nth in 0..REPETITIONS {
        let (up, hold, down) =
            (script.random.between(0.8, 1.8), script.random.between(0.6, 3.0), script.random.between(0.8, 2.0));
        let shift_deg = script.random.between(20.0, 34.0) * share;
        let (from, lies) = (script.now, lies_again(script));
        let (flat, floor) = (script.last(Part::Recline), script.last(Part::Height));
        let raised = script.random.between(0.12, 0.22);
        script.ease(Part::Recline, from, up, flat - shift_deg.to_radians());
        script.ease(Part::Recline, from + up + hold, down, lies);
        script.ease(Part::Height, from, up, floor + raised);
        script.ease(Part::Height, from + up + hold, down, floor);
        script.now = from + up + hold + down;
        repetition(script, "bridge", from, script.now, shift_deg);
        let rest = script.random.between(0.9, 2.5);
        script.stay(rest);
        if nth % 3 == 2 {
            another_movement(script, nth / 3);
        }
    }
}

fn knees_to_chest(script: &mut Script) {
    for nth in 0..4 {
        let (draw, hold, lower) =
            (script.random.between(1.2, 2.2), script.random.between(6.5, 14.0), script.random.between(1.4, 2.6));
        let shift_deg = script.random.between(8.0, 14.0);
        let (from, flat) = (script.now, script.last(Part::Recline));
        script.ease(Part::Recline, from, draw, flat - shift_deg.to_radians());
        script.ease(Part::Recline, from + draw + hold, lower, flat);
        script.now = from + draw + hold + lower;
        let beyond = beyond(script, from, flat);
        repetition(script, "knee_to_chest", beyond.0, beyond.1, shift_deg);
        let rest = script.random.between(3.0, 4.5);
        script.stay(rest);
        if nth < 3 {
            another_movement(script, nth);
        }
    }
}

/// From when to when the hips were truly tipped beyond [`HOLD_DEG`] since `from`.
fn beyond(script: &Script, from: f64, flat: f64) -> (f64, f64) {
    const FINE_S: f64 = 0.01;
    let mut cursor = 0;
    let steps = ((script.now - from) / FINE_S) as usize;
    let times = (0..steps).map(|i| from + i as f64 * FINE_S).filter(|t| {
        let tipped = script.tracks[Part::Recline as usize].at(*t, &mut cursor).value - flat;
        tipped.to_degrees().abs() >= HOLD_DEG
    });
    times.fold((script.now, from), |(first, last), t| (first.min(t), last.max(t)))
}

fn clamshells(script: &mut Script) {
    script.roll(LyingSide::Right, 2.4);
    script.stay(4.0);
    let lies = script.last(Part::Roll);
    for nth in 0..REPETITIONS {
        // In the last three the hips roll back.
        let back_deg = if nth < REPETITIONS - 3 { script.random.between(1.0, 5.0) } else { 18.0 };
        script.ease(Part::Roll, script.now, 1.2, lies + back_deg.to_radians());
        script.ease(Part::Roll, script.now + 2.4, 1.2, lies);
        script.stay(4.5);
    }
}

/// From standing onto hands and knees, and back.
fn bird_dogs(script: &mut Script) {
    const LEVEL: f64 = 80.0;
    script.posture(Posture::Moving, None);
    script.ease(Part::Height, script.now, 3.0, -0.5);
    script.ease(Part::Recline, script.now, 3.0, f64::to_radians(LEVEL));
    script.stay(3.0);
    script.posture(Posture::ProneOrAllFours, None);
    script.stay(6.0);
    let start = script.now;
    script.stay(4.0);
    let mut side = 1.0;
    for nth in 0..REPETITIONS {
        let (reach, hold, back) =
            (script.random.between(0.8, 1.4), script.random.between(2.4, 4.5), script.random.between(0.8, 1.4));
        let (roll_deg, tip_deg) = (script.random.between(5.5, 9.0), script.random.between(-3.0, 3.0));
        let from = script.now;
        script.ease(Part::Side, from, reach, side * f64::to_radians(roll_deg));
        script.ease(Part::Side, from + reach + hold, back, 0.0);
        script.ease(Part::Recline, from, reach, f64::to_radians(LEVEL + tip_deg));
        script.ease(Part::Recline, from + reach + hold, back, f64::to_radians(LEVEL));
        script.now = from + reach + hold + back;
        repetition(script, "bird_dog", from, script.now, side * roll_deg);
        side = -side;
        let rest = script.random.between(1.0, 2.5);
        script.stay(rest);
        if nth == 4 {
            // Rocks back onto the heels for a while.
            script.ease(Part::Recline, script.now, 1.8, f64::to_radians(LEVEL - 35.0));
            script.ease(Part::Recline, script.now + 5.0, 1.8, f64::to_radians(LEVEL));
            script.stay(9.8);
        }
    }
    script.sets.push(("bird_dog", start, script.now));
    script.ease(Part::Recline, script.now, 3.0, 0.0);
    script.ease(Part::Height, script.now, 3.0, 0.0);
    script.stay(3.0);
}

fn twists(script: &mut Script) {
    script.sit_down(2.8, 34.0);
    script.stay(5.0);
    let start = script.now;
    script.stay(45.0);
    script.sets.push(("seated_twist", start, script.now));
    script.stand_up(2.4, 36.0);
}

fn walk(script: &mut Script) {
    let start = script.now;
    for _ in 0..3 {
        let cadence_spm = script.random.between(92.0, 112.0);
        script.walk(120, WalkStyle { cadence_spm, step_spread: 0.04, vigour: 1.0 });
        script.stand(6.0);
    }
    script.sets.push(("walk", start, script.now));
}
