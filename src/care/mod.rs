//! Episode clock, check-ins, red flags, guidance and messages. Pure: no clock, no files.
//!
//! Local dates and answers come in; day numbers, whether acute mode is on, and words come out. Keeping
//! episodes is left to `store`, judging movement to `signal`, and when to speak to `warning`. All wording is in
//! `data/messages`, one file for each language; see [`phrases`] for what is kept there, and what is not.

pub mod advice;
pub mod calibrating;
pub mod course;
pub mod days;
pub mod episode;
pub mod guidance;
#[cfg(test)]
mod lint;
pub mod locale;
pub mod messages;
pub mod moving;
pub mod phrases;
pub mod reading;
pub mod red_flags;
pub mod words;

pub use advice::{Advice, Shown};
pub use course::{BackToNormal, CheckIn, Course, Sleep};
pub use days::DaysSeen;
pub use episode::{Beginning, Class, DayClock, Episode, Pattern, RenewError, local_date};
pub use locale::Locale;
pub use messages::{Encourager, Message};
pub use moving::{Moving, Nudges};
