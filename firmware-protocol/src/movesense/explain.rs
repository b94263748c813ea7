//! Answers, data and commands of GSP taken apart for people.
//!
//! In: notifications in their order, commands to the sensor. Out: named values. What data means is told by the
//! path that was subscribed to: given as `path`, known from a command seen before, or else guessed from the
//! length, and then `path_guessed` says so.

use super::assembly::{Assembly, WholeLength};
use super::wire::{self, Command, Hello, Packet, Request, Response, Status};
use super::{BATTERY_LEVEL, COMMAND, DATA};
use crate::explain::{Explain, Known, Tell, Unclear, Value, Way, Words};
use crate::float::doubles;
use crate::session::{Moment, Refusal, Uuid};

/// Requests that are remembered.
const MOST_ASKED: usize = 8;
/// Most samples of one payload that are told.
const MOST_SAMPLES: usize = 48;
/// The three blocks: their names, and how they are told.
const BLOCKS: [&str; 3] = ["acc_ms2", "gyro_dps", "magn_ut"];

/// Takes the messages of one sensor apart.
#[derive(Clone, Debug, Default)]
pub struct Explainer {
    asked: [Option<(u8, Asked)>; MOST_ASKED],
    next: usize,
    assembly: Assembly,
    /// What the piece that waits is of, and how long it will be.
    waiting: Option<(u8, Asked, usize)>,
}

/// What a reference stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Hello,
    Measurement { name: &'static str, blocks: &'static [usize], hz: u16 },
    Time,
    Battery,
    Log,
    HeartRate,
    Temperature,
    Other,
}

const ACC: (&str, &[usize]) = ("Acc", &[0]);
const GYRO: (&str, &[usize]) = ("Gyro", &[1]);
const IMU6: (&str, &[usize]) = ("IMU6", &[0, 1]);
const IMU9: (&str, &[usize]) = ("IMU9", &[0, 1, 2]);
const MEASUREMENTS: [(&str, &[usize]); 5] = [ACC, GYRO, ("Magn", &[2]), IMU6, IMU9];

impl Asked {
    const fn measurement((name, blocks): (&'static str, &'static [usize]), hz: u16) -> Self {
        Self::Measurement { name, blocks, hz }
    }

    fn of_path(path: &str) -> Self {
        let measured = path.strip_prefix("/Meas/").and_then(|rest| rest.split_once('/')).and_then(|(name, rate)| {
            let known = MEASUREMENTS.into_iter().find(|(known, _)| *known == name)?;
            Some(Self::measurement(known, rate.parse().ok()?))
        });
        match path {
            "/Time/Detailed" => Self::Time,
            "/Meas/HR" => Self::HeartRate,
            "/Meas/Temp" => Self::Temperature,
            wire::BATTERY_PATH => Self::Battery,
            _ => measured.unwrap_or(Self::Other),
        }
    }

    /// What a payload probably is, by its length; acceleration at rest is near gravity.
    fn of_payload(payload: &[u8]) -> Self {
        let near_gravity = |i: usize| {
            Packet::parse(payload, 1).is_ok_and(|packet| {
                let norm_squared: f64 = doubles(packet.vector(0, i)).iter().map(|n| n * n).sum();
                (49.0..169.0).contains(&norm_squared)
            })
        };
        match payload.len() {
            20 => Self::Time,
            8 => Self::Temperature,
            6 => Self::HeartRate,
            28 => Self::measurement(IMU6, 13),
            40 => Self::measurement(IMU9, 13),
            52 if near_gravity(0) && near_gravity(3) => Self::measurement(ACC, 52),
            52 if near_gravity(0) => Self::measurement(IMU6, 26),
            52 => Self::measurement(GYRO, 52),
            100 => Self::measurement(IMU6, 52),
            148 => Self::measurement(IMU9, 52),
            101..196 => Self::measurement(IMU6, 104),
            196 => Self::measurement(IMU6, 104),
            _ => Self::Other,
        }
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
            (Way::FromSensor, DATA) => self.response(bytes, known, tell),
            (Way::ToSensor, COMMAND) => self.command(bytes, tell),
            (Way::FromSensor, BATTERY_LEVEL) => {
                let &[percent] = bytes else { return Err(Unclear::Refused(Refusal::Length)) };
                tell.value("battery_pct", Value::Integer(i64::from(percent)));
                Ok(())
            }
            _ => Err(Unclear::Characteristic),
        }
    }
}

