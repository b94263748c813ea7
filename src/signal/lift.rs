//! Says whether a bend and rise moved like a lift.
//!
//! In:  a bend that is over, with how fast and how hard it came up. Out: yes or no.
//! Source: domain.md §6. Load is unknown: this is a motion, never a weight.
//! Fails: rising briskly with empty hands reads the same, so it is called possible, and the wearer can
//! say no.

use super::bend::BendEnded;
use crate::units::{Angle, AngularRate, Seconds};

/// What moves like a lift. Source of all: domain.md §6.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiftParams {
    /// Shortest bend.
    pub shortest: Seconds,
    /// Longest bend.
    pub longest: Seconds,
    /// Trunk-equivalent angle that the bend reached; not asked of a squat.
    pub peak: Angle,
    /// Rate of rising of the trunk, the planning table's share of the sensor's; not asked of a squat.
    pub rise: AngularRate,
    /// Vertical acceleration in the rise, g.
    pub burst: f64,
    /// A crouch whose trunk stays upright is a lift and no bend where it comes up with this push, g, and lasts no
    /// longer than `brisk`. Chosen by us: the slow crouches of sisfall push with 0.22 g at most and last 4.7 to 7 s.
    pub alone: f64,
    /// See `alone`.
    pub brisk: Seconds,
}

impl Default for LiftParams {
    fn default() -> Self {
        Self {
            shortest: Seconds(1.0),
            longest: Seconds(10.0),
            peak: Angle::from_degrees(30.0),
            rise: AngularRate::from_degrees_per_second(30.0),
            burst: 0.15,
            alone: 0.25,
            brisk: Seconds(5.0),
        }
    }
}

/// Whether a bend (or, with `squat`, a pelvis that went down and up) moved like a lift.
pub(super) fn possible(params: &LiftParams, bend: &BendEnded, squat: bool) -> bool {
    let lasted = bend.end.since(bend.start);
    let turned = bend.detail.peak_tea >= params.peak && risen(bend) >= params.rise.radians_per_second();
    lasted >= params.shortest && lasted <= params.longest && (turned || squat) && bend.burst >= params.burst
}

/// Whether a crouch that is a possible lift is no bend as well.
pub(super) fn alone(params: &LiftParams, crouch: &BendEnded) -> bool {
    crouch.detail.peak_tea < params.peak
        && crouch.burst >= params.alone
        && crouch.end.since(crouch.start) <= params.brisk
        && possible(params, crouch, true)
}

/// Fastest rising of the trunk, rad/s: of a low placement the sensor turns less than the trunk.
fn risen(bend: &BendEnded) -> f64 {
    let share = (bend.detail.peak_tea.radians() / bend.lean.radians()).max(1.0);
    bend.detail.peak_up.radians_per_second() * share
}
