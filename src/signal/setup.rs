//! What a recording is judged with: how the sensor sits, where, and what the wearer chose.

use super::mounting::AccScale;
use super::placement::{PersonalBend, Tea, trunk_equivalent};
use crate::frames::{Placement, Quat};
use crate::units::{Angle, Seconds, Time};

/// What a recording is judged with.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The rotation that a calibration, typed axes or `auto` gave; `None` while nothing is known.
    pub body_from_sensor: Option<Quat>,
    /// The sensor's error of scale. MAD and ENMO stay those of the source's values unless it was
    /// calibrated on purpose.
    pub acc_scale: AccScale,
    /// Where on the back the sensor sits.
    pub placement: Placement,
    /// The wearer's own scale of bending, in place of the table of the placement.
    pub personal: Option<PersonalBend>,
    /// Length of an epoch, 5 s unless chosen otherwise.
    pub epoch: Seconds,
    /// Length of a second kind of epoch, given out beside the first.
    pub second_epoch: Option<Seconds>,
    /// Exercise sets that the wearer opened, by their moments in the recording.
    pub exercise_sets: Vec<ExerciseSet>,
}

/// A set of one exercise, from the wearer's start to the stop.
#[derive(Clone, Debug, PartialEq)]
pub struct ExerciseSet {
    /// The exercise, as an id of `data/exercises.toml`.
    pub id: &'static str,
    /// When the set was started.
    pub start: Time,
    /// When it was stopped.
    pub end: Time,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            body_from_sensor: None,
            acc_scale: AccScale::default(),
            placement: Placement::Unknown,
            personal: None,
            epoch: Seconds(5.0),
            second_epoch: None,
            exercise_sets: Vec::new(),
        }
    }
}

impl Setup {
    /// The trunk-equivalent angle of a sensor tilt.
    pub fn trunk_equivalent(&self, tilt: Angle) -> Tea {
        match &self.personal {
            Some(personal) => personal.trunk_equivalent(tilt),
            None => trunk_equivalent(self.placement, tilt),
        }
    }

    /// Whether that angle is a rough one, to be told as such.
    pub fn approximate(&self) -> bool {
        self.placement == Placement::Unknown || self.personal.is_some()
    }
}
