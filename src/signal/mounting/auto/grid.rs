//! Averages samples of any rate and spacing onto an even, slow grid.
//!
//! In:  samples with their times. Out: one mean for each cell of the grid; where too many are empty, cells that
//! bridge the hole in name only, or a break.

use crate::frames::Vec3;
use crate::signal::Sample;
use crate::units::Time;

/// Twenty cells a second: steps (up to 3 Hz) and their first harmonic stay below half of it.
pub(super) const CELL_S: f64 = 0.05;
const CELL_NS: i64 = 50_000_000;
/// So many empty cells in a row are filled by a straight line: a lost packet or two, and every rate
/// from 12.5 Hz on.
const LONGEST_FILLED: i64 = 6;
/// So many are bridged: the postures before and after are still those of one movement.
const LONGEST_BRIDGED: i64 = 30;

/// The mean of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    /// Specific force in g.
    pub(super) acc: Vec3,
    /// Rotation rate in rad/s.
    pub(super) gyr: Option<Vec3>,
}

/// What a sample completed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Item {
    /// The next cell of the grid.
    Cell(Cell),
    /// A cell inside a hole, on the straight line between its borders.
    Bridge(Cell),
    /// A hole: what follows is no continuation.
    Break,
}

/// The open cell and the last closed one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Grid {
    index: Option<i64>,
    acc: Vec3,
    gyr: Vec3,
    samples: f64,
    with_gyr: f64,
    last: Option<(i64, Cell)>,
}

impl Grid {
    /// Takes a sample with finite values; hands on each cell that it completes.
    pub(super) fn push(&mut self, sample: &Sample, emit: &mut impl FnMut(Item)) {
        let index = sample.t.0.div_euclid(CELL_NS);
        match self.index {
            Some(open) if index > open => self.close(open, emit),
            Some(open) if index < open => {
                emit(Item::Break);
                *self = Self::default();
            }
            _ => {}
        }
        self.index = Some(index);
        self.acc += sample.acc;
        self.samples += 1.0;
        if let Some(gyr) = sample.gyr {
            self.gyr += gyr;
            self.with_gyr += 1.0;
        }
    }

    fn close(&mut self, index: i64, emit: &mut impl FnMut(Item)) {
        let gyr = (self.with_gyr > 0.0).then(|| self.gyr / self.with_gyr);
        let cell = Cell { acc: self.acc / self.samples, gyr };
        if let Some((before, last)) = self.last {
            let apart = index - before;
            if apart > LONGEST_BRIDGED {
                emit(Item::Break);
            } else {
                let item = if apart > LONGEST_FILLED { Item::Bridge } else { Item::Cell };
                for i in 1..apart {
                    let share = i as f64 / apart as f64;
                    let gyr = last.gyr.zip(gyr).map(|(a, b)| a.lerp(&b, share));
                    emit(item(Cell { acc: last.acc.lerp(&cell.acc, share), gyr }));
                }
            }
        }
        emit(Item::Cell(cell));
        *self = Self { last: Some((index, cell)), ..Self::default() };
    }

    /// Whether a sample can be used: finite, and within what sensors mean.
    pub(super) fn takes(sample: &Sample) -> bool {
        let sane = |v: &Vec3| v.norm_squared() < LARGEST * LARGEST;
        sane(&sample.acc) && sample.gyr.as_ref().is_none_or(sane) && sample.t >= Time::START
    }
}

/// Beyond any accelerometer (g) or gyroscope (rad/s). Written so that NaN fails.
const LARGEST: f64 = 1e3;

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(times_s: &[f64]) -> (usize, usize, usize) {
        let mut grid = Grid::default();
        let (mut cells, mut bridged, mut breaks) = (0, 0, 0);
        for &t in times_s {
            let sample = Sample { t: Time::from_seconds(t), acc: Vec3::x(), gyr: None };
            grid.push(&sample, &mut |item| match item {
                Item::Cell(cell) => {
                    assert!((cell.acc - Vec3::x()).norm() < 1e-12);
                    cells += 1;
                }
                Item::Break => breaks += 1,
                Item::Bridge(_) => bridged += 1,
            });
        }
        (cells, bridged, breaks)
    }

    #[test]
    fn every_rate_gives_twenty_cells_a_second() {
        for hz in [12.5, 31.0, 50.0, 100.0, 285.7, 500.0] {
            let times: Vec<f64> = (0..(10.0 * hz) as usize).map(|i| i as f64 / hz).collect();
            let (cells, bridged, breaks) = cells(&times);
            assert!((197..=200).contains(&cells) && bridged + breaks == 0, "{hz} Hz: {cells} cells, {breaks} breaks");
        }
    }

    #[test]
    fn a_hole_is_bridged_and_a_long_one_is_a_break() {
        assert_eq!(cells(&[0.0, 0.01, 0.06, 1.0, 1.01, 1.06]), (3, 18, 0));
        assert_eq!(cells(&[0.0, 0.01, 0.06, 2.0, 2.01, 2.06]), (3, 0, 1));
    }
}
