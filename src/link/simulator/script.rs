//! What the wearer does, in order: tracks of body motion, walks, and the truth about both.
//!
//! In:  activities, one after another (`activities`). Out: tracks for the body model, and labelled
//! events. Times are seconds since the start of the recording; nothing here knows a sampling rate.

use super::gait::Walk;
use super::geometry::Site;
use super::random::{Purpose, Random};
use super::track::{Shape, Track};
use crate::frames::{Placement, Vec3};
use crate::signal::{BendDetail, Event, Flags, Kind, LyingSide, Posture, PostureSpan, Style, WarningKind};
use crate::units::{Angle, AngularRate, Seconds, Time};

/// What a track moves. Angles in rad, lengths in m.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Trunk flexion, which a sensor sees through the geometry of its placement.
    Trunk,
    /// Tilt of the whole lower back, which every placement sees alike: sitting, lying, bridging.
    Recline,
    /// Side bend, positive to the right.
    Side,
    /// Turn about the long axis of the body: rolling in bed.
    Roll,
    /// Heading, positive to the left.
    Heading,
    /// Height of the pelvis.
    Height,
    /// A further, short rise of the pelvis: the pull of a lift.
    Pull,
    /// Place along the heading.
    Forward,
    /// How alive the body is: 1 upright, less when lying, 0 on a table.
    Life,
    /// How much of [`super::body`]'s breathing the lower back shows: 1 sitting and lying, 0 standing, where
    /// sway hides it, and on a table.
    Breath,
    /// How far the strap has slipped, 0 or 1 after the first slip, and so on.
    Slip,
}

/// Number of [`Part`]s.
pub(super) const PARTS: usize = 11;

/// A hole in the recording: the sensor sent nothing that arrived in `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hole {
    pub(super) from: f64,
    pub(super) to: f64,
}

/// A bend begins to count here, as domain.md §6 words it. The truth applies it to true angles.
const BEND_OPENS_DEG: f64 = 30.0;
/// A bend is over below this.
const BEND_CLOSES_DEG: f64 = 20.0;
/// The truth about a bend is read from its curve in steps this long.
const TRUTH_STEP_S: f64 = 0.001;

/// All that happens in one recording.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) tracks: [Track; PARTS],
    pub(super) walks: Vec<Walk>,
    pub(super) holes: Vec<Hole>,
    /// Where the strap slips to: one rotation (rad, body axes) for each step of [`Part::Slip`].
    pub(super) slips: Vec<Vec3>,
    /// When each of them began.
    pub(super) slipped_at: Vec<f64>,
    pub(super) events: Vec<Event>,
    pub(super) postures: Vec<PostureSpan>,
    /// Exercise sets, as (exercise, start, end).
    pub(super) sets: Vec<(&'static str, f64, f64)>,
    pub(super) site: Site,
    pub(super) random: Random,
    /// Where the script has come to.
    pub(super) now: f64,
    posture: Option<(Posture, Option<LyingSide>, f64)>,
}

impl Script {
    /// An empty script of an upright wearer.
    pub(super) fn new(seed: u64, placement: Placement) -> Self {
        let mut script = Self {
            tracks: Default::default(),
            walks: Vec::new(),
            holes: Vec::new(),
            slips: Vec::new(),
            slipped_at: Vec::new(),
            events: Vec::new(),
            postures: Vec::new(),
            sets: Vec::new(),
            site: Site::of(placement),
            random: Random::new(seed, Purpose::Script),
            now: 0.0,
            posture: None,
        };
        script.set(Part::Life, 1.0);
        script
    }

    /// Moves a part from where it is, beginning at `start`.
    pub(super) fn ease(&mut self, part: Part, start: f64, duration: f64, to: f64) {
        self.tracks[part as usize].add(start, duration, Shape::Ease { to });
    }

    /// Gives a part another form of motion.
    pub(super) fn shape(&mut self, part: Part, start: f64, duration: f64, shape: Shape) {
        self.tracks[part as usize].add(start, duration, shape);
    }

    /// Puts a part somewhere at once; only before anything moves.
    pub(super) fn set(&mut self, part: Part, to: f64) {
        self.tracks[part as usize].add(self.now, 0.0, Shape::Ease { to });
    }

