//! The battery level, read now and then, for the session of any sensor that has the SIG's service.

use super::{BATTERY_LEVEL, wire};
use crate::session::{Action, Counts, Event, Moment};

/// Time between two looks, in ms. A notification is taken too, but never asked for: on Linux the Bluetooth
/// service claims it for itself, and no connection should fail over it. Chosen by us: 10 min.
const EVERY_MS: u64 = 600_000;
/// The first look comes this long after the connection, in ms, when the sensor is set up. Chosen by us.
const FIRST_MS: u64 = 2_000;

/// When the battery is looked at next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Battery {
    due: Option<Moment>,
}

impl Battery {
    pub(crate) fn wake_at(&self) -> Option<Moment> {
        self.due
    }

    /// Takes what happened. True: it concerned the battery alone.
    pub(crate) fn take(
        &mut self,
        now: Moment,
        event: &Event<'_>,
        counts: &mut Counts,
        act: &mut dyn FnMut(Action<'_>),
    ) -> bool {
        match *event {
            Event::Connected { .. } => self.due = Some(now.plus_millis(FIRST_MS)),
            Event::Disconnected => self.due = None,
            Event::Wake if self.due.is_some_and(|due| now >= due) => {
                act(Action::Read(BATTERY_LEVEL));
                self.due = Some(now.plus_millis(EVERY_MS));
            }
            // The sensor has no such service, or it is kept from us.
            Event::Failed { characteristic: BATTERY_LEVEL } => {
                self.due = None;
                return true;
            }
            Event::Read { characteristic: BATTERY_LEVEL, bytes }
            | Event::Notification { characteristic: BATTERY_LEVEL, bytes } => {
                match wire::level(bytes) {
                    Ok(percent) => act(Action::Battery { percent, millivolts: None }),
                    Err(why) => counts.refuse(why, bytes.len(), act),
                }
                return true;
            }
            _ => {}
        }
        false
    }
}
