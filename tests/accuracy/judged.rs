//! Runs the Monitor over samples, and matches what it says with what happened.

use lumbard::frames::Placement;
use lumbard::signal::mounting::Mounting;
use lumbard::signal::mounting::auto::AutoMounting;
use lumbard::signal::{Event, Input, Kind, Monitor, Output, PostureSpan, Sample, Setup};
use lumbard::units::Time;

/// What the Monitor said of one recording.
#[derive(Default)]
pub(crate) struct Judged {
    pub(crate) steps_s: Vec<f64>,
    pub(crate) events: Vec<Event>,
    pub(crate) postures: Vec<PostureSpan>,
}

impl Judged {
    /// How many events of this kind there are.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.events.iter().filter(|event| event.kind == kind).count()
    }
}

/// Judges samples with typed axes, or with those found in the recording itself.
pub(crate) fn judge(samples: &[Sample], axes: Option<&str>, placement: Placement) -> Judged {
    // Times count from the first sample; a sample at the time of the one before is left out.
    let start = samples[0].t.0;
    let samples = samples.iter().map(|sample| Sample { t: Time(sample.t.0 - start), ..*sample });
    let mounting = match axes {
        Some(axes) => Some(Mounting::from_axes(&axes.parse().unwrap())),
        None => {
            let mut auto = AutoMounting::new();
            samples.clone().for_each(|sample| auto.push(&sample));
            auto.estimate()
        }
    };
    let body_from_sensor = mounting.map(|mounting| mounting.body_from_sensor);
    let acc_scale = mounting.map(|mounting| mounting.acc_scale()).unwrap_or_default();
    let mut judged = Judged::default();
    let mut take = |output| match output {
        Output::Step(step) => judged.steps_s.push(step.t.seconds()),
        Output::Event(event) => judged.events.push(event),
        Output::Posture(span) => judged.postures.push(span),
        Output::Tick(_) | Output::Epoch(_) => {}
    };
    let mut monitor = Monitor::new(Setup { body_from_sensor, acc_scale, placement, ..Setup::default() });
    samples.for_each(|sample| monitor.push(Input::Sample(sample), &mut take));
    monitor.finish(&mut take);
    judged.steps_s.sort_by(f64::total_cmp);
    judged
}

/// Pairs of truth and answer within a tolerance, each used once, in the order of time.
pub(crate) fn matched(truth: &[f64], got: &[f64], tolerance: f64) -> usize {
    let (mut i, mut j, mut pairs) = (0, 0, 0);
    while i < truth.len() && j < got.len() {
        let off = got[j] - truth[i];
        if off.abs() <= tolerance {
            (i, j, pairs) = (i + 1, j + 1, pairs + 1);
        } else if off < 0.0 {
            j += 1;
        } else {
            i += 1;
        }
    }
    pairs
}
