//! The wording of `data/messages`, one file for each language: a locale comes in, its phrases come out.
//!
//! Everything a wearer reads as a message is there: short messages, why signals rest, sensor and link, red flags,
//! guidance, exercises, what the terminal asks and answers, the guided calibration, the page, figures, and the screen of
//! `status`. What stays English in code: help of the command line, errors about what was typed, and words for those who
//! set up or develop (`doctor`, `devices`, `scan`, logs, keys and columns). They are no messages to someone in pain.
//!
//! A table here has one field for each key, so a key that is missing, or one too many, does not load; a test loads
//! every language. Names in braces are filled in by [`Phrase::fill`]; a test holds every language to the same ones.

use super::Locale;
use super::messages::Message;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::LazyLock;

/// A sentence or a few words in one language, maybe with names in braces to be filled in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Phrase(String);

impl Phrase {
    /// The words with every `{name}` replaced by its value. A name without a value stays as it is.
    pub fn fill(&self, values: &[(&str, &dyn fmt::Display)]) -> String {
        let (mut filled, mut rest) = (String::with_capacity(self.0.len() + 16), self.0.as_str());
        while let Some((before, name, after)) = next_name(rest) {
            filled.push_str(before);
            match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => filled.push_str(&value.to_string()),
                None => filled.push_str(&rest[before.len()..rest.len() - after.len()]),
            }
            rest = after;
        }
        filled + rest
    }
}

/// What stands before the first `{name}`, the name, and what comes after it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

