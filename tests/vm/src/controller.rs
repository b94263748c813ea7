//! A Bluetooth controller that knows only LE, with one sensor in reach: commands of HCI in, events out.
//!
//! In:  packets as the kernel writes them to `/dev/vhci` (H4 packets without a line), and the time.
//! Out: packets for the kernel; and what happened to the link, in [`Heard`].
//! Left to others: what the sensor says on the link. There is no radio, so nothing is lost by itself.
//!
//! Source: Bluetooth Core Specification 5.0, volume 2 part E (commands, events) and volume 3 part A (L2CAP).

use firmware_protocol::session::Moment;

/// The controller's own address.
const OWN: [u8; 6] = [0x55, 0x44, 0x33, 0x22, 0x11, 0x00];
/// The only connection's handle.
const HANDLE: [u8; 2] = [0x40, 0x00];
/// How long the kernel's link stands without hearing anything, in units of 10 ms. The kernel's own default.
const SUPERVISION: u16 = 42;
/// The same in ms.
pub(crate) const SUPERVISION_MS: u64 = SUPERVISION as u64 * 10;
/// Time between two advertisements, in ms. Chosen by us: like a sensor that wants to be found soon.
const ADVERT_MS: u64 = 100;
/// Time that a connection takes, in ms. Chosen by us: the next advertisement must come first.
const CONNECT_MS: u64 = 30;
/// The strength of the signal that the host sees: -56 dBm.
const RSSI: u8 = 0xc8;
/// Channels of L2CAP.
const ATT: u16 = 4;

const COMMAND: u8 = 1;
const ACL: u8 = 2;
const EVENT: u8 = 4;

const DISCONNECTED: u8 = 0x05;
const VERSION_READ: u8 = 0x0c;
const COMPLETE: u8 = 0x0e;
const STATUS: u8 = 0x0f;
const PACKETS_DONE: u8 = 0x13;
const LE: u8 = 0x3e;
const LE_CONNECTED: u8 = 1;
const LE_ADVERT: u8 = 2;
const LE_UPDATED: u8 = 3;
const LE_FEATURES: u8 = 4;

/// "Unknown HCI command".
const UNKNOWN: u8 = 0x01;
/// "Unknown connection": also the status of a connection that was called off.
const NO_CONNECTION: u8 = 0x02;
/// "Command disallowed".
const DISALLOWED: u8 = 0x0c;
/// Why a link ended: the sensor ended it.
pub(crate) const ENDED: u8 = 0x13;
/// Why a link ended: nothing was heard any more.
pub(crate) const TIMEOUT: u8 = 0x08;
/// Why a link ended: the host ended it.
const ENDED_BY_HOST: u8 = 0x16;

/// What the sensor hears of the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Connected,
    Disconnected,
    Att(Vec<u8>),
}

pub(crate) struct Controller {
    sensor: [u8; 6],
    advert: Vec<u8>,
    scan_response: Vec<u8>,
    advert_at: Option<Moment>,
    connect_at: Option<Moment>,
    connected: bool,
    partial: Vec<u8>,
    out: Vec<Vec<u8>>,
}

fn u16_at(bytes: &[u8], i: usize) -> u16 {
    let byte = |i: usize| bytes.get(i).copied().unwrap_or_default();
    u16::from_le_bytes([byte(i), byte(i + 1)])
}

/// Which commands it takes, of the 64 bytes that name them.
fn supported() -> [u8; 65] {
    let mut answer = [0; 65];
    let (_, commands) = answer.split_at_mut(1);
    // Disconnect; event mask and reset; version and features; LE from the event mask to the filter list,
    // then connection update, remote features and states.
    for (i, bits) in [(0, 0x20), (5, 0xc0), (14, 0xa8), (25, 0xf7), (26, 0xff), (27, 0x20)] {
        commands[i] = bits;
    }
    answer
}

impl Controller {
    pub(crate) fn new(sensor: [u8; 6], advert: Vec<u8>, scan_response: Vec<u8>) -> Self {
        Self {
            sensor,
            advert,
            scan_response,
            advert_at: None,
            connect_at: None,
            connected: false,
            partial: Vec::new(),
            out: Vec::new(),
        }
    }

    /// What waits for the kernel.
    pub(crate) fn outgoing(&mut self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.out.drain(..)
    }

    pub(crate) fn wake_at(&self) -> Option<Moment> {
        let advert_at = self.advert_at.filter(|_| !self.connected);
        [advert_at, self.connect_at].into_iter().flatten().min()
    }

    pub(crate) fn wake(&mut self, now: Moment) -> Option<Heard> {
        if !self.connected && self.advert_at.is_some_and(|at| now >= at) {
            self.advert_at = Some(now.plus_millis(ADVERT_MS));
            self.advertise();
        }
        self.connect_at.take_if(|at| now >= *at)?;
        self.connected = true;
        self.connection(0);
        Some(Heard::Connected)
    }

