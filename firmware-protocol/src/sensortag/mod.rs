//! TI's SensorTag (CC2650STK; the CC1350 tag speaks the same): ten samples a second of acceleration and rotation.
//!
//! It sends neither counter nor clock nor checksum. Its buzzer is switched on and off by the host.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | bytes and their meaning, both ways |
//! | `session` | settings read back, samples, buzzer, battery |
//! | `peripheral` | the sensor's side (feature `peripheral`) |
//! | `explain` | the bytes for people |
//!
//! Source: TI's BLE stack 2.2.2 (sources of its SensorTag program and movement service). The examples are
//! derived from its layout; no bytes of a sensor were at hand.

mod explain;
#[cfg(feature = "peripheral")]
pub mod peripheral;
mod session;
pub mod wire;

pub use explain::Explainer;
pub use session::SensorTag;

use crate::family::{AnyExplain, AnySession, Checked, Cue, Family, Suits};
use crate::session::Uuid;

/// A UUID on the maker's base.
const fn uuid(short: u16) -> Uuid {
    Uuid(0xf000_0000_0451_4000_b000_0000_0000_0000 | (short as u128) << 96)
}

/// The movement service.
pub const SERVICE: Uuid = uuid(0xaa80);
/// Samples.
pub const DATA: Uuid = uuid(0xaa81);
/// Which axes are on, and their range.
pub const CONFIG: Uuid = uuid(0xaa82);
/// Time between samples.
pub const PERIOD: Uuid = uuid(0xaa83);
/// Lights and buzzer.
pub const IO: Uuid = uuid(0xaa65);
/// Who rules over [`IO`].
pub const IO_MODE: Uuid = uuid(0xaa66);

/// What these sensors are.
pub static FAMILY: Family = Family {
    id: "sensortag",
    device: "sensortag",
    name: "TI SensorTag",
    models: &["CC2650STK", "CC1350STK"],
    service: SERVICE,
    characteristics: &[DATA, CONFIG, PERIOD],
    accept_names: &["CC2650 SensorTag", "SensorTag 2.0", "CC1350 SensorTag"],
    refuse_names: &[("TI BLE Sensor Tag", "this is the older CC2541 tag: its motion sensors speak another form")],
    advertises_service: false,
    gyro: true,
    counter: false,
    clock: false,
    rates_hz: &[10.0],
    highest_rate_hz: 10.0,
    delay_ms: (10, 130),
    live: Suits::No("ten samples a second are too few to judge a movement while it goes on"),
    cue: Cue::Sound,
    range: "8 g, 250 °/s",
    loss: "by the deficit of rate: no counter, no clock",
    guard: None,
    logs: false,
    checked: Checked::LayoutOnly,
    note: "good enough for posture and slow bends; no longer promoted by its maker; press its button to find it",
    begin: |wanted| AnySession::SensorTag(SensorTag::new(wanted)),
    explain: || AnyExplain::SensorTag(Explainer),
};
