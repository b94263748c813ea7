//! Makes the rows of one recording ready for the detectors, alike for every format.
//!
//! In: blocks of rows with the source's own times. Out: the same rows with times in the recording.
//! Time that goes backward, rates and values that cannot be are refused; rows of one time are spread
//! out; rows without values are counted. The numbers themselves are not touched.
//!
//! Nothing looks ahead of the row it judges, but for the nominal rate, which is taken from the first
//! block: cutting a recording later changes no time before the cut.

use super::Tally;
use super::decoder::{Block, Layout};
use super::error::{Implausible, Place, Reason, Refusal};
use crate::raw::{RawFormat, RawSample, Unit};
use crate::units::Time;

/// Rates that can be judged, samples a second: 12.5 to 500 (DESIGN §7), with 4 % for a sensor's clock.
const RATES_HZ: std::ops::RangeInclusive<f64> = 12.0..=520.0;
/// Rate of a recording of one row, which tells none.
const RATE_OF_ONE_ROW_HZ: f64 = 100.0;
/// Share of the largest spacings that may be holes when the rate is estimated.
const HOLES_SHARE: f64 = 0.01;
/// A spacing that is so many times the mean of the others is a hole.
const HOLE_RATIO: f64 = 20.0;
/// Where the mean spacing is within this factor of the median, the times are even, and the median is
/// the period; else samples come in bursts, and only the mean is.
const EVEN_RATIO: f64 = 1.5;
/// How far, in bursts, spread times may run ahead of the source's.
const LEAD_BURSTS: f64 = 1.25;
/// Rows of equal time that the largest step is shared by while the lead shrinks.
const LEAD_SHARE: f64 = 4.0;

/// Carries one recording from block to block.
pub(super) struct Conditioner {
    format: RawFormat,
    place: fn(u64) -> Place,
    trial: Option<String>,
    origin: i64,
    /// Source time and given time of the row before.
    before: Option<(i64, i64)>,
    /// Time between two rows, ns.
    period: f64,
    /// Time between two bursts, ns.
    burst: f64,
    usable: u64,
    acc_only: u64,
    tally: Tally,
    window: Window,
}

impl Conditioner {
    /// Settles rate and origin from the first block of a recording.
    pub(super) fn new(first: &Block, layout: Layout) -> Result<Self, Refusal> {
        let times: Vec<i64> = first.rows.iter().map(|row| row.t.0).collect();
        let origin = times.first().copied().unwrap_or_default();
        let spacing = spacing(&times);
        let place = (layout.place)(first.places.first().copied().unwrap_or_default());
        let rate_hz = match (layout.nominal_rate_hz, spacing) {
            (Some(rate_hz), _) => rate_hz,
            (None, Some((period, _))) => 1e9 / period,
            (None, None) if times.len() < 2 => RATE_OF_ONE_ROW_HZ,
            (None, None) if times.windows(2).any(|pair| pair[1] < pair[0]) => RATE_OF_ONE_ROW_HZ,
            (None, None) => return Err(Reason::TimeStands { rows: times.len() }.at(place)),
        };
        if !RATES_HZ.contains(&rate_hz) {
            return Err(Reason::Rate { rate_hz: rounded_rate(rate_hz) }.at(place));
        }
        let period = spacing.map_or(1e9 / rate_hz, |(period, _)| period);
        Ok(Self {
            format: RawFormat {
                acc: layout.acc,
                gyr: layout.gyr,
                nominal_rate_hz: rounded_rate(rate_hz),
                tick_s: layout.tick_s,
            },
            place: layout.place,
            trial: first.trial.clone(),
            origin,
            before: None,
            period,
            burst: spacing.map_or(period, |(_, burst)| burst),
            usable: 0,
            acc_only: 0,
            tally: Tally::default(),
            window: Window::default(),
        })
    }

    pub(super) fn format(&self) -> RawFormat {
        self.format
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally
    }

