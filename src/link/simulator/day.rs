//! A plausible worn day from a seed: night, getting up, desk, walks, household, lifts, exercises, mishaps.
//!
//! In:  a seed, hours, rate and placement. Out: one recording with its truth.
//! The sensor is worn a little crooked and has the errors of `Sensor::worn`. No bend peaks between 26° and
//! 34°, no bend that is not a lift pushes upward with more than 0.11 g, every lift pushes with more than
//! 0.2 g: what nobody could label with confidence does not occur. How long and how often things happen is
//! chosen by us; it stands for no survey of days.
//! A little longer than other files: a day is one list of blocks, and each is a few lines.

use super::activities::{Bend, Lift};
use super::gait::Style as WalkStyle;
use super::geometry::Site;
use super::random::Random;
use super::script::{Part, Script};
use super::sensor::Sensor;
use super::track::{Shape, Track};
use super::{Simulation, body};
use crate::frames::{Placement, Vec3};
use crate::signal::{Kind, Posture, Style};
use crate::units::{Angle, STANDARD_GRAVITY};

const MINUTE_S: f64 = 60.0;
const HOUR_S: f64 = 3600.0;
/// A recording this long has a night in it.
const WITH_NIGHT_S: f64 = 12.0 * HOUR_S;
/// Share of such a recording that is spent lying before getting up, and after going to bed.
const NIGHT_BEFORE: f64 = 0.22;
const NIGHT_AFTER: f64 = 0.08;
/// Largest upward push in a bend that is not a lift, g.
const CALM_PUSH_G: f64 = 0.11;
/// Samples lost on the air in a day.
const DAY_LOSS: f64 = 0.002;

/// What a stretch of the day is spent with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Block {
    Desk,
    Household,
    Walk,
    Stairs,
    Rest,
    Drive,
    Lifting,
    Exercises,
    Slip,
    Gap,
    NotWorn,
}

/// Blocks that every day of some hours has, in this order, spread over its waking part. A shorter
/// recording has as many of the first as fit.
const CERTAIN: [Block; 8] = [
    Block::Household,
    Block::Walk,
    Block::Lifting,
    Block::Exercises,
    // The longest of all, so not among the last: a long block before it could leave no room.
    Block::NotWorn,
    Block::Desk,
    Block::Gap,
    Block::Slip,
];

/// One worn day, or as many hours of one.
pub fn worn_day(seed: u64, hours: f64, rate_hz: f64, placement: Placement) -> Simulation {
    let length = hours * HOUR_S;
    let mut script = Script::new(seed, placement);
    let night = length >= WITH_NIGHT_S;
    if night {
        begin_lying(&mut script);
        script.sleep(length * NIGHT_BEFORE);
        script.sit_up(3.5);
        script.stay(8.0);
        rise(&mut script);
    }
    script.stand(5.0);
    let waking_end = if night { length * (1.0 - NIGHT_AFTER) } else { length };
    wake(&mut script, waking_end);
    if night {
        sit(&mut script);
        script.stay(10.0);
        script.lie_down(3.7);
        let left = length - script.now;
        script.sleep(left);
    }
    script.now = length;
    script.finish();
    Simulation {
        name: format!("day-seed{seed}"),
        placement,
        rate_hz,
        seed,
        script,
        sensor: Sensor::worn(seed),
        loss: DAY_LOSS,
    }
}

fn begin_lying(script: &mut Script) {
    script.set(Part::Recline, -std::f64::consts::FRAC_PI_2);
    script.set(Part::Life, 0.5);
    script.set(Part::Breath, 1.0);
    script.posture(Posture::Lying, Some(crate::signal::LyingSide::Back));
}

