//! What people do, one activity after another: each adds body motion to a script, and the truth about it.
//!
//! In:  a script and what to do. Out: the script, further on in time.
//! Timing follows the recordings `hapt` (medians of 10 people: stand to sit 3.1 s, sit to stand 2.3 s,
//! sit to lie 3.7 s, lie to sit 3.5 s) and domain.md §16; sizes without a source are chosen by us.

use super::gait::{Style as WalkStyle, Walk};
use super::script::{Part, Script};
use super::track::Shape;
use crate::frames::Vec3;
use crate::signal::{Kind, LyingSide, Posture, Style};
use crate::units::Angle;
use std::f64::consts::{FRAC_PI_2, PI};

/// One bend forward and back: down, held, up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bend {
    pub(super) peak_deg: f64,
    pub(super) down_s: f64,
    pub(super) hold_s: f64,
    pub(super) up_s: f64,
    /// Side bend that goes with it.
    pub(super) side_deg: f64,
}

/// A bend and rise with something in the hands, or so it looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lift {
    pub(super) bend: Bend,
    /// How far the pelvis goes down: over 0.25 m with bent knees.
    pub(super) drop_m: f64,
    /// Height and time of the first pull.
    pub(super) pull_m: f64,
    pub(super) pull_s: f64,
    pub(super) style: Style,
}

impl Script {
    /// Stands or sits still.
    pub(super) fn stay(&mut self, lasting: f64) {
        self.now += lasting;
    }

    /// Upright, and no more than swaying.
    pub(super) fn stand(&mut self, lasting: f64) {
        self.posture(Posture::UprightStill, None);
        self.stay(lasting);
    }

    /// One bend; labelled where it counts as one.
    pub(super) fn bend(&mut self, bend: Bend) -> Option<(f64, f64)> {
        self.posture(Posture::Moving, None);
        let start = self.now;
        self.move_bend(bend);
        self.label_bend(start, self.now)
    }

    fn move_bend(&mut self, bend: Bend) {
        let Bend { peak_deg, down_s, hold_s, up_s, side_deg } = bend;
        let (start, rise) = (self.now, self.now + down_s + hold_s);
        self.ease(Part::Trunk, start, down_s, peak_deg.to_radians());
        self.ease(Part::Trunk, rise, up_s, 0.0);
        if side_deg != 0.0 {
            self.ease(Part::Side, start, down_s, side_deg.to_radians());
            self.ease(Part::Side, rise, up_s, 0.0);
        }
        self.now = rise + up_s;
    }

    /// One bend in the form of half a sine.
    pub(super) fn half_sine_bend(&mut self, peak_deg: f64, lasting: f64) -> Option<(f64, f64)> {
        self.posture(Posture::Moving, None);
        let start = self.now;
        self.shape(Part::Trunk, start, lasting, Shape::HalfSine { height: peak_deg.to_radians() });
        self.now += lasting;
        self.label_bend(start, self.now)
    }

    /// One possible lift; where the trunk goes beyond 30°, a bend is labelled beside it.
    pub(super) fn lift(&mut self, lift: Lift) {
        self.posture(Posture::Moving, None);
        let start = self.now;
        let Bend { down_s, hold_s, up_s, .. } = lift.bend;
        let rise = start + down_s + hold_s;
        let floor = self.last(Part::Height);
        self.ease(Part::Height, start, down_s, floor - lift.drop_m);
        self.ease(Part::Height, rise, up_s, floor);
        // The pull begins when the back is already on its way, and is taken back over the rest.
        let pull = rise + 0.15 * up_s;
        self.ease(Part::Pull, pull, lift.pull_s, lift.pull_m);
        self.ease(Part::Pull, pull + lift.pull_s, 2.5 * lift.pull_s, 0.0);
        self.move_bend(lift.bend);
        let after = pull + 3.5 * lift.pull_s;
        self.now = self.now.max(after);
        let (start, end) = self.label_bend(start, self.now).unwrap_or((start, self.now));
        if let Some(bend) = self.events.last_mut().filter(|event| event.kind == Kind::Bend) {
            bend.style = Some(lift.style);
        }
        let detail = self.events.last().filter(|event| event.kind == Kind::Bend).and_then(|event| event.bend);
        let event = self.label(Kind::PossibleLift, start, end);
        event.style = Some(lift.style);
        event.bend = detail;
    }

