//! What an analysis cost, in CPU time: the line of `--timings`.
//!
//! Judging and writing are measured on the thread that does them; what is left of the process's CPU time
//! is reading, starting and ending included, so the three add up to the whole.

use cpu_time::{ProcessTime, ThreadTime};
use serde::Serialize;
use std::time::Duration;

/// CPU time of parts of the work.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// Samples that were judged.
    pub(super) samples: u64,
    monitor: Duration,
    write: Duration,
}

impl Cost {
    /// Runs the detectors.
    pub(super) fn monitor<T>(&mut self, work: impl FnOnce() -> T) -> T {
        timed(&mut self.monitor, work)
    }

    /// Writes.
    pub(super) fn write<T>(&mut self, work: impl FnOnce() -> T) -> T {
        timed(&mut self.write, work)
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.samples += other.samples;
        self.monitor += other.monitor;
        self.write += other.write;
    }
}

fn timed<T>(sum: &mut Duration, work: impl FnOnce() -> T) -> T {
    let before = ThreadTime::now();
    let done = work();
    *sum += before.elapsed();
    done
}

/// The line of `--timings`.
#[derive(Debug, Serialize)]
pub(super) struct Timings {
    samples: u64,
    read_s: f64,
    monitor_s: f64,
    write_s: f64,
    /// `None` where the system does not tell.
    peak_rss_bytes: Option<u64>,
}

impl Timings {
    pub(super) fn of_this_process(cost: &Cost) -> Self {
        let total = ProcessTime::now().as_duration();
        Self {
            samples: cost.samples,
            read_s: total.saturating_sub(cost.monitor + cost.write).as_secs_f64(),
            monitor_s: cost.monitor.as_secs_f64(),
            write_s: cost.write.as_secs_f64(),
            peak_rss_bytes: peak_rss_bytes(),
        }
    }
}

/// The largest memory this process ever had in use, as Linux tells it.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
