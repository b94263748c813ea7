//! `summary.json`: totals of one recording. `provenance.json`: what they were made from and with.
//!
//! Neither holds a path, a host, a user or the time of the run: the same input and version give the same
//! bytes anywhere.

use super::recording::Recording;
use super::{AnalyzeError, Judging};
use crate::export::Staging;
use crate::export::staging::StagingError;
use crate::import::Tally;
use crate::raw::Channel;
use crate::signal::cadence::{CadenceBand, MODERATE_SPM, VIGOROUS_SPM};
use crate::signal::clipping::ClippedWindow;
use crate::signal::mounting::{AccScale, Mounting};
use crate::signal::placement::PersonalBend;
use crate::signal::{Event, GAP, Kind, Output, Posture};
use crate::units::{Angle, Time, WallTime};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Write;

/// A minute of the recording.
const MINUTE_NS: i64 = 60_000_000_000;

/// Totals of one recording.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// The last sample.
    pub(super) end: Time,
    steps: u64,
    /// Steps of each minute that has some, by its number.
    minutes: BTreeMap<i64, u32>,
    events: [u64; Kind::ALL.len()],
    lasted_ns: [i64; Kind::ALL.len()],
    posture_ns: [i64; Posture::ALL.len()],
    gaps: Vec<(Time, Time)>,
    /// Quarters of an hour at the end of the accelerometer's range; `None` where the source tells no range.
    pub(super) clipped: Option<Vec<ClippedWindow>>,
}

impl Summary {
    pub(super) fn count(&mut self, output: &Output) {
        match output {
            Output::Event(event) => self.event(event),
            Output::Step(step) => {
                self.steps += 1;
                *self.minutes.entry(step.t.0.div_euclid(MINUTE_NS)).or_default() += 1;
            }
            Output::Posture(span) => {
                if let Some(i) = Posture::ALL.iter().position(|posture| *posture == span.posture) {
                    self.posture_ns[i] += span.end.0 - span.start.0;
                }
            }
            Output::Epoch(_) | Output::Tick(_) => {}
        }
    }

    fn event(&mut self, event: &Event) {
        if let Some(i) = Kind::ALL.iter().position(|kind| *kind == event.kind) {
            self.events[i] += 1;
            self.lasted_ns[i] += event.end.0 - event.start.0;
        }
        if event.kind == Kind::Gap {
            self.gaps.push((event.start, event.end));
        }
    }

    /// How many minutes had so many steps.
    fn minutes_with(&self, wanted: impl Fn(u32) -> bool) -> usize {
        self.minutes.values().filter(|steps| wanted(**steps)).count()
    }

    fn of(&self, kind: Kind) -> (u64, i64) {
        let i = Kind::ALL.iter().position(|known| *known == kind).unwrap_or_default();
        (self.events[i], self.lasted_ns[i])
    }
}

/// What a summary was made from.
pub(super) struct Made<'a> {
    pub(super) recording: &'a Recording<'a>,
    pub(super) judging: &'a Judging,
    pub(super) tally: Tally,
}

/// Writes both files.
pub(super) fn write(staging: &Staging, made: &Made<'_>, summary: &Summary) -> Result<(), AnalyzeError> {
    let stem = made.recording.stem;
    put(staging, &format!("{stem}.summary.json"), &totals(made, summary))?;
    put(staging, &format!("{stem}.provenance.json"), &provenance(made, summary))?;
    Ok(())
}

fn put(staging: &Staging, name: &str, value: &impl Serialize) -> Result<(), StagingError> {
    let mut file = staging.create(name)?;
    let text = serde_json::to_string_pretty(value).map_err(|error| staging.refused(name, error.into()))?;
    file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(|error| staging.refused(name, error))
}

fn clipped(window: &ClippedWindow) -> Value {
    json!({ "start_s": window.start.seconds(), "end_s": window.end.seconds(), "share": rounded(window.share) })
}

fn seconds(ns: i64) -> f64 {
    Time(ns).seconds()
}

fn totals(made: &Made<'_>, summary: &Summary) -> Value {
    let Tally { rows, missing, spread } = made.tally;
    let walking_ns = posture(summary, Posture::Walking);
    let kinds: Map<String, Value> =
        Kind::ALL.iter().zip(summary.events).map(|(kind, count)| (kind.name().to_owned(), count.into())).collect();
    let postures: Map<String, Value> = Posture::ALL
        .iter()
        .zip(summary.posture_ns)
        .map(|(posture, ns)| (posture.name().to_owned(), seconds(ns).into()))
        .collect();
    let bands: Map<String, Value> = CadenceBand::ALL
        .into_iter()
        .map(|band| (band.name().to_owned(), summary.minutes_with(|steps| CadenceBand::of(steps) == Some(band)).into()))
        .collect();
    json!({
        "recording": made.recording.stem,
        "start_utc": made.recording.head.start.map(iso),
        "duration_s": summary.end.seconds(),
        "samples": rows,
        "missing_samples": missing,
        "spread_times": spread,
        "rate_hz": mean_rate_hz(made, summary),
        "steps": summary.steps,
        "cadence_min": bands,
        "moderate_walking_min": summary.minutes_with(|steps| (MODERATE_SPM..VIGOROUS_SPM).contains(&steps)),
        "vigorous_walking_min": summary.minutes_with(|steps| steps >= VIGOROUS_SPM),
        "walking_min": rounded(seconds(walking_ns) / 60.0),
        "bends": summary.of(Kind::Bend).0,
        "possible_lifts": summary.of(Kind::PossibleLift).0,
        "gaps": summary.gaps.len(),
        "gaps_s": seconds(summary.of(Kind::Gap).1),
        "clipped": summary.clipped.as_ref().map(|windows| windows.iter().map(clipped).collect::<Vec<_>>()),
        "not_worn_s": seconds(summary.of(Kind::NonWear).1),
        "events": kinds,
        "posture_s": postures,
        "mounting_confidence": made.recording.mounting.map(|mounting| rounded(mounting.confidence())),
        "acc_scale": acc_scale(made.recording.acc_scale()),
    })
}