    /// Walks so many steps; labelled as a bout.
    pub(super) fn walk(&mut self, steps: u32, style: WalkStyle) {
        self.posture(if steps >= BOUT_STEPS { Posture::Walking } else { Posture::Moving }, None);
        let walk = Walk::new(self.now, steps, style, &mut self.random);
        let strikes = walk.heel_strikes();
        let (first, last) = (strikes[0], strikes[strikes.len() - 1]);
        self.now = walk.end();
        self.walks.push(walk);
        if steps >= BOUT_STEPS {
            let event = self.label(Kind::WalkingBout, first, last);
            event.steps = Some(steps);
            event.cadence_spm = Some(f64::from(steps - 1) / (last - first) * 60.0);
        }
    }

    /// Turns round within the time that follows; positive to the left. Give it before the walk it
    /// belongs to, with the moment inside that walk.
    pub(super) fn turn(&mut self, at: f64, lasting: f64, by: Angle) {
        let to = self.last(Part::Heading) + by.radians();
        self.ease(Part::Heading, at, lasting, to);
        self.label(Kind::Turn, at, at + lasting).angle = Some(by);
    }

    /// Sits down on a chair.
    pub(super) fn sit_down(&mut self, lasting: f64, lean_deg: f64) {
        self.posture(Posture::Moving, None);
        let start = self.now;
        self.ease(Part::Trunk, start, 0.5 * lasting, lean_deg.to_radians());
        self.ease(Part::Trunk, start + 0.55 * lasting, 0.45 * lasting, 0.0);
        let sinking = start + 0.2 * lasting;
        let (seat, into_it) = (SIT_SHARE * lasting, CUSHION_S);
        self.ease(Part::Height, sinking, seat, CUSHION_M - SEAT_DROP_M);
        self.ease(Part::Height, sinking + seat, into_it, -SEAT_DROP_M);
        self.ease(Part::Recline, start + 0.6 * lasting, 0.4 * lasting, SEATED_DEG.to_radians());
        self.ease(Part::Breath, start + 0.6 * lasting, 0.4 * lasting, 1.0);
        self.now += lasting;
        self.label(Kind::StandToSit, start, self.now);
        self.posture(Posture::UprightStill, None);
    }

    /// Rises from a chair.
    pub(super) fn stand_up(&mut self, lasting: f64, lean_deg: f64) {
        self.posture(Posture::Moving, None);
        let start = self.now;
        self.ease(Part::Recline, start, 0.35 * lasting, 0.0);
        self.ease(Part::Breath, start, 0.35 * lasting, 0.0);
        self.ease(Part::Trunk, start, 0.4 * lasting, lean_deg.to_radians());
        self.ease(Part::Trunk, start + 0.45 * lasting, 0.55 * lasting, 0.0);
        self.ease(Part::Height, start + 0.35 * lasting, RISE_SHARE * lasting, 0.0);
        self.now += lasting;
        self.label(Kind::SitToStand, start, self.now);
        self.posture(Posture::UprightStill, None);
    }

    /// Sits at a desk, with a change of position now and then.
    pub(super) fn sit(&mut self, lasting: f64) {
        let end = self.now + lasting;
        while self.now + 5.0 < end {
            self.now = (self.now + self.random.between(40.0, 400.0)).min(end - 4.0);
            let lean = self.random.between(SEATED_DEG - 6.0, SEATED_DEG + 5.0);
            let slow = self.random.between(1.5, 3.0);
            self.ease(Part::Recline, self.now, slow, lean.to_radians());
            if self.random.chance(0.4) {
                let side = self.random.between(-6.0, 6.0);
                self.ease(Part::Side, self.now, slow, side.to_radians());
            }
            self.now += slow;
        }
        if self.last(Part::Side) != 0.0 {
            self.ease(Part::Side, self.now, 0.5, 0.0);
        }
        self.now = self.now.max(end);
    }

