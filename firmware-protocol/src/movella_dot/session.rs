//! The talk with a Movella DOT: what it does now, its rate, a start, times, battery, reports.
//!
//! What a payload means is told by the mode alone, and a change of mode while it measures fails without a word.
//! So the sensor is asked what it does, stopped with that very mode, set, started, and asked again, before a
//! sample counts.

use super::wire::{Control, Field, Measurement, Mode, Payload, RATE_QUANTITIES, RATES_HZ, Report};
use super::{BATTERY, CONTROL, MEASUREMENT, MEDIUM, REPORT};
use crate::clock::{LongClock, Stamp};
use crate::float::{any_not_finite, at_end, bits};
use crate::session::{Action, Counts, Event, Format, Frame, Moment, Notice, Refusal, Scale, Session, Signal, Unit};
use crate::session::{Uuid, Wanted, earliest};

/// How long a read may take before it is asked for again, in ms. Chosen by us: several connection events.
const ANSWER_MS: u64 = 1_500;
/// Wait between a setting and the look whether it took, and before a busy sensor is asked again, in ms.
/// Source: the maker's sample repeats after 500 ms.
const SETTLE_MS: u64 = 500;
/// Tries to set the rate, and to start the mode. Source: as above.
const TRIES: u8 = 3;
/// Reads in a row without an answer after which it is given up. Chosen by us.
const UNANSWERED: u8 = 4;
/// Without data for this long after the start it is asked again what it does, in ms. Source: as above.
const NO_DATA_MS: u64 = 2_000;
/// Time between two looks at the battery, in ms. Chosen by us, as for other sensors; it also tells by itself.
const BATTERY_EVERY_MS: u64 = 45_000;
/// Length of one tick of the sensor's clock, in s.
const TICK_S: f64 = 1e-6;
/// What the sensor can measure, in m/s² (16 g) and °/s. Source: its user manual.
const WIDEST: [f32; 2] = [16.0 * 9.806_65, 2000.0];

/// What the session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Down,
    /// The answer to what it does now.
    State,
    /// The answer to how it is set.
    Settings,
    /// A written rate takes effect.
    Set,
    /// The answer to whether it was started.
    Started,
    Streaming,
    Useless,
}

/// A session with one Movella DOT.
#[derive(Clone, Debug)]
pub struct MovellaDot {
    rate_hz: u16,
    /// The meaning of the numbers has been told, with this rate.
    told: Option<u16>,
    mode: Mode,
    step: Step,
    due: Option<Moment>,
    battery_due: Option<Moment>,
    tries: u8,
    starts: u8,
    unanswered: u8,
    clock: LongClock,
    counts: Counts,
}

impl MovellaDot {
    /// A session that will ask for a rate; above 60 Hz it takes 60.
    pub fn new(wanted: Wanted) -> Self {
        let rate = RATES_HZ.into_iter().find(|&hz| hz >= wanted.rate_hz).unwrap_or(RATES_HZ[RATES_HZ.len() - 1]);
        Self {
            rate_hz: rate as u16,
            told: None,
            mode: super::wire::MODES[0],
            step: Step::Down,
            due: None,
            battery_due: None,
            tries: 0,
            starts: 0,
            unanswered: 0,
            clock: LongClock::new(32),
            counts: Counts::default(),
        }
    }

    fn then(&mut self, now: Moment, step: Step, after_ms: u64) {
        (self.step, self.due) = (step, Some(now.plus_millis(after_ms)));
    }

    fn read(&mut self, now: Moment, step: Step, act: &mut dyn FnMut(Action<'_>)) {
        if self.unanswered >= UNANSWERED {
            return self.useless("it does not say what it does; switch it off and on at its button", act);
        }
        self.unanswered += 1;
        act(Action::Read(if step == Step::Settings { CONTROL } else { MEASUREMENT }));
        self.then(now, step, ANSWER_MS);
    }

    fn useless(&mut self, why: &'static str, act: &mut dyn FnMut(Action<'_>)) {
        (self.step, self.due) = (Step::Useless, None);
        act(Action::Unsupported(why));
    }

