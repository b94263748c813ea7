//! `auto` mounting: how far the up and forward it finds are from the axes that each set's note gives.

use crate::common::{Report, Table, mean, median, recordings, set};
use lumbard::frames::{Axes, Vec3, forward_tilt};
use lumbard::signal::Sample;
use lumbard::signal::mounting::Mounting;
use lumbard::signal::mounting::auto::AutoMounting;
use std::collections::BTreeMap;

fn found(samples: &[Sample]) -> Mounting {
    let mut auto = AutoMounting::new();
    for sample in samples {
        auto.push(sample);
    }
    auto.estimate().unwrap()
}

/// Angle between the level parts of two forward directions, in degrees.
fn forward_error_deg(mounting: &Mounting, forward: &Vec3) -> f64 {
    let [up, _, found] = mounting.directions();
    found.angle(&(forward - up * up.dot(forward))).to_degrees()
}

fn up_error_deg(mounting: &Mounting, up: &Vec3) -> f64 {
    mounting.directions()[0].angle(up).to_degrees()
}

fn axes(text: &str) -> [Vec3; 3] {
    let axes: Axes = text.parse().unwrap();
    Mounting::from_axes(&axes).directions()
}

/// Mean specific force of the samples within these times.
fn mean_force(samples: &[Sample], from_s: f64, to_s: f64) -> Vec3 {
    let inside = samples.iter().filter(|s| (from_s..to_s).contains(&s.t.seconds()));
    inside.map(|s| s.acc).sum()
}

/// Errors of many recordings, and how sure each was.
#[derive(Default)]
struct Errors {
    up: Vec<f64>,
    forward: Vec<f64>,
    sure: Vec<f64>,
}

impl Errors {
    fn add(&mut self, mounting: &Mounting, up: &Vec3, forward: Option<&Vec3>) {
        self.up.push(up_error_deg(mounting, up));
        if let Some(forward) = forward {
            self.forward.push(forward_error_deg(mounting, forward));
        }
        self.sure.push(mounting.forward_confidence);
    }

    /// Share of forward directions within 45°, of those this sure at least.
    fn forward_found(&self, sure: f64) -> f64 {
        let judged = self.forward.iter().zip(&self.sure).filter(|(_, s)| **s >= sure);
        mean(&judged.map(|(error, _)| f64::from(*error < 45.0)).collect::<Vec<_>>())
    }

    fn report(&self, report: &mut Report, set: &str, up_floor: f64, forward_floor: f64) {
        report.note(&format!("{set}: recordings"), self.up.len());
        report.at_most(&format!("{set}: up, median error, degrees"), median(&self.up), 10.0, up_floor);
        if self.forward.is_empty() {
            return;
        }
        report.note(&format!("{set}: forward, median error, degrees"), format!("{:.1}", median(&self.forward)));
        report.at_least(&format!("{set}: forward within 45 degrees"), self.forward_found(0.0), 1.0, forward_floor);
        let sure = self.sure.iter().filter(|s| **s >= 0.5).count() as f64 / self.sure.len() as f64;
        report.note(&format!("{set}: share that is sure (0.5) of forward"), format!("{sure:.2}"));
        report.note(&format!("{set}: forward within 45 degrees, of those"), format!("{:.2}", self.forward_found(0.5)));
    }
}

#[test]
fn up_and_forward_are_found_in_ordinary_movement() {
    let mut report = Report::new("auto mounting: angle to the axes of each set's note");
    if let Some(folder) = set("gait_l5") {
        let mut errors = Errors::default();
        let [_, _, forward] = axes("up=+x,right=-y,forward=-z");
        for path in recordings(&folder) {
            let samples = Table::read(&path).samples();
            // The sensor leans on the skin, so upright is what it reads while standing, not its x axis.
            errors.add(&found(&samples), &mean_force(&samples, 0.0, 3.0), Some(&forward));
        }
        errors.report(&mut report, "gait_l5", 4.0, 0.98);
    }
    if let Some(folder) = set("mobgap") {
        let mut errors = Errors::default();
        let [up, _, forward] = axes("up=+x,right=+y,forward=+z");
        for path in recordings(&folder) {
            errors.add(&found(&Table::read(&path).samples()), &up, Some(&forward));
        }
        errors.report(&mut report, "mobgap", 20.0, 0.98);
    }
    if let Some(folder) = set("sisfall") {
        let [up, _, forward] = axes("up=-y,right=+x,forward=+z");
        let (mut walking, mut bends, mut other) = (Errors::default(), Errors::default(), Errors::default());
        for path in recordings(&folder) {
            for (trial, samples) in Table::read(&path).trials() {
                let errors = match trial.split('_').next().unwrap() {
                    "D01" | "D02" | "D03" | "D04" | "D05" | "D06" => &mut walking,
                    "D15" | "D16" => &mut bends,
                    "D07" | "D08" | "D09" | "D10" | "D17" | "D18" | "D19" => &mut other,
                    _ => continue, // begins sitting or lying
                };
                errors.add(&found(&samples), &up, Some(&forward));
            }
        }
        walking.report(&mut report, "sisfall, walking and stairs", 16.0, 0.94);
        bends.report(&mut report, "sisfall, one bend", 16.0, 0.77);
        other.report(&mut report, "sisfall, sitting down, car, jumps", 16.0, 0.77);
    }
    if let Some(folder) = set("hapt") {
        let mut errors = Errors::default();
        for path in recordings(&folder) {
            let table = Table::read(&path);
            let samples = table.samples();
            let labels = table.text("label");
            let standing: Vec3 = samples.iter().zip(labels).filter(|(_, l)| *l == "5").map(|(s, _)| s.acc).sum();
            errors.add(&found(&samples), &standing, None);
        }
        errors.report(&mut report, "hapt", 9.0, 0.0);
    }
    if let Some(folder) = set("mhad_hip") {
        let (mut right, mut bends) = (0, 0);
        for path in recordings(&folder) {
            let table = Table::read(&path);
            let hips = table.text("hip");
            let actions = Table::read(&folder.join("trials.csv"));
            let names = actions.text("trial");
            let bending = |trial: &str| {
                let row = names.iter().position(|name| *name == trial).unwrap();
                actions.text("action")[row] == "bend_hands_up_to_down"
            };
            let mut parts: BTreeMap<(&str, &str), Vec<Sample>> = BTreeMap::new();
            for ((sample, trial), hip) in table.samples().into_iter().zip(table.text("trial")).zip(hips) {
                parts.entry((trial, hip)).or_default().push(sample);
            }
            for (_, samples) in parts.into_iter().filter(|((trial, _), _)| bending(trial)) {
                bends += 1;
                right += i32::from(leans_forward(&found(&samples), &samples));
            }
        }
        report.note("mhad_hip: recordings of bends", bends);
        let share = f64::from(right) / f64::from(bends);
        report.at_least("mhad_hip: bends that lean forward", share, 1.0, 0.9);
    }
    report.finish();
}

/// Whether the slow part of specific force leans farther to the front than to the back.
fn leans_forward(mounting: &Mounting, samples: &[Sample]) -> bool {
    let tilts = samples.windows(15).map(|part| {
        let force: Vec3 = part.iter().map(|sample| sample.acc).sum();
        forward_tilt(&(mounting.body_from_sensor * force)).degrees()
    });
    let (least, most) = tilts.fold((0.0_f64, 0.0_f64), |(least, most), tilt| (least.min(tilt), most.max(tilt)));
    most > -least
}
