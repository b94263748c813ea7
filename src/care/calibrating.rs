//! What the wearer sees and reads during a guided calibration. In: the calibration and where it stands. Out: one
//! sentence for now, a share for the countdown, and at the end figures of quality, or what to do on a new try.

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
    pub fn words(&self) -> String {
        let moved = match (self.deepest_deg, self.one_axis) {
            (Some(deepest), Some(share)) => {
                format!(
                    "{} bends, the deepest {deepest:.0}°, {:.0} % of it straight forward",
                    self.bends,
                    share * 100.0
                )
            }
            (Some(deepest), None) => format!("{} bends, the deepest {deepest:.0}°", self.bends),
            (None, _) => format!("{:.0} s of walking", self.walked_s),
        };
        format!("Standing steady to {:.1} mg at {:.3} g; {moved}.", self.standing_mg, self.standing_g)
    }
}

impl GuideView {
    /// As it is now.
    pub fn of(guided: &Guided, asked_utc_ns: i64) -> Self {
        let (progress, params) = (guided.progress(), guided.params());
        let (step, words, share) = match guided.step() {
            Step::Waiting => (StepName::Waiting, "Waiting for the sensor.".to_owned(), 0.0),
            Step::Stand => {
                let words = match guided.objection() {
                    None => "Stand upright and still, arms at your sides.",
                    Some(Rejection::Scale { .. }) => {
                        "The sensor does not read 1 g at rest. Stand still a moment longer."
                    }
                    Some(_) => "Not quite still yet. Stand upright and relaxed, arms at your sides.",
                };
                (StepName::Stand, words.to_owned(), progress.stood.0 / STAND_FOR.0)
            }
            Step::Move => {
                let bends = f64::from(progress.bends) / f64::from(params.bends.max(1));
                let walked = progress.walked.0 / params.walking.0;
                let words = match progress.bends {
                    0 => "Bend forward as far as is comfortable and come up again. Twice. Or walk for 20 seconds.",
                    _ => "Thank you. Bend forward comfortably once more, and come up.",
                };
                (StepName::Move, words.to_owned(), bends.max(walked).min(1.0))
            }
            Step::Over(Ok(calibration)) => return Self::done(calibration, params, asked_utc_ns),
            Step::Over(Err(_)) if guided.is_unheard() => return Self::again(NOTHING_CAME.to_owned(), asked_utc_ns),
            Step::Over(Err(rejection)) => return Self::again(again_words(rejection).to_owned(), asked_utc_ns),
        };
        Self { asked_utc_ns, step, words, left_s: guided.left().0, share: share.clamp(0.0, 1.0), quality: None }
    }

    fn done(calibration: &Calibration, params: &StandingParams, asked_utc_ns: i64) -> Self {
        let quality = QualityFigures::of(calibration, params);
        let words = if quality.good {
            "Calibrated, and well. It holds until the sensor is put on anew."
        } else {
            "Calibrated. It will do; standing stiller and bending straighter would make it finer."
        };
        Self {
            asked_utc_ns,
            step: StepName::Done,
            words: words.to_owned(),
            left_s: 0.0,
            share: 1.0,
            quality: Some(quality),
        }
    }

    /// It did not work; these words say why and what to do.
    pub fn again(words: String, asked_utc_ns: i64) -> Self {
        Self { asked_utc_ns, step: StepName::Again, words, left_s: 0.0, share: 0.0, quality: None }
    }
}

/// What a try says that heard nothing.
const NOTHING_CAME: &str = "Nothing came from the sensor. Is it in reach and on? Then try again.";
/// What a try says that was ended by the wearer.
pub const STOPPED: &str = "Stopped; nothing was changed. Begin again when you like.";

/// Why it did not work, for the wearer: what was seen, and the one thing to do on the next try.
fn again_words(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::TooShort => "There was too little standing. Stand still for 3 seconds, then bend.",
        Rejection::Unsteady { .. } => "You were not still long enough. Feet apart, arms down, then try again.",
        Rejection::Turning { .. } => "The sensor turned while you stood. Check that it sits snugly, and try again.",
        Rejection::Scale { .. } => "The sensor does not read 1 g at rest. Check its range setting.",
        Rejection::TooLittle { .. } => "Standing was fine. Then two comfortable bends, or 20 s of walking, are needed.",
        Rejection::ManyAxes { .. } => "The bends went to several sides. Bend straight forward, without turning.",
        Rejection::Upright { .. } => "That was a turn, not a bend. Bend straight forward as far as is comfortable.",
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
        let words = rejections.iter().map(again_words).chain([NOTHING_CAME, STOPPED]);
        let words: Vec<&str> = words.collect();
        for (i, text) in words.iter().enumerate() {
            assert_eq!(short_message_objection(text), None, "{text}");
            assert!(!words[..i].contains(text), "{text} is said of two things");
        }
    }

    #[test]
    fn a_try_without_samples_says_that_nothing_came() {
        let mut guided = Guided::default();
        assert_eq!(GuideView::of(&guided, 7).step, StepName::Waiting);
        guided.time_is_up();
        let view = GuideView::of(&guided, 7);
        assert_eq!((view.step, view.words.as_str(), view.asked_utc_ns), (StepName::Again, NOTHING_CAME, 7));
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
            figures.words(),
            "Standing steady to 4.3 mg at 0.991 g; 2 bends, the deepest 34°, 97 % of it straight forward."
        );
        assert_eq!(crate::care::words::objection(&figures.words()), None);
        let walked = QualityFigures { deepest_deg: None, bends: 0, walked_s: 21.0, ..figures };
        assert!(walked.words().ends_with("; 21 s of walking."), "{}", walked.words());
    }
}
