//! The sentence above each figure: its answer in words, in the tone of domain.md §11.

use super::ChartError;
use super::data::{DayFigure, Totals, WeekFigure};
use super::text::{duration, number};
use crate::care::Locale;
use crate::care::phrases::Phrase;
use jiff::civil::Date;

/// A date with its weekday: `Thursday 7 May 2026`.
pub fn long_date(date: Date, locale: Locale) -> String {
    locale.phrases().calendar.long_date.fill(&[
        ("weekday", &locale.weekday(date.weekday())),
        ("day", &date.day()),
        ("month", &locale.month(date)),
        ("year", &date.year()),
    ])
}

/// So many of something: a number and its word.
fn counted(value: u64, one: &Phrase, many: &Phrase) -> String {
    let phrase = if value == 1 { one } else { many };
    phrase.fill(&[("count", &number(value))])
}

/// The answer of a day figure.
pub fn day_sentence(day: &DayFigure, locale: Locale) -> Result<String, ChartError> {
    let (start, end) = day.bounds()?;
    Ok(day_sentence_of(day.date, &day.totals(start, end), day.until.is_some(), locale))
}

fn day_sentence_of(date: Date, totals: &Totals, not_over: bool, locale: Locale) -> String {
    let say = &locale.phrases().figure;
    let name = locale.weekday(date.weekday());
    let name = if not_over { say.so_far.fill(&[("day", &name)]) } else { name.to_owned() };
    if totals.worn.0 <= 0.0 && totals.steps == 0 {
        return say.nothing.fill(&[("day", &name)]);
    }
    let bends = match totals.deep_bends {
        0 => say.no_deep_bends.to_string(),
        some => counted(some, &say.deep_bend, &say.deep_bends),
    };
    let sentence = if totals.is_valid_day() || not_over { &say.day } else { &say.part_day };
    sentence.fill(&[
        ("day", &name),
        ("moving", &duration(totals.on_the_move())),
        ("steps", &counted(totals.steps, &say.step, &say.steps)),
        ("bends", &bends),
        ("worn", &duration(totals.worn)),
    ])
}

/// The answer of a week figure.
pub fn week_sentence(week: &WeekFigure, locale: Locale) -> String {
    let say = &locale.phrases().figure;
    let (Some(first), Some(last)) = (week.days.first(), week.days.last()) else {
        return say.no_days.to_string();
    };
    let span = span_words(first.date, last.date, locale);
    let exercises = match (week.planned, week.kept) {
        (0, _) => String::new(),
        (planned, done) => say.exercises_done.fill(&[("done", &done), ("planned", &planned)]),
    };
    let Some(averages) = week.averages() else {
        let worn = week.days.iter().any(|day| day.totals.worn.0 > 0.0);
        let phrase = if worn { &say.week_no_full_day } else { &say.week_nothing };
        return phrase.fill(&[("span", &span), ("exercises", &exercises)]);
    };
    say.week.fill(&[
        ("span", &span),
        ("walking", &duration(averages.walking)),
        ("steps", &say.first_steps.fill(&[("count", &number(averages.steps))])),
        ("exercises", &exercises),
        ("worn", &duration(averages.worn)),
        ("days", &counted(averages.days.into(), &say.one_day, &say.days)),
    ])
}

/// Two dates as a span: `4 to 10 May`, `27 April to 3 May`.
pub fn span_words(first: Date, last: Date, locale: Locale) -> String {
    let say = &locale.phrases().calendar;
    let day_month = |date: Date| say.day_month.fill(&[("day", &date.day()), ("month", &locale.month(date))]);
    match (first == last, first.month() == last.month() && first.year() == last.year()) {
        (true, _) => day_month(first),
        (_, true) => {
            say.span_in_month.fill(&[("from", &first.day()), ("to", &last.day()), ("month", &locale.month(last))])
        }
        (_, false) => say.span.fill(&[("from", &day_month(first)), ("to", &day_month(last))]),
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
            plain(day_sentence_of(thursday, &totals, false, Locale::En)),
            "Thursday: 3 h 10 min up and moving, 4 120 steps, 6 deep bends. Worn 13 h 20 min."
        );
        let short = Totals { worn: Seconds(3600.0), deep_bends: 0, ..totals };
        assert_eq!(
            plain(day_sentence_of(thursday, &short, false, Locale::En)),
            "Thursday: 3 h 10 min up and moving, 4 120 steps, no deep bends. Worn 1 h, \
             so only part of the day is known."
        );
        let nothing = day_sentence_of(thursday, &Totals::default(), true, Locale::En);
        assert_eq!(nothing, "Thursday so far: nothing recorded.");
        let german = plain(day_sentence_of(thursday, &totals, false, Locale::De));
        assert!(german.starts_with("Donnerstag: 3 h 10 min auf den Beinen, 4 120 Schritte"), "{german}");
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
            plain(week_sentence(&week, Locale::En)),
            "4 to 6 May: on an average day 40 min of walking and 5 200 steps. 3 of 6 planned exercises done. \
             Worn 12 h a day, over 2 days."
        );
        assert_eq!(span_words(date(2026, 4, 27), date(2026, 5, 3), Locale::En), "27 April to 3 May");
        assert_eq!(span_words(date(2026, 5, 4), date(2026, 5, 10), Locale::De), "4. bis 10. Mai");
    }
}
