//! Estimates attitude after the fact, looking both ways: the pass behind `analyze --smooth`.
//!
//! In:  the samples of a recording twice, in order: once to learn from, once to be judged.
//! Out: an attitude with arbitrary heading for each sample.
//! Error: figures and floors in `tests/accuracy/broad.rs`.
//! Source: the idea of offlineVQF (Laidig and Seel 2023): the bias is learned forward and backward and
//! weighed by its variances, and specific force is low-passed forward and backward, so that nothing
//! lags. Differs from it: runs on sums of 0.1 s; the gyroscope's path is made once and corrected to
//! first order for the better bias; the lateness of the rate is made up for.
//! A little longer than other files: both passes, and their tests.
//! Memory: some 290 bytes for each 0.1 s while finishing (a day: 250 MB), 56 bytes after (48 MB);
//! nothing per sample.
//! Fails: without a gyroscope; then the live estimate is all there is ([`Smoother::finish`] gives `None`).
//!
//! ```
//! # use lumbard::{frames::Vec3, signal::{Sample, smooth::Smoother}, units::Time};
//! # let samples: Vec<Sample> = (0..500).map(|i| Sample {
//! #     t: Time::from_seconds(f64::from(i) * 0.01), acc: Vec3::x(), gyr: Some(Vec3::zeros()) }).collect();
//! let mut smoother = Smoother::default();
//! samples.iter().for_each(|sample| smoother.push(sample));
//! let mut smoothed = smoother.finish().expect("there is a gyroscope");
//! let attitudes: Vec<_> = samples.iter().map(|sample| smoothed.next(sample)).collect();
//! assert!((attitudes[0] * Vec3::x() - Vec3::z()).norm() < 1e-6);
//! ```

use super::Sample;
use super::attitude::bias::{Bias, BiasParams, BiasState};
use super::attitude::gravity::GravityParams;
use super::attitude::rest::{Rest, RestParams, RestState};
use super::attitude::strapdown::{Block, Ended, Felt, Strapdown, rotate, small_rotation};
use super::attitude::{smallest_rotation, usable};
use crate::frames::{Quat, Vec3};
use crate::units::{Seconds, Time};
use nalgebra::{Matrix3, Quaternion};

/// What a person or a paper chooses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmoothParams {
    /// Time constant of the low-pass of specific force, which runs forward and backward. Source:
    /// offlineVQF, 3 s; 2 to 3 s differ by 0.015° on `broad`.
    pub settle: Seconds,
    /// Damping ratio of each pass. Source: VQF, Butterworth; 0.6 to 1 differ by 0.01° on `broad`.
    pub damping: f64,
    /// How late the rate comes. Source: as live, [`GravityParams::latency`].
    pub latency: Seconds,
    /// Source: as live, [`GravityParams::longest_bridged`].
    pub longest_bridged: Seconds,
    /// How rest is told.
    pub rest: RestParams,
    /// How the bias is learned.
    pub bias: BiasParams,
}

impl Default for SmoothParams {
    fn default() -> Self {
        let GravityParams { latency, longest_bridged, rest, bias, .. } = GravityParams::default();
        Self { settle: Seconds(3.0), damping: std::f64::consts::FRAC_1_SQRT_2, latency, longest_bridged, rest, bias }
    }
}

/// Sums run over this time, in seconds, as live.
const BLOCK_S: f64 = 0.1;

/// What is kept of each block.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Kept {
    dt: f64,
    /// The first after a start or a hole.
    begins: bool,
    turn: Quaternion<f64>,
    /// Mean specific force in sensor axes at its start.
    force: Vec3,
    mean_gyr: Vec3,
    at_rest: bool,
    /// The bias that was taken off, and what was known of it afterward.
    used: Vec3,
    bias: Vec3,
    variance: Vec3,
}

/// The first pass: takes the samples of a recording in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Smoother {
    params: SmoothParams,
    filter: LowPass,
    rest: Rest,
    bias: Bias,
    newest: Option<Time>,
    strapdown: Option<Strapdown>,
    block: Block,
    begins: bool,
    rest_state: RestState,
    drift: Drift,
    kept: Vec<Kept>,
}

impl Default for Smoother {
    fn default() -> Self {
        Self::new(SmoothParams::default())
    }
}

impl Smoother {
    /// Makes ready for a recording.
    pub fn new(params: SmoothParams) -> Self {
        Self {
            params,
            filter: LowPass::new(params.settle.0, params.damping),
            rest: Rest::new(params.rest),
            bias: Bias::new(params.bias),
            newest: None,
            strapdown: None,
            block: Block::default(),
            begins: true,
            rest_state: RestState::default(),
            drift: Drift::default(),
            kept: Vec::new(),
        }
    }

