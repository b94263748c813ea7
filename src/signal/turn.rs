//! Finds turns of the body about the vertical.
//!
//! In:  rotation rate about the vertical on the fixed grid, positive to the left. Out: a turn when it is over.
//! Source: El-Gohary 2013 as in mobgap: 15 °/s at its fastest, from and to 5 °/s, at least 45° in 0.5 to 10 s.
//! Differs: the rate is smoothed by a causal filter, so turns end about 0.2 s late.
//! Error: each of the 46 U-turns of `gait_l5` is found once, in the median 7° from half a turn, since the
//! pelvis swings on (165 to 198°); it begins 0.05 s before the note of the set says and ends 0.5 s after. Two
//! other turns in its 14 min of walking, both real ones before the end. Asserted in `tests/accuracy/gait.rs`.
//! Fails: without a gyroscope there are no turns; slow turns below 15 °/s go unseen.

use super::{Event, Kind};
use crate::units::{Angle, AngularRate, Seconds, Time};

/// What counts as a turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TurnParams {
    /// Rate that a turn reaches. Source: El-Gohary.
    pub fastest: AngularRate,
    /// Rate at which it begins and ends. Source: El-Gohary.
    pub border: AngularRate,
    /// Smallest angle. Source: El-Gohary.
    pub smallest: Angle,
    /// Shortest turn. Source: El-Gohary.
    pub shortest: Seconds,
    /// Longest turn. Source: El-Gohary.
    pub longest: Seconds,
    /// Time constant of the smoothing. Source: El-Gohary, whose cut-off of 1.5 Hz it has.
    pub smooth: Seconds,
}

impl Default for TurnParams {
    fn default() -> Self {
        Self {
            fastest: AngularRate::from_degrees_per_second(15.0),
            border: AngularRate::from_degrees_per_second(5.0),
            smallest: Angle::from_degrees(45.0),
            shortest: Seconds(0.5),
            longest: Seconds(10.0),
            smooth: Seconds(0.106),
        }
    }
}

/// What samples change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct TurnState {
    rate: f64,
    /// Start, angle so far and fastest rate of what may become a turn.
    open: Option<(Time, f64, f64)>,
}

impl TurnState {
    /// Takes the rate about the vertical (rad/s) of one grid step of `dt` that ended at `t`.
    pub(super) fn step(&mut self, params: &TurnParams, t: Time, dt: f64, rate: f64, now: Time) -> Option<Event> {
        self.rate += (rate - self.rate) * dt / (params.smooth.0 + dt);
        let beyond = self.rate.abs() > params.border.radians_per_second();
        let same_way = self.open.is_none_or(|(_, angle, _)| angle == 0.0 || (angle > 0.0) == (self.rate > 0.0));
        if beyond && same_way {
            let (_, angle, fastest) = self.open.get_or_insert((t - Seconds(dt), 0.0, 0.0));
            *angle += rate * dt;
            *fastest = fastest.max(self.rate.abs());
            return None;
        }
        let (start, angle, fastest) = self.open.take()?;
        let lasted = t.since(start);
        if angle.abs() < params.smallest.radians()
            || fastest < params.fastest.radians_per_second()
            || lasted < params.shortest
            || lasted > params.longest
        {
            return None;
        }
        let mut event = Event::new(Kind::Turn, start, t, now);
        event.angle = Some(Angle::from_radians(angle));
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_turn_to_the_left_is_told_once_with_its_angle() {
        let mut state = TurnState::default();
        let mut found = Vec::new();
        for i in 0..200 {
            let t = f64::from(i) * 0.02;
            // Half a sine wave over 1.5 s that sums up to 90°.
            let rate = if (1.0..2.5).contains(&t) {
                let half = std::f64::consts::PI / 1.5;
                std::f64::consts::FRAC_PI_2 * 0.5 * half * ((t - 1.0) * half).sin()
            } else {
                0.0
            };
            let t = Time::from_seconds(t);
            found.extend(state.step(&TurnParams::default(), t, 0.02, rate, t));
        }
        assert_eq!(found.len(), 1);
        let degrees = found[0].angle.unwrap().degrees();
        assert!((degrees - 90.0).abs() < 5.0, "{degrees}");
    }
}
