//! Maps a sensor's clock, or mere arrivals, to the times of a recording; tells how many samples never came.
//!
//! In: for each sample when its packet reached us, and the sensor's clock and counter where it sends them,
//! both unwrapped. Out: its [`Time`], and the samples lost right before it. Left to others: unwrapping
//! (`firmware-protocol`), and why samples are missing (`link`).
//!
//! Longer than most files here because the reasoning stands beside the code that follows it.
//!
//! # How
//!
//! A packet is never early. So of all lines `arrival = offset + (1 + skew) * sensor time`, the one that
//! touches the arrivals from below follows the least-delayed packets, whatever the others waited: the
//! lower convex hull, at the edge beneath the middle (S. Moon, P. Skelly, D. Towsley, "Estimation and
//! removal of clock skew from network delay measurements", INFOCOM 1999). The hull is taken over the
//! least delays of up to 64 blocks, first of 1 s, then doubling to 32 s, so it looks back half an hour.
//! While little has been seen, the skew is drawn towards what is expected of such a sensor.
//!
//! Sensor time is the sensor's clock. A sensor without one (WitMotion) is taken to sample evenly, so its
//! time is the count of samples at the nominal rate, and the skew is how far its rate is off. Then a lost
//! sample makes all later ones look late by one period: when for a second nothing came nearer to the line,
//! the whole periods between are lost samples. Connection events at a fixed interval let the least delay
//! itself wander within one period, as slowly as the two rates beat, so a single lost sample may show late
//! or together with the next. A loss that goes on evenly below the rate's uncertainty cannot be told from
//! a slower sensor.
//!
//! Times given out never go backward. They follow the line, which moves with each block, by a bounded
//! slew: distances between samples stay right to within it.
//!
//! # Assumptions, and what happens when they fail
//!
//! | assumed | else |
//! |---|---|
//! | the sensor's clock is within 200 ppm | the line lags; an error of [`TimelineParams::jump`] begins it anew |
//! | the rate without a clock is within 3 % | a faster sensor's times fall behind; a slower one shows as losses |
//! | the least delay stays the same | times shift by the change, slowly |
//! | the arrival clock counts suspended time | see `link`, which sees to it |

use crate::units::{Arrival, Seconds, Ticks, Time};

/// What may be chosen. The defaults are chosen by us, from the simulated links in this file's tests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimelineParams {
    /// The most a sensor's clock may be off, as a share. DESIGN §5: 200 ppm.
    pub clock_within: f64,
    /// What a sensor's clock is usually off, as a share: two common crystals of 20 to 30 ppm.
    pub clock_usually: f64,
    /// The most a rate without a clock may be off its nominal value, as a share.
    pub rate_within: f64,
    /// What such a rate is usually off, as a share.
    pub rate_usually: f64,
    /// What the least delay of a block still varies by.
    pub delay_spread: Seconds,
    /// How fast times may move towards the line, as a share of the time that passes, with a clock.
    pub clock_slew: f64,
    /// The same without a clock, where the line itself is less sure.
    pub rate_slew: f64,
    /// For this long after a start times follow as fast with a clock too: the first packet may have been
    /// delayed by a connection interval or more, and would leave its mark for a minute.
    pub settling: Seconds,
    /// An arrival this much before the line is a jump of a clock.
    pub jump: Seconds,
    /// So is an arrival this much behind it, when all have been so for [`TimelineParams::behind_for`].
    pub behind_for: Seconds,
    /// For how long all samples must come late before they count as lost. Several connection intervals.
    pub deficit_after: Seconds,
    /// How long the rate must have been watched before a deficit counts.
    pub deficit_from: Seconds,
    /// A hole between arrivals beyond which the count of samples is begun anew without a clock: longer than
    /// any such sensor's queue.
    pub hole: Seconds,
}

impl Default for TimelineParams {
    fn default() -> Self {
        Self {
            clock_within: 200e-6,
            clock_usually: 40e-6,
            rate_within: 0.03,
            rate_usually: 0.01,
            delay_spread: Seconds(0.004),
            clock_slew: 1e-3,
            rate_slew: 0.02,
            settling: Seconds(10.0),
            jump: Seconds(1.0),
            behind_for: Seconds(30.0),
            deficit_after: Seconds(1.0),
            deficit_from: Seconds(10.0),
            hole: Seconds(0.5),
        }
    }
}

