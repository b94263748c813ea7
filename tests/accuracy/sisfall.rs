//! Bends and what is none: sisfall, a waist belt, axes as the set's note gives them.

use crate::common::{Report, Table, mean, recordings, set, stem};
use crate::judged::judge;
use lumbard::frames::Placement;
use lumbard::signal::{Kind, Style};
use std::collections::BTreeMap;

#[test]
fn bends_are_told_from_sitting_walking_and_jumping() {
    let Some(folder) = set("sisfall") else { return };
    let trials = Table::read(&folder.join("trials.csv"));
    let (subjects, names, codes) = (trials.text("subject"), trials.text("trial"), trials.text("code"));
    let durations = trials.numbers("duration_s");
    let known: BTreeMap<(&str, &str), usize> = (0..trials.len()).map(|i| ((subjects[i], names[i]), i)).collect();
    let (mut one, mut called, mut both, mut wrong, mut hours) = (vec![], vec![], vec![], 0, 0.0);
    let (mut lying, mut car, mut styles) = (vec![], vec![], [vec![], vec![]]);
    let share = |yes: bool| f64::from(u8::from(yes));
    for path in recordings(&folder) {
        let subject = stem(&path);
        for (trial, samples) in Table::read(&path).trials() {
            let i = known[&(subject.as_str(), trial.as_str())];
            let judged = judge(&samples, Some("up=-y,right=+x,forward=+z"), Placement::L5S1);
            let bends = judged.count(Kind::Bend);
            match codes[i] {
                "D15" | "D16" => {
                    one.push(share(bends == 1));
                    let straight = codes[i] == "D16";
                    let want = if straight { Style::KneesStraight } else { Style::KneesBent };
                    let told = judged.events.iter().filter(|event| event.kind == Kind::Bend);
                    styles[usize::from(straight)].extend(told.map(|event| share(event.style == Some(want))));
                }
                "D12" | "D13" | "D14" => lying.push(share(bends > 0)),
                "D17" => car.push(share(bends > 0)),
                "D01" | "D02" | "D03" | "D04" | "D05" | "D06" | "D18" | "D19" => {
                    wrong += bends;
                    hours += durations[i] / 3600.0;
                }
                "D07" | "D08" | "D09" | "D10" => {
                    called.push(share(bends > 0));
                    both.push(share(judged.count(Kind::StandToSit) > 0 && judged.count(Kind::SitToStand) > 0));
                }
                _ => {}
            }
        }
    }
    let mut report = Report::new("sisfall");
    report.at_least("exactly one bend (D15, D16)", mean(&one), 0.95, 0.95);
    report.at_most("false bends an hour", f64::from(wrong as u32) / hours, 2.1, 2.1);
    report.at_most("sitting called a bend", mean(&called), 0.10, 0.05);
    report.at_least("sitting found", mean(&both), 0.90, 0.94);
    report.at_most("lying down, turning over called a bend", mean(&lying), 0.05, 0.05);
    report.at_most("getting into or out of a car called a bend", mean(&car), 0.20, 0.20);
    let balanced = mean(&styles.each_ref().map(|style| mean(style)));
    report.at_least("knees bent or straight, balanced accuracy", balanced, 0.85, 0.85);
    report.finish();
}
