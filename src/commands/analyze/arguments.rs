//! Arguments of `analyze` as they are typed: placement, axes, stretches of time, exercise sets.

use crate::frames::{Axes, Placement};
use crate::plan::catalogue;
use crate::signal::ExerciseSet;
use crate::signal::placement::PersonalBend;
use crate::units::{Angle, Time};
use std::fmt;
use std::str::FromStr;

/// Axes that were typed, or `auto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AxesChoice {
    /// Found in the recording.
    Auto,
    /// As typed.
    Given(Axes),
}

impl AxesChoice {
    pub(super) fn given(self) -> Option<Axes> {
        match self {
            Self::Auto => None,
            Self::Given(axes) => Some(axes),
        }
    }
}

impl FromStr for AxesChoice {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" { Ok(Self::Auto) } else { text.parse().map(Self::Given) }
    }
}

/// Where the sensor sat, or the wearer's own scale of bending: a placement, or `personal:DEG`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PlacementChoice {
    /// On the back, at this place.
    Site(Placement),
    /// Anywhere on the lower back; the wearer's largest comfortable bend is known.
    Personal(PersonalBend),
}

impl PlacementChoice {
    pub(super) fn placement(self) -> Placement {
        match self {
            Self::Site(placement) => placement,
            Self::Personal(_) => Placement::Unknown,
        }
    }

    pub(super) fn personal(self) -> Option<PersonalBend> {
        match self {
            Self::Site(_) => None,
            Self::Personal(personal) => Some(personal),
        }
    }
}

impl FromStr for PlacementChoice {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let Some((word, deg)) = text.split_once(':') else {
            return text.parse().map(Self::Site).map_err(|error| format!("{error}, or {PERSONAL}"));
        };
        let deg = deg.trim().parse().ok().filter(|_| word.trim().eq_ignore_ascii_case("personal"));
        let personal = deg.map(Angle::from_degrees).and_then(PersonalBend::new);
        personal.map(Self::Personal).ok_or_else(|| {
            let (least, most) = (PersonalBend::SMALLEST.degrees(), PersonalBend::LARGEST.degrees());
            format!("{text:?} is no placement; write {PERSONAL}, from {least:.0} to {most:.0}")
        })
    }
}

/// How a personal scale is typed.
const PERSONAL: &str = "personal:DEG with the tilt of the largest comfortable bend as the sensor saw it, in degrees";

/// Part of a recording, `START..END` in seconds from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: Time,
    pub(super) end: Time,
}

impl FromStr for Stretch {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let seconds = |text: &str| text.trim().parse::<f64>().ok().filter(|s| (0.0..1e9).contains(s));
        match text.split_once("..").map(|(start, end)| (seconds(start), seconds(end))) {
            Some((Some(start), Some(end))) if start < end => {
                Ok(Self { start: Time::from_seconds(start), end: Time::from_seconds(end) })
            }
            _ => Err(format!("{text:?} is no stretch of time; write START..END in seconds, such as 2..5")),
        }
    }
}

impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start.seconds(), self.end.seconds())
    }
}

/// An exercise and its stretch, `ID@START..END`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Set {
    id: &'static str,
    stretch: Stretch,
}

impl FromStr for Set {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (id, stretch) = text
            .split_once('@')
            .ok_or_else(|| format!("{text:?} is no exercise set; write ID@START..END, such as bridge@12..48"))?;
        let exercise = catalogue::find(id).ok_or_else(|| catalogue::unknown(id))?;
        Ok(Self { id: &exercise.id, stretch: stretch.parse()? })
    }
}

impl From<&Set> for ExerciseSet {
    fn from(set: &Set) -> Self {
        Self { id: set.id, start: set.stretch.start, end: set.stretch.end }
    }
}

/// A rate in Hz that can be judged.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate_hz) if (12.5..=500.0).contains(&rate_hz) => Ok(rate_hz),
        _ => Err(format!("{text:?} is no rate that can be judged; write samples a second, from 12.5 to 500")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placement_is_a_site_or_the_own_bend() {
        for (name, placement) in Placement::NAMES {
            assert_eq!(name.parse(), Ok(PlacementChoice::Site(placement)));
        }
        let own: PlacementChoice = "personal:48.5".parse().unwrap();
        assert!((own.personal().unwrap().deepest().degrees() - 48.5).abs() < 1e-9);
        assert_eq!(own.placement(), Placement::Unknown);
        for (wrong, words) in [
            ("hip", "or personal:DEG"),
            ("personal", "or personal:DEG"),
            ("personal:", "from 15 to 120"),
            ("personal:5", "from 15 to 120"),
            ("personal:nan", "from 15 to 120"),
            ("L3:48", "write personal:DEG"),
        ] {
            let error = wrong.parse::<PlacementChoice>().unwrap_err();
            assert!(error.contains(words), "{wrong}: {error}");
        }
    }

    #[test]
    fn stretches_and_sets_are_read_as_they_are_typed() {
        let set: Set = "bird-dog@12..48.5".parse().unwrap();
        assert_eq!((set.id, set.stretch.to_string().as_str()), ("bird_dog", "12..48.5"));
        for wrong in ["", "5", "5..2", "5..5", "-1..2", "a..b", "0..nan"] {
            assert!(wrong.parse::<Stretch>().is_err(), "{wrong}");
        }
        assert!("juggling@1..2".parse::<Set>().unwrap_err().contains("catalogue"));
        assert!("bridge".parse::<Set>().unwrap_err().contains("ID@START..END"));
    }
}