    /// Takes the next sample. One without a usable value or without rotation rate is passed over.
    pub fn push(&mut self, sample: &Sample) {
        let Some((dt, gyr)) = next_interval(&mut self.newest, sample) else {
            return;
        };
        let bias = self.drift.bias.bias();
        let strapdown = self.strapdown.get_or_insert_with(|| Strapdown::new(&(gyr - bias)));
        let felt = Felt::new(dt, sample.acc, gyr);
        if !strapdown.step(&mut self.block, self.params.longest_bridged.0, &bias, &felt) {
            self.close();
            self.begins = true;
            self.rest_state = RestState::default();
            self.drift = Drift { bias: self.drift.bias.clone(), ..Drift::default() };
        } else if self.block.lasted_s >= BLOCK_S {
            self.close();
        }
    }

    fn close(&mut self) {
        if self.block.lasted_s <= 0.0 {
            return;
        }
        let used = self.drift.bias.bias();
        let block = self.block.end(&used);
        let Ended { lasted_s: dt, turn, mean_force: force, mean_gyr, .. } = block;
        let Ended { force_variance, rate_variance, .. } = block;
        self.rest.step(&mut self.rest_state, dt, &force, force_variance, &mean_gyr, rate_variance);
        let mut kept = Kept {
            dt,
            begins: std::mem::take(&mut self.begins),
            turn,
            force,
            mean_gyr,
            at_rest: self.rest_state.at_rest(),
            used,
            bias: used,
            variance: Vec3::zeros(),
        };
        self.drift.learn(&self.filter, &self.bias, &kept, &turn, &force, &mean_gyr);
        kept.bias = self.drift.bias.bias();
        kept.variance = self.drift.bias.variance().unwrap_or_else(|| Vec3::repeat(f64::INFINITY));
        self.kept.push(kept);
    }

    /// Ends the first pass; `None` where no sample had a rotation rate.
    pub fn finish(mut self) -> Option<Smoothed> {
        self.close();
        if self.kept.is_empty() {
            return None;
        }
        self.look_back();
        Some(self.low_pass_both_ways())
    }

    /// Learns the bias from the end to the start, and weighs it with what was learned forward.
    fn look_back(&mut self) {
        // Time runs backward: every rate is its negative, and so is the bias.
        let mut drift = Drift::default();
        for i in (0..self.kept.len()).rev() {
            let kept = self.kept[i];
            let later = (-drift.bias.bias(), drift.bias.variance());
            let known = -drift.bias.bias();
            let turn = (kept.turn * small_rotation(&((kept.used - known) * kept.dt))).conjugate();
            let force = rotate(&turn, &kept.force);
            drift.learn(&self.filter, &self.bias, &kept, &turn, &force, &-kept.mean_gyr);
            if kept.begins {
                drift = Drift { bias: drift.bias, ..Drift::default() };
            }
            if let (bias, Some(variance)) = later {
                // Each counts by its certainty.
                let share = kept.variance.zip_map(&variance, |forward, backward| forward / (forward + backward));
                let share = share.map(|share| if share.is_nan() { 1.0 } else { share });
                self.kept[i].bias = kept.bias + (bias - kept.bias).component_mul(&share);
            }
        }
    }

    fn low_pass_both_ways(self) -> Smoothed {
        let mut still = Quaternion::identity();
        let mut starts = Vec::with_capacity(self.kept.len());
        let mut ups = Vec::with_capacity(self.kept.len());
        let mut pass = Passed::default();
        for kept in &self.kept {
            if kept.begins {
                pass = Passed::default();
            }
            starts.push(still);
            // Half of the correction of the bias lies before the middle of the block.
            let better = (kept.used - kept.bias) * kept.dt;
            let force = rotate(&(still * small_rotation(&(better * 0.5))), &kept.force);
            pass.step(&self.filter, kept.dt, &force);
            ups.push(pass.value);
            still *= kept.turn * small_rotation(&better);
            still *= 1.5 - 0.5 * still.norm_squared();
        }
        let mut pass = Passed::default();
        for (i, kept) in self.kept.iter().enumerate().rev() {
            pass.step(&self.filter, kept.dt, &ups[i]);
            ups[i] = pass.value;
            if kept.begins {
                pass = Passed::default();
            }
        }
        let mut heading = Quat::identity();
        let judged = self.kept.iter().zip(starts).zip(ups).map(|((kept, start), up)| {
            // From block to block the correction changes by next to nothing, and so does the heading.
            let start = heading.into_inner() * start;
            let correction = smallest_rotation(&rotate(&heading.into_inner(), &up), &Vec3::z());
            heading = correction * heading;
            Judged { bias: kept.bias, earth_from_start: correction.into_inner() * start }
        });
        let judged = judged.collect();
        Smoothed {
            latency_s: self.params.latency.0,
            longest_bridged_s: self.params.longest_bridged.0,
            judged,
            current: 0,
            newest: None,
            rate: Vec3::zeros(),
            strapdown: None,
            block: Block::default(),
        }
    }
}

