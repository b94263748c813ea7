//! Names the posture of every moment, in spans that follow each other without holes.
//!
//! In:  the norm (g) on the fixed grid, and five times a second up in the body frame; known walking. Out:
//! spans of one posture, decided up to [`PostureParams::lag`] after they end, and the posture as far as it is
//! known now.
//! Order: not worn, lying, walking, moving, still upright (domain.md §7). Lying needs ten seconds to be
//! decided and is then dated back to when the body went down; walking is dated back to its first step.
//! Fails: leaning far back in a chair for ten seconds reads as lying.

use super::{LyingSide, Output, Posture, PostureSpan};
use crate::frames::Placement;
use crate::units::{Angle, Seconds, Time};
use std::collections::VecDeque;

/// Posture is judged, and its spans begin and end, in steps of this length.
pub(super) const STEP: Seconds = Seconds(0.2);
/// How many postures there are.
pub(super) const POSTURES: usize = Posture::ALL.len();

/// Thresholds of posture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PostureParams {
    /// Backward tilt beyond which the body lies. Source: domain.md §7 for the upper lumbar spine. A belt
    /// follows the pelvis, which rolls back in a chair: three of the ten people of hapt sat at 47 to 51°
    /// and lay beyond 90°, so there it is 60°.
    pub supine: Angle,
    /// Side bend beyond which the body lies. Source: domain.md §7.
    pub on_side: Angle,
    /// Inclination below which someone who lay is up again. Chosen by us: well below the entry, so that
    /// turning over is no rising.
    pub up: Angle,
    /// How long the body must have gone down for lying. Source: domain.md §7.
    pub lying_after: Seconds,
    /// How long it must be up for lying to end. Chosen by us.
    pub up_after: Seconds,
    /// Forward tilt that may be prone or all fours. Source: domain.md §7.
    pub prone: Angle,
    /// How long that must be held still. Source: domain.md §7.
    pub prone_after: Seconds,
    /// Forward tilt below which someone prone or on all fours is up again. Chosen by us: what a belt sees of a
    /// bend that is not deep, so that rising from the floor is no deep bend.
    pub prone_until: Angle,
    /// Mean deviation of the norm beyond which an upright body moves, g. Chosen by us: people who sit or
    /// stand and fidget stay below (hapt), slow walking without recognised steps does not.
    pub moving: f64,
    /// Deviation below which a moving body is still again, g. Chosen by us: well below the entry.
    pub still: f64,
    /// How long a body must be moving or still to be called so. Chosen by us.
    pub settle: Seconds,
    /// Time constant of the deviation. Chosen by us: a stride.
    pub smooth: Seconds,
    /// How far back a posture may still change. Chosen by us: long enough for lying and for five slow steps.
    pub lag: Seconds,
}

impl Default for PostureParams {
    fn default() -> Self {
        Self {
            supine: Angle::from_degrees(-60.0),
            on_side: Angle::from_degrees(50.0),
            up: Angle::from_degrees(40.0),
            lying_after: Seconds(10.0),
            up_after: Seconds(1.0),
            prone: Angle::from_degrees(65.0),
            prone_after: Seconds(120.0),
            prone_until: Angle::from_degrees(20.0),
            moving: 0.080,
            still: 0.050,
            settle: Seconds(1.5),
            smooth: Seconds(1.0),
            lag: Seconds(12.0),
        }
    }
}

impl PostureParams {
    /// The thresholds for a sensor at this placement.
    pub(super) fn at(placement: Placement) -> Self {
        match placement {
            Placement::L1 | Placement::L3 => Self { supine: Angle::from_degrees(-50.0), ..Self::default() },
            Placement::L5S1 | Placement::Unknown => Self::default(),
        }
    }
}

/// What one step says about posture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    /// Forward tilt, side bend and inclination in the body frame; `None` while the mounting is unknown.
    pub angles: Option<(Angle, Angle, Angle)>,
    /// The wear detector suspects that nobody wears the sensor.
    pub not_worn: bool,
    /// The sensor has been at the end of its range for so long that its attitude means nothing.
    pub senseless: bool,
}

/// The label of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Label {
    pub posture: Posture,
    pub side: Option<LyingSide>,
}

/// A span that is still growing.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Open {
    label: Label,
    start: Time,
}

impl Open {
    fn until(&self, end: Time, decided: Time) -> Output {
        let Label { posture, side } = self.label;
        Output::Posture(PostureSpan { start: self.start, end, posture, lying_side: side, decided })
    }
}