    fn measure(what: Measurement, act: &mut dyn FnMut(Action<'_>)) {
        act(Action::Write { characteristic: MEASUREMENT, bytes: &what.encode() });
    }

    fn wake(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        match self.step {
            Step::Down | Step::Useless => self.due = None,
            Step::State => self.read(now, Step::State, act),
            Step::Settings | Step::Set => self.read(now, Step::Settings, act),
            Step::Started | Step::Streaming => self.read(now, Step::Started, act),
        }
    }

    /// It said what it does.
    fn state(&mut self, now: Moment, what: Measurement, act: &mut dyn FnMut(Action<'_>)) {
        let ours = what.running && what.mode == RATE_QUANTITIES;
        match self.step {
            Step::State => {
                // Also if it runs as wanted: its rate can be looked at, and set, only while it stands.
                if what.running {
                    Self::measure(Measurement::stop(what.mode), act);
                }
                self.read(now, Step::Settings, act);
            }
            Step::Started if ours => self.streaming(now, act),
            Step::Started if self.starts < TRIES => {
                if what.running {
                    Self::measure(Measurement::stop(what.mode), act);
                }
                self.start(now, act);
            }
            Step::Started => self.useless("it does not start measuring; switch it off and on at its button", act),
            Step::Down | Step::Settings | Step::Set | Step::Streaming | Step::Useless => {}
        }
    }

    /// It said how it is set.
    fn settings(&mut self, now: Moment, settings: &Control, act: &mut dyn FnMut(Action<'_>)) {
        if self.step != Step::Settings {
            return;
        }
        if settings.rate_hz != self.rate_hz && self.tries < TRIES {
            self.tries += 1;
            act(Action::Write { characteristic: CONTROL, bytes: &Control::set_rate(self.rate_hz).encode() });
            return self.then(now, Step::Set, SETTLE_MS);
        }
        if settings.rate_hz != self.rate_hz {
            act(Action::ReadOnly { rate_hz: f64::from(settings.rate_hz) });
        }
        self.tell(settings.rate_hz.max(1), act);
        self.start(now, act);
    }

    fn tell(&mut self, rate_hz: u16, act: &mut dyn FnMut(Action<'_>)) {
        if self.told != Some(rate_hz) {
            self.told = Some(rate_hz);
            act(Action::Format(Format {
                acc: Scale::Float32(Unit::MetresPerSecond2),
                gyr: Some(Scale::Float32(Unit::DegreesPerSecond)),
                rate_hz: f64::from(rate_hz),
                tick_s: Some(TICK_S),
            }));
        }
    }

    fn start(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        self.starts += 1;
        Self::measure(Measurement::start(RATE_QUANTITIES), act);
        self.then(now, Step::Started, SETTLE_MS);
    }

    fn streaming(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        act(Action::Subscribe(MEDIUM));
        self.battery_due.get_or_insert(now.plus_millis(BATTERY_EVERY_MS));
        self.then(now, Step::Streaming, NO_DATA_MS);
    }

    fn payload(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let payload = match Payload::parse(self.mode, bytes) {
            Ok(payload) => payload,
            Err(why) => return self.counts.refuse(why, bytes.len(), act),
        };
        let vectors = (payload.floats::<3>(Field::Acceleration), payload.floats::<3>(Field::Rotation));
        let (Some(acc), Some(gyr)) = vectors else { return self.counts.refuse(Refusal::Kind, bytes.len(), act) };
        if self.step != Step::Streaming {
            return self.counts.refuse(Refusal::Early, bytes.len(), act);
        }
        if any_not_finite(acc.into_iter().chain(gyr)) {
            return self.counts.refuse(Refusal::Value, bytes.len(), act);
        }
        let ticks = match self.clock.take(now, u64::from(payload.time_us()), TICK_S) {
            Stamp::At(ticks) => ticks,
            Stamp::Restarted(ticks) => {
                act(Action::Restarted);
                ticks
            }
            Stamp::Past => return self.counts.refuse(Refusal::Repeated, bytes.len(), act),
        };
        (self.due, self.starts) = (None, 0);
        self.counts.frames += 1;
        act(Action::Frame(Frame {
            seq: None,
            ticks: Some(ticks),
            acc: bits(acc),
            gyr: bits(gyr),
            clipped: at_end(acc, WIDEST[0]) || at_end(gyr, WIDEST[1]),
        }));
    }

    fn report(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        match Report::parse(bytes) {
            Ok(Report::Success) => {}
            Ok(Report::Button(_)) => act(Action::Notice(Notice::Button)),
            Ok(Report::PowerOff | Report::PowerSaving) => act(Action::Notice(Notice::SwitchesOff)),
            // What was asked for did not happen. The looks that follow see it and ask again.
            Ok(Report::Busy) if self.due.is_some() => self.due = Some(now.plus_millis(SETTLE_MS)),
            Ok(Report::Busy) => {}
            // It measures: from the top, with a stop first.
            Ok(Report::Illegal) if matches!(self.step, Step::Settings | Step::Set) => self.read(now, Step::State, act),
            Ok(Report::Illegal) => {}
            Err(why) => self.counts.refuse(why, bytes.len(), act),
        }
    }

    fn battery(&mut self, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        match *bytes {
            [percent, _] => act(Action::Battery { percent: percent.min(100), millivolts: None }),
            _ => self.counts.refuse(Refusal::Length, bytes.len(), act),
        }
    }

    fn answered(&mut self, now: Moment, at: Uuid, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        if at != BATTERY {
            self.unanswered = 0;
        }
        let done = match at {
            MEASUREMENT => Measurement::parse(bytes).map(|what| self.state(now, what, act)),
            CONTROL => Control::parse(bytes).map(|settings| self.settings(now, &settings, act)),
            BATTERY => {
                self.battery(bytes, act);
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(why) = done {
            self.counts.refuse(why, bytes.len(), act);
        }
    }
}

impl Session for MovellaDot {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        match event {
            Event::Connected { .. } => {
                (self.tries, self.starts, self.unanswered, self.battery_due) = (0, 0, 0, None);
                self.clock.connected();
                act(Action::Subscribe(REPORT));
                act(Action::Subscribe(BATTERY));
                act(Action::Read(BATTERY));
                self.read(now, Step::State, act);
            }
            Event::Disconnected => (self.step, self.due, self.battery_due) = (Step::Down, None, None),
            Event::Notification { characteristic: MEDIUM, bytes } => self.payload(now, bytes, act),
            Event::Notification { characteristic: REPORT, bytes } => self.report(now, bytes, act),
            Event::Notification { characteristic: BATTERY, bytes } => self.battery(bytes, act),
            Event::Read { characteristic, bytes } => self.answered(now, characteristic, bytes, act),
            Event::Wake => {
                if self.due.is_some_and(|due| now >= due) {
                    self.wake(now, act);
                }
                if self.battery_due.is_some_and(|due| now >= due) {
                    self.battery_due = Some(now.plus_millis(BATTERY_EVERY_MS));
                    act(Action::Read(BATTERY));
                }
            }
            // A write that failed is seen by the look that follows it, and a read is asked for again.
            Event::Notification { .. } | Event::Failed { .. } => {}
        }
    }

    fn signal(&mut self, signal: Signal, act: &mut dyn FnMut(Action<'_>)) -> bool {
        let can = signal == Signal::Identify && !matches!(self.step, Step::Down | Step::Useless);
        if can {
            act(Action::Write { characteristic: CONTROL, bytes: &Control::blink().encode() });
        }
        can
    }

    fn wake_at(&self) -> Option<Moment> {
        earliest([self.due, self.battery_due])
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }
}
