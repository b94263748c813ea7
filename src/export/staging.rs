//! Files that appear all at once or not at all.
//!
//! Each file is written under a hidden name in the folder it belongs to. [`Staging::commit`] renames all
//! of them, so that a file of the same name is replaced in one step; dropping a [`Staging`] without that
//! removes them, and the folders that it made.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A folder into which files are being written.
pub struct Staging {
    folder: PathBuf,
    /// Folders that were made for it, the innermost first.
    made: Vec<PathBuf>,
    files: Mutex<HashMap<String, PathBuf>>,
    kept: bool,
}

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// The folder cannot be made or is a file.
    #[error("the folder {} cannot be used ({error}); name another with --out", folder.display())]
    Folder {
        /// Its name.
        folder: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file cannot be made or put in its place.
    #[error("{} cannot be written ({error}); check the folder's rights and the space on its disk", file.display())]
    File {
        /// Its name.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl Staging {
    /// Makes the folder where it is not there yet.
    ///
    /// # Errors
    /// It cannot be made, or is no folder.
    pub fn begin(folder: &Path) -> Result<Self, StagingError> {
        let refused = |error| StagingError::Folder { folder: folder.to_owned(), error };
        let made: Vec<PathBuf> = folder
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            .map(Path::to_owned)
            .collect();
        let staging = Self { folder: folder.to_owned(), made, files: Mutex::default(), kept: false };
        fs::create_dir_all(folder).map_err(refused)?;
        Ok(staging)
    }

    /// Opens a new file that will have this name.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(&self, name: &str) -> Result<File, StagingError> {
        // A name that has been given twice is given its first hidden file again: the later wins.
        let hidden = self.folder.join(format!(".{name}.{}.partial", std::process::id()));
        let file = File::create(&hidden).map_err(|error| self.refused(name, error))?;
        self.files().insert(name.to_owned(), hidden);
        Ok(file)
    }

    /// What to say when writing to a file of this name failed.
    pub fn refused(&self, name: &str, error: io::Error) -> StagingError {
        StagingError::File { file: self.folder.join(name), error }
    }

    /// Puts all files in their places.
    ///
    /// # Errors
    /// One of them cannot be put in its place; those that come after it in the order of names are removed.
    pub fn commit(mut self) -> Result<(), StagingError> {
        let mut files: Vec<(String, PathBuf)> = self.files().drain().collect();
        files.sort();
        let mut files = files.into_iter();
        for (name, hidden) in files.by_ref() {
            if let Err(error) = fs::rename(&hidden, self.folder.join(&name)) {
                let refused = self.refused(&name, error);
                self.files().extend(files.chain([(name, hidden)]));
                return Err(refused);
            }
            self.kept = true;
        }
        self.kept = true;
        Ok(())
    }

    fn files(&self) -> std::sync::MutexGuard<'_, HashMap<String, PathBuf>> {
        // The map is whole after every step, so a thread that panicked while it held the lock left no harm.
        self.files.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        for (_, hidden) in self.files().drain() {
            // Nothing better can be done with what cannot be removed.
            let _ = fs::remove_file(hidden);
        }
        if !self.kept {
            for folder in &self.made {
                // A folder that someone else has used meanwhile is not empty, and stays.
                let _ = fs::remove_dir(folder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_appear_when_all_are_written_and_replace_those_of_their_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.csv"), "old").unwrap();
        let staging = Staging::begin(folder.path()).unwrap();
        staging.create("a.csv").unwrap().write_all(b"new").unwrap();
        staging.create("b.csv").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("a.csv")).unwrap(), "old");
        staging.commit().unwrap();
        assert_eq!(names(folder.path()), ["a.csv", "b.csv"]);
        assert_eq!(fs::read_to_string(folder.path().join("a.csv")).unwrap(), "new");
    }

    #[test]
    fn what_is_not_finished_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("new/deep");
        let staging = Staging::begin(&deep).unwrap();
        staging.create("a.csv").unwrap();
        drop(staging);
        assert_eq!(names(folder.path()), [""; 0]);
        assert!(folder.path().exists());
    }

    #[test]
    fn a_file_is_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "kept").unwrap();
        assert!(Staging::begin(&file).err().unwrap().to_string().contains("name another with --out"));
        assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
    }
}
