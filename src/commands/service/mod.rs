//! The service: takes what a source says through the detectors, warns, stores, and shows. It is given
//! everything it needs, so that `run`, `demo` and tests differ only in what they give.

mod chain;
mod circumstances;
mod companion;
mod exercising;
mod guiding;
mod moments;
mod mounted;
pub(super) mod mounting;
mod moving;
pub(super) mod recover;
mod signals;
mod tally;
mod trial;
mod wish;

pub(super) use chain::MIN_CONFIDENCE;
pub(super) use circumstances::{MORNING, NUDGES, QUIET_HOURS, SNOOZED_UNTIL, THRESHOLDS, quiet_hours};
pub(super) use mounted::MountingSource;
pub(super) use signals::result;
pub(super) use tally::Tally;
pub(super) use trial::{TRIAL, TRIAL_WISH, TrialAnswer, TrialWish};
pub(super) use wish::{WISH, Wish};

use super::heartbeat::Heartbeat;
use super::supervisor::Supervisor;
use super::{Failure, now};
use crate::care::{local_date, messages};
use crate::frames::Placement;
use crate::link::{Item, LinkStatus};
use crate::notify::{Choices, Notifier};
use crate::signal::{ExerciseSet, Posture};
use crate::store::{Reader, Store, StoreError};
use crate::units::{Angle, Seconds, WallTime};
use crate::web::PageCommand;
use crate::web::live::{LiveView, Watching, link_words, posture_words};
use chain::Chain;
pub(super) use chain::Now;
use circumstances::Circumstances;
use companion::{Companion, Due};
use jiff::tz::TimeZone;
use moments::{Machine, Moments};
use signals::Signals;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Items that may wait between a source and the chain: 2.5 s of 200 Hz, and room for a burst after it.
pub(super) const ITEMS_WAITING: usize = 1024;
/// Items taken in one go.
const BATCH: usize = 256;
/// The page sees so many new views a second.
const VIEWS_EVERY: Duration = Duration::from_millis(100);
/// Changes by other commands are looked for so often: within 1 s they must be noticed.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The sign of life is renewed so often.
const BEAT_EVERY: Duration = Duration::from_secs(1);
/// While something is asked of the wearer, the sign of life is renewed so often.
const BEAT_WHILE_ASKING: Duration = Duration::from_millis(200);
/// How long channels may take to finish when the service ends.
const CHANNELS_FINISH: Duration = Duration::from_secs(1);

/// What the service is given.
pub(super) struct Given<'a> {
    /// The data folder, open for recording.
    pub store: Store,
    /// How the mounting becomes known.
    pub mounting: MountingSource,
    /// Where on the back the sensor sits.
    pub placement: Placement,
    /// Exercise sets that are known beforehand, by their moments in the recording.
    pub exercises: Vec<ExerciseSet>,
    /// What the source says.
    pub items: mpsc::Receiver<Item>,
    /// Where signals go.
    pub notifier: Notifier,
    /// What the page shows.
    pub view: &'a watch::Sender<LiveView>,
    /// What the page asks for.
    pub commands: &'a mut mpsc::Receiver<PageCommand>,
    /// `ble`, `replay` or `simulate`.
    pub source: &'static str,
    /// The page's address.
    pub page: Option<String>,
    /// Who started the program and wants to know how it is.
    pub supervisor: Supervisor,
}

/// How the service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The source was at its end, and all is committed.
    SourceOver,
    /// It was asked to stop.
    Stopped,
}

