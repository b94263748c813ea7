//! The talk with a sensor of the family `polar`: see `family`.

#![no_main]

mod family;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| family::talk("polar", bytes));
