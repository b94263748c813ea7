//! Everything that is judged from the angle of the trunk, in its order: neutral, stretches, bends, sitting
//! down and rising, possible lifts, and repetitions inside exercise sets.
//!
//! In:  tilt, side bend, vertical acceleration and walking on the fixed grid; needs a known mounting.
//! Out: events. What each of them is, its own file says; this one passes the evidence between them.

use super::bend::{BendEnded, BendParams, BendState, Bent};
use super::exercise::{self, ExerciseNow, ExerciseState};
use super::grid::Frame;
use super::lift::{self, LiftParams};
use super::neutral::{Lesson, NeutralParams, NeutralState};
use super::seat::{Pelvis, SeatParams, SeatState};
use super::setup::Setup;
use super::sit_stand::{Found, SitStandParams, SitStandState, confidence};
use super::stretch::{Stretch, StretchParams, StretchState};
use super::{BendDetail, Event, Flags, Kind, Style, Tick};
use crate::units::{Angle, Seconds, Time};
use std::f64::consts::{PI, TAU};

/// Tilts from which a rate is taken: those of 80 ms.
const TILTS: usize = 3;
/// Stretches of walking that are kept.
const WALKED: usize = 6;
/// Share of a movement that must have been walked for it to be walking.
const MOSTLY: f64 = 0.5;
/// Chance of sitting after sitting down was told, until rising or walking. Measured on hapt (labels sit and
/// stand, axes not known): two thirds of the time told so was sitting, the rest are risings that were missed.
/// The other way round nothing can be told: sittings are missed as well, so that half of the time after
/// rising or walking was sitting, and the tilt of a belt does not help (cut at 4 to 12°: 0.59 to 0.66).
const SITTING: f32 = 0.66;

/// How near the neutral, and for how long, a body that was down must be to stand or sit again. Chosen by us: the
/// release of a bend (domain.md §6).
const UPRIGHT: Angle = Angle::from_degrees(20.0);
const UPRIGHT_FOR: Seconds = Seconds(0.5);

/// Parameters of all that is judged from the trunk.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Trunk {
    bend: BendParams,
    lift: LiftParams,
    neutral: NeutralParams,
    stretch: StretchParams,
    seat: SeatParams,
    sit_stand: SitStandParams,
}

/// All that samples change.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TrunkState {
    bend: BendState,
    neutral: NeutralState,
    stretch: StretchState,
    seat: SeatState,
    sit_stand: SitStandState,
    exercise: ExerciseState,
    walked: Walked,
    tipped: Tipped,
    /// Tilts of the last grid steps, rad, for their rate.
    tilts: [f64; TILTS],
    tilts_known: usize,
    /// Sitting down was told, and no rising or walking since.
    seated: bool,
}

/// One grid step as the trunk sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub frame: &'a Frame,
    pub now: Time,
    pub tilt: Angle,
    pub side: Angle,
    pub walking: bool,
    /// Lies, or may be about to.
    pub down: bool,
    pub lying: bool,
    /// Prone or on all fours, as far as decided.
    pub prone: bool,
    pub clipped: bool,
    /// The attitude can be trusted: not just after the start or a gap.
    pub settled: bool,
}

/// Where walking was seen of late, newest last.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Walked([(Time, Time); WALKED]);

impl Walked {
    fn add(&mut self, from: Time, to: Time) {
        let newest = &mut self.0[WALKED - 1];
        if from <= newest.1 {
            newest.1 = newest.1.max(to);
        } else {
            self.0.copy_within(1.., 0);
            self.0[WALKED - 1] = (from, to);
        }
    }

    fn mostly(&self, from: Time, to: Time) -> bool {
        let overlap = |(a, b): &(Time, Time)| (*b).min(to).since((*a).max(from)).0.max(0.0);
        self.0.iter().map(overlap).sum::<f64>() >= MOSTLY * to.since(from).0
    }
}

/// Whether the body lies or has lain, or was tipped as far, and has not been upright since. A sensor in someone's
/// hands reads the same.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tipped {
    now: bool,
    upright_for: f64,
    /// When it last was.
    last: Time,
}

impl Tipped {
    fn step(&mut self, seen: &Seen, lean: Angle) {
        let upright = !seen.down && lean.abs() < UPRIGHT && seen.side.abs() < UPRIGHT;
        self.upright_for = if upright { self.upright_for + seen.frame.dt.0 } else { 0.0 };
        self.now = seen.down || (self.now && !seen.walking && self.upright_for < UPRIGHT_FOR.0);
        if self.now {
            self.last = seen.frame.t;
        }
    }
}

impl TrunkState {
    /// A bend has begun and not ended.
    pub(super) fn bending(&self) -> bool {
        self.bend.bending()
    }