/// Runs until the source is at its end or `stop` is given; then everything is committed.
pub(super) async fn serve(given: Given<'_>, stop: CancellationToken) -> Result<(Ended, Tally), Failure> {
    let Given { store, mounting, placement, exercises, mut items, notifier, view, commands, source, page, supervisor } =
        given;
    let folder = store.folder().to_path_buf();
    let mut reader = store.reader()?;
    let moments = Moments::new(Box::new(Machine::default()), &reader)?;
    let mut chain = Chain::new(store, mounting, placement, exercises, moments)?;
    let mut signals = Signals::new(notifier);
    signals.choose(Choices::read(|key| reader.setting(key))?);
    let mut face = Face { source, page, started: now(), folder, beaten: Instant::now(), supervisor };
    let mut wishes = Wishes::newest(&reader)?;
    let mut companion = Companion::new(&reader)?;
    face.supervisor.ready();
    let mut batch = Vec::with_capacity(BATCH);
    let every = |period| {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        ticks
    };
    let (mut look, mut beat) = (every(LOOK_EVERY), every(BEAT_EVERY));
    let mut shown = Instant::now();
    let ended = loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break Ended::Stopped,
            _ = look.tick() => {
                chain.look()?;
                let changed = look_again(&mut reader, &mut chain, &mut signals, &mut wishes)?;
                chain.tell(&mut signals);
                accompany(&mut companion, &reader, &chain, &mut signals, changed)?;
                // Late answers come also while no samples do.
                signals.keep(chain.store())?;
            }
            _ = beat.tick() => {
                face.beat(&chain);
                // Told here, where the work is done: when this loop stands, nothing is told any more.
                face.supervisor.alive();
            }
            Some(command) = commands.recv() => obey(Wish { asked_utc_ns: now().0, command }, &mut chain)?,
            taken = items.recv_many(&mut batch, BATCH) => {
                let over = taken == 0 || batch.last() == Some(&Item::End);
                for item in batch.drain(..) {
                    take(&mut chain, &mut signals, item)?;
                }
                signals.keep(chain.store())?;
                if over {
                    break Ended::SourceOver;
                }
            }
        }
        if shown.elapsed() >= VIEWS_EVERY {
            shown = Instant::now();
            view.send_replace(live_view(&chain.now(), chain.store()));
            face.beat_while_asking(&chain);
        }
    };
    face.supervisor.stopping();
    chain.look()?;
    take(&mut chain, &mut signals, Item::End)?;
    signals.finish(CHANNELS_FINISH, chain.store())?;
    view.send_replace(live_view(&chain.now(), chain.store()));
    let tally = chain.tally();
    Heartbeat::remove(&face.folder);
    chain.close()?;
    Ok((ended, tally))
}

fn take(chain: &mut Chain, signals: &mut Signals, item: Item) -> Result<(), StoreError> {
    chain.take(item)?;
    chain.tell(signals);
    Ok(())
}

/// Takes up what another command has changed, or wants. Says whether anything was changed.
fn look_again(
    reader: &mut Reader,
    chain: &mut Chain,
    signals: &mut Signals,
    before: &mut Wishes,
) -> Result<bool, StoreError> {
    if !reader.changed()? {
        return Ok(false);
    }
    chain.change(Circumstances::read(reader)?);
    signals.choose(Choices::read(|key| reader.setting(key))?);
    let newest = Wishes::newest(reader)?;
    let before = std::mem::replace(before, newest);
    if let Some(new) = newest.trial.filter(|_| newest.trial != before.trial) {
        let Now { at, zone, locale, .. } = chain.now();
        signals.try_out(&new, locale, at.unwrap_or_else(now), &zone);
    }
    if let Some(new) = newest.wish.filter(|_| newest.wish != before.wish) {
        obey(new, chain)?;
    }
    Ok(true)
}

/// Says what is due about the course of the episode and about the sensor.
fn accompany(
    companion: &mut Companion,
    reader: &Reader,
    chain: &Chain,
    signals: &mut Signals,
    changed: bool,
) -> Result<(), StoreError> {
    let seen = chain.now();
    // A replayed day has its own time of day; without a recording the machine's counts.
    let (at, zone) = seen.at.map_or_else(|| (now(), TimeZone::system()), |at| (at, seen.zone.clone()));
    let today = chain.today().unwrap_or_else(|| local_date(at, &zone));
    companion.read(reader, today, changed)?;
    let due = companion.due(&seen);
    for Due { id, loudness } in &due {
        if let Some(message) = messages::find(id) {
            signals.remind(message, *loudness, seen.locale, at, &zone);
        }
    }
    if due.is_empty() { Ok(()) } else { companion.keep(&mut chain.store().hand()?, at) }
}

/// What other commands asked for last.
#[derive(Clone, Copy)]
struct Wishes {
    wish: Option<Wish>,
    trial: Option<TrialWish>,
}

impl Wishes {
    fn newest(reader: &Reader) -> Result<Self, StoreError> {
        let wish = reader.setting(WISH)?.as_deref().and_then(Wish::from_text);
        let trial = reader.setting(TRIAL_WISH)?.as_deref().and_then(TrialWish::from_text);
        Ok(Self { wish, trial })
    }
}

/// What the outside sees of the service.
struct Face {
    source: &'static str,
    page: Option<String>,
    started: WallTime,
    folder: PathBuf,
    beaten: Instant,
    supervisor: Supervisor,
}

