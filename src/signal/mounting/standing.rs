//! The guided calibration: stand still, then bend comfortably or walk.
//!
//! In:  samples in sensor axes from the moment the wearer was asked to stand, with or without rotation
//!      rate. Out: what is still to be done, and at the end a [`Mounting`] with figures of quality, or the
//!      reason why there is none.
//! Source: domain.md §5. Differs from it: the tilt comes from `signal::attitude`; without a gyroscope
//! the bends themselves give forward, and walking gives it by `mounting::auto`.
//! Left to others: the clock that limits it, what the wearer is told, when it is stale.
//! A little longer than other files: a third of it is its tests.

use super::auto::AutoMounting;
use super::rejection::Rejection;
use super::scale::PLAUSIBLE_G;
use super::{Method, Mounting, body_from_directions};
use crate::frames::Vec3;
use crate::signal::Sample;
use crate::signal::attitude::{Attitude, AttitudeParams, AttitudeState, usable};
use crate::signal::placement::PersonalBend;
use crate::units::{Angle, AngularRate, Seconds, Time};
use nalgebra::{Matrix3, SymmetricEigen};

/// What a person or a paper chooses. Source of all: domain.md §5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StandingParams {
    /// Largest standard deviation of |a| while standing, in g.
    pub steady_g: f64,
    /// Largest standard deviation of the rate about each axis while standing.
    pub steady_rate: AngularRate,
    /// Least and largest mean |a| while standing, in g.
    pub plausible_g: (f64, f64),
    /// A bend reaches this tilt at least.
    pub bend: Angle,
    /// So many bends are enough.
    pub bends: u32,
    /// Or so much walking.
    pub walking: Seconds,
    /// Share of the variance of the rate that lies about one axis, at least.
    pub one_axis: f64,
    /// That axis is this far from the vertical, at least.
    pub off_vertical: Angle,
}

impl Default for StandingParams {
    fn default() -> Self {
        Self {
            steady_g: 0.02,
            steady_rate: AngularRate::from_degrees_per_second(2.0),
            plausible_g: PLAUSIBLE_G,
            bend: Angle::from_degrees(15.0),
            bends: 2,
            walking: Seconds(20.0),
            one_axis: 0.85,
            off_vertical: Angle::from_degrees(70.0),
        }
    }
}

/// Standing is judged over this many seconds ...
const PARTS: usize = 3;
/// ... in parts of one second, so that it may begin at any of them.
const PART_S: f64 = 1.0;
/// Standing that is judged, in all. Source: domain.md §5.
pub const STAND_FOR: Seconds = Seconds(PARTS as f64 * PART_S);
/// A bend is over when the tilt has come back to this share of [`StandingParams::bend`].
const BACK_SHARE: f64 = 0.5;
/// The rate is smoothed over this long before its axis is looked for, in seconds. Chosen by us: a bend takes seconds, while
/// the skin under a sensor swings several times in one, and at the sacrum nearly as fast as a gentle bend turns.
const SKIN_S: f64 = 0.2;
/// Forward from walking must be this sure. `tests/accuracy/mounting.rs`: of those, all are right.
const SURE: f64 = 0.5;

/// What is still to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Stand still.
    Stand,
    /// Bend comfortably, or walk.
    Move,
    /// Enough was seen: [`StandingCalibration::finish`] now.
    Enough,
}

/// How far a calibration has come.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Standing that the next look at it will have, at the most what it takes.
    pub stood: Seconds,
    /// Bends seen.
    pub bends: u32,
    /// Walking seen.
    pub walked: Seconds,
}

/// Figures to judge a calibration by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    /// Standard deviation of |a| while standing, in g.
    pub standing_deviation_g: f64,
    /// Mean |a| while standing, in g.
    pub standing_norm_g: f64,
    /// Bends seen.
    pub bends: u32,
    /// Largest tilt of them.
    pub deepest: Angle,
    /// Share of the variance of the rate about one axis, with a gyroscope.
    pub one_axis: Option<f64>,
    /// Seconds of walking seen.
    pub walked: Seconds,
}

impl Quality {
    /// The wearer's own scale of bending; `None` where no bend was seen.
    pub fn personal_bend(&self) -> Option<PersonalBend> {
        PersonalBend::new(self.deepest).filter(|_| self.bends > 0)
    }
}

/// A mounting and how good it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// The mounting.
    pub mounting: Mounting,
    /// Its figures.
    pub quality: Quality,
}

