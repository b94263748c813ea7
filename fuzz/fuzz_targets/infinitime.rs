//! The talk with a sensor of the family `infinitime`: see `family`.

#![no_main]

mod family;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| family::talk("infinitime", bytes));
