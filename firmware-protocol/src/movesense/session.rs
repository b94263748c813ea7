//! The talk with a Movesense sensor: hello, a subscription to its six axes, times, battery.
//!
//! The maker's early sample answers a good subscription with nothing, so the first data under our reference
//! counts as an answer. A lost request may keep its place in the sensor for good; then only a new start of
//! the sensor helps, and the session asks for one, seldom.

use super::assembly::{Assembly, WholeLength};
use super::wire::{self, BATTERY_PATH, BLOCKS, Command, Hello, Packet, RATES, Rate, Request, Response, Status};
use super::{BATTERY_LEVEL, COMMAND, DATA};
use crate::clock::{LongClock, Stamp};
use crate::float::{any_not_finite, at_end, bits};
use crate::session::earliest;
use crate::session::{Action, Counts, Event, Format, Frame, Moment, Refusal, Scale, Session, Signal, Unit, Wanted};

/// Rates above this are not asked for, in Hz: their payloads take more than two notifications, unconfirmed.
const HIGHEST_HZ: u16 = 104;
/// How long an answer may take, in ms. Source: 5 to 8 s in programs for the sensor.
const ANSWER_MS: u64 = 5_000;
/// Requests without an answer after which the sensor is started anew. Source: as above.
const UNANSWERED: u8 = 2;
/// Wait before a subscription is asked for again that did not work for a passing reason, in ms. Chosen by us.
const AGAIN_MS: u64 = 2_000;
/// How long a new start takes, in ms. Source: about 4 s; twice that, if the link stays up all the same.
const REBOOT_MS: u64 = 8_000;
/// Least time between two new starts that the session asks for, in ms. Chosen by us: a sensor that needs it
/// more often has something that it cannot cure.
const BETWEEN_REBOOTS_MS: u64 = 120_000;
/// Time between two looks at the battery, in ms. Chosen by us, as for other sensors.
const BATTERY_EVERY_MS: u64 = 45_000;
/// Least MTU with which the question for the battery fits: 23 bytes and 3 of the protocol below.
const BATTERY_MTU: u16 = 26;
/// Length of one tick of a frame's clock: the sensor's ms, and the samples between them.
const TICK_S: f64 = 1e-6;
/// The widest the sensor can be set to, in m/s² (16 g) and °/s. Source: its `/Meas/*/Info`.
const WIDEST: [f32; BLOCKS] = [16.0 * 9.806_65, 2000.0];

const HELLO_REF: u8 = 100;
const BATTERY_REF: u8 = 105;
const LOGGER_REF: u8 = 106;
const MODE_REF: u8 = 107;
const STREAM_REFS: core::ops::RangeInclusive<u8> = 10..=99;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Down,
    Hello,
    Subscribe,
    Subscribed,
    Streaming,
    /// It cannot be used: why has been told.
    Useless,
}

/// A session with one Movesense sensor.
#[derive(Clone, Debug)]
pub struct Movesense {
    rate: Rate,
    /// What the wanted one would be, if the sensor has it.
    wanted: Rate,
    /// The meaning of the numbers has been told, with this rate.
    told: Option<u16>,
    step: Step,
    due: Option<Moment>,
    battery_due: Option<Moment>,
    /// The battery is asked for over GSP; else at its own characteristic.
    battery_by_path: bool,
    tries: u8,
    reference: u8,
    /// What was done about 409 and 507 on this connection.
    cured: [bool; 2],
    rebooted: Option<Moment>,
    clock: LongClock,
    assembly: Assembly,
    whole: WholeLength,
    /// The tick of the newest sample.
    newest: u64,
    counts: Counts,
}

impl Movesense {
    /// A session that will ask for a rate.
    pub fn new(wanted: Wanted) -> Self {
        let enough = |rate: &Rate| f64::from(rate.hz) >= wanted.rate_hz || rate.hz == HIGHEST_HZ;
        let rate = RATES.into_iter().find(enough).unwrap_or(RATES[0]);
        Self {
            rate,
            told: None,
            wanted: rate,
            step: Step::Down,
            due: None,
            battery_due: None,
            battery_by_path: true,
            tries: 0,
            reference: *STREAM_REFS.end(),
            cured: [false; 2],
            rebooted: None,
            clock: LongClock::new(32),
            assembly: Assembly::default(),
            whole: WholeLength::of(rate),
            newest: 0,
            counts: Counts::default(),
        }
    }

