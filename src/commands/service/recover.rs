//! Judges a recording anew whose program ended too early. In: its raw samples, its holes, and how the sensor
//! sat. Out: the facts that a run to its end would have left, in place of those that survived.
//!
//! Differs from the run that was cut: a mounting that was learned on the way holds from the first sample.
//! Exercise sets known only to that run are not known here.

use super::chain::MIN_CONFIDENCE;
use super::mounting::found_among;
use crate::frames::Quat;
use crate::link::GapCause;
use crate::raw::RawSample;
use crate::signal::{Input, Monitor, Setup};
use crate::store::facts::{Fact, Gap, RecordingId, RecordingRow, Selection};
use crate::store::{RawStream, Reader, Store, StoreError};

/// Replaces the facts of a recording by those that its raw samples tell.
pub(crate) fn judge_anew(store: &Store, id: RecordingId) -> Result<(), StoreError> {
    let reader = store.reader()?;
    let row = reader.recording(&id.to_string())?;
    let setup = Setup {
        body_from_sensor: body_from_sensor(&reader, &row)?,
        placement: row.about.placement,
        ..Setup::default()
    };
    let gaps: Vec<Gap> = reader.gaps(&Selection::Recording(id))?.into_iter().map(|gap| gap.fact).collect();
    // A file's holes are found by the detectors themselves, just as while it was replayed.
    let mut gaps = gaps.into_iter().filter(|gap| gap.cause != GapCause::Recorded).peekable();
    let mut monitor = Monitor::new(setup);
    let mut facts = Vec::new();
    let mut keep = |output| facts.extend(Fact::from_output(output));
    for raw in reader.raw(id, RawStream::ALL)?.samples() {
        let raw = raw?;
        while let Some(gap) = gaps.next_if(|gap| gap.from < raw.t) {
            monitor.push(Input::Gap { from: gap.from, to: gap.to, lost: gap.lost }, &mut keep);
        }
        monitor.push(Input::Sample(row.about.format.sample(&raw)), &mut keep);
    }
    monitor.finish(&mut keep);
    store.remake(id, facts)
}

/// How the sensor sat: as it was known while recording, else as all samples together tell.
fn body_from_sensor(reader: &Reader, row: &RecordingRow) -> Result<Option<Quat>, StoreError> {
    if let Some(number) = row.about.calibration
        && let Some(calibration) = reader.calibration(number)?
    {
        return Ok(Some(calibration.about.body_from_sensor));
    }
    let mut blocks = reader.raw(row.id, RawStream::ALL)?;
    let found = found_among(&row.about.format, |block: &mut Vec<RawSample>| {
        block.clear();
        let Some(next) = blocks.next() else { return Ok(false) };
        block.extend(next?.samples());
        Ok(true)
    })?;
    let sure = found.filter(|found| found.confidence() >= MIN_CONFIDENCE);
    Ok(sure.map(|found| found.body_from_sensor))
}
