//! Keeps facts in `lumbard.db` and raw samples in one file per UTC day. Knows nothing of Bluetooth.
//!
//! | who | does |
//! |---|---|
//! | [`Store`] and [`Recorder`] | record: one process at a time, one writing thread |
//! | [`Reader`] | reads, while a daemon writes or not |
//! | [`Hand`] | makes entries by hand, while a daemon writes or not |

mod chunk;
mod column;
pub mod episode;
mod error;
mod exercise_table;
pub mod facts;
mod folder;
mod hand;
mod hand_tables;
mod handle;
mod live;
pub mod planned;
mod raw_day;
mod raw_reader;
mod reader;
mod recovery;
mod tables;
mod upgrade;
mod writer;

pub use chunk::RawBlock;
pub use error::StoreError;
pub use folder::{data_dir, holder};
pub use hand::{Hand, Undone};
pub use handle::{Health, Options, Recorder, Store};
pub use raw_reader::RawStream;
pub use reader::Reader;
pub use recovery::Recovered;

use error::About;
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// How long to wait for a lock that another process holds for a moment.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// Opens `lumbard.db` for writing, in the newest layout.
fn main_db(file: &Path) -> Result<Connection, StoreError> {
    folder::make_private(file)?;
    let mut db = Connection::open(file).about(file)?;
    set_up(&db).about(file)?;
    upgrade::MAIN.bring_up_to_date(&mut db, file)?;
    Ok(db)
}

/// What every writing connection needs.
///
/// FULL makes each commit wait until it is on the disk: with NORMAL a power cut would take back every
/// commit since the last checkpoint, which can be minutes.
fn set_up(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(LOCK_PATIENCE)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "foreign_keys", true)
}
