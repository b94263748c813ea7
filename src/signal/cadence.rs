//! Names how brisk a minute of steps was.
//!
//! In:  steps of one minute. Out: its band, and whether it reaches moderate or vigorous intensity.
//! Error: exact; the borders are asserted below.
//! Source: domain.md §7; the bands are those of Tudor-Locke and Rowe 2012 as recalled there, not confirmed; the
//! intensities are CADENCE-Adults. Differs: none. Fails: minutes count from the start of the recording, so a walk that
//! begins within a minute shares it with standing, as in every count by the minute.

/// Steps a minute at which walking is of moderate intensity. Source: domain.md §7, CADENCE-Adults.
pub const MODERATE_SPM: u32 = 100;
/// Steps a minute at which it is vigorous. Source: as above.
pub const VIGOROUS_SPM: u32 = 130;

/// How brisk a minute with steps in it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CadenceBand {
    /// 1 to 19 steps.
    Incidental,
    /// 20 to 39.
    Sporadic,
    /// 40 to 59.
    Purposeful,
    /// 60 to 79.
    Slow,
    /// 80 to 99.
    Medium,
    /// 100 to 119.
    Brisk,
    /// 120 and more.
    Faster,
}

impl CadenceBand {
    /// All bands, slowest first.
    pub const ALL: [Self; 7] =
        [Self::Incidental, Self::Sporadic, Self::Purposeful, Self::Slow, Self::Medium, Self::Brisk, Self::Faster];
    /// Steps from one band to the next; the last has no end.
    const WIDTH: u32 = 20;

    /// The band of a minute with so many steps; `None` without any.
    pub fn of(steps: u32) -> Option<Self> {
        let band = ((steps / Self::WIDTH) as usize).min(Self::ALL.len() - 1);
        (steps > 0).then_some(Self::ALL[band])
    }

    /// The word in keys and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Incidental => "incidental",
            Self::Sporadic => "sporadic",
            Self::Purposeful => "purposeful",
            Self::Slow => "slow",
            Self::Medium => "medium",
            Self::Brisk => "brisk",
            Self::Faster => "faster",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_lies_in_the_band_of_its_steps() {
        let borders = [1, 19, 20, 39, 40, 59, 60, 79, 80, 99, 100, 119, 120, 119 + 100];
        let bands = borders.map(|steps| CadenceBand::of(steps).unwrap());
        let want: Vec<CadenceBand> = CadenceBand::ALL.into_iter().flat_map(|band| [band, band]).collect();
        assert_eq!(bands.to_vec(), want);
        assert_eq!(CadenceBand::of(0), None);
    }

    #[test]
    fn moderate_begins_where_brisk_does() {
        assert_eq!(CadenceBand::of(MODERATE_SPM), Some(CadenceBand::Brisk));
        assert_eq!(CadenceBand::of(MODERATE_SPM - 1), Some(CadenceBand::Medium));
        assert_eq!(CadenceBand::of(VIGOROUS_SPM), Some(CadenceBand::Faster));
    }
}
