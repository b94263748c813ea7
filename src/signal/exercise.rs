//! Counts repetitions inside a set that the wearer opened.
//!
//! In:  forward tilt, side bend and rest on the fixed grid, and which exercise the set is of. Out: a
//! repetition when it is over, with its angle.
//! Source: domain.md §14, all chosen by this project and to be checked on recordings. The reference is the
//! median over the first two seconds of rest; nothing is counted before it is known.
//! Fails: other exercises of the catalogue move the lower back too little; they are timed, not counted.

use super::{Event, Kind, Tick};
use crate::units::{Angle, Seconds, Time};
use std::f64::consts::{PI, TAU};

/// How one exercise is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rule {
    id: &'static str,
    /// Which angle moves.
    angle: Moves,
    /// How far from the reference a repetition goes.
    beyond: Angle,
    /// How long it stays there.
    held: Seconds,
    /// How near the reference it must come back.
    back: Angle,
    /// Shortest time between two repetitions.
    apart: Seconds,
    /// The next one must go the other way.
    alternates: bool,
}

/// Which angle an exercise moves, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moves {
    /// Forward tilt, toward the head-down side of someone on the back.
    HeadDown,
    /// Forward tilt, either way.
    Tilt,
    /// Side bend, either way.
    Side,
}

/// The exercises that can be counted. Source: domain.md §14.
const RULES: [Rule; 3] = [
    Rule {
        id: "bridge",
        angle: Moves::HeadDown,
        beyond: Angle::from_degrees(12.0),
        held: Seconds(0.5),
        back: Angle::from_degrees(6.0),
        apart: Seconds(1.0),
        alternates: false,
    },
    Rule {
        id: "knee_to_chest",
        angle: Moves::Tilt,
        beyond: Angle::from_degrees(5.0),
        held: Seconds(5.0),
        back: Angle::from_degrees(2.5),
        apart: Seconds(1.0),
        alternates: false,
    },
    Rule {
        id: "bird_dog",
        angle: Moves::Side,
        beyond: Angle::from_degrees(4.0),
        held: Seconds(2.0),
        back: Angle::from_degrees(2.0),
        apart: Seconds(1.0),
        alternates: true,
    },
];

/// Rest that gives the reference. Source: domain.md §14.
const REFERENCE: Seconds = Seconds(2.0);
/// Values kept for the reference: every other grid step.
const KEPT: usize = 25;
/// Grid steps between two kept values.
const EVERY: u32 = 2;

/// A repetition under way.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Open {
    start: Time,
    beyond_for: f64,
    peak: f64,
}

/// What samples change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ExerciseState {
    set: Option<Time>,
    kept: [f64; KEPT],
    kept_len: usize,
    rested: u32,
    reference: Option<f64>,
    open: Option<Open>,
    last: Option<(Time, f64)>,
}

impl ExerciseState {
    /// Takes one grid step of `dt` that ended at `t`, inside the set `id` that began at `began`.
    #[expect(clippy::too_many_arguments, reason = "one grid step, told apart by types")]
    pub(super) fn step(
        &mut self,
        id: &str,
        began: Time,
        t: Time,
        dt: f64,
        tilt: Angle,
        side: Angle,
        resting: bool,
        now: Time,
    ) -> Option<Event> {
        if self.set != Some(began) {
            *self = Self { set: Some(began), ..Self::default() };
        }
        let rule = RULES.iter().find(|rule| rule.id == id)?;
        let value = match rule.angle {
            Moves::HeadDown | Moves::Tilt => tilt.radians(),
            Moves::Side => side.radians(),
        };
        let Some(reference) = self.reference else {
            self.learn(value, resting);
            return None;
        };
        let off = (value - reference + PI).rem_euclid(TAU) - PI;
        let off = if rule.angle == Moves::HeadDown { -off } else { off };
        let size = if rule.angle == Moves::HeadDown { off } else { off.abs() };
        let Some(open) = &mut self.open else {
            let ready = self.last.is_none_or(|(end, _)| t.since(end) >= rule.apart);
            if size >= rule.beyond.radians() && ready {
                self.open = Some(Open { start: t - Seconds(dt), beyond_for: dt, peak: off });
            }
            return None;
        };
        if size >= rule.beyond.radians() {
            open.beyond_for += dt;
        }
        if size > open.peak.abs() {
            open.peak = off;
        }
        if size > rule.back.radians() {
            return None;
        }
        let Open { start, beyond_for, peak } = self.open.take()?;
        let turned = !rule.alternates || self.last.is_none_or(|(_, before)| (before > 0.0) != (peak > 0.0));
        if beyond_for < rule.held.0 || !turned {
            return None;
        }
        self.last = Some((t, peak));
        let mut event = Event::new(Kind::Repetition, start, t, now);
        event.exercise = Some(rule.id);
        event.angle = Some(Angle::from_radians(peak));
        Some(event)
    }

    fn learn(&mut self, value: f64, resting: bool) {
        if !resting {
            self.kept_len = 0;
            self.rested = 0;
            return;
        }
        self.rested += 1;
        if self.rested.is_multiple_of(EVERY) {
            self.kept[self.kept_len] = value;
            self.kept_len += 1;
        }
        if self.kept_len == KEPT {
            self.kept.sort_by(f64::total_cmp);
            self.reference = Some(self.kept[KEPT / 2]);
        }
    }
}

const _: () = assert!(REFERENCE.0 == Tick::INTERVAL.0 * (KEPT as f64) * (EVERY as f64));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_bridges_are_ten_and_a_wobble_is_none() {
        let mut state = ExerciseState::default();
        let mut count = 0;
        for i in 0..1500 {
            let t = f64::from(i) * 0.04;
            let phase = (t - 4.0).rem_euclid(5.0);
            let lift = if (4.0..54.0).contains(&t) && phase < 3.0 { 25.0 * (phase * PI / 3.0).sin() } else { 0.0 };
            let tilt = Angle::from_degrees(-90.0 - lift + 3.0 * (t * 1.3).sin() * f64::from(u8::from(t > 4.0)));
            let t = Time::from_seconds(t);
            let resting = t < Time::from_seconds(4.0);
            let repetition = state.step("bridge", Time::START, t, 0.04, tilt, Angle::ZERO, resting, t);
            count += usize::from(repetition.is_some());
        }
        assert_eq!(count, 10);
    }
}
