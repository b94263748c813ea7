//! Why a guided calibration gave no mounting, in words for the wearer.

use crate::units::{Angle, AngularRate, Seconds};
use thiserror::Error;

/// Why there is no calibration.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum Rejection {
    /// Less than three seconds came.
    #[error("fewer than 3 s of samples came, so upright is not known; stand still for 3 s")]
    TooShort,
    /// |a| moved too much.
    #[error(
        "the sensor moved by {deviation_g:.3} g while standing, so upright is not known; \
         stand still for 3 s, hands at your sides"
    )]
    Unsteady {
        /// Standard deviation of |a|.
        deviation_g: f64,
    },
    /// The rate moved too much.
    #[error(
        "the sensor turned by {:.1} °/s while standing, so upright is not known; stand still for 3 s",
        rate.degrees_per_second()
    )]
    Turning {
        /// Largest standard deviation of the rate about an axis.
        rate: AngularRate,
    },
    /// |a| is not 1 g.
    #[error(
        "the sensor reads {norm_g:.2} g at rest instead of 1 g, so its tilt cannot be trusted; \
         check its range setting, or calibrate the sensor itself"
    )]
    Scale {
        /// Mean |a|.
        norm_g: f64,
    },
    /// Neither bends nor walking were enough.
    #[error("{bends} bends and {walked:.0} s of walking were seen, so forward is not known; bend comfortably twice, or walk for 20 s", walked = walked.0)]
    TooLittle {
        /// Bends seen.
        bends: u32,
        /// Walking seen.
        walked: Seconds,
    },
    /// The bends turned about more than one axis.
    #[error(
        "the bends were not about one axis ({:.0} % of the turning), so forward is not known; \
         bend straight forward, without turning",
        share * 100.0
    )]
    ManyAxes {
        /// Share of the variance about the strongest axis.
        share: f64,
    },
    /// The bends turned about the vertical.
    #[error(
        "the turning was about an axis {:.0}° from the vertical, so it was no bend; bend straight forward",
        from_vertical.degrees()
    )]
    Upright {
        /// Angle between that axis and the vertical.
        from_vertical: Angle,
    },
}

impl Rejection {
    /// How far an attempt at standing got.
    pub(super) fn got_as_far(&self) -> u8 {
        match self {
            Self::TooShort => 0,
            Self::Unsteady { .. } => 1,
            Self::Turning { .. } => 2,
            Self::Scale { .. } | Self::TooLittle { .. } | Self::ManyAxes { .. } | Self::Upright { .. } => 3,
        }
    }
}
