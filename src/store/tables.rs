//! How facts lie in the columns of `lumbard.db`: one function writes a kind of fact, one reads it back.
//! Which facts, when, and in which transaction is left to the writer and the reader.

use super::facts::{Fact, Gap, NewRecording, RecordingId, RecordingRow, RecordingState};
use crate::frames::Placement;
use crate::link::GapCause;
use crate::raw::{Channel, Encoding, RawFormat, Unit};
use crate::signal::{BendDetail, Epoch, Event, Flags, Kind, LyingSide, Posture, PostureSpan, Step, Style};
use crate::units::{Angle, AngularRate, Seconds, Time, WallTime};
use rusqlite::types::Type;
use rusqlite::{CachedStatement, Connection, Row, named_params, params};
use std::collections::BTreeSet;
use std::sync::Mutex;
use uuid::Uuid;

/// Columns of a recording's format, in `recordings` of both kinds of file.
pub(super) const FORMAT_COLUMNS: &str = "acc_encoding, acc_full_scale, acc_full_count, acc_unit, \
     gyr_encoding, gyr_full_scale, gyr_full_count, gyr_unit, nominal_rate_hz, tick_s";

/// A word in a column that this version does not know.
fn unknown_word(row: &Row<'_>, column: &str, word: &str) -> rusqlite::Error {
    let index = row.as_ref().column_index(column).unwrap_or_default();
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, format!("{column} {word:?} is not known").into())
}

/// A word in a column, through the function that knows it.
pub(super) fn word<T>(row: &Row<'_>, column: &str, known: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let word: String = row.get(column)?;
    known(&word).ok_or_else(|| unknown_word(row, column, &word))
}

/// The same, where the column may be empty.
fn word_or_none<T>(row: &Row<'_>, column: &str, known: impl Fn(&str) -> Option<T>) -> rusqlite::Result<Option<T>> {
    match row.get::<_, Option<String>>(column)? {
        None => Ok(None),
        Some(word) => known(&word).map(Some).ok_or_else(|| unknown_word(row, column, &word)),
    }
}

/// A placement in a column.
pub(super) fn placement(row: &Row<'_>, column: &str) -> rusqlite::Result<Placement> {
    word(row, column, |word| word.parse().ok())
}

/// A recording's id in a column.
pub(super) fn recording_id(row: &Row<'_>, column: &str) -> rusqlite::Result<RecordingId> {
    word(row, column, |word| Uuid::try_parse(word).ok().map(RecordingId))
}

fn encoding_columns(encoding: Encoding) -> (&'static str, Option<f64>, Option<f64>) {
    match encoding {
        Encoding::Counts { full_scale, full_count } => ("counts", Some(full_scale), Some(full_count)),
        Encoding::Nanos => ("nanos", None, None),
        Encoding::Float32 => ("float32", None, None),
        Encoding::Float64 => ("float64", None, None),
    }
}

/// A format as values for [`FORMAT_COLUMNS`].
pub(super) fn format_values(format: &RawFormat) -> [rusqlite::types::Value; 10] {
    let channel = |channel: Option<Channel>| {
        let columns = channel.map(|channel| (encoding_columns(channel.encoding), channel.unit.name()));
        [
            columns.map(|((name, _, _), _)| name.to_owned()).into(),
            columns.and_then(|((_, scale, _), _)| scale).into(),
            columns.and_then(|((_, _, count), _)| count).into(),
            columns.map(|(_, unit)| unit.to_owned()).into(),
        ]
    };
    let [a, b, c, d] = channel(Some(format.acc));
    let [e, f, g, h] = channel(format.gyr);
    [a, b, c, d, e, f, g, h, format.nominal_rate_hz.into(), format.tick_s.into()]
}

fn channel(row: &Row<'_>, columns: [&str; 4]) -> rusqlite::Result<Option<Channel>> {
    let [encoding, scale, count, unit] = columns;
    let Some(name) = row.get::<_, Option<String>>(encoding)? else {
        return Ok(None);
    };
    let encoding = match name.as_str() {
        "counts" => Encoding::Counts { full_scale: row.get(scale)?, full_count: row.get(count)? },
        "nanos" => Encoding::Nanos,
        "float32" => Encoding::Float32,
        "float64" => Encoding::Float64,
        _ => return Err(unknown_word(row, encoding, &name)),
    };
    let units = [Unit::G, Unit::MetresPerSecond2, Unit::DegreesPerSecond, Unit::RadiansPerSecond];
    let unit = word(row, unit, |word| units.into_iter().find(|unit| unit.name() == word))?;
    Ok(Some(Channel { encoding, unit }))
}

