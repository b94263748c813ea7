//! The reference scenarios 2 to 6 of domain.md §16 and the limits of §6, on ticks made here. Longer than most files:
//! many short scenarios on one bench.

use super::*;
use crate::care::Locale;
use crate::frames::{Placement, Vec3};
use crate::signal::{BendDetail, Event, Flags, Kind, Output, Posture, Tick, WarningKind};
use crate::units::{Angle, AngularRate, Seconds, Time, WallTime};
use jiff::civil;
use proptest::prelude::*;

/// A live judgement with this tilt, as a sensor at L1 sees it: TEA is the tilt.
pub(crate) fn tick(t: Time, tea_deg: f64) -> Tick {
    Tick {
        t,
        up_sensor: Vec3::x(),
        tilt: Some(Angle::from_degrees(tea_deg)),
        side: Some(Angle::ZERO),
        tea: Some(Angle::from_degrees(tea_deg)),
        beyond_table: false,
        posture: Posture::Moving,
        bending: false,
        valid: true,
        sitting: None,
    }
}

fn context() -> Context {
    Context { placement: Placement::L1, ..Rehearsal::context() }
}

/// Runs ticks made by `tick_at` for so many seconds, with bend events found as domain.md §6 says.
struct Bench {
    warner: Warner,
    context: Context,
    t: Time,
    /// Start of an open bend, its peak, and since when it has been low.
    open: Option<(Time, f64, Option<Time>)>,
    high_since: Option<Time>,
    verdicts: Vec<Verdict>,
    bends: u32,
}

impl Bench {
    fn new(context: Context) -> Self {
        Self {
            warner: Warner::new(WarningParams::default()),
            context,
            t: Time::START,
            open: None,
            high_since: None,
            verdicts: Vec::new(),
            bends: 0,
        }
    }

    fn run_ticks(&mut self, seconds: f64, mut tick_at: impl FnMut(Time, f64) -> Tick) -> &mut Self {
        let from = self.t;
        while self.t.since(from).0 < seconds - 1e-9 {
            let now = tick_at(self.t, self.t.since(from).0);
            self.warner.push_tick(&now, &self.context, &mut |verdict| self.verdicts.push(verdict));
            if let Some(event) = self.bend_event(&now) {
                self.bends += 1;
                self.warner.push_event(&event, &self.context);
            }
            self.t = self.t + Tick::INTERVAL;
        }
        self
    }

    fn run(&mut self, seconds: f64, tea_deg: impl Fn(f64) -> f64) -> &mut Self {
        self.run_ticks(seconds, |t, into| tick(t, tea_deg(into)))
    }

    /// A half-sine bend and a moment upright after it.
    fn bend(&mut self, peak_deg: f64, seconds: f64, upright_s: f64) -> &mut Self {
        self.run(seconds, |into| peak_deg * (std::f64::consts::PI * into / seconds).sin());
        self.run(upright_s, |_| 0.0)
    }

    fn bend_event(&mut self, now: &Tick) -> Option<Event> {
        let tea_deg = now.tea?.degrees();
        let Some((start, peak, low_since)) = &mut self.open else {
            if tea_deg < 30.0 {
                self.high_since = None;
                return None;
            }
            let since = *self.high_since.get_or_insert(now.t);
            if now.t.since(since).0 >= 0.25 {
                self.open = Some((since, tea_deg, None));
            }
            return None;
        };
        *peak = peak.max(tea_deg);
        if tea_deg >= 20.0 {
            *low_since = None;
            return None;
        }
        let since = *low_since.get_or_insert(now.t);
        if now.t.since(since).0 < 0.5 {
            return None;
        }
        let detail = BendDetail { peak_tea: Angle::from_degrees(*peak), ..BendDetail::default() };
        let event = Event { bend: Some(detail), ..Event::new(Kind::Bend, *start, since, now.t) };
        self.open = None;
        Some(event)
    }

    fn lift(&mut self, seconds_ago: f64) {
        let detail = BendDetail {
            peak_tea: Angle::from_degrees(50.0),
            peak_up: AngularRate::from_degrees_per_second(75.0),
            ..BendDetail::default()
        };
        let event = Event {
            bend: Some(detail),
            ..Event::new(Kind::PossibleLift, self.t - Seconds(seconds_ago + 2.0), self.t - Seconds(seconds_ago), self.t)
        };
        self.warner.push_event(&event, &self.context);
    }

