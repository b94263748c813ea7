//! Where samples come from, as typed: `--source ble`, `replay:FILE` or `simulate:SEED`, and `--speed`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where samples come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
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

#[cfg(test)]
mod tests {
    use super::*;

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