    /// Where a part is after everything scripted so far.
    pub(super) fn last(&self, part: Part) -> f64 {
        self.tracks[part as usize].last()
    }

    /// From now on the wearer is in this posture.
    pub(super) fn posture(&mut self, posture: Posture, side: Option<LyingSide>) {
        if self.posture.is_some_and(|(before, on, _)| (before, on) == (posture, side)) {
            return;
        }
        self.close_posture();
        self.posture = Some((posture, side, self.now));
    }

    fn close_posture(&mut self) {
        if let Some((posture, lying_side, since)) = self.posture.take()
            && since < self.now
        {
            let (start, end) = (Time::from_seconds(since), Time::from_seconds(self.now));
            self.postures.push(PostureSpan { start, end, posture, lying_side, decided: end });
        }
    }

    /// Ends the script: closes the posture and sorts the truth.
    pub(super) fn finish(&mut self) {
        self.close_posture();
        self.events.sort_by_key(|event| (event.start, event.end));
    }

    /// Labels something that happened.
    pub(super) fn label(&mut self, kind: Kind, start: f64, end: f64) -> &mut Event {
        let (start, end) = (Time::from_seconds(start), Time::from_seconds(end));
        self.events.push(Event::new(kind, start, end, end));
        let newest = self.events.len() - 1;
        &mut self.events[newest]
    }

    /// Labels a signal that the wording of a scenario demands.
    pub(super) fn label_signal(&mut self, rule: WarningKind, at: f64) {
        self.label(Kind::Signal, at, at).style = Some(Style::Warning(rule));
    }

    /// Labels the bend that the trunk makes between two moments, if it is one; returns its times.
    ///
    /// Start is the true crossing of 30°, end the true crossing of 20° on the way back (or the end of
    /// what was looked at, then `truncated`).
    pub(super) fn label_bend(&mut self, from: f64, to: f64) -> Option<(f64, f64)> {
        let (mut trunk_at, mut side_at) = (0, 0);
        let (mut detail, mut start, mut end, mut over) = (BendDetail::default(), None, None, [0_u32; 3]);
        let (mut down, mut up) = (0.0_f64, 0.0_f64);
        let steps = ((to - from) / TRUTH_STEP_S) as usize;
        for i in 0..=steps {
            let t = from + i as f64 * TRUTH_STEP_S;
            let trunk = self.tracks[Part::Trunk as usize].at(t, &mut trunk_at);
            let side = Angle::from_radians(self.tracks[Part::Side as usize].at(t, &mut side_at).value);
            let tilt_rate = self.site.tilt(trunk).rate;
            (down, up) = (down.max(tilt_rate), up.max(-tilt_rate));
            let flexion = Angle::from_radians(trunk.value);
            detail.peak_tea = detail.peak_tea.max(flexion);
            if side.abs() > detail.peak_side.abs() {
                detail.peak_side = side;
            }
            for (count, limit) in over.iter_mut().zip([30.0, 45.0, 60.0]) {
                *count += u32::from(flexion.degrees() >= limit);
            }
            if start.is_none() && flexion.degrees() >= BEND_OPENS_DEG {
                start = Some(t);
            }
            if start.is_some() && end.is_none() && flexion.degrees() < BEND_CLOSES_DEG {
                end = Some(t);
            }
        }
        let start = start?;
        let [over_30, over_45, over_60] = over.map(|count| Seconds(f64::from(count) * TRUTH_STEP_S));
        let (peak_down, peak_up) =
            (AngularRate::from_radians_per_second(down), AngularRate::from_radians_per_second(up));
        let flags = if end.is_none() { Flags::TRUNCATED } else { Flags::default() };
        let end = end.unwrap_or(to);
        let event = self.label(Kind::Bend, start, end);
        event.bend = Some(BendDetail { peak_down, peak_up, over_30, over_45, over_60, ..detail });
        event.flags = flags;
        Some((start, end))
    }

    /// Nothing arrives between two moments.
    pub(super) fn hole(&mut self, from: f64, to: f64) {
        self.holes.push(Hole { from, to });
        self.label(Kind::Gap, from, to);
    }
}
