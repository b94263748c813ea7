//! The Monitor from outside: scenarios of the field, resuming anywhere, symmetry, and hostile input.
//!
//! The signals here are made by formula: the trunk tilts by a given course, gravity turns with it, and
//! noise is added. They share nothing with the detectors but units and frames.
//!
//! Longer than most files here: many short scenarios on one body made by formula.

use lumbard::frames::{Axes, Placement, Quat, Vec3};
use lumbard::signal::{Event, Flags, Input, Kind, LyingSide, Monitor, Output, Posture, Sample, Setup, Tick};
use lumbard::units::{Seconds, Time};
use proptest::prelude::*;
use std::f64::consts::{PI, TAU};

/// Evenly spread noise of a given deviation, the same in every run.
struct Noise(u32);

impl Noise {
    fn next(&mut self, deviation: f64) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(self.0 >> 8) / f64::from(1_u32 << 24) - 0.5) * deviation * 12.0_f64.sqrt()
    }
}

/// A body whose sensor tilts forward and sideways by formulas (degrees), and is pushed up and down (g).
struct Body<'a> {
    seconds: f64,
    rate_hz: f64,
    tilt_deg: &'a dyn Fn(f64) -> f64,
    side_deg: &'a dyn Fn(f64) -> f64,
    push_g: &'a dyn Fn(f64) -> f64,
    noise_g: f64,
}

fn level(_: f64) -> f64 {
    0.0
}

impl Default for Body<'_> {
    fn default() -> Self {
        Self { seconds: 60.0, rate_hz: 50.0, tilt_deg: &level, side_deg: &level, push_g: &level, noise_g: 0.005 }
    }
}

impl Body<'_> {
    fn samples(&self) -> Vec<Sample> {
        let mut noise = Noise(1);
        let tilt = |t: f64| (self.tilt_deg)(t).to_radians();
        let count = (self.seconds * self.rate_hz) as usize + 1;
        (0..count)
            .map(|i| {
                let t = i as f64 / self.rate_hz;
                let (theta, phi) = (tilt(t), (self.side_deg)(t).to_radians());
                let up = Vec3::new(theta.cos() * phi.cos(), -phi.sin(), -theta.sin() * phi.cos());
                let still = |noise: &mut Noise, size| Vec3::from_fn(|_, _| noise.next(size));
                let acc = up * (1.0 + (self.push_g)(t)) + still(&mut noise, self.noise_g);
                let forward = (tilt(t + 1e-4) - tilt(t - 1e-4)) / 2e-4;
                let gyr = Vec3::new(0.0, -forward, 0.0) + still(&mut noise, 0.002);
                Sample { t: Time::from_seconds(t), acc, gyr: Some(gyr) }
            })
            .collect()
    }
}

fn setup(placement: Placement) -> Setup {
    Setup { body_from_sensor: Some(Quat::identity()), placement, ..Setup::default() }
}

fn judged(setup: Setup, samples: &[Sample]) -> Vec<Output> {
    let mut out = Vec::new();
    let mut monitor = Monitor::new(setup);
    samples.iter().for_each(|sample| monitor.push(Input::Sample(*sample), &mut |output| out.push(output)));
    monitor.finish(&mut |output| out.push(output));
    out
}

fn events(out: &[Output], kind: Kind) -> Vec<Event> {
    let event = |output: &Output| if let Output::Event(event) = output { Some(*event) } else { None };
    out.iter().filter_map(event).filter(|event| event.kind == kind).collect()
}

fn steps(out: &[Output]) -> usize {
    out.iter().filter(|output| matches!(output, Output::Step(_))).count()
}

fn postures(out: &[Output]) -> Vec<(f64, Posture, Option<LyingSide>)> {
    let span = |output: &Output| match output {
        Output::Posture(span) => Some((span.end.since(span.start).0, span.posture, span.lying_side)),
        _ => None,
    };
    out.iter().filter_map(span).collect()
}

