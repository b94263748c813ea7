//! Episode clock, check-ins, red flags, guidance and messages. Pure: no clock, no files.
//!
//! Local dates and answers come in; day numbers, whether acute mode is on, and words come out. Keeping
//! episodes is left to `store`, judging movement to `signal`, and when to speak to `warning`.

pub mod advice;
pub mod calibrating;
pub mod course;
pub mod days;
pub mod episode;
pub mod guidance;
pub mod messages;
pub mod moving;
pub mod red_flags;
pub mod words;

pub use advice::{Advice, Shown};
pub use course::{BackToNormal, CheckIn, Course, Sleep};
pub use days::DaysSeen;
pub use episode::{Beginning, Class, DayClock, Episode, Pattern, RenewError, local_date};
pub use messages::{Encourager, Message};
pub use moving::{Moving, Nudges};
