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

mod desktop;
mod notice;
mod notifier;
mod page;
mod sensor;
mod terminal;

pub use desktop::{Desktop, has_session_bus};
pub use notice::{Loudness, Notice, NoticeKind};
pub use notifier::{Channel, Delivery, Notifier, Ticket};
pub use page::Page;
pub use sensor::{Buzz, SensorBuzz};
pub use terminal::Terminal;
