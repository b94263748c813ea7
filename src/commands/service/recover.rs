//! Judges a recording anew whose program ended too early. In: its raw samples, its holes, and how the sensor
//! sat. Out: the facts that a run to its end would have left, in place of those that survived.
//!
//! Differs from the run that was cut: a mounting that was learned on the way holds from the first sample.
//! Exercise sets that the wearer opened are known from the store; one that was open when the program ended is ended
//! here. Those that a simulation brings along are not known.

use super::chain::MIN_CONFIDENCE;
use super::mounting::{found_among, kept_acc_scale};
use crate::frames::Quat;
use crate::link::GapCause;
use crate::plan::catalogue;
use crate::plan::session::{Order, Over, Session};
use crate::raw::RawSample;
use crate::signal::mounting::AccScale;
use crate::signal::{ExerciseSet, Input, Kind, Monitor, Setup};
use crate::store::facts::{
    CountSource, ExerciseLogRow, Fact, Gap, RecordingId, RecordingRow, RecordingState, Selection,
};
use crate::store::{RawStream, Reader, Store, StoreError};
use crate::units::{Seconds, Time, WallTime};

/// A recording that was judged to its end has a posture up to here before its last sample, at the least.
///
/// Source: chosen by us; the last span ends at the last sample, or one grid step before it.
const JUDGED_UP_TO: Seconds = Seconds(1.0);

/// Judges anew every recording that was cut off and not judged to its end: those of the last time, and
/// earlier ones if the program was ended while it was doing this.
pub(crate) fn judge_cut_recordings(store: &Store) -> Result<(), StoreError> {
    let reader = store.reader()?;
    for row in reader.recordings()? {
        let Some(end) = row.end.filter(|_| row.state == RecordingState::Cut) else { continue };
        let postures = reader.postures(&Selection::Recording(row.id))?;
        let judged = postures.iter().map(|span| span.fact.end).max();
        if judged.is_some_and(|judged| end.since(judged).0 < JUDGED_UP_TO.0) {
            continue;
        }
        // What cannot be judged anew is still there, and holds up no new recording.
        if let Err(error) = judge_anew(store, row.id) {
            tracing::warn!("what happened at the end of recording {} is not known: {error}", row.id);
        }
    }
    Ok(())
}

/// Replaces the facts of a recording by those that its raw samples tell.
fn judge_anew(store: &Store, id: RecordingId) -> Result<(), StoreError> {
    let reader = store.reader()?;
    let row = reader.recording(&id.to_string())?;
    let (body_from_sensor, acc_scale) = mounting(&reader, &row)?;
    let sets = reader.sets_in(id)?;
    let exercise_sets: Vec<ExerciseSet> = sets.iter().filter_map(|set| opened(set, &row)).collect();
    let placement = row.about.placement;
    let setup = Setup { body_from_sensor, acc_scale, placement, exercise_sets, ..Setup::default() };
    let gaps: Vec<Gap> = reader.gaps(&Selection::Recording(id))?.into_iter().map(|gap| gap.fact).collect();
    // A file's holes are found by the detectors themselves, just as while it was replayed.
    let mut gaps = gaps.into_iter().filter(|gap| gap.cause != GapCause::Recorded).peekable();
    let mut monitor = Monitor::new(setup);
    let (mut facts, mut samples) = (Vec::new(), 0);
    let mut keep = |output| facts.extend(Fact::from_output(output));
    for raw in reader.raw(id, RawStream::ALL)?.samples() {
        let raw = raw?;
        samples += 1;
        while let Some(gap) = gaps.next_if(|gap| gap.from < raw.t) {
            monitor.push(Input::Gap { from: gap.from, to: gap.to, lost: gap.lost }, &mut keep);
        }
        monitor.push(Input::Sample(row.about.format.sample(&raw)), &mut keep);
    }
    monitor.finish(&mut keep);
    for set in sets.into_iter().filter(|set| set.about.ended.is_none()) {
        end_set(store, set, &row, &facts)?;
    }
    // Where some of its samples can no longer be read, its facts are all that is left of them.
    if samples == row.samples { store.remake(id, facts) } else { Ok(()) }
}

/// A set of the store as the detectors know it.
fn opened(set: &ExerciseLogRow, row: &RecordingRow) -> Option<ExerciseSet> {
    let exercise = catalogue::find(&set.about.exercise)?;
    let moment = |wall: WallTime| Time(wall.0 - row.about.start.0);
    let start = moment(set.about.started?);
    let (_, latest) = Session::new(Order::open(exercise), start).longest();
    Some(ExerciseSet { id: &exercise.id, start, end: set.about.ended.map_or(latest, moment) })
}

/// Ends a set that was open when the program ended: at the last sample, with what was counted until then.
fn end_set(store: &Store, mut set: ExerciseLogRow, row: &RecordingRow, facts: &[Fact]) -> Result<(), StoreError> {
    let (Some(opened), Some(end)) = (opened(&set, row), row.end) else { return Ok(()) };
    let end = end.min(opened.end);
    let repetitions = facts.iter().filter(|fact| match fact {
        Fact::Event(event) => event.kind == Kind::Repetition && event.start >= opened.start && event.start < end,
        _ => false,
    });
    let counted = u32::try_from(repetitions.count()).ok().filter(|counted| *counted > 0);
    let about = &mut set.about;
    about.at = row.about.start.at(end);
    about.ended = Some(about.at);
    about.reps = counted;
    about.lasting = Some(end.since(opened.start));
    about.count_source = if counted.is_some() { CountSource::Auto } else { CountSource::Manual };
    about.stop_reason = Some(Over::Cut.reason());
    store.hand()?.end_set(&set, super::now())
}

/// How the sensor sat: as it was known while recording, else as all samples together tell.
fn mounting(reader: &Reader, row: &RecordingRow) -> Result<(Option<Quat>, AccScale), StoreError> {
    if let Some(number) = row.about.calibration
        && let Some(calibration) = reader.calibration(number)?
    {
        return Ok((Some(calibration.about.body_from_sensor), kept_acc_scale(&calibration.about)));
    }
    let mut blocks = reader.raw(row.id, RawStream::ALL)?;
    let found = found_among(&row.about.format, |block: &mut Vec<RawSample>| {
        block.clear();
        let Some(next) = blocks.next() else { return Ok(false) };
        block.extend(next?.samples());
        Ok(true)
    })?;
    let sure = found.filter(|found| found.confidence() >= MIN_CONFIDENCE);
    Ok((sure.map(|found| found.body_from_sensor), sure.map(|found| found.acc_scale()).unwrap_or_default()))
}
