//! The attributes of a sensor, and the answers to a host's requests for them.
//!
//! In:  requests of the attribute protocol, and the [`Sensor`] that reads and writes go to.
//! Out: an answer, and what else follows from the request, in [`Done`].
//! Left to others: the link, and when samples are sent.
//!
//! Source: Bluetooth Core Specification 5.0, volume 3 parts F (ATT) and G (GATT).

use crate::sensor::{Kind, Sensor};
use firmware_protocol::session::{Moment, Uuid};
use firmware_protocol::sig::{BATTERY_LEVEL, BATTERY_SERVICE};

/// Until the host asks for more.
const LEAST_MTU: u16 = 23;
/// Where the sensor's own service begins.
const FIRST_HANDLE: u16 = 0x10;
/// What the battery says, in percent.
const BATTERY_PERCENT: u8 = 87;

const SERVICE: [u8; 2] = [0x00, 0x28];
const CHARACTERISTIC: [u8; 2] = [0x03, 0x28];
const SUBSCRIPTION: [u8; 2] = [0x02, 0x29];
const GENERIC_ACCESS: Uuid = Uuid::sig(0x1800);
const DEVICE_NAME: Uuid = Uuid::sig(0x2a00);

const ERROR: u8 = 0x01;
const MTU: u8 = 0x02;
const FIND_INFORMATION: u8 = 0x04;
const FIND_BY_VALUE: u8 = 0x06;
const READ_BY_TYPE: u8 = 0x08;
const READ: u8 = 0x0a;
const READ_BLOB: u8 = 0x0c;
const READ_BY_GROUP: u8 = 0x10;
const WRITE: u8 = 0x12;
const WRITE_COMMAND: u8 = 0x52;
const NOTIFICATION: u8 = 0x1b;
const CONFIRMATION: u8 = 0x1e;
/// Requests have this bit clear; what has it set wants no answer.
const COMMAND_BIT: u8 = 0x40;

const INVALID_HANDLE: u8 = 0x01;
const NOT_PERMITTED: u8 = 0x03;
const NOT_SUPPORTED: u8 = 0x06;
const INVALID_OFFSET: u8 = 0x07;
const NOT_FOUND: u8 = 0x0a;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Fixed(Vec<u8>),
    /// The sensor answers.
    OfSensor(Uuid),
    Subscription,
}

#[derive(Clone, Debug)]
struct Attribute {
    handle: u16,
    kind: Vec<u8>,
    value: Value,
    /// The last handle of a service; 0 for everything else.
    end: u16,
}

/// What follows from a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) answer: Option<Vec<u8>>,
    /// What the sensor notifies in answer to a write.
    pub(crate) notify: Option<Vec<u8>>,
    pub(crate) subscribed: Option<bool>,
    pub(crate) mtu: Option<u16>,
}

impl Done {
    fn answer(answer: Vec<u8>) -> Self {
        Self { answer: Some(answer), ..Self::default() }
    }
}

pub(crate) struct Gatt {
    attributes: Vec<Attribute>,
    /// Handle of the samples' value.
    samples: u16,
    /// The largest MTU that the sensor agrees to.
    largest_mtu: u16,
    mtu: u16,
}

/// Two bytes for those of the Bluetooth SIG, else sixteen; least significant first.
pub(crate) fn on_air(uuid: Uuid) -> Vec<u8> {
    // Bits 96 to 111 are the short form.
    let short = (uuid.0 >> 96) as u16;
    if Uuid::sig(short) == uuid { short.to_le_bytes().to_vec() } else { uuid.0.to_le_bytes().to_vec() }
}

fn properties(flags: &[&str]) -> u8 {
    let bit = |flag: &&str| match *flag {
        "read" => 0x02,
        "write-without-response" => 0x04,
        "write" => 0x08,
        "notify" => 0x10,
        _ => 0,
    };
    flags.iter().map(bit).sum()
}

/// Attributes as they are put together, one handle after the other.
struct Builder {
    attributes: Vec<Attribute>,
    next: u16,
}

impl Builder {
    fn add(&mut self, kind: &[u8], value: Value) -> u16 {
        let handle = self.next;
        self.attributes.push(Attribute { handle, kind: kind.to_vec(), value, end: 0 });
        self.next += 1;
        handle
    }

    fn characteristic(&mut self, uuid: Uuid, flags: &[&str], value: Value) -> u16 {
        let [low, high] = (self.next + 1).to_le_bytes();
        let declaration = [&[properties(flags), low, high], &on_air(uuid)[..]].concat();
        self.add(&CHARACTERISTIC, Value::Fixed(declaration));
        let handle = self.add(&on_air(uuid), value);
        if flags.contains(&"notify") {
            self.add(&SUBSCRIPTION, Value::Subscription);
        }
        handle
    }

    fn service(&mut self, uuid: Uuid, fill: impl FnOnce(&mut Self)) {
        let i = self.attributes.len();
        self.add(&SERVICE, Value::Fixed(on_air(uuid)));
        fill(self);
        self.attributes[i].end = self.next - 1;
    }
}

