//! What the service counted: events come in, totals come out.

use crate::signal::{Event, Kind};
use crate::units::Seconds;

/// What the chain counted since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// Samples taken in.
    pub samples: u64,
    /// Samples lost on the air while the link stood.
    pub lost: u64,
    /// Steps.
    pub steps: u64,
    /// Time walked.
    pub walking: Seconds,
    /// Bends.
    pub bends: u64,
    /// Possible lifts.
    pub possible_lifts: u64,
    /// Signals sent.
    pub signals: u64,
    /// Signals withheld.
    pub withheld: u64,
    /// Repetitions of exercises counted.
    pub repetitions: u64,
    /// Holes in the samples.
    pub gaps: u64,
    /// Time not worn.
    pub not_worn: Seconds,
    /// Length of all recordings.
    pub recorded: Seconds,
}

impl Tally {
    /// Counts an event.
    pub(super) fn count(&mut self, event: &Event) {
        let lasting = event.end.since(event.start);
        match event.kind {
            Kind::Bend => self.bends += 1,
            Kind::PossibleLift => self.possible_lifts += 1,
            Kind::WalkingBout => self.walking = self.walking + lasting,
            Kind::Repetition => self.repetitions += 1,
            Kind::Gap => self.gaps += 1,
            Kind::NonWear => self.not_worn = self.not_worn + lasting,
            _ => {}
        }
    }
}
