//! Bluetooth LE through btleplug: finds sensors, keeps the connection to one, and passes its items on.
//!
//! In: which sensor is wanted, and signals to give. Out: [`Item`]s over a bounded channel, and what a scan
//! found. Left to others: what the bytes mean (`firmware-protocol`), times and gaps (`link::session`).
//!
//! # Rules of this border
//!
//! Learned from btleplug 0.13 on BlueZ; each was reproduced or read in its source. The tests are in
//! `tests/bluez`, where a stand-in for BlueZ does to this module what BlueZ does.
//!
//! | trap | what is done | test |
//! |---|---|---|
//! | a stream of btleplug that is dropped can panic in a task of it, for sure when the bus is dead | one thread with a current-thread runtime; streams are never dropped while it lives | every test ends with no panic counted |
//! | the stream it makes for each connection, and drops, may panic too, and that means nothing | passed over ([`is_harmless_panic`]) | `panics::tests` |
//! | an unread stream grows without bound | one `events()` for each `Manager`, one `notifications()` for each sensor, always read, also while a call is under way | `twenty_thousand_notifications_leave_the_client_no_larger` |
//! | samples before `discover_services`, and on another `Peripheral` object, are dropped | connect, discover, listen, subscribe; the object with the stream is kept | `witmotion_at_200_hz_loses_nothing_through_a_lost_link` |
//! | BlueZ takes the subscription up again by itself | nothing is made of what comes before the session knows of the connection but samples in order | the same |
//! | a read comes as a notification too | the battery is read where nothing streams; what else comes so is not taken for samples | the same |
//! | after the bus has died calls hang and no stream ends; opening it blocks | a limit around every call, opening on a thread of its own; two limits in a row passed, and the `Manager` is made anew | `a_bus_that_dies_and_comes_back_is_used_again`, `a_bus_that_never_answers_is_told` |
//! | no sign of a lost link but silence | a watchdog of about 2 s | `a_link_that_goes_silent_is_noticed_and_made_anew` |
//! | a device that was not seen lately is forgotten when the scan stops | connected while the scan runs; looked for anew | every test: the stand-in forgets at once |
//! | a failed or late `connect` goes on in BlueZ, and may leave the link up | `disconnect` before the next try | `a_connect_that_never_answers_is_ended_and_tried_again` |
//! | services are said to be there, and are not yet | read again, three times | `services_that_come_late_are_read_again` |
//! | a stale list of services | the required ones are checked; what to remove is told | `everything_that_can_be_missing_has_its_own_words` |
//! | one read or write at a time, else `InProgress` | one after another; only a signal overtakes, never on the same characteristic | `a_signal_overtakes_what_waits` |
//! | a write may be refused all the same | a signal is tried again for a second, and then let go | `a_signal_that_is_refused_is_tried_again_for_a_second_and_no_longer` |
//! | a scan that is on is an error to start | stopped before it is started; one of link and buzzer at a time | `a_scan_that_is_already_on_is_no_failure` |
//! | the name comes in a later packet, and nothing tells | a device is looked at anew each time it is heard | `a_name_that_comes_late_is_read_again` |
//! | ending a connection takes 2 s | not waited for when the program ends | `the_link_ends_within_two_seconds_of_being_asked_to` |
//! | scan filters of all programs are merged, lists hold long-gone devices | judged by name, services and signal strength | `other_devices_around_are_left_alone` |
//! | nearly every error is `Other` | told apart by the step and the bus's name for it | `failure::tests` |
//! | an adapter that does not answer what is expected vanishes from the list | told as no adapter | `what_is_missing_is_told_and_the_link_comes_up_once_it_is_there` |

mod asked;
mod buzzer;
mod driver;
mod failure;
mod panics;
mod radio;
mod signals;

pub use asked::{Done, Feel};
pub use failure::BleError;
pub use panics::is_harmless_panic;
pub use radio::{Found, What};

use super::Item;
use super::outbox::Outbox;
use super::wanted::{Role, WantedSensors};
use asked::Asked;
use driver::Driver;
use firmware_protocol::session::Signal;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Which sensors are wanted, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which sensors may be taken.
    pub wanted: WantedSensors,
    /// Samples a second to ask for.
    pub rate_hz: f64,
    /// The wearer's time zone, as an IANA name.
    pub zone: String,
}

impl Default for Options {
    /// Any sensor, 100 Hz (domain.md §6: 50 to 100 Hz), the machine's zone.
    fn default() -> Self {
        let zone = jiff::tz::TimeZone::system().iana_name().unwrap_or("Etc/UTC").to_owned();
        Self { wanted: WantedSensors::default(), rate_hz: 100.0, zone }
    }
}

/// The sensor that was found, and what it can be asked for just now, as its session says.
#[derive(Clone, Debug, Default)]
struct Felt {
    /// A warning of the worn sensor would be felt or heard.
    warns: Arc<AtomicBool>,
    /// It can show which one it is.
    identifies: Arc<AtomicBool>,
    /// Which one it is.
    worn: Arc<Mutex<Option<Found>>>,
}

/// A running link.
#[derive(Debug)]
pub struct Handle {
    signals: mpsc::Sender<Asked>,
    dropped: Arc<AtomicU64>,
    felt: Felt,
    thread: std::thread::JoinHandle<()>,
}

/// Signals that may wait while the sensor is busy; more are pointless, as they would come too late.
const SIGNALS: usize = 4;

impl Handle {
    /// Asks the sensor for a signal. False: too many are waiting, or the link has ended. A sensor that
    /// cannot signal ignores it.
    pub fn signal(&self, signal: Signal) -> bool {
        self.signals.try_send(Asked::new(signal, Role::Worn, Box::new(drop))).is_ok()
    }

    /// The way to what can be felt: the worn sensor, or the buzzer at the wrist.
    pub fn feel(&self, role: Role) -> Feel {
        Feel { role, signals: self.signals.clone() }
    }

    /// Whether a sensor is worn just now that can vibrate or sound: else a warning to it would be lost.
    pub fn warns(&self) -> bool {
        self.felt.warns.load(Ordering::Relaxed)
    }

    /// Whether a sensor is connected just now that can show which one it is.
    pub fn can_identify(&self) -> bool {
        self.felt.identifies.load(Ordering::Relaxed)
    }

    /// The sensor whose samples are taken, once it was found.
    pub fn worn(&self) -> Option<Found> {
        self.felt.worn.lock().map_or_else(|poisoned| poisoned.into_inner().clone(), |worn| worn.clone())
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
    let felt = Felt::default();
    let told = felt.clone();
    let runtime = runtime()?;
    let thread = std::thread::Builder::new().name("bluetooth".into()).spawn(move || {
        runtime.block_on(Driver::new(options, outbox, asked, shutdown, told).run());
        // Tasks of btleplug that hang on a dead bus are left behind.
        runtime.shutdown_timeout(Duration::from_millis(100));
    })?;
    Ok(Handle { signals, dropped, felt, thread })
}

/// Looks around for this long, or until `look_at` has seen enough: it is shown what was found so far each time that
/// changes. Blocks; a sensor of a known kind comes before others, the nearest first.
pub fn scan(lasting: Duration, look_at: &mut dyn FnMut(&[Found]) -> ControlFlow<()>) -> Result<Vec<Found>, BleError> {
    let runtime = runtime().map_err(|error| BleError::Other { step: "starting", words: error.to_string() })?;
    let found = runtime.block_on(radio::scan(lasting, look_at));
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
