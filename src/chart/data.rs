//! What a figure shows, as plain data: one struct for a day, one for a week. Pictures, tables and sentences all read these.
//!
//! Times are wall time; the zone makes local days of them, 23 to 25 h long. Lists are in the order of
//! their times. What is absent here is not known, and is drawn as not known.

use super::ChartError;
use crate::care::Locale;
use crate::plan::catalogue;
use crate::signal::Posture;
use crate::units::{Angle, Seconds, WallTime};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A bend whose peak lies beyond this is counted and drawn as deep. Source: domain.md §6, bands.
pub const DEEP: Angle = Angle::from_degrees(60.0);
/// Lower edge of the moderate band, drawn as a faint line. Source: domain.md §6, bands.
pub const MODERATE: Angle = Angle::from_degrees(20.0);
/// A day with less wear is drawn lighter and left out of averages. Source: domain.md §8.
pub const VALID_DAY: Seconds = Seconds(10.0 * 3600.0);
/// Width of a bar or a point of the angle band in a day figure. Chosen in LOOK "Day figure".
pub const BIN: Seconds = Seconds(300.0);

/// The length of a stretch of wall time.
pub fn lasting(start: WallTime, end: WallTime) -> Seconds {
    Seconds((end.0 - start.0) as f64 / 1e9)
}

/// The moment a local day begins, and the moment the next one does.
pub fn local_day(date: Date, zone: &TimeZone) -> Result<(WallTime, WallTime), ChartError> {
    let refused = || ChartError::Calendar(date.to_string(), zone.iana_name().unwrap_or("unnamed").to_owned());
    let begin = |date: Date| -> Result<WallTime, ChartError> {
        let zoned = date.to_zoned(zone.clone()).map_err(|_| refused())?;
        i64::try_from(zoned.timestamp().as_nanosecond()).map(WallTime).map_err(|_| refused())
    };
    Ok((begin(date)?, begin(date.tomorrow().map_err(|_| refused())?)?))
}

/// A moment as a jiff timestamp. Every `i64` of nanoseconds lies inside jiff's calendar.
pub fn timestamp(at: WallTime) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(at.0)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A stretch of one posture, `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When it began.
    pub start: WallTime,
    /// When it ended.
    pub end: WallTime,
    /// The posture.
    pub posture: Posture,
}

/// Why nothing is known of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The sensor was not worn.
    NotWorn,
    /// The wearer was out of reach of this machine.
    Away,
    /// No samples came.
    NoData,
    /// Samples came, but nothing could be told of posture.
    Unclear,
}

impl Why {
    /// The words written into the hatch.
    pub fn words(self, locale: Locale) -> &'static str {
        let say = &locale.phrases().figure;
        match self {
            Self::NotWorn => &say.not_worn,
            Self::Away => &say.out_of_reach,
            Self::NoData => &say.no_data,
            Self::Unclear => &say.unclear,
        }
    }
}

/// A stretch of which nothing is known, `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// When it began.
    pub start: WallTime,
    /// When it ended.
    pub end: WallTime,
    /// Why.
    pub why: Why,
}

/// Median and 95th percentile of the trunk-equivalent angle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Half of the time the angle was smaller.
    pub median: Angle,
    /// 95 % of the time the angle was smaller.
    pub p95: Angle,
}

/// A few minutes of a day, [`BIN`] long except where a clock change or the end of the day cuts it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// When it began.
    pub start: WallTime,
    /// When it ended.
    pub end: WallTime,
    /// Steps, or `None` where too little is known.
    pub steps: Option<u32>,
    /// The angle while upright, or `None` where too little is known or the wearer lay.
    pub band: Option<Band>,
}

/// One bend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BendMark {
    /// When it was: the middle between its start and end.
    pub at: WallTime,
    /// Largest trunk-equivalent angle.
    pub peak: Angle,
}

