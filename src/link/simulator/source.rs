//! Plays a simulation as if its sensor were there: bytes over a simulated connection, items out.
//!
//! In:  a simulation, what its sensor speaks, and how fast its time passes. Out: the items of a link, made
//! by the same session, decoder and timeline as a real sensor's. Packets arrive with the connection's
//! events; in a hole of the simulation the connection is down.

use super::device::{Device, MTU, Sent, Speaks};
use super::{Reading, Simulation};
use crate::link::pace::{Pace, Speed, SystemClock};
use crate::link::session::{Sequencer, Wall};
use crate::link::{Beginning, Item, LinkStatus};
use crate::units::{Arrival, Seconds, Time, WallTime};
use firmware_protocol::family::AnySession;
use firmware_protocol::session::{Event, Moment, Session, Wanted};
use std::collections::VecDeque;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

/// Time between two connection events. Linux asks for 30 to 50 ms unless told otherwise.
const CONNECTION_INTERVAL_NS: u64 = 30_000_000;
/// From taking a sample to having it ready for the air.
const READY_AFTER_NS: u64 = 2_000_000;
/// From the connection to the first sample: longer than any session needs to set its sensor up.
const SET_UP_NS: u64 = 5_000_000_000;
/// A hole longer than this is a lost connection; shorter ones are lost packets.
const CONNECTION_LOST: Seconds = Seconds(2.0);
/// How often time is let pass while nothing comes.
const LISTEN_EVERY_NS: u64 = 500_000_000;

/// What is to be played, and how.
#[derive(Clone, Debug)]
pub struct Play {
    /// What happens.
    pub simulation: Simulation,
    /// What the sensor speaks.
    pub speaks: Speaks,
    /// How fast time passes.
    pub speed: Speed,
    /// When the first sample is taken.
    pub start: WallTime,
    /// The wearer's time zone, as an IANA name.
    pub zone: String,
}

/// A sensor that cannot be sampled as the simulation is.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "a WitMotion sensor has no rate of {rate_hz} Hz, so it cannot play this simulation; \
     let it speak the open profile, or simulate at 10, 20, 50, 100 or 200 Hz"
)]
pub struct NoSuchRate {
    /// The rate of the simulation.
    pub rate_hz: f64,
}

/// Plays a simulation into a channel, on a thread of its own; ends with [`Item::End`], or early when nobody
/// listens any more.
///
/// # Errors
/// The kind of sensor does not offer the rate of the simulation.
pub fn start(play: Play, items: Sender<Item>) -> Result<JoinHandle<()>, NoSuchRate> {
    let rate_hz = play.simulation.rate_hz();
    if !play.speaks.offers(rate_hz) {
        return Err(NoSuchRate { rate_hz });
    }
    Ok(tokio::task::spawn_blocking(move || {
        // Whoever stopped listening knows why.
        let _ = run(&play, &items);
    }))
}

/// Nobody listens any more.
struct Unheard;

fn run(play: &Play, items: &Sender<Item>) -> Result<(), Unheard> {
    run_over(play, play.simulation.readings(), items)
}

/// Plays these readings of the simulation.
fn run_over(play: &Play, readings: impl Iterator<Item = Reading>, items: &Sender<Item>) -> Result<(), Unheard> {
    let simulation = &play.simulation;
    let mut link = Link::new(play, items);
    link.status(LinkStatus::Searching)?;
    link.status(LinkStatus::Connecting)?;
    link.connect(Moment(0))?;
    link.pass(Moment(SET_UP_NS))?;
    let mut newest: Option<Reading> = None;
    for reading in readings {
        if let Some(before) = newest
            && reading.t.since(before.t).0 > CONNECTION_LOST.0
        {
            link.lose(taken(before.t), taken(reading.t))?;
        }
        link.reading(&reading)?;
        newest = Some(reading);
    }
    let end = taken(Time::START + simulation.duration());
    if newest.is_some_and(|newest| simulation.duration().0 - newest.t.seconds() > CONNECTION_LOST.0) {
        link.lose(newest.map_or(end, |newest| taken(newest.t)), end)?;
    } else {
        link.flush(end)?;
    }
    link.send(Item::End)
}

