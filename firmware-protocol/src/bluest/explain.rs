//! A BlueST node's bytes for people: notifications by the mask in their characteristic, advertisements, commands.

use super::advert::Node;
use super::wire::{self, Features};
use super::{COMMANDS, wire::Charge};
use crate::explain::{ADVERTISING, Explain, Known, Tell, Unclear, Value, Way, scaled};
use crate::session::{Refusal, Uuid};
use crate::sig;

/// Takes the messages of one node apart.
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
            ADVERTISING => advertisement(bytes, tell),
            COMMANDS => command(way, bytes, tell),
            other => match wire::mask_of(other) {
                Some(mask) => features(mask, bytes, tell),
                None => sig::Explainer.message(way, other, bytes, known, tell),
            },
        }
    }
}

fn features(mask: u32, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let features = Features::parse(mask, bytes).map_err(Unclear::Refused)?;
    tell.value("timestamp", Value::Integer(features.timestamp.into()));
    if let Some(switch) = features.switch {
        tell.value("switch", Value::Integer(switch.into()));
    }
    if let Some(acc) = features.acc {
        tell.value("accel_mg", Value::Integers(&acc.map(i64::from)));
    }
    if let Some(gyr) = features.gyr {
        tell.value("gyro_dps", Value::Numbers(&scaled(gyr, 1.0, wire::GYR_PER_DPS)));
    }
    if let Some(mag) = features.mag {
        tell.value("mag_mgauss", Value::Integers(&mag.map(i64::from)));
    }
    if let Some(Charge { permille, millivolts, status, .. }) = features.battery {
        tell.value("charge_percent", Value::Number(f64::from(permille) / 10.0));
        tell.value("voltage_v", Value::Number(f64::from(millivolts) / 1000.0));
        let current = features.battery.and_then(|charge| charge.current());
        tell.value("current", current.map_or(Value::Nothing, Value::Number));
        tell.value("status_raw", Value::Integer(status.into()));
    }
    if features.mask() != mask {
        tell.value("not_understood_mask", Value::Hex((mask & !features.mask()).into(), 8));
    }
    Ok(())
}

fn advertisement(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let node = Node::parse(bytes).ok_or(Unclear::Refused(Refusal::Kind))?;
    tell.value("version", Value::Integer(node.version.into()));
    tell.value("device_id", Value::Integer(node.device.into()));
    tell.value("device", node.kind().map_or(Value::Nothing, Value::Text));
    tell.value("sleeping", Value::Flag(node.sleeps()));
    if let Some(mask) = node.mask {
        tell.value("feature_mask", Value::Hex(mask.into(), 8));
    }
    if let Some(address) = node.address {
        tell.value("address", Value::Bytes(&address));
    }
    Ok(())
}

/// A command is a mask and what to do; its answer has a clock before and data behind.
fn command(way: Way, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    const LENGTH: Unclear = Unclear::Refused(Refusal::Length);
    let mut rest = bytes;
    if way == Way::FromSensor {
        let (clock, after) = rest.split_first_chunk::<2>().ok_or(LENGTH)?;
        tell.value("timestamp", Value::Integer(u16::from_le_bytes(*clock).into()));
        rest = after;
    }
    let (mask, rest) = rest.split_first_chunk::<4>().ok_or(LENGTH)?;
    let (&command, data) = rest.split_first().ok_or(LENGTH)?;
    tell.value("feature_mask", Value::Hex(u32::from_be_bytes(*mask).into(), 8));
    tell.value("command", Value::Integer(command.into()));
    if !data.is_empty() {
        tell.value("data", Value::Bytes(data));
    }
    Ok(())
}
