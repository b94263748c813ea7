//! Brings a file's layout up to date, one step at a time. In: an open file. Out: the same file in the
//! newest layout, and a copy of how it was before.
//!
//! The layout's number is SQLite's `user_version`; 0 is an empty file. A step is one SQL file beside this
//! one, named for the number it leads to, and `schema.sql` always holds the newest layout: a test takes
//! every old layout through the steps and finds it equal to a fresh one.

use super::error::{About, StoreError};
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};

/// One kind of file: how a fresh one is made, and the steps that lead there from the oldest.
pub(super) struct Layout {
    /// The newest schema.
    pub(super) schema: &'static str,
    /// `steps[0]` leads from layout 1 to 2, and so on.
    pub(super) steps: &'static [&'static str],
}

/// `lumbard.db`.
pub(super) const MAIN: Layout =
    Layout { schema: include_str!("../schema.sql"), steps: &[include_str!("2.sql"), include_str!("3.sql")] };
/// `raw/<UTC date>.db`.
pub(super) const RAW_DAY: Layout = Layout { schema: include_str!("../raw_day.sql"), steps: &[] };

impl Layout {
    fn newest(&self) -> i64 {
        1 + self.steps.len() as i64
    }

    /// Makes the tables of an empty file, or takes the steps an old one lacks. All or nothing.
    pub(super) fn bring_up_to_date(&self, db: &mut Connection, file: &Path) -> Result<(), StoreError> {
        if self.check(db, file)? == self.newest() {
            return Ok(());
        }
        let transaction = db.transaction_with_behavior(TransactionBehavior::Exclusive).about(file)?;
        // Another process may have done it while this one waited.
        let found = version(&transaction).about(file)?;
        if found == 0 {
            transaction.execute_batch(self.schema).about(file)?;
        } else if found < self.newest() {
            // A copy through a second connection, as this one is inside a transaction.
            back_up(file, found)?;
            for step in &self.steps[(found - 1) as usize..] {
                transaction.execute_batch(step).about(file)?;
            }
        }
        transaction.pragma_update(None, "user_version", self.newest()).about(file)?;
        transaction.commit().about(file)
    }

    /// The file's layout number; refuses one that is newer than this program.
    pub(super) fn check(&self, db: &Connection, file: &Path) -> Result<i64, StoreError> {
        let found = version(db).about(file)?;
        if found > self.newest() {
            return Err(StoreError::Newer { file: file.to_path_buf(), found, known: self.newest() });
        }
        Ok(found)
    }

    /// Refuses a file that is not in the newest layout, for connections that only read. Says whether it
    /// has its tables yet: another process may be making it at this moment.
    pub(super) fn require(&self, db: &Connection, file: &Path) -> Result<bool, StoreError> {
        match self.check(db, file)? {
            0 => Ok(false),
            found if found < self.newest() => Err(StoreError::Older { file: file.to_path_buf() }),
            _ => Ok(true),
        }
    }
}

fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Where the copy of a file in an old layout goes.
fn backup_path(file: &Path, version: i64) -> PathBuf {
    file.with_extension(format!("layout-{version}.db"))
}

