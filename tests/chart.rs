//! Figures seen from outside: every kind of day is drawn, legible, and true to its numbers.
//!
//! `LUMBARD_KEEP_FIGURES=DIR` also writes the pictures there, to be looked at.

mod common;

use common::figures::{Dice, empty_day, rich_day};
use common::stored::{SAMPLE_S, record};
use jiff::civil::{Date, date};
use lumbard::care::Locale;
use lumbard::chart::data::{DayColumn, DayFigure, Totals, WeekFigure, lasting};
use lumbard::chart::look::{Clock, Look, Size, Theme};
use lumbard::chart::text::width;
use lumbard::chart::{day, load, raster, wearing, week};
use lumbard::store::Reader;
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

/// A week with everything: a short day, a day without the sensor, acute days, today, pain and plan.
fn rich_week(first: Date) -> WeekFigure {
    let mut dice = Dice::new(21);
    let worn_h = [13.3, 14.1, 6.2, 0.0, 12.8, 13.9, 8.4];
    let days: Vec<DayColumn> = (0i32..7)
        .map(|n| {
            let date = first.checked_add(jiff::Span::new().days(n)).expect("a day of the calendar");
            let worn = worn_h[n as usize];
            let share = worn / 14.0;
            let minutes = |minutes: f64| Seconds(minutes * 60.0);
            let walking = share * (25.0 + 50.0 * dice.next());
            let moving = share * (40.0 + 60.0 * dice.next());
            DayColumn {
                date,
                totals: Totals {
                    worn: Seconds(worn * 3600.0),
                    walking: minutes(walking),
                    moving: minutes(moving),
                    still: minutes(share * 480.0),
                    lying: minutes(share * 60.0),
                    steps: (walking * 104.0) as u64,
                    bends: (share * 60.0) as u64,
                    deep_bends: (share * 7.0) as u64,
                },
                planned: [3, 3, 2, 3, 3, 3, 3][n as usize],
                done: [2, 3, 0, 0, 3, 2, 1][n as usize],
                extra: u32::from(n == 4),
                acute: n < 3,
                pain_now: [Some(6), Some(5), Some(5), None, Some(3), Some(2), Some(2)][n as usize],
                pain_worst: [Some(8), Some(7), Some(5), None, Some(4), Some(4), Some(2)][n as usize],
            }
        })
        .collect();
    let today = days.last().map(|day| day.date);
    WeekFigure { days, planned: 20, kept: 11, today }
}

const DESK: Look = Look { theme: Theme::Light, size: Size::Desktop, clock: Clock::TwentyFour, locale: Locale::En };
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
        days: full.days.iter().map(|day| DayColumn { date: day.date, ..Default::default() }).collect(),
        ..WeekFigure::default()
    };
    keep("week-empty", week::week(&empty, DESK).unwrap());
}

#[test]
fn a_day_comes_back_from_the_store_as_it_was_recorded() {
    let made = rich_day(date(2026, 5, 7), "Europe/Berlin");
    let folder = tempfile::tempdir().unwrap();
    record(folder.path(), &made);
    let reader = Reader::open(folder.path()).unwrap();
    let zone = load::zone(&reader).unwrap();
    assert_eq!(load::newest_date(&reader, &zone).unwrap(), Some(made.date));
    let long_after = WallTime(made.bounds().unwrap().1.0 + Seconds(1e6).nanos());
    let loaded = load::day(&reader, made.date, &zone, long_after).unwrap();

    let (start, end) = made.bounds().unwrap();
    let (is, was) = (loaded.totals(start, end), made.totals(start, end));
    assert_eq!(
        (is.steps, is.bends, is.deep_bends, is.walking.0.round()),
        (was.steps, was.bends, was.deep_bends, was.walking.0.round())
    );
    assert!((is.worn.0 - was.worn.0).abs() <= SAMPLE_S, "what lies after the last sample is not in the recording");
    let holes = |figure: &DayFigure| {
        let long = |hole: &&lumbard::chart::data::Absence| lasting(hole.start, hole.end).0 > 60.0;
        figure.unknown().unwrap().iter().filter(long).count()
    };
    assert_eq!(holes(&loaded), holes(&made));
    assert_eq!((&loaded.signals, &loaded.notes, loaded.acute), (&made.signals, &made.notes, true));
    assert_eq!(loaded.check_ins, made.check_ins);
    let state: Vec<_> = loaded.exercises.iter().map(|mark| (mark.planned, mark.done, mark.time.is_some())).collect();
    assert_eq!(state, [(true, true, true), (true, false, false), (true, false, false)]);
    let bands = loaded.bins.iter().zip(&made.bins).filter_map(|(is, was)| is.band.zip(was.band));
    for (is, was) in bands {
        assert!((is.median - was.median).degrees().abs() < 0.01, "{is:?} for {was:?}");
    }
    keep("day-stored", day::day(&loaded, DESK).unwrap());

    let week = load::days(&reader, date(2026, 5, 4)..date(2026, 5, 11), &zone, long_after).unwrap();
    assert_eq!(week.days.len(), 7);
    let thursday = week.days[3];
    assert_eq!((thursday.totals.steps, thursday.planned, thursday.done, thursday.extra), (was.steps, 3, 1, 0));
    assert_eq!((thursday.pain_now, thursday.pain_worst, thursday.acute), (Some(2), Some(3), true));
    assert_eq!(week.averages().unwrap().days, 1);
    keep("week-stored", week::week(&week, DESK).unwrap());
}

