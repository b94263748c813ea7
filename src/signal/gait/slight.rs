//! Tells which slight peaks between two firm steps are steps: those that leave the most even walk.
//!
//! In:  the times of the two firm steps and of the slight peaks between them, as multiples of the
//! walk's own step time. Out: which of them are steps.
//! Source: ours. Feet that turn or shuffle shake the back in more places than they are set down, but
//! keep a rhythm, somewhat slower than the walk's.

use super::SLIGHT;

/// Points in time: the firm steps before and after, and what lies between.
const POINTS: usize = SLIGHT + 2;

/// For each slight peak at `between` whether it is a step, with firm steps at 0 and at `end`, all in
/// multiples of the walk's step time; a slight step is expected to take `slowed` times that.
pub(super) fn even(between: &[f64], end: f64, slowed: f64) -> [bool; SLIGHT] {
    let n = between.len().min(SLIGHT);
    let mut at = [0.0; POINTS];
    at[1..=n].copy_from_slice(&between[..n]);
    at[n + 1] = end;
    // The least unevenness of any way from the first point to each, and the point it comes from.
    let mut least = [0.0; POINTS];
    let mut from = [0; POINTS];
    for to in 1..=n + 1 {
        least[to] = f64::INFINITY;
        for before in 0..to {
            let uneven = at[to] - at[before] - slowed;
            let sum = least[before] + uneven * uneven;
            if sum < least[to] {
                (least[to], from[to]) = (sum, before);
            }
        }
    }
    let mut steps = [false; SLIGHT];
    let mut point = from[n + 1];
    while point > 0 {
        steps[point - 1] = true;
        point = from[point];
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(between: &[f64], end: f64) -> Vec<usize> {
        let steps = even(between, end, 1.25);
        (0..between.len()).filter(|i| steps[*i]).collect()
    }

    #[test]
    fn slight_steps_in_the_rhythm_of_the_walk_are_all_steps() {
        assert_eq!(chosen(&[1.0, 2.1, 3.1], 4.1), [0, 1, 2]);
        assert_eq!(chosen(&[1.3], 2.5), [0]);
    }

    #[test]
    fn twice_as_many_peaks_as_there_is_time_for_steps_are_thinned_out() {
        assert_eq!(chosen(&[0.6, 1.2, 1.8], 2.4), [1]);
        assert!(chosen(&[0.5], 1.3).is_empty());
    }

    #[test]
    fn nothing_between_means_no_step_between() {
        assert!(chosen(&[], 2.0).is_empty());
    }
}