/// A signal that was given, or withheld with a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalMark {
    /// When.
    pub at: WallTime,
    /// By which rule: `W1` to `W4`, `nudge`.
    pub rule: String,
    /// It was given; otherwise it was withheld.
    pub sent: bool,
}

/// An exercise that was planned, done, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExerciseMark {
    /// Its id in the catalogue.
    pub id: String,
    /// When it was done or is planned, where that is known.
    pub time: Option<(WallTime, WallTime)>,
    /// It stands in the plan.
    pub planned: bool,
    /// It was done.
    pub done: bool,
}

impl ExerciseMark {
    /// Its name for people.
    pub fn name(&self, locale: Locale) -> String {
        exercise_name(&self.id, locale)
    }
}

/// The name of an exercise for people; an id the catalogue does not have names itself.
pub fn exercise_name(id: &str, locale: Locale) -> String {
    catalogue::find(id).map_or_else(|| id.replace('_', " "), |exercise| exercise.name(locale).to_owned())
}

/// A daily check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckInMark {
    /// When.
    pub at: WallTime,
    /// Pain now, 0 to 10, if it was told.
    pub pain: Option<u8>,
}

/// A mark set by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteMark {
    /// When.
    pub at: WallTime,
    /// Its words.
    pub text: String,
}

/// One local day.
#[derive(Clone, Debug, PartialEq)]
pub struct DayFigure {
    /// The local date.
    pub date: Date,
    /// The wearer's zone.
    pub zone: TimeZone,
    /// How far the day has come, while it is not over.
    pub until: Option<WallTime>,
    /// The day lies in the acute window of an episode.
    pub acute: bool,
    /// Known postures; they do not overlap.
    pub postures: Vec<Stretch>,
    /// Known reasons of what is missing. Stretches that stand in no list are drawn as "no data".
    pub absences: Vec<Absence>,
    /// Steps and angles, from midnight on.
    pub bins: Vec<Bin>,
    /// Bends.
    pub bends: Vec<BendMark>,
    /// Signals.
    pub signals: Vec<SignalMark>,
    /// Exercises planned and done.
    pub exercises: Vec<ExerciseMark>,
    /// Check-ins.
    pub check_ins: Vec<CheckInMark>,
    /// Marks set by hand.
    pub notes: Vec<NoteMark>,
}

/// A day in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Time the sensor was worn and something is known.
    pub worn: Seconds,
    /// Walking.
    pub walking: Seconds,
    /// Upright and moving, not walking.
    pub moving: Seconds,
    /// Sitting or standing still.
    pub still: Seconds,
    /// Lying.
    pub lying: Seconds,
    /// Steps.
    pub steps: u64,
    /// Bends of any depth.
    pub bends: u64,
    /// Bends beyond [`DEEP`].
    pub deep_bends: u64,
}

impl Totals {
    /// Adds a stretch of a posture.
    pub fn add(&mut self, posture: Posture, lasting: Seconds) {
        let sum = |to: &mut Seconds| *to = *to + lasting;
        match posture {
            Posture::Unknown | Posture::NotWorn => return,
            Posture::Walking => sum(&mut self.walking),
            Posture::Moving => sum(&mut self.moving),
            Posture::UprightStill => sum(&mut self.still),
            Posture::Lying => sum(&mut self.lying),
            Posture::ProneOrAllFours => {}
        }
        sum(&mut self.worn);
    }

    /// Time in movement: walking, or upright and moving. Standing still is not in it, since one
    /// sensor on the back cannot tell it from sitting.
    pub fn on_the_move(&self) -> Seconds {
        self.walking + self.moving
    }

    /// Enough of the day is known to stand for it.
    pub fn is_valid_day(&self) -> bool {
        self.worn.0 >= VALID_DAY.0
    }
}

impl DayFigure {
    /// Where the day begins and ends.
    pub fn bounds(&self) -> Result<(WallTime, WallTime), ChartError> {
        local_day(self.date, &self.zone)
    }