impl Explainer {
    fn asked(&self, reference: u8) -> Option<Asked> {
        self.asked.iter().flatten().find(|(known, _)| *known == reference).map(|(_, asked)| *asked)
    }

    fn remember(&mut self, reference: u8, asked: Asked) {
        let place = self.asked.iter().position(|place| place.is_some_and(|(known, _)| known == reference));
        let place = place.unwrap_or_else(|| {
            self.next = (self.next + 1) % MOST_ASKED;
            self.next
        });
        self.asked[place] = Some((reference, asked));
    }

    fn command(&mut self, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
        let Request { reference, command } = Request::parse(bytes).map_err(Unclear::Refused)?;
        let (name, asked) = match command {
            Command::Hello => ("HELLO", Asked::Hello),
            Command::Subscribe(path) => ("SUBSCRIBE", Asked::of_path(path)),
            Command::Unsubscribe => ("UNSUBSCRIBE", Asked::Other),
            Command::FetchLog(_) => ("FETCH_LOG", Asked::Log),
            Command::Get(path) => ("GET", Asked::of_path(path)),
            Command::ClearLogbook => ("CLEAR_LOGBOOK", Asked::Other),
            Command::LoggerPaths(_) => ("PUT_DATALOGGER_CONFIG", Asked::Other),
            Command::SystemMode(_) => ("PUT_SYSTEMMODE", Asked::Other),
            Command::UtcTime(_) => ("PUT_UTCTIME", Asked::Other),
            Command::LoggerState(_) => ("PUT_DATALOGGER_STATE", Asked::Other),
        };
        self.remember(reference, asked);
        tell.value("command", Value::Text(name));
        tell.value("reference", Value::Integer(i64::from(reference)));
        match command {
            Command::Subscribe(path) | Command::Get(path) => tell.value("path", Value::Text(path)),
            Command::FetchLog(id) => tell.value("log_id", Value::Integer(i64::from(id))),
            Command::LoggerPaths(paths) => tell.value("paths", Value::Bytes(paths)),
            Command::SystemMode(mode) => {
                tell.value("mode", Value::Integer(i64::from(mode)));
                // Accepted: the link drops.
                tell.value("expected_status", Value::Integer(202));
            }
            Command::UtcTime(us) => tell.value("utc_us", Value::Integer(us.cast_signed())),
            Command::LoggerState(state) => tell.value("state", Value::Integer(i64::from(state))),
            Command::Hello | Command::Unsubscribe | Command::ClearLogbook => {}
        }
        Ok(())
    }

    fn response(&mut self, bytes: &[u8], known: &dyn Known, tell: &mut dyn Tell) -> Result<(), Unclear> {
        let Response { code, reference, body } = Response::parse(bytes).map_err(Unclear::Refused)?;
        let name = match code {
            wire::ANSWER => "COMMAND_RESPONSE",
            wire::DATA => "DATA",
            _ => "DATA_PART2",
        };
        tell.value("response", Value::Text(name));
        tell.value("reference", Value::Integer(i64::from(reference)));
        match code {
            wire::ANSWER => self.answer(reference, body, tell),
            wire::DATA => self.data(reference, body, known, tell),
            _ => self.rest(reference, body, tell),
        }
    }

