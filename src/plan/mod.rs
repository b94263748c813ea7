//! Prescriptions, sessions and adherence. Pure: no clock, no files.
//!
//! Plan items and what was done come in; what was meant to be done in a week beside what was done comes
//! out. Doses are those entered by the wearer or a physiotherapist: nothing here proposes one.

pub mod catalogue;
pub mod dose;
pub mod progress;
pub mod session;
pub mod share;
pub mod standing;
pub mod week;

pub use catalogue::{Counting, Exercise, ExerciseKind, Measure};
pub use dose::{Quota, Side, StopReason, asks_to_stop};
pub use week::{Adherence, Done, PlanItem, Week, WeekRow};
