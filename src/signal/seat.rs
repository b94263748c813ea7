//! Finds sitting down and rising where the body never rests: by the pelvis rolling back on a seat, with a
//! fall before it and a push after it.
//!
//! In:  tilt beyond the neutral and the norm of specific force on the fixed grid. Out: sitting down, once the
//! seat is held or left; rising, up to a second after it.
//! How: on a seat the pelvis leans back, and comes forward again to rise. Sitting down shows a dip of the
//! norm and then a peak, rising a peak and then a dip. The norm needs no attitude, and is taken as a share of
//! what it usually reads, so a wrong scale does not matter.
//! A pelvis that stays rolled far back is on a seat even without that swing, as in a car.
//! Error: asserted on mhad_hip in `tests/accuracy` (five rises in a row, 31 Hz, no gyroscope): exactly five in
//! 0.85 of the recordings, and in four of the others fewer than five rises happened.
//! Fails: for people who sit as upright as they stand (one hip of twelve); those need a rest at both ends,
//! see [`super::stretch`].

use super::Tick;
use crate::units::{Angle, Seconds, Time};

/// What counts as a seat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeatParams {
    /// Tilt behind the neutral at which the pelvis may be on a seat. Chosen by us: beyond the sway of
    /// standing; the seats of mhad_hip lean back by 16 to 50°.
    pub back: Angle,
    /// Tilt beyond which it can be no step. Chosen by us.
    pub no_step: Angle,
    /// Share of the forward lean just before it that it must lean back. Chosen by us: coming up from a bend
    /// the pelvis swings back by less.
    pub rebound: f64,
    /// How long it must stay there. Chosen by us.
    pub hold: Seconds,
    /// Share of the largest tilt back above which it has left the seat. Chosen by us.
    pub left: f64,
    /// Share of it below which it is back on the seat. Chosen by us.
    pub returned: f64,
    /// Dip to peak of the norm over sitting down and rising together, as a share of what it usually reads.
    /// Chosen by us, from mhad_hip: quiet ones read 0.2 each, the usual ones 0.4.
    pub both: f64,
    /// The least that each of them must have. Chosen by us.
    pub each: f64,
    /// What one of them must have alone. Chosen by us.
    pub alone: f64,
    /// How much a tilt back beyond `back` counts like a swing, per rad. Chosen by us: with 30° of it, no
    /// swing is needed.
    pub roll: f64,
    /// How long it must last for that. Chosen by us: nobody crouches for longer.
    pub long_after: Seconds,
    /// How long one must be off a seat that was told for it to be a rise without any swing. Chosen by us.
    pub off_for: Seconds,
    /// How long before it rolls back the pelvis may begin to fall. Chosen by us: a rise lasts 1 to 2 s.
    pub fall_within: Seconds,
    /// How far from rolling back or forward the peak may be. Chosen by us.
    pub peak_within: Seconds,
    /// How long after leaving the seat the rise is over. Chosen by us.
    pub rise_within: Seconds,
    /// A seat held for so long is told without waiting for the rise. Chosen by us.
    pub sure_after: Seconds,
    /// After so long a tilt back may as well be a belt that has moved. Chosen by us.
    pub longest: Seconds,
    /// Who walks for so long with the pelvis rolled back does not sit: the belt has moved. Chosen by us: walking is
    /// known to have ended 2 s late, and the seat comes after its last step.
    pub walked: Seconds,
    /// Smoothing of the norm. Chosen by us.
    pub smooth: Seconds,
    /// Time constant of the norm that the sensor usually reads. Chosen by us.
    pub usual: Seconds,
}

impl Default for SeatParams {
    fn default() -> Self {
        Self {
            back: Angle::from_degrees(10.0),
            no_step: Angle::from_degrees(15.0),
            rebound: 0.35,
            hold: Seconds(0.5),
            left: 0.5,
            returned: 0.75,
            both: 0.4,
            each: 0.1,
            alone: 0.25,
            roll: 0.72,
            long_after: Seconds(3.5),
            off_for: Seconds(3.0),
            fall_within: Seconds(1.2),
            peak_within: Seconds(0.6),
            rise_within: Seconds(1.0),
            sure_after: Seconds(1.5),
            longest: Seconds(10.0),
            walked: Seconds(2.0),
            smooth: Seconds(0.06),
            usual: Seconds(5.0),
        }
    }
}

