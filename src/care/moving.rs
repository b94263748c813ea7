//! Moving little and often: epochs come in as they are decided; a nudge after a long still stretch, a kind word in the
//! morning and one for a day with movement in every hour come out. Pure: no clock, no channel.
//!
//! | what | when | chosen |
//! |---|---|---|
//! | nudge | still for so long, worn, not lying, in the awake hours; at most one in that time | off until the wearer turns it on |
//! | morning | after the first upright minutes of the day | off until the wearer turns it on |
//! | every hour | in the evening, when each hour since the first one worn held a minute of walking | on; it is earned |
//!
//! Being still is domain.md §7's: no walking, and MAD under 20 mg over a minute, worn and not lying; the same figures
//! as of a `still_bout` (`signal::still`), which is told only when it is over. Whether a signal rests just now, for a
//! snooze, quiet hours, an exercise or a red flag, is handed in: a nudge that is withheld is kept with that reason,
//! once for each still stretch, and given when the reason goes and the wearer is still there.

use crate::signal::still::StillParams;
use crate::signal::{Epoch, Posture};
use crate::units::{Seconds, Time};
use jiff::civil;
use std::fmt;
use std::str::FromStr;

/// Still for so long, and a nudge is due; and no second one within it. Source: domain.md §7, chosen by us.
pub const NUDGE_EVERY: Seconds = Seconds(45.0 * 60.0);
/// The shortest that may be chosen: a still stretch of domain.md §7.
pub const NUDGE_LEAST: Seconds = Seconds(30.0 * 60.0);
/// The longest that may be chosen.
pub const NUDGE_MOST: Seconds = Seconds(180.0 * 60.0);
/// Awake hours unless chosen otherwise. Chosen by us.
const AWAKE: (civil::Time, civil::Time) = (civil::time(7, 0, 0, 0), civil::time(22, 0, 0, 0));
/// The word of a nudge in columns and keys.
pub const NUDGE: &str = "nudge";
/// A nudge was withheld because it is no time to be awake.
pub const NOT_AWAKE: &str = "outside_awake_hours";
/// So long upright, and the day has begun. Chosen by us: longer than a walk to the bathroom.
const UPRIGHT_FIRST: Seconds = Seconds(180.0);
/// A morning does not begin before. Chosen by us: earlier is night.
const MORNING_FROM: civil::Time = civil::time(4, 0, 0, 0);
/// And not later: who puts the sensor on in the afternoon has risen long ago. Chosen by us.
const MORNING_TO: civil::Time = civil::time(12, 0, 0, 0);
/// An hour counts as worn from this much on, and holds movement from this much walking on. Chosen by us: a minute of
/// walking is a walk.
const HOUR_WORN: Seconds = Seconds(30.0 * 60.0);
const HOUR_WALKED: Seconds = Seconds(60.0);
/// So many hours at least, each with movement, before it is praised. Chosen by us: half a waking day.
const HOURS_LEAST: usize = 8;

/// Hours of the day in which the wearer wants to be reached, `[from, to)`; `from` later than `to` spans midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awake {
    /// From then on.
    pub from: civil::Time,
    /// Up to then.
    pub to: civil::Time,
}

impl Awake {
    fn contains(&self, at: civil::Time) -> bool {
        if self.from <= self.to { (self.from..self.to).contains(&at) } else { at >= self.from || at < self.to }
    }
}

impl FromStr for Awake {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = |text: &str| civil::Time::strptime("%H:%M", text.trim()).ok();
        let hours = text.split_once('-').and_then(|(from, to)| Some(Self { from: read(from)?, to: read(to)? }));
        hours
            .filter(|hours| hours.from != hours.to)
            .ok_or_else(|| format!("{text:?} are no hours of a day; write them as 07:00-22:00"))
    }
}

/// Nudges as they were chosen. As text: `off`, or `on 45m 07:00-22:00`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nudges {
    /// They are given at all.
    pub on: bool,
    /// After so long without moving, and at most one in that time.
    pub every: Seconds,
    /// In these hours.
    pub awake: Awake,
}

