//! Whether signals may be given: what is known of wearer, sensor and settings comes in, `Ok` or every
//! reason against it comes out, in calm words for the page and the terminal.

use super::calibration::{Freshness, StaleCause};
use super::params::WarningParams;
use crate::care::Locale;
use crate::frames::Placement;
use crate::signal::{Posture, Tick};
use crate::units::{Seconds, WallTime};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

/// Hours of every day without signals, `[from, to)` in local time; `from` later than `to` spans midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// They begin.
    pub from: civil::Time,
    /// They end.
    pub to: civil::Time,
}

impl QuietHours {
    /// Whether a local time of day lies inside.
    pub fn contains(&self, at: civil::Time) -> bool {
        if self.from <= self.to { (self.from..self.to).contains(&at) } else { at >= self.from || at < self.to }
    }
}

/// What is known besides ticks and events. The service renews it whenever something changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    /// Acute mode is on (`care::episode` decides).
    pub acute: bool,
    /// A red flag was answered with yes, and the wearer has not said that a professional has seen it.
    pub red_flag: bool,
    /// The state of the calibration.
    pub calibration: Freshness,
    /// Where on the back the sensor sits.
    pub placement: Placement,
    /// A set of an exercise is open.
    pub exercise: bool,
    /// A guided calibration is under way.
    pub calibrating: bool,
    /// Signals rest until then; a moment that has passed means nothing.
    pub snoozed_until: Option<WallTime>,
    /// Signals rest in these hours.
    pub quiet: Option<QuietHours>,
    /// The wearer's time zone, for quiet hours and for words.
    pub zone: TimeZone,
    /// When the recording began, so that its times can be told in wall time.
    pub start: WallTime,
    /// How old the newest sample was when it reached us; `None` before the first.
    pub sample_age: Option<Seconds>,
}

/// Why a signal may not be given, or was not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// No episode, or its acute days are over or not renewed.
    AcuteOff,
    /// A red flag awaits a professional.
    RedFlag,
    /// Nothing is coming from the sensor, or what comes is too old.
    NoFreshSample,
    /// The newest values are not plausible.
    Implausible,
    /// The sensor is not on a person.
    NotWorn,
    /// Never calibrated since it was put on.
    CalibrationMissing,
    /// The calibration can no longer be trusted.
    CalibrationStale(StaleCause),
    /// Nobody said where on the back the sensor sits.
    PlacementUnknown,
    /// Lying down.
    Lying,
    /// On the front or on hands and knees.
    ProneOrAllFours,
    /// A set of an exercise is open.
    ExerciseRunning,
    /// A guided calibration is under way.
    Calibrating,
    /// The wearer asked for rest until then.
    Snoozed {
        /// When it ends by itself.
        until: WallTime,
    },
    /// Quiet hours.
    QuietHours {
        /// When they end, local time.
        until: civil::Time,
    },
    /// Another bend was told less than 20 s ago.
    TooSoon,
    /// The hour's signals are used up.
    HourlyLimit,
    /// A possible lift was told within the hour.
    LiftToldAlready,
    /// No upright moment came in time.
    MomentPassed,
}

impl Reason {
    /// The word in columns and keys.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AcuteOff => "acute_off",
            Self::RedFlag => "red_flag",
            Self::NoFreshSample => "no_fresh_sample",
            Self::Implausible => "implausible",
            Self::NotWorn => "not_worn",
            Self::CalibrationMissing => "calibration_missing",
            Self::CalibrationStale(_) => "calibration_stale",
            Self::PlacementUnknown => "placement_unknown",
            Self::Lying => "lying",
            Self::ProneOrAllFours => "prone_or_all_fours",
            Self::ExerciseRunning => "exercise_running",
            Self::Calibrating => "calibrating",
            Self::Snoozed { .. } => "snoozed",
            Self::QuietHours { .. } => "quiet_hours",
            Self::TooSoon => "too_soon",
            Self::HourlyLimit => "hourly_limit",
            Self::LiftToldAlready => "lift_told_already",
            Self::MomentPassed => "moment_passed",
        }
    }

    /// The reason in a sentence for the wearer, with one thing to do where there is one.
    pub fn words(&self, locale: Locale, zone: &TimeZone) -> String {
        let say = &locale.phrases().reasons;
        let phrase = match self {
            Self::CalibrationStale(cause) => return cause.words(locale),
            Self::Snoozed { until } => return say.snoozed.fill(&[("until", &clock(*until, locale, zone))]),
            Self::QuietHours { until } => return say.quiet_hours.fill(&[("until", &until.strftime("%H:%M"))]),
            Self::AcuteOff => &say.acute_off,
            Self::RedFlag => &say.red_flag,
            Self::NoFreshSample => &say.no_fresh_sample,
            Self::Implausible => &say.implausible,
            Self::NotWorn => &say.not_worn,
            Self::CalibrationMissing => &say.calibration_missing,
            Self::PlacementUnknown => &say.placement_unknown,
            Self::Lying => &say.lying,
            Self::ProneOrAllFours => &say.prone_or_all_fours,
            Self::ExerciseRunning => &say.exercise_running,
            Self::Calibrating => &say.calibrating,
            Self::TooSoon => &say.too_soon,
            Self::HourlyLimit => &say.hourly_limit,
            Self::LiftToldAlready => &say.lift_told_already,
            Self::MomentPassed => &say.moment_passed,
        };
        phrase.to_string()
    }
}

/// Day of the week and time of day.
fn clock(at: WallTime, locale: Locale, zone: &TimeZone) -> String {
    let Ok(at) = Timestamp::from_nanosecond(i128::from(at.0)) else {
        return locale.phrases().reasons.later.to_string();
    };
    let local = at.to_zoned(zone.clone());
    format!("{} {}", locale.weekday_short(local.weekday()), local.strftime("%H:%M"))
}