    /// The day in numbers, or the part of it between two moments.
    pub fn totals(&self, from: WallTime, to: WallTime) -> Totals {
        let mut totals = Totals::default();
        for stretch in &self.postures {
            let (start, end) = (stretch.start.max(from), stretch.end.min(to));
            if start < end {
                totals.add(stretch.posture, lasting(start, end));
            }
        }
        let inside = |at: WallTime| (from..to).contains(&at);
        totals.steps =
            self.bins.iter().filter(|bin| inside(bin.start)).filter_map(|bin| bin.steps).map(u64::from).sum();
        for bend in self.bends.iter().filter(|bend| inside(bend.at)) {
            totals.bends += 1;
            totals.deep_bends += u64::from(bend.peak > DEEP);
        }
        totals
    }

    /// What is not known between midnight and the newest moment: every stretch without a posture,
    /// with the reason that covers most of it.
    pub fn unknown(&self) -> Result<Vec<Absence>, ChartError> {
        let (start, end) = self.bounds()?;
        let end = self.until.map_or(end, |until| until.clamp(start, end));
        let mut holes: Vec<Absence> = Vec::new();
        let mut add = |start: WallTime, end: WallTime, posture: Option<Posture>| {
            if start >= end {
                return;
            }
            let why = match posture {
                Some(Posture::NotWorn) => Why::NotWorn,
                Some(_) => Why::Unclear,
                None => self.reason(start, end),
            };
            match holes.last_mut() {
                Some(hole) if hole.end == start && hole.why == why => hole.end = end,
                _ => holes.push(Absence { start, end, why }),
            }
        };
        let mut known_to = start;
        for stretch in &self.postures {
            let (from, to) = (stretch.start.clamp(start, end), stretch.end.clamp(start, end));
            add(known_to, from, None);
            if matches!(stretch.posture, Posture::NotWorn | Posture::Unknown) {
                add(from.max(known_to), to, Some(stretch.posture));
            }
            known_to = known_to.max(to);
        }
        add(known_to, end, None);
        Ok(holes)
    }

    fn reason(&self, start: WallTime, end: WallTime) -> Why {
        let shared = |absence: &&Absence| (absence.end.min(end).0 - absence.start.max(start).0).max(0);
        self.absences
            .iter()
            .filter(|absence| shared(absence) > 0)
            .max_by_key(shared)
            .map_or(Why::NoData, |absence| absence.why)
    }
}

/// One day of a week or month.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DayColumn {
    /// The local date.
    pub date: Date,
    /// The day in numbers; all zero where nothing was recorded.
    pub totals: Totals,
    /// Exercises that stood in the plan.
    pub planned: u32,
    /// Planned exercises that were done.
    pub done: u32,
    /// Exercises done beyond the plan.
    pub extra: u32,
    /// The day lies in the acute window of an episode.
    pub acute: bool,
    /// Pain now, 0 to 10, as told at the newest check-in of the day.
    pub pain_now: Option<u8>,
    /// Worst pain of 24 h, 0 to 10.
    pub pain_worst: Option<u8>,
}

/// Some days beside each other: a week, usually.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WeekFigure {
    /// The days, none left out.
    pub days: Vec<DayColumn>,
    /// Days on which an exercise was planned, over all exercises and whole weeks.
    pub planned: u32,
    /// Of those, days that were kept, on whichever day of the week.
    pub kept: u32,
    /// Today, if it is among them: it is not over, and is left out of averages.
    pub today: Option<Date>,
}

/// Averages over the days of which enough is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Averages {
    /// How many days they stand on.
    pub days: u32,
    /// Walking a day.
    pub walking: Seconds,
    /// Walking or moving a day.
    pub on_the_move: Seconds,
    /// Steps a day.
    pub steps: u64,
    /// Wear a day.
    pub worn: Seconds,
}

impl WeekFigure {
    /// A day that counts: over, and worn long enough.
    pub fn counts(&self, day: &DayColumn) -> bool {
        day.totals.is_valid_day() && Some(day.date) != self.today
    }

