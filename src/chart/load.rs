//! Gathers a day or some days from the store: a reader and local dates come in, figures as plain data come out.
//!
//! Where recordings overlap in time (one replayed beside a live one), each moment belongs to one of
//! them only: a sensor's before a file's, then the one that began first. So nothing is counted twice.

use super::ChartError;
use super::data::{
    Absence, BIN, Band, BendMark, Bin, CheckInMark, DayColumn, DayFigure, ExerciseMark, NoteMark, SignalMark, Stretch,
    WeekFigure, Why, lasting, local_day, timestamp,
};
use crate::link::GapCause;
use crate::plan;
use crate::plan::week::monday_of;
use crate::signal::{Epoch, Event, Kind, Posture, PostureSpan};
use crate::store::facts::{AnswerAbout, Dated, EpisodeRow, ExerciseLogRow, RecordingId, Selection};
use crate::store::{Reader, StoreError};
use crate::units::{Angle, Seconds, Time, WallTime};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use thiserror::Error;

/// Share of a bar's time that must be known for "no steps" to be said. Source: domain.md §8, valid epoch.
const KNOWN_SHARE: f64 = 2.0 / 3.0;
/// Share of a bar's time that must be upright for an angle to be drawn. Chosen by us: below that the
/// angle of a few seconds would stand for minutes.
const UPRIGHT_SHARE: f64 = 0.5;
/// A link that was down for longer is told as out of reach, not as lost data. Source: domain.md §5 (10 min).
const AWAY: Seconds = Seconds(600.0);
/// Days in a week figure.
pub const WEEK_DAYS: i64 = 7;

/// Why a figure could not be gathered.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The date does not fit the calendar.
    #[error(transparent)]
    Chart(#[from] ChartError),
}

/// The zone in which the wearer's days are told: that of the newest recording, else this machine's.
pub fn zone(reader: &Reader) -> Result<TimeZone, StoreError> {
    let newest = reader.recordings()?.pop();
    let named = newest.and_then(|recording| TimeZone::get(&recording.about.zone).ok());
    Ok(named.unwrap_or_else(TimeZone::system))
}

/// The newest local date with data; `None` while nothing is recorded.
pub fn newest_date(reader: &Reader, zone: &TimeZone) -> Result<Option<Date>, StoreError> {
    // The extent ends one past the end of the last epoch, which is itself no longer in it.
    let newest = reader.extent()?.map(|extent| WallTime(extent.end.0 - 2));
    Ok(newest.map(|at| date_of(at, zone)))
}

/// The local date of a moment.
pub fn date_of(at: WallTime, zone: &TimeZone) -> Date {
    timestamp(at).to_zoned(zone.clone()).date()
}

/// Gathers one local day. `now` says how far the day has come, if it is today.
pub fn day(reader: &Reader, date: Date, zone: &TimeZone, now: WallTime) -> Result<DayFigure, LoadError> {
    let (start, end) = local_day(date, zone)?;
    let all = Selection::Wall(start..end);
    let owned = owners(reader, start..end)?;
    let until = (start..end).contains(&now).then_some(now);

    let postures = stretches(&reader.postures(&all)?, &owned, start..end);
    let events = reader.events(&all)?;
    let known_to = until.unwrap_or(end);
    let steps: Vec<WallTime> = reader
        .steps(&all)?
        .iter()
        .map(|step| (step.recording, step.wall(step.fact.t)))
        .filter(|&(recording, at)| owned.holds(recording, at))
        .map(|(_, at)| at)
        .collect();
    let mut bins = bins(&reader.epochs(&all)?, &steps, &owned, start..end);
    bins.retain(|bin| bin.start < known_to);

    let signals = reader.signals(&all)?;
    let episodes = reader.episodes()?;
    Ok(DayFigure {
        date,
        zone: zone.clone(),
        until,
        acute: is_acute(&episodes, date, zone),
        postures,
        absences: absences(reader, &events, start..end)?,
        bins,
        bends: bends(&events, &owned, &rejected(reader, start..end)?),
        signals: signals
            .into_iter()
            .map(|row| SignalMark { at: row.about.at, rule: row.about.rule, sent: row.about.sent })
            .collect(),
        exercises: exercises(reader, date, start..end)?,
        check_ins: check_ins(reader, &episodes, date)?,
        notes: reader.marks(start..end)?.into_iter().map(|mark| NoteMark { at: mark.at, text: mark.text }).collect(),
    })
}

