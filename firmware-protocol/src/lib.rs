//! Sans-I/O wire protocols of the motion sensors that lumbard speaks to: bytes in, samples and actions out.
//!
//! No radio, no clock, no allocation: whoever owns the link hands in what happened ([`session::Event`])
//! and does what is asked ([`session::Action`]). So every sensor is tested without a radio, and the same
//! code can run on a phone or a microcontroller.
//!
//! | module | holds |
//! |---|---|
//! | [`session`] | the contract between a protocol and the link that carries it |
//! | [`family`] | what each kind of sensor is, how it is found, and how far it can be trusted |
//! | [`explain`] | takes the bytes of a family apart for people |
//! | [`bytes`] | a message put together without a heap |
//! | [`polar`] | Polar's sensors with the measurement data service |
//! | [`metamotion`] | MbientLab's MetaMotion boards |
//! | [`witmotion`] | WitMotion's Bluetooth LE sensors |
//! | [`movesense`] | Movesense sensors |
//! | [`movella_dot`] | Movella DOT, before Xsens DOT |
//! | [`open_motion`] | our own open profile for self-made sensors, written down in `SPEC.md` |
//! | [`thingy52`], [`sensortag`], [`bluest`], [`shimmer3r`] | sensors of Nordic, TI, ST and Shimmer |
//! | [`infinitime`] | the PineTime watch: a sensor, or a wrist buzzer beside another one |
//! | [`sig`] | battery, device information and alerts of the Bluetooth SIG |
//! | [`att`] | short values of attributes, and the errors that answer a write |
//!
//! What is absent: no `unsafe`, no dependency, no floating-point mathematics beyond the four operations,
//! no filtering and no unit conversion of samples. A sample that comes out holds the counts that came in.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod att;
pub mod bluest;
pub mod bytes;
mod clock;
pub mod explain;
pub mod family;
mod float;
pub mod infinitime;
pub mod metamotion;
pub mod movella_dot;
pub mod movesense;
pub mod open_motion;
pub mod polar;
pub mod sensortag;
pub mod session;
mod setup;
pub mod shimmer3r;
pub mod sig;
pub mod thingy52;
pub mod witmotion;
