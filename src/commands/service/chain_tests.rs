//! The chain with a clock that can be set, a zone that can be left, and a machine that can sleep; and the scenarios
//! that files cannot show: 9 (the reason shown, the offer) and 11 (no nudges).

use super::super::moments::Host;
use super::*;
use crate::care;
use crate::frames::Axes;
use crate::link::pace::Speed;
use crate::link::simulator::{self, Play, Simulation, Speaks, scenario};
use crate::notify::Notifier;
use crate::raw::{Channel, Encoding, Unit};
use crate::store::Reader;
use crate::store::facts::NewEpisode;
use jiff::civil::{DateTime, date};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const RATE_HZ: f64 = 25.0;
const BERLIN: &str = "Europe/Berlin";

#[derive(Debug)]
struct Clocks {
    wall_s: f64,
    arrival_s: f64,
    zone: TimeZone,
}

/// A machine whose clocks are the test's.
#[derive(Clone)]
struct Made(Arc<Mutex<Clocks>>);

impl Host for Made {
    fn wall(&self) -> WallTime {
        WallTime(Seconds(self.0.lock().unwrap().wall_s).nanos())
    }
    fn arrival(&self) -> Arrival {
        Arrival(Seconds(self.0.lock().unwrap().arrival_s).nanos().unsigned_abs())
    }
    fn look(&mut self) {}
    fn zone(&self) -> TimeZone {
        self.0.lock().unwrap().zone.clone()
    }
}

fn axes() -> Axes {
    "up=+x,right=+y,forward=+z".parse().unwrap()
}

/// A worn sensor on a machine, from a local moment on, with an episode.
struct Bench {
    folder: TempDir,
    clocks: Made,
    chain: Chain,
    began_s: f64,
    noise: u32,
}

impl Bench {
    fn new(zone: &str, local: DateTime, onset: Date) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let zone = TimeZone::get(zone).unwrap();
        let wall_s = local.to_zoned(zone.clone()).unwrap().timestamp().as_second() as f64;
        let clocks = Made(Arc::new(Mutex::new(Clocks { wall_s, arrival_s: 5_000.0, zone })));
        let chain = chain(&folder, clocks.clone());
        let episode = care::Episode::begin(onset, onset, care::Pattern::First, Vec::new());
        let new = NewEpisode {
            onset,
            sudden: Some(true),
            pattern: "first".into(),
            nprs: Some(6),
            zone: BERLIN.into(),
            started: clocks.wall(),
            red_flags: Vec::new(),
            acute_until: episode.acute_until,
        };
        chain.store.hand().unwrap().add_episode(&new).unwrap();
        let mut bench = Self { folder, clocks, chain, began_s: 0.0, noise: 1 };
        bench.take_up();
        bench.begin();
        bench
    }

    /// A setting is made, and taken up as the service does.
    fn set(&mut self, key: &str, value: &str) {
        self.chain.store.hand().unwrap().set_setting(key, value, self.clocks.wall()).unwrap();
        self.take_up();
    }

    fn take_up(&mut self) {
        let circumstances = Circumstances::read(&self.chain.store.reader().unwrap()).unwrap();
        self.chain.change(circumstances);
    }

    fn begin(&mut self) {
        self.began_s = self.clocks.0.lock().unwrap().arrival_s;
        let channel = |unit| Channel { encoding: Encoding::Nanos, unit };
        let format = RawFormat { acc: channel(Unit::G), gyr: None, nominal_rate_hz: RATE_HZ, tick_s: None };
        let (start, zone) = (self.clocks.wall(), BERLIN.to_owned());
        let beginning = Beginning { format, name: "bench".into(), source: LIVE, start, zone };
        self.chain.take(Item::Begin(beginning)).unwrap();
    }

    /// Nobody looks; all clocks go on.
    fn pass(&mut self, seconds: f64) {
        let mut clocks = self.clocks.0.lock().unwrap();
        clocks.wall_s += seconds;
        clocks.arrival_s += seconds;
    }

    fn set_clock(&mut self, by_s: f64) {
        self.clocks.0.lock().unwrap().wall_s += by_s;
    }

    fn travel(&mut self, zone: &str) {
        self.clocks.0.lock().unwrap().zone = TimeZone::get(zone).unwrap();
    }

    /// Worn with this tilt for so long; samples arrive `late_s` after they were due.
    fn wear(&mut self, seconds: f64, tilt_deg: f64, late_s: f64) {
        let mut noise = || {
            self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f64::from(self.noise >> 8) / f64::from(1_u32 << 24) - 0.5) * 0.03
        };
        let (sin, cos) = tilt_deg.to_radians().sin_cos();
        for _ in 0..(seconds * RATE_HZ) as u32 {
            let arrival_s = {
                let mut clocks = self.clocks.0.lock().unwrap();
                clocks.wall_s += 1.0 / RATE_HZ;
                clocks.arrival_s += 1.0 / RATE_HZ;
                clocks.arrival_s - late_s
            };
            let acc = [cos + noise(), noise(), -sin + noise()].map(|g| (g * 1e9) as i64);
            let raw = RawSample {
                t: Time::from_seconds(arrival_s - self.began_s),
                seq: None,
                ticks: None,
                arrival: Some(Arrival(Seconds(arrival_s).nanos().unsigned_abs())),
                acc,
                gyr: [0; 3],
                flags: 0,
            };
            self.chain.take(Item::Sample(raw)).unwrap();
        }
    }

    /// A little wearing and a look; gives the words against signals.
    fn reasons(&mut self) -> Vec<&'static str> {
        self.wear(3.0, 2.0, 0.1);
        self.chain.look().unwrap();
        self.chain.now().armed.err().unwrap_or_default().iter().map(Reason::name).collect()
    }

    fn acute(&mut self) -> bool {
        !self.reasons().contains(&"acute_off")
    }

    fn local(&self) -> DateTime {
        let clocks = self.clocks.0.lock().unwrap();
        jiff::Timestamp::from_second(clocks.wall_s as i64).unwrap().to_zoned(clocks.zone.clone()).datetime()
    }

    /// Goes on for so long with a look in each quarter of an hour.
    fn run(&mut self, hours: f64) {
        for _ in 0..(hours * 4.0) as u32 {
            self.pass(900.0);
            self.chain.look().unwrap();
        }
    }
}

