//! Where samples come from, as typed: `--source`, `--axes` and `--start`.

use crate::frames::Axes;
use crate::units::WallTime;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where samples come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A Bluetooth sensor.
    Ble,
    /// A recording, played again.
    Replay(PathBuf),
    /// A made-up worn day from this seed.
    Simulate(u64),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "ble" => Ok(Self::Ble),
            Some(("replay", file)) if !file.is_empty() => Ok(Self::Replay(file.into())),
            Some(("simulate", seed)) => {
                seed.parse().map(Self::Simulate).map_err(|_| format!("the seed {seed:?} is no whole number"))
            }
            _ => Err(format!("{text:?} is no source; write ble, replay:FILE or simulate:SEED")),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ble => f.write_str("ble"),
            Self::Replay(file) => write!(f, "replay:{}", file.display()),
            Self::Simulate(seed) => write!(f, "simulate:{seed}"),
        }
    }
}

/// `--axes`: typed, or `auto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AxesArg(Option<Axes>);

impl AxesArg {
    /// The axes that were typed; `None` for `auto`.
    pub(super) fn given(&self) -> Option<&Axes> {
        self.0.as_ref()
    }
}

impl FromStr for AxesArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" { Ok(Self(None)) } else { text.parse().map(|axes| Self(Some(axes))) }
    }
}

/// `--start`: a moment in UTC, with an offset, or in the local time of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StartArg(pub WallTime);

impl FromStr for StartArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let instant = text.parse::<jiff::Timestamp>().or_else(|_| {
            let local: DateTime = text.parse()?;
            Ok::<_, jiff::Error>(local.to_zoned(TimeZone::system())?.timestamp())
        });
        let nanoseconds = instant.ok().and_then(|instant| i64::try_from(instant.as_nanosecond()).ok());
        nanoseconds
            .map(|nanoseconds| Self(WallTime(nanoseconds)))
            .ok_or_else(|| format!("{text:?} is no time; write 2026-05-04T08:00, or 2026-05-04T06:00:00Z for UTC"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_may_be_utc_or_carry_an_offset() {
        let utc: StartArg = "2026-05-04T06:00:00Z".parse().unwrap();
        assert_eq!("2026-05-04T08:00:00+02:00".parse(), Ok(utc));
        assert!("yesterday".parse::<StartArg>().is_err());
    }

    #[test]
    fn axes_are_typed_or_auto() {
        assert_eq!("auto".parse::<AxesArg>().unwrap().given(), None);
        assert!("up=+x,right=+y,forward=+z".parse::<AxesArg>().unwrap().given().is_some());
        assert!("up=+x".parse::<AxesArg>().is_err());
    }

    #[test]
    fn sources_are_read_as_they_are_typed() {
        for text in ["ble", "replay:walk.csv.gz", "simulate:7"] {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), text);
        }
        for wrong in ["", "replay:", "simulate:x", "usb", "ble:1"] {
            assert!(wrong.parse::<Source>().is_err(), "{wrong}");
        }
    }
}
