//! The talk with a sensor of the open profile: info first, then samples, counter and clock unwrapped.
//!
//! Info is read on every connection. Between a reconnection and its answer samples are given out all the
//! same, since each packet shows by its start number whether the sensor started anew.

use super::wire::{CLOCK_BITS, COUNTER_BITS, Command, Form, Info, Packet, TICKS_PER_S};
use super::{BATTERY_LEVEL, CONTROL, INFO, MOTION};
use crate::clock::nearest;
use crate::session::{Action, Counts, Event, Format, Frame, Moment, Refusal, Scale, Session, Signal, Wanted, earliest};

/// Time between two looks at the battery, in ms. Chosen by us, as for other sensors.
const BATTERY_EVERY_MS: u64 = 45_000;
/// How long info may take before it is asked for again, in ms. Chosen by us: several connection events.
const INFO_MS: u64 = 1_500;
/// The count that stands for full scale in info.
const FULL_COUNT: f64 = 32_768.0;
/// Packets in a row with a counter of the past after which the sensor is taken to have started anew
/// (`SPEC.md` §3).
const PAST_IS_RESTART: u8 = 8;
/// The sensor's clock may differ from the host's by this share without being taken for something else;
/// wide, since it only chooses between values 512 s apart.
const SLACK_TICKS: u64 = 30 * TICKS_PER_S as u64;
/// A rate within this share of the wanted one is left alone. Chosen by us.
const RATE_SLACK: f64 = 0.03;

/// Where counter and clock stood after the newest sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Newest {
    seq: u64,
    ticks: u64,
    at: Moment,
    start: u8,
}

/// A session with one sensor of the open profile.
#[derive(Clone, Debug)]
pub struct OpenMotion {
    wanted: Wanted,
    info: Option<Info>,
    told: Option<Format>,
    newest: Option<Newest>,
    past: u8,
    connected: bool,
    info_due: Option<Moment>,
    battery_due: Option<Moment>,
    rate_asked: bool,
    counts: Counts,
}

impl OpenMotion {
    /// A session that will ask for a rate, if the sensor's can be set.
    pub fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            info: None,
            told: None,
            newest: None,
            past: 0,
            connected: false,
            info_due: None,
            battery_due: None,
            rate_asked: false,
            counts: Counts::default(),
        }
    }

    fn take_info(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let info = match Info::parse(bytes) {
            Ok(info) => info,
            Err(why) => {
                self.counts.refuse(why, bytes.len(), act);
                if why == Refusal::Kind {
                    self.info_due = None;
                    act(Action::Unsupported("it speaks another version of the open motion profile"));
                }
                return;
            }
        };
        self.info_due = None;
        self.battery_due.get_or_insert(now);
        let new_start = self.info.is_some_and(|before| before.start_number != info.start_number);
        // The packets may have shown it already, and then counter and clock are those of the new start.
        let start = (info.start_number & 7) as u8;
        if new_start && self.newest.is_some_and(|newest| newest.start != start) {
            self.restart(act);
        }
        self.info = Some(info);
        let wanted_mhz = (self.wanted.rate_hz * 1000.0) as u32;
        let off = f64::from(info.rate_mhz) / f64::from(wanted_mhz.max(1)) - 1.0;
        let near = (-RATE_SLACK..=RATE_SLACK).contains(&off);
        if info.rate_settable && !self.rate_asked && !near {
            self.rate_asked = true;
            let rate = wanted_mhz.clamp(*Info::RATES_MHZ.start(), *Info::RATES_MHZ.end());
            act(Action::Write { characteristic: CONTROL, bytes: Command::Rate(rate).encode().as_slice() });
            act(Action::Read(INFO));
            self.info_due = Some(now.plus_millis(INFO_MS));
            return;
        }
        let format = Format {
            acc: Scale::Counts { full_scale: f64::from(info.acc_full_scale_ug) / 1e6, full_count: FULL_COUNT },
            gyr: info.has_gyro().then(|| Scale::Counts {
                full_scale: f64::from(info.gyr_full_scale_udps) / 1e6,
                full_count: FULL_COUNT,
            }),
            rate_hz: f64::from(info.rate_mhz) / 1000.0,
            tick_s: Some(1.0 / f64::from(TICKS_PER_S)),
        };
        if self.told != Some(format) {
            self.told = Some(format);
            act(Action::Format(format));
        }
        if self.rate_asked && !near {
            act(Action::ReadOnly { rate_hz: format.rate_hz });
        }
        if self.connected {
            act(Action::Subscribe(MOTION));
        }
    }

    fn restart(&mut self, act: &mut dyn FnMut(Action<'_>)) {
        (self.newest, self.past) = (None, 0);
        act(Action::Restarted);
    }

    fn packet(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let packet = match Packet::parse(bytes) {
            Ok(packet) => packet,
            Err(why) => return self.counts.refuse(why, bytes.len(), act),
        };
        let (Some(info), Some(_)) = (self.info, self.told) else {
            return self.counts.refuse(Refusal::Early, bytes.len(), act);
        };
        let header = packet.header;
        if (header.form == Form::SixAxes) != info.has_gyro() {
            return self.counts.refuse(Refusal::Kind, bytes.len(), act);
        }
        if self.newest.is_some_and(|newest| newest.start != header.start) {
            self.restart(act);
        }
        let (seq, ticks) = match self.unwrapped(now, &packet, &info) {
            Some(first) => first,
            None => {
                self.past += 1;
                if self.past < PAST_IS_RESTART {
                    return self.counts.refuse(Refusal::Repeated, bytes.len(), act);
                }
                self.restart(act);
                (u64::from(header.counter), u64::from(header.clock))
            }
        };
        self.past = 0;
        let mut newest = Newest { seq, ticks, at: now, start: header.start };
        for (i, sample) in (0_u32..).zip(packet.samples()) {
            newest.seq = seq + u64::from(i);
            newest.ticks = ticks + ticks_of(u64::from(i), info.rate_mhz);
            self.counts.frames += 1;
            act(Action::Frame(Frame {
                seq: Some(newest.seq),
                ticks: Some(newest.ticks),
                acc: sample.acc.map(i32::from),
                gyr: sample.gyr.map(i32::from),
                clipped: header.clipped,
            }));
        }
        self.newest = Some(newest);
    }

    /// Counter and clock of a packet's first sample, extended; `None` if they are not after the newest.
    fn unwrapped(&self, now: Moment, packet: &Packet<'_>, info: &Info) -> Option<(u64, u64)> {
        let header = packet.header;
        let Some(newest) = self.newest else {
            return Some((u64::from(header.counter), u64::from(header.clock)));
        };
        let passed = u128::from(now.nanos_since(newest.at)) * u128::from(TICKS_PER_S) / 1_000_000_000;
        // Hardly ever beyond 64 bits, and then any value will do.
        let expected = newest.ticks.saturating_add(u64::try_from(passed).unwrap_or(u64::MAX >> 1));
        let ticks = nearest(expected, u64::from(header.clock), CLOCK_BITS);
        // Late packets lie before what is expected, by what they waited; nothing lies far after it. The last
        // sample of a packet stands only about where its ticks say, so the next may lie just before it.
        if ticks + ticks_of(1, info.rate_mhz) < newest.ticks || ticks > expected.saturating_add(SLACK_TICKS) {
            return None;
        }
        let samples = samples_in(ticks.saturating_sub(newest.ticks), info.rate_mhz).max(1);
        let seq = nearest(newest.seq.saturating_add(samples), u64::from(header.counter), COUNTER_BITS);
        (seq > newest.seq).then_some((seq, ticks))
    }
}

