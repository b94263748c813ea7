//! How a hand-over went: an outcome comes in, now or later and from whatever thread, and a delivery for the
//! record comes out. An answer that is dropped says so too, so that nobody waits for it.

use super::notifier::Ticket;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Handed over, perhaps with a remark; or in calm words why not.
pub type Outcome = Result<Option<String>, String>;

/// How one channel fared with a notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The channel's name.
    pub channel: &'static str,
    /// It was handed over.
    pub delivered: bool,
    /// Why not, or a remark. Never an address or anything else that is nobody's business.
    pub detail: Option<String>,
    /// From the call of [`super::Notifier::send`] to the hand-over.
    pub delay: Duration,
}

impl Delivery {
    pub(super) fn new(channel: &'static str, outcome: Outcome, delay: Duration) -> Self {
        let (delivered, detail) = match outcome {
            Ok(remark) => (true, remark),
            Err(why) => (false, Some(why)),
        };
        Self { channel, delivered, detail, delay }
    }
}

/// Where the outcome of one hand-over goes.
#[derive(Debug)]
pub struct Answer {
    ticket: Ticket,
    channel: &'static str,
    sent: Instant,
    to: Option<Sender<(Ticket, Delivery)>>,
}

impl Answer {
    pub(super) fn new(ticket: Ticket, channel: &'static str, sent: Instant, to: Sender<(Ticket, Delivery)>) -> Self {
        Self { ticket, channel, sent, to: Some(to) }
    }

    /// When the notice was sent: what comes too late is of no use.
    pub fn sent(&self) -> Instant {
        self.sent
    }

    /// Gives the outcome.
    pub fn give(mut self, outcome: Outcome) {
        self.tell(outcome);
    }

    fn tell(&mut self, outcome: Outcome) {
        if let Some(to) = self.to.take() {
            // Nobody to tell any more is the end of the program.
            let _ = to.send((self.ticket, Delivery::new(self.channel, outcome, self.sent.elapsed())));
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.tell(Err("this channel has stopped".into()));
    }
}
