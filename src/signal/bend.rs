//! Finds bends: excursions of the trunk-equivalent angle beyond 30° and back below 20°.
//!
//! In:  trunk-equivalent angle, side bend and rate of tilt on the fixed grid. Out: a bend when it is over,
//! with its peaks, rates and times beyond 30, 45 and 60°. Someone who is prone or on all fours does not bend
//! any more (domain.md §7).
//! Bends that follow each other without standing up straight are told apart by how far the trunk came up in
//! between. A gap ends a bend; if the body is still bent after it, that is the same bend and not told again,
//! and one that only shows on its way back up is told after the gap.
//! Source: domain.md §6. Fails: without a known mounting there are no bends.
//! A little longer than other files, because one excursion is followed from its start to its end here.

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
    /// Share of the largest lean down to which the body has come up in between, although not as far as the
    /// release: going down again from there is a second bend. Chosen by us: less than half, so that
    /// reaching about in one bend is no second one.
    pub again: f64,
    /// Angle that both of them must reach; and a bend that does not must last `slight_for`. Chosen by us:
    /// what a raised arm or a step does to the pelvis stays below.
    pub clear: Angle,
    /// Shortest bend that stays below `clear`. Chosen by us.
    pub slight_for: Seconds,
    /// Time constant of the norm that the sensor usually reads. Chosen by us.
    pub usual: Seconds,
    /// Deviation of the norm within which the angle can be trusted before the attitude has settled, g; within
    /// twice as much for an angle beyond `clear`.
    /// Source: domain.md §6, the gate of its complementary filter.
    pub calm: f64,
    /// Angles whose time is kept. Source: domain.md §6.
    pub levels: [Angle; 3],
    /// Who walks for so long without having come up does not bend: the belt has moved, or the neutral was wrong.
    /// Chosen by us: some steps more than anyone walks bent for.
    pub walked: Seconds,
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
            again: 0.4,
            clear: Angle::from_degrees(50.0),
            slight_for: Seconds(0.7),
            usual: Seconds(3.0),
            calm: 0.15,
            walked: Seconds(2.0),
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
    /// Tilt of the sensor beyond the neutral.
    pub lean: Angle,
    /// Side bend.
    pub side: Angle,
    /// Rate of forward tilt, rad/s, positive downward.
    pub rate: f64,
    /// Norm and vertical part of specific force, g, gravity taken off the latter.
    pub norm: f64,
    pub vertical: f64,
    /// The angle lies beyond the planning table.
    pub beyond_table: bool,
    /// The sensor clipped.
    pub clipped: bool,
    /// Enough has been seen since the start or the last gap to trust the angle.
    pub settled: bool,
}

/// What an excursion has shown so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Figures {
    peak: Angle,
    side: Angle,
    down: f64,
    up: f64,
    over: [f64; 3],
    /// Largest vertical acceleration, smoothed, since the angle began to fall, g.
    burst: f64,
    flags: Flags,
}

/// The least lean since the largest.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Valley {
    at: Time,
    lean: Angle,
    tea: Angle,
    figures: Figures,
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
    /// How long the body has walked meanwhile.
    walked: f64,
    /// Vertical acceleration, smoothed, g.
    vertical: f64,
    /// Largest lean.
    lean: Angle,
    valley: Option<Valley>,
    figures: Figures,
}

