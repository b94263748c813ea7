//! An episode as it is stored, made ready to decide with: a row comes in, a `care::Episode` comes out.

use super::facts::EpisodeRow;
use crate::care::{Episode, Pattern};

impl From<EpisodeRow> for Episode {
    /// A pattern word from another version counts as a first episode: it decides nothing here.
    fn from(row: EpisodeRow) -> Self {
        Self {
            onset: row.about.onset,
            pattern: Pattern::from_name(&row.about.pattern).unwrap_or_default(),
            acute_until: row.about.acute_until,
            red_flags: row.about.red_flags,
            seen_by_professional: row.cleared.is_some(),
            ended: row.ended.is_some(),
        }
    }
}
