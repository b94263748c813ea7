//! WitMotion frames and commands taken apart for people.
//!
//! In: notifications of `ffe4` in their order, commands to `ffe9`. Out: named values. A notification that is
//! exactly one frame tells it flat; every other one tells the list `frames`, with what was skipped or waits.

use super::stream::{Found, Stream};
use super::wire::{self, Clock, Command, FULL_COUNT, Motion, Registers};
use super::{COMMAND, DATA};
use crate::explain::{Explain, Known, Tell, Unclear, Value, Way, Words, scaled};
use crate::session::{Refusal, Uuid};

/// Takes the messages of one sensor apart.
#[derive(Clone, Debug, Default)]
pub struct Explainer {
    stream: Stream,
}

impl Explain for Explainer {
    fn message(
        &mut self,
        way: Way,
        characteristic: Uuid,
        bytes: &[u8],
        _: &dyn Known,
        tell: &mut dyn Tell,
    ) -> Result<(), Unclear> {
        match (way, characteristic) {
            (Way::FromSensor, DATA) => self.notification(bytes, tell),
            (Way::ToSensor, COMMAND) => command(bytes, tell),
            _ => Err(Unclear::Characteristic),
        }
    }
}

impl Explainer {
    fn notification(&mut self, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
        let continued = self.stream.waiting() > 0;
        let before = self.stream.clone();
        let (mut frames, mut skipped, mut dropped) = (0, 0, 0);
        self.stream.push(bytes, &mut |found| match found {
            Found::Motion(_) | Found::Registers(_) => frames += 1,
            Found::Refused(Refusal::Truncated, bytes) => dropped += bytes,
            Found::Refused(_, bytes) => skipped += bytes,
        });
        let waiting = self.stream.waiting();
        if frames == 0 && waiting == 0 && skipped > 0 {
            return Err(Unclear::Refused(Refusal::Kind));
        }
        if frames == 1 && waiting + skipped + dropped == 0 && !continued {
            each_frame(before, bytes, &mut |found| frame(found, tell));
            tell.value("frame_len", Value::Integer(bytes.len() as i64));
            return Ok(());
        }
        for (name, bytes) in [("skip_bytes", skipped), ("dropped_bytes", dropped), ("buffered", waiting)] {
            if bytes > 0 {
                tell.value(name, Value::Integer(bytes as i64));
            }
        }
        tell.list("frames");
        each_frame(before, bytes, &mut |found| {
            tell.entry();
            frame(found, tell);
        });
        tell.end();
        Ok(())
    }
}

/// Runs over the frames of a notification once more.
fn each_frame(mut stream: Stream, bytes: &[u8], take: &mut dyn FnMut(Found)) {
    stream.push(bytes, &mut |found| {
        if !matches!(found, Found::Refused(..)) {
            take(found);
        }
    });
}

fn frame(found: Found, tell: &mut dyn Tell) {
    match found {
        Found::Motion(found) => motion(&found, tell),
        Found::Registers(found) => registers(&found, tell),
        Found::Refused(..) => {}
    }
}

fn motion(motion: &Motion, tell: &mut dyn Tell) {
    let Motion { acc: [a, b, c], gyr: [d, e, f], angle: [g, h, i], clock } = *motion;
    tell.value("frame", Value::Hex(u64::from(wire::MOTION), 2));
    tell.value("raw_i16", Value::Integers(&[a, b, c, d, e, f, g, h, i].map(i64::from)));
    tell.value("acc_g", Value::Numbers(&scaled(motion.acc, wire::ACC_FULL_SCALE_G, FULL_COUNT)));
    tell.value("gyro_dps", Value::Numbers(&scaled(motion.gyr, wire::GYR_FULL_SCALE_DPS, FULL_COUNT)));
    tell.value("angle_deg", Value::Numbers(&scaled(motion.angle, wire::ANGLE_FULL_SCALE_DEG, FULL_COUNT)));
    if let Some(clock) = clock {
        let Clock { year, month, day, hour, minute, second, millisecond } = clock;
        let words = Words::<32>::of(format_args!(
            "20{year:02}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}"
        ));
        tell.value("chip_time", Value::Text(words.as_str()));
    }
}

fn registers(registers: &Registers, tell: &mut dyn Tell) {
    tell.value("frame", Value::Hex(u64::from(wire::REGISTERS), 2));
    tell.value("start_register", Value::Hex(u64::from(registers.start), 2));
    tell.value("registers_i16", Value::Integers(&registers.values.map(i64::from)));
    if let Some(code) = registers.get(wire::RATE) {
        rate(code.cast_unsigned(), tell);
    }
    if let Some(centidegrees) = registers.get(wire::TEMPERATURE) {
        tell.value("temperature_c", Value::Number(f64::from(centidegrees) / 100.0));
    }
    let part = |i: u8| registers.get(wire::QUATERNION + i).map(|count| f64::from(count) / FULL_COUNT);
    if let (Some(w), Some(x), Some(y), Some(z)) = (part(0), part(1), part(2), part(3)) {
        tell.value("quaternion_wxyz", Value::Numbers(&[w, x, y, z]));
    }
    if let Some(centivolts) = registers.get(wire::BATTERY) {
        let percent = i64::from(wire::percent(centivolts));
        tell.value("battery_v", Value::Number(f64::from(centivolts) / 100.0));
        // The maker's programs for both systems have the same steps.
        tell.value("battery_pct_android_new_sdk", Value::Integer(percent));
        tell.value("battery_pct_ios_sdk", Value::Integer(percent));
    }
}

fn rate(code: u16, tell: &mut dyn Tell) {
    if let Some((_, hz)) = wire::RATE_CODES.into_iter().find(|&(known, _)| u16::from(known) == code) {
        tell.value("rate_hz", Value::Number(hz));
    }
}

fn command(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let Command { register, value } = Command::parse(bytes).ok_or(Unclear::Refused(Refusal::Kind))?;
    if register == wire::READ {
        tell.value("read_register", Value::Hex(u64::from(value), 2));
        return Ok(());
    }
    tell.value("register", Value::Hex(u64::from(register), 2));
    let mode = match (register, value) {
        (wire::CALIBRATION, 0) => "normal",
        (wire::CALIBRATION, 1) => "acc_gyro_calibration",
        (wire::CALIBRATION, 7) => "magnetometer_calibration",
        (wire::CALIBRATION, 8) => "angle_reference",
        (wire::FUSION, 0) => "9-axis",
        (wire::FUSION, 1) => "6-axis",
        _ => "",
    };
    match register {
        _ if !mode.is_empty() => tell.value("mode", Value::Text(mode)),
        wire::RATE => rate(value, tell),
        wire::UNLOCK => tell.value("value", Value::Hex(u64::from(value), 4)),
        _ => tell.value("value", Value::Integer(i64::from(value))),
    }
    Ok(())
}
