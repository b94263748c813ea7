//! The sensor's life: samples when they are due, links that are lost on purpose, and the journal of it.
//!
//! It samples from the first subscription on, heard or not. On each of its three connections it sends as
//! many samples as it was told. The first link it then ends by itself, from one sample to the next; on the
//! second it falls silent until the host's controller gives the link up, as out of reach. After the third
//! lot it is done: everything that it sent can then be asked back from whoever heard it.

use crate::controller::{Controller, ENDED, Heard, SUPERVISION_MS, TIMEOUT};
use crate::gatt::{Gatt, on_air};
use crate::journal::{BY_HOST, BY_SENSOR, OUT_OF_REACH, Writer};
use crate::sensor::{Kind, Sensor};
use firmware_protocol::session::Moment;
use std::io;

/// Connections on which samples are sent.
pub(crate) const CONNECTIONS: usize = 3;

/// What the sensor does on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Sending,
    /// Out of reach; the host notices at this moment.
    Silent(Moment),
    /// All was sent.
    Done,
}

pub(crate) struct Peer {
    controller: Controller,
    gatt: Gatt,
    sensor: Sensor,
    journal: Writer,
    samples: usize,
    phase: Phase,
    subscribed: bool,
    /// Connections on which something was sent.
    streamed: usize,
    sent_here: usize,
    rate_hz: f64,
    /// The next sample's number, and when it is due.
    next: u64,
    due: Option<Moment>,
    /// Numbers that wait in a packet which is not full yet.
    waiting: Vec<u64>,
}

/// One element of an advertisement.
fn element(kind: u8, data: &[u8]) -> Vec<u8> {
    [&[data.len() as u8 + 1, kind], data].concat()
}

impl Peer {
    pub(crate) fn new(kind: Kind, address: [u8; 6], mtu: u16, samples: usize, journal: Writer) -> Self {
        // LE only, in general discoverable mode; the service in full; the name in the scan response.
        let advert = [element(0x01, &[0x06]), element(0x07, &on_air(kind.service()))].concat();
        let scan_response = element(0x09, kind.name().as_bytes());
        Self {
            controller: Controller::new(address, advert, scan_response),
            gatt: Gatt::new(kind, mtu),
            sensor: kind.sensor(mtu),
            journal,
            samples,
            phase: Phase::Sending,
            subscribed: false,
            streamed: 0,
            sent_here: 0,
            rate_hz: 0.0,
            next: 0,
            due: None,
            waiting: Vec::new(),
        }
    }

    /// What waits for the kernel.
    pub(crate) fn outgoing(&mut self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.controller.outgoing()
    }

    pub(crate) fn wake_at(&self) -> Option<Moment> {
        let silent = if let Phase::Silent(until) = self.phase { Some(until) } else { None };
        [self.controller.wake_at(), self.due, silent].into_iter().flatten().min()
    }

    pub(crate) fn wake(&mut self, now: Moment) -> io::Result<()> {
        let heard = self.controller.wake(now);
        self.hear(now, heard)?;
        if matches!(self.phase, Phase::Silent(until) if now >= until) {
            self.end_link(TIMEOUT)?;
        }
        while let Some(due) = self.due.filter(|due| now >= *due) {
            self.sample(due)?;
        }
        self.journal.flush()
    }

    pub(crate) fn packet(&mut self, now: Moment, packet: &[u8]) -> io::Result<()> {
        let heard = self.controller.packet(now, packet);
        self.hear(now, heard)
    }

    fn hear(&mut self, now: Moment, heard: Option<Heard>) -> io::Result<()> {
        match heard {
            None => Ok(()),
            Some(Heard::Connected) => {
                self.gatt.connected();
                (self.subscribed, self.sent_here, self.rate_hz) = (false, 0, 0.0);
                self.journal.line(&format!("connected {}", self.streamed + 1))
            }
            Some(Heard::Disconnected) => self.link_ended(BY_HOST),
            // Who is out of reach hears nothing either.
            Some(Heard::Att(_)) if matches!(self.phase, Phase::Silent(_)) => Ok(()),
            Some(Heard::Att(pdu)) => {
                self.request(now, &pdu);
                Ok(())
            }
        }
    }

    fn request(&mut self, now: Moment, pdu: &[u8]) {
        let done = self.gatt.request(now, pdu, &mut self.sensor);
        if let (Some(mtu), Sensor::Open(sensor)) = (done.mtu, &mut self.sensor) {
            sensor.set_mtu(mtu.into());
        }
        if let Some(answer) = done.answer {
            self.controller.send_att(&answer);
        }
        if let Some(bytes) = done.notify {
            self.controller.send_att(&self.gatt.notification(&bytes));
        }
        if let Some(subscribed) = done.subscribed {
            self.subscribed = subscribed;
            if subscribed && self.due.is_none() && self.phase == Phase::Sending {
                self.due = Some(now);
            }
        }
    }

    /// The next sample, taken when it was due, however late this is.
    fn sample(&mut self, due: Moment) -> io::Result<()> {
        let n = self.next;
        self.next += 1;
        let rate_hz = self.sensor.rate_hz();
        self.due = Some(Moment(due.0 + (1e9 / rate_hz).round() as u64));
        if !self.subscribed || self.phase != Phase::Sending {
            self.waiting.clear();
            self.sensor.unsent();
            return Ok(());
        }
        if self.rate_hz != rate_hz {
            self.rate_hz = rate_hz;
            self.journal.line(&format!("rate_hz {rate_hz}"))?;
        }
        self.waiting.push(n);
        let Some(bytes) = self.sensor.sample(n, due) else { return Ok(()) };
        self.controller.send_att(&self.gatt.notification(&bytes));
        self.sent_here += self.waiting.len();
        for n in std::mem::take(&mut self.waiting) {
            self.journal.line(&format!("sent {n}"))?;
        }
        if self.sent_here >= self.samples { self.enough(due) } else { Ok(()) }
    }

    /// This connection has had its samples.
    fn enough(&mut self, now: Moment) -> io::Result<()> {
        self.streamed += 1;
        match self.streamed {
            1 => self.end_link(ENDED),
            2 => {
                self.phase = Phase::Silent(now.plus_millis(SUPERVISION_MS));
                Ok(())
            }
            _ => {
                (self.phase, self.due) = (Phase::Done, None);
                self.journal.line("done")
            }
        }
    }

    fn end_link(&mut self, reason: u8) -> io::Result<()> {
        self.controller.end_link(reason);
        self.link_ended(if reason == TIMEOUT { OUT_OF_REACH } else { BY_SENSOR })
    }

    fn link_ended(&mut self, why: &str) -> io::Result<()> {
        self.subscribed = false;
        if self.phase != Phase::Done {
            self.phase = Phase::Sending;
        }
        self.journal.line(&format!("ended {why}"))
    }
}
