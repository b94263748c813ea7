//! Keeps facts in `lumbard.db` and raw samples in one file per UTC day. Knows nothing of Bluetooth.
//!
//! | who | does |
//! |---|---|
//! | [`Reader`] | reads, while a daemon writes or not |
//! | [`Hand`] | makes entries by hand, while a daemon writes or not |

mod error;
pub mod facts;
mod folder;
mod hand;
mod hand_tables;
mod reader;
mod tables;
mod upgrade;

pub use error::StoreError;
pub use folder::{data_dir, holder};
pub use hand::{Hand, Undone};
pub use reader::Reader;

use error::About;
use rusqlite::Connection;
use std::path::Path;

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
    db.busy_timeout(reader::LOCK_PATIENCE)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "foreign_keys", true)
}