    /// From sitting to lying on the back.
    pub(super) fn lie_down(&mut self, lasting: f64) {
        self.posture(Posture::Moving, None);
        self.ease(Part::Recline, self.now, lasting, -FRAC_PI_2);
        self.ease(Part::Life, self.now, lasting, LYING_LIFE);
        self.now += lasting;
        self.posture(Posture::Lying, Some(LyingSide::Back));
    }

    /// From lying, on any side, to sitting.
    pub(super) fn sit_up(&mut self, lasting: f64) {
        self.roll(LyingSide::Back, 0.5 * lasting);
        self.posture(Posture::Moving, None);
        self.ease(Part::Recline, self.now, lasting, SEATED_DEG.to_radians());
        self.ease(Part::Life, self.now, lasting, 1.0);
        self.now += lasting;
        self.posture(Posture::UprightStill, None);
    }

    /// Rolls in bed onto a side.
    pub(super) fn roll(&mut self, side: LyingSide, lasting: f64) {
        let to = match side {
            LyingSide::Back => 0.0,
            LyingSide::Right => -FRAC_PI_2,
            LyingSide::Left => FRAC_PI_2,
            LyingSide::Front => PI.copysign(self.last(Part::Roll)),
        };
        if to == self.last(Part::Roll) {
            return;
        }
        self.ease(Part::Roll, self.now, lasting, to);
        self.now += lasting;
        self.posture(Posture::Lying, Some(side));
    }

    /// Lies for so long, with small shifts every some minutes and rolling over every quarter of an hour or so.
    pub(super) fn sleep(&mut self, lasting: f64) {
        let end = self.now + lasting;
        while self.now + 120.0 < end {
            let still = self.random.between(500.0, 2400.0);
            self.lie_restless(still.min(end - self.now - 60.0));
            let side = [LyingSide::Back, LyingSide::Left, LyingSide::Right, LyingSide::Front];
            let side = side[self.random.count(0, 3) as usize];
            let slow = self.random.between(1.5, 4.0);
            self.roll(side, slow);
        }
        self.settle_flat();
        self.now = self.now.max(end);
    }

    /// Lies on one side for so long, and shifts a little now and then.
    fn lie_restless(&mut self, lasting: f64) {
        let end = self.now + lasting;
        loop {
            let still = self.random.between(120.0, 700.0);
            if self.now + still > end - 5.0 {
                break;
            }
            self.stay(still);
            let slow = self.random.between(0.8, 2.0);
            let mut shift = || self.random.sign() * self.random.between(2.0, 6.0).to_radians();
            let (tip, side) = (shift(), shift());
            self.ease(Part::Recline, self.now, slow, tip - FRAC_PI_2);
            self.ease(Part::Side, self.now, slow, side);
            self.stay(slow);
        }
        self.now = self.now.max(end);
    }

    /// Takes back what small shifts have left.
    fn settle_flat(&mut self) {
        const SLOW_S: f64 = 1.0;
        if self.last(Part::Side) != 0.0 || self.last(Part::Recline) != -FRAC_PI_2 {
            self.ease(Part::Recline, self.now, SLOW_S, -FRAC_PI_2);
            self.ease(Part::Side, self.now, SLOW_S, 0.0);
            self.stay(SLOW_S);
        }
    }

