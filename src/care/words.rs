//! The words we use and never use: a text comes in, an objection or nothing comes out.
//!
//! Source: domain.md §11. Movement is helpful and backs are strong; words heard from someone who seems
//! to know shape fear for years. Held against every message, question and page by tests, in every language.

use super::Locale;

/// What no text for the wearer holds in one language, in lower case.
struct Never {
    /// Words, and beginnings of words: "gradual" holds no "rad", but "risky" begins with "risk".
    begins: &'static [&'static str],
    /// Also inside a word, where the language writes words together: "Rückenschaden".
    inside: &'static [&'static str],
}

/// English. Source: the list of domain.md §11, and more of the same kind chosen by us.
const ENGLISH: Never = Never {
    begins: &[
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
    ],
    inside: &[],
};

/// German, found by us: the same ideas in the words that people use for them.
const GERMAN: Never = Never {
    begins: &[
        // Orders and blame.
        "darfst nicht",
        "darf nicht",
        "musst",
        "müsst",
        "sollst",
        "selbst schuld",
        // Scoring, and comparing people.
        "score",
        "rang",
        "besser als andere",
        "schlechter als andere",
        // Sounding like an emergency where there is none.
        "achtung",
        "vorsicht",
        "panik",
        // Loads, which no sensor here knows.
        "kg",
        "kilo",
        "newton",
        // Promises of a treatment; and pain that is explained by a finding.
        "therapier",
        "kurier",
    ],
    inside: &[
        // A back that breaks.
        "schaden",
        "schade",
        "schäd",
        "verletz",
        "gefahr",
        "gefähr",
        "riskant",
        "risik",
        "zerbrech",
        "brüchig",
        "bröckel",
        "verschlei",
        "verschlis",
        "abgenutz",
        "kaputt",
        "bandscheibe",
        "hexenschuss",
        "degenerat",
        "überlast",
        // Posture and doing as right or wrong.
        "falsch",
        "fehlhalt",
        "schlechte haltung",
        "schlechten haltung",
        "krumm",
        "verboten",
        "versag",
        "fehler",
        "abnorm",
        // Scores and alarms.
        "punktzahl",
        "punktestand",
        "alarm",
        "warnung",
        // Promises.
        "schütz",
        "schutz",
        "heilt",
        "heilen",
        "heilung",
        "verhinder",
        "vorbeug",
        "verhüt",
    ],
};

/// Longest short message, in characters. Source: domain.md §11.
pub const LONGEST: usize = 90;

/// The first word in a text that is never used; `None` when all is well.
pub fn objection(locale: Locale, text: &str) -> Option<&'static str> {
    let never = match locale {
        Locale::En => &ENGLISH,
        Locale::De => &GERMAN,
    };
    let text = text.to_lowercase();
    let begins = |word: &str| {
        text.match_indices(word)
            .any(|(at, _)| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric()))
    };
    let begun = never.begins.iter().find(|word| begins(word));
    begun.or_else(|| never.inside.iter().find(|word| text.contains(**word))).copied()
}

/// What speaks against a text as a short message: a word, its length, shouting, or a missing end.
pub fn short_message_objection(locale: Locale, text: &str) -> Option<String> {
    if let Some(word) = objection(locale, text) {
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
        assert_eq!(objection(Locale::En, "A Risky move."), Some("risk"));
        assert_eq!(objection(Locale::En, "Careful: 20 kg"), Some("kg"));
        assert_eq!(objection(Locale::En, "That was a deep bend. Frank said so."), None);
    }

    #[test]
    fn german_never_words_are_found_inside_words_too() {
        assert_eq!(objection(Locale::De, "Ein Rückenschaden."), Some("schaden"));
        assert_eq!(objection(Locale::De, "Du MUSST ruhen."), Some("musst"));
        assert_eq!(objection(Locale::De, "Das wäre falsch."), Some("falsch"));
        assert_eq!(objection(Locale::De, "Dein Rückgrat ist stark, du bewusster Mensch."), None);
    }

    #[test]
    fn long_loud_and_broken_messages_are_refused() {
        assert!(short_message_objection(Locale::En, &format!("{}.", "a".repeat(90))).is_some());
        assert!(short_message_objection(Locale::En, "Stand up!").is_some());
        assert!(short_message_objection(Locale::En, "Stand up").is_some());
        let fine = "That was a deep bend. Bend the knees, if you like.";
        assert_eq!(short_message_objection(Locale::En, fine), None);
    }
}