    /// Takes a packet of the kernel's.
    pub(crate) fn packet(&mut self, now: Moment, packet: &[u8]) -> Option<Heard> {
        match *packet {
            [COMMAND, low, high, _, ref parameters @ ..] => {
                self.command(now, u16::from_le_bytes([low, high]), parameters)
            }
            [ACL, _, flags, _, _, ref data @ ..] => self.data(flags >> 4 & 3 != 1, data),
            [0xff, _, index, ..] => {
                println!("vm-peer: the kernel calls this controller hci{index}");
                None
            }
            _ => None,
        }
    }

    /// Sends to the host over the connection.
    pub(crate) fn send_att(&mut self, pdu: &[u8]) {
        // Nothing longer than the MTU, so nothing beyond 16 bits.
        let len = pdu.len() as u16;
        let mut packet = vec![ACL, HANDLE[0], HANDLE[1] | 0x20];
        packet.extend((len + 4).to_le_bytes());
        packet.extend(len.to_le_bytes());
        packet.extend(ATT.to_le_bytes());
        packet.extend(pdu);
        self.out.push(packet);
    }

    /// The link is gone, for this reason.
    pub(crate) fn end_link(&mut self, reason: u8) {
        if std::mem::take(&mut self.connected) {
            self.partial.clear();
            self.event(DISCONNECTED, &[&[0], &HANDLE[..], &[reason]].concat());
        }
    }

    fn event(&mut self, code: u8, parameters: &[u8]) {
        // No event here has more than 255 bytes.
        self.out.push([&[EVENT, code, parameters.len() as u8], parameters].concat());
    }

    fn complete(&mut self, opcode: u16, answer: &[u8]) {
        let [low, high] = opcode.to_le_bytes();
        self.event(COMPLETE, &[&[1, low, high], answer].concat());
    }

    fn started(&mut self, opcode: u16) {
        let [low, high] = opcode.to_le_bytes();
        self.event(STATUS, &[0, 1, low, high]);
    }

    fn connection(&mut self, status: u8) {
        let interval_latency = [6, 0, 0, 0];
        let [low, high] = SUPERVISION.to_le_bytes();
        let mut parameters = vec![LE_CONNECTED, status, HANDLE[0], HANDLE[1], 0, 1];
        parameters.extend(self.sensor);
        parameters.extend(interval_latency);
        parameters.extend([low, high, 0]);
        self.event(LE, &parameters);
    }

    fn advertise(&mut self) {
        // Connectable, and the answer to a scan request.
        for (kind, data) in [(0, self.advert.clone()), (4, self.scan_response.clone())] {
            let mut parameters = vec![LE_ADVERT, 1, kind, 1];
            parameters.extend(self.sensor);
            parameters.push(data.len() as u8);
            parameters.extend(data);
            parameters.push(RSSI);
            self.event(LE, &parameters);
        }
    }

