//! Our own open motion profile for self-made sensors, version 1, as `SPEC.md` writes it down.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | bytes and their meaning, both ways |
//! | `session` | info, unwrapping of counter and clock, new starts, battery, vibration |
//! | `explain` | info, packets and commands taken apart for people |
//! | `peripheral` | the sensor's side (feature `peripheral`), fit for a microcontroller |

mod explain;
#[cfg(feature = "peripheral")]
pub mod peripheral;
mod session;
pub mod wire;

pub use explain::Explainer;
pub use session::OpenMotion;

use crate::family::{AnyExplain, AnySession, Checked, Cue, Family, Suits};
use crate::session::Uuid;
pub use crate::sig::{BATTERY_LEVEL, BATTERY_SERVICE};

/// The service.
pub const SERVICE: Uuid = Uuid(0x6c6d0001_6f70_656e_8d6f_74696f6e0001);
/// Samples from the sensor.
pub const MOTION: Uuid = Uuid(0x6c6d0002_6f70_656e_8d6f_74696f6e0001);
/// What the sensor is.
pub const INFO: Uuid = Uuid(0x6c6d0003_6f70_656e_8d6f_74696f6e0001);
/// Commands to the sensor.
pub const CONTROL: Uuid = Uuid(0x6c6d0004_6f70_656e_8d6f_74696f6e0001);

/// What sensors with this profile are.
pub static FAMILY: Family = Family {
    id: "open-motion",
    device: "open-motion",
    name: "Open motion profile",
    models: &["self-made sensors after firmware-protocol/SPEC.md"],
    service: SERVICE,
    characteristics: &[MOTION, INFO, CONTROL],
    accept_names: &["OpenMotion", "OM-"],
    refuse_names: &[],
    advertises_service: true,
    gyro: true,
    counter: true,
    clock: true,
    rates_hz: &[],
    highest_rate_hz: 400.0,
    delay_ms: (5, 60),
    live: Suits::Well,
    cue: Cue::Vibration,
    range: "as the sensor says, mostly 8 or 16 g and 2000 °/s",
    loss: "by a counter of samples",
    guard: Some("an 8-bit checksum over every packet"),
    logs: false,
    checked: Checked::OwnSpecification,
    note: "gyroscope and vibration depend on how the sensor was built",
    begin: |wanted| AnySession::OpenMotion(OpenMotion::new(wanted)),
    explain: || AnyExplain::OpenMotion(Explainer::default()),
};
