//! A signal on its way to something that can be felt: who is asked for what comes in, how it went comes out.
//!
//! A write that fails is tried again, but a buzz that comes late is worse than none: it would be about nothing.

use super::failure::{BleError, Step};
use super::radio;
use crate::link::wanted::Role;
use btleplug::api::{Characteristic, Peripheral as _};
use btleplug::platform::Peripheral;
use firmware_protocol::session::Signal;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// No try of a buzz begins later than this after it was asked for, and one under way is given up.
///
/// Chosen by us: W2's series has one every 5 s, and a bend lasts a few seconds.
const USEFUL: Duration = Duration::from_secs(1);
/// Between two tries. Chosen by us: BlueZ refuses a write while another of the same characteristic is under way,
/// which takes one connection interval or two.
const TRY_AGAIN: Duration = Duration::from_millis(100);

/// Is told how it went; in words for the record, without an address.
pub type Done = Box<dyn FnOnce(Result<(), String>) + Send>;

/// A signal that is asked for.
pub(super) struct Asked {
    pub(super) signal: Signal,
    pub(super) of: Role,
    at: Instant,
    done: Option<Done>,
}

impl Asked {
    pub(super) fn new(signal: Signal, of: Role, done: Done) -> Self {
        Self { signal, of, at: Instant::now(), done: Some(done) }
    }

    /// Ends it.
    pub(super) fn done(mut self, how: Result<(), &str>) {
        self.tell(how);
    }

    fn tell(&mut self, how: Result<(), &str>) {
        if let Some(done) = self.done.take() {
            done(how.map_err(ToOwned::to_owned));
        }
    }

    /// Until when it is of use.
    pub(super) fn until(&self) -> Instant {
        self.at + USEFUL
    }

    /// Writes all of it, again and again until it is taken or of no use any more.
    pub(super) async fn write(self, p: &Peripheral, writes: &[(Characteristic, Vec<u8>)]) -> Result<(), BleError> {
        let until = self.until();
        loop {
            let tried = tokio::time::timeout_at(until.into(), write_all(p, writes)).await;
            let error = match tried {
                Ok(Ok(())) => {
                    self.done(Ok(()));
                    return Ok(());
                }
                Ok(Err(error)) => error,
                Err(_) => BleError::TimedOut { step: Step::Write.words(), limit: USEFUL },
            };
            if Instant::now() + TRY_AGAIN >= until {
                tracing::debug!(%error, "a signal was not taken");
                self.done(Err("it did not take the signal in time"));
                return Err(error);
            }
            tokio::time::sleep(TRY_AGAIN).await;
        }
    }
}

/// What waited is over with the connection.
impl Drop for Asked {
    fn drop(&mut self) {
        self.tell(Err("it went out of reach"));
    }
}

async fn write_all(p: &Peripheral, writes: &[(Characteristic, Vec<u8>)]) -> Result<(), BleError> {
    for (c, bytes) in writes {
        radio::within(Step::Write, p.write(c, bytes, super::buzzer::write_type(c))).await?;
    }
    Ok(())
}

/// A way to the worn sensor, or to the buzzer at the wrist. Never waits.
#[derive(Clone, Debug)]
pub struct Feel {
    pub(super) role: Role,
    pub(super) signals: mpsc::Sender<Asked>,
}

impl Feel {
    /// Asks for a signal; `done` is told within about a second how it went.
    pub fn ask(&self, signal: Signal, done: Done) {
        if let Err(error) = self.signals.try_send(Asked::new(signal, self.role, done)) {
            error.into_inner().done(Err("the sensor is busy with earlier signals"));
        }
    }
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked").field("signal", &self.signal).field("of", &self.of).finish_non_exhaustive()
    }
}
