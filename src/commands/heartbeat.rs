//! The sign of life of a running daemon: what `status` reads, written to `run.json` in the data folder.
//!
//! A file rather than a table: `status` must answer at once, also while the database is being repaired
//! or the disk is full, and a daemon that died leaves a file whose time says so.

use crate::care::calibrating::GuideView;
use crate::plan::session::SessionView;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Name of the file inside the data folder.
const FILE: &str = "run.json";

/// How a running daemon is doing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Heartbeat {
    /// Process id of the daemon.
    pub pid: u32,
    /// When it started, ns since 1970-01-01 UTC.
    pub started_utc_ns: i64,
    /// When this was written, ns since 1970-01-01 UTC.
    pub written_utc_ns: i64,
    /// `ble`, `replay` or `simulate`.
    pub source: String,
    /// The page's address; none with `--no-page`.
    pub page: Option<String>,
    /// The link in plain words: searching, connecting, streaming, quiet, lost, or what blocks it.
    pub link: String,
    /// Samples are coming (or a replay is running).
    pub streaming: bool,
    /// The sensor is elsewhere, as it may be.
    pub away: bool,
    /// Samples taken in since the start.
    pub samples: u64,
    /// Samples lost on the air since the start, while the link stood.
    #[serde(default)]
    pub lost_samples: u64,
    /// Samples a second that the sensor says it takes.
    #[serde(default)]
    pub rate_hz: Option<f64>,
    /// Bends are being watched.
    pub watching: bool,
    /// Why not, in plain words; empty while watching.
    pub not_watching_because: Vec<String>,
    /// Posture as far as decided.
    pub posture: String,
    /// Trunk-equivalent angle in degrees.
    pub tea_deg: Option<f64>,
    /// The sensor's charge in percent.
    pub battery_percent: Option<u8>,
    /// What keeps the store from recording; none while all is well.
    pub store_trouble: Option<String>,
    /// A guided calibration that is under way, or how the last one ended.
    #[serde(default)]
    pub calibration: Option<GuideView>,
    /// A walk shows upright this far from before, and the wearer may accept it.
    #[serde(default)]
    pub refresh_offered_deg: Option<f64>,
    /// An exercise set that is open, or how the last one ended.
    #[serde(default)]
    pub exercise: Option<SessionView>,
}

impl Heartbeat {
    /// A daemon that has not written for so long is not well: it writes every second.
    pub(super) const STALE_S: f64 = 5.0;

    fn path(data_dir: &Path) -> PathBuf {
        data_dir.join(FILE)
    }

    /// Replaces the file in one step, so that a reader never sees half of it.
    pub(super) fn write(&self, data_dir: &Path) -> std::io::Result<()> {
        let fresh = data_dir.join(format!("{FILE}.new"));
        let mut file = private_file(&fresh)?;
        serde_json::to_writer(&mut file, self)?;
        file.flush()?;
        fs::rename(fresh, Self::path(data_dir))
    }

    /// The newest sign of life, if there is one that can be read.
    pub(super) fn read(data_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(Self::path(data_dir)).ok()?).ok()
    }

    /// Takes the file away when the daemon ends in order.
    pub(super) fn remove(data_dir: &Path) {
        // A file that stays is harmless: its time says that nobody writes it any more.
        let _ = fs::remove_file(Self::path(data_dir));
    }
}

/// Creates a file that only its owner can read.
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heartbeat_is_read_back_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let beat = Heartbeat { pid: 7, link: "streaming".into(), tea_deg: Some(12.5), ..Heartbeat::default() };
        beat.write(folder.path()).unwrap();
        assert_eq!(Heartbeat::read(folder.path()), Some(beat));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(Heartbeat::path(folder.path())).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        Heartbeat::remove(folder.path());
        assert_eq!(Heartbeat::read(folder.path()), None);
    }
}