fn wake(script: &mut Script, end: f64) {
    let begun = script.now;
    let mut certain = 0;
    loop {
        let left = end - script.now;
        // The certain blocks are spread over the first nine tenths.
        let due = begun + (end - begun) * 0.9 * certain as f64 / CERTAIN.len() as f64;
        let next = CERTAIN.get(certain).copied().filter(|_| script.now >= due);
        let block = match next {
            Some(block) => {
                certain += 1;
                block
            }
            None => any_block(&mut script.random),
        };
        if left < 20.0 {
            break;
        }
        if left < longest_s(block) {
            if left < longest_s(Block::Stairs) {
                break;
            }
            if left < longest_s(Block::Household) {
                stroll(script, 10, 25);
                let still = script.random.between(3.0, 12.0);
                script.stand(still);
                continue;
            }
            household(script, 4);
            continue;
        }
        play(script, block);
        let pause = script.random.between(3.0, 30.0);
        script.stand(pause);
    }
    let left = end - script.now;
    script.stand(left.max(0.0));
}

fn any_block(random: &mut Random) -> Block {
    const WEIGHTS: [(Block, f64); 6] = [
        (Block::Desk, 0.24),
        (Block::Household, 0.28),
        (Block::Walk, 0.20),
        (Block::Stairs, 0.10),
        (Block::Rest, 0.11),
        (Block::Drive, 0.07),
    ];
    let mut drawn = random.unit();
    for (block, weight) in WEIGHTS {
        drawn -= weight;
        if drawn < 0.0 {
            return block;
        }
    }
    Block::Household
}

/// No block takes longer than this.
fn longest_s(block: Block) -> f64 {
    match block {
        Block::Desk => 95.0 * MINUTE_S,
        Block::Household => 12.0 * MINUTE_S,
        Block::Walk => 22.0 * MINUTE_S,
        Block::Stairs => 2.0 * MINUTE_S,
        Block::Rest => 42.0 * MINUTE_S,
        Block::Drive => 27.0 * MINUTE_S,
        Block::Lifting => 6.0 * MINUTE_S,
        Block::Exercises => 6.0 * MINUTE_S,
        Block::Slip => 8.0 * MINUTE_S,
        Block::Gap => 16.0 * MINUTE_S,
        Block::NotWorn => 100.0 * MINUTE_S,
    }
}

fn play(script: &mut Script, block: Block) {
    match block {
        Block::Desk => desk(script),
        Block::Household => {
            let bends = script.random.count(3, 9);
            household(script, bends);
        }
        Block::Walk => long_walk(script),
        Block::Stairs => stairs(script),
        Block::Rest => rest(script),
        Block::Drive => drive(script),
        Block::Lifting => lifting(script),
        Block::Exercises => exercises(script),
        Block::Slip => slip(script),
        Block::Gap => gap(script),
        Block::NotWorn => {
            let lasting = script.random.between(70.0, 95.0) * MINUTE_S;
            script.not_worn(lasting);
        }
    }
}

fn sit(script: &mut Script) {
    let (lasting, lean) = (script.random.between(2.2, 3.6), script.random.between(25.0, 42.0));
    script.sit_down(lasting, lean);
}

fn rise(script: &mut Script) {
    let (lasting, lean) = (script.random.between(1.8, 3.0), script.random.between(28.0, 45.0));
    script.stand_up(lasting, lean);
}

/// A short walk through rooms, with a turn now and then.
fn stroll(script: &mut Script, fewest: u32, most: u32) {
    let steps = script.random.count(fewest, most);
    let style = WalkStyle {
        cadence_spm: script.random.between(84.0, 108.0),
        step_spread: 0.06,
        vigour: script.random.between(0.85, 1.15),
    };
    let lasting = f64::from(steps + 1) * 60.0 / style.cadence_spm;
    if steps >= 12 && script.random.chance(0.5) {
        turn_inside(script, 0.3, lasting);
    }
    script.walk(steps, style);
}

/// Turns by 80° to 180° around this share of the walk that begins now.
fn turn_inside(script: &mut Script, share: f64, lasting: f64) {
    let by = script.random.between(80.0, 180.0) * script.random.sign();
    let slow = 1.2 + by.abs() / 90.0 * script.random.between(0.5, 1.0);
    let at = script.now + share * lasting;
    script.turn(at, slow, Angle::from_degrees(by));
}

