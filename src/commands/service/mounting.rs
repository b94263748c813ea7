//! Finds how the sensor sat before a recording is judged, so that a replay is judged as `analyze` would; puts a
//! mounting into the words of the store, and finds the one again that a guided calibration left there.

use crate::care::calibrating::QualityFigures;
use crate::frames::{Placement, Vec3};
use crate::import::{ImportError, Options, Recordings};
use crate::raw::{RawFormat, RawSample};
use crate::signal::mounting::auto::AutoMounting;
use crate::signal::mounting::{AccScale, Method, Mounting};
use crate::store::facts::NewCalibration;
use crate::store::{Reader, StoreError};
use crate::units::{Angle, AngularRate, Seconds, WallTime};
use crate::warning::{CalibrationWatch, Freshness, StaleCause};
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
pub(crate) enum Kept {
    /// It was found.
    Found,
    /// A guided calibration gave it, with these figures.
    Guided(QualityFigures),
    /// The wearer accepted the upright of a walk, this far from it.
    Accepted(Angle),
    /// Walking, this far from it, was blended in.
    Refreshed(Angle),
    /// Walking was this far from it; it stays as it was.
    Noted(Angle),
}

impl Kept {
    /// What it adds to the name of the method.
    fn name(self) -> &'static str {
        match self {
            Self::Found | Self::Guided(_) => "",
            Self::Accepted(_) => " accepted",
            Self::Refreshed(_) => " refreshed",
            Self::Noted(_) => " noted",
        }
    }

    fn difference(self) -> Option<Angle> {
        match self {
            Self::Found | Self::Guided(_) => None,
            Self::Accepted(by) | Self::Refreshed(by) | Self::Noted(by) => Some(by),
        }
    }

    fn figures(self) -> Option<QualityFigures> {
        if let Self::Guided(figures) = self { Some(figures) } else { None }
    }
}

/// Which sensor is worn, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wearing {
    /// Where on the back.
    pub placement: Placement,
    /// `ble`, `replay` or `simulate`.
    pub source: String,
    /// The sensor's name, as recordings have it.
    pub sensor: String,
}

/// A mounting as the store keeps it: known from `at` on.
pub(crate) fn calibration(mounting: &Mounting, kept: Kept, wearing: &Wearing, at: WallTime) -> NewCalibration {
    let quality = json!({
        "source": wearing.source,
        "sensor_name": wearing.sensor,
        "guided": kept.figures(),
        "walking_difference_deg": kept.difference().map(Angle::degrees),
        "up_confidence": mounting.up_confidence,
        "forward_confidence": mounting.forward_confidence,
        "rest_norm_g": mounting.rest_norm_g,
        "acc_scale": mounting.acc_scale().factor(),
        "acc_scale_from": mounting.acc_scale().origin().name(),
    });
    NewCalibration {
        at,
        placement: wearing.placement,
        body_from_sensor: mounting.body_from_sensor,
        gyro_bias: mounting.gyro_bias.map(|bias| [bias.x, bias.y, bias.z].map(AngularRate::from_radians_per_second)),
        quality: quality.to_string(),
        sensor: None,
        firmware: None,
        method: format!("{}{} {}", mounting.method.name(), kept.name(), env!("CARGO_PKG_VERSION")),
    }
}

/// The mounting that a guided calibration left behind, as walking has changed it since.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Left {
    pub(super) mounting: Mounting,
    pub(super) placement: Placement,
    pub(super) freshness: Freshness,
}

/// Where it is kept whether the calibration of a sensor can still be trusted; read as a setting.
fn state_key(wearing: &Wearing) -> String {
    format!("calibration_state {} {}", wearing.source, wearing.sensor)
}

/// Its value while it can.
const FRESH: &str = "fresh";

/// What is to be kept of the state of a sensor's calibration: key and value.
pub(super) fn state(wearing: &Wearing, freshness: Freshness) -> Option<(String, String)> {
    let value = match freshness {
        Freshness::Missing => return None,
        Freshness::Fresh => FRESH.to_owned(),
        Freshness::Stale(cause) => cause.kept(),
    };
    Some((state_key(wearing), value))
}

/// The newest guided calibration of this sensor at this place, for a recording that begins at `begins`. Where the
/// place is not known, that of the calibration counts.
pub(super) fn left_behind(reader: &Reader, wearing: &Wearing, begins: WallTime) -> Result<Option<Left>, StoreError> {
    let suits = |calibration: &NewCalibration| {
        let quality: Value = serde_json::from_str(&calibration.quality).unwrap_or_default();
        let same = quality["source"] == *wearing.source && quality["sensor_name"] == *wearing.sensor;
        let there = wearing.placement == Placement::Unknown || wearing.placement == calibration.placement;
        (same && there).then(|| guided(calibration, &quality)).flatten()
    };
    let all = reader.calibrations()?;
    let Some((about, mounting)) = all.iter().rev().find_map(|row| Some((&row.about, suits(&row.about)?))) else {
        return Ok(None);
    };
    let recordings = reader.recordings()?;
    let same = recordings.iter().filter(|row| row.about.source == wearing.source && row.about.name == wearing.sensor);
    let ended = same.filter_map(|row| Some(row.about.start.at(row.end?))).max();
    let last = ended.map_or(about.at, |ended| ended.max(about.at));
    let kept = reader.setting(&state_key(wearing))?;
    let cause = kept.filter(|kept| kept != FRESH).map(|kept| StaleCause::from_kept(&kept));
    let mut watch = CalibrationWatch::new(Freshness::Fresh);
    if let Some(cause) = cause {
        watch.stale(cause.unwrap_or(StaleCause::Reattached));
    }
    watch.was_away(Seconds(begins.0.saturating_sub(last.0) as f64 * 1e-9));
    Ok(Some(Left { mounting, placement: about.placement, freshness: watch.freshness() }))
}