/// Grid steps of the norm that are kept: 1.28 s.
const KEPT: usize = 32;

/// The pelvis rolled back.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seat {
    since: Time,
    /// When it began to fall.
    fell: Time,
    dip: f64,
    peak: f64,
    /// Largest tilt back, rad, negative.
    deepest: f64,
    /// Largest lean forward before it, rad.
    top: f64,
    /// Sitting down was seen, and has been told.
    seen: bool,
    told: bool,
    /// The body lay, or nearly so: a tilt back is no sign of a seat.
    lay: bool,
    /// How long the body has walked meanwhile.
    walked: f64,
}

/// The pelvis came forward again.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rise {
    since: Time,
    peak: f64,
    dip: f64,
    /// When it stopped rising, as far as seen.
    stopped: Time,
}

/// What samples change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SeatState {
    norm: f64,
    usual: f64,
    /// The newest norms, as a share of the usual one, smoothed.
    kept: [f32; KEPT],
    /// The newest leans, rad.
    leans: [f32; KEPT],
    at: usize,
    newest: Time,
    seat: Option<Seat>,
    rise: Option<Rise>,
}

impl Default for SeatState {
    fn default() -> Self {
        let kept = [0.0; KEPT];
        Self { norm: 0.0, usual: 0.0, kept, leans: kept, at: 0, newest: Time::START, seat: None, rise: None }
    }
}

/// One grid step of `dt` that ended at `t`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pelvis {
    pub t: Time,
    pub dt: f64,
    /// Tilt beyond the neutral.
    pub lean: Angle,
    /// Norm of specific force, g.
    pub norm: f64,
    pub walking: bool,
    /// Lies, or may be about to.
    pub down: bool,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Seated {
    Down(Time, Time),
    Up(Time, Time),
}

impl Seated {
    /// When it began and ended.
    pub(super) fn times(&self) -> (Time, Time) {
        match *self {
            Self::Down(start, end) | Self::Up(start, end) => (start, end),
        }
    }
}

impl SeatState {
    /// Takes one grid step.
    #[inline]
    pub(super) fn step(&mut self, params: &SeatParams, pelvis: &Pelvis, found: &mut impl FnMut(Seated)) {
        let Pelvis { t, dt, lean, norm, walking, down } = *pelvis;
        let lean = lean.radians();
        self.keep(params, t, dt, norm, lean);
        let Some(seat) = &mut self.seat else {
            if lean < -params.back.radians() {
                let begun = self.begin(params, t, lean);
                self.seat = Some(Seat { seen: !down, lay: down, ..begun });
            }
            return;
        };
        let now = f64::from(self.kept[self.at]);
        seat.deepest = seat.deepest.min(lean);
        seat.lay |= down;
        if walking {
            seat.walked += dt;
        }
        seat.seen &= !down || seat.told;
        let sat_for = t.since(seat.since).0;
        if sat_for <= params.peak_within.0 {
            seat.peak = seat.peak.max(now);
        }
        let Some(rise) = &mut self.rise else {
            if lean > params.left * seat.deepest {
                let kept = sat_for >= params.hold.0
                    && -seat.deepest >= params.rebound * seat.top
                    && (!walking || seat.deepest < -params.no_step.radians());
                if kept {
                    self.rise = Some(Rise { since: t, peak: self.most(params.peak_within), dip: now, stopped: t });
                } else {
                    self.seat = None;
                }
            } else if sat_for >= params.sure_after.0 && !seat.told && seat.seen && seat.shows(params, sat_for) {
                seat.told = true;
                found(seat.down(params));
            }
            return;
        };
        let risen_for = t.since(rise.since).0;
        if risen_for <= params.peak_within.0 {
            rise.peak = rise.peak.max(now);
        }
        if now < rise.dip {
            rise.dip = now;
            rise.stopped = t;
        }
        if lean < params.returned * seat.deepest {
            self.rise = None;
        } else if risen_for >= params.rise_within.0 {
            let off = risen_for >= params.off_for.0;
            let swung = rise.peak - rise.dip >= params.each;
            if off && seat.told && !swung {
                // Sits more upright now: nobody rises without any swing.
                seat.deepest = lean.min(-params.back.radians());
                self.rise = None;
            } else {
                self.judge(params, off, found);
            }
        }
    }

