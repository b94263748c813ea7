//! The talk with a sensor of the family `shimmer3r`: see `family`.

#![no_main]

mod family;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| family::talk("shimmer3r", bytes));