    /// Gives the rows of a block their times in the recording, and looks at their values.
    pub(super) fn condition(&mut self, block: &mut Block) -> Result<(), Refusal> {
        for (row, &place) in block.rows.iter_mut().zip(&block.places) {
            row.t = self.time(row.t.0).map_err(|reason| reason.at((self.place)(place)))?;
            self.tally.rows += 1;
            let acc = !row.acc.contains(&RawSample::EMPTY);
            let gyr = self.format.gyr.is_none() || !row.gyr.contains(&RawSample::EMPTY);
            if !(acc && gyr) {
                self.tally.missing += 1;
                self.acc_only += u64::from(acc);
                continue;
            }
            self.usable += 1;
            if self.window.take(&self.format, row, place) {
                self.window.judge(&self.format).map_err(|reason| reason.at((self.place)(self.window.place)))?;
            }
        }
        Ok(())
    }

    /// Ends the recording.
    pub(super) fn finish(&mut self) -> Result<(), Refusal> {
        if self.usable == 0 {
            let trial = self.trial.take();
            let why = if self.acc_only > 0 {
                "every row has an empty rotation rate; leave the gyr columns out if there is no gyroscope"
            } else {
                "every row has an empty, NaN or infinite acceleration; record or export it again"
            };
            return Err(Reason::NoUsableSample { trial, why }.into());
        }
        if self.window.is_enough(self.usable) {
            self.window.judge(&self.format).map_err(|reason| reason.at((self.place)(self.window.place)))?;
        }
        Ok(())
    }

    fn time(&mut self, source: i64) -> Result<Time, Reason> {
        let Some((before, given)) = self.before else {
            self.before = Some((source, 0));
            return Ok(Time::START);
        };
        if source < before {
            return Err(Reason::Backward { before_s: before as f64 / 1e9, after_s: source as f64 / 1e9 });
        }
        let own = source
            .checked_sub(self.origin)
            .ok_or_else(|| Reason::TimeTooLarge { text: format!("{} s", source as f64 / 1e9) })?;
        let t = if source == before {
            self.tally.spread += 1;
            let room = own as f64 + LEAD_BURSTS * self.burst - given as f64;
            given + ((room / LEAD_SHARE).min(self.period).round() as i64).max(1)
        } else if own <= given {
            // The rows before were spread beyond this one: go on slowly until the source catches up.
            self.tally.spread += 1;
            given + ((self.period / LEAD_SHARE).round() as i64).max(1)
        } else {
            own
        };
        self.before = Some((source, t));
        Ok(Time(t))
    }
}

/// The usual time between two rows, and between two rows of different time, in ns; `None` where the
/// times do not move or go backward.
fn spacing(times: &[i64]) -> Option<(f64, f64)> {
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64).collect();
    if steps.iter().any(|&step| step < 0.0) {
        return None;
    }
    steps.sort_unstable_by(f64::total_cmp);
    let mean = |steps: &[f64]| steps.iter().sum::<f64>() / steps.len().max(1) as f64;
    let sure = steps.len() - (steps.len() as f64 * HOLES_SHARE).ceil() as usize;
    let usual = mean(&steps[..sure]);
    if usual > 0.0 {
        steps.retain(|&step| step <= usual * HOLE_RATIO);
    }
    let mean_step = mean(&steps);
    if mean_step <= 0.0 {
        return None;
    }
    let median = steps[steps.len() / 2];
    let even = median > 0.0 && mean_step < median * EVEN_RATIO && mean_step * EVEN_RATIO > median;
    let moving: Vec<f64> = steps.iter().copied().filter(|&step| step > 0.0).collect();
    Some((if even { median } else { mean_step }, mean(&moving)))
}

/// A rate without the noise of its estimate: the third decimal says nothing.
fn rounded_rate(rate_hz: f64) -> f64 {
    (rate_hz * 1e3).round() / 1e3
}