    /// Raises the hips from lying on the back; one repetition of `bridge` each.
    pub(super) fn bridges(&mut self, repetitions: u32) {
        let start = self.now;
        self.stay(4.0);
        let flat = self.last(Part::Recline);
        for _ in 0..repetitions {
            let (up, hold, down, rest) = (
                self.random.between(0.9, 1.8),
                self.random.between(0.8, 3.0),
                self.random.between(0.9, 2.0),
                self.random.between(1.2, 3.0),
            );
            let shift = self.random.between(20.0, 34.0);
            let from = self.now;
            self.ease(Part::Recline, from, up, flat - shift.to_radians());
            self.ease(Part::Recline, from + up + hold, down, flat);
            self.now = from + up + hold + down;
            let event = self.label(Kind::Repetition, from, self.now);
            event.exercise = Some("bridge");
            event.angle = Some(Angle::from_degrees(shift));
            self.stay(rest);
        }
        self.sets.push(("bridge", start, self.now));
    }

    /// Draws one knee to the chest from lying on the back and holds it; one repetition of `knee_to_chest` each.
    /// The pelvis tips back by 7° to 13°; domain.md §9 names 5° to 15°.
    pub(super) fn knees_to_chest(&mut self, repetitions: u32) {
        let start = self.now;
        self.stay(4.0);
        let flat = self.last(Part::Recline);
        for _ in 0..repetitions {
            let (draw, hold, lower, rest) = (
                self.random.between(1.2, 2.2),
                self.random.between(6.5, 14.0),
                self.random.between(1.4, 2.6),
                self.random.between(2.5, 4.0),
            );
            let shift = self.random.between(7.0, 13.0);
            let from = self.now;
            self.ease(Part::Recline, from, draw, flat - shift.to_radians());
            self.ease(Part::Recline, from + draw + hold, lower, flat);
            self.now = from + draw + hold + lower;
            let event = self.label(Kind::Repetition, from, self.now);
            event.exercise = Some("knee_to_chest");
            event.angle = Some(Angle::from_degrees(shift));
            self.stay(rest);
        }
        self.sets.push(("knee_to_chest", start, self.now));
    }

    /// From standing to lying on the back, on a bed or the floor, by way of sitting down.
    ///
    /// In `hapt` 20 people took 4.9 s (middle half 4.1 to 6.3 s) and rose again in 3.5 s (3.3 to 3.7 s); that they
    /// lower the pelvis first and then lie back is chosen by us.
    pub(super) fn lie_down_from_standing(&mut self, lasting: f64) {
        self.posture(Posture::Moving, None);
        let start = self.now;
        let lean = self.random.between(14.0, 24.0);
        self.ease(Part::Trunk, start, 0.25 * lasting, lean.to_radians());
        self.ease(Part::Trunk, start + 0.3 * lasting, 0.25 * lasting, 0.0);
        self.ease(Part::Height, start + 0.1 * lasting, 0.4 * lasting, BED_M);
        self.ease(Part::Recline, start + 0.45 * lasting, 0.55 * lasting, -FRAC_PI_2);
        self.ease(Part::Breath, start + 0.45 * lasting, 0.55 * lasting, 1.0);
        self.ease(Part::Life, start, lasting, LYING_LIFE);
        self.now += lasting;
        self.posture(Posture::Lying, Some(LyingSide::Back));
    }

    /// The way back, from lying on the back.
    pub(super) fn stand_up_from_lying(&mut self, lasting: f64) {
        self.posture(Posture::Moving, None);
        let start = self.now;
        self.ease(Part::Recline, start, 0.55 * lasting, 0.0);
        self.ease(Part::Breath, start, 0.55 * lasting, 0.0);
        let lean = self.random.between(14.0, 24.0);
        self.ease(Part::Trunk, start + 0.4 * lasting, 0.2 * lasting, lean.to_radians());
        self.ease(Part::Trunk, start + 0.65 * lasting, 0.35 * lasting, 0.0);
        self.ease(Part::Height, start + 0.5 * lasting, 0.4 * lasting, 0.0);
        self.ease(Part::Life, start, lasting, 1.0);
        self.now += lasting;
        self.posture(Posture::UprightStill, None);
    }