/// The moment of the simulated host at which a sample is taken.
fn taken(t: Time) -> Moment {
    Moment(SET_UP_NS.saturating_add_signed(t.0))
}

/// The first connection event after a moment: when what is ready by then arrives.
fn arrival_after(moment: Moment) -> Moment {
    Moment((moment.0 / CONNECTION_INTERVAL_NS + 1) * CONNECTION_INTERVAL_NS)
}

/// Keeps the air in the order of arrivals.
fn into_air(air: &mut VecDeque<(Moment, Sent)>, arrives: Moment, sent: Sent) {
    let place = air.partition_point(|(before, _)| *before <= arrives);
    air.insert(place, (arrives, sent));
}

/// Host and sensor, and the air between them.
struct Link<'a> {
    items: &'a Sender<Item>,
    device: Device,
    session: AnySession,
    sequencer: Sequencer,
    wall: Wall,
    pace: Pace<SystemClock>,
    /// What is on its way to the host, by arrival.
    air: VecDeque<(Moment, Sent)>,
    connected: bool,
}

impl<'a> Link<'a> {
    fn new(play: &Play, items: &'a Sender<Item>) -> Self {
        let rate_hz = play.simulation.rate_hz();
        let at_zero = WallTime(play.start.0 - taken(Time::START).0 as i64);
        Self {
            items,
            device: Device::new(play.speaks, rate_hz),
            session: play.speaks.family().session(Wanted { rate_hz }),
            sequencer: Sequencer::new(play.simulation.name()),
            wall: Wall { at_zero, zone: play.zone.clone() },
            pace: Pace::new(play.speed),
            air: VecDeque::new(),
            connected: false,
        }
    }

    fn send(&self, item: Item) -> Result<(), Unheard> {
        let item = match item {
            Item::Begin(beginning) => Item::Begin(Beginning { source: "simulate", ..beginning }),
            item => item,
        };
        self.items.blocking_send(item).map_err(|_| Unheard)
    }

    fn send_all(&self, all: Vec<Item>) -> Result<(), Unheard> {
        all.into_iter().try_for_each(|item| self.send(item))
    }

    fn status(&mut self, status: LinkStatus) -> Result<(), Unheard> {
        let mut all = Vec::new();
        self.sequencer.status(status, &mut |item| all.push(item));
        self.send_all(all)
    }

    /// Tells the session what happened, does what it asks for, and sends on what comes of it.
    fn handle(&mut self, now: Moment, event: Event<'_>) -> Result<(), Unheard> {
        let mut all = Vec::new();
        let Self { session, sequencer, device, wall, air, connected, .. } = self;
        session.handle(now, event, &mut |action| {
            sequencer.take(Arrival(now.0), &action, wall, &mut |item| all.push(item));
            if let Some(sent) = device.asked(now, &action).filter(|_| *connected) {
                into_air(air, arrival_after(now), sent);
            }
        });
        self.send_all(all)
    }

    fn connect(&mut self, now: Moment) -> Result<(), Unheard> {
        self.connected = true;
        self.handle(now, Event::Connected { mtu: MTU })
    }