    fn answer(&self, reference: u8, body: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
        let asked = self.asked(reference);
        if let (None | Some(Asked::Hello), Some(hello)) = (asked, Hello::parse(body)) {
            tell_hello(&hello, tell);
            return Ok(());
        }
        let (status, value) = Status::parse(body).map_err(Unclear::Refused)?;
        tell.value("status", Value::Integer(i64::from(status.code)));
        if status.big_endian {
            tell.value("legacy_big_endian", Value::Flag(true));
        }
        match (asked, value) {
            (_, []) => {}
            (None | Some(Asked::Battery), &[percent]) => tell.value("battery_pct", Value::Integer(i64::from(percent))),
            (_, value) if tell_info(value, tell) => {}
            (_, value) => tell.value("data", Value::Bytes(value)),
        }
        Ok(())
    }

    fn data(&mut self, reference: u8, body: &[u8], known: &dyn Known, tell: &mut dyn Tell) -> Result<(), Unclear> {
        (self.assembly, self.waiting) = (Assembly::default(), None);
        let asked = known.text("path").map(Asked::of_path).or_else(|| self.asked(reference));
        let what = asked.unwrap_or_else(|| Asked::of_payload(body));
        if let Asked::Measurement { blocks, hz, .. } = what
            && let Some(samples) = wire::samples_at(hz)
            && body.len() < wire::payload_len(blocks.len(), samples)
        {
            let whole = wire::payload_len(blocks.len(), samples);
            self.assembly.begin(Moment::default(), body, &WholeLength::of(wire::RATES[0])).map_err(Unclear::Refused)?;
            self.waiting = Some((reference, what, whole));
            tell.value("complete", Value::Flag(false));
            tell.value("expected_payload_len", Value::Integer(whole as i64));
            return Ok(());
        }
        tell.value("complete", Value::Flag(true));
        if asked.is_none() {
            tell.value("path_guessed", Value::Flag(true));
        }
        tell_payload(what, body, tell)
    }

    fn rest(&mut self, reference: u8, body: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
        let Some((_, what, whole)) = self.waiting.filter(|(waiting, ..)| *waiting == reference) else {
            tell.value("error", Value::Text("orphan_part2"));
            return Ok(());
        };
        let payload = self.assembly.append(Moment::default(), body, whole).map_err(Unclear::Refused)?;
        tell.value("complete", Value::Flag(payload.is_some()));
        let Some(payload) = payload else { return Ok(()) };
        self.waiting = None;
        tell.group("reassembled");
        let done = tell_payload(what, payload, tell);
        tell.end();
        done
    }
}

fn tell_hello(hello: &Hello<'_>, tell: &mut dyn Tell) {
    tell.value("has_status", Value::Flag(false));
    match *hello {
        Hello::Early => tell.value("legacy", Value::Flag(true)),
        Hello::Known { version, serial, product, dfu_mac, app_name, app_version } => {
            tell.value("protocol_version", Value::Integer(i64::from(version)));
            for (name, text) in [
                ("serial", serial),
                ("product", product),
                ("dfu_mac", dfu_mac),
                ("app_name", app_name),
                ("app_version", app_version),
            ] {
                tell.value(name, Value::Text(text));
            }
        }
    }
}

