//! A sensor's short clock, made long with the help of the host's.
//!
//! In: the low bits that came, and when. Out: ticks that only rise, or the news that the sensor started
//! anew or that a packet is of the past.

use crate::session::Moment;

/// A first stamp after a reconnection that is off by more than this, in s, is of a new start. Chosen by us: far
/// more than a packet waits in a sensor's queue, far less than the 512 s after which the clocks here wrap.
const SLACK_S: f64 = 3.0;
/// Crystals differ: the slack grows by this share of the absence. Chosen by us: five times the usual 200 ppm.
const DRIFT: f64 = 1e-3;
/// Stamps in a row that fit nowhere, after which the sensor is taken to have started anew. Chosen by us, as in
/// the open profile.
const PAST_IS_RESTART: u8 = 8;

/// A clock of a few bits, unwrapped.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LongClock {
    bits: u32,
    newest: Option<(u64, Moment)>,
    /// Nothing came since the connection was made.
    fresh: bool,
    past: u8,
}

/// What a stamp turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// After the one before: so many ticks.
    At(u64),
    /// The first of a new start.
    Restarted(u64),
    /// Not after the one before, or far in the future.
    Past,
}

impl LongClock {
    /// A clock that sends this many bits.
    pub(crate) const fn new(bits: u32) -> Self {
        Self { bits, newest: None, fresh: true, past: 0 }
    }

    /// A connection was made: the sensor may have started anew meanwhile.
    pub(crate) fn connected(&mut self) {
        (self.fresh, self.past) = (true, 0);
    }

    /// Takes the stamp that came now, of a clock with ticks of this length.
    pub(crate) fn take(&mut self, now: Moment, low: u64, tick_s: f64) -> Stamp {
        let Some((ticks, at)) = self.newest else {
            self.settle(low, now);
            return Stamp::At(low);
        };
        let passed_s = now.nanos_since(at) as f64 * 1e-9;
        // A float becomes the nearest whole number that there is.
        let expected = ticks.saturating_add((passed_s / tick_s) as u64).min(u64::MAX >> 2);
        let slack = ((SLACK_S + passed_s * DRIFT) / tick_s) as u64;
        let candidate = nearest(expected, low, self.bits);
        let restarted = self.fresh && candidate.abs_diff(expected) > slack;
        if !restarted && candidate > ticks && candidate <= expected.saturating_add(slack) {
            self.settle(candidate, now);
            return Stamp::At(candidate);
        }
        self.past += 1;
        if restarted || self.past >= PAST_IS_RESTART {
            self.settle(low, now);
            return Stamp::Restarted(low);
        }
        Stamp::Past
    }

    /// Where stamps that come now must lie: after this many ticks, and at most so many later.
    pub(crate) fn window(&self, now: Moment, tick_s: f64) -> Option<(u64, u64)> {
        let (ticks, at) = self.newest?;
        let passed_s = now.nanos_since(at) as f64 * 1e-9;
        Some((ticks, ((passed_s + SLACK_S + passed_s * DRIFT) / tick_s) as u64))
    }

    fn settle(&mut self, ticks: u64, now: Moment) {
        self.newest = Some((ticks, now));
        (self.fresh, self.past) = (false, 0);
    }
}

/// Of all numbers that end in the given bits, the one nearest to `expected`.
pub(crate) fn nearest(expected: u64, low: u64, bits: u32) -> u64 {
    let turn = 1_u64 << bits;
    let candidate = (expected & !(turn - 1)) | low;
    if candidate > expected.saturating_add(turn / 2) && candidate >= turn {
        candidate - turn
    } else if candidate.saturating_add(turn / 2) < expected {
        candidate.saturating_add(turn)
    } else {
        candidate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks of 1/1024 s and 16 bits: a turn takes 64 s.
    const TICK_S: f64 = 1.0 / 1024.0;

    fn take(clock: &mut LongClock, at_s: f64, ticks: u64) -> Stamp {
        clock.take(Moment((at_s * 1e9) as u64), ticks & 0xffff, TICK_S)
    }

    #[test]
    fn it_goes_on_over_many_turns_and_is_not_fooled_by_lateness() {
        let mut clock = LongClock::new(16);
        assert_eq!(take(&mut clock, 10.0, 60_000), Stamp::At(60_000));
        assert_eq!(take(&mut clock, 20.0, 70_240), Stamp::At(70_240));
        // An hour of silence with a crystal that is off by 200 ppm; then two packets at once, both late.
        let later = 70_240 + 3600 * 1024 + 737;
        clock.connected();
        assert_eq!(take(&mut clock, 3620.0, later), Stamp::At(later));
        assert_eq!(take(&mut clock, 3622.0, later + 20), Stamp::At(later + 20));
        assert_eq!(take(&mut clock, 3622.0, later + 40), Stamp::At(later + 40));
    }

    #[test]
    fn what_does_not_fit_is_of_the_past_until_it_goes_on_like_that() {
        let mut clock = LongClock::new(16);
        take(&mut clock, 0.0, 1000);
        assert_eq!(take(&mut clock, 0.1, 1000), Stamp::Past);
        assert_eq!(take(&mut clock, 0.1, 900), Stamp::Past);
        assert_eq!(take(&mut clock, 0.1, 1100), Stamp::At(1100));
        // Far ahead of time.
        let stamps: [Stamp; 8] = core::array::from_fn(|i| take(&mut clock, 0.1, 30_000 + i as u64));
        assert_eq!(stamps[6..], [Stamp::Past, Stamp::Restarted(30_007)]);
        assert_eq!(take(&mut clock, 0.2, 30_100), Stamp::At(30_100));
    }

    #[test]
    fn only_after_a_reconnection_a_clock_that_is_off_is_a_new_start() {
        let mut clock = LongClock::new(16);
        take(&mut clock, 0.0, 1000);
        // Ten seconds behind: packets that waited.
        assert_eq!(take(&mut clock, 12.0, 1000 + 2048), Stamp::At(3048));
        clock.connected();
        assert_eq!(take(&mut clock, 24.0, 3048 + 2048), Stamp::Restarted(5096));
    }
}