/// Copies what is committed in `file` beside it.
fn back_up(file: &Path, version: i64) -> Result<(), StoreError> {
    let copy = backup_path(file, version);
    super::folder::make_private(&copy)?;
    let from = Connection::open(file).about(file)?;
    let mut to = Connection::open(&copy).about(&copy)?;
    let backup = rusqlite::backup::Backup::new(&from, &mut to).about(&copy)?;
    const PAGES_AT_ONCE: std::ffi::c_int = 1_000;
    backup.run_to_completion(PAGES_AT_ONCE, std::time::Duration::ZERO, None).about(&copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Layout =
        Layout { schema: "CREATE TABLE pain (id INTEGER PRIMARY KEY, nprs INTEGER) STRICT;", steps: &[] };
    const NEW: Layout = Layout {
        schema: "CREATE TABLE pain (id INTEGER PRIMARY KEY, nprs INTEGER, note TEXT) STRICT;
                 CREATE INDEX pain_by_nprs ON pain (nprs);",
        steps: &["ALTER TABLE pain ADD COLUMN note TEXT;", "CREATE INDEX pain_by_nprs ON pain (nprs);"],
    };

    /// Tables, columns and indexes, as SQLite sees them.
    fn shape(db: &Connection) -> Vec<String> {
        let mut statement = db
            .prepare(
                "SELECT m.type || ' ' || m.name || ' ' || coalesce(c.name || ' ' || c.type || ' ' || c.\"notnull\", '')
                 FROM sqlite_schema m LEFT JOIN pragma_table_xinfo(m.name) c ON m.type = 'table'
                 WHERE m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid",
            )
            .unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn open(file: &Path, layout: &Layout) -> Result<Connection, StoreError> {
        let mut db = Connection::open(file).unwrap();
        db.pragma_update(None, "journal_mode", "wal").unwrap();
        layout.bring_up_to_date(&mut db, file)?;
        Ok(db)
    }

    #[test]
    fn an_upgraded_file_equals_a_fresh_one_and_keeps_its_rows_and_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("old.db");
        open(&file, &OLD).unwrap().execute("INSERT INTO pain (nprs) VALUES (7)", []).unwrap();

        let upgraded = open(&file, &NEW).unwrap();
        let fresh = open(&folder.path().join("fresh.db"), &NEW).unwrap();
        assert_eq!(shape(&upgraded), shape(&fresh));
        assert_eq!(upgraded.query_row("SELECT nprs FROM pain", [], |row| row.get::<_, i64>(0)), Ok(7));

        let copy = Connection::open(backup_path(&file, 1)).unwrap();
        assert_eq!(version(&copy), Ok(1));
        assert_eq!(copy.query_row("SELECT nprs FROM pain", [], |row| row.get::<_, i64>(0)), Ok(7));
    }

    #[test]
    fn every_layout_that_was_shipped_becomes_the_newest() {
        const SHIPPED: [&str; 2] = [include_str!("layout_1.sql"), include_str!("layout_2.sql")];
        assert_eq!(SHIPPED.len(), MAIN.steps.len(), "keep each old layout beside its step");
        let folder = tempfile::tempdir().unwrap();
        let fresh = open(&folder.path().join("fresh.db"), &MAIN).unwrap();
        for (old, schema) in SHIPPED.into_iter().enumerate() {
            let file = folder.path().join(format!("{old}.db"));
            let db = open(&file, &Layout { schema, steps: &MAIN.steps[..old] }).unwrap();
            let sensor = "INSERT INTO sensors (uid, family, name, placement, added_utc_ns)
                 VALUES ('AA:01', 'witmotion', 'belt', 'L3', 1)";
            db.execute(sensor, []).unwrap();
            drop(db);
            let upgraded = open(&file, &MAIN).unwrap();
            assert_eq!(shape(&upgraded), shape(&fresh), "layout {}", old + 1);
            let role = upgraded.query_row("SELECT role FROM sensors", [], |row| row.get::<_, String>(0));
            assert_eq!(role.as_deref(), Ok("worn"));
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        const BROKEN: Layout =
            Layout { schema: "", steps: &["ALTER TABLE pain ADD COLUMN note TEXT;", "DROP TABLE nobody_made;"] };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("old.db");
        let before = shape(&open(&file, &OLD).unwrap());
        assert!(open(&file, &BROKEN).is_err());
        let after = Connection::open(&file).unwrap();
        assert_eq!((version(&after), shape(&after)), (Ok(1), before));
    }

    #[test]
    fn a_file_of_a_newer_version_is_refused_and_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new.db");
        open(&file, &NEW).unwrap();
        let refusal = open(&file, &OLD).unwrap_err().to_string();
        assert!(refusal.contains("newer lumbard (layout 3, this one knows 1)"), "{refusal}");
        assert_eq!(version(&Connection::open(&file).unwrap()), Ok(3));
    }

    #[test]
    fn a_file_that_is_only_being_made_is_empty_and_not_old() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new.db");
        let db = Connection::open(&file).unwrap();
        assert!(matches!(NEW.require(&db, &file), Ok(false)));
        db.pragma_update(None, "user_version", 2).unwrap();
        assert!(matches!(NEW.require(&db, &file), Err(StoreError::Older { .. })));
    }

    #[test]
    fn every_layout_that_is_shipped_makes_a_file() {
        let folder = tempfile::tempdir().unwrap();
        for (name, layout) in [("main", MAIN), ("raw", RAW_DAY)] {
            let db = open(&folder.path().join(name), &layout).unwrap();
            assert_eq!(version(&db), Ok(layout.newest()));
            assert!(shape(&db).len() > 5);
        }
    }
}
