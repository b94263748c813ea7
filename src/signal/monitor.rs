//! The whole chain in one place: a sample goes in, and whatever it completes comes out.
//!
//! In:  samples, gaps and silences. Out: ticks, events, steps, postures and epochs.
//! Three paces: per sample, in runs (see [`super::run`]), is it usable, which way is up, how much does it
//! move; 25 times a second, on the grid of [`super::grid`], steps and everything of the trunk's angle; five
//! times a second posture, wear and turns. So the sensor's rate matters to nothing behind the grid. The
//! state is plain: clone it anywhere, go on from the clone, and the same follows.
//! A little longer than other files, since it is the one place that knows every detector.

use super::attitude::strapdown::Felt;
use super::attitude::{Attitude, AttitudeParams, AttitudeState};
use super::coverage::CoverageState;
use super::exercise::ExerciseNow;
use super::gait::{Gait, GaitNews, GaitParams, GaitState};
use super::grid::{Frame, GridState, channels};
use super::mounting::AccScale;
use super::posture::{PostureParams, PostureState, STEP, Seen};
use super::run::{LONGEST, Reading, Run};
use super::setup::{ExerciseSet, Setup};
use super::still::{StillParams, StillState};
use super::trunk::{self, Trunk, TrunkState};
use super::turn::{TurnParams, TurnState};
use super::validity::{Validity, ValidityParams, ValidityState, Worth};
use super::volume::Epochs;
use super::wear::{WearParams, WearState};
use super::{Epoch, Event, Flags, Input, Kind, Output, Posture, Sample, Tick};
use crate::frames::{Quat, Vec3, forward_tilt, inclination, side_bend};
use crate::units::{Angle, Seconds, Time};
use nalgebra::Rotation3;

/// A hole longer than this is a gap: nothing may span it. Source: domain.md §8.
pub const GAP: Seconds = Seconds(0.5);

/// Epochs of one length that one grid step can complete: one, and one more right after a gap.
const EPOCHS: usize = 4;

/// Parameters of all detectors, made ready. Never changes while samples flow.
#[derive(Clone, Debug, PartialEq)]
struct Detectors {
    attitude: Attitude,
    validity: Validity,
    gait: Gait,
    gait_params: GaitParams,
    posture: PostureParams,
    trunk: Trunk,
    wear: WearParams,
    still: StillParams,
    turn: TurnParams,
}

/// All that samples change.
#[derive(Clone, Debug, PartialEq)]
struct State {
    attitude: AttitudeState,
    validity: ValidityState,
    coverage: CoverageState,
    grid: GridState,
    gait: GaitState,
    posture: PostureState,
    trunk: TrunkState,
    wear: WearState,
    still: StillState,
    turn: TurnState,
    epochs: Vec<Epochs>,
    /// When the slow detectors were last asked; `None` at the start and after a gap.
    stepped: Option<Time>,
    /// How far the sensor had turned about up then, rad.
    turned: f64,
    /// The newest input, and the newest usable sample.
    newest: Option<Time>,
    usable: Option<Time>,
    /// The link said that nothing comes since the newest usable sample, until this moment at least.
    gap_until: Option<Time>,
}

impl State {
    /// The posture as far as it is known at `t`. Steps become known a moment after they were made, and are
    /// then dated back; the newest moments of a walk that goes on are walking too.
    fn posture_at(&self, t: Time) -> Posture {
        match self.posture.now() {
            Posture::Unknown | Posture::Moving | Posture::UprightStill if self.gait.walking(t) => Posture::Walking,
            posture => posture,
        }
    }
}

/// Judges one recording, sample by sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    setup: Setup,
    /// The mounting as a matrix, which costs half as much to turn by.
    body_from_sensor: Option<Rotation3<f64>>,
    detectors: Detectors,
    state: State,
}

