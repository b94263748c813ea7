//! The body at one moment: what an ideal sensor, mounted exactly on the body's axes, would read.
//!
//! In:  a script and a time. Out: specific force (g) and rotation rate (rad/s) in the body frame.
//!
//! The attitude is built from angles whose rates are known exactly: heading about the vertical, side
//! bend about the forward axis, forward tilt about the right axis, roll about the long axis of the body:
//!
//! ```text
//! level_from_body = Rz(side) · Ry(−tilt) · Rx(roll)         earth_from_level turns by the heading
//! ```

use super::gait::Gait;
use super::random::{Purpose, Random};
use super::script::{PARTS, Part, Script};
use super::track::Jet;
use super::wave;
use crate::frames::Vec3;
use crate::units::STANDARD_GRAVITY;
use std::f64::consts::TAU;

/// What the body does at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Motion {
    /// Specific force in g, body frame.
    pub(super) acc: Vec3,
    /// Rotation rate in rad/s, body frame.
    pub(super) gyr: Vec3,
    /// How much soft tissue is shaken, 0 at rest to about 1 while walking.
    pub(super) shaking: f64,
    /// Strap slip (value and rate; see [`Part::Slip`]).
    pub(super) slip: Jet,
}

/// One slow wave of postural sway: frequency in Hz, amplitude in degrees.
///
/// Quiet stance sways by some tenths of a degree below 1 Hz; breathing lies at a quarter of a Hz.
/// Sizes chosen by us so that the trunk of a still wearer stays within ±0.6°.
const SWAY: [(f64, f64); 3] = [(0.09, 0.25), (0.26, 0.16), (0.57, 0.08)];

/// Waves of tilt that breathing gives a resting body: frequency in Hz, amplitude in degrees.
///
/// From the recordings `hapt`: between 0.15 and 0.45 Hz the specific force of 40 spells of lying and 38 of sitting
/// swings by 3.7 and 4.8 mg (medians of the SD on the axis with most of it), most often near 0.3 Hz. A
/// lying back that tips by these waves swings by 5.5 mg. Two waves, so that breaths differ in depth.
const BREATH: [(f64, f64); 2] = [(0.27, 0.42), (0.31, 0.14)];

/// Evaluates a script at rising times.
#[derive(Clone, Debug)]
pub(super) struct Body<'a> {
    script: &'a Script,
    cursors: [usize; PARTS],
    walk: usize,
    step: usize,
    /// Phases of the sway waves in turns, forward and sideways.
    phases: [[f64; 3]; 2],
    breath_phases: [f64; 2],
}

impl<'a> Body<'a> {
    pub(super) fn new(script: &'a Script, seed: u64) -> Self {
        let mut random = Random::new(seed, Purpose::Sensor);
        let mut phase = || random.unit();
        let phases = [[phase(), phase(), phase()], [phase(), phase(), phase()]];
        let breath_phases = [phase(), phase()];
        Self { script, cursors: [0; PARTS], walk: 0, step: 0, phases, breath_phases }
    }

    fn part(&mut self, part: Part, t: f64) -> Jet {
        self.script.tracks[part as usize].at(t, &mut self.cursors[part as usize])
    }

    fn gait(&mut self, t: f64) -> Gait {
        let walks = &self.script.walks;
        while walks.get(self.walk).is_some_and(|walk| walk.end() <= t) {
            self.walk += 1;
            self.step = 0;
        }
        walks.get(self.walk).map_or(Gait::default(), |walk| walk.at(t, &mut self.step))
    }

    /// The true flexion of the trunk at `t`, sway included; `t` must not lie before the last look.
    pub(super) fn trunk(&mut self, t: f64) -> Jet {
        let life = self.part(Part::Life, t);
        self.part(Part::Trunk, t).plus(swing(t, &SWAY, &self.phases[0], life))
    }

