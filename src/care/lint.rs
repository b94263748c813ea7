//! Holds every text of `data/messages`, in every language, to domain.md §11: the words we never use, length, tone, whole
//! sentences, the same keys and names in braces everywhere, and the reading age. The texts are walked as they stand in
//! the files, so a new one is held to all of it without being named here.

use super::Locale;
use super::phrases::file;
use super::reading::{Counts, FEWEST_WORDS, HIGHEST_GRADE, reading_objection};
use super::words::{objection, short_message_objection};
use std::collections::{BTreeMap, BTreeSet};
use toml::Value;

/// Tables whose every text is a short message: at most 90 characters, whole sentences.
const SHORT_MESSAGES: [&str; 5] = ["message", "reasons", "stale", "link", "guide"];
/// Texts in them that are parts of a sentence.
const PARTS: [&str; 2] = ["reasons.later", "guide.quality"];
/// Tables of whole sentences that may be longer: what to know, what to ask, and what to do.
const SENTENCES: [&str; 4] = ["guidance", "red_flags.questions", "red_flags.emergency", "red_flags.urgent"];
/// Prescribed by domain.md §11 word for word, since it marks what lumbard is and is not. Its grade is 6.9, the one
/// above the bar. In other languages the words are ours, and held to it.
const PRESCRIBED: (Locale, &str) = (Locale::En, "guidance.standing_line");

/// Names of days and months, and the columns of a table: no reading age can be told of them.
const NO_SENTENCES: [&str; 2] = ["calendar.", "figure.table_"];

/// Every text of a language by its key: `reasons.lying`, `message.w1_knees`, `wearing.notes.0`.
fn texts(locale: Locale) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let tables: toml::Table = file(locale).parse().expect("another test finds that it loads");
    for (name, value) in &tables {
        match (name.as_str(), value) {
            ("message", Value::Array(messages)) => {
                for message in messages {
                    let part = |key: &str| message[key].as_str().expect("another test finds that it loads").to_owned();
                    texts.insert(format!("message.{}", part("id")), part("text"));
                }
            }
            _ => walk(name, value, &mut texts),
        }
    }
    texts
}

fn walk(key: &str, value: &Value, texts: &mut BTreeMap<String, String>) {
    match value {
        Value::String(text) => drop(texts.insert(key.to_owned(), text.clone())),
        Value::Array(values) => {
            values.iter().zip(0..).for_each(|(value, place)| walk(&format!("{key}.{place}"), value, texts));
        }
        Value::Table(table) => table.iter().for_each(|(name, value)| walk(&format!("{key}.{name}"), value, texts)),
        _ => panic!("{key} is no text"),
    }
}

