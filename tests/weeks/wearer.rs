//! A made-up wearer: true time and what happens in it, as ticks and events for the rules and as facts for the onlooker.
//!
//! Every condition is switched at random moments of its own. The wall clock is set on and back, the wearer travels,
//! the machine sleeps, recordings end and begin; the weeks lie about clock changes of the zones. The time of day is
//! worked out here from typed offsets, not by the library that the rules use.

use crate::onlooker::{Facts, Onlooker};
use jiff::civil;
use jiff::tz::TimeZone;
use lumbard::frames::{Placement, Vec3};
use lumbard::signal::{BendDetail, Event, Flags, Kind, Posture, Tick};
use lumbard::units::{Angle, AngularRate, Seconds, Time, WallTime};
use lumbard::warning::{Context, Freshness, QuietHours, Reason, StaleCause, Warner, WarningParams};

/// Zones with their offsets in minutes, from these UTC seconds on: typed from their published rules for 2026.
const ZONES: [(&str, [(i64, i64); 3]); 4] = [
    ("Europe/Berlin", [(0, 60), (1_774_746_000, 120), (1_792_890_000, 60)]),
    ("America/New_York", [(0, -300), (1_772_953_200, -240), (1_793_512_800, -300)]),
    ("Australia/Lord_Howe", [(0, 660), (1_775_314_800, 630), (1_791_041_400, 660)]),
    ("Asia/Tokyo", [(0, 540), (0, 540), (0, 540)]),
];
/// Weeks begin some days before a change of the clocks, UTC seconds.
const BEGINNINGS: [i64; 4] = [1_774_400_000, 1_792_600_000, 1_793_200_000, 1_775_000_000];
const TICK_S: f64 = 0.04;

/// Random numbers of a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
    fn chance(&mut self, of: f64) -> bool {
        self.unit() < of
    }
    fn pick(&mut self, of: usize) -> usize {
        (self.unit() * of as f64) as usize
    }
    /// How long until something happens that happens after so long on average.
    fn wait(&mut self, mean_s: f64) -> f64 {
        -mean_s * (1.0 - self.unit()).ln()
    }
}

/// Something that is so, or not, and changes at random moments.
#[derive(Clone, Copy)]
struct Switch {
    on: bool,
    next_s: f64,
    on_for_s: f64,
    off_for_s: f64,
}

impl Switch {
    const fn rare(on_for_s: f64, off_for_s: f64) -> Self {
        Self { on: false, next_s: 0.0, on_for_s, off_for_s }
    }
    fn at(&mut self, now_s: f64, dice: &mut Dice) -> bool {
        if self.next_s == 0.0 {
            self.next_s = dice.wait(self.off_for_s);
        }
        while now_s >= self.next_s {
            self.on = !self.on;
            self.next_s += dice.wait(if self.on { self.on_for_s } else { self.off_for_s }).max(0.001);
        }
        self.on
    }
}

/// Switches by place in [`Wearer::switches`]: what each says against a signal while on.
const SWITCHED: [&str; 9] = [
    "red_flag",
    "calibration_stale",
    "calibration_missing",
    "placement_unknown",
    "exercise_running",
    "calibrating",
    "no_fresh_sample",
    "implausible",
    "acute_off",
];

/// How the body is at one tick.
#[derive(Clone, Copy)]
struct Pose {
    posture: Posture,
    tea_deg: f64,
    tilt_deg: f64,
    side_deg: f64,
    sitting: Option<f32>,
}

impl Pose {
    fn upright(tea_deg: f64) -> Self {
        Self { posture: Posture::Moving, tea_deg, tilt_deg: tea_deg, side_deg: 0.0, sitting: None }
    }
}

pub(crate) struct Wearer {
    dice: Dice,
    warner: Warner,
    pub(crate) onlooker: Onlooker,
    now_s: f64,
    recording_since_s: f64,
    newest_tick_s: f64,
    /// Wall seconds at true second 0; changes when the clock is set.
    wall_at_zero_s: f64,
    zone: usize,
    switches: [Switch; 9],
    snoozed_until_wall_s: Option<f64>,
    /// Minutes of the day.
    quiet: Option<(i64, i64)>,
    next_change_s: f64,
    seated: bool,
    /// A fact that is kept from the rules, to see that the onlooker notices.
    hidden: &'static str,
}

