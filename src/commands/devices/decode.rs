//! `devices decode`: takes the bytes of a sensor apart, for a bug report.
//!
//! In: a family, a characteristic, messages in hexadecimal, and what a live session would know. Out: one JSON
//! object on a line of its own for each message. Left to others: what bytes mean (`firmware_protocol::explain`).

use super::told::Told;
use crate::commands::{Exit, Failure, Globals, print_json_line};
use firmware_protocol::explain::{ADVERTISING, Explain, Known, Unclear, Way};
use firmware_protocol::family::{AnyExplain, FAMILIES, Family, explainer};
use firmware_protocol::movella_dot::{self, control::Control};
use firmware_protocol::session::Uuid;
use firmware_protocol::sig;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Takes bytes of a sensor apart and prints as JSON what they mean
///
/// One JSON object on a line for each message. Several messages are taken as ones that came one after the other, so
/// that a frame in two parts is put together.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Kind of sensor, such as witmotion, or sig for the standard services; see: lumbard devices
    #[arg(value_name = "FAMILY")]
    family: String,
    /// Where the bytes were seen: a UUID in full, its 16 bits such as ffe4, or advertising
    #[arg(value_name = "CHARACTERISTIC")]
    characteristic: String,
    /// A message in hexadecimal, such as 5561d8fd; spaces inside it need quotes
    #[arg(value_name = "HEX", required = true)]
    messages: Vec<String>,
    /// What a live session would know, such as range_g=4,chip=BMI160
    #[arg(long = "with", value_name = "KEY=VALUE", value_delimiter = ',')]
    with: Vec<String>,
    /// The bytes were sent to the sensor
    #[arg(long, conflicts_with = "received")]
    sent: bool,
    /// The bytes came from the sensor
    #[arg(long)]
    received: bool,
    /// JSON is what is printed in any case
    #[arg(long, hide = true)]
    json: bool,
}

/// The Bluetooth SIG's base of short UUIDs.
const SIG_BASE: Uuid = Uuid::sig(0);
/// Where the short part of a UUID lies.
const SHORT_BITS: u32 = 96;
/// Where a UUID with more than a short part goes on: the upper half of its first 32 bits.
const LONG_SHORT: u128 = 0xffff_ffff << SHORT_BITS;
/// The short part alone.
const SHORT: u128 = 0xffff << SHORT_BITS;

/// Runs the command.
pub(super) fn run(_: &Globals, args: &Args) -> Result<Exit, Failure> {
    let (device, family) = device(&args.family)?;
    let places = places(&args.characteristic, family)?;
    let messages: Vec<Vec<u8>> =
        args.messages.iter().enumerate().map(|(i, text)| bytes(i + 1, text)).collect::<Result<_, _>>()?;
    let given = Given::read(&args.with)?;
    let way = match (args.sent, args.received) {
        (true, _) => Some(Way::ToSensor),
        (_, true) => Some(Way::FromSensor),
        _ => None,
    };
    let Some(explainer) = explainer(device) else { return Err(no_family(&args.family)) };
    let mut reader = Reading { explainer, places, given, way, doubtful: None };
    for (i, message) in messages.iter().enumerate() {
        let told = reader.read(message).map_err(|unclear| words(i + 1, message.len(), unclear, &reader, family))?;
        print_json_line(&told)?;
    }
    for key in reader.given.unused() {
        eprintln!("lumbard: --with {key} was not needed; look at its spelling if you expected another answer");
    }
    if let Some(way) = reader.doubtful {
        let (taken, other) = match way {
            Way::ToSensor => ("sent to the sensor", "--received"),
            Way::FromSensor => ("received from the sensor", "--sent"),
        };
        eprintln!("lumbard: taken as {taken}; they would mean something else the other way, see {other}");
    }
    Ok(Exit::Done)
}

/// The explainer's word of a family as typed, and the family; standard services have none.
fn device(typed: &str) -> Result<(&'static str, Option<&'static Family>), Failure> {
    let is = |word: &str| word.eq_ignore_ascii_case(typed);
    if is(sig::DEVICE) {
        return Ok((sig::DEVICE, None));
    }
    let family = FAMILIES.iter().copied().find(|family| is(family.device) || is(family.id));
    family.map(|family| (family.device, Some(family))).ok_or_else(|| no_family(typed))
}

