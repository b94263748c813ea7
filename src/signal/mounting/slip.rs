//! Tells when the strap has moved on the body: up in sensor axes is another than it was, walking and at rest.
//!
//! In:  up in sensor axes and whether the wearer walks, on the fixed grid; the mounting need not be known.
//! Out: the angle of a slip, once, by the walking that makes it sure.
//! How: walking is cut into parts of some seconds, each with its mean up. Parts near the usual up move it
//! along slowly. Parts far from it and near each other are a slip, or stairs, or a run. Standing still right
//! before or after such a walk tells which: a strap that moved reads otherwise in standing too. Where nobody
//! stands, so much walking that it cannot be stairs is enough.
//! Error: every slip of simulated days is told within two minutes of walking and nothing else is
//! (`tests/mounting.rs`); in two hours of walking on recordings, none that standing does not confirm
//! (`tests/accuracy/slip.rs`).
//! Source: domain.md §7, walking is a natural upright. Differs: rest is compared only beside a walk, since
//! sitting and standing cannot be told apart by one sensor and tilt the lower back as much as a slip does.
//! Fails: a turn about the vertical is not seen; a slip shows when the wearer next walks, not before; a new
//! way of walking held for half a minute without a stop (a steep hill) reads as a slip.

use crate::frames::Vec3;
use crate::signal::Tick;
use crate::signal::attitude::smallest_rotation;
use crate::units::{Angle, Seconds, Time};

/// What a person or a paper chooses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlipParams {
    /// Walking is judged in parts of this length. Chosen by us: several strides, so that the swing of the
    /// pelvis is gone from their mean.
    pub part: Seconds,
    /// Scatter of up within a part beyond which it is no walking but jumping or reaching. Chosen by us, after a trial
    /// of jumping and reaching in sisfall read as a slip; no other value was tried.
    pub scatter: Angle,
    /// Change of up beyond which the strap may have moved. Chosen by us: parts of people's level walking
    /// stay within it, straps put on anew (`gait_l5`) move by 5° to 25°.
    pub limit: Angle,
    /// Parts of one slip lie within this of each other. Chosen by us: as parts of one walk do.
    pub same: Angle,
    /// So many parts are enough when standing agrees. Chosen by us: one may hold a turn or a door.
    pub with_rest: u32,
    /// So many are enough without standing. Chosen by us: longer than stairs are climbed without a landing.
    pub without_rest: u32,
    /// Share by which each part near the usual up moves it. Chosen by us: a minute of walking.
    pub follow: f64,
    /// A pause in walking up to this long does not break a part off. Source: domain.md §7, bouts merge.
    pub pause: Seconds,
    /// Up turns less than this against its slow mean at rest. Chosen by us: people who stand sway by less.
    pub sway: Angle,
    /// Time constant of that slow mean. Chosen by us.
    pub slow: Seconds,
    /// How long a rest lasts. Chosen by us: longer than a change of direction.
    pub rest: Seconds,
    /// A rest that ends this shortly before walking is known was spent standing. Chosen by us: five steps and
    /// their delay; from a chair one has to rise as well.
    pub before: Seconds,
    /// A rest that is known this shortly after walking was is spent standing. Chosen by us: a chair takes
    /// longer to reach.
    pub after: Seconds,
    /// Share of the change in walking that standing must show to agree. Chosen by us: half.
    pub agree: f64,
}

impl Default for SlipParams {
    fn default() -> Self {
        Self {
            part: Seconds(5.0),
            scatter: Angle::from_degrees(8.0),
            limit: Angle::from_degrees(9.0),
            same: Angle::from_degrees(5.0),
            with_rest: 2,
            without_rest: 6,
            follow: 0.1,
            pause: Seconds(3.5),
            sway: Angle::from_degrees(1.5),
            slow: Seconds(1.0),
            rest: Seconds(1.0),
            before: Seconds(4.5),
            after: Seconds(1.0),
            agree: 0.5,
        }
    }
}

