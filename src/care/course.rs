//! How an episode goes: check-ins come in; improving or not, worse, and recovered come out.
//!
//! Source: domain.md §10.4, §10.5 and §10.8. What was not answered is asked for and never inferred.

/// A fall by this much is an improvement. Source: domain.md §10 (Ostelo 2008).
pub const IMPROVED_POINTS: u8 = 2;
/// Or by this share. Source: as [`IMPROVED_POINTS`].
pub const IMPROVED_SHARE: f64 = 0.3;
/// A rise by this much is worse. Source: domain.md §10.6.
pub const WORSE_POINTS: u8 = 2;
/// At so many check-ins in a row. Source: domain.md §10.6 (worse) and §10.8 (recovered).
const IN_A_ROW: usize = 2;
/// The last of the first days, whose highest pain the others are held against. Source: domain.md §10.5.
const FIRST_DAYS_TO: u32 = 2;
/// An answer older than this says nothing of today. Chosen by us: with daily check-ins, three were left out.
const ANSWER_HOLDS_DAYS: u32 = 3;

/// Whether someone does again what they usually do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackToNormal {
    /// All of it.
    Yes,
    /// Some of it.
    Partly,
    /// Not yet.
    No,
}

impl BackToNormal {
    /// All answers, as typed and stored.
    pub const ALL: [Self; 3] = [Self::Yes, Self::Partly, Self::No];

    /// The word in flags, columns and keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
        }
    }

    /// The answer of a word written by [`BackToNormal::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.name() == name)
    }
}

/// How the night was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sleep {
    /// Good.
    Good,
    /// Neither.
    Fair,
    /// Poor.
    Poor,
}

impl Sleep {
    /// All answers, as typed and stored.
    pub const ALL: [Self; 3] = [Self::Good, Self::Fair, Self::Poor];

    /// The word in flags, columns and keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
        }
    }

    /// The answer of a word written by [`Sleep::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.name() == name)
    }
}

/// What was said on one local day. `None`: not answered; nothing is inferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckIn {
    /// The day number it speaks of.
    pub day: u32,
    /// Pain now, 0 to 10.
    pub nprs_now: Option<u8>,
    /// Back to what they usually do.
    pub back_to_normal: Option<BackToNormal>,
    /// The wearer says it is better.
    pub better: Option<bool>,
}

/// Whether it is getting better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Pain fell by 2 points or 30 %, or the wearer says so.
    Improving,
    /// It did not.
    NotImproving,
    /// Pain rose by 2 points at two check-ins in a row.
    Worse,
    /// No pain at two check-ins in a row, with everything done as usual.
    Recovered,
    /// No answers to tell from.
    Unknown,
}

impl Course {
    /// The word in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Improving => "improving",
            Self::NotImproving => "not_improving",
            Self::Worse => "worse",
            Self::Recovered => "recovered",
            Self::Unknown => "unknown",
        }
    }

    /// The course on day `today` by all check-ins so far, oldest first, at most one for a day; pain told at the
    /// start counts as day 0.
    pub fn of(nprs_at_start: Option<u8>, check_ins: &[CheckIn], today: u32) -> Self {
        let told: Vec<(u32, u8)> = nprs_at_start
            .map(|nprs| (0, nprs))
            .into_iter()
            .chain(check_ins.iter().filter_map(|check_in| Some((check_in.day, check_in.nprs_now?))))
            .collect();
        if is_recovered(check_ins) {
            return Self::Recovered;
        }
        if is_worse(&told) {
            return Self::Worse;
        }
        let recent = |day: u32| today.saturating_sub(day) <= ANSWER_HOLDS_DAYS;
        let said = check_ins.iter().rev().find(|check_in| check_in.better.is_some());
        if said.is_some_and(|said| said.better == Some(true) && recent(said.day)) {
            return Self::Improving;
        }
        let highest = told.iter().filter(|(day, _)| *day <= FIRST_DAYS_TO).map(|(_, nprs)| *nprs).max();
        // The pain at the start is what the others are held against, and no course by itself.
        let newest = check_ins.iter().rev().find_map(|check_in| Some((check_in.day, check_in.nprs_now?)));
        match (newest, highest) {
            (Some((day, nprs)), Some(highest)) if recent(day) && improved(highest, nprs) => Self::Improving,
            // The first days are what the others are held against: too early to say that it does not.
            (Some((day, _)), Some(_)) if recent(day) && day > FIRST_DAYS_TO => Self::NotImproving,
            _ => Self::Unknown,
        }
    }
}