    /// The body at `t`, which must not lie before the last look.
    pub(super) fn at(&mut self, t: f64) -> Motion {
        let gait = self.gait(t);
        let life = self.part(Part::Life, t);
        let sway_side = swing(t, &SWAY, &self.phases[1], life);
        let depth = self.part(Part::Breath, t);
        let breath = swing(t, &BREATH, &self.breath_phases, depth);
        let trunk = self.trunk(t);
        let seen = self.script.site.tilt(trunk);
        let [yaw, pitch, lean] = gait.turn;
        // A positive turn about the right axis tips backward.
        let tilt = seen.plus(self.part(Part::Recline, t)).plus(breath).plus(negative(pitch));
        let side = self.part(Part::Side, t).plus(sway_side).plus(lean);
        let roll = self.part(Part::Roll, t);
        let heading = self.part(Part::Heading, t).plus(yaw);

        let lever = lever_accel(seen, self.script.site.above_hip_m);
        let up = self.part(Part::Height, t).accel + self.part(Part::Pull, t).accel + lever[0];
        let forward = self.part(Part::Forward, t).accel + lever[1];
        let [gait_up, gait_right, gait_forward] = gait.accel_g;
        let force =
            Vec3::new(1.0 + up / STANDARD_GRAVITY + gait_up, gait_right, forward / STANDARD_GRAVITY + gait_forward);
        let shaking = gait.strength + 0.5 * trunk.rate.abs().min(2.0);
        let (acc, gyr) = in_body(force, tilt, side, roll, heading.rate);
        Motion { acc, gyr, shaking, slip: self.part(Part::Slip, t) }
    }
}

/// Specific force (up, right, forward) and the rates of the angles, as the body frame feels them.
fn in_body(force: Vec3, tilt: Jet, side: Jet, roll: Jet, heading_rate: f64) -> (Vec3, Vec3) {
    let (sin_side, cos_side) = wave::radians(side.value);
    let (sin_tilt, cos_tilt) = wave::radians(tilt.value);
    let (sin_roll, cos_roll) = if roll.value == 0.0 { (0.0, 1.0) } else { wave::radians(roll.value) };
    // body_from_level = Rx(−roll) · Ry(tilt) · Rz(−side), one factor after the other.
    let lean = |v: Vec3| Vec3::new(cos_side * v.x + sin_side * v.y, cos_side * v.y - sin_side * v.x, v.z);
    let tip = |v: Vec3| Vec3::new(cos_tilt * v.x + sin_tilt * v.z, v.y, cos_tilt * v.z - sin_tilt * v.x);
    let turn = |v: Vec3| Vec3::new(v.x, cos_roll * v.y + sin_roll * v.z, cos_roll * v.z - sin_roll * v.y);

    let acc = turn(tip(lean(force)));
    let heading = lean(Vec3::new(heading_rate, 0.0, 0.0));
    let leaning = tip(heading + Vec3::new(0.0, 0.0, side.rate));
    let gyr = turn(leaning - Vec3::new(0.0, tilt.rate, 0.0)) + Vec3::new(roll.rate, 0.0, 0.0);
    (acc, gyr)
}

/// Acceleration (up, forward) in m/s² of a point that sits so far above the hip, while the part of the
/// back that carries it tips forward.
pub(super) fn lever_accel(tilt: Jet, above_hip_m: f64) -> [f64; 2] {
    let (sin, cos) = wave::radians(tilt.value);
    let inward = tilt.rate * tilt.rate;
    [-above_hip_m * (tilt.accel * sin + inward * cos), above_hip_m * (tilt.accel * cos - inward * sin)]
}

/// Waves of frequency in Hz and amplitude in degrees, as strong as `life` says.
fn swing<const N: usize>(t: f64, waves: &[(f64, f64); N], phases: &[f64; N], life: Jet) -> Jet {
    if life.value == 0.0 && life.rate == 0.0 {
        return Jet::default();
    }
    let (mut angle, mut rate) = (0.0, 0.0);
    for (&(hz, amplitude_deg), phase) in waves.iter().zip(phases) {
        let (sin, cos) = wave::turns(hz * t + phase);
        angle += amplitude_deg * sin;
        rate += amplitude_deg * TAU * hz * cos;
    }
    let (angle, rate) = (angle.to_radians(), rate.to_radians());
    Jet { value: life.value * angle, rate: life.value * rate + life.rate * angle, accel: 0.0 }
}

fn negative(jet: Jet) -> Jet {
    Jet { value: -jet.value, rate: -jet.rate, accel: -jet.accel }
}
