//! Payloads, settings, reports and commands of a Movella DOT taken apart for people.
//!
//! In: notifications, reads and writes in their order. Out: named values. A payload does not tell its mode: it
//! is given as `payload_mode`, known from a start that was seen, or else guessed from the length, and then
//! `payload_mode_guessed` says so.

use super::wire::{Control, Field, MODES, Measurement, Mode, Payload, Report};
use super::{BATTERY, CONTROL, HEADING, INFO, LONG, MEASUREMENT, MEDIUM, REPORT, SHORT};
use crate::explain::{Explain, Known, Tell, Unclear, Value, Way, Words};
use crate::float::doubles;
use crate::session::{Refusal, Uuid};

/// Bytes of [`INFO`].
const INFO_LEN: usize = 34;
/// The magnetic count that means one unit.
const MAGNETIC_FULL_COUNT: f64 = 4096.0;

/// Takes the messages of one sensor apart.
#[derive(Clone, Debug, Default)]
pub struct Explainer {
    started: Option<Mode>,
    previous_us: Option<u32>,
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
            (Way::FromSensor, SHORT | MEDIUM | LONG) => self.payload(characteristic, bytes, known, tell),
            (Way::FromSensor, CONTROL) => settings(bytes, tell),
            (Way::FromSensor, INFO) => info(bytes, tell),
            (Way::FromSensor, REPORT) => report(bytes, tell),
            (Way::FromSensor, BATTERY) => {
                let &[percent, charging] = bytes else { return Err(Unclear::Refused(Refusal::Length)) };
                tell.value("battery_pct", Value::Integer(i64::from(percent)));
                tell.value("charging", Value::Flag(charging == 1));
                Ok(())
            }
            (_, MEASUREMENT) => self.measurement(bytes, tell),
            (Way::ToSensor, CONTROL) => command(bytes, tell),
            (_, HEADING) => heading(bytes, tell),
            _ => Err(Unclear::Characteristic),
        }
    }
}

impl Explainer {
    fn measurement(&mut self, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
        let what = Measurement::parse(bytes).map_err(Unclear::Refused)?;
        self.started = Mode::of(what.mode).filter(|_| what.running);
        tell.value("type", Value::Integer(i64::from(what.kind)));
        tell.value("action", Value::Text(if what.running { "start" } else { "stop" }));
        tell.value("mode", Value::Integer(i64::from(what.mode)));
        Ok(())
    }

    fn payload(&mut self, at: Uuid, bytes: &[u8], known: &dyn Known, tell: &mut dyn Tell) -> Result<(), Unclear> {
        const MISSING: Unclear = Unclear::Missing("payload_mode", "the number of the mode, such as 21");
        let given = match known.text("payload_mode") {
            Some(text) => Some(text.parse().ok().and_then(Mode::of).ok_or(MISSING)?),
            None => self.started.filter(|mode| mode.characteristic == at),
        };
        let mode = given.or_else(|| guess(at, bytes)).ok_or(MISSING)?;
        if mode.characteristic != at {
            return Err(Unclear::Characteristic);
        }
        let payload = Payload::parse(mode, bytes).map_err(Unclear::Refused)?;
        tell.value("payload_mode", Value::Integer(i64::from(mode.mode)));
        if given.is_none() {
            tell.value("payload_mode_guessed", Value::Flag(true));
        }
        let time = payload.time_us();
        tell.value("sample_time_fine_us", Value::Integer(i64::from(time)));
        if let Some(previous) = self.previous_us.replace(time) {
            let name = if time < previous { "unwrapped_delta_us" } else { "delta_us_from_previous" };
            tell.value(name, Value::Integer(i64::from(time.wrapping_sub(previous))));
        }
        mode.fields.iter().for_each(|&field| tell_field(&payload, field, tell));
        if mode.is_empty() {
            // Only the maker's decoder knows what is in it.
            tell.value("packed", Value::Bytes(&bytes[4..]));
        } else if payload.padding() > 0 {
            tell.value("padding_bytes", Value::Integer(payload.padding() as i64));
        }
        Ok(())
    }
}

/// The likeliest mode of a characteristic with such a length: without padding, then with.
fn guess(at: Uuid, bytes: &[u8]) -> Option<Mode> {
    let here = || MODES.into_iter().filter(move |mode| mode.characteristic == at && !mode.is_empty());
    // Four zeros at the end of a short payload are padding: a quaternion has no such part, or hardly ever.
    let padded = at == SHORT && bytes.ends_with(&[0; 4]);
    let exact = here().find(|mode| mode.len() == bytes.len() && !padded);
    exact.or_else(|| here().find(|mode| mode.len() + 4 == bytes.len() && Payload::parse(*mode, bytes).is_ok()))
}

