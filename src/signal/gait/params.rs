//! What a person or a paper chooses about steps.

use crate::units::Seconds;

/// What counts as walking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaitParams {
    /// Centre of the step band, Hz. Source: people walk at 0.8 to 2.4 steps a second (domain.md §7).
    pub centre_hz: f64,
    /// Smallest filtered peak that may be a step, g. Chosen by us.
    pub smallest: f64,
    /// Smallest filtered peak that may be the next step of a bout, g: the last one, feet together, is
    /// slight. Chosen by us.
    pub smallest_next: f64,
    /// Time constant of the slow up-vector. Chosen by us: a stride's swing averages out.
    pub slow: Seconds,
    /// Slow tipping beyond which a body bends, sits down or rises rather than walks: distance of two
    /// up-vectors that follow each other. Chosen by us.
    pub tipping: f64,
    /// Tipping, likewise, during the first steps beyond which they are bends or rises in a row, if they are as
    /// slow as `unhurried`. Chosen by us: walks and stairs open with less than 0.12; a trouser pocket swings
    /// by up to 0.25, but with quick steps.
    pub tipped: f64,
    /// See `tipped`: mean time between two peaks. Chosen by us: most walks open quicker, bends and rises slower.
    pub unhurried: Seconds,
    /// Smallest median of the first steps' peaks, g. Chosen by us: 0.03 lets feet that shift about pass,
    /// 0.05 loses short slow walks.
    pub sure: f64,
    /// Share of the highest of the first peaks that the second and the third must reach. Chosen by us: a
    /// thump of sitting down is one, a walk's first five hold three of a kind at least.
    pub alike: (f64, f64),
    /// Share of the first peaks' height below which one before the first step is sway. Chosen by us, from
    /// `gait_l5`: the first true steps reach 0.2.
    pub lead: f64,
    /// Share of the bout's own peaks below which a peak is slight: a step only if the rhythm says so.
    /// Chosen by us, from `gait_l5`: 0.3 to 0.5 do alike.
    pub slight: f64,
    /// How much longer a slight step takes than the bout's own. Chosen by us, from the turns in `gait_l5`:
    /// 1.15 to 1.4 do alike.
    pub slowed: f64,
    /// Share of the bout's own peaks below which a step at the end was the last. Chosen by us: who stands
    /// sways a little.
    pub stands: f64,
    /// How much a slight step at the end may come earlier or later than the bout's own step time, as share
    /// of it: the body comes to rest after the foot. Chosen by us.
    pub closing: f64,
    /// Shortest time between two steps. Chosen by us: sprinters reach 4.5 steps a second.
    pub shortest: Seconds,
    /// Share of the bout's own step time below which two peaks are one step. Chosen by us.
    pub rushed: f64,
    /// Weight of a new step in the bout's own step time and height. Chosen by us: about five steps.
    pub learn: f64,
    /// How long a peak may stay without a dip after it: the last step of a bout. Chosen by us.
    pub lone: Seconds,
    /// Longest time between two steps of one bout's beginning. Source: slow walking, 40 steps/min.
    pub longest: Seconds,
    /// Steps in a row that make a bout. Source: Paraschiv-Ionescu, as in mobgap (domain.md §7).
    pub fewest: usize,
    /// Pause within which two bouts are one. Source: same.
    pub merge: Seconds,
    /// How far apart the first steps' times may lie, as ratio of longest to shortest. Chosen by us.
    pub uneven: f64,
    /// When the foot touches the ground, relative to the peak of the filtered norm. Chosen by us from
    /// `gait_l5`; −0.04 to −0.1 s change its F1 by 0.001.
    pub contact: Seconds,
}

impl Default for GaitParams {
    fn default() -> Self {
        Self {
            centre_hz: 1.6,
            smallest: 0.008,
            smallest_next: 0.005,
            slow: Seconds(0.6),
            tipping: 0.15,
            tipped: 0.12,
            unhurried: Seconds(0.65),
            sure: 0.04,
            alike: (0.45, 0.2),
            lead: 0.12,
            slight: 0.4,
            slowed: 1.25,
            stands: 0.06,
            closing: 0.1,
            shortest: Seconds(0.25),
            rushed: 0.65,
            learn: 0.2,
            lone: Seconds(0.5),
            longest: Seconds(1.2),
            fewest: 5,
            merge: Seconds(3.5),
            uneven: 2.2,
            contact: Seconds(-0.07),
        }
    }
}