impl Monitor {
    /// Makes ready for a new recording.
    pub fn new(setup: Setup) -> Self {
        let detectors = Detectors {
            attitude: Attitude::new(AttitudeParams::default()),
            validity: Validity::new(ValidityParams::default()),
            gait: Gait::new(GaitParams::default()),
            gait_params: GaitParams::default(),
            posture: PostureParams::at(setup.placement),
            trunk: Trunk::default(),
            wear: WearParams::default(),
            still: StillParams::default(),
            turn: TurnParams::default(),
        };
        let epochs = [Some(setup.epoch), setup.second_epoch].into_iter().flatten().map(Epochs::new).collect();
        let state = State {
            attitude: AttitudeState::default(),
            validity: ValidityState::default(),
            coverage: CoverageState::default(),
            grid: GridState::default(),
            gait: GaitState::default(),
            posture: PostureState::default(),
            trunk: TrunkState::default(),
            wear: WearState::default(),
            still: StillState::default(),
            turn: TurnState::default(),
            epochs,
            stepped: None,
            turned: 0.0,
            newest: None,
            usable: None,
            gap_until: None,
        };
        Self { body_from_sensor: setup.body_from_sensor.map(Into::into), setup, detectors, state }
    }

    /// What the recording is judged with.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Takes a new mounting from a calibration that was made while samples flow; holds from the next
    /// sample on.
    pub fn set_mounting(&mut self, body_from_sensor: Option<Quat>) {
        self.setup.body_from_sensor = body_from_sensor;
        self.body_from_sensor = body_from_sensor.map(Into::into);
        self.state.trunk.remount();
    }

    /// Moves the mounting a little, to where walking shows upright to be; what is open goes on.
    pub fn refresh_mounting(&mut self, body_from_sensor: Quat) {
        self.body_from_sensor = Some(body_from_sensor.into());
        if let Some(before) = self.setup.body_from_sensor.replace(body_from_sensor) {
            let upright = body_from_sensor * before.inverse_transform_vector(&Vec3::x());
            self.state.trunk.tilt_by(forward_tilt(&upright));
        }
    }

    /// Takes the sensor's error of scale, once that is known; holds from the next sample on.
    pub fn set_acc_scale(&mut self, acc_scale: AccScale) {
        self.setup.acc_scale = acc_scale;
    }

    /// Opens or closes exercise sets while samples flow; holds from the next sample on.
    pub fn set_exercises(&mut self, sets: Vec<ExerciseSet>) {
        self.setup.exercise_sets = sets;
    }

    /// What can be seen of the exercise set that is open; `None` without one, without a mounting, or where one
    /// sensor sees nothing of it.
    pub fn exercise(&self) -> Option<ExerciseNow> {
        self.state.trunk.exercise()
    }

    /// Takes the next input and hands every judgement it completes to `emit`.
    pub fn push(&mut self, input: Input, emit: &mut impl FnMut(Output)) {
        match input {
            Input::Sample(sample) => self.samples(&[sample], emit),
            Input::Gap { from, to, .. } => self.quiet(from, to, emit),
            Input::Silence { since, lasting } => self.quiet(since, since + lasting, emit),
        }
    }

    /// Takes samples that came one after the other: the same as to push each of them, at less cost.
    pub fn samples(&mut self, samples: &[Sample], emit: &mut impl FnMut(Output)) {
        // To make room costs time too, and one sample needs room for one.
        if samples.len() == 1 {
            self.runs(samples, &mut [Reading::default()], emit);
        } else {
            self.runs(samples, &mut [Reading::default(); LONGEST], emit);
        }
    }

    /// Takes samples in runs, for each of which there is so much room.
    fn runs(&mut self, samples: &[Sample], room: &mut [Reading], emit: &mut impl FnMut(Output)) {
        let (mut rest, mut run) = (samples, Run::within(room));
        while let [first, ..] = rest {
            let flowing = if first.gyr.is_some() {
                self.flow(rest, &mut run, true, |sample| sample.gyr)
            } else {
                self.flow(rest, &mut run, false, |sample| sample.gyr.is_none().then(Vec3::zeros))
            };
            let looked_at = if flowing > 0 { flowing } else { self.look_closely(first, &mut run, emit) };
            self.take(&run, emit);
            rest = &rest[looked_at..];
        }
    }

