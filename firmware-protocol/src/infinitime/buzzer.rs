//! Rings on a watch: by a message on InfiniTime, by the immediate alert on anything else that has it.
//!
//! In: connection and signals. Out: writes. It does not stream, so a link that carries it must not take its
//! silence for a lost connection. What the watch shows is chosen by the caller, since others may see it.

use super::NEW_ALERT;
use super::wire::{Alert, CALL, SIMPLE};
use crate::session::{Action, Counts, Event, Moment, Session, Signal};
use crate::sig::wire::AlertLevel;
use crate::sig::{ALERT_LEVEL, Battery};

/// Bytes of a notification or a write that are not its value.
const ATT_OVERHEAD: usize = 3;
/// The longest write of a session ([`Action::Write`]).
const LONGEST: usize = 64;
/// What an MTU that nobody agreed on carries.
const LEAST: usize = 20;
/// What the watch shows when nothing was chosen: nothing about a back.
const DISCREET: &str = "lumbard";

/// By what it rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// A message that is shown.
    Message,
    /// The immediate alert.
    Alert,
    /// It has neither.
    Nothing,
}

/// A watch, or anything else with an alert, that is there to buzz.
#[derive(Clone, Debug)]
pub struct Buzzer {
    /// The alert's text, cut to what a write can hold.
    words: [u8; LONGEST],
    words_len: usize,
    longest: usize,
    connected: bool,
    by: By,
    /// Asked for, and not known to have failed.
    asked: Option<Signal>,
    battery: Battery,
    pub(super) counts: Counts,
}

impl Default for Buzzer {
    fn default() -> Self {
        Self::new(DISCREET)
    }
}

impl Buzzer {
    /// A buzzer that shows these words when it rings.
    pub fn new(words: &str) -> Self {
        let mut buffer = [0; LONGEST];
        // The head of the alert stands before them when they are sent.
        let len = Alert { category: SIMPLE, count: 1, title: words, body: "" }.encode(&mut buffer);
        Self {
            words: buffer,
            words_len: len,
            longest: LEAST,
            connected: false,
            by: By::Message,
            asked: None,
            battery: Battery::default(),
            counts: Counts::default(),
        }
    }

    fn ring(&self, signal: Signal, act: &mut dyn FnMut(Action<'_>)) -> bool {
        let strong = signal == Signal::Strong;
        match self.by {
            By::Message => {
                let category = if strong { CALL } else { SIMPLE };
                let title = Alert::parse(&self.words[..self.words_len]).map_or(DISCREET, |alert| alert.title);
                let mut bytes = [0; LONGEST];
                let len = Alert { category, count: 1, title, body: "" }.encode(&mut bytes[..self.longest]);
                act(Action::Write { characteristic: NEW_ALERT, bytes: &bytes[..len] });
            }
            By::Alert => {
                let level = if strong { AlertLevel::High } else { AlertLevel::Mild };
                act(Action::Write { characteristic: ALERT_LEVEL, bytes: &level.encode() });
            }
            By::Nothing => return false,
        }
        true
    }
}

impl Session for Buzzer {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        match event {
            Event::Connected { mtu } => {
                (self.connected, self.by, self.asked) = (true, By::Message, None);
                self.longest = usize::from(mtu).saturating_sub(ATT_OVERHEAD).clamp(LEAST, LONGEST);
            }
            Event::Disconnected => self.connected = false,
            // It shows no messages: the signal that was asked for goes out the other way.
            Event::Failed { characteristic: NEW_ALERT } if self.by == By::Message => {
                self.by = By::Alert;
                if let Some(signal) = self.asked.take() {
                    self.ring(signal, act);
                }
            }
            Event::Failed { characteristic: ALERT_LEVEL } => self.by = By::Nothing,
            Event::Notification { .. } | Event::Read { .. } | Event::Failed { .. } | Event::Wake => {}
        }
        self.battery.take(now, &event, &mut self.counts, act);
    }

    fn signal(&mut self, signal: Signal, act: &mut dyn FnMut(Action<'_>)) -> bool {
        self.asked = Some(signal);
        self.connected && self.ring(signal, act)
    }

    fn wake_at(&self) -> Option<Moment> {
        self.battery.wake_at()
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }
}
