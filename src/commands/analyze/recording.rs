//! One recording, from its samples to its files.

use super::Judging;
use super::summary::{Made, Summary};
use super::timings::Cost;
use super::{AnalyzeError, summary};
use crate::export::tables::{self, SampleRow};
use crate::export::{Column, Staging, Table};
use crate::frames::{Vec3, forward_tilt, side_bend};
use crate::import::{Head, Recordings};
use crate::raw::{Channel, Encoding, RawSample};
use crate::signal::clipping::{ClippedWindow, Clipping, ClippingParams, ClippingState};
use crate::signal::mounting::{AccScale, Mounting};
use crate::signal::smooth::Smoothed;
use crate::signal::{Epoch, Monitor, Output, Sample, Setup};
use crate::units::Time;
use crate::warning::Rehearsal;
use std::fs::File;
use std::io;

/// A recording that is about to be judged.
pub(super) struct Recording<'a> {
    pub(super) stem: &'a str,
    pub(super) head: &'a Head,
    pub(super) mounting: Option<Mounting>,
    pub(super) sha256: &'a str,
}

impl Recording<'_> {
    /// The sensor's error of scale, as its mounting shows it.
    pub(super) fn acc_scale(&self) -> AccScale {
        self.mounting.map(|mounting| mounting.acc_scale()).unwrap_or_default()
    }

    /// Judges all of its samples and writes its files.
    pub(super) fn judge(
        &self,
        judging: &Judging,
        smoothed: Option<Smoothed>,
        file: &mut Recordings,
        staging: &Staging,
        cost: &mut Cost,
    ) -> Result<(), AnalyzeError> {
        let setup = Setup {
            body_from_sensor: self.mounting.map(|mounting| mounting.body_from_sensor),
            acc_scale: self.acc_scale(),
            ..judging.setup.clone()
        };
        let mut files = Files::create(staging, self.stem, judging)?;
        let mut judge = Judge::new(setup, judging, smoothed, self.head);
        let mut summary = Summary::default();
        let (mut block, mut samples): (Vec<RawSample>, Vec<Sample>) = Default::default();
        while file.read(&mut block)? {
            // Numbers become g and rad/s as part of reading.
            samples.clear();
            samples.extend(block.iter().map(|raw| self.head.format.sample(raw)));
            cost.monitor(|| judge.block(&samples));
            summary.end = block.last().map_or(summary.end, |last| last.t);
            cost.write(|| files.write(&mut judge, &mut summary))?;
        }
        cost.monitor(|| judge.finish());
        summary.clipped = judge.range.take().map(RangeWatch::finish);
        let tally = file.tally();
        cost.samples += tally.rows;
        cost.write(|| {
            files.write(&mut judge, &mut summary)?;
            files.finish()?;
            let made = Made { recording: self, judging, tally };
            summary::write(staging, &made, &summary)
        })
    }
}

/// The detectors and what they have said since it was last written.
struct Judge {
    monitor: Monitor,
    rehearsal: Option<Rehearsal>,
    smoothed: Option<Smoothed>,
    setup: Setup,
    outputs: Vec<Output>,
    rows: Vec<SampleRow>,
    with_rows: bool,
    /// Where the source tells its range.
    range: Option<RangeWatch>,
}

/// Looks for quarters of an hour at the end of the accelerometer's range.
struct RangeWatch {
    clipping: Clipping,
    state: ClippingState,
    invalid: Vec<ClippedWindow>,
}

impl RangeWatch {
    fn new(channel: &Channel) -> Option<Self> {
        let Encoding::Counts { full_scale, .. } = channel.encoding else {
            return None;
        };
        let clipping = Clipping::new(ClippingParams::default(), channel.unit.to_core(full_scale));
        Some(Self { clipping, state: ClippingState::default(), invalid: Vec::new() })
    }

    #[inline]
    fn push(&mut self, sample: &Sample) {
        let over = self.clipping.step(&mut self.state, sample.t, &sample.acc);
        self.invalid.extend(over.filter(|window| window.invalid));
    }

    fn finish(mut self) -> Vec<ClippedWindow> {
        let over = self.clipping.cut(&mut self.state);
        self.invalid.extend(over.filter(|window| window.invalid));
        self.invalid
    }
}

impl Judge {
    fn new(setup: Setup, judging: &Judging, smoothed: Option<Smoothed>, head: &Head) -> Self {
        Self {
            monitor: Monitor::new(setup.clone()),
            rehearsal: judging.acute.then(Rehearsal::default),
            smoothed: smoothed.filter(|_| judging.samples),
            setup,
            outputs: Vec::new(),
            rows: Vec::new(),
            with_rows: judging.samples,
            range: RangeWatch::new(&head.format.acc),
        }
    }

    fn block(&mut self, samples: &[Sample]) {
        if let Some(range) = &mut self.range {
            samples.iter().for_each(|sample| range.push(sample));
        }
        if !self.with_rows {
            return self.judge(samples);
        }
        for sample in samples {
            self.judge(std::slice::from_ref(sample));
            self.row(sample.t, sample);
        }
    }

