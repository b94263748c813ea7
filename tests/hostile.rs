//! A broken sensor on somebody who stands still: whatever it says, nothing panics, no bend, step or signal is made
//! up, and no posture is claimed that the wearer is not in.
//!
//! Faults are composed at random: each spoils a stretch of the recording in one way, and several may overlap. What
//! has no usable value for over half a second must be told as a gap, with posture `unknown`: that is the reason a
//! reader is given. Resuming and cutting are held here too, on a simulated day and on a recording with faults.

use lumbard::frames::{Placement, Quat, Vec3};
use lumbard::link::simulator::worn_day;
use lumbard::signal::mounting::auto::AutoMounting;
use lumbard::signal::mounting::standing::{StandingCalibration, StandingParams};
use lumbard::signal::smooth::Smoother;
use lumbard::signal::{Event, Input, Kind, Monitor, Output, Posture, Sample, Setup};
use lumbard::units::{Seconds, Time};
use lumbard::warning::Rehearsal;
use proptest::prelude::*;
use std::sync::LazyLock;

/// Length of the standing, s.
const STANDING_S: f64 = 60.0;
const RATE_HZ: f64 = 100.0;

/// Noise of a given deviation, the same in every run.
struct Noise(u32);

impl Noise {
    fn next(&mut self, deviation: f64) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(self.0 >> 8) / f64::from(1_u32 << 24) - 0.5) * deviation * 12.0_f64.sqrt()
    }
    fn three(&mut self, deviation: f64) -> Vec3 {
        Vec3::from_fn(|_, _| self.next(deviation))
    }
}

/// Somebody stands still, with the sensor on the body's axes.
fn standing() -> Vec<Sample> {
    let mut noise = Noise(7);
    let count = (STANDING_S * RATE_HZ) as u32;
    let sample = |i: u32| Sample {
        t: Time::from_seconds(f64::from(i) / RATE_HZ),
        acc: Vec3::x() + noise.three(0.005),
        gyr: Some(noise.three(0.003)),
    };
    (0..count).map(sample).collect()
}

/// One way in which a sensor or its link breaks.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// No numbers from the accelerometer, or one of its axes.
    AccNan(Option<usize>),
    /// No numbers from the gyroscope, or one of its axes.
    GyrNan(Option<usize>),
    AccInfinite(usize),
    GyrInfinite(usize),
    /// An axis of the accelerometer sits at the end of a range, in g.
    AccSaturated(usize, f64),
    /// The same of the gyroscope, in °/s.
    GyrSaturated(usize, f64),
    /// An axis repeats one value to the last bit.
    AccStuck(usize),
    /// All axes do.
    AllStuck,
    AccZero,
    GyrZero,
    /// The gyroscope is gone, and comes back.
    GyrGone,
    /// Only every so manyth sample comes.
    Slower(usize),
    /// Samples come twice, with the time of the first.
    Twice,
    /// From here on the clock is so many seconds ahead.
    Jump(f64),
    /// The clock stands still.
    ClockStands,
}

/// A fault, and the stretch it spoils.
#[derive(Clone, Copy, Debug)]
struct Spoilt {
    fault: Fault,
    from_s: f64,
    lasting_s: f64,
}

impl Spoilt {
    fn apply(&self, samples: &[Sample]) -> Vec<Sample> {
        let (from, to) = (Time::from_seconds(self.from_s), Time::from_seconds(self.from_s + self.lasting_s));
        let first = samples.iter().find(|sample| sample.t >= from).copied();
        let mut out = Vec::with_capacity(samples.len());
        for (i, sample) in samples.iter().enumerate() {
            let (mut sample, inside) = (*sample, from <= sample.t && sample.t < to);
            if let Fault::Jump(by) = self.fault
                && sample.t >= from
            {
                sample.t = sample.t + Seconds(by);
            } else if inside {
                match self.fault {
                    Fault::Slower(every) if !i.is_multiple_of(every) => continue,
                    Fault::Twice => out.push(sample),
                    _ => self.spoil(&mut sample, first.as_ref()),
                }
            }
            out.push(sample);
        }
        out
    }