impl Deref for Phrase {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A table of phrases: one field for each key of the file.
macro_rules! table {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[$more:meta])* $field:ident $(: $kind:ty)?),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs, reason = "a field is what its key in the file says, and its words stand there")]
        pub struct $name { $($(#[$more])* pub $field: table!(@kind $($kind)?)),* }
    };
    (@kind) => { Phrase };
    (@kind $kind:ty) => { $kind };
}

table! {
    /// Why signals rest.
    Reasons {
        acute_off, red_flag, no_fresh_sample, implausible, not_worn, calibration_missing, placement_unknown, lying,
        prone_or_all_fours, exercise_running, calibrating, snoozed, quiet_hours, too_soon, hourly_limit,
        lift_told_already, moment_passed, later,
    }
}

table! {
    /// Why a calibration can no longer be trusted.
    Stale { reattached, away, power_cycle, time_jump, upright_moved, slip }
}

table! {
    /// The sensor and its link.
    Link {
        searching, connecting, streaming, quiet, lost, away, battery, battery_tonight, battery_soon, just_started,
        played,
    }
}

table! {
    /// What the wearer is doing.
    Postures { unknown, not_worn, lying, walking, moving, upright_still, prone_or_all_fours }
}

table! {
    /// What was measured, beside a warning.
    Measures { angle, held, bends, rise }
}

table! {
    /// The red-flag screen.
    RedFlags {
        title, intro, within_hours, today, emergency, urgent, ask, which, which_again, none, if_one, seen,
        questions: BTreeMap<String, Phrase>,
    }
}

table! {
    /// Guidance.
    Guidance { standing_line, facts: BTreeMap<String, Phrase> }
}

table! {
    /// The words of an exercise.
    ExerciseWords { name, how, sees, counted }
}

table! {
    /// A set of an exercise: its page, and its figures.
    SetWords {
        title, pain_now, side, left, right, on_plan, begin, more, resting, done, tired, hurts, other, how_many, pain_after,
        effort, keep, unread, until_seen, the_set, note, of, about, hold_now, hold_now_of, one_hold, holds, walked,
        held_each, one_every, back_level, hips_still,
    }
}

table! {
    /// Questions of the terminal, and the words that answer them.
    Ask { onset, onset_again, sudden, gradual, pain_now, pain_again, again, yes_no_again, yes, no }
}

table! {
    /// A guided calibration.
    Guide {
        idle, waiting, stand, stand_scale, stand_again, r#move, move_again, done_well, done, unheard, stopped, too_short,
        unsteady, turning, scale, too_little, many_axes, upright, accepted, walk_too_far, no_walk, offer, quality,
        quality_straight, quality_bends, quality_walk,
    }
}

table! {
    /// Where and which way up to wear the sensor.
    Wearing {
        title, sentence, notes: [Phrase; 3], best: [Phrase; 3], also: [Phrase; 3], from_behind, from_the_side, up,
        forward, seen_from_behind, the_belt,
    }
}

table! {
    /// Episodes: the page, the check-in, and the screen of `episode show`.
    EpisodeWords {
        title, how_is_today, day, begin, none, began, pain_on, signals_until, signals_off, easing, check_in, few_seconds,
        signs, tick, no_signs, pain_now, worst, normal, normal_words: [Phrase; 3], sleep, sleep_words: [Phrase; 3],
        better, better_words: [Phrase; 2], keep, new, first, began_on, how, flare, start, start_note, rest, seen, dismiss,
        renew, end, back, nothing_on, day_ahead, still_on, not_said, not_renewed, chronic, not_kept, unread, ask_signs,
        ask_normal, ask_sleep, ask_better, again, kept, recovered, undo_end, open_still, same_spell, new_spell, ended,
        put_away, nothing_advised, line_episode, line_pain, line_course, line_signals, line_check_in, show_episode,
        show_start, show_newest, show_ended, show_red_flag, show_until, show_chronic, show_off, show_open, show_dismiss,
        courses: [Phrase; 5],
    }
}

table! {
    /// What commands of the terminal answer.
    Terminal {
        snooze_off, snooze_until, quiet_set, quiet_none, undo_nothing, undo_gone, undo_before, undo_choice,
        nudges_on, nudges_off, morning_on, morning_off, answer_kept, answer_none, offer_none, offer_taken,
        offer_left, at_most, enter_stops, ask_why, ask_why_again, ask_effort, ask_pain_before, ask_pain_after,
        ask_count, ask_count_again, not_told, kept_timed, by_sensor, put_right, by_you, timed, no_plan, not_planned,
        these_rest, one_day, every_day, days, this_week, week_days, more, done_of, pain_before, pain_after, grows,
        sets_of, one_set_of, sets, one_set, times, steps, feels_easy, taken_out, usual_pain, usual_median,
        kept_for_later,
        what: BTreeMap<String, Phrase>,
    }
}

table! {
    /// The page.
    Page {
        today, calibrate, red_flags, now, your_day, watching, not_watching, about, snooze, end_snooze, sound, no_script,
        next, all_done, nothing_yet, figure_here, no_numbers, no_figure, no_figure_live, in_numbers, step_wear,
        step_stand, step_move, what_now, begin, begin_anew, try_again, stop, accept, seconds_left, no_page, no_page_why,
        lost_posture, lost, lost_link, snooze_not_taken, not_taken, busy, too_many_pages,
    }
}

table! {
    /// The screen of `status`.
    Status {
        running, silent, not_running, unheard, yes, no, no_because, angle, no_angle, offered, link, watching, now, offer,
        battery, samples, store, page, data,
    }
}

table! {
    /// Figures and the sentences above them.
    Figures {
        so_far, nothing, day, part_day, no_deep_bends, step, steps, deep_bend, deep_bends, one_day, days, no_days, no_days_title, week,
        week_no_full_day, week_nothing, exercises_done, lying, still, sitting, moving, walking, acute_days,
        acute_signals, steps_in_5, bend, bend_short, key, key_short, signals, exercises, notes, check_ins, worn, now,
        not_worn, out_of_reach, no_data, unclear, hatched_short, hatched, acute, pain, plan, minutes_short, minutes,
        nothing_recorded, still_of_16, day_label, day_label_short, today_label, first_steps, table_day: [Phrase; 2],
        table_week: [Phrase; 2], table_signals, table_exercise, planned_done, planned, done, table_hole, not_averaged,
        hour_column, worn_column, walking_column, moving_column, sitting_column,
        lying_column, steps_column, bends_column, over_60_column, deepest_column,
    }
}

table! {
    /// Names of days and months, and how dates are put together.
    Calendar {
        weekdays: [Phrase; 7], weekdays_short: [Phrase; 7], months: [Phrase; 12], day_month, long_date, span_in_month, span,
    }
}

table! {
    /// Everything a wearer reads in one language.
    Phrases {
        message: Vec<Message>, reasons: Reasons, stale: Stale, link: Link, posture: Postures, notice: Measures,
        red_flags: RedFlags, guidance: Guidance, exercises: BTreeMap<String, ExerciseWords>, positions: BTreeMap<String, Phrase>, set: SetWords, ask: Ask, guide: Guide,
        wearing: Wearing, episode: EpisodeWords, terminal: Terminal, page: Page, status: Status, figure: Figures, calendar: Calendar,
    }
}

/// The file of a language.
pub(super) fn file(locale: Locale) -> &'static str {
    match locale {
        Locale::En => include_str!("../../data/messages/en.toml"),
        Locale::De => include_str!("../../data/messages/de.toml"),
    }
}

static PHRASES: LazyLock<[Phrases; Locale::ALL.len()]> = LazyLock::new(|| {
    // The files are part of the program, and a test loads each: they cannot be malformed here.
    Locale::ALL.map(|locale| toml::from_str(file(locale)).expect("data/messages is read by a test"))
});

impl Locale {
    /// The phrases of this language.
    pub fn phrases(self) -> &'static Phrases {
        &PHRASES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str) -> Phrase {
        Phrase(text.to_owned())
    }

    #[test]
    fn names_in_braces_are_filled_and_values_are_left_alone() {
        let until = phrase("Snoozed until {until}. {until} it is, {who}.");
        assert_eq!(until.fill(&[("until", &"{who}")]), "Snoozed until {who}. {who} it is, {who}.");
        assert_eq!(phrase("No names.").fill(&[("until", &1)]), "No names.");
        assert_eq!(phrase("{a}{b}").fill(&[("b", &2), ("a", &1.5)]), "1.52");
        assert_eq!(phrase("An open { brace").fill(&[]), "An open { brace");
    }

    #[test]
    fn every_language_loads() {
        for locale in Locale::ALL {
            if let Err(error) = toml::from_str::<Phrases>(file(locale)) {
                panic!("data/messages/{}.toml: {error}", locale.tag());
            }
        }
    }
}
