//! MbientLab's MetaMotion boards (R, RL, S, C), with either of their motion chips.
//!
//! In come notifications of `326a9006` (answers and samples), out come samples; commands go to `326a9001`.
//! Plain streams carry neither counter nor clock, and acceleration and rotation rate come apart. So a little
//! program is put on the board: a buffer holds the newest rotation rate, a fuser puts it beside each
//! acceleration, an accounter numbers the pair. A lost packet is then a hole in that number. Boards without
//! the fuser number both streams, and the halves are put together by their numbers.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | answers and samples, both ways; the two chips |
//! | `command` | commands, both ways |
//! | `board` | what the module table tells |
//! | `pairing` | halves of a sample put together by their numbers |
//! | `session` | module discovery, clean-up, configuration, program, battery, signals, watchdog |
//! | `samples` | counters unwrapped, samples given out |
//! | `peripheral` | the sensor's side (feature `peripheral`) |
//! | `explain` | all of it in words |
//!
//! Source: repository `mbientlab/MetaWear-SDK-Cpp` (commit f67699e) and its unit tests; a capture of a board
//! in repository `brainexe/node-metawear`, issue 46.

mod board;
pub mod command;
mod explain;
mod pairing;
#[cfg(feature = "peripheral")]
pub mod peripheral;
mod samples;
mod session;
pub mod wire;

pub use explain::Explainer;
pub use session::MetaMotion;

use crate::family::{AnyExplain, AnySession, Checked, Cue, Family, Suits};
use crate::session::Uuid;

/// The service.
pub const SERVICE: Uuid = Uuid(0x326a9000_85cb_9195_d9dd_464cfbbae75a);
/// Commands to the board.
pub const COMMAND: Uuid = Uuid(0x326a9001_85cb_9195_d9dd_464cfbbae75a);
/// Answers and samples from the board.
pub const NOTIFY: Uuid = Uuid(0x326a9006_85cb_9195_d9dd_464cfbbae75a);
/// The model number of the Bluetooth SIG.
pub const MODEL: Uuid = Uuid::sig(0x2a24);
/// The battery level of the Bluetooth SIG, 0 to 100 %.
pub const BATTERY_LEVEL: Uuid = Uuid::sig(0x2a19);

/// What these boards are.
pub static FAMILY: Family = Family {
    id: "metamotion",
    device: "metamotion",
    name: "MbientLab MetaMotion",
    models: &["MetaMotionS", "MetaMotionR", "MetaMotionRL", "MetaMotionC"],
    service: SERVICE,
    characteristics: &[COMMAND, NOTIFY],
    // Owners rename them, and the service stands in the advertisement.
    accept_names: &[],
    refuse_names: &[("MetaBoot", "it waits in its boot loader; finish its firmware update with the maker's app")],
    advertises_service: true,
    gyro: true,
    counter: true,
    clock: false,
    rates_hz: &wire::RATES_HZ,
    highest_rate_hz: 100.0,
    delay_ms: (8, 60),
    live: Suits::Well,
    cue: Cue::Vibration,
    range: "8 g, 1000 °/s",
    loss: "by a counter that is put on the board",
    guard: None,
    logs: true,
    // Of a real board there is one acceleration only.
    checked: Checked::VendorExamples,
    note: "a motor is fitted only on the MetaMotionR+, and the board does not tell: try it with sensor test; \
           the others show a light",
    begin: |wanted| AnySession::MetaMotion(MetaMotion::new(wanted)),
    explain: || AnyExplain::MetaMotion(Explainer::default()),
};
