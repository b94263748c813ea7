//! What a person or a paper chose about warnings: every threshold with its unit and origin.

use crate::units::{Angle, AngularRate, Seconds};

/// Trunk-equivalent angle at which the upright band ends: holds count beyond it and series stop below.
///
/// Source: ISO 11226 / EN 1005-4 as coded in ErgoCapture, 0 to 20° neutral (domain.md §6; healthy
/// adults at work without load, originals not confirmed). A reference band, not a limit of the back.
pub const HOLD_FROM: Angle = Angle::from_degrees(20.0);

/// Trunk-equivalent angle beyond which the hold limit falls no further.
///
/// Source: as [`HOLD_FROM`]; the deep band begins here.
pub const DEEP: Angle = Angle::from_degrees(60.0);

/// Hold limit at 20°, in seconds. Source: ISO 11226, linearised (domain.md §6).
const LIMIT_AT_20_S: f64 = 240.0;
/// Fall of the hold limit with each degree beyond 20°. Source: as [`LIMIT_AT_20_S`] (60 s at 60°).
const LIMIT_FALL_S_PER_DEG: f64 = 4.5;

/// The thresholds of the four rules and their limits. Says nothing about the sample rate.
#[derive(Clone, Debug, PartialEq)]
pub struct WarningParams {
    /// W1: trunk-equivalent angle at which a bend is deep. Domain.md §6: 60°.
    pub deep: Angle,
    /// W1: for how long. Domain.md §6: 0.3 s. Lower tells earlier and takes jolts for bends.
    pub deep_for: Seconds,
    /// A rule that has spoken is ready again this far below its entry. Domain.md §6: 10°.
    pub exit_below: Angle,
    /// W2: share of the hold limit used in acute days. Domain.md §6: 0.5, chosen by us.
    pub hold_share: f64,
    /// W2: how far the trunk may sway about its mean and still be held. Domain.md §1: ±5°.
    pub hold_tolerance: Angle,
    /// W2: signals in one series, at most. Domain.md §6: 3.
    pub series: u8,
    /// W2: time between the signals of a series. Domain.md §6: 5 s.
    pub series_every: Seconds,
    /// W2 while probably sitting needs this much. Domain.md §4: 45°.
    pub seated_hold_from: Angle,
    /// From this chance on, the wearer counts as probably sitting. Chosen by us: more likely than not.
    pub sitting_from: f32,
    /// For this long after it was last told, "sitting" holds for a bend that begins. Chosen by us:
    /// leaning forward hides whether one sits, and rising takes less.
    pub sitting_remembered: Seconds,
    /// W3: bends. Domain.md §6: 10, from EN 1005-4 as read there (not confirmed).
    pub repeated: u32,
    /// W3: within this time. Domain.md §6: 5 min.
    pub repeated_within: Seconds,
    /// W4 at all. On, until the wearer turns it off after saying that it does not help (domain.md §6).
    pub lifts: bool,
    /// W4: the rate of rising that a possible lift is held against in records. Domain.md §6: 30 °/s.
    pub lift_rise: AngularRate,
    /// W4: at most once in this time. Domain.md §6: an hour.
    pub lift_every: Seconds,
    /// W3 and W4 wait this long for an upright moment, then lapse. Chosen by us: later it would puzzle.
    pub wait_for_upright: Seconds,
    /// Least time between signals of different bends. Domain.md §6: 20 s.
    pub spacing: Seconds,
    /// Signals within [`WarningParams::budget_within`], at most. Domain.md §6: 8.
    pub budget: u32,
    /// The stretch of time for which the budget holds. Domain.md §6: an hour.
    pub budget_within: Seconds,
    /// Older samples give no signal. Domain.md §6: 1 s.
    pub newest_within: Seconds,
    /// A bend ends after this long below 20°, and no bend spans a longer hole in the samples.
    /// Domain.md §6 and §8: 0.5 s.
    pub closes_after: Seconds,
    /// Beyond this side bend forward tilt says nothing about bending: the wearer is turning to lie on a
    /// side. Domain.md §7: lying begins at 50°.
    pub sideways: Angle,
    /// Beyond this tilt the wearer is on the way to lying on the back. Domain.md §7: −50°.
    pub backward: Angle,
    /// So long within 20° of the vertical, and who has tipped so far is upright again; what is bent meanwhile is the
    /// way up. Chosen by us: longer than swinging past it takes.
    pub upright_for: Seconds,
}

impl Default for WarningParams {
    fn default() -> Self {
        Self {
            deep: DEEP,
            deep_for: Seconds(0.3),
            exit_below: Angle::from_degrees(10.0),
            hold_share: 0.5,
            hold_tolerance: Angle::from_degrees(5.0),
            series: 3,
            series_every: Seconds(5.0),
            seated_hold_from: Angle::from_degrees(45.0),
            sitting_from: 0.5,
            sitting_remembered: Seconds(10.0),
            repeated: 10,
            repeated_within: Seconds(300.0),
            lifts: true,
            lift_rise: AngularRate::from_degrees_per_second(30.0),
            lift_every: Seconds(3600.0),
            wait_for_upright: Seconds(120.0),
            spacing: Seconds(20.0),
            budget: 8,
            budget_within: Seconds(3600.0),
            newest_within: Seconds(1.0),
            closes_after: Seconds(0.5),
            sideways: Angle::from_degrees(50.0),
            backward: Angle::from_degrees(-50.0),
            upright_for: Seconds(0.5),
        }
    }
}

/// How long a trunk-equivalent angle may be held: 240 s at 20°, 60 s at 60° and beyond; `None` below 20°.
///
/// Source: L(TEA) = 240 − 4.5·(TEA − 20) of domain.md §6 (ISO 11226, linearised), with
/// min(TEA, 60°) as rule W2 has it.
pub fn hold_limit(tea: Angle) -> Option<Seconds> {
    if tea < HOLD_FROM {
        return None;
    }
    let beyond_deg = tea.degrees().min(DEEP.degrees()) - HOLD_FROM.degrees();
    Some(Seconds(LIMIT_AT_20_S - LIMIT_FALL_S_PER_DEG * beyond_deg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hold_limit_falls_from_four_minutes_to_one() {
        let limit = |deg| hold_limit(Angle::from_degrees(deg)).map(|limit| limit.0.round());
        assert_eq!([19.0, 20.0, 40.0, 60.0, 90.0].map(limit), [None, Some(240.0), Some(150.0), Some(60.0), Some(60.0)]);
    }
}
