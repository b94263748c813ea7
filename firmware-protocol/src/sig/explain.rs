//! Bytes of the SIG's services, for people.

use super::wire::{self, AlertLevel, LevelStatus};
use super::{ALERT_LEVEL, BATTERY_LEVEL, BATTERY_STATUS, PNP_ID, SYSTEM_ID, TEXTS};
use crate::att::u16_of;
use crate::explain::{Explain, Known, Tell, Unclear, Value, Way};
use crate::session::{Refusal, Uuid};

/// Takes their bytes apart; also what a family hands on that it does not know itself.
#[derive(Clone, Debug, Default)]
pub struct Explainer;

impl Explain for Explainer {
    fn message(
        &mut self,
        _: Way,
        characteristic: Uuid,
        bytes: &[u8],
        _: &dyn Known,
        tell: &mut dyn Tell,
    ) -> Result<(), Unclear> {
        match characteristic {
            BATTERY_LEVEL => match wire::level(bytes) {
                // Above 100 is reserved, which is worth saying, and not a fault of the bytes' form.
                Err(Refusal::Value) => tell.value("error", Value::Text("reserved")),
                percent => tell.value("charge_percent", Value::Integer(percent.map_err(Unclear::Refused)?.into())),
            },
            BATTERY_STATUS => {
                let status = LevelStatus::parse(bytes).map_err(Unclear::Refused)?;
                tell.value("flags", Value::Integer(status.flags.into()));
                tell.value("power_state", Value::Integer(status.power_state.into()));
                let optional = [
                    ("identifier", status.identifier.map(i64::from)),
                    ("charge_percent", status.level.map(i64::from)),
                    ("additional_status", status.additional.map(i64::from)),
                ];
                for (name, value) in optional {
                    if let Some(value) = value {
                        tell.value(name, Value::Integer(value));
                    }
                }
            }
            ALERT_LEVEL => {
                let level = AlertLevel::parse(bytes).map_err(Unclear::Refused)?;
                tell.value("level", Value::Text(level.words()));
            }
            SYSTEM_ID if bytes.len() == 8 => tell.value("system_id", Value::Bytes(bytes)),
            PNP_ID if bytes.len() == 7 => {
                tell.value("vendor_source", Value::Integer(bytes[0].into()));
                tell.value("vendor", Value::Hex(u16_of(&bytes[1..]).into(), 4));
                tell.value("product", Value::Hex(u16_of(&bytes[3..]).into(), 4));
                tell.value("product_version", Value::Hex(u16_of(&bytes[5..]).into(), 4));
            }
            SYSTEM_ID | PNP_ID => return Err(Unclear::Refused(Refusal::Length)),
            other => {
                let (_, name) = TEXTS.into_iter().find(|&(uuid, _)| uuid == other).ok_or(Unclear::Characteristic)?;
                tell.value(name, Value::Text(wire::text(bytes).map_err(Unclear::Refused)?));
            }
        }
        Ok(())
    }
}