    /// What was sent: rule and second.
    fn sent(&self) -> Vec<(WarningKind, f64)> {
        self.verdicts
            .iter()
            .filter(|verdict| verdict.outcome.is_sent())
            .map(|verdict| (verdict.signal.rule, verdict.signal.at.seconds()))
            .collect()
    }

    /// What was withheld: rule and the word of the reason.
    fn withheld(&self) -> Vec<(WarningKind, &'static str)> {
        self.verdicts
            .iter()
            .filter_map(|verdict| match verdict.outcome {
                Outcome::Sent => None,
                Outcome::Withheld(reason) => Some((verdict.signal.rule, reason.name())),
            })
            .collect()
    }

    fn rules(&self) -> Vec<WarningKind> {
        self.sent().into_iter().map(|(rule, _)| rule).collect()
    }
}

#[test]
fn scenario_2_a_deep_bend_is_told_once_while_it_goes_on() {
    let mut bench = Bench::new(context());
    bench.run(10.0, |_| 0.0).bend(80.0, 4.0, 10.0);
    // 80°·sin reaches 60° after asin(60/80)/π · 4 s = 1.0798 s; 0.3 s later the rule holds.
    let crossed = 10.0 + 4.0 * (60.0_f64 / 80.0).asin() / std::f64::consts::PI;
    let [(WarningKind::W1, at)] = bench.sent()[..] else { panic!("{:?}", bench.sent()) };
    assert!((crossed + 0.3..=crossed + 0.3 + 2.0 * Tick::INTERVAL.0).contains(&at), "{at} after {crossed}");
    let signal = bench.verdicts[0].signal;
    assert!(signal.measured.ratio() > 1.0);
    assert_eq!((signal.measured.threshold().round(), signal.measured.unit()), (60.0, "deg"));
    assert_eq!(bench.withheld(), []);
}

#[test]
fn a_deep_bend_is_told_on_the_very_tick_that_completes_its_third_of_a_second() {
    let mut bench = Bench::new(context());
    bench.run(5.0, |_| 0.0).run(3.0, |_| 65.0);
    // The first tick at or after 5.3 s.
    assert_eq!(bench.sent(), [(WarningKind::W1, 5.32)]);
    let mut short = Bench::new(context());
    short.run(5.0, |_| 0.0).run(0.3, |_| 65.0).run(5.0, |_| 0.0);
    assert_eq!(short.sent(), [], "ticks over 0.28 s are not 0.3 s");
}

#[test]
fn scenario_3_the_same_bend_seen_from_the_belt_is_told_once() {
    use crate::signal::placement::{tilt_for, trunk_equivalent};
    let mut bench = Bench::new(Context { placement: Placement::L5S1, ..context() });
    bench.run(5.0, |_| 0.0);
    bench.run_ticks(4.0, |t, into| {
        let truth = Angle::from_degrees(80.0 * (std::f64::consts::PI * into / 4.0).sin());
        let seen = tilt_for(Placement::L5S1, truth);
        Tick { tilt: Some(seen), tea: Some(trunk_equivalent(Placement::L5S1, seen).angle), ..tick(t, 0.0) }
    });
    bench.run(5.0, |_| 0.0);
    assert_eq!(bench.rules(), [WarningKind::W1]);
}

