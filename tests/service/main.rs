//! The service from outside: the program as a child process, its data folder, and what other commands say
//! of both (DESIGN §6, §8, §11). Times in here are limits against hanging, never measurements.

#![allow(missing_docs, reason = "a test program")]

mod calibrate;
mod crash;
mod demo;
mod exercise;
mod program;
mod round_trip;
mod running;
mod supervised;
