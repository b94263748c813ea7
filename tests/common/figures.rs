//! A made-up day and week, rich enough to show every part of a figure. Deterministic: a small generator, no clock.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use lumbard::chart::data::{
    Absence, BIN, Band, BendMark, Bin, CheckInMark, DayFigure, ExerciseMark, NoteMark, SignalMark, Stretch, Why,
    local_day,
};
use lumbard::signal::Posture;
use lumbard::units::{Angle, Seconds, WallTime};

/// A small generator of even numbers in [0, 1): Knuth's linear congruence.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A day without anything in it.
pub(crate) fn empty_day(date: Date, zone: &str) -> DayFigure {
    DayFigure {
        date,
        zone: TimeZone::get(zone).expect("a zone of the embedded list"),
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

/// A worn day: night, morning, desk, lunch walk, a gap out of reach, garden work, evening.
pub(crate) fn rich_day(date: Date, zone: &str) -> DayFigure {
    let mut day = empty_day(date, zone);
    let (start, end) = local_day(date, &day.zone).expect("a day of the calendar");
    let at = |hours: f64| WallTime(start.0 + Seconds(hours * 3600.0).nanos());
    let last = (end.0 - start.0) as f64 / 3.6e12;
    let mut dice = Dice::new(7);
    day.acute = true;
    let mut stretch = |from: f64, to: f64, posture| {
        day.postures.push(Stretch { start: at(from), end: at(to), posture });
    };
    stretch(0.0, 6.55, Posture::Lying);
    // Waking hours: a run of short stretches, with more walking at some times.
    let mut t = 6.55;
    while t < last - 1.2 {
        let busy = match t {
            t if (7.5..8.2).contains(&t) || (12.2..12.9).contains(&t) => 0.75,
            t if (15.4..17.2).contains(&t) => 0.5,
            _ => 0.12,
        };
        let roll = dice.next();
        let (posture, minutes) = if roll < busy {
            (Posture::Walking, 1.0 + 9.0 * dice.next())
        } else if roll < busy + 0.25 {
            (Posture::Moving, 0.5 + 4.0 * dice.next())
        } else {
            (Posture::UprightStill, 3.0 + 22.0 * dice.next())
        };
        let to = (t + minutes / 60.0).min(last - 1.2);
        if !(9.0..=9.6).contains(&t) {
            if !(18.0..19.4).contains(&t) {
                stretch(t, to, posture);
            } else {
                stretch(t, to, Posture::NotWorn);
            }
        }
        t = to;
    }
    stretch(last - 1.2, last, Posture::Lying);
    let spans = day.postures.clone();
    day.absences = vec![Absence { start: at(8.8), end: at(9.8), why: Why::Away }];

    let mut from = start;
    while from < end {
        let to = WallTime((from.0 + BIN.nanos()).min(end.0));
        let share = |wanted: &[Posture]| {
            let ns: i64 = spans
                .iter()
                .filter(|span| wanted.contains(&span.posture))
                .map(|span| (span.end.min(to).0 - span.start.max(from).0).max(0))
                .sum();
            ns as f64 / (to.0 - from.0) as f64
        };
        let walking = share(&[Posture::Walking]);
        let upright = share(&[Posture::Walking, Posture::Moving, Posture::UprightStill]);
        let known = upright + share(&[Posture::Lying]);
        let median = 4.0 + 9.0 * dice.next() + 6.0 * share(&[Posture::UprightStill]);
        let spread = 4.0 + 12.0 * dice.next() + 25.0 * share(&[Posture::Moving]) * dice.next();
        day.bins.push(Bin {
            start: from,
            end: to,
            steps: (known > 0.66).then_some((walking * 540.0 * (0.9 + 0.2 * dice.next())) as u32),
            band: (upright > 0.5)
                .then_some(Band { median: Angle::from_degrees(median), p95: Angle::from_degrees(median + spread) }),
        });
        from = to;
    }
    for span in spans.iter().filter(|span| span.posture == Posture::Moving) {
        let bends = 1 + (dice.next() * 3.0) as usize;
        for _ in 0..bends {
            let share = dice.next();
            let peak = 30.0 + 24.0 * dice.next() + if dice.next() > 0.88 { 28.0 } else { 0.0 };
            let length = (span.end.0 - span.start.0) as f64;
            day.bends.push(BendMark {
                at: WallTime(span.start.0 + (length * share) as i64),
                peak: Angle::from_degrees(peak),
            });
        }
    }
    day.bends.sort_by_key(|bend| bend.at);
    for (place, bend) in day.bends.iter().filter(|bend| bend.peak.degrees() > 60.0).enumerate() {
        day.signals.push(SignalMark { at: bend.at, rule: "W1".to_owned(), sent: place % 3 != 2 });
    }
    let exercise = |id: &str, time: Option<(f64, f64)>, planned, done| ExerciseMark {
        id: id.to_owned(),
        time: time.map(|(from, to)| (at(from), at(to))),
        planned,
        done,
    };
    day.exercises = vec![
        exercise("bridge", Some((7.1, 7.3)), true, true),
        exercise("walk around the block", Some((12.2, 12.9)), true, true),
        exercise("stretch at the desk", Some((15.1, 15.15)), false, true),
        exercise("knee_to_chest", Some((20.0, 20.2)), true, false),
        exercise("bird_dog", None, true, false),
    ];
    day.check_ins = vec![CheckInMark { at: at(7.4), pain: Some(4) }, CheckInMark { at: at(21.2), pain: Some(2) }];
    day.notes = vec![
        NoteMark { at: at(10.1), text: "sat in the train".to_owned() },
        NoteMark { at: at(16.0), text: "garden: raking <leaves> & carrying the long ladder round".to_owned() },
    ];
    day
}
