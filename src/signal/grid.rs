//! Brings samples of any rate onto one fixed grid: the mean of each channel over every interval, and up at
//! its end.
//!
//! In:  norm of the specific force (g) and specific force (g) in sensor axes, at the times of the samples,
//! and up in sensor axes whenever an interval is complete. Out: one [`Frame`] for
//! every [`Tick::INTERVAL`] that has gone by. Between two samples the channels are taken as straight
//! lines, so the means are those of the running integral; rates from 12.5 to 500 Hz, jitter and short
//! holes all come out on the same grid. A frame is given out by the first sample at or past its end, and
//! depends on nothing later.

use super::Tick;
use super::posture::STEP;
use super::run::Reading;
use crate::frames::Vec3;
use crate::units::{Seconds, Time};

/// Channels: norm, acceleration x y z.
const CHANNELS: usize = 4;
/// Nanoseconds of a step of the slow detectors, which like the intervals are the same moments in any recording.
const SLOW_NS: i64 = 200_000_000;
const _: () = assert!(SLOW_NS as f64 == STEP.0 * 1e9);
/// One sample's channels.
pub(super) type Channels = [f64; CHANNELS];

/// Packs the channels of one sample.
#[inline]
pub(super) fn channels(reading: &Reading) -> Channels {
    let acc = &reading.felt.acc;
    [reading.norm, acc.x, acc.y, acc.z]
}

/// The means of one grid interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// End of the interval.
    pub t: Time,
    /// It ends a step of the slow detectors.
    pub slow: bool,
    /// Its length; shorter than the grid's only right after a gap.
    pub dt: Seconds,
    /// Mean norm of the specific force, g.
    pub norm: f64,
    /// Mean specific force in sensor axes, g.
    pub acc: Vec3,
    /// Up in sensor axes at the end of the interval, unit length.
    pub up: Vec3,
}

impl Frame {
    /// The same with a sensor's error of scale taken off; direction and rotation have none.
    #[must_use]
    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { norm: self.norm * factor, acc: self.acc * factor, ..*self }
    }
}

/// What samples change in the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct GridState {
    /// Time and channels of the newest sample; `None` at the start and after a gap.
    newest: Option<Time>,
    values: Channels,
    /// Integral of each channel since the start of the open interval.
    integral: Channels,
    open_since: Time,
    open_until: Time,
    /// When the step of the slow detectors ends in which the open interval lies.
    slow_until: Time,
    /// Up when it was last told, and when that was.
    up: Vec3,
    up_at: Time,
}

impl GridState {
    /// Forgets the open interval: the next sample begins afresh.
    pub(super) fn restart(&mut self) {
        self.newest = None;
    }

    /// When a sample completes a step of the slow detectors; the first one ends what is before it at any time.
    #[inline]
    pub(super) fn slow_until(&self) -> Time {
        self.newest.map_or(Time(i64::MIN), |_| self.slow_until)
    }

    /// How many of the samples of a run belong together, up to the first that completes an interval or begins one.
    #[inline]
    pub(super) fn part(&self, run: &[Reading]) -> usize {
        let completes = |reading: &Reading| self.newest.is_none() || reading.t >= self.open_until;
        run.iter().position(completes).map_or(run.len(), |before| before + 1)
    }

    /// Begins at a sample after the start or a gap; says whether it did.
    #[inline]
    pub(super) fn begin(&mut self, t: Time, values: &Channels, up: &Vec3) -> bool {
        if self.newest.is_some() {
            return false;
        }
        let step = Tick::INTERVAL.nanos();
        self.open_since = t;
        self.open_until = Time((t.0.div_euclid(step) + 1) * step);
        self.slow_until = Time((t.0.div_euclid(SLOW_NS) + 1) * SLOW_NS);
        self.integral = [0.0; CHANNELS];
        self.newest = Some(t);
        self.values = *values;
        (self.up, self.up_at) = (*up, t);
        true
    }

    /// The next interval that a sample at `t` completes, if any; `up` is that at the sample.
    #[inline]
    pub(super) fn full(&mut self, t: Time, values: &Channels, up: &Vec3) -> Option<Frame> {
        let before = self.newest.filter(|_| t >= self.open_until)?;
        let end = self.open_until;
        let share = ratio(end.0 - before.0, t.0 - before.0);
        let mut at_end = self.values;
        for (at_end, new) in at_end.iter_mut().zip(values) {
            *at_end += (new - *at_end) * share;
        }
        add(&mut self.integral, (before, &self.values), (end, &at_end));
        self.values = at_end;
        self.newest = Some(end);
        Some(self.close(t, up))
    }

