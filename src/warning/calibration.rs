//! When a calibration is stale, and when walking offers to refresh it: happenings of the link, ticks and
//! steps come in; a state and, now and then, an upright check or a slip come out. Doing something about it
//! is left to the service and the wearer.
//!
//! | it is stale when | told by | cause | fresh again by |
//! |---|---|---|---|
//! | the sensor was put on anew | a tick that is worn after one that was not | `reattached` | an accepted refresh |
//! | it was away for more than 10 min | the link, or a gap in the samples | `away` | an accepted refresh |
//! | it was off and on, or its battery was changed | the link: the sensor started anew | `power_cycle` | an accepted refresh |
//! | its time jumped | the link: a recording that begins before the last one ended | `time_jump` | an accepted refresh |
//! | upright while walking lies more than 10° from the calibrated one | 20 s of walking | `upright_moved` | a new calibration |
//! | the strap has moved | up in sensor axes, walking and standing (`signal::mounting::slip`) | `slip` | a new calibration |
//!
//! The first cause stands until it is calibrated; a missing calibration stays missing. A refresh is offered
//! by 20 s of walking within 10° of the calibrated upright, and never taken without the wearer; a new
//! calibration is one that was guided or learned. While fresh, a walk within 5° may be blended in silently,
//! one within 10° is noted. Source: domain.md §5; the slip is ours, since a strap that moved by less than 10°
//! from the calibrated upright, or is worn by someone who strolls, shows in no upright check.

use super::upright::{Advice, UprightCheck, Walk};
use crate::care::Locale;
use crate::signal::mounting::slip::{SlipParams, SlipState};
use crate::signal::{Posture, Step, Tick};
use crate::units::{Angle, Seconds};

/// Longer away than this, and the belt may have moved. Source: domain.md §5, chosen by us.
pub const AWAY_LIMIT: Seconds = Seconds(600.0);
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
    /// The strap has moved by this much since it was calibrated.
    Slip(Angle),
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
            Self::Slip(_) => "slip",
        }
    }

    /// Walking makes it good, if the wearer accepts: the strap is where it was, as far as upright tells.
    pub fn is_refreshed_by_walking(&self) -> bool {
        match self {
            Self::Reattached | Self::Away(_) | Self::PowerCycle | Self::TimeJump => true,
            Self::UprightMoved(_) | Self::Slip(_) => false,
        }
    }

    /// The cause as it is kept for the next start: its word, and how long or by how many degrees.
    pub fn kept(&self) -> String {
        match self {
            Self::Away(lasting) => format!("{} {}", self.name(), lasting.0),
            Self::UprightMoved(by) | Self::Slip(by) => format!("{} {}", self.name(), by.degrees()),
            Self::Reattached | Self::PowerCycle | Self::TimeJump => self.name().to_owned(),
        }
    }

    /// A cause written by [`StaleCause::kept`].
    pub fn from_kept(text: &str) -> Option<Self> {
        let (name, figure) = text.split_once(' ').unwrap_or((text, ""));
        let figure = || figure.parse::<f64>().ok();
        match name {
            "reattached" => Some(Self::Reattached),
            "away" => Some(Self::Away(Seconds(figure()?))),
            "power_cycle" => Some(Self::PowerCycle),
            "time_jump" => Some(Self::TimeJump),
            "upright_moved" => Some(Self::UprightMoved(Angle::from_degrees(figure()?))),
            "slip" => Some(Self::Slip(Angle::from_degrees(figure()?))),
            _ => None,
        }
    }

    /// Why signals rest, in a sentence for the wearer.
    pub fn words(&self, locale: Locale) -> String {
        let say = &locale.phrases().stale;
        match self {
            Self::Reattached => say.reattached.to_string(),
            Self::Away(lasting) => say.away.fill(&[("minutes", &format_args!("{:.0}", lasting.0 / 60.0))]),
            Self::PowerCycle => say.power_cycle.to_string(),
            Self::TimeJump => say.time_jump.to_string(),
            Self::UprightMoved(by) => say.upright_moved.fill(&[("degrees", by)]),
            Self::Slip(by) => say.slip.fill(&[("degrees", by)]),
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

/// Follows one sensor's calibration. Plain state: store it, restore it, carry on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CalibrationWatch {
    freshness: Freshness,
    walk: Walk,
    slip: SlipState,
    /// Not worn, as far as is known.
    off: bool,
}

/// What a tick may say about the calibration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moved {
    /// The sensor is worn again after it was not.
    Reattached,
    /// The strap has moved by this much.
    Slipped(Angle),
}

