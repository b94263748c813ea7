//! Movesense sensors (HR+, HR2, MD, Flash) over GSP, the maker's protocol over plain GATT.
//!
//! In come notifications of `34800002`, out come samples; commands go to `34800001`. The sensor sends its own
//! milliseconds, but neither counter nor checksum. Its numbers are `f32`, and a frame holds their bits.
//! A payload with a number that is not finite is refused as a whole: a measurement gives none, so the rest of
//! it is as doubtful.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | bytes and their meaning, both ways |
//! | `assembly` | joining a payload that came in two notifications |
//! | `session` | hello, subscription, times, battery, what to do about refusals |
//! | `explain` | everything that is known to be sent, taken apart for people |
//! | `peripheral` | the sensor's side (feature `peripheral`) |
//!
//! Source: the maker's pages on GSP and its early sample `GATTSensorDataClient.cpp`; repositories
//! `sensein/movesense-py` and `sokolmarek/movesense-commander`, with captures of real sensors.

mod assembly;
mod explain;
#[cfg(feature = "peripheral")]
pub mod peripheral;
mod session;
pub mod wire;

pub use explain::Explainer;
pub use session::Movesense;

use crate::family::{AnyExplain, AnySession, Checked, Cue, Family, Suits};
use crate::session::Uuid;

/// The service.
pub const SERVICE: Uuid = Uuid(0x34802252_7185_4d5d_b431_630e7050e8f0);
/// Commands to the sensor.
pub const COMMAND: Uuid = Uuid(0x34800001_7185_4d5d_b431_630e7050e8f0);
/// Answers and data from the sensor.
pub const DATA: Uuid = Uuid(0x34800002_7185_4d5d_b431_630e7050e8f0);
/// The charge in the battery service of the Bluetooth SIG, where the sensor has it.
pub const BATTERY_LEVEL: Uuid = Uuid::sig(0x2a19);

/// What these sensors are.
pub static FAMILY: Family = Family {
    id: "movesense",
    device: "movesense",
    name: "Movesense",
    models: &["Movesense HR+", "Movesense HR2", "Movesense MD", "Movesense Flash"],
    service: SERVICE,
    characteristics: &[COMMAND, DATA],
    accept_names: &["Movesense"],
    refuse_names: &[(
        "DfuTarg",
        "it waits for a firmware update and sends no samples; finish or cancel that in the maker's app",
    )],
    // Its 128-bit UUID does not fit beside the name.
    advertises_service: false,
    gyro: true,
    counter: false,
    clock: true,
    rates_hz: &[13.0, 26.0, 52.0, 104.0],
    highest_rate_hz: 104.0,
    delay_ms: (80, 140),
    live: Suits::Well,
    cue: Cue::Nothing,
    range: "the firmware's own, at most 16 g and 2000 °/s; it cannot be asked for or set",
    loss: "by the sensor's clock in ms: a longer step between packets",
    guard: None,
    logs: true,
    checked: Checked::SensorBytes,
    note: "needs firmware 2.3 or later; 52 Hz spares its coin cell and comes in one piece, at 104 Hz packets come \
           in two pieces without a number; cannot vibrate or blink",
    begin: |wanted| AnySession::Movesense(Movesense::new(wanted)),
    explain: || AnyExplain::Movesense(Explainer::default()),
};
