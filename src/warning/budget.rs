//! How often one may speak: moments of signals come in, a yes or the reason for a no comes out.
//!
//! Two limits of domain.md §6: 20 s between signals of different bends, 8 signals an hour. Kept in wall
//! time, so that they outlive a recording; a clock set back shortens nothing and lasts no longer than
//! the limit itself.

use super::arming::Reason;
use super::params::WarningParams;
use crate::units::{Seconds, WallTime};
use std::collections::VecDeque;

/// The limits, ready for use.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    spacing: Seconds,
    signals: usize,
    within: Seconds,
}

/// What has been said of late.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetState {
    /// Moments of the newest signals sent, oldest first; never more than the budget allows.
    sent: VecDeque<WallTime>,
    /// The bend of the newest signal.
    newest_bend: Option<u64>,
    /// The summary line of this stretch has been given.
    summed_up: bool,
}

fn elapsed(from: WallTime, to: WallTime) -> Seconds {
    Seconds((to.0 - from.0) as f64 / 1e9)
}

impl Budget {
    /// The limits of `params`.
    pub fn new(params: &WarningParams) -> Self {
        Self { spacing: params.spacing, signals: params.budget as usize, within: params.budget_within }
    }

    /// Whether a signal about `bend` may be sent at `now`; `bend` is `None` when it is about several.
    pub fn allows(&self, state: &BudgetState, now: WallTime, bend: Option<u64>) -> Result<(), Reason> {
        if let Some(&newest) = state.sent.back()
            && (bend.is_none() || bend != state.newest_bend)
            && elapsed(newest, now).0 < self.spacing.0
        {
            return Err(Reason::TooSoon);
        }
        self.has_room(state, now)
    }

    /// Whether the hourly budget has room.
    pub fn has_room(&self, state: &BudgetState, now: WallTime) -> Result<(), Reason> {
        let recent = state.sent.iter().filter(|&&at| elapsed(at, now).0 < self.within.0).count();
        if recent >= self.signals { Err(Reason::HourlyLimit) } else { Ok(()) }
    }

    /// Whether the newest signal lies at least the spacing back.
    pub fn is_calm(&self, state: &BudgetState, now: WallTime) -> bool {
        state.sent.back().is_none_or(|&newest| elapsed(newest, now).0 >= self.spacing.0)
    }

    /// Notes a signal that is sent.
    pub fn note_sent(&self, state: &mut BudgetState, now: WallTime, bend: Option<u64>) {
        if state.sent.len() >= self.signals.max(1) {
            state.sent.pop_front();
        }
        state.sent.push_back(now);
        state.newest_bend = bend;
        state.summed_up = false;
    }

    /// Whether this is the first signal withheld for the hourly limit since one was sent: the moment of
    /// the one summary line.
    pub fn sums_up(&self, state: &mut BudgetState) -> bool {
        !std::mem::replace(&mut state.summed_up, true)
    }

    /// Brings moments that lie ahead of `now` back to it: the clock was set back.
    pub fn follow_clock(&self, state: &mut BudgetState, now: WallTime) {
        for at in &mut state.sent {
            *at = (*at).min(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> WallTime {
        WallTime(seconds * 1_000_000_000)
    }

    #[test]
    fn the_ninth_signal_of_an_hour_waits_for_the_first_to_pass() {
        let budget = Budget::new(&WarningParams::default());
        let mut state = BudgetState::default();
        for n in 0..8 {
            assert_eq!(budget.allows(&state, at(n * 60), Some(n as u64)), Ok(()));
            budget.note_sent(&mut state, at(n * 60), Some(n as u64));
        }
        assert_eq!(budget.allows(&state, at(3599), Some(9)), Err(Reason::HourlyLimit));
        assert!(budget.sums_up(&mut state));
        assert!(!budget.sums_up(&mut state));
        assert_eq!(budget.allows(&state, at(3600), Some(9)), Ok(()));
    }

    #[test]
    fn a_clock_set_back_keeps_the_spacing_and_no_more() {
        let budget = Budget::new(&WarningParams::default());
        let mut state = BudgetState::default();
        budget.note_sent(&mut state, at(10_000), Some(1));
        budget.follow_clock(&mut state, at(100));
        assert_eq!(budget.allows(&state, at(119), Some(2)), Err(Reason::TooSoon));
        assert_eq!(budget.allows(&state, at(120), Some(2)), Ok(()));
    }
}