/// One half-sine bend of the sensor.
fn bend(t: f64, start: f64, lasts: f64, peak_deg: f64) -> f64 {
    if (start..start + lasts).contains(&t) { peak_deg * ((t - start) * PI / lasts).sin() } else { 0.0 }
}

/// Walking at two steps a second, as the pelvis bounces.
fn walk(t: f64) -> f64 {
    0.15 * (TAU * 2.0 * t).sin() + 0.03 * (TAU * 4.0 * t).cos()
}

fn near(got: f64, want: f64, within: f64) {
    assert!((got - want).abs() <= within, "{got} is not {want} ± {within}");
}

#[test]
fn scenario_1_standing_still_for_ten_minutes_is_nothing_at_all() {
    let out = judged(setup(Placement::L1), &Body { seconds: 600.0, ..Body::default() }.samples());
    assert_eq!((events(&out, Kind::Bend).len(), steps(&out)), (0, 0));
    for output in &out {
        match output {
            Output::Tick(tick) => near(tick.tea.unwrap().degrees(), 0.0, 1.0),
            // The very last sample opens an epoch of its own, too short for figures.
            Output::Epoch(epoch) if epoch.valid_share > 0.5 => assert!(epoch.mad_mg.unwrap() < 10.0),
            _ => {}
        }
    }
}

#[test]
fn scenario_2_one_bend_to_80_degrees_is_one_bend_with_its_figures() {
    let tilt = |t| bend(t, 10.0, 4.0, 80.0);
    let out = judged(setup(Placement::L1), &Body { seconds: 30.0, tilt_deg: &tilt, ..Body::default() }.samples());
    let bends = events(&out, Kind::Bend);
    assert_eq!(bends.len(), 1);
    let detail = bends[0].bend.unwrap();
    near(detail.peak_tea.degrees(), 80.0, 3.0);
    let beyond = |level: f64| 4.0 - 2.0 * 4.0 * (level / 80.0).asin() / PI;
    near(detail.over_60.0, beyond(60.0), 0.2);
    near(detail.over_30.0, beyond(30.0), 0.2);
    near(bends[0].start.seconds(), 10.0 + 4.0 * (30.0_f64 / 80.0).asin() / PI, 0.1);
    near(detail.peak_down.degrees_per_second(), 80.0 * PI / 4.0, 8.0);
}

#[test]
fn scenario_3_the_belt_sees_half_and_the_bend_is_whole() {
    // The planning table maps 41° at the belt to about 80°.
    let tilt = |t| bend(t, 10.0, 4.0, 40.7);
    let out = judged(setup(Placement::L5S1), &Body { seconds: 30.0, tilt_deg: &tilt, ..Body::default() }.samples());
    let bends = events(&out, Kind::Bend);
    assert_eq!(bends.len(), 1);
    near(bends[0].bend.unwrap().peak_tea.degrees(), 80.0, 5.0);
}

#[test]
fn scenario_6_swaying_around_sixty_is_one_bend() {
    let tilt = |t: f64| {
        let ramp = ((t - 5.0) / 2.0).clamp(0.0, 1.0) * ((70.0 - t) / 2.0).clamp(0.0, 1.0);
        ramp * (60.0 + 2.0 * (TAU * t).sin())
    };
    let out = judged(setup(Placement::L1), &Body { seconds: 80.0, tilt_deg: &tilt, ..Body::default() }.samples());
    assert_eq!(events(&out, Kind::Bend).len(), 1);
}

#[test]
fn scenario_7_five_minutes_of_walking_are_six_hundred_steps() {
    let out = judged(setup(Placement::L1), &Body { seconds: 300.0, push_g: &walk, ..Body::default() }.samples());
    near(steps(&out) as f64, 600.0, 12.0);
    let bouts = events(&out, Kind::WalkingBout);
    assert_eq!((bouts.len(), events(&out, Kind::Bend).len()), (1, 0));
    near(bouts[0].cadence_spm.unwrap(), 120.0, 1.0);
}

