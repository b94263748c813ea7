//! Frames, answers and commands of Polar sensors taken apart for people.
//!
//! In: notifications of the data characteristic and the control point in their order, reads of the control
//! point, commands. Out: named values. What one count stands for comes from the answer to the start, or is
//! given as `factor`; without either, accelerations are told at the factor that is usual at 8 g. The rate
//! (`rate_hz`) and the clock of the frame before (`previous_timestamp_ns`) tell when samples were taken.

use super::frame::{DataFrame, Form};
use super::placing::{Placing, Times};
use super::wire::{self, Answer, Choice, Command, Features, Kind, STOPPED, Settings, Status};
use super::{BATTERY_LEVEL, CONTROL, DATA};
use crate::explain::{Explain, Known, Tell, Unclear, Value, Way, Words, element};
use crate::session::{Refusal, Uuid};

/// The factor of a Verity Sense at 8 g, in g per count. Source: the maker's test of that form.
const USUAL_ACC_FACTOR: f64 = 2.44e-4;
/// The rate at which a frame is told where none is known: that of a Verity Sense outside SDK mode.
const USUAL_RATE_HZ: u16 = 52;
/// Clock of the frame before in the maker's test of placing samples; told for clocks that begin right there.
const EXAMPLE_PREVIOUS_NS: u64 = 100;
/// How near, in ns: no sensor has a rate like that.
const EXAMPLE_WITHIN_NS: u64 = 1_000;

/// Takes the messages of one sensor apart.
#[derive(Clone, Debug, Default)]
pub struct Explainer {
    acc: Before,
    gyr: Before,
}

/// What the messages so far told of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    factor: Option<f64>,
    clock_ns: Option<u64>,
}

impl Explain for Explainer {
    fn message(
        &mut self,
        way: Way,
        characteristic: Uuid,
        bytes: &[u8],
        known: &dyn Known,
        tell: &mut dyn Tell,
    ) -> Result<(), Unclear> {
        match (way, characteristic) {
            (Way::FromSensor, DATA) => self.data(bytes, known, tell),
            (Way::FromSensor, CONTROL) => self.control(bytes, tell),
            (Way::FromSensor, BATTERY_LEVEL) => {
                let &[percent] = bytes else { return Err(Unclear::Refused(Refusal::Length)) };
                tell.value("battery_pct", Value::Integer(i64::from(percent)));
                Ok(())
            }
            (Way::ToSensor, CONTROL) => command(bytes, tell),
            _ => Err(Unclear::Characteristic),
        }
    }
}

impl Explainer {
    fn of(&mut self, kind: Kind) -> Option<&mut Before> {
        match kind {
            Kind::ACC => Some(&mut self.acc),
            Kind::GYRO => Some(&mut self.gyr),
            _ => None,
        }
    }

    fn data(&mut self, bytes: &[u8], known: &dyn Known, tell: &mut dyn Tell) -> Result<(), Unclear> {
        let frame = DataFrame::parse(bytes).map_err(Unclear::Refused)?;
        let (kind, form) = frame.form.bytes();
        let before = self.of(kind).map(|before| {
            let told = *before;
            before.clock_ns = Some(frame.clock_ns);
            told
        });
        let before = before.unwrap_or_default();
        kind_name("type", kind, tell);
        tell.value("timestamp_ns", Value::Integer(i64::try_from(frame.clock_ns).unwrap_or(i64::MAX)));
        tell.value("frame_type", Value::Integer(i64::from(form & 0x7f)));
        tell.value("compressed", Value::Flag(frame.form.is_delta()));
        if frame.form.is_delta() {
            tell.list("delta_blocks_bits_count");
            for block in frame.blocks().flatten() {
                element(Value::Integers(&[i64::from(block.bits), i64::from(block.count)]), tell);
            }
            tell.end();
        }
        tell.value("samples", Value::Integer(frame.count as i64));
        times(&frame, before.clock_ns, known, tell);
        let factor = known.number("factor").or_else(|| known.number("needs_factor")).or(before.factor);
        match frame.form {
            Form::Acc8 | Form::Acc16 | Form::Acc24 => {
                three(["first_mg", "second_mg", "last_mg"], &frame, tell);
                list("samples_mg", &frame, |sample, tell| integers(sample, tell), tell);
            }
            Form::AccMilliDelta => match factor.filter(|&factor| factor != 1.0) {
                None => list("samples_mg", &frame, |sample, tell| integers(sample, tell), tell),
                Some(factor) => list("samples_mg", &frame, |sample, tell| numbers(sample, factor, tell), tell),
            },
            Form::AccDelta => acceleration(&frame, factor, tell),
            Form::GyrDelta => {
                list("raw_samples", &frame, |sample, tell| integers(sample, tell), tell);
                let name = if factor.is_some() { "gyro_dps" } else { "gyro_dps_at_factor_1" };
                list(name, &frame, |sample, tell| numbers(sample, factor.unwrap_or(1.0), tell), tell);
            }
            Form::GyrFloatDelta => floats(&frame, factor.unwrap_or(1.0), tell),
        }
        Ok(())
    }

