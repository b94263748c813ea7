//! The talk with a SensorTag: period and axes set and read back, samples, buzzer, battery.
//!
//! Samples count once the settings were read back as they were written: a tag that measures with another range
//! than thought would be wrong by a factor. A new start cannot be told from a reconnection.

use super::wire::{self, Config, Io, IoMode, Movement, Period};
use super::{CONFIG, DATA, IO, IO_MODE, PERIOD};
use crate::session::{Action, Counts, Event, Format, Frame, Moment, Refusal, Scale, Session, Signal, Wanted, earliest};
use crate::setup::{Setting, Setup};
use crate::sig::Battery;

/// Places of the settings among all.
const PERIOD_SETTING: usize = 0;
const CONFIG_SETTING: usize = 1;

/// What is shown or heard, for how long, and how often. Chosen by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pattern {
    what: Io,
    on_ms: u64,
    off_ms: u64,
    times: u8,
}

/// A movement: one clear tone.
const STRONG: Pattern = Pattern { what: Io::BUZZER.and(Io::RED), on_ms: 400, off_ms: 0, times: 1 };
/// A posture: two short ones.
const SOFT: Pattern = Pattern { what: Io::BUZZER, on_ms: 80, off_ms: 200, times: 2 };
/// Which one it is: two seconds of blinking and beeping.
const IDENTIFY: Pattern = Pattern { what: Io::BUZZER.and(Io::RED).and(Io::GREEN), on_ms: 250, off_ms: 250, times: 4 };

/// A pattern under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Playing {
    pattern: Pattern,
    /// It is on now.
    on: bool,
    /// When that changes; a signal comes without a time, so that the first waking sets it.
    due: Option<Moment>,
}

/// A session with one SensorTag.
#[derive(Clone, Debug)]
pub struct SensorTag {
    setup: Setup<2>,
    battery: Battery,
    playing: Option<Playing>,
    told: Option<Format>,
    connected: bool,
    /// The settings held on this connection.
    ready: bool,
    /// When something happened last.
    now: Moment,
    counts: Counts,
}

impl SensorTag {
    /// A session. Whatever is wanted, it asks for ten samples a second: no tag can do more, and fewer help nobody.
    pub fn new(_: Wanted) -> Self {
        let setup =
            Setup::new([Setting::new(PERIOD, &[Period::FASTEST.0]), Setting::new(CONFIG, &Config::SIX_AXES.encode())]);
        Self {
            setup,
            battery: Battery::default(),
            playing: None,
            told: None,
            connected: false,
            ready: false,
            now: Moment::default(),
            counts: Counts::default(),
        }
    }

    /// The settings were asked and set.
    fn set_up(&mut self, act: &mut dyn FnMut(Action<'_>)) {
        let config = self.setup.settings[CONFIG_SETTING];
        if config.told.is_some_and(|told| told.as_slice() == Config::FAULT.encode()) {
            return act(Action::Unsupported("its motion chip failed its own test; take its battery out for a moment"));
        }
        if !config.holds() {
            return act(Action::Unsupported("it does not keep its settings; take its battery out for a moment"));
        }
        self.ready = true;
        let period = self.setup.settings[PERIOD_SETTING];
        let told = period.told.and_then(|told| Period::parse(told.as_slice()).ok());
        let rate_hz = told.unwrap_or(Period::FASTEST).rate_hz();
        let scale = |full_scale, full_count| Scale::Counts { full_scale, full_count };
        let (acc, gyr) = (scale(f64::from(wire::RANGE_G), wire::FULL_COUNT), Some(scale(1.0, wire::GYR_PER_DPS)));
        let format = Format { acc, gyr, rate_hz, tick_s: None };
        if self.told != Some(format) {
            self.told = Some(format);
            act(Action::Format(format));
        }
        if !period.holds() {
            act(Action::ReadOnly { rate_hz });
        }
        // With the host ruling, a press of the right key does not end the connection.
        act(Action::Write { characteristic: IO, bytes: &Io::OFF.encode() });
        act(Action::Write { characteristic: IO_MODE, bytes: &IoMode::Remote.encode() });
    }

    fn sample(&mut self, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let Some(movement) = Movement::parse(bytes) else {
            return self.counts.refuse(Refusal::Length, bytes.len(), act);
        };
        if !self.ready || movement.is_empty() {
            return self.counts.refuse(Refusal::Early, bytes.len(), act);
        }
        let Movement { acc, gyr, .. } = movement;
        self.counts.frames += 1;
        act(Action::Frame(Frame {
            seq: None,
            ticks: None,
            acc: acc.map(i32::from),
            gyr: gyr.map(i32::from),
            clipped: acc.iter().chain(&gyr).any(|&n| matches!(n, i16::MIN | i16::MAX)),
        }));
    }

    fn play(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        let Some(playing) = &mut self.playing else { return };
        let Pattern { what, on_ms, off_ms, .. } = playing.pattern;
        match playing.due {
            None => playing.due = Some(now.plus_millis(on_ms)),
            Some(due) if now < due => {}
            Some(_) => {
                playing.on = !playing.on;
                let (shown, lasting_ms) = if playing.on { (what, on_ms) } else { (Io::OFF, off_ms) };
                act(Action::Write { characteristic: IO, bytes: &shown.encode() });
                playing.due = Some(now.plus_millis(lasting_ms));
                playing.pattern.times -= u8::from(!playing.on);
                if playing.pattern.times == 0 {
                    self.playing = None;
                }
            }
        }
    }
}

impl Session for SensorTag {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        self.now = now;
        match event {
            Event::Connected { .. } => {
                (self.connected, self.ready) = (true, false);
                act(Action::Subscribe(DATA));
            }
            Event::Disconnected => (self.connected, self.ready, self.playing) = (false, false, None),
            Event::Notification { characteristic: DATA, bytes } => self.sample(bytes, act),
            Event::Wake => self.play(now, act),
            Event::Notification { .. } | Event::Read { .. } | Event::Failed { .. } => {}
        }
        if !self.battery.take(now, &event, &mut self.counts, act) && self.setup.take(now, &event, act) {
            self.set_up(act);
        }
    }

    fn signal(&mut self, signal: Signal, act: &mut dyn FnMut(Action<'_>)) -> bool {
        if !self.ready {
            return false;
        }
        let pattern = match signal {
            Signal::Strong => STRONG,
            Signal::Soft => SOFT,
            Signal::Identify => IDENTIFY,
        };
        act(Action::Write { characteristic: IO, bytes: &pattern.what.encode() });
        self.playing = Some(Playing { pattern, on: true, due: None });
        true
    }

    fn wake_at(&self) -> Option<Moment> {
        earliest([
            self.setup.wake_at(),
            self.battery.wake_at(),
            self.playing.map(|playing| playing.due.unwrap_or(self.now)),
        ])
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }
}