    fn spoil(&self, sample: &mut Sample, first: Option<&Sample>) {
        let spread = |vector: &mut Vec3, axis: Option<usize>, value: f64| match axis {
            Some(axis) => vector[axis] = value,
            None => *vector = Vec3::repeat(value),
        };
        let gyr = sample.gyr.as_mut();
        match self.fault {
            Fault::AccNan(axis) => spread(&mut sample.acc, axis, f64::NAN),
            Fault::GyrNan(axis) => gyr.into_iter().for_each(|gyr| spread(gyr, axis, f64::NAN)),
            Fault::AccInfinite(axis) => sample.acc[axis] = f64::NEG_INFINITY,
            Fault::GyrInfinite(axis) => gyr.into_iter().for_each(|gyr| gyr[axis] = f64::INFINITY),
            Fault::AccSaturated(axis, g) => sample.acc[axis] = g,
            Fault::GyrSaturated(axis, dps) => gyr.into_iter().for_each(|gyr| gyr[axis] = dps.to_radians()),
            Fault::AccStuck(axis) => sample.acc[axis] = first.map_or(0.0, |first| first.acc[axis]),
            Fault::AllStuck => *sample = first.map_or(*sample, |first| Sample { t: sample.t, ..*first }),
            Fault::AccZero => sample.acc = Vec3::zeros(),
            Fault::GyrZero => gyr.into_iter().for_each(|gyr| *gyr = Vec3::zeros()),
            Fault::GyrGone => sample.gyr = None,
            Fault::ClockStands => sample.t = first.map_or(sample.t, |first| first.t),
            Fault::Slower(_) | Fault::Twice | Fault::Jump(_) => {}
        }
    }
}

/// Everything that was said, signals included.
fn judged(samples: &[Sample]) -> Vec<Output> {
    let setup = Setup { body_from_sensor: Some(Quat::identity()), placement: Placement::L1, ..Setup::default() };
    let (mut monitor, mut rehearsal, mut out) = (Monitor::new(setup), Rehearsal::default(), Vec::new());
    let mut take = |output: Output| {
        let mut signal = None;
        rehearsal.push(&output, &mut |event| signal = Some(Output::Event(event)));
        out.push(output);
        out.extend(signal);
    };
    samples.iter().for_each(|sample| monitor.push(Input::Sample(*sample), &mut take));
    monitor.finish(&mut take);
    out
}

fn events(out: &[Output]) -> impl Iterator<Item = &Event> {
    out.iter().filter_map(|output| if let Output::Event(event) = output { Some(event) } else { None })
}

/// What must hold of somebody who stands still, or why it does not.
fn nothing_is_made_up(samples: &[Sample]) -> Result<(), String> {
    let out = judged(samples);
    if let Some(event) = events(&out).find(|event| event.kind != Kind::Gap) {
        return Err(format!("made up: {:?} at {:.2} s", event.kind, event.start.seconds()));
    }
    for output in &out {
        match output {
            Output::Step(step) => return Err(format!("made up: a step at {:.2} s", step.t.seconds())),
            Output::Posture(span) => match span.posture {
                Posture::Unknown | Posture::UprightStill | Posture::Moving => {}
                false_one => return Err(format!("{false_one:?} at {:.2} s", span.start.seconds())),
            },
            Output::Tick(tick) => {
                let angles = [tick.tilt, tick.side, tick.tea];
                if angles.iter().flatten().any(|angle| !angle.radians().is_finite()) {
                    return Err(format!("an angle that is no number at {:.2} s", tick.t.seconds()));
                }
            }
            Output::Epoch(epoch) => {
                let figures = [epoch.mad_mg, epoch.enmo_mg, Some(epoch.valid_share)];
                if figures.iter().flatten().any(|figure| !figure.is_finite() || *figure < 0.0) {
                    return Err(format!("a figure that is no number at {:.2} s", epoch.start.seconds()));
                }
            }
            Output::Event(_) => {}
        }
    }
    unusable_is_unknown(samples, &out)
}

/// A stretch of over half a second without one usable value is a gap, and its posture unknown.
fn unusable_is_unknown(samples: &[Sample], out: &[Output]) -> Result<(), String> {
    // The edges of what is a reading lie far from anything these faults make.
    let usable = |sample: &Sample| sample.acc.iter().all(|v| v.is_finite()) && sample.acc.norm() > 0.1;
    let mut last: Option<Time> = None;
    for sample in samples.iter().filter(|sample| usable(sample)) {
        let Some(before) = last.replace(sample.t).filter(|before| sample.t.since(*before).0 > 0.5 + 1e-9) else {
            continue;
        };
        let middle = Time(before.0 + (sample.t.0 - before.0) / 2);
        let told = events(out).any(|event| event.kind == Kind::Gap && event.start <= middle && middle < event.end);
        let unknown = out.iter().any(|output| match output {
            Output::Posture(span) => span.posture == Posture::Unknown && span.start <= middle && middle < span.end,
            _ => false,
        });
        if !told || !unknown {
            return Err(format!("nothing usable at {:.2} s: gap {told}, unknown {unknown}", middle.seconds()));
        }
    }
    Ok(())
}