/// Sums over a part of the standing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    samples: f64,
    acc: Vec3,
    norm: f64,
    norm2: f64,
    with_gyr: f64,
    gyr: Vec3,
    gyr2: Vec3,
}

impl Sums {
    fn take(&mut self, acc: &Vec3, gyr: Option<&Vec3>) {
        let norm = acc.norm();
        self.samples += 1.0;
        self.acc += acc;
        self.norm += norm;
        self.norm2 += norm * norm;
        if let Some(gyr) = gyr {
            self.with_gyr += 1.0;
            self.gyr += gyr;
            self.gyr2 += gyr.component_mul(gyr);
        }
    }

    fn with(mut self, other: &Self) -> Self {
        self.samples += other.samples;
        self.acc += other.acc;
        self.norm += other.norm;
        self.norm2 += other.norm2;
        self.with_gyr += other.with_gyr;
        self.gyr += other.gyr;
        self.gyr2 += other.gyr2;
        self
    }
}

/// What standing gave.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stood {
    up: Vec3,
    bias: Option<Vec3>,
    deviation_g: f64,
    norm_g: f64,
}

/// What the movement gave.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Moved {
    /// The rate, smoothed.
    rate: Vec3,
    /// Sum of its squares while bending.
    turning: Matrix3<f64>,
    bending: bool,
    bends: u32,
    deepest: f64,
    /// Where up went, weighed by tilt and time.
    leaned: Vec3,
    /// The same of the first bend, for its sign.
    first: Vec3,
}

/// One guided calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct StandingCalibration {
    params: StandingParams,
    attitude: Attitude,
    state: AttitudeState,
    newest: Option<Time>,
    part_began: Option<Time>,
    parts: [Sums; PARTS],
    parts_full: usize,
    rejection: Rejection,
    stood: Option<Stood>,
    moved: Moved,
    auto: AutoMounting,
}

impl StandingCalibration {
    /// Begins; the wearer was just asked to stand still.
    pub fn new(params: StandingParams) -> Self {
        Self {
            params,
            attitude: Attitude::new(AttitudeParams::default()),
            state: AttitudeState::default(),
            newest: None,
            part_began: None,
            parts: [Sums::default(); PARTS],
            parts_full: 0,
            rejection: Rejection::TooShort,
            stood: None,
            moved: Moved::default(),
            auto: AutoMounting::new(),
        }
    }

    /// Takes the next sample and says what is to be done.
    pub fn push(&mut self, sample: &Sample) -> Stage {
        let dt = self.newest.map_or(Seconds(0.0), |newest| sample.t.since(newest));
        if !usable(dt.0, &sample.acc, sample.gyr.as_ref()) {
            return self.stage();
        }
        self.newest = Some(sample.t);
        self.attitude.step(&mut self.state, dt, &sample.acc, sample.gyr.as_ref());
        match self.stood {
            None => self.stand(sample),
            Some(stood) => {
                self.auto.push(sample);
                self.moved.take(&self.params, &stood, dt, &self.state, sample.gyr.as_ref());
            }
        }
        self.stage()
    }

    /// What was asked of it.
    pub fn params(&self) -> &StandingParams {
        &self.params
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        let parts = if self.stood.is_some() { PARTS } else { self.parts_full.min(PARTS - 1) };
        Progress { stood: Seconds(parts as f64 * PART_S), bends: self.moved.bends, walked: self.auto.walked() }
    }

    /// What is to be done now.
    pub fn stage(&self) -> Stage {
        match self.stood {
            None => Stage::Stand,
            Some(_) if self.moved.bends >= self.params.bends && !self.moved.bending => Stage::Enough,
            Some(_) if self.auto.walked().0 >= self.params.walking.0 => Stage::Enough,
            Some(_) => Stage::Move,
        }
    }

    fn stand(&mut self, sample: &Sample) {
        let began = *self.part_began.get_or_insert(sample.t);
        self.parts[PARTS - 1].take(&sample.acc, sample.gyr.as_ref());
        if sample.t.since(began).0 < PART_S {
            return;
        }
        self.part_began = None;
        self.parts_full = (self.parts_full + 1).min(PARTS);
        if self.parts_full == PARTS {
            let sums = self.parts.iter().fold(Sums::default(), Sums::with);
            match judge(&self.params, &sums) {
                Ok(stood) => self.stood = Some(stood),
                // The best attempt says most: a steady sensor that reads wrongly, rather than what followed.
                Err(rejection) if rejection.got_as_far() >= self.rejection.got_as_far() => self.rejection = rejection,
                Err(_) => {}
            }
        }
        self.parts.rotate_left(1);
        self.parts[PARTS - 1] = Sums::default();
    }

