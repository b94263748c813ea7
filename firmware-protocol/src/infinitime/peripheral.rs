//! A watch with InfiniTime seen from inside: gives samples that changed, shows and buzzes what is written.
//!
//! For simulators and tests: who owns it takes the readings ten times a second and sends the bytes.

use super::wire::{self, Alert, CALL};
use super::{NEW_ALERT, RAW};
use crate::att::{AttError, Short};
use crate::session::Uuid;
use crate::sig::wire::AlertLevel;
use crate::sig::{ALERT_LEVEL, BATTERY_LEVEL};

/// What the wearer feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Felt {
    /// One buzz of 35 ms.
    Buzz,
    /// Ringing until it is answered or 7 s are over.
    Ringing,
}

/// The watch's side of a connection.
#[derive(Clone, Debug)]
pub struct Peripheral {
    newest: Option<[i16; 3]>,
    /// 0 to 100 %.
    pub percent: u8,
    /// "Do not disturb" or sleep: nothing is felt.
    pub quiet: bool,
}

impl Default for Peripheral {
    fn default() -> Self {
        Self { newest: None, percent: 100, quiet: false }
    }
}

impl Peripheral {
    /// The notification of a sample, if it is not as the one before.
    pub fn sample(&mut self, counts: [i16; 3]) -> Option<[u8; 6]> {
        (self.newest.replace(counts) != Some(counts)).then(|| wire::encode_sample(counts))
    }

    /// What a read answers.
    pub fn read(&self, characteristic: Uuid) -> Option<Short> {
        match characteristic {
            RAW => self.newest.map(|counts| Short::of(&wire::encode_sample(counts))),
            BATTERY_LEVEL => Some(Short::of(&[self.percent])),
            _ => None,
        }
    }

    /// Takes what was written; tells what the wearer feels.
    pub fn write(&mut self, characteristic: Uuid, bytes: &[u8]) -> Result<Option<Felt>, AttError> {
        let felt = match characteristic {
            NEW_ALERT => {
                Alert::parse(bytes).map(|alert| if alert.category == CALL { Felt::Ringing } else { Felt::Buzz })
            }
            // It buzzes at "none" too.
            ALERT_LEVEL => AlertLevel::parse(bytes).ok().map(|_| Felt::Buzz),
            _ => return Err(AttError::NOT_PERMITTED),
        };
        Ok(felt.filter(|_| !self.quiet))
    }
}
