//! What data frames become: samples placed in time, of both kinds put together, given out.
//!
//! In: data frames, and what the streams were started with. Out: samples in the order of their moments. Left to
//! others: how streams are started (`session`), what a frame holds (`frame`).

use super::frame::{DataFrame, Form};
use super::pairing::{self, Timed, Waiting};
use super::placing::{Placed, Placing};
use super::wire::{Choice, Kind};
use crate::float::any_not_finite;
use crate::session::{Action, Counts, Format, Frame, Moment, Refusal, Scale, Unit};

/// A rotation rate within this share of a period belongs to an acceleration. Chosen by us: more than the half
/// that is the most without loss, less than one.
const NEAR: f64 = 0.75;
/// The largest count of 16 bits.
const END_OF_COUNTS: f64 = 32_767.0;

/// Bytes of half a six-axis sample.
const SAMPLE_LEN: usize = 6;

/// One kind of samples.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    /// What it was started with.
    pub(super) choice: Option<Choice>,
    /// What one count stands for, where the sensor told it.
    pub(super) factor: Option<f64>,
    form: Option<Form>,
    placing: Placing,
    waiting: Waiting,
}

impl Stream {
    /// What its numbers mean, once a frame has come.
    fn scale(&self) -> Option<Scale> {
        let (form, choice) = (self.form?, self.choice?);
        if form.is_float() {
            return Some(Scale::Float32(Unit::DegreesPerSecond));
        }
        let full_scale = f64::from(choice.range);
        Some(Scale::Counts { full_scale, full_count: full_scale / form.unit(self.factor.unwrap_or(1.0)) })
    }
}

/// Everything that samples change.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples {
    pub(super) acc: Stream,
    pub(super) gyr: Stream,
    /// There is a gyroscope, and each acceleration waits for its rotation rate.
    pub(super) six: bool,
    pub(super) counts: Counts,
    told: Option<Format>,
}

impl Samples {
    pub(super) fn stream(&mut self, kind: Kind) -> &mut Stream {
        if kind == Kind::GYRO { &mut self.gyr } else { &mut self.acc }
    }

    /// There is no rotation rate after all: what waits for it goes out without.
    pub(super) fn without_gyro(&mut self, act: &mut dyn FnMut(Action<'_>)) {
        self.six = false;
        self.gyr = Stream::default();
        self.give(act);
    }

    /// Takes a data frame.
    pub(super) fn data(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let frame = match DataFrame::parse(bytes) {
            Ok(frame) => frame,
            Err(why) => return self.refuse(why, bytes.len(), act),
        };
        let kind = frame.form.bytes().0;
        let stream = self.stream(kind);
        let Some(choice) = stream.choice.filter(|_| stream.factor.is_some() || !frame.form.needs_factor()) else {
            return self.refuse(Refusal::Early, bytes.len(), act);
        };
        // Floats are passed on as they are, so nothing may be left to multiply.
        let float = frame.form.is_float();
        if float && stream.factor.unwrap_or(1.0) != 1.0 {
            return self.refuse(Refusal::Kind, bytes.len(), act);
        }
        let floats = |sample: [i32; 3]| sample.map(|number| f32::from_bits(number.cast_unsigned()));
        if float && any_not_finite(frame.samples().flat_map(floats)) {
            return self.refuse(Refusal::Value, bytes.len(), act);
        }
        let times = match stream.placing.place(now, frame.clock_ns, frame.count, choice.rate_hz) {
            Placed::On(times) => times,
            Placed::Anew(times) => {
                self.restart(kind, act);
                times
            }
            Placed::Repeated => return self.refuse(Refusal::Repeated, bytes.len(), act),
        };
        let stream = self.stream(kind);
        let mut left_out = 0;
        if stream.form.replace(frame.form) != Some(frame.form) {
            left_out += stream.waiting.clear();
        }
        for (i, axes) in frame.samples().enumerate() {
            left_out += usize::from(!self.stream(kind).waiting.push(Timed { ns: times.of(i), axes }));
            if !self.six {
                self.give(act);
            }
        }
        if kind == Kind::ACC {
            (0..left_out).for_each(|_| self.refuse(Refusal::Truncated, SAMPLE_LEN, act));
        }
        self.give(act);
    }

    /// The clock began anew, as a frame of this kind showed: nothing that waits fits to what comes.
    fn restart(&mut self, kind: Kind, act: &mut dyn FnMut(Action<'_>)) {
        let other = if kind == Kind::ACC { &mut self.gyr } else { &mut self.acc };
        other.placing.forget();
        self.acc.waiting.clear();
        self.gyr.waiting.clear();
        act(Action::Restarted);
    }

    /// Gives out what waits for nothing more.
    fn give(&mut self, act: &mut dyn FnMut(Action<'_>)) {
        let Some(acc) = self.acc.choice else { return };
        let near_ns = (Placing::span_ns(1, acc.rate_hz) as f64 * NEAR) as u64;
        loop {
            let next = if self.six {
                pairing::next(&mut self.acc.waiting, &mut self.gyr.waiting, near_ns)
            } else {
                self.acc.waiting.pop().map(|sample| (sample, Some([0; 3])))
            };
            match next {
                None => return,
                Some((_, None)) => self.refuse(Refusal::Truncated, SAMPLE_LEN, act),
                Some((sample, Some(gyr))) => self.frame(&sample, gyr, acc.rate_hz, act),
            }
        }
    }

    fn frame(&mut self, sample: &Timed, gyr: [i32; 3], rate_hz: u16, act: &mut dyn FnMut(Action<'_>)) {
        let gyr_scale = self.gyr.scale().filter(|_| self.six);
        let Some(acc_scale) = self.acc.scale().filter(|_| gyr_scale.is_some() || !self.six) else { return };
        let format = Format { acc: acc_scale, gyr: gyr_scale, rate_hz: f64::from(rate_hz), tick_s: Some(1e-9) };
        if self.told != Some(format) {
            self.told = Some(format);
            act(Action::Format(format));
        }
        self.counts.frames += 1;
        let clipped = ends(acc_scale, sample.axes) || gyr_scale.is_some_and(|scale| ends(scale, gyr));
        act(Action::Frame(Frame { seq: None, ticks: Some(sample.ns), acc: sample.axes, gyr, clipped }));
    }

    pub(super) fn refuse(&mut self, why: Refusal, bytes: usize, act: &mut dyn FnMut(Action<'_>)) {
        self.counts.count(why);
        act(Action::Refused { why, bytes });
    }
}

/// A number is at the end of its range.
fn ends(scale: Scale, axes: [i32; 3]) -> bool {
    let end = match scale {
        Scale::Counts { full_count, .. } => full_count.min(END_OF_COUNTS),
        Scale::Float32(_) => return false,
    };
    axes.iter().any(|&number| f64::from(number.unsigned_abs()) >= end)
}
