//! Polar's sensors with the measurement data service (H10, OH1, Verity Sense).
//!
//! In come notifications of `fb005c82` (samples) and `fb005c81` (answers), out come samples; commands go to
//! `fb005c81`. A frame tells by the sensor's clock in ns when its last sample was taken; there is neither
//! counter nor checksum. A loss shows as a hole in that clock. The sensor fills a whole frame before it sends
//! it, so the fast rates are taken: they bring the delay down from over a second to a third of one.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | commands, answers and settings, both ways |
//! | `frame` | data frames and the forms their samples come in |
//! | `delta` | the compression of samples, both ways |
//! | `placing` | when each sample was taken, holes, new starts |
//! | `pairing` | acceleration and rotation of the same moment |
//! | `samples` | frames become samples |
//! | `session` | stop what runs, SDK mode, settings, start, battery |
//! | `peripheral` | the sensor's side (feature `peripheral`) |
//! | `explain` | all of it in words |
//!
//! Source: repository `polarofficial/polar-ble-sdk` (its PMD client, the tests beside it,
//! `technical_documentation/online_measurement.pdf`, product pages, issues 69, 75, 186, 336, 403, 467).

pub mod delta;
mod explain;
pub mod frame;
mod pairing;
#[cfg(feature = "peripheral")]
pub mod peripheral;
mod placing;
mod samples;
mod session;
pub mod wire;

pub use explain::Explainer;
pub use session::Polar;

use crate::family::{AnyExplain, AnySession, Checked, Cue, Family, Suits};
use crate::session::Uuid;

/// The measurement data service.
pub const SERVICE: Uuid = Uuid(0xfb005c80_02e7_f387_1cad_8acd2d8df0c8);
/// Commands to the sensor and its answers; a read tells what it can measure.
pub const CONTROL: Uuid = Uuid(0xfb005c81_02e7_f387_1cad_8acd2d8df0c8);
/// Samples from the sensor.
pub const DATA: Uuid = Uuid(0xfb005c82_02e7_f387_1cad_8acd2d8df0c8);
/// The battery level of the Bluetooth SIG, 0 to 100 %.
pub const BATTERY_LEVEL: Uuid = Uuid::sig(0x2a19);

/// Why the newer models are refused.
const PAIRED_ONCE: &str = "it stays with the one phone it was paired with, and was not checked with lumbard";

/// What these sensors are.
pub static FAMILY: Family = Family {
    id: "polar",
    device: "polar-pmd",
    name: "Polar measurement data",
    models: &["Verity Sense", "H10", "OH1"],
    service: SERVICE,
    characteristics: &[CONTROL, DATA],
    accept_names: &["Polar H10 ", "Polar Sense ", "Polar OH1 "],
    refuse_names: &[("Polar 360", PAIRED_ONCE), ("Polar Loop", PAIRED_ONCE)],
    advertises_service: false,
    gyro: true,
    counter: false,
    clock: true,
    rates_hz: &[50.0, 52.0, 200.0, 208.0, 416.0],
    highest_rate_hz: 416.0,
    delay_ms: (180, 1_250),
    live: Suits::Limited(
        "it sends 0.2 to 0.3 s of samples at a time at its fast rates, over a second of them at 50 Hz",
    ),
    cue: Cue::Nothing,
    range: "8 g, 2000 °/s (H10 and OH1: no gyroscope)",
    loss: "by the clock of each packet: no counter",
    guard: None,
    // Those whose features tell offline recording.
    logs: true,
    checked: Checked::SensorBytes,
    note: "Verity Sense for the lower back; the H10 has no gyroscope and stays on only with wet skin contact; \
           none can signal",
    begin: |wanted| AnySession::Polar(Polar::new(wanted)),
    explain: || AnyExplain::Polar(Explainer::default()),
};
