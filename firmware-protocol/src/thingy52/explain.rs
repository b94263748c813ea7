//! A Thingy:52's bytes for people.
//!
//! In: notifications, answers to reads, commands. Out: named values. A command that the sensor would refuse
//! tells the error that it would answer with.

use super::wire::{self, Connection, Led, MotionConfig, Raw, SoundConfig, Tone};
use super::*;
use crate::att::{AttError, i32s};
use crate::explain::{Explain, Known, Tell, Unclear, Value, Way, Words, att_error, scaled};
use crate::session::Refusal;
use crate::sig;

/// Takes the messages of one sensor apart.
#[derive(Clone, Debug, Default)]
pub struct Explainer;

const LENGTH: Unclear = Unclear::Refused(Refusal::Length);

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
            MOTION | LED | SOUND => settings(characteristic, bytes, tell).or_else(|error| att_error(error, tell)),
            CONNECTION => connection(bytes, tell),
            SPEAKER if way == Way::ToSensor => speaker(bytes, tell),
            RAW | QUATERNION | STEPS | EULER | HEADING | GRAVITY => motion(characteristic, bytes, tell),
            FIRMWARE => {
                let &[major, minor, patch] = bytes else { return Err(LENGTH) };
                let words = Words::<12>::of(format_args!("{major}.{minor}.{patch}"));
                tell.value("firmware", Value::Text(words.as_str()));
                Ok(())
            }
            NAME => {
                tell.value("name", Value::Text(sig::wire::text(bytes).map_err(Unclear::Refused)?));
                Ok(())
            }
            BUTTON | ORIENTATION | SPEAKER_STATUS => one_byte(characteristic, bytes, tell),
            // Their parts are not known to us.
            TAP | MATRIX => {
                tell.value("raw", Value::Bytes(bytes));
                Ok(())
            }
            other => sig::Explainer.message(way, other, bytes, known, tell),
        }
    }
}

fn motion(characteristic: Uuid, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    match characteristic {
        RAW => {
            let raw = Raw::parse(bytes).ok_or(LENGTH)?;
            tell.value("accel_g", Value::Numbers(&scaled(raw.acc, 1.0, wire::ACC_PER_G)));
            tell.value("gyro_dps", Value::Numbers(&scaled(raw.gyr, 1.0, wire::GYR_PER_DPS)));
            tell.value("mag_ut", Value::Numbers(&scaled(raw.mag, 1.0, wire::MAG_PER_UT)));
            tell.value("clipped", Value::Flag(raw.is_clipped()));
            tell.value("discard", Value::Flag(raw.is_empty()));
        }
        QUATERNION => {
            let parts: [i32; 4] = i32s(bytes).ok_or(LENGTH)?;
            for (name, part) in ["w", "x", "y", "z"].into_iter().zip(parts) {
                tell.value(name, Value::Number(f64::from(part) / wire::QUATERNION_ONE));
            }
        }
        STEPS => {
            let [steps, time_ms] = i32s(bytes).ok_or(LENGTH)?.map(i32::cast_unsigned);
            tell.value("steps", Value::Integer(steps.into()));
            tell.value("time_ms", Value::Integer(time_ms.into()));
        }
        EULER => {
            let angles: [i32; 3] = i32s(bytes).ok_or(LENGTH)?;
            tell.value("euler_deg", Value::Numbers(&angles.map(|angle| f64::from(angle) / wire::PER_DEGREE)));
        }
        HEADING => {
            let [heading] = i32s(bytes).ok_or(LENGTH)?;
            tell.value("heading_deg", Value::Number(f64::from(heading) / wire::PER_DEGREE));
        }
        _ => {
            let bits: [i32; 3] = i32s(bytes).ok_or(LENGTH)?;
            let gravity = bits.map(|bits| f64::from(f32::from_bits(bits.cast_unsigned())));
            tell.value("gravity", Value::Numbers(&gravity));
        }
    }
    Ok(())
}

fn settings(characteristic: Uuid, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), AttError> {
    match characteristic {
        MOTION => {
            let config = MotionConfig::parse(bytes)?;
            tell.value("step_ms", Value::Integer(config.step_ms.into()));
            tell.value("temp_ms", Value::Integer(config.temp_ms.into()));
            tell.value("mag_ms", Value::Integer(config.mag_ms.into()));
            tell.value("motion_hz", Value::Integer(config.motion_hz.into()));
            tell.value("wake_on_motion", Value::Flag(config.wake_on_motion));
        }
        LED => led(Led::parse(bytes)?, tell),
        _ => {
            let config = SoundConfig::parse(bytes)?;
            tell.value("speaker", Value::Integer(config.speaker.into()));
            tell.value("microphone", Value::Integer(config.microphone.into()));
        }
    }
    Ok(())
}

fn led(led: Led, tell: &mut dyn Tell) {
    let (mode, shade, delay) = match led {
        Led::Off => ("off", None, None),
        Led::Constant(rgb) => {
            tell.value("rgb", Value::Integers(&rgb.map(i64::from)));
            ("constant", None, None)
        }
        Led::Breathe { color, intensity, delay_ms } => ("breathe", Some((color, intensity)), Some(delay_ms)),
        Led::OneShot { color, intensity } => ("one-shot", Some((color, intensity)), None),
    };
    tell.value("mode", Value::Text(mode));
    if let Some((color, intensity)) = shade {
        tell.value("color", Value::Integer(color.into()));
        tell.value("intensity", Value::Integer(intensity.into()));
    }
    if let Some(delay_ms) = delay {
        tell.value("delay_ms", Value::Integer(delay_ms.into()));
    }
}

fn connection(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let wanted = Connection::parse(bytes).ok_or(LENGTH)?;
    tell.value("min_interval_ms", Value::Number(f64::from(wanted.min) * 1.25));
    tell.value("max_interval_ms", Value::Number(f64::from(wanted.max) * 1.25));
    tell.value("latency", Value::Integer(wanted.latency.into()));
    tell.value("supervision_ms", Value::Integer(i64::from(wanted.supervision) * 10));
    Ok(())
}

fn speaker(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    if let &[sound @ 0..=8] = bytes {
        tell.value("stored_sound", Value::Integer(sound.into()));
        return Ok(());
    }
    let tone = Tone::parse(bytes).ok_or(LENGTH)?;
    tell.value("frequency_hz", Value::Integer(tone.frequency_hz.into()));
    tell.value("duration_ms", Value::Integer(tone.duration_ms.into()));
    tell.value("volume_percent", Value::Integer(tone.volume_percent.into()));
    Ok(())
}

fn one_byte(characteristic: Uuid, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let &[byte] = bytes else { return Err(LENGTH) };
    match characteristic {
        BUTTON => tell.value("pressed", Value::Flag(byte != 0)),
        ORIENTATION => tell.value("orientation", Value::Integer(byte.into())),
        _ => {
            let status = match byte {
                0 => "done",
                1 => "buffer nearly full",
                2 => "ready",
                0x10 => "dropped",
                0x11 => "bad command",
                _ => return Err(Unclear::Refused(Refusal::Value)),
            };
            tell.value("speaker_status", Value::Text(status));
        }
    }
    Ok(())
}
