//! When each sample of a frame was taken, by the sensor's clock; holes, repeats and new starts.
//!
//! A frame tells the moment of its last sample. The others stand evenly between it and the frame before, or
//! one period apart where frames were lost or there was none before. Source: the maker's client
//! (`PmdTimeStampUtils`), which however stretches samples over a hole.

use crate::session::Moment;

/// A step of the clock beyond this share of a frame's own length shows lost frames. Source: the device page's
/// rule of one and a half frames.
const HOLE: (u64, u64) = (3, 2);
/// The sensor's clock and the host's may differ by this much over the time between two frames, in ns; beyond
/// it the clock was set, or the sensor started anew. Chosen by us, as for the open profile: frames may wait
/// for seconds, and a day of 200 ppm is 17 s.
const SLACK_NS: u64 = 30_000_000_000;

/// The moments of a frame's samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    /// The moment of the last one.
    pub(super) last_ns: u64,
    /// From the last one of the frame before to that, in ns.
    pub(super) span_ns: u64,
    /// How many they are, at least one.
    pub(super) count: usize,
}

impl Times {
    /// When sample `i` was taken, in ns of the sensor's clock.
    pub(super) fn of(&self, i: usize) -> u64 {
        let before_last = u128::from(self.span_ns) * (self.count - 1 - i.min(self.count - 1)) as u128;
        // A share of `span_ns`, which has 64 bits.
        self.last_ns.saturating_sub(before_last.div_ceil(self.count as u128) as u64)
    }
}

/// What a frame's clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// It goes on.
    On(Times),
    /// It has no bearing on the frames before.
    Anew(Times),
    /// It came twice, or too late.
    Repeated,
}

/// Where the clock of one stream stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Placing {
    newest: Option<(u64, Moment)>,
    /// The clock of a frame that seemed to come too late.
    past_ns: Option<u64>,
}

impl Placing {
    /// The length of so many samples, in ns.
    pub(super) fn span_ns(count: usize, rate_hz: u16) -> u64 {
        count as u64 * 1_000_000_000 / u64::from(rate_hz.max(1))
    }

    /// Places a frame of at least one sample.
    pub(super) fn place(&mut self, now: Moment, clock_ns: u64, count: usize, rate_hz: u16) -> Placed {
        let length_ns = Self::span_ns(count, rate_hz);
        let times = |span_ns| Times { last_ns: clock_ns, span_ns, count };
        let Some((newest_ns, at)) = self.newest else {
            self.newest = Some((clock_ns, now));
            return Placed::On(times(length_ns));
        };
        let passed = clock_ns.checked_sub(newest_ns);
        // A frame that lies to more than its half on the one before cannot follow it.
        if let Some(passed_ns) = passed.filter(|&ns| ns > 0 && ns >= length_ns / 2) {
            (self.newest, self.past_ns) = (Some((clock_ns, now)), None);
            let apart_ns = passed_ns.abs_diff(now.nanos_since(at));
            let hole = passed_ns > length_ns * HOLE.0 / HOLE.1;
            let times = times(if hole { length_ns } else { passed_ns });
            return if apart_ns > SLACK_NS { Placed::Anew(times) } else { Placed::On(times) };
        }
        // Two of them in order are a clock that began anew; one is a frame that came too late.
        let anew = passed != Some(0) && self.past_ns.is_some_and(|past_ns| clock_ns > past_ns);
        if !anew {
            self.past_ns = Some(clock_ns);
            return Placed::Repeated;
        }
        (self.newest, self.past_ns) = (Some((clock_ns, now)), None);
        Placed::Anew(times(length_ns))
    }

    /// Forgets what came before.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}
