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

/// Words of the wishes that say more, as JSON after the word.
const START: &str = "start_exercise";
const STOP: &str = "stop_exercise";

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
        let words = match &self.command {
            PageCommand::StartExercise(order) => Some((START, serde_json::to_string(order))),
            PageCommand::StopExercise(after) => Some((STOP, serde_json::to_string(after))),
            _ => None,
        };
        if let Some((word, details)) = words {
            return Some(format!("{} {word} {}", self.asked_utc_ns, details.ok()?));
        }
        let word = WISHES.iter().find(|(_, command)| *command == self.command)?.0;
        Some(format!("{} {word}", self.asked_utc_ns))
    }

    /// A wish from its text.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let (asked, word) = text.split_once(' ')?;
        let command = match word.split_once(' ') {
            Some((START, order)) => PageCommand::StartExercise(serde_json::from_str(order).ok()?),
            Some((STOP, after)) => PageCommand::StopExercise(serde_json::from_str(after).ok()?),
            _ => WISHES.iter().find(|(name, _)| *name == word)?.1,
        };
        Some(Self { asked_utc_ns: asked.parse().ok()?, command })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::session::{After, Order};
    use crate::plan::{StopReason, catalogue};

    #[test]
    fn a_wish_is_read_as_it_is_kept() {
        let order = Order { reps: Some(10), ..Order::open(catalogue::find("bridge").unwrap()) };
        let after = After { reason: Some(StopReason::Pain), ..After::default() };
        let said = [PageCommand::StartExercise(order), PageCommand::StopExercise(after)];
        for command in WISHES.map(|(_, command)| command).into_iter().chain(said) {
            let wish = Wish { asked_utc_ns: 17, command };
            assert_eq!(wish.text().as_deref().and_then(Wish::from_text), Some(wish));
        }
        assert_eq!(Wish { asked_utc_ns: 1, command: PageCommand::EndSnooze }.text(), None);
        assert_eq!(Wish::from_text("17 fly"), None);
    }
}
