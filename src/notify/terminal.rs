//! A line, and a bell, where the program was started: notices come in, words go to stderr.

use super::answer::{Answer, Outcome};
use super::notice::{Loudness, Notice};
use super::notifier::Channel;
use std::io::{self, IsTerminal, Write};

/// The bell of a terminal.
const BELL: &str = "\u{7}";

/// Writes notices to stderr. Slow by nature: whoever reads stderr may stop reading.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    bell: bool,
}

impl Terminal {
    /// Rings for soft and strong signals when stderr is a terminal.
    pub fn new() -> Self {
        Self { bell: io::stderr().is_terminal() }
    }

    /// Writes lines only.
    pub fn without_bell() -> Self {
        Self { bell: false }
    }
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}

impl Terminal {
    fn deliver(&mut self, notice: &Notice) -> Outcome {
        let line = line(notice, self.bell);
        let mut err = io::stderr().lock();
        err.write_all(line.as_bytes())
            .and_then(|()| err.flush())
            .map_err(|error| format!("nobody reads it: {error}"))?;
        Ok(None)
    }
}

impl Channel for Terminal {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn least(&self) -> Loudness {
        Loudness::Quiet
    }

    fn hand_over(&mut self, notice: &Notice, answer: Answer) {
        answer.give(self.deliver(notice));
    }
}

/// The line as written: time, figures, words.
fn line(notice: &Notice, bell: bool) -> String {
    let ring = if bell && notice.loudness >= Loudness::Soft { BELL } else { "" };
    if notice.measured.is_empty() {
        format!("{}  {}{ring}\n", notice.clock, notice.text)
    } else {
        format!("{}  {}  ({}){ring}\n", notice.clock, notice.text, notice.measured)
    }
}

#[cfg(test)]
mod tests {
    use super::super::notice::tests::verdict;
    use super::*;
    use crate::care::Locale;
    use crate::warning::{Outcome, Reason};
    use jiff::tz::TimeZone;

    #[test]
    fn a_signal_is_one_line_and_rings_only_on_a_terminal() {
        let notice = Notice::from_verdict(&verdict(Outcome::Sent, false), 1, Locale::En, &TimeZone::UTC).unwrap();
        assert_eq!(
            line(&notice, false),
            "01:30:00  A deep bend. Bending the knees may feel easier just now.  (deep bend, 68 of 60 degrees)\n"
        );
        assert!(line(&notice, true).contains(BELL));
        let summary = verdict(Outcome::Withheld(Reason::HourlyLimit), true);
        let summary = Notice::from_verdict(&summary, 0, Locale::En, &TimeZone::UTC).unwrap();
        assert!(!line(&summary, true).contains(BELL), "the summary is silent");
    }
}
