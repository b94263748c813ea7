//! What processors on the board send: counters extended, samples put together and given out.

use super::pairing::{Halves, Side};
use super::wire::{ACC_FULL_COUNT, Axes, GYR_FULL_COUNT};
use crate::session::{Action, Counts, Format, Frame, Moment, Refusal, Scale};

/// Counters in a row that cannot follow, after which the board is taken to have begun anew. Chosen by us, as for the
/// open profile.
const ODD_IS_RESTART: u8 = 8;
/// A counter may be ahead by what the time since the last sample brought, and by this many seconds more; beyond
/// it cannot be. Chosen by us: more than a packet waits in a board's queue.
const SLACK_S: f64 = 3.0;
/// Boards may take samples faster than they say, by this share. Chosen by us: crystals of motion chips are off by
/// some percent.
const FASTER: f64 = 1.1;
/// A counter this far ahead is one of the past.
const HALF_TURN: u32 = 1 << 31;
/// Samples in a row without any rotation after which the gyroscope is taken to be off. Chosen by us: one that
/// runs has noise in its last bits all the time.
const NO_ROTATION: u32 = 100;

/// The processors whose results are samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// One counts pairs.
    Pairs(u8),
    /// One counts accelerations, one rotation rates.
    Halves(u8, u8),
}

impl Program {
    /// Every processor that is to send.
    pub(super) fn ids(self) -> impl Iterator<Item = u8> {
        let (first, second) = match self {
            Self::Pairs(id) => (id, None),
            Self::Halves(acc, gyr) => (acc, Some(gyr)),
        };
        core::iter::once(first).chain(second)
    }
}

/// A counter of 32 bits, extended.
#[derive(Clone, Copy, Debug, Default)]
struct Counter {
    newest: Option<(u64, Moment)>,
    odd: u8,
}

impl Counter {
    fn take(&mut self, now: Moment, low: u32, rate_hz: f64) -> Result<u64, Refusal> {
        let next = match self.newest {
            None => u64::from(low),
            Some((newest, at)) => {
                // Only the low bits of what came before are compared.
                let ahead = low.wrapping_sub(newest as u32);
                let passed_s = now.nanos_since(at) as f64 * 1e-9;
                let why = if ahead == 0 || ahead >= HALF_TURN {
                    Some(Refusal::Repeated)
                } else {
                    (f64::from(ahead) > (passed_s + SLACK_S) * rate_hz * FASTER).then_some(Refusal::Value)
                };
                if let Some(why) = why {
                    self.odd = self.odd.saturating_add(1);
                    return Err(why);
                }
                newest + u64::from(ahead)
            }
        };
        *self = Self { newest: Some((next, now)), odd: 0 };
        Ok(next)
    }
}

/// Everything that samples change.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples {
    pub(super) program: Option<Program>,
    pub(super) counts: Counts,
    first: Counter,
    second: Counter,
    halves: Halves,
    format: Option<Format>,
    told: bool,
    still: u32,
}

impl Samples {
    /// These processors send from now on, with counters that begin anew.
    pub(super) fn begin(&mut self, program: Program, format: Format) {
        self.told &= self.format == Some(format);
        (self.program, self.format) = (Some(program), Some(format));
    }

    /// The processors are gone, and the counters with them. Told if there had been samples.
    pub(super) fn forget(&mut self, act: &mut dyn FnMut(Action<'_>)) {
        self.program = None;
        let begun = self.first.newest.is_some();
        (self.first, self.second, self.halves, self.still) =
            (Counter::default(), Counter::default(), Halves::default(), 0);
        if begun {
            act(Action::Restarted);
        }
    }

    /// The gyroscope seems to be off. Asked once for each hundred samples.
    pub(super) fn gyro_is_off(&mut self) -> bool {
        let off = self.still >= NO_ROTATION;
        if off {
            self.still = 0;
        }
        off
    }

    /// Takes a processor's result; true if it belongs to this program.
    pub(super) fn take(
        &mut self,
        now: Moment,
        id: u8,
        low: u32,
        axes: &Axes,
        bytes: usize,
        act: &mut dyn FnMut(Action<'_>),
    ) -> bool {
        let Some(program) = self.program else {
            self.refuse(Refusal::Early, bytes, act);
            return false;
        };
        let done = match (program, axes.samples()) {
            (Program::Pairs(ours), &[acc, gyr]) if ours == id => {
                self.count(now, Side::Acc, low, act).map(|number| self.give(number, acc, gyr, act))
            }
            (Program::Halves(ours, _), &[acc]) if ours == id => self.half(now, Side::Acc, low, acc, act),
            (Program::Halves(_, ours), &[gyr]) if ours == id => self.half(now, Side::Gyr, low, gyr, act),
            _ if program.ids().any(|ours| ours == id) => Err(Refusal::Length),
            _ => Err(Refusal::Kind),
        };
        if let Err(why) = done {
            self.refuse(why, bytes, act);
        }
        done.is_ok()
    }

    fn count(&mut self, now: Moment, side: Side, low: u32, act: &mut dyn FnMut(Action<'_>)) -> Result<u64, Refusal> {
        let counter = if side == Side::Acc { &mut self.first } else { &mut self.second };
        let rate_hz = self.format.map_or(0.0, |format| format.rate_hz);
        let taken = counter.take(now, low, rate_hz);
        if taken.is_ok() || counter.odd < ODD_IS_RESTART {
            return taken;
        }
        let program = self.program;
        self.forget(act);
        self.program = program;
        if side == Side::Acc { &mut self.first } else { &mut self.second }.take(now, low, rate_hz)
    }

    fn half(
        &mut self,
        now: Moment,
        side: Side,
        low: u32,
        axes: [i16; 3],
        act: &mut dyn FnMut(Action<'_>),
    ) -> Result<(), Refusal> {
        let number = self.count(now, side, low, act)?;
        let met = self.halves.take(side, number, axes);
        (0..met.alone).for_each(|_| self.refuse(Refusal::Truncated, HALF_LEN, act));
        if let Some((number, acc, gyr)) = met.whole {
            self.give(number, acc, gyr, act);
        }
        Ok(())
    }

    fn give(&mut self, number: u64, acc: [i16; 3], gyr: [i16; 3], act: &mut dyn FnMut(Action<'_>)) {
        if let Some(format) = self.format.filter(|_| !core::mem::replace(&mut self.told, true)) {
            act(Action::Format(format));
        }
        self.still = if gyr == [0; 3] { self.still + 1 } else { 0 };
        self.counts.frames += 1;
        act(Action::Frame(Frame {
            seq: Some(number),
            ticks: None,
            acc: acc.map(i32::from),
            gyr: gyr.map(i32::from),
            clipped: acc.iter().chain(&gyr).any(|&n| matches!(n, i16::MIN | i16::MAX)),
        }));
    }

    pub(super) fn refuse(&mut self, why: Refusal, bytes: usize, act: &mut dyn FnMut(Action<'_>)) {
        self.counts.count(why);
        act(Action::Refused { why, bytes });
    }
}

/// Bytes of half a sample.
const HALF_LEN: usize = 6;

/// What the numbers mean at these ranges.
pub(super) fn format(acc_range_g: u8, gyr_range_dps: u16, rate_hz: f64) -> Format {
    let scale = |full_scale, full_count| Scale::Counts { full_scale, full_count };
    Format {
        acc: scale(f64::from(acc_range_g), ACC_FULL_COUNT),
        gyr: Some(scale(f64::from(gyr_range_dps), GYR_FULL_COUNT)),
        rate_hz,
        tick_s: None,
    }
}
