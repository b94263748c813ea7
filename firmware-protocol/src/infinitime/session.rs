//! The talk with a watch: samples, held for a while where nothing changed, and the buzzer.
//!
//! The firmware notifies only what changed, so that a missing notification says "as before". Within a second
//! the last sample is given out again, ten times a second; after that nobody knows any more.

use super::{Buzzer, RAW, wire};
use crate::session::{Action, Counts, Event, Format, Frame, Moment, Refusal, Scale, Session, Signal, Wanted, earliest};

/// Time between samples, in ms.
const EVERY_MS: u64 = 100;
/// A sample may be this late before it counts as unchanged, in ms. Chosen by us: a slow connection interval.
const LATE_MS: u64 = 60;
/// How long the last sample is held, in ms. Chosen by us: ten samples.
const HOLD_MS: u64 = 1_000;

/// A sample that may still hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    counts: [i16; 3],
    came: Moment,
    due: Moment,
}

/// A session with one watch.
#[derive(Clone, Debug, Default)]
pub struct InfiniTime {
    buzzer: Buzzer,
    told: bool,
    held: Option<Held>,
}

impl InfiniTime {
    /// A session. Whatever is wanted, the watch sends ten samples a second at most.
    pub fn new(_: Wanted) -> Self {
        Self::default()
    }

    /// Shows these words when it rings.
    #[must_use]
    pub fn with_words(self, words: &str) -> Self {
        Self { buzzer: Buzzer::new(words), ..self }
    }

    fn sample(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        // Whatever came, it is not as before.
        self.held = None;
        let Some(counts) = wire::sample(bytes) else {
            return self.buzzer.counts.refuse(Refusal::Length, bytes.len(), act);
        };
        if !self.told {
            return self.buzzer.counts.refuse(Refusal::Early, bytes.len(), act);
        }
        self.buzzer.counts.frames += 1;
        give(counts, act);
        self.held = Some(Held { counts, came: now, due: now.plus_millis(EVERY_MS + LATE_MS) });
    }

    /// Nothing came: it is as before, or no longer known.
    fn hold(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        let Some(held) = self.held.as_mut().filter(|held| now >= held.due) else { return };
        if now > held.came.plus_millis(HOLD_MS) {
            self.held = None;
            return;
        }
        held.due = now.plus_millis(EVERY_MS);
        give(held.counts, act);
    }
}

fn give(counts: [i16; 3], act: &mut dyn FnMut(Action<'_>)) {
    let clipped = wire::is_clipped(counts);
    act(Action::Frame(Frame { seq: None, ticks: None, acc: counts.map(i32::from), gyr: [0; 3], clipped }));
}

impl Session for InfiniTime {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        match event {
            Event::Connected { .. } => {
                if !self.told {
                    self.told = true;
                    let acc = Scale::Counts { full_scale: 1.0, full_count: wire::PER_G };
                    act(Action::Format(Format { acc, gyr: None, rate_hz: wire::RATE_HZ, tick_s: None }));
                }
                act(Action::Subscribe(RAW));
            }
            Event::Disconnected => self.held = None,
            Event::Notification { characteristic: RAW, bytes } => self.sample(now, bytes, act),
            Event::Wake => self.hold(now, act),
            Event::Notification { .. } | Event::Read { .. } | Event::Failed { .. } => {}
        }
        self.buzzer.handle(now, event, act);
    }

    fn signal(&mut self, signal: Signal, act: &mut dyn FnMut(Action<'_>)) -> bool {
        self.buzzer.signal(signal, act)
    }

    fn wake_at(&self) -> Option<Moment> {
        earliest([self.buzzer.wake_at(), self.held.map(|held| held.due)])
    }

    fn counts(&self) -> &Counts {
        self.buzzer.counts()
    }
}
