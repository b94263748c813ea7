//! Steps: gait_l5 and mobgap at the lower back, stepcounter in a trouser pocket.

use crate::common::{Report, Table, median, recordings, set, stem};
use crate::judged::{judge, matched};
use lumbard::frames::Placement;
use std::collections::BTreeMap;

/// Times of a column for each trial, of the rows that `keep` wants.
fn times(table: &Table, column: &str, keep: impl Fn(usize) -> bool) -> BTreeMap<String, Vec<f64>> {
    let mut times: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (i, (trial, t)) in table.text("trial").into_iter().zip(table.numbers(column)).enumerate() {
        if t.is_finite() && keep(i) {
            times.entry(trial.to_owned()).or_default().push(t);
        }
    }
    times.values_mut().for_each(|times| {
        times.sort_by(f64::total_cmp);
        times.dedup();
    });
    times
}

#[test]
fn steps_of_walks_with_lost_packets_are_found_at_l5() {
    let Some(folder) = set("gait_l5") else { return };
    let table = Table::read(&folder.join("steps.csv"));
    let in_walk = table.text("in_walk");
    let truth = times(&table, "heel_strike_s", |i| in_walk[i] == "1");
    let trials = Table::read(&folder.join("trials.csv"));
    let (mut pairs, mut wanted, mut said, mut early, mut errors) = (0, 0, 0, 0, Vec::new());
    for (trial, walk_start) in trials.text("trial").into_iter().zip(trials.numbers("walk_start_s")) {
        let samples = Table::read(&folder.join(format!("{trial}.csv.gz"))).samples();
        let got = judge(&samples, None, Placement::L5S1).steps_s;
        early += got.iter().filter(|t| **t < walk_start - 1.0).count();
        let truth = &truth[trial];
        let walk = truth[0] - 0.25..=truth[truth.len() - 1] + 0.25;
        let inside: Vec<f64> = got.into_iter().filter(|t| walk.contains(t)).collect();
        pairs += matched(truth, &inside, 0.25);
        wanted += truth.len();
        said += inside.len();
        errors.push(100.0 * inside.len().abs_diff(truth.len()) as f64 / truth.len() as f64);
    }
    let mut report = Report::new("gait_l5");
    report.at_least("F1 within 0.25 s", 2.0 * pairs as f64 / (wanted + said) as f64, 0.98, 0.983);
    report.at_most("median count error, %", median(&errors), 2.0, 0.1);
    report.at_most("steps before the walk, per trial", early as f64 / errors.len() as f64, 0.05, 0.0);
    report.finish();
}

#[test]
fn steps_inside_the_reference_bouts_are_found_in_daily_activities() {
    let Some(folder) = set("mobgap") else { return };
    let contacts = Table::read(&folder.join("initial_contacts.csv"));
    let (reference, level) = (contacts.text("reference"), contacts.text("level"));
    let truth = times(&contacts, "t_s", |i| reference[i] == "INDIP" && level[i] == "cwp");
    let bouts = Table::read(&folder.join("walking_bouts.csv"));
    let (reference, level) = (bouts.text("reference"), bouts.text("level"));
    let keep = |i: usize| reference[i] == "INDIP" && level[i] == "cwp";
    let (starts, ends) = (times(&bouts, "start_s", keep), times(&bouts, "end_s", keep));
    let (mut pairs, mut wanted, mut said) = (0, 0, 0);
    for (trial, truth) in &truth {
        let samples = Table::read(&folder.join(format!("{trial}.csv.gz"))).samples();
        let mut got = judge(&samples, None, Placement::L5S1).steps_s;
        let within = |t: f64| starts[trial].iter().zip(&ends[trial]).any(|(a, b)| a - 0.5 <= t && t <= b + 0.5);
        got.retain(|t| within(*t));
        pairs += matched(truth, &got, 0.5);
        wanted += truth.len();
        said += got.len();
    }
    let mut report = Report::new("mobgap");
    report.at_least("F1 within 0.5 s", 2.0 * pairs as f64 / (wanted + said) as f64, 0.92, 0.944);
    report.finish();
}

#[test]
fn steps_are_counted_in_a_trouser_pocket() {
    let Some(folder) = set("stepcounter") else { return };
    let trials = Table::read(&folder.join("trials.csv"));
    let truth: BTreeMap<&str, f64> = trials.text("trial").into_iter().zip(trials.numbers("n_steps")).collect();
    let mut errors = Vec::new();
    for path in recordings(&folder) {
        let Some(truth) = truth.get(stem(&path).as_str()) else { continue };
        let got = judge(&Table::read(&path).samples(), None, Placement::Unknown).steps_s.len() as f64;
        errors.push(100.0 * (got - truth).abs() / truth);
    }
    let mut report = Report::new("stepcounter");
    report.at_most("median error of the total, %", median(&errors), 5.0, 1.3);
    report.finish();
}
