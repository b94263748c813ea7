//! Tells the one panic of the Bluetooth stack below us that means nothing from those that do.
//!
//! In: a panic. Out: whether it is that one. Each time a connection is made, btleplug opens a stream of messages
//! and drops it. Dropping asks the bus, in a task of its own, to forget the stream's rule, and unwraps the answer;
//! where one more message of the sensor comes in between, the rule is gone already and that task panics. The
//! connection is up by then, nothing is lost, and no call of ours can change it (bluez-async 0.9 and dbus 0.9, seen
//! once in some hundred connections).

use std::panic::PanicHookInfo;

/// Where it happens: the file of bluez-async.
const FILE: &str = "messagestream.rs";
/// What it says: the words of the crate dbus.
const WORDS: &str = "No match with that id found";

/// Whether a panic means nothing: it ended a task that had nothing left to do.
pub fn is_harmless_panic(info: &PanicHookInfo<'_>) -> bool {
    let file = info.location().map_or("", |location| location.file());
    is_that_one(file, info.payload_as_str().unwrap_or_default())
}

fn is_that_one(file: &str, words: &str) -> bool {
    file.ends_with(FILE) && words.contains(WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_rule_that_was_gone_already_is_passed_over() {
        let words = "called `Result::unwrap()` on an `Err` value: D-Bus error: No match with that id found (Failed)";
        assert!(is_that_one("bluez-async-0.9.0/src/messagestream.rs", words));
        assert!(!is_that_one("bluez-async-0.9.0/src/messagestream.rs", "D-Bus error: Disconnected"));
        assert!(!is_that_one("src/link/ble/driver.rs", words));
    }
}
