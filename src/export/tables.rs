//! The tables that `analyze` and `export` write: their columns, and a row for each thing that was judged.
//!
//! Columns and words are a contract (DESIGN §7): people and programs outside depend on them.

use super::table::{Cell, Column, Shape, Table};
use crate::frames::Quat;
use crate::signal::{Epoch, Event, Kind, LyingSide, Posture, PostureSpan, Step, Style};
use crate::units::{Angle, Seconds, Time};
use std::io::{self, Write};

/// Decimals of an angle in degrees: well below what any sensor can tell.
const DEG: Shape = Shape::Number { places: 3 };
/// Decimals of a unit quaternion: 10⁻⁷ is 0.00001°.
const QUATERNION: Shape = Shape::Number { places: 7 };
/// Decimals of a length of time in seconds.
const LASTING: Shape = Shape::Number { places: 3 };
/// Decimals of mg, °/s and steps a minute.
const COARSE: Shape = Shape::Number { places: 2 };
/// Decimals of shares and chances.
const SHARE: Shape = Shape::Number { places: 4 };

const fn column(name: &'static str, shape: Shape) -> Column {
    Column { name, shape }
}

/// `samples`: one row for each row of the input.
pub const SAMPLES: &[Column] = &[
    column("t_s", Shape::Time),
    column("q_w", QUATERNION),
    column("q_x", QUATERNION),
    column("q_y", QUATERNION),
    column("q_z", QUATERNION),
    column("tilt_deg", DEG),
    column("side_deg", DEG),
    column("tea_deg", DEG),
    column("posture", Shape::Text),
];

/// `epochs`, and `epochs_60s` beside it.
pub const EPOCHS: &[Column] = &[
    column("start_s", Shape::Time),
    column("duration_s", LASTING),
    column("valid_share", SHARE),
    column("mad_mg", COARSE),
    column("enmo_mg", COARSE),
    column("steps", Shape::Count),
    column("cadence_spm", COARSE),
    column("posture", Shape::Text),
    column("sitting_probability", SHARE),
    column("tea_p50_deg", DEG),
    column("tea_p95_deg", DEG),
    column("over_30_s", LASTING),
    column("over_45_s", LASTING),
    column("over_60_s", LASTING),
];

/// `events`: whatever happened, in the order in which it was decided.
pub const EVENTS: &[Column] = &[
    column("kind", Shape::Text),
    column("start_s", Shape::Time),
    column("end_s", Shape::Time),
    column("decided_s", Shape::Time),
    column("peak_tea_deg", DEG),
    column("peak_side_deg", DEG),
    column("peak_down_dps", COARSE),
    column("peak_up_dps", COARSE),
    column("over_30_s", LASTING),
    column("over_45_s", LASTING),
    column("over_60_s", LASTING),
    column("steps", Shape::Count),
    column("cadence_spm", COARSE),
    column("angle_deg", DEG),
    column("exercise", Shape::Text),
    column("style", Shape::Text),
    column("confidence", SHARE),
    column("flags", Shape::Text),
];

/// `steps`.
pub const STEPS: &[Column] =
    &[column("t_s", Shape::Time), column("bout", Shape::Count), column("decided_s", Shape::Time)];

/// `postures`.
pub const POSTURES: &[Column] = &[
    column("start_s", Shape::Time),
    column("end_s", Shape::Time),
    column("posture", Shape::Text),
    column("lying_side", Shape::Text),
    column("decided_s", Shape::Time),
];

/// The judgement after one row of the input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRow {
    /// The row's own time.
    pub t: Time,
    /// Attitude with arbitrary heading.
    pub earth_from_sensor: Quat,
    /// Forward tilt θ of the sensor.
    pub tilt: Option<Angle>,
    /// Side bend φ of the sensor.
    pub side: Option<Angle>,
    /// Trunk-equivalent angle.
    pub tea: Option<Angle>,
    /// Posture as far as decided by then.
    pub posture: Posture,
}