    /// Makes a run of samples that stand out in nothing and have a `rate`: up to the one that fills a step of the slow
    /// detectors.
    /// Answers how many.
    #[inline]
    fn flow(&mut self, samples: &[Sample], run: &mut Run, gyro: bool, rate: impl Fn(&Sample) -> Option<Vec3>) -> usize {
        let Self { detectors, state, .. } = self;
        let ready = state.newest == state.usable && state.gap_until.is_none() && state.validity.trusts();
        let Some(mut newest) = state.newest.filter(|_| ready) else {
            return 0;
        };
        let (until, mut last, longest) = (state.grid.slow_until(), state.validity.last(), GAP.nanos());
        let (everyday, mut coverage) = (detectors.validity.everyday(), state.coverage);
        let readings = samples.iter().map_while(|sample| {
            let since = sample.t.since(newest);
            let apart = sample.t.0.wrapping_sub(newest.0);
            if newest >= until || !(1..=longest).contains(&apart) {
                return None;
            }
            let felt = Felt::new(since.0, sample.acc, rate(sample)?);
            everyday(&felt, &last).then(|| {
                (newest, last) = (sample.t, sample.acc);
                Reading { t: newest, covers: coverage.step(since.0), norm: felt.acc2.sqrt(), felt }
            })
        });
        let flowing = run.fill(gyro, readings);
        if flowing > 0 {
            (state.newest, state.usable, state.coverage) = (Some(newest), Some(newest), coverage);
            state.validity.flowed(&last);
        }
        flowing
    }

    /// Takes a look at one sample that may stand out in any way, and adds it to the run if it is usable.
    #[cold]
    fn look_closely(&mut self, sample: &Sample, run: &mut Run, emit: &mut impl FnMut(Output)) -> usize {
        let Self { detectors, state, .. } = self;
        let t = sample.t;
        run.fill(false, std::iter::empty());
        // Equal times are spread out by the timeline; one that still comes is a repeat.
        if state.newest.is_some_and(|newest| t <= newest) {
            return 1;
        }
        state.newest = Some(t);
        let since = state.usable.map_or(Seconds(0.0), |usable| t.since(usable));
        let gap = since.0 > GAP.0;
        let dt = if gap { 0.0 } else { since.0 };
        let Worth::Reading { gyro } = state.validity.step(&detectors.validity, dt, sample) else {
            return 1;
        };
        if gap {
            self.end_gap(t, since, emit);
        } else {
            // A gap that the link told has proved to be none, or short.
            state.gap_until = None;
        }
        let state = &mut self.state;
        state.usable = Some(t);
        let covers = if dt > 0.0 { state.coverage.step(dt) } else { state.coverage.interval() };
        let felt = Felt::new(since.0, sample.acc, sample.gyr.unwrap_or_default());
        run.fill(gyro, std::iter::once(Reading { t, covers, norm: felt.acc2.sqrt(), felt }));
        1
    }

    /// Takes the samples of a run, of which the last may fill a step of the slow detectors.
    #[inline]
    fn take(&mut self, run: &Run, emit: &mut impl FnMut(Output)) {
        let mut rest = run.readings();
        for epochs in &mut self.state.epochs {
            epochs.run(rest, self.setup.acc_scale.of_volume());
        }
        self.state.wear.run(rest);
        while !rest.is_empty() {
            let Self { detectors, state, .. } = self;
            let (part, after) = if rest.len() == 1 { (rest, &[][..]) } else { rest.split_at(state.grid.part(rest)) };
            rest = after;
            detectors.attitude.run(&mut state.attitude, part, run.gyro());
            if let Some(last) = state.grid.run(part) {
                self.fill(last, emit);
            }
        }
    }

    /// Takes a sample that fills grid steps, or begins the first.
    #[inline]
    fn fill(&mut self, reading: &Reading, emit: &mut impl FnMut(Output)) {
        let (t, row) = (reading.t, channels(reading));
        let up = self.state.attitude.up_sensor();
        if self.state.grid.begin(t, &row, &up) {
            return;
        }
        while let Some(frame) = self.state.grid.full(t, &row, &up) {
            self.frame(&frame, t, emit);
        }
        self.state.grid.take(t, &row, &up);
    }

    /// The sample at `t` is the first after a gap.
    #[cold]
    fn end_gap(&mut self, t: Time, since: Seconds, emit: &mut impl FnMut(Output)) {
        let from = t - since;
        self.close(from, t, emit);
        self.state.gap_until = None;
        emit(Output::Event(Event::new(Kind::Gap, from, t, t)));
    }