impl Gatt {
    pub(crate) fn new(kind: Kind, largest_mtu: u16) -> Self {
        let mut builder = Builder { attributes: Vec::new(), next: 1 };
        builder.service(GENERIC_ACCESS, |service| {
            service.characteristic(DEVICE_NAME, &["read"], Value::Fixed(kind.name().into()));
        });
        builder.next = FIRST_HANDLE;
        let mut samples = 0;
        builder.service(kind.service(), |service| {
            // The battery has a service of its own.
            for &(uuid, flags) in kind.characteristics().iter().filter(|(uuid, _)| *uuid != BATTERY_LEVEL) {
                let handle = service.characteristic(uuid, flags, Value::OfSensor(uuid));
                if flags.contains(&"notify") {
                    samples = handle;
                }
            }
        });
        if kind == Kind::Open {
            builder.service(BATTERY_SERVICE, |service| {
                service.characteristic(BATTERY_LEVEL, &["read"], Value::Fixed(vec![BATTERY_PERCENT]));
            });
        }
        Self { attributes: builder.attributes, samples, largest_mtu, mtu: LEAST_MTU }
    }

    /// A new connection begins with the least.
    pub(crate) fn connected(&mut self) {
        self.mtu = LEAST_MTU;
    }

    /// A notification of samples.
    pub(crate) fn notification(&self, bytes: &[u8]) -> Vec<u8> {
        let [low, high] = self.samples.to_le_bytes();
        [&[NOTIFICATION, low, high], bytes].concat()
    }

    pub(crate) fn request(&mut self, now: Moment, pdu: &[u8], sensor: &mut Sensor) -> Done {
        match *pdu {
            [MTU, low, high] => {
                self.mtu = u16::from_le_bytes([low, high]).clamp(LEAST_MTU, self.largest_mtu.max(LEAST_MTU));
                let [low, high] = self.largest_mtu.to_le_bytes();
                Done { mtu: Some(self.mtu), ..Done::answer(vec![MTU + 1, low, high]) }
            }
            [op @ (READ_BY_GROUP | READ_BY_TYPE), a, b, c, d, ref kind @ ..] => {
                self.by_type(op, u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]), kind)
            }
            [FIND_BY_VALUE, a, b, c, d, e, f, ref value @ ..] => {
                self.by_value(u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]), [e, f], value)
            }
            [FIND_INFORMATION, a, b, c, d] => self.information(u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])),
            [READ, low, high] => self.read(READ, u16::from_le_bytes([low, high]), 0, sensor),
            [READ_BLOB, low, high, a, b] => {
                let offset = usize::from(u16::from_le_bytes([a, b]));
                self.read(READ_BLOB, u16::from_le_bytes([low, high]), offset, sensor)
            }
            [op @ (WRITE | WRITE_COMMAND), low, high, ref value @ ..] => {
                let done = self.write(now, u16::from_le_bytes([low, high]), value, sensor);
                if op == WRITE { done } else { Done { answer: None, ..done } }
            }
            // Answers have odd numbers.
            [op, ..] if op & COMMAND_BIT == 0 && op % 2 == 0 && op != CONFIRMATION => error(op, 0, NOT_SUPPORTED),
            _ => Done::default(),
        }
    }

    fn within(&self, first: u16, last: u16) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(move |attribute| (first..=last).contains(&attribute.handle))
    }

    /// Entries of one length each, as many as there is room for.
    fn entries(&self, op: u16, first: u16, mark: impl Fn(&[u8]) -> u8, entries: impl Iterator<Item = Vec<u8>>) -> Done {
        let op = op as u8;
        let mut answer: Vec<u8> = vec![op + 1];
        let mut entry_len = 0;
        for entry in entries {
            if answer.len() == 1 {
                answer.push(mark(&entry));
                entry_len = entry.len();
            }
            if entry.len() != entry_len || answer.len() + entry.len() > usize::from(self.mtu) {
                break;
            }
            answer.extend(entry);
        }
        if answer.len() == 1 { error(op, first, NOT_FOUND) } else { Done::answer(answer) }
    }

    fn by_type(&self, op: u8, first: u16, last: u16, kind: &[u8]) -> Done {
        let wanted = self.within(first, last).filter(|attribute| attribute.kind == kind);
        let entries = wanted.filter_map(|attribute| {
            let Value::Fixed(value) = &attribute.value else { return None };
            let end = attribute.end.to_le_bytes();
            let end = if op == READ_BY_GROUP { &end[..] } else { &[] };
            Some([&attribute.handle.to_le_bytes(), end, value].concat())
        });
        self.entries(op.into(), first, |entry| entry.len() as u8, entries)
    }

    fn information(&self, first: u16, last: u16) -> Done {
        let entries = self.within(first, last);
        let entries = entries.map(|attribute| [&attribute.handle.to_le_bytes(), &attribute.kind[..]].concat());
        // The mark tells short kinds from long ones.
        self.entries(FIND_INFORMATION.into(), first, |entry| if entry.len() == 4 { 1 } else { 2 }, entries)
    }

    fn by_value(&self, first: u16, last: u16, kind: [u8; 2], value: &[u8]) -> Done {
        let fits = |attribute: &&Attribute| {
            attribute.kind == kind && matches!(&attribute.value, Value::Fixed(fixed) if fixed == value)
        };
        let found = self.within(first, last).filter(fits);
        let pairs: Vec<u8> = found.flat_map(|a| [a.handle.to_le_bytes(), a.end.to_le_bytes()].concat()).collect();
        if pairs.is_empty() {
            return error(FIND_BY_VALUE, first, NOT_FOUND);
        }
        Done::answer([&[FIND_BY_VALUE + 1], &pairs[..]].concat())
    }

    fn read(&self, op: u8, handle: u16, offset: usize, sensor: &Sensor) -> Done {
        let Some(attribute) = self.within(handle, handle).next() else { return error(op, handle, INVALID_HANDLE) };
        let value = match &attribute.value {
            Value::Fixed(value) => value.clone(),
            Value::OfSensor(uuid) => sensor.read(*uuid),
            Value::Subscription => vec![0, 0],
        };
        let Some(rest) = value.get(offset..) else { return error(op, handle, INVALID_OFFSET) };
        let room = usize::from(self.mtu) - 1;
        Done::answer([&[op + 1], &rest[..rest.len().min(room)]].concat())
    }

    fn write(&self, now: Moment, handle: u16, value: &[u8], sensor: &mut Sensor) -> Done {
        let written = Done::answer(vec![WRITE + 1]);
        match self.within(handle, handle).next().map(|attribute| &attribute.value) {
            None => error(WRITE, handle, INVALID_HANDLE),
            Some(Value::Fixed(_)) => error(WRITE, handle, NOT_PERMITTED),
            Some(Value::Subscription) => {
                Done { subscribed: Some(value.first().is_some_and(|bits| bits & 1 == 1)), ..written }
            }
            Some(Value::OfSensor(_)) => match sensor.write(now, value) {
                Ok(notify) => Done { notify, ..written },
                Err(why) => error(WRITE, handle, why as u8),
            },
        }
    }
}