/// What samples change.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PostureState {
    /// Labels of the newest steps, oldest first; they may still change.
    labels: VecDeque<Label>,
    /// The posture of the newest, which is asked for far more often than it changes.
    now: Posture,
    /// End of the newest step, and when the first one since the start or a gap began.
    newest: Time,
    begun: Time,
    /// Slow mean of the norm and of its deviation, g.
    norm: Option<f64>,
    deviation: f64,
    moving: bool,
    /// How long the body has been on the other side of the line between moving and still.
    otherwise: f64,
    /// How long the body has been down, and how long up since.
    down_for: f64,
    up_for: f64,
    lying: bool,
    side: Option<LyingSide>,
    side_otherwise: f64,
    bent_for: f64,
    open: Option<Open>,
}

impl Default for PostureState {
    fn default() -> Self {
        Self {
            labels: VecDeque::new(),
            now: Posture::Unknown,
            newest: Time::START,
            begun: Time::START,
            norm: None,
            deviation: 0.0,
            moving: false,
            otherwise: 0.0,
            down_for: 0.0,
            up_for: 0.0,
            lying: false,
            side: None,
            side_otherwise: 0.0,
            bent_for: 0.0,
            open: None,
        }
    }
}

impl PostureState {
    /// The posture as far as it is known now.
    pub(super) fn now(&self) -> Posture {
        self.now
    }

    /// Keeps the newest label's posture, after labels have changed.
    fn keep_now(&mut self) {
        self.now = self.labels.back().map_or(Posture::Unknown, |label| label.posture);
    }

    /// Whether the body lies, as far as decided.
    pub(super) fn lying(&self) -> bool {
        self.lying
    }

    /// Whether the body has lain and not been upright since, or may be about to lie.
    pub(super) fn down(&self) -> bool {
        self.lying || self.down_for > 0.0
    }

    /// Gives the newest steps back to `from` another posture, unless it stands lower in the order.
    pub(super) fn mark(&mut self, from: Time, to: Time, posture: Posture) {
        let step = STEP.nanos();
        let steps_after = (self.newest.0 - to.0).max(0) / step;
        let steps_since = (self.newest.0 - from.0).max(0) / step;
        let len = self.labels.len();
        let first = len.saturating_sub(usize::try_from(steps_since).unwrap_or(len) + 1);
        let last = len.saturating_sub(usize::try_from(steps_after).unwrap_or(len));
        for label in self.labels.range_mut(first..last.max(first)) {
            if !matches!(label.posture, Posture::Lying | Posture::NotWorn | Posture::ProneOrAllFours) {
                *label = Label { posture, side: None };
            }
        }
        self.keep_now();
    }

    fn relabel(&mut self, seconds: f64, with: impl Fn(&mut Label)) {
        let steps = (seconds / STEP.0 + 0.5) as usize;
        let first = self.labels.len().saturating_sub(steps);
        self.labels.range_mut(first..).for_each(with);
    }

    /// Takes the norm of one grid step of `dt`, g.
    #[inline]
    pub(super) fn frame(&mut self, params: &PostureParams, dt: f64, norm: f64) {
        let gain = dt / (params.smooth.0 + dt);
        let mean = self.norm.get_or_insert(norm);
        *mean += gain * (norm - *mean);
        self.deviation += gain * ((norm - *mean).abs() - self.deviation);
    }

    /// Takes one step of `dt` that ended at `t`; hands out the label that can change no more.
    pub(super) fn step(
        &mut self,
        params: &PostureParams,
        t: Time,
        dt: f64,
        now: Time,
        seen: &Seen,
        emit: &mut impl FnMut(Output),
    ) -> Option<(Time, Posture)> {
        self.newest = t;
        if self.labels.is_empty() {
            self.begun = t - Seconds(dt);
        }
        self.judge_moving(params, dt);
        self.labels.push_back(Label {
            posture: if self.moving { Posture::Moving } else { Posture::UprightStill },
            side: None,
        });
        if let Some((tilt, side, inclination)) = seen.angles {
            self.judge_lying(params, dt, tilt, side, inclination);
            self.judge_prone(params, dt, tilt);
        } else if !self.moving {
            self.relabel(STEP.0, |label| label.posture = Posture::Unknown);
        }
        if seen.senseless {
            self.relabel(STEP.0, |label| *label = Label::default());
        }
        if seen.not_worn {
            self.relabel(STEP.0, |label| *label = Label { posture: Posture::NotWorn, side: None });
        }
        self.keep_now();
        let full = self.labels.len() as f64 * STEP.0 > params.lag.0;
        full.then(|| self.pop(now, emit)).flatten()
    }

    fn judge_moving(&mut self, params: &PostureParams, dt: f64) {
        let other = if self.moving { self.deviation < params.still } else { self.deviation > params.moving };
        self.otherwise = if other { self.otherwise + dt } else { 0.0 };
        if self.otherwise < params.settle.0 {
            return;
        }
        self.moving = !self.moving;
        let posture = if self.moving { Posture::Moving } else { Posture::UprightStill };
        let since = std::mem::take(&mut self.otherwise);
        self.relabel(since, |label| {
            if matches!(label.posture, Posture::Moving | Posture::UprightStill) {
                label.posture = posture;
            }
        });
    }

