//! The reference scenarios of domain.md §16 as sensor streams, and what their wording says must follow.
//!
//! In:  a number from 1 to 15. Out: one recording, or two where the wording holds two cases.
//! The sensor is mounted exactly on the body's axes (x up, y right, z forward) and has white noise only.
//! Signals that the wording demands are labelled with the moment it names, from rules applied to true
//! angles. A wearer who is still sways a fifth as much as people do, so that angles are as worded.

use super::activities::Bend;
use super::gait::Style as WalkStyle;
use super::script::{Part, Script};
use super::sensor::{Sensor, USUAL_ACC_NOISE_G};
use super::track::Shape;
use super::{Simulation, USUAL_RATE_HZ};
use crate::frames::Placement;
use crate::signal::{LyingSide, Posture, WarningKind};
use std::f64::consts::FRAC_PI_2;

/// One reference scenario, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its number in domain.md §16.
    pub number: u8,
    /// What happens, in a few words.
    pub words: &'static str,
    /// Whether it is about a sensor stream. The others are about check-ins or about running twice;
    /// they get an ordinary stretch of wearing to go with them.
    pub about_sensor: bool,
}

/// All reference scenarios.
pub const SCENARIOS: [Scenario; 15] = [
    about(1, "ten minutes upright and still"),
    about(2, "one half-sine bend to 80 degrees in 4 s, at L1"),
    about(3, "the same bend seen from L5 to S1"),
    about(4, "a hold at 40 degrees for 100 s"),
    about(5, "ten bends to 35 degrees in 5 min, and nine"),
    about(6, "an oscillation between 58 and 62 degrees at 1 Hz for 60 s"),
    about(7, "5 min of walking at 2 steps a second"),
    about(8, "lying on the back, a side and the front, and the front reached from upright"),
    about(9, "11 min without link, then a walk"),
    about(10, "30 % random packet loss, and a gap of 1 s inside a bend"),
    about(11, "90 min on a table"),
    other(12, "an episode over a clock change"),
    other(13, "a red flag at a check-in"),
    other(14, "improving or not by day 5 and day 7"),
    other(15, "one file, judged twice"),
];

const fn about(number: u8, words: &'static str) -> Scenario {
    Scenario { number, words, about_sensor: true }
}

const fn other(number: u8, words: &'static str) -> Scenario {
    Scenario { number, words, about_sensor: false }
}

/// Noise that scenarios 1 and 11 ask for, in g.
const SCENARIO_1_NOISE_G: f64 = 0.005;
const SCENARIO_11_NOISE_G: f64 = 0.002;
/// Rate that scenarios 1 and 10 ask for.
const WORDED_RATE_HZ: f64 = 50.0;
/// Sway of the wearer beside that of people.
const SCENARIO_LIFE: f64 = 0.2;
/// How long TEA must stay at or beyond 60° for a deep bend (rule W1 of domain.md §6).
const DEEP_S: f64 = 0.3;
/// Hold limits of the two held scenarios, in seconds: half of 240 − 4.5 (TEA − 20).
const LIMIT_AT_40_S: f64 = 75.0;
const LIMIT_AT_60_S: f64 = 30.0;
/// Spacing and number of the soft signals of a held bend (rule W2).
const SERIES_S: f64 = 5.0;
const SERIES: u32 = 3;

