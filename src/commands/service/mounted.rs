//! Which mounting the service uses, where it is from, and how walking changes it.

use super::mounting::Kept;
use crate::signal::mounting::refresh::RefreshParams;
use crate::signal::mounting::{Method, Mounting};
use crate::units::{Angle, Time};
use crate::warning::{Advice, UprightCheck};
use std::collections::VecDeque;

/// The source of a recording that is over: its mounting is that of the whole, as for `analyze`.
const REPLAY: &str = "replay";
/// How the mounting of the sensor becomes known.
#[derive(Clone, Debug)]
pub(crate) enum MountingSource {
    /// Typed, or found by a calibration.
    Given(Mounting),
    /// Found beforehand in a file, for each recording in it.
    Found(VecDeque<Option<Mounting>>),
    /// Learned from ordinary movement while samples flow.
    Learn,
}

impl MountingSource {
    /// It was learned from movement, and can be again.
    pub(super) fn is_learned(&self) -> bool {
        match self {
            Self::Learn => true,
            Self::Given(mounting) => mounting.method == Method::Auto,
            Self::Found(_) => false,
        }
    }
}

/// The mounting in use.
pub(super) struct Mounted {
    calibrated: Mounting,
    now: Mounting,
    /// Walking may change it. Not where it was typed, or found in all of a file that is replayed.
    follows: bool,
    /// Walking was blended in or noted then.
    kept: Option<Time>,
}

impl Mounted {
    pub(super) fn new(calibrated: Mounting, source: &str) -> Self {
        let follows = source != REPLAY && calibrated.method != Method::Axes;
        Self { calibrated, now: calibrated, follows, kept: None }
    }

    /// The mounting now.
    pub(super) fn now(&self) -> &Mounting {
        &self.now
    }

    /// A guided calibration gave it.
    pub(super) fn is_guided(&self) -> bool {
        self.calibrated.method.is_guided()
    }

    /// It was learned from movement, and can be again.
    pub(super) fn is_learned(&self) -> bool {
        self.calibrated.method == Method::Auto
    }

    /// The wearer accepted the upright of this walk: it counts from now on. `None` where that lies too far from
    /// what was calibrated. Typed axes stay as they are.
    pub(super) fn accept(&mut self, check: &UprightCheck) -> Option<Kept> {
        let whole = RefreshParams { share: 1.0, smallest: Angle::ZERO, ..RefreshParams::default() };
        if self.follows {
            let up_sensor = self.now.body_from_sensor.inverse_transform_vector(&check.up_body());
            self.now = whole.refresh(&self.calibrated, &self.now, &up_sensor)?;
        }
        self.kept = Some(check.at);
        Some(Kept::Accepted(check.difference))
    }

    /// Takes what a walk says about upright; says what is to be kept of it.
    pub(super) fn walked(&mut self, check: &UprightCheck) -> Option<Kept> {
        let params = RefreshParams::default();
        if !self.follows || self.kept.is_some_and(|kept| check.at.since(kept).0 < params.apart.0) {
            return None;
        }
        let kept = match check.advice {
            Advice::Blend => {
                let up_sensor = self.now.body_from_sensor.inverse_transform_vector(&check.up_body());
                self.now = params.refresh(&self.calibrated, &self.now, &up_sensor)?;
                Kept::Refreshed(check.difference)
            }
            Advice::Note => Kept::Noted(check.difference),
            Advice::OfferRefresh | Advice::AskCalibrate => return None,
        };
        self.kept = Some(check.at);
        Some(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::Axes;

    fn walk(at_s: f64, tilt_deg: f64, advice: Advice) -> UprightCheck {
        let tilt = Angle::from_degrees(tilt_deg);
        UprightCheck { at: Time::from_seconds(at_s), tilt, side: Angle::ZERO, difference: tilt, advice }
    }

    fn mounted(method: Method, source: &str) -> Mounted {
        let axes: Axes = "up=-y,right=+x,forward=+z".parse().unwrap();
        Mounted::new(Mounting { method, ..Mounting::from_axes(&axes) }, source)
    }

    #[test]
    fn a_walk_is_blended_in_or_noted_once_in_ten_minutes() {
        let mut mounted = mounted(Method::StandingAndBends, "ble");
        let before = *mounted.now();
        let four = Angle::from_degrees(4.0);
        assert_eq!(mounted.walked(&walk(30.0, 4.0, Advice::Blend)), Some(Kept::Refreshed(four)));
        let moved = before.directions()[0].angle(&mounted.now().directions()[0]).to_degrees();
        assert!((moved - 1.2).abs() < 0.01, "{moved}");
        let after = *mounted.now();
        assert_eq!(mounted.walked(&walk(60.0, 4.0, Advice::Blend)), None);
        let seven = Angle::from_degrees(7.0);
        assert_eq!(mounted.walked(&walk(700.0, 7.0, Advice::Note)), Some(Kept::Noted(seven)));
        assert_eq!(*mounted.now(), after, "noted is not blended in");
        for advice in [Advice::OfferRefresh, Advice::AskCalibrate] {
            assert_eq!(mounted.walked(&walk(1400.0, 4.0, advice)), None);
        }
    }

    #[test]
    fn an_accepted_walk_counts_whole_and_only_near_what_was_calibrated() {
        let mut mounted = mounted(Method::StandingAndBends, "ble");
        let before = *mounted.now();
        let kept = mounted.accept(&walk(30.0, 8.0, Advice::OfferRefresh));
        assert_eq!(kept, Some(Kept::Accepted(Angle::from_degrees(8.0))));
        let moved = before.directions()[0].angle(&mounted.now().directions()[0]).to_degrees();
        assert!((moved - 8.0).abs() < 0.01, "{moved}");
        // Eight degrees further the same way is beyond the ten that a walk may change in all.
        assert_eq!(mounted.accept(&walk(90.0, 8.0, Advice::OfferRefresh)), None);
    }

    #[test]
    fn typed_axes_and_the_mounting_of_a_replay_stay_as_they_are() {
        for mut mounted in [mounted(Method::Axes, "ble"), mounted(Method::Auto, REPLAY)] {
            let before = *mounted.now();
            assert_eq!(mounted.walked(&walk(30.0, 4.0, Advice::Blend)), None);
            assert_eq!(*mounted.now(), before);
        }
    }
}
