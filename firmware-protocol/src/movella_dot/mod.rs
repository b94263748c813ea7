//! Movella DOT, until 2023 Xsens DOT (both generations of hardware).
//!
//! lumbard starts the mode "rate quantities": calibrated acceleration with gravity and rotation rate, 28 bytes
//! a sample. The sensor sends its own microseconds, but neither counter nor checksum. Its numbers are `f32`,
//! and a frame holds their bits; a payload with a number that is not finite is refused.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | bytes and their meaning, both ways, of every mode that is documented |
//! | `session` | mode and rate, times, battery, reports, blinking |
//! | `explain` | payloads, settings, reports and commands taken apart for people |
//! | `peripheral` | the sensor's side (feature `peripheral`) |
//!
//! Source: the maker's user manual XD0502P, its Android guide (sizes) and sample server
//! `xsens/xsens_dot_server`; `njanssen/node-movella-dot`; captures in
//! `protobioengineering/xsens-dot-python-examples`. The captures are of other modes: this one was checked
//! against the layout, in which two programs agree.

mod explain;
#[cfg(feature = "peripheral")]
pub mod peripheral;
mod session;
pub mod wire;

pub use explain::Explainer;
pub use session::MovellaDot;

use crate::family::{AnyExplain, AnySession, Checked, Cue, Family, Suits};
use crate::session::Uuid;

const fn dot(short: u16) -> Uuid {
    Uuid(0x15170000_4947_11e9_8646_d663bd873d93 | ((short as u128) << 96))
}

/// The service of measurements.
pub const SERVICE: Uuid = dot(0x2000);
/// What the sensor is.
pub const INFO: Uuid = dot(0x1001);
/// Its settings.
pub const CONTROL: Uuid = dot(0x1002);
/// What it reports by itself.
pub const REPORT: Uuid = dot(0x1004);
/// Starts and stops.
pub const MEASUREMENT: Uuid = dot(0x2001);
/// Payloads of up to 63 bytes.
pub const LONG: Uuid = dot(0x2002);
/// Payloads of up to 40 bytes.
pub const MEDIUM: Uuid = dot(0x2003);
/// Payloads of up to 20 bytes.
pub const SHORT: Uuid = dot(0x2004);
/// Resets the heading.
pub const HEADING: Uuid = dot(0x2006);
/// Charge, and whether it is charged now.
pub const BATTERY: Uuid = dot(0x3001);

/// What these sensors are.
pub static FAMILY: Family = Family {
    id: "movella-dot",
    device: "movella-dot",
    name: "Movella DOT (Xsens DOT)",
    models: &["Movella DOT", "Xsens DOT"],
    service: SERVICE,
    characteristics: &[CONTROL, REPORT, MEASUREMENT, MEDIUM, BATTERY],
    accept_names: &["Movella DOT", "Xsens DOT"],
    refuse_names: &[],
    advertises_service: false,
    gyro: true,
    counter: false,
    clock: true,
    rates_hz: &wire::RATES_HZ,
    highest_rate_hz: 60.0,
    delay_ms: (10, 60),
    live: Suits::Well,
    cue: Cue::Light,
    range: "16 g, 2000 °/s",
    loss: "by the sensor's clock in µs: a longer step between samples",
    guard: None,
    logs: true,
    checked: Checked::LayoutOnly,
    note: "all sensors have the same name: tell them apart by address or let it blink; cannot vibrate; records at \
           120 Hz on board only. Bytes of real sensors were at hand for other modes, not for this one",
    begin: |wanted| AnySession::MovellaDot(MovellaDot::new(wanted)),
    explain: || AnyExplain::MovellaDot(Explainer::default()),
};