    /// Everything that runs on the grid.
    fn frame(&mut self, frame: &Frame, now: Time, emit: &mut impl FnMut(Output)) {
        let Self { setup, body_from_sensor, detectors, state } = self;
        let frame = &frame.scaled(setup.acc_scale.factor());
        let t = frame.t;
        let up_body = body_from_sensor.map(|body_from_sensor| body_from_sensor * frame.up);
        let angles = up_body.map(|up| (forward_tilt(&up), side_bend(&up)));
        let walked = detectors.gait.step(&mut state.gait, t, now, frame.norm, &frame.up, &mut |output| {
            count_steps(&mut state.epochs, &detectors.gait_params, &output);
            emit(output);
        });
        if let Some(GaitNews::Walked(from, to)) = walked {
            state.posture.mark(from, to, Posture::Walking);
            state.trunk.walk(from, to);
        }
        state.posture.frame(&detectors.posture, frame.dt.0, frame.norm);
        let lying = state.posture.lying();
        let valid = state.attitude.settled() && state.validity.valid(&detectors.validity);
        let tea = angles.map(|(tilt, _)| setup.trunk_equivalent(tilt));
        if let Some(tea) = tea {
            state.epochs.iter_mut().for_each(|epochs| epochs.bent(t, frame.dt.0, tea.angle));
        }
        if let Some((tilt, side)) = angles {
            let seen = trunk::Seen {
                frame,
                now,
                tilt,
                side,
                walking: state.gait.walking(t),
                down: state.posture.down(),
                lying,
                prone: state.posture.now() == Posture::ProneOrAllFours,
                clipped: state.validity.take_clipped(),
                settled: valid,
            };
            detectors.trunk.step(&mut state.trunk, setup, &seen, &mut |event| emit(Output::Event(event)));
        }
        if frame.slow {
            self.step(t, now, angles, up_body, emit);
        }
        let state = &self.state;
        emit(Output::Tick(Tick {
            t,
            up_sensor: frame.up,
            tilt: angles.map(|angles| angles.0),
            side: angles.map(|angles| angles.1),
            tea: tea.map(|tea| tea.angle),
            beyond_table: tea.is_some_and(|tea| tea.beyond_table),
            posture: state.posture_at(t),
            bending: state.trunk.bending(),
            valid,
            sitting: state.trunk.sitting(),
        }));
    }

    /// Everything slow, five times a second.
    fn step(
        &mut self,
        t: Time,
        now: Time,
        angles: Option<(Angle, Angle)>,
        up_body: Option<Vec3>,
        emit: &mut impl FnMut(Output),
    ) {
        let Self { setup, detectors, state, .. } = self;
        // Shorter only right after the start or a gap.
        let dt = state.stepped.map_or(STEP, |before| t.since(before));
        state.stepped = Some(t);
        let turned = state.attitude.turned_about_up();
        let rate = (turned - std::mem::replace(&mut state.turned, turned)) / dt.0;
        let lying = state.posture.lying();
        let turn = state.turn.step(&detectors.turn, t, dt.0, rate, now);
        turn.filter(|_| !lying).into_iter().for_each(|event| emit(Output::Event(event)));
        let off = state.wear.step(&detectors.wear, t, dt, now);
        off.into_iter().for_each(|event| emit(Output::Event(event)));
        let tilt = angles.map(|angles| angles.0);
        let seen = Seen {
            angles: angles.zip(up_body).map(|((tilt, side), up)| (tilt, side, inclination(&up))),
            not_worn: state.wear.suspected(&detectors.wear),
            senseless: state.validity.senseless(&detectors.validity),
        };
        let settled = state.posture.step(&detectors.posture, t, dt.0, now, &seen, emit);
        let tea = tilt.map(|tilt| setup.trunk_equivalent(tilt).angle);
        let sitting = state.trunk.sitting();
        state.epochs.iter_mut().for_each(|epochs| epochs.tick(t, tea, sitting));
        if let Some((at, posture)) = settled {
            self.settle(at, posture, now, emit);
        }
    }

    /// The posture of the step that ended at `at` is decided.
    fn settle(&mut self, at: Time, posture: Posture, now: Time, emit: &mut impl FnMut(Output)) {
        let Self { setup, detectors, state, .. } = self;
        let mut full: [Option<Epoch>; EPOCHS] = [None; EPOCHS];
        for epochs in &mut state.epochs {
            epochs.posture(at, posture, |epoch| {
                let free = full.iter_mut().find(|free| free.is_none() && epoch.duration == setup.epoch);
                free.into_iter().for_each(|free| *free = Some(epoch));
                emit(Output::Epoch(epoch));
            });
        }
        for epoch in full.iter().flatten() {
            let ended = state.still.epoch(&detectors.still, epoch, now);
            ended.into_iter().for_each(|event| emit(Output::Event(event)));
        }
    }