    /// Averages over the days that count, or `None` if there is none.
    pub fn averages(&self) -> Option<Averages> {
        let counted: Vec<&DayColumn> = self.days.iter().filter(|day| self.counts(day)).collect();
        let n = u32::try_from(counted.len()).ok().filter(|&n| n > 0)?;
        let mean = |of: fn(&Totals) -> Seconds| {
            Seconds(counted.iter().map(|day| of(&day.totals).0).sum::<f64>() / f64::from(n))
        };
        Some(Averages {
            days: n,
            walking: mean(|totals| totals.walking),
            on_the_move: mean(Totals::on_the_move),
            steps: (counted.iter().map(|day| day.totals.steps).sum::<u64>() as f64 / f64::from(n)).round() as u64,
            worn: mean(|totals| totals.worn),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn zone() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn empty(day: Date) -> DayFigure {
        DayFigure {
            date: day,
            zone: zone(),
            until: None,
            acute: false,
            postures: Vec::new(),
            absences: Vec::new(),
            bins: Vec::new(),
            bends: Vec::new(),
            signals: Vec::new(),
            exercises: Vec::new(),
            check_ins: Vec::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn days_of_clock_changes_have_23_and_25_hours() {
        let hours = |day| {
            let (start, end) = empty(day).bounds().unwrap();
            lasting(start, end).0 / 3600.0
        };
        assert_eq!([date(2026, 3, 29), date(2026, 10, 25), date(2026, 5, 4)].map(hours), [23.0, 25.0, 24.0]);
    }

    #[test]
    fn what_stands_in_no_list_is_not_known_and_takes_the_reason_that_covers_most_of_it() {
        let mut day = empty(date(2026, 5, 4));
        let (start, end) = day.bounds().unwrap();
        let at = |hours: f64| WallTime(start.0 + Seconds(hours * 3600.0).nanos());
        let stretch = |from, to, posture| Stretch { start: at(from), end: at(to), posture };
        day.postures = vec![
            stretch(0.0, 7.0, Posture::Lying),
            stretch(7.0, 8.0, Posture::NotWorn),
            stretch(8.0, 9.0, Posture::Walking),
            stretch(12.0, 24.0, Posture::UprightStill),
        ];
        day.absences = vec![
            Absence { start: at(9.0), end: at(9.5), why: Why::NoData },
            Absence { start: at(9.5), end: at(12.0), why: Why::Away },
        ];
        assert_eq!(
            day.unknown().unwrap(),
            [
                Absence { start: at(7.0), end: at(8.0), why: Why::NotWorn },
                Absence { start: at(9.0), end: at(12.0), why: Why::Away },
            ]
        );
        let totals = day.totals(start, end);
        assert_eq!((totals.worn.0 / 3600.0, totals.walking.0 / 3600.0, totals.is_valid_day()), (20.0, 1.0, true));
        assert_eq!(day.totals(at(0.0), at(2.0)).lying.0, 7200.0);
        day.until = Some(at(10.0));
        assert_eq!(day.unknown().unwrap().last().unwrap().end, at(10.0));
    }

    #[test]
    fn short_days_and_today_are_left_out_of_averages() {
        let day = |n, hours: f64, steps| DayColumn {
            date: date(2026, 5, n),
            totals: Totals { worn: Seconds(hours * 3600.0), steps, ..Totals::default() },
            ..DayColumn::default()
        };
        let week = WeekFigure {
            days: vec![day(4, 12.0, 4000), day(5, 9.9, 100), day(6, 10.0, 6000), day(7, 11.0, 90)],
            today: Some(date(2026, 5, 7)),
            ..WeekFigure::default()
        };
        let averages = week.averages().unwrap();
        assert_eq!((averages.days, averages.steps), (2, 5000));
        assert_eq!(WeekFigure { days: vec![day(4, 3.0, 1)], ..WeekFigure::default() }.averages(), None);
    }
}
