//! What another command asks a running daemon to do at once: kept as a note in the store, and taken up within a
//! second. In: the note's text. Out: the wish, and when it was made.

use crate::web::PageCommand;

/// Where the newest wish is kept; read as a setting.
pub(crate) const WISH: &str = "wish";

/// Words of the wishes.
const WISHES: [(&str, PageCommand); 3] = [
    ("calibrate", PageCommand::Calibrate),
    ("stop_calibrating", PageCommand::StopCalibrating),
    ("accept_refresh", PageCommand::AcceptRefresh),
];

/// A wish as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// When it was made, ns since 1970-01-01 UTC: its name in the answer.
    pub(crate) asked_utc_ns: i64,
    /// What is asked.
    pub(crate) command: PageCommand,
}

impl Wish {
    /// The text that is kept; `None` for what is kept as a setting of its own.
    pub(crate) fn text(&self) -> Option<String> {
        let word = WISHES.iter().find(|(_, command)| *command == self.command)?.0;
        Some(format!("{} {word}", self.asked_utc_ns))
    }

    /// A wish from its text.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let (asked, word) = text.split_once(' ')?;
        let command = WISHES.iter().find(|(name, _)| *name == word)?.1;
        Some(Self { asked_utc_ns: asked.parse().ok()?, command })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_read_as_it_is_kept() {
        for (_, command) in WISHES {
            let wish = Wish { asked_utc_ns: 17, command };
            assert_eq!(wish.text().as_deref().and_then(Wish::from_text), Some(wish));
        }
        assert_eq!(Wish { asked_utc_ns: 1, command: PageCommand::EndSnooze }.text(), None);
        assert_eq!(Wish::from_text("17 fly"), None);
    }
}