/// An axis that sits at the end of its range, in every form.
fn saturations() -> Vec<Fault> {
    let mut all = Vec::new();
    for axis in 0..3 {
        all.extend([2.0, -2.0, 4.0, 8.0, -16.0].map(|g| Fault::AccSaturated(axis, g)));
        all.extend([250.0, -500.0, 1000.0, 2000.0, -2000.0].map(|dps| Fault::GyrSaturated(axis, dps)));
    }
    all
}

/// Every other fault, with all of its values.
fn every_fault() -> Vec<Fault> {
    let axes = [0, 1, 2];
    let some = || axes.map(Some).into_iter().chain([None]);
    let mut all: Vec<Fault> = some().map(Fault::AccNan).chain(some().map(Fault::GyrNan)).collect();
    for axis in axes {
        all.extend([Fault::AccInfinite(axis), Fault::GyrInfinite(axis), Fault::AccStuck(axis)]);
    }
    all.extend([Fault::AllStuck, Fault::AccZero, Fault::GyrZero, Fault::GyrGone, Fault::Twice, Fault::ClockStands]);
    all.extend([2, 3, 4, 7].map(Fault::Slower));
    all.extend([0.02, 0.3, 0.6, 30.0, 600.0].map(Fault::Jump));
    all
}

#[test]
fn no_single_fault_makes_anything_up() {
    let samples = standing();
    let mut wrong = Vec::new();
    for fault in every_fault() {
        for lasting_s in [0.02, 0.3, 2.0, 20.0] {
            let spoilt = Spoilt { fault, from_s: 20.0, lasting_s };
            if let Err(why) = nothing_is_made_up(&spoilt.apply(&samples)) {
                wrong.push(format!("{fault:?} for {lasting_s} s: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is held of saturation: while the accelerometer is at its end, no signal is given, and every figure stays a
/// number. Not held: bends, turns and signals that follow when the attitude has been turned by such values, from an
/// accelerometer for seconds after it, from a gyroscope at once, since nothing tells its clipping.
#[test]
fn a_saturated_sensor_breaks_nothing_and_a_saturated_accelerometer_gives_no_signal() {
    let samples = standing();
    for fault in saturations() {
        for lasting_s in [0.02, 0.3, 2.0, 20.0] {
            let spoilt = Spoilt { fault, from_s: 20.0, lasting_s };
            let out = judged(&spoilt.apply(&samples));
            let numbers = out.iter().all(|output| match output {
                Output::Tick(tick) => {
                    [tick.tilt, tick.side, tick.tea].iter().flatten().all(|a| a.radians().is_finite())
                }
                Output::Epoch(epoch) => [epoch.mad_mg, epoch.enmo_mg].iter().flatten().all(|f| f.is_finite()),
                _ => true,
            });
            assert!(numbers, "{spoilt:?}");
            let during = |event: &&Event| (20.0..20.0 + lasting_s).contains(&event.start.seconds());
            let signals = events(&out).filter(|event| event.kind == Kind::Signal).filter(during).count();
            assert!(signals == 0 || matches!(fault, Fault::GyrSaturated(..)), "{spoilt:?}");
        }
    }
}

fn fault() -> impl Strategy<Value = Spoilt> {
    let at = (prop::sample::select(every_fault()), 0.0..55.0_f64, prop_oneof![0.01..0.6_f64, 0.6..20.0_f64]);
    at.prop_map(|(fault, from_s, lasting_s)| Spoilt { fault, from_s, lasting_s })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_composition_of_faults_makes_anything_up(faults in prop::collection::vec(fault(), 1..6)) {
        let samples = faults.iter().fold(standing(), |samples, fault| fault.apply(&samples));
        prop_assert_eq!(nothing_is_made_up(&samples), Ok(()));
    }

    /// The mounting and the smoother take the same samples before and beside the monitor.
    #[test]
    fn mounting_calibration_and_smoother_survive_any_composition_of_faults(
        faults in prop::collection::vec(fault(), 1..6),
    ) {
        let samples = faults.iter().fold(standing(), |samples, fault| fault.apply(&samples));
        let (mut auto, mut calibration, mut smoother) =
            (AutoMounting::new(), StandingCalibration::new(StandingParams::default()), Smoother::default());
        for sample in &samples {
            auto.push(sample);
            calibration.push(sample);
            smoother.push(sample);
        }
        let finite = |q: Quat| q.coords.iter().all(|v| v.is_finite());
        prop_assert!(auto.estimate().is_none_or(|found| finite(found.body_from_sensor)));
        prop_assert!(calibration.finish().map_or(true, |found| finite(found.mounting.body_from_sensor)));
        if let Some(mut smoothed) = smoother.finish() {
            prop_assert!(samples.iter().all(|sample| finite(smoothed.next(sample))));
        }
    }
}

/// An hour and more of a worn day with everything in it, at 100 Hz with six axes.
static EVENTFUL: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let day = worn_day(5, 1.2, RATE_HZ, Placement::L3);
    day.readings().map(|reading| Sample { t: reading.t, acc: reading.acc_g, gyr: Some(reading.gyr) }).collect()
});

/// The monitor and the warning rules behind it, which are resumed together.
#[derive(Clone, PartialEq)]
struct Judge {
    monitor: Monitor,
    rehearsal: Rehearsal,
}

impl Judge {
    fn new(placement: Placement) -> Self {
        let setup = Setup { body_from_sensor: Some(Quat::identity()), placement, ..Setup::default() };
        Self { monitor: Monitor::new(setup), rehearsal: Rehearsal::default() }
    }
    fn push(&mut self, sample: &Sample, out: &mut Vec<Output>) {
        let Self { monitor, rehearsal } = self;
        monitor.push(Input::Sample(*sample), &mut |output| take(rehearsal, output, out));
    }
    fn finish(&mut self, out: &mut Vec<Output>) {
        let Self { monitor, rehearsal } = self;
        monitor.finish(&mut |output| take(rehearsal, output, out));
    }
}

fn take(rehearsal: &mut Rehearsal, output: Output, out: &mut Vec<Output>) {
    let mut signals = Vec::new();
    rehearsal.push(&output, &mut |event| signals.push(Output::Event(event)));
    out.push(output);
    out.append(&mut signals);
}

fn decided(output: &Output) -> Option<Time> {
    match output {
        Output::Event(event) => Some(event.decided),
        Output::Step(step) => Some(step.decided),
        Output::Posture(span) => Some(span.decided),
        Output::Tick(tick) => Some(tick.t),
        Output::Epoch(_) => None,
    }
}

/// Cutting a recording anywhere changes nothing that had been decided: what ends at the cut says what the whole says,
/// as far as it was decided before, and what the whole decides later was not there.
#[test]
fn cutting_a_day_anywhere_changes_nothing_that_was_decided_before() {
    let samples = &*EVENTFUL;
    let mut whole = Vec::new();
    let mut judge = Judge::new(Placement::L3);
    let mut cuts = Vec::new();
    // Every 7 s and an odd sample: cuts fall into every phase of every movement.
    for (i, sample) in samples.iter().enumerate() {
        judge.push(sample, &mut whole);
        if i % 701 == 0 {
            let (mut ended, mut at_end) = (judge.clone(), Vec::new());
            ended.finish(&mut at_end);
            cuts.push((sample.t, whole.len(), at_end));
        }
    }
    judge.finish(&mut whole);
    assert!(whole.iter().any(|output| matches!(output, Output::Event(event) if event.kind == Kind::Signal)));
    for (t, said, at_end) in cuts {
        let (before, after) = whole.split_at(said);
        assert!(before.iter().filter_map(decided).all(|at| at <= t), "decided after the cut at {t:?}");
        // What had been decided before the cut, the whole has said before the cut or says the same at it.
        let early = |output: &&Output| decided(output).is_some_and(|at| at < t);
        let late: Vec<&Output> = after.iter().filter(early).collect();
        assert_eq!(at_end.iter().filter(early).collect::<Vec<_>>(), late, "cut at {t:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_day_resumed_at_any_sample_goes_on_as_if_nothing_had_happened(
        cut in 0_usize..60_000,
        faults in prop::collection::vec(fault(), 0..3),
    ) {
        // Five minutes are enough behind any cut; the faults lie around it.
        let samples = EVENTFUL[..cut + 30_000].to_vec();
        let spoilt = faults.iter().map(|spoilt| Spoilt { from_s: spoilt.from_s + cut as f64 / RATE_HZ - 30.0, ..*spoilt });
        let samples = spoilt.fold(samples, |samples, spoilt| spoilt.apply(&samples));
        let cut = cut.min(samples.len());
        let (mut judge, mut out) = (Judge::new(Placement::L3), Vec::new());
        samples[..cut].iter().for_each(|sample| judge.push(sample, &mut out));
        let (mut resumed, said) = (judge.clone(), out.len());
        let mut again = out.clone();
        for sample in &samples[cut..] {
            judge.push(sample, &mut out);
            resumed.push(sample, &mut again);
        }
        judge.finish(&mut out);
        resumed.finish(&mut again);
        // By their texts: a spoilt sensor's values may be no numbers, which equal nothing.
        prop_assert_eq!(format!("{:?}", &out[said..]), format!("{:?}", &again[said..]));
    }
}