impl Wearer {
    pub(crate) fn new(seed: u64) -> Self {
        Self::broken(seed, WarningParams::default(), "")
    }

    /// One whose rules have other thresholds, or do not know of a fact.
    pub(crate) fn broken(seed: u64, params: WarningParams, hidden: &'static str) -> Self {
        let mut dice = Dice(seed);
        let begins = BEGINNINGS[dice.pick(BEGINNINGS.len())] as f64 + dice.between(0.0, 86_400.0).floor();
        Self {
            warner: Warner::new(params),
            onlooker: Onlooker::default(),
            now_s: 0.0,
            recording_since_s: 0.0,
            newest_tick_s: 0.0,
            wall_at_zero_s: begins,
            zone: dice.pick(ZONES.len()),
            switches: [
                Switch::rare(2400.0, 90_000.0),
                Switch::rare(2400.0, 60_000.0),
                Switch::rare(1500.0, 90_000.0),
                Switch::rare(1500.0, 90_000.0),
                Switch::rare(900.0, 20_000.0),
                Switch::rare(120.0, 8_000.0),
                Switch::rare(20.0, 1_500.0),
                Switch::rare(1.0, 800.0),
                Switch::rare(7_000.0, 90_000.0),
            ],
            snoozed_until_wall_s: None,
            quiet: None,
            next_change_s: 0.0,
            seated: false,
            hidden,
            dice,
        }
    }

    pub(crate) fn live(&mut self, days: f64) {
        while self.now_s < days * 86_400.0 {
            if self.now_s >= self.next_change_s {
                self.next_change_s = self.now_s + self.dice.wait(3000.0);
                self.change();
            }
            match self.dice.pick(14) {
                0..=2 => self.calm(),
                3..=6 => self.some_bends(),
                7 => self.many_bends(),
                8 | 9 => self.hold(),
                10 => self.lift(),
                11 => self.sit(),
                12 => self.lie(),
                _ => self.kneel_or_take_off(),
            }
        }
    }

    /// Something in the surroundings changes.
    fn change(&mut self) {
        match self.dice.pick(7) {
            0 => {
                // Seconds, hours or days, on or back.
                let by_s = [5.0, 1800.0, 7200.0, 90_000.0][self.dice.pick(4)] * self.dice.between(0.5, 2.0);
                self.wall_at_zero_s += if self.dice.chance(0.5) { by_s } else { -by_s };
                self.onlooker.notes.clock_set += 1;
            }
            1 => {
                self.zone = self.dice.pick(ZONES.len());
                self.onlooker.notes.travels += 1;
            }
            2 => {
                // The machine sleeps: true time and its clock go on.
                self.now_s += self.dice.between(60.0, 30_000.0);
                self.onlooker.notes.sleeps += 1;
            }
            3 | 4 => {
                let lasting_s = [900.0, 1800.0, 3600.0][self.dice.pick(3)];
                self.snoozed_until_wall_s = Some(self.wall_s() + lasting_s);
            }
            5 => {
                let hours =
                    [None, None, Some((22 * 60, 7 * 60)), Some((13 * 60, 14 * 60 + 30)), Some((0, 24 * 60 - 1))];
                self.quiet = hours[self.dice.pick(hours.len())];
            }
            _ => {
                // A new recording, after a while in which nothing came.
                self.now_s += self.dice.wait(60.0);
                self.warner.begin_recording(Seconds(self.now_s - self.newest_tick_s));
                self.recording_since_s = self.now_s;
            }
        }
        if self.dice.chance(0.3) {
            self.quiet = None;
            self.snoozed_until_wall_s = self.snoozed_until_wall_s.filter(|until| *until - self.wall_s() < 7200.0);
        }
    }

    fn wall_s(&self) -> f64 {
        self.wall_at_zero_s + self.now_s
    }

