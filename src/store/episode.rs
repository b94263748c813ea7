//! Episodes in the store: how the open one stands today, and what an answer of the wearer changes.
//!
//! The command line and the page both enter answers here, so that both keep the same. Deciding is left to `care`.

use super::facts::{CheckInRow, EpisodeRow, NewCheckIn, NewEpisode};
use super::{Hand, Reader, StoreError};
use crate::care::{
    Advice, BackToNormal, Beginning, CheckIn, Class, Course, DayClock, DaysSeen, Episode, Pattern, Shown, Sleep,
    local_date,
};
use crate::units::WallTime;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Note: the advice that was put away, for each episode by its number.
const PUT_AWAY: &str = "advice_put_away";
/// Note: the local days that a daemon has seen, as `care::DaysSeen` keeps them.
pub const DAYS_SEEN: &str = "days_seen";
/// Why an episode ended: the wearer has recovered.
pub const RECOVERED: &str = "recovered";
/// Why an episode ended: it was entered by mistake, and counts for nothing.
pub const MISTAKE: &str = "entered_by_mistake";
/// Why an episode ended: a flare of chronic pain began, which has a clock of its own.
pub const FLARE: &str = "flare_began";

/// The wearer's day: today's local date, or a later one that a daemon has seen and that stands. For commands and
/// pages, which only look; a daemon notes what it sees.
pub fn wearers_day(reader: &Reader, now: WallTime, zone: &TimeZone) -> Result<Date, StoreError> {
    let kept = reader.setting(DAYS_SEEN)?.unwrap_or_default();
    Ok(DaysSeen::from_kept(&kept).today(now, zone))
}

impl From<EpisodeRow> for Episode {
    /// A pattern word from another version counts as a first episode: it decides nothing here.
    fn from(row: EpisodeRow) -> Self {
        Self {
            onset: row.about.onset,
            pattern: Pattern::from_name(&row.about.pattern).unwrap_or_default(),
            acute_until: row.about.acute_until,
            red_flags: row.about.red_flags,
            seen_by_professional: row.cleared.is_some(),
            ended: row.ended.is_some(),
        }
    }
}

/// The open episode as it stands on a local day.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// As it is stored.
    pub row: EpisodeRow,
    /// The same, to decide with.
    pub episode: Episode,
    /// The latest local day met: what the rules count by.
    pub today: Date,
    /// Its day number.
    pub day: u32,
    /// How it goes.
    pub course: Course,
    /// What is due to be said about seeing a professional.
    pub advice: Option<Advice>,
    /// Today's check-in, as far as it was answered.
    pub check_in: Option<CheckInRow>,
    /// The newest pain that was told, with its day number; else the pain at the start.
    pub newest_nprs: Option<(u32, u8)>,
}

impl Standing {
    /// Reads how the open episode stands on the wearer's day at a moment; `None` when none is open.
    pub fn at(reader: &Reader, now: WallTime, zone: &TimeZone) -> Result<Option<Self>, StoreError> {
        Self::read(reader, wearers_day(reader, now, zone)?)
    }

    /// Reads how the open episode stands on local day `today`; `None` when none is open.
    pub fn read(reader: &Reader, today: Date) -> Result<Option<Self>, StoreError> {
        let Some(row) = reader.open_episode()? else { return Ok(None) };
        let rows = reader.check_ins(row.id)?;
        let put_away = reader.setting(&put_away_key(row.id))?.as_deref().and_then(Shown::from_text);
        Ok(Some(Self::of(row, &rows, put_away, today)))
    }

    fn of(row: EpisodeRow, rows: &[CheckInRow], put_away: Option<Shown>, today: Date) -> Self {
        let episode = Episode::from(row.clone());
        let newest_day = rows.iter().map(|row| row.about.day).max();
        let mut clock = DayClock::new(episode.onset, newest_day);
        let day = clock.see(today);
        let check_ins: Vec<CheckIn> = rows.iter().map(|row| said(&episode, &row.about)).collect();
        let course = Course::of(row.about.nprs, &check_ins, day);
        let told = check_ins.iter().rev().find_map(|said| Some((said.day, said.nprs_now?)));
        Self {
            advice: Advice::due(day, course, clock.latest(), put_away),
            check_in: rows.iter().rev().find(|row| row.about.day == clock.latest()).cloned(),
            newest_nprs: told.or(row.about.nprs.map(|nprs| (0, nprs))),
            today: clock.latest(),
            row,
            episode,
            day,
            course,
        }
    }