fn improved(highest: u8, newest: u8) -> bool {
    let fall = highest.saturating_sub(newest);
    fall >= IMPROVED_POINTS || (fall > 0 && f64::from(fall) >= IMPROVED_SHARE * f64::from(highest))
}

/// At two check-ins in a row by 2 points above the highest of the first days, or above the lowest since.
fn is_worse(told: &[(u32, u8)]) -> bool {
    let highest = told.iter().filter(|(day, _)| *day <= FIRST_DAYS_TO).map(|(_, nprs)| *nprs).max();
    let worse_at = |i: usize| {
        let (day, nprs) = told[i];
        // The first days are what the others are held against.
        let lowest = told[..i].iter().map(|(_, nprs)| *nprs).min();
        let above = |of: Option<u8>| of.is_some_and(|of| nprs >= of + WORSE_POINTS);
        day > FIRST_DAYS_TO && (above(highest) || above(lowest))
    };
    told.len() >= IN_A_ROW && (told.len() - IN_A_ROW..told.len()).all(worse_at)
}

fn is_recovered(check_ins: &[CheckIn]) -> bool {
    let well = |check_in: &CheckIn| check_in.nprs_now == Some(0) && check_in.back_to_normal == Some(BackToNormal::Yes);
    check_ins.len() >= IN_A_ROW && check_ins[check_ins.len() - IN_A_ROW..].iter().all(well)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pain(days: &[(u32, u8)]) -> Vec<CheckIn> {
        days.iter().map(|&(day, nprs)| CheckIn { day, nprs_now: Some(nprs), ..CheckIn::default() }).collect()
    }

    fn course(days: &[(u32, u8)]) -> Course {
        Course::of(None, &pain(days), days.last().map_or(0, |(day, _)| *day))
    }

    /// Domain.md §16, scenario 14.
    #[test]
    fn two_points_down_are_an_improvement() {
        assert_eq!(course(&[(0, 7), (1, 6), (2, 5), (5, 5)]), Course::Improving);
        assert_eq!(course(&[(0, 7), (1, 7), (2, 7), (3, 7), (4, 7), (5, 6)]), Course::NotImproving);
        assert_eq!(course(&[(0, 3), (1, 3), (2, 3), (3, 2)]), Course::Improving, "30 % of a small number");
        assert_eq!(Course::of(Some(7), &[], 3), Course::Unknown);
        assert_eq!(Course::of(Some(7), &pain(&[(5, 5)]), 5), Course::Improving, "from the pain at the start");
    }

    #[test]
    fn the_word_of_the_wearer_counts() {
        let mut check_ins = pain(&[(0, 7), (5, 7)]);
        check_ins[1].better = Some(true);
        assert_eq!(Course::of(None, &check_ins, 5), Course::Improving);
        assert_eq!(Course::of(None, &check_ins, 9), Course::Unknown, "and is old after some days");
    }

    #[test]
    fn an_old_answer_says_nothing_of_today() {
        assert_eq!(Course::of(None, &pain(&[(0, 7), (1, 6), (2, 5)]), 5), Course::Improving);
        assert_eq!(Course::of(None, &pain(&[(0, 7), (1, 6), (2, 5)]), 7), Course::Unknown);
    }

    #[test]
    fn two_points_up_at_two_check_ins_are_worse() {
        assert_eq!(course(&[(0, 5), (3, 7)]), Course::NotImproving, "once is not enough");
        assert_eq!(course(&[(0, 5), (3, 7), (4, 7)]), Course::Worse);
        assert_eq!(course(&[(0, 7), (3, 3), (4, 5), (5, 5)]), Course::Worse, "above the lowest since");
        assert_eq!(course(&[(0, 7), (3, 3), (4, 5), (5, 4)]), Course::Improving);
        assert_eq!(course(&[(0, 3), (1, 5), (2, 6)]), Course::Unknown, "the first days are the measure");
    }

    #[test]
    fn no_pain_twice_with_everything_as_usual_is_recovered() {
        let mut check_ins = pain(&[(0, 7), (6, 0), (8, 0)]);
        assert_eq!(Course::of(None, &check_ins, 8), Course::Improving, "nothing was said of what is usual");
        check_ins[1].back_to_normal = Some(BackToNormal::Yes);
        check_ins[2].back_to_normal = Some(BackToNormal::Yes);
        assert_eq!(Course::of(None, &check_ins, 8), Course::Recovered);
        check_ins[2].back_to_normal = Some(BackToNormal::Partly);
        assert_eq!(Course::of(None, &check_ins, 8), Course::Improving);
    }
}
