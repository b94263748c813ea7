//! What is said about the course of an episode and about the sensor, each once and when someone is up to hear it.
//!
//! In: what people may see now, how the open episode stands, and the time. Out: ids of messages, with how much they
//! may disturb. Warnings and kind words are left to `warning` and `care`.

use super::chain::Now;
use crate::care::Shown;
use crate::link::LinkStatus;
use crate::notify::Loudness;
use crate::signal::Posture;
use crate::store::episode::Standing;
use crate::store::{Hand, Reader, StoreError};
use crate::units::WallTime;
use crate::warning::Reason;
use jiff::civil::Date;

/// Note: the advice that was told last, and on which day; so that a new start does not tell it again.
const TOLD: &str = "advice_told";

/// Remembers what was said.
#[derive(Debug, Default)]
pub(super) struct Companion {
    /// How the open episode stands, and for which local day that was read.
    standing: Option<Standing>,
    read_for: Option<Date>,
    told: Option<Shown>,
    acute: bool,
    acute_over: bool,
    not_worn: bool,
    away: bool,
}

/// A message that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// Its id in the messages.
    pub(super) id: &'static str,
    /// How much it may disturb.
    pub(super) loudness: Loudness,
}

impl Companion {
    pub(super) fn new(reader: &Reader) -> Result<Self, StoreError> {
        Ok(Self { told: reader.setting(TOLD)?.as_deref().and_then(Shown::from_text), ..Self::default() })
    }

    /// Reads how the open episode stands, when something changed or a new day began.
    pub(super) fn read(&mut self, reader: &Reader, today: Date, changed: bool) -> Result<(), StoreError> {
        if changed || self.read_for != Some(today) {
            self.standing = Standing::read(reader, today)?;
            self.read_for = Some(today);
        }
        Ok(())
    }

    /// What is due to be said now.
    pub(super) fn due(&mut self, now: &Now) -> Vec<Due> {
        let mut due = Vec::new();
        let mut say = |id, loudness| due.push(Due { id, loudness });
        let posture = now.tick.map_or(Posture::Unknown, |tick| tick.posture);
        if std::mem::replace(&mut self.not_worn, posture == Posture::NotWorn) != self.not_worn && self.not_worn {
            say("not_worn", Loudness::Text);
        }
        let away = now.status == LinkStatus::Away;
        if std::mem::replace(&mut self.away, away) != away {
            say(if away { "link_lost" } else { "link_back" }, Loudness::Quiet);
        }
        let open = self.standing.as_ref().filter(|standing| standing.episode.red_flag().is_none());
        let acute = open.is_some_and(|standing| standing.episode.acute_on(standing.today));
        // One that ended or rests for another reason is told by whoever did that.
        let by_itself = open.is_some_and(|standing| standing.episode.acute_until == Some(standing.today));
        if std::mem::replace(&mut self.acute, acute) && !acute && by_itself {
            self.acute_over = true;
        }
        if !is_up(posture) || rests(now) {
            return due;
        }
        let mut say = |id, loudness| due.push(Due { id, loudness });
        if std::mem::take(&mut self.acute_over) {
            say("acute_over", Loudness::Text);
        }
        if let Some((advice, today)) = open.and_then(|standing| Some((standing.advice?, standing.today))) {
            let shown = Shown { advice, put_away: today };
            // The same advice is told again after some days only.
            if !self.told.is_some_and(|told| told.advice == advice && told.rests_on(today)) {
                self.told = Some(shown);
                say(advice.name(), Loudness::Text);
            }
        }
        due
    }

    /// Keeps what was told.
    pub(super) fn keep(&self, hand: &mut Hand, at: WallTime) -> Result<(), StoreError> {
        self.told.map_or(Ok(()), |told| hand.note(TOLD, &told.text(), at))
    }
}

/// Someone is up, so words find them.
fn is_up(posture: Posture) -> bool {
    matches!(posture, Posture::Walking | Posture::Moving | Posture::UprightStill)
}

