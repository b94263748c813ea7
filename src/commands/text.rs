//! Words and tables for a terminal of 80 columns.

use super::{Exit, Failure};
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// The width that lines are broken for: 80 columns, the last left free for terminals that break early.
pub(super) const WIDTH: usize = 79;

/// Columns as wide as their widest cell, the last one running free; a head, and a line for each row.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    let rows = rows.iter().map(|row| line(std::array::from_fn(|column| row[column].as_str())));
    [line(head)].into_iter().chain(rows).collect()
}

/// Words after a label, broken at [`WIDTH`]; every further line begins where the words began.
pub(super) fn labelled(label: &str, words: &str, column: usize) -> String {
    let mut text = format!("{label:<column$}");
    let mut used = column;
    for (i, word) in words.split_whitespace().enumerate() {
        let len = word.chars().count();
        if i > 0 && used + 1 + len > WIDTH {
            let _ = write!(text, "\n{:column$}", "");
            used = column;
        } else if i > 0 {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += len;
    }
    text.push('\n');
    text
}

/// Writes to stdout. A reader that went away early is no failure.
pub(super) fn print(text: &str) -> Result<Exit, Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("the answer could not be written: {error}")))
        }
        _ => Ok(Exit::Done),
    }
}

/// What a stranger's device calls itself, without anything that could steer the terminal, at most this long.
pub(super) fn foreign(name: &str, longest: usize) -> String {
    let plain: String = name.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    if plain.chars().count() <= longest {
        return plain;
    }
    plain.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a".to_owned(), "bcd".to_owned()], ["long".to_owned(), String::new()]];
        assert_eq!(table(["X", "Y"], &rows), "X     Y\na     bcd\nlong\n");
    }

    #[test]
    fn long_words_go_on_below_where_they_began() {
        let text = labelled("  Note", &"word ".repeat(30), 10);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.starts_with("  Note    word word") && text.lines().nth(1).unwrap().starts_with("          word"));
    }

    #[test]
    fn a_name_from_outside_cannot_steer_the_terminal() {
        assert_eq!(foreign("OM\u{1b}[2J-1", 20), "OM?[2J-1");
        assert_eq!(foreign("0123456789", 5), "0123…");
    }
}