/// The recordings of one reference scenario: the first is the scenario itself, a second holds the other
/// case of its wording. `None` for a number that is not one.
///
/// Rate and placement are those of the wording (100 Hz at L1 where it names none), unless given.
pub fn scenario(number: u8, seed: u64, rate_hz: Option<f64>, placement: Option<Placement>) -> Option<Vec<Simulation>> {
    let make = |suffix: &str, worded: Placement, worded_hz: f64, noise_g: f64, play: &dyn Fn(&mut Script)| {
        let placement = placement.unwrap_or(worded);
        let mut script = Script::new(seed, placement);
        script.set(Part::Life, SCENARIO_LIFE);
        play(&mut script);
        script.finish();
        Simulation {
            name: format!("scenario-{number}{suffix}"),
            placement,
            rate_hz: rate_hz.unwrap_or(worded_hz),
            seed,
            script,
            sensor: Sensor::noisy(noise_g),
            loss: 0.0,
        }
    };
    let plain =
        |suffix: &str, play: &dyn Fn(&mut Script)| make(suffix, Placement::L1, USUAL_RATE_HZ, USUAL_ACC_NOISE_G, play);
    Some(match number {
        1 => {
            let still = |script: &mut Script| script.stand(600.0);
            vec![make("", Placement::L1, WORDED_RATE_HZ, SCENARIO_1_NOISE_G, &still)]
        }
        2 => vec![plain("", &one_deep_bend)],
        3 => vec![make("", Placement::L5S1, USUAL_RATE_HZ, USUAL_ACC_NOISE_G, &one_deep_bend)],
        4 => vec![plain("", &held)],
        5 => vec![plain("", &|script| repeated(script, 10)), plain("-nine", &|script| repeated(script, 9))],
        6 => vec![plain("", &oscillating)],
        7 => vec![plain("", &walking)],
        8 => vec![plain("", &lying), plain("-from-upright", &prone_from_upright)],
        9 => vec![plain("", &disconnected)],
        10 => {
            let mut lossy = make("", Placement::L1, WORDED_RATE_HZ, USUAL_ACC_NOISE_G, &bends_for_loss);
            lossy.loss = 0.3;
            let gap = make("-gap", Placement::L1, WORDED_RATE_HZ, USUAL_ACC_NOISE_G, &gap_in_bend);
            vec![lossy, gap]
        }
        11 => vec![make("", Placement::L1, USUAL_RATE_HZ, SCENARIO_11_NOISE_G, &on_a_table)],
        12..=15 => vec![plain("", &ordinary)],
        _ => return None,
    })
}

fn one_deep_bend(script: &mut Script) {
    script.stand(20.0);
    let begun = script.now;
    script.half_sine_bend(80.0, 4.0);
    // The true angle reaches 60° when 80 sin(π t / 4) does.
    let reached = begun + 4.0 / std::f64::consts::PI * (60.0_f64 / 80.0).asin();
    script.label_signal(WarningKind::W1, reached + DEEP_S);
    script.stand(20.0);
}

fn held(script: &mut Script) {
    const DOWN_S: f64 = 0.9;
    script.stand(20.0);
    let held_from = script.now + DOWN_S;
    script.bend(Bend { peak_deg: 40.0, down_s: DOWN_S, hold_s: 100.0, up_s: 1.4, side_deg: 0.0 });
    for i in 0..SERIES {
        script.label_signal(WarningKind::W2, held_from + LIMIT_AT_40_S + f64::from(i) * SERIES_S);
    }
    script.stand(20.0);
}

fn repeated(script: &mut Script, bends: u32) {
    const EVERY_S: f64 = 28.0;
    script.stand(15.0);
    let begun = script.now;
    for i in 0..bends {
        let bend = Bend { peak_deg: 35.0, down_s: 1.2, hold_s: 0.8, up_s: 1.5, side_deg: 0.0 };
        let over = script.bend(bend).map(|(_, end)| end);
        if i + 1 == 10
            && let Some(over) = over
        {
            script.label_signal(WarningKind::W3, over);
        }
        script.posture(Posture::UprightStill, None);
        script.now = begun + f64::from(i + 1) * EVERY_S;
    }
    script.stand(begun + 330.0 - script.now);
}

