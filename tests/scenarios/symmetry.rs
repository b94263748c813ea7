//! A belt worn otherwise, with its axes given, gives the same events; the wearer's mirror image gives their mirror
//! image. Recordings are rewritten column by column, so every value stays what it was.

use crate::other_case;
use crate::played::{Play, Played, Row, Worn, near, number};

/// How far a time may move: rotations round their last bits, and a threshold may be met one grid step later.
const TIME_S: f64 = 0.021;
/// How far an angle may move.
const ANGLE_DEG: f64 = 0.02;

/// Scenarios with something in them: bends, holds, walking, lying on a side, losses, gaps.
fn plays() -> Vec<Play> {
    let second = [other_case(8, "-from-upright"), other_case(10, "-gap")];
    [2, 3, 4, 5, 6, 7, 8, 9, 10].map(Play::worded).into_iter().chain(second).collect()
}

/// Holds a recording worn otherwise to the recording as it was made; the mirror changes the sign of what lies to the
/// right, and swaps the sides.
fn same(made: &Played, other: &Played, mirrored: bool) {
    let what = format!("{:?}", other.play);
    let (want, got) = (made.table("events"), other.table("events"));
    let kinds = |rows: &[Row]| rows.iter().map(|row| row["kind"].clone()).collect::<Vec<_>>();
    assert_eq!(kinds(&got), kinds(&want), "{what}");
    for (got, want) in got.iter().zip(&want) {
        for (column, value) in want {
            let (within, sign) = match column.as_str() {
                "start_s" | "end_s" | "decided_s" | "over_30_s" | "over_45_s" | "over_60_s" => (TIME_S, 1.0),
                "peak_tea_deg" => (ANGLE_DEG, 1.0),
                "peak_side_deg" | "angle_deg" => (ANGLE_DEG, if mirrored { -1.0 } else { 1.0 }),
                "peak_down_dps" | "peak_up_dps" => (0.1, 1.0),
                "cadence_spm" | "confidence" => (0.1, 1.0),
                _ => {
                    assert_eq!(&got[column], value, "{what}: {column}");
                    continue;
                }
            };
            assert_eq!(got[column].is_empty(), value.is_empty(), "{what}: {column}");
            if !value.is_empty() {
                near(&format!("{what}: {column}"), number(got, column), sign * number(want, column), within);
            }
        }
    }
    let times = |played: &Played| played.table("steps").iter().map(|row| number(row, "t_s")).collect::<Vec<_>>();
    let (want, got) = (times(made), times(other));
    assert_eq!(got.len(), want.len(), "{what}: steps");
    got.iter().zip(&want).for_each(|(got, want)| near("step", *got, *want, TIME_S));
    let mirror = |side: &str| match side {
        "left" if mirrored => "right".to_owned(),
        "right" if mirrored => "left".to_owned(),
        side => side.to_owned(),
    };
    let spans = |played: &Played| -> Vec<(String, String)> {
        played.table("postures").iter().map(|row| (row["posture"].clone(), row["lying_side"].clone())).collect()
    };
    let want: Vec<_> = spans(made).into_iter().map(|(posture, side)| (posture, mirror(&side))).collect();
    assert_eq!(spans(other), want, "{what}: postures");
}

#[test]
fn the_same_belt_upside_down_or_on_its_side_gives_the_same_events() {
    for play in plays() {
        for worn in [Worn::UpsideDown, Worn::OnItsSide] {
            same(&play.play(), &Play { worn, ..play }.play(), false);
        }
    }
}

#[test]
fn the_mirror_image_of_the_wearer_gives_the_mirror_image_of_the_events() {
    for play in plays() {
        same(&play.play(), &Play { worn: Worn::Mirrored, ..play }.play(), true);
    }
}