    /// What can be seen of the exercise set that is open.
    pub(super) fn exercise(&self) -> Option<ExerciseNow> {
        self.exercise.now()
    }

    /// Chance that the wearer sits, where it can be told.
    pub(super) fn sitting(&self) -> Option<f32> {
        self.seated.then_some(SITTING)
    }

    /// Learns that this stretch was walked.
    pub(super) fn walk(&mut self, from: Time, to: Time) {
        self.walked.add(from, to);
        self.seated = false;
    }

    /// The mounting changed: angles from before cannot be compared with those from now on.
    pub(super) fn remount(&mut self) {
        *self = Self { walked: self.walked, ..Self::default() };
    }

    /// The mounting was moved a little: what read as upright reads as this tilt from now on.
    pub(super) fn tilt_by(&mut self, by: Angle) {
        self.neutral.tilt_by(by);
        self.tilts.iter_mut().for_each(|tilt| *tilt += by.radians());
    }

    /// Rate of tilt in rad/s over the last grid steps.
    fn rate(&mut self, tilt: Angle) -> f64 {
        if self.tilts_known == 0 {
            self.tilts = [tilt.radians(); TILTS];
        }
        self.tilts_known = (self.tilts_known + 1).min(TILTS);
        self.tilts.copy_within(1.., 0);
        self.tilts[TILTS - 1] = tilt.radians();
        // The short way round, where the angle jumps from π to −π.
        let turned = match self.tilts[TILTS - 1] - self.tilts[0] {
            turned if turned > PI => turned - TAU,
            turned if turned < -PI => turned + TAU,
            turned => turned,
        };
        turned / (Tick::INTERVAL.0 * (TILTS - 1) as f64)
    }
}

impl Trunk {
    /// Takes one grid step.
    pub(super) fn step(&self, state: &mut TrunkState, setup: &Setup, seen: &Seen, emit: &mut impl FnMut(Event)) {
        let (t, dt, now, tilt) = (seen.frame.t, seen.frame.dt.0, seen.now, seen.tilt);
        let rate = state.rate(tilt);
        let set = setup.exercise_sets.iter().find(|set| set.start <= t && t < set.end);
        let resting = state.stretch.resting(&self.stretch);
        let vertical = seen.frame.acc.dot(&seen.frame.up) - 1.0;
        let stretch = state.stretch.step(&self.stretch, t, dt, vertical, &seen.frame.up, tilt.radians());
        let repetition = state.exercise.step(set, &exercise::Step { t, dt, tilt, side: seen.side, resting, now });
        repetition.into_iter().for_each(&mut *emit);
        if seen.walking {
            state.sit_stand.walking();
            state.bend.walk(&self.bend, dt);
        }
        let bent = state.bend.open() && !seen.walking;
        let rolled = state.seat.rolled().is_some_and(|since| t.since(since).0 < self.seat.longest.0);
        let away = set.is_some() || seen.down || state.sit_stand.seated() || bent || rolled;
        let lesson = Lesson { walking: seen.walking, resting, away, norm: seen.frame.norm };
        state.neutral.step(&self.neutral, dt, tilt, &lesson);
        let Some(neutral) = state.neutral.tilt().filter(|_| set.is_none() && !seen.lying) else {
            state.bend = BendState::default();
            return;
        };
        state.tipped.step(seen, tilt - neutral);
        let tipped = state.tipped;
        let tea = setup.trunk_equivalent(tilt - neutral);
        let side = seen.side;
        let &Seen { clipped, settled, .. } = seen;
        let (lean, norm) = (tilt - neutral, seen.frame.norm);
        let bent =
            Bent { tea: tea.angle, lean, side, rate, norm, vertical, beyond_table: tea.beyond_table, clipped, settled };
        let walked = &state.walked;
        let seated = &mut state.seated;
        let mut found = |found: Found| self.tell(setup, &found, neutral, now, seated, emit);
        let ended = if state.neutral.doubtful() {
            state.bend = BendState::default();
            None
        } else if tipped.now {
            state.bend.lie();
            None
        } else if seen.prone {
            state.bend.stop(t)
        } else {
            state.bend.step(&self.bend, t, dt, &bent)
        };
        if let Some(bend) = ended {
            state.sit_stand.bend(&self.sit_stand, bend, &mut found);
        }
        let sit_stand = &mut state.sit_stand;
        let pelvis = Pelvis { t, dt, lean, norm, walking: seen.walking, down: tipped.now };
        state.seat.step(&self.seat, &pelvis, &mut |seated| {
            sit_stand.seat(&self.sit_stand, seated, now, &mut found);
        });
        let rolled = state.seat.rolled();
        let sit_stand = &mut state.sit_stand;
        let stretch = stretch
            .filter(|stretch| tipped.last < stretch.start)
            .filter(|stretch| !sit_stand.several(stretch, rolled) && !walked.mostly(stretch.start, stretch.end));
        if let Some(stretch) = stretch {
            state.sit_stand.stretch(&self.sit_stand, &stretch, neutral, now, &mut found);
            if state.sit_stand.rose(stretch.end) {
                state.neutral.risen(&self.neutral, stretch.to);
            }
        }
        let rolled = rolled.filter(|since| t.since(*since).0 <= self.seat.long_after.0);
        state.sit_stand.step(&self.sit_stand, t, now, rolled, |from, to| walked.mostly(from, to), &mut found);
    }

