//! Maps the tilt of the sensor to the trunk-equivalent angle (TEA) that ergonomics thresholds speak of.
//!
//! In:  forward tilt θ of the sensor. Out: TEA, and whether it lies beyond the table.
//! Source: planning table of domain.md §4, made from Esola 1996 (n = 41: a full bend of 111° is 41.6°
//! lumbar and 69.4° hip). Linear between the points, the last slope beyond, identity for backward tilt.
//! Error: expect ±10 to 15° at L5_S1; healthy movers differ (4 of 20), and people with back pain use
//! more hip early in a bend, so at the sacrum the table overestimates and warns early rather than late.
//! Fails: in sitting, where the hip is already flexed.
//!
//! Or from the wearer's own bend ([`PersonalBend`]), where no table fits: a share of the largest comfortable
//! bend reads as deep. It says what is deep for this wearer, not how far the trunk is tilted.

use crate::frames::Placement;
use crate::units::Angle;

/// Largest trunk-equivalent angle that is ever told, in degrees; beyond it the angle is capped and
/// flagged. Source: domain.md §4.
const TEA_CAP_DEG: f64 = 120.0;

/// Trunk-equivalent angles of the planning table, in degrees.
const TEA_DEG: [f64; 4] = [0.0, 30.0, 60.0, 90.0];
/// What a sensor at L5 to S1 sees at those angles. Source: domain.md §4.
const SEEN_L5_S1_DEG: [f64; 4] = [0.0, 10.0, 26.0, 48.0];
/// What a sensor at L3 sees. Source: domain.md §4.
const SEEN_L3_DEG: [f64; 4] = [0.0, 22.0, 46.0, 73.0];
/// What a sensor at L1 or T12 sees. Source: domain.md §4.
const SEEN_L1_DEG: [f64; 4] = [0.0, 30.0, 60.0, 90.0];

/// A trunk-equivalent angle and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tea {
    /// The angle, at most 120°.
    pub angle: Angle,
    /// The table ended before this tilt, or the cap was reached.
    pub beyond_table: bool,
}

fn seen_deg(placement: Placement) -> &'static [f64; 4] {
    match placement {
        Placement::L1 => &SEEN_L1_DEG,
        Placement::L3 | Placement::Unknown => &SEEN_L3_DEG,
        Placement::L5S1 => &SEEN_L5_S1_DEG,
    }
}

/// A share of the wearer's largest comfortable bend is a deep bend, whatever a table says.
///
/// Linear through zero, so that upright is upright; of the wearer only one point beside it is known, and a
/// curve through more would be made up. Capped as the table is, and always told as approximate. Source:
/// domain.md §4. Nobody in acute pain is asked to bend farther than is comfortable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PersonalBend {
    deepest: Angle,
}

impl PersonalBend {
    /// Share of the largest comfortable bend that reads as deep.
    ///
    /// Source: domain.md §4 (a peer uses 80 % of full flexion).
    pub const SHARE: f64 = 0.8;
    /// What that share reads as: where a deep bend begins. Source: domain.md §6.
    pub const READS_AS: Angle = Angle::from_degrees(60.0);
    /// Less than this is no bend to go by. Source: domain.md §5, a bend of a calibration.
    pub const SMALLEST: Angle = Angle::from_degrees(15.0);
    /// Nobody tilts the lower back farther than this by bending. Chosen by us: a whole bend is 111° (§4).
    pub const LARGEST: Angle = Angle::from_degrees(120.0);

    /// From the largest comfortable tilt that the sensor saw; `None` where that is no bend to go by.
    pub fn new(deepest: Angle) -> Option<Self> {
        (Self::SMALLEST <= deepest && deepest <= Self::LARGEST).then_some(Self { deepest })
    }

    /// The largest comfortable tilt that the sensor saw.
    pub fn deepest(&self) -> Angle {
        self.deepest
    }

    /// The angle of a sensor tilt.
    pub fn trunk_equivalent(&self, tilt: Angle) -> Tea {
        if tilt.radians() <= 0.0 {
            return Tea { angle: tilt, beyond_table: false };
        }
        let tea_deg = tilt.degrees() * (Self::READS_AS.degrees() / (Self::SHARE * self.deepest.degrees()));
        Tea { angle: Angle::from_degrees(tea_deg.min(TEA_CAP_DEG)), beyond_table: tilt > self.deepest }
    }
}

