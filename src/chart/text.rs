//! Words and numbers in figures: how wide they are, how lines break, and how numbers, times and durations are written.
//!
//! The one type family is DejaVu Sans, embedded; its digits all have one width, so columns line up.

use super::ChartError;
use super::look::Clock;
use crate::care::Locale;
use crate::units::Seconds;
use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};
use std::sync::OnceLock;

/// The name under which figures ask for their type.
pub const FAMILY: &str = "DejaVu Sans";
/// The narrow space that groups digits and joins a number to its unit; lines never break at it.
pub const THIN_SPACE: char = '\u{202f}';

/// Height of a line of DejaVu Sans (ascent + descent) for each unit of its size: `hhea` of the face.
/// plotters measures by this height, SVG by the size.
const LINE_PER_SIZE: f64 = 2384.0 / 2048.0;
/// Text is measured this many times larger, since plotters rounds widths to whole pixels.
const MEASURE_SCALE: f64 = 64.0;

/// Makes the embedded faces known to plotters. Costs nothing after the first time.
pub fn load_fonts() -> Result<(), ChartError> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    let faces = [(FontStyle::Normal, dejavu::sans::regular()), (FontStyle::Bold, dejavu::sans::bold())];
    let loaded = LOADED.get_or_init(|| faces.iter().all(|&(style, face)| register_font(FAMILY, style, face).is_ok()));
    if *loaded { Ok(()) } else { Err(ChartError::Font) }
}

/// The font of a size in px at 1x, for plotters' text elements (which count tenths, see `canvas`).
pub(super) fn font(px: f64, bold: bool) -> FontDesc<'static> {
    let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
    FontDesc::new(FontFamily::Name(FAMILY), px * super::canvas::PER_PX, style)
}

/// Width of a text in px at 1x; an estimate from its length if the font is not loaded.
pub fn width(text: &str, px: f64, bold: bool) -> f64 {
    /// Mean advance of a letter for each unit of size, DejaVu Sans.
    const MEAN_ADVANCE: f64 = 0.6;
    let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
    let font = FontDesc::new(FontFamily::Name(FAMILY), px * LINE_PER_SIZE * MEASURE_SCALE, style);
    match font.box_size(text) {
        Ok((width, _)) => f64::from(width) / MEASURE_SCALE,
        Err(_) => text.chars().count() as f64 * px * MEAN_ADVANCE,
    }
}

/// Breaks a text at spaces into lines no wider than `limit` px.
pub fn wrap(text: &str, px: f64, bold: bool, limit: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), px, bold) <= limit => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Cuts a text to `limit` px, with an ellipsis where something is left out.
pub fn fit(text: &str, px: f64, limit: f64) -> String {
    if width(text, px, false) <= limit {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while !kept.is_empty() {
        kept.pop();
        let cut = format!("{}…", kept.trim_end());
        if width(&cut, px, false) <= limit {
            return cut;
        }
    }
    String::new()
}

/// A whole number with its digits in groups of three: `4 120`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(THIN_SPACE);
        }
        grouped.push(digit);
    }
    grouped
}

/// A duration to the minute: `3 h 10 min`, `45 min`, `0 min`.
pub fn duration(seconds: Seconds) -> String {
    let minutes = (seconds.0 / 60.0).round().max(0.0) as u64;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}{THIN_SPACE}min"),
        (hours, 0) => format!("{hours}{THIN_SPACE}h"),
        (hours, minutes) => format!("{hours}{THIN_SPACE}h{THIN_SPACE}{minutes:02}{THIN_SPACE}min"),
    }
}

/// Hours with one decimal: `13.4 h`, or `13,4 h` in German.
pub fn hours(seconds: Seconds, locale: Locale) -> String {
    format!("{}{THIN_SPACE}h", locale.decimal(seconds.0 / 3600.0, 1))
}

/// An hour on an axis: `06`, or `6 am`.
pub fn hour(hour: i8, clock: Clock) -> String {
    match clock {
        Clock::TwentyFour => format!("{hour:02}"),
        Clock::Twelve => {
            let half = if hour < 12 { "am" } else { "pm" };
            let on_face = (hour + 11) % 12 + 1;
            format!("{on_face}{THIN_SPACE}{half}")
        }
    }
}

/// A time of day: `14:05`, or `2:05 pm`.
pub fn time_of_day(hour: i8, minute: i8, clock: Clock) -> String {
    match clock {
        Clock::TwentyFour => format!("{hour:02}:{minute:02}"),
        Clock::Twelve => {
            let half = if hour < 12 { "am" } else { "pm" };
            let on_face = (hour + 11) % 12 + 1;
            format!("{on_face}:{minute:02}{THIN_SPACE}{half}")
        }
    }
}

/// Text made safe to stand inside XML, as content or attribute. Control characters XML forbids are left out.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(' '),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {}
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_durations_are_written_as_people_read_them() {
        let plain = |text: String| text.replace(THIN_SPACE, " ");
        assert_eq!([0, 999, 4120, 1_234_567].map(|n| plain(number(n))), ["0", "999", "4 120", "1 234 567"]);
        assert_eq!(
            [0.0, 2700.0, 3600.0, 11_400.0, 3599.0].map(|s| plain(duration(Seconds(s)))),
            ["0 min", "45 min", "1 h", "3 h 10 min", "1 h"]
        );
        assert_eq!([0, 6, 12, 23].map(|h| plain(hour(h, Clock::Twelve))), ["12 am", "6 am", "12 pm", "11 pm"]);
        assert_eq!(plain(time_of_day(14, 5, Clock::Twelve)), "2:05 pm");
    }

    #[test]
    fn width_follows_the_font_and_digits_are_all_as_wide() {
        load_fonts().unwrap();
        let digit = width("0", 100.0, false);
        assert!((60.0..68.0).contains(&digit), "a digit of DejaVu Sans is 0.636 of its size, here {digit}");
        assert!((width("1", 100.0, false) - digit).abs() < 0.1);
        assert!(width("Thursday", 15.0, true) > width("Thursday", 15.0, false));
    }

    #[test]
    fn lines_break_at_spaces_and_long_texts_end_in_an_ellipsis() {
        load_fonts().unwrap();
        let lines = wrap("one two three four five six", 12.0, false, 80.0);
        assert!(lines.len() > 1 && lines.iter().all(|line| width(line, 12.0, false) <= 80.0), "{lines:?}");
        assert_eq!(lines.join(" "), "one two three four five six");
        assert!(fit("a very long note about nothing", 10.5, 60.0).ends_with('…'));
        assert_eq!(fit("short", 10.5, 60.0), "short");
    }

    #[test]
    fn markup_in_a_note_stays_text() {
        assert_eq!(escape("<b a=\"1\">&\u{0}</b>"), "&lt;b a=&quot;1&quot;&gt;&amp;&lt;/b&gt;");
    }
}
