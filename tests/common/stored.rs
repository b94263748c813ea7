//! Puts a made-up day into a store, as a recording with facts and entries by hand.

use jiff::Span;
use lumbard::chart::data::{DayFigure, local_day};
use lumbard::frames::Placement;
use lumbard::raw::{Channel, Encoding, RawFormat, RawSample, Unit};
use lumbard::signal::{BendDetail, Epoch, Event, Kind, Posture, PostureSpan, Step};
use lumbard::store::facts::{
    Fact, NewCheckIn, NewEpisode, NewExerciseLog, NewPlanItem, NewRecording, NewSignal, RecordingId,
};
use lumbard::store::{Hand, Store};
use lumbard::units::{Seconds, Time, WallTime};
use std::path::Path;

/// Samples of the made-up recording are this far apart: only their times matter here.
pub(crate) const SAMPLE_S: f64 = 10.0;
/// Length of the made-up epochs.
const EPOCH_S: f64 = 60.0;

fn about(start: WallTime, zone: &str) -> NewRecording {
    NewRecording {
        name: "made up".into(),
        source: "simulate".into(),
        format: RawFormat {
            acc: Channel { encoding: Encoding::Counts { full_scale: 16.0, full_count: 32_768.0 }, unit: Unit::G },
            gyr: None,
            nominal_rate_hz: 1.0 / SAMPLE_S,
            tick_s: None,
        },
        start,
        zone: zone.into(),
        placement: Placement::L3,
        calibration: None,
    }
}

/// Records the day into a store at `folder`, up to `figure.until`.
pub(crate) fn record(folder: &Path, figure: &DayFigure) -> RecordingId {
    let (start, end) = local_day(figure.date, &figure.zone).expect("a day of the calendar");
    let end = figure.until.unwrap_or(end);
    let t = |at: WallTime| Time(at.0 - start.0);
    let store = Store::open(folder).expect("the store opens");
    let zone = figure.zone.iana_name().expect("a named zone");
    let mut recorder = store.begin_replay(about(start, zone)).expect("it begins");
    let id = recorder.id();
    for n in 0..((end.0 - start.0) as f64 / 1e9 / SAMPLE_S) as u32 {
        let at = Time::from_seconds(f64::from(n) * SAMPLE_S);
        recorder.sample(RawSample { t: at, acc: [2048, 0, 0], ..RawSample::default() }).expect("it is taken");
    }
    for stretch in figure.postures.iter().filter(|stretch| stretch.start < end) {
        recorder.fact(Fact::Posture(PostureSpan {
            start: t(stretch.start),
            end: t(stretch.end.min(end)),
            posture: stretch.posture,
            lying_side: None,
            decided: t(stretch.end.min(end)),
        }));
    }
    for (bout, bin) in (0u32..).zip(figure.bins.iter().filter(|bin| bin.end <= end)) {
        for n in 0..bin.steps.unwrap_or(0) {
            let share = f64::from(n) / f64::from(bin.steps.unwrap_or(1));
            let at = Time(t(bin.start).0 + ((bin.end.0 - bin.start.0) as f64 * share) as i64);
            recorder.fact(Fact::Step(Step { t: at, bout, decided: at }));
        }
        if bin.steps.is_none() {
            continue;
        }
        for n in 0..5 {
            recorder.fact(Fact::Epoch(Epoch {
                start: t(bin.start) + Seconds(f64::from(n) * EPOCH_S),
                duration: Seconds(EPOCH_S),
                valid_share: 1.0,
                mad_mg: Some(20.0),
                enmo_mg: Some(10.0),
                steps: 0,
                cadence_spm: None,
                posture: if bin.band.is_some() { Posture::UprightStill } else { Posture::Lying },
                sitting_probability: None,
                tea_p50: bin.band.map(|band| band.median),
                tea_p95: bin.band.map(|band| band.p95),
                over_30: Seconds(0.0),
                over_45: Seconds(0.0),
                over_60: Seconds(0.0),
            }));
        }
    }
    for bend in figure.bends.iter().filter(|bend| bend.at < end) {
        let (from, to) = (t(bend.at) - Seconds(1.0), t(bend.at) + Seconds(1.0));
        let mut event = Event::new(Kind::Bend, from, to, to);
        event.bend = Some(BendDetail { peak_tea: bend.peak, ..BendDetail::default() });
        recorder.fact(Fact::Event(event));
    }
    for signal in figure.signals.iter().filter(|signal| signal.at < end) {
        store
            .signal(NewSignal {
                recording: Some(id),
                at: signal.at,
                rule: signal.rule.clone(),
                value: Some(71.0),
                threshold: Some(60.0),
                unit: Some("deg".into()),
                ratio: Some(71.0 / 60.0),
                sent: signal.sent,
                reason: (!signal.sent).then(|| "too_soon".into()),
                text: None,
                channels: Vec::new(),
            })
            .expect("it is taken");
    }
    recorder.end().expect("it ends");
    store.close().expect("it closes");
    by_hand(folder, figure, start);
    id
}

/// An episode, a plan of three exercises each day, one of them done, check-ins and marks.
fn by_hand(folder: &Path, figure: &DayFigure, start: WallTime) {
    let mut hand = Hand::open(folder).expect("the store opens");
    let zone = figure.zone.iana_name().expect("a named zone").to_owned();
    if figure.acute {
        let episode = hand
            .add_episode(&NewEpisode {
                onset: figure.date,
                sudden: Some(true),
                pattern: "first".into(),
                nprs: Some(6),
                zone,
                started: start,
                red_flags: Vec::new(),
                acute_until: Some(figure.date.saturating_add(Span::new().days(7))),
            })
            .expect("it is entered");
        for mark in &figure.check_ins {
            let check_in = NewCheckIn {
                episode,
                at: mark.at,
                day: figure.date,
                nprs_now: mark.pain,
                nprs_worst_24h: mark.pain.map(|pain| pain + 1),
                back_to_normal: None,
                sleep: None,
                better: None,
                red_flags: None,
            };
            hand.add_check_in(&check_in).expect("it is entered");
        }
    }
    for exercise in ["walk", "knee_to_chest", "desk_break"] {
        let item = NewPlanItem {
            exercise: exercise.into(),
            sets: Some(1),
            reps: Some(5),
            lasting: None,
            days_per_week: 7,
            start_value: None,
            ceiling: None,
            weekly_step: None,
            entered_by: "wearer".into(),
            from: figure.date,
            until: None,
            note: None,
            created: start,
            start_date: None,
        };
        let id = hand.add_plan_item(&item).expect("it is entered");
        if exercise == "walk" {
            let at = WallTime(start.0 + Seconds(12.9 * 3600.0).nanos());
            let log = NewExerciseLog {
                plan_item: Some(id),
                lasting: Some(Seconds(1800.0)),
                ..NewExerciseLog::told(exercise, figure.date, at)
            };
            hand.log_exercise(&log).expect("it is entered");
        }
    }
    for note in &figure.notes {
        hand.add_mark(note.at, &note.text).expect("it is entered");
    }
}
