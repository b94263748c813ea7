//! The life of a link: search, connect, stream, reconnect, for as long as anyone listens.
//!
//! While a call is under way, everything that comes is taken all the same ([`Driver::call`]): streams are
//! never left unread, and a sample's way does not depend on what else the radio does.
//!
//! In: [`Options`], signals, and whatever the adapter says. Out: items. Left to others: single steps (`radio`),
//! the buzzer at the wrist (`buzzer`), times and gaps (`link::session`), waits (`link::reconnect`).
//!
//! Longer than most files here: every step of the life goes through the same pump on the same state, and
//! reading it in one place is what shows that no step forgets to.

use super::asked::Asked;
use super::buzzer::{Buzzer, Turn, write_type};
use super::failure::{BleError, Step};
use super::radio::{self, Events, Found, What};
use super::{Felt, Options, Outbox, signals};
use crate::link::battery::LOW_PERCENT;
use crate::link::clock::ArrivalClock;
use crate::link::reconnect::Reconnect;
use crate::link::session::{SILENT_AFTER, Sequencer, Wall};
use crate::link::wanted::Role;
use crate::link::{Item, LinkStatus};
use crate::units::WallTime;
use btleplug::api::{Central as _, CentralEvent, Characteristic, Peripheral as _, ValueNotification};
use btleplug::platform::{Adapter, Manager, Peripheral, PeripheralId};
use firmware_protocol::family::{AnySession, Family};
use firmware_protocol::session::{Action, Event, Moment, Session, Signal, Uuid, Wanted};
use futures_util::stream::{SelectAll, StreamExt};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How often the watchdog looks. Fine enough for its two seconds.
const LOOK: Duration = Duration::from_millis(250);
/// Limits passed in a row after which the bus is opened anew.
const STUCK: u32 = 2;
/// How long the end of the link waits for the end of a connection: a program that is asked to stop has two
/// seconds in all. Chosen by us.
const FAREWELL: Duration = Duration::from_millis(600);
/// Of several known sensors, another takes the place of one that is gone only after this long: a drop of a
/// few seconds must not wake the one in the drawer. Chosen by us.
const SWITCH_AFTER: Duration = Duration::from_secs(60);

/// Notifications of every sensor that was connected on this bus, each with where it came from.
type Heard = SelectAll<Pin<Box<dyn futures_util::Stream<Item = (PeripheralId, ValueNotification)> + Send>>>;

/// What the session wants done, waiting for its turn: one at a time, as BlueZ allows.
#[derive(Debug)]
enum Todo {
    Subscribe(Uuid),
    Write(Uuid, Vec<u8>),
    Read(Uuid),
    Signal(Asked, Vec<(Characteristic, Vec<u8>)>),
}

/// The sensor that is worn, once it was found.
struct Known {
    peripheral: Peripheral,
    found: Found,
    family: &'static Family,
    session: AnySession,
    characteristics: Vec<Characteristic>,
}

pub(super) struct Driver {
    options: Options,
    outbox: Outbox,
    asked: mpsc::Receiver<Asked>,
    shutdown: CancellationToken,
    felt: Felt,
    clock: ArrivalClock,
    wall: Wall,
    sequencer: Sequencer,
    events: Option<Events>,
    heard: Heard,
    /// Whose notifications are heard: the very objects, for others would not pass them on.
    listening: Vec<Peripheral>,
    buzzer: Option<Buzzer>,
    turn: Turn,
    known: Option<Known>,
    todo: VecDeque<Todo>,
    /// What is being read or written just now.
    in_flight: Option<Uuid>,
    /// The connection stands, as far as anyone has told.
    up: bool,
    /// Something came from the sensor, or the connection was just made.
    heard_at: Instant,
    /// Seen since the search began.
    seen: VecDeque<PeripheralId>,
    next_look: Instant,
    /// Whether the end of the last connection was answered at all in this try: a dead bus answers nothing.
    answered: Option<bool>,
    stuck: u32,
    /// What stands in the way is told, and stands until it is over: a look in between is no news.
    told_why: bool,
    unusable: Option<BleError>,
}

/// Why a part of the link's life ended.
enum End {
    /// Someone wants the link to end.
    Stop,
    Failed(BleError),
}

