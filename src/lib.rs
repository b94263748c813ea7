//! `lumbard` watches a motion sensor on the lower back, and says while it happens when a bend is deep,
//! held or repeated.
//!
//! # The map
//!
//! Each line may use those above it, never those below.
//!
//! | where | what it does |
//! |---|---|
//! | [`units`], [`frames`] | plain types: quantities and three kinds of time, axes and signs |
//! | [`signal`] | turns samples into posture and movement events |
//! | [`raw`] | a source's own numbers, and the one place where they become samples |
//! | [`care`], [`plan`], [`warning`] | decide when to speak, and what was meant to be done |
//! | [`link`], [`notify`], [`store`], [`chart`], [`import`], [`export`] | each touches one thing outside |
//! | [`web`] | the local page |
//! | [`commands`] | one file for each subcommand |
//!
//! # What is absent
//!
//! * `signal`, `care`, `plan` and `warning` read no clock, no file and no network.
//! * Only `link` knows Bluetooth; only `store` knows SQLite; only `import` and `export` know file formats.
//! * Nothing leaves the machine unless someone configures it, and then only what [`notify::Outward`] holds. There is no
//!   account.
//! * No magnetometer, no heading, no twist: one sensor on the back cannot know them.
//! * No load, force or risk: a possible lift is a motion, never a weight.

pub mod care;
pub mod chart;
pub mod commands;
pub mod export;
pub mod frames;
pub mod import;
pub mod link;
pub mod notify;
pub mod plan;
pub mod raw;
pub mod signal;
pub mod store;
pub mod units;
pub mod warning;
pub mod web;
