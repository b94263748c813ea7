//! Another rate and another placement give the same events: each scenario is held to its own wording there, and its
//! events to those at 100 Hz within [`TIME_S`] and [`ANGLE_DEG`].

use crate::played::{Play, Played, Row, near, number};
use crate::{
    a_deep_bend_is_told_once, a_gap_truncates_a_bend, a_hold_is_told_three_times, loss_moves_no_bend, lying_is_lying,
    prone_is_no_bend_any_more, swinging_is_one_bend, the_tenth_bend_is_told, walking_is_steps_and_no_bend,
};

const RATES_HZ: [u32; 5] = [25, 50, 100, 200, 400];
const PLACEMENTS: [&str; 3] = ["L1", "L3", "L5_S1"];

/// How far a start or an end may move with the rate: two and a half steps of the detectors' grid beyond one sample at
/// 25 Hz, with the noise of either recording.
const TIME_S: f64 = 0.15;
/// How far a peak may move: white noise is worded by the sample, so a slower sensor averages less of it.
const ANGLE_DEG: f64 = 1.5;
/// A walking bout begins and ends with a step, and the weak first and last may or may not rise above the noise.
const BOUT_S: f64 = 0.6;

fn at(scenario: u8, suffix: &'static str, placement: &'static str, rate_hz: u32) -> Played {
    Play { scenario, suffix, placement, rate_hz, ..Play::default() }.play()
}

/// Events that a wording speaks of: what comes and goes with chance at the edge of noise is left out.
fn worded(played: &Played) -> Vec<Row> {
    let mut events = played.table("events");
    events.retain(|row| row["kind"] != "turn");
    events
}

/// The events of a scenario at every rate beside those at 100 Hz.
fn the_rate_does_not_matter(scenario: u8, suffix: &'static str) {
    let want = worded(&at(scenario, suffix, "", 100));
    for rate_hz in RATES_HZ {
        let got = worded(&at(scenario, suffix, "", rate_hz));
        let kinds = |rows: &[Row]| rows.iter().map(|row| row["kind"].clone()).collect::<Vec<_>>();
        assert_eq!(kinds(&got), kinds(&want), "scenario {scenario}{suffix} at {rate_hz} Hz");
        for (got, want) in got.iter().zip(&want) {
            let within_s = if want["kind"] == "walking_bout" { BOUT_S } else { TIME_S };
            let what = |column: &str| format!("scenario {scenario}{suffix} at {rate_hz} Hz: {} {column}", want["kind"]);
            for column in ["start_s", "end_s"] {
                near(&what(column), number(got, column), number(want, column), within_s);
            }
            if !want["peak_tea_deg"].is_empty() {
                near(&what("peak"), number(got, "peak_tea_deg"), number(want, "peak_tea_deg"), ANGLE_DEG);
            }
            // Where the knees can hardly be told, one rate may say nothing, but never the opposite of another.
            let told = |row: &Row| !row["style"].is_empty() || row["kind"] == "signal";
            assert!(got["style"] == want["style"] || !told(got) || !told(want), "{}", what("style"));
        }
    }
}

/// Holds a scenario to its wording at every rate and placement.
fn everywhere(hold: impl Fn(&'static str, u32)) {
    for placement in PLACEMENTS {
        hold(placement, 100);
    }
    for rate_hz in RATES_HZ {
        hold("L1", rate_hz);
    }
}

#[test]
fn scenarios_2_and_3_hold_at_every_rate_and_placement() {
    everywhere(|placement, rate_hz| {
        a_deep_bend_is_told_once(&at(2, "", placement, rate_hz), if placement == "L1" { 3.0 } else { 5.0 });
    });
    the_rate_does_not_matter(2, "");
    the_rate_does_not_matter(3, "");
}

#[test]
fn scenario_4_holds_at_every_rate_and_placement() {
    everywhere(|placement, rate_hz| a_hold_is_told_three_times(&at(4, "", placement, rate_hz), 0.5));
    the_rate_does_not_matter(4, "");
}

#[test]
fn scenario_5_holds_at_every_rate_and_placement() {
    everywhere(|placement, rate_hz| {
        the_tenth_bend_is_told(&at(5, "", placement, rate_hz), &at(5, "-nine", placement, rate_hz));
    });
    the_rate_does_not_matter(5, "");
    the_rate_does_not_matter(5, "-nine");
}

#[test]
fn scenario_6_holds_at_every_rate_and_placement() {
    everywhere(|placement, rate_hz| swinging_is_one_bend(&at(6, "", placement, rate_hz)));
    the_rate_does_not_matter(6, "");
}

#[test]
fn scenario_7_holds_at_every_rate_and_placement() {
    everywhere(|placement, rate_hz| walking_is_steps_and_no_bend(&at(7, "", placement, rate_hz)));
    the_rate_does_not_matter(7, "");
}

#[test]
fn scenario_8_holds_at_every_rate_and_placement() {
    everywhere(|placement, rate_hz| {
        lying_is_lying(&at(8, "", placement, rate_hz), "right");
        prone_is_no_bend_any_more(&at(8, "-from-upright", placement, rate_hz));
    });
    the_rate_does_not_matter(8, "");
    the_rate_does_not_matter(8, "-from-upright");
}

#[test]
fn scenario_10_holds_at_every_rate_and_placement() {
    everywhere(|placement, rate_hz| {
        loss_moves_no_bend(&at(10, "", placement, rate_hz));
        a_gap_truncates_a_bend(&at(10, "-gap", placement, rate_hz));
    });
}
