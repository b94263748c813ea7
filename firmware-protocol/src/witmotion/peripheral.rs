//! A WitMotion sensor seen from inside: takes commands, says at which rate to send, answers register reads.
//!
//! For simulators and tests: who owns it makes the samples and sends the bytes. Like the real one it
//! ignores a setting that comes without an unlock, or too soon after the command before.

use super::wire::{self, Command, FRAME_LEN, RATE_CODES, Registers};
use crate::session::Moment;

/// How long an unlock lasts, in ms. Source: about ten seconds in the manuals of the family.
const UNLOCKED_MS: u64 = 10_000;
/// A command within this time after another one is lost, in ms. Source: a client's report of back-to-back writes.
const DEAF_MS: u64 = 20;

/// The sensor's side of a connection.
#[derive(Clone, Debug)]
pub struct Peripheral {
    code: u8,
    unlocked_until: Option<Moment>,
    last_command: Option<Moment>,
    /// Battery voltage in 1/100 V.
    pub centivolts: i16,
    /// Temperature in 1/100 °C.
    pub centidegrees: i16,
    /// Ignores every setting, as some firmware does.
    pub stubborn: bool,
}

impl Default for Peripheral {
    /// A full sensor fresh from its maker: 10 Hz.
    fn default() -> Self {
        Self {
            code: 0x06,
            unlocked_until: None,
            last_command: None,
            centivolts: 410,
            centidegrees: 3000,
            stubborn: false,
        }
    }
}

impl Peripheral {
    /// Samples a second that it now sends.
    pub fn rate_hz(&self) -> f64 {
        RATE_CODES.into_iter().find(|&(code, _)| code == self.code).map_or(10.0, |(_, hz)| hz)
    }

    /// Takes what was written to the command characteristic; gives the answer to send, if there is one.
    pub fn write(&mut self, now: Moment, bytes: &[u8]) -> Option<[u8; FRAME_LEN]> {
        let command = Command::parse(bytes)?;
        let deaf = self.last_command.is_some_and(|last| now < last.plus_millis(DEAF_MS));
        self.last_command = Some(now);
        if deaf {
            return None;
        }
        match command {
            Command::UNLOCK => self.unlocked_until = Some(now.plus_millis(UNLOCKED_MS)),
            Command { register: wire::READ, value } => {
                let mut values = [0; 8];
                for (register, value) in (value..).zip(&mut values) {
                    *value = self.register(register);
                }
                return Some(Registers { start: value, values }.encode());
            }
            Command { register: wire::RATE, value } => {
                let open = self.unlocked_until.is_some_and(|until| now < until) && !self.stubborn;
                let known = RATE_CODES.into_iter().find(|&(code, _)| u16::from(code) == value);
                if let (true, Some((code, _))) = (open, known) {
                    self.code = code;
                }
            }
            Command { .. } => {}
        }
        None
    }

    fn register(&self, register: u16) -> i16 {
        match u8::try_from(register) {
            Ok(wire::RATE) => i16::from(self.code),
            Ok(wire::BATTERY) => self.centivolts,
            Ok(wire::TEMPERATURE) => self.centidegrees,
            _ => 0,
        }
    }
}
