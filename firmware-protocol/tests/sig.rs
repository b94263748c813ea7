//! The SIG's services: what is reserved, missing or too long is refused.

use firmware_protocol::session::Refusal;
use firmware_protocol::sig::wire::{AlertLevel, LevelStatus, level, text};

#[test]
fn a_level_is_one_byte_of_at_most_a_hundred() {
    assert_eq!(level(&[0]), Ok(0));
    assert_eq!(level(&[100]), Ok(100));
    assert_eq!(level(&[101]), Err(Refusal::Value));
    assert_eq!(level(&[]), Err(Refusal::Length));
    assert_eq!(level(&[1, 2]), Err(Refusal::Length));
}

#[test]
fn a_status_holds_what_its_flags_say_and_nothing_else() {
    let whole =
        LevelStatus { flags: 7, power_state: 0x0023, identifier: Some(0x0102), level: Some(55), additional: Some(9) };
    let bytes = [7, 0x23, 0, 0x02, 0x01, 55, 9];
    assert_eq!((LevelStatus::parse(&bytes), whole.encode().as_slice()), (Ok(whole), &bytes[..]));
    for cut in 0..bytes.len() {
        assert_eq!(LevelStatus::parse(&bytes[..cut]), Err(Refusal::Length), "{cut}");
    }
    assert_eq!(LevelStatus::parse(&[0, 1, 0]).map(|status| status.level), Ok(None));
    assert_eq!(LevelStatus::parse(&[0, 1, 0, 5]), Err(Refusal::Length));
    assert_eq!(LevelStatus::parse(&[8, 1, 0]), Err(Refusal::Kind));
    assert_eq!(LevelStatus::parse(&[2, 1, 0, 101]), Err(Refusal::Value));
}

#[test]
fn alerts_above_high_are_reserved_and_texts_lose_their_terminator() {
    for level in [AlertLevel::None, AlertLevel::Mild, AlertLevel::High] {
        assert_eq!(AlertLevel::parse(&level.encode()), Ok(level));
    }
    assert_eq!(AlertLevel::parse(&[3]), Err(Refusal::Value));
    assert_eq!(AlertLevel::parse(&[]), Err(Refusal::Length));
    assert_eq!(text(b"CC2650 SensorTag\0\0"), Ok("CC2650 SensorTag"));
    assert_eq!(text(b""), Ok(""));
    assert_eq!(text(&[0xff]), Err(Refusal::Kind));
}
