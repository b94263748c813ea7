//! Days of moving little and often, epoch by epoch, over a change of the clocks too.

use super::*;
use jiff::civil::{Date, date, time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

const EPOCH: Seconds = Seconds(5.0);
const ON: Nudges = Nudges { on: true, every: NUDGE_EVERY, awake: Awake { from: AWAKE.0, to: AWAKE.1 } };

/// A wearer whose epochs are made here, in a zone, from local midnight of a day on.
struct Wearer {
    moving: Moving,
    nudges: Nudges,
    zone: TimeZone,
    begins: Timestamp,
    t: Time,
    against: Option<&'static str>,
    /// Nudges by local hour and minute, with the reason for a withheld one.
    nudged: Vec<(i8, i8, Option<&'static str>)>,
    mornings: Vec<String>,
    praised: Vec<Date>,
}

impl Wearer {
    fn new(zone: &str, day: Date) -> Self {
        let zone = TimeZone::get(zone).unwrap();
        Self {
            moving: Moving::default(),
            nudges: ON,
            begins: day.to_zoned(zone.clone()).unwrap().timestamp(),
            zone,
            t: Time::START,
            against: None,
            nudged: Vec::new(),
            mornings: Vec::new(),
            praised: Vec::new(),
        }
    }

    fn local(&self) -> jiff::Zoned {
        self.begins.checked_add(Span::new().nanoseconds(self.t.0)).unwrap().to_zoned(self.zone.clone())
    }

    /// So many minutes of this posture and MAD.
    fn live(&mut self, minutes: f64, posture: Posture, mad_mg: f64) -> &mut Self {
        for _ in 0..(minutes * 12.0) as u32 {
            let epoch = Epoch {
                start: self.t,
                duration: EPOCH,
                valid_share: 1.0,
                mad_mg: Some(mad_mg),
                enmo_mg: None,
                steps: if posture == Posture::Walking { 8 } else { 0 },
                cadence_spm: None,
                posture,
                sitting_probability: None,
                tea_p50: None,
                tea_p95: None,
                over_30: Seconds(0.0),
                over_45: Seconds(0.0),
                over_60: Seconds(0.0),
            };
            self.t = self.t + EPOCH;
            let local = self.local();
            let midnight = local.start_of_day().unwrap();
            let into_day = Seconds(local.timestamp().duration_since(midnight.timestamp()).as_secs_f64());
            let around = Around { local: local.time(), day: local.date(), against: self.against };
            let said = self.moving.push(&epoch, &self.nudges, into_day, &around);
            if let Some(nudge) = said.nudge {
                assert!(nudge.still.0 >= nudge.limit.0);
                self.nudged.push((local.hour(), local.minute(), nudge.withheld));
            }
            if said.morning {
                self.mornings.push(local.datetime().to_string());
            }
            if local.hour() >= 20 && self.moving.moved_every_hour(local.date()) {
                self.praised.push(local.date());
            }
        }
        self
    }
    fn sit(&mut self, minutes: f64) -> &mut Self {
        self.live(minutes, Posture::UprightStill, 4.0)
    }
    fn walk(&mut self, minutes: f64) -> &mut Self {
        self.live(minutes, Posture::Walking, 150.0)
    }
    fn lie(&mut self, minutes: f64) -> &mut Self {
        self.live(minutes, Posture::Lying, 2.0)
    }
    /// Awake with a walk of two minutes in each hour.
    fn hours(&mut self, hours: u32) -> &mut Self {
        for _ in 0..hours {
            self.sit(25.0).walk(2.0).sit(33.0);
        }
        self
    }
}

#[test]
fn sitting_on_is_nudged_every_45_minutes_and_never_sooner() {
    let mut wearer = Wearer::new("Europe/Berlin", date(2026, 5, 4));
    wearer.lie(480.0).walk(5.0).sit(200.0);
    assert_eq!(wearer.nudged, [(8, 50, None), (9, 35, None), (10, 20, None), (11, 5, None)]);
    wearer.walk(1.0).sit(44.0).walk(1.0).sit(44.0);
    assert_eq!(wearer.nudged.len(), 4, "who moves in time hears nothing");
}

#[test]
fn nothing_is_said_unless_it_was_chosen() {
    let mut wearer = Wearer::new("Europe/Berlin", date(2026, 5, 4));
    wearer.nudges = Nudges::default();
    wearer.lie(480.0).sit(300.0);
    assert_eq!(wearer.nudged, []);
}

#[test]
fn lying_and_a_sensor_on_a_table_are_not_sitting() {
    let mut wearer = Wearer::new("Europe/Berlin", date(2026, 5, 4));
    wearer.lie(600.0).live(200.0, Posture::NotWorn, 1.0).live(60.0, Posture::Unknown, 1.0);
    wearer.live(60.0, Posture::Moving, 60.0);
    assert_eq!(wearer.nudged, []);
}

#[test]
fn a_nudge_waits_for_what_speaks_against_it_and_says_so_once() {
    let mut wearer = Wearer::new("Europe/Berlin", date(2026, 5, 4));
    wearer.lie(480.0);
    for reason in ["snoozed", "quiet_hours", "exercise_running", "red_flag"] {
        wearer.against = Some(reason);
        wearer.walk(1.0).sit(60.0);
        assert_eq!(wearer.nudged.pop().map(|(.., why)| why), Some(Some(reason)));
        assert_eq!(wearer.nudged, []);
    }
    wearer.against = None;
    wearer.sit(1.0);
    assert_eq!(wearer.nudged.pop().map(|(.., why)| why), Some(None), "and comes when nothing does any more");
    let mut late = Wearer::new("Europe/Berlin", date(2026, 5, 4));
    late.sit(6.0 * 60.0);
    assert_eq!(late.nudged, [(0, 45, Some(NOT_AWAKE))]);
    late.sit(2.0 * 60.0);
    assert_eq!(late.nudged[1..], [(7, 0, None), (7, 45, None)]);
}

#[test]
fn a_hole_in_the_recording_ends_a_still_stretch() {
    let mut wearer = Wearer::new("Europe/Berlin", date(2026, 5, 4));
    wearer.lie(480.0).sit(40.0);
    wearer.t = wearer.t + Seconds(60.0);
    wearer.sit(40.0);
    assert_eq!(wearer.nudged, []);
    wearer.moving.begin_recording(Seconds(10.0));
    wearer.sit(44.0);
    assert_eq!(wearer.nudged, []);
}

#[test]
fn an_hour_with_movement_each_is_praised_once_and_only_when_earned() {
    let day = date(2026, 5, 4);
    let mut moved = Wearer::new("Europe/Berlin", day);
    moved.lie(7.0 * 60.0).hours(14);
    assert_eq!(moved.praised, [day]);

    let mut sat_once = Wearer::new("Europe/Berlin", day);
    sat_once.lie(7.0 * 60.0).hours(5).sit(60.0).hours(8);
    assert_eq!(sat_once.praised, [], "one hour without");

    let mut off = Wearer::new("Europe/Berlin", day);
    off.lie(7.0 * 60.0).hours(5).live(60.0, Posture::NotWorn, 1.0).hours(8);
    assert_eq!(off.praised, [], "an hour of which nothing is known");

    let mut short = Wearer::new("Europe/Berlin", day);
    short.lie(14.0 * 60.0).hours(7);
    assert_eq!(short.praised, [], "too little of a day");
}

#[test]
fn days_of_23_and_25_hours_are_days_like_others() {
    for (change, hours) in [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)] {
        let mut wearer = Wearer::new("Europe/Berlin", change);
        wearer.lie(f64::from(hours - 17) * 60.0);
        assert_eq!(wearer.local().time(), time(7, 0, 0, 0));
        wearer.hours(15).lie(120.0);
        assert_eq!((wearer.praised.clone(), wearer.local().time()), (vec![change], time(0, 0, 0, 0)));
        // And the day after it.
        wearer.lie(7.0 * 60.0).hours(15);
        assert_eq!(wearer.praised.len(), 2);
        assert_eq!(wearer.mornings.len(), 2);
    }
}

#[test]
fn a_morning_begins_after_three_upright_minutes_and_once() {
    let mut wearer = Wearer::new("Europe/Berlin", date(2026, 5, 4));
    // Up in the night, then for good.
    wearer.lie(120.0).walk(10.0).lie(290.0).walk(1.0).lie(9.0).sit(5.0).walk(30.0);
    assert_eq!(wearer.mornings, ["2026-05-04T07:12:00"]);
    let mut afternoon = Wearer::new("Europe/Berlin", date(2026, 5, 4));
    afternoon.live(13.0 * 60.0, Posture::NotWorn, 1.0).walk(30.0);
    assert_eq!(afternoon.mornings, Vec::<String>::new());
    let mut resting = Wearer::new("Europe/Berlin", date(2026, 5, 4));
    resting.against = Some("red_flag");
    resting.lie(420.0).walk(30.0);
    assert_eq!(resting.mornings, Vec::<String>::new());
}

#[test]
fn choices_are_read_as_they_are_written() {
    for text in ["off", "on 45m 07:00-22:00", "on 90m 20:00-06:30"] {
        assert_eq!(text.parse::<Nudges>().unwrap().to_string(), text);
    }
    for text in
        ["", "on", "on 45m", "on 10m 07:00-22:00", "on 45m 07:00-07:00", "on 45 07:00-22:00", "maybe", "off now"]
    {
        assert!(text.parse::<Nudges>().is_err(), "{text}");
    }
}
