//! What walking says about upright: ticks and steps come in, and after 20 s of brisk enough walking the
//! median tilt and side bend come out, with what follows from their distance to the calibrated upright.
//!
//! Source: domain.md §5: walking is a natural upright.

use crate::frames::{Vec3, inclination};
use crate::signal::{Posture, Step, Tick};
use crate::units::{Angle, Seconds, Time};

/// Walking this long shows where upright is. Source: domain.md §5.
pub const WALK_FOR: Seconds = Seconds(20.0);
/// At this cadence or faster, in steps a minute. Source: domain.md §5 (strolling leans and stops).
pub const WALK_CADENCE_SPM: f64 = 80.0;
/// Up to here a new upright may be blended in. Source: domain.md §5.
pub const BLEND_UP_TO: Angle = Angle::from_degrees(5.0);
/// Up to here it is noted; beyond, the wearer is asked. Source: domain.md §5.
pub const NOTE_UP_TO: Angle = Angle::from_degrees(10.0);

/// Ticks between two kept readings: 5 a second are plenty for a median over 20 s.
const KEEP_EVERY: u32 = 10;
/// Readings kept, the newest: 60 s of walking.
const KEPT: usize = 300;
/// Steps farther apart than this are not one walk. Source: domain.md §7, bouts merge up to 3.5 s apart.
const STEP_PAUSE: Seconds = Seconds(3.5);
/// A walking posture that lapses for less than this goes on as the same walk.
const WALK_PAUSE: Seconds = STEP_PAUSE;

/// What a walk said about upright.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UprightCheck {
    /// The newest step of the walk it was taken from.
    pub at: Time,
    /// Median forward tilt of the sensor while walking.
    pub tilt: Angle,
    /// Median side bend of the sensor while walking.
    pub side: Angle,
    /// Angle between this upright and the calibrated one.
    pub difference: Angle,
    /// What follows.
    pub advice: Advice,
}

/// What to do with an upright check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Fresh, within 5°: may be blended in silently.
    Blend,
    /// Fresh, within 10°: noted in the record.
    Note,
    /// Stale, within 10°: the wearer is offered to go on with this upright.
    OfferRefresh,
    /// Beyond 10°: the wearer is asked to calibrate anew.
    AskCalibrate,
}

/// The walk that is going on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Walk {
    readings: Vec<(Angle, Angle)>,
    next: usize,
    ticks: u32,
    walking_at: Option<Time>,
    first_step: Option<Time>,
    newest_step: Option<Time>,
    steps: u32,
}

impl UprightCheck {
    /// Up while walking, in body axes of the mounting it was measured with.
    pub fn up_body(&self) -> Vec3 {
        let (sin_side, cos_side) = self.side.radians().sin_cos();
        let (sin_tilt, cos_tilt) = self.tilt.radians().sin_cos();
        Vec3::new(cos_tilt * cos_side, -sin_side, -sin_tilt * cos_side)
    }
}

impl Walk {
    /// Keeps where up was while walking.
    pub(super) fn push_tick(&mut self, tick: &Tick) {
        let walk = self;
        if tick.posture != Posture::Walking {
            if walk.walking_at.is_some_and(|at| tick.t.since(at).0 > WALK_PAUSE.0) {
                *walk = Walk::default();
            }
            return;
        }
        walk.walking_at = Some(tick.t);
        walk.ticks = walk.ticks.wrapping_add(1);
        if let (Some(tilt), Some(side), true, 0) = (tick.tilt, tick.side, tick.valid, walk.ticks % KEEP_EVERY) {
            if walk.readings.len() < KEPT {
                walk.readings.push((tilt, side));
            } else {
                walk.readings[walk.next] = (tilt, side);
                walk.next = (walk.next + 1) % KEPT;
            }
        }
    }

    /// Takes a step; the one that completes 20 s of brisk enough walking gives an upright check.
    pub(super) fn push_step(&mut self, step: &Step, fresh: bool) -> Option<UprightCheck> {
        let walk = self;
        if walk.newest_step.is_some_and(|newest| step.t.since(newest).0 > STEP_PAUSE.0) {
            (walk.first_step, walk.steps) = (None, 0);
        }
        let first = *walk.first_step.get_or_insert(step.t);
        walk.newest_step = Some(step.t);
        walk.steps += 1;
        let lasting = step.t.since(first);
        if lasting.0 < WALK_FOR.0 {
            return None;
        }
        let cadence_spm = f64::from(walk.steps - 1) / lasting.0 * 60.0;
        let enough = walk.readings.len() as f64 * f64::from(KEEP_EVERY) * Tick::INTERVAL.0 >= 0.5 * WALK_FOR.0;
        let check = (cadence_spm >= WALK_CADENCE_SPM && enough).then(|| walk.upright(step.t, fresh));
        // A walk that was judged, or was too slow, begins anew from this step.
        (walk.first_step, walk.steps) = (Some(step.t), 1);
        check
    }

    fn upright(&self, at: Time, fresh: bool) -> UprightCheck {
        let tilt = median(self.readings.iter().map(|reading| reading.0));
        let side = median(self.readings.iter().map(|reading| reading.1));
        let check = UprightCheck { at, tilt, side, difference: Angle::ZERO, advice: Advice::Blend };
        let difference = inclination(&check.up_body());
        let advice = if difference > NOTE_UP_TO {
            Advice::AskCalibrate
        } else if !fresh {
            Advice::OfferRefresh
        } else if difference > BLEND_UP_TO {
            Advice::Note
        } else {
            Advice::Blend
        };
        UprightCheck { difference, advice, ..check }
    }
}

/// The middle value; of an even number the upper one of the two.
fn median(angles: impl Iterator<Item = Angle>) -> Angle {
    let mut radians: Vec<f64> = angles.map(Angle::radians).collect();
    radians.sort_by(f64::total_cmp);
    Angle::from_radians(radians.get(radians.len() / 2).copied().unwrap_or_default())
}
