//! The talk with a Polar sensor: what runs is stopped, settings are asked for, streams started, battery read.
//!
//! Each step waits for its answer. Where the sensor has SDK mode it is switched on, since only there are the
//! fast rates offered, and with them frames that are short in time. Acceleration alone decides whether the
//! sensor is of use; without an answer for the gyroscope it goes on without.
//!
//! After a reconnection frames are given out at once, if they come, while all this is done again: a stream
//! that outlived the link has lost nothing of its meaning.

use super::samples::Samples;
use super::wire::{self, Answer, Choice, Command, Features, Kind, Settings, Status};
use super::{BATTERY_LEVEL, CONTROL, DATA};
use crate::session::{Action, Counts, Event, Moment, Refusal, Session, Signal, Wanted};

/// How long an answer may take, in ms. Source: the maker's client. The link's watchdog acts earlier.
const ANSWER_MS: u64 = 30_000;
/// Pause before a set-up that failed or was undone by the sensor begins again, in ms. Chosen by us.
const AGAIN_MS: u64 = 1_000;
/// Set-ups that may fail before the sensor is given up. Chosen by us.
const TRIES: u8 = 3;
/// Slower rates are not asked for where a faster one is offered, in Hz: a frame holds 36 samples (H10) or some
/// 63 (Verity Sense), and a warning waits until it is full. Source: the device page, 208 Hz for live warnings.
const LIVE_HZ: u16 = 200;
/// Range of acceleration that is asked for, in g; the least one that is offered at or above it. Chosen by us:
/// the only one that every model has.
const ACC_RANGE_G: u16 = 8;
/// Range of rotation rate that is asked for, in °/s, in the same way. Chosen by us.
const GYR_RANGE_DPS: u16 = 2_000;
/// Bits of a sample that are asked for. Source: the forms of 16 bits are those of every model.
const RESOLUTION: u16 = 16;
/// Time between two looks at the battery, in ms. Chosen by us, as for other sensors.
const BATTERY_EVERY_MS: u64 = 45_000;
/// The first look at the battery comes this long after the set-up, in ms. Chosen by us.
const BATTERY_FIRST_MS: u64 = 1_000;
/// What the session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// There is no connection.
    Down,
    /// What the sensor can measure.
    Features,
    /// An answer to stopping a kind, whether it ran or not.
    Stop(Kind),
    /// An answer to switching SDK mode on.
    Sdk,
    /// The settings of a kind.
    Ask(Kind),
    /// An answer to starting a kind.
    Start(Kind),
    /// Nothing: samples come.
    Running,
    /// The end of a pause.
    Pause,
}

/// Parameters that come in several answers.
#[derive(Clone, Debug)]
struct Parameters {
    bytes: [u8; 128],
    len: usize,
}

/// A session with one Polar sensor.
#[derive(Clone, Debug)]
pub struct Polar {
    wanted: Wanted,
    step: Step,
    due: Moment,
    battery_due: Option<Moment>,
    tries: u8,
    features: Features,
    sdk: bool,
    parameters: Parameters,
    samples: Samples,
}

