//! The talk with a WitMotion sensor: rate asked for, set, read back; battery and temperature now and then.
//!
//! The sensor acknowledges nothing. A setting counts as done when reading it back says so; after three
//! tries the sensor is taken as it is, at the rate that its frames show. On the first connection frames
//! are held back until then, because nobody knows yet how far apart they were taken; after a
//! reconnection they are given out from the first one on, and the rate is checked behind them.

use super::stream::{Found, Stream};
use super::wire::{self, Command, FULL_COUNT, Registers};
use super::{COMMAND, DATA};
use crate::session::{Action, Counts, Event, Format, Frame, Moment, Refusal, Scale, Session, Signal, Wanted};

/// Least time between two writes, in ms. Source: the maker's samples wait 100 to 150 ms; a client reports
/// that of two writes back to back the second is lost.
const BETWEEN_WRITES_MS: u64 = 120;
/// How long an answer to a register read may take, in ms. Source: the maker's advice to ask again after 300 ms.
const ANSWER_MS: u64 = 300;
/// Tries to set the rate before the sensor is taken as it is. Chosen by us.
const TRIES: u8 = 3;
/// Time between two looks at the battery, in ms. Source: 30 to 60 s in the maker's samples.
const BATTERY_EVERY_MS: u64 = 45_000;
/// The first look at the battery comes this long after the set-up, in ms. Chosen by us.
const BATTERY_FIRST_MS: u64 = 1_000;
/// Slack within which a counted rate is taken for one of the sensor's rates, as a share. Chosen by us.
const RATE_SLACK: f64 = 0.25;

/// What the session does next, at [`WitMotion::due`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// There is no connection.
    Down,
    /// Ask for the rate.
    AskRate,
    /// The answer should have come.
    RateUnknown,
    /// Open the settings.
    Unlock,
    /// Write the rate.
    SetRate,
    /// Ask for the battery.
    AskBattery,
    /// Ask for the temperature.
    AskTemperature,
}

/// A session with one WitMotion sensor.
#[derive(Clone, Debug)]
pub struct WitMotion {
    code: u8,
    rate_hz: f64,
    stream: Stream,
    counts: Counts,
    step: Step,
    due: Moment,
    tries: u8,
    /// The meaning of the numbers has been told, with this rate.
    told_hz: Option<f64>,
    /// The first and newest moment at which frames came before that, and how many.
    early: Option<(Moment, Moment, u32)>,
}

impl WitMotion {
    /// A session that will ask for a rate. Rates above the fastest get the fastest, 200 Hz.
    pub fn new(wanted: Wanted) -> Self {
        let (code, rate_hz) = wire::rate_code(wanted.rate_hz);
        Self {
            code,
            rate_hz,
            stream: Stream::default(),
            counts: Counts::default(),
            step: Step::Down,
            due: Moment::default(),
            tries: 0,
            told_hz: None,
            early: None,
        }
    }

    fn connected(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        self.stream.clear(&mut |_| {});
        (self.tries, self.early) = (0, None);
        act(Action::Subscribe(DATA));
        self.then(now, Step::AskRate, BETWEEN_WRITES_MS);
    }

    fn then(&mut self, now: Moment, step: Step, after_ms: u64) {
        (self.step, self.due) = (step, now.plus_millis(after_ms));
    }

    fn wake(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        let mut write = |command: Command| {
            act(Action::Write { characteristic: COMMAND, bytes: &command.encode() });
        };
        match self.step {
            Step::Down => {}
            Step::AskRate => {
                write(Command::read(wire::RATE));
                self.then(now, Step::RateUnknown, ANSWER_MS);
            }
            Step::RateUnknown if self.tries < TRIES => {
                self.tries += 1;
                write(Command::UNLOCK);
                self.then(now, Step::SetRate, BETWEEN_WRITES_MS);
            }
            Step::RateUnknown => {
                let rate_hz = self.counted_rate().or(self.told_hz).unwrap_or(self.rate_hz);
                self.settle(now, rate_hz, act);
                act(Action::ReadOnly { rate_hz });
            }
            Step::Unlock => {
                self.tries += 1;
                write(Command::UNLOCK);
                self.then(now, Step::SetRate, BETWEEN_WRITES_MS);
            }
            Step::SetRate => {
                write(Command::rate(self.code));
                // What came at the old rate says nothing about the new one.
                self.early = None;
                self.then(now, Step::AskRate, BETWEEN_WRITES_MS);
            }
            Step::AskBattery => {
                write(Command::read(wire::BATTERY));
                self.then(now, Step::AskTemperature, BETWEEN_WRITES_MS + ANSWER_MS);
            }
            Step::AskTemperature => {
                write(Command::read(wire::TEMPERATURE));
                self.then(now, Step::AskBattery, BATTERY_EVERY_MS);
            }
        }
    }

