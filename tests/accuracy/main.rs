//! Holds the detectors against people's recordings with ground truth, and says what was measured beside
//! what is wanted.
//!
//! The recordings are no part of the project. They are looked for in `../shared/data` beside it, or
//! where `LUMBARD_RECORDINGS` points. A set that is absent is skipped with a loud line; with
//! `LUMBARD_REQUIRE_DATA=1` its absence is a failure.
//!
//! ```text
//! cargo test --release --test accuracy
//! ```
//!
//! The figures are also in `data/accuracy.md`, which `LUMBARD_BLESS=1` writes and every run without it is held to.
//!
//! One file for each set of recordings; `common` finds, reads and compares. Each figure is printed
//! beside its *bar*, the aim, and is asserted against its *floor*, what has been reached and must not
//! be lost.

mod broad;
mod common;
mod gait;
mod hapt;
mod judged;
mod mhad;
mod mounting;
#[path = "../common/page.rs"]
mod page;
mod sisfall;
mod slip;