/// Usable rows that are looked at together: long enough that no movement fills it, 1 s at 500 Hz.
const WINDOW_ROWS: u32 = 512;
/// Fewer rows than this at the end of a recording are not judged, unless they are all there is.
const ENOUGH_ROWS: u32 = 128;
/// Share of a window that must look wrong.
const MOST: f64 = 0.5;
/// Share of a window that must look wrong where the limit is one that movement hardly reaches.
const MANY: f64 = 0.2;
/// |acc| below this in m/s² or g for most of a second is no gravity; a jump is in flight for less.
const LOW: [f64; 2] = [2.5, 0.2];
/// |acc| above this in m/s² or g for most of a second is no movement of a back: 4 g and more.
const HIGH: [f64; 2] = [40.0, 4.0];
/// |acc| that looks like gravity in g, in whatever unit. Uncalibrated sensors read 0.8 to 1.2 g at rest.
const LIKE_G: std::ops::Range<f64> = 0.8..1.25;
/// |acc| that looks like gravity in m/s².
const LIKE_MS2: std::ops::Range<f64> = 8.3..11.5;
/// A rate beyond this, rad/s, is more than sensors measure (2000 °/s).
const FASTEST: f64 = 35.0;
/// The same for columns in °/s, where a few sensors reach 4000.
const FASTEST_DPS: f64 = 4000.0;

/// Counts what values look like.
#[derive(Default)]
struct Window {
    rows: u32,
    low: u32,
    high: u32,
    like_g: u32,
    like_ms2: u32,
    fast: u32,
    sum: f64,
    fast_sum: f64,
    /// Where it began.
    place: u64,
}

impl Window {
    /// Takes a usable row; `true` when the window is full.
    #[inline]
    fn take(&mut self, format: &RawFormat, row: &RawSample, place: u64) -> bool {
        if self.rows == 0 {
            self.place = place;
        }
        let length = |stored: &[i64; 3], encoding: crate::raw::Encoding| {
            let [x, y, z] = stored.map(|stored| encoding.value(stored, row.flags));
            (x * x + y * y + z * z).sqrt()
        };
        let unit = usize::from(format.acc.unit == Unit::G);
        let acc = length(&row.acc, format.acc.encoding);
        self.rows += 1;
        self.sum += acc;
        self.low += u32::from(acc < LOW[unit]);
        self.high += u32::from(acc > HIGH[unit]);
        self.like_g += u32::from(LIKE_G.contains(&acc));
        self.like_ms2 += u32::from(LIKE_MS2.contains(&acc));
        if let Some(gyr) = format.gyr {
            let rate = length(&row.gyr, gyr.encoding);
            let fastest = if gyr.unit == Unit::DegreesPerSecond { FASTEST_DPS } else { FASTEST };
            if rate > fastest {
                self.fast += 1;
                self.fast_sum += rate;
            }
        }
        self.rows == WINDOW_ROWS
    }

    fn is_enough(&self, usable: u64) -> bool {
        self.rows >= ENOUGH_ROWS || (self.rows > 0 && u64::from(self.rows) == usable)
    }

    /// Judges what was counted, and starts anew.
    fn judge(&mut self, format: &RawFormat) -> Result<(), Reason> {
        let Self { rows, low, high, like_g, like_ms2, fast, sum, fast_sum, place } = std::mem::take(self);
        self.place = place;
        let share = |count: u32| f64::from(count) / f64::from(rows);
        let implausible = |unit, typical, mixed| Err(Reason::Implausible(Implausible { unit, typical, mixed }));
        let other = if format.acc.unit == Unit::G { like_ms2 } else { like_g };
        if share(like_g) >= MANY && share(like_ms2) >= MANY {
            return implausible(format.acc.unit, sum / f64::from(rows), true);
        }
        if share(low) > MOST || share(high) > MOST || share(other) > MOST {
            return implausible(format.acc.unit, sum / f64::from(rows), false);
        }
        if let Some(gyr) = format.gyr
            && share(fast) > MANY
        {
            return implausible(gyr.unit, fast_sum / f64::from(fast), false);
        }
        Ok(())
    }
}
