//! Arguments of `analyze` as they are typed: axes, stretches of time, exercise sets.

use crate::frames::Axes;
use crate::plan::catalogue;
use crate::signal::ExerciseSet;
use crate::units::Time;
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
