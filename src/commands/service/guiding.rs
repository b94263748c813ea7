//! A guided calibration while the service runs. In: wishes, samples, and time. Out: a calibration when one came
//! about, and what people see of it until a little after its end.

use crate::care::Locale;
use crate::care::calibrating::{GuideView, StepName};
use crate::signal::Sample;
use crate::signal::mounting::guided::{Guided, LIMIT, Step};
use crate::signal::mounting::standing::Calibration;
use std::time::{Duration, Instant};

/// Samples come as they are taken, so the machine's clock ends a try only when they stop coming.
const TIME_UP: Duration = Duration::from_secs(LIMIT.0 as u64 + 1);
/// How a try ended is shown for so long. Chosen by us: time to come back to the screen and read it.
const SHOWN_FOR: Duration = Duration::from_secs(300);

struct Running {
    guided: Guided,
    asked_utc_ns: i64,
    begun: Instant,
}

/// At most one at a time.
#[derive(Default)]
pub(super) struct Guiding {
    running: Option<Running>,
    ended: Option<(GuideView, Instant)>,
}

impl Guiding {
    /// Begins, anew if one is under way. `asked_utc_ns` names the wish.
    pub(super) fn begin(&mut self, asked_utc_ns: i64) {
        self.ended = None;
        self.running = Some(Running { guided: Guided::default(), asked_utc_ns, begun: Instant::now() });
    }

    /// Ends the one that is under way, without changing anything.
    pub(super) fn stop(&mut self, locale: Locale) {
        if let Some(running) = self.running.take() {
            self.answer(GuideView::again(&locale.phrases().guide.stopped, running.asked_utc_ns));
        }
    }

    /// Shows how something ended.
    pub(super) fn answer(&mut self, view: GuideView) {
        self.ended = Some((view, Instant::now()));
    }

    /// Whether one is under way.
    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// There is something for people to see.
    pub(super) fn is_shown(&self) -> bool {
        self.running.is_some() || self.ended.is_some()
    }

    /// Takes the next sample; gives the calibration that it completes.
    pub(super) fn push(&mut self, sample: &Sample, locale: Locale) -> Option<Calibration> {
        self.running.as_mut()?.guided.push(sample);
        self.settle(locale)
    }

    /// Lets time pass.
    pub(super) fn look(&mut self, locale: Locale) {
        if let Some(running) = self.running.as_mut().filter(|running| running.begun.elapsed() >= TIME_UP) {
            running.guided.time_is_up();
            self.settle(locale);
        }
        self.ended.take_if(|(_, at)| at.elapsed() >= SHOWN_FOR);
    }

    fn settle(&mut self, locale: Locale) -> Option<Calibration> {
        let over = self.running.take_if(|running| running.guided.is_over())?;
        self.answer(GuideView::of(&over.guided, over.asked_utc_ns, locale));
        match over.guided.step() {
            Step::Over(Ok(calibration)) => Some(*calibration),
            _ => None,
        }
    }

    /// What people see: the one under way, or how the last one ended.
    pub(super) fn view(&self, locale: Locale) -> Option<GuideView> {
        match &self.running {
            Some(running) => Some(GuideView::of(&running.guided, running.asked_utc_ns, locale)),
            None => self.ended.as_ref().map(|(view, _)| view.clone()),
        }
    }
}

/// Why the upright of a walk was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It lies too far from what was calibrated.
    TooFar,
    /// No walk is offered.
    NoWalk,
}

/// The answer to an offer that was accepted, or could not be.
pub(super) fn accepted(taken: Result<(), Refused>, asked_utc_ns: i64, locale: Locale) -> GuideView {
    let say = &locale.phrases().guide;
    let words = match taken {
        Ok(()) => &say.accepted,
        Err(Refused::TooFar) => &say.walk_too_far,
        Err(Refused::NoWalk) => &say.no_walk,
    };
    let view = GuideView::again(words, asked_utc_ns);
    if taken.is_ok() { GuideView { step: StepName::Done, share: 1.0, ..view } } else { view }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_that_is_stopped_says_so_and_names_its_wish() {
        let mut guiding = Guiding::default();
        assert_eq!(guiding.view(Locale::En), None);
        guiding.stop(Locale::En);
        assert_eq!(guiding.view(Locale::En), None, "nothing was under way");
        guiding.begin(5);
        assert!(guiding.is_running() && guiding.view(Locale::En).is_some_and(|view| view.step == StepName::Waiting));
        guiding.stop(Locale::En);
        let view = guiding.view(Locale::En).unwrap();
        assert_eq!((view.step, view.asked_utc_ns, guiding.is_running()), (StepName::Again, 5, false));
    }
}