/// Ticks that this many samples take, rounded down.
fn ticks_of(samples: u64, rate_mhz: u32) -> u64 {
    samples * u64::from(TICKS_PER_S) * 1000 / u64::from(rate_mhz)
}

/// Samples that fit into this many ticks, to the nearest.
fn samples_in(ticks: u64, rate_mhz: u32) -> u64 {
    let per = u128::from(TICKS_PER_S) * 1000;
    let samples = (u128::from(ticks) * u128::from(rate_mhz) + per / 2) / per;
    u64::try_from(samples).unwrap_or(u64::MAX >> 1)
}

impl Session for OpenMotion {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        match event {
            Event::Connected { .. } => {
                (self.connected, self.rate_asked, self.past) = (true, false, 0);
                act(Action::Read(INFO));
                self.info_due = Some(now.plus_millis(INFO_MS));
            }
            Event::Disconnected => {
                (self.connected, self.info_due, self.battery_due) = (false, None, None);
            }
            Event::Notification { characteristic: MOTION, bytes } => self.packet(now, bytes, act),
            Event::Read { characteristic: INFO, bytes } => self.take_info(now, bytes, act),
            Event::Read { characteristic: BATTERY_LEVEL, bytes: &[percent] } => {
                act(Action::Battery { percent: percent.min(100), millivolts: None });
            }
            // The battery service is optional.
            Event::Failed { characteristic: BATTERY_LEVEL } => self.battery_due = None,
            Event::Wake => {
                if self.info_due.is_some_and(|due| now >= due) {
                    act(Action::Read(INFO));
                    self.info_due = Some(now.plus_millis(INFO_MS));
                }
                if self.battery_due.is_some_and(|due| now >= due) {
                    act(Action::Read(BATTERY_LEVEL));
                    self.battery_due = Some(now.plus_millis(BATTERY_EVERY_MS));
                }
            }
            Event::Notification { .. } | Event::Read { .. } | Event::Failed { .. } => {}
        }
    }

    fn signal(&mut self, signal: Signal, act: &mut dyn FnMut(Action<'_>)) -> bool {
        let Some(info) = self.info.filter(|_| self.connected) else { return false };
        let command = match signal {
            Signal::Strong if info.vibrates => Command::Vibrate { on: 20, off: 0, times: 1, strength: 100 },
            Signal::Soft if info.vibrates => Command::Vibrate { on: 10, off: 15, times: 2, strength: 50 },
            Signal::Identify if info.identifies => Command::Identify(2),
            Signal::Identify if info.vibrates => Command::Vibrate { on: 20, off: 20, times: 5, strength: 70 },
            Signal::Strong | Signal::Soft | Signal::Identify => return false,
        };
        act(Action::Write { characteristic: CONTROL, bytes: command.encode().as_slice() });
        true
    }

    fn wake_at(&self) -> Option<Moment> {
        earliest([self.info_due, self.battery_due])
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }
}