/// A bend that is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BendEnded {
    pub start: Time,
    pub end: Time,
    pub detail: BendDetail,
    /// Largest lean of the sensor.
    pub lean: Angle,
    /// How far the pelvis went down, m, where a rest on both sides of going down or coming up shows it.
    pub depth: Option<f64>,
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
            lean: self.lean.max(other.lean),
            depth: self.depth.or(other.depth),
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
    /// The lean no longer counts as bending until it has come back from this, its largest.
    spent: Option<Angle>,
    /// The body lay and has not been upright or walked since.
    lain: bool,
    /// Slow mean of the norm, g, or 0 before the first.
    norm: f64,
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
    #[inline]
    pub(super) fn step(&mut self, params: &BendParams, t: Time, dt: f64, bent: &Bent) -> Option<BendEnded> {
        self.recover(params, bent);
        let trusted = self.trusted(params, dt, bent);
        if self.open.is_none() && (self.spent.is_some() || self.lain || !trusted) {
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
                self.begin(params, t, dt, bent);
            }
            return None;
        };
        open.grow(params, t, dt, bent);
        if !open.confirmed {
            open.confirmed = open.held >= params.onset_for.0;
            if !beyond {
                self.open = None;
            }
            return None;
        }
        if let Some((first, second)) = open.again(params, dt, bent) {
            self.open = Some(second);
            return Some(first);
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
        let slight = ended.detail.peak_tea < params.clear && ended.end.since(ended.start).0 < params.slight_for.0;
        (!slight).then_some(ended)
    }

    /// The body that was bent has come up, if it has.
    fn recover(&mut self, params: &BendParams, bent: &Bent) {
        self.lain &= bent.tea >= params.release;
        if let Some(largest) = self.spent {
            let up = bent.tea < params.release || bent.lean.radians() <= params.again * largest.radians();
            self.spent = (!up).then_some(largest.max(bent.lean));
        }
    }

    /// Whether the angle can be trusted: always once settled, before that while hardly any force but
    /// gravity acts.
    fn trusted(&mut self, params: &BendParams, dt: f64, bent: &Bent) -> bool {
        if self.norm == 0.0 {
            self.norm = bent.norm;
        }
        let off = (bent.norm - self.norm).abs();
        if bent.settled {
            self.norm += (bent.norm - self.norm) * dt / (params.usual.0 + dt);
        }
        bent.settled || off <= params.calm || (off <= 2.0 * params.calm && bent.tea >= params.clear)
    }

    fn begin(&mut self, params: &BendParams, t: Time, dt: f64, bent: &Bent) {
        let mut open = Excursion::begin(t - Seconds(dt), self.approach);
        open.grow(params, t, dt, bent);
        if !bent.settled {
            open.figures.flags = open.figures.flags.with(Flags::TRUNCATED);
        }
        self.open = Some(open);
    }

    /// Forgets an open bend, because it was the way to lying or up from it.
    pub(super) fn lie(&mut self) {
        *self = Self { lain: true, norm: self.norm, ..Self::default() };
    }

    /// The body walks for `dt`, so it is upright whatever its tilt.
    pub(super) fn walk(&mut self, params: &BendParams, dt: f64) {
        self.lain = false;
        let Some(open) = &mut self.open else { return };
        open.walked += dt;
        let came_up = open.valley.is_some_and(|valley| valley.lean.radians() <= params.again * open.lean.radians());
        if open.walked >= params.walked.0 && !came_up {
            (self.spent, self.open) = (Some(open.lean), None);
        }
    }

    /// Ends an open bend at `t`, because being bent has turned out to be a posture; the next one needs the
    /// body upright first.
    pub(super) fn stop(&mut self, t: Time) -> Option<BendEnded> {
        let open = std::mem::take(self).open.filter(|open| open.confirmed);
        self.spent = Some(open.map_or(Angle::ZERO, |open| open.lean));
        Some(open?.ended(t, Flags::default()))
    }

    /// Ends an open bend at a gap or at the end of the recording; what is bent after it is the same bend.
    pub(super) fn cut(&mut self, params: &BendParams, end: Time) -> Option<BendEnded> {
        let open = self.open.take().filter(|open| open.confirmed);
        let valley = open.and_then(|open| open.valley).filter(|valley| {
            // It had come up, and whatever follows the gap is another one.
            open.is_some_and(|open| valley.lean.radians() <= params.again * open.lean.radians())
        });
        let spent = open.filter(|_| valley.is_none()).map(|open| open.lean);
        *self = Self { spent, lain: self.lain, norm: self.norm, ..Self::default() };
        let open = open?;
        Some(match valley {
            Some(valley) => Excursion { figures: valley.figures, ..open }.ended(valley.at, Flags::TRUNCATED),
            None => open.ended(open.low_since.unwrap_or(end), Flags::TRUNCATED),
        })
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
            walked: 0.0,
            vertical: 0.0,
            lean: Angle::ZERO,
            valley: None,
            figures: Figures { down: approach, ..Figures::default() },
        }
    }

    fn grow(&mut self, params: &BendParams, t: Time, dt: f64, bent: &Bent) {
        self.held += dt;
        self.vertical += (bent.vertical - self.vertical) * dt / (params.smooth.0 + dt);
        self.figures.grow(params, dt, bent, self.vertical);
        if bent.lean >= self.lean {
            self.lean = bent.lean;
            self.valley = None;
        } else if self.valley.is_none_or(|valley| bent.lean < valley.lean) {
            self.valley = Some(Valley { at: t, lean: bent.lean, tea: bent.tea, figures: self.figures });
        }
    }

    /// The bend up to the valley and the one that goes down from it, once the second is as deep as a bend.
    fn again(&self, params: &BendParams, dt: f64, bent: &Bent) -> Option<(BendEnded, Self)> {
        let valley = self.valley?;
        let came_up = valley.lean.radians() <= params.again * self.lean.radians();
        let clear = valley.figures.peak >= params.clear && bent.tea >= params.clear;
        if !came_up || !clear || bent.tea - valley.tea < params.onset {
            return None;
        }
        let end = self.low_since.unwrap_or(valley.at).min(valley.at);
        let first = Self { figures: valley.figures, ..*self }.ended(end, Flags::default());
        let over = std::array::from_fn(|i| self.figures.over[i] - valley.figures.over[i]);
        let figures = Figures { peak: bent.tea, side: bent.side, down: bent.rate.max(0.0), over, ..Figures::default() };
        let start = valley.at;
        let second =
            Self { start, held: dt, low_since: None, low_for: 0.0, lean: bent.lean, valley: None, figures, ..*self };
        Some((first, second))
    }

    fn ended(&self, end: Time, flags: Flags) -> BendEnded {
        let figures = &self.figures;
        BendEnded {
            start: self.start,
            end,
            detail: BendDetail {
                peak_tea: figures.peak,
                peak_side: figures.side,
                peak_down: AngularRate::from_radians_per_second(figures.down),
                peak_up: AngularRate::from_radians_per_second(figures.up),
                over_30: Seconds(figures.over[0]),
                over_45: Seconds(figures.over[1]),
                over_60: Seconds(figures.over[2]),
            },
            lean: self.lean,
            depth: None,
            burst: figures.burst,
            flags: figures.flags.with(flags),
        }
    }
}

impl Figures {
    fn grow(&mut self, params: &BendParams, dt: f64, bent: &Bent, vertical: f64) {
        self.peak = self.peak.max(bent.tea);
        if bent.side.abs() > self.side.abs() {
            self.side = bent.side;
        }
        self.down = self.down.max(bent.rate);
        self.up = self.up.max(-bent.rate);
        if bent.rate < 0.0 {
            self.burst = self.burst.max(vertical);
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
}
