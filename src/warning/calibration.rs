//! When a calibration is stale, and when walking offers to refresh it: happenings of the link, ticks and
//! steps come in; a state and, now and then, an upright check come out. Doing something about it is left
//! to the service and the wearer.
//!
//! Source: domain.md §5. Stale after: put on anew, away for more than 10 min, power cycle, a jump of the
//! sensor's time, or a walking upright more than 10° from the calibrated one.

use crate::frames::{Vec3, inclination};
use crate::signal::{Posture, Step, Tick};
use crate::units::{Angle, Seconds, Time};

/// Longer away than this, and the belt may have moved. Source: domain.md §5, chosen by us.
pub const AWAY_LIMIT: Seconds = Seconds(600.0);
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

/// Why a calibration can no longer be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StaleCause {
    /// The sensor was put on anew.
    Reattached,
    /// It was out of reach for this long.
    Away(Seconds),
    /// It was switched off and on, or its battery was changed.
    PowerCycle,
    /// Its time jumped.
    TimeJump,
    /// Upright while walking lies this far from upright at the calibration.
    UprightMoved(Angle),
}

impl StaleCause {
    /// The word in columns and keys.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Reattached => "reattached",
            Self::Away(_) => "away",
            Self::PowerCycle => "power_cycle",
            Self::TimeJump => "time_jump",
            Self::UprightMoved(_) => "upright_moved",
        }
    }

    /// Why signals rest, in a sentence for the wearer.
    pub fn words(&self) -> String {
        match self {
            Self::Reattached => "The sensor was put on anew. Walk for 20 seconds to refresh it.".into(),
            Self::Away(lasting) => {
                format!("The sensor was away for {:.0} min. Walk for 20 seconds to refresh it.", lasting.0 / 60.0)
            }
            Self::PowerCycle => "The sensor was off and on again. Walk for 20 seconds to refresh it.".into(),
            Self::TimeJump => "The sensor's clock jumped. Walk for 20 seconds to refresh it.".into(),
            Self::UprightMoved(by) => format!("The sensor sits {by} off from before. Calibrate it anew."),
        }
    }
}

/// The state of a calibration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Freshness {
    /// There is none.
    #[default]
    Missing,
    /// It can be trusted.
    Fresh,
    /// It can no longer be trusted. Data are still recorded, and flagged.
    Stale(StaleCause),
}

impl Freshness {
    /// The word in columns and keys.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Fresh => "fresh",
            Self::Stale(_) => "stale",
        }
    }
}

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

/// Follows one sensor's calibration. Plain state: store it, restore it, carry on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CalibrationWatch {
    freshness: Freshness,
    walk: Walk,
}

/// The walk that is going on.
#[derive(Clone, Debug, Default, PartialEq)]
struct Walk {
    readings: Vec<(Angle, Angle)>,
    next: usize,
    ticks: u32,
    walking_at: Option<Time>,
    first_step: Option<Time>,
    newest_step: Option<Time>,
    steps: u32,
}

impl CalibrationWatch {
    /// Goes on with a calibration in this state.
    pub fn new(freshness: Freshness) -> Self {
        Self { freshness, walk: Walk::default() }
    }

    /// The state now.
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// A calibration was made, or a refresh accepted.
    pub fn calibrated(&mut self) {
        *self = Self::new(Freshness::Fresh);
    }

    /// Something happened that makes it stale. The first cause stands until it is calibrated; a missing
    /// calibration stays missing.
    pub fn stale(&mut self, cause: StaleCause) {
        if self.freshness == Freshness::Fresh {
            self.freshness = Freshness::Stale(cause);
        }
        self.walk = Walk::default();
    }

    /// The link was down for this long.
    pub fn was_away(&mut self, lasting: Seconds) {
        self.walk = Walk::default();
        if lasting.0 > AWAY_LIMIT.0 {
            self.stale(StaleCause::Away(lasting));
        }
    }

