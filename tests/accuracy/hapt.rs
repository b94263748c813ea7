//! Posture: hapt, a phone at the waist, axes found in the recording itself.

use crate::common::{Report, Table, mean, recordings, set, stem};
use crate::judged::judge;
use lumbard::frames::Placement;
use lumbard::signal::Posture;
use std::collections::BTreeMap;

#[test]
fn walking_still_upright_and_lying_are_told_apart() {
    let Some(folder) = set("hapt") else { return };
    let segments = Table::read(&folder.join("segments.csv"));
    let (trials, labels) = (segments.text("trial"), segments.text("label"));
    let (starts, ends) = (segments.numbers("start_s"), segments.numbers("end_s"));
    let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut found = Vec::new();
    for path in recordings(&folder) {
        let table = Table::read(&path);
        let samples = table.samples();
        let spans = judge(&samples, None, Placement::Unknown).postures;
        assert!(spans.windows(2).all(|pair| pair[0].end == pair[1].start), "{}: a hole", path.display());
        let mut at = 0;
        for (sample, label) in samples.iter().zip(table.text("label")) {
            let (class, posture) = match label {
                "1" | "2" | "3" => ("walking and stairs", Posture::Walking),
                "4" | "5" => ("still upright", Posture::UprightStill),
                "6" => ("lying", Posture::Lying),
                _ => continue,
            };
            while at + 1 < spans.len() && sample.t >= spans[at].end {
                at += 1;
            }
            let (hits, all) = seen.entry(class).or_default();
            *hits += usize::from(spans[at].posture == posture);
            *all += 1;
        }
        for i in (0..trials.len()).filter(|&i| trials[i] == stem(&path)) {
            let lies = match labels[i] {
                "9" | "11" => true,
                "10" | "12" => false,
                _ => continue,
            };
            let near = starts[i] - 2.0..=ends[i] + 2.0;
            let hit = spans.iter().skip(1).any(|span| {
                let told = !matches!(span.posture, Posture::Unknown | Posture::NotWorn);
                near.contains(&span.start.seconds()) && (span.posture == Posture::Lying) == lies && told
            });
            found.push(f64::from(u8::from(hit)));
        }
    }
    let mut report = Report::new("hapt");
    let shares: Vec<f64> = seen.values().map(|(hits, all)| *hits as f64 / *all as f64).collect();
    for (class, share) in seen.keys().zip(&shares) {
        report.note(class, format!("{share:.3}"));
    }
    report.at_least("balanced accuracy", mean(&shares), 0.99, 0.993);
    report.at_least("to and from lying within 2 s", mean(&found), 0.98, 0.98);
    report.finish();
}