/// The mounting in a calibration, if a guided one gave it.
fn guided(calibration: &NewCalibration, quality: &Value) -> Option<Mounting> {
    let method = calibration.method.split(' ').next().and_then(Method::from_name)?;
    method.is_guided().then(|| Mounting {
        body_from_sensor: calibration.body_from_sensor,
        method,
        up_confidence: quality["up_confidence"].as_f64().unwrap_or_default(),
        forward_confidence: quality["forward_confidence"].as_f64().unwrap_or_default(),
        gyro_bias: calibration.gyro_bias.map(|bias| Vec3::from(bias.map(AngularRate::radians_per_second))),
        rest_norm_g: quality["rest_norm_g"].as_f64(),
    })
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
    use crate::store::Hand;

    fn wearing() -> Wearing {
        Wearing { placement: Placement::L3, source: "ble".to_owned(), sensor: "WT901".to_owned() }
    }

    #[test]
    fn a_guided_calibration_is_found_again_by_its_sensor_and_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let mut hand = Hand::open(folder.path()).unwrap();
        let axes: Axes = "up=-y,right=+x,forward=+z".parse().unwrap();
        let bias = Vec3::new(0.01, -0.02, 0.0);
        let by_bends = Mounting {
            method: Method::StandingAndBends,
            rest_norm_g: Some(0.99),
            gyro_bias: Some(bias),
            forward_confidence: 0.97,
            ..Mounting::from_axes(&axes)
        };
        let auto = Mounting { method: Method::Auto, ..by_bends };
        let at = |s: i64| WallTime(s * 1_000_000_000);
        for (mounting, s) in [(&by_bends, 100), (&auto, 200)] {
            hand.add_calibration(&calibration(mounting, Kept::Found, &wearing(), at(s))).unwrap();
        }
        let reader = Reader::open(folder.path()).unwrap();
        let left = |wearing: &Wearing, s| left_behind(&reader, wearing, at(s)).unwrap();
        let found = left(&wearing(), 400).unwrap();
        assert_eq!((found.placement, found.freshness), (Placement::L3, Freshness::Fresh));
        assert!(found.mounting.body_from_sensor.angle_to(&by_bends.body_from_sensor) < 1e-9);
        assert!((found.mounting.gyro_bias.unwrap() - bias).norm() < 1e-9);
        assert_eq!(
            Mounting { body_from_sensor: by_bends.body_from_sensor, gyro_bias: Some(bias), ..found.mounting },
            by_bends
        );
        assert_eq!(left(&Wearing { placement: Placement::Unknown, ..wearing() }, 400), Some(found));
        assert_eq!(left(&wearing(), 1_000).map(|left| left.freshness.name()), Some("stale"), "15 min later");
        for other in [
            Wearing { placement: Placement::L1, ..wearing() },
            Wearing { sensor: "other".into(), ..wearing() },
            Wearing { source: "simulate".into(), ..wearing() },
        ] {
            assert_eq!(left(&other, 400), None, "{other:?}");
        }
        let (key, value) = state(&wearing(), Freshness::Stale(StaleCause::PowerCycle)).unwrap();
        hand.note(&key, &value, at(300)).unwrap();
        assert_eq!(left(&wearing(), 400).unwrap().freshness, Freshness::Stale(StaleCause::PowerCycle));
    }

    #[test]
    fn a_scale_is_kept_with_its_calibration_and_comes_back() {
        let axes: Axes = "up=+x,right=+y,forward=+z".parse().unwrap();
        let typed = Mounting::from_axes(&axes);
        for mounting in [typed, Mounting { method: Method::Auto, rest_norm_g: Some(0.981), ..typed }] {
            let kept = calibration(&mounting, Kept::Found, &wearing(), WallTime(0));
            assert_eq!(kept_acc_scale(&kept), mounting.acc_scale());
        }
        let before =
            NewCalibration { quality: "{}".to_owned(), ..calibration(&typed, Kept::Found, &wearing(), WallTime(0)) };
        assert_eq!(kept_acc_scale(&before), AccScale::default());
    }

    #[test]
    fn a_refreshed_mounting_says_so_and_by_how_much() {
        let axes: Axes = "up=+x,right=+y,forward=+z".parse().unwrap();
        let auto = Mounting { method: Method::Auto, ..Mounting::from_axes(&axes) };
        let kept = |kept| calibration(&auto, kept, &wearing(), WallTime(0));
        let refreshed = kept(Kept::Refreshed(Angle::from_degrees(4.0)));
        assert!(refreshed.method.starts_with("auto refreshed "), "{}", refreshed.method);
        let quality: Value = serde_json::from_str(&refreshed.quality).unwrap();
        assert!((quality["walking_difference_deg"].as_f64().unwrap() - 4.0).abs() < 1e-9);
        assert!(kept(Kept::Noted(Angle::from_degrees(7.0))).method.starts_with("auto noted "));
        assert!(kept(Kept::Found).method.starts_with("auto 0"));
    }
}