#[test]
fn a_recording_stored_twice_is_counted_once() {
    let made = rich_day(date(2026, 5, 7), "Europe/Berlin");
    let folder = tempfile::tempdir().unwrap();
    record(folder.path(), &made);
    let mut again = made.clone();
    (again.signals, again.acute) = (Vec::new(), false);
    record(folder.path(), &again);
    let reader = Reader::open(folder.path()).unwrap();
    let (start, end) = made.bounds().unwrap();
    let loaded = load::day(&reader, made.date, &made.zone, end).unwrap().totals(start, end);
    let was = made.totals(start, end);
    assert_eq!((loaded.steps, loaded.bends), (was.steps, was.bends));
    assert!((loaded.worn.0 - was.worn.0).abs() <= SAMPLE_S);
}

/// Prints what a figure costs; the budget of 4 ms is held by `benches`, where the machine is known.
#[test]
fn a_figure_is_drawn_the_same_each_time_and_quickly() {
    let thursday = rich_day(date(2026, 5, 7), "Europe/Berlin");
    let svg = day::day(&thursday, DESK).unwrap();
    let png = raster::png(&svg).unwrap();
    const ROUNDS: u32 = 20;
    let (mut drawing, mut raster) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    for _ in 0..ROUNDS {
        let begun = std::time::Instant::now();
        let again = day::day(&thursday, DESK).unwrap();
        drawing += begun.elapsed();
        let begun = std::time::Instant::now();
        let picture = raster::png(&again).unwrap();
        raster += begun.elapsed();
        assert!(again == svg && picture == png, "the same day gives the same bytes");
    }
    eprintln!("a day: {:?} to SVG, {:?} to PNG of {} bytes", drawing / ROUNDS, raster / ROUNDS, png.len());
}

/// Where the words of a drawing begin and end that would not fit into it.
fn words_outside(svg: &str) -> Vec<String> {
    let value = |tag: &str, name: &str| {
        let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
        rest.split('"').next().map(str::to_owned)
    };
    let number = |tag: &str, name: &str| value(tag, name).and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
    let view = value(svg, "viewBox").expect("a drawing says what it shows");
    let edges: Vec<f64> = view.split(' ').map(|part| part.parse().expect("a number")).collect();
    let texts = svg.split("<text ").skip(1).map(|part| part.split_once('>').expect("a tag ends"));
    texts
        .filter_map(|(tag, rest)| {
            let (tag, words) = (format!(" {tag}"), rest.split('<').next().unwrap_or_default());
            let wide = width(words, number(&tag, "font-size"), tag.contains("bold"));
            let from = number(&tag, "x")
                - wide
                    * match value(&tag, "text-anchor").as_deref() {
                        Some("end") => 1.0,
                        Some("middle") => 0.5,
                        _ => 0.0,
                    };
            // What lies beyond an edge as a whole is left out on purpose: the phone shows one person of two.
            let crosses = |edge: f64| from < edge && edge < from + wide;
            let inside = !crosses(edges[0]) && !crosses(edges[0] + edges[2]);
            (!inside).then(|| format!("{words:?} from {from:.0} to {:.0} in {view}", from + wide))
        })
        .collect()
}

#[test]
fn every_word_of_a_figure_stays_inside_it_in_every_language() {
    let mut outside = Vec::new();
    for locale in Locale::ALL {
        let mut look_at = |svg: String| {
            outside.extend(words_outside(&svg).into_iter().map(|words| format!("{}: {words}", locale.tag())));
        };
        for (look, clock) in [(DESK, Clock::TwentyFour), (PHONE, Clock::TwentyFour), (PHONE, Clock::Twelve)] {
            let look = Look { clock, locale, ..look };
            look_at(day::day(&today(), look).unwrap());
            look_at(day::day(&rich_day(date(2026, 5, 7), "Europe/Berlin"), look).unwrap());
            look_at(week::week(&rich_week(date(2026, 5, 4)), look).unwrap());
        }
        wearing::for_page(locale).into_iter().for_each(&mut look_at);
        look_at(wearing::picture(Theme::Light, locale));
    }
    assert!(outside.is_empty(), "{}", outside.join("\n"));
    let cut =
        "<svg viewBox=\"0 0 20 9\"><text x=\"12\" y=\"5\" font-size=\"10\" text-anchor=\"end\">too long</text></svg>";
    assert_eq!(words_outside(cut).len(), 1, "what does not fit is found");
}
