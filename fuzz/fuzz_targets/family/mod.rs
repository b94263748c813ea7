//! Any bytes, read as the talk with a sensor of one family: connections that come and go, answers, notifications,
//! failures, time that passes, signals asked for. The same bytes go through what takes them apart for people.
//! Nothing may panic; no sample may come before its format is known; counter and clock may only go on, unless the
//! sensor started anew.
//!
//! `tests/hostile.rs` of the wire crate says that every sample is that of one whole frame; here only its order is
//! known. How to run a target: see
//! `monitor.rs`; `--no-default-features` leaves the rest of the program out.

use firmware_protocol::explain::{Explain, Tell, Value, Way};
use firmware_protocol::family::{FAMILIES, Family};
use firmware_protocol::session::{Action, Event, Frame, Moment, Session, Signal, Uuid, Wanted};

/// Where the session listens, reads and writes, as far as it said so.
struct Places(Vec<Uuid>);

impl Places {
    fn note(&mut self, place: Uuid) {
        if !self.0.contains(&place) {
            self.0.push(place);
        }
    }
    fn pick(&self, byte: u8) -> Uuid {
        self.0.get(usize::from(byte) % self.0.len().max(1)).copied().unwrap_or(Uuid::sig(u16::from(byte)))
    }
}

/// What must hold of everything the session gives out.
#[derive(Default)]
struct Given {
    format: bool,
    newest: Option<Frame>,
    frames: u64,
}

impl Given {
    fn take(&mut self, action: &Action<'_>, places: &mut Places) {
        match action {
            Action::Subscribe(place) | Action::Read(place) | Action::Write { characteristic: place, .. } => {
                places.note(*place);
            }
            Action::Format(format) => {
                assert!(format.rate_hz > 0.0 && format.rate_hz.is_finite(), "{format:?}");
                self.format = true;
            }
            Action::Restarted => self.newest = None,
            Action::Frame(frame) => {
                assert!(self.format, "a sample before its format");
                let before = self.newest.replace(*frame);
                let later = |new: Option<u64>, old: Option<u64>| new.zip(old).is_none_or(|(new, old)| new >= old);
                if let Some(before) = before {
                    assert!(later(frame.seq, before.seq), "the counter went back: {before:?}, {frame:?}");
                    assert!(later(frame.ticks, before.ticks), "the clock went back: {before:?}, {frame:?}");
                }
                self.frames += 1;
            }
            _ => {}
        }
    }
}

/// Listens to explanations and keeps nothing.
struct Deaf;

impl Tell for Deaf {
    fn value(&mut self, _: &'static str, _: Value<'_>) {}
    fn list(&mut self, _: &'static str) {}
    fn entry(&mut self) {}
    fn group(&mut self, _: &'static str) {}
    fn end(&mut self) {}
}

/// Plays the bytes to a session of the family under this word.
pub fn talk(id: &str, bytes: &[u8]) {
    let family: &Family = FAMILIES.iter().find(|family| family.id == id).expect("a family of this crate");
    let mut session = family.session(Wanted { rate_hz: 100.0 });
    let mut explainer = (family.explain)();
    let mut places = Places(family.characteristics.to_vec());
    let mut given = Given::default();
    let mut now = Moment(0);
    let mut rest = bytes;
    while let [what, place, length, after @ ..] = rest {
        let at = places.pick(*place);
        let (message, later) = after.split_at(usize::from(*length).min(after.len()));
        // Most of a talk is notifications, so most bytes mean one.
        let (event, used) = match what % 16 {
            0 => (Some(Event::Connected { mtu: 23 + u16::from(*length) }), false),
            1 => (Some(Event::Disconnected), false),
            2 => (Some(Event::Failed { characteristic: at }), false),
            3 => {
                now = now.plus_millis(u64::from(*length) * u64::from(*length));
                (Some(Event::Wake), false)
            }
            4 => (None, false),
            5..=7 => (Some(Event::Read { characteristic: at, bytes: message }), true),
            _ => (Some(Event::Notification { characteristic: at, bytes: message }), true),
        };
        let mut act = |action: Action<'_>| given.take(&action, &mut places);
        match event {
            Some(event) => session.handle(now, event, &mut act),
            None => {
                let signal = [Signal::Strong, Signal::Soft, Signal::Identify][usize::from(*length) % 3];
                session.signal(signal, &mut act);
            }
        }
        if used {
            for way in [Way::FromSensor, Way::ToSensor] {
                // What cannot be taken apart is refused with the reason; that is right too.
                let _ = explainer.message(way, at, message, &(), &mut Deaf);
            }
        }
        now = now.plus_millis(u64::from(what >> 4));
        rest = if used { later } else { after };
    }
    assert!(session.counts().frames <= given.frames, "a sample was counted that nobody got");
}
