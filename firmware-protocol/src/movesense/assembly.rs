//! Joins data that came in two notifications. Where it is cut is nowhere written, so the whole length decides:
//! the one that belongs to the rate, or another one that the sensor's clock proves.
//!
//! The rest of data carries no number. If the end of one payload and the start of the next are lost, only the
//! time between the two pieces tells that they do not belong together; and when the end of a payload is missing,
//! it may still come in the place of the next one's. So the payload after an unfinished or a missing one does
//! not count either, if it comes in pieces.

use super::wire::{self, BLOCKS, LONGEST_PAYLOAD, Packet, Rate};
use crate::session::{Moment, Refusal};

/// How long after its first piece the rest may come, in ms. Chosen by us: under the 77 ms that lie between
/// payloads at every rate, over the longest connection interval in common use (50 ms).
const REST_MS: u64 = 60;

/// Steps of the sensor's clock in a row that prove another number of samples. Chosen by us.
const PROOFS: u8 = 3;
/// How far such a step may be off, in ms: its rounding and a jitter of the sensor's. Chosen by us.
const STEP_SLACK_MS: u32 = 3;

/// How long a whole payload of the six-axis stream is.
#[derive(Clone, Copy, Debug)]
pub(super) struct WholeLength {
    bytes: usize,
    rate: Rate,
    /// A payload of another length that came before: its length, its time, and how often its step fitted.
    other: Option<(usize, u32, u8)>,
}

impl WholeLength {
    /// As long as the rate says.
    pub(super) const fn of(rate: Rate) -> Self {
        Self { bytes: wire::payload_len(BLOCKS, rate.samples), rate, other: None }
    }

    /// The length.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// From one time to another just the samples of one payload were taken.
    fn steps(&self, before: u32, after: u32) -> bool {
        steps(before, after, wire::samples_in(BLOCKS, self.bytes), self.rate)
    }

    /// A payload is whole. One of another length that gives a whole number of samples becomes so when the
    /// sensor's clock steps several times by just these samples: the number at a rate differs with firmware.
    pub(super) fn is(&mut self, payload: &[u8]) -> bool {
        if payload.len() == self.bytes {
            self.other = None;
            return true;
        }
        let Ok(packet) = Packet::parse(payload, BLOCKS) else {
            self.other = None;
            return false;
        };
        let (len, time) = (payload.len(), packet.timestamp_ms);
        let proofs = match self.other {
            Some((before, at, proofs)) if before == len && steps(at, time, packet.samples(), self.rate) => proofs + 1,
            _ => 0,
        };
        self.other = Some((len, time, proofs));
        if proofs >= PROOFS {
            (self.bytes, self.other) = (len, None);
        }
        proofs >= PROOFS
    }
}

/// From one time to another just these samples were taken.
fn steps(before: u32, after: u32, samples: usize, rate: Rate) -> bool {
    let step = u32::try_from(samples * 1000 / usize::from(rate.hz)).unwrap_or(u32::MAX);
    after.wrapping_sub(before).abs_diff(step) <= STEP_SLACK_MS
}

/// The piece of a payload that waits for its rest.
#[derive(Clone, Debug)]
pub(super) struct Assembly {
    part: [u8; LONGEST_PAYLOAD],
    held: usize,
    begun: Moment,
    /// The payload before was not finished, or is missing.
    doubtful: bool,
    /// The time in the newest first piece.
    newest_ms: Option<u32>,
}

impl Default for Assembly {
    fn default() -> Self {
        Self { part: [0; LONGEST_PAYLOAD], held: 0, begun: Moment::default(), doubtful: false, newest_ms: None }
    }
}

impl Assembly {
    /// Bytes that wait.
    pub(super) const fn waiting(&self) -> usize {
        self.held
    }

    /// Keeps the first piece. Refused: one without a time, or one that is longer than every payload.
    pub(super) fn begin(&mut self, now: Moment, piece: &[u8], whole: &WholeLength) -> Result<(), Refusal> {
        self.held = 0;
        let time = piece.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)).ok_or(Refusal::Length)?;
        let before = self.newest_ms.replace(time);
        self.doubtful |= before.is_some_and(|before| !whole.steps(before, time));
        let room = self.part.get_mut(..piece.len()).ok_or(Refusal::Length)?;
        room.copy_from_slice(piece);
        (self.held, self.begun) = (piece.len(), now);
        Ok(())
    }

    /// Appends a piece, and gives the payload when it is whole. Refused: a piece of nothing, one that comes too
    /// late to belong to the first, one that makes it too long, and a doubtful payload; then nothing waits.
    pub(super) fn append(&mut self, now: Moment, piece: &[u8], whole: usize) -> Result<Option<&[u8]>, Refusal> {
        let end = self.held + piece.len();
        let late = now > self.begun.plus_millis(REST_MS);
        if self.held == 0 || late || end > whole.min(LONGEST_PAYLOAD) {
            let why = if self.held == 0 || late { Refusal::Truncated } else { Refusal::Length };
            self.held = 0;
            return Err(why);
        }
        self.part[self.held..end].copy_from_slice(piece);
        self.held = end;
        if end < whole {
            return Ok(None);
        }
        self.held = 0;
        if core::mem::take(&mut self.doubtful) { Err(Refusal::Truncated) } else { Ok(Some(&self.part[..end])) }
    }

    /// The next payload begins. Forgets what waits, and tells how much it was.
    pub(super) fn next(&mut self) -> usize {
        self.doubtful |= self.held > 0;
        core::mem::take(&mut self.held)
    }
}