/// What is known of a sample when it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// When its packet reached us.
    pub arrival: Arrival,
    /// The sensor's clock, unwrapped.
    pub ticks: Option<Ticks>,
    /// The sensor's counter, unwrapped.
    pub seq: Option<u64>,
}

/// A sample's place in the recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// When it was taken.
    pub t: Time,
    /// What is missing right before it.
    pub lost: Option<Lost>,
}

/// Samples that never came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The last sample before the hole.
    pub from: Time,
    /// The first after it.
    pub to: Time,
    /// How many.
    pub samples: u32,
    /// What shows it.
    pub shown_by: ShownBy,
}

/// What shows that samples are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownBy {
    /// The sensor's counter: exact.
    Counter,
    /// The sensor's clock: exact for even sampling.
    Clock,
    /// Fewer came than the rate gives. The hole lies up to a second before the place told.
    Rate,
    /// Arrivals alone, over an interruption.
    Arrival,
}

/// How well the line fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// How much faster than the arrival clock the sensor's clock (or sampling) runs, in parts per million.
    pub fast_ppm: f64,
    /// Samples a second by the arrival clock, where it was learned: for sensors without a clock.
    pub rate_hz: Option<f64>,
    /// How long after the least-delayed ones the newest packet came.
    pub residual: Seconds,
}

/// [`TimelineParams`] made ready for one sensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    tick_s: Option<f64>,
    period_s: f64,
    within: f64,
    usually: f64,
    slew: f64,
    params: TimelineParams,
}

const BLOCKS: usize = 64;
const FIRST_BLOCK_S: f64 = 1.0;
const LONGEST_BLOCK_S: f64 = 32.0;
/// Whole periods of a clock are counted from this share of one on. Chosen by us.
const WHOLE_PERIOD: f64 = 0.7;
/// Lateness in periods from which samples count as lost by deficit: the least delay wanders within one.
const DEFICIT_PERIODS: f64 = 1.5;
/// Noise of the least delay in periods: just below a whole number of them counts as that number.
const DEFICIT_NOISE: f64 = 0.1;
/// What a skew that was learned before an interruption is usually off after it, as a share. Chosen by us.
const LEARNED_USUALLY: f64 = 50e-6;
/// Least distance of two samples, in ns, so that times never stand still.
const LEAST_STEP_NS: i64 = 1_000;

/// A packet: sensor time and arrival, both in seconds from the start of the segment and of the recording.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Point {
    sensor_s: f64,
    arrival_s: f64,
}

impl Point {
    /// How much later it came than a sensor clock without skew says.
    fn late(&self) -> f64 {
        self.arrival_s - self.sensor_s
    }
}

/// All that samples change.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineState {
    newest: Option<Newest>,
    /// The next sample has nothing to do with the sensor time of the last one.
    anew: bool,
    /// The link was down, or a hole was seen, since the last sample.
    interrupted: bool,
    reference: Arrival,
    /// Sensor clock at sensor time 0 of this segment.
    first_ticks: u64,
    line: Line,
    blocks: [Point; BLOCKS],
    used: usize,
    block_s: f64,
    block_end_s: f64,
    least: Option<Point>,
    /// The skew that this segment expects, and how surely.
    expected: (f64, f64),
    /// Least lateness in this half and the last half of [`TimelineParams::deficit_after`].
    late_now: f64,
    late_before: f64,
    half_end_s: f64,
    /// Since when everything has come too late.
    behind_since_s: Option<f64>,
    residual_s: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Newest {
    t: Time,
    /// The place before rounding to whole ns.
    place_s: f64,
    sensor_s: f64,
    arrival_s: f64,
    seq: Option<u64>,
}

/// `recording time = offset + (1 + skew) * sensor time`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Line {
    skew: f64,
    offset_s: f64,
}

impl Line {
    fn at(&self, sensor_s: f64) -> f64 {
        self.offset_s + (1.0 + self.skew) * sensor_s
    }
}

