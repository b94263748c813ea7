use super::*;

/// xorshift64*: enough chance for tests, the same on every machine.
struct Chance(u64);

impl Chance {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A sensor and a link, in true seconds of the host's clock.
struct Sim {
    true_rate_hz: f64,
    nominal_rate_hz: f64,
    /// Sensor clock against host clock, as a share; `None`: it sends no clock.
    fast: Option<f64>,
    /// Samples wait for the next connection event.
    interval_s: f64,
    /// Chance that a connection event fails and everything waits for the next.
    retry: f64,
    chance: Chance,
}

const TICK_S: f64 = 1.0 / 32_768.0;
const START_ARRIVAL_NS: f64 = 5e12;

impl Sim {
    fn with_clock(fast: f64) -> Self {
        Self {
            true_rate_hz: 100.2,
            nominal_rate_hz: 100.0,
            fast: Some(fast),
            interval_s: 0.03,
            retry: 0.2,
            chance: Chance(3),
        }
    }
    fn without_clock(true_rate_hz: f64, nominal_rate_hz: f64) -> Self {
        Self { true_rate_hz, nominal_rate_hz, fast: None, ..Self::with_clock(0.0) }
    }
    fn timeline(&self) -> Timeline {
        Timeline::new(TimelineParams::default(), self.nominal_rate_hz, self.fast.map(|_| TICK_S))
    }
    /// True moment and reading of the sample with this number.
    fn sample(&mut self, i: u64) -> (f64, Reading) {
        let taken_s = i as f64 / self.true_rate_hz;
        let mut event = (taken_s / self.interval_s).ceil();
        // The same event fails for all samples that wait for it.
        while Chance(event as u64 * 2 + 0x9e37_79b9).unit() < self.retry && self.retry > 0.0 {
            event += 1.0;
        }
        let arrival_s = event * self.interval_s + 0.002 + 0.000_5 * self.chance.unit();
        let ticks = self.fast.map(|fast| Ticks((1e6 + taken_s * (1.0 + fast) / TICK_S) as u64));
        (taken_s, Reading { arrival: Arrival((START_ARRIVAL_NS + arrival_s * 1e9) as u64), ticks, seq: None })
    }
}

/// Runs samples through a timeline; hands `see` each one's true moment, place and state.
fn run(sim: &mut Sim, numbers: impl Iterator<Item = u64>, mut see: impl FnMut(f64, Placed, &TimelineState)) {
    let (timeline, mut state) = (sim.timeline(), TimelineState::default());
    let mut last: Option<Time> = None;
    for i in numbers {
        let (taken_s, reading) = sim.sample(i);
        let placed = timeline.place(&mut state, reading);
        assert!(last.is_none_or(|last| placed.t > last), "{last:?} {placed:?}");
        last = Some(placed.t);
        see(taken_s, placed, &state);
    }
}

#[test]
fn a_day_with_a_clock_that_is_200_ppm_off_stays_within_10_ms_and_loses_nothing() {
    for fast in [200e-6, -200e-6, 17e-6] {
        let mut sim = Sim::with_clock(fast);
        // Every 37th sample of a day: sparse, so that the test is quick; the clock tells the places all the same.
        let day = (0..86_400 * 100_u64).step_by(37);
        let (mut worst, mut last, mut steps) = (0.0_f64, None, 0.0_f64);
        let mut first_off = None;
        run(&mut sim, day, |taken_s, placed, _| {
            // Everything may be shifted by the least delay, which no one-way link can tell.
            let off_s = placed.t.seconds() - taken_s;
            if taken_s > 600.0 {
                let first = *first_off.get_or_insert(off_s);
                worst = worst.max((off_s - first).abs());
            }
            // At the start they may follow faster.
            if let Some((last_t, last_taken)) = last
                && taken_s > 20.0
            {
                let step: f64 = placed.t.since(last_t).0 - (taken_s - last_taken);
                steps = steps.max(step.abs() / (taken_s - last_taken));
            }
            last = Some((placed.t, taken_s));
        });
        assert!(worst < 0.010, "{fast}: {worst}");
        assert!(steps < 1.5e-3, "{fast}: distances off by {steps}");
    }
}

#[test]
fn the_skew_of_a_clock_is_found_to_a_few_ppm_in_ten_minutes() {
    let mut sim = Sim::with_clock(120e-6);
    let timeline = sim.timeline();
    let mut fit = None;
    run(&mut sim, 0..60_000, |_, _, state| fit = timeline.fit(state));
    let fast_ppm = fit.unwrap().fast_ppm;
    assert!((fast_ppm - 120.0).abs() < 10.0, "{fast_ppm}");
    assert_eq!(fit.unwrap().rate_hz, None);
}

#[test]
fn losses_show_by_the_clock_exactly() {
    let mut sim = Sim { true_rate_hz: 100.0, ..Sim::with_clock(30e-6) };
    let mut lost = Vec::new();
    let kept = (0..6000).filter(|i| !(1000..1003).contains(i) && *i != 4000);
    run(&mut sim, kept, |_, placed, _| lost.extend(placed.lost.map(|lost| (lost.samples, lost.shown_by))));
    assert_eq!(lost, [(3, ShownBy::Clock), (1, ShownBy::Clock)]);
}

#[test]
fn losses_show_by_the_counter_whatever_the_clock_says() {
    let timeline = Timeline::new(TimelineParams::default(), 100.0, Some(TICK_S));
    let mut state = TimelineState::default();
    let mut place = |seq: u64| {
        let reading = Reading { arrival: Arrival(seq * 10_000_000), ticks: Some(Ticks(seq * 328)), seq: Some(seq) };
        timeline.place(&mut state, reading).lost
    };
    assert_eq!((place(7), place(8)), (None, None));
    let lost = place(12).unwrap();
    assert_eq!((lost.samples, lost.shown_by), (3, ShownBy::Counter));
    assert!((lost.to.since(lost.from).0 - 0.04).abs() < 1e-3);
}

#[test]
fn bursts_of_a_sensor_without_clock_become_even_samples_at_its_true_rate() {
    for (true_hz, nominal_hz) in [(101.3, 100.0), (98.2, 100.0), (50.4, 50.0), (197.0, 200.0), (100.0, 100.0)] {
        let mut sim = Sim::without_clock(true_hz, nominal_hz);
        let timeline = sim.timeline();
        let (mut fit, mut last, mut uneven, mut lost) = (None, None, 0.0_f64, 0);
        let mut off = (f64::INFINITY, f64::NEG_INFINITY);
        run(&mut sim, 0..(600.0 * true_hz) as u64, |taken_s, placed, state| {
            fit = timeline.fit(state);
            lost += placed.lost.map_or(0, |lost| lost.samples);
            if let Some(last) = last
                && taken_s > 60.0
            {
                uneven = uneven.max((placed.t.since(last).0 * true_hz - 1.0).abs());
                let off_s = placed.t.seconds() - taken_s;
                off = (off.0.min(off_s), off.1.max(off_s));
            }
            last = Some(placed.t);
        });
        let rate_hz = fit.unwrap().rate_hz.unwrap();
        assert!((rate_hz / true_hz - 1.0).abs() < 1e-4, "{true_hz}: found {rate_hz}");
        assert!(uneven < 0.025, "{true_hz}: steps off by {uneven} of a period");
        assert!(off.1 - off.0 < 0.010, "{true_hz}: places wander by {off:?}");
        assert_eq!(lost, 0, "{true_hz}");
    }
}

#[test]
fn samples_lost_on_the_way_from_a_sensor_without_clock_show_as_a_deficit() {
    let mut sim = Sim::without_clock(100.7, 100.0);
    let holes = [(6_000, 1), (9_000, 3), (15_000, 20)];
    let kept = (0..30_000_u64).filter(|i| !holes.iter().any(|&(at, n)| (at..at + n).contains(i)));
    let mut found = Vec::new();
    let mut worst = 0.0_f64;
    run(&mut sim, kept, |taken_s, placed, _| {
        if let Some(lost) = placed.lost {
            found.push((lost.samples, taken_s));
        }
        if taken_s > 290.0 {
            worst = worst.max((placed.t.seconds() - taken_s).abs());
        }
    });
    let samples: Vec<u32> = found.iter().map(|&(n, _)| n).collect();
    // One sample is less than the least delay wanders by; it shows together with the next three.
    assert_eq!(samples, [4, 20], "{found:?}");
    for ((at, _), (_, told_s)) in holes.into_iter().skip(1).zip(found) {
        assert!((0.0..1.6).contains(&(told_s - at as f64 / 100.7)), "{at}: told at {told_s}");
    }
    assert!(worst < 0.040, "{worst}");
}

#[test]
fn an_interruption_without_a_clock_is_as_long_as_the_arrivals_say() {
    let mut sim = Sim::without_clock(101.0, 100.0);
    let kept = (0..12_000_u64).filter(|i| !(6_000..7_000).contains(i));
    let mut found = Vec::new();
    run(&mut sim, kept, |_, placed, _| found.extend(placed.lost));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!((found[0].to.since(found[0].from).0 - 1001.0 / 101.0).abs() < 0.1, "{found:?}");
    assert!(found[0].samples.abs_diff(1000) <= 10, "{found:?}");
}

#[test]
fn a_sensor_that_starts_anew_goes_on_in_the_recording_where_it_is_now() {
    let timeline = Timeline::new(TimelineParams::default(), 100.0, Some(TICK_S));
    let mut state = TimelineState::default();
    let place = |state: &mut TimelineState, at_s: f64, ticks_s: f64, seq: u64| {
        let (arrival, ticks) = (Arrival((at_s * 1e9) as u64), Ticks((ticks_s / TICK_S) as u64));
        timeline.place(state, Reading { arrival, ticks: Some(ticks), seq: Some(seq) })
    };
    for i in 0..1000_u64 {
        place(&mut state, 50.0 + 0.01 * i as f64, 300.0 + 0.01 * i as f64, 4000 + i);
    }
    state.restarted();
    let anew = place(&mut state, 63.0, 0.25, 20);
    assert!((anew.t.seconds() - 13.0).abs() < 1e-6, "{anew:?}");
    let lost = anew.lost.unwrap();
    assert_eq!((lost.samples, lost.shown_by), (300, ShownBy::Arrival));
    assert!((place(&mut state, 63.01, 0.26, 21).t.seconds() - 13.01).abs() < 1e-4);
}

#[test]
fn a_clock_that_jumps_is_taken_up_where_the_arrivals_are() {
    let timeline = Timeline::new(TimelineParams::default(), 100.0, Some(TICK_S));
    for jump_s in [100.0, -20.0] {
        let mut state = TimelineState::default();
        let mut last = Time(0);
        for i in 0..20_000_u64 {
            let at_s = 0.01 * i as f64;
            let ticks_s = 1000.0 + at_s + if i > 5_000 { jump_s } else { 0.0 };
            let reading = Reading {
                arrival: Arrival((at_s * 1e9) as u64),
                ticks: Some(Ticks((ticks_s / TICK_S) as u64)),
                seq: None,
            };
            let placed = timeline.place(&mut state, reading);
            assert!(placed.t > last || i == 0);
            last = placed.t;
        }
        assert!((last.seconds() - 199.99).abs() < 0.05, "{jump_s}: {last:?}");
    }
}

#[test]
fn a_state_cut_anywhere_goes_on_to_the_same_places() {
    let mut sim = Sim::without_clock(99.0, 100.0);
    let readings: Vec<Reading> = (0..5_000).map(|i| sim.sample(i).1).collect();
    let timeline = sim.timeline();
    let mut whole = TimelineState::default();
    let places: Vec<Placed> = readings.iter().map(|&reading| timeline.place(&mut whole, reading)).collect();
    let mut cut = TimelineState::default();
    for (reading, place) in readings.iter().zip(places) {
        cut = cut.clone();
        assert_eq!(timeline.place(&mut cut, *reading), place);
    }
}

#[test]
fn readings_of_any_kind_never_turn_time_back() {
    let mut chance = Chance(11);
    for clock in [None, Some(TICK_S)] {
        let timeline = Timeline::new(TimelineParams::default(), 50.0, clock);
        let (mut state, mut last, mut arrival) = (TimelineState::default(), None, 0);
        for _ in 0..20_000 {
            let mut any = |most: f64| (most * chance.unit().powi(8)) as u64;
            arrival += any(1e13);
            let (ticks, seq) = (Some(Ticks(any(1e15))), Some(any(1e12)));
            let reading = Reading { arrival: Arrival(arrival), ticks, seq };
            let t = timeline.place(&mut state, reading).t;
            assert!(last.is_none_or(|last| t > last));
            last = Some(t);
        }
    }
}
