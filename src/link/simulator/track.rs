//! How one quantity of the body moves over time: segments of smooth curves, still between them.
//!
//! In:  segments in time order. Out: value, first and second derivative at any moment, so that
//! rotation rates and accelerations are exact and the same at every sampling rate.

use super::wave;
use std::f64::consts::{PI, TAU};

/// A value with its first two derivatives in time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Jet {
    pub(super) value: f64,
    pub(super) rate: f64,
    pub(super) accel: f64,
}

impl Jet {
    /// A value that does not move.
    pub(super) fn still(value: f64) -> Self {
        Self { value, rate: 0.0, accel: 0.0 }
    }

    /// Both motions together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self { value: self.value + other.value, rate: self.rate + other.rate, accel: self.accel + other.accel }
    }
}

/// The form of one segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// From here to there without a jerk at either end: the minimum-jerk polynomial 10s³ − 15s⁴ + 6s⁵
    /// (Flash and Hogan 1985), the usual model of a single human movement.
    Ease { to: f64 },
    /// Half a sine, up to this height above the start and back.
    HalfSine { height: f64 },
    /// To and fro between the start and this height above it, beginning and ending at the start
    /// where the duration holds whole periods.
    Oscillate { height: f64, hz: f64 },
}

/// A piece of motion: where it begins, and what it looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Segment {
    start: f64,
    duration: f64,
    from: f64,
    shape: Shape,
}

impl Segment {
    fn at(&self, t: f64) -> Jet {
        let since = t - self.start;
        match self.shape {
            Shape::Ease { to } => {
                if since >= self.duration {
                    return Jet::still(to);
                }
                let span = to - self.from;
                let s = since / self.duration;
                let left = 1.0 - s;
                Jet {
                    value: self.from + span * s * s * s * (10.0 + s * (6.0 * s - 15.0)),
                    rate: span / self.duration * 30.0 * s * s * left * left,
                    accel: span / (self.duration * self.duration) * 60.0 * s * left * (1.0 - 2.0 * s),
                }
            }
            Shape::HalfSine { height } => {
                if since >= self.duration {
                    return Jet::still(self.from);
                }
                let omega = PI / self.duration;
                let (sin, cos) = wave::radians(omega * since);
                Jet {
                    value: self.from + height * sin,
                    rate: height * omega * cos,
                    accel: -height * omega * omega * sin,
                }
            }
            Shape::Oscillate { height, hz } => {
                if since >= self.duration {
                    return Jet::still(self.end());
                }
                let omega = TAU * hz;
                let (sin, cos) = wave::radians(omega * since);
                Jet {
                    value: self.from + height * 0.5 * (1.0 - cos),
                    rate: height * 0.5 * omega * sin,
                    accel: height * 0.5 * omega * omega * cos,
                }
            }
        }
    }

    fn end(&self) -> f64 {
        match self.shape {
            Shape::Ease { to } => to,
            Shape::HalfSine { .. } => self.from,
            Shape::Oscillate { height, hz } => self.from + height * 0.5 * (1.0 - wave::turns(hz * self.duration).1),
        }
    }
}

/// One quantity over the whole recording.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    segments: Vec<Segment>,
}

impl Track {
    /// Adds a segment. It must not begin before the last one ends.
    pub(super) fn add(&mut self, start: f64, duration: f64, shape: Shape) {
        let from = self.last();
        debug_assert!(self.end() <= start + 1e-9, "segments overlap: {} then {start}", self.end());
        self.segments.push(Segment { start, duration, from, shape });
    }

    /// The value after the last segment.
    pub(super) fn last(&self) -> f64 {
        self.segments.last().map_or(0.0, Segment::end)
    }

    /// When the last segment ends.
    pub(super) fn end(&self) -> f64 {
        self.segments.last().map_or(0.0, |segment| segment.start + segment.duration)
    }

    /// The motion at `t`. `cursor` remembers where the last look was, so looking at rising times
    /// costs nothing; it may start at 0.
    #[inline]
    pub(super) fn at(&self, t: f64, cursor: &mut usize) -> Jet {
        while self.segments.get(*cursor + 1).is_some_and(|next| next.start <= t) {
            *cursor += 1;
        }
        match self.segments.get(*cursor) {
            Some(segment) if segment.start <= t => segment.at(t),
            _ => Jet::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_curve() {
        for shape in
            [Shape::Ease { to: 1.3 }, Shape::HalfSine { height: 0.7 }, Shape::Oscillate { height: 0.5, hz: 1.5 }]
        {
            let mut track = Track::default();
            track.add(1.0, 2.0, shape);
            for i in 1..39 {
                let (t, h) = (1.0 + f64::from(i) * 0.05, 1e-4);
                let at = |t: f64| track.at(t, &mut 0);
                let rate = (at(t + h).value - at(t - h).value) / (2.0 * h);
                let accel = (at(t + h).rate - at(t - h).rate) / (2.0 * h);
                assert!((at(t).rate - rate).abs() < 1e-5, "{shape:?} at {t}");
                assert!((at(t).accel - accel).abs() < 1e-4, "{shape:?} at {t}");
            }
        }
    }

    #[test]
    fn a_track_rests_before_between_and_after_its_segments() {
        let mut track = Track::default();
        track.add(1.0, 1.0, Shape::Ease { to: 2.0 });
        track.add(3.0, 1.0, Shape::HalfSine { height: 1.0 });
        let mut cursor = 0;
        let values: Vec<f64> = [0.5, 2.5, 3.5, 9.0].map(|t| track.at(t, &mut cursor).value).to_vec();
        assert_eq!(values, [0.0, 2.0, 3.0, 2.0]);
    }
}