impl Default for TimelineState {
    fn default() -> Self {
        Self {
            newest: None,
            anew: true,
            interrupted: false,
            reference: Arrival::default(),
            first_ticks: 0,
            line: Line::default(),
            blocks: [Point::default(); BLOCKS],
            used: 0,
            block_s: FIRST_BLOCK_S,
            block_end_s: 0.0,
            least: None,
            expected: (0.0, 0.0),
            late_now: f64::INFINITY,
            late_before: f64::INFINITY,
            half_end_s: 0.0,
            behind_since_s: None,
            residual_s: 0.0,
        }
    }
}

impl TimelineState {
    /// The link was down: with a clock nothing changes, without one the count of samples begins anew.
    pub fn interrupted(&mut self) {
        self.interrupted = true;
    }

    /// The sensor started anew: its clock and counter have no bearing on the earlier ones.
    pub fn restarted(&mut self) {
        self.anew = true;
    }

    /// The time of the newest sample.
    pub fn newest(&self) -> Option<Time> {
        self.newest.map(|newest| newest.t)
    }

    /// The moment of the recording at which something that arrives now belongs. Never before the newest sample.
    pub fn at(&self, arrival: Arrival) -> Option<Time> {
        let newest = self.newest?;
        Some(newest.t.max(Time::from_seconds(self.since_reference(arrival))))
    }

    fn since_reference(&self, arrival: Arrival) -> f64 {
        // Both are counts of ns that fit into i64 for 292 years.
        (arrival.0 as i64).saturating_sub(self.reference.0 as i64) as f64 * 1e-9
    }
}

impl Timeline {
    /// For a sensor with this nominal rate (samples a second) and tick (seconds), if it has a clock.
    pub fn new(params: TimelineParams, nominal_rate_hz: f64, tick_s: Option<f64>) -> Self {
        let (within, usually, slew) = match tick_s {
            Some(_) => (params.clock_within, params.clock_usually, params.clock_slew),
            None => (params.rate_within, params.rate_usually, params.rate_slew),
        };
        Self { tick_s, period_s: 1.0 / nominal_rate_hz, within, usually, slew, params }
    }

    /// Finds the place of the next sample.
    pub fn place(&self, state: &mut TimelineState, reading: Reading) -> Placed {
        let Some(newest) = state.newest else {
            state.reference = reading.arrival;
            self.begin_segment(state, &reading, 0.0, (0.0, self.usually));
            return self.give(state, &reading, 0.0, 0.0, None);
        };
        let arrival_s = state.since_reference(reading.arrival);
        let ticks = self.tick_s.zip(reading.ticks);
        let hole = arrival_s - newest.arrival_s > self.params.hole.0;
        let anew = std::mem::take(&mut state.anew);
        let interrupted = std::mem::take(&mut state.interrupted) || hole;
        if anew || (interrupted && ticks.is_none()) {
            return self.resume(state, &reading, &newest, arrival_s);
        }
        let sensor_s = match ticks {
            Some((tick_s, ticks)) => ticks.0.saturating_sub(state.first_ticks) as f64 * tick_s,
            None => {
                let steps = reading.seq.zip(newest.seq).map_or(1, |(seq, last)| seq.saturating_sub(last));
                newest.sensor_s + steps as f64 * self.period_s
            }
        };
        let early = state.line.at(sensor_s) - arrival_s;
        if early > self.params.jump.0 || self.fell_behind(state, sensor_s, -early) {
            return self.resume(state, &reading, &newest, arrival_s);
        }
        let (sensor_s, missing) = match (reading.seq.zip(newest.seq), ticks) {
            (Some((seq, last)), _) => (sensor_s, (seq.saturating_sub(last + 1), ShownBy::Counter)),
            (None, Some(_)) => (sensor_s, (self.whole_periods(sensor_s - newest.sensor_s), ShownBy::Clock)),
            (None, None) => {
                let deficit = self.deficit(state, sensor_s, arrival_s);
                (sensor_s + deficit as f64 * self.period_s, (deficit, ShownBy::Rate))
            }
        };
        self.watch(state, Point { sensor_s, arrival_s });
        // Along the line from the last place, and a bounded step towards it.
        let passed_s = (sensor_s - newest.sensor_s).max(0.0);
        let along_s = newest.place_s + passed_s * (1.0 + state.line.skew);
        let off_s = state.line.at(sensor_s) - along_s;
        // What was lost by deficit has been shown late by as much, so time jumps with it.
        let settling = sensor_s < self.params.settling.0;
        let reach_s = passed_s * if settling { self.params.rate_slew } else { self.slew };
        let place_s = along_s + off_s.clamp(-reach_s, reach_s);
        let lost = (missing.0 > 0).then_some(missing);
        self.give(state, &reading, sensor_s, place_s, lost)
    }