#[test]
fn scenario_8_lying_is_lying_on_every_side_and_prone_from_upright_is_not() {
    let tilt = |t: f64| match t {
        t if t < 300.0 => -90.0,
        t if t < 600.0 => 0.0,
        _ => 90.0,
    };
    let side = |t: f64| if (300.0..600.0).contains(&t) { 85.0 } else { 0.0 };
    let body = Body { seconds: 900.0, tilt_deg: &tilt, side_deg: &side, ..Body::default() };
    let mut samples = body.samples();
    // The formula's jumps between postures are no rotation that a gyroscope could show.
    samples.iter_mut().for_each(|sample| sample.gyr = None);
    let out = judged(setup(Placement::L1), &samples);
    let spans = postures(&out);
    assert!(spans.iter().all(|(_, posture, _)| *posture == Posture::Lying), "{spans:?}");
    let sides: Vec<_> = spans.iter().filter(|(seconds, ..)| *seconds > 100.0).map(|span| span.2.unwrap()).collect();
    assert_eq!(sides, [LyingSide::Back, LyingSide::Right, LyingSide::Front]);
    assert_eq!(events(&out, Kind::Bend).len(), 0);

    let prone = |t: f64| 85.0 * ((t - 30.0) / 3.0).clamp(0.0, 1.0);
    let out = judged(setup(Placement::L1), &Body { seconds: 330.0, tilt_deg: &prone, ..Body::default() }.samples());
    let spans = postures(&out);
    assert!(spans.iter().all(|(_, posture, _)| *posture != Posture::Lying), "{spans:?}");
    let prone: f64 = spans.iter().filter(|span| span.1 == Posture::ProneOrAllFours).map(|span| span.0).sum();
    near(prone, 330.0 - 33.0 - 120.0, 3.0);
}

#[test]
fn scenario_10_lost_packets_leave_bends_where_they_were_and_a_gap_truncates() {
    let tilt = |t: f64| bend(t.rem_euclid(30.0), 10.0, 4.0, 80.0);
    let body = Body { seconds: 300.0, tilt_deg: &tilt, ..Body::default() };
    let whole = body.samples();
    let mut noise = Noise(7);
    let lossy: Vec<Sample> = whole.iter().copied().filter(|_| noise.next(1.0) > -0.692).collect();
    let (a, b) = (judged(setup(Placement::L1), &whole), judged(setup(Placement::L1), &lossy));
    let (a, b) = (events(&a, Kind::Bend), events(&b, Kind::Bend));
    assert_eq!((a.len(), b.len()), (10, 10));
    for (a, b) in a.iter().zip(&b) {
        near(a.start.seconds(), b.start.seconds(), 0.3);
        near(a.end.seconds(), b.end.seconds(), 0.3);
    }
    let shares: Vec<f64> = judged(setup(Placement::L1), &lossy)
        .iter()
        .filter_map(|output| if let Output::Epoch(epoch) = output { Some(epoch.valid_share) } else { None })
        .take(60)
        .collect();
    near(shares.iter().sum::<f64>() / shares.len() as f64, 0.70, 0.02);

    let holed: Vec<Sample> = whole.into_iter().filter(|s| !(11.5..12.5).contains(&s.t.seconds())).collect();
    let out = judged(setup(Placement::L1), &holed);
    let gaps = events(&out, Kind::Gap);
    assert_eq!(gaps.len(), 1);
    near(gaps[0].start.seconds(), 11.5, 0.05);
    near(gaps[0].end.seconds(), 12.5, 0.05);
    assert!(events(&out, Kind::Bend)[0].flags.has(Flags::TRUNCATED));
}

#[test]
fn scenario_11_ninety_minutes_on_a_table_are_not_worn() {
    let body = Body { seconds: 5400.0, noise_g: 0.002, ..Body::default() };
    let out = judged(setup(Placement::L1), &body.samples());
    let off: f64 = events(&out, Kind::NonWear).iter().map(|event| event.end.since(event.start).0).sum();
    assert!(off >= 75.0 * 60.0, "{off} s");
    let worn: f64 = postures(&out).iter().filter(|span| span.1 != Posture::NotWorn).map(|span| span.0).sum();
    near(worn, 300.0, 15.0);
    assert_eq!(events(&out, Kind::StillBout).len(), 0);
}

