//! Reads decimal text as scaled integers where that is exact, else as floats, as `str::parse` would.

use crate::raw::RawSample;

/// A cell of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// Value times 10⁹, exact, and small enough that dividing it by 10⁹ gives the float of the text.
    Nanos(i64),
    /// The float that `str::parse` gives.
    Float(f64),
    /// Empty, NaN or infinite: the source gave no value.
    Empty,
    /// No number.
    Wrong,
}

/// Integers up to here are exact in `f64`.
const EXACT: u64 = 1 << 53;

const TENS: [u64; 10] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/// Reads one cell, spaces around it left out.
#[inline]
pub(super) fn cell(text: &[u8]) -> Cell {
    match scaled(text) {
        Some(nanos) if nanos.unsigned_abs() <= EXACT => Cell::Nanos(nanos),
        _ => float(text),
    }
}

/// A plain decimal of at most nine places, times 10⁹; `None` where the text is anything else or the
/// number too large.
#[inline]
pub(super) fn scaled(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: u64 = 0;
    let mut point = None;
    for (i, &byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
        } else if byte == b'.' && point.is_none() {
            point = Some(i);
        } else {
            return None;
        }
    }
    let places = point.map_or(0, |point| digits.len() - 1 - point);
    if places > 9 || (point.is_some() && digits.len() == 1) {
        return None;
    }
    let value = i64::try_from(value.checked_mul(TENS[9 - places])?).ok()?;
    Some(if negative { -value } else { value })
}

fn float(text: &[u8]) -> Cell {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Cell::Empty;
    }
    if let Some(nanos) = scaled(text).filter(|nanos| nanos.unsigned_abs() <= EXACT) {
        return Cell::Nanos(nanos);
    }
    match std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok()) {
        Some(value) if value.is_finite() => Cell::Float(value),
        Some(_) => Cell::Empty,
        None => Cell::Wrong,
    }
}

/// The stored integer of a float.
pub(super) fn float_bits(value: f64) -> i64 {
    if value.is_finite() { value.to_bits() as i64 } else { RawSample::EMPTY }
}

/// Seconds as text in whole nanoseconds; more than nine places are rounded.
pub(super) fn seconds(text: &[u8]) -> Result<i64, Cell> {
    if let Some(nanos) = scaled(text) {
        return Ok(nanos);
    }
    match float(text) {
        Cell::Nanos(nanos) => Ok(nanos),
        // Beyond ±9.2e18 ns the cast would stick to the end of the range.
        Cell::Float(value) if value.abs() < 9.2e9 => Ok((value * 1e9).round() as i64),
        other => Err(other),
    }
}

/// Whole nanoseconds as text.
pub(super) fn nanoseconds(text: &[u8]) -> Result<i64, Cell> {
    let text = text.trim_ascii();
    if let Some(whole) = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok()) {
        return Ok(whole);
    }
    match float(text) {
        Cell::Nanos(nanos) => Ok(nanos / 1_000_000_000),
        Cell::Float(value) if value.abs() < 9.2e18 => Ok(value.round() as i64),
        other => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(cell: Cell) -> Option<f64> {
        match cell {
            Cell::Nanos(nanos) => Some(crate::raw::Encoding::Nanos.value(nanos, 0)),
            Cell::Float(value) => Some(value),
            Cell::Empty | Cell::Wrong => None,
        }
    }

    fn same(text: &str) {
        let ours = value(cell(text.as_bytes()));
        let theirs = text.parse::<f64>().ok().filter(|value| value.is_finite());
        // Negative zero is read as zero.
        assert_eq!(ours.map(|v| (v + 0.0).to_bits()), theirs.map(|v| (v + 0.0).to_bits()), "{text}");
    }

    #[test]
    fn text_that_is_hard_to_read_is_read_as_the_standard_library_does() {
        for text in [
            "0",
            "-0",
            "+1.5",
            ".5",
            "5.",
            ".",
            "-",
            "+",
            "1e3",
            "1E-7",
            "9.51",
            "-0.003527",
            "1.0000000001",
            "--1",
            "9007199.254740993",
            "9007199.254740992",
            "123456789012345678901",
            "1_000",
            "0x10",
            "1,5",
            "18446744073709551616",
        ] {
            same(text);
        }
    }

    #[test]
    fn cells_without_a_value_are_told_from_cells_that_are_no_number() {
        for text in ["", "  ", "nan", "NaN", "inf", "-inf", "Infinity"] {
            assert_eq!(cell(text.as_bytes()), Cell::Empty, "{text:?}");
        }
        for text in ["n/a", "x", "1;2", "1.2.3", "\u{ff11}"] {
            assert_eq!(cell(text.as_bytes()), Cell::Wrong, "{text:?}");
        }
    }

    #[test]
    fn times_keep_their_nanoseconds() {
        assert_eq!(seconds(b"1732147200.123456789"), Ok(1_732_147_200_123_456_789));
        assert_eq!(seconds(b"0.30000000000000004"), Ok(300_000_000));
        assert_eq!(nanoseconds(b"1732147200123456789"), Ok(1_732_147_200_123_456_789));
        assert_eq!(nanoseconds(b"1.5e9"), Ok(1_500_000_000));
        assert!(seconds(b"1e300").is_err() && seconds(b"").is_err());
    }

    proptest! {
        #[test]
        fn any_number_reads_as_the_standard_library_reads_it(number in any::<f64>(), places in 0_usize..14) {
            same(&format!("{number}"));
            same(&format!("{number:e}"));
            same(&format!("{:.places$}", number % 1e7));
        }

        #[test]
        fn any_decimal_text_reads_as_the_standard_library_reads_it(text in "[-+]?[0-9]{0,12}\\.?[0-9]{0,12}(e[-+]?[0-9]{1,2})?") {
            same(&text);
        }

        #[test]
        fn no_bytes_make_it_panic(text in any::<Vec<u8>>()) {
            let _ = (cell(&text), seconds(&text), nanoseconds(&text));
        }
    }
}