    fn judge(&mut self, samples: &[Sample]) {
        let Self { monitor, rehearsal, setup, outputs, .. } = self;
        monitor.samples(samples, &mut |output| take(rehearsal, setup, outputs, output));
    }

    /// Notes what is known after a sample. One without values repeats what was known before it: the
    /// sensor said nothing new.
    fn row(&mut self, t: Time, sample: &Sample) {
        let now = self.monitor.now();
        let mut row = SampleRow {
            t,
            earth_from_sensor: self.monitor.earth_from_sensor(),
            tilt: now.tilt,
            side: now.side,
            tea: now.tea,
            posture: now.posture,
        };
        if let Some(smoothed) = &mut self.smoothed {
            row.earth_from_sensor = smoothed.next(sample);
            if let Some(body_from_sensor) = self.setup.body_from_sensor {
                let up = body_from_sensor * row.earth_from_sensor.inverse_transform_vector(&Vec3::z());
                let tilt = forward_tilt(&up);
                row.tilt = Some(tilt);
                row.side = Some(side_bend(&up));
                row.tea = Some(self.setup.trunk_equivalent(tilt).angle);
            }
        }
        self.rows.push(row);
    }

    fn finish(&mut self) {
        let Self { monitor, rehearsal, setup, outputs, .. } = self;
        monitor.finish(&mut |output| take(rehearsal, setup, outputs, output));
    }
}

/// Keeps an output, and the signal that it leads to.
fn take(rehearsal: &mut Option<Rehearsal>, setup: &Setup, outputs: &mut Vec<Output>, output: Output) {
    let Some(rehearsal) = rehearsal else {
        if !matches!(output, Output::Tick(_)) {
            outputs.push(output);
        }
        return;
    };
    let mut signals = Vec::new();
    if let Output::Tick(tick) = &output {
        rehearsal.exercise(setup.exercise_sets.iter().any(|set| set.start <= tick.t && tick.t < set.end));
    }
    rehearsal.push(&output, &mut |signal| signals.push(Output::Event(signal)));
    if !matches!(output, Output::Tick(_)) {
        outputs.push(output);
    }
    outputs.append(&mut signals);
}

/// The tables of one recording.
struct Files<'a> {
    staging: &'a Staging,
    stem: &'a str,
    samples: Option<Table<File>>,
    epochs: Table<File>,
    second: Option<Table<File>>,
    events: Table<File>,
    steps: Table<File>,
    postures: Table<File>,
    second_epoch_s: Option<f64>,
}

impl<'a> Files<'a> {
    fn create(staging: &'a Staging, stem: &'a str, judging: &Judging) -> Result<Self, AnalyzeError> {
        let table = |name: &str, columns: &'static [Column]| -> Result<Table<File>, AnalyzeError> {
            let file_name = format!("{stem}.{name}.{}", judging.format.ending());
            let file = staging.create(&file_name)?;
            Ok(Table::begin(file, judging.format, name, columns).map_err(|error| staging.refused(&file_name, error))?)
        };
        let second_epoch_s = judging.setup.second_epoch.map(|epoch| epoch.0);
        Ok(Self {
            staging,
            stem,
            samples: judging.samples.then(|| table("samples", tables::SAMPLES)).transpose()?,
            epochs: table("epochs", tables::EPOCHS)?,
            second: second_epoch_s.map(|s| table(&format!("epochs_{s}s"), tables::EPOCHS)).transpose()?,
            events: table("events", tables::EVENTS)?,
            steps: table("steps", tables::STEPS)?,
            postures: table("postures", tables::POSTURES)?,
            second_epoch_s,
        })
    }

    /// Writes what has been judged, and counts it.
    fn write(&mut self, judge: &mut Judge, summary: &mut Summary) -> Result<(), AnalyzeError> {
        self.put(judge, summary).map_err(|error| self.staging.refused(self.stem, error).into())
    }

    fn put(&mut self, judge: &mut Judge, summary: &mut Summary) -> io::Result<()> {
        if let Some(samples) = &mut self.samples {
            for row in judge.rows.drain(..) {
                tables::sample(samples, &row)?;
            }
        }
        for output in judge.outputs.drain(..) {
            match &output {
                Output::Event(event) => tables::event(&mut self.events, event)?,
                Output::Step(step) => tables::step(&mut self.steps, step)?,
                Output::Posture(span) => tables::posture(&mut self.postures, span)?,
                Output::Epoch(epoch) => tables::epoch(self.epochs_of(epoch), epoch)?,
                Output::Tick(_) => {}
            }
            summary.count(&output);
        }
        Ok(())
    }

    fn epochs_of(&mut self, epoch: &Epoch) -> &mut Table<File> {
        match &mut self.second {
            Some(second) if self.second_epoch_s == Some(epoch.duration.0) => second,
            _ => &mut self.epochs,
        }
    }

    fn finish(self) -> Result<(), AnalyzeError> {
        let Self { staging, stem, samples, epochs, second, events, steps, postures, .. } = self;
        for table in [samples, Some(epochs), second, Some(events), Some(steps), Some(postures)].into_iter().flatten() {
            table.finish().map_err(|error| staging.refused(stem, error))?;
        }
        Ok(())
    }
}
