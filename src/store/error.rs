//! What can go wrong in the store: what happened, what it means, and one next step.

use std::io;
use std::path::{Path, PathBuf};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process writes to this folder.
    #[error(
        "the data folder {folder} is in use by process {pid} since {since}; \
         stop that one first, or choose another folder with --data-dir"
    )]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// Who holds it, as it told; `an unknown process` when it did not.
        pid: String,
        /// Since when, in UTC.
        since: String,
    },
    /// No home folder, so no default place.
    #[error("no home folder is set, so there is no place to keep data; name one with --data-dir DIR")]
    NoHome,
    /// The folder holds no data.
    #[error("{folder} holds no data of lumbard yet; start recording with `lumbard run`, or try `lumbard demo`")]
    NothingYet {
        /// The folder.
        folder: PathBuf,
    },
    /// The file was written by a later version.
    #[error(
        "{file} was written by a newer lumbard (layout {found}, this one knows {known}); \
         nothing was changed; use the newer version"
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its layout number.
        found: i64,
        /// The newest layout number known here.
        known: i64,
    },
    /// The file is from an earlier version, and cannot be brought up to date while it is only read.
    #[error("{file} was written by an older lumbard; run `lumbard run` once to bring it up to date (a copy is kept)")]
    Older {
        /// The file.
        file: PathBuf,
    },
    /// The disk is full.
    #[error(
        "the disk that holds {file} is full, so nothing more can be stored; free some space; what is stored is safe"
    )]
    Full {
        /// The file.
        file: PathBuf,
    },
    /// Not allowed to write.
    #[error("{file} cannot be written; check that the disk is not read-only and that the folder is yours")]
    ReadOnly {
        /// The file.
        file: PathBuf,
    },
    /// The file is damaged or no database.
    #[error(
        "{file} is damaged or is no file of lumbard ({detail}); nothing was changed; \
         move it away and put back a copy of it"
    )]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// What was found.
        detail: String,
    },
    /// Another process holds the file for longer than a write takes.
    #[error("{file} stayed locked by another process, so the change was not made; try again")]
    Busy {
        /// The file.
        file: PathBuf,
    },
    /// The operating system refused.
    #[error("{path} could not be used: {source}; check that the folder exists and is yours")]
    Io {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No recording has this id.
    #[error("no recording begins with {given:?}; `lumbard recordings list` shows them")]
    NoSuchRecording {
        /// What was asked for.
        given: String,
    },
    /// There is no recording at all.
    #[error("there is no recording yet; make one with `lumbard run` or `lumbard demo`")]
    NoRecording,
    /// More than one recording has this id.
    #[error("{matching} recordings begin with {given:?}; type more of the id")]
    Ambiguous {
        /// What was asked for.
        given: String,
        /// How many fit.
        matching: usize,
    },
    /// A hand-made entry does not exist.
    #[error("there is no {what} number {id}; it may have been removed")]
    NoSuchRow {
        /// What was looked for.
        what: &'static str,
        /// Its number.
        id: i64,
    },
    /// Some samples could not be kept.
    #[error("{samples} samples could not be stored ({why}); what was stored before is safe")]
    Lost {
        /// How many.
        samples: u64,
        /// The first reason.
        why: String,
    },
    /// The writing thread is gone.
    #[error("the store has stopped writing; start lumbard again; what was committed is safe")]
    Stopped,
    /// The operating system gives no random numbers.
    #[error("the system gives no random numbers ({0}), so a recording cannot be named; try again")]
    NoRandom(String),
    /// Anything else SQLite says.
    #[error("{file}: {source}; nothing was changed; if it stays so, look at the file with `lumbard doctor`")]
    Sqlite {
        /// The file.
        file: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Puts what SQLite says into words about `file`.
    pub(super) fn sqlite(file: &Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let file = file.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { file },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::ReadOnly { file },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt { file, detail: source.to_string() }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { file },
            _ => Self::Sqlite { file, source },
        }
    }

    /// Puts what the operating system says into words about `path`.
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull => Self::Full { file: path },
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly { file: path },
            _ => Self::Io { path, source },
        }
    }
}

/// Names the file in what SQLite says.
pub(super) trait About<T> {
    /// The same with `file` in the words.
    fn about(self, file: &Path) -> Result<T, StoreError>;
}

impl<T> About<T> for rusqlite::Result<T> {
    fn about(self, file: &Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::sqlite(file, source))
    }
}

impl<T> About<T> for io::Result<T> {
    fn about(self, file: &Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::io(file, source))
    }
}