fn long_walk(script: &mut Script) {
    let minutes = script.random.between(3.0, 19.0);
    let style = WalkStyle {
        cadence_spm: script.random.between(96.0, 122.0),
        step_spread: 0.03,
        vigour: script.random.between(0.9, 1.15),
    };
    let steps = (minutes * style.cadence_spm) as u32;
    let lasting = f64::from(steps + 1) * 60.0 / style.cadence_spm;
    for share in [0.2, 0.45, 0.8] {
        if script.random.chance(0.6) {
            turn_inside(script, share, lasting);
        }
    }
    script.walk(steps, style);
}

/// A flight of stairs: slower, leaning forward on the way up, harder on the way down.
fn stairs(script: &mut Script) {
    let up = script.random.chance(0.5);
    let steps = script.random.count(11, 18);
    let (lean_deg, cadence_spm, vigour) = if up { (9.0, 92.0, 0.95) } else { (2.0, 104.0, 1.3) };
    let style = WalkStyle { cadence_spm, step_spread: 0.05, vigour };
    script.ease(Part::Trunk, script.now, 1.0, f64::to_radians(lean_deg));
    script.walk(steps, style);
    script.ease(Part::Trunk, script.now, 0.8, 0.0);
    script.now += 1.0;
    script.posture(Posture::UprightStill, None);
}

fn desk(script: &mut Script) {
    stroll(script, 6, 14);
    sit(script);
    let begun = script.now;
    let lasting = script.random.between(12.0, 85.0) * MINUTE_S;
    script.sit(lasting);
    if lasting >= 30.0 * MINUTE_S {
        let end = script.now;
        script.label(Kind::StillBout, begun, end);
    }
    rise(script);
}

/// Lies down for a while: from the edge of the bed, or in one movement from standing.
fn rest(script: &mut Script) {
    stroll(script, 6, 14);
    let at_once = script.random.chance(0.4);
    if at_once {
        script.stand(2.0);
        let lasting = script.random.between(4.1, 6.3);
        script.lie_down_from_standing(lasting);
    } else {
        sit(script);
        script.stay(6.0);
        script.lie_down(3.5);
    }
    let lasting = script.random.between(10.0, 38.0) * MINUTE_S;
    script.sleep(lasting);
    if at_once {
        script.roll(crate::signal::LyingSide::Back, 1.8);
        let lasting = script.random.between(3.3, 4.2);
        script.stand_up_from_lying(lasting);
        script.stand(3.0);
    } else {
        script.sit_up(3.5);
        script.stay(6.0);
        rise(script);
    }
}

/// A drive: into the car, so many minutes on its seat, and out again.
fn drive(script: &mut Script) {
    stroll(script, 10, 20);
    script.stand(2.0);
    let lasting = script.random.between(3.0, 4.2);
    script.enter_car(lasting);
    let minutes = script.random.between(5.0, 25.0);
    script.stay(minutes * MINUTE_S);
    rise(script);
    script.stand(3.0);
}

/// Standing, a few steps, a bend: kitchen, washing, shelves.
fn household(script: &mut Script, bends: u32) {
    for _ in 0..bends {
        stroll(script, 2, 12);
        let still = script.random.between(3.0, 35.0);
        script.stand(still);
        if script.random.chance(0.3) {
            // Leaning over the sink or a table: no bend.
            let (peak_deg, hold_s) = (script.random.between(8.0, 24.0), script.random.between(1.0, 12.0));
            let bend = calm(Bend { peak_deg, down_s: 1.0, hold_s, up_s: 1.1, side_deg: 0.0 }, &script.site);
            script.bend(bend);
        } else {
            let bend = household_bend(&mut script.random);
            let bend = calm(bend, &script.site);
            script.bend(bend);
        }
        let still = script.random.between(1.5, 10.0);
        script.stand(still);
    }
}

