//! Finds long stretches of hardly any movement while worn and not lying.
//!
//! In:  epochs as they are completed. Out: a still bout when it is over.
//! Source: domain.md §7: no walking and MAD under 20 mg for 30 min or more; MAD is taken over a minute,
//! so that shifting in a chair once does not end it.

use super::{Epoch, Event, Flags, Kind, Posture};
use crate::units::{Seconds, Time};

/// What counts as a still bout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StillParams {
    /// MAD below which a body is still, mg. Source: domain.md §7.
    pub mad_mg: f64,
    /// Shortest bout. Source: domain.md §7.
    pub shortest: Seconds,
    /// Time over which MAD is taken. Chosen by us.
    pub smooth: Seconds,
}

impl Default for StillParams {
    fn default() -> Self {
        Self { mad_mg: 20.0, shortest: Seconds(1800.0), smooth: Seconds(60.0) }
    }
}

/// What epochs change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct StillState {
    open: Option<(Time, Time)>,
    mad_mg: f64,
}

impl StillState {
    /// Takes one epoch; returns the bout that it ends.
    pub(super) fn epoch(&mut self, params: &StillParams, epoch: &Epoch, now: Time) -> Option<Event> {
        let end = epoch.start + epoch.duration;
        if self.open.is_some_and(|(_, open)| open != epoch.start) {
            let ended = self.cut(params, now, Flags::TRUNCATED);
            // What follows a gap begins anew, and can have ended nothing by itself yet.
            let after = self.epoch(params, epoch, now);
            return ended.or(after);
        }
        let share = (epoch.duration.0 / params.smooth.0).min(1.0);
        let upright = !matches!(epoch.posture, Posture::NotWorn | Posture::Lying | Posture::Walking);
        if let Some(mad_mg) = epoch.mad_mg.filter(|_| upright && epoch.steps == 0) {
            let before = if self.open.is_some() { self.mad_mg } else { mad_mg };
            self.mad_mg = before + share * (mad_mg - before);
            if self.mad_mg < params.mad_mg {
                let (start, _) = self.open.unwrap_or((epoch.start, end));
                self.open = Some((start, end));
                return None;
            }
        }
        self.cut(params, now, Flags::default())
    }

    /// Ends at a gap or at the end of the recording.
    pub(super) fn cut(&mut self, params: &StillParams, now: Time, flags: Flags) -> Option<Event> {
        let (start, end) = self.open.take().filter(|(start, end)| end.since(*start) >= params.shortest)?;
        let mut event = Event::new(Kind::StillBout, start, end, now);
        event.flags = flags;
        Some(event)
    }
}
