//! Cuts movement into stretches from one rest to the next, and says what the pelvis did in between.
//!
//! In:  specific force along the vertical (g, gravity taken off), up in sensor axes, forward tilt, on the
//! fixed grid. Out: a `Stretch` each time the body comes to rest: height gained, tilts, hardest jolt.
//! How: at both rests the pelvis does not move, so the height gained is the integral of (middle − s)·a(s),
//! which no steady offset can disturb. Cheap accelerometers have offsets near 0.1 g that show up along the
//! vertical as the sensor turns; the smallest offset that explains the levels of both rests is taken off.
//! Error: on sisfall, rising from a chair reads 0.2 to 0.5 m and a squat 0.3 to 0.7 m.
//! Fails: sitting down reads up to 0.3 m short; without a rest at both ends there is no stretch at all.

use super::Tick;
use crate::frames::Vec3;
use crate::units::{STANDARD_GRAVITY, Seconds, Time};

/// Grid steps over which a turn is measured.
const TURN_STEPS: usize = 8;

/// What counts as rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StretchParams {
    /// Deviation of the vertical acceleration, g. Chosen by us: a standing body sways below it.
    pub quiet: f64,
    /// Turn of the vertical within 0.32 s, rad. Chosen by us: about 6 °/s, twice a standing body's sway.
    pub turning: f64,
    /// Grid steps over which the deviation is smoothed. Chosen by us: 0.16 s.
    pub smooth: f64,
    /// How long a rest must last. Chosen by us: shorter than any pause between two movements.
    pub hold: Seconds,
    /// Shortest stretch worth telling. Chosen by us: less is sway.
    pub shortest: Seconds,
    /// Weight against large offsets: the square of the noise of a rest's level over that of an offset.
    /// Chosen by us: 0.01 g against 0.1 g.
    pub doubt: f64,
}

impl Default for StretchParams {
    fn default() -> Self {
        Self { quiet: 0.025, turning: 0.03, smooth: 4.0, hold: Seconds(0.2), shortest: Seconds(0.3), doubt: 0.01 }
    }
}

/// What happened between two rests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Stretch {
    pub start: Time,
    pub end: Time,
    /// How long the rest before it lasted.
    pub rested: Seconds,
    /// Height gained by the pelvis, m.
    pub height: f64,
    /// How far the pelvis was above where it started when it was lowest, m, 0 or less.
    pub lowest: f64,
    /// Tilt at the rests before and after, rad.
    pub from: f64,
    pub to: f64,
    /// Largest forward tilt in between, rad.
    pub deepest: f64,
    /// Largest change of the vertical acceleration within one grid step, g.
    pub jolt: f64,
    /// Largest smoothed vertical acceleration, g.
    pub push: f64,
}

/// Sums since the last rest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    steps: f64,
    plain: f64,
    ramp: f64,
    up: Vec3,
    up_ramp: Vec3,
    deepest: f64,
    jolt: f64,
    push: f64,
    /// Speed and height since, with the level of the rest taken off, in g and grid steps; the lowest height and when.
    speed: f64,
    height: f64,
    lowest: f64,
    lowest_at: f64,
}

impl Sums {
    fn add(&mut self, vertical: f64, up: &Vec3, tilt: f64, jolt: f64, smooth: f64, level: f64) {
        self.speed += vertical - level;
        self.height += self.speed;
        if self.height < self.lowest {
            self.lowest = self.height;
            self.lowest_at = self.steps;
        }
        self.push = self.push.max(smooth);
        self.plain += vertical;
        self.ramp += self.steps * vertical;
        self.up += up;
        self.up_ramp += up * self.steps;
        self.steps += 1.0;
        self.deepest = self.deepest.max(tilt);
        self.jolt = self.jolt.max(jolt);
    }
}

/// The levels of a rest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Rest {
    level: f64,
    up: Vec3,
    tilt: f64,
    newest: Time,
    lasted: f64,
}

/// What samples change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct StretchState {
    started: bool,
    mean: f64,
    variance: f64,
    last: f64,
    ups: [Vec3; TURN_STEPS],
    at: usize,
    /// Seconds of rest so far; 0 while moving.
    rest_for: f64,
    rest: Rest,
    sums: Sums,
    /// Sums as they were when the rest under way began, and when that was.
    held: (Sums, Time),
}