    /// Lets time pass up to a moment: what is in the air arrives, the session wakes when it wants to.
    fn pass(&mut self, to: Moment) -> Result<(), Unheard> {
        loop {
            let arrives = self.air.front().map(|&(arrives, _)| arrives);
            let wakes = self.session.wake_at().filter(|_| self.connected);
            let next = arrives.into_iter().chain(wakes).min().filter(|next| *next <= to);
            let Some(next) = next else { return Ok(()) };
            // A recording's time is that of the host, from its start on.
            let due = Time(i64::try_from(next.0).unwrap_or(i64::MAX));
            if next.0 >= SET_UP_NS && !self.pace.wait(due, || self.items.is_closed()) {
                return Err(Unheard);
            }
            match self.air.pop_front_if(|(arrives, _)| *arrives == next) {
                Some((_, Sent::Notification(characteristic, bytes))) => {
                    self.handle(next, Event::Notification { characteristic, bytes: &bytes })?;
                }
                Some((_, Sent::Value(characteristic, bytes))) => {
                    self.handle(next, Event::Read { characteristic, bytes: &bytes })?;
                }
                Some((_, Sent::Refusal(characteristic))) => self.handle(next, Event::Failed { characteristic })?,
                None => self.handle(next, Event::Wake)?,
            }
        }
    }

    fn reading(&mut self, reading: &Reading) -> Result<(), Unheard> {
        let now = taken(reading.t);
        let ready = arrival_after(Moment(now.0 + READY_AFTER_NS));
        let Self { device, air, .. } = self;
        device.reading(reading, &mut |sent| into_air(air, ready, sent));
        self.pass(now)
    }

    fn flush(&mut self, now: Moment) -> Result<(), Unheard> {
        if let Some(sent) = self.device.flush() {
            into_air(&mut self.air, arrival_after(now), sent);
        }
        self.pass(Moment(now.0 + 2 * CONNECTION_INTERVAL_NS))
    }

    /// The connection is down between two moments.
    fn lose(&mut self, from: Moment, to: Moment) -> Result<(), Unheard> {
        self.flush(from)?;
        self.connected = false;
        self.air.clear();
        let down = Moment(from.0 + 2 * CONNECTION_INTERVAL_NS);
        self.handle(down, Event::Disconnected)?;
        self.sequencer.interrupted();
        self.status(LinkStatus::Lost)?;
        let mut now = down.0;
        while now < to.0 {
            now = to.0.min(now + LISTEN_EVERY_NS);
            if !self.pace.wait(Time(i64::try_from(now).unwrap_or(i64::MAX)), || self.items.is_closed()) {
                return Err(Unheard);
            }
            let mut all = Vec::new();
            self.sequencer.listen(Arrival(now), &mut |item| all.push(item));
            self.send_all(all)?;
        }
        self.status(LinkStatus::Connecting)?;
        self.sequencer.connected();
        self.connect(to)
    }
}

#[cfg(test)]
#[path = "drops.rs"]
mod drops;

#[cfg(test)]
mod tests {
    use super::super::{scenario, worn_day};
    use super::*;
    use crate::frames::Placement;
    use crate::link::GapCause;
    use crate::raw::{RawFormat, RawSample};

    async fn play(simulation: &Simulation, speaks: Speaks) -> Vec<Item> {
        let (sender, mut items) = tokio::sync::mpsc::channel(1024);
        let play = Play {
            simulation: simulation.clone(),
            speaks,
            speed: Speed::Max,
            start: WallTime(1_000_000_000_000_000_000),
            zone: "Europe/Berlin".into(),
        };
        let thread = start(play, sender).unwrap();
        let mut all = Vec::new();
        while let Some(item) = items.recv().await {
            all.push(item);
        }
        thread.await.unwrap();
        all
    }

    fn format(items: &[Item]) -> RawFormat {
        let begin = items.iter().find_map(|item| if let Item::Begin(begin) = item { Some(begin) } else { None });
        begin.unwrap().format
    }

    fn samples(items: &[Item]) -> Vec<RawSample> {
        items.iter().filter_map(|item| if let Item::Sample(raw) = item { Some(*raw) } else { None }).collect()
    }