fn posture(summary: &Summary, posture: Posture) -> i64 {
    Posture::ALL.iter().zip(summary.posture_ns).find(|(known, _)| **known == posture).map_or(0, |(_, ns)| ns)
}

fn provenance(made: &Made<'_>, summary: &Summary) -> Value {
    let Made { recording, judging, tally } = made;
    let format = &recording.head.format;
    let parameters = parameters(judging);
    json!({
        "software": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "parameters": parameters,
        "parameters_sha256": hex(&Sha256::digest(parameters.to_string())),
        "inputs": [{ "sha256": recording.sha256, "trial": recording.head.trial }],
        "input_format": {
            "acceleration": channel(&format.acc),
            "rotation_rate": format.gyr.as_ref().map(channel),
            "nominal_rate_hz": format.nominal_rate_hz,
        },
        "samples": tally.rows,
        "missing_samples": tally.missing,
        "spread_times": tally.spread,
        "rate_hz": mean_rate_hz(made, summary),
        "start_utc": recording.head.start.map(iso),
        "mounting": recording.mounting.as_ref().map(mounting),
        "acc_scale": acc_scale(recording.acc_scale()),
        "gap_rule_s": GAP.0,
        "gaps": summary.gaps.iter().map(|(from, to)| json!({ "start_s": from.seconds(), "end_s": to.seconds() }))
            .collect::<Vec<_>>(),
    })
}

fn parameters(judging: &Judging) -> Value {
    let sets: Vec<Value> = judging
        .setup
        .exercise_sets
        .iter()
        .map(|set| json!({ "exercise": set.id, "start_s": set.start.seconds(), "end_s": set.end.seconds() }))
        .collect();
    json!({
        "placement": judging.setup.placement.name(),
        "personal_bend": judging.setup.personal.map(|personal| json!({
            "largest_comfortable_tilt_deg": rounded(personal.deepest().degrees()),
            "share": PersonalBend::SHARE,
            "reads_as_deg": rounded(PersonalBend::READS_AS.degrees()),
        })),
        "axes": judging.mounting.axes.map_or_else(|| "auto".to_owned(), |axes| axes.to_string()),
        "calibrate_from": judging.mounting.standing.map(|stretch| stretch.to_string()),
        "epoch_s": judging.setup.epoch.0,
        "second_epoch_s": judging.setup.second_epoch.map(|epoch| epoch.0),
        "rate_hz": judging.options.rate_hz,
        "acute": judging.acute,
        "smooth": judging.mounting.smooth,
        "exercise_sets": sets,
    })
}

fn channel(channel: &Channel) -> Value {
    json!({ "unit": channel.unit.name() })
}

fn mounting(mounting: &Mounting) -> Value {
    let q = mounting.body_from_sensor.quaternion();
    let [up, right, forward] = mounting.directions().map(|axis| [axis.x, axis.y, axis.z].map(rounded));
    json!({
        "method": mounting.method.name(),
        "confidence": rounded(mounting.confidence()),
        "up_confidence": rounded(mounting.up_confidence),
        "forward_confidence": rounded(mounting.forward_confidence),
        "body_from_sensor": { "w": rounded(q.w), "x": rounded(q.i), "y": rounded(q.j), "z": rounded(q.k) },
        "up": up,
        "right": right,
        "forward": forward,
        "gyro_bias_dps": mounting.gyro_bias.map(|bias| {
            [bias.x, bias.y, bias.z].map(|rate| rounded(Angle::from_radians(rate).degrees()))
        }),
        "rest_norm_g": mounting.rest_norm_g.map(rounded),
    })
}

/// What specific force was multiplied with, why, and whether MAD and ENMO were too.
fn acc_scale(scale: AccScale) -> Value {
    json!({ "factor": rounded(scale.factor()), "from": scale.origin().name(), "in_volume": scale.in_volume() })
}

/// Samples a second as the times have it, gaps left out.
fn mean_rate_hz(made: &Made<'_>, summary: &Summary) -> Option<f64> {
    let gaps: i64 = summary.gaps.iter().map(|(from, to)| to.0 - from.0).sum();
    let spacings = made.tally.rows.checked_sub(1 + summary.gaps.len() as u64)?;
    let lasting = seconds(summary.end.0 - gaps);
    (lasting > 0.0).then(|| rounded(spacings as f64 / lasting))
}

/// Six decimals: more than any of these figures can tell, and the same on every machine.
fn rounded(value: f64) -> f64 {
    const PLACES: f64 = 1e6;
    (value * PLACES).round() / PLACES + 0.0
}

fn iso(start: WallTime) -> String {
    jiff::Timestamp::from_nanosecond(start.0.into()).map_or_else(|_| start.0.to_string(), |at| at.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