/// Gathers local days `[from, to)` beside each other.
pub fn days(reader: &Reader, range: Range<Date>, zone: &TimeZone, now: WallTime) -> Result<WeekFigure, LoadError> {
    let today = date_of(now, zone);
    let episodes = reader.episodes()?;
    let weeks = monday_of(range.start)..monday_of(range.end).saturating_add(Span::new().days(WEEK_DAYS));
    let (items, logs) = (plan_items(reader)?, reader.exercise_logs(weeks)?);
    let done: Vec<plan::Done> = logs.iter().map(done).collect();
    let mut figure = WeekFigure::default();
    let mut monday = None;
    let mut week = plan::Week::of(range.start, &items, &done);
    for date in range.start.series(Span::new().days(1)).take_while(|date| *date < range.end) {
        let (start, end) = local_day(date, zone)?;
        let this_monday = monday_of(date);
        if monday != Some(this_monday) {
            monday = Some(this_monday);
            week = plan::Week::of(date, &items, &done);
            let sum = week.adherence();
            figure.planned += sum.planned;
            figure.kept += sum.kept;
        }
        let totals = day(reader, date, zone, now)?.totals(start, end);
        let place = weekday_place(date);
        let slots = week.rows.iter().filter(|row| row.slots[place]);
        let planned = slots.clone().count();
        let on_plan = slots.filter(|row| row.done[place] > 0).count();
        let extra = week.rows.iter().filter(|row| !row.slots[place] && row.done[place] > 0).count();
        let told = newest_check_in(reader, &episodes, date)?;
        figure.days.push(DayColumn {
            date,
            totals,
            planned: planned as u32,
            done: on_plan as u32,
            extra: extra as u32,
            acute: is_acute(&episodes, date, zone),
            pain_now: told.and_then(|(_, now, _)| now),
            pain_worst: told.and_then(|(_, _, worst)| worst),
        });
    }
    figure.today = figure.days.iter().map(|day| day.date).find(|date| *date == today);
    Ok(figure)
}

/// Which recording each moment belongs to.
struct Owners(HashMap<RecordingId, Vec<Range<WallTime>>>);

impl Owners {
    /// Whether a moment belongs to this recording.
    fn holds(&self, recording: RecordingId, at: WallTime) -> bool {
        self.parts(recording).iter().any(|part| part.contains(&at))
    }
    fn parts(&self, recording: RecordingId) -> &[Range<WallTime>] {
        self.0.get(&recording).map_or(&[], Vec::as_slice)
    }
}

/// Shares a stretch of time out among the recordings that overlap it.
fn owners(reader: &Reader, range: Range<WallTime>) -> Result<Owners, StoreError> {
    let mut rows = reader.recordings()?;
    rows.sort_by_key(|row| (row.about.source != "ble", row.about.start));
    let mut free = vec![range];
    let mut owned = HashMap::new();
    for row in rows {
        // The last sample itself belongs to it; an open recording reaches as far as it likes.
        let end = row.end.map_or(WallTime(i64::MAX), |end| WallTime(row.about.start.at(end).0.saturating_add(1)));
        let (mut mine, mut left) = (Vec::new(), Vec::new());
        for part in free {
            let (from, to) = (part.start.max(row.about.start), part.end.min(end));
            if from >= to {
                left.push(part);
                continue;
            }
            left.extend([part.start..from, to..part.end].into_iter().filter(|rest| rest.start < rest.end));
            mine.push(from..to);
        }
        owned.insert(row.id, mine);
        free = left;
    }
    Ok(Owners(owned))
}

/// Posture spans as stretches of wall time, each moment once, in order.
fn stretches(spans: &[Dated<PostureSpan>], owned: &Owners, range: Range<WallTime>) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = spans
        .iter()
        .flat_map(|span| {
            let (start, end) = (span.wall(span.fact.start), span.wall(span.fact.end));
            owned.parts(span.recording).iter().map(move |part| Stretch {
                start: start.max(part.start),
                end: end.min(part.end),
                posture: span.fact.posture,
            })
        })
        .map(|stretch| Stretch { start: stretch.start.max(range.start), end: stretch.end.min(range.end), ..stretch })
        .filter(|stretch| stretch.start < stretch.end)
        .collect();
    stretches.sort_by_key(|stretch| stretch.start);
    stretches
}

/// What is summed up for one bar.
#[derive(Clone, Default)]
struct Filling {
    known: f64,
    upright: f64,
    /// Median and 95th percentile of each upright epoch, degrees.
    angles: Vec<(f64, f64)>,
}

