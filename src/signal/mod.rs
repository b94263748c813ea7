//! Turns IMU samples into posture and movement events. No I/O, no clock, no allocation per sample.
//!
//! Samples and the passing of time come in through [`Monitor::push`], judgements go out through the
//! closure given to it. Live, replayed, imported and simulated samples all run through the same code,
//! so a bug report is a recording. The state is plain data: clone it anywhere in a recording, go on
//! from the clone, and the same events follow.

pub mod attitude;
pub mod bend;
mod coverage;
pub mod gait;
mod grid;
mod input;
mod monitor;
pub mod mounting;
mod output;
pub mod placement;
pub mod posture;
pub mod validity;
pub mod volume;

pub use input::{Input, Sample};
pub use monitor::{ExerciseSet, GAP, Monitor, Setup};
pub use output::{
    BendDetail, Epoch, Event, Flags, Kind, LyingSide, Output, Posture, PostureSpan, Step, Style, Tick, WarningKind,
};