    /// The calibration, or why there is none.
    pub fn finish(&self) -> Result<Calibration, Rejection> {
        let stood = self.stood.ok_or(self.rejection)?;
        let moved = &self.moved;
        let walked = self.auto.walked();
        let mut quality = Quality {
            standing_deviation_g: stood.deviation_g,
            standing_norm_g: stood.norm_g,
            bends: moved.bends,
            deepest: Angle::from_radians(moved.deepest),
            one_axis: None,
            walked,
        };
        let (forward, method, confidence) = if moved.bends >= self.params.bends {
            let forward = self.forward_from_bends(&stood, &mut quality)?;
            (forward, Method::StandingAndBends, quality.one_axis.unwrap_or(1.0))
        } else {
            let by_walking = self
                .auto
                .estimate()
                .filter(|mounting| walked.0 >= self.params.walking.0 && mounting.forward_confidence >= SURE);
            let mounting = by_walking.ok_or(Rejection::TooLittle { bends: moved.bends, walked })?;
            (mounting.directions()[2], Method::StandingAndWalking, mounting.forward_confidence)
        };
        let mounting = Mounting {
            body_from_sensor: body_from_directions(&stood.up, &forward),
            method,
            up_confidence: 1.0,
            forward_confidence: confidence,
            gyro_bias: stood.bias,
            rest_norm_g: Some(stood.norm_g),
        };
        Ok(Calibration { mounting, quality })
    }

    fn forward_from_bends(&self, stood: &Stood, quality: &mut Quality) -> Result<Vec3, Rejection> {
        // Leaning forward takes the sensor's up backward.
        let leaned_forward = -self.moved.leaned;
        if stood.bias.is_none() {
            return Ok(if leaned_forward.dot(&self.moved.first) > 0.0 { -leaned_forward } else { leaned_forward });
        }
        let eigen = SymmetricEigen::new(self.moved.turning);
        let strongest = eigen.eigenvalues.imax();
        let share = eigen.eigenvalues[strongest] / eigen.eigenvalues.sum();
        quality.one_axis = Some(share);
        if share < self.params.one_axis {
            return Err(Rejection::ManyAxes { share });
        }
        let axis = eigen.eigenvectors.column(strongest).into_owned();
        let from_vertical = Angle::from_radians(axis.dot(&stood.up).abs().min(1.0).acos());
        if from_vertical < self.params.off_vertical {
            return Err(Rejection::Upright { from_vertical });
        }
        let right = axis - stood.up * stood.up.dot(&axis);
        let forward = stood.up.cross(&right);
        Ok(if forward.dot(&self.moved.first) > 0.0 { -forward } else { forward })
    }
}

fn judge(params: &StandingParams, sums: &Sums) -> Result<Stood, Rejection> {
    let norm_g = sums.norm / sums.samples;
    let deviation_g = (sums.norm2 / sums.samples - norm_g * norm_g).max(0.0).sqrt();
    if deviation_g > params.steady_g {
        return Err(Rejection::Unsteady { deviation_g });
    }
    let bias = (sums.with_gyr > 0.0).then(|| sums.gyr / sums.with_gyr);
    if let Some(mean) = bias {
        let variance = sums.gyr2 / sums.with_gyr - mean.component_mul(&mean);
        let rate = AngularRate::from_radians_per_second(variance.max().max(0.0).sqrt());
        if rate > params.steady_rate {
            return Err(Rejection::Turning { rate });
        }
    }
    let (least, largest) = params.plausible_g;
    if !(least..=largest).contains(&norm_g) {
        return Err(Rejection::Scale { norm_g });
    }
    let up = sums.acc.try_normalize(f64::EPSILON).ok_or(Rejection::Scale { norm_g })?;
    Ok(Stood { up, bias, deviation_g, norm_g })
}