/// All that grid steps change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SlipState {
    /// Up while walking as it usually is; `None` until the first parts have agreed.
    usual: Option<Vec3>,
    /// Sum of up over the open part, and its length.
    sum: Vec3,
    length: f64,
    /// The newest walking.
    walked: Option<Time>,
    /// Sum of the means of parts that agree with each other and not with the usual, and how many.
    other: Vec3,
    others: u32,
    rest: Rest,
    /// Up while standing beside usual walking, and beside the walk under way, before it or after.
    usually_stood: Option<Vec3>,
    stood: Option<Vec3>,
}

/// Rest as it is found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Rest {
    slow: Option<Vec3>,
    lasting: f64,
    /// The newest rest that lasted long enough, and when it ended.
    newest: Option<(Time, Vec3)>,
}

impl SlipParams {
    /// Takes the up of one grid step that ended at `t`; returns the angle of a slip that it makes sure.
    pub fn step(&self, state: &mut SlipState, t: Time, up_sensor: &Vec3, walking: bool) -> Option<Angle> {
        let rested = self.rests(&mut state.rest, t, up_sensor);
        if !walking {
            let beside = state.walked.is_some_and(|walked| t.since(walked).0 <= self.after.0);
            return rested.filter(|_| beside).and_then(|up| self.stood(state, up));
        }
        if state.walked.is_none_or(|walked| t.since(walked).0 > self.pause.0) {
            (state.sum, state.length) = (Vec3::zeros(), 0.0);
            let before = state.rest.newest.filter(|(ended, _)| t.since(*ended).0 <= self.before.0);
            state.stood = before.map(|(_, up)| up);
        }
        state.walked = Some(t);
        state.sum += up_sensor;
        state.length += Tick::INTERVAL.0;
        if state.length < self.part.0 {
            return None;
        }
        let steps = std::mem::take(&mut state.length) / Tick::INTERVAL.0;
        let sum = std::mem::take(&mut state.sum);
        if sum.norm() < self.scatter.radians().cos() * steps {
            return None;
        }
        let part = sum.try_normalize(f64::EPSILON)?;
        self.walked(state, &part)
    }

    /// Follows rest; gives its up on every step of a rest that has lasted long enough.
    fn rests(&self, rest: &mut Rest, t: Time, up: &Vec3) -> Option<Vec3> {
        let gain = Tick::INTERVAL.0 / (self.slow.0 + Tick::INTERVAL.0);
        let slow = rest.slow.get_or_insert(*up);
        *slow += (up - *slow) * gain;
        let still = (up - *slow).norm_squared() < self.sway.radians() * self.sway.radians();
        rest.lasting = if still { rest.lasting + Tick::INTERVAL.0 } else { 0.0 };
        let long_enough = rest.lasting >= self.rest.0;
        if long_enough {
            rest.newest = Some((t, *slow));
        }
        long_enough.then_some(*slow)
    }

    /// Takes the mean up of a part of walking.
    fn walked(&self, state: &mut SlipState, up: &Vec3) -> Option<Angle> {
        if let Some(usual) = &mut state.usual
            && usual.angle(up) <= self.limit.radians()
        {
            *usual = follow(usual, up, self.follow);
            (state.other, state.others) = (Vec3::zeros(), 0);
            if let Some(stood) = &state.stood {
                state.usually_stood = Some(follow(&state.usually_stood.unwrap_or(*stood), stood, self.follow));
            }
            return None;
        }
        if state.others > 0 && state.other.angle(up) > self.same.radians() {
            (state.other, state.others) = (Vec3::zeros(), 0);
        }
        state.other += up;
        state.others += 1;
        self.judge(state)
    }

    /// Takes the up of a rest that follows a walk. One that reads as usual clears the walk of suspicion.
    fn stood(&self, state: &mut SlipState, up: Vec3) -> Option<Angle> {
        state.stood = Some(up);
        if state.usual.is_some() && state.others == 0 {
            state.usually_stood.get_or_insert(up);
        }
        if self.agrees(state) == Some(false) {
            (state.other, state.others) = (Vec3::zeros(), 0);
        }
        self.judge(state)
    }

