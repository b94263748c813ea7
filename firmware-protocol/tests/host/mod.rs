//! A host with a session and a sensor's side, and the link between them: for the tests of single families.
// Each test uses its part of this.
#![allow(dead_code)]

use firmware_protocol::session::{Action, Event, Frame, Moment, Session, Signal, Uuid};

/// What a sensor does about an action.
pub(crate) enum Answer {
    Value(Uuid, Vec<u8>),
    Notification(Uuid, Vec<u8>),
    Failed(Uuid),
}

/// A host that is connected, or not, to a sensor.
pub(crate) struct Host<S, D> {
    pub(crate) session: S,
    pub(crate) sensor: D,
    answer: fn(&mut D, &Action<'_>) -> Option<Answer>,
    pub(crate) now_ms: u64,
    pub(crate) frames: Vec<Frame>,
    /// Subscriptions, reads and writes.
    pub(crate) asked: Vec<String>,
    /// Everything else that was neither a frame nor a refusal.
    pub(crate) told: Vec<String>,
}

impl<S: Session, D> Host<S, D> {
    pub(crate) fn new(session: S, sensor: D, answer: fn(&mut D, &Action<'_>) -> Option<Answer>) -> Self {
        Self { session, sensor, answer, now_ms: 0, frames: Vec::new(), asked: Vec::new(), told: Vec::new() }
    }

    pub(crate) fn connect(&mut self) {
        self.event(Event::Connected { mtu: 247 });
    }

    /// An event, and everything that follows from it at once.
    pub(crate) fn event(&mut self, event: Event<'_>) {
        let mut answers = Vec::new();
        let now = Moment(self.now_ms * 1_000_000);
        let Self { session, sensor, answer, frames, asked, told, .. } = self;
        session.handle(now, event, &mut |action| {
            answers.extend(answer(sensor, &action));
            match action {
                Action::Frame(frame) => frames.push(frame),
                Action::Subscribe(_) | Action::Read(_) | Action::Write { .. } => asked.push(short(&action)),
                Action::Refused { .. } => {}
                other => told.push(format!("{other:?}")),
            }
        });
        for answer in answers {
            match answer {
                Answer::Value(characteristic, bytes) => self.event(Event::Read { characteristic, bytes: &bytes }),
                Answer::Notification(characteristic, bytes) => self.notify(characteristic, &bytes),
                Answer::Failed(characteristic) => self.event(Event::Failed { characteristic }),
            }
        }
    }

    pub(crate) fn notify(&mut self, characteristic: Uuid, bytes: &[u8]) {
        self.event(Event::Notification { characteristic, bytes });
    }

    /// Lets this much time pass, with every waking.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        while let Some(due) = self.session.wake_at().map(|due| due.0.div_ceil(1_000_000)).filter(|due| *due <= end) {
            self.now_ms = self.now_ms.max(due);
            self.event(Event::Wake);
        }
        self.now_ms = end;
    }

    /// Asks for a signal; gives what is written at once.
    pub(crate) fn signal(&mut self, signal: Signal) -> Vec<String> {
        let mut written = Vec::new();
        let Self { session, sensor, answer, .. } = self;
        let able = session.signal(signal, &mut |action| {
            written.push(short(&action));
            answer(sensor, &action);
        });
        assert_eq!(able, !written.is_empty());
        written
    }
}

/// An action in short: what, the third and fourth byte of the UUID, and the bytes.
fn short(action: &Action<'_>) -> String {
    let at = |uuid: Uuid| uuid.to_string()[4..8].to_owned();
    match *action {
        Action::Subscribe(uuid) => format!("subscribe {}", at(uuid)),
        Action::Read(uuid) => format!("read {}", at(uuid)),
        Action::Write { characteristic, bytes } => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{} <- {hex}", at(characteristic))
        }
        _ => format!("{action:?}"),
    }
}
