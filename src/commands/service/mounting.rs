//! Finds how the sensor sat before a recording is judged, so that a replay is judged as `analyze` would; and
//! puts a mounting into the words of the store.

use crate::frames::Placement;
use crate::import::{ImportError, Options, Recordings};
use crate::raw::{RawFormat, RawSample};
use crate::signal::mounting::auto::AutoMounting;
use crate::signal::mounting::{AccScale, Mounting};
use crate::store::facts::NewCalibration;
use crate::units::{Angle, AngularRate, WallTime};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::path::Path;

/// Reads the file once; gives the mounting of each of its recordings in order, where one can be told.
pub(crate) fn found_in(file: &Path, options: &Options) -> Result<VecDeque<Option<Mounting>>, ImportError> {
    let mut found = VecDeque::new();
    let mut recordings = Recordings::open(file, options)?;
    while let Some(head) = recordings.next_recording()? {
        found.push_back(found_among(&head.format, |block| recordings.read(block))?);
    }
    Ok(found)
}

/// The mounting that all samples of a recording tell, where they do. `next` fills a block, and says false
/// when there is no more.
pub(super) fn found_among<E>(
    format: &RawFormat,
    mut next: impl FnMut(&mut Vec<RawSample>) -> Result<bool, E>,
) -> Result<Option<Mounting>, E> {
    let mut auto = AutoMounting::new();
    let mut block = Vec::new();
    while next(&mut block)? {
        block.iter().for_each(|raw| auto.push(&format.sample(raw)));
    }
    Ok(auto.estimate())
}

/// Why a mounting is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kept {
    /// It was found.
    Found,
    /// Walking, this far from it, was blended in.
    Refreshed(Angle),
    /// Walking was this far from it; it stays as it was.
    Noted(Angle),
}

impl Kept {
    /// What it adds to the name of the method.
    fn name(self) -> &'static str {
        match self {
            Self::Found => "",
            Self::Refreshed(_) => " refreshed",
            Self::Noted(_) => " noted",
        }
    }

    fn difference(self) -> Option<Angle> {
        match self {
            Self::Found => None,
            Self::Refreshed(by) | Self::Noted(by) => Some(by),
        }
    }
}

/// A mounting as the store keeps it: known from `at` on.
pub(super) fn calibration(mounting: &Mounting, kept: Kept, placement: Placement, at: WallTime) -> NewCalibration {
    let quality = json!({
        "walking_difference_deg": kept.difference().map(Angle::degrees),
        "up_confidence": mounting.up_confidence,
        "forward_confidence": mounting.forward_confidence,
        "rest_norm_g": mounting.rest_norm_g,
        "acc_scale": mounting.acc_scale().factor(),
        "acc_scale_from": mounting.acc_scale().origin().name(),
    });
    NewCalibration {
        at,
        placement,
        body_from_sensor: mounting.body_from_sensor,
        gyro_bias: mounting.gyro_bias.map(|bias| [bias.x, bias.y, bias.z].map(AngularRate::from_radians_per_second)),
        quality: quality.to_string(),
        sensor: None,
        firmware: None,
        method: format!("{}{} {}", mounting.method.name(), kept.name(), env!("CARGO_PKG_VERSION")),
    }
}

/// The sensor's error of scale as a calibration keeps it; none where it was kept without.
pub(super) fn kept_acc_scale(calibration: &NewCalibration) -> AccScale {
    let quality: Value = serde_json::from_str(&calibration.quality).unwrap_or_default();
    let kept = quality["acc_scale"].as_f64().zip(quality["acc_scale_from"].as_str());
    kept.and_then(|(factor, origin)| AccScale::from_kept(factor, origin)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::Axes;
    use crate::signal::mounting::Method;

    #[test]
    fn a_scale_is_kept_with_its_calibration_and_comes_back() {
        let axes: Axes = "up=+x,right=+y,forward=+z".parse().unwrap();
        let typed = Mounting::from_axes(&axes);
        for mounting in [typed, Mounting { method: Method::Auto, rest_norm_g: Some(0.981), ..typed }] {
            let kept = calibration(&mounting, Kept::Found, Placement::L3, WallTime(0));
            assert_eq!(kept_acc_scale(&kept), mounting.acc_scale());
        }
        let before =
            NewCalibration { quality: "{}".to_owned(), ..calibration(&typed, Kept::Found, Placement::L3, WallTime(0)) };
        assert_eq!(kept_acc_scale(&before), AccScale::default());
    }

    #[test]
    fn a_refreshed_mounting_says_so_and_by_how_much() {
        let axes: Axes = "up=+x,right=+y,forward=+z".parse().unwrap();
        let auto = Mounting { method: Method::Auto, ..Mounting::from_axes(&axes) };
        let kept = |kept| calibration(&auto, kept, Placement::L3, WallTime(0));
        let refreshed = kept(Kept::Refreshed(Angle::from_degrees(4.0)));
        assert!(refreshed.method.starts_with("auto refreshed "), "{}", refreshed.method);
        let quality: Value = serde_json::from_str(&refreshed.quality).unwrap();
        assert!((quality["walking_difference_deg"].as_f64().unwrap() - 4.0).abs() < 1e-9);
        assert!(kept(Kept::Noted(Angle::from_degrees(7.0))).method.starts_with("auto noted "));
        assert!(kept(Kept::Found).method.starts_with("auto 0"));
    }
}
