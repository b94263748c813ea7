//! What every format gives: blocks of rows with the source's own times and numbers. Order, spacing and
//! plausibility are judged afterwards, alike for all formats, by `condition`.

use super::error::{Place, Refusal};
use crate::raw::{Channel, RawSample};
use crate::units::WallTime;

/// Rows in a block at most. Large enough that the work around a block is small beside it, small enough
/// to stay in the processor's cache (about 110 KiB).
pub(super) const BLOCK_ROWS: usize = 1024;

/// Some rows of one recording.
#[derive(Default)]
pub(super) struct Block {
    /// The rows; `t` is the source's own time in ns, from whatever origin.
    pub rows: Vec<RawSample>,
    /// Where each row stands in the file.
    pub places: Vec<u64>,
    /// These are the first rows of a recording.
    pub begins: bool,
    /// Name of the recording, in the first block of it.
    pub trial: Option<String>,
    /// Wall time of the first row, in the first block of a recording.
    pub start: Option<WallTime>,
}

impl Block {
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.places.clear();
        (self.begins, self.trial, self.start) = (false, None, None);
    }
}

/// How the rows of a file are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub acc: Channel,
    pub gyr: Option<Channel>,
    /// Samples a second that the file or the caller names; `None` where only the times tell.
    pub nominal_rate_hz: Option<f64>,
    /// One tick of the sensor's clock.
    pub tick_s: Option<f64>,
    /// How a place in the file is told.
    pub place: fn(u64) -> Place,
}

/// Reads one format.
pub(super) trait Decoder: Send {
    /// Fills an empty block with up to [`BLOCK_ROWS`] rows of one recording; `false` at the end.
    fn fill(&mut self, block: &mut Block) -> Result<bool, Refusal>;

    /// How the rows are written. Settled when the file is open.
    fn layout(&self) -> Layout;
}