    /// Minute of the local day, by the typed offsets.
    fn local_minute(&self) -> f64 {
        let utc_s = self.wall_s();
        let offset = ZONES[self.zone].1.iter().rev().find(|(from, _)| utc_s >= *from as f64).map_or(0, |(_, min)| *min);
        (utc_s / 60.0 + offset as f64).rem_euclid(1440.0)
    }

    fn in_quiet_hours(&self) -> bool {
        let minute = self.local_minute();
        self.quiet.is_some_and(|(from, to)| {
            let (from, to) = (from as f64, to as f64);
            if from <= to { minute >= from && minute < to } else { minute >= from || minute < to }
        })
    }

    fn t(&self) -> Time {
        Time(((self.now_s - self.recording_since_s) * 1e9).round() as i64)
    }

    fn context(&self, on: &[bool; 9]) -> Context {
        let calibration = match (on[1], on[2]) {
            (_, true) => Freshness::Missing,
            (true, _) => Freshness::Stale(StaleCause::PowerCycle),
            _ => Freshness::Fresh,
        };
        let time = |minutes: i64| civil::time((minutes / 60) as i8, (minutes % 60) as i8, 0, 0);
        let wall_ns = |s: f64| WallTime((s * 1e9).round() as i64);
        Context {
            acute: !on[8],
            red_flag: on[0],
            calibration,
            placement: if on[3] { Placement::Unknown } else { Placement::L1 },
            exercise: on[4],
            calibrating: on[5],
            snoozed_until: self.snoozed_until_wall_s.map(wall_ns),
            quiet: self.quiet.map(|(from, to)| QuietHours { from: time(from), to: time(to) }),
            zone: TimeZone::get(ZONES[self.zone].0).unwrap(),
            start: WallTime(wall_ns(self.wall_s()).0 - self.t().0),
            sample_age: Some(Seconds(if on[6] { 1.5 } else { 0.2 })),
        }
    }

    /// The context without what is kept from the rules.
    fn told(&self, context: Context) -> Context {
        match self.hidden {
            "red_flag" => Context { red_flag: false, ..context },
            "calibration_stale" | "calibration_missing" => Context { calibration: Freshness::Fresh, ..context },
            "placement_unknown" => Context { placement: Placement::L1, ..context },
            "exercise_running" => Context { exercise: false, ..context },
            "calibrating" => Context { calibrating: false, ..context },
            "no_fresh_sample" => Context { sample_age: Some(Seconds(0.2)), ..context },
            "snoozed" => Context { snoozed_until: None, ..context },
            "quiet_hours" => Context { quiet: None, ..context },
            "local time" => Context { zone: TimeZone::UTC, ..context },
            "acute_off" => Context { acute: true, ..context },
            _ => context,
        }
    }

    /// One tick, `after_s` later; the warner judges it and the onlooker judges the warner.
    fn tick(&mut self, after_s: f64, pose: Pose) {
        self.now_s += after_s;
        self.newest_tick_s = self.now_s;
        let now_s = self.now_s;
        let on: [bool; 9] = std::array::from_fn(|i| self.switches[i].at(now_s, &mut self.dice));
        let mut against: Vec<&'static str> = (0..8).filter(|&i| on[i]).map(|i| SWITCHED[i]).collect();
        // One that is missing cannot be stale.
        against.retain(|name| *name != "calibration_stale" || !on[2]);
        if self.snoozed_until_wall_s.is_some_and(|until_s| self.wall_s() < until_s) {
            against.push("snoozed");
        }
        if self.in_quiet_hours() {
            against.push("quiet_hours");
        }
        match pose.posture {
            Posture::NotWorn => against.push("not_worn"),
            Posture::Lying => against.push("lying"),
            Posture::ProneOrAllFours => against.push("prone_or_all_fours"),
            _ => {}
        }
        self.onlooker.look(Facts {
            now_s,
            acute: !on[8],
            against,
            tea_deg: Some(pose.tea_deg).filter(|_| !on[7]),
            resting: matches!(pose.posture, Posture::NotWorn | Posture::Lying | Posture::ProneOrAllFours),
            seated: self.seated,
        });
        let degrees = |deg| Some(Angle::from_degrees(deg));
        let tick = Tick {
            t: self.t(),
            up_sensor: Vec3::x(),
            tilt: degrees(pose.tilt_deg),
            side: degrees(pose.side_deg),
            tea: degrees(pose.tea_deg),
            beyond_table: false,
            posture: pose.posture,
            bending: pose.tea_deg >= 30.0,
            valid: !on[7],
            sitting: pose.sitting,
        };
        let context = self.told(self.context(&on));
        let mut verdicts = Vec::new();
        self.warner.push_tick(&tick, &context, &mut |verdict| verdicts.push(verdict));
        self.onlooker.hear(&verdicts);
        if !self.hidden.is_empty() {
            return;
        }
        let reasons = self.warner.armed(&context, context.start.at(tick.t)).err().unwrap_or_default();
        self.onlooker.read_reasons(&reasons.iter().map(Reason::name).collect::<Vec<_>>());
    }

