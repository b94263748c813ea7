//! A run: samples up to the one that fills the next step of the slow detectors, taken through each detector together.
//!
//! What goes on per sample costs least when a detector takes several in a row and keeps its numbers at hand
//! meanwhile. A run never reaches beyond the sample that fills a step of the slow detectors, and within it what is
//! decided 25 times a second is decided in its turn; so nothing is decided later for it, and one sample alone is a run
//! too. What several detectors need of a sample is worked out once, here.

use super::attitude::strapdown::Felt;
use crate::units::Time;

/// The most samples of a run. A step of the slow detectors holds twenty at 100 Hz. Chosen by us.
pub(super) const LONGEST: usize = 32;

/// A usable sample, with what is known of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Reading {
    pub t: Time,
    /// Seconds that it stands for.
    pub covers: f64,
    /// Length of its specific force, g.
    pub norm: f64,
    /// Its values, with the time since the last usable sample, however long. The rate means nothing in a run without
    /// a gyroscope.
    pub felt: Felt,
}

/// The samples of a run, in their order: all of them with a usable rotation rate, or none.
#[derive(Debug)]
pub(super) struct Run<'a> {
    room: &'a mut [Reading],
    len: usize,
    gyro: bool,
}

impl<'a> Run<'a> {
    /// Makes ready for runs; `room` is for as many samples as one can have, and for one at least.
    pub(super) fn within(room: &'a mut [Reading]) -> Self {
        Self { room, len: 0, gyro: false }
    }

    /// Begins the next run, of samples with a rotation rate or without, and fills it as far as there are readings and
    /// room. Answers how many there are.
    #[inline]
    pub(super) fn fill(&mut self, gyro: bool, mut readings: impl Iterator<Item = Reading>) -> usize {
        (self.gyro, self.len) = (gyro, 0);
        for (free, reading) in self.room.iter_mut().zip(&mut readings) {
            *free = reading;
            self.len += 1;
        }
        self.len
    }

    /// Its samples.
    #[inline]
    pub(super) fn readings(&self) -> &[Reading] {
        &self.room[..self.len]
    }

    /// Whether its samples have a usable rotation rate.
    #[inline]
    pub(super) fn gyro(&self) -> bool {
        self.gyro
    }
}
