//! Tells whoever started the program how it is: READY, WATCHDOG, STATUS and STOPPING for systemd, as datagrams to
//! the socket that `NOTIFY_SOCKET` names. In: how the service is. Out: those messages; nothing where nobody asked.

use super::service::Now;
use crate::web::live::link_words;
use sd_notify::NotifyState;

/// The service manager, if there is one.
#[derive(Debug, Default)]
pub(super) struct Supervisor {
    listens: bool,
    told: String,
}

/// Where systemd says that it wants to know.
const SOCKET: &str = "NOTIFY_SOCKET";

impl Supervisor {
    /// The one that started this program; nobody, where it was started by hand.
    pub(super) fn of_environment() -> Self {
        Self { listens: std::env::var_os(SOCKET).is_some(), told: String::new() }
    }

    fn tell(&mut self, state: &[NotifyState<'_>]) {
        if self.listens
            && let Err(error) = sd_notify::notify(state)
        {
            // It will not hear the next one either, and ends the program if it was to be watched.
            tracing::warn!(%error, "the service manager could not be told");
        }
    }

    /// What it does before it is ready.
    pub(super) fn starting(&mut self, words: &str) {
        self.tell(&[NotifyState::Status(words)]);
    }

    /// The store is open, the page is up, and samples are taken from now on.
    pub(super) fn ready(&mut self) {
        self.tell(&[NotifyState::Ready]);
    }

    /// The loop that does the work has come round again.
    pub(super) fn alive(&mut self) {
        self.tell(&[NotifyState::Watchdog]);
    }

    /// How it is, in a line; told when it has changed.
    pub(super) fn status(&mut self, now: &Now) {
        if !self.listens {
            return;
        }
        let watching = match &now.armed {
            Ok(()) => now.locale.phrases().page.watching.to_string(),
            Err(reasons) => reasons.first().map(|why| why.words(now.locale, &now.zone)).unwrap_or_default(),
        };
        let line = format!("{} {watching}", link_words(&now.status, now.locale));
        if line != self.told {
            self.tell(&[NotifyState::Status(&line)]);
            self.told = line;
        }
    }

    /// It ends in order.
    pub(super) fn stopping(&mut self) {
        self.tell(&[NotifyState::Stopping]);
    }
}
