//! Steps: gait_l5 and mobgap at the lower back, stepcounter in a trouser pocket.

use crate::common::{Report, Table, mean, median, recordings, set, stem};
use crate::judged::{judge, matched};
use lumbard::frames::Placement;
use lumbard::signal::{Event, Kind};
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
    report.at_least("F1 within 0.5 s", 2.0 * pairs as f64 / (wanted + said) as f64, 0.92, 0.937);
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
    report.at_most("median error of the total, %", median(&errors), 5.0, 2.0);
    report.finish();
}

#[test]
fn u_turns_are_found_once_and_cadence_is_that_of_the_heels() {
    let Some(folder) = set("gait_l5") else { return };
    let table = Table::read(&folder.join("steps.csv"));
    let in_walk = table.text("in_walk");
    let heels = times(&table, "heel_strike_s", |i| in_walk[i] == "1");
    let trials = Table::read(&folder.join("trials.csv"));
    let column = |name: &str| trials.numbers(name);
    let [walk_start, walk_end, from, to] = ["walk_start_s", "walk_end_s", "uturn_start_s", "uturn_end_s"].map(column);
    let (mut once, mut off, mut others, mut cadence) = (Vec::new(), Vec::new(), 0, Vec::new());
    for (i, trial) in trials.text("trial").into_iter().enumerate() {
        let samples = Table::read(&folder.join(format!("{trial}.csv.gz"))).samples();
        let events = judge(&samples, None, Placement::L5S1).events;
        let turns = events.iter().filter(|event| event.kind == Kind::Turn);
        let (there, elsewhere): (Vec<&Event>, Vec<&Event>) =
            turns.partition(|turn| turn.start.seconds() < to[i] && turn.end.seconds() > from[i]);
        once.push(f64::from(u8::from(there.len() == 1)));
        off.extend(there.iter().map(|turn| (turn.angle.unwrap().degrees().abs() - 180.0).abs()));
        let walking = |turn: &Event| turn.start.seconds() > walk_start[i] && turn.end.seconds() < walk_end[i];
        others += elsewhere.into_iter().filter(|turn| walking(turn)).count();
        for bout in events.iter().filter(|event| event.kind == Kind::WalkingBout) {
            let within = bout.start.seconds() - 0.3..=bout.end.seconds() + 0.3;
            let inside: Vec<f64> = heels[trial].iter().copied().filter(|t| within.contains(t)).collect();
            let apart = inside.windows(2).map(|pair| pair[1] - pair[0]).filter(|apart| *apart <= 1.2);
            let apart: Vec<f64> = apart.collect();
            if apart.len() >= 4 {
                cadence.push(100.0 * (bout.cadence_spm.unwrap() * mean(&apart) / 60.0 - 1.0).abs());
            }
        }
    }
    let mut report = Report::new("gait_l5: turns and cadence");
    report.at_least("U-turns found exactly once", mean(&once), 0.95, 1.0);
    report.at_most("median angle off half a turn, deg", median(&off), 10.0, 7.5);
    report.at_most("other turns while walking", others as f64, 2.0, 2.0);
    report.at_most("median cadence error, %", median(&cadence), 2.0, 0.8);
    report.finish();
}

#[test]
fn sitting_lying_rising_and_bending_are_no_steps() {
    let (Some(sisfall), Some(hapt)) = (set("sisfall"), set("hapt")) else { return };
    let (mut steps, mut hours) = (0, 0.0);
    let trials = Table::read(&sisfall.join("trials.csv"));
    let codes: BTreeMap<(&str, &str), &str> = {
        let names = trials.text("subject").into_iter().zip(trials.text("trial"));
        names.zip(trials.text("code")).collect()
    };
    for path in recordings(&sisfall) {
        let subject = stem(&path);
        for (trial, samples) in Table::read(&path).trials() {
            let code = codes[&(subject.as_str(), trial.as_str())];
            if ["D07", "D08", "D09", "D10", "D11", "D12", "D13", "D14", "D16"].contains(&code) {
                steps += judge(&samples, None, Placement::L5S1).steps_s.len();
                hours += samples[samples.len() - 1].t.since(samples[0].t).0 / 3600.0;
            }
        }
    }
    let segments = Table::read(&hapt.join("segments.csv"));
    let (names, labels) = (segments.text("trial"), segments.text("label"));
    let (starts, ends) = (segments.numbers("start_s"), segments.numbers("end_s"));
    for path in recordings(&hapt) {
        let got = judge(&Table::read(&path).samples(), None, Placement::Unknown).steps_s;
        let still = |i: &usize| names[*i] == stem(&path) && ["4", "5", "6"].contains(&labels[*i]);
        for i in (0..names.len()).filter(still) {
            // The borders are those of a person with a stopwatch.
            let (from, to) = (starts[i] + 1.5, ends[i] - 1.5);
            steps += got.iter().filter(|t| (from..to).contains(*t)).count();
            hours += (to - from).max(0.0) / 3600.0;
        }
    }
    let mut report = Report::new("no steps: sisfall D07 to D14 and D16, hapt sitting, standing, lying");
    report.note("hours", format!("{hours:.2}"));
    report.at_most("steps an hour", steps as f64 / hours, 5.0, 0.0);
    report.finish();
}
