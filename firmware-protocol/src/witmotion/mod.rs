//! WitMotion's Bluetooth LE sensors (WT901BLE, WT901BLECL, BWT901BLE5.0, WT9011DCL-BT50, WT901SDCL-BT50).
//!
//! In come notifications of `ffe4`, out come samples; commands go to `ffe9`. The sensors send neither
//! counter nor clock nor checksum, so a loss shows only in the rate, and a flipped bit not at all. What
//! is promised is that each sample given out is exactly the bytes of one well-formed frame.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | bytes and their meaning, both ways |
//! | `stream` | finding the frames in notifications that split, pack or damage them |
//! | `session` | setting the rate, reading it back, battery |
//! | `explain` | frames and commands taken apart for people |
//! | `peripheral` | the sensor's side (feature `peripheral`) |
//!
//! Source: the maker's published sample programs and datasheets (repository
//! `WITMOTION/WitBluetooth_BWT901BLE5_0`, "WT901BLECL Datasheet v20-0707" §6), and the log of a
//! WT901SDCL-BT50 in repository `zhuyetuo/witmotion_imu`.

mod explain;
#[cfg(feature = "peripheral")]
pub mod peripheral;
mod session;
mod stream;
pub mod wire;

pub use explain::Explainer;
pub use session::WitMotion;
pub use stream::{Found, Stream};

use crate::family::{AnyExplain, AnySession, Checked, Cue, Family, Suits};
use crate::session::Uuid;

/// The service. Its base ends in `9a34fb`, not in the `9b34fb` of the Bluetooth SIG.
pub const SERVICE: Uuid = Uuid(0x0000ffe5_0000_1000_8000_00805f9a34fb);
/// Notifications from the sensor.
pub const DATA: Uuid = Uuid(0x0000ffe4_0000_1000_8000_00805f9a34fb);
/// Commands to the sensor.
pub const COMMAND: Uuid = Uuid(0x0000ffe9_0000_1000_8000_00805f9a34fb);

/// What these sensors are.
pub static FAMILY: Family = Family {
    id: "witmotion",
    device: "witmotion-ble",
    name: "WitMotion Bluetooth LE",
    models: &["WT9011DCL-BT50", "WT901BLECL 5.0", "WT901BLE68", "BWT901BLE5.0", "WT901SDCL-BT50"],
    service: SERVICE,
    characteristics: &[DATA, COMMAND],
    accept_names: &["WT901", "BWT901", "WTSDCL", "HWT"],
    refuse_names: &[("WTVB", "this is a vibration sensor: its numbers look alike and mean something else")],
    advertises_service: false,
    gyro: true,
    counter: false,
    clock: false,
    rates_hz: &wire::SETTABLE_HZ,
    highest_rate_hz: 200.0,
    delay_ms: (10, 60),
    live: Suits::Well,
    cue: Cue::Nothing,
    range: "16 g, 2000 °/s",
    loss: "by the deficit of rate: no counter, no clock",
    guard: None,
    logs: false,
    checked: Checked::SensorBytes,
    note: "no counter, clock or checksum: lost samples are estimated from the rate; cannot vibrate",
    begin: |wanted| AnySession::WitMotion(WitMotion::new(wanted)),
    explain: || AnyExplain::WitMotion(Explainer::default()),
};
