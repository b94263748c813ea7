//! The words we use and never use: a text comes in, an objection or nothing comes out.
//!
//! Source: domain.md §11. Movement is helpful and backs are strong; words heard from someone who seems
//! to know shape fear for years. Held against every message, question and page by tests.

/// Words and beginnings of words that no text for the wearer holds, in lower case.
pub const NEVER: [&str; 31] = [
    "damag",
    "injur",
    "danger",
    "wrong",
    "bad posture",
    "poor posture",
    "protect",
    "fragile",
    "worn out",
    "slipped",
    "crumbl",
    "risk",
    "you must not",
    "must not",
    "harm",
    "score",
    "streak",
    "unsafe",
    "violat",
    "fail",
    "cure",
    "prevent",
    "heal your",
    "alarm",
    "abnormal",
    "degenerat",
    "herniat",
    "better than others",
    "rank",
    "kg",
    "newton",
];

/// Longest short message, in characters. Source: domain.md §11.
pub const LONGEST: usize = 90;

/// The first word in a text that is never used; `None` when all is well.
///
/// A word is found where it begins one: "gradual" holds no "rad", but "risky" begins with "risk".
pub fn objection(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    NEVER.into_iter().find(|never| {
        text.match_indices(never)
            .any(|(at, _)| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric()))
    })
}

/// What speaks against a text as a short message: a word, its length, shouting, or a missing end.
pub fn short_message_objection(text: &str) -> Option<String> {
    if let Some(word) = objection(text) {
        return Some(format!("it says {word:?}"));
    }
    let length = text.chars().count();
    if length > LONGEST {
        return Some(format!("it has {length} characters, {} more than {LONGEST}", length - LONGEST));
    }
    if text.contains('!') {
        return Some("it shouts".into());
    }
    (!text.ends_with(['.', '?'])).then(|| "it is no whole sentence".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_words_are_found_where_a_word_begins() {
        assert_eq!(objection("A Risky move."), Some("risk"));
        assert_eq!(objection("Careful: 20 kg"), Some("kg"));
        assert_eq!(objection("That was a deep bend. Frank said so."), None);
    }

    #[test]
    fn long_loud_and_broken_messages_are_refused() {
        assert!(short_message_objection(&format!("{}.", "a".repeat(90))).is_some());
        assert!(short_message_objection("Stand up!").is_some());
        assert!(short_message_objection("Stand up").is_some());
        assert_eq!(short_message_objection("That was a deep bend. Bend the knees, if you like."), None);
    }
}