    /// Takes a tick: keeps where up was while walking.
    pub fn push_tick(&mut self, tick: &Tick) {
        let walk = &mut self.walk;
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
    pub fn push_step(&mut self, step: &Step) -> Option<UprightCheck> {
        let walk = &mut self.walk;
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
        let check = (cadence_spm >= WALK_CADENCE_SPM && enough).then(|| walk.upright(step.t, self.freshness));
        // A walk that was judged, or was too slow, begins anew from this step.
        (walk.first_step, walk.steps) = (Some(step.t), 1);
        let check = check?;
        if check.advice == Advice::AskCalibrate {
            self.stale(StaleCause::UprightMoved(check.difference));
        }
        (self.freshness != Freshness::Missing).then_some(check)
    }
}

impl Walk {
    fn upright(&self, at: Time, freshness: Freshness) -> UprightCheck {
        let tilt = median(self.readings.iter().map(|reading| reading.0));
        let side = median(self.readings.iter().map(|reading| reading.1));
        let (sin_side, cos_side) = side.radians().sin_cos();
        let (sin_tilt, cos_tilt) = tilt.radians().sin_cos();
        let up_body = Vec3::new(cos_tilt * cos_side, -sin_side, -sin_tilt * cos_side);
        let difference = inclination(&up_body);
        let advice = if difference > NOTE_UP_TO {
            Advice::AskCalibrate
        } else if freshness != Freshness::Fresh {
            Advice::OfferRefresh
        } else if difference > BLEND_UP_TO {
            Advice::Note
        } else {
            Advice::Blend
        };
        UprightCheck { at, tilt, side, difference, advice }
    }
}

/// The middle value; of an even number the upper one of the two.
fn median(angles: impl Iterator<Item = Angle>) -> Angle {
    let mut radians: Vec<f64> = angles.map(Angle::radians).collect();
    radians.sort_by(f64::total_cmp);
    Angle::from_radians(radians.get(radians.len() / 2).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warning::scenarios::tick;

    /// Walks for so long at this cadence and tilt; gives what the watch says.
    fn walk(watch: &mut CalibrationWatch, seconds: f64, cadence_spm: f64, tilt_deg: f64) -> Vec<UprightCheck> {
        let mut checks = Vec::new();
        let mut t = Time::START;
        let mut next_step = 0.0;
        while t.seconds() < seconds {
            let mut now = tick(t, tilt_deg);
            now.posture = Posture::Walking;
            watch.push_tick(&now);
            if t.seconds() >= next_step {
                checks.extend(watch.push_step(&Step { t, bout: 0, decided: t }));
                next_step += 60.0 / cadence_spm;
            }
            t = t + Tick::INTERVAL;
        }
        checks
    }

    #[test]
    fn eleven_minutes_away_make_it_stale_and_walking_offers_a_refresh() {
        let mut watch = CalibrationWatch::new(Freshness::Fresh);
        watch.was_away(Seconds(9.0 * 60.0));
        assert_eq!(watch.freshness(), Freshness::Fresh);
        watch.was_away(Seconds(11.0 * 60.0));
        assert_eq!(watch.freshness(), Freshness::Stale(StaleCause::Away(Seconds(660.0))));
        assert_eq!(walk(&mut watch, 19.0, 100.0, 2.0), []);
        let checks = walk(&mut watch, 25.0, 100.0, 2.0);
        assert_eq!(checks.iter().map(|check| check.advice).collect::<Vec<_>>(), [Advice::OfferRefresh]);
        watch.calibrated();
        assert_eq!(watch.freshness(), Freshness::Fresh);
    }

    #[test]
    fn strolling_says_nothing_about_upright() {
        let mut watch = CalibrationWatch::new(Freshness::Stale(StaleCause::PowerCycle));
        assert_eq!(walk(&mut watch, 60.0, 70.0, 0.0), []);
    }

    #[test]
    fn a_walk_far_from_the_calibrated_upright_makes_it_stale() {
        for (tilt_deg, advice, name) in
            [(4.0, Advice::Blend, "fresh"), (8.0, Advice::Note, "fresh"), (13.0, Advice::AskCalibrate, "stale")]
        {
            let mut watch = CalibrationWatch::new(Freshness::Fresh);
            let checks = walk(&mut watch, 25.0, 110.0, tilt_deg);
            assert_eq!(checks.len(), 1);
            assert_eq!((checks[0].advice, watch.freshness().name()), (advice, name));
            assert!((checks[0].difference.degrees() - tilt_deg).abs() < 0.01);
        }
    }

    #[test]
    fn every_cause_is_told_in_one_short_sentence() {
        for cause in [
            StaleCause::Reattached,
            StaleCause::Away(Seconds(7200.0)),
            StaleCause::PowerCycle,
            StaleCause::TimeJump,
            StaleCause::UprightMoved(Angle::from_degrees(14.0)),
        ] {
            assert_eq!(crate::care::words::short_message_objection(&cause.words()), None, "{}", cause.words());
        }
    }
}
