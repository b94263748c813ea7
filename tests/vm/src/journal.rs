//! The sensor's journal: what it sent on which connection, one word and number a line, written and read.
//!
//! ```text
//! kind open-motion
//! connected 1
//! rate_hz 200
//! sent 0
//! ended by the sensor
//! done
//! ```

use crate::kind_of;
use crate::sensor::Kind;
use std::fs::File;
use std::io::{self, BufWriter, Write};

/// Why a link ended: the sensor ended it.
pub(crate) const BY_SENSOR: &str = "by the sensor";
/// Why a link ended: the sensor was not heard any more.
pub(crate) const OUT_OF_REACH: &str = "out of reach";
/// Why a link ended: the host ended it.
pub(crate) const BY_HOST: &str = "by the host";

pub(crate) struct Writer {
    out: BufWriter<File>,
    kind: Kind,
    begun: bool,
}

impl Writer {
    pub(crate) fn begin(out: File, kind: Kind) -> Self {
        Self { out: BufWriter::new(out), kind, begun: false }
    }

    pub(crate) fn line(&mut self, line: &str) -> io::Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            let kind = if self.kind == Kind::Open { "open-motion" } else { "witmotion" };
            writeln!(self.out, "kind {kind}")?;
        }
        writeln!(self.out, "{line}")
    }

    /// Makes what was written visible to others.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A connection and the numbers that were sent on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Connection {
    pub(crate) sent: Vec<u64>,
    /// Samples a second at its end.
    pub(crate) rate_hz: f64,
    /// Why it ended; nothing while it stands.
    pub(crate) ended: Option<String>,
}

/// A journal that was read. Connections on which nothing was sent are left out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Journal {
    pub(crate) kind: Kind,
    pub(crate) connections: Vec<Connection>,
    /// All that was to be sent went out.
    pub(crate) done: bool,
}

impl Journal {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let kind = lines.next().and_then(|line| line.strip_prefix("kind ")).ok_or("the journal is empty")?;
        let mut journal = Self { kind: kind_of(kind)?, connections: Vec::new(), done: false };
        for line in lines {
            journal.take(line).ok_or_else(|| format!("the journal has a line that means nothing: {line:?}"))?;
        }
        journal.connections.retain(|connection| !connection.sent.is_empty());
        Ok(journal)
    }

    fn take(&mut self, line: &str) -> Option<()> {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("connected", _) => self.connections.push(Connection::default()),
            ("rate_hz", rate) => self.connections.last_mut()?.rate_hz = rate.parse().ok()?,
            ("sent", number) => self.connections.last_mut()?.sent.push(number.parse().ok()?),
            ("ended", why) => self.connections.last_mut()?.ended = Some(why.to_owned()),
            ("done", "") => self.done = true,
            _ => return None,
        }
        Some(())
    }
}
