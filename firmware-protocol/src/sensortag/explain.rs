//! A SensorTag's bytes for people.
//!
//! In: notifications, answers to reads, commands. Out: named values. A sample does not tell its range: it is
//! that of `range_g` where it is given, or else 8 g, which every firmware can do. A command
//! that the tag would refuse tells the error that it would answer with.

use super::wire::{self, Config, Io, IoMode, Movement, Period};
use super::{CONFIG, DATA, IO, IO_MODE, PERIOD};
use crate::att::AttError;
use crate::explain::{Explain, Known, Tell, Unclear, Value, Way, att_error, scaled};
use crate::session::{Refusal, Uuid};
use crate::sig;

/// Takes the messages of one sensor apart.
#[derive(Clone, Debug, Default)]
pub struct Explainer;

impl Explain for Explainer {
    fn message(
        &mut self,
        way: Way,
        characteristic: Uuid,
        bytes: &[u8],
        known: &dyn Known,
        tell: &mut dyn Tell,
    ) -> Result<(), Unclear> {
        match characteristic {
            DATA => movement(bytes, known, tell),
            CONFIG | PERIOD => settings(characteristic, bytes, tell).or_else(|error| att_error(error, tell)),
            IO => {
                let &[bits] = bytes else { return Err(Unclear::Refused(Refusal::Length)) };
                for (name, what) in [("red_led", Io::RED), ("green_led", Io::GREEN), ("buzzer", Io::BUZZER)] {
                    tell.value(name, Value::Flag(Io::of(bits).has(what)));
                }
                tell.value("erases_flash", Value::Flag(bits & Io::ERASES_FLASH != 0));
                Ok(())
            }
            IO_MODE => {
                let mode = IoMode::parse(bytes).ok_or(Unclear::Refused(Refusal::Value))?;
                tell.value("mode", Value::Text(mode.words()));
                Ok(())
            }
            other => sig::Explainer.message(way, other, bytes, known, tell),
        }
    }
}

fn movement(bytes: &[u8], known: &dyn Known, tell: &mut dyn Tell) -> Result<(), Unclear> {
    let movement = Movement::parse(bytes).ok_or(Unclear::Refused(Refusal::Length))?;
    let range_g = known.number("range_g").unwrap_or(f64::from(wire::RANGE_G));
    tell.value("gyro_dps", Value::Numbers(&scaled(movement.gyr, 1.0, wire::GYR_PER_DPS)));
    tell.value("accel_g", Value::Numbers(&scaled(movement.acc, range_g, wire::FULL_COUNT)));
    tell.value("mag_raw", Value::Integers(&movement.mag.map(i64::from)));
    tell.value("range_g", Value::Number(range_g));
    tell.value("discard", Value::Flag(movement.is_empty()));
    Ok(())
}

fn settings(characteristic: Uuid, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), AttError> {
    if characteristic == PERIOD {
        tell.value("period_ms", Value::Integer(Period::parse(bytes)?.millis().into()));
        return Ok(());
    }
    let config = Config::parse(bytes)?;
    tell.value("fault", Value::Flag(config == Config::FAULT));
    tell.value("gyro", Value::Flag(config.gyro()));
    tell.value("accel", Value::Flag(config.accel()));
    tell.value("mag", Value::Flag(config.mag()));
    tell.value("wom", Value::Flag(config.wake_on_motion()));
    tell.value("range_g", Value::Integer(config.range_g().into()));
    Ok(())
}
