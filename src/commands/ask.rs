//! Asks a person at the terminal: questions go to stderr, answers come from stdin. Never where stdin is
//! no terminal: commands then say which flags to give instead.

use super::Failure;
use crate::care::Locale;
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
pub(super) fn one_of<T: Copy>(answer: &str, words: &[(&str, T)], again: &str) -> Result<T, String> {
    let fits = words.iter().find(|(word, _)| means(answer, word));
    fits.map(|(_, value)| *value).ok_or_else(|| again.to_owned())
}

/// Whether an answer is this word, or begins as it does.
pub(super) fn means(answer: &str, word: &str) -> bool {
    !answer.is_empty() && word.to_lowercase().starts_with(&answer.to_lowercase())
}

/// Asks for yes or no, in the words of the language or in English.
pub(super) fn yes_or_no(question: &str, locale: Locale) -> Result<bool, Failure> {
    let (say, english) = (&locale.phrases().ask, &Locale::En.phrases().ask);
    until_understood(question, |answer| {
        if [say, english].iter().any(|say| means(answer, &say.yes)) {
            Ok(true)
        } else if [say, english].iter().any(|say| means(answer, &say.no)) {
            Ok(false)
        } else {
            Err(say.yes_no_again.to_string())
        }
    })
}

/// Reads a pain figure from 0 to 10.
pub(super) fn pain(answer: &str, locale: Locale) -> Result<u8, String> {
    let read = answer.parse().ok().filter(|nprs| *nprs <= 10);
    read.ok_or_else(|| locale.phrases().ask.pain_again.to_string())
}

/// Reads which of a numbered list apply: numbers with spaces or commas between, or `none`.
pub(super) fn numbers(answer: &str, of: usize, locale: Locale) -> Result<Vec<usize>, String> {
    let say = &locale.phrases().red_flags;
    if answer.eq_ignore_ascii_case("none") || answer.to_lowercase() == say.none.to_lowercase() {
        return Ok(Vec::new());
    }
    let chosen: Option<Vec<usize>> = answer
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok().filter(|number| (1..=of).contains(number)))
        .collect();
    chosen.filter(|chosen| !chosen.is_empty()).ok_or_else(|| say.which_again.fill(&[("count", &of)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_by_how_it_begins() {
        let words = [("yes", 1), ("partly", 2), ("no", 3)];
        let read = |answer| one_of(answer, &words, "again");
        assert_eq!(["Y", "partly", "n"].map(|answer| read(answer).unwrap()), [1, 2, 3]);
        assert!(["", "maybe", "yesterday"].iter().all(|answer| read(answer).is_err()));
    }

    #[test]
    fn numbers_are_read_and_anything_unclear_is_asked_again() {
        for locale in Locale::ALL {
            assert_eq!(numbers("1, 3", 5, locale), Ok(vec![1, 3]));
            assert_eq!(numbers("None", 5, locale), Ok(vec![]));
            for unclear in ["", "6", "0", "yes", "1 x"] {
                assert!(numbers(unclear, 5, locale).is_err(), "{unclear}");
            }
            let pain = |answer| pain(answer, locale);
            assert_eq!((pain("7"), pain("11").is_err(), pain("").is_err()), (Ok(7), true, true));
        }
        assert_eq!(numbers("Keine", 5, Locale::De), Ok(vec![]));
        assert!(means("J", "ja") && means("ja", "ja") && !means("jein", "ja") && !means("", "ja"));
    }
}
