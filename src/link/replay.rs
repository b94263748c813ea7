//! Plays a recording again: a file comes out as if its sensor were there now.
//!
//! In:  a file of any format that `import` reads, and how fast its time is to pass. Out: the items of a
//! link, at their times; holes of the file as gaps. The samples are those of the file, bit for bit.
//! Each recording of the file begins anew. What they mean is left to others.

use super::pace::{Pace, Speed};
use super::{Beginning, GapCause, Item, LinkStatus};
use crate::import::{FileFormat, Head, ImportError, Options, Recordings};
use crate::raw::RawSample;
use crate::units::{Seconds, Time, WallTime};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

/// A hole between two samples longer than this is told as a gap. Source: domain.md §8.
const HOLE: Seconds = Seconds(0.5);
/// Time between two recordings of one file that does not say when they were made.
const BETWEEN: Seconds = Seconds(60.0);

/// What is to be played, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The file.
    pub file: PathBuf,
    /// What the file does not say itself.
    pub options: Options,
    /// How fast its time passes.
    pub speed: Speed,
    /// When its first sample is to have been taken, if the file does not say. Without it, the file's
    /// last sample is taken to be `now`.
    pub start: Option<WallTime>,
    /// The time at which the replay was asked for.
    pub now: WallTime,
    /// The wearer's time zone, as an IANA name.
    pub zone: String,
}

/// Plays a recording into a channel, on a thread of its own; ends with [`Item::End`], or early when nobody
/// listens any more. The outcome tells why a file could not be read, or not to its end.
pub fn start(replay: Replay, items: Sender<Item>) -> JoinHandle<Result<(), ImportError>> {
    tokio::task::spawn_blocking(move || play(&replay, &items))
}

/// Nobody listens any more.
struct Unheard;

fn play(replay: &Replay, items: &Sender<Item>) -> Result<(), ImportError> {
    let start = match replay.start {
        Some(start) => start,
        None => start_that_ends_now(replay)?,
    };
    let mut file = Recordings::open(&replay.file, &replay.options)?;
    let mut pace = Pace::new(replay.speed);
    let mut block = Vec::new();
    // Where the recordings of this file lie on one line of time.
    let mut offset = Time::START;
    let mut first_start = None;
    while let Some(head) = file.next_recording()? {
        let begins = head.start.unwrap_or(start.at(offset));
        // The pace follows the files' own times, so that a pause between two trials passes too.
        let origin = *first_start.get_or_insert(begins);
        let on_line = Time(begins.0.saturating_sub(origin.0).max(offset.0));
        let mut newest: Option<Time> = None;
        let opening = [Item::Begin(beginning(replay, &head, begins)), Item::Status(LinkStatus::Streaming)];
        if !pace.wait(on_line, || items.is_closed()) || opening.into_iter().any(|item| send(items, item).is_err()) {
            return Ok(());
        }
        while file.read(&mut block)? {
            for raw in &block {
                let due = Time(on_line.0.saturating_add(raw.t.0));
                let hole = newest.and_then(|newest| hole(newest, raw, head.format.nominal_rate_hz));
                newest = Some(raw.t);
                if !pace.wait(due, || items.is_closed())
                    || hole.is_some_and(|hole| send(items, hole).is_err())
                    || send(items, Item::Sample(*raw)).is_err()
                {
                    return Ok(());
                }
            }
        }
        offset = Time(on_line.0.saturating_add(newest.unwrap_or_default().0)) + BETWEEN;
    }
    // Whoever left before the end knows it.
    let _ = send(items, Item::End);
    Ok(())
}

fn send(items: &Sender<Item>, item: Item) -> Result<(), Unheard> {
    items.blocking_send(item).map_err(|_| Unheard)
}

fn beginning(replay: &Replay, head: &Head, start: WallTime) -> Beginning {
    let stem = stem(&replay.file);
    Beginning {
        format: head.format,
        name: head.trial.as_ref().map_or(stem.clone(), |trial| format!("{stem}.{trial}")),
        source: "replay",
        start,
        zone: replay.zone.clone(),
    }
}

/// The file's name without folder and ending.
fn stem(file: &Path) -> String {
    let whole = || file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    FileFormat::of(file).map_or_else(whole, |(_, stem)| stem)
}

/// The gap before a sample, if there is one.
fn hole(newest: Time, raw: &RawSample, rate_hz: f64) -> Option<Item> {
    let lasting = raw.t.since(newest);
    (lasting.0 > HOLE.0).then(|| {
        // Between n samples lie n − 1 spaces; a rate and a hole both fit into u32.
        let lost = (lasting.0 * rate_hz).round() as u32;
        Item::Gap { from: newest, to: raw.t, lost: lost.saturating_sub(1), cause: GapCause::Recorded }
    })
}

