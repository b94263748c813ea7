//! One guided calibration from being asked for to its outcome, within its time limit.
//!
//! In:  samples in sensor axes from the moment it was asked for. Out: what is to be done now and how far it
//!      has come; at the end a [`Calibration`], or the reason why there is none.
//! Left to others: words and pictures for the wearer, and a clock for the case that no sample comes at all.

use super::rejection::Rejection;
use super::standing::{Calibration, Progress, Stage, StandingCalibration, StandingParams};
use crate::signal::Sample;
use crate::units::{Seconds, Time};

/// It takes this long at the most. Source: DESIGN §6. Standing takes 3 s of it, walking 20 s, and two
/// comfortable bends about 10 s.
pub const LIMIT: Seconds = Seconds(30.0);

/// Where a guided calibration is.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// No sample has come yet.
    Waiting,
    /// The wearer is to stand still.
    Stand,
    /// The wearer is to bend comfortably, or to walk.
    Move,
    /// It is over.
    Over(Result<Calibration, Rejection>),
}

/// One guided calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct Guided {
    calibration: StandingCalibration,
    began: Option<Time>,
    newest: Time,
    step: Step,
}

impl Default for Guided {
    fn default() -> Self {
        Self::new(StandingParams::default())
    }
}

impl Guided {
    /// The wearer is asked to begin.
    pub fn new(params: StandingParams) -> Self {
        Self { calibration: StandingCalibration::new(params), began: None, newest: Time::START, step: Step::Waiting }
    }

    /// Takes the next sample. After its end it takes no more.
    pub fn push(&mut self, sample: &Sample) {
        if self.is_over() {
            return;
        }
        let began = *self.began.get_or_insert(sample.t);
        self.newest = sample.t;
        let stage = self.calibration.push(sample);
        self.step = match stage {
            Stage::Enough => Step::Over(self.calibration.finish()),
            _ if sample.t.since(began).0 >= LIMIT.0 => Step::Over(self.calibration.finish()),
            Stage::Stand => Step::Stand,
            Stage::Move => Step::Move,
        };
    }

    /// Ends it with what there is: the time is up by another clock, since samples do not come any more.
    pub fn time_is_up(&mut self) {
        if !self.is_over() {
            self.step = Step::Over(self.calibration.finish());
        }
    }

    /// Where it is.
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// Whether it has come to an end.
    pub fn is_over(&self) -> bool {
        matches!(self.step, Step::Over(_))
    }

    /// Not one sample has come.
    pub fn is_unheard(&self) -> bool {
        self.began.is_none()
    }

    /// What is left of the time.
    pub fn left(&self) -> Seconds {
        let gone = self.began.map_or(0.0, |began| self.newest.since(began).0);
        Seconds((LIMIT.0 - gone).max(0.0))
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        self.calibration.progress()
    }

    /// What was asked of it.
    pub fn params(&self) -> &StandingParams {
        self.calibration.params()
    }

    /// What has kept the standing from being taken, as far as it was looked at.
    pub fn objection(&self) -> Option<Rejection> {
        let looked = self.step == Step::Stand;
        self.calibration.finish().err().filter(|rejection| looked && *rejection != Rejection::TooShort)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::Vec3;

    /// Samples at 50 Hz of a sensor whose x is up, leaning forward by `lean(t)` radians.
    fn run(guided: &mut Guided, seconds: f64, lean: impl Fn(f64) -> f64) {
        let hz = 50.0;
        for i in 0..(seconds * hz) as u32 {
            let t = f64::from(i) / hz;
            let rate = (lean(t + 0.5 / hz) - lean(t - 0.5 / hz)) * hz;
            let acc = Vec3::new(lean(t).cos(), 0.0, -lean(t).sin());
            guided.push(&Sample { t: Time::from_seconds(t), acc, gyr: Some(Vec3::new(0.0, -rate, 0.0)) });
        }
    }

    #[test]
    fn it_asks_to_stand_then_to_move_and_is_over_with_the_second_bend() {
        let mut guided = Guided::default();
        assert_eq!((guided.step(), guided.left()), (&Step::Waiting, LIMIT));
        run(&mut guided, 2.0, |_| 0.0);
        assert_eq!((guided.step(), guided.progress().stood), (&Step::Stand, Seconds(1.0)));
        let mut guided = Guided::default();
        run(&mut guided, 4.0, |_| 0.0);
        assert_eq!(guided.step(), &Step::Move);
        let mut guided = Guided::default();
        run(&mut guided, 16.0, |t| if t < 4.0 { 0.0 } else { 0.5 * ((t - 4.0) * 1.2).sin().max(0.0) });
        let Step::Over(Ok(calibration)) = guided.step() else { panic!("{:?}", guided.step()) };
        assert_eq!(calibration.quality.bends, 2);
        assert!(guided.left().0 > 15.0, "{:?}", guided.left());
    }

    #[test]
    fn it_ends_within_its_limit_and_says_what_was_missing() {
        let mut guided = Guided::default();
        run(&mut guided, 40.0, |_| 0.0);
        assert!(matches!(guided.step(), Step::Over(Err(Rejection::TooLittle { bends: 0, .. }))), "{:?}", guided.step());
        assert_eq!(guided.left(), Seconds(0.0));
        let mut unheard = Guided::default();
        unheard.time_is_up();
        assert_eq!(unheard.step(), &Step::Over(Err(Rejection::TooShort)));
    }

    #[test]
    fn restless_standing_is_told_while_there_is_still_time() {
        let mut guided = Guided::default();
        run(&mut guided, 6.0, |t| 0.2 * (t * 9.0).sin());
        assert!(matches!(guided.objection(), Some(Rejection::Turning { .. } | Rejection::Unsteady { .. })));
        assert_eq!(guided.step(), &Step::Stand);
    }
}
