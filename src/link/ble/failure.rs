//! What can go wrong with the radio. In: an error of btleplug, and the step that failed. Out: what happened,
//! what it means, what to do.

use std::fmt::Debug;
use std::time::Duration;
use thiserror::Error;

/// Why there is no link, or no scan.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BleError {
    /// There is no system message bus.
    #[error(
        "the system's message bus cannot be reached, so no Bluetooth sensor can; start it (on most systems: \
         sudo systemctl start dbus), or try lumbard without a sensor: lumbard demo"
    )]
    NoBus,
    /// The bus is there, but nobody serves Bluetooth on it.
    #[error(
        "the Bluetooth service is not running, so no sensor can be found; start it: \
         sudo systemctl enable --now bluetooth (package bluez)"
    )]
    NoService,
    /// The service knows no adapter.
    #[error(
        "this machine has no Bluetooth adapter, or it is switched off; plug one in, \
         or look at: rfkill list bluetooth"
    )]
    NoAdapter,
    /// The adapter does not start.
    #[error(
        "the Bluetooth adapter does not start looking for sensors ({words}); \
         switch it on: rfkill unblock bluetooth, then: bluetoothctl power on"
    )]
    AdapterOff {
        /// What the system said.
        words: String,
    },
    /// This user may not use Bluetooth.
    #[error(
        "this user may not use Bluetooth; add it to the group bluetooth (sudo usermod -aG bluetooth $USER), \
         then log in again"
    )]
    Denied,
    /// Nothing like what is wanted is in reach.
    #[error(
        "{sensor} is not in reach; bring it closer, and switch it on or press its button. A sensor that a phone \
         holds does not show itself: close the app there"
    )]
    NotFound {
        /// What was looked for.
        sensor: String,
    },
    /// It was low when it was last heard, and now it is not heard any more.
    #[error("{sensor} is not in reach, and its battery was at {percent} % when it was last heard; please charge it")]
    Flat {
        /// Its name.
        sensor: String,
        /// Its charge then.
        percent: u8,
    },
    /// It is there, and another program or a phone has it.
    #[error(
        "{sensor} is in reach, but something else holds it ({words}); close its app on the phone or the other \
         program here. It is tried again by itself"
    )]
    Held {
        /// Its name.
        sensor: String,
        /// What the system said.
        words: String,
    },
    /// The sensor was seen and cannot be used.
    #[error("{sensor} cannot be used: {why}")]
    Unusable {
        /// Its name.
        sensor: String,
        /// Why.
        why: String,
    },
    /// The connection did not come about.
    #[error("no connection to {sensor} ({words}); it is tried again by itself: bring the sensor closer")]
    Connect {
        /// Its name.
        sensor: String,
        /// What the system said.
        words: String,
    },
    /// Connected, but what the sensor must have is not there.
    #[error(
        "{sensor} is connected, but does not show its sensor service; it is tried again. If that goes on, \
         remove it from the system's Bluetooth list: bluetoothctl remove {address}"
    )]
    NoSensorService {
        /// Its name.
        sensor: String,
        /// Its address.
        address: String,
    },
    /// A call took too long.
    #[error("the Bluetooth service did not answer within {} s while {step}; it is tried again", limit.as_secs())]
    TimedOut {
        /// What was being done.
        step: &'static str,
        /// The limit that was set.
        limit: Duration,
    },
    /// The connection is gone.
    #[error("the connection to the sensor is gone; it is made again by itself")]
    Lost,
    /// Something else.
    #[error("Bluetooth failed while {step}: {words}; it is tried again")]
    Other {
        /// What was being done.
        step: &'static str,
        /// What the system said.
        words: String,
    },
}

impl BleError {
    /// From an error of btleplug at a step. BlueZ errors all arrive as `Other`; the bus's name for them is in
    /// their debug text, and is all that tells them apart.
    pub(super) fn at(step: Step, error: &btleplug::Error) -> Self {
        let (text, words) = (format!("{error:?}"), error.to_string());
        let has = |what: &str| text.contains(what);
        match step {
            _ if has("AccessDenied") || matches!(error, btleplug::Error::PermissionDenied) => Self::Denied,
            Step::Bus => Self::NoBus,
            _ if has("ServiceUnknown") || has("NameHasNoOwner") => Self::NoService,
            _ if has("DBus.Error.NoReply") || has("Timeout waiting for reply") => {
                Self::TimedOut { step: step.words(), limit: Duration::from_secs(30) }
            }
            _ if has("DBus.Error.Disconnected") => Self::NoBus,
            // What the bus itself says of a missing service was told above; anything else means that it is
            // gone, for this is the first call after a pause.
            Step::Adapters => Self::NoBus,
            Step::StartScan if has("NotReady") || has("Error.Failed") || has("Blocked") => Self::AdapterOff { words },
            _ => Self::Other { step: step.words(), words },
        }
    }

    /// At a step with this sensor: what says that something else holds it, or that there is no connection,
    /// is told with its name.
    pub(super) fn with_sensor(self, sensor: &str) -> Self {
        match self {
            Self::Other { words, .. } if HELD.iter().any(|held| words.contains(held)) => {
                Self::Held { sensor: sensor.to_owned(), words }
            }
            Self::Other { step, words } if step == Step::Connect.words() => {
                Self::Connect { sensor: sensor.to_owned(), words }
            }
            error => error,
        }
    }