/// The local time of day of a moment; `None` beyond the calendar.
pub(super) fn local_time(at: WallTime, zone: &TimeZone) -> Option<civil::Time> {
    Timestamp::from_nanosecond(i128::from(at.0)).ok().map(|at| zone.to_datetime(at).time())
}

/// Whether signals may be given now; else every reason against it, the weightiest first.
///
/// `newest` is the newest tick, `None` before the first; `now` the wall time for snooze and quiet hours.
/// "Worn" means not found to be off: a posture that is still unknown does not disarm while the values
/// are plausible and the mounting is known.
pub fn armed(
    params: &WarningParams,
    context: &Context,
    newest: Option<&Tick>,
    now: WallTime,
) -> Result<(), Vec<Reason>> {
    let mut against = Vec::new();
    each_reason(params, context, newest, now, &mut |reason| against.push(reason));
    if against.is_empty() { Ok(()) } else { Err(against) }
}

/// The weightiest reason against a signal, without allocating.
pub(super) fn first_reason(
    params: &WarningParams,
    context: &Context,
    newest: Option<&Tick>,
    now: WallTime,
) -> Option<Reason> {
    let mut first = None;
    each_reason(params, context, newest, now, &mut |reason| {
        first.get_or_insert(reason);
    });
    first
}

/// The weightiest reason against any signal, also one that says nothing about bends: the wearer asked for
/// rest, there is nobody or someone lying, or a red flag is open.
pub(super) fn reason_against_any(
    params: &WarningParams,
    context: &Context,
    newest: Option<&Tick>,
    now: WallTime,
) -> Option<Reason> {
    let mut first = None;
    each_reason(params, context, newest, now, &mut |reason| {
        let about_bends = matches!(
            reason,
            Reason::AcuteOff
                | Reason::Implausible
                | Reason::CalibrationMissing
                | Reason::CalibrationStale(_)
                | Reason::PlacementUnknown
                | Reason::ProneOrAllFours
        );
        if !about_bends {
            first.get_or_insert(reason);
        }
    });
    first
}

fn each_reason(
    params: &WarningParams,
    context: &Context,
    newest: Option<&Tick>,
    now: WallTime,
    say: &mut dyn FnMut(Reason),
) {
    let mut unless = |fine: bool, reason: Reason| {
        if !fine {
            say(reason);
        }
    };
    unless(context.acute, Reason::AcuteOff);
    unless(!context.red_flag, Reason::RedFlag);
    let fresh = context.sample_age.is_some_and(|age| age.0 < params.newest_within.0);
    unless(fresh && newest.is_some(), Reason::NoFreshSample);
    let posture = newest.map_or(Posture::Unknown, |tick| tick.posture);
    unless(posture != Posture::NotWorn, Reason::NotWorn);
    match context.calibration {
        Freshness::Fresh => unless(newest.is_none_or(|tick| tick.tea.is_some()), Reason::CalibrationMissing),
        Freshness::Missing => unless(false, Reason::CalibrationMissing),
        Freshness::Stale(cause) => unless(false, Reason::CalibrationStale(cause)),
    }
    unless(context.placement != Placement::Unknown, Reason::PlacementUnknown);
    unless(newest.is_none_or(|tick| tick.valid), Reason::Implausible);
    unless(posture != Posture::Lying, Reason::Lying);
    unless(posture != Posture::ProneOrAllFours, Reason::ProneOrAllFours);
    unless(!context.exercise, Reason::ExerciseRunning);
    unless(!context.calibrating, Reason::Calibrating);
    if let Some(until) = context.snoozed_until {
        unless(now >= until, Reason::Snoozed { until });
    }
    if let Some(quiet) = context.quiet {
        let inside = local_time(now, &context.zone).is_some_and(|at| quiet.contains(at));
        unless(!inside, Reason::QuietHours { until: quiet.to });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_span_midnight() {
        let quiet = QuietHours { from: civil::time(22, 0, 0, 0), to: civil::time(7, 0, 0, 0) };
        let inside = |hour, minute| quiet.contains(civil::time(hour, minute, 0, 0));
        assert_eq!(
            [inside(21, 59), inside(22, 0), inside(3, 0), inside(6, 59), inside(7, 0)],
            [false, true, true, true, false]
        );
    }

    #[test]
    fn every_reason_is_told_in_one_short_sentence() {
        let reasons = [
            Reason::AcuteOff,
            Reason::RedFlag,
            Reason::NoFreshSample,
            Reason::Implausible,
            Reason::NotWorn,
            Reason::CalibrationMissing,
            Reason::CalibrationStale(StaleCause::Reattached),
            Reason::PlacementUnknown,
            Reason::Lying,
            Reason::ProneOrAllFours,
            Reason::ExerciseRunning,
            Reason::Snoozed { until: WallTime(0) },
            Reason::QuietHours { until: civil::time(7, 0, 0, 0) },
            Reason::TooSoon,
            Reason::HourlyLimit,
            Reason::LiftToldAlready,
            Reason::MomentPassed,
        ];
        for (reason, locale) in reasons.iter().flat_map(|reason| Locale::ALL.map(|locale| (reason, locale))) {
            let words = reason.words(locale, &TimeZone::UTC);
            assert_eq!(crate::care::words::short_message_objection(locale, &words), None, "{words}");
        }
        let snoozed = Reason::Snoozed { until: WallTime(3_600_000_000_000) };
        assert_eq!(snoozed.words(Locale::En, &TimeZone::UTC), "Snoozed until Thu 01:00. It ends by itself.");
        assert!(snoozed.words(Locale::De, &TimeZone::UTC).contains("Do 01:00"));
    }
}