impl End {
    fn with_sensor(self, sensor: &str) -> Self {
        match self {
            Self::Failed(error) => Self::Failed(error.with_sensor(sensor)),
            Self::Stop => Self::Stop,
        }
    }
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
        asked: mpsc::Receiver<Asked>,
        shutdown: CancellationToken,
        felt: Felt,
    ) -> Self {
        let clock = ArrivalClock::default();
        let at_zero = wall_at_zero(&clock);
        Self {
            wall: Wall { at_zero, zone: options.zone.clone() },
            sequencer: Sequencer::new("sensor"),
            options,
            outbox,
            asked,
            shutdown,
            felt,
            clock,
            events: None,
            heard: SelectAll::new(),
            listening: Vec::new(),
            buzzer: None,
            turn: Turn::default(),
            known: None,
            todo: VecDeque::new(),
            in_flight: None,
            up: false,
            heard_at: Instant::now(),
            seen: VecDeque::new(),
            next_look: Instant::now(),
            answered: None,
            told_why: false,
            stuck: 0,
            unusable: None,
        }
    }

    pub(super) async fn run(mut self) {
        let mut reconnect = Reconnect::default();
        loop {
            let end = match self.call_plain(radio::open()).await {
                Ok(manager) => self.with_manager(&manager, &mut reconnect).await,
                Err(end) => end,
            };
            if let Some(buzzer) = self.buzzer.take() {
                buzzer.end(FAREWELL).await;
            }
            // Streams belong to the bus that is given up.
            retire(self.events.take());
            retire(Some(std::mem::take(&mut self.heard)));
            self.listening.clear();
            self.stuck = 0;
            match end {
                End::Stop => break,
                End::Failed(error) => {
                    self.tell_failure(&error);
                    if self.pause(reconnect.failed()).await.is_err() {
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
        let _ = tokio::time::timeout(FAREWELL, flush).await;
    }

    /// Goes on with one bus until it seems dead.
    async fn with_manager(&mut self, manager: &Manager, reconnect: &mut Reconnect) -> End {
        loop {
            self.answered = None;
            let streamed = self.sequencer.last_sample();
            let error = match self.attempt(manager).await {
                Ok(()) => BleError::Lost,
                Err(End::Stop) => {
                    // It is asked for at once; bluetoothd takes longer, and does it without us.
                    let _ = tokio::time::timeout(FAREWELL, self.disconnect()).await;
                    return End::Stop;
                }
                Err(End::Failed(error)) => error,
            };
            self.link_down();
            if self.sequencer.last_sample() != streamed {
                reconnect.worked();
            }
            let timed_out = matches!(error, BleError::TimedOut { .. });
            self.stuck = match self.answered {
                Some(false) => self.stuck + 1,
                None if timed_out => self.stuck + 1,
                _ => 0,
            };
            if self.stuck >= STUCK || error == BleError::NoBus {
                return End::Failed(error);
            }
            self.tell_failure(&error);
            if self.pause(reconnect.failed()).await.is_err() {
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
        if self.buzzer.is_none() && !self.options.wanted.buzzers.is_empty() {
            self.buzzer = Some(Buzzer::start(adapter.clone(), self.options.wanted.clone(), self.turn.clone()));
        }
        let connected = {
            let turn = self.turn.clone();
            let _turn = self.call_plain(async { Ok(turn.lock().await) }).await?;
            self.search(&adapter).await?;
            let connected = self.connect().await;
            if let Err(End::Failed(_)) = connected {
                // The call may go on, or the link be up, although it failed; and this only helps as long as
                // the device is not forgotten.
                self.disconnect().await;
            }
            self.call_plain(radio::stopped_scan(&adapter)).await?;
            connected
        };
        connected?;
        let streamed = match self.begin().await {
            Ok(()) => self.stream().await,
            Err(end) => Err(end),
        };
        // At the end of the link it is not waited for.
        if !matches!(streamed, Err(End::Stop)) {
            self.disconnect().await;
        }
        streamed
    }

    /// Looks until the sensor is heard.
    async fn search(&mut self, adapter: &Adapter) -> Result<(), End> {
        if !self.told_why {
            self.status(if self.known.is_some() { LinkStatus::Lost } else { LinkStatus::Searching });
        }
        self.seen.clear();
        self.call_plain(radio::start_scan(adapter)).await?;
        // A sensor that is still connected does not advertise.
        if let Some(known) = &self.known {
            self.seen.push_back(known.peripheral.id());
        }
        let until = Instant::now() + Reconnect::look(self.heard_at.elapsed());
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
        self.call_plain(radio::stopped_scan(adapter)).await?;
        if let Some(error) = self.unusable.take() {
            return Err(error.into());
        }
        let sensor = match &self.known {
            Some(known) if !self.may_switch() => known.found.called().to_owned(),
            _ => self.options.wanted.called(),
        };
        match self.sequencer.battery().filter(|percent| *percent <= LOW_PERCENT[1]) {
            Some(percent) => Err(BleError::Flat { sensor, percent }.into()),
            None => Err(BleError::NotFound { sensor }.into()),
        }
    }

    fn is_wanted(&mut self, found: &Found) -> bool {
        let (name, address) = (found.name.as_deref(), found.address.as_str());
        let worn = self.options.wanted.role(name, address) == Some(Role::Worn);
        let named = self.options.wanted.names(name, address);
        match found.what {
            What::Sensor(_) => {
                let known = self.known.as_ref().is_none_or(|known| known.found.address == found.address);
                worn && (known || self.may_switch())
            }
            What::Refused(_, why) if worn => self.unusable(found, why),
            What::Other if worn && named => {
                self.unusable(found, "it is no kind of sensor that lumbard knows; see: lumbard devices")
            }
            What::Refused(..) | What::Other => false,
        }
    }

    /// The one that was worn is gone for so long that another of those that are known may be worn now.
    fn may_switch(&self) -> bool {
        self.options.wanted.has_choice() && self.heard_at.elapsed() >= SWITCH_AFTER
    }

    /// Keeps why a device that would be wanted cannot be used. False, so that it is not.
    fn unusable(&mut self, found: &Found, why: &str) -> bool {
        self.unusable = Some(BleError::Unusable { sensor: found.called().to_owned(), why: why.to_owned() });
        false
    }

    /// This is the sensor from now on. The one that was worn before keeps its session; another begins anew.
    fn know(&mut self, peripheral: Peripheral, found: Found) -> Result<(), End> {
        let What::Sensor(family) = found.what else { return Err(BleError::Lost.into()) };
        self.unusable = None;
        // Notifications come over the very object that their stream was made of.
        let heard = self.listening.iter().find(|heard| heard.id() == peripheral.id()).cloned();
        let peripheral = heard.unwrap_or(peripheral);
        match &mut self.known {
            Some(known) if known.found.address == found.address => known.peripheral = peripheral,
            _ => {
                self.sequencer = Sequencer::new(found.called());
                let session = family.session(Wanted { rate_hz: self.options.rate_hz });
                if let Ok(mut worn) = self.felt.worn.lock() {
                    *worn = Some(found.clone());
                }
                self.known = Some(Known { peripheral, found, family, session, characteristics: Vec::new() });
            }
        }
        Ok(())
    }

    async fn connect(&mut self) -> Result<(), End> {
        if !self.told_why {
            self.status(LinkStatus::Connecting);
        }
        let (peripheral, sensor) = self.peripheral()?;
        let connected = self.call(Step::Connect, async move { peripheral.connect().await }).await;
        connected.map_err(|end| end.with_sensor(&sensor))
    }

    fn peripheral(&self) -> Result<(Peripheral, String), End> {
        let known = self.known.as_ref().ok_or(BleError::Lost)?;
        Ok((known.peripheral.clone(), known.found.called().to_owned()))
    }

    /// Reads the services, listens, and tells the session that the connection stands.
    async fn begin(&mut self) -> Result<(), End> {
        let (peripheral, sensor) = self.peripheral()?;
        let mut characteristics = None;
        for _ in 0..radio::DISCOVERIES {
            let discovering = peripheral.clone();
            self.call(Step::Discover, async move { discovering.discover_services().await }).await?;
            characteristics = self.known.as_ref().and_then(|known| radio::characteristics(&peripheral, known.family));
            if characteristics.is_some() {
                break;
            }
            self.pause(radio::REDISCOVER).await?;
        }
        let Some(known) = &mut self.known else { return Err(BleError::Lost.into()) };
        let Some(characteristics) = characteristics else {
            let address = known.found.address.clone();
            return Err(BleError::NoSensorService { sensor, address }.into());
        };
        known.characteristics = characteristics;
        if !self.listening.iter().any(|heard| heard.id() == peripheral.id()) {
            let (id, listening) = (peripheral.id(), peripheral.clone());
            let notifications = self.call(Step::Notifications, async move { listening.notifications().await }).await?;
            self.heard.push(notifications.map(move |notification| (id.clone(), notification)).boxed());
            self.listening.push(peripheral.clone());
        }
        let mtu = peripheral.mtu();
        // The wall clock may have been set since the last time.
        self.wall.at_zero = wall_at_zero(&self.clock);
        self.todo.clear();
        (self.up, self.told_why) = (true, false);
        self.heard_at = Instant::now();
        self.tell_haptic();
        self.sequencer.connected();
        self.session_event(Event::Connected { mtu });
        if let Some(buzzer) = &self.buzzer {
            buzzer.streaming(true);
        }
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
            if self.heard_at.elapsed() > SILENT_AFTER + LOOK {
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
            Todo::Signal(..) => return self.give(todo).await,
        };
        let Some(c) = known.characteristics.iter().find(|c| c.uuid.as_u128() == uuid.0).cloned() else {
            self.session_event(Event::Failed { characteristic: uuid });
            return Ok(());
        };
        let (p, sensor) = (known.peripheral.clone(), known.found.called().to_owned());
        self.in_flight = Some(uuid);
        let done = match todo {
            Todo::Subscribe(_) => self.call(step, async move { p.subscribe(&c).await.map(|()| None) }).await,
            Todo::Read(_) => self.call(step, async move { p.read(&c).await.map(Some) }).await,
            Todo::Signal(..) => Ok(None),
            Todo::Write(_, bytes) => {
                self.call(step, async move { p.write(&c, &bytes, write_type(&c)).await.map(|()| None) }).await
            }
        };
        self.in_flight = None;
        // Setting a sensor up is part of hearing from it.
        self.heard_at = self.heard_at.max(Instant::now().checked_sub(SILENT_AFTER / 2).unwrap_or(self.heard_at));
        match done {
            Ok(Some(bytes)) => self.session_event(Event::Read { characteristic: uuid, bytes: &bytes }),
            Ok(None) => {}
            Err(End::Failed(BleError::Other { words, .. })) => {
                tracing::debug!(words, step = step.words(), "the sensor refused");
                self.session_event(Event::Failed { characteristic: uuid });
                // Without samples there is nothing to stay for.
                if step == Step::Subscribe {
                    return Err(BleError::Other { step: step.words(), words }.with_sensor(&sensor).into());
                }
            }
            Err(end) => return Err(end),
        }
        Ok(())
    }

    /// Gives a signal whose turn has come; tries again as long as it is of use, and takes everything meanwhile.
    async fn give(&mut self, todo: Todo) -> Result<(), End> {
        let (Todo::Signal(asked, writes), Some(known)) = (todo, &self.known) else { return Ok(()) };
        let p = known.peripheral.clone();
        let characteristic = writes.first().map(|(c, _)| Uuid(c.uuid.as_u128()));
        self.in_flight = characteristic;
        let given = self.call_plain(async move { Ok(asked.write(&p, &writes).await) }).await?;
        self.in_flight = None;
        if let (Err(BleError::Other { .. }), Some(characteristic)) = (given, characteristic) {
            self.session_event(Event::Failed { characteristic });
        }
        Ok(())
    }

    /// Ends the connection, whatever is left of it.
    async fn disconnect(&mut self) {
        self.link_down();
        if let Ok((peripheral, _)) = self.peripheral() {
            // Only a limit that is passed says that nobody is there; an error is an answer.
            let ended = tokio::time::timeout(Step::Disconnect.limit(), peripheral.disconnect()).await;
            self.answered = Some(ended.is_ok());
        }
    }

    fn link_down(&mut self) {
        if std::mem::take(&mut self.up) {
            if let Some(buzzer) = &self.buzzer {
                buzzer.streaming(false);
            }
            self.session_event(Event::Disconnected);
            self.sequencer.interrupted();
            self.status(LinkStatus::Lost);
        }
        self.tell_haptic();
        self.todo.clear();
    }

    /// Tells the outside whether a signal would be felt, and whether the sensor can show which one it is.
    fn tell_haptic(&self) {
        let worn = |signal| self.up && self.known.as_ref().is_some_and(|known| signals::can(&known.session, signal));
        self.felt.warns.store(worn(Signal::Strong), Ordering::Relaxed);
        self.felt.identifies.store(worn(Signal::Identify), Ordering::Relaxed);
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
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => return Err(End::Stop),
            // In front of everything else: a warning is only good at once.
            Some(signal) = self.asked.recv() => self.signal(signal),
            Some((from, notification)) = self.heard.next() => self.notified(&from, &notification),
            Some(event) = next(self.events.as_mut()) => self.adapter_event(&event),
            () = self.outbox.flush_one() => {}
            () = tokio::time::sleep_until(wake.into()) => self.wake(),
        }
        if self.outbox.is_closed() { Err(End::Stop) } else { Ok(()) }
    }

    fn notified(&mut self, from: &PeripheralId, notification: &ValueNotification) {
        // What another sensor still sends after it was left is nobody's.
        if self.known.as_ref().is_none_or(|known| known.peripheral.id() != *from) {
            return;
        }
        self.heard_at = Instant::now();
        let characteristic = Uuid(notification.uuid.as_u128());
        self.session_event(Event::Notification { characteristic, bytes: &notification.value });
    }

    fn adapter_event(&mut self, event: &CentralEvent) {
        match event {
            CentralEvent::DeviceDisconnected(id) => {
                if let Some(buzzer) = &self.buzzer {
                    buzzer.gone(id);
                }
                if self.known.as_ref().is_some_and(|known| known.peripheral.id() == *id) {
                    self.link_down();
                }
            }
            event => {
                // Whoever advertises is kept once, for the search.
                let Some(id) = radio::seen(event) else { return };
                if let Some(buzzer) = self.buzzer.as_ref().filter(|_| self.up) {
                    buzzer.seen(id);
                }
                if !self.up && !self.seen.contains(id) {
                    self.seen.push_back(id.clone());
                }
            }
        }
    }

    /// Passes a signal on: to the sensor itself, or to the wrist.
    fn signal(&mut self, asked: Asked) {
        if asked.of == Role::Buzzer {
            return match self.buzzer.as_ref().filter(|buzzer| buzzer.is_up()) {
                Some(buzzer) => buzzer.signal(asked),
                None => asked.done(Err("no buzzer is connected")),
            };
        }
        let Self { known: Some(known), up: true, .. } = self else {
            return asked.done(Err("no sensor is connected"));
        };
        let writes = signals::writes(&mut known.session, asked.signal);
        let of = |uuid: Uuid| known.characteristics.iter().find(|c| c.uuid.as_u128() == uuid.0).cloned();
        let missing = writes.iter().map(|(uuid, _)| *uuid).find(|uuid| of(*uuid).is_none());
        let found: Vec<_> = writes.into_iter().filter_map(|(uuid, bytes)| Some((of(uuid)?, bytes))).collect();
        if let Some(characteristic) = missing {
            let before = self.todo.len();
            self.session_event(Event::Failed { characteristic });
            // The session may know another way.
            let passed_on = self.todo.len() > before;
            return asked.done(if passed_on { Ok(()) } else { Err(signals::NO_WAY) });
        }
        if found.is_empty() {
            return asked.done(Err(signals::NO_WAY));
        }
        // A call that hangs must not hold it up; only on its own characteristic BlueZ would refuse it.
        let free = self.in_flight.is_some_and(|busy| found.iter().all(|(c, _)| c.uuid.as_u128() != busy.0));
        if free {
            let p = known.peripheral.clone();
            tokio::spawn(async move { asked.write(&p, &found).await });
        } else {
            self.todo.push_front(Todo::Signal(asked, found));
        }
    }

    fn wake(&mut self) {
        if self.up {
            self.session_event(Event::Wake);
        }
        if Instant::now() < self.next_look {
            return;
        }
        self.next_look = Instant::now() + LOOK;
        self.tell_haptic();
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
        self.told_why = error.is_about_a_sensor();
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
