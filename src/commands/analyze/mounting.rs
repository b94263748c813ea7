//! The first reading of a file: how the sensor sat in each recording (typed axes, a stretch of standing, or
//! found in it), and what `--smooth` learns. Where neither is asked for, the file is not read here.

use super::arguments::Stretch;
use super::timings::Cost;
use crate::frames::{Axes, Vec3};
use crate::import::{ImportError, Options, Recordings};
use crate::signal::Sample;
use crate::signal::mounting::auto::AutoMounting;
use crate::signal::mounting::standing::StandingParams;
use crate::signal::mounting::{Mounting, body_from_directions};
use crate::signal::smooth::{Smoothed, Smoother};
use std::path::Path;

/// Where the mounting comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct MountingSource {
    /// Typed axes; `None` for `auto`.
    pub(super) axes: Option<Axes>,
    /// A stretch of standing whose mean is up.
    pub(super) standing: Option<Stretch>,
    /// Attitude is estimated looking both ways.
    pub(super) smooth: bool,
}

/// What is known of a recording before it is judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Foreseen {
    /// How the sensor sat; `None` where the recording does not tell.
    pub(super) mounting: Option<Mounting>,
    /// Attitudes, where they were asked for and there is a gyroscope.
    pub(super) smoothed: Option<Smoothed>,
}

/// What is known of a file's recordings, in their order.
pub(super) enum AllForeseen {
    /// The same for all.
    Typed(Mounting),
    /// One for each.
    Found(std::vec::IntoIter<Foreseen>),
}

/// Why there is no mounting.
#[derive(Debug, thiserror::Error)]
pub(super) enum MountingError {
    #[error(transparent)]
    Import(ImportError),
    #[error("{}--calibrate-from {stretch} holds no sample; name seconds inside the recording", of_trial(trial))]
    Empty { trial: Option<String>, stretch: Stretch },
    #[error(
        "{}--calibrate-from {stretch} is no quiet standing: |a| varies by {acc_sd_g:.3} g (at most 0.02) around \
         {acc_g:.2} g (0.95 to 1.05), rotation by {gyr_sd_dps:.1} °/s (at most 2); name another stretch",
        of_trial(trial)
    )]
    NotStill { trial: Option<String>, stretch: Stretch, acc_sd_g: f64, acc_g: f64, gyr_sd_dps: f64 },
}

fn of_trial(trial: &Option<String>) -> String {
    trial.as_ref().map(|trial| format!("trial {trial:?}: ")).unwrap_or_default()
}

impl AllForeseen {
    pub(super) fn next(&mut self) -> Foreseen {
        match self {
            Self::Typed(mounting) => Foreseen { mounting: Some(*mounting), smoothed: None },
            Self::Found(found) => found.next().unwrap_or_default(),
        }
    }
}

impl MountingSource {
    /// Reads a file for the first time, where that is needed.
    pub(super) fn find(&self, path: &Path, options: &Options, cost: &mut Cost) -> Result<AllForeseen, MountingError> {
        if let (Some(axes), None, false) = (&self.axes, self.standing, self.smooth) {
            return Ok(AllForeseen::Typed(Mounting::from_axes(axes)));
        }
        let mut found = Vec::new();
        let mut file = Recordings::open(path, options).map_err(MountingError::Import)?;
        let mut block = Vec::new();
        while let Some(head) = file.next_recording().map_err(MountingError::Import)? {
            let mut auto = self.axes.is_none().then(AutoMounting::new);
            let mut smoother = self.smooth.then(Smoother::default);
            let mut standing = Standing::default();
            while file.read(&mut block).map_err(MountingError::Import)? {
                cost.monitor(|| {
                    for raw in &block {
                        let sample = head.format.sample(raw);
                        if let Some(auto) = &mut auto {
                            auto.push(&sample);
                        }
                        if let Some(smoother) = &mut smoother {
                            smoother.push(&sample);
                        }
                        if self.standing.is_some_and(|stretch| stretch.start <= raw.t && raw.t < stretch.end) {
                            standing.push(&sample);
                        }
                    }
                });
            }
            let known = match &self.axes {
                Some(axes) => Some(Mounting::from_axes(axes)),
                None => auto.and_then(|auto| auto.estimate()),
            };
            let mounting = match self.standing {
                None => known,
                Some(stretch) => Some(standing.mounting(known, stretch, head.trial)?),
            };
            let smoothed = cost.monitor(|| smoother.and_then(Smoother::finish));
            found.push(Foreseen { mounting, smoothed });
        }
        Ok(AllForeseen::Found(found.into_iter()))
    }
}