fn no_family(typed: &str) -> Failure {
    let known: Vec<&str> = FAMILIES.iter().map(|family| family.id).chain([sig::DEVICE]).collect();
    Failure::bad_input(format!("{typed:?} is no kind of sensor that lumbard knows; write one of: {}", known.join(", ")))
}

/// The characteristics that were meant: one for a full UUID; for its short part, that of each base that the family
/// has, and that of the Bluetooth SIG.
fn places(typed: &str, family: Option<&Family>) -> Result<Vec<Uuid>, Failure> {
    if typed.eq_ignore_ascii_case("advertising") {
        return Ok(vec![ADVERTISING]);
    }
    let digits: String = typed.trim_start_matches("0x").chars().filter(|c| *c != '-').collect();
    let number = u128::from_str_radix(&digits, 16).ok();
    let number = number.filter(|_| digits.chars().all(|c| c.is_ascii_hexdigit()));
    match (number, digits.len()) {
        (Some(number), 32) => Ok(vec![Uuid(number)]),
        (Some(number), len @ (4 | 8)) => {
            let mask = if len == 4 { SHORT } else { LONG_SHORT };
            let own = family.into_iter().flat_map(|family| family.characteristics.iter().chain([&family.service]));
            let mut places: Vec<Uuid> = Vec::new();
            for base in own.chain([&SIG_BASE]) {
                let place = Uuid(base.0 & !mask | number << SHORT_BITS);
                if !places.contains(&place) {
                    places.push(place);
                }
            }
            Ok(places)
        }
        _ => Err(Failure::bad_input(format!(
            "{typed:?} is no characteristic; write its UUID such as 0000ffe4-0000-1000-8000-00805f9a34fb, its 16 bits \
             such as ffe4, or advertising"
        ))),
    }
}

/// One message as typed; spaces, colons and dashes between its bytes are allowed.
fn bytes(number: usize, typed: &str) -> Result<Vec<u8>, Failure> {
    let digits: Vec<char> =
        typed.trim_start_matches("0x").chars().filter(|c| !c.is_whitespace() && !":-_".contains(*c)).collect();
    if let Some(strange) = digits.iter().find(|c| !c.is_ascii_hexdigit()) {
        return Err(Failure::bad_input(format!(
            "message {number} has {strange:?} in it, which is no hexadecimal digit; write it like 5561d8fd"
        )));
    }
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return Err(Failure::bad_input(format!(
            "message {number} is not made of whole bytes: a byte takes two hexadecimal digits, and it has {} in all",
            digits.len()
        )));
    }
    let nibble = |c: char| c.to_digit(16).and_then(|n| u8::try_from(n).ok()).unwrap_or_default();
    Ok(digits.chunks(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect())
}

/// What was given with `--with`, and what of it was asked for.
#[derive(Debug, Default)]
struct Given {
    values: BTreeMap<String, String>,
    asked: RefCell<BTreeSet<String>>,
}

impl Given {
    fn read(typed: &[String]) -> Result<Self, Failure> {
        let mut values = BTreeMap::new();
        for pair in typed {
            let (key, value) = pair.split_once('=').filter(|(key, _)| !key.trim().is_empty()).ok_or_else(|| {
                Failure::bad_input(format!("--with {pair:?} has no key and value; write it like --with range_g=4"))
            })?;
            values.insert(key.trim().to_owned(), value.trim().to_owned());
        }
        Ok(Self { values, ..Self::default() })
    }

    fn unused(&self) -> Vec<String> {
        let asked = self.asked.borrow();
        self.values.keys().filter(|key| !asked.contains(*key)).cloned().collect()
    }
}

impl Known for Given {
    fn text(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name)?;
        self.asked.borrow_mut().insert(name.to_owned());
        Some(value)
    }
}

/// Messages being read one after the other.
struct Reading {
    explainer: AnyExplain,
    places: Vec<Uuid>,
    given: Given,
    /// The direction that was told.
    way: Option<Way>,
    /// A message would have meant something else in the other direction than in this one.
    doubtful: Option<Way>,
}

