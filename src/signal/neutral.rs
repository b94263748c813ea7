//! Learns how this body holds the sensor when it is upright: the tilt from which a bend is measured.
//!
//! In:  forward tilt, rest and walking on the fixed grid. Out: the neutral tilt, once it is known.
//! A belt sits on a slope that differs by tens of degrees between people, and typed axes know nothing of
//! it. The first second, rests near the neutral, and above all walking (domain.md §5: a natural upright)
//! teach it; a bend, however long it is held, does not. A hard jolt may have moved the belt, so it is
//! learned anew at the next rest.

use crate::units::{Angle, Seconds};

/// How the neutral tilt is learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NeutralParams {
    /// Tilts beyond this are never upright. Chosen by us: the steepest belt met was 35°.
    pub largest: Angle,
    /// How long a recording must have been going on. Chosen by us.
    pub first: Seconds,
    /// Time constant while walking. Chosen by us: a few strides.
    pub walking: Seconds,
    /// Time constant at rest near the neutral. Chosen by us.
    pub resting: Seconds,
    /// Time constant at rest further back than the neutral. Chosen by us: someone leans back in a chair
    /// for longer than that, but nobody stands bent forward when a recording begins.
    pub back: Seconds,
    /// How near is near. Chosen by us: below a bend's onset at L5.
    pub near: Angle,
    /// How long someone must walk on after a jolt for it to be over. Chosen by us: a stumble and the
    /// catching of it.
    pub steady: Seconds,
    /// Norm beyond which a jolt may have moved the belt, g. Chosen by us: landing from a jump.
    pub jolt: f64,
}

impl Default for NeutralParams {
    fn default() -> Self {
        Self {
            largest: Angle::from_degrees(45.0),
            first: Seconds(0.6),
            walking: Seconds(3.0),
            resting: Seconds(5.0),
            back: Seconds(30.0),
            near: Angle::from_degrees(8.0),
            steady: Seconds(1.5),
            jolt: 2.0,
        }
    }
}

/// Neutrals of a walk that are kept, and grid steps from one to the next: 2 s in all. So much later it is known that
/// walking has ended, and meanwhile the body may have sat down.
const KEPT: usize = 5;
const EVERY: u32 = 10;

/// The neutrals of the walk under way, newest at `at`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Walk {
    steps: u32,
    kept: [Option<f64>; KEPT],
    at: usize,
}

impl Walk {
    fn step(&mut self, neutral: f64) {
        if self.steps == 0 {
            self.at = if self.at + 1 == KEPT { 0 } else { self.at + 1 };
            self.kept[self.at] = Some(neutral);
            self.steps = EVERY;
        }
        self.steps -= 1;
    }

    /// The neutral of two seconds ago.
    fn before(&self) -> Option<f64> {
        self.kept[if self.at + 1 == KEPT { 0 } else { self.at + 1 }]
    }
}

/// What samples change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct NeutralState {
    tilt: Option<f64>,
    walk: Walk,
    /// Sum and length of the tilts since it is being learned anew.
    sum: f64,
    learned_for: f64,
    /// A hard jolt may have moved the belt.
    jolted: bool,
    since_jolt: f64,
}

/// What the body does while it teaches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lesson {
    pub walking: bool,
    pub resting: bool,
    /// A bend is open, or the body sits or lies: nothing to learn.
    pub away: bool,
    pub norm: f64,
}

impl NeutralState {
    /// The neutral tilt, once known.
    pub(super) fn tilt(&self) -> Option<Angle> {
        self.tilt.map(Angle::from_radians)
    }

    /// The same neutral in a mounting that was moved a little.
    pub(super) fn tilt_by(&mut self, by: Angle) {
        self.tilt = self.tilt.map(|tilt| tilt + by.radians());
        self.walk = Walk::default();
    }

    /// Goes on after a gap with what is known.
    pub(super) fn restart(&mut self) {
        self.sum = 0.0;
        self.learned_for = 0.0;
        self.walk = Walk::default();
    }

    /// The belt may have moved, and no rest has shown yet how it sits now.
    pub(super) fn doubtful(&self) -> bool {
        self.jolted
    }

    /// Takes the tilt of a body that has just risen and rests upright.
    pub(super) fn risen(&mut self, params: &NeutralParams, tilt: f64) {
        if let Some(neutral) =
            self.tilt.as_mut().filter(|neutral| (tilt - **neutral).abs() < 2.0 * params.near.radians())
        {
            *neutral = tilt;
        }
    }

    /// Takes one grid step of `dt`.
    #[inline]
    pub(super) fn step(&mut self, params: &NeutralParams, dt: f64, tilt: Angle, lesson: &Lesson) {
        self.since_jolt += dt;
        if lesson.norm > params.jolt {
            self.jolted = true;
            self.since_jolt = 0.0;
        }
        if self.jolted && lesson.resting {
            self.jolted = false;
            if !lesson.away && tilt.abs() <= params.largest {
                self.tilt = Some(tilt.radians());
            }
        }
        if tilt.abs() > params.largest {
            return;
        }
        let angle = tilt.radians();
        let Some(neutral) = &mut self.tilt else {
            self.sum += angle * dt;
            self.learned_for += dt;
            if self.learned_for >= params.first.0 {
                self.tilt = Some(self.sum / self.learned_for);
            }
            return;
        };
        if lesson.walking {
            self.walk.step(*neutral);
        } else if self.walk.kept[self.walk.at].is_some() {
            *neutral = self.walk.before().unwrap_or(*neutral);
            self.walk = Walk::default();
        }
        let off = angle - *neutral;
        let near = off.abs() <= params.near.radians();
        let constant = match lesson {
            Lesson { away: true, .. } => return,
            Lesson { walking: true, .. } => {
                self.jolted &= self.since_jolt < params.steady.0;
                params.walking
            }
            Lesson { resting: true, .. } if near => params.resting,
            Lesson { resting: true, .. } if off < 0.0 => params.back,
            _ => return,
        };
        *neutral += off * dt / (constant.0 + dt);
    }
}
