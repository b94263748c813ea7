//! Sets played to the detector step by step.

use super::*;

/// Plays tilts and side bends (degrees, by seconds) through a set; gives its repetitions and the state.
fn played(id: &'static str, lasting: f64, body: impl Fn(f64) -> (f64, f64, bool)) -> (Vec<Event>, ExerciseState) {
    let mut state = ExerciseState::default();
    let set = ExerciseSet { id, start: Time::START, end: Time::from_seconds(lasting) };
    let mut events = Vec::new();
    for i in 0..=(lasting * 25.0) as u32 {
        let s = f64::from(i) * 0.04;
        let (tilt, side, resting) = body(s);
        let t = Time::from_seconds(s);
        let (tilt, side) = (Angle::from_degrees(tilt), Angle::from_degrees(side));
        let open = (s < lasting).then_some(&set);
        events.extend(state.step(open, &Step { t, dt: 0.04, tilt, side, resting, now: t }));
    }
    (events, state)
}

/// Half a sine of this height in the first `lasting` of each `every` seconds from 4 s on.
fn pulse(s: f64, every: f64, lasting: f64, height: f64) -> f64 {
    let phase = (s - 4.0).rem_euclid(every);
    if s >= 4.0 && phase < lasting { height * (phase * PI / lasting).sin() } else { 0.0 }
}

#[test]
fn ten_bridges_are_ten_and_a_wobble_is_none() {
    let (events, _) = played("bridge", 53.5, |s| {
        let wobble = if s > 4.0 { 3.0 * (s * 1.3).sin() } else { 0.0 };
        (-90.0 - pulse(s, 5.0, 3.0, 25.0) + wobble, 0.0, s < 4.0)
    });
    assert_eq!(events.len(), 10);
}

#[test]
fn nothing_counts_from_another_position_and_after_a_roll_it_goes_on() {
    let sitting = |s: f64| (-pulse(s, 5.0, 3.0, 25.0), 0.0, s < 4.0);
    let (events, state) = played("bridge", 30.0, sitting);
    assert!(events.is_empty() && state.reference.is_none());
    // Rolling to the side swings the tilt about: what it passes through is no bridge.
    let (events, _) = played("bridge", 40.0, |s| {
        if (9.0..19.0).contains(&s) {
            return (-130.0, pulse(s - 5.0, 10.0, 10.0, 80.0), false);
        }
        (-90.0 - pulse(s, 5.0, 3.0, 25.0), 0.0, s < 4.0)
    });
    assert_eq!(events.len(), 5, "one before and four after");
}

#[test]
fn a_hold_is_timed_and_one_that_the_stop_cuts_counts() {
    let knee = |s: f64| (if s > 5.0 && !(15.0..=20.0).contains(&s) { -98.0 } else { -90.0 }, 0.0, s < 4.0);
    let (events, _) = played("knee_to_chest", 30.0, knee);
    let lasted: Vec<f64> = events.iter().map(|event| event.end.since(event.start).0).collect();
    assert_eq!(lasted.len(), 2);
    assert!((lasted[0] - 10.0).abs() < 0.1 && (lasted[1] - 10.0).abs() < 0.1, "{lasted:?}");
    let (events, _) = played("knee_to_chest", 24.0, knee);
    assert_eq!(events.len(), 1, "four seconds are no hold");
}

#[test]
fn a_bird_dog_must_change_sides() {
    let reach = |s: f64, both: bool| {
        let second = ((s - 4.0) / 5.0).floor() as i32 % 2 == 1;
        (80.0, pulse(s, 5.0, 4.0, if both && second { -7.0 } else { 7.0 }), s < 4.0)
    };
    assert_eq!(played("bird_dog", 33.9, |s| reach(s, true)).0.len(), 6);
    assert_eq!(played("bird_dog", 33.9, |s| reach(s, false)).0.len(), 1);
}

#[test]
fn a_clamshell_is_still_until_the_hips_roll_back() {
    let mut state = ExerciseState::default();
    let set = ExerciseSet { id: "clamshell", start: Time::START, end: Time::from_seconds(60.0) };
    for i in 0..1050 {
        let s = f64::from(i) * 0.04;
        let t = Time::from_seconds(s);
        let (tilt, side) = if (12.0..22.0).contains(&s) { (-90.0, 72.0) } else { (-90.0, 88.0) };
        let (tilt, side) = (Angle::from_degrees(tilt), Angle::from_degrees(side));
        let _ = state.step(Some(&set), &Step { t, dt: 0.04, tilt, side, resting: s < 4.0, now: t });
    }
    let steady = state.now().and_then(|now| now.steady).unwrap();
    assert!((steady - 0.75).abs() < 0.02, "{steady}");
}

#[test]
fn start_positions_are_told_apart() {
    let deg = Angle::from_degrees;
    for (tilt, side, fits) in [
        (-95.0, 5.0, StartPosition::OnBack),
        (-30.0, 84.0, StartPosition::OnSide),
        (10.0, -80.0, StartPosition::OnSide),
        (72.0, 3.0, StartPosition::AllFours),
        (-8.0, 4.0, StartPosition::Sitting),
    ] {
        for position in StartPosition::ALL {
            assert_eq!(position.fits(&up_of(deg(tilt), deg(side))), position == fits, "{tilt} {side} {position:?}");
        }
    }
}