    fn write(reference: u8, command: Command<'_>, act: &mut dyn FnMut(Action<'_>)) {
        let bytes = Request { reference, command }.encode();
        act(Action::Write { characteristic: COMMAND, bytes: bytes.as_slice() });
    }

    fn then(&mut self, step: Step, due: Moment) {
        (self.step, self.due) = (step, Some(due));
    }

    fn wake(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        match self.step {
            Step::Hello if self.tries < UNANSWERED => {
                self.tries += 1;
                Self::write(HELLO_REF, Command::Hello, act);
                self.then(Step::Hello, now.plus_millis(ANSWER_MS));
            }
            // It may know no hello and send all the same.
            Step::Hello | Step::Subscribe => self.subscribe(now, act),
            Step::Subscribed => {
                self.tries += 1;
                if self.tries < UNANSWERED { self.subscribe(now, act) } else { self.reboot(now, act) }
            }
            Step::Down | Step::Streaming | Step::Useless => self.due = None,
        }
    }

    fn subscribe(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        let next = self.reference + 1;
        self.reference = if STREAM_REFS.contains(&next) { next } else { *STREAM_REFS.start() };
        Self::write(self.reference, Command::Subscribe(self.rate.path), act);
        self.then(Step::Subscribed, now.plus_millis(ANSWER_MS));
    }

    fn reboot(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        self.tries = 0;
        if self.rebooted.is_some_and(|last| now < last.plus_millis(BETWEEN_REBOOTS_MS)) {
            return self.then(Step::Subscribe, now.plus_millis(REBOOT_MS));
        }
        self.rebooted = Some(now);
        Self::write(MODE_REF, Command::SystemMode(Command::REBOOT), act);
        self.then(Step::Hello, now.plus_millis(REBOOT_MS));
    }

    fn answer(&mut self, now: Moment, reference: u8, body: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        if reference == HELLO_REF {
            return self.hello(now, body, act);
        }
        let (status, value) = match Status::parse(body) {
            Ok(status) => status,
            Err(why) => return self.counts.refuse(why, body.len() + wire::HEADER_LEN, act),
        };
        match (reference, status.code, value) {
            (BATTERY_REF, 200, &[percent]) => act(Action::Battery { percent: percent.min(100), millivolts: None }),
            // It cannot tell now: at the next look.
            (BATTERY_REF, 503, _) | (LOGGER_REF | MODE_REF, ..) => {}
            (BATTERY_REF, ..) => {
                self.battery_by_path = false;
                self.battery_due = Some(now);
            }
            (reference, code, _) if reference == self.reference => self.subscribed(now, code, act),
            // Of a subscription that was given up.
            _ => self.counts.refuse(Refusal::Kind, body.len() + wire::HEADER_LEN, act),
        }
    }

    fn hello(&mut self, now: Moment, body: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        match Hello::parse(body) {
            Some(Hello::Known { version, .. }) if version != Hello::VERSION => {
                (self.step, self.due) = (Step::Useless, None);
                act(Action::Unsupported(
                    "it speaks another version of Movesense's protocol; a newer lumbard may know it",
                ));
            }
            Some(_) if self.step == Step::Hello => {
                self.tries = 0;
                self.subscribe(now, act);
            }
            Some(_) => {}
            None => self.counts.refuse(Refusal::Kind, body.len() + wire::HEADER_LEN, act),
        }
    }

    fn subscribed(&mut self, now: Moment, code: u16, act: &mut dyn FnMut(Action<'_>)) {
        if self.step != Step::Subscribed {
            return;
        }
        let [logger, places] = &mut self.cured;
        match code {
            200..=202 => self.streaming(now, act),
            400 | 404 => {
                (self.step, self.due) = (Step::Useless, None);
                act(Action::Unsupported("its firmware sends no motion data this way; update it to 2.3 or later"));
            }
            501 => match RATES.into_iter().rev().find(|rate| rate.hz < self.rate.hz) {
                Some(lower) => {
                    (self.rate, self.whole) = (lower, WholeLength::of(lower));
                    self.subscribe(now, act);
                }
                None => self.then(Step::Subscribe, now.plus_millis(REBOOT_MS)),
            },
            // It logs by itself. What it logged stays.
            409 if !core::mem::replace(logger, true) => {
                Self::write(LOGGER_REF, Command::LoggerState(Command::STOP_LOGGING), act);
                self.then(Step::Subscribe, now.plus_millis(AGAIN_MS));
            }
            // No place is free: the one of an earlier try may be ours.
            507 if !core::mem::replace(places, true) => {
                Self::write(self.reference, Command::Unsubscribe, act);
                self.then(Step::Subscribe, now.plus_millis(AGAIN_MS));
            }
            409 | 429 | 507 => self.reboot(now, act),
            _ => self.then(Step::Subscribe, now.plus_millis(AGAIN_MS)),
        }
    }

    fn streaming(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        (self.step, self.due, self.tries) = (Step::Streaming, None, 0);
        self.battery_due = Some(now);
        if self.told == Some(self.rate.hz) {
            return;
        }
        self.told = Some(self.rate.hz);
        let rate_hz = f64::from(self.rate.hz);
        act(Action::Format(Format {
            acc: Scale::Float32(Unit::MetresPerSecond2),
            gyr: Some(Scale::Float32(Unit::DegreesPerSecond)),
            rate_hz,
            tick_s: Some(TICK_S),
        }));
        if self.rate != self.wanted {
            act(Action::ReadOnly { rate_hz });
        }
    }

    fn data(&mut self, now: Moment, response: &Response<'_>, act: &mut dyn FnMut(Action<'_>)) {
        let Response { code, reference, body } = *response;
        if reference != self.reference {
            return self.counts.refuse(Refusal::Kind, body.len() + wire::HEADER_LEN, act);
        }
        let mut assembly = core::mem::take(&mut self.assembly);
        let waiting = assembly.waiting();
        if code == wire::DATA_PART2 {
            match assembly.append(now, body, self.whole.bytes()) {
                Ok(Some(payload)) => self.payload(now, payload, act),
                Ok(None) => {}
                Err(why) => {
                    // A rest shows that payloads are longer than what was taken for whole ones.
                    self.whole = WholeLength::of(self.rate);
                    self.counts.refuse(why, waiting + body.len(), act);
                }
            }
        } else {
            if assembly.next() > 0 {
                self.counts.refuse(Refusal::Truncated, waiting, act);
            }
            if self.whole.is(body) {
                self.payload(now, body, act);
            } else if body.len() > self.whole.bytes() || assembly.begin(now, body, &self.whole).is_err() {
                self.counts.refuse(Refusal::Length, body.len() + wire::HEADER_LEN, act);
            }
        }
        self.assembly = assembly;
    }

    fn payload(&mut self, now: Moment, payload: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let packet = match Packet::parse(payload, BLOCKS) {
            Ok(packet) if any_not_finite(packet.numbers()) => {
                return self.counts.refuse(Refusal::Value, payload.len(), act);
            }
            Ok(packet) => packet,
            Err(why) => return self.counts.refuse(why, payload.len(), act),
        };
        if self.step == Step::Subscribed {
            self.streaming(now, act);
        }
        if self.step != Step::Streaming {
            return self.counts.refuse(Refusal::Early, payload.len(), act);
        }
        let tick = |samples: usize| samples as u64 * 1_000_000 / u64::from(self.rate.hz);
        let first = match self.clock.take(now, u64::from(packet.timestamp_ms), 1e-3) {
            // The last sample of a payload stands only about where the rate says: the next may lie just before it.
            Stamp::At(ms) if ms * 1000 + tick(1) >= self.newest => ms * 1000,
            Stamp::Restarted(ms) => {
                act(Action::Restarted);
                ms * 1000
            }
            Stamp::At(_) | Stamp::Past => return self.counts.refuse(Refusal::Repeated, payload.len(), act),
        };
        for i in 0..packet.samples() {
            let [acc, gyr] = [packet.vector(0, i), packet.vector(1, i)];
            self.newest = first + tick(i);
            self.counts.frames += 1;
            act(Action::Frame(Frame {
                seq: None,
                ticks: Some(self.newest),
                acc: bits(acc),
                gyr: bits(gyr),
                clipped: at_end(acc, WIDEST[0]) || at_end(gyr, WIDEST[1]),
            }));
        }
    }

    fn ask_battery(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        self.battery_due = Some(now.plus_millis(BATTERY_EVERY_MS));
        if self.battery_by_path {
            Self::write(BATTERY_REF, Command::Get(BATTERY_PATH), act);
        } else {
            act(Action::Read(BATTERY_LEVEL));
        }
    }
}

