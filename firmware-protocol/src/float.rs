//! Sensors that send floats: a frame holds the bits, and what cannot be a measurement is noticed.

/// The bits of three floats, as a frame holds them.
pub(crate) fn bits(vector: [f32; 3]) -> [i32; 3] {
    vector.map(|number| number.to_bits().cast_signed())
}

/// One of them is infinite or no number at all.
pub(crate) fn any_not_finite(numbers: impl IntoIterator<Item = f32>) -> bool {
    numbers.into_iter().any(|number| !number.is_finite())
}

/// One of them is at the end of what the sensor can measure, or beyond.
pub(crate) fn at_end(vector: [f32; 3], widest: f32) -> bool {
    vector.iter().any(|number| number.abs() >= widest)
}

/// As `f64`, for people.
pub(crate) fn doubles<const N: usize>(numbers: [f32; N]) -> [f64; N] {
    numbers.map(f64::from)
}