impl CalibrationWatch {
    /// Goes on with a calibration in this state.
    pub fn new(freshness: Freshness) -> Self {
        Self { freshness, ..Self::default() }
    }

    /// The state now.
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// A calibration was made, or a refresh accepted.
    pub fn calibrated(&mut self) {
        *self = Self::new(Freshness::Fresh);
    }

    /// The mounting was moved a little, to where walking showed upright to be.
    pub fn refreshed(&mut self) {
        self.walk = Walk::default();
    }

    /// Something happened that makes it stale. The first cause stands until it is calibrated; a missing
    /// calibration stays missing.
    pub fn stale(&mut self, cause: StaleCause) {
        if self.freshness == Freshness::Fresh {
            self.freshness = Freshness::Stale(cause);
        }
        self.walk = Walk::default();
        // After a slip the new up is known; after anything else nothing is.
        if !matches!(cause, StaleCause::Slip(_)) {
            self.slip = SlipState::default();
        }
    }

    /// The link was down for this long.
    pub fn was_away(&mut self, lasting: Seconds) {
        self.walk = Walk::default();
        if lasting.0 > AWAY_LIMIT.0 {
            self.stale(StaleCause::Away(lasting));
        }
    }

    /// Takes a tick: keeps where up was while walking, and notices when the sensor has moved on the body.
    pub fn push_tick(&mut self, tick: &Tick) -> Option<Moved> {
        self.walk.push_tick(tick);
        // While nothing can be told, as over a gap, it stays as it was.
        if tick.posture != Posture::Unknown {
            let off = tick.posture == Posture::NotWorn;
            if std::mem::replace(&mut self.off, off) && !off {
                self.stale(StaleCause::Reattached);
                return Some(Moved::Reattached);
            }
        }
        let up_sensor = tick.up_sensor;
        let walking = tick.posture == Posture::Walking;
        let by = SlipParams::default().step(&mut self.slip, tick.t, &up_sensor, walking && tick.valid)?;
        self.stale(StaleCause::Slip(by));
        Some(Moved::Slipped(by))
    }