/// A bend of human timing: 0.7 to 6 s in all, slower up than down more often than not.
fn household_bend(random: &mut Random) -> Bend {
    let deep = random.chance(0.45);
    let peak_deg = if deep { random.between(64.0, 95.0) } else { random.between(35.0, 57.0) };
    let down_s = random.between(0.6, 1.8);
    let hold_s = random.between(0.15, 1.8);
    let up_s = down_s * random.between(0.85, 1.5);
    let side_deg = if random.chance(0.4) { random.between(-18.0, 18.0) } else { 0.0 };
    Bend { peak_deg, down_s, hold_s, up_s, side_deg }
}

/// The same bend, slowed until it pushes upward no more than a calm one does.
fn calm(mut bend: Bend, site: &Site) -> Bend {
    loop {
        let mut trunk = Track::default();
        trunk.add(0.0, bend.down_s, Shape::Ease { to: bend.peak_deg.to_radians() });
        trunk.add(bend.down_s, bend.up_s, Shape::Ease { to: 0.0 });
        let (lasting, mut cursor, mut peak) = (bend.down_s + bend.up_s, 0, 0.0_f64);
        let steps = (lasting / 0.005) as usize;
        for i in 0..steps {
            let tilt = site.tilt(trunk.at(i as f64 * 0.005, &mut cursor));
            peak = peak.max(body::lever_accel(tilt, site.above_hip_m)[0] / STANDARD_GRAVITY);
        }
        if peak <= CALM_PUSH_G {
            return bend;
        }
        bend.down_s *= 1.08;
        bend.up_s *= 1.08;
    }
}

/// Some boxes: each is lifted with bent or straight knees and carried a few steps.
fn lifting(script: &mut Script) {
    let boxes = script.random.count(3, 6);
    for _ in 0..boxes {
        stroll(script, 6, 12);
        let still = script.random.between(2.0, 6.0);
        script.stand(still);
        let lift = any_lift(&mut script.random);
        script.lift(lift);
        let still = script.random.between(1.0, 3.0);
        script.stand(still);
    }
}

fn any_lift(random: &mut Random) -> Lift {
    let (peak_deg, drop_m, style) = match random.count(0, 2) {
        0 => (random.between(36.0, 56.0), random.between(0.28, 0.42), Style::KneesBent),
        1 => (random.between(18.0, 25.0), random.between(0.35, 0.48), Style::KneesBent),
        _ => (random.between(65.0, 90.0), random.between(0.03, 0.08), Style::KneesStraight),
    };
    let up_s = random.between(0.95, 1.15) * if peak_deg < 30.0 { 1.0 } else { 1.3 };
    let bend =
        Bend { peak_deg, down_s: random.between(1.0, 1.6), hold_s: random.between(0.4, 1.4), up_s, side_deg: 0.0 };
    Lift { bend, drop_m, pull_m: random.between(0.045, 0.065), pull_s: random.between(0.26, 0.34), style }
}

fn exercises(script: &mut Script) {
    stroll(script, 6, 10);
    sit(script);
    script.stay(5.0);
    script.lie_down(3.7);
    script.stay(20.0);
    let repetitions = script.random.count(8, 12);
    script.bridges(repetitions);
    script.stay(20.0);
    let holds = script.random.count(3, 4);
    script.knees_to_chest(holds);
    script.stay(15.0);
    script.sit_up(3.5);
    script.stay(6.0);
    rise(script);
}

/// The strap slips while walking; some minutes later the wearer puts it right. No bends meanwhile:
/// nobody could say what a slipped sensor should report.
fn slip(script: &mut Script) {
    stroll(script, 30, 45);
    let by = Vec3::new(
        script.random.between(-4.0, 4.0),
        script.random.between(12.0, 18.0) * script.random.sign(),
        script.random.between(-6.0, 6.0),
    )
    .map(f64::to_radians);
    script.slip(by);
    script.stand(5.0);
    stroll(script, 60, 90);
    let still = script.random.between(60.0, 150.0);
    script.stand(still);
    stroll(script, 60, 90);
    script.stand(4.0);
    script.slip(-by);
    script.stand(6.0);
    stroll(script, 60, 90);
}

