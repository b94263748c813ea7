//! Decides which events are worth disturbing someone in pain, and how often. Pure: no clock, no files.