    /// Takes a step; the one that completes 20 s of brisk enough walking gives an upright check.
    pub fn push_step(&mut self, step: &Step) -> Option<UprightCheck> {
        let check = self.walk.push_step(step, self.freshness == Freshness::Fresh)?;
        if check.advice == Advice::AskCalibrate {
            self.stale(StaleCause::UprightMoved(check.difference));
        }
        (self.freshness != Freshness::Missing).then_some(check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::Vec3;
    use crate::units::Time;
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

    /// Lets ticks of this posture and up (degrees forward of the sensor's x) go by.
    fn wear(watch: &mut CalibrationWatch, from_s: f64, seconds: f64, posture: Posture, tilt_deg: f64) -> Vec<Moved> {
        let ticks = (seconds / Tick::INTERVAL.0) as usize;
        let one = |i: usize| {
            let t = Time::from_seconds(from_s + i as f64 * Tick::INTERVAL.0);
            let (sin, cos) = tilt_deg.to_radians().sin_cos();
            Tick { posture, up_sensor: Vec3::new(cos, 0.0, -sin), ..tick(t, tilt_deg) }
        };
        (0..ticks).filter_map(|i| watch.push_tick(&one(i))).collect()
    }

    /// The table of this module, row by row.
    #[test]
    fn each_cause_makes_it_stale_and_the_first_one_stands() {
        let fresh = || CalibrationWatch::new(Freshness::Fresh);
        let cause = |watch: &CalibrationWatch| match watch.freshness() {
            Freshness::Stale(cause) => cause.name(),
            other => other.name(),
        };

        let mut put_on = fresh();
        wear(&mut put_on, 0.0, 10.0, Posture::NotWorn, 0.0);
        wear(&mut put_on, 10.0, 1.0, Posture::Unknown, 0.0);
        assert_eq!(cause(&put_on), "fresh");
        assert_eq!(wear(&mut put_on, 11.0, 10.0, Posture::Moving, 0.0), [Moved::Reattached]);
        assert_eq!(cause(&put_on), "reattached");

        let mut away = fresh();
        away.was_away(AWAY_LIMIT);
        assert_eq!(cause(&away), "fresh");
        away.was_away(AWAY_LIMIT + Seconds(1.0));
        assert_eq!(cause(&away), "away");

        for (told, name) in [(StaleCause::PowerCycle, "power_cycle"), (StaleCause::TimeJump, "time_jump")] {
            let mut watch = fresh();
            watch.stale(told);
            assert_eq!(cause(&watch), name);
            watch.was_away(Seconds(7200.0));
            assert_eq!(cause(&watch), name, "the first cause stands");
        }

        let mut upright = fresh();
        assert_eq!(walk(&mut upright, 25.0, 110.0, 10.5).len(), 1);
        assert_eq!(cause(&upright), "upright_moved");

        let mut strap = fresh();
        for (from_s, posture, tilt_deg) in
            [(0.0, Posture::Walking, 0.0), (30.0, Posture::UprightStill, 0.0), (40.0, Posture::UprightStill, 14.0)]
        {
            assert_eq!(wear(&mut strap, from_s, if from_s == 0.0 { 30.0 } else { 10.0 }, posture, tilt_deg), []);
        }
        let moved = wear(&mut strap, 50.0, 30.0, Posture::Walking, 14.0);
        assert!(matches!(moved[..], [Moved::Slipped(by)] if (by.degrees() - 14.0).abs() < 0.5), "{moved:?}");
        assert_eq!(cause(&strap), "slip");

        let mut missing = CalibrationWatch::default();
        missing.stale(StaleCause::PowerCycle);
        assert_eq!(cause(&missing), "missing");
    }

    #[test]
    fn a_check_says_where_up_was() {
        let mut watch = CalibrationWatch::new(Freshness::Fresh);
        let check = walk(&mut watch, 25.0, 110.0, 4.0)[0];
        let up = check.up_body();
        assert!((crate::frames::forward_tilt(&up).degrees() - 4.0).abs() < 1e-6 && (up.norm() - 1.0).abs() < 1e-12);
        watch.refreshed();
        assert_eq!(walk(&mut watch, 19.0, 110.0, 3.0), [], "the walk begins anew in the new mounting");
        assert_eq!(watch.freshness(), Freshness::Fresh);
    }

    #[test]
    fn every_cause_is_told_in_one_short_sentence() {
        for cause in [
            StaleCause::Reattached,
            StaleCause::Away(Seconds(7200.0)),
            StaleCause::PowerCycle,
            StaleCause::TimeJump,
            StaleCause::UprightMoved(Angle::from_degrees(14.0)),
            StaleCause::Slip(Angle::from_degrees(14.0)),
        ] {
            let kept = StaleCause::from_kept(&cause.kept()).unwrap();
            assert_eq!(kept.name(), cause.name());
            for locale in Locale::ALL {
                let words = cause.words(locale);
                assert_eq!(crate::care::words::short_message_objection(locale, &words), None, "{words}");
                assert_eq!(kept.words(locale), words);
            }
        }
    }
}
