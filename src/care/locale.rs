//! The languages there are: a wish or the names of a system's language come in, one of ours comes out.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// A language in which lumbard speaks to the wearer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

/// The setting that names the language; without it the system's counts.
pub const LANGUAGE: &str = "language";
/// Where a system names the language of messages, in the order of POSIX: the first that is not empty counts.
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

impl Locale {
    /// All of them, English first.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// Its tag, as kept, typed, and told to a browser.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// The language of a tag such as `de`, `de-AT` or `de_DE.UTF-8`; `None` for one that we do not speak.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['_', '-', '.', '@']).next()?.trim().to_lowercase();
        Self::ALL.into_iter().find(|locale| locale.tag() == language)
    }

    /// The language that was chosen; else that of the system, whose variables `variable` gives; else English.
    pub fn chosen(setting: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Self {
        setting.and_then(Self::from_tag).unwrap_or_else(|| {
            let named = VARIABLES.into_iter().find_map(|name| variable(name).filter(|tag| !tag.is_empty()));
            named.and_then(|tag| Self::from_tag(&tag)).unwrap_or_default()
        })
    }

    /// The day of the week in full.
    pub fn weekday(self, day: Weekday) -> &'static str {
        // Days count from Monday, 0 to 6.
        &self.phrases().calendar.weekdays[day.to_monday_zero_offset() as usize % 7]
    }

    /// The day of the week in two or three letters.
    pub fn weekday_short(self, day: Weekday) -> &'static str {
        &self.phrases().calendar.weekdays_short[day.to_monday_zero_offset() as usize % 7]
    }

    /// The month of a date in full.
    pub fn month(self, date: Date) -> &'static str {
        // A month of a date is 1 to 12.
        &self.phrases().calendar.months[(date.month() as usize + 11) % 12]
    }

    /// A number with so many decimals, as this language writes it.
    pub fn decimal(self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        match self {
            Self::En => text,
            Self::De => text.replace('.', ","),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_systems_and_browsers_are_understood() {
        for tag in ["de", "de_DE.UTF-8", "de-AT", "DE", "de@euro"] {
            assert_eq!(Locale::from_tag(tag), Some(Locale::De), "{tag}");
        }
        assert_eq!(Locale::from_tag("en_US.UTF-8"), Some(Locale::En));
        for other in ["fr_FR.UTF-8", "C", "POSIX", "", "dex"] {
            assert_eq!(Locale::from_tag(other), None, "{other}");
        }
    }

    #[test]
    fn a_choice_counts_before_the_system_and_the_system_before_english() {
        let system = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, tag)| (*tag).to_owned())
        };
        let german = system(&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]);
        assert_eq!(Locale::chosen(None, german), Locale::De);
        assert_eq!(Locale::chosen(Some("en"), german), Locale::En);
        assert_eq!(Locale::chosen(Some("klingon"), german), Locale::De, "an unknown choice is none");
        let mixed = system(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]);
        assert_eq!(Locale::chosen(None, mixed), Locale::En, "the first that is set counts");
        assert_eq!(Locale::chosen(None, system(&[])), Locale::En);
    }

    #[test]
    fn decimals_are_written_as_the_language_does() {
        assert_eq!((Locale::En.decimal(4.26, 1), Locale::De.decimal(4.26, 1)), ("4.3".into(), "4,3".into()));
    }
}
