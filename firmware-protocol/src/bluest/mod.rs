//! ST's BlueST protocol, version 1: SensorTile, SensorTile.box, BlueCoin, BlueTile, Nucleo stacks.
//!
//! A characteristic is a mask of features, and a notification holds them from the highest bit to the lowest,
//! behind a clock of 16 bits. How long its tick is depends on the firmware, and is found out.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | features in notifications, both ways |
//! | `advert` | what a node says of itself before it is connected |
//! | `session` | samples, the length of a tick, wraps and new starts, battery |
//! | `peripheral` | the sensor's side (feature `peripheral`) |
//! | `explain` | the bytes for people |
//!
//! Source: ST's libraries `BlueSTSDK_Python`, `BlueSTSDK_Android` and the function pack `fp-sns-stbox1`. The
//! examples are derived from its layout; no bytes of a sensor were at hand.

pub mod advert;
mod explain;
#[cfg(feature = "peripheral")]
pub mod peripheral;
mod session;
pub mod wire;

pub use explain::Explainer;
pub use session::BlueSt;

use crate::family::{AnyExplain, AnySession, Checked, Cue, Family, Suits};
use crate::session::Uuid;

/// The service of the features. It is not advertised.
pub const SERVICE: Uuid = Uuid(0x0000_0000_0001_11e1_9ab4_0002_a5d5_c51b);
/// Where switches are asked for: mask and command.
pub const COMMANDS: Uuid = Uuid(0x0000_0002_000f_11e1_ac36_0002_a5d5_c51b);
/// Characteristics that carry motion, as builds have them: with magnetometer, without, acceleration alone.
pub const MOTION: [Uuid; 3] =
    [wire::feature(wire::ACC | wire::GYR | wire::MAG), wire::feature(wire::ACC | wire::GYR), wire::feature(wire::ACC)];
/// The characteristic of the battery.
pub const BATTERY: Uuid = wire::feature(wire::BATTERY);

/// What these sensors are.
pub static FAMILY: Family = Family {
    id: "bluest",
    device: "bluest",
    name: "ST BlueST version 1",
    models: &["SensorTile.box", "SensorTile", "BlueCoin", "BlueTile", "Nucleo stacks"],
    service: SERVICE,
    // Which of the motion characteristics a node has depends on its build.
    characteristics: &[],
    accept_names: &[],
    refuse_names: &[],
    advertises_service: false,
    gyro: true,
    counter: false,
    clock: true,
    rates_hz: &[],
    highest_rate_hz: 50.0,
    delay_ms: (10, 60),
    live: Suits::Limited("its firmware sets the rate: 20 samples a second in the stock packs, which is slow"),
    cue: Cue::Nothing,
    range: "as its firmware sets it, in steps of 1 mg and 0.1 °/s",
    loss: "by its clock, which is as coarse as 8 or 10 ms",
    guard: None,
    logs: false,
    checked: Checked::LayoutOnly,
    note: "found by its manufacturer data; the first 5 s of the first connection go into learning its clock; cannot \
           vibrate; nodes with version 2 alone (JSON features) are not spoken to",
    begin: |wanted| AnySession::BlueSt(BlueSt::new(wanted)),
    explain: || AnyExplain::BlueSt(Explainer),
};
