//! The talk with a MetaMotion: which modules it has, clean-up, configuration, a program that counts, samples.
//!
//! A board forgets nothing when a link ends. So after a reconnection its program is first only asked to send
//! again: then its counter tells exactly what was lost. If it does not, it lost its power, and everything
//! begins anew. Commands are not acknowledged; what must be known is asked for, with a time limit.

use super::board::{Board, MODULES};
use super::command::{Colour, Command, Link, Pattern, Processor, Sensor, Source};
use super::samples::{self, Program, Samples};
use super::wire::{self, Chip, Info, Message};
use super::{BATTERY_LEVEL, COMMAND, MODEL, NOTIFY};
use crate::session::{Action, Counts, Event, Moment, Refusal, Session, Signal, Wanted};

/// How long an answer may take before it is asked for again, in ms. Chosen by us: the maker waits 150 ms to
/// 4 s, and the link's own watchdog looks after two.
const ANSWER_MS: u64 = 1_000;
/// Tries before the board is reset. Chosen by us: together the maker's 4 s.
const TRIES: u8 = 4;
/// A board that streams and then is silent this long, in ms, is set up anew. Source: the device page.
const SILENT_MS: u64 = 2_000;
/// Time between two looks at the battery, in ms. Chosen by us, as for other sensors.
const BATTERY_EVERY_MS: u64 = 45_000;
/// The first look at the battery comes this long after the set-up, in ms. Chosen by us.
const BATTERY_FIRST_MS: u64 = 1_000;
/// Revision of the processor module from which on it has the fuser. Source: the device page.
const HAS_FUSER: u8 = 1;
/// Range of acceleration, in g. Chosen by us: walking and lifting stay below, and counts stay fine.
const ACC_RANGE_G: u8 = 8;
/// Code of the range of rotation rate, 1000 °/s. Source: the device page's example for this place.
const GYR_RANGE: u8 = 1;
/// Interval 7.5 ms, nothing left out, lost after 6 s. Source: the device page.
const FAST_LINK: Link = Link { interval: [6, 6], latency: 0, timeout: 600 };
/// Two seconds of blinking.
const BLINK: Pattern = Pattern {
    colour: Colour::Green,
    high: 31,
    low: 0,
    rise_ms: 0,
    high_ms: 250,
    fall_ms: 0,
    period_ms: 500,
    delay_ms: 0,
    repeat: 4,
};

/// What the session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// There is no connection.
    Down,
    /// The model number.
    Model,
    /// The program of before, sending again.
    Resume,
    /// What module `MODULES[i]` is.
    Discover(usize),
    /// The number of a processor.
    Create(Part, [u8; 2]),
    /// Samples.
    Stream,
}

/// The processor that is being created; the numbers of those before it stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Buffer,
    Fuser,
    PairCounter,
    AccCounter,
    GyrCounter,
}

/// A session with one board.
#[derive(Clone, Debug)]
pub struct MetaMotion {
    /// Of the rate that both sensors are set to.
    code: u8,
    wanted: Wanted,
    board: Board,
    step: Step,
    due: Moment,
    tries: u8,
    /// Set-ups and resets since the last sample.
    failures: u8,
    battery_due: Option<Moment>,
    samples: Samples,
}

impl MetaMotion {
    /// A session that will set a rate; the fastest is 100 Hz.
    pub fn new(wanted: Wanted) -> Self {
        Self {
            code: wire::rate_code(wanted.rate_hz),
            wanted,
            board: Board::default(),
            step: Step::Down,
            due: Moment::default(),
            tries: 0,
            failures: 0,
            battery_due: None,
            samples: Samples::default(),
        }
    }

    fn connected(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        act(Action::Subscribe(NOTIFY));
        if let Some(program) = self.samples.program {
            write(Command::Link(FAST_LINK), act);
            listen(program, act);
            self.go(now, Step::Resume, ANSWER_MS);
        } else {
            act(Action::Read(MODEL));
            self.go(now, Step::Model, ANSWER_MS);
        }
    }

    fn go(&mut self, now: Moment, step: Step, within_ms: u64) {
        (self.step, self.due, self.tries) = (step, now.plus_millis(within_ms), 0);
    }

    fn discover(&mut self, now: Moment, i: usize, act: &mut dyn FnMut(Action<'_>)) {
        match MODULES.get(i) {
            Some(&module) => {
                self.go(now, Step::Discover(i), ANSWER_MS);
                write(Command::ReadModule(module), act);
            }
            None => self.set_up(now, act),
        }
    }

    fn module(&mut self, now: Moment, module: u8, info: Option<&Info<'_>>, act: &mut dyn FnMut(Action<'_>)) {
        let Step::Discover(i) = self.step else { return };
        if MODULES.get(i) != Some(&module) {
            return;
        }
        self.board.take(module, info);
        self.discover(now, i + 1, act);
    }

