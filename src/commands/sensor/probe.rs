//! A connection to one sensor for a moment, and `sensor blink`, which needs no more.

use super::super::here::zone;
use super::super::text::foreign;
use super::super::{Exit, Failure, Globals, known, print_json};
use crate::link::ble::{self, BleError, Found, Handle, Options, What};
use crate::link::wanted::WantedSensors;
use crate::link::{Item, LinkStatus};
use crate::store;
use firmware_protocol::family::{Cue, Family};
use firmware_protocol::session::Signal;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Lets a sensor show which one it is
///
/// It blinks, buzzes or sounds for about two seconds, if it can. Without SENSOR, the first known one in reach.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Its name or address
    #[arg(value_name = "SENSOR")]
    sensor: Option<String>,
    /// How long to look for it, in seconds
    #[arg(long, value_name = "S", default_value_t = 30.0)]
    wait: f64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Items that may wait: a fifth of a second of printing at 400 Hz, many times over. Chosen by us.
const ITEMS_WAITING: usize = 4096;
/// How often it is looked whether the sensor can do what is wanted by now. Chosen by us.
const LOOK: Duration = Duration::from_millis(100);
/// A reason that needs a person may be over in a moment; then it is told. Chosen by us.
const STANDS_FOR: Duration = Duration::from_secs(5);
/// How long a connected sensor has to say that it can show itself: it is asked what it is first. Chosen by us.
const SETS_UP_IN: Duration = Duration::from_secs(5);
/// How long a sensor shows itself, and a little more, before the connection ends.
const SHOWS_FOR: Duration = Duration::from_millis(2_500);

/// A sensor that is connected for a moment.
pub(super) struct Probe {
    link: Handle,
    items: mpsc::Receiver<Item>,
    stop: CancellationToken,
    runtime: Runtime,
    sensor: String,
    begun: Instant,
    waits: Duration,
    blocked: Option<(Instant, String)>,
    connecting: bool,
}

/// What came next.
pub(super) enum Next {
    Item(Item),
    Nothing,
}

impl Probe {
    /// Starts to look for a known or named sensor, at this rate.
    pub(super) fn start(globals: &Globals, typed: Option<&str>, rate_hz: f64, wait_s: f64) -> Result<Self, Failure> {
        if !(1.0..=600.0).contains(&wait_s) {
            return Err(Failure::bad_input("--wait wants a number of seconds between 1 and 600, such as --wait 30"));
        }
        let data_dir = globals.data_dir()?;
        if let Some((pid, since)) = store::holder(&data_dir) {
            return Err(Failure {
                words: format!(
                    "lumbard runs already (process {pid} since {since}) and has the sensor; stop it first, then try \
                     again"
                ),
                exit: Exit::InUse,
            });
        }
        let sensors = known::sensors(&data_dir)?;
        let wanted = WantedSensors { buzzers: Vec::new(), ..known::wanted(&sensors, typed)? };
        let sensor = match (typed, &wanted.worn[..]) {
            (Some(typed), _) => foreign(typed, 40),
            (None, []) => "a sensor".to_owned(),
            (None, _) => "a known sensor".to_owned(),
        };
        let broken = |error| Failure::failed(format!("the program could not start: {error}"));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(broken)?;
        let (sender, items) = mpsc::channel(ITEMS_WAITING);
        let stop = CancellationToken::new();
        let link = ble::start(Options { wanted, rate_hz, zone: zone() }, sender, stop.clone()).map_err(broken)?;
        eprintln!("Looking for {sensor}, {wait_s} s at most …");
        let (begun, waits) = (Instant::now(), Duration::from_secs_f64(wait_s));
        Ok(Self { link, items, stop, runtime, sensor, begun, waits, blocked: None, connecting: false })
    }

