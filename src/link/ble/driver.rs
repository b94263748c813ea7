//! The life of a link: search, connect, stream, reconnect, for as long as anyone listens.
//!
//! While a call is under way, everything that comes is taken all the same ([`Driver::call`]): streams are
//! never left unread, and a sample's way does not depend on what else the radio does.
//!
//! Longer than most files here: every step of the life goes through the same pump on the same state, and
//! reading it in one place is what shows that no step forgets to.

use super::failure::{BleError, Step};
use super::radio::{self, Events, Found, Notifications, What};
use super::{Options, Outbox};
use crate::link::clock::ArrivalClock;
use crate::link::session::{Backoff, SILENT_AFTER, Sequencer, Wall};
use crate::link::{Item, LinkStatus};
use crate::units::WallTime;
use btleplug::api::{Central as _, CharPropFlags};
use btleplug::api::{CentralEvent, Characteristic, Peripheral as _, ValueNotification, WriteType};
use btleplug::platform::{Adapter, Manager, Peripheral};
use firmware_protocol::family::{AnySession, Family};
use firmware_protocol::session::{Action, Event, Moment, Session, Signal, Uuid, Wanted};
use futures_util::stream::StreamExt;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How long one look for the sensor lasts before the scan is begun anew (a scan that is on for long may go
/// quiet: btleplug issue 332).
const SEARCH: Duration = Duration::from_secs(20);
/// How often the watchdog looks. Fine enough for its two seconds.
const LOOK: Duration = Duration::from_millis(250);
/// Wait before the services are read again, when they were not complete (bluez issue 1489).
const REDISCOVER: Duration = Duration::from_millis(500);
/// How often they are read.
const DISCOVERIES: u32 = 3;
/// Limits passed in a row after which the bus is opened anew.
const STUCK: u32 = 2;

/// What the session wants done, waiting for its turn: one at a time, as BlueZ allows.
#[derive(Debug)]
enum Todo {
    Subscribe(Uuid),
    Write(Uuid, Vec<u8>),
    Read(Uuid),
}

/// The sensor that this link belongs to, once it was found.
struct Known {
    peripheral: Peripheral,
    found: Found,
    family: &'static Family,
    session: AnySession,
    notifications: Option<Notifications>,
    characteristics: Vec<Characteristic>,
}

pub(super) struct Driver {
    options: Options,
    outbox: Outbox,
    asked: mpsc::Receiver<Signal>,
    shutdown: CancellationToken,
    /// Told to the outside: a sensor that can vibrate is connected.
    haptic: Arc<AtomicBool>,
    clock: ArrivalClock,
    wall: Wall,
    sequencer: Sequencer,
    events: Option<Events>,
    known: Option<Known>,
    todo: VecDeque<Todo>,
    /// The connection stands, as far as anyone has told.
    up: bool,
    /// Something came from the sensor, or the connection was just made.
    heard: Instant,
    /// Seen since the search began.
    seen: VecDeque<btleplug::platform::PeripheralId>,
    next_look: Instant,
    stuck: u32,
    unusable: Option<BleError>,
}

/// Why a part of the link's life ended.
enum End {
    /// Someone wants the link to end.
    Stop,
    Failed(BleError),
}

impl From<BleError> for End {
    fn from(error: BleError) -> Self {
        Self::Failed(error)
    }
}

impl Driver {
    pub(super) fn new(
        options: Options,
        outbox: Outbox,
        asked: mpsc::Receiver<Signal>,
        shutdown: CancellationToken,
        haptic: Arc<AtomicBool>,
    ) -> Self {
        let clock = ArrivalClock::default();
        let at_zero = wall_at_zero(&clock);
        Self {
            wall: Wall { at_zero, zone: options.zone.clone() },
            sequencer: Sequencer::new(options.sensor.as_deref().unwrap_or("sensor")),
            options,
            outbox,
            asked,
            shutdown,
            haptic,
            clock,
            events: None,
            known: None,
            todo: VecDeque::new(),
            up: false,
            heard: Instant::now(),
            seen: VecDeque::new(),
            next_look: Instant::now(),
            stuck: 0,
            unusable: None,
        }
    }

    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::default();
        loop {
            let end = match self.call_plain(radio::open()).await {
                Ok(manager) => self.with_manager(&manager, &mut backoff).await,
                Err(end) => end,
            };
            // Streams belong to the bus that is given up.
            retire(self.events.take());
            retire(self.known.as_mut().and_then(|known| known.notifications.take()));
            self.stuck = 0;
            match end {
                End::Stop => break,
                End::Failed(error) => {
                    self.tell_failure(&error);
                    if self.pause(backoff.failed()).await.is_err() {
                        break;
                    }
                }
            }
        }
        // What is still waiting is sent, if it is taken soon.
        let flush = async {
            while self.outbox.is_waiting() {
                self.outbox.flush_one().await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(1), flush).await;
    }

    /// Goes on with one bus until it seems dead.
    async fn with_manager(&mut self, manager: &Manager, backoff: &mut Backoff) -> End {
        loop {
            let streamed = self.sequencer.last_sample();
            let error = match self.attempt(manager).await {
                Ok(()) => BleError::Lost,
                Err(End::Stop) => {
                    self.disconnect().await;
                    return End::Stop;
                }
                Err(End::Failed(error)) => error,
            };
            self.link_down();
            if self.sequencer.last_sample() != streamed {
                backoff.worked();
            }
            self.stuck = if matches!(error, BleError::TimedOut { .. }) { self.stuck + 1 } else { 0 };
            if self.stuck >= STUCK || error == BleError::NoBus {
                return End::Failed(error);
            }
            self.tell_failure(&error);
            if self.pause(backoff.failed()).await.is_err() {
                return End::Stop;
            }
        }
    }

    /// One try, from the adapter to the end of the stream.
    async fn attempt(&mut self, manager: &Manager) -> Result<(), End> {
        let adapter = self.call_plain(radio::adapter(manager)).await?;
        if self.events.is_none() {
            let listening = adapter.clone();
            self.events = Some(self.call(Step::Events, async move { listening.events().await }).await?);
        }
        self.search(&adapter).await?;
        let connected = self.connect().await;
        radio::stop_scan(&adapter).await;
        if let Err(end) = connected {
            // The link may be up although the call failed.
            self.disconnect().await;
            return Err(end);
        }
        let streamed = match self.begin().await {
            Ok(()) => self.stream().await,
            Err(end) => Err(end),
        };
        self.disconnect().await;
        streamed
    }

    /// Looks until the sensor is heard.
    async fn search(&mut self, adapter: &Adapter) -> Result<(), End> {
        self.status(if self.known.is_some() { LinkStatus::Lost } else { LinkStatus::Searching });
        self.seen.clear();
        self.call_plain(radio::start_scan(adapter)).await?;
        // A sensor that is still connected does not advertise.
        if let Some(known) = &self.known {
            self.seen.push_back(known.peripheral.id());
        }
        let until = Instant::now() + SEARCH;
        while Instant::now() < until {
            let Some(id) = self.seen.pop_front() else {
                tokio::select! {
                    () = tokio::time::sleep_until(until.into()) => {}
                    pumped = self.pump() => pumped?,
                }
                continue;
            };
            let Some((peripheral, found)) = self.call_plain(async { Ok(radio::look(adapter, &id).await) }).await?
            else {
                continue;
            };
            let asking = peripheral.clone();
            let connected = self.call(Step::Look, async move { asking.is_connected().await }).await;
            let in_reach = found.rssi_dbm.is_some() || matches!(connected, Ok(true));
            if in_reach && self.is_wanted(&found) {
                return self.know(peripheral, found);
            }
        }
        radio::stop_scan(adapter).await;
        if let Some(error) = self.unusable.take() {
            return Err(error.into());
        }
        let sensor = self.options.sensor.clone().or_else(|| self.known.as_ref().map(|k| k.found.called().to_owned()));
        Err(BleError::NotFound { sensor: sensor.unwrap_or_else(|| "a sensor".into()) }.into())
    }

    fn is_wanted(&mut self, found: &Found) -> bool {
        let named = self.options.sensor.as_deref().map(|wanted| found.is(wanted));
        match found.what {
            What::Sensor(_) => match &self.known {
                Some(known) => known.found.address == found.address,
                None => named.unwrap_or(true),
            },
            What::Refused(_, why) => {
                if named.unwrap_or(true) {
                    self.unusable(found, why);
                }
                false
            }
            What::Other => {
                if named == Some(true) {
                    self.unusable(found, "it is no kind of sensor that lumbard knows; see: lumbard devices");
                }
                false
            }
        }
    }

    fn unusable(&mut self, found: &Found, why: &str) {
        self.unusable = Some(BleError::Unusable { sensor: found.called().to_owned(), why: why.to_owned() });
    }

    /// This is the sensor from now on. A known one keeps its session; its streams only on the same bus.
    fn know(&mut self, peripheral: Peripheral, found: Found) -> Result<(), End> {
        let What::Sensor(family) = found.what else { return Err(BleError::Lost.into()) };
        self.unusable = None;
        match &mut self.known {
            Some(known) if known.notifications.is_some() => {}
            Some(known) => known.peripheral = peripheral,
            None => {
                self.sequencer = Sequencer::new(found.called());
                let session = family.session(Wanted { rate_hz: self.options.rate_hz });
                let characteristics = Vec::new();
                self.known = Some(Known { peripheral, found, family, session, notifications: None, characteristics });
            }
        }
        Ok(())
    }

    async fn connect(&mut self) -> Result<(), End> {
        self.status(LinkStatus::Connecting);
        let (peripheral, sensor) = self.peripheral()?;
        let connected = self.call(Step::Connect, async move { peripheral.connect().await }).await;
        match connected {
            Ok(()) => Ok(()),
            Err(End::Failed(BleError::Other { words, .. })) => Err(BleError::Connect { sensor, words }.into()),
            Err(end) => Err(end),
        }
    }

    fn peripheral(&self) -> Result<(Peripheral, String), End> {
        let known = self.known.as_ref().ok_or(BleError::Lost)?;
        Ok((known.peripheral.clone(), known.found.called().to_owned()))
    }

    /// Reads the services, listens, and tells the session that the connection stands.
    async fn begin(&mut self) -> Result<(), End> {
        let (peripheral, sensor) = self.peripheral()?;
        let mut characteristics = None;
        for _ in 0..DISCOVERIES {
            let discovering = peripheral.clone();
            self.call(Step::Discover, async move { discovering.discover_services().await }).await?;
            characteristics = self.known.as_ref().and_then(|known| radio::characteristics(&peripheral, known.family));
            if characteristics.is_some() {
                break;
            }
            self.pause(REDISCOVER).await?;
        }
        let Some(known) = &mut self.known else { return Err(BleError::Lost.into()) };
        let Some(characteristics) = characteristics else {
            let address = known.found.address.clone();
            return Err(BleError::NoSensorService { sensor, address }.into());
        };
        known.characteristics = characteristics;
        if known.notifications.is_none() {
            let listening = peripheral.clone();
            let notifications = self.call(Step::Notifications, async move { listening.notifications().await }).await?;
            if let Some(known) = &mut self.known {
                known.notifications = Some(notifications);
            }
        }
        let mtu = peripheral.mtu();
        // The wall clock may have been set since the last time.
        self.wall.at_zero = wall_at_zero(&self.clock);
        self.todo.clear();
        self.up = true;
        let vibrates = self.known.as_ref().is_some_and(|known| known.family.warns());
        self.haptic.store(vibrates, Ordering::Relaxed);
        self.heard = Instant::now();
        self.session_event(Event::Connected { mtu });
        Ok(())
    }

    /// Streams until the connection ends or nothing comes any more.
    async fn stream(&mut self) -> Result<(), End> {
        while self.up {
            if let Some(todo) = self.todo.pop_front() {
                self.execute(todo).await?;
                continue;
            }
            self.pump().await?;
            if let Some(error) = self.unusable.take() {
                return Err(error.into());
            }
            // Silence is counted from the last notification; calls under way have their own limits.
            if self.heard.elapsed() > SILENT_AFTER + LOOK {
                tracing::info!("the stream went silent; connecting anew");
                return Ok(());
            }
        }
        Ok(())
    }

    async fn execute(&mut self, todo: Todo) -> Result<(), End> {
        let Some(known) = &self.known else { return Ok(()) };
        let (uuid, step) = match &todo {
            Todo::Subscribe(uuid) => (*uuid, Step::Subscribe),
            Todo::Write(uuid, _) => (*uuid, Step::Write),
            Todo::Read(uuid) => (*uuid, Step::Read),
        };
        let Some(c) = known.characteristics.iter().find(|c| c.uuid.as_u128() == uuid.0).cloned() else {
            self.session_event(Event::Failed { characteristic: uuid });
            return Ok(());
        };
        let p = known.peripheral.clone();
        let done = match todo {
            Todo::Subscribe(_) => self.call(step, async move { p.subscribe(&c).await.map(|()| None) }).await,
            Todo::Read(_) => self.call(step, async move { p.read(&c).await.map(Some) }).await,
            Todo::Write(_, bytes) => {
                let acknowledged = c.properties.contains(CharPropFlags::WRITE);
                let kind = if acknowledged { WriteType::WithResponse } else { WriteType::WithoutResponse };
                self.call(step, async move { p.write(&c, &bytes, kind).await.map(|()| None) }).await
            }
        };
        // Setting a sensor up is part of hearing from it.
        self.heard = self.heard.max(Instant::now().checked_sub(SILENT_AFTER / 2).unwrap_or(self.heard));
        match done {
            Ok(Some(bytes)) => self.session_event(Event::Read { characteristic: uuid, bytes: &bytes }),
            Ok(None) => {}
            Err(End::Failed(BleError::Other { words, .. })) => {
                tracing::debug!(words, step = step.words(), "the sensor refused");
                self.session_event(Event::Failed { characteristic: uuid });
                // Without samples there is nothing to stay for.
                if step == Step::Subscribe {
                    return Err(BleError::Other { step: step.words(), words }.into());
                }
            }
            Err(end) => return Err(end),
        }
        Ok(())
    }

    /// Ends the connection, whatever is left of it.
    async fn disconnect(&mut self) {
        self.link_down();
        if let Ok((peripheral, _)) = self.peripheral() {
            let ended = tokio::time::timeout(Step::Disconnect.limit(), peripheral.disconnect()).await;
            if ended.is_err() {
                self.stuck += 1;
            }
        }
    }

    fn link_down(&mut self) {
        self.haptic.store(false, Ordering::Relaxed);
        if std::mem::take(&mut self.up) {
            self.session_event(Event::Disconnected);
            self.sequencer.interrupted();
            self.status(LinkStatus::Lost);
        }
        self.todo.clear();
    }

    /// A call with its limit, during which everything that comes is taken.
    async fn call<T>(&mut self, step: Step, call: impl Future<Output = btleplug::Result<T>>) -> Result<T, End> {
        self.call_plain(radio::within(step, call)).await
    }

    async fn call_plain<T>(&mut self, call: impl Future<Output = Result<T, BleError>>) -> Result<T, End> {
        tokio::pin!(call);
        loop {
            tokio::select! {
                biased;
                done = &mut call => return done.map_err(End::Failed),
                pumped = self.pump() => pumped?,
            }
        }
    }

    async fn pause(&mut self, lasting: Duration) -> Result<(), End> {
        let sleep = async {
            tokio::time::sleep(lasting).await;
            Ok(())
        };
        self.call_plain(sleep).await
    }

    /// Waits for the next thing that happens, whatever it is, and takes it.
    async fn pump(&mut self) -> Result<(), End> {
        let wake = self.known.as_ref().filter(|_| self.up).and_then(|known| known.session.wake_at());
        let wake = wake.map_or(self.next_look, |moment| self.clock.instant_of(moment).min(self.next_look));
        let notifications = self.known.as_mut().and_then(|known| known.notifications.as_mut());
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => return Err(End::Stop),
            Some(notification) = next(notifications) => self.notified(&notification),
            Some(event) = next(self.events.as_mut()) => self.adapter_event(&event),
            () = self.outbox.flush_one() => {}
            Some(signal) = self.asked.recv() => self.signal(signal),
            () = tokio::time::sleep_until(wake.into()) => self.wake(),
        }
        if self.outbox.is_closed() { Err(End::Stop) } else { Ok(()) }
    }

    fn notified(&mut self, notification: &ValueNotification) {
        self.heard = Instant::now();
        let characteristic = Uuid(notification.uuid.as_u128());
        self.session_event(Event::Notification { characteristic, bytes: &notification.value });
    }

    fn adapter_event(&mut self, event: &CentralEvent) {
        match event {
            CentralEvent::DeviceDisconnected(id) => {
                if self.known.as_ref().is_some_and(|known| known.peripheral.id() == *id) {
                    self.link_down();
                }
            }
            event => {
                // Whoever advertises is kept once, for the search.
                if let Some(id) = radio::seen(event)
                    && !self.up
                    && !self.seen.contains(id)
                {
                    self.seen.push_back(id.clone());
                }
            }
        }
    }

    fn signal(&mut self, signal: Signal) {
        let Self { known: Some(known), todo, up: true, .. } = self else { return };
        // In front of everything else: a warning is only good at once.
        let mut wanted = None;
        known.session.signal(signal, &mut |action| {
            if let Action::Write { characteristic, bytes } = action {
                wanted = Some(Todo::Write(characteristic, bytes.to_vec()));
            }
        });
        todo.extend(wanted);
        todo.rotate_right(usize::from(todo.len() > 1));
    }

    fn wake(&mut self) {
        if self.up {
            self.session_event(Event::Wake);
        }
        if Instant::now() < self.next_look {
            return;
        }
        self.next_look = Instant::now() + LOOK;
        if let Some(slept) = self.clock.suspension() {
            tracing::info!(slept_s = slept.0, "the machine slept");
            // Wall time of arrival zero stays: both clocks counted the sleep.
            self.sequencer.suspended();
        }
        let now = self.clock.now();
        self.emit(|sequencer, emit| {
            sequencer.listen(now, emit);
        });
    }

    fn session_event(&mut self, event: Event<'_>) {
        let arrival = self.clock.now();
        let Self { known: Some(known), sequencer, outbox, todo, wall, unusable, .. } = self else { return };
        known.session.handle(Moment(arrival.0), event, &mut |action| match action {
            Action::Subscribe(characteristic) => todo.push_back(Todo::Subscribe(characteristic)),
            Action::Write { characteristic, bytes } => todo.push_back(Todo::Write(characteristic, bytes.to_vec())),
            Action::Read(characteristic) => todo.push_back(Todo::Read(characteristic)),
            Action::Unsupported(why) => {
                *unusable = Some(BleError::Unusable { sensor: known.found.called().to_owned(), why: why.to_owned() });
            }
            action => sequencer.take(arrival, &action, wall, &mut |item| outbox.push(item)),
        });
    }

    fn emit<T>(&mut self, tell: impl FnOnce(&mut Sequencer, &mut dyn FnMut(Item)) -> T) -> T {
        let Self { sequencer, outbox, .. } = self;
        tell(sequencer, &mut |item| outbox.push(item))
    }

    fn status(&mut self, status: LinkStatus) {
        self.emit(|sequencer, emit| sequencer.status(status, emit));
    }

    fn tell_failure(&mut self, error: &BleError) {
        tracing::debug!(%error, "link");
        let status = match error {
            error if error.blocks() => LinkStatus::Blocked(error.to_string()),
            _ if self.known.is_some() => LinkStatus::Lost,
            _ => LinkStatus::Searching,
        };
        self.status(status);
    }
}

/// The wall time at which the clock of arrivals showed zero.
fn wall_at_zero(clock: &ArrivalClock) -> WallTime {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let unix_ns = i64::try_from(since_1970.as_nanos()).unwrap_or(i64::MAX);
    WallTime(unix_ns.saturating_sub_unsigned(clock.now().0))
}

/// Goes on reading a stream that nobody needs any more, and never drops it: dropping one asks the bus to
/// forget a match rule, and panics in a task of btleplug when the bus is dead; unread, it would grow.
fn retire<S: futures_util::Stream + Unpin + Send + 'static>(stream: Option<S>) {
    if let Some(stream) = stream {
        let mut stream = std::mem::ManuallyDrop::new(stream);
        tokio::spawn(async move { while stream.next().await.is_some() {} });
    }
}

/// The next item of a stream, or never.
async fn next<S: futures_util::Stream + Unpin>(stream: Option<&mut S>) -> Option<S::Item> {
    match stream {
        Some(stream) => stream.next().await,
        None => std::future::pending().await,
    }
}