fn oscillating(script: &mut Script) {
    const LOW_DEG: f64 = 58.0;
    script.stand(20.0);
    script.posture(Posture::Moving, None);
    let begun = script.now;
    script.ease(Part::Trunk, begun, 1.2, LOW_DEG.to_radians());
    let wave = Shape::Oscillate { height: 4.0_f64.to_radians(), hz: 1.0 };
    script.shape(Part::Trunk, begun + 1.2, 60.0, wave);
    script.ease(Part::Trunk, begun + 61.2, 1.5, 0.0);
    script.now = begun + 62.7;
    script.label_bend(begun, script.now);
    // First beyond 60° a quarter of a period after the wave begins.
    script.label_signal(WarningKind::W1, begun + 1.2 + 0.25 + DEEP_S);
    for i in 0..SERIES {
        script.label_signal(WarningKind::W2, begun + 1.2 + LIMIT_AT_60_S + f64::from(i) * SERIES_S);
    }
    script.stand(20.0);
}

fn walking(script: &mut Script) {
    script.stand(10.0);
    script.walk(600, WalkStyle { cadence_spm: 120.0, step_spread: 0.01, vigour: 1.0 });
    script.stand(10.0);
}

fn lying(script: &mut Script) {
    script.set(Part::Recline, -FRAC_PI_2);
    script.set(Part::Breath, 1.0);
    script.posture(Posture::Lying, Some(LyingSide::Back));
    script.stay(300.0);
    script.roll(LyingSide::Right, 2.5);
    script.stay(297.5);
    script.roll(LyingSide::Front, 2.5);
    script.stay(297.5);
}

fn prone_from_upright(script: &mut Script) {
    script.stand(60.0);
    script.posture(Posture::Moving, None);
    script.ease(Part::Recline, script.now, 4.0, FRAC_PI_2);
    script.ease(Part::Height, script.now, 4.0, -0.7);
    script.ease(Part::Breath, script.now, 4.0, 1.0);
    script.now += 4.0;
    script.posture(Posture::ProneOrAllFours, None);
    script.stay(300.0);
    script.posture(Posture::Moving, None);
    script.ease(Part::Recline, script.now, 4.0, 0.0);
    script.ease(Part::Height, script.now, 4.0, 0.0);
    script.ease(Part::Breath, script.now, 4.0, 0.0);
    script.now += 4.0;
    script.stand(60.0);
}

fn disconnected(script: &mut Script) {
    script.stand(60.0);
    script.walk(30, WalkStyle { cadence_spm: 100.0, step_spread: 0.03, vigour: 1.0 });
    script.stand(30.0);
    let from = script.now;
    script.stand(660.0);
    script.hole(from, script.now);
    script.stand(20.0);
    script.walk(50, WalkStyle { cadence_spm: 100.0, step_spread: 0.03, vigour: 1.0 });
    script.stand(30.0);
}

fn bends_for_loss(script: &mut Script) {
    script.stand(30.0);
    for (peak_deg, down_s, hold_s, up_s) in [
        (45.0, 1.1, 0.4, 1.4),
        (80.0, 1.6, 1.0, 1.9),
        (55.0, 1.2, 0.2, 1.2),
        (50.0, 0.9, 2.5, 1.3),
        (70.0, 1.5, 0.6, 1.7),
    ] {
        script.bend(Bend { peak_deg, down_s, hold_s, up_s, side_deg: 0.0 });
        script.stand(25.0);
    }
}

/// The hole begins 0.3 s after the deepest point is reached and ends between 20 and 30 degrees on the
/// way up: inside the bend, and no second one opens after it.
fn gap_in_bend(script: &mut Script) {
    script.stand(30.0);
    script.posture(Posture::Moving, None);
    let begun = script.now;
    script.ease(Part::Trunk, begun, 1.4, 70.0_f64.to_radians());
    script.ease(Part::Trunk, begun + 1.9, 1.4, 0.0);
    let gap = begun + 1.70;
    script.label_bend(begun, gap);
    script.hole(gap, gap + 1.0);
    script.now = begun + 3.3;
    script.stand(30.0);
}

fn on_a_table(script: &mut Script) {
    script.stand(30.0);
    script.walk(100, WalkStyle { cadence_spm: 105.0, step_spread: 0.04, vigour: 1.0 });
    script.stand(180.0);
    script.not_worn(5400.0);
    script.stand(60.0);
    script.walk(60, WalkStyle { cadence_spm: 105.0, step_spread: 0.04, vigour: 1.0 });
    script.stand(30.0);
}

