//! Tells sitting down and rising from bends, with the same movement of the pelvis as evidence.
//!
//! In:  stretches between rests, and excursions of the trunk angle as they close. Out: `stand_to_sit`,
//! `sit_to_stand`, and the bends that are no part of them.
//! Sitting down and a squat both lean forward and lower the pelvis. What differs: on a seat the trunk
//! comes back up as far as it leaned and more, the pelvis goes less deep, and one stays longer. A pair of
//! going down and coming up is weighed by these three; until it is complete, its bends are held back, for
//! [`SitStandParams::seat_after`] at most.
//! Where the body never rests, the roll of the pelvis ([`super::seat`]) is the evidence. It waits
//! [`SitStandParams::wait`] for stretches that say more, and is all there is where one stretch holds several
//! rolls. A lean into a seat or out of it is no bend.
//! Error: asserted on sisfall and mhad_hip in `tests/accuracy`. A bend's style needs its depth; on sisfall the
//! balanced accuracy over D15 and D16 is 0.89 (25 of 25 straight, 18 of 23 bent; one person of five, who
//! squats with a deep lean, is misread each time).
//! Fails: on crouching for longer than `seat_after`, which reads as a seat.
//! Longer than other files, because all evidence of one movement meets here.

use super::bend::BendEnded;
use super::seat::Seated;
use super::stretch::Stretch;
use super::{Event, Flags, Kind};
use crate::units::{Angle, Seconds, Time};

/// How a pair of going down and coming up is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SitStandParams {
    /// Loss or gain of height that counts, m. Source: skdh asks for 0.125 m.
    pub height: f64,
    /// Gain of height that is a rise after going down: of the rise alone, or of both on average, m.
    /// Chosen by us: three quarters of `height`, since sitting down reads short.
    pub gained: f64,
    /// Gain of height below which going down may have been misread, m. Chosen by us: the error of
    /// [`super::stretch`] on sitting down.
    pub unsure: f64,
    /// Loss of height from which on a body that rests bent has crouched, m; it does not sit. Chosen by us: straight
    /// knees read up to 0.2 m.
    pub crouched: f64,
    /// Depth of a squat that is told as a bend even without a lean, m. Chosen by us.
    pub deep: f64,
    /// Longest movement down or up. Chosen by us.
    pub longest: Seconds,
    /// Tilt beyond the neutral at which a body at rest is bent, not seated. Chosen by us.
    pub bent: Angle,
    /// Lean and return that may be sitting down even where the height says nothing. Chosen by us.
    pub returned: Angle,
    /// Nobody crouches longer than this, so it was a seat. Chosen by us.
    pub seat_after: Seconds,
    /// Return of the trunk that speaks for a seat by one unit. Chosen by us: see `seat`.
    pub return_unit: Angle,
    /// Time below that speaks for a seat by one unit. Chosen by us: see `seat`.
    pub time_unit: Seconds,
    /// Depth that speaks against a seat by one unit, m. Chosen by us: see `seat`.
    pub depth_unit: f64,
    /// Lean that speaks for straight knees as much as `depth_unit` against. Chosen by us.
    pub straight_unit: Angle,
    /// Sum from which on it is a seat. Chosen by us, with the three units above, from sisfall's squats
    /// (D15) and chairs (D07 to D10) of five people.
    pub seat: f64,
    /// A bend waits this long for walking or a stretch that explains it. Chosen by us: five steps.
    pub wait: Seconds,
    /// Angle beyond which a bend is no step, whatever its rhythm. Source: domain.md §6, a deep bend.
    pub no_step: Angle,
    /// Rises that are no further apart than this are one, seen in two ways. Chosen by us.
    pub apart: Seconds,
    /// Lean that a squat needs to be told as a bend. Chosen by us.
    pub lean: Angle,
    /// How much earlier than a movement its lean may show. Chosen by us.
    pub margin: Seconds,
    /// A jolt that only a seat gives, g within 40 ms. Chosen by us on sisfall: at 0.2 one squat more is told as one
    /// bend and one chair more is called a bend.
    pub jolt: f64,
}

