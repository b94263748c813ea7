//! The PineTime watch with InfiniTime firmware: an accelerometer, or a wrist buzzer beside another sensor.
//!
//! It sends neither counter nor clock, and it sends only what changed: silence of up to a second means
//! "as before". Its vibration motor is reached through messages that it shows.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | bytes and their meaning, both ways |
//! | `buzzer` | rings, on this watch or on anything with an immediate alert |
//! | `session` | samples, held where nothing changed; battery |
//! | `peripheral` | the watch's side (feature `peripheral`) |
//! | `explain` | the bytes for people |
//!
//! Source: the firmware's sources, `InfiniTimeOrg/InfiniTime` (1.16.0). The examples are derived from its
//! layout; no bytes of a watch were at hand.

mod buzzer;
mod explain;
#[cfg(feature = "peripheral")]
pub mod peripheral;
mod session;
pub mod wire;

pub use buzzer::Buzzer;
pub use explain::Explainer;
pub use session::InfiniTime;

use crate::family::{AnyExplain, AnySession, Checked, Cue, Family, Suits};
use crate::session::Uuid;

/// The motion service. It is not advertised.
pub const SERVICE: Uuid = Uuid(0x0003_0000_78fc_48fe_8e23_433b_3a19_42d0);
/// Steps.
pub const STEPS: Uuid = Uuid(0x0003_0001_78fc_48fe_8e23_433b_3a19_42d0);
/// Samples.
pub const RAW: Uuid = Uuid(0x0003_0002_78fc_48fe_8e23_433b_3a19_42d0);
/// Messages that it shows: new alert, of the alert notification service.
pub const NEW_ALERT: Uuid = Uuid::sig(0x2a46);
/// What the wearer does about a call.
pub const CALL_ANSWER: Uuid = Uuid(0x0002_0001_78fc_48fe_8e23_433b_3a19_42d0);

/// What these watches are.
pub static FAMILY: Family = Family {
    id: "infinitime",
    device: "infinitime",
    name: "PineTime with InfiniTime",
    models: &["PineTime (InfiniTime 1.15 or newer)"],
    service: SERVICE,
    characteristics: &[RAW],
    accept_names: &["InfiniTime"],
    refuse_names: &[("Pinetime-JF", "this watch is in its boot loader, or has other firmware; install InfiniTime")],
    advertises_service: false,
    gyro: false,
    counter: false,
    clock: false,
    rates_hz: &[10.0],
    highest_rate_hz: 10.0,
    delay_ms: (20, 160),
    live: Suits::No("ten samples a second without a gyroscope are too few to judge a movement while it goes on"),
    cue: Cue::Vibration,
    range: "2 g",
    loss: "not to be told from \"unchanged\": it sends only what changed",
    guard: None,
    logs: false,
    checked: Checked::LayoutOnly,
    note: "best worn on the wrist as a buzzer beside another sensor; stays silent in \"do not disturb\" and sleep",
    begin: |wanted| AnySession::InfiniTime(InfiniTime::new(wanted)),
    explain: || AnyExplain::InfiniTime(Explainer),
};
