//! Settings that a sensor can be asked for: read, written only where they differ, and read back.
//!
//! For sensors that keep settings in flash or take them without a word: a setting holds when reading it says so.

use crate::att::Short;
use crate::session::{Action, Event, Moment, Uuid};

/// How often a setting is written before it is given up. Chosen by us.
const TRIES: u8 = 3;
/// How long an answer may take before it is asked for again, in ms. Chosen by us: several connection events.
const ANSWER_MS: u64 = 1_500;

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) at: Uuid,
    pub(crate) wanted: Short,
    /// What reading it told last on this connection.
    pub(crate) told: Option<Short>,
}

impl Setting {
    pub(crate) fn new(at: Uuid, wanted: &[u8]) -> Self {
        Self { at, wanted: Short::of(wanted), told: None }
    }

    /// It is as wanted.
    pub(crate) fn holds(&self) -> bool {
        self.told == Some(self.wanted)
    }
}

/// The settings of a sensor, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Setup<const N: usize> {
    pub(crate) settings: [Setting; N],
    next: usize,
    tries: u8,
    due: Option<Moment>,
}

impl<const N: usize> Setup<N> {
    pub(crate) fn new(settings: [Setting; N]) -> Self {
        Self { settings, next: N, tries: 0, due: None }
    }

    pub(crate) fn wake_at(&self) -> Option<Moment> {
        self.due
    }

    /// Takes what happened. True: with this, everything was asked and set as far as the sensor lets it.
    pub(crate) fn take(&mut self, now: Moment, event: &Event<'_>, act: &mut dyn FnMut(Action<'_>)) -> bool {
        match *event {
            Event::Connected { .. } => {
                self.settings.iter_mut().for_each(|setting| setting.told = None);
                (self.next, self.tries) = (0, 0);
                self.ask(now, act);
            }
            Event::Disconnected => (self.next, self.due) = (N, None),
            Event::Read { characteristic, bytes } if self.is_next(characteristic) => {
                let setting = &mut self.settings[self.next];
                setting.told = Some(Short::of(bytes));
                return if setting.holds() { self.go_on(now, act) } else { self.write(now, act) };
            }
            Event::Failed { characteristic } if self.is_next(characteristic) => return self.again(now, act),
            Event::Wake if self.due.is_some_and(|due| now >= due) => return self.again(now, act),
            _ => {}
        }
        false
    }

    fn is_next(&self, characteristic: Uuid) -> bool {
        self.settings.get(self.next).is_some_and(|setting| setting.at == characteristic)
    }

    fn ask(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        if let Some(setting) = self.settings.get(self.next) {
            act(Action::Read(setting.at));
            self.due = Some(now.plus_millis(ANSWER_MS));
        }
    }

    fn write(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) -> bool {
        if self.tries >= TRIES {
            return self.go_on(now, act);
        }
        self.tries += 1;
        let setting = &self.settings[self.next];
        act(Action::Write { characteristic: setting.at, bytes: setting.wanted.as_slice() });
        self.ask(now, act);
        false
    }

    /// There was no answer, or an error.
    fn again(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) -> bool {
        if self.tries >= TRIES {
            return self.go_on(now, act);
        }
        self.tries += 1;
        self.ask(now, act);
        false
    }

    fn go_on(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) -> bool {
        (self.next, self.tries, self.due) = (self.next + 1, 0, None);
        self.ask(now, act);
        self.next >= N
    }
}