/// The wearer asked for rest.
fn rests(now: &Now) -> bool {
    let asked = |reason: &Reason| matches!(reason, Reason::Snoozed { .. } | Reason::QuietHours { .. });
    now.armed.as_ref().err().is_some_and(|reasons| reasons.iter().any(asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::Locale;
    use crate::frames::Vec3;
    use crate::signal::Tick;
    use crate::store::facts::{NewCheckIn, NewEpisode};
    use crate::units::Time;
    use jiff::Span;
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    const ONSET: Date = date(2026, 10, 22);

    fn now(posture: Posture, armed: Result<(), Vec<Reason>>) -> Now {
        let tick = Tick {
            t: Time::START,
            up_sensor: Vec3::new(1.0, 0.0, 0.0),
            tilt: None,
            side: None,
            tea: None,
            beyond_table: false,
            posture,
            bending: false,
            valid: true,
            sitting: None,
        };
        Now {
            tick: Some(tick),
            locale: Locale::En,
            status: LinkStatus::Streaming,
            battery: None,
            armed,
            at: None,
            zone: TimeZone::UTC,
            approximate: false,
            snoozed_until: None,
            guide: None,
            offer: None,
            exercise: None,
        }
    }

    fn day(n: i64) -> Date {
        ONSET.saturating_add(Span::new().days(n))
    }

    /// Domain.md §16, scenario 12: onset three days before a clock change, and no check-in at all.
    #[test]
    fn the_end_of_acute_days_and_the_day_7_text_are_said_on_day_7_when_someone_is_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut hand = Hand::open(folder.path()).unwrap();
        let episode = NewEpisode {
            onset: ONSET,
            sudden: Some(true),
            pattern: "first".into(),
            nprs: Some(7),
            zone: "Europe/Berlin".into(),
            started: WallTime(0),
            red_flags: Vec::new(),
            acute_until: Some(day(7)),
        };
        let id = hand.add_episode(&episode).unwrap();
        let reader = Reader::open(folder.path()).unwrap();
        let mut companion = Companion::new(&reader).unwrap();
        let said = |companion: &mut Companion, n: i64, posture, armed| {
            companion.read(&reader, day(n), true).unwrap();
            companion.due(&now(posture, armed)).iter().map(|due| due.id).collect::<Vec<_>>()
        };
        let up = Posture::UprightStill;
        for n in 0..7 {
            assert_eq!(said(&mut companion, n, up, Ok(())), Vec::<&str>::new(), "day {n}");
        }
        assert_eq!(said(&mut companion, 7, Posture::Lying, Ok(())), Vec::<&str>::new(), "asleep");
        let quiet = Err(vec![Reason::QuietHours { until: jiff::civil::time(7, 0, 0, 0) }]);
        assert_eq!(said(&mut companion, 7, up, quiet), Vec::<&str>::new(), "in quiet hours");
        assert_eq!(said(&mut companion, 7, up, Ok(())), ["acute_over", "day_7"]);
        assert_eq!(said(&mut companion, 7, up, Ok(())), Vec::<&str>::new(), "once");
        companion.keep(&mut hand, WallTime(1)).unwrap();
        let mut anew = Companion::new(&reader).unwrap();
        assert_eq!(said(&mut anew, 8, up, Ok(())), Vec::<&str>::new(), "and not after a new start");
        assert_eq!(said(&mut anew, 10, up, Ok(())), ["day_7"], "three days later");
        let better = NewCheckIn {
            episode: id,
            at: WallTime(2),
            day: day(13),
            nprs_now: Some(3),
            nprs_worst_24h: None,
            back_to_normal: None,
            sleep: None,
            better: None,
            red_flags: None,
        };
        hand.add_check_in(&better).unwrap();
        assert_eq!(said(&mut anew, 13, up, Ok(())), Vec::<&str>::new(), "it is easing");
    }

    #[test]
    fn not_worn_and_out_of_reach_are_said_once_each() {
        let mut companion = Companion::default();
        let mut said = |now: Now| companion.due(&now).iter().map(|due| due.id).collect::<Vec<_>>();
        assert_eq!(said(now(Posture::Walking, Ok(()))), Vec::<&str>::new());
        assert_eq!(said(now(Posture::NotWorn, Ok(()))), ["not_worn"]);
        assert_eq!(said(now(Posture::NotWorn, Ok(()))), Vec::<&str>::new());
        let away = || Now { status: LinkStatus::Away, ..now(Posture::Unknown, Ok(())) };
        assert_eq!(said(away()), ["link_lost"]);
        assert_eq!(said(away()), Vec::<&str>::new());
        assert_eq!(said(now(Posture::Unknown, Ok(()))), ["link_back"]);
    }
}
