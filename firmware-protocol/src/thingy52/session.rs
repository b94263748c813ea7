//! The talk with a Thingy:52: settings compared and set, samples, tones, battery.
//!
//! On the first connection samples are held back until the rate is known; after a reconnection they are given
//! out from the first one on. It has neither counter nor clock, so that a new start cannot be told from a
//! reconnection.

use super::wire::{self, Connection, MotionConfig, Raw, SoundConfig, Tone};
use super::{CONNECTION, MOTION, RAW, SOUND, SPEAKER};
use crate::session::{Action, Counts, Event, Format, Frame, Moment, Refusal, Scale, Session, Signal, Wanted, earliest};
use crate::setup::{Setting, Setup};
use crate::sig::Battery;

/// A movement. Source: the maker's example of a tone. Chosen by us: long enough to be noticed.
const STRONG: Tone = Tone { frequency_hz: 2000, duration_ms: 200, volume_percent: 60 };
/// A posture. Chosen by us: lower, shorter and softer than [`STRONG`].
const SOFT: Tone = Tone { frequency_hz: 1000, duration_ms: 120, volume_percent: 30 };
/// Which one it is: two seconds.
const IDENTIFY: Tone = Tone { frequency_hz: 1500, duration_ms: 2000, volume_percent: 40 };

/// The place of the motion settings among all.
const MOTION_SETTING: usize = 1;

/// A session with one Thingy:52.
#[derive(Clone, Debug)]
pub struct Thingy52 {
    setup: Setup<3>,
    battery: Battery,
    told: Option<Format>,
    connected: bool,
    counts: Counts,
}

impl Thingy52 {
    /// A session that will ask for a rate, in whole Hz and at most [`wire::AIR_HZ`].
    pub fn new(wanted: Wanted) -> Self {
        let wanted_hz = wanted.rate_hz.min(wire::AIR_HZ);
        // A float becomes the nearest whole number that there is.
        let whole = wanted_hz as u16;
        let motion_hz = if f64::from(whole) < wanted_hz { whole + 1 } else { whole };
        let config = MotionConfig {
            motion_hz: motion_hz.max(*MotionConfig::RATES_HZ.start()),
            wake_on_motion: false,
            ..MotionConfig::default()
        };
        let setup = Setup::new([
            Setting::new(CONNECTION, &Connection::FAST.encode()),
            Setting::new(MOTION, &config.encode()),
            Setting::new(SOUND, &SoundConfig::TONE.encode()),
        ]);
        Self { setup, battery: Battery::default(), told: None, connected: false, counts: Counts::default() }
    }

    /// Everything was asked: say what the numbers mean, and let it stream.
    fn ready(&mut self, act: &mut dyn FnMut(Action<'_>)) {
        let motion = self.setup.settings[MOTION_SETTING];
        let config = motion.told.and_then(|told| MotionConfig::parse(told.as_slice()).ok()).unwrap_or_default();
        let scale = |full_count| Scale::Counts { full_scale: 1.0, full_count };
        let rate_hz = f64::from(config.motion_hz);
        let (acc, gyr) = (scale(wire::ACC_PER_G), Some(scale(wire::GYR_PER_DPS)));
        let format = Format { acc, gyr, rate_hz, tick_s: None };
        if self.told != Some(format) {
            self.told = Some(format);
            act(Action::Format(format));
        }
        if !motion.holds() {
            act(Action::ReadOnly { rate_hz });
        }
        act(Action::Subscribe(RAW));
    }

    fn sample(&mut self, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let Some(raw) = Raw::parse(bytes) else {
            return self.counts.refuse(Refusal::Length, bytes.len(), act);
        };
        if self.told.is_none() || raw.is_empty() {
            return self.counts.refuse(Refusal::Early, bytes.len(), act);
        }
        self.counts.frames += 1;
        act(Action::Frame(Frame {
            seq: None,
            ticks: None,
            acc: raw.acc.map(i32::from),
            gyr: raw.gyr.map(i32::from),
            clipped: raw.is_clipped(),
        }));
    }
}

impl Session for Thingy52 {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        match event {
            Event::Connected { .. } => self.connected = true,
            Event::Disconnected => self.connected = false,
            Event::Notification { characteristic: RAW, bytes } => self.sample(bytes, act),
            Event::Notification { .. } | Event::Read { .. } | Event::Failed { .. } | Event::Wake => {}
        }
        if !self.battery.take(now, &event, &mut self.counts, act) && self.setup.take(now, &event, act) {
            self.ready(act);
        }
    }

    fn signal(&mut self, signal: Signal, act: &mut dyn FnMut(Action<'_>)) -> bool {
        if !self.connected {
            return false;
        }
        let tone = match signal {
            Signal::Strong => STRONG,
            Signal::Soft => SOFT,
            Signal::Identify => IDENTIFY,
        };
        act(Action::Write { characteristic: SPEAKER, bytes: &tone.encode() });
        true
    }

    fn wake_at(&self) -> Option<Moment> {
        earliest([self.setup.wake_at(), self.battery.wake_at()])
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }
}
