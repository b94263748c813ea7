//! Shows a set while it goes on: one line that is written over on a terminal, else a line for each change.

use crate::care::Locale;
use crate::plan::session::{SessionView, SetStep};
use std::io::{self, IsTerminal, Write};

/// The line is at most so wide. Chosen by us: an ordinary terminal.
const WIDTH: usize = 79;

/// The line, as it was shown last.
pub(super) struct Line {
    shown: String,
    locale: Locale,
}

impl Line {
    /// Nothing is shown yet.
    pub(super) fn new(locale: Locale) -> Self {
        Self { shown: String::new(), locale }
    }

    /// Shows a set as it is now. No colours, so that it reads alike everywhere.
    pub(super) fn show(&mut self, view: &SessionView) {
        let begun = view.step != SetStep::Waiting && view.step != SetStep::Position && view.step != SetStep::Settle;
        let figures = if begun { view.figures(self.locale) } else { String::new() };
        if io::stderr().is_terminal() {
            let words = view.words(self.locale);
            let mut line = if figures.is_empty() { words.to_owned() } else { format!("{figures}  {words}") };
            line = line.chars().take(WIDTH).collect();
            if line != self.shown {
                eprint!("\r{line:<WIDTH$}");
                let _ = io::stderr().flush();
                self.shown = line;
            }
            return;
        }
        // Seconds pass without a line of their own.
        let counted = view.count.filter(|_| begun).map_or(String::new(), |_| format!("{}: ", short(view, self.locale)));
        let line = format!("{counted}{}", view.words(self.locale));
        if line != self.shown {
            eprintln!("{line}");
            self.shown = line;
        }
    }

    /// The line is done with.
    pub(super) fn end(&mut self) {
        if !std::mem::take(&mut self.shown).is_empty() && io::stderr().is_terminal() {
            eprintln!();
        }
    }
}

/// The count alone.
fn short(view: &SessionView, locale: Locale) -> String {
    let resting = SessionView { hold_s: None, ..view.clone() };
    resting.figures(locale)
}