fn ordinary(script: &mut Script) {
    script.stand(30.0);
    script.walk(120, WalkStyle { cadence_spm: 105.0, step_spread: 0.04, vigour: 1.0 });
    script.stand(20.0);
    script.bend(Bend { peak_deg: 50.0, down_s: 1.2, hold_s: 0.5, up_s: 1.5, side_deg: 5.0 });
    script.stand(20.0);
    script.sit_down(2.8, 35.0);
    script.sit(300.0);
    script.stand_up(2.3, 38.0);
    script.walk(60, WalkStyle { cadence_spm: 105.0, step_spread: 0.04, vigour: 1.0 });
    script.stand(30.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Kind;

    fn first(number: u8) -> Simulation {
        scenario(number, 1, None, None).unwrap().remove(0)
    }

    fn count(simulation: &Simulation, kind: Kind) -> usize {
        simulation.truth().iter().filter(|event| event.kind == kind).count()
    }

    #[test]
    fn there_are_fifteen_scenarios_and_no_others() {
        for listed in SCENARIOS {
            assert!(scenario(listed.number, 1, None, None).is_some());
        }
        assert!(scenario(0, 1, None, None).is_none() && scenario(16, 1, None, None).is_none());
    }

    #[test]
    fn the_half_sine_bend_is_as_worded() {
        for number in [2, 3] {
            let bend = first(number).truth().iter().find(|event| event.kind == Kind::Bend).unwrap().bend.unwrap();
            assert!((bend.peak_tea.degrees() - 80.0).abs() < 0.01);
            // 80 sin x ≥ 60 for 4 (1 − 2/π asin 0.75) s.
            assert!((bend.over_60.0 - 1.84).abs() < 0.01, "{:?}", bend.over_60);
        }
    }

    #[test]
    fn ten_bends_lie_within_five_minutes_and_nine_give_no_signal() {
        let both = scenario(5, 1, None, None).unwrap();
        assert_eq!(both.iter().map(|s| count(s, Kind::Bend)).collect::<Vec<_>>(), [10, 9]);
        assert_eq!(both.iter().map(|s| count(s, Kind::Signal)).collect::<Vec<_>>(), [1, 0]);
        let bends: Vec<_> = both[0].truth().iter().filter(|event| event.kind == Kind::Bend).collect();
        assert!(bends[9].end.since(bends[0].start).0 < 300.0);
    }

    #[test]
    fn a_third_of_the_packets_is_lost_and_the_bend_with_the_gap_is_truncated() {
        let both = scenario(10, 1, None, None).unwrap();
        let expected = both[0].duration().0 * both[0].rate_hz();
        let share = both[0].readings().count() as f64 / expected;
        assert!((share - 0.70).abs() < 0.02, "{share}");
        let bend = both[1].truth().iter().find(|event| event.kind == Kind::Bend).unwrap();
        assert!(bend.flags.has(crate::signal::Flags::TRUNCATED));
        assert_eq!(count(&both[1], Kind::Bend), 1);
    }

    #[test]
    fn walking_has_six_hundred_steps_at_two_a_second() {
        let walk = first(7).truth().iter().find(|event| event.kind == Kind::WalkingBout).copied().unwrap();
        assert_eq!(walk.steps, Some(600));
        assert!((walk.cadence_spm.unwrap() - 120.0).abs() < 0.1);
    }

    #[test]
    fn still_scenarios_read_one_g_and_their_noise() {
        let still = first(1);
        assert_eq!((still.rate_hz(), still.duration().0), (50.0, 600.0));
        let readings: Vec<f64> = still.readings().map(|reading| reading.acc_g.x).collect();
        assert_eq!(readings.len(), 30_000);
        let mean = readings.iter().sum::<f64>() / readings.len() as f64;
        let sd = (readings.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / readings.len() as f64).sqrt();
        assert!((mean - 1.0).abs() < 0.001 && (sd - 0.005).abs() < 0.0003, "{mean} {sd}");
    }
}
