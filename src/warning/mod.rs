//! Decides which events are worth disturbing someone in pain, and how often. Pure: no clock, no files.
//!
//! Live judgements ([`crate::signal::Tick`]) and finished events come in, with what is known besides
//! them ([`Context`]); out comes a [`Verdict`] for every signal, sent or withheld, with its value, its
//! threshold and the reason. Bringing a signal to a person is left to `notify`, keeping it to `store`,
//! its words to `care::messages`.
//!
//! | file | holds |
//! |---|---|
//! | [`params`] | every threshold with unit and origin |
//! | [`warner`] | the four rules W1 to W4, run on ticks and events |
//! | [`hold`] | how long the trunk has been held, and how much of the limit that is |
//! | [`budget`] | spacing and the hourly limit |
//! | [`arming`] | whether signals may be given, else why not |
//! | [`learning`] | what "not helpful" leads to: the offer of a higher threshold |
//! | [`calibration`] | when a calibration is stale, and when walking offers to refresh it |
//! | [`upright`] | where upright is while walking, and what follows |
//! | [`signal`] | what a signal is, sent or withheld |
//! | [`rehearsal`] | what would have been said, for `analyze --acute` |

pub mod arming;
pub mod budget;
pub mod calibration;
pub mod hold;
pub mod learning;
pub mod params;
pub mod rehearsal;
pub mod signal;
pub mod upright;
pub mod warner;

pub use arming::{Context, QuietHours, Reason, armed};
pub use calibration::{AWAY_LIMIT, CalibrationWatch, Freshness, Moved, StaleCause};
pub use learning::Thresholds;
pub use params::WarningParams;
pub use rehearsal::Rehearsal;
pub use signal::{Measured, Outcome, Signal, Verdict};
pub use upright::{Advice, UprightCheck};
pub use warner::{Warner, WarnerState};

#[cfg(test)]
mod scenarios;
