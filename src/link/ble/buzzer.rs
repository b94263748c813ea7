//! A sensor that is only buzzed, such as a watch at the wrist, beside the one that is worn.
//!
//! In: what the adapter says is in reach, whether the worn sensor streams, and signals. Out: buzzes, and
//! whether there is one to feel. Its samples are never asked for. It is looked for only while the worn sensor
//! streams, gives way at once when that is lost, and never holds it up: it lives in a task of its own.

use super::asked::Asked;
use super::failure::{BleError, Step};
use super::radio::{self, Found, What};
use super::signals;
use crate::link::clock::ArrivalClock;
use crate::link::wanted::{Role, WantedSensors};
use btleplug::api::{CharPropFlags, Characteristic, Peripheral as _, WriteType};
use btleplug::platform::{Adapter, Peripheral, PeripheralId};
use firmware_protocol::family::{AnySession, Family};
use firmware_protocol::session::{Action, Event, Moment, Session, Signal, Uuid, Wanted};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// How long a look for the buzzer lasts: scanning takes air from the samples. Chosen by us.
const LOOK: Duration = Duration::from_secs(5);
/// Wait before the next look. Chosen by us.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// The first look comes this long after the worn sensor began to stream, so that its set-up is over.
const FIRST_LOOK: Duration = Duration::from_secs(2);
/// What may wait while a call is under way. More is pointless: events of the adapter come again.
const WAITING: usize = 64;
/// The rate in the session that is never asked for samples.
const ANY_RATE: Wanted = Wanted { rate_hz: 25.0 };

/// What the link tells the buzzer.
#[derive(Debug)]
enum Told {
    /// This device is in reach.
    Seen(PeripheralId),
    /// The connection to this device is gone.
    Gone(PeripheralId),
    /// Samples of the worn sensor come, or not.
    Streaming(bool),
    /// To be felt at once.
    Signal(Asked),
}

/// The link's end of a buzzer.
pub(super) struct Buzzer {
    tell: mpsc::Sender<Told>,
    up: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

/// Which of link and buzzer has the adapter's scan and its connecting: one at a time.
pub(super) type Turn = Arc<Mutex<()>>;

impl Buzzer {
    /// Starts to live on this adapter.
    pub(super) fn start(adapter: Adapter, wanted: WantedSensors, turn: Turn) -> Self {
        let (tell, told) = mpsc::channel(WAITING);
        let up = Arc::new(AtomicBool::new(false));
        let clock = ArrivalClock::default();
        let life = Life { adapter, wanted, turn, told, up: up.clone(), clock, streaming: false };
        Self { tell, up, task: tokio::spawn(life.run()) }
    }

    /// There is one to feel.
    pub(super) fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    pub(super) fn seen(&self, id: &PeripheralId) {
        if !self.is_up() {
            let _ = self.tell.try_send(Told::Seen(id.clone()));
        }
    }
    pub(super) fn gone(&self, id: &PeripheralId) {
        let _ = self.tell.try_send(Told::Gone(id.clone()));
    }
    pub(super) fn streaming(&self, streaming: bool) {
        let _ = self.tell.try_send(Told::Streaming(streaming));
    }
    /// One that is not taken says so when it is dropped.
    pub(super) fn signal(&self, asked: Asked) {
        let _ = self.tell.try_send(Told::Signal(asked));
    }

    /// Ends it, and waits so long for it; the end of its connection is asked for first.
    pub(super) async fn end(self, at_most: Duration) {
        drop(self.tell);
        let _ = tokio::time::timeout(at_most, self.task).await;
    }
}

/// The link has ended, or the connection has.
enum Over {
    Link,
    Connection,
}

struct Life {
    adapter: Adapter,
    wanted: WantedSensors,
    turn: Turn,
    told: mpsc::Receiver<Told>,
    up: Arc<AtomicBool>,
    clock: ArrivalClock,
    streaming: bool,
}

/// A buzzer with its connection.
struct Connected {
    peripheral: Peripheral,
    characteristics: Vec<Characteristic>,
    session: AnySession,
    todo: VecDeque<(Uuid, Option<Vec<u8>>)>,
}

impl Life {
    async fn run(mut self) {
        let mut look_at = Instant::now() + FIRST_LOOK;
        loop {
            match self.next_until(look_at).await {
                Ok(Some(Told::Streaming(true))) => look_at = Instant::now() + FIRST_LOOK,
                Ok(Some(_)) => {}
                Ok(None) if !self.streaming => look_at = Instant::now() + LOOK_AGAIN,
                Ok(None) => {
                    if let Some(mut connected) = self.connect().await {
                        let over = self.serve(&mut connected).await;
                        self.up.store(false, Ordering::Relaxed);
                        let _ = radio::within(Step::Disconnect, connected.peripheral.disconnect()).await;
                        if matches!(over, Over::Link) {
                            return;
                        }
                    }
                    look_at = Instant::now() + LOOK_AGAIN;
                }
                Err(Over::Link | Over::Connection) => return,
            }
        }
    }

    /// What is told next, or nothing when the moment has come.
    async fn next_until(&mut self, moment: Instant) -> Result<Option<Told>, Over> {
        let told = tokio::select! {
            told = self.told.recv() => Some(told.ok_or(Over::Link)?),
            () = tokio::time::sleep_until(moment.into()) => None,
        };
        if let Some(Told::Streaming(streaming)) = told {
            self.streaming = streaming;
        }
        Ok(told)
    }

