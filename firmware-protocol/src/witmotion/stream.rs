//! Finds WitMotion frames in notifications that pack several, split one, or hold damage.
//!
//! Without a checksum, what follows a frame is the only proof that it was one. A frame counts
//!
//! * at the start of a notification, or right after a frame that counted; or
//! * anywhere else (after garbage, or begun in the notification before) only if the notification ends
//!   with it, or the next header or the clock of the 28-byte form follows.
//!
//! So the rest of a frame that never came is not joined with the frame after it: a notification that
//! itself begins with a header starts anew.

use super::wire::{CLOCK, CLOCKED_LEN, Clock, FRAME_LEN, HEADER, MOTION, Motion, REGISTERS, Registers};
use crate::session::Refusal;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A sample.
    Motion(Motion),
    /// An answer to a register read.
    Registers(Registers),
    /// This many bytes belong to no frame.
    Refused(Refusal, usize),
}

/// The part of a frame that is waiting for its rest, between notifications.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    part: [u8; CLOCKED_LEN],
    held: usize,
    /// The last notification ended with the 20th byte of a motion frame, so a clock may still follow.
    clock_may_follow: bool,
}

fn is_header(bytes: &[u8]) -> bool {
    matches!(bytes, [HEADER, MOTION | REGISTERS, ..] | [HEADER])
}

impl Stream {
    /// Takes one notification and hands out what is in it, in order.
    pub fn push(&mut self, bytes: &[u8], found: &mut dyn FnMut(Found)) {
        let mut rest = bytes;
        let mut trusted = true;
        if self.held > 0 {
            // One byte is too little to tell a new header from the rest of a frame.
            if rest.len() >= 2 && is_header(rest) {
                found(Found::Refused(Refusal::Truncated, self.held));
                self.held = 0;
            } else {
                rest = self.complete(rest, found);
                trusted = self.held == 0 && rest.len() < bytes.len();
            }
        } else if self.clock_may_follow
            && let Some((tail, after)) = rest.split_at_checked(CLOCK.len())
            && Clock::parse(tail).is_some()
            && !is_header(rest)
        {
            rest = after;
        }
        self.clock_may_follow = false;
        if !rest.is_empty() {
            self.scan(rest, trusted, found);
        }
    }

    /// Bytes of a frame that wait for their rest.
    pub const fn waiting(&self) -> usize {
        self.held
    }

    /// Forgets the part of a frame: the connection is new.
    pub fn clear(&mut self, found: &mut dyn FnMut(Found)) {
        if self.held > 0 {
            found(Found::Refused(Refusal::Truncated, self.held));
        }
        *self = Self::default();
    }

    /// Joins the waiting part with its rest. Gives back what comes after it, or everything if it does not fit.
    fn complete<'a>(&mut self, bytes: &'a [u8], found: &mut dyn FnMut(Found)) -> &'a [u8] {
        let missing = FRAME_LEN - self.held;
        let taken = missing.min(bytes.len());
        self.part[self.held..self.held + taken].copy_from_slice(&bytes[..taken]);
        self.held += taken;
        if self.held < FRAME_LEN {
            return &bytes[taken..];
        }
        let after = &bytes[taken..];
        let clocked = after.get(..CLOCK.len()).is_some_and(|tail| Clock::parse(tail).is_some());
        let fits = after.is_empty() || is_header(after) || (self.part[1] == MOTION && clocked);
        self.held = 0;
        if !fits || !is_header(&self.part) {
            found(Found::Refused(Refusal::Truncated, FRAME_LEN - taken));
            return bytes;
        }
        let mut frame = [0; CLOCKED_LEN];
        frame[..FRAME_LEN].copy_from_slice(&self.part[..FRAME_LEN]);
        if self.part[1] == MOTION && clocked && !is_header(after) {
            frame[CLOCK].copy_from_slice(&after[..CLOCK.len()]);
            give(&frame, found);
            return &after[CLOCK.len()..];
        }
        give(&frame[..FRAME_LEN], found);
        self.clock_may_follow = after.is_empty();
        after
    }

    fn scan(&mut self, bytes: &[u8], trusted_start: bool, found: &mut dyn FnMut(Found)) {
        let (mut at, mut trusted, mut garbage) = (0, trusted_start, 0);
        while at < bytes.len() {
            let rest = &bytes[at..];
            let len = frame_len(rest, trusted);
            match len {
                Some(len) if len <= rest.len() => {
                    refuse(&mut garbage, found);
                    give(&rest[..len], found);
                    self.clock_may_follow = len == FRAME_LEN && len == rest.len() && rest[1] == MOTION;
                    (at, trusted) = (at + len, true);
                }
                Some(_) => {
                    refuse(&mut garbage, found);
                    self.part[..rest.len()].copy_from_slice(rest);
                    self.held = rest.len();
                    return;
                }
                None => (at, trusted, garbage) = (at + 1, false, garbage + 1),
            }
        }
        refuse(&mut garbage, found);
    }
}

/// The length of the frame that begins here: more than there is if its rest is still to come, `None` if
/// none begins here.
fn frame_len(bytes: &[u8], trusted: bool) -> Option<usize> {
    if !is_header(bytes) {
        return None;
    }
    let Some(after) = bytes.get(FRAME_LEN..) else { return Some(FRAME_LEN) };
    let clocked = bytes[1] == MOTION && after.get(..CLOCK.len()).is_some_and(|tail| Clock::parse(tail).is_some());
    match () {
        () if after.is_empty() || is_header(after) => Some(FRAME_LEN),
        () if clocked => Some(CLOCKED_LEN),
        () => trusted.then_some(FRAME_LEN),
    }
}

fn give(frame: &[u8], found: &mut dyn FnMut(Found)) {
    let meaning = Motion::parse(frame).map(Found::Motion).or_else(|| Registers::parse(frame).map(Found::Registers));
    found(meaning.unwrap_or(Found::Refused(Refusal::Kind, frame.len())));
}

fn refuse(garbage: &mut usize, found: &mut dyn FnMut(Found)) {
    if *garbage > 0 {
        found(Found::Refused(Refusal::Kind, core::mem::take(garbage)));
    }
}
