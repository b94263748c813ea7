//! Where and when this machine is: its time zone, and today's local date. For entries made by hand.

use super::{Failure, now};
use crate::care::Locale;
use crate::store::episode::Moment;
use crate::store::{Reader, StoreError};
use crate::units::WallTime;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::path::Path;

/// The machine's time zone as an IANA name.
pub(super) fn zone() -> String {
    Moment::of(now(), &TimeZone::system()).zone
}

/// This moment, here.
pub(super) struct Here {
    pub(super) now: WallTime,
    pub(super) today: Date,
    pub(super) zone: String,
}

impl Here {
    /// Reads the clock and the zone once.
    pub(super) fn read() -> Self {
        let Moment { now, today, zone } = Moment::of(now(), &TimeZone::system());
        Self { now, today, zone }
    }

    /// The same, as an entry by hand needs it.
    pub(super) fn moment(&self) -> Moment {
        Moment { now: self.now, today: self.today, zone: self.zone.clone() }
    }

    /// Refuses a day that has not come yet.
    pub(super) fn not_ahead(&self, day: Date, flag: &str) -> Result<Date, Failure> {
        if day <= self.today {
            return Ok(day);
        }
        Err(Failure::bad_input(format!(
            "{flag} {day} lies ahead; today is {}. Give today or an earlier day",
            self.today
        )))
    }
}

/// The language of messages: the one that was chosen, else that of the system. Asking never fails: whoever is in pain
/// gets an answer, whatever the state of the data folder.
pub(super) fn locale(data_dir: &Path) -> Locale {
    let chosen = Reader::open(data_dir).and_then(|reader| reader.locale());
    chosen.unwrap_or_else(|_| Locale::chosen(None, |name| std::env::var(name).ok()))
}

/// Opens the data folder for reading; `None` when nothing was ever kept there.
pub(super) fn reader(data_dir: &Path) -> Result<Option<Reader>, Failure> {
    match Reader::open(data_dir) {
        Ok(reader) => Ok(Some(reader)),
        Err(StoreError::NothingYet { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