/// Sums of a stretch of standing.
#[derive(Default)]
struct Standing {
    count: f64,
    acc: Vec3,
    norm: f64,
    norm2: f64,
    gyr_count: f64,
    gyr: Vec3,
    gyr2: Vec3,
}

impl Standing {
    fn push(&mut self, sample: &Sample) {
        let norm = sample.acc.norm();
        if !norm.is_finite() {
            return;
        }
        self.count += 1.0;
        self.acc += sample.acc;
        self.norm += norm;
        self.norm2 += norm * norm;
        if let Some(gyr) = sample.gyr.filter(|gyr| gyr.norm().is_finite()) {
            self.gyr_count += 1.0;
            self.gyr += gyr;
            self.gyr2 += gyr.component_mul(&gyr);
        }
    }

    /// Up from standing, forward from what is known besides.
    fn mounting(
        &self,
        known: Option<Mounting>,
        stretch: Stretch,
        trial: Option<String>,
    ) -> Result<Mounting, MountingError> {
        let Some(known) = known.filter(|_| self.count > 0.0) else {
            return Err(MountingError::Empty { trial, stretch });
        };
        let acc_g = self.norm / self.count;
        let acc_sd_g = (self.norm2 / self.count - acc_g * acc_g).max(0.0).sqrt();
        let gyr = (self.gyr_count > 0.0).then(|| self.gyr / self.gyr_count);
        let gyr_sd_dps = gyr.map_or(0.0, |mean| {
            let variance = self.gyr2 / self.gyr_count - mean.component_mul(&mean);
            variance.max().max(0.0).sqrt().to_degrees()
        });
        let limits = StandingParams::default();
        let plausible = limits.plausible_g.0 <= acc_g && acc_g <= limits.plausible_g.1;
        if acc_sd_g > limits.steady_g || gyr_sd_dps > limits.steady_rate.degrees_per_second() || !plausible {
            return Err(MountingError::NotStill { trial, stretch, acc_sd_g, acc_g, gyr_sd_dps });
        }
        let [_, _, forward] = known.directions();
        Ok(Mounting {
            body_from_sensor: body_from_directions(&self.acc, &forward),
            method: known.method.with_standing(),
            up_confidence: 1.0,
            gyro_bias: gyr,
            rest_norm_g: Some(acc_g),
            ..known
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Time;

    #[test]
    fn standing_gives_up_and_the_axes_give_forward() {
        let axes: Axes = "up=+x,right=+y,forward=+z".parse().unwrap();
        let stretch: Stretch = "0..3".parse().unwrap();
        let mut standing = Standing::default();
        let leaning = Vec3::new(0.9, 0.0, -0.435_89);
        for _ in 0..300 {
            standing.push(&Sample { t: Time::START, acc: leaning, gyr: Some(Vec3::new(0.01, 0.0, 0.0)) });
        }
        let mounting = standing.mounting(Some(Mounting::from_axes(&axes)), stretch, None).unwrap();
        let upright = mounting.body_from_sensor * leaning;
        assert!((upright - Vec3::x()).norm() < 1e-4, "{upright}");
        assert!((mounting.directions()[1] - Vec3::y()).norm() < 1e-9);
        standing.push(&Sample { t: Time::START, acc: Vec3::new(2.0, 0.0, 0.0), gyr: None });
        let refusal = standing.mounting(Some(mounting), stretch, None).unwrap_err().to_string();
        assert!(refusal.contains("is no quiet standing"), "{refusal}");
        let empty = Standing::default().mounting(Some(mounting), stretch, Some("a".to_owned())).unwrap_err();
        assert!(empty.to_string().contains("trial \"a\": --calibrate-from 0..3 holds no sample"), "{empty}");
    }
}