/// The trunk-equivalent angle of a sensor tilt at this placement.
pub fn trunk_equivalent(placement: Placement, tilt: Angle) -> Tea {
    let tilt_deg = tilt.degrees();
    if tilt_deg <= 0.0 {
        return Tea { angle: tilt, beyond_table: false };
    }
    let tea_deg = interpolate(seen_deg(placement), &TEA_DEG, tilt_deg);
    // Compared as angles, both made from degrees: in degrees, rounding would put 48° beyond 48°.
    let table_end = Angle::from_degrees(seen_deg(placement)[3]);
    Tea { angle: Angle::from_degrees(tea_deg.min(TEA_CAP_DEG)), beyond_table: tilt > table_end }
}

/// The tilt at which a sensor at this placement reads a trunk-equivalent angle: the inverse of
/// [`trunk_equivalent`] below the cap.
pub fn tilt_for(placement: Placement, tea: Angle) -> Angle {
    if tea.radians() <= 0.0 {
        return tea;
    }
    Angle::from_degrees(interpolate(&TEA_DEG, seen_deg(placement), tea.degrees()))
}

/// Linear between points that rise from the first on; the last slope beyond them.
fn interpolate(from: &[f64; 4], to: &[f64; 4], at: f64) -> f64 {
    let i = if at < from[1] { 0 } else { 1 + usize::from(at >= from[2]) };
    to[i] + (at - from[i]) * (to[i + 1] - to[i]) / (from[i + 1] - from[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_planning_table_is_met_at_its_points_and_between_them() {
        let tea = |placement, deg| trunk_equivalent(placement, Angle::from_degrees(deg)).angle.degrees().round();
        assert_eq!([10.0, 26.0, 48.0].map(|deg| tea(Placement::L5S1, deg)), [30.0, 60.0, 90.0]);
        assert_eq!([11.0, 22.0, 46.0].map(|deg| tea(Placement::L3, deg)), [15.0, 30.0, 60.0]);
        assert_eq!([30.0, 60.0, 80.0].map(|deg| tea(Placement::L1, deg)), [30.0, 60.0, 80.0]);
        assert_eq!(tea(Placement::L5S1, -20.0), -20.0);
    }

    #[test]
    fn beyond_the_table_it_is_capped_and_says_so() {
        let tea = trunk_equivalent(Placement::L5S1, Angle::from_degrees(90.0));
        assert_eq!((tea.angle.degrees().round(), tea.beyond_table), (120.0, true));
        assert!(!trunk_equivalent(Placement::L5S1, Angle::from_degrees(48.0)).beyond_table);
    }

    #[test]
    fn four_fifths_of_the_largest_comfortable_bend_are_a_deep_bend() {
        let personal = PersonalBend::new(Angle::from_degrees(50.0)).unwrap();
        let tea = |deg| personal.trunk_equivalent(Angle::from_degrees(deg));
        assert_eq!([20.0, 40.0, 50.0].map(|deg| tea(deg).angle.degrees().round()), [30.0, 60.0, 75.0]);
        assert_eq!((tea(-10.0).angle.degrees().round(), tea(0.0).angle), (-10.0, Angle::ZERO));
        assert!(!tea(50.0).beyond_table && tea(51.0).beyond_table);
        assert_eq!(tea(90.0).angle.degrees().round(), 120.0);
    }

    #[test]
    fn what_is_no_bend_says_nothing_of_the_wearer() {
        for deg in [-40.0, 0.0, 14.9, 120.1, f64::NAN, f64::INFINITY] {
            assert_eq!(PersonalBend::new(Angle::from_degrees(deg)), None, "{deg}");
        }
    }

    #[test]
    fn the_inverse_leads_back() {
        for deg in [-30.0, 5.0, 30.0, 59.0, 75.0, 110.0] {
            let tea = Angle::from_degrees(deg);
            let back = trunk_equivalent(Placement::L5S1, tilt_for(Placement::L5S1, tea)).angle;
            assert!((back - tea).degrees().abs() < 1e-9, "{deg}");
        }
    }
}