    /// The rate that the frames so far show, if it is one that the sensor has.
    fn counted_rate(&self) -> Option<f64> {
        let (first, newest, frames) = self.early?;
        let seconds = newest.nanos_since(first) as f64 * 1e-9;
        let counted = f64::from(frames.checked_sub(1)?) / seconds;
        let near = |hz: f64| counted > hz * (1.0 - RATE_SLACK) && counted < hz * (1.0 + RATE_SLACK);
        wire::SETTABLE_HZ.into_iter().find(|&hz| near(hz))
    }

    /// The rate is known: say what the numbers mean, and turn to the battery.
    fn settle(&mut self, now: Moment, rate_hz: f64, act: &mut dyn FnMut(Action<'_>)) {
        if self.told_hz != Some(rate_hz) {
            self.told_hz = Some(rate_hz);
            let scale = |full_scale| Scale::Counts { full_scale, full_count: FULL_COUNT };
            act(Action::Format(Format {
                acc: scale(wire::ACC_FULL_SCALE_G),
                gyr: Some(scale(wire::GYR_FULL_SCALE_DPS)),
                rate_hz,
                tick_s: None,
            }));
        }
        self.then(now, Step::AskBattery, BATTERY_FIRST_MS);
    }

    fn registers(&mut self, now: Moment, registers: &Registers, act: &mut dyn FnMut(Action<'_>)) {
        if registers.start == u16::from(wire::RATE) && self.step == Step::RateUnknown {
            let told = wire::RATE_CODES.into_iter().find(|&(code, _)| registers.values[0] == i16::from(code));
            match told {
                Some((code, rate_hz)) if code == self.code => self.settle(now, rate_hz, act),
                Some((_, rate_hz)) if self.tries >= TRIES => {
                    self.settle(now, rate_hz, act);
                    act(Action::ReadOnly { rate_hz });
                }
                _ => {
                    // A sensor that had our rate and now has another lost its power in between.
                    if self.tries == 0 && self.told_hz.is_some() {
                        act(Action::Restarted);
                    }
                    self.then(now, Step::Unlock, BETWEEN_WRITES_MS);
                }
            }
        }
        if registers.start == u16::from(wire::BATTERY) {
            let centivolts = registers.values[0];
            let millivolts = u16::try_from(i32::from(centivolts) * 10).ok();
            act(Action::Battery { percent: wire::percent(centivolts), millivolts });
        }
        if registers.start == u16::from(wire::TEMPERATURE) {
            act(Action::Temperature(registers.values[0]));
        }
    }

    fn notification(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let mut stream = core::mem::take(&mut self.stream);
        stream.push(bytes, &mut |found| match found {
            Found::Motion(motion) if self.told_hz.is_some() => {
                self.counts.frames += 1;
                act(Action::Frame(Frame {
                    seq: None,
                    ticks: None,
                    acc: motion.acc.map(i32::from),
                    gyr: motion.gyr.map(i32::from),
                    clipped: motion.acc.iter().chain(&motion.gyr).any(|&n| matches!(n, i16::MIN | i16::MAX)),
                }));
            }
            Found::Motion(_) => {
                let (first, _, frames) = self.early.unwrap_or((now, now, 0));
                self.early = Some((first, now, frames + 1));
                self.counts.refuse(Refusal::Early, wire::FRAME_LEN, act);
            }
            Found::Registers(registers) => self.registers(now, &registers, act),
            Found::Refused(why, bytes) => self.counts.refuse(why, bytes, act),
        });
        self.stream = stream;
    }
}

impl Session for WitMotion {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        match event {
            Event::Connected { .. } => self.connected(now, act),
            Event::Disconnected => {
                self.step = Step::Down;
                let mut stream = core::mem::take(&mut self.stream);
                stream.clear(&mut |found| {
                    if let Found::Refused(why, bytes) = found {
                        self.counts.refuse(why, bytes, act);
                    }
                });
            }
            Event::Notification { characteristic: DATA, bytes } => self.notification(now, bytes, act),
            Event::Wake if now >= self.due => self.wake(now, act),
            // Nothing is ever acknowledged, so a write that failed shows as a setting that did not take.
            Event::Notification { .. } | Event::Read { .. } | Event::Failed { .. } | Event::Wake => {}
        }
    }

    fn signal(&mut self, _: Signal, _: &mut dyn FnMut(Action<'_>)) -> bool {
        false
    }

    fn wake_at(&self) -> Option<Moment> {
        (self.step != Step::Down).then_some(self.due)
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }
}
