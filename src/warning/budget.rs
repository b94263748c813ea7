//! How often one may speak: moments of signals come in, a yes or the reason for a no comes out.
//!
//! Two limits of domain.md §6: 20 s between signals of different bends, 8 signals an hour. Moments are of
//! the warner's own line of time, which outlives a recording and which no setting of a clock touches: in
//! wall time, a clock set on by an hour would have let 16 signals through in a minute.

use super::arming::Reason;
use super::params::WarningParams;
use crate::units::{Seconds, Time};
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
    sent: VecDeque<Time>,
    /// The bend of the newest signal.
    newest_bend: Option<u64>,
    /// The summary line of this stretch has been given.
    summed_up: bool,
}

impl Budget {
    /// The limits of `params`.
    pub fn new(params: &WarningParams) -> Self {
        Self { spacing: params.spacing, signals: params.budget as usize, within: params.budget_within }
    }

    /// Whether a signal about `bend` may be sent at `now`; `bend` is `None` when it is about several.
    pub fn allows(&self, state: &BudgetState, now: Time, bend: Option<u64>) -> Result<(), Reason> {
        if let Some(&newest) = state.sent.back()
            && (bend.is_none() || bend != state.newest_bend)
            && now.since(newest).0 < self.spacing.0
        {
            return Err(Reason::TooSoon);
        }
        self.has_room(state, now)
    }

    /// Whether the hourly budget has room.
    pub fn has_room(&self, state: &BudgetState, now: Time) -> Result<(), Reason> {
        let recent = state.sent.iter().filter(|&&at| now.since(at).0 < self.within.0).count();
        if recent >= self.signals { Err(Reason::HourlyLimit) } else { Ok(()) }
    }

    /// Notes a signal that is sent.
    pub fn note_sent(&self, state: &mut BudgetState, now: Time, bend: Option<u64>) {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time(seconds * 1_000_000_000)
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
    fn another_bend_waits_20_s_and_the_same_one_does_not() {
        let budget = Budget::new(&WarningParams::default());
        let mut state = BudgetState::default();
        budget.note_sent(&mut state, at(100), Some(1));
        assert_eq!(budget.allows(&state, at(119), Some(2)), Err(Reason::TooSoon));
        assert_eq!(budget.allows(&state, at(119), None), Err(Reason::TooSoon));
        assert_eq!(budget.allows(&state, at(101), Some(1)), Ok(()));
        assert_eq!(budget.allows(&state, at(120), Some(2)), Ok(()));
    }
}