    fn command(&mut self, now: Moment, opcode: u16, parameters: &[u8]) -> Option<Heard> {
        match opcode {
            // Event masks, reset, host support; LE event mask, addresses, scan and advertising
            // parameters, filter list: taken, and of no consequence here.
            0x0c01 | 0x0c03 | 0x0c63 | 0x0c6d | 0x2001 | 0x2005 | 0x2006 | 0x2008..=0x200b | 0x2010..=0x2012 => {
                self.complete(opcode, &[0]);
            }
            // Version: Bluetooth 5.0.
            0x1001 => self.complete(opcode, &[0, 9, 0, 0, 9, 0xff, 0xff, 0, 0]),
            0x1002 => self.complete(opcode, &supported()),
            // Features: no BR/EDR, but LE.
            0x1003 => self.complete(opcode, &[0, 0, 0, 0, 0, 0x60, 0, 0, 0]),
            0x1005 => self.complete(opcode, &[0; 8]),
            0x1009 => self.complete(opcode, &[&[0], &OWN[..]].concat()),
            // LE buffers: 8 packets of 251 bytes. Features: none beyond the first version's.
            0x2002 => self.complete(opcode, &[0, 251, 0, 8]),
            0x2003 => self.complete(opcode, &[0; 9]),
            0x2007 => self.complete(opcode, &[0, 0]),
            0x200f => self.complete(opcode, &[0, 8]),
            // A random number: the time will do, as nothing is kept secret here.
            0x2018 => self.complete(opcode, &[&[0], &now.0.to_le_bytes()[..]].concat()),
            0x201c => self.complete(opcode, &[0, 0xff, 0xff, 0xff, 0xff, 0xff, 3, 0, 0]),
            0x200c => {
                let scanning = parameters.first() == Some(&1);
                self.advert_at = scanning.then(|| now.plus_millis(CONNECT_MS));
                self.complete(opcode, &[0]);
            }
            0x200d => {
                self.started(opcode);
                self.connect_at = Some(now.plus_millis(CONNECT_MS));
            }
            0x200e => {
                let under_way = self.connect_at.take().is_some();
                self.complete(opcode, &[if under_way { 0 } else { DISALLOWED }]);
                if under_way {
                    self.connection(NO_CONNECTION);
                }
            }
            0x2013 => {
                self.started(opcode);
                let [low, high] = SUPERVISION.to_le_bytes();
                self.event(LE, &[LE_UPDATED, 0, HANDLE[0], HANDLE[1], 6, 0, 0, 0, low, high]);
            }
            0x2016 => {
                self.started(opcode);
                self.event(LE, &[&[LE_FEATURES, 0], &HANDLE[..], &[0; 8]].concat());
            }
            0x041d => {
                self.started(opcode);
                self.event(VERSION_READ, &[&[0], &HANDLE[..], &[9, 0xff, 0xff, 0, 0]].concat());
            }
            0x0406 => {
                self.started(opcode);
                let up = self.connected;
                self.end_link(ENDED_BY_HOST);
                return up.then_some(Heard::Disconnected);
            }
            // RSSI and transmit power of the connection.
            0x1405 => self.complete(opcode, &[&[0], &HANDLE[..], &[RSSI]].concat()),
            0x0c2d => self.complete(opcode, &[&[0], &HANDLE[..], &[0]].concat()),
            _ => {
                println!("vm-peer: a command that this controller does not know: 0x{opcode:04x}");
                self.complete(opcode, &[UNKNOWN]);
            }
        }
        None
    }

    /// A piece of a message for the sensor, the first one or not.
    fn data(&mut self, first: bool, piece: &[u8]) -> Option<Heard> {
        self.event(PACKETS_DONE, &[&[1], &HANDLE[..], &[1, 0]].concat());
        if first {
            self.partial.clear();
        }
        self.partial.extend(piece);
        let len = 4 + usize::from(u16_at(&self.partial, 0));
        if self.partial.len() < len.max(5) {
            return None;
        }
        let message = std::mem::take(&mut self.partial);
        // Other channels, pairing and parameters among them, are left without an answer.
        (u16_at(&message, 2) == ATT && self.connected).then(|| Heard::Att(message[4..len].to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn controller() -> Controller {
        Controller::new([1, 0, 0, 0xee, 0xff, 0xc0], vec![2, 1, 6], vec![])
    }

    fn sent(controller: &mut Controller) -> Vec<Vec<u8>> {
        controller.outgoing().collect()
    }

    #[test]
    fn a_connection_comes_after_its_command_and_a_piece_by_piece_request_is_put_together() {
        let mut controller = controller();
        assert_eq!(controller.packet(Moment(0), &[1, 0x0d, 0x20, 0]), None);
        assert_eq!(sent(&mut controller), [[4, 0x0f, 4, 0, 1, 0x0d, 0x20]]);
        assert_eq!(controller.wake(Moment(0)), None);
        assert_eq!(controller.wake(Moment(0).plus_millis(30)), Some(Heard::Connected));
        assert_eq!(controller.packet(Moment(0), &[2, 0x40, 0x00, 6, 0, 3, 0, 4, 0, 2, 23]), None);
        assert_eq!(controller.packet(Moment(0), &[2, 0x40, 0x10, 1, 0, 0]), Some(Heard::Att(vec![2, 23, 0])));
        assert_eq!(controller.packet(Moment(0), &[1, 0x06, 0x04, 3, 0x40, 0, 0x13]), Some(Heard::Disconnected));
        assert_eq!(sent(&mut controller).last().map(Vec::as_slice), Some(&[4, 5, 4, 0, 0x40, 0, 0x16][..]));
    }

    #[test]
    fn it_advertises_while_the_host_scans_and_no_longer_once_connected() {
        let mut controller = controller();
        controller.packet(Moment(0), &[1, 0x0c, 0x20, 2, 1, 0]);
        controller.wake(Moment(0).plus_millis(30));
        assert_eq!(sent(&mut controller).iter().filter(|packet| packet[1] == LE).count(), 2);
        controller.packet(Moment(0), &[1, 0x0d, 0x20, 0]);
        controller.wake(Moment(0).plus_millis(40));
        sent(&mut controller);
        controller.wake(Moment(0).plus_millis(1_000));
        assert_eq!((sent(&mut controller).len(), controller.wake_at()), (0, None));
    }
}