    /// The next item, or nothing until this moment. Fails when someone stops it, or a reason stands in the way.
    pub(super) fn next_until(&mut self, until: Instant) -> Result<Next, Failure> {
        let items = &mut self.items;
        let next = self.runtime.block_on(async {
            tokio::select! {
                biased;
                _ = tokio::signal::ctrl_c() => Err(Failure::failed("stopped")),
                item = items.recv() => item.map(Next::Item).ok_or_else(|| Failure::failed("the Bluetooth link ended")),
                () = tokio::time::sleep_until(until.into()) => Ok(Next::Nothing),
            }
        })?;
        if let Next::Item(Item::Status(status)) = &next {
            self.connecting |= matches!(status, LinkStatus::Connecting);
            self.blocked = match status {
                LinkStatus::Blocked(words) => Some((Instant::now(), words.clone())),
                _ => None,
            };
        }
        match &self.blocked {
            Some((since, words)) if since.elapsed() >= STANDS_FOR => Err(Failure::failed(words.clone())),
            _ => Ok(next),
        }
    }

    /// Waits until the first samples come, or `ready` says that they are not needed.
    pub(super) fn connect(&mut self, ready: impl Fn(&Handle) -> bool) -> Result<Vec<Item>, Failure> {
        let mut begun = Vec::new();
        while self.begun.elapsed() < self.waits {
            match self.next_until(Instant::now() + LOOK)? {
                Next::Item(Item::Sample(_)) => return Ok(begun),
                Next::Item(item) => begun.push(item),
                Next::Nothing => {}
            }
            if ready(&self.link) {
                return Ok(begun);
            }
        }
        if let Some((_, words)) = self.blocked.take() {
            return Err(Failure::failed(words));
        }
        let sensor = self.sensor.clone();
        Err(Failure::failed(if self.connecting {
            format!(
                "{sensor} is in reach, but no samples came within {} s; bring it closer, switch it off and on, and \
                 close its app on the phone",
                self.waits.as_secs()
            )
        } else {
            BleError::NotFound { sensor }.to_string()
        }))
    }

    /// The running link.
    pub(super) fn link(&self) -> &Handle {
        &self.link
    }

    /// The sensor that was found, and its family.
    pub(super) fn found(&self) -> Option<(Found, &'static Family)> {
        let found = self.link.worn()?;
        let What::Sensor(family) = found.what else { return None };
        Some((found, family))
    }

    /// Ends the connection.
    pub(super) fn end(self) {
        self.stop.cancel();
        drop(self.items);
        self.link.join();
    }
}

/// Runs `sensor blink`.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let mut probe = Probe::start(globals, args.sensor.as_deref(), Options::default().rate_hz, args.wait)?;
    let shown = show(&mut probe);
    let found = probe.found();
    probe.end();
    let how = shown?;
    let (name, address, family) = found
        .map_or_else(Default::default, |(found, family)| (foreign(found.called(), 40), found.address, family.name));
    match how {
        Some(how) => eprintln!("{name} ({address}) {how}."),
        None => {
            return Err(Failure::failed(format!(
                "{name} ({family}) is connected, but can neither blink, buzz nor sound; tell it from others by its \
                 address, {address}"
            )));
        }
    }
    if args.json {
        print_json(&json!({ "name": name, "address": address, "kind": family, "asked": true }))?;
    }
    Ok(Exit::Done)
}

/// Connects, and lets the sensor show itself; how it does so, or nothing where it cannot.
fn show(probe: &mut Probe) -> Result<Option<&'static str>, Failure> {
    probe.connect(Handle::can_identify)?;
    let until = Instant::now() + SETS_UP_IN;
    while !probe.link().can_identify() && Instant::now() < until {
        probe.next_until(Instant::now() + LOOK)?;
    }
    if !probe.link().can_identify() {
        return Ok(None);
    }
    probe.link().signal(Signal::Identify);
    let until = Instant::now() + SHOWS_FOR;
    while Instant::now() < until {
        if let Next::Item(Item::Status(LinkStatus::Lost)) = probe.next_until(until)? {
            return Err(Failure::failed(
                "the connection was lost before the sensor showed itself; bring it closer, then try again",
            ));
        }
    }
    let cue = probe.found().map(|(_, family)| family.cue);
    Ok(Some(match cue {
        Some(Cue::Light) => "was asked to blink",
        Some(Cue::Sound) => "was asked to sound",
        Some(Cue::Vibration | Cue::Nothing) | None => "was asked to blink or buzz",
    }))
}
