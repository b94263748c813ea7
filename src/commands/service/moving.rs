//! Nudges and kind words in the service: epochs and the time of day come in; what is to be said comes out, for
//! `signals` to bring. When to speak is decided by `care::moving` and `care::messages`.

use super::circumstances::Circumstances;
use crate::care::moving::{Around, Nudge};
use crate::care::{Encourager, Message, Moving, messages};
use crate::signal::Epoch;
use crate::store::{Hand, Reader, StoreError};
use crate::units::{Seconds, WallTime};
use crate::warning::{Context, Warner};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Where the kind words owed are kept; read as a setting.
const KIND_WORDS: &str = "kind_words_owed";
/// From this hour on, what is owed is paid. Chosen by us: after dinner, before bed.
const EVENING_FROM_HOUR: i8 = 19;
/// One after the other in the evening. Chosen by us: what is owed after a full day fits in, and none crowds another.
const EVENING_EVERY: Seconds = Seconds(300.0);
/// From this minute of the day on, nothing waits any more: the day is nearly over.
const LAST_MINUTES: (i8, i8) = (23, 50);

/// Something to be said.
#[derive(Clone, Debug)]
pub(super) enum Saying {
    /// A nudge with its words, sent or withheld.
    Nudge(Nudge, &'static Message, WallTime),
    /// A kind word.
    Kind(&'static Message, WallTime),
}

/// Follows the wearer's moving, and what is owed.
#[derive(Debug, Default)]
pub(super) struct Encouraging {
    moving: Moving,
    encourager: Encourager,
    kept: String,
    newest_kind: Option<WallTime>,
    nudges_told: usize,
    sayings: Vec<Saying>,
}

impl Encouraging {
    /// With what was owed when the program last ended.
    pub(super) fn new(reader: &Reader) -> Result<Self, StoreError> {
        let kept = reader.setting(KIND_WORDS)?.unwrap_or_default();
        Ok(Self { encourager: Encourager::from_kept(&kept), kept, ..Self::default() })
    }

    /// A recording begins, so long after the last sample.
    pub(super) fn begin_recording(&mut self, after: Seconds) {
        self.moving.begin_recording(after);
    }

    /// A warning was sent.
    pub(super) fn warned(&mut self, day: Date) {
        self.encourager.warned(day);
    }

    /// A walk has ended.
    pub(super) fn walked(&mut self, day: Date, at: WallTime, lasting: Seconds) {
        let message = self.encourager.walked(day, lasting);
        self.kind(message, at);
    }

    /// Takes an epoch of the recording.
    pub(super) fn epoch(
        &mut self,
        epoch: &Epoch,
        day: Date,
        about: &Context,
        chosen: &Circumstances,
        warner: &mut Warner,
    ) {
        let at = about.start.at(epoch.start + epoch.duration);
        let Some(local) = local(at, &about.zone) else { return };
        let into_day = local.start_of_day().map_or(Seconds(0.0), |midnight| {
            Seconds(local.timestamp().duration_since(midnight.timestamp()).as_secs_f64())
        });
        let resting = warner.at_rest(about, at).map(|reason| reason.name());
        let crowded = || warner.allows_other().err().map(|reason| reason.name());
        let around = Around { local: local.time(), day, against: resting.or_else(crowded) };
        let said = self.moving.push(epoch, &chosen.nudges, into_day, &around);
        if let Some(nudge) = said.nudge {
            if nudge.withheld.is_none() {
                warner.note_other();
            }
            self.nudges_told += usize::from(nudge.withheld.is_none());
            let message = messages::nudge(about.acute, self.nudges_told);
            self.sayings.push(Saying::Nudge(nudge, message, at));
        }
        if said.morning && chosen.morning {
            self.kind(messages::find("good_morning"), at);
        }
    }

    /// Lets time pass: in the evening, what is owed is paid and a day of moving is praised.
    pub(super) fn look(&mut self, at: WallTime, zone: &TimeZone, day: Date) {
        let Some(local) = local(at, zone).filter(|local| local.hour() >= EVENING_FROM_HOUR) else { return };
        let last = (local.hour(), local.minute()) >= LAST_MINUTES;
        let waits = |newest: WallTime| (0..EVENING_EVERY.nanos()).contains(&(at.0 - newest.0));
        if self.newest_kind.is_some_and(waits) && !last {
            return;
        }
        if self.moving.moved_every_hour(day) {
            self.encourager.gave(day);
            return self.kind(messages::find("good_hours"), at);
        }
        let message = self.encourager.evening(day);
        self.kind(message, at);
    }

    fn kind(&mut self, message: Option<&'static Message>, at: WallTime) {
        if let Some(message) = message {
            self.newest_kind = Some(at);
            self.sayings.push(Saying::Kind(message, at));
        }
    }

    /// What is to be said since the last call.
    pub(super) fn sayings(&mut self) -> std::vec::Drain<'_, Saying> {
        self.sayings.drain(..)
    }

    /// Keeps what is owed for the next start, where that has changed.
    pub(super) fn keep(
        &mut self,
        at: WallTime,
        hand: impl FnOnce() -> Result<Hand, StoreError>,
    ) -> Result<(), StoreError> {
        let now = self.encourager.kept();
        if now != self.kept {
            hand()?.note(KIND_WORDS, &now, at)?;
            self.kept = now;
        }
        Ok(())
    }
}

/// The moment where the wearer is; `None` beyond the calendar.
fn local(at: WallTime, zone: &TimeZone) -> Option<Zoned> {
    Timestamp::from_nanosecond(i128::from(at.0)).ok().map(|at| at.to_zoned(zone.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// Warned so often in the morning; what is said in the evening, as the local time of each word.
    fn evening(warnings: u32, zone: &str, day: Date) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let mut encouraging = Encouraging::default();
        (0..warnings).for_each(|_| encouraging.warned(day));
        let mut at = day.at(17, 0, 0, 0).to_zoned(zone.clone()).unwrap();
        let mut said = Vec::new();
        while at.date() == day {
            let wall = WallTime(i64::try_from(at.timestamp().as_nanosecond()).unwrap());
            encouraging.look(wall, &zone, day);
            said.extend(encouraging.sayings().map(|_| at.strftime("%H:%M").to_string()));
            at = at.checked_add(jiff::Span::new().seconds(30)).unwrap();
        }
        assert_eq!(encouraging.encourager.owed(), 0, "the day is level");
        said
    }

    #[test]
    fn what_is_owed_is_paid_in_the_evening_one_after_the_other() {
        assert_eq!(evening(3, "Europe/Berlin", date(2026, 5, 4)), ["19:00", "19:05", "19:10"]);
        assert_eq!(evening(0, "Europe/Berlin", date(2026, 5, 4)), Vec::<String>::new());
        // The day of a clock change, and more than fits in by fives: all of it before midnight.
        let many = evening(70, "Europe/Berlin", date(2026, 10, 25));
        assert_eq!((many.len(), many[1].as_str(), many[69].as_str()), (70, "19:05", "23:55"));
    }
}