/// The time since the last usable sample, and the rate; `None` for a sample that cannot be used.
fn next_interval(newest: &mut Option<Time>, sample: &Sample) -> Option<(f64, Vec3)> {
    let gyr = sample.gyr?;
    let dt = newest.map_or(0.0, |newest| sample.t.since(newest).0);
    if !usable(dt, &sample.acc, Some(&gyr)) {
        return None;
    }
    *newest = Some(sample.t);
    Some((dt, gyr))
}

/// A second-order low-pass of specific force on blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
struct LowPass {
    settle_s: f64,
    stiffness: f64,
    drag: f64,
}

impl LowPass {
    fn new(settle_s: f64, damping: f64) -> Self {
        let natural = std::f64::consts::SQRT_2 / settle_s;
        Self { settle_s, stiffness: natural * natural, drag: 2.0 * damping * natural }
    }
}

/// Its state: a mean at first, then a low-pass.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Passed {
    value: Vec3,
    change: Vec3,
    age_s: f64,
}

impl Passed {
    fn step(&mut self, filter: &LowPass, dt: f64, input: &Vec3) {
        self.age_s += dt;
        if self.age_s < filter.settle_s {
            self.value += (input - self.value) * (dt / self.age_s);
        } else {
            self.change += ((input - self.value) * filter.stiffness - self.change * filter.drag) * dt;
            self.value += self.change * dt;
        }
    }
}

/// Learns the bias from the drift of the vertical, in either direction of time.
#[derive(Clone, Debug, PartialEq)]
struct Drift {
    bias: BiasState,
    still: Quaternion<f64>,
    up: Passed,
    turn: [Passed; 3],
}

impl Default for Drift {
    fn default() -> Self {
        Self {
            bias: BiasState::default(),
            still: Quaternion::identity(),
            up: Passed::default(),
            turn: [Passed::default(); 3],
        }
    }
}

impl Drift {
    /// Takes a block: its rotation, the force in sensor axes at its start, and its mean rate, all as time
    /// runs here.
    fn learn(&mut self, filter: &LowPass, bias: &Bias, kept: &Kept, turn: &Quaternion<f64>, force: &Vec3, rate: &Vec3) {
        self.up.step(filter, kept.dt, &rotate(&self.still, force));
        self.still *= *turn;
        self.still *= 1.5 - 0.5 * self.still.norm_squared();
        for (column, axis) in self.turn.iter_mut().zip([Vec3::x(), Vec3::y(), Vec3::z()]) {
            column.step(filter, kept.dt, &rotate(&self.still, &axis));
        }
        if kept.at_rest {
            bias.at_rest(&mut self.bias, kept.dt, rate);
        } else if self.up.age_s >= filter.settle_s {
            let upright = smallest_rotation(&self.up.value, &Vec3::z()).to_rotation_matrix();
            let turn = upright * Matrix3::from_columns(&self.turn.map(|column| column.value));
            bias.in_motion(&mut self.bias, kept.dt, &(upright * self.up.change), &turn);
        }
    }
}

/// The attitude at the start of a block, and the bias within it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Judged {
    bias: Vec3,
    earth_from_start: Quaternion<f64>,
}

/// The second pass: the same samples in the same order, each with its attitude.
#[derive(Clone, Debug, PartialEq)]
pub struct Smoothed {
    latency_s: f64,
    longest_bridged_s: f64,
    judged: Vec<Judged>,
    current: usize,
    newest: Option<Time>,
    /// Rotation rate without bias, rad/s.
    rate: Vec3,
    strapdown: Option<Strapdown>,
    block: Block,
}

impl Smoothed {
    /// Attitude with arbitrary heading at the next sample. A sample that cannot be used has the attitude
    /// of the one before it.
    pub fn next(&mut self, sample: &Sample) -> Quat {
        let last = self.judged.len() - 1;
        let mut judged = &self.judged[self.current.min(last)];
        let Some((dt, gyr)) = next_interval(&mut self.newest, sample) else {
            return self.attitude(judged);
        };
        self.rate = gyr - judged.bias;
        let strapdown = self.strapdown.get_or_insert_with(|| Strapdown::new(&(gyr - judged.bias)));
        let felt = Felt::new(dt, sample.acc, gyr);
        if !strapdown.step(&mut self.block, self.longest_bridged_s, &judged.bias, &felt) {
            // Blocks end where they ended in the first pass, since only times decide it.
            if self.block.lasted_s > 0.0 {
                self.current += 1;
            }
            self.block = Block::default();
            judged = &self.judged[self.current.min(last)];
        }
        let attitude = self.attitude(judged);
        if self.block.lasted_s >= BLOCK_S {
            self.current += 1;
            self.block = Block::default();
        }
        attitude
    }