    /// Nothing comes: what is open ends, and posture is unknown from here on.
    fn quiet(&mut self, from: Time, to: Time, emit: &mut impl FnMut(Output)) {
        let Some(usable) = self.state.usable.filter(|_| to.since(from).0 > GAP.0) else {
            return;
        };
        if self.state.gap_until.is_none() {
            let now = self.state.newest.unwrap_or(usable).max(from);
            self.close(usable, now, emit);
        }
        self.state.gap_until = Some(to.max(self.state.gap_until.unwrap_or(to)));
        self.state.newest = self.state.newest.max(Some(from));
    }

    /// Ends everything that is open at `end`, when the input was read up to `now`.
    fn close(&mut self, end: Time, now: Time, emit: &mut impl FnMut(Output)) {
        if self.state.gap_until.is_some() {
            return;
        }
        let Self { setup, detectors, state, .. } = self;
        let walked = detectors.gait.cut(&mut state.gait, now, &mut |output| {
            count_steps(&mut state.epochs, &detectors.gait_params, &output);
            emit(output);
        });
        if let Some(GaitNews::Walked(from, to)) = walked {
            state.posture.mark(from, to, Posture::Walking);
            state.trunk.walk(from, to);
        }
        let mut tell = |event| emit(Output::Event(event));
        detectors.trunk.cut(&mut state.trunk, setup, end, now, &mut tell);
        state.wear.cut(now).into_iter().for_each(&mut tell);
        state.turn = TurnState::default();
        let mut settled = Vec::new();
        state.posture.cut(end, now, |at, posture| settled.push((at, posture)), emit);
        for (at, posture) in settled {
            self.settle(at, posture, now, emit);
        }
        let Self { detectors, state, .. } = self;
        let still = state.still.cut(&detectors.still, now, Flags::TRUNCATED);
        still.into_iter().for_each(|event| emit(Output::Event(event)));
        state.grid.restart();
        state.stepped = None;
    }

    /// Ends the recording: what is still open is given out as truncated.
    pub fn finish(&mut self, emit: &mut impl FnMut(Output)) {
        let Some(usable) = self.state.usable else {
            return;
        };
        let newest = self.state.newest.unwrap_or(usable);
        self.close(usable, newest, emit);
        let end = self.state.gap_until.map_or(newest, |until| until.max(newest));
        if self.state.gap_until.is_some() || end.since(usable).0 > GAP.0 {
            emit(Output::Event(Event::new(Kind::Gap, usable, end, newest)));
        }
        self.state.posture.finish(end, newest, emit);
        for epochs in &mut self.state.epochs {
            epochs.finish(usable, |epoch| emit(Output::Epoch(epoch)));
        }
    }

    /// The attitude after the newest sample, with arbitrary heading.
    pub fn earth_from_sensor(&self) -> Quat {
        self.state.attitude.earth_from_sensor()
    }

    /// The judgement after the newest sample.
    pub fn now(&self) -> Tick {
        let state = &self.state;
        let up: Option<Vec3> =
            self.setup.body_from_sensor.map(|body_from_sensor| body_from_sensor * state.attitude.up_sensor());
        let tilt = up.as_ref().map(forward_tilt);
        let tea = tilt.map(|tilt| self.setup.trunk_equivalent(tilt));
        Tick {
            t: state.newest.unwrap_or_default(),
            up_sensor: state.attitude.up_sensor(),
            tilt,
            side: up.as_ref().map(side_bend),
            tea: tea.map(|tea| tea.angle),
            beyond_table: tea.is_some_and(|tea| tea.beyond_table),
            posture: state.posture_at(state.newest.unwrap_or_default()),
            bending: state.trunk.bending(),
            valid: state.usable.is_some()
                && state.usable == state.newest
                && state.gap_until.is_none()
                && state.attitude.settled()
                && state.validity.valid(&self.detectors.validity),
            sitting: state.trunk.sitting(),
        }
    }
}

fn count_steps(epochs: &mut [Epochs], params: &GaitParams, output: &Output) {
    if let Output::Step(step) = output {
        for epochs in epochs {
            epochs.step(step.t, params.longest);
        }
    }
}
