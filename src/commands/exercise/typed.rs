//! Lines that someone types while something else goes on. In: a terminal. Out: each line, when it is asked for.
//!
//! A thread waits for the lines, since a read of stdin cannot be given up: so Enter can end a set that counts
//! meanwhile, and a set that ends by itself leaves the next line for the questions after it.

use super::super::ask;
use crate::care::Locale;
use std::io::{self, BufRead, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Lines that are typed; none where nobody can.
pub(super) struct Typed(Option<Receiver<String>>, Locale);

impl Typed {
    /// Begins to listen.
    pub(super) fn new(locale: Locale) -> Self {
        if !ask::possible() {
            return Self(None, locale);
        }
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Self(Some(lines), locale)
    }

    /// The language of the questions.
    pub(super) fn locale(&self) -> Locale {
        self.1
    }

    /// Someone can type.
    pub(super) fn is_possible(&self) -> bool {
        self.0.is_some()
    }

    /// Waits for a line, so long at most.
    pub(super) fn line(&self, patience: Duration) -> Option<String> {
        match &self.0 {
            Some(lines) => lines.recv_timeout(patience).ok(),
            None => {
                std::thread::sleep(patience);
                None
            }
        }
    }

    /// Asks, until the answer is understood or left empty. `None` too where nobody can be asked.
    pub(super) fn ask<T>(&self, question: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let lines = self.0.as_ref()?;
        loop {
            eprint!("{question} ");
            let _ = io::stderr().flush();
            let answer = lines.recv().ok()?;
            match answer.trim() {
                "" => return None,
                answer => match read(answer) {
                    Ok(understood) => return Some(understood),
                    Err(wanted) => eprintln!("  {wanted}"),
                },
            }
        }
    }

    /// Asks how hard it felt.
    pub(super) fn effort(&self) -> Option<u8> {
        self.ask(&self.1.phrases().terminal.ask_effort, |answer| ask::pain(answer, self.1))
    }

    /// Asks for a pain figure.
    pub(super) fn pain(&self, question: &str) -> Option<u8> {
        self.ask(question, |answer| ask::pain(answer, self.1))
    }

    /// Asks how many it were.
    pub(super) fn count(&self, about: Option<u32>) -> Option<u32> {
        let say = &self.1.phrases().terminal;
        let stands = about.map_or_else(|| say.not_told.to_string(), |about| about.to_string());
        let read = |answer: &str| answer.parse().map_err(|_| say.ask_count_again.to_string());
        self.ask(&say.ask_count.fill(&[("count", &stands)]), read).or(about)
    }
}