    /// Takes the samples of a run, but for the last where that needs up: it is given back, still to be taken.
    #[inline]
    pub(super) fn run<'a>(&mut self, run: &'a [Reading]) -> Option<&'a Reading> {
        let (last, before) = run.split_last()?;
        let Some(mut newest) = self.newest else {
            return Some(last);
        };
        let (mut values, mut integral) = (self.values, self.integral);
        let mut take = |reading: &Reading| {
            let new = channels(reading);
            add(&mut integral, (newest, &values), (reading.t, &new));
            (newest, values) = (reading.t, new);
        };
        before.iter().for_each(&mut take);
        let fills = last.t >= self.open_until;
        if !fills {
            take(last);
        }
        (self.newest, self.values, self.integral) = (Some(newest), values, integral);
        fills.then_some(last)
    }

    /// Takes what a sample leaves for the open interval after those that it filled; `up` is that at the sample.
    #[inline]
    pub(super) fn take(&mut self, t: Time, values: &Channels, up: &Vec3) {
        if let Some(before) = self.newest {
            add(&mut self.integral, (before, &self.values), (t, values));
        }
        (self.values, self.newest) = (*values, Some(t));
        (self.up, self.up_at) = (*up, t);
    }

    #[inline]
    fn close(&mut self, newest: Time, up: &Vec3) -> Frame {
        let t = self.open_until;
        let dt = t.since(self.open_since);
        let scale = 1.0 / dt.0;
        let mean = self.integral.map(|integral| integral * scale);
        let share = ratio(t.0 - self.up_at.0, newest.0 - self.up_at.0);
        let between = self.up + (up - self.up) * share;
        self.integral = [0.0; CHANNELS];
        self.open_since = t;
        self.open_until = Time(t.0 + Tick::INTERVAL.nanos());
        let slow = t == self.slow_until;
        if slow {
            self.slow_until = Time(t.0 + SLOW_NS);
        }
        Frame {
            t,
            slow,
            dt,
            norm: mean[0],
            acc: Vec3::new(mean[1], mean[2], mean[3]),
            up: unit(&between).unwrap_or(*up),
        }
    }
}

/// Half a nanosecond, in seconds: the weight of either end of a straight line.
const HALF_NANOSECOND: f64 = 0.5e-9;

/// Adds the integral of straight lines between two moments.
#[inline]
fn add(integral: &mut Channels, from: (Time, &Channels), to: (Time, &Channels)) {
    let half = (to.0.0 - from.0.0) as f64 * HALF_NANOSECOND;
    for ((integral, from), to) in integral.iter_mut().zip(from.1).zip(to.1) {
        *integral += half * (from + to);
    }
}

/// A vector of unit length along one between two others of unit length; `None` where those are opposite.
#[inline]
fn unit(between: &Vec3) -> Option<Vec3> {
    /// How far off one the squared length may be for the series below: it is then good to 1e-12.
    const NEAR: f64 = 1e-3;
    let off = between.norm_squared() - 1.0;
    if off.abs() < NEAR {
        // 1/√(1 + off), without the root and the division.
        return Some(between * (1.0 - off * (0.5 - off * (0.375 - off * 0.3125))));
    }
    between.try_normalize(f64::EPSILON)
}

#[inline]
fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(grid: &mut GridState, t: f64, value: f64, full: &mut impl FnMut(Frame)) {
        let t = Time::from_seconds(t);
        let mut reading = Reading { t, norm: value, ..Reading::default() };
        reading.felt.acc.x = value;
        let (row, up) = (channels(&reading), Vec3::new(1.0, 0.0, value).normalize());
        let until = grid.newest.map_or(t, |_| grid.open_until);
        assert_eq!(grid.run(&[reading]).is_some(), t >= until);
        if t < until || grid.begin(t, &row, &up) {
            return;
        }
        while let Some(frame) = grid.full(t, &row, &up) {
            full(frame);
        }
        grid.take(t, &row, &up);
    }

    fn frames(times: impl Iterator<Item = f64>, value: impl Fn(f64) -> f64) -> Vec<Frame> {
        let mut grid = GridState::default();
        let mut frames = Vec::new();
        for t in times {
            let v = value(t);
            push(&mut grid, t, v, &mut |frame| frames.push(frame));
        }
        frames
    }

    #[test]
    fn any_rate_gives_the_means_of_the_same_movement() {
        let wave = |t: f64| (t * 9.0).sin();
        for rate in [12.5, 25.0, 50.0, 100.0, 400.0, 500.0] {
            let got = frames((0..).map(|i| f64::from(i) / rate).take_while(|t| *t < 3.0), wave);
            assert!(got.len() >= 72, "{rate} Hz gave {} frames", got.len());
            for (i, frame) in got.iter().enumerate() {
                let middle = (i as f64 + 0.5) * Tick::INTERVAL.0;
                assert!((frame.norm - wave(middle)).abs() < 0.07, "{rate} Hz at {middle} s: {}", frame.norm);
                let (up, end) = (frame.up.z / frame.up.x, frame.t.seconds());
                assert!((up - wave(end)).abs() < 0.1, "{rate} Hz at {end} s: {up}");
            }
        }
    }

    #[test]
    fn a_hole_is_bridged_by_a_straight_line_and_a_restart_leaves_it_open() {
        let line = frames([0.0, 0.01, 0.4, 0.41].into_iter(), |t| t);
        assert_eq!(line.len(), 10);
        assert!((line[5].norm - 0.22).abs() < 1e-12);
        let mut grid = GridState::default();
        let mut got = Vec::new();
        push(&mut grid, 0.0, 1.0, &mut |frame| got.push(frame));
        grid.restart();
        push(&mut grid, 9.0, 1.0, &mut |frame| got.push(frame));
        push(&mut grid, 9.04, 1.0, &mut |frame| got.push(frame));
        assert_eq!(got.iter().map(|frame| frame.t).collect::<Vec<_>>(), [Time::from_seconds(9.04)]);
    }
}