impl Default for Nudges {
    fn default() -> Self {
        Self { on: false, every: NUDGE_EVERY, awake: Awake { from: AWAKE.0, to: AWAKE.1 } }
    }
}

impl fmt::Display for Nudges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.on {
            return f.write_str("off");
        }
        let hours = |at: civil::Time| at.strftime("%H:%M").to_string();
        write!(f, "on {:.0}m {}-{}", self.every.0 / 60.0, hours(self.awake.from), hours(self.awake.to))
    }
}

impl FromStr for Nudges {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let no = || format!("{text:?} is no choice of nudges; it reads off, or on 45m 07:00-22:00");
        let mut words = text.split_whitespace();
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("off"), None, ..) => Ok(Self::default()),
            (Some("on"), Some(every), Some(awake), None) => {
                let minutes: f64 = every.strip_suffix('m').and_then(|number| number.parse().ok()).ok_or_else(no)?;
                Ok(Self { on: true, every: every_within(Seconds(minutes * 60.0))?, awake: awake.parse()? })
            }
            _ => Err(no()),
        }
    }
}

/// A time between nudges that may be chosen.
pub fn every_within(every: Seconds) -> Result<Seconds, String> {
    if (NUDGE_LEAST.0..=NUDGE_MOST.0).contains(&every.0) {
        return Ok(every);
    }
    Err(format!(
        "nudges come every {:.0} to {:.0} minutes; {:.0} was asked for",
        NUDGE_LEAST.0 / 60.0,
        NUDGE_MOST.0 / 60.0,
        every.0 / 60.0
    ))
}

/// What is known at the end of an epoch besides it.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// The local time of day.
    pub local: civil::Time,
    /// The local day: what the wearer is told once a day, is told once in each.
    pub day: civil::Date,
    /// What speaks against any signal now, as its word in columns and keys.
    pub against: Option<&'static str>,
}

/// Something that may be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nudge {
    /// For how long the wearer has been still.
    pub still: Seconds,
    /// The limit that was chosen.
    pub limit: Seconds,
    /// Why it is not told; `None`: it is.
    pub withheld: Option<&'static str>,
}

/// What an epoch leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Said {
    /// A nudge, sent or withheld.
    pub nudge: Option<Nudge>,
    /// The day has begun: a kind word, where that was chosen.
    pub morning: bool,
}

/// Follows one wearer. Times are those of the recording; what passes between two is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moving {
    still: Option<Still>,
    /// How long ago the newest nudge was.
    since_nudge: Option<Seconds>,
    upright_today: Seconds,
    greeted: Option<civil::Date>,
    day: Option<civil::Date>,
    hours: Vec<Hour>,
    praised: Option<civil::Date>,
}

/// A still stretch that is going on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Still {
    from: Time,
    to: Time,
    mad_mg: f64,
    /// That a nudge was withheld has been told.
    withheld_told: bool,
}

/// One hour of the day, from local midnight on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Hour {
    worn: Seconds,
    walked: Seconds,
}

impl Moving {
    /// A new recording begins, so long after the last epoch: its times count anew.
    pub fn begin_recording(&mut self, after: Seconds) {
        self.still = None;
        self.pass(after);
    }

    fn pass(&mut self, by: Seconds) {
        self.since_nudge = self.since_nudge.map(|ago| ago + Seconds(by.0.max(0.0)));
    }

    /// Takes an epoch. `into_day` is how long ago local midnight was.
    pub fn push(&mut self, epoch: &Epoch, nudges: &Nudges, into_day: Seconds, around: &Around) -> Said {
        if self.day != Some(around.day) {
            (self.day, self.upright_today) = (Some(around.day), Seconds(0.0));
            self.hours.clear();
        }
        self.count(epoch, into_day);
        let hole = self.still.map_or(Seconds(0.0), |still| epoch.start.since(still.to));
        self.pass(epoch.duration + hole);
        self.follow(epoch);
        Said { nudge: self.nudge(nudges, around), morning: self.morning(epoch, around) }
    }

