//! What stands between this program and a radio, in the order in which one needs the other: message bus, service,
//! permission, adapter. In: this machine. Out: a check for each; the words of what is missing are the link's own.

use super::{Check, State, check};
use crate::link::ble::{self, BleError};
use std::fs;
use std::path::Path;

/// Where Linux lists its Bluetooth adapters, …
const ADAPTERS: &str = "/sys/class/bluetooth";
/// … and the switches of all its radios.
const SWITCHES: &str = "/sys/class/rfkill";
/// Names another bus than this machine's own.
const OTHER_BUS: &str = "DBUS_SYSTEM_BUS_ADDRESS";

/// The steps to a radio.
const STEPS: [&str; 4] = ["message bus", "bluetooth service", "permission", "adapter"];

/// Looks how far one gets.
pub(super) fn checks() -> Vec<Check> {
    let (step, state, words) = match ble::probe() {
        Ok(_) if is_blocked() => (
            3,
            State::Attention,
            "switched off for the whole machine, so no sensor can be found; switch it on: rfkill unblock bluetooth"
                .to_owned(),
        ),
        Ok(true) => (3, State::Fine, "it is on".to_owned()),
        Ok(false) => (3, State::Fine, "it is off, and is switched on to look for a sensor".to_owned()),
        Err(BleError::NoBus | BleError::NoService | BleError::NoAdapter) if !has_adapter() => return without_adapter(),
        Err(error) => (step_of(&error), State::Attention, error.to_string()),
    };
    let each = STEPS.into_iter().enumerate();
    each.map(|(i, name)| match i.cmp(&step) {
        std::cmp::Ordering::Less => check(name, State::Fine, fine_words(i)),
        std::cmp::Ordering::Equal => check(name, state, words.clone()),
        std::cmp::Ordering::Greater => check(name, State::NotLooked, format!("needs the {}", STEPS[step])),
    })
    .collect()
}

fn fine_words(step: usize) -> &'static str {
    ["it answers", "it is running", "this user may use it"].get(step).copied().unwrap_or_default()
}

/// The step at which something is missing.
fn step_of(error: &BleError) -> usize {
    match error {
        BleError::NoBus => 0,
        BleError::NoService => 1,
        BleError::Denied => 2,
        _ => 3,
    }
}

/// A machine without an adapter can still replay and simulate, and needs none of the rest.
fn without_adapter() -> Vec<Check> {
    let rest = STEPS[..3].iter().map(|&name| check(name, State::NotLooked, "not needed without an adapter"));
    let adapter = check(
        STEPS[3],
        State::NotHere,
        "no adapter on this machine; plug one in, or go without: --source simulate:7 or --source replay:FILE",
    );
    rest.chain([adapter]).collect()
}

/// Whether the radio may be elsewhere than on this machine, or this system has no such lists.
fn is_elsewhere() -> bool {
    !cfg!(target_os = "linux") || std::env::var_os(OTHER_BUS).is_some()
}

/// Whether the system lists an adapter. Where there is no such list, there may be one.
fn has_adapter() -> bool {
    is_elsewhere() || fs::read_dir(ADAPTERS).is_ok_and(|mut adapters| adapters.next().is_some())
}

/// Whether a switch of the machine, such as flight mode, keeps every adapter off.
fn is_blocked() -> bool {
    let switches = fs::read_dir(SWITCHES).into_iter().flatten().flatten().map(|entry| entry.path());
    let says = |switch: &Path, what: &str, word: &str| {
        fs::read_to_string(switch.join(what)).is_ok_and(|text| text.trim() == word)
    };
    let mut bluetooth = switches.filter(|switch| says(switch, "type", "bluetooth")).peekable();
    !is_elsewhere()
        && bluetooth.peek().is_some()
        && bluetooth.all(|switch| says(&switch, "soft", "1") || says(&switch, "hard", "1"))
}