    /// How well the line fits, once there is one.
    pub fn fit(&self, state: &TimelineState) -> Option<Fit> {
        state.newest?;
        let fast = 1.0 / (1.0 + state.line.skew);
        Some(Fit {
            fast_ppm: (fast - 1.0) * 1e6,
            rate_hz: self.tick_s.is_none().then_some(fast / self.period_s),
            residual: Seconds(state.residual_s),
        })
    }

    /// The next sample is placed by its arrival: sensor time begins anew with it.
    fn resume(&self, state: &mut TimelineState, reading: &Reading, newest: &Newest, arrival_s: f64) -> Placed {
        let skew = state.line.skew;
        let learned = (skew, if state.used > 0 { LEARNED_USUALLY.min(self.usually) } else { self.usually });
        let place_s = arrival_s.max(newest.place_s + self.period_s);
        let missing = self.whole_periods((place_s - newest.place_s) / (1.0 + skew));
        // A place later than the arrival is caught up by the slew.
        self.begin_segment(state, reading, arrival_s, learned);
        let lost = (missing > 0).then_some((missing, ShownBy::Arrival));
        self.give(state, reading, 0.0, place_s, lost)
    }

    fn begin_segment(&self, state: &mut TimelineState, reading: &Reading, arrival_s: f64, expected: (f64, f64)) {
        state.anew = false;
        state.interrupted = false;
        state.first_ticks = reading.ticks.map_or(0, |ticks| ticks.0);
        state.expected = expected;
        state.line = Line { skew: expected.0, offset_s: arrival_s };
        (state.used, state.block_s, state.block_end_s) = (0, FIRST_BLOCK_S, FIRST_BLOCK_S);
        (state.least, state.behind_since_s) = (None, None);
        (state.late_now, state.late_before) = (f64::INFINITY, f64::INFINITY);
        state.half_end_s = self.params.deficit_after.0 / 2.0;
        self.watch(state, Point { sensor_s: 0.0, arrival_s });
    }

    fn give(
        &self,
        state: &mut TimelineState,
        reading: &Reading,
        sensor_s: f64,
        place_s: f64,
        lost: Option<(u64, ShownBy)>,
    ) -> Placed {
        let mut t = Time::from_seconds(place_s);
        let mut told = None;
        if let Some(newest) = state.newest {
            t = t.max(Time(newest.t.0.saturating_add(LEAST_STEP_NS)));
            told = lost.map(|(samples, shown_by)| Lost {
                from: newest.t,
                to: t,
                samples: u32::try_from(samples).unwrap_or(u32::MAX),
                shown_by,
            });
        }
        let arrival_s = state.since_reference(reading.arrival);
        state.newest = Some(Newest { t, place_s, sensor_s, arrival_s, seq: reading.seq });
        Placed { t, lost: told }
    }

    /// Samples missing in a stretch of sensor time between two that came.
    fn whole_periods(&self, passed_s: f64) -> u64 {
        let periods = passed_s / self.period_s;
        // From 1.7 periods on one is missing, from 2.7 on two.
        (periods - WHOLE_PERIOD).max(0.0) as u64
    }

    /// Samples that are missing because for a while everything came late by whole periods.
    fn deficit(&self, state: &mut TimelineState, sensor_s: f64, arrival_s: f64) -> u64 {
        state.late_now = state.late_now.min(arrival_s - state.line.at(sensor_s));
        if sensor_s < state.half_end_s {
            return 0;
        }
        let late_s = state.late_now.min(state.late_before);
        state.half_end_s = sensor_s + self.params.deficit_after.0 / 2.0;
        (state.late_before, state.late_now) = (state.late_now, f64::INFINITY);
        let settled = sensor_s >= self.params.deficit_from.0 || late_s > self.params.hole.0;
        let period_s = self.period_s * (1.0 + state.line.skew);
        let periods = late_s / period_s;
        if !settled || !late_s.is_finite() || periods < DEFICIT_PERIODS {
            return 0;
        }
        state.late_before = f64::INFINITY;
        (periods + DEFICIT_NOISE) as u64
    }

