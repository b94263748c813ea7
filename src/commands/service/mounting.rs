//! Finds how the sensor sat in a file before it is replayed, so that a replay is judged as `analyze` would.

use crate::import::{ImportError, Options, Recordings};
use crate::signal::mounting::Mounting;
use crate::signal::mounting::auto::AutoMounting;
use std::collections::VecDeque;
use std::path::Path;

/// Reads the file once; gives the mounting of each of its recordings in order, where one can be told.
pub(crate) fn found_in(file: &Path, options: &Options) -> Result<VecDeque<Option<Mounting>>, ImportError> {
    let mut found = VecDeque::new();
    let mut recordings = Recordings::open(file, options)?;
    let mut block = Vec::new();
    while let Some(head) = recordings.next_recording()? {
        let mut auto = AutoMounting::new();
        while recordings.read(&mut block)? {
            block.iter().for_each(|raw| auto.push(&head.format.sample(raw)));
        }
        found.push_back(auto.estimate());
    }
    Ok(found)
}