impl Moved {
    fn take(&mut self, params: &StandingParams, stood: &Stood, dt: Seconds, state: &AttitudeState, gyr: Option<&Vec3>) {
        let now = state.up_sensor();
        let leaned = now - stood.up * stood.up.dot(&now);
        let tilt = leaned.norm().atan2(stood.up.dot(&now));
        let bend = params.bend.radians();
        if tilt >= bend && !self.bending {
            self.bending = true;
        } else if tilt < bend * BACK_SHARE && self.bending {
            self.bending = false;
            self.bends += 1;
        }
        if self.bending {
            self.deepest = self.deepest.max(tilt);
            self.leaned += leaned * (tilt * dt.0);
            if self.bends == 0 {
                self.first += leaned * (tilt * dt.0);
            }
        }
        if let (Some(gyr), Some(bias)) = (gyr, stood.bias) {
            self.rate += (gyr - bias - self.rate) * (dt.0 / (SKIN_S + dt.0));
            // Sway between the bends is about every axis.
            if tilt >= bend * BACK_SHARE {
                self.turning += self.rate * self.rate.transpose() * dt.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::Quat;

    /// How a test sensor sits: nothing is along its axes.
    fn body_from_sensor() -> Quat {
        Quat::from_euler_angles(0.4, -1.1, 2.0)
    }

    /// Stands for 4 s, then moves by a turn about a body axis; `gyro` says whether the rate is given.
    fn calibrate(gyro: bool, scale: f64, axis: Vec3, tilt: impl Fn(f64) -> f64) -> StandingCalibration {
        let mut calibration = StandingCalibration::new(StandingParams::default());
        let hz = 50.0;
        let sensor_from_body = body_from_sensor().inverse();
        let mut stage = Stage::Stand;
        for i in 0..1000 {
            if stage == Stage::Enough {
                break;
            }
            let t = f64::from(i) / hz;
            let angle = |t: f64| if t < 4.0 { 0.0 } else { tilt(t - 4.0) };
            let rate = axis * ((angle(t + 0.5 / hz) - angle(t - 0.5 / hz)) * hz);
            let up_body = Quat::from_scaled_axis(axis * angle(t)).inverse() * Vec3::x();
            stage = calibration.push(&Sample {
                t: Time::from_seconds(t),
                acc: sensor_from_body * up_body * scale,
                gyr: gyro.then(|| sensor_from_body * rate),
            });
        }
        calibration
    }

    /// Turning about the left-pointing axis tips forward.
    fn bends(t: f64) -> f64 {
        0.6 * (std::f64::consts::TAU * t / 3.0).sin().max(0.0)
    }

    #[test]
    fn standing_and_two_bends_give_the_mounting_with_and_without_a_gyroscope() {
        for gyro in [true, false] {
            let Calibration { mounting, quality } = calibrate(gyro, 0.98, -Vec3::y(), bends).finish().unwrap();
            let error = mounting.body_from_sensor.angle_to(&body_from_sensor()).to_degrees();
            assert!(error < 1.0, "{error}°");
            assert_eq!((mounting.method, quality.bends), (Method::StandingAndBends, 2));
            assert!((quality.standing_norm_g - 0.98).abs() < 1e-9);
            assert!((quality.deepest.degrees() - 34.0).abs() < 4.0, "{:?}", quality.deepest);
            assert_eq!(quality.personal_bend().map(|personal| personal.deepest()), Some(quality.deepest));
        }
    }

    #[test]
    fn a_sensor_that_does_not_read_1_g_is_refused() {
        let rejection = calibrate(true, 0.8, -Vec3::y(), bends).finish().unwrap_err();
        assert!(matches!(rejection, Rejection::Scale { .. }));
        assert!(rejection.to_string().contains("0.80 g"));
    }

    #[test]
    fn standing_alone_does_not_tell_forward() {
        let rejection = calibrate(true, 1.0, -Vec3::y(), |_| 0.0).finish().unwrap_err();
        assert!(matches!(rejection, Rejection::TooLittle { bends: 0, .. }));
        assert_eq!(Quality::default().personal_bend(), None);
    }

    #[test]
    fn bends_mixed_with_turning_are_refused() {
        let skew = Vec3::new(1.0, -1.0, 0.0).normalize();
        let rejection = calibrate(true, 1.0, skew, |t| 2.0 * bends(t)).finish().unwrap_err();
        assert!(matches!(rejection, Rejection::Upright { .. }), "{rejection:?}");
    }

    #[test]
    fn nobody_standing_is_said_so() {
        let mut calibration = StandingCalibration::new(StandingParams::default());
        assert_eq!(calibration.finish(), Err(Rejection::TooShort));
        for i in 0..500 {
            let t = f64::from(i) * 0.02;
            let acc = Vec3::x() * (1.0 + 0.2 * (12.0 * t).sin());
            assert_eq!(calibration.push(&Sample { t: Time::from_seconds(t), acc, gyr: None }), Stage::Stand);
        }
        assert!(matches!(calibration.finish(), Err(Rejection::Unsteady { .. })));
    }
}
