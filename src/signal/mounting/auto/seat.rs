//! Tells a seat from a bend without knowing which way is forward: by how the pelvis falls and is pushed up.
//!
//! In:  the norm of specific force around an excursion from one posture to another and back. Out: how much
//! the excursion speaks for having leaned forward, from 1 (bent) to −1 (sat, and so rolled backward).
//! Sitting down begins with a dip of the norm and ends with a peak; rising begins with a peak and ends with
//! a dip: so dips lie outside the excursion and peaks at its borders. A bend does neither.
//! Source: measured on mhad_hip, where the sum of both dips and peaks is 0.5 to 1.6 on seats and 0.1 to 0.35 in
//! bends (one loose sensor of twelve: 0.55). Fails: on squats with a lean, which fall and are pushed up too.

use super::grid::CELL_S;

/// Peaks are looked for this far around a border, and dips this far outside it.
const PEAK_WITHIN_S: f64 = 0.4;
const DIP_WITHIN_S: f64 = 1.0;
/// Sum of dips and peaks (share of the usual norm) up to which it is a bend, and from which on a seat.
const BEND: f64 = 0.4;
const SEAT: f64 = 0.6;
/// One stays on a seat: each second beyond this speaks for it as much as `PER_SECOND`.
const STAYED_S: f64 = 0.9;
const PER_SECOND: f64 = 0.4;

/// Dip and peak of the norm, as a share of it, that are falling and being caught. Chosen by us.
const FELL: f64 = 0.2;

/// How much an excursion between the cells `from` and `to` speaks for leaning forward.
pub(super) fn forward_share(norms: &[f64], from: usize, to: usize) -> f64 {
    let usual = norms.iter().sum::<f64>() / norms.len() as f64;
    let cells = |seconds: f64| (seconds / CELL_S).round() as usize;
    let part = |a: usize, b: usize| &norms[a.min(norms.len())..b.clamp(a, norms.len())];
    let most = |part: &[f64]| part.iter().copied().fold(f64::MIN, f64::max);
    let least = |part: &[f64]| part.iter().copied().fold(f64::MAX, f64::min);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let (peak, dip, edge, middle) = (cells(PEAK_WITHIN_S), cells(DIP_WITHIN_S), (to - from) / 4, (from + to) / 2);
    let (before, inside, after) =
        (part(0, from.saturating_sub(peak)), part(from + edge, to - edge), part(to + peak, norms.len()));
    if before.is_empty() || inside.is_empty() || after.is_empty() || to < from + 8 || usual <= 0.0 {
        return 1.0;
    }
    let (level, outside) = (mean(inside), 0.5 * (mean(before) + mean(after)));
    let peaks = most(part(from.saturating_sub(peak), from + peak)) + most(part(to.saturating_sub(peak), to + peak));
    let dips = least(part(from.saturating_sub(dip), from.saturating_sub(2))) + least(part(to + 2, to + dip));
    let dips_inside = least(part(from + 2, middle)) + least(part(middle, to - 2));
    let fell = (2.0 * outside - dips) - (2.0 * level - dips_inside);
    if fell <= 0.0 {
        return 1.0;
    }
    let stayed = PER_SECOND * ((to - from) as f64 * CELL_S - STAYED_S);
    let seat = ((peaks - 2.0 * level + fell) / usual + stayed - BEND) / (SEAT - BEND);
    1.0 - 2.0 * seat.clamp(0.0, 1.0)
}

/// Whether the body fell and was caught in the cells in which a posture was left: sitting down, which is left
/// with a lean too short to be seen, or a step.
pub(super) fn fell(norms: &[f64]) -> bool {
    let usual = norms.iter().sum::<f64>() / norms.len().max(1) as f64;
    let lowest = (0..norms.len()).min_by(|&a, &b| norms[a].total_cmp(&norms[b])).unwrap_or(0);
    let caught = norms[lowest..].iter().copied().fold(f64::MIN, f64::max);
    let pushed = norms[..=lowest].iter().copied().fold(f64::MIN, f64::max);
    usual - norms[lowest] > FELL * usual && caught - usual > FELL * usual && caught > pushed
}
