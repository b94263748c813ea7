//! How figures look: one colour for each meaning on light and dark ground, three sizes of type, and what stands for "not known".
//!
//! Position and shape carry the meaning, colour helps: every pair of neighbours also differs in lane
//! or form. Text reaches a contrast of 4.5 on its ground and marks that matter 3, or they have a
//! darker edge; the test below computes it.

use crate::care::Locale;
use plotters::style::RGBColor;

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The paper.
    Ground,
    /// Text and what must be seen.
    Ink,
    /// Axes, captions, secondary text.
    Quiet,
    /// Grid lines.
    Grid,
    /// Lying.
    Lying,
    /// Sitting or standing still.
    Still,
    /// Edge of [`Role::Still`].
    StillEdge,
    /// Upright and moving.
    Moving,
    /// Edge of [`Role::Moving`].
    MovingEdge,
    /// Walking.
    Walking,
    /// A bend between 20 and 60 degrees.
    Bend,
    /// Edge of [`Role::Bend`].
    BendEdge,
    /// A bend over 60 degrees.
    DeepBend,
    /// What was planned (outline) and done (fill).
    Plan,
    /// Pain as told by the wearer.
    Pain,
    /// Ground of a day in an acute episode.
    Acute,
    /// Hatch of what is not known.
    Hatch,
}

impl Role {
    /// All roles with their name (a style sheet's variable), light and dark colour.
    const TABLE: [(Role, &'static str, u32, u32); 17] = [
        (Self::Ground, "ground", 0xFBFAF7, 0x16181C),
        (Self::Ink, "ink", 0x1F2430, 0xE8E6E1),
        (Self::Quiet, "quiet", 0x5A6270, 0xA0A7B3),
        (Self::Grid, "grid", 0xDCDAD3, 0x30353D),
        (Self::Lying, "lying", 0x6F86B5, 0x7C93C6),
        (Self::Still, "still", 0xC3C7CF, 0x565C66),
        (Self::StillEdge, "still-edge", 0x8A909B, 0x8A909B),
        (Self::Moving, "moving", 0x74B99C, 0x3F7F69),
        (Self::MovingEdge, "moving-edge", 0x3E8468, 0x5FA88F),
        (Self::Walking, "walking", 0x14735A, 0x62E3B8),
        (Self::Bend, "bend", 0xC48A1E, 0xE0AE4A),
        (Self::BendEdge, "bend-edge", 0x8F6412, 0xE0AE4B),
        (Self::DeepBend, "deep-bend", 0xA8461F, 0xE2764A),
        (Self::Plan, "plan", 0x2F4FA0, 0x6F93F0),
        (Self::Pain, "pain", 0x7B4B94, 0xC08BDB),
        (Self::Acute, "acute", 0xF3EADB, 0x2A251C),
        (Self::Hatch, "hatch", 0xA7ACB5, 0x4A4F58),
    ];

    fn row(self) -> &'static (Role, &'static str, u32, u32) {
        // Roles stand in the table in the order of their declaration; a test checks it.
        &Self::TABLE[self as usize]
    }
}

/// Light or dark ground.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// For paper and bright rooms.
    #[default]
    Light,
    /// For the evening.
    Dark,
    /// Colours are style variables (`var(--ink)`), so that a page can switch ground without asking again.
    Page,
}

fn rgb(packed: u32) -> RGBColor {
    let [_, red, green, blue] = packed.to_be_bytes();
    RGBColor(red, green, blue)
}

impl Theme {
    /// The colour of a role.
    pub fn color(self, role: Role) -> RGBColor {
        let &(_, _, light, dark) = role.row();
        rgb(if self == Self::Dark { dark } else { light })
    }

    /// A colour `share` of the way from the ground to the role's own: for days of which too little is known.
    pub fn lighter(self, role: Role, share: f64) -> RGBColor {
        let (from, to) = (self.color(Role::Ground), self.color(role));
        let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8;
        RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
    }

    /// The style variables of both grounds, as two lists of declarations: light, dark.
    pub fn variables() -> [String; 2] {
        let list = |pick: fn(&(Role, &str, u32, u32)) -> u32| {
            Role::TABLE.iter().map(|row| format!("--{}:#{:06X};", row.1, pick(row))).collect()
        };
        [list(|row| row.2), list(|row| row.3)]
    }

