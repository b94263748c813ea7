//! Episode clock, check-ins, red flags and guidance. Pure: no clock, no files.