#[test]
fn scenario_4_a_hold_at_40_degrees_is_told_three_times_from_75_seconds_on() {
    let mut bench = Bench::new(context());
    bench.run(5.0, |_| 0.0).run(100.0, |_| 40.0).run(30.0, |_| 0.0);
    let times: Vec<f64> = bench.sent().iter().map(|&(_, at)| at - 5.0).collect();
    assert_eq!(bench.rules(), [WarningKind::W2; 3]);
    assert!((times[0] - 75.0).abs() <= 0.5, "{times:?}");
    assert!((times[1] - times[0] - 5.0).abs() < 0.03 && (times[2] - times[1] - 5.0).abs() < 0.03, "{times:?}");
    let measured = bench.verdicts[0].signal.measured;
    assert!((measured.threshold() - 75.0).abs() < 0.1 && measured.unit() == "s", "{measured:?}");
    assert!((1.0..1.01).contains(&measured.ratio()), "{measured:?}");
    assert_eq!(bench.verdicts.iter().map(|verdict| verdict.signal.nth).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn scenario_4_holds_with_the_way_down_and_sway_too() {
    let mut bench = Bench::new(context());
    bench.run(5.0, |_| 0.0);
    bench.run(1.5, |into| 20.0 * (1.0 - (std::f64::consts::PI * into / 1.5).cos()));
    bench.run(100.0, |into| 40.0 + (into * 1.7).sin() + 0.5 * (into * 9.0).cos());
    let first = bench.sent()[0].1 - 6.5;
    assert!((first - 75.0).abs() <= 0.5, "{first}");
    assert_eq!(bench.rules(), [WarningKind::W2; 3]);
}

#[test]
fn a_series_stops_when_the_wearer_comes_up() {
    let mut bench = Bench::new(context());
    bench.run(77.0, |_| 40.0).run(60.0, |_| 5.0);
    assert_eq!(bench.rules(), [WarningKind::W2]);
}

#[test]
fn a_deep_hold_is_told_at_once_and_again_after_30_seconds() {
    let mut bench = Bench::new(context());
    bench.run(60.0, |_| 75.0);
    assert_eq!(bench.rules(), [WarningKind::W1, WarningKind::W2, WarningKind::W2, WarningKind::W2]);
    assert!((bench.sent()[1].1 - 30.0).abs() <= 0.5);
}

#[test]
fn scenario_5_ten_bends_are_told_once_and_nine_not() {
    for (bends, expected) in [(9, vec![]), (10, vec![WarningKind::W3]), (14, vec![WarningKind::W3])] {
        let mut bench = Bench::new(context());
        for _ in 0..bends {
            bench.bend(35.0, 3.0, 18.0);
        }
        assert_eq!((bench.bends, bench.rules()), (bends, expected));
    }
    let mut slow = Bench::new(context());
    for _ in 0..10 {
        slow.bend(35.0, 3.0, 33.0);
    }
    assert_eq!(slow.rules(), [], "ten bends over more than 5 min");
}

#[test]
fn repeated_bends_are_told_at_an_upright_moment() {
    let mut bench = Bench::new(context());
    for _ in 0..10 {
        bench.bend(35.0, 3.0, 18.0);
    }
    let verdict = bench.verdicts[0];
    let tenth_low = 9.0 * 21.0 + 3.0 * (1.0 - (20.0_f64 / 35.0).asin() / std::f64::consts::PI);
    assert!((0.5..0.6).contains(&(verdict.signal.at.seconds() - tenth_low)), "{:?}", verdict.signal.at);
    assert_eq!((verdict.signal.measured.value(), verdict.signal.measured.ratio()), (10.0, 1.0));
}

#[test]
fn scenario_6_swaying_about_60_degrees_is_one_deep_bend_and_one_series() {
    let mut bench = Bench::new(context());
    bench.run(5.0, |_| 0.0);
    bench.run(60.0, |into| 60.0 + 2.0 * (std::f64::consts::TAU * into).sin());
    bench.run(10.0, |_| 0.0);
    assert_eq!(bench.bends, 1);
    assert_eq!(bench.rules(), [WarningKind::W1, WarningKind::W2, WarningKind::W2, WarningKind::W2]);
}

#[test]
fn nothing_exists_outside_acute_mode() {
    let mut bench = Bench::new(Context { acute: false, ..context() });
    bench.run(120.0, |_| 70.0);
    for _ in 0..12 {
        bench.bend(80.0, 4.0, 10.0);
    }
    bench.lift(1.0);
    bench.run(10.0, |_| 0.0);
    assert_eq!(bench.verdicts, []);
    assert_eq!(bench.warner.armed(&bench.context, WallTime(0)), Err(vec![Reason::AcuteOff]));
}

#[test]
fn every_reason_against_a_signal_is_kept_with_it() {
    let minute = WallTime(60_000_000_000);
    let cases: [(&str, Context); 9] = [
        ("red_flag", Context { red_flag: true, ..context() }),
        ("calibration_missing", Context { calibration: Freshness::Missing, ..context() }),
        ("calibration_stale", Context { calibration: Freshness::Stale(StaleCause::PowerCycle), ..context() }),
        ("placement_unknown", Context { placement: Placement::Unknown, ..context() }),
        ("exercise_running", Context { exercise: true, ..context() }),
        ("calibrating", Context { calibrating: true, ..context() }),
        ("snoozed", Context { snoozed_until: Some(minute), ..context() }),
        (
            "quiet_hours",
            Context {
                quiet: Some(QuietHours { from: civil::time(22, 0, 0, 0), to: civil::time(7, 0, 0, 0) }),
                ..context()
            },
        ),
        ("no_fresh_sample", Context { sample_age: Some(Seconds(1.5)), ..context() }),
    ];
    for (word, context) in cases {
        let mut bench = Bench::new(context);
        bench.bend(80.0, 4.0, 5.0);
        assert_eq!((bench.withheld(), bench.sent()), (vec![(WarningKind::W1, word)], vec![]));
        let against = bench.warner.armed(&bench.context, WallTime(0)).unwrap_err();
        assert!(against.iter().any(|reason| reason.name() == word));
    }
}

#[test]
fn scenario_9_eleven_minutes_away_disarm_and_the_reason_is_shown() {
    let mut watch = CalibrationWatch::new(Freshness::Fresh);
    let mut bench = Bench::new(context());
    bench.run(5.0, |_| 0.0);
    assert_eq!(bench.warner.armed(&bench.context, WallTime(0)), Ok(()));
    watch.was_away(Seconds(660.0));
    bench.context.calibration = watch.freshness();
    bench.warner.begin_recording(Seconds(660.0));
    bench.bend(80.0, 4.0, 5.0);
    assert_eq!(bench.sent(), []);
    let against = bench.warner.armed(&bench.context, WallTime(0)).unwrap_err();
    let words: Vec<String> = against.iter().map(|reason| reason.words(Locale::En, &bench.context.zone)).collect();
    assert_eq!(words, ["The sensor was away for 11 min. Walk for 20 seconds to refresh it."]);
}

#[test]
fn a_snooze_ends_by_itself() {
    let mut bench = Bench::new(Context { snoozed_until: Some(WallTime(60_000_000_000)), ..context() });
    bench.run(30.0, |_| 0.0).bend(80.0, 4.0, 36.0).bend(80.0, 4.0, 5.0);
    assert_eq!(bench.withheld(), [(WarningKind::W1, "snoozed")]);
    assert_eq!(bench.rules(), [WarningKind::W1]);
}

#[test]
fn different_bends_keep_their_distance_and_the_hour_its_budget() {
    let mut bench = Bench::new(context());
    bench.bend(80.0, 4.0, 4.0).bend(80.0, 4.0, 15.0).bend(80.0, 4.0, 20.0);
    assert_eq!(bench.rules(), [WarningKind::W1; 2]);
    assert_eq!(bench.withheld(), [(WarningKind::W1, "too_soon")]);

    let mut busy = Bench::new(context());
    for _ in 0..12 {
        busy.bend(80.0, 4.0, 100.0);
    }
    assert_eq!(busy.rules(), [WarningKind::W1; 8]);
    assert_eq!(busy.withheld(), [(WarningKind::W1, "hourly_limit"); 4]);
    assert_eq!(busy.verdicts.iter().filter(|verdict| verdict.summary).count(), 1, "one summary line");
}

#[test]
fn setting_the_clock_makes_no_room_and_takes_none() {
    for set_s in [7200.0, -7200.0] {
        let mut bench = Bench::new(context());
        for n in 0..16 {
            if n == 8 {
                bench.context.start = bench.context.start.at(Time::from_seconds(set_s));
            }
            bench.bend(80.0, 4.0, 100.0);
        }
        assert_eq!(bench.rules(), [WarningKind::W1; 8], "the clock was set by {set_s} s");
        bench.run(3600.0, |_| 0.0).bend(80.0, 4.0, 5.0);
        assert_eq!(bench.rules().len(), 9, "the hour is over, whatever the clock says");
    }
}

#[test]
fn what_was_sent_before_a_new_start_counts_for_the_hour() {
    let mut bench = Bench::new(context());
    for ago in [5000.0, 3000.0, 2500.0, 2000.0, 1500.0, 1000.0, 500.0] {
        bench.warner.remember(Some(WarningKind::W4), Seconds(ago));
    }
    bench.run(5.0, |_| 0.0);
    bench.lift(0.5);
    bench.bend(80.0, 4.0, 30.0).bend(80.0, 4.0, 30.0).bend(80.0, 4.0, 5.0);
    assert_eq!(bench.rules(), [WarningKind::W1; 2]);
    assert_eq!(bench.withheld(), [(WarningKind::W4, "lift_told_already"), (WarningKind::W1, "hourly_limit")]);
}

#[test]
fn other_thresholds_hold_at_once_and_what_goes_on_goes_on() {
    let mut bench = Bench::new(context());
    bench.run(5.0, |_| 0.0).run(10.0, |_| 65.0);
    bench.warner.set_params(WarningParams {
        deep: Angle::from_degrees(70.0),
        lifts: false,
        ..WarningParams::default()
    });
    bench.run(35.0, |_| 65.0).run(30.0, |_| 0.0);
    assert_eq!(bench.rules(), [WarningKind::W1, WarningKind::W2, WarningKind::W2, WarningKind::W2]);
    bench.lift(0.5);
    bench.bend(68.0, 4.0, 30.0).bend(80.0, 4.0, 30.0);
    assert_eq!(bench.rules()[4..], [WarningKind::W1]);
}

#[test]
fn the_way_up_from_the_front_is_no_bend() {
    for posture in [Posture::Lying, Posture::ProneOrAllFours] {
        let mut bench = Bench::new(context());
        bench.run_ticks(200.0, |t, _| Tick { posture, ..tick(t, 90.0) });
        bench.run(2.0, |into| 90.0 - 10.0 * into).run(3.0, |into| 70.0 - 23.0 * into).run(2.0, |_| 0.0);
        assert_eq!(bench.verdicts, []);
        bench.bend(80.0, 4.0, 5.0);
        assert_eq!(bench.rules(), [WarningKind::W1], "upright again, a deep bend is one");
    }
}

#[test]
fn what_waits_is_dropped_when_the_acute_days_end() {
    let mut bench = Bench::new(context());
    bench.run(5.0, |_| 0.0).run(1.0, |_| 35.0);
    bench.lift(0.5);
    bench.run(5.0, |_| 35.0);
    bench.context.acute = false;
    bench.run(200.0, |_| 35.0).run(10.0, |_| 0.0);
    assert_eq!(bench.verdicts, []);
}

#[test]
fn a_possible_lift_is_told_once_an_hour_at_an_upright_moment() {
    let mut bench = Bench::new(context());
    bench.run(10.0, |_| 0.0);
    bench.lift(0.5);
    bench.run(5.0, |_| 35.0).run(5.0, |_| 0.0);
    assert_eq!(bench.sent(), [(WarningKind::W4, 15.0)]);
    assert!((bench.verdicts[0].signal.measured.ratio() - 2.5).abs() < 1e-9);
    bench.run(60.0, |_| 0.0);
    bench.lift(0.5);
    bench.run(5.0, |_| 0.0);
    assert_eq!(bench.withheld(), [(WarningKind::W4, "lift_told_already")]);
}

#[test]
fn sitting_needs_45_degrees_for_a_hold_and_its_bends_are_not_counted() {
    let seated =
        |t: Time, tea_deg: f64| Tick { sitting: Some(0.9), posture: Posture::UprightStill, ..tick(t, tea_deg) };
    let mut leaning = Bench::new(context());
    leaning.run_ticks(200.0, |t, _| seated(t, 40.0));
    assert_eq!(leaning.rules(), []);
    let mut low = Bench::new(context());
    low.run_ticks(100.0, |t, _| seated(t, 50.0));
    assert_eq!(low.rules(), [WarningKind::W2; 3]);

    let mut desk = Bench::new(context());
    for _ in 0..12 {
        desk.run_ticks(3.0, |t, into| seated(t, 35.0 * (std::f64::consts::PI * into / 3.0).sin()));
        desk.run_ticks(12.0, |t, _| seated(t, 0.0));
    }
    assert_eq!((desk.bends, desk.rules()), (12, vec![]));

    let mut warner = Warner::new(WarningParams::default());
    let mut told = Vec::new();
    for n in 0..20 {
        let at = |seconds: f64| Time::from_seconds(f64::from(n) * 10.0 + seconds);
        let event = Event { flags: Flags::SITTING, ..Event::new(Kind::Bend, at(0.0), at(3.0), at(3.5)) };
        warner.push_event(&event, &context());
        warner.push_tick(&tick(at(4.0), 0.0), &context(), &mut |verdict| told.push(verdict));
    }
    assert_eq!(told, []);
}

#[test]
fn lying_and_turning_onto_a_side_are_no_bends() {
    let mut lying = Bench::new(context());
    lying.run_ticks(60.0, |t, _| Tick { posture: Posture::Lying, ..tick(t, 90.0) });
    lying.run_ticks(9.0, |t, _| Tick { side: Some(Angle::from_degrees(70.0)), ..tick(t, 80.0) });
    lying.run_ticks(600.0, |t, _| Tick { posture: Posture::ProneOrAllFours, ..tick(t, 90.0) });
    assert_eq!(lying.verdicts, []);
}

#[test]
fn no_hold_spans_a_hole_or_odd_values() {
    let mut bench = Bench::new(context());
    bench.run(70.0, |_| 40.0);
    bench.t = bench.t + Seconds(2.0);
    bench.run(70.0, |_| 40.0);
    bench.run_ticks(1.0, |t, _| Tick { valid: false, ..tick(t, 40.0) });
    bench.run(70.0, |_| 40.0);
    bench.run_ticks(1.0, |t, _| Tick { tea: Some(Angle::from_degrees(f64::NAN)), ..tick(t, 40.0) });
    bench.run(70.0, |_| 40.0);
    assert_eq!(bench.verdicts, []);
}

#[test]
fn a_rehearsal_gives_signal_events_with_their_rule() {
    let mut rehearsal = Rehearsal::default();
    let mut events = Vec::new();
    for n in 0..100 {
        let t = Time::from_seconds(f64::from(n) * Tick::INTERVAL.0);
        rehearsal.push(&Output::Tick(tick(t, 70.0)), &mut |event| events.push(event));
    }
    let words: Vec<_> = events.iter().map(|event| (event.kind.name(), event.style.unwrap().name())).collect();
    assert_eq!(words, [("signal", "W1")]);
    assert_eq!((events[0].start.seconds(), events[0].decided), (0.32, events[0].start));
}

/// A piece of a day: an angle, for how long, swaying how much.
fn pieces() -> impl Strategy<Value = Vec<(f64, f64, f64)>> {
    prop::collection::vec((-10.0..100.0_f64, 0.2..60.0_f64, 0.0..8.0_f64), 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn signals_of_different_bends_keep_20_s_and_an_hour_holds_8(day in pieces()) {
        let mut bench = Bench::new(context());
        for (tea_deg, seconds, sway) in day {
            bench.run(seconds, |into| tea_deg + sway * (3.0 * into).sin());
        }
        let sent: Vec<&Signal> =
            bench.verdicts.iter().filter(|verdict| verdict.outcome.is_sent()).map(|verdict| &verdict.signal).collect();
        for pair in sent.windows(2) {
            let same = pair[0].bend.is_some() && pair[0].bend == pair[1].bend;
            prop_assert!(same || pair[1].at.since(pair[0].at).0 >= 20.0, "{pair:?}");
        }
        for nine in sent.windows(9) {
            prop_assert!(nine[8].at.since(nine[0].at).0 >= 3600.0);
        }
    }

    #[test]
    fn cut_anywhere_and_resumed_the_same_is_said(day in pieces(), cut in 0.0..600.0_f64) {
        let mut whole = Bench::new(context());
        let mut parts = Bench::new(context());
        for (tea_deg, seconds, sway) in day {
            let angle = |into: f64| tea_deg + sway * (3.0 * into).sin();
            whole.run(seconds, angle);
            if parts.t.seconds() >= cut {
                parts.warner = Warner::resume(WarningParams::default(), parts.warner.state().clone());
            }
            parts.run(seconds, angle);
        }
        prop_assert_eq!(whole.verdicts, parts.verdicts);
    }
}
