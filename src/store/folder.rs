//! Where the data lies, who may read it, and who holds it. In: a path from the command line. Out: paths
//! inside it, and the lock of the one process that writes raw samples.

use super::error::{About, StoreError};
use crate::units::WallTime;
use etcetera::BaseStrategy;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

const MAIN_FILE: &str = "lumbard.db";
const RAW_FOLDER: &str = "raw";
const LOCK_FILE: &str = "lumbard.lock";

/// The data folder: the one given, or `lumbard` in the place where this system keeps such data.
pub fn data_dir(given: Option<&Path>) -> Result<PathBuf, StoreError> {
    if let Some(given) = given {
        return Ok(given.to_path_buf());
    }
    let base = etcetera::choose_base_strategy().map_err(|_| StoreError::NoHome)?;
    Ok(base.data_dir().join("lumbard"))
}

/// The file of facts.
pub(super) fn main_file(folder: &Path) -> PathBuf {
    folder.join(MAIN_FILE)
}

/// The folder of raw day files.
pub(super) fn raw_folder(folder: &Path) -> PathBuf {
    folder.join(RAW_FOLDER)
}

/// The raw day file of a UTC date.
pub(super) fn raw_file(folder: &Path, date: jiff::civil::Date) -> PathBuf {
    raw_folder(folder).join(format!("{date}.db"))
}

/// Makes the folder and its raw folder, for the owner's eyes only.
pub(super) fn make_folders(folder: &Path) -> Result<(), StoreError> {
    for path in [folder.to_path_buf(), raw_folder(folder)] {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).about(&path)?;
    }
    Ok(())
}

/// Makes an empty file for the owner's eyes only, where there is none. SQLite gives its side files the
/// same permissions.
pub(super) fn make_private(file: &Path) -> Result<(), StoreError> {
    private_options().open(file).about(file).map(drop)
}

fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The right to write raw samples into a folder. The system gives it back when the process ends, however
/// it ends, so a lock file left behind means nothing.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock, or says who has it.
    pub(super) fn take(folder: &Path, now: WallTime) -> Result<Self, StoreError> {
        let path = folder.join(LOCK_FILE);
        let mut file = private_options().open(&path).about(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = read_holder(&mut file);
                return Err(StoreError::InUse { folder: folder.to_path_buf(), pid: holder.0, since: holder.1 });
            }
            Err(TryLockError::Error(source)) => return Err(StoreError::io(&path, source)),
        }
        let since = jiff::Timestamp::from_nanosecond(i128::from(now.0)).unwrap_or_default().strftime("%FT%TZ");
        file.set_len(0).about(&path)?;
        file.rewind().about(&path)?;
        writeln!(file, "{} {since}", std::process::id()).about(&path)?;
        Ok(Self { _file: file })
    }
}

/// Who holds the folder: process id and since when, as the lock file tells.
fn read_holder(file: &mut File) -> (String, String) {
    let mut text = String::new();
    let told = file.read_to_string(&mut text).is_ok();
    match text.trim().split_once(' ') {
        Some((pid, since)) if told => (pid.to_owned(), since.to_owned()),
        _ => ("(unknown)".to_owned(), "(unknown)".to_owned()),
    }
}

/// Who holds a folder now, as process id and time; `None` when nobody does.
pub fn holder(folder: &Path) -> Option<(String, String)> {
    let mut file = File::open(folder.join(LOCK_FILE)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(read_holder(&mut file)),
        _ => None,
    }
}

/// Whether the folder holds a file of facts.
pub(super) fn has_data(folder: &Path) -> bool {
    fs::metadata(main_file(folder)).is_ok_and(|about| about.len() > 0)
}

/// Bytes of the files in the folder, raw days and side files included.
pub(super) fn stored_bytes(folder: &Path) -> Result<u64, StoreError> {
    let mut bytes = 0;
    for part in [folder.to_path_buf(), raw_folder(folder)] {
        if !part.exists() {
            continue;
        }
        for entry in fs::read_dir(&part).about(&part)? {
            let about = entry.and_then(|entry| entry.metadata()).about(&part)?;
            bytes += if about.is_file() { about.len() } else { 0 };
        }
    }
    Ok(bytes)
}