fn error(op: u8, handle: u16, why: u8) -> Done {
    let [low, high] = handle.to_le_bytes();
    Done::answer(vec![ERROR, op, low, high, why])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(gatt: &mut Gatt, sensor: &mut Sensor, pdu: &[u8]) -> Vec<u8> {
        gatt.request(Moment(0), pdu, sensor).answer.unwrap()
    }

    #[test]
    fn a_host_finds_the_services_reads_info_and_subscribes() {
        let (mut gatt, mut sensor) = (Gatt::new(Kind::Open, 23), Kind::Open.sensor(23));
        let answer = ask(&mut gatt, &mut sensor, &[0x10, 1, 0, 0xff, 0xff, 0x00, 0x28]);
        assert_eq!(answer, [0x11, 6, 1, 0, 3, 0, 0x00, 0x18]);
        let answer = ask(&mut gatt, &mut sensor, &[0x10, 4, 0, 0xff, 0xff, 0x00, 0x28]);
        assert_eq!((answer[1], answer.len(), &answer[2..6]), (20, 22, &[0x10, 0, 0x17, 0][..]));
        let answer = ask(&mut gatt, &mut sensor, &[0x10, 0x18, 0, 0xff, 0xff, 0x00, 0x28]);
        assert_eq!(answer, [0x11, 6, 0x18, 0, 0x1a, 0, 0x0f, 0x18]);
        let info = ask(&mut gatt, &mut sensor, &[0x0a, 0x15, 0]);
        let Sensor::Open(open) = &sensor else { unreachable!() };
        assert_eq!(info[1..], open.info().encode());
        let done = gatt.request(Moment(0), &[0x12, 0x13, 0, 1, 0], &mut sensor);
        assert_eq!((done.subscribed, done.answer), (Some(true), Some(vec![0x13])));
        assert_eq!(ask(&mut gatt, &mut sensor, &[0x10, 0x1b, 0, 0xff, 0xff, 0x00, 0x28]), [1, 0x10, 0x1b, 0, 0x0a]);
        assert_eq!(ask(&mut gatt, &mut sensor, &[0x12, 0x17, 0, 9]), [1, 0x12, 0x17, 0, 0x82]);
    }

    #[test]
    fn no_answer_is_longer_than_the_mtu_and_the_mtu_is_what_both_can() {
        let (mut gatt, mut sensor) = (Gatt::new(Kind::Open, 247), Kind::Open.sensor(247));
        assert_eq!(ask(&mut gatt, &mut sensor, &[0x04, 1, 0, 0xff, 0xff]).len(), 2 + 5 * 4);
        let done = gatt.request(Moment(0), &[0x02, 0x05, 0x02], &mut sensor);
        assert_eq!((done.mtu, done.answer), (Some(247), Some(vec![3, 247, 0])));
        assert_eq!(ask(&mut gatt, &mut sensor, &[0x20, 0]), [1, 0x20, 0, 0, 6]);
        assert_eq!(gatt.request(Moment(0), &[0x1e], &mut sensor), Done::default());
    }
}
