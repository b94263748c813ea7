//! Services of the Bluetooth SIG that many sensors have: battery, device information, immediate alert.
//!
//! No family of its own: nothing here carries samples. Families take their battery from here, and `explain`
//! takes the bytes apart under the word [`DEVICE`].
//!
//! | file | holds |
//! |---|---|
//! | `wire` | bytes and their meaning, both ways |
//! | `battery` | the level, read now and then, for any session |
//! | `explain` | the same bytes for people |
//!
//! Source: the Bluetooth SIG's lists of services and characteristics; not checked against a sensor's bytes.

mod battery;
mod explain;
pub mod wire;

pub(crate) use battery::Battery;
pub use explain::Explainer;

use crate::session::Uuid;

/// The word under which these services are taken apart.
pub const DEVICE: &str = "sig";
/// Battery service.
pub const BATTERY_SERVICE: Uuid = Uuid::sig(0x180f);
/// Battery level, 0 to 100 %.
pub const BATTERY_LEVEL: Uuid = Uuid::sig(0x2a19);
/// Battery level status: power state beside the level.
pub const BATTERY_STATUS: Uuid = Uuid::sig(0x2bed);
/// Device information service.
pub const DEVICE_INFORMATION: Uuid = Uuid::sig(0x180a);
/// Immediate alert service.
pub const IMMEDIATE_ALERT: Uuid = Uuid::sig(0x1802);
/// Alert level, of the immediate alert and of the link loss service. Written without response.
pub const ALERT_LEVEL: Uuid = Uuid::sig(0x2a06);
/// Texts of the device information service, and what each says.
pub const TEXTS: [(Uuid, &str); 6] = [
    (Uuid::sig(0x2a24), "model"),
    (Uuid::sig(0x2a25), "serial"),
    (Uuid::sig(0x2a26), "firmware"),
    (Uuid::sig(0x2a27), "hardware"),
    (Uuid::sig(0x2a28), "software"),
    (Uuid::sig(0x2a29), "maker"),
];
/// System id, 8 bytes.
pub const SYSTEM_ID: Uuid = Uuid::sig(0x2a23);
/// PnP id, 7 bytes.
pub const PNP_ID: Uuid = Uuid::sig(0x2a50);