    fn control(&mut self, bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
        match bytes {
            [STOPPED, kinds @ ..] => {
                tell.value("server_command", Value::Text("ONLINE_MEASUREMENT_STOPPED"));
                tell.list("types");
                kinds.iter().for_each(|&kind| {
                    tell.entry();
                    kind_name("", Kind(kind & wire::KIND_MASK), tell);
                });
                tell.end();
                Ok(())
            }
            [wire::FEATURES, ..] => {
                let features = Features::parse(bytes).map_err(Unclear::Refused)?;
                tell.list("features");
                for kind in (0..16).map(Kind).filter(|&kind| features.has(kind)) {
                    tell.entry();
                    kind_name("", kind, tell);
                }
                tell.end();
                Ok(())
            }
            _ => self.answer(&Answer::parse(bytes).map_err(Unclear::Refused)?, tell),
        }
    }

    fn answer(&mut self, answer: &Answer<'_>, tell: &mut dyn Tell) -> Result<(), Unclear> {
        tell.value("op", Value::Integer(i64::from(answer.op)));
        tell.value("op_name", wire::operation(answer.op).map_or(Value::Nothing, Value::Text));
        kind_name("type", answer.kind, tell);
        tell.value("status", Value::Integer(i64::from(answer.status.0)));
        tell.value("status_name", answer.status.name().map_or(Value::Nothing, Value::Text));
        tell.value("more", Value::Flag(answer.more));
        tell.value("parameters_hex", Value::Bytes(answer.parameters));
        let settings = Settings(answer.parameters);
        if answer.status != Status::SUCCESS || !settings.whole() {
            return Ok(());
        }
        if let Some(factor) = settings.factor() {
            tell.value("factor", Value::Number(f64::from(factor)));
            if let Some(before) = self.of(answer.kind).filter(|_| answer.op == wire::START) {
                before.factor = Some(f64::from(factor));
            }
        }
        for (name, setting) in [
            ("sample_rates_hz", wire::RATE),
            ("resolutions_bits", wire::RESOLUTION),
            ("ranges", wire::RANGE),
            ("channels", wire::CHANNELS),
        ] {
            if settings.values(setting).next().is_some() {
                tell.list(name);
                settings.values(setting).for_each(|value| element(Value::Integer(i64::from(value)), tell));
                tell.end();
            }
        }
        Ok(())
    }
}

fn kind_name(name: &'static str, kind: Kind, tell: &mut dyn Tell) {
    match kind.name() {
        Some(known) => tell.value(name, Value::Text(known)),
        None => tell.value(name, Value::Integer(i64::from(kind.0))),
    }
}

fn times(frame: &DataFrame<'_>, before_ns: Option<u64>, known: &dyn Known, tell: &mut dyn Tell) {
    let at = |span_ns| Times { last_ns: frame.clock_ns, span_ns, count: frame.count };
    let all = |name, span_ns, tell: &mut dyn Tell| {
        tell.list(name);
        for i in 0..frame.count {
            element(Value::Integer(i64::try_from(at(span_ns).of(i)).unwrap_or(i64::MAX)), tell);
        }
        tell.end();
    };
    let rate = known.number("rate_hz").filter(|hz| (1.0..=f64::from(u16::MAX)).contains(hz));
    let span_ns = Placing::span_ns(frame.count, rate.map_or(USUAL_RATE_HZ, |hz| hz as u16));
    let first = i64::try_from(at(span_ns).of(0)).unwrap_or(i64::MAX);
    tell.value("last_sample_time_ns", Value::Integer(i64::try_from(frame.clock_ns).unwrap_or(i64::MAX)));
    let name = if rate.is_some() { "first_sample_time_ns" } else { "first_sample_time_ns_at_52hz" };
    tell.value(name, Value::Integer(first));
    let given = known.number("previous_timestamp_ns").map(|ns| ns as u64);
    if let Some(span_ns) = given.or(before_ns).and_then(|ns| frame.clock_ns.checked_sub(ns)) {
        all("sample_times_ns", span_ns, tell);
    }
    let example = frame.clock_ns.checked_sub(EXAMPLE_PREVIOUS_NS).filter(|ns| (1..EXAMPLE_WITHIN_NS).contains(ns));
    if let Some(span_ns) = example {
        all("sample_times_ns_if_previous_frame_ts_is_100", span_ns, tell);
    }
}