/// The format in a row that has [`FORMAT_COLUMNS`].
pub(super) fn format(row: &Row<'_>) -> rusqlite::Result<RawFormat> {
    let acc = channel(row, ["acc_encoding", "acc_full_scale", "acc_full_count", "acc_unit"])?;
    Ok(RawFormat {
        acc: acc.ok_or_else(|| unknown_word(row, "acc_encoding", ""))?,
        gyr: channel(row, ["gyr_encoding", "gyr_full_scale", "gyr_full_count", "gyr_unit"])?,
        nominal_rate_hz: row.get("nominal_rate_hz")?,
        tick_s: row.get("tick_s")?,
    })
}

/// Adds an open recording; returns its row number.
pub(super) fn insert_recording(db: &Connection, id: RecordingId, new: &NewRecording) -> rusqlite::Result<i64> {
    let mut values: Vec<rusqlite::types::Value> = vec![
        id.to_string().into(),
        new.name.clone().into(),
        new.source.clone().into(),
        new.start.0.into(),
        new.zone.clone().into(),
        new.placement.name().to_owned().into(),
        new.calibration.into(),
    ];
    values.extend(format_values(&new.format));
    db.prepare_cached(&format!(
        "INSERT INTO recordings (uid, name, source, start_utc_ns, zone, placement, calibration, {FORMAT_COLUMNS})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
    ))?
    .execute(rusqlite::params_from_iter(values))?;
    Ok(db.last_insert_rowid())
}

/// A row of `recordings` in `lumbard.db`.
pub(super) fn recording(row: &Row<'_>) -> rusqlite::Result<RecordingRow> {
    let states = [RecordingState::Open, RecordingState::Ended, RecordingState::Cut];
    Ok(RecordingRow {
        id: recording_id(row, "uid")?,
        about: NewRecording {
            name: row.get("name")?,
            source: row.get("source")?,
            format: format(row)?,
            start: WallTime(row.get("start_utc_ns")?),
            zone: row.get("zone")?,
            placement: placement(row, "placement")?,
            calibration: row.get("calibration")?,
        },
        state: word(row, "state", |word| states.into_iter().find(|state| state.name() == word))?,
        end: row.get::<_, Option<i64>>("end_ns")?.map(Time),
        samples: row.get::<_, i64>("samples")? as u64,
    })
}

/// Adds a fact of the recording with this row number.
pub(super) fn insert_fact(db: &Connection, recording: i64, fact: &Fact) -> rusqlite::Result<()> {
    match fact {
        Fact::Event(event) => insert_event(db, recording, event),
        Fact::Epoch(epoch) => insert_epoch(db, recording, epoch),
        Fact::Step(step) => db
            .prepare_cached("INSERT INTO steps (recording, t_ns, bout, decided_ns) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![recording, step.t.0, step.bout, step.decided.0]),
        Fact::Posture(span) => db
            .prepare_cached(
                "INSERT INTO postures (recording, start_ns, end_ns, posture, lying_side, decided_ns)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                recording,
                span.start.0,
                span.end.0,
                span.posture.name(),
                span.lying_side.map(LyingSide::name),
                span.decided.0,
            ]),
        Fact::Gap(gap) => db
            .prepare_cached("INSERT INTO gaps (recording, from_ns, to_ns, lost, cause) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![recording, gap.from.0, gap.to.0, gap.lost, gap.cause.name()]),
    }
    .map(drop)
}

fn insert_event(db: &Connection, recording: i64, event: &Event) -> rusqlite::Result<usize> {
    let bend = event.bend.as_ref();
    let mut statement: CachedStatement<'_> = db.prepare_cached(
        "INSERT INTO events (recording, kind, start_ns, end_ns, decided_ns, peak_tea_deg, peak_side_deg,
             peak_down_dps, peak_up_dps, over_30_s, over_45_s, over_60_s, steps, cadence_spm, angle_deg,
             exercise, style, confidence, flags)
         VALUES (:recording, :kind, :start, :end, :decided, :peak_tea, :peak_side, :peak_down, :peak_up,
             :over_30, :over_45, :over_60, :steps, :cadence, :angle, :exercise, :style, :confidence, :flags)",
    )?;
    statement.execute(named_params! {
        ":recording": recording,
        ":kind": event.kind.name(),
        ":start": event.start.0,
        ":end": event.end.0,
        ":decided": event.decided.0,
        ":peak_tea": bend.map(|bend| bend.peak_tea.degrees()),
        ":peak_side": bend.map(|bend| bend.peak_side.degrees()),
        ":peak_down": bend.map(|bend| bend.peak_down.degrees_per_second()),
        ":peak_up": bend.map(|bend| bend.peak_up.degrees_per_second()),
        ":over_30": bend.map(|bend| bend.over_30.0),
        ":over_45": bend.map(|bend| bend.over_45.0),
        ":over_60": bend.map(|bend| bend.over_60.0),
        ":steps": event.steps,
        ":cadence": event.cadence_spm,
        ":angle": event.angle.map(Angle::degrees),
        ":exercise": event.exercise,
        ":style": event.style.map(Style::name),
        ":confidence": event.confidence,
        ":flags": event.flags.0,
    })
}