impl Default for SitStandParams {
    fn default() -> Self {
        Self {
            height: 0.12,
            gained: 0.09,
            unsure: 0.25,
            crouched: 0.25,
            deep: 0.4,
            longest: Seconds(6.0),
            bent: Angle::from_degrees(9.0),
            returned: Angle::from_degrees(15.0),
            seat_after: Seconds(8.0),
            return_unit: Angle::from_degrees(25.0),
            time_unit: Seconds(4.0),
            depth_unit: 0.5,
            straight_unit: Angle::from_degrees(40.0),
            seat: 0.86,
            wait: Seconds(2.5),
            no_step: Angle::from_degrees(60.0),
            apart: Seconds(0.5),
            lean: Angle::from_degrees(4.0),
            margin: Seconds(0.3),
            jolt: 0.15,
        }
    }
}

impl SitStandParams {
    /// How much a bend speaks for straight knees (above zero) or bent ones; `None` where its depth is not
    /// known.
    pub(super) fn straight(&self, bend: &BendEnded) -> Option<f64> {
        Some(bend.lean.radians() / self.straight_unit.radians() - bend.depth? / self.depth_unit)
    }
}

/// Bends held back at most; more than that in one sitting are given out as bends.
const HELD: usize = 6;

/// Sittings and rises that wait for a stretch to explain them, at most.
const PENDING: usize = 4;

/// The pelvis went down and has not come up.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Down {
    stretch: Stretch,
    /// The height says so; else only the lean does.
    sure: bool,
    /// It has been told as sitting down.
    told: bool,
    /// The body rests bent, so it does not sit.
    bent: bool,
}

/// What samples change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct SitStandState {
    down: Option<Down>,
    held: [Option<BendEnded>; HELD],
    pending: [Option<Seated>; PENDING],
    /// When the body last came to rest.
    rested: Time,
    /// The newest stretches in which the pelvis went down and came up.
    went: [Option<Stretch>; 2],
    /// When the body last sat down and last rose, as told.
    sat: Option<(Time, Time)>,
    rose: Option<(Time, Time)>,
    /// The newest movement that has been told: an excursion that began in it is part of it.
    told: (Time, Time),
    /// Something may wait for time to pass; where not, nothing does.
    may_wait: bool,
}

/// What is now sure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Found {
    /// A bend that is no part of sitting down or rising.
    Bend(BendEnded),
    /// A pelvis that went down and came up without resting below.
    Dip(Stretch),
    /// A bend with bent knees: from the first lean to the last, going down and coming up.
    Squat { first: Stretch, last: Stretch, lean: Option<BendEnded> },
    /// Sitting down or rising.
    Event(Event),
}

impl SitStandState {
    /// When the body was last told to stand after rising.
    pub(super) fn rose(&self, at: Time) -> bool {
        self.down.is_none() && self.told.1 == at
    }

    /// The body walks, so it stands.
    pub(super) fn walking(&mut self) {
        if self.down.is_some_and(|down| down.told) {
            self.down = None;
        }
    }

    /// The body sits, as far as is known.
    pub(super) fn seated(&self) -> bool {
        self.down.is_some()
    }

    /// Nothing waits for time to pass, as nearly always.
    fn idle(&self) -> bool {
        self.down.is_none_or(|down| down.told)
            && self.held.iter().all(Option::is_none)
            && self.pending.iter().all(Option::is_none)
    }

    /// Takes an excursion of the trunk angle that has just closed.
    pub(super) fn bend(&mut self, params: &SitStandParams, bend: BendEnded, found: &mut impl FnMut(Found)) {
        self.may_wait = true;
        let margin = params.margin;
        if self.told.0 - margin <= bend.start && bend.start < self.told.1 {
            return;
        }
        if self.held.iter().all(Option::is_some) {
            self.release(Time(i64::MAX), Flags::default(), found);
        }
        if let Some(free) = self.held.iter_mut().find(|held| held.is_none()) {
            *free = Some(bend);
        }
    }

    /// Takes the passing of time up to `t`.
    #[inline]
    pub(super) fn step(
        &mut self,
        params: &SitStandParams,
        t: Time,
        now: Time,
        rolled: Option<Time>,
        walked: impl FnMut(Time, Time) -> bool,
        found: &mut impl FnMut(Found),
    ) {
        if self.may_wait {
            self.pass(params, t, now, rolled, walked, found);
        }
    }