/// Walking, standing, two bends, and lying down at the end.
fn a_little_of_everything(rate_hz: f64) -> Vec<Sample> {
    let tilt = |t: f64| {
        let down = -85.0 * ((t - 60.0) / 2.0).clamp(0.0, 1.0);
        bend(t, 25.0, 3.0, 70.0) + bend(t, 40.0, 5.0, 50.0) + down
    };
    let push = |t: f64| if t < 20.0 { walk(t) } else { 0.0 };
    Body { seconds: 90.0, rate_hz, tilt_deg: &tilt, push_g: &push, ..Body::default() }.samples()
}

#[test]
fn another_rate_gives_the_same_events() {
    let of = |rate_hz: f64| judged(setup(Placement::L1), &a_little_of_everything(rate_hz));
    let want = of(100.0);
    for rate_hz in [25.0, 50.0, 200.0, 400.0] {
        let got = of(rate_hz);
        near(steps(&got) as f64, steps(&want) as f64, 1.0);
        for kind in [Kind::Bend, Kind::WalkingBout, Kind::SitToStand, Kind::StandToSit] {
            let (got, want) = (events(&got, kind), events(&want, kind));
            assert_eq!(got.len(), want.len(), "{kind:?} at {rate_hz} Hz");
            for (got, want) in got.iter().zip(&want) {
                near(got.start.seconds(), want.start.seconds(), 0.15);
                // The last step of a bout may or may not rise above the noise.
                let within = if kind == Kind::WalkingBout { 0.6 } else { 0.15 };
                near(got.end.seconds(), want.end.seconds(), within);
                if let (Some(got), Some(want)) = (got.bend, want.bend) {
                    near(got.peak_tea.degrees(), want.peak_tea.degrees(), 1.5);
                }
            }
        }
        let long = |out: &[Output]| {
            postures(out).into_iter().filter(|span| span.0 > 3.0).map(|span| span.1).collect::<Vec<_>>()
        };
        assert_eq!(long(&got), long(&want), "{rate_hz} Hz");
    }
}

#[test]
fn the_belt_upside_down_gives_the_same_events() {
    let samples = a_little_of_everything(100.0);
    let upright = judged(setup(Placement::L1), &samples);
    let axes: Axes = "up=-x,right=-y,forward=+z".parse().unwrap();
    let body_from_sensor = axes.body_from_sensor();
    let turned: Vec<Sample> = samples
        .iter()
        .map(|sample| Sample {
            acc: body_from_sensor.inverse_transform_vector(&sample.acc),
            gyr: sample.gyr.map(|gyr| body_from_sensor.inverse_transform_vector(&gyr)),
            ..*sample
        })
        .collect();
    let turned = judged(Setup { body_from_sensor: Some(body_from_sensor), ..setup(Placement::L1) }, &turned);
    for kind in Kind::ALL {
        let (a, b) = (events(&upright, kind), events(&turned, kind));
        assert_eq!(a.len(), b.len(), "{kind:?}");
        a.iter().zip(&b).for_each(|(a, b)| near(a.start.seconds(), b.start.seconds(), 0.021));
    }
    assert_eq!(steps(&upright), steps(&turned));
}

