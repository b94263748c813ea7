//! What the wearer sees and reads during a guided calibration. In: the calibration and where it stands. Out: one
//! sentence for now, a share for the countdown, and at the end figures of quality, or what to do on a new try.

use super::Locale;
use super::phrases::Phrase;
use crate::signal::mounting::Rejection;
use crate::signal::mounting::guided::{Guided, Step};
use crate::signal::mounting::standing::{Calibration, STAND_FOR, StandingParams};
use serde::{Deserialize, Serialize};

/// Standing this far below its limit, and turning this far above its own, is good rather than enough.
/// Chosen by us: half of what domain.md §5 lets pass.
const GOOD_SHARE: f64 = 0.5;

/// Which step it is, as a word for page and programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// Nothing has come from the sensor yet.
    Waiting,
    /// Standing still.
    Stand,
    /// Bending comfortably, or walking.
    Move,
    /// It worked.
    Done,
    /// It did not, and the words say why.
    Again,
}

impl StepName {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Stand => "stand",
            Self::Move => "move",
            Self::Done => "done",
            Self::Again => "again",
        }
    }

    /// Nothing more will come.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Again)
    }
}

/// A guided calibration as people see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GuideView {
    /// The wish it answers: when it was asked for, ns since 1970-01-01 UTC.
    pub asked_utc_ns: i64,
    /// Where it is.
    pub step: StepName,
    /// What to do now, or how it ended.
    pub words: String,
    /// What is left of its time, in seconds.
    pub left_s: f64,
    /// How much of this step is done, 0 to 1.
    pub share: f64,
    /// Figures to judge it by.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quality: Option<QualityFigures>,
}

/// How good a calibration is, in figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityFigures {
    /// Better than it must be.
    pub good: bool,
    /// Standard deviation of |a| while standing, in mg.
    pub standing_mg: f64,
    /// Bends seen.
    pub bends: u32,
    /// Largest tilt of them, in degrees.
    pub deepest_deg: Option<f64>,
    /// Share of the turning about one axis, with a gyroscope.
    pub one_axis: Option<f64>,
    /// Walking seen, in seconds.
    pub walked_s: f64,
    /// Mean |a| while standing, in g.
    pub standing_g: f64,
}

impl QualityFigures {
    /// From a calibration that was asked for with these limits.
    pub fn of(calibration: &Calibration, params: &StandingParams) -> Self {
        let quality = &calibration.quality;
        let steady = quality.standing_deviation_g <= params.steady_g * GOOD_SHARE;
        let beyond = params.one_axis + (1.0 - params.one_axis) * GOOD_SHARE;
        Self {
            good: steady && calibration.mounting.forward_confidence >= beyond,
            standing_mg: quality.standing_deviation_g * 1e3,
            bends: quality.bends,
            deepest_deg: (quality.bends > 0).then(|| quality.deepest.degrees()),
            one_axis: quality.one_axis,
            walked_s: quality.walked.0,
            standing_g: quality.standing_norm_g,
        }
    }

    /// The figures in a sentence.
    pub fn words(&self, locale: Locale) -> String {
        let say = &locale.phrases().guide;
        let whole = |value: f64| format!("{value:.0}");
        let bends = self.bends;
        let moved = match (self.deepest_deg.map(whole), self.one_axis) {
            (Some(deepest), Some(share)) => say.quality_straight.fill(&[
                ("bends", &bends),
                ("degrees", &deepest),
                ("percent", &whole(share * 100.0)),
            ]),
            (Some(deepest), None) => say.quality_bends.fill(&[("bends", &bends), ("degrees", &deepest)]),
            (None, _) => say.quality_walk.fill(&[("seconds", &whole(self.walked_s))]),
        };
        let (mg, g) = (locale.decimal(self.standing_mg, 1), locale.decimal(self.standing_g, 3));
        say.quality.fill(&[("mg", &mg), ("g", &g), ("moved", &moved)])
    }
}