impl Reading {
    /// Reads the next message, in the first place that the family has, and in the direction in which it is sound.
    fn read(&mut self, message: &[u8]) -> Result<Json, Unclear> {
        let mut unclear = Unclear::Characteristic;
        for place in self.places.clone() {
            match self.read_at(place, message) {
                Ok(told) => {
                    self.places = vec![place];
                    return Ok(told);
                }
                Err(Unclear::Characteristic) => {}
                Err(why) => {
                    unclear = why;
                    break;
                }
            }
        }
        Err(unclear)
    }

    fn read_at(&mut self, place: Uuid, message: &[u8]) -> Result<Json, Unclear> {
        if let Some(way) = self.way {
            return self.take(self.tried(way, place, message)?);
        }
        match (self.tried(Way::FromSensor, place, message), self.tried(Way::ToSensor, place, message)) {
            (Ok(from), Ok(to)) if from.1 == to.1 => self.take(from),
            (Ok(from), Ok(to)) => {
                let (way, read) =
                    if is_command(place, message) { (Way::ToSensor, to) } else { (Way::FromSensor, from) };
                self.doubtful = Some(way);
                self.take(read)
            }
            (Ok(read), Err(_)) | (Err(_), Ok(read)) => self.take(read),
            (Err(Unclear::Characteristic), Err(why)) | (Err(why), Err(_)) => Err(why),
        }
    }

    /// Reads it on a copy: what was tried and does not count leaves no trace.
    fn tried(&self, way: Way, place: Uuid, message: &[u8]) -> Result<(AnyExplain, Json), Unclear> {
        let (mut explainer, mut told) = (self.explainer.clone(), Told::default());
        explainer.message(way, place, message, &self.given, &mut told)?;
        Ok((explainer, told.json()))
    }

    fn take(&mut self, (explainer, told): (AnyExplain, Json)) -> Result<Json, Unclear> {
        self.explainer = explainer;
        Ok(told)
    }
}

/// Bytes that are sound in both directions: whether they are a command. Most are, for what a sensor answers has a
/// head of its own; a DOT's settings are read and written in one form, and a command leaves all but what it names
/// at zero.
fn is_command(place: Uuid, message: &[u8]) -> bool {
    if place != movella_dot::CONTROL {
        return true;
    }
    let Ok(settings) = Control::parse(message) else { return true };
    let names = |bit: u8| settings.visit & bit != 0;
    let unnamed = [
        (names(Control::IDENTIFY), settings.identify == 0),
        (names(Control::POWER), settings.power == 0),
        (names(Control::TAG), settings.tag_len == 0),
        (names(Control::RATE), settings.rate_hz == 0),
    ];
    unnamed.iter().all(|(named, zero)| *named || *zero)
}

/// Why a message could not be read, and what would help.
fn words(number: usize, len: usize, unclear: Unclear, reading: &Reading, family: Option<&Family>) -> Failure {
    let which = format!("message {number} ({len} {})", if len == 1 { "byte" } else { "bytes" });
    Failure::bad_input(match unclear {
        Unclear::Missing(name, what) => {
            format!("{which} does not tell {name} by itself; give it as --with {name}={what}")
        }
        Unclear::Refused(why) => format!(
            "{which} is not what this characteristic carries: {}; look whether it is whole and in the right place",
            why.words()
        ),
        Unclear::Characteristic => {
            let direction = match reading.way {
                Some(Way::ToSensor) => " that is written to",
                Some(Way::FromSensor) => " that sends",
                None => "",
            };
            let own = family.map_or(&[][..], |family| family.characteristics);
            let own: Vec<String> = own.iter().map(ToString::to_string).collect();
            let (name, own) = match family {
                Some(_) if own.is_empty() => ("this kind", "those of its standard services".to_owned()),
                Some(family) => (family.name, own.join(", ")),
                None => ("the list of standard services", "2a19, 2bed, 2a06".to_owned()),
            };
            format!("{which} cannot be read: {name} has no such characteristic{direction}; it has among others {own}")
        }
    })
}