    fn judge(&self, state: &mut SlipState) -> Option<Angle> {
        let sure = state.usual.is_none() || self.agrees(state) == Some(true);
        if state.others < if sure { self.with_rest } else { self.without_rest } {
            return None;
        }
        let up = std::mem::take(&mut state.other).normalize();
        state.others = 0;
        state.usually_stood = state.stood;
        state.usual.replace(up).map(|usual| Angle::from_radians(usual.angle(&up)))
    }

    /// Whether standing changed as the suspicious walking did; `None` where that cannot be told.
    fn agrees(&self, state: &SlipState) -> Option<bool> {
        let (usual, usually_stood, stood) = (state.usual?, state.usually_stood?, state.stood?);
        let changed = usual.angle(&state.other);
        // The turn of the strap turns standing as it turns walking, the same way and as far.
        let turned = smallest_rotation(&usual, &state.other) * usually_stood;
        (state.others > 0).then(|| stood.angle(&turned) <= (1.0 - self.agree) * changed)
    }
}

/// A direction moved by a share of the way to another.
fn follow(from: &Vec3, to: &Vec3, share: f64) -> Vec3 {
    (from + (to - from) * share).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::Quat;

    /// A wearer as the detector sees one: walks or stands, with the sensor at some angle.
    struct Wearer {
        state: SlipState,
        now: Time,
        told: Vec<f64>,
    }

    impl Wearer {
        fn new() -> Self {
            Self { state: SlipState::default(), now: Time::START, told: Vec::new() }
        }

        fn spend(&mut self, seconds: f64, tilt_deg: f64, walking: bool) -> &mut Self {
            let up = Quat::from_scaled_axis(Vec3::y() * tilt_deg.to_radians()) * Vec3::x();
            for _ in 0..(seconds / Tick::INTERVAL.0) as usize {
                self.now = self.now + Tick::INTERVAL;
                let by = SlipParams::default().step(&mut self.state, self.now, &up, walking);
                self.told.extend(by.map(|by| by.degrees().round()));
            }
            self
        }

        fn walk(&mut self, seconds: f64, tilt_deg: f64) -> &mut Self {
            self.spend(seconds, tilt_deg, true)
        }

        fn stand(&mut self, seconds: f64, tilt_deg: f64) -> &mut Self {
            self.spend(seconds, tilt_deg, false)
        }
    }

    #[test]
    fn a_strap_that_moved_is_told_once_by_the_next_ten_seconds_of_walking() {
        let mut wearer = Wearer::new();
        wearer.walk(30.0, 0.0).stand(10.0, 1.0).stand(10.0, 15.0).walk(9.0, 14.0);
        assert_eq!(wearer.told, [] as [f64; 0]);
        wearer.walk(3.0, 14.0);
        assert_eq!(wearer.told, [14.0]);
        wearer.walk(60.0, 14.0).stand(10.0, 15.0).walk(60.0, 14.0);
        assert_eq!(wearer.told, [14.0]);
        wearer.stand(10.0, 1.0).walk(20.0, 0.0);
        assert_eq!(wearer.told, [14.0, 14.0], "put right again");
    }

    #[test]
    fn stairs_between_standing_are_no_slip() {
        let mut wearer = Wearer::new();
        wearer.walk(30.0, 0.0);
        for _ in 0..5 {
            wearer.stand(5.0, 1.0).walk(20.0, 13.0).stand(5.0, 1.0).walk(15.0, 2.0);
        }
        assert_eq!(wearer.told, [] as [f64; 0]);
    }

    #[test]
    fn a_strap_that_moves_in_the_middle_of_a_walk_is_told_by_half_a_minute_of_it() {
        let mut wearer = Wearer::new();
        wearer.stand(5.0, 1.0).walk(40.0, 0.0).walk(29.0, 14.0);
        assert_eq!(wearer.told, [] as [f64; 0]);
        wearer.walk(20.0, 14.0);
        assert_eq!(wearer.told, [14.0]);
    }

    #[test]
    fn sitting_and_a_slow_creep_are_no_slip() {
        let mut wearer = Wearer::new();
        for hour in 0..8 {
            let creep = f64::from(hour) * 2.0;
            wearer.walk(60.0, creep).stand(600.0, creep - 15.0).walk(60.0, creep);
        }
        assert_eq!(wearer.told, [] as [f64; 0]);
    }
}