impl Polar {
    /// A session that will ask for a rate, or for a faster one where a slow one would come late.
    pub fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            step: Step::Down,
            due: Moment::default(),
            battery_due: None,
            tries: 0,
            features: Features(0),
            sdk: false,
            parameters: Parameters { bytes: [0; 128], len: 0 },
            samples: Samples::default(),
        }
    }

    fn ask_features(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        (self.step, self.due) = (Step::Features, now.plus_millis(ANSWER_MS));
        act(Action::Read(CONTROL));
    }

    fn take_features(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        match Features::parse(bytes) {
            Ok(features) if features.has(Kind::ACC) => {
                self.features = features;
                self.samples.six = features.has(Kind::GYRO);
                self.go(now, Step::Stop(Kind::ACC), act);
            }
            Ok(_) => self.give_up("it does not offer its acceleration", act),
            Err(why) => {
                self.pause(now);
                self.samples.refuse(why, bytes.len(), act);
            }
        }
    }

    /// Enters a step and sends its command.
    fn go(&mut self, now: Moment, step: Step, act: &mut dyn FnMut(Action<'_>)) {
        (self.step, self.due, self.parameters.len) = (step, now.plus_millis(ANSWER_MS), 0);
        let command = match step {
            Step::Stop(kind) => Command::Stop(kind),
            Step::Sdk => Command::Start(Kind::SDK_MODE, None),
            Step::Ask(kind) => Command::Settings(kind, self.sdk),
            Step::Start(kind) => Command::Start(kind, self.samples.stream(kind).choice),
            Step::Running => {
                (self.battery_due, self.tries) = (Some(now.plus_millis(BATTERY_FIRST_MS)), 0);
                return;
            }
            Step::Down | Step::Features | Step::Pause => return,
        };
        act(Action::Write { characteristic: CONTROL, bytes: command.encode().as_slice() });
    }

    fn answer(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let answer = match Answer::parse(bytes) {
            Ok(answer) => answer,
            Err(Refusal::Kind) if bytes.first() == Some(&wire::STOPPED) => return self.stopped(now, &bytes[1..]),
            Err(why) => return self.samples.refuse(why, bytes.len(), act),
        };
        let awaited = match self.step {
            Step::Stop(kind) => (wire::STOP, kind),
            Step::Sdk => (wire::START, Kind::SDK_MODE),
            Step::Ask(kind) => (if self.sdk { wire::SDK_SETTINGS } else { wire::SETTINGS }, kind),
            Step::Start(kind) => (wire::START, kind),
            Step::Down | Step::Features | Step::Running | Step::Pause => return,
        };
        if (answer.op, answer.kind) != awaited {
            return;
        }
        if answer.status == Status::SUCCESS {
            let from = self.parameters.len;
            let Some(into) = self.parameters.bytes.get_mut(from..from + answer.parameters.len()) else {
                return self.samples.refuse(Refusal::Length, bytes.len(), act);
            };
            into.copy_from_slice(answer.parameters);
            self.parameters.len += answer.parameters.len();
            if answer.more {
                return;
            }
        }
        self.answered(now, answer.status, act);
    }

    /// The answer to the present step is complete.
    fn answered(&mut self, now: Moment, status: Status, act: &mut dyn FnMut(Action<'_>)) {
        let done = status == Status::SUCCESS;
        let gyro = self.samples.six;
        match self.step {
            Step::Stop(Kind::ACC) if gyro => self.go(now, Step::Stop(Kind::GYRO), act),
            Step::Stop(_) if self.features.has(Kind::SDK_MODE) => self.go(now, Step::Sdk, act),
            Step::Stop(_) => {
                self.sdk = false;
                self.go(now, Step::Ask(Kind::ACC), act);
            }
            Step::Sdk => {
                self.sdk = done || status == Status::ALREADY;
                self.go(now, Step::Ask(Kind::ACC), act);
            }
            Step::Ask(kind) if done => {
                let choice = self.choose(kind);
                // Those of before hold until there are others.
                if choice.is_some() {
                    self.samples.stream(kind).choice = choice;
                    self.go(now, Step::Start(kind), act);
                } else {
                    self.failed(now, Status(5), act);
                }
            }
            Step::Start(kind) if done => {
                let parameters = self.parameters.clone();
                let factor = Settings(&parameters.bytes[..parameters.len]).factor();
                self.samples.stream(kind).factor = factor.map(f64::from);
                if kind == Kind::ACC && gyro {
                    self.go(now, Step::Ask(Kind::GYRO), act);
                } else {
                    self.run(now, act);
                }
            }
            Step::Ask(_) | Step::Start(_) => self.failed(now, status, act),
            Step::Down | Step::Features | Step::Running | Step::Pause => {}
        }
    }

    /// Everything is started.
    fn run(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        self.go(now, Step::Running, act);
        if let Some(choice) = self.samples.acc.choice
            && f64::from(choice.rate_hz) < self.wanted.rate_hz
        {
            act(Action::ReadOnly { rate_hz: f64::from(choice.rate_hz) });
        }
    }

    /// The sensor would not do what the present step asked.
    fn failed(&mut self, now: Moment, status: Status, act: &mut dyn FnMut(Action<'_>)) {
        let gyro = matches!(self.step, Step::Ask(Kind::GYRO) | Step::Start(Kind::GYRO));
        self.tries += 1;
        if gyro && (status.never() || self.tries >= TRIES) {
            self.run(now, act);
            return self.samples.without_gyro(act);
        }
        let why = match status {
            _ if status.never() => "it does not offer its acceleration",
            Status::CHARGER => "it does not stream while it is charging; take it off its charger",
            _ if self.tries < TRIES => return self.pause(now),
            Status::MTU => "the link carries too few bytes at a time for its samples; connect anew",
            Status::STATE => "it is in another mode; switch it to its sensor mode",
            _ => "it refused every setting; switch it off and on",
        };
        self.give_up(why, act);
    }

    fn give_up(&mut self, why: &'static str, act: &mut dyn FnMut(Action<'_>)) {
        self.step = Step::Down;
        act(Action::Unsupported(why));
    }

    fn pause(&mut self, now: Moment) {
        (self.step, self.due) = (Step::Pause, now.plus_millis(AGAIN_MS));
    }

    /// The sensor itself stopped streams of these kinds.
    fn stopped(&mut self, now: Moment, kinds: &[u8]) {
        let ours = |&kind: &u8| matches!(Kind(kind & wire::KIND_MASK), Kind::ACC | Kind::GYRO);
        if self.step == Step::Running && kinds.iter().any(ours) {
            self.pause(now);
        }
    }

    /// What to start a kind with, of the settings that were answered.
    fn choose(&self, kind: Kind) -> Option<Choice> {
        let settings = Settings(&self.parameters.bytes[..self.parameters.len]);
        let at_least = |setting, least: u16| {
            let offered = settings.values(setting).filter(|&value| value > 0);
            offered.clone().filter(|&value| value >= least).min().or(offered.max())
        };
        let (least_hz, range) = match self.samples.acc.choice {
            Some(acc) if kind == Kind::GYRO => (acc.rate_hz, GYR_RANGE_DPS),
            // Rates beyond 16 bits are as good as the fastest.
            _ => (LIVE_HZ.max(self.wanted.rate_hz as u16), ACC_RANGE_G),
        };
        Some(Choice {
            rate_hz: at_least(wire::RATE, least_hz)?,
            resolution: at_least(wire::RESOLUTION, RESOLUTION)?,
            range: at_least(wire::RANGE, range)?,
            channels: settings.values(wire::CHANNELS).next().and_then(|channels| u8::try_from(channels).ok()),
        })
    }
}

impl Session for Polar {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        match event {
            Event::Connected { .. } => {
                self.tries = 0;
                // Both before the first command: a start with either off is refused (issues 69 and 403).
                act(Action::Subscribe(CONTROL));
                act(Action::Subscribe(DATA));
                self.ask_features(now, act);
            }
            Event::Disconnected => (self.step, self.battery_due) = (Step::Down, None),
            Event::Notification { characteristic: DATA, bytes } => self.samples.data(now, bytes, act),
            Event::Notification { characteristic: CONTROL, bytes } => self.answer(now, bytes, act),
            Event::Read { characteristic: CONTROL, bytes } if self.step == Step::Features => {
                self.take_features(now, bytes, act);
            }
            Event::Read { characteristic: BATTERY_LEVEL, bytes: &[percent] } => {
                act(Action::Battery { percent: percent.min(100), millivolts: None });
            }
            Event::Failed { characteristic: BATTERY_LEVEL } => self.battery_due = None,
            Event::Failed { characteristic: CONTROL } if self.step != Step::Down => {
                self.tries += 1;
                if self.tries < TRIES {
                    self.pause(now);
                } else {
                    self.give_up("it does not take commands; switch it off and on", act);
                }
            }
            Event::Wake => {
                if !matches!(self.step, Step::Down | Step::Running) && now >= self.due {
                    self.ask_features(now, act);
                }
                if self.battery_due.is_some_and(|due| now >= due) {
                    act(Action::Read(BATTERY_LEVEL));
                    self.battery_due = Some(now.plus_millis(BATTERY_EVERY_MS));
                }
            }
            Event::Notification { .. } | Event::Read { .. } | Event::Failed { .. } => {}
        }
    }

    fn signal(&mut self, _: Signal, _: &mut dyn FnMut(Action<'_>)) -> bool {
        false
    }

    fn wake_at(&self) -> Option<Moment> {
        let due = (!matches!(self.step, Step::Down | Step::Running)).then_some(self.due);
        match (due, self.battery_due) {
            (Some(due), Some(battery)) => Some(due.min(battery)),
            (due, battery) => due.or(battery),
        }
    }

    fn counts(&self) -> &Counts {
        &self.samples.counts
    }
}
