//! The talk with a BlueST node: subscribe, learn how long a tick is, give out samples; battery.
//!
//! There is nothing to start or to set in the stock packs. On the first connection the first seconds are held
//! back, because nobody knows yet whether a tick is 8 or 10 ms; afterwards samples are given out from the
//! first one on, and the clock shows by its place whether the node started anew.

use super::wire::{self, Features, TICKS_S};
use super::{BATTERY, MOTION};
use crate::clock::{LongClock, Stamp};
use crate::session::{Action, Counts, Event, Format, Frame, Moment, Refusal, Scale, Session, Signal, Uuid, Wanted};

/// How long the clock is compared with the host's, in s. Chosen by us: the two ticks differ by a quarter, and
/// arrivals by less than 0.1 s.
const COMPARE_S: f64 = 5.0;
/// Least number of samples to judge by. Chosen by us: half of what the slowest pack sends in that time.
const COMPARE_SAMPLES: u32 = 25;
/// Between the two ticks, in s: their geometric mean.
const BETWEEN_S: f64 = 0.00894;
/// Rates that packs are known or said to have, in Hz, and how near is near enough, as a share. Chosen by us.
const RATES_HZ: [f64; 5] = [10.0, 20.0, 25.0, 50.0, 100.0];
const RATE_SLACK: f64 = 0.04;
/// Why a node is of no use.
const NO_MOTION: &str = "it needs firmware with BlueST version 1: none of the characteristics for motion is there";

/// What was learned of the clock so far.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Learning {
    first: Moment,
    stamp: u16,
    ticks: u32,
    samples: u32,
}

/// A session with one BlueST node.
#[derive(Clone, Debug)]
pub struct BlueSt {
    clock: LongClock,
    /// The place in [`MOTION`] that is asked for or streams.
    motion: usize,
    connected: bool,
    learning: Option<Learning>,
    tick_s: Option<f64>,
    told: Option<Format>,
    counts: Counts,
}

impl BlueSt {
    /// A session. Whatever is wanted, the firmware of the node sets the rate.
    pub fn new(_: Wanted) -> Self {
        Self {
            clock: LongClock::new(wire::CLOCK_BITS),
            motion: 0,
            connected: false,
            learning: None,
            tick_s: None,
            told: None,
            counts: Counts::default(),
        }
    }

    /// The characteristic that was asked for is not there: the next one, or none.
    fn next(&mut self, act: &mut dyn FnMut(Action<'_>)) {
        self.motion += 1;
        match MOTION.get(self.motion) {
            Some(&characteristic) => act(Action::Subscribe(characteristic)),
            None => {
                self.motion = 0;
                act(Action::Unsupported(NO_MOTION));
            }
        }
    }

    fn features(&mut self, now: Moment, characteristic: Uuid, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let Some(mask) = wire::mask_of(characteristic) else { return };
        let features = match Features::parse(mask, bytes) {
            Ok(features) => features,
            Err(why) => return self.counts.refuse(why, bytes.len(), act),
        };
        if let Some(charge) = features.battery {
            act(Action::Battery { percent: charge.percent(), millivolts: Some(charge.millivolts) });
        }
        let Some(acc) = features.acc else { return };
        let Some(tick_s) = self.tick_s else {
            self.learn(now, &features, act);
            return self.counts.refuse(Refusal::Early, bytes.len(), act);
        };
        // A node whose build changed sends other numbers.
        if self.told.is_some_and(|told| told.gyr.is_some() != features.gyr.is_some()) {
            return self.counts.refuse(Refusal::Kind, bytes.len(), act);
        }
        let ticks = match self.clock.take(now, u64::from(features.timestamp), tick_s) {
            Stamp::At(ticks) => ticks,
            Stamp::Restarted(ticks) => {
                act(Action::Restarted);
                ticks
            }
            Stamp::Past => return self.counts.refuse(Refusal::Repeated, bytes.len(), act),
        };
        let gyr = features.gyr.unwrap_or_default();
        self.counts.frames += 1;
        act(Action::Frame(Frame {
            seq: None,
            ticks: Some(ticks),
            acc: acc.map(i32::from),
            gyr: gyr.map(i32::from),
            clipped: acc.iter().chain(&gyr).any(|&n| matches!(n, i16::MIN | i16::MAX)),
        }));
    }

    /// Compares the clock with the host's until it is clear how long a tick is.
    fn learn(&mut self, now: Moment, features: &Features, act: &mut dyn FnMut(Action<'_>)) {
        let stamp = features.timestamp;
        let Some(learning) = &mut self.learning else {
            self.learning = Some(Learning { first: now, stamp, ticks: 0, samples: 0 });
            act(Action::Subscribe(BATTERY));
            return;
        };
        learning.ticks = learning.ticks.saturating_add(stamp.wrapping_sub(learning.stamp).into());
        learning.stamp = stamp;
        learning.samples = learning.samples.saturating_add(1);
        let passed_s = now.nanos_since(learning.first) as f64 * 1e-9;
        if passed_s < COMPARE_S || learning.samples < COMPARE_SAMPLES {
            return;
        }
        let [short, long] = TICKS_S;
        let tick_s = if passed_s / f64::from(learning.ticks.max(1)) < BETWEEN_S { short } else { long };
        let counted = f64::from(learning.samples) / (f64::from(learning.ticks.max(1)) * tick_s);
        let near = |hz: &f64| (hz * (1.0 - RATE_SLACK)..hz * (1.0 + RATE_SLACK)).contains(&counted);
        let rate_hz = RATES_HZ.into_iter().find(near).unwrap_or(counted);
        let scale = |full_count| Scale::Counts { full_scale: 1.0, full_count };
        let gyr = features.gyr.map(|_| scale(wire::GYR_PER_DPS));
        let format = Format { acc: scale(wire::ACC_PER_G), gyr, rate_hz, tick_s: Some(tick_s) };
        (self.tick_s, self.told, self.learning) = (Some(tick_s), Some(format), None);
        act(Action::Format(format));
    }
}

impl Session for BlueSt {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        match event {
            Event::Connected { .. } => {
                (self.connected, self.learning) = (true, None);
                self.clock.connected();
                act(Action::Subscribe(MOTION[self.motion]));
                if self.tick_s.is_some() {
                    act(Action::Subscribe(BATTERY));
                }
            }
            Event::Disconnected => (self.connected, self.learning) = (false, None),
            Event::Notification { characteristic, bytes } => self.features(now, characteristic, bytes, act),
            Event::Failed { characteristic } if self.connected && MOTION[self.motion] == characteristic => {
                self.next(act);
            }
            Event::Read { .. } | Event::Failed { .. } | Event::Wake => {}
        }
    }

    fn signal(&mut self, _: Signal, _: &mut dyn FnMut(Action<'_>)) -> bool {
        false
    }

    fn wake_at(&self) -> Option<Moment> {
        None
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }
}
