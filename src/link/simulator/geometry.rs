//! What a sensor at one height of the back sees of a trunk that leans forward.
//!
//! In:  trunk flexion. Out: tilt of the sensor, and how far it sits above the hip.
//! Source: the planning table of domain.md §4 for standing bends, typed again here on purpose: the
//! simulator must not lean on the detectors' own table, so that a slip in either is seen.

use super::track::Jet;
use crate::frames::Placement;

/// Sensor tilt in degrees at 0, 30, 60 and 90 degrees of trunk flexion, as (flexion, tilt).
const SACRUM: [(f64, f64); 4] = [(0.0, 0.0), (30.0, 10.0), (60.0, 26.0), (90.0, 48.0)];
const MID_LUMBAR: [(f64, f64); 4] = [(0.0, 0.0), (30.0, 22.0), (60.0, 46.0), (90.0, 73.0)];
const THORACIC_END: [(f64, f64); 4] = [(0.0, 0.0), (30.0, 30.0), (60.0, 60.0), (90.0, 90.0)];

/// A placement as the body model uses it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    table: &'static [(f64, f64); 4],
    /// Height of the sensor above the axis of the hips, in metres; it turns a bend into acceleration.
    /// Chosen by us from the height of the vertebrae of a person of 1.75 m (about 10, 16 and 22 cm).
    pub(super) above_hip_m: f64,
}

impl Site {
    /// The site of a placement; an unknown one is worn at L3.
    pub(super) fn of(placement: Placement) -> Self {
        let (table, above_hip_m) = match placement {
            Placement::L1 => (&THORACIC_END, 0.22),
            Placement::L3 | Placement::Unknown => (&MID_LUMBAR, 0.16),
            Placement::L5S1 => (&SACRUM, 0.10),
        };
        Self { table, above_hip_m }
    }

    /// The tilt of the sensor, in radians, for a trunk flexion in radians. Backward it is the same.
    #[inline]
    pub(super) fn tilt(&self, trunk: Jet) -> Jet {
        let flexion_deg = trunk.value.to_degrees();
        if flexion_deg <= 0.0 {
            return trunk;
        }
        let piece = if flexion_deg < 30.0 {
            0
        } else if flexion_deg < 60.0 {
            1
        } else {
            2
        };
        let ((a, seen_a), (b, seen_b)) = (self.table[piece], self.table[piece + 1]);
        let slope = (seen_b - seen_a) / (b - a);
        Jet {
            value: (seen_a + slope * (flexion_deg - a)).to_radians(),
            rate: slope * trunk.rate,
            accel: slope * trunk.accel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::placement::tilt_for;
    use crate::units::Angle;

    #[test]
    fn both_copies_of_the_planning_table_say_the_same() {
        for (_, placement) in Placement::NAMES {
            for deg in [-20.0, 0.0, 12.0, 30.0, 45.0, 60.0, 80.0, 110.0] {
                let trunk = Jet::still(f64::to_radians(deg));
                let theirs = tilt_for(placement, Angle::from_degrees(deg)).degrees();
                let ours = Site::of(placement).tilt(trunk).value.to_degrees();
                assert!((ours - theirs).abs() < 1e-9, "{placement:?} at {deg}: {ours} and {theirs}");
            }
        }
    }
}