    /// Ends what is open at `end`: a gap or the end of the recording.
    pub(super) fn cut(
        &self,
        state: &mut TrunkState,
        setup: &Setup,
        end: Time,
        now: Time,
        emit: &mut impl FnMut(Event),
    ) {
        let neutral = state.neutral.tilt().unwrap_or(Angle::ZERO);
        let walked = state.walked;
        let seated = &mut state.seated;
        let mut found = |found: Found| self.tell(setup, &found, neutral, now, seated, emit);
        if let Some(bend) = state.bend.cut(&self.bend, end) {
            state.sit_stand.bend(&self.sit_stand, bend, &mut found);
        }
        let sit_stand = &mut state.sit_stand;
        state.seat.cut(&self.seat, &mut |seated| sit_stand.seat(&self.sit_stand, seated, now, &mut found));
        let unfinished = state.stretch.unfinished(&self.stretch, end, state.tilts[TILTS - 1]);
        let single = |stretch: &Stretch| !state.sit_stand.several(stretch, None);
        if let Some(stretch) = unfinished.filter(|_| state.tilts_known > 0).filter(single) {
            state.sit_stand.stretch(&self.sit_stand, &stretch, neutral, now, &mut found);
        }
        state.sit_stand.cut(&self.sit_stand, now, |from, to| walked.mostly(from, to), &mut found);
        state.stretch = StretchState::default();
        state.neutral.restart();
        state.walked = Walked::default();
        state.tilts_known = 0;
        state.seated = false;
    }

    /// Turns what was found into events.
    fn tell(
        &self,
        setup: &Setup,
        found: &Found,
        neutral: Angle,
        now: Time,
        seated: &mut bool,
        emit: &mut impl FnMut(Event),
    ) {
        let (bend, squat, style) = match *found {
            Found::Dip(stretch) => {
                let dip = Stretch { height: -stretch.lowest, ..stretch };
                let dip = squat(setup, &Stretch { height: stretch.lowest, ..stretch }, &dip, neutral);
                if lift::alone(&self.lift, &dip) {
                    let mut event = Event::new(Kind::PossibleLift, dip.start, dip.end, now);
                    event.bend = Some(dip.detail);
                    emit(event);
                }
                return;
            }
            Found::Event(event) => {
                *seated = event.kind == Kind::StandToSit;
                emit(event);
                return;
            }
            Found::Bend(bend) => (bend, false, self.sit_stand.straight(&bend).map(styled)),
            Found::Squat { first, last, lean } => {
                let squat = squat(setup, &first, &last, neutral);
                let style = self.sit_stand.straight(&squat).map(styled);
                (lean.map_or(squat, |lean| lean.joined(&squat)), true, style)
            }
        };
        let mut event = Event::new(Kind::Bend, bend.start, bend.end, now);
        event.bend = Some(bend.detail);
        event.style = style.map(|style| style.0);
        event.confidence = style.map(|style| style.1);
        event.flags = bend.flags;
        if setup.approximate() {
            event.flags = event.flags.with(Flags::APPROXIMATE);
        }
        if !(squat && lift::alone(&self.lift, &bend)) {
            emit(event);
        }
        if !bend.flags.has(Flags::TRUNCATED) && lift::possible(&self.lift, &bend, squat) {
            emit(Event { kind: Kind::PossibleLift, confidence: None, ..event });
        }
    }
}

/// A style, and how sure it is.
fn styled(straight: f64) -> (Style, f64) {
    let style = if straight > 0.0 { Style::KneesStraight } else { Style::KneesBent };
    (style, confidence(straight))
}

/// A pelvis that went down and came up, as a bend.
fn squat(setup: &Setup, first: &Stretch, last: &Stretch, neutral: Angle) -> BendEnded {
    let deepest = Angle::from_radians(first.deepest.max(last.deepest)) - neutral;
    let tea = setup.trunk_equivalent(deepest);
    let detail = BendDetail { peak_tea: tea.angle, ..BendDetail::default() };
    BendEnded {
        start: first.start,
        end: last.end,
        detail,
        lean: deepest,
        depth: Some(0.5 * (last.height - first.height)),
        burst: last.push,
        flags: Flags::default(),
    }
}
