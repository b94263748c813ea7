//! Turns IMU samples into posture and movement events. No I/O, no clock, no allocation per sample.
//!
//! Samples and the passing of time come in through [`Monitor::push`], judgements go out through the
//! closure given to it. Live, replayed, imported and simulated samples all run through the same code,
//! so a bug report is a recording. The state is plain data: clone it anywhere in a recording, go on
//! from the clone, and the same events follow.

pub mod attitude;
pub mod bend;
pub mod cadence;
pub mod clipping;
mod coverage;
mod exercise;
pub mod gait;
mod grid;
mod input;
pub mod lift;
mod monitor;
pub mod mounting;
pub mod neutral;
mod output;
pub mod placement;
pub mod posture;
mod run;
pub mod seat;
mod setup;
pub mod sit_stand;
pub mod smooth;
pub mod still;
pub mod stretch;
pub mod timeline;
mod trunk;
pub mod turn;
pub mod validity;
pub mod volume;
pub mod wear;

pub use exercise::{ExerciseNow, START_WITHIN, Stage, StartPosition, start_position};
pub use input::{Input, Sample};
pub use monitor::{GAP, Monitor};
pub use output::{
    BendDetail, Epoch, Event, Flags, Kind, LyingSide, Output, Posture, PostureSpan, Step, Style, Tick, WarningKind,
};
pub use setup::{ExerciseSet, Setup};