    /// Everything has come so late for so long that no queue explains it.
    fn fell_behind(&self, state: &mut TimelineState, sensor_s: f64, late_s: f64) -> bool {
        if late_s <= self.params.jump.0 {
            state.behind_since_s = None;
            return false;
        }
        sensor_s - *state.behind_since_s.get_or_insert(sensor_s) > self.params.behind_for.0
    }

    /// Takes a point into its block, and fits the line anew when a block is over.
    fn watch(&self, state: &mut TimelineState, point: Point) {
        state.residual_s = point.arrival_s - state.line.at(point.sensor_s);
        if point.sensor_s >= state.block_end_s {
            if let Some(least) = state.least.take() {
                if state.used == BLOCKS {
                    make_room(state);
                }
                state.blocks[state.used] = least;
                state.used += 1;
            }
            let over = ((point.sensor_s - state.block_end_s) / state.block_s).floor() + 1.0;
            state.block_end_s += over * state.block_s;
            self.refit(state);
        }
        // Against the present line, so that within a block too the skew does not matter.
        let lateness = |p: &Point| p.arrival_s - (1.0 + state.line.skew) * p.sensor_s;
        if state.least.is_none_or(|least| lateness(&point) < lateness(&least)) {
            state.least = Some(point);
        }
        // An arrival below the line is at once a better bound.
        state.line.offset_s = state.line.offset_s.min(lateness(&point));
    }

    fn refit(&self, state: &mut TimelineState) {
        let points = &state.blocks[..state.used];
        let (expected, usually) = state.expected;
        let mut skew = expected;
        if let Some((slope, span_s)) = slope_below(points) {
            let noise = self.params.delay_spread.0 / span_s;
            let trust = usually * usually / (usually * usually + noise * noise);
            skew = expected + trust * (slope - expected);
        }
        skew = skew.clamp(-self.within, self.within);
        let offset_s = points.iter().map(|p| p.late() - skew * p.sensor_s).fold(f64::INFINITY, f64::min);
        if offset_s.is_finite() {
            state.line = Line { skew, offset_s };
        }
    }
}

/// Joins neighbours and doubles the blocks; at their longest, drops the oldest.
fn make_room(state: &mut TimelineState) {
    if state.block_s >= LONGEST_BLOCK_S {
        state.blocks.copy_within(1.., 0);
        state.used -= 1;
        return;
    }
    let skew = state.line.skew;
    for i in 0..BLOCKS / 2 {
        let (a, b) = (state.blocks[2 * i], state.blocks[2 * i + 1]);
        let later = |p: &Point| p.late() - skew * p.sensor_s;
        state.blocks[i] = if later(&b) < later(&a) { b } else { a };
    }
    state.used = BLOCKS / 2;
    state.block_s *= 2.0;
}

/// The slope of lateness at the edge of the lower hull beneath the middle, and the span of the points.
fn slope_below(points: &[Point]) -> Option<(f64, f64)> {
    let (first, last) = (points.first()?, points.last()?);
    let middle = points.iter().map(|p| p.sensor_s).sum::<f64>() / points.len() as f64;
    let mut hull = [Point::default(); BLOCKS];
    let mut n = 0;
    for &p in points {
        while n >= 2 && !turns_up(&hull[n - 2], &hull[n - 1], &p) {
            n -= 1;
        }
        hull[n] = p;
        n += 1;
    }
    let edge = hull[..n].windows(2).find(|edge| edge[1].sensor_s >= middle)?;
    let run = edge[1].sensor_s - edge[0].sensor_s;
    (run > 0.0).then(|| ((edge[1].late() - edge[0].late()) / run, last.sensor_s - first.sensor_s))
}

/// Whether the way from `a` over `b` to `c` turns upward at `b`.
fn turns_up(a: &Point, b: &Point, c: &Point) -> bool {
    let (ab, ac) = (b.sensor_s - a.sensor_s, c.sensor_s - a.sensor_s);
    (b.late() - a.late()) * ac < (c.late() - a.late()) * ab
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "timeline_patterns.rs"]
mod patterns;
