//! A run: samples up to the one that fills the next grid step, taken through each detector together.
//!
//! What goes on per sample costs least when a detector takes several in a row and keeps its numbers at hand
//! meanwhile. A run never reaches beyond the sample that fills a grid step, so nothing is decided later for
//! it, and one sample alone is a run too.

use super::Sample;

/// The most samples of a run. A grid step holds four at 100 Hz, eight at 200 Hz. Chosen by us.
pub(super) const LONGEST: usize = 8;

/// What is known of a sample beside its values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct About {
    /// Seconds since the last usable sample, however long.
    pub since: f64,
    /// Seconds that it stands for.
    pub covers: f64,
    /// Length of its acceleration, g.
    pub norm: f64,
    /// Its rotation rate can be used.
    pub gyro: bool,
}

/// What is known of the samples of a run, in their order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    about: [About; LONGEST],
    len: usize,
}

impl Run {
    /// Adds a sample.
    #[inline]
    pub(super) fn add(&mut self, about: About) {
        self.about[self.len] = about;
        self.len += 1;
    }

    /// Each of `samples` that belongs to the run, with what is known of it.
    #[inline]
    pub(super) fn of<'a>(&'a self, samples: &'a [Sample]) -> impl Iterator<Item = (&'a Sample, &'a About)> + Clone {
        samples.iter().zip(&self.about[..self.len])
    }
}