    /// Cleans up what runs on the board, and configures it.
    fn set_up(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        self.samples.forget(act);
        let Some(chip) = self.board.chip() else {
            return self.give_up("its motion chip is none that lumbard knows", act);
        };
        let Some(revision) = self.board.processor else {
            return self.give_up("its firmware cannot count samples; update it with the maker's app", act);
        };
        for command in [
            Command::RemoveProcessors,
            Command::RemoveEvents,
            Command::RemoveLoggers,
            Command::Power(Sensor::Acc, 0),
            Command::Power(Sensor::Gyro, 0),
            Command::Link(FAST_LINK),
            Command::AccConfig(chip, self.code, ACC_RANGE_G),
            Command::GyrConfig(self.code, GYR_RANGE),
        ] {
            write(command, act);
        }
        let first = if revision >= HAS_FUSER { Part::Buffer } else { Part::AccCounter };
        self.create(now, first, [0; 2], act);
    }

    fn create(&mut self, now: Moment, part: Part, ids: [u8; 2], act: &mut dyn FnMut(Action<'_>)) {
        self.go(now, Step::Create(part, ids), ANSWER_MS);
        self.ask_create(part, ids, act);
    }

    fn ask_create(&self, part: Part, ids: [u8; 2], act: &mut dyn FnMut(Action<'_>)) {
        let gyro = Source::Gyro(self.board.chip().unwrap_or(Chip::Bmi160));
        let (source, does) = match part {
            Part::Buffer => (gyro, Processor::Buffer),
            Part::Fuser => (Source::Acc, Processor::Fuser(ids[0])),
            Part::PairCounter => (Source::Processor(ids[0]), Processor::Count),
            Part::AccCounter => (Source::Acc, Processor::Count),
            Part::GyrCounter => (gyro, Processor::Count),
        };
        write(Command::Create(source, does), act);
    }

    fn created(&mut self, now: Moment, id: u8, act: &mut dyn FnMut(Action<'_>)) {
        let Step::Create(part, ids) = self.step else { return };
        match part {
            Part::Buffer => self.create(now, Part::Fuser, [id, 0], act),
            Part::Fuser => self.create(now, Part::PairCounter, [id, 0], act),
            Part::AccCounter => self.create(now, Part::GyrCounter, [id, 0], act),
            Part::PairCounter => self.start(now, Program::Pairs(id), act),
            Part::GyrCounter => self.start(now, Program::Halves(ids[0], id), act),
        }
    }

    fn start(&mut self, now: Moment, program: Program, act: &mut dyn FnMut(Action<'_>)) {
        let rate_hz = wire::rate_hz(self.code);
        self.samples
            .begin(program, samples::format(ACC_RANGE_G, wire::GYR_RANGES_DPS[usize::from(GYR_RANGE)], rate_hz));
        listen(program, act);
        power(act);
        if rate_hz < self.wanted.rate_hz {
            act(Action::ReadOnly { rate_hz });
        }
        self.stream(now);
    }

    fn stream(&mut self, now: Moment) {
        self.go(now, Step::Stream, SILENT_MS);
        self.battery_due.get_or_insert(now.plus_millis(BATTERY_FIRST_MS));
    }

    fn notification(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let message = match Message::parse(bytes) {
            Ok(message) => message,
            Err(why) => return self.samples.refuse(why, bytes.len(), act),
        };
        match message {
            Message::Module(module, info) => self.module(now, module, info.as_ref(), act),
            Message::Battery { percent, millivolts } => {
                act(Action::Battery { percent: percent.min(100), millivolts: Some(millivolts) });
            }
            Message::Created(id) => self.created(now, id, act),
            Message::Address(..) => {}
            Message::Processed(id, low, axes) => {
                if self.samples.take(now, id, low, &axes, bytes.len(), act) {
                    self.heard(now, act);
                }
            }
            // What a program of before left running.
            Message::Acc(..) | Message::Gyr(..) => self.samples.refuse(Refusal::Kind, bytes.len(), act),
        }
    }

    /// A sample came, or half of one.
    fn heard(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        self.failures = 0;
        match self.step {
            Step::Resume => self.stream(now),
            Step::Stream => self.due = now.plus_millis(SILENT_MS),
            Step::Down | Step::Model | Step::Discover(_) | Step::Create(..) => {}
        }
        if self.samples.gyro_is_off() {
            power(act);
        }
    }

    /// What was waited for did not come in time.
    fn late(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        self.tries += 1;
        self.due = now.plus_millis(ANSWER_MS);
        match self.step {
            Step::Down => {}
            Step::Model => self.discover(now, 0, act),
            Step::Resume => {
                self.samples.forget(act);
                self.discover(now, 0, act);
            }
            Step::Stream => {
                self.failures += 1;
                if self.failures == 1 { self.discover(now, 0, act) } else { self.reset(act) }
            }
            Step::Discover(i) if self.tries < TRIES => write(Command::ReadModule(MODULES[i]), act),
            // Old firmware knows no fuser.
            Step::Create(Part::Fuser | Part::PairCounter, _) if self.tries >= TRIES / 2 => {
                write(Command::RemoveProcessors, act);
                self.create(now, Part::AccCounter, [0; 2], act);
            }
            Step::Create(part, ids) if self.tries < TRIES => self.ask_create(part, ids, act),
            Step::Discover(_) | Step::Create(..) => {
                self.failures += 1;
                self.reset(act);
            }
        }
    }

    /// Starts the board anew, which ends the link; or gives it up when that did not help.
    fn reset(&mut self, act: &mut dyn FnMut(Action<'_>)) {
        self.samples.forget(act);
        if self.failures > 2 {
            self.failures = 0;
            return self.give_up("it does not answer; switch it off and on, or charge it", act);
        }
        self.step = Step::Down;
        write(Command::Reset, act);
    }

    fn give_up(&mut self, why: &'static str, act: &mut dyn FnMut(Action<'_>)) {
        self.step = Step::Down;
        act(Action::Unsupported(why));
    }
}

fn write(command: Command, act: &mut dyn FnMut(Action<'_>)) {
    act(Action::Write { characteristic: COMMAND, bytes: command.encode().as_slice() });
}

/// Lets the processors of a program send.
fn listen(program: Program, act: &mut dyn FnMut(Action<'_>)) {
    program.ids().for_each(|id| write(Command::NotifyProcessor(id, true), act));
    write(Command::NotifyProcessors(true), act);
}

/// Lets samples through, and switches both sensors on.
fn power(act: &mut dyn FnMut(Action<'_>)) {
    for sensor in [Sensor::Acc, Sensor::Gyro] {
        write(Command::Route(sensor, true), act);
    }
    for sensor in [Sensor::Acc, Sensor::Gyro] {
        write(Command::Power(sensor, 1), act);
    }
}

impl Session for MetaMotion {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        match event {
            Event::Connected { .. } => self.connected(now, act),
            Event::Disconnected => (self.step, self.battery_due) = (Step::Down, None),
            Event::Notification { characteristic: NOTIFY, bytes } => self.notification(now, bytes, act),
            Event::Read { characteristic: MODEL, bytes } if self.step == Step::Model => {
                self.board.take_model(bytes);
                self.discover(now, 0, act);
            }
            Event::Failed { characteristic: MODEL } if self.step == Step::Model => self.discover(now, 0, act),
            Event::Read { characteristic: BATTERY_LEVEL, bytes: &[percent] } => {
                act(Action::Battery { percent: percent.min(100), millivolts: None });
            }
            Event::Wake => {
                if self.step != Step::Down && now >= self.due {
                    self.late(now, act);
                }
                if self.battery_due.is_some_and(|due| now >= due) {
                    self.battery_due = Some(now.plus_millis(BATTERY_EVERY_MS));
                    if self.board.tells_battery() {
                        write(Command::ReadBattery, act);
                    } else {
                        act(Action::Read(BATTERY_LEVEL));
                    }
                }
            }
            // A write that failed shows as an answer that does not come.
            Event::Notification { .. } | Event::Read { .. } | Event::Failed { .. } => {}
        }
    }

    fn signal(&mut self, signal: Signal, act: &mut dyn FnMut(Action<'_>)) -> bool {
        if self.step == Step::Down {
            return false;
        }
        match signal {
            Signal::Strong if self.board.may_buzz() => write(Command::Motor(100, 200), act),
            Signal::Soft if self.board.may_buzz() => write(Command::Motor(50, 150), act),
            Signal::Identify if self.board.led => {
                for command in [Command::LedStop(true), Command::Led(BLINK), Command::LedPlay(true)] {
                    write(command, act);
                }
            }
            Signal::Identify if self.board.may_buzz() => write(Command::Motor(70, 1_000), act),
            Signal::Strong | Signal::Soft | Signal::Identify => return false,
        }
        true
    }

    fn wake_at(&self) -> Option<Moment> {
        let due = (self.step != Step::Down).then_some(self.due);
        match (due, self.battery_due) {
            (Some(due), Some(battery)) => Some(due.min(battery)),
            (due, battery) => due.or(battery),
        }
    }

    fn counts(&self) -> &Counts {
        &self.samples.counts
    }
}
