//! What a session would write to give a signal. In: a session, a signal. Out: the writes, in order.

use firmware_protocol::family::AnySession;
use firmware_protocol::session::{Action, Session, Signal, Uuid};

/// What the record says of a sensor without motor and sounder.
pub(super) const NO_WAY: &str = "it can neither vibrate nor sound";

/// A write that a signal needs.
pub(super) type Write = (Uuid, Vec<u8>);

/// Asks for a signal. Some sensors take several writes for one, and only in this order; none: it has nothing to
/// signal with.
pub(super) fn writes(session: &mut AnySession, signal: Signal) -> Vec<Write> {
    let mut writes = Vec::new();
    session.signal(signal, &mut |action| {
        if let Action::Write { characteristic, bytes } = action {
            writes.push((characteristic, bytes.to_vec()));
        }
    });
    writes
}

/// Whether the session would give this signal now. Its family alone does not tell: a motor is not fitted on every
/// board of a kind.
pub(super) fn can(session: &AnySession, signal: Signal) -> bool {
    session.clone().signal(signal, &mut |_| {})
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_protocol::family::FAMILIES;
    use firmware_protocol::metamotion;
    use firmware_protocol::metamotion::peripheral::{Peripheral, S};
    use firmware_protocol::session::{Event, Moment, Wanted};

    fn nothing(_: Action<'_>) {}

    /// A session with a board, set up as far as it goes.
    fn with_a_board() -> AnySession {
        let mut board = Peripheral::new(S);
        let mut session = metamotion::FAMILY.session(Wanted { rate_hz: 100.0 });
        let mut asked = Vec::new();
        let keep = |action: Action<'_>, asked: &mut Vec<(Uuid, Option<Vec<u8>>)>| match action {
            Action::Write { characteristic, bytes } => asked.push((characteristic, Some(bytes.to_vec()))),
            Action::Read(characteristic) => asked.push((characteristic, None)),
            _ => {}
        };
        session.handle(Moment(0), Event::Connected { mtu: 247 }, &mut |action| keep(action, &mut asked));
        // Until the board has nothing left to answer: it streams from then on.
        while !asked.is_empty() {
            for (characteristic, bytes) in std::mem::take(&mut asked) {
                let mut answers = Vec::new();
                match bytes {
                    Some(bytes) => {
                        board.write(&bytes, &mut |answer| answers.push(answer.to_vec()));
                    }
                    None if characteristic == metamotion::MODEL => {
                        let event = Event::Read { characteristic, bytes: board.model().as_bytes() };
                        session.handle(Moment(0), event, &mut |action| keep(action, &mut asked));
                    }
                    None => {}
                }
                for bytes in answers {
                    let event = Event::Notification { characteristic: metamotion::NOTIFY, bytes: &bytes };
                    session.handle(Moment(0), event, &mut |action| keep(action, &mut asked));
                }
            }
        }
        session
    }

    #[test]
    fn a_signal_that_takes_three_writes_gives_them_in_their_order() {
        let mut session = with_a_board();
        let written = writes(&mut session, Signal::Identify);
        let registers: Vec<&[u8]> = written.iter().map(|(_, bytes)| &bytes[..2]).collect();
        // The light is stopped, given its pattern, and played.
        assert_eq!(registers, [[2, 2], [2, 3], [2, 1]], "{written:02x?}");
    }

    #[test]
    fn what_cannot_be_given_is_not_promised() {
        for family in FAMILIES {
            let mut session = family.session(Wanted { rate_hz: 50.0 });
            session.handle(Moment(0), Event::Wake, &mut nothing);
            for signal in [Signal::Strong, Signal::Soft, Signal::Identify] {
                // Nothing is connected, so nothing is felt.
                assert!(!can(&session, signal), "{}", family.id);
                assert_eq!(writes(&mut session, signal), [], "{}", family.id);
            }
        }
    }
}
