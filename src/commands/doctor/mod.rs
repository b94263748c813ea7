//! `doctor`: looks one by one at what lumbard needs. In: this machine and the data folder. Out: for each,
//! fine, not here, or what is wrong and the one thing to do. Changes nothing that is kept.

mod bluetooth;
mod sensor;

use super::{Exit, Failure, Globals, print_json};
use crate::notify;
use crate::store::{self, Reader, StoreError};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Looks at what lumbard needs, and says what to do where something is missing.
///
/// With Bluetooth at hand and no lumbard running, the sensor is connected for some seconds, to see how it is heard.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// Less room than this needs attention: it is used up after about twelve days of wearing at 100 Hz.
///
/// Source: chosen by us, from 16 h × 100 Hz × 7 bytes a sample (DESIGN §10), 40 MB a day.
const LEAST_ROOM_MB: u64 = 500;

/// How one thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Fine,
    /// Missing, and lumbard does without it.
    NotHere,
    Attention,
    /// Something before it is missing.
    NotLooked,
}

impl State {
    fn words(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::NotHere => "not here",
            Self::Attention => "not ok",
            Self::NotLooked => "-",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    /// What was found and, where it is not fine, what that means and the one thing to do.
    words: String,
}

#[derive(Serialize)]
struct Answer {
    well: bool,
    checks: Vec<Check>,
}

/// Prints what was found; exits 0 when nothing needs attention, 3 when something does.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let folder = globals.data_dir()?;
    let mut checks = vec![data_folder(&folder), facts(&folder), room(&folder), zone()];
    let radio = bluetooth::checks();
    let usable = radio.iter().all(|check| check.state == State::Fine);
    checks.extend(radio);
    checks.extend(sensor::checks(&folder, usable));
    checks.extend([desktop(), browser()]);
    let well = checks.iter().all(|check| check.state != State::Attention);
    if args.json {
        print_json(&Answer { well, checks })?;
    } else {
        checks.iter().for_each(|check| println!("{:<18} {:<9} {}", check.name, check.state.words(), check.words));
    }
    Ok(if well { Exit::Done } else { Exit::Degraded })
}

fn check(name: &'static str, state: State, words: impl Into<String>) -> Check {
    Check { name, state, words: words.into() }
}

/// Whether the data folder is there, can be written to, and who records into it.
fn data_folder(folder: &Path) -> Check {
    let say = |state, words: String| check("data folder", state, words);
    let shown = folder.display();
    match fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return say(State::Fine, format!("{shown} is not there yet; the first recording makes it"));
        }
        Err(error) => {
            return say(
                State::Attention,
                format!("{shown} cannot be read ({error}), so nothing can be kept; name another with --data-dir"),
            );
        }
        Ok(about) if !about.is_dir() => {
            return say(State::Attention, format!("{shown} is a file, not a folder; name another with --data-dir"));
        }
        Ok(_) => {}
    }
    if let Err(error) = can_write(folder) {
        return say(
            State::Attention,
            format!("{shown} cannot be written to ({error}), so nothing can be recorded; make it yours: chown, chmod"),
        );
    }
    match store::holder(folder) {
        Some((pid, since)) => say(State::Fine, format!("{shown}, in use by process {pid} since {since}")),
        None => say(State::Fine, format!("{shown}, free to record")),
    }
}

/// Makes an empty file and takes it away again: the only answer that holds for every kind of disk.
fn can_write(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    OpenOptions::new().write(true).create_new(true).open(&probe)?;
    fs::remove_file(probe)
}

/// Whether the facts can be read and hold together.
fn facts(folder: &Path) -> Check {
    let say = |state, words: String| check("store", state, words);
    let looked = Reader::open(folder).and_then(|reader| Ok((reader.quick_check()?, reader.recordings()?.len())));
    match looked {
        Ok((damage, recordings)) if damage.is_empty() => say(State::Fine, format!("whole, recordings: {recordings}")),
        Ok((damage, _)) => say(
            State::Attention,
            format!(
                "lumbard.db is damaged ({}); stop lumbard and put back a copy of the data folder",
                damage.first().map_or("no details", String::as_str)
            ),
        ),
        Err(StoreError::NothingYet { .. }) => say(State::Fine, "empty, nothing recorded yet".to_owned()),
        Err(error) => say(State::Attention, error.to_string()),
    }
}

/// The room left on the disk, where the system's `df` tells it.
fn room(folder: &Path) -> Check {
    let say = |state, words: String| check("disk space", state, words);
    let there: Option<PathBuf> = folder.ancestors().find(|path| path.is_dir()).map(Path::to_path_buf);
    match there.and_then(|path| free_mb(&path)) {
        None => say(State::NotHere, "this system does not tell how much is left".to_owned()),
        Some(free) if free < LEAST_ROOM_MB => say(
            State::Attention,
            format!("{free} MB left, too little for long: recording pauses when it is full; make room on this disk"),
        ),
        Some(free) => say(State::Fine, format!("{:.1} GB left", free as f64 / 1_000.0)),
    }
}

fn free_mb(folder: &Path) -> Option<u64> {
    // POSIX: -P prints one line a file system, with the free KiB in the fourth column.
    let output = Command::new("df").arg("-Pk").arg(folder).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let free_kib: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(free_kib * 1_024 / 1_000_000)
}

/// Whether the time zone is known: days of the wearer begin by it.
fn zone() -> Check {
    let known = TimeZone::try_system().ok().and_then(|zone| zone.iana_name().map(str::to_owned));
    match known {
        Some(name) => check("time zone", State::Fine, name),
        None => check(
            "time zone",
            State::Attention,
            "not known, so days begin at midnight UTC; set it: timedatectl set-timezone, or TZ=Europe/Berlin",
        ),
    }
}

fn desktop() -> Check {
    if notify::has_session_bus() {
        check("notices", State::Fine, "a desktop may show them")
    } else {
        check("notices", State::NotHere, "no desktop here; signals show in the terminal and on the page")
    }
}

fn browser() -> Check {
    let on_path = |name: &str| {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders).any(|folder| folder.join(name).is_file())
    };
    if on_path("xdg-open") {
        check("browser", State::Fine, "demo can open the page")
    } else {
        check("browser", State::NotHere, "nothing opens the page by itself; open the address that is printed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_yet_is_fine_and_is_not_made() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("lumbard");
        assert_eq!(data_folder(&folder).state, State::Fine);
        assert_eq!(facts(&folder).state, State::Fine);
        assert!(!folder.exists());
    }

    #[test]
    fn a_file_in_place_of_the_folder_and_a_damaged_store_need_attention() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "x").unwrap();
        assert_eq!(data_folder(&file).state, State::Attention);
        fs::write(home.path().join("lumbard.db"), "this is no database, and never was one").unwrap();
        assert_eq!(facts(home.path()).state, State::Attention);
    }
}