#[test]
fn left_and_right_mirror_each_other() {
    let tilt = |t| bend(t, 10.0, 4.0, 60.0);
    let side = |t| bend(t, 10.0, 4.0, 25.0);
    let mut right = Body { seconds: 30.0, tilt_deg: &tilt, side_deg: &side, ..Body::default() }.samples();
    // The body's gyroscope knows only of forward tilt.
    right.iter_mut().for_each(|sample| sample.gyr = None);
    let mirror = |sample: &Sample| Sample {
        acc: Vec3::new(sample.acc.x, -sample.acc.y, sample.acc.z),
        gyr: sample.gyr.map(|gyr| Vec3::new(-gyr.x, gyr.y, -gyr.z)),
        ..*sample
    };
    let left: Vec<Sample> = right.iter().map(mirror).collect();
    let peaks = [right, left].map(|samples| {
        let bends = events(&judged(setup(Placement::L1), &samples), Kind::Bend);
        assert_eq!(bends.len(), 1);
        bends[0].bend.unwrap()
    });
    near(peaks[0].peak_side.degrees(), -peaks[1].peak_side.degrees(), 1e-6);
    near(peaks[0].peak_side.degrees(), 25.0, 3.0);
    near(peaks[0].peak_tea.degrees(), peaks[1].peak_tea.degrees(), 1e-6);
}

#[test]
fn nothing_depends_on_what_comes_after_it_was_decided() {
    let samples = a_little_of_everything(50.0);
    let whole = judged(setup(Placement::L1), &samples);
    for cut in [500, 1300, 1407, 2150, 2260, 3100, 3601] {
        let until = samples[cut].t;
        let part = judged(setup(Placement::L1), &samples[..=cut]);
        let before = |out: &[Output]| {
            let early = |output: &&Output| match output {
                Output::Event(event) => event.decided < until,
                Output::Step(step) => step.decided < until,
                Output::Posture(span) => span.decided < until,
                Output::Tick(tick) => tick.t < until,
                Output::Epoch(_) => false,
            };
            out.iter().filter(early).cloned().collect::<Vec<_>>()
        };
        assert_eq!(before(&whole), before(&part), "cut at sample {cut}");
    }
}

/// The same samples without a gyroscope and in other units than g, as a cheap sensor gives them.
fn without_gyroscope(samples: &[Sample], scale: f64) -> Vec<Sample> {
    samples.iter().map(|sample| Sample { acc: sample.acc * scale, gyr: None, ..*sample }).collect()
}

/// Sitting down and rising once every `period` seconds, without a rest between: the pelvis leans forward,
/// rolls back on the seat and comes forward again; it falls before it sits and is pushed up as it rises.
fn seat(t: f64, period: f64) -> (f64, f64) {
    let phase = t.rem_euclid(period);
    let pulse = |at: f64| (-((phase - at) / 0.18).powi(2)).exp();
    let share = |at: f64, over: f64| ((phase - at) / over).clamp(0.0, 1.0);
    let back = -25.0 * (share(1.2, 0.4) - share(2.4, 0.4));
    let push = -0.25 * pulse(0.95) + 0.25 * pulse(1.4) + 0.25 * pulse(2.5) - 0.25 * pulse(2.95);
    (back + 8.0 * pulse(0.9) + 8.0 * pulse(2.9), push)
}

#[test]
fn five_rises_without_a_rest_between_are_five_at_any_rate_and_scale() {
    let inside = |t: f64| (2.0..20.0).contains(&t);
    let tilt = |t: f64| if inside(t) { seat(t - 2.0, 3.6).0 } else { 0.0 };
    let push = |t: f64| if inside(t) { seat(t - 2.0, 3.6).1 } else { 0.0 };
    for rate_hz in [25.0, 31.0, 100.0, 400.0] {
        let body = Body { seconds: 24.0, rate_hz, tilt_deg: &tilt, push_g: &push, ..Body::default() };
        for scale in [0.75, 1.0] {
            let out = judged(setup(Placement::L5S1), &without_gyroscope(&body.samples(), scale));
            let counts = [Kind::SitToStand, Kind::StandToSit, Kind::Bend].map(|kind| events(&out, kind).len());
            assert_eq!(counts, [5, 5, 0], "{rate_hz} Hz, scale {scale}");
        }
    }
}

