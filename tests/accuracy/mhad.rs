//! Repetitions: mhad_hip, uncalibrated accelerometers at both hips, 31 Hz, axes unknown.

use crate::common::{Report, Table, mean, recordings, set, stem};
use crate::judged::judge;
use lumbard::frames::Placement;
use lumbard::signal::{Kind, Sample};
use std::collections::BTreeMap;

#[test]
fn repetitions_of_bending_and_rising_are_counted() {
    let Some(folder) = set("mhad_hip") else { return };
    let trials = Table::read(&folder.join("trials.csv"));
    let (subjects, names, hips) = (trials.text("subject"), trials.text("trial"), trials.text("hip"));
    let (actions, wanted) = (trials.text("action"), trials.numbers("nominal_reps"));
    let mut exact: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for path in recordings(&folder) {
        let table = Table::read(&path);
        let samples = table.samples();
        let (trial, hip) = (table.text("trial"), table.text("hip"));
        for i in 0..trials.len() {
            let kind = match actions[i] {
                "bend_hands_up_to_down" => Kind::Bend,
                "sit_down_and_stand_up" => Kind::SitToStand,
                _ => continue,
            };
            if stem(&path) != format!("S{:0>2}", subjects[i]) {
                continue;
            }
            let rows = (0..samples.len()).filter(|&row| trial[row] == names[i] && hip[row] == hips[i]);
            let mine: Vec<Sample> = rows.map(|row| samples[row]).collect();
            let count = judge(&mine, None, Placement::L5S1).count(kind) as f64;
            exact.entry(actions[i]).or_default().push(f64::from(u8::from(count == wanted[i])));
        }
    }
    let mut report = Report::new("mhad_hip");
    for (action, exact) in &exact {
        report.note(action, format!("{:.3}", mean(exact)));
    }
    report.at_least("exact counts", mean(&exact.into_values().flatten().collect::<Vec<_>>()), 0.80, 0.84);
    report.finish();
}