impl Face {
    /// Another command shows in its terminal what the wearer is asked to do: it reads it from here.
    fn beat_while_asking(&mut self, chain: &Chain) {
        if self.beaten.elapsed() >= BEAT_WHILE_ASKING && chain.is_asking() {
            self.beat(chain);
        }
    }

    /// Renews the sign of life. A disk that takes none is told by the store's own health.
    fn beat(&mut self, chain: &Chain) {
        self.beaten = Instant::now();
        self.supervisor.status(&chain.now());
        if let Err(error) = self.heartbeat(chain).write(&self.folder) {
            tracing::warn!(%error, "the sign of life could not be written");
        }
    }

    fn heartbeat(&self, chain: &Chain) -> Heartbeat {
        let Now { tick, status, battery, armed, zone, locale, guide, offer, exercise, .. } = chain.now();
        let tally = chain.tally();
        Heartbeat {
            pid: std::process::id(),
            started_utc_ns: self.started.0,
            written_utc_ns: now().0,
            source: self.source.to_owned(),
            page: self.page.clone(),
            link: link_words(&status, locale),
            streaming: status == LinkStatus::Streaming,
            away: status == LinkStatus::Away,
            samples: tally.samples,
            lost_samples: tally.lost,
            rate_hz: chain.rate_hz(),
            watching: armed.is_ok(),
            not_watching_because: armed
                .err()
                .unwrap_or_default()
                .iter()
                .map(|reason| reason.words(locale, &zone))
                .collect(),
            posture: posture_words(tick.map_or(Posture::Unknown, |tick| tick.posture), locale).to_owned(),
            tea_deg: tick.and_then(|tick| tick.tea).map(Angle::degrees),
            battery_percent: battery,
            store_trouble: trouble(chain.store()),
            calibration: guide,
            refresh_offered_deg: offer.map(Angle::degrees),
            exercise,
        }
    }
}

/// Why nothing can be stored just now.
fn trouble(store: &Store) -> Option<String> {
    store.health().paused.map(|(_, why)| why)
}

fn live_view(now: &Now, store: &Store) -> LiveView {
    let tick = now.tick;
    LiveView {
        tea: tick.and_then(|tick| tick.tea),
        tilt: tick.and_then(|tick| tick.tilt),
        side: tick.and_then(|tick| tick.side),
        approximate: now.approximate,
        posture: tick.map_or(Posture::Unknown, |tick| tick.posture),
        watching: match &now.armed {
            Ok(()) => Watching::Yes,
            Err(_) if now.status == LinkStatus::Played => Watching::No(link_words(&now.status, now.locale)),
            Err(reasons) => {
                Watching::No(reasons.first().map(|why| why.words(now.locale, &now.zone)).unwrap_or_default())
            }
        },
        snoozed_until: now.snoozed_until,
        link: now.status.clone(),
        battery: now.battery,
        store_trouble: trouble(store),
        calibration: now.guide.clone(),
        refresh_offered: now.offer,
        locale: now.locale,
        exercise: now.exercise.clone(),
    }
}

/// Does what the page or another command asked for. A snooze is kept, so that it also holds after a restart.
fn obey(wish: Wish, chain: &mut Chain) -> Result<(), StoreError> {
    // A replayed day has its own time of day; without a recording the machine's counts.
    let at = chain.now().at.unwrap_or_else(now);
    let until = match wish.command {
        PageCommand::Calibrate => {
            chain.guide(wish.asked_utc_ns);
            return Ok(());
        }
        PageCommand::StopCalibrating => {
            chain.stop_guide();
            return Ok(());
        }
        PageCommand::AcceptRefresh => return chain.accept_offer(wish.asked_utc_ns),
        PageCommand::StartExercise(order) => return chain.begin_set(order, wish.asked_utc_ns),
        PageCommand::StopExercise(after) => return chain.stop_set(after, wish.asked_utc_ns),
        PageCommand::AmendExercise(after) => return chain.amend_set(&after),
        PageCommand::Snooze { minutes } => WallTime(at.0 + Seconds(f64::from(minutes) * 60.0).nanos()),
        PageCommand::EndSnooze => at,
    };
    let mut hand = chain.store().hand()?;
    hand.set_setting(SNOOZED_UNTIL, &until.0.to_string(), now())?;
    chain.change(Circumstances::read(&chain.store().reader()?)?);
    Ok(())
}
