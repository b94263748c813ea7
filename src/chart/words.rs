//! The sentence above each figure: its answer in words, in the tone of domain.md §11.

use super::ChartError;
use super::data::{DayFigure, Totals, WeekFigure};
use super::text::{count, duration, number};
use jiff::civil::{Date, Weekday};

/// The day of the week in full.
pub fn weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// The month in full.
pub fn month(date: Date) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    // A month of a date is 1 to 12.
    NAMES[(date.month() as usize + 11) % 12]
}

/// A date with its weekday: `Thursday 7 May 2026`.
pub fn long_date(date: Date) -> String {
    format!("{} {} {} {}", weekday(date), date.day(), month(date), date.year())
}

/// The answer of a day figure.
pub fn day_sentence(day: &DayFigure) -> Result<String, ChartError> {
    let (start, end) = day.bounds()?;
    Ok(day_sentence_of(day.date, &day.totals(start, end), day.until.is_some()))
}

fn day_sentence_of(date: Date, totals: &Totals, not_over: bool) -> String {
    let name = weekday(date);
    let so_far = if not_over { " so far" } else { "" };
    if totals.worn.0 <= 0.0 && totals.steps == 0 {
        return format!("{name}{so_far}: nothing recorded.");
    }
    let deep = match totals.deep_bends {
        0 => "no deep bends".to_owned(),
        some => count(some, "deep bend", "deep bends"),
    };
    let rest = if totals.is_valid_day() || not_over { "" } else { ", so only part of the day is known" };
    format!(
        "{name}{so_far}: {} up and moving, {}, {deep}; worn {}{rest}.",
        duration(totals.on_the_move()),
        count(totals.steps, "step", "steps"),
        duration(totals.worn)
    )
}

/// The answer of a week figure.
pub fn week_sentence(week: &WeekFigure) -> String {
    let (Some(first), Some(last)) = (week.days.first(), week.days.last()) else {
        return "No days to show.".to_owned();
    };
    let span = span_words(first.date, last.date);
    let exercises = match (week.planned, week.kept) {
        (0, _) => String::new(),
        (planned, done) => format!(", {done} of {planned} planned exercises done"),
    };
    let Some(averages) = week.averages() else {
        return if week.days.iter().any(|day| day.totals.worn.0 > 0.0) {
            format!("{span}: no full day of 10 h wear yet, so no averages{exercises}.")
        } else {
            format!("{span}: nothing recorded{exercises}.")
        };
    };
    format!(
        "{span}: on an average day {} of walking and {} steps{exercises}; worn {} a day, over {}.",
        duration(averages.walking),
        number(averages.steps),
        duration(averages.worn),
        count(averages.days.into(), "day", "days"),
    )
}

/// Two dates as a span: `4 to 10 May`, `27 April to 3 May`.
pub fn span_words(first: Date, last: Date) -> String {
    match (first == last, first.month() == last.month() && first.year() == last.year()) {
        (true, _) => format!("{} {}", first.day(), month(first)),
        (_, true) => format!("{} to {} {}", first.day(), last.day(), month(last)),
        (_, false) => format!("{} {} to {} {}", first.day(), month(first), last.day(), month(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::data::DayColumn;
    use super::super::text::THIN_SPACE;
    use super::*;
    use crate::units::Seconds;
    use jiff::civil::date;

    fn plain(text: String) -> String {
        text.replace(THIN_SPACE, " ")
    }

    #[test]
    fn a_day_is_told_in_one_sentence() {
        let totals = Totals {
            worn: Seconds(48_000.0),
            walking: Seconds(5400.0),
            moving: Seconds(6000.0),
            steps: 4120,
            deep_bends: 6,
            ..Totals::default()
        };
        let thursday = date(2026, 5, 7);
        assert_eq!(
            plain(day_sentence_of(thursday, &totals, false)),
            "Thursday: 3 h 10 min up and moving, 4 120 steps, 6 deep bends; worn 13 h 20 min."
        );
        let short = Totals { worn: Seconds(3600.0), deep_bends: 0, ..totals };
        assert_eq!(
            plain(day_sentence_of(thursday, &short, false)),
            "Thursday: 3 h 10 min up and moving, 4 120 steps, no deep bends; worn 1 h, \
             so only part of the day is known."
        );
        assert_eq!(day_sentence_of(thursday, &Totals::default(), true), "Thursday so far: nothing recorded.");
    }

    #[test]
    fn a_week_says_on_how_many_days_its_averages_stand() {
        let day = |n, hours: f64| DayColumn {
            date: date(2026, 5, n),
            totals: Totals {
                worn: Seconds(hours * 3600.0),
                walking: Seconds(2400.0),
                steps: 5200,
                ..Totals::default()
            },
            ..DayColumn::default()
        };
        let week = WeekFigure { days: vec![day(4, 12.0), day(5, 12.0), day(6, 2.0)], planned: 6, kept: 3, today: None };
        assert_eq!(
            plain(week_sentence(&week)),
            "4 to 6 May: on an average day 40 min of walking and 5 200 steps, 3 of 6 planned exercises done; \
             worn 12 h a day, over 2 days."
        );
        assert_eq!(span_words(date(2026, 4, 27), date(2026, 5, 3)), "27 April to 3 May");
    }
}