/// When the file must begin so that it ends now. Reads the file once; one with times of its own only as
/// far as its first recording.
fn start_that_ends_now(replay: &Replay) -> Result<WallTime, ImportError> {
    let mut file = Recordings::open(&replay.file, &replay.options)?;
    let mut block = Vec::new();
    let mut whole = Time::START;
    while let Some(head) = file.next_recording()? {
        if let Some(start) = head.start {
            return Ok(start);
        }
        let mut last = Time::START;
        while file.read(&mut block)? {
            last = block.last().map_or(last, |raw| raw.t);
        }
        whole = Time(whole.0.saturating_add(last.0)) + BETWEEN;
    }
    Ok(WallTime(replay.now.0.saturating_sub((whole - BETWEEN).0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    const NOW: WallTime = WallTime(1_700_000_000_000_000_000);

    async fn play(csv: &str, start_at: Option<WallTime>) -> (Vec<Item>, Result<(), ImportError>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("walk.csv");
        std::fs::write(&file, csv).unwrap();
        let (options, zone) = (Options::default(), "Etc/UTC".to_owned());
        let replay = Replay { file, options, speed: Speed::Max, start: start_at, now: NOW, zone };
        let (sender, mut items) = tokio::sync::mpsc::channel(16);
        let thread = start(replay, sender);
        let mut all = Vec::new();
        while let Some(item) = items.recv().await {
            all.push(item);
        }
        (all, thread.await.unwrap())
    }

    /// Upright rest at 50 Hz from `from` on, in seconds.
    fn rows(csv: &mut String, before: &str, from: f64, count: u32) {
        for i in 0..count {
            writeln!(csv, "{before}{:.2},9.81,0.1,-0.2", from + f64::from(i) * 0.02).unwrap();
        }
    }

    fn begins(items: &[Item]) -> Vec<(&str, i64)> {
        fn begin(item: &Item) -> Option<(&str, i64)> {
            let Item::Begin(begin) = item else { return None };
            Some((begin.name.as_str(), begin.start.0 - NOW.0))
        }
        items.iter().filter_map(begin).collect()
    }

    #[tokio::test]
    async fn a_file_without_wall_time_ends_now_unless_told_otherwise() {
        let mut csv = "t_s,acc_x,acc_y,acc_z\n".to_owned();
        rows(&mut csv, "", 5.0, 101);
        let (items, outcome) = play(&csv, None).await;
        outcome.unwrap();
        assert_eq!(begins(&items), [("walk", -2_000_000_000)]);
        assert_eq!(items.iter().filter(|item| matches!(item, Item::Sample(_))).count(), 101);
        assert_eq!(items.last(), Some(&Item::End));
        let (items, _) = play(&csv, Some(WallTime(NOW.0 + 7))).await;
        assert_eq!(begins(&items), [("walk", 7)]);
    }

    #[tokio::test]
    async fn a_hole_in_the_file_comes_out_as_a_gap_before_the_sample_after_it() {
        let mut csv = "t_s,acc_x,acc_y,acc_z\n".to_owned();
        rows(&mut csv, "", 0.0, 100);
        rows(&mut csv, "", 12.0, 100);
        let (items, _) = play(&csv, None).await;
        let gap = items.iter().position(|item| matches!(item, Item::Gap { .. })).unwrap();
        let (from, to) = (Time::from_seconds(1.98), Time::from_seconds(12.0));
        assert_eq!(items[gap], Item::Gap { from, to, lost: 500, cause: GapCause::Recorded });
        assert!(matches!(items[gap + 1], Item::Sample(RawSample { t, .. }) if t == to));
    }

    #[tokio::test]
    async fn each_trial_of_a_file_is_a_recording_of_its_own_and_the_last_ends_now() {
        let mut csv = "trial,t_s,acc_x,acc_y,acc_z\n".to_owned();
        rows(&mut csv, "a,", 0.0, 51);
        rows(&mut csv, "b,", 0.0, 101);
        let (items, _) = play(&csv, None).await;
        assert_eq!(begins(&items), [("walk.a", -63_000_000_000), ("walk.b", -2_000_000_000)]);
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_refused_with_its_place() {
        let mut csv = "t_s,acc_x,acc_y,acc_z\n".to_owned();
        rows(&mut csv, "", 0.0, 10);
        csv.push_str("0.30,9.81,hello,0\n");
        let (items, outcome) = play(&csv, Some(NOW)).await;
        assert!(outcome.unwrap_err().to_string().contains("line 12"));
        assert!(!items.contains(&Item::End));
    }
}
