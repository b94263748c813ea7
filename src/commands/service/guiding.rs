//! A guided calibration while the service runs. In: wishes, samples, and time. Out: a calibration when one came
//! about, and what people see of it until a little after its end.

use crate::care::calibrating::{GuideView, STOPPED, StepName};
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
    pub(super) fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            self.answer(GuideView::again(STOPPED.to_owned(), running.asked_utc_ns));
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
    pub(super) fn push(&mut self, sample: &Sample) -> Option<Calibration> {
        self.running.as_mut()?.guided.push(sample);
        self.settle()
    }

    /// Lets time pass.
    pub(super) fn look(&mut self) {
        if let Some(running) = self.running.as_mut().filter(|running| running.begun.elapsed() >= TIME_UP) {
            running.guided.time_is_up();
            self.settle();
        }
        self.ended.take_if(|(_, at)| at.elapsed() >= SHOWN_FOR);
    }

    fn settle(&mut self) -> Option<Calibration> {
        let over = self.running.take_if(|running| running.guided.is_over())?;
        self.answer(GuideView::of(&over.guided, over.asked_utc_ns));
        match over.guided.step() {
            Step::Over(Ok(calibration)) => Some(*calibration),
            _ => None,
        }
    }

    /// What people see: the one under way, or how the last one ended.
    pub(super) fn view(&self) -> Option<GuideView> {
        match &self.running {
            Some(running) => Some(GuideView::of(&running.guided, running.asked_utc_ns)),
            None => self.ended.as_ref().map(|(view, _)| view.clone()),
        }
    }
}

/// The answer to an offer that was accepted, or could not be.
pub(super) fn accepted(taken: Result<(), &'static str>, asked_utc_ns: i64) -> GuideView {
    match taken {
        Ok(()) => GuideView {
            step: StepName::Done,
            share: 1.0,
            ..GuideView::again("Taken. The upright of your walk counts from now on.".to_owned(), asked_utc_ns)
        },
        Err(why) => GuideView::again(why.to_owned(), asked_utc_ns),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_that_is_stopped_says_so_and_names_its_wish() {
        let mut guiding = Guiding::default();
        assert_eq!(guiding.view(), None);
        guiding.stop();
        assert_eq!(guiding.view(), None, "nothing was under way");
        guiding.begin(5);
        assert!(guiding.is_running() && guiding.view().is_some_and(|view| view.step == StepName::Waiting));
        guiding.stop();
        let view = guiding.view().unwrap();
        assert_eq!((view.step, view.asked_utc_ns, guiding.is_running()), (StepName::Again, 5, false));
    }
}