    fn judge_lying(&mut self, params: &PostureParams, dt: f64, tilt: Angle, side: Angle, inclination: Angle) {
        let entered = tilt <= params.supine || side.abs() >= params.on_side;
        let down = entered || (self.down_for > 0.0 && inclination >= params.up);
        if down {
            self.down_for += dt + self.up_for;
            self.up_for = 0.0;
        } else if self.down_for > 0.0 {
            self.up_for += dt;
        }
        if self.up_for >= params.up_after.0 {
            if self.lying {
                self.relabel(self.up_for, |label| *label = Label { posture: Posture::Moving, side: None });
            }
            self.lying = false;
            self.side = None;
            self.down_for = 0.0;
            self.up_for = 0.0;
        }
        if self.down_for == 0.0 {
            return;
        }
        let facing = facing(tilt, side);
        let begins = !self.lying && self.down_for >= params.lying_after.0;
        if begins {
            self.lying = true;
            self.side = Some(facing);
            let label = Label { posture: Posture::Lying, side: self.side };
            self.relabel(self.down_for + self.up_for, |old| *old = label);
        }
        self.side_otherwise = if self.side == Some(facing) { 0.0 } else { self.side_otherwise + dt };
        if self.lying && self.side_otherwise >= params.up_after.0 {
            self.side = Some(facing);
            let side = self.side;
            self.relabel(self.side_otherwise, |old| old.side = side.filter(|_| old.posture == Posture::Lying));
            self.side_otherwise = 0.0;
        }
        let label = if self.lying {
            Label { posture: Posture::Lying, side: self.side }
        } else {
            Label { posture: Posture::Moving, side: None }
        };
        self.relabel(STEP.0, |old| *old = label);
    }

    fn judge_prone(&mut self, params: &PostureParams, dt: f64, tilt: Angle) {
        let prone = self.bent_for > params.prone_after.0;
        let goes_on = if prone { tilt >= params.prone_until } else { tilt >= params.prone && !self.moving };
        if self.down() || !goes_on {
            self.bent_for = 0.0;
            return;
        }
        self.bent_for += dt;
        if self.bent_for > params.prone_after.0 {
            self.relabel(STEP.0, |label| *label = Label { posture: Posture::ProneOrAllFours, side: None });
        }
    }

    /// Lets the oldest label go: it becomes part of a span.
    fn pop(&mut self, now: Time, emit: &mut impl FnMut(Output)) -> Option<(Time, Posture)> {
        let ends = self.newest - Seconds((self.labels.len() - 1) as f64 * STEP.0);
        let label = self.labels.pop_front()?;
        self.span(label, (ends - STEP).max(self.begun), now, emit);
        Some((ends, label.posture))
    }

    fn span(&mut self, label: Label, start: Time, now: Time, emit: &mut impl FnMut(Output)) {
        if self.open.is_some_and(|open| open.label == label) {
            return;
        }
        // The recording's first span begins with the recording.
        let start = if self.open.is_none() { Time::START } else { start };
        if let Some(open) = self.open.replace(Open { label, start }).filter(|open| open.start < start) {
            emit(open.until(start, now));
        }
    }

    /// Lets everything go, because a gap begins at `end` and nothing before it can change any more.
    pub(super) fn cut(
        &mut self,
        end: Time,
        now: Time,
        mut settled: impl FnMut(Time, Posture),
        emit: &mut impl FnMut(Output),
    ) {
        while !self.labels.is_empty() {
            if let Some((t, posture)) = self.pop(now, emit) {
                settled(t, posture);
            }
        }
        self.span(Label::default(), end, now, emit);
        let open = self.open;
        *self = Self { open, labels: std::mem::take(&mut self.labels), ..Self::default() };
    }

    /// Ends the last span at the end of the recording.
    pub(super) fn finish(&mut self, end: Time, now: Time, emit: &mut impl FnMut(Output)) {
        if let Some(open) = self.open.take().filter(|open| open.start < end) {
            emit(open.until(end, now));
        }
    }
}

/// Which side is down for a body that lies.
fn facing(tilt: Angle, side: Angle) -> LyingSide {
    const HALF_RIGHT_ANGLE: Angle = Angle::from_degrees(45.0);
    if side.abs() >= HALF_RIGHT_ANGLE {
        if side > Angle::ZERO { LyingSide::Right } else { LyingSide::Left }
    } else if tilt < Angle::ZERO {
        LyingSide::Back
    } else {
        LyingSide::Front
    }
}
