//! The whole chain in one place: a sample goes in, and whatever it completes comes out.

use super::attitude::{Attitude, AttitudeParams, AttitudeState};
use super::placement::trunk_equivalent;
use super::{Input, Output, Posture, Sample, Tick};
use crate::frames::{Placement, Quat, forward_tilt, side_bend};
use crate::units::{Seconds, Time};

/// What a recording is judged with.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The rotation that a calibration, typed axes or `auto` gave; `None` while nothing is known.
    pub body_from_sensor: Option<Quat>,
    /// Where on the back the sensor sits.
    pub placement: Placement,
    /// Length of an epoch, 5 s unless chosen otherwise.
    pub epoch: Seconds,
}

impl Default for Setup {
    fn default() -> Self {
        Self { body_from_sensor: None, placement: Placement::Unknown, epoch: Seconds(5.0) }
    }
}

/// Judges one recording, sample by sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    setup: Setup,
    attitude: Attitude,
    state: AttitudeState,
    newest: Option<Time>,
}

impl Monitor {
    /// Makes ready for a new recording.
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            attitude: Attitude::new(AttitudeParams::default()),
            state: AttitudeState::default(),
            newest: None,
        }
    }

    /// Takes the next input and hands every judgement it completes to `emit`.
    pub fn push(&mut self, input: Input, emit: &mut impl FnMut(Output)) {
        let Input::Sample(Sample { t, acc, gyr }) = input else {
            return;
        };
        let dt = self.newest.map_or(Seconds(0.0), |before| t.since(before));
        self.newest = Some(t);
        self.attitude.step(&mut self.state, dt, &acc, gyr.as_ref());
        emit(Output::Tick(self.now()));
    }

    /// Ends the recording: what is still open is given out as truncated.
    pub fn finish(&mut self, emit: &mut impl FnMut(Output)) {
        let _ = emit;
    }

    /// The judgement after the newest sample.
    pub fn now(&self) -> Tick {
        let up_body = self.setup.body_from_sensor.map(|body_from_sensor| body_from_sensor * self.state.up_sensor());
        let tilt = up_body.as_ref().map(forward_tilt);
        let tea = tilt.map(|tilt| trunk_equivalent(self.setup.placement, tilt));
        Tick {
            t: self.newest.unwrap_or_default(),
            earth_from_sensor: self.state.earth_from_sensor(),
            tilt,
            side: up_body.as_ref().map(side_bend),
            tea: tea.map(|tea| tea.angle),
            beyond_table: tea.is_some_and(|tea| tea.beyond_table),
            posture: Posture::Unknown,
            bending: false,
            valid: true,
            sitting: None,
        }
    }
}
