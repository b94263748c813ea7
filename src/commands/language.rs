//! `language`: shows or sets the language of messages. The command line itself stays English.

use super::here::{self, Here};
use super::{Exit, Failure, Globals, print_json};
use crate::care::Locale;
use crate::care::locale::LANGUAGE;
use crate::store::Hand;
use serde::Serialize;

/// Shows or sets the language of messages, of the page and of figures.
///
/// Without a choice, the language of the system counts (LC_ALL, LC_MESSAGES, LANG), and English where that is another
/// one. A running lumbard takes the choice up within a second.
#[derive(clap::Args)]
pub(super) struct Args {
    /// en for English, de for German, system for that of the system; without it, shows the one in use.
    #[arg(value_name = "LANGUAGE", value_parser = choice)]
    language: Option<Choice>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// A language, or that of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice(Option<Locale>);

/// Takes a choice back.
const SYSTEM: &str = "system";

fn choice(text: &str) -> Result<Choice, String> {
    if text.eq_ignore_ascii_case(SYSTEM) {
        return Ok(Choice(None));
    }
    Locale::from_tag(text).map(|locale| Choice(Some(locale))).ok_or_else(|| {
        let tags: Vec<&str> = Locale::ALL.iter().map(|locale| locale.tag()).collect();
        format!("{text:?} is no language of lumbard; there are {}, and {SYSTEM}", tags.join(", "))
    })
}

#[derive(Serialize)]
struct Answer {
    language: &'static str,
    chosen: bool,
}

/// Keeps the choice, if there is one, and tells the language in use.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let data_dir = globals.data_dir()?;
    if let Some(Choice(chosen)) = args.language {
        let value = chosen.map_or(SYSTEM, Locale::tag);
        Hand::open(&data_dir)?.set_setting(LANGUAGE, value, Here::read().now)?;
    }
    let kept = here::reader(&data_dir)?.map(|reader| reader.setting(LANGUAGE)).transpose()?.flatten();
    let locale = here::locale(&data_dir);
    let chosen = kept.as_deref().and_then(Locale::from_tag).is_some();
    if args.json {
        print_json(&Answer { language: locale.tag(), chosen })?;
    } else {
        println!("{}  {}{}", locale.tag(), locale.name(), if chosen { "" } else { ", as the system has it" });
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_typed_by_its_tag() {
        assert_eq!(choice("de"), Ok(Choice(Some(Locale::De))));
        assert_eq!(choice("EN"), Ok(Choice(Some(Locale::En))));
        assert_eq!(choice("system"), Ok(Choice(None)));
        assert!(choice("fr").is_err_and(|why| why.contains("en, de")));
    }
}
