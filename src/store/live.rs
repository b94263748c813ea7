//! A recording under way, as the writer holds it in memory: samples and facts come in, and stand here
//! until they are committed. What is committed when is left to the writer.

use super::facts::{Fact, Gap, NewCalibration, NewRecording};
use super::raw_day::{LONG_CHUNK, MOST_IN_CHUNK, SHORT_CHUNK, stretch, utc_date};
use crate::link::GapCause;
use crate::raw::RawSample;
use crate::units::{Time, WallTime};
use jiff::civil::Date;
use std::collections::VecDeque;
use std::ops::Range;

/// Samples of one stretch of time that no further sample will join.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) date: Date,
    /// Number of the first sample in the recording.
    pub(super) first: u64,
    pub(super) samples: Vec<RawSample>,
}

/// The stretch that new samples fall into.
#[derive(Debug)]
struct Stretch {
    wall: Range<i64>,
    date: Date,
    first: u64,
    samples: Vec<RawSample>,
    /// How many of `samples` are committed as tail rows.
    in_tail: usize,
}

/// Samples that came and could not be kept.
#[derive(Clone, Copy, Debug)]
struct Hole {
    from: Time,
    to: Time,
    lost: u32,
}

/// A recording under way.
#[derive(Debug)]
pub(super) struct Live {
    /// Row number in `lumbard.db`.
    pub(super) key: i64,
    pub(super) about: NewRecording,
    /// Full stretches, oldest first.
    pub(super) sealed: VecDeque<Sealed>,
    /// Facts that wait for their samples.
    pub(super) facts: Vec<Fact>,
    /// Waits to be committed.
    pub(super) calibration: Option<NewCalibration>,
    /// No further sample will come.
    pub(super) ended: bool,
    /// The last committed sample.
    pub(super) committed: Option<Time>,
    /// Samples that were dropped because they could not be stored.
    pub(super) lost: u64,
    open: Option<Stretch>,
    next: u64,
    newest: Option<Time>,
    hole: Option<Hole>,
}

impl Live {
    pub(super) fn new(key: i64, about: NewRecording) -> Self {
        Self {
            key,
            about,
            sealed: VecDeque::new(),
            facts: Vec::new(),
            calibration: None,
            ended: false,
            committed: None,
            lost: 0,
            open: None,
            next: 0,
            newest: None,
            hole: None,
        }
    }

    /// Samples taken in and not dropped.
    pub(super) fn samples(&self) -> u64 {
        self.next
    }

    /// The last sample taken in and not dropped.
    pub(super) fn newest(&self) -> Option<Time> {
        self.newest
    }

    /// Samples that stand here alone.
    pub(super) fn waiting(&self) -> usize {
        self.waiting_sealed() + self.open.as_ref().map_or(0, |open| open.samples.len() - open.in_tail)
    }

    /// Samples in full stretches.
    pub(super) fn waiting_sealed(&self) -> usize {
        self.sealed.iter().map(|sealed| sealed.samples.len()).sum()
    }

    /// Whether every sample taken in is committed.
    pub(super) fn all_committed(&self) -> bool {
        self.waiting() == 0
    }

    /// Takes the next sample. Days before `today` are packed for keeping at once.
    pub(super) fn push(&mut self, sample: RawSample, today: Date) {
        if let Some(Hole { from, to, lost }) = self.hole.take() {
            self.facts.push(Fact::Gap(Gap { from, to: to.max(sample.t), lost, cause: GapCause::NotStored }));
        }
        let at = self.about.start.at(sample.t);
        let joins = |open: &Stretch| open.wall.contains(&at.0) && open.samples.len() < MOST_IN_CHUNK;
        if !self.open.as_ref().is_some_and(joins) {
            self.seal();
            self.open = Some(self.stretch_around(at, today));
        }
        if let Some(open) = &mut self.open {
            open.samples.push(sample);
        }
        self.next += 1;
        self.newest = Some(sample.t);
    }

    /// Drops samples that cannot be stored. The hole becomes a gap when samples are taken again.
    pub(super) fn drop_samples(&mut self, samples: &[RawSample]) {
        let Some(last) = samples.last() else {
            return;
        };
        let lost = u32::try_from(samples.len()).unwrap_or(u32::MAX);
        let from = self.newest.unwrap_or(Time::START);
        let before = self.hole.map_or(0, |hole| hole.lost);
        self.hole = Some(Hole { from, to: last.t, lost: before.saturating_add(lost) });
        self.lost += samples.len() as u64;
    }

    /// Whether samples are being dropped.
    pub(super) fn in_hole(&self) -> bool {
        self.hole.is_some()
    }

    fn stretch_around(&self, at: WallTime, today: Date) -> Stretch {
        let date = utc_date(at);
        let span = if date < today { LONG_CHUNK } else { SHORT_CHUNK };
        let start = stretch(at, span) * span.nanos();
        Stretch { wall: start..start + span.nanos(), date, first: self.next, samples: Vec::new(), in_tail: 0 }
    }

    /// Lets no further sample join the open stretch.
    pub(super) fn seal(&mut self) {
        if let Some(open) = self.open.take().filter(|open| !open.samples.is_empty()) {
            self.sealed.push_back(Sealed { date: open.date, first: open.first, samples: open.samples });
        }
    }

    /// The samples of the open stretch that no tail row holds: their day, first number, and themselves.
    pub(super) fn tail(&self) -> Option<(Date, u64, &[RawSample])> {
        let open = self.open.as_ref().filter(|open| open.samples.len() > open.in_tail)?;
        Some((open.date, open.first + open.in_tail as u64, &open.samples[open.in_tail..]))
    }

    /// Notes that the tail is committed.
    pub(super) fn tail_committed(&mut self) {
        if let Some(open) = &mut self.open {
            open.in_tail = open.samples.len();
            self.committed = open.samples.last().map(|sample| sample.t).or(self.committed);
        }
    }

    /// Notes that the first `count` sealed stretches are committed.
    pub(super) fn sealed_committed(&mut self, count: usize) {
        for sealed in self.sealed.drain(..count) {
            self.committed = sealed.samples.last().map(|sample| sample.t).or(self.committed);
        }
    }

    /// Whether samples of this day stand here or may still come.
    pub(super) fn uses(&self, date: Date) -> bool {
        self.open.as_ref().is_some_and(|open| open.date == date) || self.sealed.iter().any(|sealed| sealed.date == date)
    }

    /// Whether a fact may be committed: raw samples come before the facts made from them.
    pub(super) fn is_ready(&self, fact: &Fact) -> bool {
        self.all_committed() || self.committed.is_some_and(|committed| fact.decided() <= committed)
    }
}
