//! Tells usable samples from those that make no sense: not finite, clipped, stuck, without gravity.
//!
//! In:  one sample in g and rad/s. Out: whether it may be judged at all, and whether the newest values
//! are trustworthy enough for a warning. A stuck or clipped sensor is still recorded and judged; it just
//! never warns.

use super::Sample;
use super::attitude::strapdown::Felt;
use crate::frames::Vec3;
use crate::units::Seconds;

/// Thresholds of plausibility.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValidityParams {
    /// Specific force that no motion sensor for people can read, g. Source: widest range on the market
    /// is ±32 g per axis, 55 g in a corner.
    pub largest_acc: f64,
    /// Rotation rate that no such sensor can read, rad/s. Source: widest range is ±4000 °/s per axis.
    pub largest_rate: f64,
    /// Specific force below which a reading is no reading, g: a zero vector, not free fall, which is
    /// never this exact. Chosen by us.
    pub smallest_acc: f64,
    /// How long all three axes may repeat to the last bit before the sensor counts as stuck. Chosen by
    /// us: sensor noise toggles the last bit of 16 far sooner; coarse 8-bit sensors at rest may not.
    pub stuck_after: Seconds,
    /// How long nothing counts as valid after values made no sense. Chosen by us: the attitude needs
    /// about this long to be trusted again.
    pub distrust: Seconds,
    /// A level that is met again to the last bit this many samples in a row is the end of the range. Chosen by us:
    /// once may be chance.
    pub clipped_run: u32,
    /// Values below this are never the end of a range, g. Source: no sensor has less than ±2 g.
    pub smallest_range: f64,
    /// The same for rates, rad/s. Chosen by us: just below ±250 °/s, the narrowest range in common use. A
    /// gyroscope set to ±125 °/s clips unseen.
    pub smallest_rate_range: f64,
    /// Seconds of distrust for each second at the end of a range: as long as the attitude needs to forget what it
    /// was told meanwhile. Chosen by us.
    pub clipped_weight: f64,
    /// Longest distrust. Chosen by us: three times the settling of the attitude.
    pub longest_distrust: Seconds,
    /// Distrust of a rate at its end: nothing tells how far the sensor turned. Chosen by us: the settling of the
    /// attitude.
    pub rate_distrust: Seconds,
    /// Distrust from which on nothing is said of posture. Chosen by us: a jump that clips is shorter.
    pub senseless: Seconds,
}

impl Default for ValidityParams {
    fn default() -> Self {
        Self {
            largest_acc: 56.0,
            largest_rate: 122.0,
            smallest_acc: 0.01,
            stuck_after: Seconds(2.0),
            distrust: Seconds(0.3),
            clipped_run: 2,
            smallest_range: 1.9,
            smallest_rate_range: 4.3,
            clipped_weight: 10.0,
            longest_distrust: Seconds(9.0),
            rate_distrust: Seconds(3.0),
            senseless: Seconds(1.0),
        }
    }
}

/// [`ValidityParams`] made ready.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Validity {
    params: ValidityParams,
    /// Squares of the limits of specific force, g², and of the rate, (rad/s)².
    force2: (f64, f64),
    range2: f64,
    rate2: f64,
    rate_range2: f64,
}

impl Validity {
    pub(super) fn new(params: ValidityParams) -> Self {
        let square = |value: f64| value * value;
        Self {
            params,
            force2: (square(params.smallest_acc), square(params.largest_acc)),
            range2: square(params.smallest_range),
            rate2: square(params.largest_rate),
            rate_range2: square(params.smallest_rate_range),
        }
    }

    /// Whether a sample stands out in nothing, by its values and their squared lengths, as it comes after one with the
    /// force `last`; to be asked of many, so with the limits at hand.
    #[inline]
    pub(super) fn everyday(&self) -> impl Fn(&Felt, &Vec3) -> bool + use<> {
        let (least, most, fastest) = (self.force2.0, self.range2, self.rate_range2);
        // NaN fails.
        move |felt, last| felt.acc2 >= least && felt.acc2 <= most && felt.gyr2 <= fastest && !same(&felt.acc, last)
    }
}

/// What one sample is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Worth {
    /// Not a reading at all: it is left out as if it had never come.
    None,
    /// A reading; says whether the gyroscope is usable.
    Reading { gyro: bool },
}

/// What samples change in the judgement of validity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ValidityState {
    last: Vec3,
    last_rate: Vec3,
    same_for: f64,
    /// Samples in a row at one high value, of force and of rate.
    clipped: [u32; 3],
    clipped_rate: [u32; 3],
    distrust_left: f64,
    /// The range end was met since it was last asked for.
    met_end: bool,
}

impl ValidityState {
    /// Whether the newest values can be trusted.
    pub(super) fn valid(&self, validity: &Validity) -> bool {
        self.distrust_left <= 0.0 && self.same_for < validity.params.stuck_after.0
    }

    /// Whether the sensor has been at the end of its range for so long that its attitude means nothing.
    pub(super) fn senseless(&self, validity: &Validity) -> bool {
        self.distrust_left > validity.params.senseless.0
    }

