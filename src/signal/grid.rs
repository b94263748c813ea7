//! Brings samples of any rate onto one fixed grid: the mean of each channel over every 20 ms.
//!
//! In:  norm of the specific force (g), specific force (g), rotation rate (rad/s) and up-vector, all in
//! sensor axes, at the times of the samples. Out: one [`Frame`] for every [`Tick::INTERVAL`] that has
//! gone by. Between two samples the channels are taken as straight lines, so the means are those of the
//! running integral; rates from 12.5 to 500 Hz, jitter and short holes all come out on the same grid.
//! A frame is given out by the first sample at or past its end, and depends on nothing later.

use super::Tick;
use crate::frames::Vec3;
use crate::units::{Seconds, Time};

/// Channels: norm, acceleration x y z, rate x y z, up x y z.
const CHANNELS: usize = 10;
/// One sample's channels.
pub(super) type Channels = [f64; CHANNELS];

/// Packs the channels of one sample.
#[inline]
pub(super) fn channels(norm: f64, acc: &Vec3, rate: &Vec3, up: &Vec3) -> Channels {
    [norm, acc.x, acc.y, acc.z, rate.x, rate.y, rate.z, up.x, up.y, up.z]
}

/// The means of one grid interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// End of the interval.
    pub t: Time,
    /// Its length; shorter than the grid's only right after a gap.
    pub dt: Seconds,
    /// Mean norm of the specific force, g.
    pub norm: f64,
    /// Mean specific force in sensor axes, g.
    pub acc: Vec3,
    /// Mean rotation rate in sensor axes, rad/s.
    pub rate: Vec3,
    /// Up in sensor axes, unit length.
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
}

impl GridState {
    /// Forgets the open interval: the next sample begins afresh.
    pub(super) fn restart(&mut self) {
        self.newest = None;
    }

    /// Takes the channels of one sample and hands out every interval that it completes.
    #[inline]
    pub(super) fn push(&mut self, t: Time, values: &Channels, mut full: impl FnMut(Frame)) {
        let Some(mut before) = self.newest else {
            let step = Tick::INTERVAL.nanos();
            self.open_since = t;
            self.open_until = Time((t.0.div_euclid(step) + 1) * step);
            self.integral = [0.0; CHANNELS];
            self.newest = Some(t);
            self.values = *values;
            return;
        };
        while t >= self.open_until {
            let end = self.open_until;
            let share = end.since(before).0 / t.since(before).0;
            let mut at_end = [0.0; CHANNELS];
            for (i, at_end) in at_end.iter_mut().enumerate() {
                *at_end = self.values[i] + (values[i] - self.values[i]) * share;
            }
            self.add(end.since(before), &at_end);
            full(self.close());
            self.values = at_end;
            before = end;
        }
        self.add(t.since(before), values);
        self.values = *values;
        self.newest = Some(t);
    }

    #[inline]
    fn add(&mut self, dt: Seconds, to: &Channels) {
        let half = 0.5 * dt.0;
        for (i, integral) in self.integral.iter_mut().enumerate() {
            *integral += half * (self.values[i] + to[i]);
        }
    }

    fn close(&mut self) -> Frame {
        let t = self.open_until;
        let dt = t.since(self.open_since);
        let mean = self.integral.map(|integral| integral / dt.0);
        self.integral = [0.0; CHANNELS];
        self.open_since = t;
        self.open_until = t + Tick::INTERVAL;
        let up = Vec3::new(mean[7], mean[8], mean[9]);
        Frame {
            t,
            dt,
            norm: mean[0],
            acc: Vec3::new(mean[1], mean[2], mean[3]),
            rate: Vec3::new(mean[4], mean[5], mean[6]),
            // Opposite ups within 20 ms cancel out; then any direction is as good as another.
            up: up.try_normalize(f64::EPSILON).unwrap_or_else(Vec3::z),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(times: impl Iterator<Item = f64>, value: impl Fn(f64) -> f64) -> Vec<Frame> {
        let mut grid = GridState::default();
        let mut frames = Vec::new();
        for t in times {
            let v = value(t);
            let row = channels(v, &Vec3::new(v, 0.0, 0.0), &Vec3::zeros(), &Vec3::x());
            grid.push(Time::from_seconds(t), &row, |frame| frames.push(frame));
        }
        frames
    }

    #[test]
    fn any_rate_gives_the_means_of_the_same_movement() {
        let wave = |t: f64| (t * 9.0).sin();
        for rate in [12.5, 25.0, 50.0, 100.0, 400.0, 500.0] {
            let got = frames((0..).map(|i| f64::from(i) / rate).take_while(|t| *t < 3.0), wave);
            assert!(got.len() >= 145, "{rate} Hz gave {} frames", got.len());
            for (i, frame) in got.iter().enumerate() {
                let middle = (i as f64 + 0.5) * Tick::INTERVAL.0;
                assert!((frame.norm - wave(middle)).abs() < 0.07, "{rate} Hz at {middle} s: {}", frame.norm);
            }
        }
    }

    #[test]
    fn a_hole_is_bridged_by_a_straight_line_and_a_restart_leaves_it_open() {
        let line = frames([0.0, 0.01, 0.4, 0.41].into_iter(), |t| t);
        assert_eq!(line.len(), 20);
        assert!((line[10].norm - 0.21).abs() < 1e-12);
        let mut grid = GridState::default();
        let row = channels(1.0, &Vec3::x(), &Vec3::zeros(), &Vec3::x());
        let mut count = 0;
        grid.push(Time::START, &row, |_| count += 1);
        grid.restart();
        grid.push(Time::from_seconds(9.0), &row, |_| count += 1);
        grid.push(Time::from_seconds(9.02), &row, |frame| {
            count += 1;
            assert_eq!(frame.t, Time::from_seconds(9.02));
        });
        assert_eq!(count, 1);
    }
}