/// The names in braces of a text.
fn names(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

/// What names in braces stand for, as it is shown; a name that is not here stands for a figure.
const SAMPLES: [(&str, &str); 13] = [
    ("until", "Mo 22:00"),
    ("moving", "3 h 10 min"),
    ("walking", "40 min"),
    ("worn", "13 h 20 min"),
    ("lasting", "10 min"),
    ("steps", "4120 Bis"),
    ("days", "6 Mai"),
    ("day", "Mo"),
    ("weekday", "Mo"),
    ("month", "Mai"),
    ("span", "4 bis 10 Mai"),
    ("exercise", "Yoga"),
    ("exercises", ""),
];

/// A text as it is shown.
fn filled(text: &str) -> String {
    let sample = |name: &str| SAMPLES.iter().find(|(known, _)| *known == name).map_or("14°", |(_, sample)| sample);
    names(text).into_iter().fold(text.to_owned(), |text, name| text.replace(&format!("{{{name}}}"), sample(name)))
}

/// Whether a key stands in one of these tables.
fn within(key: &str, tables: &[&str]) -> bool {
    tables.iter().any(|table| key.strip_prefix(table).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
}

/// Asserts that nothing was found, and shows all that was.
fn none(found: &[String]) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_language_has_the_same_keys_and_the_same_names_in_braces() {
    let english = texts(Locale::En);
    for locale in Locale::ALL {
        let texts = texts(locale);
        assert_eq!(texts.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>(), "{}", locale.name());
        for (key, text) in &texts {
            assert_eq!(names(text), names(&english[key]), "{} {key}", locale.name());
            assert_eq!(text.matches('{').count(), text.matches('}').count(), "{} {key}", locale.name());
        }
    }
}

#[test]
fn no_text_says_what_we_never_say_or_shouts() {
    let mut found = Vec::new();
    for (locale, key, text) in all() {
        let objection = objection(locale, &text).map(|word| format!("it says {word:?}"));
        let objection = objection.or_else(|| text.contains('!').then(|| "it shouts".to_owned()));
        let objection = objection.or_else(|| text.trim().is_empty().then(|| "it is empty".to_owned()));
        found.extend(objection.map(|why| format!("{} {key}: {why}: {text}", locale.tag())));
    }
    none(&found);
}

#[test]
fn short_messages_are_short_and_sentences_are_whole() {
    let mut found = Vec::new();
    for (locale, key, text) in all() {
        let text = filled(&text);
        let part = PARTS.iter().any(|part| key.starts_with(part));
        let objection = if within(&key, &SHORT_MESSAGES) && !part {
            short_message_objection(locale, &text)
        } else if within(&key, &SENTENCES) || (key.starts_with("exercises.") && !key.ends_with(".name")) {
            (!text.ends_with(['.', '?'])).then(|| "it is no whole sentence".to_owned())
        } else {
            None
        };
        found.extend(objection.map(|why| format!("{} {key}: {why}: {text}", locale.tag())));
    }
    none(&found);
}

#[test]
fn every_text_can_be_read_at_the_age_of_eleven() {
    let mut found = Vec::new();
    for (locale, key, text) in all() {
        let judged = (locale, key.as_str()) != PRESCRIBED && !NO_SENTENCES.iter().any(|part| key.starts_with(part));
        let objection = reading_objection(locale, &filled(&text)).filter(|_| judged);
        found.extend(objection.map(|why| format!("{} {key}: {why}: {text}", locale.tag())));
    }
    none(&found);
}

#[test]
fn every_table_as_a_whole_can_be_read_at_the_age_of_eleven() {
    let mut found = Vec::new();
    for locale in Locale::ALL {
        let mut tables: BTreeMap<String, Counts> = BTreeMap::new();
        let judged = |key: &str| !NO_SENTENCES.iter().any(|part| key.starts_with(part));
        for (key, text) in texts(locale).into_iter().filter(|(key, _)| judged(key)) {
            let table = key.split('.').next().unwrap_or_default().to_owned();
            *tables.entry(table).or_default() += Counts::of(locale, &filled(&text));
        }
        for (table, counts) in tables {
            let grade = counts.grade(locale);
            let words = counts.words;
            if words >= FEWEST_WORDS && grade > HIGHEST_GRADE {
                found.push(format!("{} {table}: its grade is {grade:.1}", locale.tag()));
            }
            println!("{} {table}: {grade:.1} over {words} words", locale.tag());
        }
    }
    none(&found);
}

#[test]
fn the_prescribed_line_is_the_only_one_above_the_bar_and_stays_as_it_is() {
    let (locale, key) = PRESCRIBED;
    let text = &texts(locale)[key];
    assert_eq!(
        text,
        "lumbard shows movement. It is not a medical device and does not diagnose or treat. \
         In an emergency call your local emergency number."
    );
    let grade = Counts::of(locale, text).grade(locale);
    assert!((6.0..7.0).contains(&grade), "{grade}");
}

/// Every text of every language.
fn all() -> impl Iterator<Item = (Locale, String, String)> {
    Locale::ALL.into_iter().flat_map(|locale| texts(locale).into_iter().map(move |(key, text)| (locale, key, text)))
}
