//! Finds bends: excursions of the trunk-equivalent angle beyond 30° and back below 20°.
//!
//! In:  trunk-equivalent angle, side bend and rate of tilt on the fixed grid. Out: a bend when it is over,
//! with its peaks, rates and times beyond 30, 45 and 60°.
//! Source: domain.md §6. Fails: without a known mounting there are no bends.

use super::{BendDetail, Flags};
use crate::units::{Angle, AngularRate, Seconds, Time};

/// What counts as a bend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BendParams {
    /// Angle at which a bend begins. Source: domain.md §6.
    pub onset: Angle,
    /// How long it must be held to be one. Source: domain.md §6.
    pub onset_for: Seconds,
    /// Angle below which it is over. Source: domain.md §6.
    pub release: Angle,
    /// How long the angle must stay below. Source: domain.md §6.
    pub release_for: Seconds,
    /// Angles whose time is kept. Source: domain.md §6.
    pub levels: [Angle; 3],
}

impl Default for BendParams {
    fn default() -> Self {
        Self {
            onset: Angle::from_degrees(30.0),
            onset_for: Seconds(0.25),
            release: Angle::from_degrees(20.0),
            release_for: Seconds(0.5),
            levels: [30.0, 45.0, 60.0].map(Angle::from_degrees),
        }
    }
}

/// What one grid step says about bending.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bent {
    /// Trunk-equivalent angle.
    pub tea: Angle,
    /// Side bend.
    pub side: Angle,
    /// Rate of forward tilt, rad/s, positive downward.
    pub rate: f64,
    /// The angle lies beyond the planning table.
    pub beyond_table: bool,
    /// The sensor clipped.
    pub clipped: bool,
}

/// An excursion that is still going on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Excursion {
    start: Time,
    /// Time at or beyond the onset without a break, until it is long enough.
    held: f64,
    confirmed: bool,
    /// When the angle went below the release, and for how long it has been there.
    low_since: Option<Time>,
    low_for: f64,
    peak: Angle,
    side: Angle,
    down: f64,
    up: f64,
    over: [f64; 3],
    flags: Flags,
}

/// A bend that is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BendEnded {
    pub start: Time,
    pub end: Time,
    pub detail: BendDetail,
    pub flags: Flags,
}

/// What samples change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct BendState {
    open: Option<Excursion>,
    /// Fastest bending down since the angle was last below the release, rad/s.
    approach: f64,
}

impl BendState {
    /// A bend has begun and not ended.
    pub(super) fn bending(&self) -> bool {
        self.open.is_some_and(|open| open.confirmed)
    }

    /// Takes one grid step of `dt` that ended at `t`; returns the bend that it ends.
    pub(super) fn step(&mut self, params: &BendParams, t: Time, dt: f64, bent: &Bent) -> Option<BendEnded> {
        let beyond = bent.tea >= params.onset;
        self.approach = if bent.tea < params.release && self.open.is_none() && bent.rate <= 0.0 {
            0.0
        } else {
            self.approach.max(bent.rate)
        };
        let Some(open) = &mut self.open else {
            if beyond {
                let mut open = Excursion::begin(t - Seconds(dt), self.approach);
                open.grow(params, dt, bent);
                self.open = Some(open);
            }
            return None;
        };
        open.grow(params, dt, bent);
        if !open.confirmed {
            open.held = if beyond { open.held } else { 0.0 };
            open.confirmed = open.held >= params.onset_for.0;
            if !beyond {
                self.open = None;
            }
            return None;
        }
        if bent.tea >= params.release {
            open.low_since = None;
            open.low_for = 0.0;
            return None;
        }
        open.low_since.get_or_insert(t - Seconds(dt));
        open.low_for += dt;
        if open.low_for < params.release_for.0 {
            return None;
        }
        let ended = open.ended(open.low_since.unwrap_or(t), Flags::default());
        self.open = None;
        self.approach = 0.0;
        Some(ended)
    }

    /// Ends an open bend at a gap or at the end of the recording.
    pub(super) fn cut(&mut self, end: Time) -> Option<BendEnded> {
        let open = std::mem::take(self).open.filter(|open| open.confirmed)?;
        Some(open.ended(open.low_since.unwrap_or(end), Flags::TRUNCATED))
    }
}

impl Excursion {
    fn begin(start: Time, approach: f64) -> Self {
        Self {
            start,
            held: 0.0,
            confirmed: false,
            low_since: None,
            low_for: 0.0,
            peak: Angle::ZERO,
            side: Angle::ZERO,
            down: approach,
            up: 0.0,
            over: [0.0; 3],
            flags: Flags::default(),
        }
    }

    fn grow(&mut self, params: &BendParams, dt: f64, bent: &Bent) {
        self.held += dt;
        self.peak = self.peak.max(bent.tea);
        if bent.side.abs() > self.side.abs() {
            self.side = bent.side;
        }
        self.down = self.down.max(bent.rate);
        self.up = self.up.max(-bent.rate);
        for (over, level) in self.over.iter_mut().zip(params.levels) {
            if bent.tea >= level {
                *over += dt;
            }
        }
        if bent.beyond_table {
            self.flags = self.flags.with(Flags::BEYOND_TABLE);
        }
        if bent.clipped {
            self.flags = self.flags.with(Flags::CLIPPED);
        }
    }

    fn ended(&self, end: Time, flags: Flags) -> BendEnded {
        BendEnded {
            start: self.start,
            end,
            detail: BendDetail {
                peak_tea: self.peak,
                peak_side: self.side,
                peak_down: AngularRate::from_radians_per_second(self.down),
                peak_up: AngularRate::from_radians_per_second(self.up),
                over_30: Seconds(self.over[0]),
                over_45: Seconds(self.over[1]),
                over_60: Seconds(self.over[2]),
            },
            flags: self.flags.with(flags),
        }
    }
}