impl GuideView {
    /// As it is now.
    pub fn of(guided: &Guided, asked_utc_ns: i64, locale: Locale) -> Self {
        let (progress, params) = (guided.progress(), guided.params());
        let say = &locale.phrases().guide;
        let (step, words, share) = match guided.step() {
            Step::Waiting => (StepName::Waiting, &say.waiting, 0.0),
            Step::Stand => {
                let words = match guided.objection() {
                    None => &say.stand,
                    Some(Rejection::Scale { .. }) => &say.stand_scale,
                    Some(_) => &say.stand_again,
                };
                (StepName::Stand, words, progress.stood.0 / STAND_FOR.0)
            }
            Step::Move => {
                let bends = f64::from(progress.bends) / f64::from(params.bends.max(1));
                let walked = progress.walked.0 / params.walking.0;
                let words = if progress.bends == 0 { &say.r#move } else { &say.move_again };
                (StepName::Move, words, bends.max(walked).min(1.0))
            }
            Step::Over(Ok(calibration)) => return Self::done(calibration, params, asked_utc_ns, locale),
            Step::Over(Err(_)) if guided.is_unheard() => return Self::again(&say.unheard, asked_utc_ns),
            Step::Over(Err(rejection)) => return Self::again(again_words(rejection, locale), asked_utc_ns),
        };
        let words = words.to_string();
        Self { asked_utc_ns, step, words, left_s: guided.left().0, share: share.clamp(0.0, 1.0), quality: None }
    }

    fn done(calibration: &Calibration, params: &StandingParams, asked_utc_ns: i64, locale: Locale) -> Self {
        let quality = QualityFigures::of(calibration, params);
        let say = &locale.phrases().guide;
        let words = if quality.good { &say.done_well } else { &say.done };
        Self {
            asked_utc_ns,
            step: StepName::Done,
            words: words.to_string(),
            left_s: 0.0,
            share: 1.0,
            quality: Some(quality),
        }
    }

    /// It did not work; these words say why and what to do.
    pub fn again(words: &str, asked_utc_ns: i64) -> Self {
        Self { asked_utc_ns, step: StepName::Again, words: words.to_owned(), left_s: 0.0, share: 0.0, quality: None }
    }
}

/// Why it did not work, for the wearer: what was seen, and the one thing to do on the next try.
fn again_words(rejection: &Rejection, locale: Locale) -> &'static Phrase {
    let say = &locale.phrases().guide;
    match rejection {
        Rejection::TooShort => &say.too_short,
        Rejection::Unsteady { .. } => &say.unsteady,
        Rejection::Turning { .. } => &say.turning,
        Rejection::Scale { .. } => &say.scale,
        Rejection::TooLittle { .. } => &say.too_little,
        Rejection::ManyAxes { .. } => &say.many_axes,
        Rejection::Upright { .. } => &say.upright,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::words::short_message_objection;
    use crate::units::{Angle, AngularRate, Seconds};

    #[test]
    fn every_way_to_end_without_one_is_told_in_one_short_message() {
        let rate = AngularRate::from_degrees_per_second(4.0);
        let rejections = [
            Rejection::TooShort,
            Rejection::Unsteady { deviation_g: 0.1 },
            Rejection::Turning { rate },
            Rejection::Scale { norm_g: 0.8 },
            Rejection::TooLittle { bends: 1, walked: Seconds(0.0) },
            Rejection::ManyAxes { share: 0.5 },
            Rejection::Upright { from_vertical: Angle::from_degrees(20.0) },
        ];
        for locale in Locale::ALL {
            let say = &locale.phrases().guide;
            let words = rejections.iter().map(|rejection| again_words(rejection, locale));
            let words: Vec<&Phrase> = words.chain([&say.unheard, &say.stopped]).collect();
            for (i, text) in words.iter().enumerate() {
                assert_eq!(short_message_objection(locale, text), None, "{text}");
                assert!(!words[..i].contains(text), "{text} is said of two things");
            }
        }
    }

    #[test]
    fn a_try_without_samples_says_that_nothing_came() {
        let mut guided = Guided::default();
        assert_eq!(GuideView::of(&guided, 7, Locale::En).step, StepName::Waiting);
        guided.time_is_up();
        let view = GuideView::of(&guided, 7, Locale::En);
        assert_eq!((view.step, view.asked_utc_ns), (StepName::Again, 7));
        assert!(view.words.starts_with("Nothing came from the sensor."), "{}", view.words);
    }

    #[test]
    fn quality_is_told_in_figures() {
        let figures = QualityFigures {
            good: true,
            standing_mg: 4.26,
            bends: 2,
            deepest_deg: Some(33.6),
            one_axis: Some(0.968),
            walked_s: 0.0,
            standing_g: 0.9912,
        };
        assert_eq!(
            figures.words(Locale::En),
            "Standing steady to 4.3 mg at 0.991 g. Moved: 2 bends, up to 34°, 97 % straight forward."
        );
        let german = figures.words(Locale::De);
        assert!(german.contains("4,3 mg") && german.contains("0,991 g"), "{german}");
        let walked = QualityFigures { deepest_deg: None, bends: 0, walked_s: 21.0, ..figures };
        let words = walked.words(Locale::En);
        assert!(words.ends_with("Moved: 21 s of walking."), "{words}");
    }
}