    /// Whether the sensor clipped since this was last asked.
    pub(super) fn take_clipped(&mut self) -> bool {
        std::mem::take(&mut self.met_end)
    }

    /// Whether the sensor is trusted, without which no sample is an everyday one.
    #[inline]
    pub(super) fn trusts(&self) -> bool {
        self.distrust_left <= 0.0
    }

    /// The force of the newest sample.
    #[inline]
    pub(super) fn last(&self) -> Vec3 {
        self.last
    }

    /// Takes everyday samples, of which `last` is the newest one's force.
    #[inline]
    pub(super) fn flowed(&mut self, last: &Vec3) {
        self.same_for = 0.0;
        self.last = *last;
    }

    /// Takes any sample, which came `dt` after the last.
    pub(super) fn step(&mut self, validity: &Validity, dt: f64, sample: &Sample) -> Worth {
        let acc = &sample.acc;
        let acc2 = acc.norm_squared();
        // NaN fails both comparisons, infinity the second.
        if !(acc2 >= validity.force2.0 && acc2 <= validity.force2.1) {
            self.distrust_left = validity.params.distrust.0;
            return Worth::None;
        }
        if self.distrust_left > 0.0 {
            self.distrust_left -= dt;
        }
        let mut gyro = false;
        if let Some(gyr) = &sample.gyr {
            let gyr2 = gyr.norm_squared();
            gyro = gyr2 <= validity.rate2;
            if !gyro {
                self.distrust(validity.params.distrust.0);
            } else if gyr2 > validity.rate_range2 {
                self.look_at_rate(&validity.params, gyr);
            }
        }
        self.same_for = if same(acc, &self.last) { self.same_for + dt } else { 0.0 };
        if acc2 > validity.range2 {
            self.look_at_force(&validity.params, dt, acc);
        }
        self.last = *acc;
        Worth::Reading { gyro }
    }

    fn distrust(&mut self, seconds: f64) {
        self.distrust_left = self.distrust_left.max(seconds);
    }

    /// Whether specific force stays at one high value to the last bit on an axis.
    fn look_at_force(&mut self, params: &ValidityParams, dt: f64, acc: &Vec3) {
        if at_end(&mut self.clipped, acc, &self.last, params.smallest_range) >= params.clipped_run {
            self.met_end = true;
            self.distrust(params.distrust.0);
            self.distrust_left = (self.distrust_left + params.clipped_weight * dt).min(params.longest_distrust.0);
        }
    }

    /// The same for the rate.
    fn look_at_rate(&mut self, params: &ValidityParams, gyr: &Vec3) {
        if at_end(&mut self.clipped_rate, gyr, &self.last_rate, params.smallest_rate_range) >= params.clipped_run {
            self.met_end = true;
            self.distrust(params.rate_distrust.0);
        }
        self.last_rate = *gyr;
    }
}

/// Nothing changed; mostly told by the first axis.
#[inline]
fn same(a: &Vec3, b: &Vec3) -> bool {
    a.x == b.x && a.y == b.y && a.z == b.z
}

/// Counts samples in a row that repeat a high value to the last bit, axis by axis; answers the most.
fn at_end(runs: &mut [u32; 3], new: &Vec3, last: &Vec3, smallest: f64) -> u32 {
    for (i, run) in runs.iter_mut().enumerate() {
        *run = if new[i] == last[i] && new[i].abs() > smallest { *run + 1 } else { 0 };
    }
    runs.iter().copied().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Time;

    fn step(state: &mut ValidityState, acc: [f64; 3]) -> Worth {
        let sample = Sample { t: Time::START, acc: acc.into(), gyr: None };
        state.step(&Validity::new(ValidityParams::default()), 0.01, &sample)
    }

    #[test]
    fn what_is_no_reading_is_left_out() {
        for acc in [[f64::NAN, 0.0, 1.0], [f64::INFINITY, 0.0, 0.0], [0.0; 3], [1e9, 0.0, 0.0]] {
            assert_eq!(step(&mut ValidityState::default(), acc), Worth::None, "{acc:?}");
        }
        let reading = Worth::Reading { gyro: false };
        assert_eq!(step(&mut ValidityState::default(), [1.0, 0.0, 0.0]), reading);
    }

    #[test]
    fn a_stuck_sensor_and_a_clipped_one_are_not_trusted() {
        let params = Validity::new(ValidityParams::default());
        let mut stuck = ValidityState::default();
        for _ in 0..150 {
            step(&mut stuck, [1.0, 0.0, 0.0]);
        }
        assert!(stuck.valid(&params), "1.5 s without a change may be a coarse sensor at rest");
        for _ in 0..150 {
            step(&mut stuck, [1.0, 0.0, 0.0]);
        }
        assert!(!stuck.valid(&params), "3 s may not");
        let mut clipped = ValidityState::default();
        for _ in 0..3 {
            step(&mut clipped, [3.999, 0.1, 0.2]);
        }
        assert!(!clipped.valid(&params) && clipped.take_clipped() && !clipped.take_clipped());
    }
}