fn tell_field(payload: &Payload<'_>, field: Field, tell: &mut dyn Tell) {
    let name = match field {
        Field::Quaternion => "quaternion_wxyz",
        Field::Euler => "euler_deg",
        Field::FreeAcceleration => "free_acc_ms2",
        Field::Acceleration => "acc_ms2",
        Field::Rotation => "gyro_dps",
        Field::Magnetic => "mag_au",
        Field::DeltaQuaternion => "delta_quaternion_wxyz",
        Field::DeltaVelocity => "delta_velocity_ms",
        Field::Status => "status",
        Field::ClippedAcceleration => "clipped_acc",
        Field::ClippedRotation => "clipped_gyro",
    };
    match (payload.field(field), payload.floats::<4>(field), payload.floats::<3>(field)) {
        (_, Some(four), _) => tell.value(name, Value::Numbers(&doubles(four))),
        (_, _, Some(three)) => tell.value(name, Value::Numbers(&doubles(three))),
        (Some(&[a, b, c, d, e, f]), ..) => {
            let counts = [[a, b], [c, d], [e, f]].map(i16::from_le_bytes);
            tell.value(name, Value::Numbers(&counts.map(|count| f64::from(count) / MAGNETIC_FULL_COUNT)));
        }
        (Some(bytes), ..) => {
            let number = bytes.iter().rev().fold(0, |number, &byte| number << 8 | i64::from(byte));
            tell.value(name, Value::Integer(number));
        }
        (None, ..) => {}
    }
}

fn settings(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let settings = Control::parse(bytes).map_err(Unclear::Refused)?;
    tell.value("transport", Value::Text("read"));
    for (name, number) in [
        ("visit_index", settings.visit),
        ("identifying", settings.identify),
        ("power_options", settings.power),
        ("filter_profile", settings.filter),
    ] {
        tell.value(name, Value::Integer(i64::from(number)));
    }
    let [x, y] = settings.power_saving;
    tell.value("power_saving_x_min_s", Value::Integers(&x.map(i64::from)));
    tell.value("power_saving_y_min_s", Value::Integers(&y.map(i64::from)));
    tell_tag(&settings, tell);
    tell.value("output_rate_hz", Value::Integer(i64::from(settings.rate_hz)));
    Ok(())
}

fn tell_tag(settings: &Control, tell: &mut dyn Tell) {
    let tag = &settings.tag[..usize::from(settings.tag_len).min(settings.tag.len())];
    match core::str::from_utf8(tag) {
        Ok(text) => tell.value("tag", Value::Text(text)),
        Err(_) => tell.value("tag", Value::Bytes(tag)),
    }
}

fn command(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let asked = Control::parse(bytes).map_err(Unclear::Refused)?;
    tell.value("visit_index", Value::Integer(i64::from(asked.visit)));
    if asked.visit & Control::IDENTIFY != 0 {
        tell.value("identify", Value::Integer(i64::from(asked.identify)));
    }
    if asked.visit & Control::POWER != 0 {
        tell.value("power_off", Value::Integer(i64::from(asked.power & 1)));
    }
    if asked.visit & Control::TAG != 0 {
        tell_tag(&asked, tell);
    }
    if asked.visit & Control::RATE != 0 {
        tell.value("output_rate_hz", Value::Integer(i64::from(asked.rate_hz)));
    }
    Ok(())
}

fn heading(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let what = match bytes {
        [1, 0] => "reset",
        [7, 0] => "revert",
        [_, _] => return Err(Unclear::Refused(Refusal::Kind)),
        _ => return Err(Unclear::Refused(Refusal::Length)),
    };
    tell.value("heading", Value::Text(what));
    Ok(())
}

fn report(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let report = Report::parse(bytes).map_err(Unclear::Refused)?;
    tell.value("report", Value::Text(report.name()));
    if let Report::Button(Some(ms)) = report {
        tell.value("time_ms", Value::Integer(i64::from(ms)));
    }
    Ok(())
}

fn info(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let bytes: &[u8; INFO_LEN] = bytes.try_into().map_err(|_| Unclear::Refused(Refusal::Length))?;
    let &[f, e, d, c, b, a, major, minor, patch, y0, y1, month, day, h, m, s, ..] = bytes;
    let address = Words::<24>::of(format_args!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"));
    tell.value("address", Value::Text(address.as_str()));
    tell.value("firmware", Value::Text(Words::<16>::of(format_args!("{major}.{minor}.{patch}")).as_str()));
    let year = u16::from_le_bytes([y0, y1]);
    let built = Words::<32>::of(format_args!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}"));
    tell.value("built", Value::Text(built.as_str()));
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
    tell.value("soft_device", Value::Integer(number(&bytes[16..20]).cast_signed()));
    tell.value("serial", Value::Hex(number(&bytes[20..28]), 16));
    match core::str::from_utf8(&bytes[28..]) {
        Ok(code) => tell.value("product_code", Value::Text(code.trim_end_matches('\0'))),
        Err(_) => tell.value("product_code", Value::Bytes(&bytes[28..])),
    }
    Ok(())
}