    /// The same while something may wait.
    fn pass(
        &mut self,
        params: &SitStandParams,
        t: Time,
        now: Time,
        rolled: Option<Time>,
        mut walked: impl FnMut(Time, Time) -> bool,
        found: &mut impl FnMut(Found),
    ) {
        self.may_wait = !self.idle();
        if !self.may_wait {
            return;
        }
        self.settle(params, t - params.wait, now, found);
        let waited = |down: &Down| !down.told && t.since(down.stretch.end) >= params.seat_after;
        if let Some(down) = self.down.filter(waited) {
            self.down = down.sure.then_some(Down { told: true, ..down });
            if down.sure {
                let down = down.stretch;
                self.tell(params, Event::new(Kind::StandToSit, down.start, down.end, now), found);
                self.drop_within(&down);
                self.release(t, Flags::SITTING, found);
            }
        }
        if self.down.is_some_and(|down| !down.told) {
            return;
        }
        for i in 0..HELD {
            let Some(bend) = self.held[i] else { continue };
            let settled = self.rested >= bend.end;
            if (settled || t.since(bend.end) >= params.wait) && !self.waits(bend.start, bend.end, rolled) {
                self.held[i] = None;
                if bend.detail.peak_tea >= params.no_step || !walked(bend.start, bend.end) {
                    let flags = if self.down.is_some() { Flags::SITTING } else { Flags::default() };
                    found(Found::Bend(BendEnded { flags: bend.flags.with(flags), depth: self.depth(&bend), ..bend }));
                }
            }
        }
    }

    /// Takes sitting down or rising as the roll of the pelvis shows it.
    pub(super) fn seat(&mut self, params: &SitStandParams, seated: Seated, now: Time, found: &mut impl FnMut(Found)) {
        self.may_wait = true;
        if self.pending.iter().all(Option::is_some) {
            self.settle(params, Time(i64::MAX), now, found);
        }
        if let Some(free) = self.pending.iter_mut().find(|pending| pending.is_none()) {
            *free = Some(seated);
        }
    }

    /// Tells what the roll of the pelvis showed and no stretch between rests explained up to `until`.
    fn settle(&mut self, params: &SitStandParams, until: Time, now: Time, found: &mut impl FnMut(Found)) {
        for i in 0..PENDING {
            let Some(seated) = self.pending[i].filter(|seated| seated.times().1 <= until) else { continue };
            // While a stretch that went down is being weighed, it may turn out to have been a squat.
            let weighed = self.down.is_some_and(|down| !down.told);
            if matches!(seated, Seated::Down(..)) && weighed && until < Time(i64::MAX) {
                continue;
            }
            self.pending[i] = None;
            let (start, end) = seated.times();
            let (kind, sits) = match seated {
                Seated::Down(..) => (Kind::StandToSit, true),
                Seated::Up(..) => (Kind::SitToStand, false),
            };
            if !sits && let Some(down) = self.down.filter(|down| down.sure && !down.told) {
                self.tell(params, Event::new(Kind::StandToSit, down.stretch.start, down.stretch.end, now), found);
                self.drop_within(&down.stretch);
            }
            // The lean before it is part of it.
            let stretch = Stretch { start: start - SEATED_WITHIN, end, ..Stretch::default() };
            if self.tell(params, Event::new(kind, start, end, now), found) {
                self.drop_within(&stretch);
            }
            self.down = sits.then_some(Down { stretch, sure: true, told: true, bent: false });
        }
    }

    /// A stretch between rests has explained what happened from `start` to `end`.
    fn explained(&mut self, start: Time, end: Time) {
        for pending in &mut self.pending {
            pending.take_if(|seated| seated.times().0 < end && start < seated.times().1);
        }
    }

