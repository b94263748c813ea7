//! Asks a person at the terminal: questions go to stderr, answers come from stdin. Never where stdin is
//! no terminal: commands then say which flags to give instead.

use super::Failure;
use std::io::{self, BufRead, IsTerminal, Write};

/// Whether someone can be asked.
pub(super) fn possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks until `read` understands the answer; its `Err` says what is wanted instead.
pub(super) fn until_understood<T>(question: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, Failure> {
    let mut lines = io::stdin().lock().lines();
    loop {
        eprint!("{question} ");
        let _ = io::stderr().flush();
        let answer = match lines.next() {
            Some(Ok(answer)) => answer,
            _ => return Err(Failure::bad_input("no answer came, so nothing was entered; start again when you like")),
        };
        match read(answer.trim()) {
            Ok(understood) => return Ok(understood),
            Err(wanted) => eprintln!("  {wanted}"),
        }
    }
}

/// Asks like [`until_understood`]; an empty answer skips the question.
pub(super) fn or_skip<T>(question: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, Failure> {
    until_understood(question, |answer| if answer.is_empty() { Ok(None) } else { read(answer).map(Some) })
}

/// Reads one of a few words by how it begins: `y` is enough for `yes`.
pub(super) fn beginning<T: Copy>(answer: &str, words: &[(&str, T)]) -> Result<T, String> {
    let answer = answer.to_lowercase();
    let fits = words.iter().find(|(word, _)| !answer.is_empty() && word.starts_with(&answer));
    fits.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("Please type one of: {}. Enter skips it.", words.join(", "))
    })
}

/// Reads a pain figure from 0 to 10.
pub(super) fn pain(answer: &str) -> Result<u8, String> {
    answer.parse().ok().filter(|nprs| *nprs <= 10).ok_or_else(|| "Please type a whole number from 0 to 10.".into())
}

/// Reads which of a numbered list apply: numbers with spaces or commas between, or `none`.
pub(super) fn numbers(answer: &str, of: usize) -> Result<Vec<usize>, String> {
    if answer.eq_ignore_ascii_case("none") {
        return Ok(Vec::new());
    }
    let chosen: Option<Vec<usize>> = answer
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok().filter(|number| (1..=of).contains(number)))
        .collect();
    chosen
        .filter(|chosen| !chosen.is_empty())
        .ok_or_else(|| format!("Please type the numbers that apply, from 1 to {of}, or the word none."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_by_how_it_begins() {
        let words = [("yes", 1), ("partly", 2), ("no", 3)];
        assert_eq!(["Y", "partly", "n"].map(|answer| beginning(answer, &words).unwrap()), [1, 2, 3]);
        assert!(["", "maybe", "yesterday"].iter().all(|answer| beginning(answer, &words).is_err()));
    }

    #[test]
    fn numbers_are_read_and_anything_unclear_is_asked_again() {
        assert_eq!(numbers("1, 3", 5), Ok(vec![1, 3]));
        assert_eq!(numbers("None", 5), Ok(vec![]));
        for unclear in ["", "6", "0", "yes", "1 x"] {
            assert!(numbers(unclear, 5).is_err(), "{unclear}");
        }
        assert_eq!((pain("7"), pain("11").is_err(), pain("").is_err()), (Ok(7), true, true));
    }
}