    fn event(&mut self, kind: Kind, start_s: f64, end_s: f64, peak_deg: f64, flags: Flags) {
        let on: [bool; 9] = std::array::from_fn(|i| self.switches[i].on);
        let context = self.context(&on);
        let at = |s: f64| Time(((s - self.recording_since_s) * 1e9).round() as i64);
        let detail = BendDetail {
            peak_tea: Angle::from_degrees(peak_deg),
            peak_up: AngularRate::from_degrees_per_second(self.dice.between(35.0, 120.0)),
            ..BendDetail::default()
        };
        let event = Event { bend: Some(detail), flags, ..Event::new(kind, at(start_s), at(end_s), self.t()) };
        self.warner.push_event(&event, &context);
        if kind == Kind::Bend {
            let counts = flags == Flags::default() && !on[4];
            self.onlooker.bend_ended(counts);
        }
    }

    fn stand(&mut self, lasting_s: f64, every_s: f64) {
        for _ in 0..(lasting_s / every_s).ceil() as u32 {
            let lean_deg = self.dice.between(-3.0, 6.0);
            self.tick(every_s, Pose::upright(lean_deg));
        }
    }

    fn calm(&mut self) {
        let lasting_s = self.dice.wait(900.0).min(7200.0);
        self.stand(lasting_s, 10.0);
    }

    /// A bend as people make it: down, a while below, up.
    fn bend(&mut self, peak_deg: f64, move_s: f64, below_s: f64, sitting: Option<f32>) {
        let begun_s = self.now_s;
        let posture = if sitting.is_some() { Posture::UprightStill } else { Posture::Moving };
        let steps = (move_s / TICK_S).ceil() as u32;
        let course = |i: u32| 0.5 - 0.5 * (std::f64::consts::PI * f64::from(i) / f64::from(steps)).cos();
        for i in 1..=steps {
            self.tick(TICK_S, Pose { posture, sitting, ..Pose::upright(peak_deg * course(i)) });
        }
        for _ in 0..(below_s / 0.2).ceil() as u32 {
            let sway_deg = self.dice.between(-1.5, 1.5);
            self.tick(0.2, Pose { posture, sitting, ..Pose::upright(peak_deg + sway_deg) });
        }
        for i in (0..steps).rev() {
            self.tick(TICK_S, Pose { posture, sitting, ..Pose::upright(peak_deg * course(i)) });
        }
        let ended_s = self.now_s;
        for _ in 0..14 {
            self.tick(TICK_S, Pose { posture, sitting, ..Pose::upright(2.0) });
        }
        if peak_deg >= 32.0 {
            let flags = if sitting.is_some() { Flags::SITTING } else { Flags::default() };
            self.event(Kind::Bend, begun_s, ended_s, peak_deg, flags);
        }
    }

    fn some_bends(&mut self) {
        for _ in 0..=self.dice.pick(6) {
            let (peak_deg, move_s) = (self.dice.between(22.0, 110.0), self.dice.between(0.4, 3.0));
            let below_s = self.dice.wait(1.5).min(10.0);
            self.bend(peak_deg, move_s, below_s, None);
            let pause_s = self.dice.wait(15.0);
            self.stand(pause_s, 0.4);
        }
    }