    /// Whether the pelvis rolled to and fro in a stretch, which so is no single movement: then the roll says
    /// what happened. `rolled` is when it rolled back last.
    pub(super) fn several(&mut self, stretch: &Stretch, rolled: Option<Time>) -> bool {
        let inside = |t: &Time| stretch.start < *t && *t < stretch.end;
        let told = self.sat.iter().chain(&self.rose).map(|(start, end)| middle(*start, *end));
        let waiting = self.pending.iter().flatten().map(Seated::times).map(|(start, end)| middle(start, end));
        let several = told.chain(waiting).chain(rolled).filter(inside).count() > 1;
        if several {
            self.rested = stretch.end;
            self.down.take_if(|down| !down.told);
        }
        several
    }

    /// Whether something that may be sitting down or rising waits from `start` to `end`.
    fn waits(&self, start: Time, end: Time, rolled: Option<Time>) -> bool {
        // The pelvis has just rolled back, and may have done so onto a seat.
        let seat = rolled.is_some_and(|since| since.since(end).0 < SEATED_WITHIN.0 && since > start);
        seat || self.pending.iter().flatten().any(|seated| seated.times().0 < end && start < seated.times().1)
    }

    /// How far the pelvis went down in a bend, where a stretch shows it.
    fn depth(&self, bend: &BendEnded) -> Option<f64> {
        let part = |stretch: &&Stretch| stretch.start < bend.end && bend.start < stretch.end;
        let [down, up] =
            self.went.each_ref().map(|went| went.as_ref().filter(part).map(|stretch| stretch.height.abs()));
        match (down, up) {
            (Some(down), Some(up)) => Some(0.5 * (down + up)),
            (down, up) => down.or(up),
        }
    }

    /// Hands out sitting down or rising, unless it has been told from other evidence.
    fn tell(&mut self, params: &SitStandParams, event: Event, found: &mut impl FnMut(Found)) -> bool {
        let last = if event.kind == Kind::StandToSit { &mut self.sat } else { &mut self.rose };
        if last.is_some_and(|(start, end)| event.start < end + params.apart && start < event.end + params.apart) {
            return false;
        }
        *last = Some((event.start, event.end));
        found(Found::Event(event));
        true
    }

    /// Takes a stretch of movement that has just ended in rest; `neutral` is the upright tilt.
    pub(super) fn stretch(
        &mut self,
        params: &SitStandParams,
        stretch: &Stretch,
        neutral: Angle,
        now: Time,
        found: &mut impl FnMut(Found),
    ) {
        self.may_wait = true;
        let before = std::mem::replace(&mut self.rested, stretch.end);
        if stretch.end.since(stretch.start) > params.longest {
            return;
        }
        self.went[usize::from(stretch.height > 0.0)] = Some(*stretch);
        let neutral = neutral.radians();
        let bent = |tilt: f64| tilt - neutral >= params.bent.radians();
        let returned = stretch.deepest - stretch.to;
        if let Some(down) = self.down {
            let gained = stretch.height.max(0.5 * (stretch.height - down.stretch.height));
            let least = if down.bent { params.crouched } else { params.gained };
            if gained >= least && stretch.height >= 0.5 * params.gained && !bent(stretch.to) {
                self.down = None;
                self.rise(params, &down, stretch, now, found);
                return;
            }
            if !down.sure {
                self.down = None;
                self.rested = before.max(down.stretch.end);
            }
        }
        let dipped = stretch.lowest <= -params.crouched && stretch.height.abs() < params.height;
        if self.down.is_none() && dipped && !bent(stretch.to) && !bent(stretch.from) {
            let leant = self.held.iter().flatten().any(|bend| bend.start < stretch.end && bend.end > stretch.start);
            if !leant && stretch.deepest - stretch.from >= params.lean.radians() {
                found(Found::Dip(*stretch));
            }
        }
        if self.down.is_none() && bent(stretch.to) && !bent(stretch.from) && stretch.height <= -params.crouched {
            self.down = Some(Down { stretch: *stretch, sure: false, told: false, bent: true });
            self.rested = before;
        } else if self.down.is_none() && !bent(stretch.to) && !bent(stretch.from) {
            let sure = stretch.height <= -params.height;
            if sure || (returned >= params.returned.radians() && stretch.height < params.unsure) {
                self.down = Some(Down { stretch: *stretch, sure, told: false, bent: false });
                self.rested = before;
            } else if stretch.height >= 2.0 * params.height && stretch.deepest - stretch.from >= params.lean.radians() {
                self.tell(params, Event::new(Kind::SitToStand, stretch.start, stretch.end, now), found);
                self.drop_within(stretch);
            }
        }
    }

