//! Finds moments at which the sensor leans out of a posture: as it leaves a posture it had held, and
//! where it comes back to one.
//!
//! In:  the even grid of specific force. Out: the direction and size of each such leaning, with the
//! posture it left; what was held meanwhile.
//!
//! Whatever people do from standing or sitting - bend, reach, sit down, rise - they begin by leaning
//! forward. Sitting then leans a pelvis backward for as long as it lasts, so a posture that is held is no
//! leaning, however far it is from another; nor is lying down, which passes 70° and is not left again soon.

use super::grid::{CELL_S, Cell};
use super::seat::{fell, forward_share};
use crate::frames::Vec3;
use std::collections::VecDeque;

/// Directions are taken five times a second, ...
const STRIDE: usize = 4;
/// ... each from 0.6 s, so that steps are averaged out.
const SMOOTHED_OVER: usize = 12;
/// How long before and after a leaning the posture is looked at, in directions: 1 and 2 s.
const REACH: [usize; 2] = [5, 10];
const MIDDLE: usize = 10;
/// Norms are the means of so many cells, and are kept as far back as directions.
const NORM_OVER: usize = 5;
const NORMS: usize = (2 * MIDDLE + 1) * STRIDE;
/// By how many cells a direction lags behind the newest norm, its own smoothing taken off.
const DIRECTION_LAGS: usize = (SMOOTHED_OVER - NORM_OVER) / 2 + 1 - STRIDE / 2;
/// The posture before and after may differ by this: sine of half of 25° (sitting and standing).
const SAME_POSTURE: f64 = 0.217;
/// A posture is held while it changes by less than 4° in a second.
const HELD: f64 = 0.07;
const HELD_FOR: usize = 5;
/// Leaving a posture is over after 2 s, or when the sensor turns back.
const LEAVING_FOR: usize = 10;
/// Leaving a posture weighs as much as a second of leaning.
const LEAVING_STANDS_FOR_S: f64 = 1.0;
/// Smallest leaning that counts, 6°, and the largest, 70°: beyond it someone may be lying down.
const SMALLEST: f64 = 0.105;
const LARGEST: f64 = 1.222;
/// Still: standard deviation of specific force over 0.6 s, in g. Source: domain.md §5.
const STILL_G: f64 = 0.02;

/// The time that a direction stands for, in seconds.
pub(super) const STANDS_FOR_S: f64 = STRIDE as f64 * CELL_S;

/// What the newest cells show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shown {
    /// The sensor leaned from `posture` by `leaned` (a vector at right angles to it whose length is the
    /// angle in rad, pointing where up went).
    Leaning {
        /// Unit vector of the posture that was left and come back to.
        posture: Vec3,
        /// Where up went.
        leaned: Vec3,
        /// The time that it stands for, in seconds.
        seconds: f64,
    },
    /// Specific force over the newest stretch.
    Held {
        /// Its mean in g.
        force: Vec3,
        /// Whether it was still.
        still: bool,
        /// Mean rate in rad/s.
        gyr: Option<Vec3>,
    },
}

/// The newest cells and directions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leaning {
    cells: VecDeque<Cell>,
    until_next: usize,
    /// So many of the newest cells may have been bridged.
    bridged: usize,
    directions: VecDeque<(Vec3, bool)>,
    /// Norms of the cells that the directions stand for, smoothed.
    norms: VecDeque<f64>,
    leaving: Option<Leaving>,
}

/// A posture that was held, and how it is being left.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Leaving {
    posture: Vec3,
    leaned: Vec3,
    lasted: usize,
}

impl Leaning {
    pub(super) fn new() -> Self {
        Self {
            cells: VecDeque::with_capacity(SMOOTHED_OVER + 1),
            until_next: STRIDE,
            bridged: 0,
            directions: VecDeque::with_capacity(2 * MIDDLE + 2),
            norms: VecDeque::with_capacity(NORMS + 1),
            leaving: None,
        }
    }

    /// Forgets what came before a hole.
    pub(super) fn break_off(&mut self) {
        *self = Self::new();
    }

    /// Takes a cell that bridges a hole: it shows where a movement led, but neither rest nor posture.
    pub(super) fn bridge(&mut self, cell: &Cell, emit: &mut impl FnMut(Shown)) {
        self.bridged = SMOOTHED_OVER + 1;
        self.push(cell, emit);
    }

    /// Takes the next cell.
    pub(super) fn push(&mut self, cell: &Cell, emit: &mut impl FnMut(Shown)) {
        if self.cells.len() == SMOOTHED_OVER {
            self.cells.pop_front();
        }
        self.cells.push_back(*cell);
        self.keep_norm();
        self.bridged = self.bridged.saturating_sub(1);
        self.until_next -= 1;
        if self.until_next > 0 {
            return;
        }
        self.until_next = STRIDE;
        if self.cells.len() < SMOOTHED_OVER {
            return;
        }
        let n = SMOOTHED_OVER as f64;
        let mean = self.cells.iter().map(|cell| cell.acc).sum::<Vec3>() / n;
        let variance = self.cells.iter().map(|cell| (cell.acc - mean).norm_squared()).sum::<f64>() / n;
        let still = self.bridged == 0 && variance < STILL_G * STILL_G;
        let gyr = self.cells.iter().map(|cell| cell.gyr).sum::<Option<Vec3>>().map(|sum| sum / n);
        if self.bridged == 0 {
            emit(Shown::Held { force: mean, still, gyr });
        }
        let Some(direction) = mean.try_normalize(f64::EPSILON) else {
            return;
        };
        if self.directions.len() > 2 * MIDDLE {
            self.directions.pop_front();
        }
        self.directions.push_back((direction, still));
        self.leave(&direction, emit);
        if self.directions.len() > 2 * MIDDLE {
            for reach in REACH {
                self.look(reach, emit);
            }
        }
    }

