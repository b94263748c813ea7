//! A sensor's error of scale: what |a| is at rest comes in, and the factor that makes it 1 g goes out.
//!
//! In:  mean |a| at rest in g, and whether the wearer stood still for it on purpose.
//! Out: [`AccScale`]: a factor for specific force, why it is what it is, and whether volume uses it too.
//! Error: one factor for three axes, so what is left is how much the axes differ from each other.
//! Source: domain.md §5 for what is plausible. Left to others: direction, to which scale does not matter.
//! Fails: a sensor with large offsets reads another |a| in each direction; then the direction it rested in
//! counts, which is upright in a calibration.

/// Mean |a| at rest within these bounds, in g, is a sensor's error; beyond them it is no rest, or another
/// unit. Source: domain.md §5, chosen there.
pub const PLAUSIBLE_G: (f64, f64) = (0.95, 1.05);

/// Why a scale is what it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ScaleOrigin {
    /// No rest was seen, so the sensor's own values stand.
    #[default]
    Unseen,
    /// The rest that was seen is beyond [`PLAUSIBLE_G`], so the sensor's own values stand.
    Implausible,
    /// Rest in ordinary movement. MAD and ENMO stay those of the source's values.
    Rest,
    /// A standing that was asked for. MAD and ENMO use it too.
    Calibration,
}

impl ScaleOrigin {
    /// All of them.
    const ALL: [Self; 4] = [Self::Unseen, Self::Implausible, Self::Rest, Self::Calibration];

    /// The word in files and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Implausible => "implausible",
            Self::Rest => "rest",
            Self::Calibration => "calibration",
        }
    }
}

/// The factor that turns a sensor's specific force into true g.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccScale {
    factor: f64,
    origin: ScaleOrigin,
}

impl Default for AccScale {
    fn default() -> Self {
        Self { factor: 1.0, origin: ScaleOrigin::Unseen }
    }
}

impl AccScale {
    /// The scale that makes this |a| at rest 1 g; `on_purpose` when the wearer was asked to stand for it.
    pub fn from_rest(norm_g: Option<f64>, on_purpose: bool) -> Self {
        let (least, most) = PLAUSIBLE_G;
        match norm_g {
            None => Self::default(),
            Some(norm_g) if (least..=most).contains(&norm_g) => {
                let origin = if on_purpose { ScaleOrigin::Calibration } else { ScaleOrigin::Rest };
                Self { factor: norm_g.recip(), origin }
            }
            Some(_) => Self { factor: 1.0, origin: ScaleOrigin::Implausible },
        }
    }

    /// The scale that was kept as a factor and the word of its origin; `None` for what no scale can be.
    pub fn from_kept(factor: f64, origin: &str) -> Option<Self> {
        let (least, most) = PLAUSIBLE_G;
        let origin = ScaleOrigin::ALL.into_iter().find(|known| known.name() == origin)?;
        (most.recip()..=least.recip()).contains(&factor).then_some(Self { factor, origin })
    }

    /// Specific force times this is in true g.
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// The same for MAD and ENMO, which others work out from the source's own values: 1 unless the wearer
    /// calibrated on purpose.
    pub fn of_volume(&self) -> f64 {
        if self.in_volume() { self.factor } else { 1.0 }
    }

    /// Whether MAD and ENMO use it.
    pub fn in_volume(&self) -> bool {
        self.origin == ScaleOrigin::Calibration
    }

    /// Why it is what it is.
    pub fn origin(&self) -> ScaleOrigin {
        self.origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sensor_that_reads_0_98_g_at_rest_is_made_to_read_1_g() {
        for (on_purpose, in_volume) in [(false, false), (true, true)] {
            let scale = AccScale::from_rest(Some(0.98), on_purpose);
            assert!((0.98 * scale.factor() - 1.0).abs() < 1e-12);
            assert_eq!((scale.in_volume(), scale.of_volume() == scale.factor()), (in_volume, in_volume));
        }
    }

    #[test]
    fn a_rest_that_is_unseen_or_implausible_changes_nothing_and_says_why() {
        for (norm_g, origin) in [
            (None, ScaleOrigin::Unseen),
            (Some(0.94), ScaleOrigin::Implausible),
            (Some(1.06), ScaleOrigin::Implausible),
            (Some(f64::NAN), ScaleOrigin::Implausible),
        ] {
            let scale = AccScale::from_rest(norm_g, true);
            assert_eq!((scale.factor(), scale.of_volume(), scale.origin()), (1.0, 1.0, origin));
        }
    }

    #[test]
    fn a_scale_that_was_kept_comes_back() {
        for norm_g in [None, Some(0.95), Some(1.05), Some(2.0)] {
            let scale = AccScale::from_rest(norm_g, true);
            assert_eq!(AccScale::from_kept(scale.factor(), scale.origin().name()), Some(scale));
        }
        assert_eq!(AccScale::from_kept(2.0, "rest"), None);
        assert_eq!(AccScale::from_kept(1.0, "guessed"), None);
    }
}