    fn rise(&mut self, params: &SitStandParams, down: &Down, up: &Stretch, now: Time, found: &mut impl FnMut(Found)) {
        let first = &down.stretch;
        self.explained(first.start, up.end);
        let depth = 0.5 * (up.height - first.height).max(0.0);
        let returned = (first.deepest - first.to) / params.return_unit.radians();
        let below = up.start.since(first.end).0 / params.time_unit.0;
        let jolted = if first.jolt > params.jolt { 1.0 } else { 0.0 };
        let seat = returned + below + jolted - depth / params.depth_unit;
        if !down.bent && (down.told || seat >= params.seat) {
            let sure = |kind, stretch: &Stretch| {
                let mut event = Event::new(kind, stretch.start, stretch.end, now);
                event.confidence = Some(confidence(seat - params.seat));
                event
            };
            if !down.told {
                self.tell(params, sure(Kind::StandToSit, first), found);
                self.drop_within(first);
            }
            self.tell(params, sure(Kind::SitToStand, up), found);
            self.drop_within(up);
            self.release(now, Flags::SITTING, found);
            return;
        }
        let mut lean: Option<BendEnded> = None;
        for held in &mut self.held {
            if let Some(bend) = held.filter(|bend| bend.start < up.end && bend.end > first.start) {
                lean = Some(lean.map_or(bend, |lean| lean.joined(&bend)));
                *held = None;
            }
        }
        if lean.is_some() || depth >= params.deep || first.deepest.max(up.deepest) - first.from >= params.lean.radians()
        {
            found(Found::Squat { first: *first, last: *up, lean });
        }
        self.told = (first.start, up.end);
        self.release(now, Flags::default(), found);
    }

    /// Forgets held bends that lie in a stretch: they are part of it.
    fn drop_within(&mut self, stretch: &Stretch) {
        self.told = (stretch.start, stretch.end);
        for held in &mut self.held {
            if held.is_some_and(|bend| bend.start < stretch.end && bend.end > stretch.start) {
                *held = None;
            }
        }
    }

    /// Gives out the held bends that ended before `until`.
    fn release(&mut self, until: Time, flags: Flags, found: &mut impl FnMut(Found)) {
        for i in 0..HELD {
            if let Some(bend) = self.held[i].take_if(|bend| bend.end <= until) {
                let flags = bend.flags.with(flags);
                found(Found::Bend(BendEnded { flags, depth: self.depth(&bend), ..bend }));
            }
        }
    }

    /// Ends at a gap or at the end of the recording.
    pub(super) fn cut(
        &mut self,
        params: &SitStandParams,
        now: Time,
        mut walked: impl FnMut(Time, Time) -> bool,
        found: &mut impl FnMut(Found),
    ) {
        self.settle(params, Time(i64::MAX), now, found);
        if let Some(down) = self.down.take().filter(|down| down.sure && !down.told) {
            self.tell(params, Event::new(Kind::StandToSit, down.stretch.start, down.stretch.end, now), found);
            self.drop_within(&down.stretch);
        }
        self.held.iter_mut().for_each(|held| {
            held.take_if(|bend| bend.detail.peak_tea < params.no_step && walked(bend.start, bend.end));
        });
        self.release(Time(i64::MAX), Flags::default(), found);
        *self = Self::default();
    }
}

fn middle(start: Time, end: Time) -> Time {
    start + Seconds(0.5 * end.since(start).0)
}

/// A lean may end so long before the pelvis has rolled back on the seat. Chosen by us.
const SEATED_WITHIN: Seconds = Seconds(1.0);

/// A number from 0 to 1 that grows with the distance from a border.
pub(super) fn confidence(distance: f64) -> f64 {
    /// Distance at which one is sure in three of four cases. Chosen by us.
    const UNIT: f64 = 0.3;
    1.0 / (1.0 + (-distance.abs() / UNIT).exp())
}
