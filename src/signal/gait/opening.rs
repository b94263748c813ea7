//! Tells whether five peaks in a row are the beginning of a walk.
//!
//! In:  peaks of the filtered norm, each within reach of the one before. Out: a walk or not, where its
//! first step is, and how it goes.
//! Fails: two hops in place with steps around them look the same.

use super::{GaitParams, Peak, WAITING};

/// How a walk begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Start {
    /// Time of one step, s.
    pub period: f64,
    /// Height of a peak, g.
    pub height: f64,
    /// Height of the first step's peak as share of that.
    pub share: f64,
}

/// How many of the peaks come before the first step, and how the walk goes; `None` where it is no walk.
pub(super) fn walk(params: &GaitParams, peaks: &[Peak]) -> Option<(usize, Start)> {
    if peaks.len() < params.fewest.min(WAITING) {
        return None;
    }
    let (mut apart, mut heights) = ([f64::MAX; WAITING], [f64::MAX; WAITING]);
    for (apart, pair) in apart.iter_mut().zip(peaks.windows(2)) {
        *apart = pair[1].t.since(pair[0].t).0;
    }
    for (height, peak) in heights.iter_mut().zip(peaks) {
        *height = peak.height;
    }
    let (apart, heights) = (&mut apart[..peaks.len() - 1], &mut heights[..peaks.len()]);
    apart.sort_by(f64::total_cmp);
    heights.sort_by(f64::total_cmp);
    let [.., third, second, first] = *heights else { return None };
    let middle = heights[heights.len() / 2];
    let even = apart[apart.len() - 1] <= params.uneven * apart[0];
    let alike = second >= params.alike.0 * first && third >= params.alike.1 * first;
    if !(even && alike && middle >= params.sure) {
        return None;
    }
    let before = peaks.iter().position(|peak| peak.height >= params.lead * second)?;
    let steps = &peaks[before..];
    let height = steps.iter().map(|peak| peak.height).sum::<f64>() / steps.len() as f64;
    let start = Start { period: apart[(apart.len() - 1) / 2], height, share: steps[0].height / height };
    Some((before, start))
}

/// Whether enough peaks for a walk come slowly and with so much tipping that they are bends or rises in a row.
pub(super) fn bends(params: &GaitParams, peaks: &[Peak]) -> bool {
    let ([first, rest @ ..], true) = (peaks, peaks.len() >= params.fewest.min(WAITING)) else {
        return false;
    };
    let lasted = rest.last().map_or(0.0, |last| last.t.since(first.t).0);
    let tip = rest.iter().map(|peak| peak.tip).fold(0.0, f64::max);
    tip > params.tipped && lasted > params.unhurried.0 * rest.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Time;

    fn begins(heights: [f64; 5], apart: [f64; 4]) -> Option<usize> {
        let mut t = 1.0;
        let mut peaks = vec![Peak { t: Time::from_seconds(t), height: heights[0], tip: 0.0 }];
        for (height, apart) in heights[1..].iter().zip(apart) {
            t += apart;
            peaks.push(Peak { t: Time::from_seconds(t), height: *height, tip: 0.0 });
        }
        walk(&GaitParams::default(), &peaks).map(|(before, _)| before)
    }

    const EVEN: [f64; 4] = [0.55; 4];

    #[test]
    fn five_steps_alike_are_a_walk_also_with_a_slight_first_and_last() {
        assert_eq!(begins([0.2, 0.25, 0.22, 0.24, 0.2], EVEN), Some(0));
        assert_eq!(begins([0.05, 0.21, 0.17, 0.05, 0.02], EVEN), Some(0));
    }

    #[test]
    fn the_sway_before_the_first_step_is_no_step() {
        assert_eq!(begins([0.01, 0.012, 0.15, 0.2, 0.22], EVEN), Some(2));
    }

    #[test]
    fn one_or_two_thumps_among_slight_peaks_are_no_walk() {
        assert_eq!(begins([0.02, 0.4, 0.99, 0.1, 0.02], EVEN), None);
        assert_eq!(begins([0.05, 1.2, 1.1, 0.03, 0.04], EVEN), None);
        assert_eq!(begins([0.29, 0.08, 0.06, 0.065, 0.01], EVEN), None);
    }

    #[test]
    fn an_uneven_row_is_no_walk() {
        assert_eq!(begins([0.2, 0.25, 0.22, 0.24, 0.2], [0.5, 0.4, 1.1, 0.5]), None);
    }
}