    /// Gets into a car: a step aside, down onto a low seat with a bent side, and back against its rest.
    ///
    /// `sisfall` D13 is this movement: 5 people. Sizes chosen by us: a car seat is some 10 cm lower than a chair's
    /// edge, and its back leans by 20° to 28°.
    pub(super) fn enter_car(&mut self, lasting: f64) {
        let side = self.random.between(8.0, 16.0) * self.random.sign();
        self.ease(Part::Side, self.now + 0.1 * lasting, 0.4 * lasting, side.to_radians());
        self.ease(Part::Side, self.now + 0.55 * lasting, 0.4 * lasting, 0.0);
        let lean = self.random.between(18.0, 30.0);
        self.sit_down(lasting, lean);
        let back = self.random.between(-28.0, -20.0);
        self.ease(Part::Recline, self.now, 1.5, back.to_radians());
        self.stay(1.5);
    }

    /// Takes the sensor off and puts it on a table, on its back, for so long; then wears it again.
    pub(super) fn not_worn(&mut self, lasting: f64) {
        self.posture(Posture::Moving, None);
        self.hand_over(-FRAC_PI_2, 0.0);
        let start = self.now;
        self.posture(Posture::NotWorn, None);
        self.stay(lasting);
        self.label(Kind::NonWear, start, self.now);
        self.posture(Posture::Moving, None);
        self.hand_over(0.0, 1.0);
        self.posture(Posture::UprightStill, None);
    }

    /// The sensor is in someone's hands for some seconds, and ends up in this attitude.
    fn hand_over(&mut self, recline: f64, life: f64) {
        for _ in 0..4 {
            let time = self.random.between(0.8, 1.6);
            let (tip, roll) = (self.random.between(-1.2, 1.2), self.random.between(-1.0, 1.0));
            self.ease(Part::Recline, self.now, time, tip);
            self.ease(Part::Side, self.now, time, roll);
            let lifted = self.random.between(-0.3, 0.3);
            self.ease(Part::Height, self.now, time, lifted);
            self.now += time;
        }
        for (part, to) in [(Part::Recline, recline), (Part::Side, 0.0), (Part::Height, 0.0), (Part::Life, life)] {
            self.ease(part, self.now, 1.5, to);
        }
        self.now += 1.5;
    }

    /// The strap slips by this rotation (rad, body axes) within a second, and stays so.
    pub(super) fn slip(&mut self, by: Vec3) {
        self.slips.push(by);
        self.slipped_at.push(self.now);
        let to = self.slips.len() as f64;
        self.ease(Part::Slip, self.now, 1.0, to);
        self.now += 1.0;
    }
}

/// Fewer steps than this in a row are no walking bout (domain.md §7).
const BOUT_STEPS: u32 = 5;
/// How far the pelvis goes down to the edge of a bed.
const BED_M: f64 = -0.45;
/// How far the pelvis goes down to a chair; a seat is about 0.45 m high.
const SEAT_DROP_M: f64 = 0.40;
/// Share of sitting down that the way down to the seat takes, the last part of it (m) on which the seat gives
/// way, and how long that takes. The pelvis of 20 people in `hapt` is braked with 0.29 g in the mean of 0.14 s
/// (middle half 0.26 to 0.34) and falls with 0.15 g; single samples of the contact reach 0.43 g. These give
/// 0.19 g on the way and 0.37 g at the seat.
const SIT_SHARE: f64 = 0.36;
const CUSHION_M: f64 = 0.04;
const CUSHION_S: f64 = 0.25;
/// Share of rising that the way up takes. 21 people in `hapt` push with 0.29 g (middle half 0.24 to 0.33);
/// this gives 0.21 g to a rise of 2.3 s.
const RISE_SHARE: f64 = 0.45;
/// Tilt of the lower back in sitting beside standing; about 15° at the belt in `hapt`.
const SEATED_DEG: f64 = -13.0;
/// Sway of a lying body beside that of a standing one.
const LYING_LIFE: f64 = 0.5;