fn chain(folder: &TempDir, host: Made) -> Chain {
    let store = Store::open(folder.path()).unwrap();
    let moments = Moments::new(Box::new(host), &store.reader().unwrap()).unwrap();
    let mounting = MountingSource::Given(Mounting::from_axes(&axes()));
    Chain::new(store, mounting, Placement::L1, Vec::new(), moments).unwrap()
}

#[test]
fn acute_days_and_quiet_hours_follow_local_time_over_both_clock_changes() {
    for change in [date(2026, 3, 29), date(2026, 10, 25)] {
        let onset = change.checked_sub(jiff::Span::new().days(3)).unwrap();
        let mut bench = Bench::new(BERLIN, onset.at(12, 0, 0, 0), onset);
        bench.set("quiet_hours", "22:00-07:00");
        for _ in 0..9 * 12 {
            bench.pass(7199.0);
            let reasons = bench.reasons();
            let (local, day) = (bench.local(), onset.until(bench.local().date()).unwrap().get_days());
            assert_eq!(reasons.contains(&"acute_off"), day >= 7, "{local}: {reasons:?}");
            let quiet = local.hour() >= 22 || local.hour() < 7;
            assert_eq!(reasons.contains(&"quiet_hours"), quiet, "{local}: {reasons:?}");
        }
    }
}

#[test]
fn a_flight_to_the_west_does_not_bring_an_acute_day_back() {
    let onset = date(2026, 5, 1);
    let mut bench = Bench::new(BERLIN, date(2026, 5, 7).at(20, 0, 0, 0), onset);
    assert!(bench.acute());
    bench.run(4.5);
    assert!(!bench.acute(), "day 7, half past midnight");
    bench.travel("America/New_York");
    bench.set("quiet_hours", "18:00-19:00");
    let reasons = bench.reasons();
    assert!(reasons.contains(&"acute_off") && reasons.contains(&"quiet_hours"), "18:30 of day 6 there: {reasons:?}");
    bench.chain.look().unwrap();
    let Bench { folder, clocks, chain: before, .. } = bench;
    before.close().unwrap();
    let mut after = Bench { chain: chain(&folder, clocks.clone()), folder, clocks, began_s: 0.0, noise: 1 };
    after.begin();
    assert!(!after.acute(), "nor does a new start");
    let (reader, zone) = (after.chain.store.reader().unwrap(), after.clocks.zone());
    let day = crate::store::episode::wearers_day(&reader, after.clocks.wall(), &zone).unwrap();
    assert_eq!((day, after.local().date()), (date(2026, 5, 8), date(2026, 5, 7)), "and a command says the same day");
}

