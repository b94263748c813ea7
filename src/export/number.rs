//! Numbers as text with a fixed number of decimals, the same on every machine.

use crate::units::Time;

const TENS: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/// Scaled values below this are exact in `f64` and fit an `i64`.
const LARGEST: f64 = 9e15;
/// Times are shown with at least this many decimals, and with more as far as they have them.
const TIME_PLACES: usize = 3;
/// Places of a nanosecond.
const NANO_PLACES: usize = 9;

/// Appends a value with `places` decimals (at most 9), halves rounded away from zero, zero without sign.
/// A value that is not finite leaves the cell empty.
pub fn push_fixed(out: &mut Vec<u8>, value: f64, places: usize) {
    let scaled = (value * TENS[places]).round();
    if !value.is_finite() {
    } else if scaled.abs() < LARGEST {
        push_scaled(out, scaled as i64, places, places);
    } else {
        out.extend_from_slice(format!("{value:.places$}").as_bytes());
    }
}

/// Appends a moment in seconds, exact to the nanosecond, without zeros at the end beyond milliseconds.
pub fn push_time(out: &mut Vec<u8>, t: Time) {
    push_scaled(out, t.0, NANO_PLACES, TIME_PLACES);
}

/// Appends `scaled / 10^places`, without zeros at the end beyond the first `least` decimals.
pub fn push_scaled(out: &mut Vec<u8>, scaled: i64, mut places: usize, least: usize) {
    let mut rest = scaled.unsigned_abs();
    while places > least && rest.is_multiple_of(10) {
        rest /= 10;
        places -= 1;
    }
    // 19 digits of an i64, a sign and a point fit.
    let mut text = [0_u8; 24];
    let mut at = text.len();
    let mut put = |byte: u8| {
        at -= 1;
        text[at] = byte;
    };
    for _ in 0..places {
        put(b'0' + (rest % 10) as u8);
        rest /= 10;
    }
    if places > 0 {
        put(b'.');
    }
    loop {
        put(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if scaled < 0 {
        put(b'-');
    }
    out.extend_from_slice(&text[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fixed(value: f64, places: usize) -> String {
        let mut out = Vec::new();
        push_fixed(&mut out, value, places);
        String::from_utf8(out).unwrap()
    }

    fn time(ns: i64) -> String {
        let mut out = Vec::new();
        push_time(&mut out, Time(ns));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn decimals_are_fixed_and_zero_has_no_sign() {
        assert_eq!(fixed(1.0, 3), "1.000");
        assert_eq!(fixed(-0.0004, 3), "0.000");
        assert_eq!(fixed(-12.3456, 2), "-12.35");
        assert_eq!(fixed(7.0, 0), "7");
        assert_eq!(fixed(0.05, 1), "0.1");
        assert_eq!(fixed(f64::NAN, 1), "");
        assert_eq!(fixed(1e18, 1), "1000000000000000000.0");
    }

    #[test]
    fn times_show_what_they_have() {
        assert_eq!(time(0), "0.000");
        assert_eq!(time(10_000_000), "0.010");
        assert_eq!(time(3_503_500_000), "3.5035");
        assert_eq!(time(-1), "-0.000000001");
        assert_eq!(time(86_400_000_000_000), "86400.000");
        assert_eq!(time(i64::MAX), "9223372036.854775807");
    }

    proptest! {
        #[test]
        fn the_text_is_the_value(ns in any::<i64>()) {
            let value = time(ns);
            let (whole, decimals) = value.split_once('.').unwrap();
            prop_assert!((3..=9).contains(&decimals.len()));
            let back = format!("{whole}{decimals:0<9}").parse::<i64>().unwrap();
            prop_assert_eq!(back, ns);
        }

        #[test]
        fn fixed_decimals_are_within_half_a_place(value in -1e6_f64..1e6, places in 0_usize..8) {
            let back: f64 = fixed(value, places).parse().unwrap();
            prop_assert!((back - value).abs() <= 0.5 / TENS[places] + 1e-9);
        }
    }
}