    /// Turns the colours of a light drawing into style variables.
    pub(super) fn with_variables(mut svg: String) -> String {
        for (_, name, light, _) in Role::TABLE {
            svg = svg.replace(&format!("\"#{light:06X}\""), &format!("\"var(--{name})\""));
        }
        svg
    }
}

/// Which of the two layouts is drawn. All lengths inside a figure are in px at 1x.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// 1200 x 640, for a desk, a report or a printout.
    #[default]
    Desktop,
    /// 720 x 900, drawn at twice its 360 x 450 px, for a phone.
    Phone,
}

impl Size {
    /// Width and height of the drawing, px at 1x.
    pub fn px(self) -> (f64, f64) {
        match self {
            Self::Desktop => (1200.0, 640.0),
            Self::Phone => (360.0, 450.0),
        }
    }
    /// Pixels of the finished picture for each px of the drawing.
    pub fn scale(self) -> f64 {
        match self {
            Self::Desktop => 1.0,
            Self::Phone => 2.0,
        }
    }
}

/// How the time of day is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// 00 to 23.
    #[default]
    TwentyFour,
    /// 12 am to 11 pm.
    Twelve,
}

impl Clock {
    /// Countries (as in `en_US`) whose usual clock has twelve hours. Source: CLDR 45 time data,
    /// territories where `h` comes first and English locales are common.
    const TWELVE_HOUR_COUNTRIES: [&'static str; 6] = ["US", "CA", "AU", "NZ", "PH", "IN"];

    /// The usual clock of a POSIX locale name such as `en_US.UTF-8`.
    pub fn of_locale(name: &str) -> Self {
        let country = name.split(['.', '@']).next().and_then(|name| name.split_once('_')).map(|(_, country)| country);
        match country {
            Some(country) if Self::TWELVE_HOUR_COUNTRIES.contains(&country) => Self::Twelve,
            _ => Self::TwentyFour,
        }
    }

    /// The clock that this process's environment asks for.
    pub fn of_environment() -> Self {
        ["LC_ALL", "LC_TIME", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .map_or(Self::TwentyFour, |name| Self::of_locale(&name))
    }
}

/// How a figure is to be drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Light or dark.
    pub theme: Theme,
    /// Desk or phone.
    pub size: Size,
    /// How times are written.
    pub clock: Clock,
    /// The language of its words.
    pub locale: Locale,
}

/// Size of the sentence, px at 1x.
pub const TITLE_PX: f64 = 15.0;
/// Size of labels, px at 1x.
pub const LABEL_PX: f64 = 12.0;
/// Size of everything else, px at 1x; no text is smaller.
pub const SMALL_PX: f64 = 10.5;
/// Distance between hatch lines along the axis, px at 1x.
pub const HATCH_STEP_PX: f64 = 7.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast of two colours as WCAG 2.2 defines it.
    fn contrast(one: RGBColor, other: RGBColor) -> f64 {
        let light = |RGBColor(red, green, blue): RGBColor| {
            let linear = |channel: u8| {
                let share = f64::from(channel) / 255.0;
                if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        };
        let (one, other) = (light(one), light(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn roles_stand_in_the_table_in_their_own_order_and_no_light_colour_repeats() {
        for (place, row) in Role::TABLE.iter().enumerate() {
            assert_eq!(row.0 as usize, place, "{}", row.1);
            assert_eq!(Role::TABLE.iter().filter(|other| other.2 == row.2).count(), 1, "{}", row.1);
        }
    }

    #[test]
    fn text_reaches_a_contrast_of_four_and_a_half_and_marks_or_their_edges_three() {
        for theme in [Theme::Light, Theme::Dark] {
            let ground = theme.color(Ground);
            for role in [Ink, Quiet] {
                for under in [ground, theme.color(Acute)] {
                    assert!(contrast(theme.color(role), under) >= 4.5, "{role:?} on {theme:?}");
                }
            }
            use Role::*;
            for role in [Lying, StillEdge, MovingEdge, Walking, BendEdge, DeepBend, Plan, Pain] {
                assert!(contrast(theme.color(role), ground) >= 3.0, "{role:?} on {theme:?}");
            }
        }
    }

    #[test]
    fn the_clock_follows_the_locale() {
        assert_eq!(Clock::of_locale("en_US.UTF-8"), Clock::Twelve);
        assert_eq!(Clock::of_locale("de_DE.UTF-8"), Clock::TwentyFour);
        assert_eq!(Clock::of_locale("C.UTF-8"), Clock::TwentyFour);
    }
}
