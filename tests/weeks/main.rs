//! Weeks of warnings: a made-up wearer's ticks and events through the four rules, while every condition switches at
//! random moments, held against domain.md §6 as an onlooker reads it.
//!
//! | here | what |
//! |---|---|
//! | this file | what must hold, over weeks of fixed and of random seeds |
//! | `wearer` | who bends, lies, lifts and sits still; whose clock is set, who travels, whose machine sleeps |
//! | `onlooker` | the promises, from its own notes alone: it shares no code and no constant with the rules |
//!
//! Ticks are sparse where nothing happens, so a week takes about a second.

#![allow(missing_docs, reason = "a test program")]

mod onlooker;
mod wearer;

use onlooker::Notes;
use proptest::prelude::*;
use wearer::Wearer;

/// Lives through so many days, and gives what the onlooker noted.
fn lived(seed: u64, days: f64) -> Notes {
    let mut wearer = Wearer::new(seed);
    wearer.live(days);
    wearer.onlooker.notes
}

#[test]
fn four_weeks_keep_every_promise_and_leave_nothing_untried() {
    let mut all = Notes::default();
    for seed in 1..=4 {
        all.add(&lived(seed, 7.0));
    }
    println!("{all:#?}");
    // A promise that was never put to the test was not kept.
    for rule in ["W1", "W2", "W3", "W4"] {
        assert!(all.sent[rule] >= 20, "{rule}: {:?}", all.sent);
    }
    for reason in onlooker::WITHHELD {
        assert!(all.withheld.contains_key(reason), "{reason}: {:?}", all.withheld);
    }
    for reason in onlooker::UNARMED {
        assert!(all.shown.contains_key(reason), "{reason}: {:?}", all.shown);
    }
    assert!(all.fullest_hour == 8, "the busiest hour held {}", all.fullest_hour);
    assert!(all.due > 50 && all.clock_set >= 10 && all.travels >= 5 && all.sleeps >= 10, "{all:?}");
    assert!(all.summaries >= 1);
}

proptest! {
    // A seed does not shrink to a simpler wearer, so the first that fails is told as it is.
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_days_of_any_wearer_keep_every_promise(seed in any::<u64>(), days in 1.0..4.0_f64) {
        lived(seed, days);
    }
}