    fn many_bends(&mut self) {
        for _ in 0..9 + self.dice.pick(12) {
            let (peak_deg, move_s) = (self.dice.between(33.0, 62.0), self.dice.between(0.6, 1.5));
            self.bend(peak_deg, move_s, 0.2, None);
            let pause_s = self.dice.between(1.0, 20.0);
            self.stand(pause_s, 0.4);
        }
        // Sometimes the tenth is followed by no upright moment for long.
        if self.dice.chance(0.3) {
            self.bend(35.0, 0.8, 130.0, None);
        }
        self.stand(3.0, TICK_S);
    }

    fn hold(&mut self) {
        let (deg, lasting_s) = (self.dice.between(21.0, 95.0), self.dice.between(20.0, 200.0));
        self.bend(deg, 1.2, lasting_s, None);
        self.stand(5.0, 0.4);
    }

    fn lift(&mut self) {
        let begun_s = self.now_s;
        let peak_deg = self.dice.between(35.0, 85.0);
        self.bend(peak_deg, 0.9, 0.4, None);
        let ended_s = self.now_s;
        self.event(Kind::PossibleLift, begun_s, ended_s, peak_deg, Flags::default());
        match self.dice.pick(3) {
            0 => self.bend(40.0, 0.8, 125.0, None),
            1 => self.lie(),
            _ => {}
        }
        self.stand(30.0, 0.4);
    }

    fn sit(&mut self) {
        self.seated = true;
        for _ in 0..=self.dice.pick(8) {
            self.stand_seated();
            let (deg, below_s) = (self.dice.between(25.0, 75.0), self.dice.between(0.5, 150.0));
            self.bend(deg, 1.0, below_s, Some(0.9));
        }
        self.stand_seated();
        self.seated = false;
        // Up again: known not to sit any more.
        for _ in 0..25 {
            self.tick(TICK_S, Pose { posture: Posture::Walking, ..Pose::upright(3.0) });
        }
    }

    fn stand_seated(&mut self) {
        for _ in 0..20 {
            self.tick(0.4, Pose { posture: Posture::UprightStill, sitting: Some(0.9), ..Pose::upright(4.0) });
        }
    }

    /// Down, a while, and up; on the back, a side or the front. The way there and back is no bend.
    fn lie(&mut self) {
        let lasting_s = self.dice.wait(2400.0).min(30_000.0);
        let (tilt_deg, side_deg) = [(-85.0, 0.0), (5.0, 75.0), (85.0, 0.0)][self.dice.pick(3)];
        let pose = Pose { posture: Posture::Lying, tea_deg: tilt_deg, tilt_deg, side_deg, sitting: None };
        for _ in 0..(lasting_s / 20.0).ceil() as u32 {
            self.tick(20.0, pose);
        }
        self.rise();
    }

    /// Upright again: for the rules after half a second near the vertical, so the onlooker is told nothing before.
    fn rise(&mut self) {
        for _ in 0..20 {
            self.tick(TICK_S, Pose { posture: Posture::Walking, ..Pose::upright(1.0) });
        }
    }

    fn kneel_or_take_off(&mut self) {
        let lasting_s = self.dice.wait(1200.0).min(20_000.0);
        let prone = self.dice.chance(0.5);
        // A lift, or many bends, just before: what waits then has to wait on.
        if self.dice.chance(0.6) {
            let begun_s = self.now_s;
            self.bend(45.0, 0.9, 0.4, None);
            let ended_s = self.now_s;
            self.event(Kind::PossibleLift, begun_s, ended_s, 45.0, Flags::default());
        }
        let posture = if prone { Posture::ProneOrAllFours } else { Posture::NotWorn };
        let deg = if prone { 88.0 } else { self.dice.between(-90.0, 90.0) };
        for _ in 0..(lasting_s / 20.0).ceil() as u32 {
            self.tick(20.0, Pose { posture, ..Pose::upright(deg) });
        }
        self.rise();
    }
}
