//! Figures seen from outside: every kind of day is drawn, legible, and true to its numbers.
//!
//! `LUMBARD_KEEP_FIGURES=DIR` also writes the pictures there, to be looked at.

mod common;

use common::figures::{empty_day, rich_day, rich_week};
use jiff::civil::date;
use lumbard::chart::data::{DayFigure, WeekFigure};
use lumbard::chart::look::{Clock, Look, Size, Theme};
use lumbard::chart::{day, raster, week};
use lumbard::units::{Seconds, WallTime};

/// Writes the picture away if someone wants to look, and gives back the SVG.
fn keep(name: &str, svg: String) -> String {
    let png = raster::png(&svg).expect("the drawing is valid");
    assert!(png.len() > 1000, "{name} is empty");
    if let Some(folder) = std::env::var_os("LUMBARD_KEEP_FIGURES") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::write(folder.join(format!("{name}.svg")), &svg).expect("the folder can be written");
        std::fs::write(folder.join(format!("{name}.png")), &png).expect("the folder can be written");
    }
    svg
}

const DESK: Look = Look { theme: Theme::Light, size: Size::Desktop, clock: Clock::TwentyFour };
const DARK: Look = Look { theme: Theme::Dark, ..DESK };
const PHONE: Look = Look { size: Size::Phone, ..DESK };
const PHONE_DARK: Look = Look { theme: Theme::Dark, ..PHONE };

fn today() -> DayFigure {
    let mut figure = rich_day(date(2026, 5, 7), "Europe/Berlin");
    let (start, _) = figure.bounds().unwrap();
    let until = WallTime(start.0 + Seconds(14.6 * 3600.0).nanos());
    figure.postures.retain(|stretch| stretch.end <= until);
    figure.bins.retain(|bin| bin.end <= until);
    figure.bends.retain(|bend| bend.at < until);
    figure.signals.retain(|signal| signal.at < until);
    figure.notes.retain(|note| note.at < until);
    figure.check_ins.retain(|mark| mark.at < until);
    figure.exercises.retain(|mark| mark.planned || mark.time.is_some_and(|(start, _)| start < until));
    figure.until = Some(until);
    figure
}

#[test]
fn days_of_every_kind_are_drawn() {
    let thursday = rich_day(date(2026, 5, 7), "Europe/Berlin");
    keep("day", day::day(&thursday, DESK).unwrap());
    keep("day-dark", day::day(&thursday, DARK).unwrap());
    keep("day-phone", day::day(&thursday, PHONE).unwrap());
    keep("day-phone-dark", day::day(&thursday, PHONE_DARK).unwrap());
    keep("day-today", day::day(&today(), DESK).unwrap());
    keep("day-today-phone", day::day(&today(), Look { clock: Clock::Twelve, ..PHONE }).unwrap());
    keep("day-empty", day::day(&empty_day(date(2026, 5, 7), "Europe/Berlin"), DESK).unwrap());
    keep("day-23h", day::day(&rich_day(date(2026, 3, 29), "Europe/Berlin"), DESK).unwrap());
    keep(
        "day-25h",
        day::day(&rich_day(date(2026, 10, 25), "Europe/Berlin"), Look { clock: Clock::Twelve, ..DESK }).unwrap(),
    );
    let mut holes = rich_day(date(2026, 5, 7), "Europe/Berlin");
    holes.acute = false;
    let mut place = 0;
    holes.postures.retain(|_| {
        place += 1;
        place % 3 != 0
    });
    keep("day-holes", day::day(&holes, DESK).unwrap());
}

#[test]
fn weeks_of_every_kind_are_drawn() {
    let full = rich_week(date(2026, 5, 4));
    keep("week", week::week(&full, DESK).unwrap());
    keep("week-dark", week::week(&full, DARK).unwrap());
    keep("week-phone", week::week(&full, PHONE).unwrap());
    keep("week-phone-dark", week::week(&full, PHONE_DARK).unwrap());
    let mut plain = full.clone();
    for day in &mut plain.days {
        (day.pain_now, day.pain_worst, day.acute, day.planned, day.done, day.extra) = (None, None, false, 0, 0, 0);
    }
    keep("week-plain", week::week(&plain, DESK).unwrap());
    let empty: WeekFigure = WeekFigure {
        days: full
            .days
            .iter()
            .map(|day| lumbard::chart::data::DayColumn { date: day.date, ..Default::default() })
            .collect(),
        ..WeekFigure::default()
    };
    keep("week-empty", week::week(&empty, DESK).unwrap());
}