fn acceleration(frame: &DataFrame<'_>, factor: Option<f64>, tell: &mut dyn Tell) {
    let unit = factor.unwrap_or(USUAL_ACC_FACTOR);
    tell.value("needs_factor", Value::Number(unit));
    three(["raw_first", "raw_second", "raw_last"], frame, tell);
    if let Some(first) = frame.samples().next() {
        let first = first.map(|count| f64::from(count) * unit);
        tell.value("acc_g_first", Value::Numbers(&first));
        if factor.is_none() {
            tell.value("acc_g_first_if_factor_2.44e-4", Value::Numbers(&first));
        }
    }
    list("raw_samples", frame, |sample, tell| integers(sample, tell), tell);
    list("acc_g", frame, |sample, tell| numbers(sample, unit, tell), tell);
}

fn floats(frame: &DataFrame<'_>, factor: f64, tell: &mut dyn Tell) {
    let digits = |sample: [i32; 3], tell: &mut dyn Tell| {
        let [x, y, z] = sample.map(|number| Words::<8>::of(format_args!("{number:08x}")));
        tell.value("", Value::Texts(&[x.as_str(), y.as_str(), z.as_str()]));
    };
    list("bit_patterns_hex", frame, digits, tell);
    let values = |sample: [i32; 3], tell: &mut dyn Tell| {
        let values = sample.map(|number| f64::from(f32::from_bits(number.cast_unsigned())) * factor);
        tell.value("", Value::Numbers(&values));
    };
    list("gyro_dps", frame, values, tell);
}

/// The first, the second and the last sample.
fn three([first, second, last]: [&'static str; 3], frame: &DataFrame<'_>, tell: &mut dyn Tell) {
    let mut samples = frame.samples();
    for (name, sample) in [(first, samples.next()), (second, samples.next()), (last, frame.samples().last())] {
        if let Some(sample) = sample {
            tell.value(name, Value::Integers(&sample.map(i64::from)));
        }
    }
}

/// Every sample as an entry without name.
fn list(name: &'static str, frame: &DataFrame<'_>, each: impl Fn([i32; 3], &mut dyn Tell), tell: &mut dyn Tell) {
    tell.list(name);
    for sample in frame.samples() {
        tell.entry();
        each(sample, tell);
    }
    tell.end();
}

fn integers(sample: [i32; 3], tell: &mut dyn Tell) {
    tell.value("", Value::Integers(&sample.map(i64::from)));
}

fn numbers(sample: [i32; 3], unit: f64, tell: &mut dyn Tell) {
    tell.value("", Value::Numbers(&sample.map(|count| f64::from(count) * unit)));
}

fn command(bytes: &[u8], tell: &mut dyn Tell) -> Result<(), Unclear> {
    let command = Command::parse(bytes).ok_or(Unclear::Refused(Refusal::Kind))?;
    // A command that parses has an operation.
    tell.value("op", bytes.first().and_then(|&op| wire::operation(op)).map_or(Value::Nothing, Value::Text));
    match command {
        Command::Settings(kind, _) | Command::Stop(kind) | Command::Start(kind, None) => kind_name("type", kind, tell),
        Command::Start(kind, Some(Choice { rate_hz, resolution, range, channels })) => {
            kind_name("type", kind, tell);
            tell.value("sample_rate_hz", Value::Integer(i64::from(rate_hz)));
            tell.value("resolution_bits", Value::Integer(i64::from(resolution)));
            let name = if kind == Kind::GYRO { "range_dps" } else { "range_g" };
            tell.value(name, Value::Integer(i64::from(range)));
            if let Some(channels) = channels {
                tell.value("channels", Value::Integer(i64::from(channels)));
            }
        }
        Command::Status | Command::SdkStatus => {}
    }
    Ok(())
}
