//! Moves a mounting a little towards the upright that walking shows.
//!
//! In:  the mounting as it was calibrated, as it is now, and up while walking, in sensor axes.
//! Out: a mounting whose up lies nearer to that, with the same forward; `None` where nothing is to be done.
//! Source: domain.md §5, walking is a natural upright. Left to others: when walking says enough, and whether
//! the difference is one to be blended in, noted, or asked about (`warning::calibration`).
//! Fails: someone who walks leaning is measured from that lean; `farthest` limits how far it can go.

use super::{Mounting, body_from_directions};
use crate::frames::Vec3;
use crate::units::{Angle, Seconds};

/// How much walking may change a mounting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RefreshParams {
    /// Share of the way from the present up to that of walking. Chosen by us: one walk is right to a degree
    /// or two, so several are averaged.
    pub share: f64,
    /// A smaller difference changes nothing. Chosen by us: within what one walk differs from the next.
    pub smallest: Angle,
    /// Up stays within this of the calibrated one, however many walks there are. Source: domain.md §5,
    /// beyond it the wearer is asked.
    pub farthest: Angle,
    /// Time between two changes. Chosen by us: each is kept as a record, and a long walk tells one thing.
    pub apart: Seconds,
}

impl Default for RefreshParams {
    fn default() -> Self {
        Self {
            share: 0.3,
            smallest: Angle::from_degrees(1.0),
            farthest: Angle::from_degrees(10.0),
            apart: Seconds(600.0),
        }
    }
}

impl RefreshParams {
    /// The mounting after a walk whose up, in sensor axes, was this.
    pub fn refresh(&self, calibrated: &Mounting, now: &Mounting, walking_up: &Vec3) -> Option<Mounting> {
        let [up, _, forward] = now.directions();
        let walking_up = walking_up.try_normalize(f64::EPSILON)?;
        if up.angle(&walking_up) < self.smallest.radians() {
            return None;
        }
        let moved = (up + (walking_up - up) * self.share).try_normalize(f64::EPSILON)?;
        let near = calibrated.directions()[0].angle(&moved) <= self.farthest.radians();
        near.then(|| Mounting { body_from_sensor: body_from_directions(&moved, &forward), ..*now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::{Axes, Quat};

    fn calibrated() -> Mounting {
        let axes: Axes = "up=-y,right=+x,forward=+z".parse().unwrap();
        Mounting::from_axes(&axes)
    }

    /// Up as a sensor shows it that sits this far forward and aside.
    fn walking_up(forward_deg: f64, side_deg: f64) -> Vec3 {
        let [up, right, forward] = calibrated().directions();
        let turn = Quat::from_scaled_axis(right * forward_deg.to_radians() + forward * side_deg.to_radians());
        turn * up
    }

    fn degrees(a: &Vec3, b: &Vec3) -> f64 {
        a.angle(b).to_degrees()
    }

    #[test]
    fn up_goes_a_share_of_the_way_and_forward_stays() {
        let before = calibrated();
        let after = RefreshParams::default().refresh(&before, &before, &walking_up(4.0, 0.0)).unwrap();
        let [up, _, forward] = after.directions();
        assert!((degrees(&up, &before.directions()[0]) - 1.2).abs() < 0.01);
        assert!((degrees(&up, &walking_up(4.0, 0.0)) - 2.8).abs() < 0.01);
        // Forward turns with up by no more than it must to stay at right angles to it.
        assert!((degrees(&forward, &before.directions()[2]) - 1.2).abs() < 0.01);
        assert_eq!((after.method, after.rest_norm_g), (before.method, before.rest_norm_g));
    }

    #[test]
    fn walk_after_walk_comes_to_the_upright_of_walking() {
        let (first, there) = (calibrated(), walking_up(3.0, -2.5));
        let mut now = first;
        for _ in 0..20 {
            now = RefreshParams::default().refresh(&first, &now, &there).unwrap_or(now);
        }
        assert!(degrees(&now.directions()[0], &there) < 1.0);
    }

    #[test]
    fn a_small_difference_and_a_creep_of_more_than_ten_degrees_change_nothing() {
        let params = RefreshParams::default();
        let first = calibrated();
        assert_eq!(params.refresh(&first, &first, &walking_up(0.9, 0.0)), None);
        assert_eq!(params.refresh(&first, &first, &Vec3::zeros()), None);
        let mut now = first;
        for step in 1..60 {
            now = params.refresh(&first, &now, &walking_up(f64::from(step) * 0.5, 0.0)).unwrap_or(now);
        }
        assert!(degrees(&now.directions()[0], &first.directions()[0]) <= 10.0);
    }
}