    fn attitude(&self, judged: &Judged) -> Quat {
        let since = small_rotation(&(self.rate * self.latency_s));
        Quat::from_quaternion(judged.earth_from_start * self.block.turn() * since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smooth(samples: &[Sample]) -> Vec<Quat> {
        let mut smoother = Smoother::default();
        for sample in samples {
            smoother.push(sample);
        }
        let mut smoothed = smoother.finish().unwrap();
        samples.iter().map(|sample| smoothed.next(sample)).collect()
    }

    /// A sensor that turns and is shaken, with a bias; a hole in the middle if asked for.
    fn turning(bias: Vec3, hole: bool) -> Vec<(Sample, Vec3)> {
        let hz = 100.0;
        let mut truth = Quat::from_euler_angles(0.4, -0.3, 0.0);
        let mut samples = Vec::new();
        for i in 0..6000 {
            let t = f64::from(i) / hz;
            let rate = Vec3::new(0.7 * (0.9 * t).sin(), 0.8 * (1.3 * t).cos(), 0.3);
            let half = truth * Quat::from_scaled_axis(rate * 0.5 / hz);
            truth *= Quat::from_scaled_axis(rate / hz);
            let shaken = Vec3::new(0.3 * (9.0 * t).sin(), 0.2 * (7.0 * t).cos(), 1.0);
            let acc = half.inverse() * shaken;
            if !(hole && (2500..2700).contains(&i)) {
                let sample = Sample { t: Time::from_seconds(t), acc, gyr: Some(rate + bias) };
                samples.push((sample, truth.inverse() * Vec3::z()));
            }
        }
        samples
    }

    fn worst_deg(samples: &[(Sample, Vec3)], from_s: f64) -> f64 {
        let attitudes = smooth(&samples.iter().map(|(sample, _)| *sample).collect::<Vec<_>>());
        let errors = samples.iter().zip(attitudes).filter(|((sample, _), _)| sample.t.seconds() >= from_s);
        let errors = errors.map(|((_, up), q)| q.inverse_transform_vector(&Vec3::z()).angle(up).to_degrees());
        errors.fold(0.0, f64::max)
    }

    #[test]
    fn a_bias_learned_late_is_right_from_the_start() {
        let worst = worst_deg(&turning(Vec3::new(0.01, -0.008, 0.0), false), 0.0);
        assert!(worst < 2.0, "{worst}°");
    }

    #[test]
    fn a_hole_parts_the_recording_and_both_parts_are_right() {
        let worst = worst_deg(&turning(Vec3::zeros(), true), 0.0);
        assert!(worst < 2.0, "{worst}°");
    }

    #[test]
    fn a_rate_that_comes_late_is_made_up_for() {
        let late_s = SmoothParams::default().latency.0;
        let (hz, swing, pace) = (200.0, 0.4, 12.0);
        let mut samples = Vec::new();
        for i in 0..4000 {
            let t = f64::from(i) / hz;
            let turned = |t: f64| Quat::from_scaled_axis(Vec3::new(swing * (pace * t).sin(), 0.0, 0.0));
            let late = t - late_s;
            // Means over the interval that ended when the sample was taken.
            let rate = swing * ((pace * late).sin() - (pace * (late - 1.0 / hz)).sin()) * hz;
            let acc = turned(late - 0.5 / hz).inverse() * Vec3::z();
            let sample = Sample { t: Time::from_seconds(t), acc, gyr: Some(Vec3::new(rate, 0.0, 0.0)) };
            samples.push((sample, turned(t).inverse() * Vec3::z()));
        }
        let worst = worst_deg(&samples, 0.0);
        assert!(worst < 0.2, "{worst}°, {}° with none of it", (swing * pace * late_s).to_degrees());
    }

    #[test]
    fn every_sample_has_an_attitude_and_bad_ones_that_of_the_one_before() {
        let mut samples: Vec<Sample> = turning(Vec3::zeros(), true).into_iter().map(|(sample, _)| sample).collect();
        samples[1000].acc = Vec3::repeat(f64::NAN);
        samples[1001].gyr = None;
        let attitudes = smooth(&samples);
        assert_eq!(attitudes.len(), samples.len());
        assert!(attitudes.iter().all(|q| (q.norm() - 1.0).abs() < 1e-9));
        assert!(attitudes[1001].angle_to(&attitudes[999]) < 1e-9);
    }

    #[test]
    fn without_a_gyroscope_there_is_nothing_to_smooth() {
        let mut smoother = Smoother::default();
        smoother.push(&Sample { t: Time::START, acc: Vec3::x(), gyr: None });
        assert!(smoother.finish().is_none());
    }
}
