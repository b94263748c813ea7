//! Finds bends: excursions of the trunk-equivalent angle beyond 30° and back below 20°.
//!
//! In:  trunk-equivalent angle, side bend and rate of tilt on the fixed grid. Out: a bend when it is over,
//! with its peaks, rates and times beyond 30, 45 and 60°. Someone who is prone or on all fours does not bend
//! any more (domain.md §7), and after a gap none begins before the attitude is known again.
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
    /// Smoothing of the vertical acceleration. Chosen by us: a push lasts longer, a jolt does not.
    pub smooth: Seconds,
}

impl Default for BendParams {
    fn default() -> Self {
        Self {
            onset: Angle::from_degrees(30.0),
            onset_for: Seconds(0.25),
            release: Angle::from_degrees(20.0),
            release_for: Seconds(0.5),
            levels: [30.0, 45.0, 60.0].map(Angle::from_degrees),
            smooth: Seconds(0.1),
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
    /// Vertical acceleration, g, gravity taken off.
    pub vertical: f64,
    /// The angle lies beyond the planning table.
    pub beyond_table: bool,
    /// The sensor clipped.
    pub clipped: bool,
    /// Enough has been seen since the start or the last gap to trust the angle.
    pub settled: bool,
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
    /// Vertical acceleration, smoothed, and its largest since the angle began to fall, g.
    vertical: f64,
    burst: f64,
    flags: Flags,
}

/// A bend that is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BendEnded {
    pub start: Time,
    pub end: Time,
    pub detail: BendDetail,
    /// Largest vertical acceleration while coming up, g.
    pub burst: f64,
    pub flags: Flags,
}

impl BendEnded {
    /// Two excursions of one movement.
    pub(super) fn joined(&self, other: &Self) -> Self {
        let (a, b) = (&self.detail, &other.detail);
        let side = if b.peak_side.abs() > a.peak_side.abs() { b.peak_side } else { a.peak_side };
        let faster = |a: AngularRate, b: AngularRate| if b > a { b } else { a };
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
            detail: BendDetail {
                peak_tea: a.peak_tea.max(b.peak_tea),
                peak_side: side,
                peak_down: faster(a.peak_down, b.peak_down),
                peak_up: faster(a.peak_up, b.peak_up),
                over_30: a.over_30 + b.over_30,
                over_45: a.over_45 + b.over_45,
                over_60: a.over_60 + b.over_60,
            },
            burst: self.burst.max(other.burst),
            flags: self.flags.with(other.flags),
        }
    }
}

/// What samples change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct BendState {
    open: Option<Excursion>,
    /// Fastest bending down since the angle was last below the release, rad/s.
    approach: f64,
    /// The angle no longer counts as bending until it has been below the release.
    spent: bool,
}

impl BendState {
    /// A bend has begun and not ended.
    pub(super) fn bending(&self) -> bool {
        self.open.is_some_and(|open| open.confirmed)
    }

    /// The angle is beyond the onset or has not come back yet.
    pub(super) fn open(&self) -> bool {
        self.open.is_some()
    }

    /// Takes one grid step of `dt` that ended at `t`; returns the bend that it ends.
    pub(super) fn step(&mut self, params: &BendParams, t: Time, dt: f64, bent: &Bent) -> Option<BendEnded> {
        self.spent &= bent.tea >= params.release;
        if self.open.is_none() && (self.spent || !bent.settled) {
            return None;
        }
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

    /// Ends an open bend at `t`, because being bent has turned out to be a posture; the next one needs the
    /// body upright first.
    pub(super) fn stop(&mut self, t: Time) -> Option<BendEnded> {
        let open = std::mem::take(self).open.filter(|open| open.confirmed);
        self.spent = true;
        Some(open?.ended(t, Flags::default()))
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
            vertical: 0.0,
            burst: 0.0,
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
        self.vertical += (bent.vertical - self.vertical) * dt / (params.smooth.0 + dt);
        if bent.rate < 0.0 {
            self.burst = self.burst.max(self.vertical);
        }
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
            burst: self.burst,
            flags: self.flags.with(flags),
        }
    }
}