fn bins(epochs: &[Dated<Epoch>], steps: &[WallTime], owned: &Owners, range: Range<WallTime>) -> Vec<Bin> {
    let length = (range.end.0 - range.start.0) as f64 / 1e9;
    let place = |at: WallTime| (lasting(range.start, at).0 / BIN.0) as usize;
    let mut filled = vec![Filling::default(); (length / BIN.0).ceil() as usize];
    for epoch in epochs {
        let at = epoch.wall(epoch.fact.start);
        let Some(filling) = filled.get_mut(place(at)).filter(|_| owned.holds(epoch.recording, at)) else { continue };
        let known = epoch.fact.duration.0 * epoch.fact.valid_share;
        filling.known += known;
        let upright = matches!(epoch.fact.posture, Posture::Walking | Posture::Moving | Posture::UprightStill);
        if let (true, Some(median), Some(p95)) = (upright, epoch.fact.tea_p50, epoch.fact.tea_p95) {
            filling.upright += known;
            filling.angles.push((median.degrees(), p95.degrees()));
        }
    }
    let mut counts = vec![0u32; filled.len()];
    for &step in steps {
        if let Some(count) = counts.get_mut(place(step)) {
            *count += 1;
        }
    }
    let edge = |n: usize| WallTime((range.start.0 + n as i64 * BIN.nanos()).min(range.end.0));
    filled
        .into_iter()
        .zip(counts)
        .enumerate()
        .map(|(n, (filling, count))| {
            let (start, end) = (edge(n), edge(n + 1));
            let whole = lasting(start, end).0;
            Bin {
                start,
                end,
                steps: (count > 0 || filling.known >= KNOWN_SHARE * whole).then_some(count),
                band: (filling.upright >= UPRIGHT_SHARE * whole).then(|| band(&filling.angles)).flatten(),
            }
        })
        .collect()
}

/// Median and 95th percentile of some epochs together.
///
/// Each epoch tells two points of its own distribution; the rest is taken as linear through them and
/// even to both sides of its median, at ten evenly spaced ranks. Exact when every epoch is still.
fn band(epochs: &[(f64, f64)]) -> Option<Band> {
    const RANKS: u32 = 10;
    /// From the median to the 95th percentile it is this far in rank.
    const REACH: f64 = 0.45;
    let mut angles: Vec<f64> = epochs
        .iter()
        .flat_map(|&(median, p95)| {
            (0..RANKS).map(move |n| {
                let rank = (f64::from(n) + 0.5) / f64::from(RANKS);
                median + (p95 - median) * (rank - 0.5) / REACH
            })
        })
        .collect();
    angles.sort_by(f64::total_cmp);
    // Each value stands in the middle of its rank; between two, linear.
    let at = |rank: f64| {
        let place = (angles.len() as f64 * rank - 0.5).max(0.0);
        let low = angles.get(place as usize)?;
        let high = angles.get(place as usize + 1).unwrap_or(low);
        Some(Angle::from_degrees(low + (high - low) * place.fract()))
    };
    Some(Band { median: at(0.5)?, p95: at(0.95)? })
}

/// When bends began of which the wearer says that they were none.
fn rejected(reader: &Reader, range: Range<WallTime>) -> Result<BTreeSet<i64>, StoreError> {
    let mut rejected = BTreeSet::new();
    for answer in reader.answers(range)?.iter().filter(|answer| answer.about == AnswerAbout::Bend) {
        // The newest answer about a bend comes last, and counts.
        if answer.yes {
            rejected.remove(&answer.moment.0);
        } else {
            rejected.insert(answer.moment.0);
        }
    }
    Ok(rejected)
}

fn bends(events: &[Dated<Event>], owned: &Owners, rejected: &BTreeSet<i64>) -> Vec<BendMark> {
    let mut bends: Vec<BendMark> = events
        .iter()
        .filter(|event| event.fact.kind == Kind::Bend && !rejected.contains(&event.wall(event.fact.start).0))
        .filter(|event| owned.holds(event.recording, event.wall(event.fact.start)))
        .filter_map(|event| {
            let middle = Time((event.fact.start.0 + event.fact.end.0) / 2);
            event.fact.bend.map(|detail| BendMark { at: event.wall(middle), peak: detail.peak_tea })
        })
        .collect();
    bends.sort_by_key(|bend| bend.at);
    bends
}

fn absences(reader: &Reader, events: &[Dated<Event>], range: Range<WallTime>) -> Result<Vec<Absence>, StoreError> {
    let not_worn = events.iter().filter(|event| event.fact.kind == Kind::NonWear).map(|event| Absence {
        start: event.wall(event.fact.start),
        end: event.wall(event.fact.end),
        why: Why::NotWorn,
    });
    let mut absences: Vec<Absence> = not_worn.collect();
    for gap in reader.gaps(&Selection::Wall(range))? {
        // Older recordings have no cause of its own for it.
        let long = gap.fact.to.since(gap.fact.from).0 > AWAY.0;
        let away = gap.fact.cause == GapCause::Away || gap.fact.cause == GapCause::Disconnected && long;
        let why = if away { Why::Away } else { Why::NoData };
        absences.push(Absence { start: gap.wall(gap.fact.from), end: gap.wall(gap.fact.to), why });
    }
    absences.sort_by_key(|absence| absence.start);
    Ok(absences)
}