fn tell_payload(what: Asked, payload: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let word = |i: usize| payload.get(i..i + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    let float = |i: usize| word(i).map(|bits| f64::from(f32::from_bits(bits)));
    match (what, payload.len()) {
        (Asked::Measurement { name, blocks, hz }, _) => {
            let path = Words::<32>::of(format_args!("/Meas/{name}/{hz}"));
            tell.value("path", Value::Text(path.as_str()));
            tell_measurement(blocks, payload, tell)?;
        }
        (Asked::Time, 20) => {
            let utc = payload.first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes));
            tell.value("utc_us", Value::Integer(utc));
            for (name, at) in [("relative_time_ms", 8), ("tick_rate_hz", 12), ("accuracy", 16)] {
                tell.value(name, Value::Integer(word(at).map_or(0, i64::from)));
            }
        }
        (Asked::HeartRate, 4..) => {
            tell.value("heart_rate_bpm", float(0).map_or(Value::Nothing, Value::Number));
            for pair in payload[4..].as_chunks().0.iter().take(1) {
                tell.value("rr_ms", Value::Integer(i64::from(u16::from_le_bytes(*pair))));
            }
        }
        (Asked::Temperature, 8) => {
            // Firmware differs in the order: what a body or a room can have is the temperature.
            let sound = |kelvin: &f64| (233.0..=398.0).contains(kelvin);
            let found = [(4, 0), (0, 4)].into_iter().find_map(|(k, t)| Some((float(k).filter(sound)?, word(t)?)));
            let (kelvin, ms) = found.ok_or(Unclear::Refused(Refusal::Value))?;
            tell.value("timestamp_ms", Value::Integer(i64::from(ms)));
            tell.value("temperature_k", Value::Number(kelvin));
        }
        (Asked::Log, 4..) => {
            tell.value("log_offset", Value::Integer(word(0).map_or(0, i64::from)));
            tell.value("log_bytes", Value::Bytes(&payload[4..]));
        }
        (Asked::Hello | Asked::Battery | Asked::Other, _) => tell.value("data", Value::Bytes(payload)),
        (Asked::Time | Asked::HeartRate | Asked::Temperature | Asked::Log, _) => {
            return Err(Unclear::Refused(Refusal::Length));
        }
    }
    Ok(())
}

fn tell_measurement(blocks: &[usize], payload: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let packet = Packet::parse(payload, blocks.len()).map_err(Unclear::Refused)?;
    tell.value("timestamp_ms", Value::Integer(i64::from(packet.timestamp_ms)));
    tell.value("samples", Value::Integer(packet.samples() as i64));
    let mut vectors = [[0.0; 3]; MOST_SAMPLES];
    let vectors = vectors.get_mut(..packet.samples()).ok_or(Unclear::Refused(Refusal::Length))?;
    for (place, block) in blocks.iter().enumerate() {
        for (i, vector) in vectors.iter_mut().enumerate() {
            *vector = doubles(packet.vector(place, i));
        }
        tell.value(BLOCKS[*block], Value::Vectors(vectors));
    }
    Ok(())
}

/// Tells the rates and ranges of `/Meas/*/Info`, if the bytes are exactly that.
fn tell_info(value: &[u8], tell: &mut dyn Tell) -> bool {
    /// A list: its name, and the bytes of each number.
    type Lists = &'static [(&'static str, usize)];
    const RATES: (&str, usize) = ("sample_rates_hz", 2);
    const SHAPES: [Lists; 3] = [
        &[RATES, ("acc_ranges_g", 1), ("gyro_ranges_dps", 2), ("magn_ranges_ut", 2)],
        &[RATES, ("acc_ranges_g", 1)],
        &[RATES, ("gyro_ranges_dps", 2)],
    ];
    let lists = |shape: Lists, take: &mut dyn FnMut(&'static str, &[i64])| -> Option<()> {
        let mut rest = value;
        for &(name, width) in shape {
            let (&count, after) = rest.split_first()?;
            let (list, after) = after.split_at_checked(usize::from(count) * width)?;
            let mut numbers = [0; 32];
            let numbers = numbers.get_mut(..usize::from(count))?;
            for (number, bytes) in numbers.iter_mut().zip(list.chunks_exact(width)) {
                *number = bytes.iter().rev().fold(0, |number, byte| number << 8 | i64::from(*byte));
            }
            take(name, numbers);
            rest = after;
        }
        rest.is_empty().then_some(())
    };
    let Some(shape) = SHAPES.into_iter().find(|shape| lists(shape, &mut |_, _| {}).is_some()) else { return false };
    lists(shape, &mut |name, numbers| tell.value(name, Value::Integers(numbers))).is_some()
}
