//! How long the trunk has been held at about one angle: angles come in, a share of the limit comes out.
//!
//! A hold is a stretch in which the angle stays within ±5° of its own mean (domain.md §1). The mean
//! follows a slow drift, and a departure shorter than half a second, such as a breath or a reach,
//! does not end it. Every moment adds its share of the limit at the mean angle, so that a held angle
//! reaches 1 exactly at its limit, and a drifting one in proportion. What to do at 1 is left to the rule.

use super::params::hold_limit;
use crate::units::{Angle, Seconds, Time};

/// How quickly the mean follows a drift. Chosen by us: slower than breathing and swaying (2 to 5 s),
/// faster than the shortest limit (30 s).
const MEAN_OVER: Seconds = Seconds(10.0);

/// The parts of `WarningParams` that holds need, ready for use.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// How far the angle may lie from its mean.
    pub tolerance: Angle,
    /// How long it may lie farther away.
    pub departure: Seconds,
    /// Share of the limit that counts as 1.
    pub share: f64,
}

/// A hold that is going on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HoldState {
    since: Time,
    newest: Time,
    mean: Angle,
    used: f64,
    away_since: Option<Time>,
}

impl HoldState {
    /// Begins a hold.
    pub fn begin(t: Time, tea: Angle) -> Self {
        Self { since: t, newest: t, mean: tea, used: 0.0, away_since: None }
    }

    /// How long it has lasted.
    pub fn lasting(&self) -> Seconds {
        self.newest.since(self.since)
    }

    /// The angle that is held.
    pub fn mean(&self) -> Angle {
        self.mean
    }

    /// How much of the limit is used: 1 is the line.
    pub fn used(&self) -> f64 {
        self.used
    }
}

impl Hold {
    /// Takes the angle of one moment. Time counts from `from` on; a hold at less only keeps its mean.
    pub fn step(&self, state: &mut HoldState, t: Time, tea: Angle, from: Angle) {
        let dt = t.since(state.newest);
        if (tea - state.mean).abs() > self.tolerance {
            let away_since = *state.away_since.get_or_insert(t);
            if t.since(away_since).0 >= self.departure.0 {
                *state = HoldState::begin(t, tea);
                return;
            }
        } else {
            state.away_since = None;
            let weight = dt.0 / (state.lasting() + dt).0.clamp(dt.0.max(f64::MIN_POSITIVE), MEAN_OVER.0);
            state.mean = Angle::from_radians(state.mean.radians() + weight * (tea - state.mean).radians());
        }
        state.newest = t;
        if state.mean >= from
            && let Some(limit) = hold_limit(state.mean)
        {
            state.used += dt.0 / (limit.0 * self.share);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Tick;

    const HOLD: Hold = Hold { tolerance: Angle::from_degrees(5.0), departure: Seconds(0.5), share: 0.5 };
    const FROM: Angle = Angle::from_degrees(20.0);

    /// When a course of angles uses up its limit.
    fn reached(seconds: f64, tea_deg: impl Fn(f64) -> f64) -> Option<f64> {
        let mut state = HoldState::begin(Time::START, Angle::from_degrees(tea_deg(0.0)));
        let mut t = Time::START;
        while t.seconds() < seconds {
            t = t + Tick::INTERVAL;
            HOLD.step(&mut state, t, Angle::from_degrees(tea_deg(t.seconds())), FROM);
            if state.used() >= 1.0 {
                return Some(t.seconds());
            }
        }
        None
    }

    #[test]
    fn a_steady_angle_reaches_its_limit_on_time() {
        for (tea_deg, limit_s) in [(40.0, 75.0), (60.0, 30.0), (80.0, 30.0), (20.0, 120.0)] {
            let at = reached(200.0, |_| tea_deg).unwrap();
            assert!((at - limit_s).abs() <= Tick::INTERVAL.0 + 0.001, "{tea_deg}° at {at} s");
        }
    }

    #[test]
    fn swaying_and_short_reaches_do_not_end_a_hold() {
        let sway = |t: f64| 40.0 + 3.0 * (t * std::f64::consts::TAU / 4.0).sin();
        assert!((reached(100.0, sway).unwrap() - 75.0).abs() < 2.0);
        let reach = |t: f64| if (30.0..30.4).contains(&t) { 60.0 } else { 40.0 };
        assert!((reached(100.0, reach).unwrap() - 75.0).abs() < 0.5);
    }

    #[test]
    fn a_change_of_posture_begins_a_new_hold() {
        let shifted = reached(200.0, |t| if t < 70.0 { 40.0 } else { 50.0 }).unwrap();
        assert!((shifted - 70.5 - 52.5).abs() < 0.1, "{shifted}");
        assert_eq!(reached(200.0, |t| 40.0 + 15.0 * (t * 3.0).sin()), None, "bending to and fro is no hold");
    }

    #[test]
    fn nothing_counts_while_upright() {
        assert_eq!(reached(600.0, |_| 18.0), None);
    }
}