    #[tokio::test]
    async fn every_reading_comes_through_the_bytes_bit_for_bit() {
        let simulation = worn_day(3, 0.05, 100.0, Placement::L3);
        for speaks in [Speaks::WitMotion, Speaks::OpenMotion] {
            let items = play(&simulation, speaks).await;
            let format = format(&items);
            let readings: Vec<Reading> = simulation.readings().collect();
            let samples = samples(&items);
            assert_eq!(samples.len(), readings.len(), "{speaks:?}");
            for (raw, reading) in samples.iter().zip(&readings) {
                let sample = format.sample(raw);
                assert!((sample.acc - reading.acc_g).norm() < 1e-9, "{speaks:?}");
                assert!((sample.gyr.unwrap() - reading.gyr).norm() < 1e-9, "{speaks:?}");
            }
            assert_eq!(items.last(), Some(&Item::End));
        }
    }

    #[tokio::test]
    async fn times_follow_the_sensor_within_a_packet_and_a_connection_interval() {
        let simulation = scenario(7, 1, None, None).unwrap().remove(0);
        for (speaks, within) in [(Speaks::WitMotion, 0.04), (Speaks::OpenMotion, 0.08)] {
            let items = play(&simulation, speaks).await;
            let samples = samples(&items);
            let first = samples[0].t.seconds();
            for (raw, reading) in samples.iter().zip(simulation.readings()) {
                let off = raw.t.seconds() - first - reading.t.seconds();
                assert!(off.abs() < within, "{speaks:?}: {off} at {:?}", reading.t);
            }
        }
    }

    #[tokio::test]
    async fn a_hole_is_a_lost_connection_with_silence_gap_and_recovery() {
        let simulation = scenario(9, 1, None, None).unwrap().remove(0);
        for speaks in [Speaks::WitMotion, Speaks::OpenMotion] {
            let items = play(&simulation, speaks).await;
            let gaps: Vec<_> = items
                .iter()
                .filter_map(|item| match item {
                    Item::Gap { from, to, cause, .. } => Some((to.since(*from).0, *cause)),
                    _ => None,
                })
                .collect();
            assert_eq!(gaps.len(), 1, "{speaks:?}: {gaps:?}");
            assert!((gaps[0].0 - 660.0).abs() < 0.1 && gaps[0].1 == GapCause::Away, "{gaps:?}");
            let lost = items.iter().position(|item| *item == Item::Status(LinkStatus::Lost)).unwrap();
            assert!(items[lost..].iter().any(|item| matches!(item, Item::Silence { .. })));
            assert!(items[lost..].contains(&Item::Status(LinkStatus::Streaming)));
        }
    }

    #[tokio::test]
    async fn lost_packets_are_counted_exactly_where_the_sensor_counts() {
        let simulation = scenario(10, 1, None, None).unwrap().remove(0);
        let items = play(&simulation, Speaks::OpenMotion).await;
        let lost: u32 = items.iter().map(|item| if let Item::Gap { lost, .. } = item { *lost } else { 0 }).sum();
        let numbers: Vec<u64> = simulation.readings().map(|reading| reading.number).collect();
        let span = numbers[numbers.len() - 1] - numbers[0] + 1;
        assert_eq!(u64::from(lost), span - numbers.len() as u64);
    }

    #[tokio::test]
    async fn a_rate_that_the_sensor_does_not_have_is_refused() {
        let simulation = worn_day(3, 0.02, 25.0, Placement::L3);
        let (sender, _items) = tokio::sync::mpsc::channel(1);
        let (speaks, speed) = (Speaks::WitMotion, Speed::Max);
        let play = Play { simulation, speaks, speed, start: WallTime(0), zone: "Etc/UTC".into() };
        assert_eq!(start(play, sender).unwrap_err(), NoSuchRate { rate_hz: 25.0 });
    }

    #[tokio::test]
    async fn a_source_ends_when_nobody_listens() {
        let (simulation, speaks) = (worn_day(3, 1.0, 100.0, Placement::L3), Speaks::OpenMotion);
        let (sender, items) = tokio::sync::mpsc::channel(4);
        let play = Play { simulation, speaks, speed: Speed::REAL, start: WallTime(0), zone: "Etc/UTC".into() };
        let thread = start(play, sender).unwrap();
        drop(items);
        thread.await.unwrap();
    }
}