impl Session for Movesense {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        match event {
            Event::Connected { mtu } => {
                (self.tries, self.cured) = (0, [false; 2]);
                (self.battery_due, self.battery_by_path) = (None, mtu >= BATTERY_MTU);
                self.assembly = Assembly::default();
                self.clock.connected();
                act(Action::Subscribe(DATA));
                self.step = Step::Hello;
                self.wake(now, act);
            }
            Event::Disconnected => {
                (self.step, self.due, self.battery_due) = (Step::Down, None, None);
                let unfinished = self.assembly.next();
                if unfinished > 0 {
                    self.counts.refuse(Refusal::Truncated, unfinished, act);
                }
            }
            Event::Notification { characteristic: DATA, bytes } => match Response::parse(bytes) {
                Ok(Response { code: wire::ANSWER, reference, body }) => self.answer(now, reference, body, act),
                Ok(response) => self.data(now, &response, act),
                Err(why) => self.counts.refuse(why, bytes.len(), act),
            },
            Event::Read { characteristic: BATTERY_LEVEL, bytes: &[percent] } => {
                act(Action::Battery { percent: percent.min(100), millivolts: None });
            }
            Event::Failed { characteristic: BATTERY_LEVEL } => self.battery_due = None,
            Event::Wake => {
                if self.due.is_some_and(|due| now >= due) {
                    self.wake(now, act);
                }
                if self.battery_due.is_some_and(|due| now >= due) {
                    self.ask_battery(now, act);
                }
            }
            // A write that failed shows as an answer that does not come.
            Event::Notification { .. } | Event::Read { .. } | Event::Failed { .. } => {}
        }
    }

    fn signal(&mut self, _: Signal, _: &mut dyn FnMut(Action<'_>)) -> bool {
        false
    }

    fn wake_at(&self) -> Option<Moment> {
        earliest([self.due, self.battery_due])
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }
}