#[test]
fn a_clock_that_was_ahead_and_is_set_right_does_not_end_the_acute_days() {
    const DAYS_10: f64 = 10.0 * 86_400.0;
    let mut bench = Bench::new(BERLIN, date(2026, 5, 2).at(9, 0, 0, 0), date(2026, 5, 1));
    assert!(bench.acute());
    bench.set_clock(DAYS_10);
    assert!(!bench.acute(), "as far as anyone can tell");
    bench.pass(600.0);
    bench.set_clock(-DAYS_10);
    assert!(bench.acute(), "seen for ten minutes: at once");
    bench.set_clock(DAYS_10);
    bench.run(5.0);
    assert!(!bench.acute());
    bench.set_clock(-DAYS_10);
    bench.run(0.5);
    assert!(!bench.acute(), "seen for hours: not before the clock has run for one");
    bench.run(1.0);
    assert!(bench.acute());
    bench.run(1.5);
    bench.set_clock(-30.0 * 86_400.0);
    assert!(bench.acute(), "nor does a clock that lost its time");
    bench.chain.look().unwrap();
    let kept = bench.chain.store.reader().unwrap().setting("days_seen").unwrap().unwrap();
    assert!(kept.starts_with("2026-05-02 "), "{kept}");
}

#[test]
fn after_a_sleep_and_after_setting_the_clock_the_time_of_day_is_that_of_now() {
    let mut bench = Bench::new(BERLIN, date(2026, 5, 2).at(20, 0, 0, 0), date(2026, 5, 1));
    bench.set("quiet_hours", "22:00-07:00");
    assert_eq!(bench.reasons(), Vec::<&str>::new());
    // The lid is closed at eight, and opened at six.
    bench.pass(10.0 * 3600.0);
    assert!(bench.reasons().contains(&"quiet_hours"));
    bench.set_clock(3.0 * 3600.0);
    bench.wear(3.0, 2.0, 0.1);
    assert!(!bench.reasons().contains(&"quiet_hours"), "nine, as the clock is set now");
    let shown = bench.chain.now();
    assert_eq!(shown.at, Some(bench.clocks.wall()));
}

#[test]
fn a_sample_that_is_late_gives_no_signal_and_one_in_time_does() {
    for (late_s, sent) in [(0.2, 1), (1.5, 0)] {
        let mut bench = Bench::new(BERLIN, date(2026, 5, 2).at(12, 0, 0, 0), date(2026, 5, 1));
        bench.wear(10.0, 2.0, late_s);
        bench.wear(3.0, 75.0, late_s);
        let shown = bench.chain.now().armed.err().unwrap_or_default();
        assert_eq!(shown.contains(&Reason::NoFreshSample), sent == 0, "{shown:?}");
        bench.wear(5.0, 2.0, late_s);
        assert_eq!((bench.chain.tally().signals, bench.chain.tally().withheld), (sent, 1 - sent));
    }
    let mut bench = Bench::new(BERLIN, date(2026, 5, 2).at(12, 0, 0, 0), date(2026, 5, 1));
    assert_eq!(bench.reasons(), Vec::<&str>::new());
    bench.pass(3.0);
    bench.chain.look().unwrap();
    assert_eq!(bench.chain.now().armed, Err(vec![Reason::NoFreshSample]), "and a stream that stands is shown");
}

#[test]
fn a_threshold_that_is_raised_holds_at_once() {
    let mut bench = Bench::new(BERLIN, date(2026, 5, 2).at(12, 0, 0, 0), date(2026, 5, 1));
    bench.set("thresholds", "W1=80 W4=off");
    bench.wear(5.0, 2.0, 0.1);
    bench.wear(3.0, 72.0, 0.1);
    bench.wear(5.0, 2.0, 0.1);
    assert_eq!(bench.chain.tally().signals, 0);
    bench.set("thresholds", "");
    bench.wear(3.0, 72.0, 0.1);
    assert_eq!(bench.chain.tally().signals, 1);
}