#[test]
fn five_bends_between_which_the_body_does_not_stand_straight_are_five() {
    let tilt = |t: f64| {
        let leaning = ((t - 2.0) / 1.0).clamp(0.0, 1.0) * ((18.0 - t) / 1.0).clamp(0.0, 1.0);
        let bends = if (4.0..16.5).contains(&t) { bend((t - 4.0).rem_euclid(2.5), 0.2, 2.0, 35.0) } else { 0.0 };
        12.0 * leaning + bends
    };
    for rate_hz in [25.0, 50.0, 200.0] {
        let body = Body { seconds: 24.0, rate_hz, tilt_deg: &tilt, ..Body::default() };
        for samples in [body.samples(), without_gyroscope(&body.samples(), 0.8)] {
            let bends = events(&judged(setup(Placement::L5S1), &samples), Kind::Bend);
            assert_eq!(bends.len(), 5, "{rate_hz} Hz: {bends:?}");
            assert!(bends.windows(2).all(|pair| pair[0].end <= pair[1].start), "{bends:?}");
        }
    }
}

#[test]
fn a_bend_with_a_gap_at_its_bottom_is_told_once() {
    let tilt = |t: f64| bend(t, 10.0, 3.0, 45.0);
    let whole = Body { seconds: 30.0, tilt_deg: &tilt, ..Body::default() }.samples();
    for whole in [without_gyroscope(&whole, 0.8), whole] {
        for (from, to) in [(10.2, 11.2), (10.8, 11.6), (11.5, 12.3), (11.0, 12.9)] {
            let holed: Vec<Sample> =
                whole.iter().copied().filter(|sample| !(from..to).contains(&sample.t.seconds())).collect();
            let out = judged(setup(Placement::L5S1), &holed);
            let bends = events(&out, Kind::Bend);
            assert_eq!(bends.len(), 1, "{from} to {to} s: {bends:?}");
            assert!(bends[0].flags.has(Flags::TRUNCATED));
        }
    }
}

