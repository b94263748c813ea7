//! What would have been said: a recording's outputs come in, `signal` events come out, as if an episode
//! were on, the calibration fresh and the placement known. For `analyze --acute`.
//!
//! Only signals that would have been sent come out; nobody is told anything.

use super::arming::Context;
use super::calibration::Freshness;
use super::params::WarningParams;
use super::signal::{Outcome, Verdict};
use super::warner::Warner;
use crate::frames::Placement;
use crate::signal::{BendDetail, Event, Kind, Output, Style};
use crate::units::{Seconds, WallTime};
use jiff::tz::TimeZone;

/// Runs the warning rules over one recording that is not live.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    warner: Warner,
    context: Context,
}

impl Default for Rehearsal {
    fn default() -> Self {
        Self::new(WarningParams::default())
    }
}

impl Rehearsal {
    /// Makes ready for one recording.
    pub fn new(params: WarningParams) -> Self {
        Self { warner: Warner::new(params), context: Self::context() }
    }

    /// Everything as it must be for signals to be given, at the start of an unknown day.
    pub fn context() -> Context {
        Context {
            acute: true,
            red_flag: false,
            calibration: Freshness::Fresh,
            placement: Placement::L3,
            exercise: false,
            calibrating: false,
            snoozed_until: None,
            quiet: None,
            zone: TimeZone::UTC,
            start: WallTime::default(),
            sample_age: Some(Seconds(0.0)),
        }
    }

    /// Tells whether a set of an exercise is open: signals rest meanwhile.
    pub fn exercise(&mut self, running: bool) {
        self.context.exercise = running;
    }

    /// Takes the next output of the monitor, in the order in which it is given, and hands on the
    /// `signal` event it leads to, if any.
    pub fn push(&mut self, output: &Output, emit: &mut impl FnMut(Event)) {
        match output {
            Output::Tick(tick) => {
                self.warner.push_tick(tick, &self.context, &mut |verdict| emit_sent(&verdict, emit));
            }
            Output::Event(event) => self.warner.push_event(event, &self.context),
            Output::Step(_) | Output::Posture(_) | Output::Epoch(_) => {}
        }
    }
}

fn emit_sent(verdict: &Verdict, emit: &mut impl FnMut(Event)) {
    if verdict.outcome == Outcome::Sent {
        emit(event(verdict));
    }
}

/// A verdict as a `signal` event: a moment, with the rule as its style and the angle that stood then.
pub fn event(verdict: &Verdict) -> Event {
    let signal = &verdict.signal;
    Event {
        bend: Some(BendDetail { peak_tea: signal.tea, ..BendDetail::default() }),
        style: Some(Style::Warning(signal.rule)),
        ..Event::new(Kind::Signal, signal.at, signal.at, signal.at)
    }
}