    /// Acute mode is on, and no red flag rests it.
    pub fn signals_wanted(&self) -> bool {
        self.episode.acute_on(self.today) && self.episode.red_flag().is_none()
    }
}

fn put_away_key(episode: i64) -> String {
    format!("{PUT_AWAY}.{episode}")
}

/// A check-in as the course needs it.
fn said(episode: &Episode, about: &NewCheckIn) -> CheckIn {
    CheckIn {
        day: episode.day(about.day),
        nprs_now: about.nprs_now,
        back_to_normal: about.back_to_normal.as_deref().and_then(BackToNormal::from_name),
        better: about.better,
    }
}

/// This moment, as an entry by hand needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The moment.
    pub now: WallTime,
    /// Its local day.
    pub today: Date,
    /// The wearer's zone, an IANA name.
    pub zone: String,
}

/// The name stored where the system names no zone.
const UNNAMED_ZONE: &str = "Etc/Unknown";

impl Moment {
    /// A moment in a zone.
    pub fn of(now: WallTime, zone: &TimeZone) -> Self {
        Self { now, today: local_date(now, zone), zone: zone.iana_name().unwrap_or(UNNAMED_ZONE).to_owned() }
    }
}

/// What is told when an episode begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeginAnswers {
    /// Local day on which it began.
    pub onset: Date,
    /// It began suddenly, or gradually; `None`: not answered.
    pub sudden: Option<bool>,
    /// Pain now; `None`: not answered.
    pub nprs: Option<u8>,
    /// How it stands to earlier ones, where the wearer says so.
    pub pattern: Option<Pattern>,
    /// Ids of the red flags answered with yes.
    pub red_flags: Vec<String>,
}

/// What became of an episode that was told.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// It is on.
    New(EpisodeRow),
    /// The one before goes on: it ended fewer than two weeks ago.
    GoesOn {
        /// The one before, open again.
        row: EpisodeRow,
        /// So many days ago it ended.
        ended_days_ago: u32,
    },
    /// Another one is on, so nothing was changed.
    StillOn(EpisodeRow),
}

/// Begins an episode, or goes on with the one before. A flare of chronic pain ends the long one it is part of.
pub fn begin(hand: &mut Hand, reader: Option<&Reader>, told: BeginAnswers, at: &Moment) -> Result<Begun, StoreError> {
    let mut earlier = reader.map_or(Ok(Vec::new()), Reader::episodes)?;
    earlier.retain(|row| row.end_reason.as_deref() != Some(MISTAKE));
    if let Some(open) = earlier.iter().find(|row| row.ended.is_none()) {
        let chronic = Episode::from(open.clone()).class(at.today) == Class::Chronic;
        if told.pattern != Some(Pattern::FlareOfChronic) || !chronic {
            return Ok(Begun::StillOn(open.clone()));
        }
        hand.end_episode(open.id, at.now, FLARE)?;
    }
    let zone = TimeZone::get(&at.zone).unwrap_or(TimeZone::UTC);
    let ended = earlier.iter().filter_map(|row| Some((row.ended?, row))).max_by_key(|(ended, _)| *ended);
    let beginning = Beginning::after(ended.map(|(at, _)| local_date(at, &zone)), at.today);
    let pattern = match (told.pattern, beginning, ended) {
        (Some(pattern), ..) | (None, Beginning::New(pattern), _) => pattern,
        (None, Beginning::SameSpell { ended_days_ago }, Some((_, row))) => {
            let mut row = row.clone();
            (row.ended, row.end_reason) = (None, None);
            note_red_flags(&mut row, &told.red_flags);
            hand.change_episode(&row, at.now)?;
            return Ok(Begun::GoesOn { row, ended_days_ago });
        }
        (None, Beginning::SameSpell { .. }, None) => Pattern::First,
    };
    let episode = Episode::begin(told.onset, at.today, pattern, told.red_flags.clone());
    let about = NewEpisode {
        onset: told.onset,
        sudden: told.sudden,
        pattern: pattern.name().to_owned(),
        nprs: told.nprs,
        zone: at.zone.clone(),
        started: at.now,
        red_flags: told.red_flags,
        acute_until: episode.acute_until,
    };
    let id = hand.add_episode(&about)?;
    Ok(Begun::New(EpisodeRow { id, about, cleared: None, ended: None, end_reason: None, renewed_because: None }))
}