    /// When the pelvis rolled back that has not come forward yet.
    pub(super) fn rolled(&self) -> Option<Time> {
        self.seat.map(|seat| seat.since)
    }

    fn keep(&mut self, params: &SeatParams, t: Time, dt: f64, norm: f64, lean: f64) {
        if self.usual == 0.0 {
            self.usual = norm;
            self.norm = norm;
        }
        self.newest = t;
        self.norm += (norm - self.norm) * dt / (params.smooth.0 + dt);
        self.usual += (norm - self.usual) * dt / (params.usual.0 + dt);
        self.at = (self.at + 1) % KEPT;
        self.leans[self.at] = lean as f32;
        self.kept[self.at] = (self.norm / self.usual.max(f64::MIN_POSITIVE) - 1.0) as f32;
    }

    /// Kept norms of the newest `within`, newest first.
    fn newest(&self, within: Seconds) -> impl Iterator<Item = (usize, f64)> {
        let steps = ((within.0 / Tick::INTERVAL.0) as usize).min(KEPT - 1);
        (0..=steps).map(|back| (back, f64::from(self.kept[(self.at + KEPT - back) % KEPT])))
    }

    fn most(&self, within: Seconds) -> f64 {
        self.newest(within).map(|(_, norm)| norm).fold(f64::MIN, f64::max)
    }

    fn begin(&self, params: &SeatParams, t: Time, lean: f64) -> Seat {
        let least = self.newest(params.fall_within).min_by(|a, b| a.1.total_cmp(&b.1));
        let (back, dip) = least.unwrap_or((0, 0.0));
        let top = self.leans.iter().copied().fold(0.0, f32::max).into();
        let peak = self.newest(Seconds(back as f64 * Tick::INTERVAL.0)).map(|(_, norm)| norm).fold(f64::MIN, f64::max);
        let fell = t - Seconds(back as f64 * Tick::INTERVAL.0);
        Seat { since: t, fell, dip, peak, deepest: lean, top, seen: true, told: false, lay: false, walked: 0.0 }
    }

    fn judge(&mut self, params: &SeatParams, off: bool, found: &mut impl FnMut(Seated)) {
        let (Some(seat), Some(rise)) = (self.seat, self.rise) else {
            return;
        };
        let down = if seat.seen { seat.peak - seat.dip } else { 0.0 };
        let up = rise.peak - rise.dip;
        let pair = down >= params.each && up >= params.each && down + up >= params.both;
        let enough = pair || up >= params.alone;
        if !enough && seat.told && !seat.lay && !off {
            return;
        }
        (self.seat, self.rise) = (None, None);
        if seat.walked >= params.walked.0 || (!enough && (!seat.told || seat.lay)) {
            return;
        }
        // Who rises from a seat has sat down on it, however gently.
        if seat.seen && !seat.told {
            found(seat.down(params));
        }
        found(Seated::Up(rise.since - params.peak_within, rise.stopped));
    }

    /// Ends at a gap or at the end of the recording: a rise under way is one if it shows enough.
    pub(super) fn cut(&mut self, params: &SeatParams, found: &mut impl FnMut(Seated)) {
        if self.rise.is_some() {
            self.judge(params, true, found);
        }
        let seat = self.seat.map(|seat| Seat { seen: false, ..seat });
        *self = Self { norm: self.norm, usual: self.usual, seat, ..Self::default() };
    }
}

impl Seat {
    /// Whether it shows enough without a rise: a swing, or with it a roll too far and long for a squat.
    fn shows(&self, params: &SeatParams, sat_for: f64) -> bool {
        let long = !self.lay && sat_for >= params.long_after.0;
        let rolled = if long { params.roll * (-self.deepest - params.back.radians()) } else { 0.0 };
        self.peak - self.dip + rolled >= params.alone
    }

    fn down(&self, params: &SeatParams) -> Seated {
        Seated::Down(self.fell - params.smooth, self.since + params.hold)
    }
}
