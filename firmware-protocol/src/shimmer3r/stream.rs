//! Finds samples in a stream of bytes that notifications cut anywhere.
//!
//! A sample is given out once the head of the next one stands behind it: the byte 00, and a clock that is
//! later by a whole number of sample times. One that came in two notifications must be followed by the very
//! next one, since between the two a notification may have been lost, and the halves be of different samples.
//! None comes in three: the sensor sends no pieces that small. A notification that comes twice is left out.
//! After a loss two heads must follow, each of the very next sample, and the clock must be where time has
//! brought it: numbers of a sample look like a head more often than one would think. What fits nowhere is
//! skipped byte by byte.
//!
//! What cannot be told, since nothing guards the bytes: a flipped bit, and two faults at once (pieces cut short
//! or out of order, which no Bluetooth link does) whose lengths fit together.

use super::wire::{self, CLOCK_BITS, DATA, HEAD, LONGEST};
use crate::att::Short;
use crate::session::Refusal;

/// Most sample times from one head to the next. Chosen by us: a clock that is read one byte too early runs 256
/// times as fast, and must not pass for a loss.
const MOST_SAMPLES: u32 = 255;
/// Times between samples may be off by this part of one. Chosen by us.
const SLACK: u32 = 8;
/// Samples' worth of bytes without a sample, after which the clock may be anywhere. Chosen by us.
const GIVEN_UP: usize = 16;
/// The bits of a clock.
const CLOCK: u32 = (1 << CLOCK_BITS) - 1;
/// Two of the longest samples and a head.
const MOST_HELD: usize = 2 * LONGEST + HEAD;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A whole sample.
    Frame(&'a [u8]),
    /// This many bytes belong to no sample.
    Refused(Refusal, usize),
}

/// Where the clock of a sample must lie: after one moment, and so many ticks later at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The clock of a sample before.
    pub after: u32,
    /// Ticks.
    pub span: u32,
}

impl Window {
    fn has(self, stamp: u32) -> bool {
        (1..=self.span).contains(&(stamp.wrapping_sub(self.after) & CLOCK))
    }
}

/// The bytes that wait for what comes behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    frame_len: usize,
    divider: u32,
    bytes: [u8; MOST_HELD],
    held: usize,
    /// Bit n: a notification begins at byte n.
    begins: u128,
    /// The first byte that is held is the head behind a sample.
    in_step: bool,
    /// How the last notification began, and how long it was.
    last: (Short, usize),
    garbage: usize,
    /// Bytes that were skipped since the last sample.
    skipped: usize,
}

// A bit for every byte that is held.
const _: () = assert!(MOST_HELD <= u128::BITS as usize);

impl Stream {
    /// A stream of samples of this many bytes, this many ticks apart, that begins with a whole one.
    pub fn new(frame_len: usize, divider: u16) -> Self {
        let frame_len = frame_len.clamp(HEAD, LONGEST);
        let divider = u32::from(divider.max(1));
        Self {
            frame_len,
            divider,
            bytes: [0; _],
            held: 0,
            begins: 0,
            in_step: true,
            last: (Short::default(), 0),
            garbage: 0,
            skipped: 0,
        }
    }

    /// Takes one notification and hands out what is whole by it, in order.
    pub fn push(&mut self, notification: &[u8], window: Option<Window>, found: &mut dyn FnMut(Found<'_>)) {
        // Two that follow one another are never alike from a clock on.
        let this = (Short::of(notification), notification.len());
        if notification.len() >= HEAD && this == self.last {
            return found(Found::Refused(Refusal::Repeated, notification.len()));
        }
        self.last = this;
        for (i, &byte) in notification.iter().enumerate() {
            self.begins |= u128::from(i == 0) << self.held;
            self.bytes[self.held] = byte;
            self.held += 1;
            while self.held >= self.needed() {
                self.judge(window, found);
            }
        }
        self.tell_garbage(found);
    }

    /// The stream is over: the newest sample has no other behind it.
    pub fn finish(&mut self, found: &mut dyn FnMut(Found<'_>)) {
        if self.held > 0 {
            found(Found::Refused(Refusal::Truncated, self.held));
        }
        (self.held, self.begins, self.in_step) = (0, 0, false);
    }

    /// Bytes that it takes to judge the first of them.
    fn needed(&self) -> usize {
        HEAD + if self.in_step { self.frame_len } else { 2 * self.frame_len }
    }

    /// There is enough to tell whether a sample begins here.
    fn judge(&mut self, window: Option<Window>, found: &mut dyn FnMut(Found<'_>)) {
        let (frame, behind) = self.bytes[..self.held].split_at(self.frame_len);
        let samples = self.samples_between(frame, behind);
        let cuts = (self.begins & ((1 << self.frame_len) - 1) & !1).count_ones();
        let certain = samples == Some(1) && cuts < 2;
        let proven = if self.in_step {
            certain || (samples.is_some() && cuts == 0)
        } else {
            let window = window.filter(|_| self.skipped < GIVEN_UP * self.frame_len);
            let in_time = window.is_none_or(|window| window.has(wire::stamp(frame)));
            certain && in_time && self.samples_between(behind, &behind[self.frame_len..]) == Some(1)
        };
        if proven {
            found(Found::Frame(frame));
            self.skipped = 0;
            self.drop_front(self.frame_len);
        } else if self.in_step && samples.is_some() {
            found(Found::Refused(Refusal::Truncated, self.frame_len));
            self.drop_front(self.frame_len);
        } else {
            self.garbage += 1;
            self.skipped += 1;
            self.drop_front(1);
        }
        self.in_step = proven && certain;
    }

    /// How many samples later the next head is, if both heads can be ones.
    fn samples_between(&self, frame: &[u8], next: &[u8]) -> Option<u32> {
        if frame[0] != DATA || next[0] != DATA {
            return None;
        }
        let step = wire::stamp(next).wrapping_sub(wire::stamp(frame)) & CLOCK;
        let samples = (step + self.divider / 2) / self.divider;
        let off = step.abs_diff(samples * self.divider);
        ((1..=MOST_SAMPLES).contains(&samples) && off <= self.divider / SLACK).then_some(samples)
    }

    fn drop_front(&mut self, bytes: usize) {
        self.bytes.copy_within(bytes..self.held, 0);
        self.held -= bytes;
        self.begins >>= bytes;
    }

    fn tell_garbage(&mut self, found: &mut dyn FnMut(Found<'_>)) {
        if self.garbage > 0 {
            found(Found::Refused(Refusal::Kind, core::mem::take(&mut self.garbage)));
        }
    }
}