/// Adds red flags to an episode; any of them asks for a professional anew.
fn note_red_flags(row: &mut EpisodeRow, told: &[String]) {
    if told.is_empty() {
        return;
    }
    for flag in told {
        if !row.about.red_flags.contains(flag) {
            row.about.red_flags.push(flag.clone());
        }
    }
    row.cleared = None;
}

/// Keeps red flags with an episode.
pub fn red_flags(hand: &mut Hand, row: &mut EpisodeRow, told: &[String], now: WallTime) -> Result<(), StoreError> {
    note_red_flags(row, told);
    hand.change_episode(row, now)
}

/// What is told at a check-in. `None`: not answered; what was answered before for that day stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckInAnswers {
    /// Pain now.
    pub nprs_now: Option<u8>,
    /// Worst pain of the last 24 h.
    pub nprs_worst_24h: Option<u8>,
    /// Back to normal activities.
    pub back_to_normal: Option<BackToNormal>,
    /// How the night was.
    pub sleep: Option<Sleep>,
    /// It is better.
    pub better: Option<bool>,
    /// Ids of the red flags answered with yes; `None`: not asked.
    pub red_flags: Option<Vec<String>>,
}

/// Keeps a check-in for a local day of the open episode, with what was answered for that day before. Red flags are
/// kept with the episode first. Two well days end the episode.
pub fn check_in(
    hand: &mut Hand,
    reader: &Reader,
    mut row: EpisodeRow,
    day: Date,
    told: CheckInAnswers,
    at: &Moment,
) -> Result<Standing, StoreError> {
    if let Some(flags) = told.red_flags.as_ref().filter(|flags| !flags.is_empty()) {
        red_flags(hand, &mut row, flags, at.now)?;
    }
    let earlier = reader.check_ins(row.id)?.into_iter().rev().find(|earlier| earlier.about.day == day);
    let before = earlier.as_ref().map(|earlier| earlier.about.clone());
    let kept = |of: fn(&NewCheckIn) -> Option<String>| before.as_ref().and_then(of);
    let about = NewCheckIn {
        episode: row.id,
        at: at.now,
        day,
        nprs_now: told.nprs_now.or_else(|| before.as_ref()?.nprs_now),
        nprs_worst_24h: told.nprs_worst_24h.or_else(|| before.as_ref()?.nprs_worst_24h),
        back_to_normal: told
            .back_to_normal
            .map(|answer| answer.name().to_owned())
            .or(kept(|c| c.back_to_normal.clone())),
        sleep: told.sleep.map(|answer| answer.name().to_owned()).or(kept(|c| c.sleep.clone())),
        better: told.better.or_else(|| before.as_ref()?.better),
        red_flags: told.red_flags.or_else(|| before.as_ref()?.red_flags.clone()),
    };
    match earlier {
        Some(earlier) => hand.change_check_in(&CheckInRow { id: earlier.id, about }, at.now)?,
        None => hand.add_check_in(&about).map(drop)?,
    }
    let put_away = reader.setting(&put_away_key(row.id))?.as_deref().and_then(Shown::from_text);
    let rows = reader.check_ins(row.id)?;
    let mut standing = Standing::of(row, &rows, put_away, at.today);
    if standing.course == Course::Recovered {
        hand.end_episode(standing.row.id, at.now, RECOVERED)?;
        (standing.row.ended, standing.row.end_reason) = (Some(at.now), Some(RECOVERED.to_owned()));
        standing.episode.ended = true;
    }
    Ok(standing)
}

/// Puts away the advice that is due, for three days.
pub fn put_away(hand: &mut Hand, standing: &Standing, now: WallTime) -> Result<(), StoreError> {
    let Some(advice) = standing.advice else { return Ok(()) };
    let shown = Shown { advice, put_away: standing.today };
    hand.note(&put_away_key(standing.row.id), &shown.text(), now)
}
