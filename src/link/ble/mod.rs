//! Bluetooth LE through btleplug: finds sensors, keeps the connection to one, and passes its items on.
//!
//! In: which sensor is wanted, and signals to give. Out: [`Item`]s over a bounded channel, and what a scan
//! found. Left to others: what the bytes mean (`firmware-protocol`), times and gaps (`link::session`).
//!
//! # Rules of this border
//!
//! Learned from btleplug 0.13 on BlueZ; each was reproduced or read in its source.
//!
//! * Everything of btleplug lives on one thread with a current-thread runtime. Its streams are never dropped
//!   while it lives: that can panic in a task of btleplug, for sure when the bus is dead.
//! * One `events()` stream for each `Manager`, one `notifications()` stream for each sensor, always drained,
//!   also while a call is under way: they survive reconnections, and unread they grow without bound.
//! * A time limit around every call: after the bus has died calls hang, and no stream ends. Two limits in
//!   a row passed, and the `Manager` is made anew.
//! * The sensor is connected while the scan runs, for BlueZ may forget it when the scan stops.
//! * A failed `connect` may leave the link up: `disconnect` before the next try.
//! * A scan is stopped before one is started: two are an error.

mod driver;
mod failure;
mod radio;

pub use failure::BleError;
pub use radio::{Found, What};

use super::Item;
use super::outbox::Outbox;
use driver::Driver;
use firmware_protocol::session::Signal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Which sensor is wanted, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its name or address; `None` takes the first that is known.
    pub sensor: Option<String>,
    /// Samples a second to ask for.
    pub rate_hz: f64,
    /// The wearer's time zone, as an IANA name.
    pub zone: String,
}

impl Default for Options {
    /// Any sensor, 100 Hz (domain.md §6: 50 to 100 Hz), the machine's zone.
    fn default() -> Self {
        let zone = jiff::tz::TimeZone::system().iana_name().unwrap_or("Etc/UTC").to_owned();
        Self { sensor: None, rate_hz: 100.0, zone }
    }
}

/// A running link.
#[derive(Debug)]
pub struct Handle {
    signals: mpsc::Sender<Signal>,
    dropped: Arc<AtomicU64>,
    haptic: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

/// Signals that may wait while the sensor is busy; more are pointless, as they would come too late.
const SIGNALS: usize = 4;

impl Handle {
    /// Asks the sensor for a signal. False: too many are waiting, or the link has ended. A sensor that
    /// cannot signal ignores it.
    pub fn signal(&self, signal: Signal) -> bool {
        self.signals.try_send(signal).is_ok()
    }

    /// Where signals can be sent from elsewhere.
    pub fn signals(&self) -> mpsc::Sender<Signal> {
        self.signals.clone()
    }

    /// Whether a sensor that can vibrate is connected just now: else a signal to it would not be felt.
    pub fn haptic(&self) -> Arc<AtomicBool> {
        self.haptic.clone()
    }

    /// Samples dropped because nobody took them in time.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Waits until the link has ended. It does so soon after its token was cancelled.
    pub fn join(self) {
        // A panic there has been printed already, and there is nothing left to save here.
        let _ = self.thread.join();
    }
}

/// Starts a link on a thread of its own. It goes on through every failure until `shutdown` is cancelled
/// or nobody takes its items any more; what goes wrong is told as [`super::LinkStatus::Blocked`].
pub fn start(options: Options, items: mpsc::Sender<Item>, shutdown: CancellationToken) -> std::io::Result<Handle> {
    let (signals, asked) = mpsc::channel(SIGNALS);
    let outbox = Outbox::new(items);
    let dropped = outbox.dropped();
    let haptic = Arc::new(AtomicBool::new(false));
    let felt = haptic.clone();
    let runtime = runtime()?;
    let thread = std::thread::Builder::new().name("bluetooth".into()).spawn(move || {
        runtime.block_on(Driver::new(options, outbox, asked, shutdown, felt).run());
        // Tasks of btleplug that hang on a dead bus are left behind.
        runtime.shutdown_timeout(Duration::from_millis(100));
    })?;
    Ok(Handle { signals, dropped, haptic, thread })
}

/// Looks around for this long. Blocks; a sensor of a known kind comes before others, the nearest first.
pub fn scan(lasting: Duration) -> Result<Vec<Found>, BleError> {
    let runtime = runtime().map_err(|error| BleError::Other { step: "starting", words: error.to_string() })?;
    let found = runtime.block_on(radio::scan(lasting));
    runtime.shutdown_timeout(Duration::from_millis(100));
    found
}

/// Goes as far as the adapter and says whether it is on; a look for sensors switches it on. Blocks, a few
/// seconds at most.
pub fn probe() -> Result<bool, BleError> {
    let runtime = runtime().map_err(|error| BleError::Other { step: "starting", words: error.to_string() })?;
    let usable = runtime.block_on(radio::probe());
    runtime.shutdown_timeout(Duration::from_millis(100));
    usable
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
