//! Walks made of bumps of the norm, each a step.

use super::*;

/// What was said of a walk.
#[derive(Debug, Default, PartialEq)]
struct Said {
    steps_s: Vec<f64>,
    bouts: Vec<(u32, Option<f64>)>,
    early: bool,
}

/// Judges steps at these times (s) with these heights (g), up to `end_s`, the sensor turned so.
fn judged(steps: &[(f64, f64)], end_s: f64, up: &Vec3) -> Said {
    let gait = Gait::new(GaitParams::default());
    let (mut state, mut said) = (GaitState::default(), Said::default());
    let mut take = |output| match output {
        Output::Step(step) => {
            said.steps_s.push(step.t.seconds());
            said.early |= step.t > step.decided;
        }
        Output::Event(event) => said.bouts.push((event.steps.unwrap_or_default(), event.cadence_spm)),
        _ => {}
    };
    let mut now = Time::START;
    for i in 1..=(end_s / Tick::INTERVAL.0).round() as u32 {
        now = Time::from_seconds(f64::from(i) * Tick::INTERVAL.0);
        let middle = now.seconds() - 0.5 * Tick::INTERVAL.0;
        // The body is highest in the midst of a step, some 70 ms after the foot touches the ground.
        let bump = |(t, height): &(f64, f64)| height * (-((middle - t - 0.07) / 0.1).powi(2)).exp();
        let norm = 1.0 + steps.iter().map(bump).sum::<f64>();
        gait.step(&mut state, now, now, norm, up, &mut take);
    }
    gait.cut(&mut state, now, &mut take);
    said
}

fn even(n: u32, apart: f64, height: f64) -> Vec<(f64, f64)> {
    (0..n).map(|i| (2.0 + f64::from(i) * apart, height)).collect()
}

fn check(steps: &[(f64, f64)], end_s: f64, expected: &[f64]) {
    let said = judged(steps, end_s, &Vec3::x());
    assert_eq!(said.bouts.len(), 1, "{said:?}");
    assert_eq!(said.steps_s.len(), expected.len(), "{said:?}, expected {expected:?}");
    for (got, wanted) in said.steps_s.iter().zip(expected) {
        assert!((got - wanted).abs() < 0.1, "{got} s instead of {wanted} s: {said:?}");
    }
    assert!(!said.early);
}

fn times(steps: &[(f64, f64)]) -> Vec<f64> {
    steps.iter().map(|step| step.0).collect()
}

#[test]
fn a_walk_of_five_steps_is_found_the_last_one_beside_the_other_foot() {
    let steps = [(2.0, 0.15), (2.6, 0.4), (3.2, 0.4), (3.8, 0.35), (4.4, 0.08)];
    check(&steps, 10.0, &times(&steps));
}

#[test]
fn four_steps_are_not_yet_a_walk() {
    let said = judged(&[(2.0, 0.3), (2.6, 0.4), (3.2, 0.4), (3.8, 0.3)], 10.0, &Vec3::x());
    assert_eq!(said, Said::default());
}

#[test]
fn a_last_step_that_is_not_felt_is_brought_beside() {
    let steps = even(8, 0.55, 0.4);
    let mut expected = times(&steps);
    expected.push(2.0 + 8.0 * 0.55);
    check(&steps, 12.0, &expected);
}

#[test]
fn slow_steps_stairs_and_jogging_count() {
    for (apart, height) in [(1.0, 0.2), (0.75, 0.3), (0.55, 0.4), (0.36, 0.8)] {
        let steps = even(20, apart, height);
        let said = judged(&steps, 2.0 + 20.0 * apart + 6.0, &Vec3::x());
        let found = i64::try_from(said.steps_s.len()).unwrap();
        // One more for the feet together.
        assert!((20..=21).contains(&found), "{found} steps {apart} s apart");
        let cadence = said.bouts[0].1.unwrap();
        assert!((cadence - 60.0 / apart).abs() < 2.0, "{cadence} a minute, {apart} s apart");
    }
}

#[test]
fn a_turn_on_the_spot_does_not_count_twice() {
    // Firm steps, then a turn that shakes the back twice as often as feet are set down, then firm steps.
    let mut steps = even(6, 0.55, 0.4);
    let turn = steps[5].0;
    let shakes: Vec<(f64, f64)> = (1..5).map(|i| (turn + f64::from(i) * 0.42, 0.07)).collect();
    steps.extend(shakes);
    let after = turn + 2.1;
    steps.extend((0..6).map(|i| (after + f64::from(i) * 0.55, 0.4)));
    let said = judged(&steps, 14.0, &Vec3::x());
    let between = said.steps_s.iter().filter(|t| (turn + 0.1..after - 0.1).contains(*t)).count();
    assert_eq!(between, 2, "{said:?}");
}

#[test]
fn the_step_just_before_an_end_is_found() {
    let steps = even(8, 0.55, 0.4);
    let last = steps[7].0;
    let said = judged(&steps, last + 0.2, &Vec3::x());
    assert!(said.steps_s.last().is_some_and(|t| (t - last).abs() < 0.1), "{said:?}");
}

#[test]
fn it_does_not_matter_how_the_sensor_is_turned() {
    let steps = even(12, 0.55, 0.3);
    let upright = judged(&steps, 12.0, &Vec3::x());
    for up in [-Vec3::x(), Vec3::y(), Vec3::new(0.6, -0.48, 0.64)] {
        assert_eq!(judged(&steps, 12.0, &up), upright);
    }
}

#[test]
fn a_thump_and_its_echo_are_no_steps() {
    let said = judged(&[(2.0, 0.1), (2.6, 1.0), (3.2, 0.1), (3.7, 0.03), (4.3, 0.03), (4.9, 0.02)], 10.0, &Vec3::x());
    assert_eq!(said, Said::default());
}
