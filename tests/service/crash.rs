//! `kill -9` at different moments: the next run starts, nothing committed is lost, and what happened is
//! judged anew from what there is.

use super::program::{Daemon, done, json, until};
use super::round_trip::Exported;
use lumbard::store::facts::{RecordingRow, RecordingState, Selection};
use lumbard::store::{RawStream, Reader, Store};
use std::path::Path;
use std::time::Duration;

/// Kills, each later after a commit than the one before, so that they meet the writer at different work.
const KILLS: u64 = 5;
const LATER_MS: u64 = 230;
/// Given, so that judging anew must find the very facts that `analyze` finds.
const AXES: [&str; 2] = ["--axes", "up=+x,right=+y,forward=+z"];

/// Committed samples of the newest recording.
fn committed(data: &Path) -> u64 {
    let Ok(reader) = Reader::open(data) else { return 0 };
    let Ok(row) = reader.recording("newest") else { return 0 };
    let stream = reader.raw(row.id, RawStream::ALL).unwrap();
    stream.map(|block| block.map_or(0, |block| block.len() as u64)).sum()
}

fn check(reader: &Reader, data: &Path, row: &RecordingRow, at_least: u64) {
    assert_eq!(row.state, RecordingState::Cut);
    let samples: Vec<_> = reader.raw(row.id, RawStream::ALL).unwrap().samples().map(Result::unwrap).collect();
    assert!(samples.is_sorted_by(|a, b| a.t < b.t), "time went backward");
    assert_eq!((samples.len() as u64, samples.last().map(|last| last.t)), (row.samples, row.end));
    assert!(row.samples >= at_least, "{} of {at_least} committed samples are there", row.samples);
    let calibration = row.about.calibration.expect("how the sensor sat is kept with the recording");
    assert!(reader.calibration(calibration).unwrap().unwrap().about.method.starts_with("axes "));
    let end = row.end.unwrap();
    let selection = Selection::Recording(row.id);
    let (events, epochs) = (reader.events(&selection).unwrap(), reader.epochs(&selection).unwrap());
    assert!(events.iter().all(|event| event.fact.decided <= end), "an event beyond the samples");
    // Judged to its very end, as a run that was asked to stop leaves it.
    let postures = reader.postures(&selection).unwrap();
    let judged = postures.last().expect("postures").fact.end;
    assert!(end.since(judged).0 < 1.0, "judged up to {judged:?} of {end:?}");
    let (_, shown) = json(data, &["recordings", "show", &row.id.to_string(), "--json"]);
    assert_eq!((&shown["state"], &shown["samples"]), (&"cut".into(), &row.samples.into()), "{shown}");
    assert_eq!(shown["epochs"], epochs.len());
    assert_eq!(shown["steps"], reader.steps(&selection).unwrap().len());
    let counted: u64 = shown["events"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(counted, events.len() as u64);
}

#[test]
fn a_run_that_is_killed_again_and_again_loses_nothing_that_was_committed() {
    let data = tempfile::tempdir().unwrap();
    let mut before = Vec::new();
    // An hour in which things happen from the first minute on.
    let source = ["--source", "simulate:3", "--hours", "1", "--speed", "20", AXES[0], AXES[1]];
    for round in 0..KILLS {
        let daemon = Daemon::start(data.path(), &source);
        let recordings = round as usize + 1;
        until("this run's samples are committed", || {
            let begun = Reader::open(data.path()).is_ok_and(|r| r.recordings().is_ok_and(|r| r.len() == recordings));
            (begun && committed(data.path()) > 6_000).then_some(())
        });
        std::thread::sleep(Duration::from_millis(round * LATER_MS));
        before.push(committed(data.path()));
        daemon.kill();
        if round == 0 {
            // A start that ends before it has judged anything anew: the next one does.
            drop(Store::open(data.path()).unwrap());
        }
    }
    let words = done(data.path(), &["run", "--source", "simulate:3", "--hours", "0.01", "--speed", "max", "--no-page"]);
    assert!(words.contains("was cut off last time"), "{words}");
    let reader = Reader::open(data.path()).unwrap();
    assert_eq!(reader.quick_check().unwrap(), Vec::<String>::new());
    let mut rows = reader.recordings().unwrap();
    rows.retain(|row| row.state != RecordingState::Ended);
    assert_eq!(rows.len() as u64, KILLS, "{rows:?}");
    let mut stored: Vec<u64> = rows.iter().map(|row| row.samples).collect();
    // The simulated days end now, and so overlap: they are matched by how much was committed.
    stored.sort_unstable();
    let mut least = before.clone();
    least.sort_unstable();
    assert!(stored.iter().zip(&least).all(|(stored, least)| stored >= least), "{stored:?} of {least:?}");
    for row in &rows {
        check(&reader, data.path(), row, least[0]);
        Exported::of(data.path(), &row.id.to_string()).assert_analyze_agrees(&AXES);
    }
}
