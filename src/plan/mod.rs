//! Prescriptions, sessions and adherence. Pure: no clock, no files.