fn degrees<'a>(angle: Option<Angle>) -> Cell<'a> {
    angle.map(Angle::degrees).into()
}

fn lasting<'a>(seconds: Seconds) -> Cell<'a> {
    Cell::Number(seconds.0)
}

/// Writes a row of `samples`.
///
/// # Errors
/// The file cannot be written.
#[inline]
pub fn sample<W: Write + Send>(table: &mut Table<W>, row: &SampleRow) -> io::Result<()> {
    let q = row.earth_from_sensor.quaternion();
    table.row(&[
        Cell::Time(row.t),
        Cell::Number(q.w),
        Cell::Number(q.i),
        Cell::Number(q.j),
        Cell::Number(q.k),
        degrees(row.tilt),
        degrees(row.side),
        degrees(row.tea),
        Cell::Text(row.posture.name()),
    ])
}

/// Writes a row of `epochs`.
///
/// # Errors
/// The file cannot be written.
pub fn epoch<W: Write + Send>(table: &mut Table<W>, epoch: &Epoch) -> io::Result<()> {
    table.row(&[
        Cell::Time(epoch.start),
        lasting(epoch.duration),
        Cell::Number(epoch.valid_share),
        epoch.mad_mg.into(),
        epoch.enmo_mg.into(),
        Cell::Count(epoch.steps.into()),
        epoch.cadence_spm.into(),
        Cell::Text(epoch.posture.name()),
        epoch.sitting_probability.into(),
        degrees(epoch.tea_p50),
        degrees(epoch.tea_p95),
        lasting(epoch.over_30),
        lasting(epoch.over_45),
        lasting(epoch.over_60),
    ])
}

/// Writes a row of `events`.
///
/// # Errors
/// The file cannot be written.
pub fn event<W: Write + Send>(table: &mut Table<W>, event: &Event) -> io::Result<()> {
    let stood = event.bend.as_ref();
    // A signal is a moment: of a bend it knows only the angle that stood.
    let bend = stood.filter(|_| event.kind != Kind::Signal);
    let flags: Vec<&str> = event.flags.names().collect();
    let flags = flags.join(" ");
    table.row(&[
        Cell::Text(event.kind.name()),
        Cell::Time(event.start),
        Cell::Time(event.end),
        Cell::Time(event.decided),
        degrees(stood.map(|stood| stood.peak_tea)),
        degrees(bend.map(|bend| bend.peak_side)),
        bend.map(|bend| bend.peak_down.degrees_per_second()).into(),
        bend.map(|bend| bend.peak_up.degrees_per_second()).into(),
        bend.map_or(Cell::Empty, |bend| lasting(bend.over_30)),
        bend.map_or(Cell::Empty, |bend| lasting(bend.over_45)),
        bend.map_or(Cell::Empty, |bend| lasting(bend.over_60)),
        event.steps.map_or(Cell::Empty, |steps| Cell::Count(steps.into())),
        event.cadence_spm.into(),
        degrees(event.angle),
        event.exercise.into(),
        event.style.map(Style::name).into(),
        event.confidence.into(),
        if flags.is_empty() { Cell::Empty } else { Cell::Text(&flags) },
    ])
}

/// Writes a row of `steps`.
///
/// # Errors
/// The file cannot be written.
pub fn step<W: Write + Send>(table: &mut Table<W>, step: &Step) -> io::Result<()> {
    table.row(&[Cell::Time(step.t), Cell::Count(step.bout.into()), Cell::Time(step.decided)])
}

/// Writes a row of `postures`.
///
/// # Errors
/// The file cannot be written.
pub fn posture<W: Write + Send>(table: &mut Table<W>, span: &PostureSpan) -> io::Result<()> {
    table.row(&[
        Cell::Time(span.start),
        Cell::Time(span.end),
        Cell::Text(span.posture.name()),
        span.lying_side.map(LyingSide::name).into(),
        Cell::Time(span.decided),
    ])
}