    fn follow(&mut self, epoch: &Epoch) {
        let params = StillParams::default();
        let end = epoch.start + epoch.duration;
        // What follows a hole begins anew.
        let before = self.still.take().filter(|still| still.to == epoch.start);
        let upright = !matches!(epoch.posture, Posture::NotWorn | Posture::Lying | Posture::Walking | Posture::Unknown);
        let Some(mad_mg) = epoch.mad_mg.filter(|_| upright && epoch.steps == 0) else { return };
        let share = (epoch.duration.0 / params.smooth.0).min(1.0);
        let mad_mg = before.map_or(mad_mg, |still| still.mad_mg + share * (mad_mg - still.mad_mg));
        if mad_mg < params.mad_mg {
            let fresh = Still { from: epoch.start, to: end, mad_mg, withheld_told: false };
            self.still = Some(Still { to: end, mad_mg, ..before.unwrap_or(fresh) });
        }
    }

    fn nudge(&mut self, nudges: &Nudges, around: &Around) -> Option<Nudge> {
        let still = self.still.as_mut().filter(|_| nudges.on)?;
        let lasting = still.to.since(still.from);
        // The last one counts from when it was given: who goes on sitting is nudged again after as long.
        if lasting.0 < nudges.every.0 || self.since_nudge.is_some_and(|ago| ago.0 < nudges.every.0) {
            return None;
        }
        let awake = nudges.awake.contains(around.local);
        let withheld = around.against.or((!awake).then_some(NOT_AWAKE));
        if withheld.is_none() {
            still.withheld_told = false;
            self.since_nudge = Some(Seconds(0.0));
        } else if std::mem::replace(&mut still.withheld_told, true) {
            return None;
        }
        Some(Nudge { still: lasting, limit: nudges.every, withheld })
    }

    fn morning(&mut self, epoch: &Epoch, around: &Around) -> bool {
        let upright = matches!(epoch.posture, Posture::Walking | Posture::Moving | Posture::UprightStill);
        let early = around.local < MORNING_FROM;
        if upright && !early {
            self.upright_today = self.upright_today + epoch.duration;
        }
        let begun = self.upright_today.0 >= UPRIGHT_FIRST.0 && around.local < MORNING_TO && !early;
        if !begun || around.against.is_some() || self.greeted == Some(around.day) {
            return false;
        }
        self.greeted = Some(around.day);
        true
    }

    fn count(&mut self, epoch: &Epoch, into_day: Seconds) {
        let place = (into_day.0 / 3600.0).clamp(0.0, 30.0) as usize;
        if self.hours.len() <= place {
            self.hours.resize(place + 1, Hour::default());
        }
        let hour = &mut self.hours[place];
        if !matches!(epoch.posture, Posture::NotWorn | Posture::Lying | Posture::Unknown) {
            hour.worn = hour.worn + epoch.duration;
        }
        if epoch.steps > 0 || epoch.posture == Posture::Walking {
            hour.walked = hour.walked + epoch.duration;
        }
    }

    /// In the evening: whether every hour since the sensor was put on held movement, and was worn. Once a day.
    pub fn moved_every_hour(&mut self, day: civil::Date) -> bool {
        if self.day != Some(day) || self.praised == Some(day) {
            return false;
        }
        let first = self.hours.iter().position(|hour| hour.worn.0 >= HOUR_WORN.0);
        // The hour that is going on may still be short.
        let whole = self.hours.len().saturating_sub(1);
        let Some(day_hours) = first.filter(|first| *first < whole).map(|first| &self.hours[first..whole]) else {
            return false;
        };
        let each = day_hours.iter().all(|hour| hour.worn.0 >= HOUR_WORN.0 && hour.walked.0 >= HOUR_WALKED.0);
        let earned = each && day_hours.len() >= HOURS_LEAST;
        self.praised = if earned { Some(day) } else { self.praised };
        earned
    }
}

#[cfg(test)]
#[path = "moving_days.rs"]
mod days;