    /// Looks for the buzzer, and connects to it while the scan runs.
    async fn connect(&mut self) -> Option<Connected> {
        let turn = self.turn.clone();
        let _turn = turn.try_lock().ok()?;
        radio::start_scan(&self.adapter).await.ok()?;
        let found = self.find().await;
        let connected = match &found {
            Some((peripheral, _)) => radio::within(Step::Connect, peripheral.connect()).await,
            None => Ok(()),
        };
        radio::stop_scan(&self.adapter).await;
        let (peripheral, family) = found?;
        match connected {
            Ok(()) => {
                if let Some(characteristics) = discover(&peripheral, family).await {
                    let session = family.session(ANY_RATE);
                    let mut connected = Connected { peripheral, characteristics, session, todo: VecDeque::new() };
                    let mtu = connected.peripheral.mtu();
                    connected.handle(Moment(self.clock.now().0), Event::Connected { mtu });
                    return Some(connected);
                }
            }
            Err(error) => tracing::debug!(%error, "no connection to the buzzer"),
        }
        // The link may be up although a call failed.
        let _ = radio::within(Step::Disconnect, peripheral.disconnect()).await;
        None
    }

    async fn find(&mut self) -> Option<(Peripheral, &'static Family)> {
        let until = Instant::now() + LOOK;
        while self.streaming {
            let Told::Seen(id) = self.next_until(until).await.ok()?? else { continue };
            let Some((peripheral, found)) = radio::look(&self.adapter, &id).await else { continue };
            let Found { name, address, rssi_dbm, what: What::Sensor(family) } = found else { continue };
            let wanted = self.wanted.role(name.as_deref(), &address) == Some(Role::Buzzer);
            if wanted && rssi_dbm.is_some() {
                return Some((peripheral, family));
            }
        }
        None
    }

    /// Buzzes when told to, until the connection or the link is over.
    async fn serve(&mut self, buzzer: &mut Connected) -> Over {
        loop {
            while let Some((uuid, bytes)) = buzzer.todo.pop_front() {
                let now = Moment(self.clock.now().0);
                if let Err(error) = buzzer.execute(now, uuid, bytes).await {
                    tracing::debug!(%error, "the buzzer did not take it");
                    if !buzzer.is_connected().await {
                        return Over::Connection;
                    }
                }
            }
            self.up.store(signals::can(&buzzer.session, Signal::Strong), Ordering::Relaxed);
            let wake = buzzer.session.wake_at().map_or(Instant::now() + LOOK_AGAIN, |at| self.clock.instant_of(at));
            match self.next_until(wake).await {
                Ok(Some(Told::Gone(id))) if id == buzzer.peripheral.id() => return Over::Connection,
                Ok(Some(Told::Signal(asked))) => {
                    if buzzer.give(self.clock.now().0, asked).await.is_err() && !buzzer.is_connected().await {
                        return Over::Connection;
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => buzzer.handle(Moment(self.clock.now().0), Event::Wake),
                Err(over) => return over,
            }
        }
    }
}

impl Connected {
    fn handle(&mut self, now: Moment, event: Event<'_>) {
        let Self { session, todo, .. } = self;
        // Samples are not wanted, so nothing is subscribed to.
        session.handle(now, event, &mut |action| match action {
            Action::Write { characteristic, bytes } => todo.push_back((characteristic, Some(bytes.to_vec()))),
            Action::Read(characteristic) => todo.push_back((characteristic, None)),
            _ => {}
        });
    }

    async fn is_connected(&self) -> bool {
        matches!(radio::within(Step::Look, self.peripheral.is_connected()).await, Ok(true))
    }

    fn characteristic(&self, uuid: Uuid) -> Option<Characteristic> {
        self.characteristics.iter().find(|c| c.uuid.as_u128() == uuid.0).cloned()
    }

    /// Buzzes, and tries again as long as it is of use.
    async fn give(&mut self, now: u64, asked: Asked) -> Result<(), BleError> {
        let writes = signals::writes(&mut self.session, asked.signal);
        let missing = writes.iter().map(|(uuid, _)| *uuid).find(|uuid| self.characteristic(*uuid).is_none());
        if let Some(characteristic) = missing {
            // The session may know another way.
            self.handle(Moment(now), Event::Failed { characteristic });
            asked.done(if self.todo.is_empty() { Err(signals::NO_WAY) } else { Ok(()) });
            return Ok(());
        }
        let found: Vec<_> =
            writes.into_iter().filter_map(|(uuid, bytes)| Some((self.characteristic(uuid)?, bytes))).collect();
        if found.is_empty() {
            asked.done(Err(signals::NO_WAY));
            return Ok(());
        }
        asked.write(&self.peripheral, &found).await
    }

    async fn execute(&mut self, now: Moment, uuid: Uuid, bytes: Option<Vec<u8>>) -> Result<(), BleError> {
        let Some(c) = self.characteristic(uuid) else {
            self.handle(now, Event::Failed { characteristic: uuid });
            return Ok(());
        };
        match bytes {
            Some(bytes) => radio::within(Step::Write, self.peripheral.write(&c, &bytes, write_type(&c))).await,
            None => {
                let bytes = radio::within(Step::Read, self.peripheral.read(&c)).await?;
                self.handle(now, Event::Read { characteristic: uuid, bytes: &bytes });
                Ok(())
            }
        }
    }
}

/// Acknowledged where the characteristic offers it.
pub(super) fn write_type(c: &Characteristic) -> WriteType {
    let acknowledged = c.properties.contains(CharPropFlags::WRITE);
    if acknowledged { WriteType::WithResponse } else { WriteType::WithoutResponse }
}

async fn discover(peripheral: &Peripheral, family: &Family) -> Option<Vec<Characteristic>> {
    for _ in 0..radio::DISCOVERIES {
        radio::within(Step::Discover, peripheral.discover_services()).await.ok()?;
        if let Some(characteristics) = radio::characteristics(peripheral, family) {
            return Some(characteristics);
        }
        tokio::time::sleep(radio::REDISCOVER).await;
    }
    None
}
