//! Brings a signal to a person: one file for each channel.
