//! A notification on the desktop of this machine: notices come in, a popup goes to the session's bus.
//!
//! A machine without a desktop is no fault: the record then says "no desktop here". Each notification
//! replaces the one before it, so that they never pile up. The text holds no pain figures and no names.

use super::answer::{Answer, Outcome};
use super::notice::{Loudness, Notice};
use super::notifier::Channel;
use super::retry::{Missed, Patience, persist, remark};
use std::time::Duration;

/// The title of every notification.
const TITLE: &str = "lumbard";
/// How long it stays, in milliseconds. Chosen by us: time to read 90 characters twice.
const SHOWN_MS: i32 = 8_000;
/// A second try, in case the desktop was just starting anew; a popup later than 3 s is about another bend.
/// Chosen by us.
const PATIENCE: Patience = Patience { waits: &[Duration::from_millis(250)], useful: Duration::from_secs(3) };
/// What the record says where there is no session bus, or nobody on it shows notifications.
const NO_DESKTOP: &str = "no desktop here";

/// Shows notices on the desktop. Slow by nature: the desktop may take up to 2 s to answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Desktop {
    /// The notification that is on the screen, to be replaced by the next.
    shown: Option<u32>,
}

impl Desktop {
    /// A desktop on which nothing is shown yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Desktop {
    fn deliver(&mut self, notice: &Notice, answer: &Answer) -> Outcome {
        if !has_session_bus() {
            return Err(NO_DESKTOP.into());
        }
        persist(PATIENCE, answer.sent(), || self.show(&notice.text)).map(remark)
    }

    /// One try.
    fn show(&mut self, text: &str) -> Result<(), Missed> {
        let mut popup = notify_rust::Notification::new();
        popup.appname(TITLE).summary(TITLE).body(text).timeout(SHOWN_MS);
        if let Some(shown) = self.shown.take() {
            popup.id(shown);
        }
        let shown = popup.show().map_err(|error| {
            tracing::debug!(%error, "the desktop did not take a notification");
            Missed::Passing(NO_DESKTOP.into())
        })?;
        #[cfg(all(unix, not(target_os = "macos")))]
        {
            self.shown = Some(shown.id());
        }
        #[cfg(not(all(unix, not(target_os = "macos"))))]
        drop(shown);
        Ok(())
    }
}

impl Channel for Desktop {
    fn name(&self) -> &'static str {
        "desktop"
    }

    fn least(&self) -> Loudness {
        Loudness::Text
    }

    fn hand_over(&mut self, notice: &Notice, answer: Answer) {
        let outcome = self.deliver(notice, &answer);
        answer.give(outcome);
    }
}

/// Whether a session bus is told of, on which a desktop may show notices. Asking the library without one would make it start a bus of its own.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn has_session_bus() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    set("DBUS_SESSION_BUS_ADDRESS").is_some()
        || set("XDG_RUNTIME_DIR").is_some_and(|folder| std::path::Path::new(&folder).join("bus").exists())
}

/// Whether there is a desktop that may show notices; here there always is.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub fn has_session_bus() -> bool {
    true
}
