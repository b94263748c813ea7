//! Brings a signal to a person: one file for each channel.
//!
//! Notices come in; on every channel that is open they are handed over, and how that went comes out for
//! the record. Nothing here ever waits on the way of a sample: channels that may be slow have a thread
//! of their own, and what they say is fetched later by [`Notifier::finished`]. Whether to speak at all
//! was decided by `warning`.
//!
//! | channel | where it is noticed |
//! |---|---|
//! | `terminal` | a line and a bell where the program was started |
//! | `desktop` | a notification on the desktop of this machine |
//! | `page` | the local page, wherever it is open |
//! | `sensor` | a buzz of the sensor itself, if it can |
//! | `wrist` | a buzz of a watch, beside a sensor that may not be able to |
//! | `webhook` | a web address that the wearer gave; leaves the machine |
//! | `mqtt` | a topic on a broker that the wearer gave; leaves the machine (cargo feature `mqtt`) |
//!
//! Each is tried again in its own way, within its own bound:
//!
//! | channel | tries | no more after |
//! |---|---|---|
//! | `sensor`, `wrist` | every 0.1 s ([`crate::link::ble`]) | 1 s: a late buzz is worse than none |
//! | `desktop` | two | 3 s |
//! | `webhook`, `mqtt` | three | 60 s |
//! | `page` | a page that is open has it at once; one that is not loses nothing it would show | - |
//! | `terminal` | one: a line that cannot be written will not be later | - |
//!
//! What leaves the machine is [`Outward`], and never anything else.

mod address;
mod answer;
mod choices;
mod desktop;
#[cfg(feature = "mqtt")]
mod mqtt;
mod notice;
mod notifier;
mod outward;
mod page;
mod retry;
mod sensor;
mod terminal;
mod webhook;

pub use address::{MqttAddress, WebhookAddress};
pub use answer::{Answer, Delivery, Outcome};
pub use choices::{CHANNELS, Choices, HAS_MQTT, MQTT, OFF, WEBHOOK};
pub use desktop::{Desktop, has_session_bus};
#[cfg(feature = "mqtt")]
pub use mqtt::Mqtt;
pub use notice::{Loudness, Notice, NoticeKind};
pub use notifier::{Channel, NOT_YET, Notifier, Ticket};
pub use outward::{Outward, Wording, discreet_line};
pub use page::Page;
pub use sensor::{Buzz, Felt, SensorBuzz};
pub use terminal::Terminal;
pub use webhook::Webhook;
