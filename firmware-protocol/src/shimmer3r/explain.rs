//! A Shimmer3R's bytes for people.
//!
//! In: notifications in their order, commands. Out: named values. What a sample holds is told by an inquiry
//! seen before, by `channels` (their ids in hexadecimal, such as 0001020a0b0c), or else it is acceleration and
//! rotation. Values in g and °/s are told once an inquiry told the ranges.

use super::wire::{self, ACK, BATTERY, Channels, Command, DATA, INQUIRY, Inquiry, LONGEST, MOST_CHANNELS, NACK};
use super::{FROM, TO};
use crate::att::u16_of;
use crate::explain::{Explain, Known, Tell, Unclear, Value, Way, scaled};
use crate::session::{Refusal, Uuid};
use crate::sig;

/// Takes the messages of one sensor apart.
#[derive(Clone, Debug)]
pub struct Explainer {
    inquiry: Option<Inquiry>,
    /// The beginning of a sample whose rest is still to come.
    part: [u8; LONGEST],
    held: usize,
}

impl Default for Explainer {
    fn default() -> Self {
        Self { inquiry: None, part: [0; LONGEST], held: 0 }
    }
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
            (Way::ToSensor, TO) => command(bytes, tell),
            (Way::FromSensor, FROM | TO) => self.notification(bytes, known, tell),
            (way, other) => sig::Explainer.message(way, other, bytes, known, tell),
        }
    }
}

impl Explainer {
    fn notification(&mut self, bytes: &[u8], known: &dyn Known, tell: &mut dyn Tell) -> Result<(), Unclear> {
        if self.held > 0 {
            return self.samples(bytes, known, tell);
        }
        match *bytes {
            [acknowledgement @ (ACK | NACK), ref rest @ ..] => {
                tell.value("ack", Value::Flag(acknowledgement == ACK));
                if rest.is_empty() { Ok(()) } else { self.notification(rest, known, tell) }
            }
            [INQUIRY, ..] => self.inquiry(bytes, tell),
            [BATTERY, low, high, status] => {
                tell.value("battery_adc", Value::Integer(u16_of(&[low, high]).into()));
                tell.value("battery_status", Value::Hex(status.into(), 2));
                Ok(())
            }
            [DATA, ..] => self.samples(bytes, known, tell),
            _ => Err(Unclear::Refused(Refusal::Kind)),
        }
    }

    fn inquiry(&mut self, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
        let inquiry = Inquiry::parse(bytes).ok_or(Unclear::Refused(Refusal::Length))?.map_err(Unclear::Refused)?;
        if bytes.len() != inquiry.reply_len() {
            return Err(Unclear::Refused(Refusal::Length));
        }
        let mut ids = [0; MOST_CHANNELS];
        let count = inquiry.channels.ids().len();
        ids.iter_mut().zip(inquiry.channels.ids()).for_each(|(wide, &id)| *wide = i64::from(id));
        tell.value("divider", Value::Integer(inquiry.divider.into()));
        tell.value("rate_hz", Value::Number(inquiry.rate_hz()));
        tell.value("config", Value::Bytes(&inquiry.config));
        tell.value("channels", Value::Integers(&ids[..count]));
        tell.value("buffer_size", Value::Integer(inquiry.buffer_size.into()));
        tell.value("frame_bytes", Value::Integer(inquiry.channels.frame_len() as i64));
        tell.value("accel_range_g", Value::Number(inquiry.acc_range().0));
        tell.value("gyro_range_dps", inquiry.gyr_range().map_or(Value::Nothing, |(range, _)| Value::Number(range)));
        self.inquiry = Some(inquiry);
        Ok(())
    }

    /// One whole sample is told by itself; anything else as a list, with what waits for its rest.
    fn samples(&mut self, bytes: &[u8], known: &dyn Known, tell: &mut dyn Tell) -> Result<(), Unclear> {
        let channels = self.channels(known)?;
        let len = channels.frame_len();
        if self.held == 0 && bytes.len() == len {
            self.sample(bytes, &channels, tell);
            return Ok(());
        }
        tell.list("frames");
        for &byte in bytes {
            // The place of a sample's first byte tells whether this is one.
            if self.held == 0 && byte != DATA {
                tell.end();
                return Err(Unclear::Refused(Refusal::Kind));
            }
            self.part[self.held] = byte;
            self.held += 1;
            if self.held == len {
                self.held = 0;
                tell.entry();
                self.sample(&self.part[..len], &channels, tell);
            }
        }
        tell.end();
        if self.held > 0 {
            tell.value("buffered", Value::Integer(self.held as i64));
        }
        Ok(())
    }

    fn channels(&self, known: &dyn Known) -> Result<Channels, Unclear> {
        const UNCLEAR: Unclear = Unclear::Missing("channels", "their ids in hexadecimal, such as 0001020a0b0c");
        let Some(text) = known.text("channels") else {
            return Ok(self.inquiry.map_or_else(Channels::six_axes, |inquiry| inquiry.channels));
        };
        let mut ids = [0; MOST_CHANNELS];
        let count = text.len() / 2;
        for (i, id) in ids.get_mut(..count).ok_or(UNCLEAR)?.iter_mut().enumerate() {
            let digits = text.get(2 * i..2 * i + 2).ok_or(UNCLEAR)?;
            *id = u8::from_str_radix(digits, 16).map_err(|_| UNCLEAR)?;
        }
        Channels::of(&ids[..count]).map_err(|_| UNCLEAR)
    }

    fn sample(&self, frame: &[u8], channels: &Channels, tell: &mut dyn Tell) {
        tell.value("timestamp_ticks", Value::Integer(wire::stamp(frame).into()));
        let raw = [("accel_raw", wire::ACC), ("gyro_raw", wire::GYR), ("wide_accel_raw", wire::WIDE)];
        for (name, ids) in raw.into_iter().chain([("mag_raw", wire::MAG)]) {
            if let Some(counts) = channels.read(frame, ids) {
                tell.value(name, Value::Integers(&counts.map(i64::from)));
            }
        }
        let Some(inquiry) = self.inquiry else { return };
        if let Some(counts) = channels.read(frame, wire::ACC) {
            let per_g = inquiry.acc_range().1 * wire::STANDARD_GRAVITY;
            tell.value("accel_g", Value::Numbers(&scaled(counts, 1.0, per_g)));
        }
        if let (Some(counts), Some((_, per_dps))) = (channels.read(frame, wire::GYR), inquiry.gyr_range()) {
            tell.value("gyro_dps", Value::Numbers(&scaled(counts, 1.0, per_dps)));
        }
    }
}

fn command(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let command = Command::parse(bytes).ok_or(Unclear::Refused(Refusal::Kind))?;
    tell.value("command", Value::Text(command.words()));
    match command {
        Command::Rate(divider) => {
            tell.value("divider", Value::Integer(divider.into()));
            tell.value("rate_hz", Value::Number(wire::TICKS_PER_S / f64::from(divider.max(1))));
        }
        Command::Sensors(mask) => tell.value("mask", Value::Hex(mask.into(), 6)),
        _ => {}
    }
    Ok(())
}
