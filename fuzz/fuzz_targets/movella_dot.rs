//! The talk with a sensor of the family `movella-dot`: see `family`.

#![no_main]

mod family;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| family::talk("movella-dot", bytes));
