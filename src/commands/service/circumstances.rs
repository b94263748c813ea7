//! What the warner must know besides samples: read from the store, and again whenever someone changes it.
//!
//! In: the reader's episode and settings. Out: the parts of a warning `Context` that people decide.

use crate::care::{self, Locale, Nudges};
use crate::store::{Reader, StoreError};
use crate::units::WallTime;
use crate::warning::{QuietHours, Thresholds};
use jiff::civil::{self, Date};

/// Setting: signals rest until this moment, ns since 1970-01-01 UTC.
pub(crate) const SNOOZED_UNTIL: &str = "snoozed_until_utc_ns";
/// Setting: signals rest in these hours of every day, `22:00-07:00`, or `off`.
pub(crate) const QUIET_HOURS: &str = "quiet_hours";

/// Setting: nudges after a still stretch, as `care::Nudges` reads them.
pub(crate) const NUDGES: &str = "nudges";
/// Setting: a kind word in the morning, `on` or `off`.
pub(crate) const MORNING: &str = "morning";
/// Setting: thresholds that were raised, as `warning::Thresholds` reads them.
pub(crate) const THRESHOLDS: &str = "thresholds";

/// What people decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Circumstances {
    /// The episode that is open, with what decides on its acute days.
    episode: Option<care::Episode>,
    red_flag: bool,
    pub(super) snoozed_until: Option<WallTime>,
    pub(super) quiet: Option<QuietHours>,
    /// The language of messages.
    pub(super) locale: Locale,
    pub(super) nudges: Nudges,
    pub(super) morning: bool,
    pub(super) thresholds: Thresholds,
}

impl Circumstances {
    /// Reads them.
    pub(super) fn read(reader: &Reader) -> Result<Self, StoreError> {
        let open = reader.open_episode()?;
        let red_flag = open.as_ref().is_some_and(|row| care::Episode::from(row.clone()).red_flag().is_some());
        let until = reader.setting(SNOOZED_UNTIL)?.and_then(|text| text.parse().ok()).map(WallTime);
        let quiet = reader.setting(QUIET_HOURS)?.and_then(|text| quiet_hours(&text));
        // What another version chose, and this one cannot read, is as if nothing had been chosen.
        let nudges = reader.setting(NUDGES)?.and_then(|text| text.parse().ok()).unwrap_or_default();
        let morning = reader.setting(MORNING)?.as_deref() == Some("on");
        let thresholds = reader.setting(THRESHOLDS)?.and_then(|text| text.parse().ok()).unwrap_or_default();
        let (episode, locale) = (open.map(care::Episode::from), reader.locale()?);
        Ok(Self { episode, red_flag, snoozed_until: until, quiet, locale, nudges, morning, thresholds })
    }

    /// Whether acute mode is on, on the wearer's day.
    pub(super) fn acute(&self, today: Date) -> bool {
        self.episode.as_ref().is_some_and(|episode| episode.acute_on(today))
    }

    /// Whether a red flag awaits a professional.
    pub(super) fn red_flag(&self) -> bool {
        self.red_flag
    }
}

/// Reads `22:00-07:00`; anything else, such as `off`, is no quiet time.
pub(crate) fn quiet_hours(text: &str) -> Option<QuietHours> {
    let (from, to) = text.split_once('-')?;
    let time = |text: &str| civil::Time::strptime("%H:%M", text.trim()).ok();
    Some(QuietHours { from: time(from)?, to: time(to)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_read_as_they_are_typed() {
        let hours = quiet_hours("22:00-07:00").unwrap();
        assert_eq!((hours.from, hours.to), (civil::time(22, 0, 0, 0), civil::time(7, 0, 0, 0)));
        assert_eq!(quiet_hours("off"), None);
    }
}