    fn keep_norm(&mut self) {
        let newest = self.cells.iter().rev().take(NORM_OVER);
        let norm = newest.clone().map(|cell| cell.acc.norm()).sum::<f64>() / newest.len() as f64;
        if self.norms.len() == NORMS {
            self.norms.pop_front();
        }
        self.norms.push_back(norm);
    }

    /// How much the excursion in the middle, along `leaned`, speaks for leaning forward.
    fn forward_share(&mut self, leaned: &Vec3) -> f64 {
        let half = 0.5 * self.directions[MIDDLE].0.dot(leaned);
        let out = |i: &usize| self.directions[*i].0.dot(leaned) < half;
        let (Some(from), Some(to)) = ((0..MIDDLE).rev().find(out), (MIDDLE + 1..=2 * MIDDLE).find(out)) else {
            return 1.0;
        };
        if self.norms.len() < NORMS {
            return 1.0;
        }
        // A direction stands for the middle of its cells; the border lies half a direction further in.
        let cell = |direction: usize| (STRIDE * direction + STRIDE / 2).saturating_sub(DIRECTION_LAGS);
        let (from, to) = (cell(from), cell(to - 1));
        forward_share(self.norms.make_contiguous(), from, to)
    }

    /// Whether the body fell while it left a posture.
    fn fell(&mut self, lasted: usize) -> bool {
        let newest = (lasted + 2) * STRIDE;
        let first = self.norms.len().saturating_sub(newest);
        fell(&self.norms.make_contiguous()[first..])
    }

    fn look(&mut self, reach: usize, emit: &mut impl FnMut(Shown)) {
        let (before, (now, still), after) =
            (self.directions[MIDDLE - reach].0, self.directions[MIDDLE], self.directions[MIDDLE + reach].0);
        if still {
            return;
        }
        if (before - after).norm() > 2.0 * SAME_POSTURE {
            return;
        }
        let posture = (before + after).normalize();
        if let Some(leaned) = leaning_between(&posture, &now) {
            let leaned = leaned * self.forward_share(&leaned);
            emit(Shown::Leaning { posture, leaned, seconds: STANDS_FOR_S });
        }
    }

    fn leave(&mut self, now: &Vec3, emit: &mut impl FnMut(Shown)) {
        let newest = self.directions.len().saturating_sub(HELD_FOR);
        let held = self.directions.len() >= HELD_FOR
            && self.directions.iter().skip(newest).all(|(direction, _)| (direction - now).norm() < HELD);
        if held {
            // Arriving in a posture is no leaning, however far it is from the last.
            self.leaving = Some(Leaving { posture: *now, leaned: Vec3::zeros(), lasted: 0 });
            return;
        }
        let Some(leaving) = &mut self.leaving else {
            return;
        };
        if leaving.posture.dot(now) < LARGEST.cos() {
            self.leaving = None;
            return;
        }
        leaving.lasted += 1;
        let leaned = leaning_between(&leaving.posture, now).unwrap_or_default();
        let turned_back = leaned.norm() < leaving.leaned.norm();
        if !turned_back {
            leaving.leaned = leaned;
        }
        let Leaving { posture, leaned, lasted } = *leaving;
        if turned_back || lasted == LEAVING_FOR {
            self.leaving = None;
            if leaned != Vec3::zeros() && !self.fell(lasted) {
                emit(Shown::Leaning { posture, leaned, seconds: LEAVING_STANDS_FOR_S });
            }
        }
    }
}

/// From one direction to another, at right angles to the first, with the length of the angle; `None`
/// where it is too small or too large to be a leaning.
fn leaning_between(posture: &Vec3, now: &Vec3) -> Option<Vec3> {
    let across = now - posture * posture.dot(now);
    let sine = across.norm();
    let angle = sine.atan2(posture.dot(now));
    (SMALLEST..LARGEST).contains(&angle).then(|| across * (angle / sine))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bend_that_comes_back_leans_the_way_up_went() {
        let mut leaning = Leaning::new();
        let (mut leaned, mut others) = (Vec3::zeros(), 0);
        for i in 0..400 {
            let t = f64::from(i) * CELL_S;
            let angle =
                if (8.0..11.0).contains(&t) { 0.7 * (std::f64::consts::PI * (t - 8.0) / 3.0).sin() } else { 0.0 };
            let cell = Cell { acc: Vec3::new(angle.cos(), 0.0, -angle.sin()), gyr: None };
            leaning.push(&cell, &mut |shown| match shown {
                Shown::Leaning { leaned: by, .. } => leaned += by,
                Shown::Held { .. } => others += 1,
            });
        }
        assert!(leaned.z < -1.0 && leaned.y.abs() < 1e-9, "{leaned:?}");
        assert!(others > 50);
    }

    #[test]
    fn a_posture_that_is_not_left_again_is_no_leaning() {
        let mut leaning = Leaning::new();
        for i in 0..800 {
            let acc = if i < 400 { Vec3::x() } else { -Vec3::z() };
            leaning.push(&Cell { acc, gyr: None }, &mut |shown| assert!(matches!(shown, Shown::Held { .. })));
        }
    }
}
