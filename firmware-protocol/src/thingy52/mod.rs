//! Nordic's Thingy:52 (nRF6936): acceleration, rotation rate and magnetic field in one notification.
//!
//! It sends neither counter nor clock nor checksum, and drops notifications without a trace when its radio
//! queue is full. Settings are kept in flash, so they are written only where they differ.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | bytes and their meaning, both ways |
//! | `session` | settings, samples, tones, battery |
//! | `peripheral` | the sensor's side (feature `peripheral`) |
//! | `explain` | the bytes for people |
//!
//! Source: the maker's firmware `NordicSemiconductor/Nordic-Thingy52-FW` (version 2.2). The examples are derived
//! from its layout; no bytes of a sensor were at hand.

mod explain;
#[cfg(feature = "peripheral")]
pub mod peripheral;
mod session;
pub mod wire;

pub use explain::Explainer;
pub use session::Thingy52;

use crate::family::{AnyExplain, AnySession, Checked, Cue, Family, Suits};
use crate::session::Uuid;

/// A UUID on the maker's base.
const fn uuid(short: u16) -> Uuid {
    Uuid(0xef68_0000_9b35_4933_9b10_52ff_a974_0042 | (short as u128) << 96)
}

/// The configuration service, which it advertises.
pub const SERVICE: Uuid = uuid(0x0100);
/// Its name, up to 10 bytes.
pub const NAME: Uuid = uuid(0x0101);
/// Connection parameters.
pub const CONNECTION: Uuid = uuid(0x0104);
/// Firmware version, three bytes.
pub const FIRMWARE: Uuid = uuid(0x0107);
/// Light.
pub const LED: Uuid = uuid(0x0301);
/// Button.
pub const BUTTON: Uuid = uuid(0x0302);
/// Motion settings.
pub const MOTION: Uuid = uuid(0x0401);
/// Taps.
pub const TAP: Uuid = uuid(0x0402);
/// Which side is up.
pub const ORIENTATION: Uuid = uuid(0x0403);
/// Quaternion.
pub const QUATERNION: Uuid = uuid(0x0404);
/// Steps.
pub const STEPS: Uuid = uuid(0x0405);
/// Samples.
pub const RAW: Uuid = uuid(0x0406);
/// Euler angles.
pub const EULER: Uuid = uuid(0x0407);
/// Rotation matrix.
pub const MATRIX: Uuid = uuid(0x0408);
/// Heading.
pub const HEADING: Uuid = uuid(0x0409);
/// Gravity.
pub const GRAVITY: Uuid = uuid(0x040a);
/// What speaker and microphone do.
pub const SOUND: Uuid = uuid(0x0501);
/// What the speaker plays.
pub const SPEAKER: Uuid = uuid(0x0502);
/// What became of it.
pub const SPEAKER_STATUS: Uuid = uuid(0x0503);

/// What these sensors are.
pub static FAMILY: Family = Family {
    id: "thingy52",
    device: "thingy52",
    name: "Nordic Thingy:52",
    models: &["Thingy:52 (nRF6936)"],
    service: SERVICE,
    characteristics: &[MOTION, RAW],
    accept_names: &["Thingy"],
    refuse_names: &[("Thingy:53", "this is a Thingy:53: another sensor, with services of its own")],
    advertises_service: true,
    gyro: true,
    counter: false,
    clock: false,
    rates_hz: &[],
    highest_rate_hz: wire::AIR_HZ,
    delay_ms: (10, 60),
    live: Suits::Limited("2 g at most, and samples that its radio queue drops leave no trace"),
    cue: Cue::Sound,
    range: "2 g, 1023 °/s on the air",
    loss: "by the deficit of rate: no counter, no clock",
    guard: None,
    logs: false,
    checked: Checked::LayoutOnly,
    note: "can be set up to 200 Hz, but about 65 notifications a second arrive then; stops advertising after 180 s \
           until it is pressed or moved; bulky on bare skin",
    begin: |wanted| AnySession::Thingy52(Thingy52::new(wanted)),
    explain: || AnyExplain::Thingy52(Explainer),
};
