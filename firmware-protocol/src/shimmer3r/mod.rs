//! Shimmer3R, a research sensor: commands and samples as one stream of bytes through two characteristics.
//!
//! Samples carry a clock of 24 bits. Nothing guards them, and notifications may split or join them, so a
//! sample counts only once the one after it stands where it must.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | commands, replies and samples, both ways |
//! | `stream` | finding the samples in notifications that split and join them |
//! | `session` | stop, rate, sensors, inquiry, start; samples |
//! | `peripheral` | the sensor's side (feature `peripheral`) |
//! | `explain` | the bytes for people |
//!
//! Source: the maker's libraries `ShimmerEngineering/webBLEDemos` and `ShimmerEngineering/Shimmer-C-API`. The
//! examples are derived from their layout; no bytes of a sensor were at hand.

mod explain;
#[cfg(feature = "peripheral")]
pub mod peripheral;
mod session;
mod stream;
pub mod wire;

pub use explain::Explainer;
pub use session::Shimmer3r;
pub use stream::{Found, Stream, Window};

use crate::family::{AnyExplain, AnySession, Checked, Cue, Family, Suits};
use crate::session::Uuid;

/// The serial service. Unrelated products with the same radio module have it too.
pub const SERVICE: Uuid = Uuid(0x6533_3333_a115_11e2_9e9a_0800_200c_a100);
/// From the sensor. One program of the maker uses [`TO`] both ways, so that is tried where this is not there.
pub const FROM: Uuid = Uuid(0x6533_3333_a115_11e2_9e9a_0800_200c_a101);
/// To the sensor.
pub const TO: Uuid = Uuid(0x6533_3333_a115_11e2_9e9a_0800_200c_a102);

/// What these sensors are.
pub static FAMILY: Family = Family {
    id: "shimmer3r",
    device: "shimmer3r",
    name: "Shimmer3R",
    models: &["Shimmer3R"],
    service: SERVICE,
    characteristics: &[TO],
    accept_names: &["Shimmer3R-"],
    refuse_names: &[("Shimmer3-", "this is the older Shimmer3, which is made for Bluetooth Classic")],
    advertises_service: true,
    gyro: true,
    counter: false,
    clock: true,
    rates_hz: &[],
    // Chosen by us: 3.2 kB a second, which a common connection interval carries.
    highest_rate_hz: 200.0,
    delay_ms: (20, 80),
    live: Suits::Well,
    cue: Cue::Nothing,
    range: "as it was set with its maker's program, up to 16 g and 4000 °/s",
    loss: "by its clock: the time between samples is known exactly",
    guard: None,
    logs: true,
    checked: Checked::LayoutOnly,
    note: "cannot vibrate; its factory calibration is not read, so rotation is up to 2 % off; each sample waits for the \
           next one as its proof; it records on its card by itself",
    begin: |wanted| AnySession::Shimmer3r(Shimmer3r::new(wanted)),
    explain: || AnyExplain::Shimmer3r(Explainer::default()),
};