fn insert_epoch(db: &Connection, recording: i64, epoch: &Epoch) -> rusqlite::Result<usize> {
    let mut statement = db.prepare_cached(
        "INSERT INTO epochs (recording, start_ns, duration_s, valid_share, mad_mg, enmo_mg, steps, cadence_spm,
             posture, sitting_probability, tea_p50_deg, tea_p95_deg, over_30_s, over_45_s, over_60_s, decided_ns)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    statement.execute(params![
        recording,
        epoch.start.0,
        epoch.duration.0,
        epoch.valid_share,
        epoch.mad_mg,
        epoch.enmo_mg,
        epoch.steps,
        epoch.cadence_spm,
        epoch.posture.name(),
        epoch.sitting_probability,
        epoch.tea_p50.map(Angle::degrees),
        epoch.tea_p95.map(Angle::degrees),
        epoch.over_30.0,
        epoch.over_45.0,
        epoch.over_60.0,
        (epoch.start + epoch.duration).0,
    ])
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Time> {
    row.get(column).map(Time)
}

fn seconds(row: &Row<'_>, column: &str) -> rusqlite::Result<Seconds> {
    row.get(column).map(Seconds)
}

fn angle(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Angle>> {
    Ok(row.get::<_, Option<f64>>(column)?.map(Angle::from_degrees))
}

/// A row of `events`.
pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let bend = match angle(row, "peak_tea_deg")? {
        None => None,
        Some(peak_tea) => Some(BendDetail {
            peak_tea,
            peak_side: Angle::from_degrees(row.get("peak_side_deg")?),
            peak_down: AngularRate::from_degrees_per_second(row.get("peak_down_dps")?),
            peak_up: AngularRate::from_degrees_per_second(row.get("peak_up_dps")?),
            over_30: seconds(row, "over_30_s")?,
            over_45: seconds(row, "over_45_s")?,
            over_60: seconds(row, "over_60_s")?,
        }),
    };
    Ok(Event {
        kind: word(row, "kind", Kind::from_name)?,
        start: time(row, "start_ns")?,
        end: time(row, "end_ns")?,
        decided: time(row, "decided_ns")?,
        bend,
        steps: row.get("steps")?,
        cadence_spm: row.get("cadence_spm")?,
        angle: angle(row, "angle_deg")?,
        exercise: row.get::<_, Option<String>>("exercise")?.map(|id| exercise_id(&id)),
        style: word_or_none(row, "style", Style::from_name)?,
        confidence: row.get("confidence")?,
        flags: Flags(row.get("flags")?),
    })
}

/// An exercise id for the life of the process. Each distinct id is kept once, and there are as many as
/// there are exercises, so this does not grow.
fn exercise_id(id: &str) -> &'static str {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(id) = known.get(id) {
        return id;
    }
    let id: &'static str = Box::leak(id.to_owned().into_boxed_str());
    known.insert(id);
    id
}

/// A row of `epochs`.
pub(super) fn epoch(row: &Row<'_>) -> rusqlite::Result<Epoch> {
    Ok(Epoch {
        start: time(row, "start_ns")?,
        duration: seconds(row, "duration_s")?,
        valid_share: row.get("valid_share")?,
        mad_mg: row.get("mad_mg")?,
        enmo_mg: row.get("enmo_mg")?,
        steps: row.get("steps")?,
        cadence_spm: row.get("cadence_spm")?,
        posture: word(row, "posture", Posture::from_name)?,
        sitting_probability: row.get("sitting_probability")?,
        tea_p50: angle(row, "tea_p50_deg")?,
        tea_p95: angle(row, "tea_p95_deg")?,
        over_30: seconds(row, "over_30_s")?,
        over_45: seconds(row, "over_45_s")?,
        over_60: seconds(row, "over_60_s")?,
    })
}

/// A row of `steps`.
pub(super) fn step(row: &Row<'_>) -> rusqlite::Result<Step> {
    Ok(Step { t: time(row, "t_ns")?, bout: row.get("bout")?, decided: time(row, "decided_ns")? })
}

/// A row of `postures`.
pub(super) fn posture(row: &Row<'_>) -> rusqlite::Result<PostureSpan> {
    Ok(PostureSpan {
        start: time(row, "start_ns")?,
        end: time(row, "end_ns")?,
        posture: word(row, "posture", Posture::from_name)?,
        lying_side: word_or_none(row, "lying_side", LyingSide::from_name)?,
        decided: time(row, "decided_ns")?,
    })
}

/// A row of `gaps`.
pub(super) fn gap(row: &Row<'_>) -> rusqlite::Result<Gap> {
    Ok(Gap {
        from: time(row, "from_ns")?,
        to: time(row, "to_ns")?,
        lost: row.get("lost")?,
        cause: word(row, "cause", GapCause::from_name)?,
    })
}
