//! The numbers of a figure as a plain text table, for a terminal and for screen readers.

use super::ChartError;
use super::data::{DayFigure, Totals, WeekFigure, timestamp};
use super::text::duration;
use super::words::{day_sentence, week_sentence};
use crate::care::Locale;
use crate::units::{Seconds, WallTime};
use std::fmt::{self, Write};

/// Minutes of a duration, to the nearest.
fn minutes(seconds: Seconds) -> u64 {
    (seconds.0 / 60.0).round().max(0.0) as u64
}

/// One row of a day: an hour by the local clock and what was in it.
#[derive(Clone, Debug, PartialEq)]
pub struct HourRow {
    /// The hour as the clock showed it at its start, such as `06:00`.
    pub hour: String,
    /// What was in it.
    pub totals: Totals,
    /// Largest trunk-equivalent angle of its bends, in whole degrees.
    pub deepest_deg: Option<i64>,
}

/// A day by hours: 23 to 25 rows.
pub fn hours(day: &DayFigure) -> Result<Vec<HourRow>, ChartError> {
    const HOUR_NS: i64 = 3_600_000_000_000;
    let (start, end) = day.bounds()?;
    let mut rows = Vec::with_capacity(25);
    let mut from = start;
    while from < end {
        let to = WallTime((from.0 + HOUR_NS).min(end.0));
        let local = timestamp(from).to_zoned(day.zone.clone());
        let deepest = day
            .bends
            .iter()
            .filter(|bend| (from..to).contains(&bend.at))
            .map(|bend| bend.peak.degrees().round() as i64)
            .max();
        rows.push(HourRow {
            hour: format!("{:02}:{:02}", local.hour(), local.minute()),
            totals: day.totals(from, to),
            deepest_deg: deepest,
        });
        from = to;
    }
    Ok(rows)
}

/// A day as text: its sentence, then a row for each hour of which something is known.
pub fn day(day: &DayFigure, locale: Locale) -> Result<String, ChartError> {
    let say = &locale.phrases().figure;
    let [names, units] = &say.table_day;
    let mut text = format!("{}\n\n{names}\n{units}\n", day_sentence(day, locale)?);
    for row in hours(day)?.iter().filter(|row| row.totals.worn.0 > 0.0 || row.totals.steps > 0) {
        let totals = &row.totals;
        let deepest = row.deepest_deg.map_or_else(String::new, |deg| deg.to_string());
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}  {:>5}  {:>7}  {:>6}  {:>5}  {:>5}  {:>5}  {:>5}  {:>8}  {:>7}",
            row.hour,
            minutes(totals.worn),
            minutes(totals.walking),
            minutes(totals.moving),
            minutes(totals.still),
            minutes(totals.lying),
            totals.steps,
            totals.bends,
            totals.deep_bends,
            deepest
        );
    }
    let sent = day.signals.iter().filter(|signal| signal.sent).count();
    let _ =
        writeln!(text, "\n{}", say.table_signals.fill(&[("sent", &sent), ("withheld", &(day.signals.len() - sent))]));
    for exercise in &day.exercises {
        let state = match (exercise.planned, exercise.done) {
            (true, true) => &say.planned_done,
            (true, false) => &say.planned,
            (false, true) => &say.done,
            (false, false) => continue,
        };
        let _ =
            writeln!(text, "{}", say.table_exercise.fill(&[("exercise", &exercise.name(locale)), ("state", state)]));
    }
    for hole in day.unknown()? {
        let clock = |at: WallTime| timestamp(at).to_zoned(day.zone.clone()).strftime("%H:%M").to_string();
        let length = super::data::lasting(hole.start, hole.end);
        if length.0 >= 60.0 {
            let (from, to) = (clock(hole.start), clock(hole.end));
            let why = hole.why.words(locale);
            let values: [(&str, &dyn fmt::Display); 4] =
                [("from", &from), ("to", &to), ("why", &why), ("lasting", &duration(length))];
            let _ = writeln!(text, "{}", say.table_hole.fill(&values));
        }
    }
    Ok(text)
}

/// A week as text: its sentence, then a row for each day.
pub fn week(week: &WeekFigure, locale: Locale) -> String {
    let say = &locale.phrases().figure;
    let [names, units] = &say.table_week;
    let mut text = format!("{}\n\n{names}\n{units}\n", week_sentence(week, locale));
    for day in &week.days {
        let totals = &day.totals;
        let pain = day.pain_now.map_or_else(String::new, |pain| pain.to_string());
        let left_out =
            if totals.worn.0 > 0.0 && !week.counts(day) { format!("  {}", say.not_averaged) } else { String::new() };
        let _ = writeln!(
            text,
            "{:<3} {}  {:>5}  {:>7}  {:>6}  {:>5}  {:>5}  {:>5}  {:>8}  {:>7}  {:>4}  {pain:>4}{left_out}",
            locale.weekday_short(day.date.weekday()),
            day.date,
            locale.decimal(totals.worn.0 / 3600.0, 1),
            minutes(totals.walking),
            minutes(totals.moving),
            minutes(totals.still),
            totals.steps,
            totals.bends,
            totals.deep_bends,
            day.planned,
            day.done,
        );
    }
    text
}
