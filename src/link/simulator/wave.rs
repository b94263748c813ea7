//! Sine and cosine by the four operations alone: the same bits on every machine, and quick.
//!
//! In:  an angle in turns or radians. Out: sine and cosine, within 1e-13 for angles below a million turns.
//! The mathematics library of a system may round the last bit its own way; a simulated recording must not
//! depend on that.

use std::f64::consts::TAU;

/// Adding and taking away this rounds a number below 2⁵¹ to the nearest whole one.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// Taylor coefficients of sine beyond y, for y², y⁴ …; the next term is below 2e-14 within π/4.
const SIN: [f64; 6] =
    [-1.0 / 6.0, 1.0 / 120.0, -1.0 / 5_040.0, 1.0 / 362_880.0, -1.0 / 39_916_800.0, 1.0 / 6_227_020_800.0];
/// Taylor coefficients of cosine beyond 1.
const COS: [f64; 7] = [
    -1.0 / 2.0,
    1.0 / 24.0,
    -1.0 / 720.0,
    1.0 / 40_320.0,
    -1.0 / 3_628_800.0,
    1.0 / 479_001_600.0,
    -1.0 / 87_178_291_200.0,
];

#[inline]
fn horner<const N: usize>(z: f64, coefficients: &[f64; N]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * z + c)
}

/// The nearest whole number; halves go to the even one. For numbers below 2⁵¹.
#[inline]
pub(super) fn nearest(x: f64) -> f64 {
    (x + ROUNDER) - ROUNDER
}

/// Sine and cosine of an angle in turns.
#[inline]
pub(super) fn turns(x: f64) -> (f64, f64) {
    let quarters = nearest(4.0 * x);
    // Within an eighth of a turn, so within π/4.
    let y = (x - 0.25 * quarters) * TAU;
    let z = y * y;
    let sin = y * (1.0 + z * horner(z, &SIN));
    let cos = 1.0 + z * horner(z, &COS);
    match (quarters as i64) & 3 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

/// Sine and cosine of an angle in radians.
#[inline]
pub(super) fn radians(x: f64) -> (f64, f64) {
    turns(x * (1.0 / TAU))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_and_cosine_are_those_of_the_library() {
        for i in -20_000..20_000 {
            let x = f64::from(i) * 0.000_371;
            let (sin, cos) = radians(x);
            assert!((sin - x.sin()).abs() < 1e-13 && (cos - x.cos()).abs() < 1e-13, "{x}");
        }
        let (sin, cos) = turns(86_400.25);
        assert!((sin - 1.0).abs() < 1e-10 && cos.abs() < 1e-10);
    }

    #[test]
    fn nearest_is_the_nearest_whole_number() {
        for (x, whole) in [(0.4, 0.0), (-0.6, -1.0), (32_767.4, 32_767.0), (-3.5, -4.0), (2.5, 2.0)] {
            assert_eq!(nearest(x), whole);
        }
    }
}