/// Whether bending signals could be on that day: from the day an episode was entered to the end of its
/// acute window, or of the episode.
fn is_acute(episodes: &[EpisodeRow], date: Date, zone: &TimeZone) -> bool {
    episodes.iter().any(|episode| {
        let ended = episode.ended.map(|at| date_of(at, zone));
        date >= date_of(episode.about.started, zone)
            && episode.about.acute_until.is_some_and(|until| date < until)
            && ended.is_none_or(|ended| date <= ended)
    })
}

fn plan_items(reader: &Reader) -> Result<Vec<plan::PlanItem>, StoreError> {
    let rows = reader.plan_items()?;
    Ok(rows
        .into_iter()
        .map(|row| plan::PlanItem {
            id: row.id,
            exercise: row.about.exercise,
            days_per_week: row.about.days_per_week,
            from: row.about.from,
            until: row.about.until,
        })
        .collect())
}

fn done(row: &ExerciseLogRow) -> plan::Done {
    plan::Done { day: row.about.day, exercise: row.about.exercise.clone(), plan_item: row.about.plan_item }
}

/// Place of a date in its week, Monday first.
fn weekday_place(date: Date) -> usize {
    // 0 to 6: a weekday's offset from Monday.
    date.weekday().to_monday_zero_offset() as usize
}

fn exercises(reader: &Reader, date: Date, range: Range<WallTime>) -> Result<Vec<ExerciseMark>, LoadError> {
    let monday = monday_of(date);
    let sunday_after = monday.saturating_add(Span::new().days(WEEK_DAYS));
    let logs = reader.exercise_logs(monday..sunday_after)?;
    let week = plan::Week::of(date, &plan_items(reader)?, &logs.iter().map(done).collect::<Vec<_>>());
    let place = weekday_place(date);
    let mut marks: Vec<ExerciseMark> = Vec::new();
    for row in &week.rows {
        let planned = row.slots[place];
        let of_today = logs.iter().filter(|log| log.about.day == date && log.about.exercise == row.exercise);
        let before = marks.len();
        for log in of_today {
            let end = log.about.at;
            let start = WallTime(end.0 - log.about.lasting.unwrap_or_default().nanos());
            let time = (range.contains(&start) && range.contains(&end)).then_some((start, end));
            marks.push(ExerciseMark { id: row.exercise.clone(), time, planned, done: true });
        }
        if planned && marks.len() == before {
            marks.push(ExerciseMark { id: row.exercise.clone(), time: None, planned, done: false });
        }
    }
    marks.sort_by_key(|mark| mark.time.map_or((true, WallTime::default()), |(start, _)| (false, start)));
    Ok(marks)
}

/// When and what the newest check-in of a day told: pain now, and the worst of 24 h.
type Told = (WallTime, Option<u8>, Option<u8>);

fn newest_check_in(reader: &Reader, episodes: &[EpisodeRow], date: Date) -> Result<Option<Told>, StoreError> {
    let mut newest: Option<Told> = None;
    for episode in episodes {
        for row in reader.check_ins(episode.id)?.iter().filter(|row| row.about.day == date) {
            newest = Some((row.about.at, row.about.nprs_now, row.about.nprs_worst_24h));
        }
    }
    Ok(newest)
}

fn check_ins(reader: &Reader, episodes: &[EpisodeRow], date: Date) -> Result<Vec<CheckInMark>, StoreError> {
    let mut marks = Vec::new();
    for episode in episodes {
        let rows = reader.check_ins(episode.id)?;
        let of_day = rows.iter().filter(|row| row.about.day == date);
        marks.extend(of_day.map(|row| CheckInMark { at: row.about.at, pain: row.about.nprs_now }));
    }
    marks.sort_by_key(|mark| mark.at);
    Ok(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_epochs_give_back_their_own_percentiles_and_unequal_ones_lie_between() {
        let alike = band(&[(10.0, 30.0); 7]).unwrap();
        assert!((alike.median.degrees() - 10.0).abs() < 1e-9 && (alike.p95.degrees() - 30.0).abs() < 1e-9);
        let mixed = band(&[(10.0, 10.0), (10.0, 10.0), (50.0, 50.0), (50.0, 50.0)]).unwrap();
        assert!((mixed.median.degrees() - 30.0).abs() < 1e-9 && (mixed.p95.degrees() - 50.0).abs() < 1e-9);
        assert_eq!(band(&[]), None);
    }
}