impl StretchState {
    /// Whether the body rests now.
    pub(super) fn resting(&self, params: &StretchParams) -> bool {
        self.rest_for >= params.hold.0
    }

    /// Takes one grid step of `dt` that ended at `t`; returns the stretch that ended when the rest began
    /// which this step makes sure.
    #[inline]
    pub(super) fn step(
        &mut self,
        params: &StretchParams,
        t: Time,
        dt: f64,
        vertical: f64,
        up: &Vec3,
        tilt: f64,
    ) -> Option<Stretch> {
        if !self.started {
            let rest = Rest { level: vertical, up: *up, tilt, newest: t, lasted: 0.0 };
            *self = Self {
                started: true,
                mean: vertical,
                last: vertical,
                ups: [*up; TURN_STEPS],
                rest,
                sums: Sums { deepest: tilt, ..Sums::default() },
                ..Self::default()
            };
        }
        let off = vertical - self.mean;
        self.mean += off / params.smooth;
        self.variance += (off * off - self.variance) / params.smooth;
        self.at = (self.at + 1) % TURN_STEPS;
        let turned = (up - std::mem::replace(&mut self.ups[self.at], *up)).norm_squared();
        let jolt = (vertical - std::mem::replace(&mut self.last, vertical)).abs();
        let moves = self.variance > params.quiet * params.quiet || turned > params.turning * params.turning;
        if !moves && self.resting(params) {
            // Rests on, and what the sums would take is part of no movement.
            self.rest_for += dt;
            let lasted = self.rest.lasted + dt;
            self.rest = Rest { level: self.mean, up: *up, tilt, newest: t, lasted };
            self.sums.deepest = tilt;
            return None;
        }
        self.sums.add(vertical, up, tilt, jolt, self.mean, self.rest.level);
        if moves {
            self.rest_for = 0.0;
            return None;
        }
        if self.rest_for == 0.0 {
            self.held = (self.sums, t);
        }
        self.rest_for += dt;
        if !self.resting(params) {
            return None;
        }
        let ended = self.ended(params, &self.held, up, tilt);
        let lasted = if ended.is_some() { self.rest_for } else { self.rest.lasted + dt };
        self.rest = Rest { level: self.mean, up: *up, tilt, newest: t, lasted };
        self.sums = Sums { deepest: tilt, ..Sums::default() };
        ended
    }

    /// The stretch that is under way at `t`, as if the body came to rest here.
    pub(super) fn unfinished(&self, params: &StretchParams, t: Time, tilt: f64) -> Option<Stretch> {
        if self.rest.lasted == 0.0 || self.resting(params) {
            return None;
        }
        self.ended(params, &(self.sums, t), &self.ups[self.at], tilt)
    }

    fn ended(&self, params: &StretchParams, held: &(Sums, Time), up: &Vec3, tilt: f64) -> Option<Stretch> {
        let (sums, end) = *held;
        let start = self.rest.newest;
        if end.since(start).0 < params.shortest.0 {
            return None;
        }
        // The smallest offset o with o·up = level at both rests, weighed against doubt.
        let (before, after) = (self.rest.up, *up);
        let (a, b, c) = (before.norm_squared() + params.doubt, before.dot(&after), after.norm_squared() + params.doubt);
        let determinant = a * c - b * b;
        let offset = before * ((c * self.rest.level - b * self.mean) / determinant)
            + after * ((a * self.mean - b * self.rest.level) / determinant);
        let middle = 0.5 * (sums.steps - 1.0);
        let seen = middle * sums.plain - sums.ramp;
        let of_offset = offset.dot(&(sums.up * middle - sums.up_ramp));
        let step = Tick::INTERVAL.0;
        let unit = step * step * STANDARD_GRAVITY;
        let height = (seen - of_offset) * unit;
        // An offset that the level did not take off grows with the square of time.
        let share = sums.lowest_at / sums.steps;
        let lowest = sums.lowest * unit - (sums.height * unit - height) * share * share;
        Some(Stretch {
            start,
            end,
            rested: Seconds(self.rest.lasted),
            height,
            lowest: lowest.min(0.0),
            from: self.rest.tilt,
            to: tilt,
            deepest: sums.deepest,
            jolt: sums.jolt,
            push: sums.push,
        })
    }
}