/// Out of reach of the receiver for some minutes, standing still.
fn gap(script: &mut Script) {
    stroll(script, 10, 20);
    script.stand(4.0);
    let from = script.now;
    let lasting = script.random.between(2.0, 14.0) * MINUTE_S;
    script.stand(lasting);
    let to = script.now;
    script.hole(from, to);
    script.stand(4.0);
    stroll(script, 10, 20);
}

#[cfg(test)]
mod tests {
    use super::super::USUAL_RATE_HZ;
    use super::super::script::PARTS;
    use super::*;
    use crate::units::{Seconds, Time};

    /// Largest upward acceleration of the sensor between two moments, in g, without gravity.
    fn peak_push_g(script: &Script, from: Time, to: Time) -> f64 {
        let mut cursors = [0; PARTS];
        let steps = (to.since(from).0 / 0.001) as usize;
        let pushes = (0..=steps).map(|i| {
            let t = from.seconds() + i as f64 * 0.001;
            let mut at = |part: Part| script.tracks[part as usize].at(t, &mut cursors[part as usize]);
            let pelvis = at(Part::Height).accel + at(Part::Pull).accel;
            let tilt = script.site.tilt(at(Part::Trunk));
            (pelvis + body::lever_accel(tilt, script.site.above_hip_m)[0]) / STANDARD_GRAVITY
        });
        pushes.fold(0.0, f64::max)
    }

    fn day(seed: u64, hours: f64) -> Simulation {
        worn_day(seed, hours, USUAL_RATE_HZ, Placement::L3)
    }

    #[test]
    fn a_day_has_everything_in_it() {
        let day = day(7, 24.0);
        for kind in [
            Kind::Bend,
            Kind::PossibleLift,
            Kind::WalkingBout,
            Kind::SitToStand,
            Kind::StandToSit,
            Kind::StillBout,
            Kind::Turn,
            Kind::Repetition,
            Kind::Gap,
            Kind::NonWear,
        ] {
            assert!(day.truth().iter().any(|event| event.kind == kind), "{kind:?}");
        }
        let exercises: Vec<&str> = day.exercise_sets().map(|set| set.exercise).collect();
        assert_eq!(exercises, ["bridge", "knee_to_chest"]);
        assert_eq!(day.script.slips.len(), 2);
        assert!((day.duration().0 - 86_400.0).abs() < 1e-6);
    }

    #[test]
    fn days_of_any_length_end_on_time_and_their_postures_follow_each_other() {
        for (seed, hours) in [(1, 0.05), (2, 0.5), (3, 2.0), (4, 8.0), (5, 13.0), (6, 24.0), (9, 48.0)] {
            let day = day(seed, hours);
            assert!((day.duration().0 - hours * HOUR_S).abs() < 1e-6);
            let spans = day.postures();
            assert_eq!(spans[0].start, Time::START);
            assert!(spans.windows(2).all(|pair| pair[0].end == pair[1].start));
            let end = spans[spans.len() - 1].end.since(Time::START);
            assert!((end.0 - Seconds(hours * HOUR_S).0).abs() < 1e-6, "{end:?}");
            assert!(day.truth().iter().all(|event| event.end.seconds() <= hours * HOUR_S), "{seed}");
        }
    }

    #[test]
    fn no_bend_is_doubtful_and_only_lifts_push() {
        for seed in 0..6 {
            let day = day(seed, 16.0);
            let events = day.truth();
            for event in events.iter().filter(|event| event.kind == Kind::Bend) {
                let peak = event.bend.unwrap().peak_tea.degrees();
                assert!(peak > 34.0, "{peak}");
                let lift = events.iter().any(|other| other.kind == Kind::PossibleLift && other.start == event.start);
                let push = peak_push_g(&day.script, event.start, event.end);
                assert_eq!(lift, push > 0.2, "seed {seed}, {event:?}: {push}");
                assert!(lift || push <= CALM_PUSH_G + 1e-3, "{push}");
            }
        }
    }
}