#[test]
fn sitting_still_is_nudged_and_kept_as_a_signal_of_its_own() {
    let mut bench = Bench::new(BERLIN, date(2026, 5, 2).at(12, 0, 0, 0), date(2026, 5, 1));
    bench.set("nudges", "on 30m 07:00-22:00");
    let mut signals = Signals::new(Notifier::new());
    for quiet in ["off", "off", "12:30-13:30"] {
        bench.set("quiet_hours", quiet);
        bench.wear(15.5 * 60.0, 3.0, 0.1);
        bench.chain.tell(&mut signals);
    }
    bench.wear(16.0 * 60.0, 3.0, 0.1);
    bench.chain.tell(&mut signals);
    signals.finish(std::time::Duration::from_secs(30), bench.chain.store()).unwrap();
    bench.chain.end().unwrap();
    bench.chain.close().unwrap();
    let kept = Reader::open(bench.folder.path()).unwrap();
    let kept = kept.signals(&Selection::Wall(WallTime(0)..WallTime(i64::MAX))).unwrap();
    let nudges: Vec<_> = kept.iter().map(|row| (row.about.rule.as_str(), row.about.reason.as_deref())).collect();
    assert_eq!(nudges, [("nudge", None), ("nudge", Some("quiet_hours"))]);
    let sent = &kept[0].about;
    assert_eq!((sent.unit.as_deref(), sent.threshold, sent.sent), (Some("s"), Some(1800.0), true));
    assert!(sent.ratio.unwrap() >= 1.0 && sent.text.as_deref().unwrap().contains("around the home"), "{sent:?}");
}

/// Plays a scenario through the chain, as a simulated sensor; `watch` sees the chain after each item.
fn play(simulation: Simulation, watch: &mut dyn FnMut(&Item, &mut Chain)) {
    let folder = tempfile::tempdir().unwrap();
    let zone = TimeZone::get(BERLIN).unwrap();
    let clocks = Made(Arc::new(Mutex::new(Clocks { wall_s: 0.0, arrival_s: 0.0, zone })));
    let mut chain = chain(&folder, clocks);
    let mut hand = chain.store.hand().unwrap();
    hand.set_setting("nudges", "on 30m 07:00-22:00", WallTime(0)).unwrap();
    chain.change(Circumstances::read(&chain.store.reader().unwrap()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (sender, mut items) = tokio::sync::mpsc::channel(1024);
    let begins = date(2026, 5, 4).at(9, 0, 0, 0).to_zoned(TimeZone::get(BERLIN).unwrap()).unwrap();
    let start = WallTime(begins.timestamp().as_second() * 1_000_000_000);
    let play = Play { simulation, speaks: Speaks::OpenMotion, speed: Speed::Max, start, zone: BERLIN.into() };
    let _inside = runtime.enter();
    simulator::start(play, sender).unwrap();
    while let Some(item) = items.blocking_recv() {
        chain.take(item.clone()).unwrap();
        watch(&item, &mut chain);
    }
}

#[test]
fn scenario_9_the_reason_is_shown_and_a_walk_offers_to_refresh() {
    let simulation = scenario(9, 1, Some(50.0), None).unwrap().remove(0);
    let (mut gap, mut silent, mut since, mut after, mut offered) = (false, 0, 0, Vec::new(), false);
    play(simulation, &mut |item, chain| {
        gap |= matches!(item, Item::Gap { cause: GapCause::Away, .. });
        if let Item::Silence { .. } = item {
            silent += 1;
            assert!(chain.now().armed.unwrap_err().contains(&Reason::NoFreshSample));
        }
        since += u32::from(gap && matches!(item, Item::Sample(_)));
        // A second after it is back.
        if since == 50 && after.is_empty() {
            let now = chain.now();
            after = now.armed.unwrap_err().iter().map(|reason| reason.words(now.locale, &now.zone)).collect();
        }
        offered |= chain.now().offer.is_some();
    });
    assert!(silent > 0);
    assert!(
        after.iter().any(|words| words == "The sensor was away for 11 min. Walk for 20 seconds to refresh it."),
        "{after:?}"
    );
    assert!(offered);
}

#[test]
fn scenario_11_a_sensor_on_a_table_is_shown_as_off_and_nobody_is_nudged() {
    let simulation = scenario(11, 1, Some(25.0), None).unwrap().remove(0);
    let (mut nudged, mut off) = (0, false);
    play(simulation, &mut |_, chain| {
        nudged += chain.encouraging.sayings().filter(|saying| matches!(saying, Saying::Nudge(..))).count();
        if chain.tick.is_some_and(|tick| tick.posture == crate::signal::Posture::NotWorn) && !off {
            off = chain.now().armed.unwrap_err().contains(&Reason::NotWorn);
        }
    });
    assert_eq!((nudged, off), (0, true));
}
