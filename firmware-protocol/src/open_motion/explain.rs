//! Info, packets and commands of the open profile taken apart for people.
//!
//! In: reads of info, notifications of motion, commands, the battery level. Out: named values. A packet holds
//! counts; what they mean stands in info, so values in g and °/s are told once info was seen, or when
//! `acc_range_g` and `gyro_range_dps` are given.

use super::wire::{AttError, Command, Counted, Form, Info, Packet, TICKS_PER_S};
use super::{BATTERY_LEVEL, CONTROL, INFO, MOTION};
use crate::explain::{Explain, Known, Tell, Unclear, Value, Way, Words, scaled};
use crate::session::{Refusal, Uuid};

/// The count that stands for full scale.
const FULL_COUNT: f64 = 32_768.0;

/// Takes the messages of one sensor apart.
#[derive(Clone, Debug, Default)]
pub struct Explainer {
    info: Option<Info>,
}

impl Explain for Explainer {
    fn message(
        &mut self,
        way: Way,
        characteristic: Uuid,
        bytes: &[u8],
        known: &dyn Known,
        tell: &mut dyn Tell,
    ) -> Result<(), Unclear> {
        match (way, characteristic) {
            (Way::FromSensor, INFO) => self.info(bytes, tell),
            (Way::FromSensor, MOTION) => self.packet(bytes, known, tell),
            (Way::FromSensor, BATTERY_LEVEL) => {
                let &[percent] = bytes else { return Err(Unclear::Refused(Refusal::Length)) };
                tell.value("battery_pct", Value::Integer(i64::from(percent)));
                Ok(())
            }
            (Way::ToSensor, CONTROL) => command(bytes, tell),
            _ => Err(Unclear::Characteristic),
        }
    }
}

impl Explainer {
    fn info(&mut self, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
        let info = Info::parse(bytes).map_err(Unclear::Refused)?;
        self.info = Some(info);
        tell.value("acc_range_g", Value::Number(f64::from(info.acc_full_scale_ug) / 1e6));
        let gyro = f64::from(info.gyr_full_scale_udps) / 1e6;
        tell.value("gyro_range_dps", if info.has_gyro() { Value::Number(gyro) } else { Value::Nothing });
        tell.value("rate_hz", Value::Number(f64::from(info.rate_mhz) / 1e3));
        tell.value("start_number", Value::Integer(i64::from(info.start_number)));
        let [major, minor, patch] = info.firmware;
        tell.value("firmware", Value::Text(Words::<16>::of(format_args!("{major}.{minor}.{patch}")).as_str()));
        for (name, can) in
            [("vibrates", info.vibrates), ("rate_settable", info.rate_settable), ("identifies", info.identifies)]
        {
            tell.value(name, Value::Flag(can));
        }
        Ok(())
    }

    fn packet(&self, bytes: &[u8], known: &dyn Known, tell: &mut dyn Tell) -> Result<(), Unclear> {
        let packet = Packet::parse(bytes).map_err(Unclear::Refused)?;
        let header = packet.header;
        let six = header.form == Form::SixAxes;
        let told = |name, of: fn(&Info) -> u32| {
            known.number(name).or_else(|| self.info.as_ref().map(|info| f64::from(of(info)) / 1e6))
        };
        let acc_range = told("acc_range_g", |info| info.acc_full_scale_ug);
        let gyro_range = told("gyro_range_dps", |info| info.gyr_full_scale_udps);
        tell.value("form", Value::Text(if six { "six_axes" } else { "acceleration" }));
        tell.value("counter", Value::Integer(i64::from(header.counter)));
        tell.value("clock_ticks", Value::Integer(i64::from(header.clock)));
        tell.value("clock_s", Value::Number(f64::from(header.clock) / f64::from(TICKS_PER_S)));
        tell.value("start_modulo_8", Value::Integer(i64::from(header.start)));
        tell.value("clipped", Value::Flag(header.clipped));
        tell.list("samples");
        for Counted { acc, gyr } in packet.samples() {
            tell.entry();
            axes(["acc_raw", "acc_g"], acc, acc_range, tell);
            if six {
                axes(["gyro_raw", "gyro_dps"], gyr, gyro_range, tell);
            }
        }
        tell.end();
        Ok(())
    }
}

fn axes([raw, value]: [&'static str; 2], counts: [i16; 3], range: Option<f64>, tell: &mut dyn Tell) {
    tell.value(raw, Value::Integers(&counts.map(i64::from)));
    if let Some(range) = range {
        tell.value(value, Value::Numbers(&scaled(counts, range, FULL_COUNT)));
    }
}

fn command(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let command = Command::parse(bytes).map_err(|error| {
        Unclear::Refused(match error {
            AttError::Check => Refusal::Checksum,
            AttError::Range => Refusal::Value,
            AttError::Unknown | AttError::Unable => Refusal::Kind,
        })
    })?;
    match command {
        Command::Vibrate { on, off, times, strength } => {
            tell.value("command", Value::Text("vibrate"));
            tell.value("on_ms", Value::Integer(i64::from(on) * 10));
            tell.value("off_ms", Value::Integer(i64::from(off) * 10));
            tell.value("times", Value::Integer(i64::from(times)));
            tell.value("strength_pct", Value::Integer(i64::from(strength)));
        }
        Command::Rate(mhz) => {
            tell.value("command", Value::Text("rate"));
            tell.value("rate_hz", Value::Number(f64::from(mhz) / 1e3));
        }
        Command::Identify(seconds) => {
            tell.value("command", Value::Text("identify"));
            tell.value("seconds", Value::Integer(i64::from(seconds)));
        }
    }
    Ok(())
}