    /// Something that a person must do first; otherwise it is only a matter of trying again.
    pub fn blocks(&self) -> bool {
        match self {
            Self::NoBus
            | Self::NoService
            | Self::NoAdapter
            | Self::AdapterOff { .. }
            | Self::Denied
            | Self::Flat { .. }
            | Self::Held { .. }
            | Self::Unusable { .. }
            | Self::NoSensorService { .. } => true,
            Self::NotFound { .. } | Self::Connect { .. } | Self::TimedOut { .. } | Self::Lost | Self::Other { .. } => {
                false
            }
        }
    }

    /// It stands as long as this sensor is as it is, however often it is looked for.
    pub(super) fn is_about_a_sensor(&self) -> bool {
        matches!(self, Self::Flat { .. } | Self::Held { .. } | Self::Unusable { .. } | Self::NoSensorService { .. })
    }
}

/// What BlueZ says when a sensor is there and has no room for us: refused by the sensor, which takes one
/// connection; and subscribed to by another program. Source: bluez 5.87 `src/error.h`, `src/gatt-client.c`.
const HELD: [&str; 4] = ["connection-refused", "connection-busy", "connection-limit", "Notify acquired"];

/// What is being done with the radio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Bus,
    Adapters,
    Events,
    StartScan,
    StopScan,
    Look,
    Connect,
    Discover,
    Notifications,
    Subscribe,
    Write,
    Read,
    Disconnect,
}

impl Step {
    /// In words, after "while".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Bus => "reaching the message bus",
            Self::Adapters => "looking for an adapter",
            Self::Events => "listening to the adapter",
            Self::StartScan => "starting to look for sensors",
            Self::StopScan => "ending the look for sensors",
            Self::Look => "reading what a sensor says of itself",
            Self::Connect => "connecting",
            Self::Discover => "reading the sensor's services",
            Self::Notifications => "listening to the sensor",
            Self::Subscribe => "turning the samples on",
            Self::Write => "writing to the sensor",
            Self::Read => "reading from the sensor",
            Self::Disconnect => "disconnecting",
        }
    }

    /// How long it may take. Chosen by us: the usual time as measured against a real bluetoothd, times ten or more,
    /// and less than the 30 s that the bus library waits.
    pub(super) fn limit(self) -> Duration {
        match self {
            // BlueZ's own try lasts up to about 20 s; a sensor in reach answers within two.
            Self::Connect => Duration::from_secs(12),
            Self::Discover => Duration::from_secs(10),
            // bluetoothd waits 2 s before it drops a link.
            Self::Disconnect => Duration::from_secs(5),
            _ => Duration::from_secs(4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(text: &str) -> btleplug::Error {
        btleplug::Error::Other(text.into())
    }

    #[test]
    fn the_step_and_the_name_of_the_error_tell_what_to_do() {
        let at = |step, text: &str| BleError::at(step, &other(text));
        assert_eq!(at(Step::Bus, "Failed to connect to socket"), BleError::NoBus);
        assert_eq!(at(Step::Adapters, "org.freedesktop.DBus.Error.ServiceUnknown"), BleError::NoService);
        assert_eq!(at(Step::Adapters, "org.freedesktop.DBus.Error.AccessDenied"), BleError::Denied);
        assert!(matches!(at(Step::StartScan, "org.bluez.Error.NotReady"), BleError::AdapterOff { .. }));
        assert!(matches!(at(Step::Write, "org.bluez.Error.Failed"), BleError::Other { .. }));
        // Not about this user: another program has the notifications.
        let notify = at(Step::Subscribe, "org.bluez.Error.NotPermitted: Notify acquired").with_sensor("WT901");
        assert!(matches!(notify, BleError::Held { .. }), "{notify:?}");
        let refused = at(Step::Connect, "org.bluez.Error.Failed: le-connection-refused").with_sensor("WT901");
        assert!(matches!(refused, BleError::Held { .. }), "{refused:?}");
        let aborted = at(Step::Connect, "org.bluez.Error.Failed: le-connection-abort-by-local").with_sensor("WT901");
        assert!(matches!(aborted, BleError::Connect { .. }), "{aborted:?}");
    }

    #[test]
    fn every_message_names_a_next_step_or_says_that_it_goes_on_by_itself() {
        let sensor = || "WT901".to_owned();
        for error in [
            BleError::NoBus,
            BleError::NoService,
            BleError::NoAdapter,
            BleError::AdapterOff { words: "x".into() },
            BleError::Denied,
            BleError::NotFound { sensor: sensor() },
            BleError::Flat { sensor: sensor(), percent: 4 },
            BleError::Held { sensor: sensor(), words: "x".into() },
            BleError::Connect { sensor: sensor(), words: "x".into() },
            BleError::NoSensorService { sensor: sensor(), address: "x".into() },
            BleError::TimedOut { step: "connecting", limit: Duration::from_secs(4) },
            BleError::Lost,
        ] {
            let words = error.to_string();
            assert!(words.contains(';') || words.contains("again"), "{words}");
        }
    }
}