#[test]
fn lying_down_on_a_side_and_getting_up_is_no_bend() {
    let down = |t: f64| ((t - 10.0) / 2.0).clamp(0.0, 1.0) * ((40.0 - t) / 2.0).clamp(0.0, 1.0);
    let (tilt, side) = (|t: f64| 60.0 * down(t) * (1.0 - down(t)) * 4.0, |t: f64| 80.0 * down(t));
    let body = Body { seconds: 60.0, tilt_deg: &tilt, side_deg: &side, ..Body::default() };
    let out = judged(setup(Placement::L1), &without_gyroscope(&body.samples(), 1.0));
    assert_eq!(events(&out, Kind::Bend).len(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_recording_resumed_anywhere_goes_on_as_if_nothing_had_happened(cut in 0_usize..4500) {
        let samples = a_little_of_everything(50.0);
        let mut monitor = Monitor::new(setup(Placement::L1));
        samples[..cut].iter().for_each(|sample| monitor.push(Input::Sample(*sample), &mut |_| ()));
        let mut resumed = monitor.clone();
        prop_assert!(resumed == monitor);
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for sample in &samples[cut..] {
            monitor.push(Input::Sample(*sample), &mut |output| a.push(output));
            resumed.push(Input::Sample(*sample), &mut |output| b.push(output));
        }
        monitor.finish(&mut |output| a.push(output));
        resumed.finish(&mut |output| b.push(output));
        prop_assert_eq!(a, b);
    }

    #[test]
    fn samples_taken_together_give_what_each_alone_gives(
        lengths in prop::collection::vec(1_usize..40, 300..400),
        spoilt in prop::collection::vec((0_usize..4500, 0_usize..6), 0..60),
        without_gyro in any::<bool>(),
    ) {
        let mut samples = a_little_of_everything(50.0);
        for (at, how) in spoilt {
            let before = samples[at.saturating_sub(1)];
            let sample = &mut samples[at];
            match how {
                0 => sample.acc.x = f64::NAN,
                1 => sample.acc = Vec3::new(3.999, 0.1, 0.2),
                2 => *sample = before,
                3 => sample.gyr = None,
                4 => sample.gyr = Some(Vec3::repeat(500.0)),
                _ => samples[at..].iter_mut().for_each(|later| later.t = later.t + Seconds(0.7)),
            }
        }
        if without_gyro {
            samples.iter_mut().for_each(|sample| sample.gyr = None);
        }
        let (mut one, mut many) = (Monitor::new(setup(Placement::L1)), Monitor::new(setup(Placement::L1)));
        let (mut a, mut b) = (Vec::new(), Vec::new());
        let mut rest = &samples[..];
        for length in lengths {
            let (now, later) = rest.split_at(length.min(rest.len()));
            rest = later;
            now.iter().for_each(|sample| one.push(Input::Sample(*sample), &mut |output| a.push(output)));
            many.samples(now, &mut |output| b.push(output));
            prop_assert!(one == many);
        }
        prop_assert!(rest.len() < samples.len() / 2);
        prop_assert_eq!(a, b);
    }

    #[test]
    fn whatever_comes_in_nothing_breaks(
        rows in prop::collection::vec(
            (-2_000_000_000_i64..20_000_000_000, prop::array::uniform3(any::<f64>()), prop::array::uniform3(-9.0..9.0_f64)),
            1..200,
        ),
        gyro in any::<bool>(),
    ) {
        let mut monitor = Monitor::new(setup(Placement::Unknown));
        let mut t = 0_i64;
        let mut take = |output| {
            if let Output::Tick(Tick { tilt: Some(tilt), .. }) = output {
                assert!(tilt.radians().is_finite());
            }
        };
        for (i, (dt, wild, tame)) in rows.into_iter().enumerate() {
            t = t.saturating_add(dt);
            let acc = if i % 3 == 0 { Vec3::from(wild) } else { Vec3::from(tame) };
            let gyr = gyro.then(|| Vec3::from(if i % 5 == 0 { wild } else { tame }));
            let input = match i % 17 {
                5 => Input::Gap { from: Time(t), to: Time(t + 1_000_000_000), lost: 9 },
                11 => Input::Silence { since: Time(t), lasting: Seconds(3.0) },
                _ => Input::Sample(Sample { t: Time(t), acc, gyr }),
            };
            monitor.push(input, &mut take);
        }
        monitor.finish(&mut take);
    }
}

#[test]
fn broken_sensors_see_no_bends_and_no_steps() {
    type Fault = fn(f64, Vec3) -> Vec3;
    let hostile: [(&str, Fault); 6] = [
        ("not a number now and then", |t, acc| if (t * 7.0).fract() < 0.2 { Vec3::repeat(f64::NAN) } else { acc }),
        ("only infinities", |_, _| Vec3::repeat(f64::INFINITY)),
        ("only zeros", |_, _| Vec3::zeros()),
        ("stuck", |_, _| Vec3::new(0.6, 0.0, 0.8)),
        ("clipped", |_, _| Vec3::new(2.0, 2.0, 2.0)),
        ("one axis dead", |_, acc| Vec3::new(acc.x, 0.0, acc.z)),
    ];
    for (what, break_it) in hostile {
        let mut samples = Body::default().samples();
        samples.iter_mut().for_each(|sample| sample.acc = break_it(sample.t.seconds(), sample.acc));
        let out = judged(setup(Placement::L1), &samples);
        assert_eq!((events(&out, Kind::Bend).len(), steps(&out)), (0, 0), "{what}");
    }
}

#[test]
fn repeated_times_are_left_out_and_a_jump_in_time_is_a_gap() {
    let samples = Body { seconds: 20.0, ..Body::default() }.samples();
    let twice: Vec<Sample> = samples.iter().flat_map(|sample| [*sample, *sample]).collect();
    assert_eq!(judged(setup(Placement::L1), &samples), judged(setup(Placement::L1), &twice));
    let jump = samples.iter().map(|sample| {
        let late = if sample.t.seconds() > 10.0 { Seconds(1e6) } else { Seconds(0.0) };
        Sample { t: sample.t + late, ..*sample }
    });
    let out = judged(setup(Placement::L1), &jump.collect::<Vec<_>>());
    assert_eq!(events(&out, Kind::Gap).len(), 1);
    assert_eq!(events(&out, Kind::Bend).len(), 0);
}
