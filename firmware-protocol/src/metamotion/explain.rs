//! Messages of MetaMotion boards and commands to them taken apart for people.
//!
//! In: notifications and commands in their order, reads of the battery level. Out: named values. Ranges come
//! from the commands seen before, or are given as `range_g` and `range_dps`; without either the chips' own
//! ranges after a start hold, 2 g and 2000 °/s. Whether a processor counts samples or tells the clock is known
//! from the command that made it, or given as `mode`, count or time; without either it is told as both.

use super::command::{Command, Link, Pattern, Processor, Sensor, Source};
use super::wire::{self, ACC_FULL_COUNT, ACC_REGISTER, Axes, Chip, GYR_FULL_COUNT, Message, TICK_MS};
use super::{BATTERY_LEVEL, COMMAND, NOTIFY};
use crate::explain::{Explain, Known, Tell, Unclear, Value, Way, Words, scaled};
use crate::session::{Refusal, Uuid};

/// Range of acceleration after a start, in g. Source: the chips' datasheets.
const START_RANGE_G: f64 = 2.0;
/// Range of rotation rate after a start, in °/s. Source: as above.
const START_RANGE_DPS: f64 = 2000.0;

/// Takes the messages of one board apart.
#[derive(Clone, Debug, Default)]
pub struct Explainer {
    range_g: Option<f64>,
    range_dps: Option<f64>,
    chip: Option<Chip>,
    mode: Option<Processor>,
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
            (Way::FromSensor, NOTIFY) => self.notification(bytes, known, tell),
            (Way::FromSensor, BATTERY_LEVEL) => {
                let &[percent] = bytes else { return Err(Unclear::Refused(Refusal::Length)) };
                tell.value("charge_percent", Value::Integer(i64::from(percent)));
                Ok(())
            }
            (Way::ToSensor, COMMAND) => self.command(bytes, known, tell),
            _ => Err(Unclear::Characteristic),
        }
    }
}

impl Explainer {
    fn notification(&mut self, bytes: &[u8], known: &dyn Known, tell: &mut dyn Tell) -> Result<(), Unclear> {
        match Message::parse(bytes).map_err(Unclear::Refused)? {
            Message::Module(module, info) => {
                if let (wire::module::ACC, Some(info)) = (module, info) {
                    self.chip = Chip::of_acc(info.implementation);
                }
                tell.value("module", Value::Integer(i64::from(module)));
                tell.value("present", Value::Flag(info.is_some()));
                if let Some(info) = info {
                    tell.value("implementation", Value::Integer(i64::from(info.implementation)));
                    tell.value("revision", Value::Integer(i64::from(info.revision)));
                    let mut extra = [0; wire::LONGEST];
                    extra.iter_mut().zip(info.extra).for_each(|(to, &from)| *to = i64::from(from));
                    tell.value("extra", Value::Integers(&extra[..info.extra.len()]));
                }
            }
            Message::Battery { percent, millivolts } => {
                tell.value("charge_percent", Value::Integer(i64::from(percent)));
                tell.value("voltage_mv", Value::Integer(i64::from(millivolts)));
            }
            Message::Address(kind, [f, e, d, c, b, a]) => {
                let words = Words::<17>::of(format_args!("{a:02X}:{b:02X}:{c:02X}:{d:02X}:{e:02X}:{f:02X}"));
                tell.value("address", Value::Text(words.as_str()));
                tell.value("address_type", Value::Integer(i64::from(kind)));
            }
            Message::Created(id) => tell.value("processor_id", Value::Integer(i64::from(id))),
            Message::Acc(register, axes) => {
                self.acc(register != ACC_REGISTER, &axes, known, tell);
                let fixed = match register {
                    0x1c => Some(Chip::Bmi160),
                    0x05 => Some(Chip::Bmi270),
                    _ => self.chip,
                };
                self.told_chip(fixed, known, tell);
            }
            Message::Gyr(register, axes) => {
                let single = axes.samples().len() == 1 && register != 0x07;
                self.gyr(!single, &axes, known, tell);
                let fixed = match (register, single) {
                    (0x04, _) | (0x05, false) => Some(Chip::Bmi270),
                    _ => Some(Chip::Bmi160),
                };
                self.told_chip(fixed, known, tell);
            }
            Message::Processed(id, counted, axes) => self.processed(id, counted, &axes, known, tell),
        }
        Ok(())
    }

    fn told_chip(&self, fixed: Option<Chip>, known: &dyn Known, tell: &mut dyn Tell) {
        let given = [Chip::Bmi160, Chip::Bmi270].into_iter().find(|chip| known.text("chip") == Some(chip.name()));
        tell.value("chip", Value::Text(fixed.or(given).map_or("BMI160 or BMI270", Chip::name)));
    }

    fn acc(&self, packed: bool, axes: &Axes, known: &dyn Known, tell: &mut dyn Tell) {
        let range = known.number("range_g").or(self.range_g).unwrap_or(START_RANGE_G);
        values(["accel_raw", "accel_g"], packed, axes.samples(), range, ACC_FULL_COUNT, tell);
        tell.value("range_g", Value::Number(range));
    }

    fn gyr(&self, packed: bool, axes: &Axes, known: &dyn Known, tell: &mut dyn Tell) {
        let range = known.number("range_dps").or(self.range_dps).unwrap_or(START_RANGE_DPS);
        values(["gyro_raw", "gyro_dps"], packed, axes.samples(), range, GYR_FULL_COUNT, tell);
        tell.value("range_dps", Value::Number(range));
    }

    fn processed(&self, id: u8, counted: u32, axes: &Axes, known: &dyn Known, tell: &mut dyn Tell) {
        tell.value("processor_id", Value::Integer(i64::from(id)));
        let mode = known.text("mode").or(self.mode.map(mode_name));
        if mode != Some("time") {
            tell.value("counter", Value::Integer(i64::from(counted)));
        }
        if mode != Some("count") {
            tell.value("tick", Value::Integer(i64::from(counted)));
            tell.value("tick_ms", Value::Number(f64::from(counted) * TICK_MS));
        }
        let (acc, gyr) = axes.samples().split_at(1);
        self.acc(false, &Axes::of(acc), known, tell);
        if !gyr.is_empty() {
            self.gyr(false, &Axes::of(gyr), known, tell);
        }
    }

    fn command(&mut self, bytes: &[u8], known: &dyn Known, tell: &mut dyn Tell) -> Result<(), Unclear> {
        let command = Command::parse(bytes).ok_or(Unclear::Refused(Refusal::Kind))?;
        tell.value("command", Value::Text(command_name(&command)));
        let number = |name, n: u16, tell: &mut dyn Tell| tell.value(name, Value::Integer(i64::from(n)));
        match command {
            Command::ReadModule(module) => number("module", u16::from(module), tell),
            Command::Link(link) => tell_link(&link, known, tell),
            Command::AccConfig(chip, code, range_g) => {
                (self.range_g, self.chip) = (Some(f64::from(range_g)), Some(chip));
                tell.value("odr_hz", Value::Number(wire::rate_hz(code)));
                number("range_g", u16::from(range_g), tell);
                tell.value("chip", Value::Text(chip.name()));
            }
            Command::GyrConfig(code, range) => {
                tell.value("odr_hz", Value::Number(wire::rate_hz(code)));
                if let Some(&dps) = wire::GYR_RANGES_DPS.get(usize::from(range)) {
                    self.range_dps = Some(f64::from(dps));
                    number("range_dps", dps, tell);
                }
            }
            Command::Route(sensor, on) => {
                tell.value("sensor", Value::Text(sensor_name(sensor)));
                tell.value("on", Value::Flag(on));
            }
            Command::Power(sensor, how) => {
                tell.value("sensor", Value::Text(sensor_name(sensor)));
                number("power", u16::from(how), tell);
            }
            Command::Notify(sensor, register, on) => {
                tell.value("sensor", Value::Text(sensor_name(sensor)));
                tell.value("register", Value::Hex(u64::from(register), 2));
                tell.value("on", Value::Flag(on));
            }
            Command::Create(source, processor) => {
                self.mode = Some(processor);
                create(source, processor, tell);
            }
            Command::NotifyProcessor(id, on) => {
                number("processor_id", u16::from(id), tell);
                tell.value("on", Value::Flag(on));
            }
            Command::NotifyProcessors(on) | Command::LedPlay(on) => tell.value("on", Value::Flag(on)),
            Command::LedStop(clear) => tell.value("clear", Value::Flag(clear)),
            Command::Led(pattern) => led(&pattern, tell),
            Command::Motor(percent, ms) => {
                number("duty_percent", u16::from(percent), tell);
                number("duration_ms", ms, tell);
            }
            Command::Buzzer(ms) => number("duration_ms", ms, tell),
            Command::ReadBattery
            | Command::ReadAddress
            | Command::RemoveProcessors
            | Command::RemoveEvents
            | Command::RemoveLoggers
            | Command::Reset
            | Command::ResetWhenClean
            | Command::Disconnect => {}
        }
        Ok(())
    }
}

/// Counts and values: of a packed message as a list, of a single sample flat.
fn values(
    [raw, value]: [&'static str; 2],
    packed: bool,
    samples: &[[i16; 3]],
    range: f64,
    full_count: f64,
    tell: &mut dyn Tell,
) {
    if packed {
        let mut vectors = [[0.0; 3]; 3];
        for (vector, &counts) in vectors.iter_mut().zip(samples) {
            *vector = scaled(counts, range, full_count);
        }
        tell.value(value, Value::Vectors(&vectors[..samples.len().min(3)]));
    } else if let Some(&counts) = samples.first() {
        tell.value(raw, Value::Integers(&counts.map(i64::from)));
        tell.value(value, Value::Numbers(&scaled(counts, range, full_count)));
    }
}

fn mode_name(processor: Processor) -> &'static str {
    match processor {
        Processor::Count => "count",
        Processor::Time => "time",
        Processor::Buffer => "buffer",
        Processor::Fuser(_) => "fuser",
    }
}

fn create(source: Source, processor: Processor, tell: &mut dyn Tell) {
    match source {
        Source::Acc => tell.value("source", Value::Text("accel")),
        Source::Gyro(chip) => {
            tell.value("source", Value::Text("gyro"));
            tell.value("chip", Value::Text(chip.name()));
        }
        Source::Processor(id) => {
            let words = Words::<16>::of(format_args!("processor {id}"));
            tell.value("source", Value::Text(words.as_str()));
        }
    }
    tell.value("mode", Value::Text(mode_name(processor)));
    match processor {
        Processor::Count | Processor::Time => tell.value("bytes", Value::Integer(4)),
        Processor::Fuser(buffer) => tell.value("references", Value::Integers(&[i64::from(buffer)])),
        Processor::Buffer => {}
    }
}

fn tell_link(link: &Link, known: &dyn Known, tell: &mut dyn Tell) {
    for (name, interval) in ["min_ms", "max_ms"].into_iter().zip(link.interval) {
        tell.value(name, Value::Number(f64::from(interval) * 1.25));
    }
    tell.value("latency", Value::Integer(i64::from(link.latency)));
    // Who asked for other than whole 10 ms may say so: the bytes no longer tell.
    let held = f64::from(link.timeout) * 10.0;
    let asked = known.number("timeout_ms").filter(|ms| (held..held + 10.0).contains(ms));
    tell.value("timeout_ms", Value::Number(asked.unwrap_or(held)));
}

fn led(pattern: &Pattern, tell: &mut dyn Tell) {
    tell.value("color", Value::Text(pattern.colour.name()));
    for (name, n) in [
        ("high", u16::from(pattern.high)),
        ("low", u16::from(pattern.low)),
        ("rise_ms", pattern.rise_ms),
        ("high_ms", pattern.high_ms),
        ("fall_ms", pattern.fall_ms),
        ("period_ms", pattern.period_ms),
        ("delay_ms", pattern.delay_ms),
        ("repeat", u16::from(pattern.repeat)),
    ] {
        tell.value(name, Value::Integer(i64::from(n)));
    }
}

const fn sensor_name(sensor: Sensor) -> &'static str {
    match sensor {
        Sensor::Acc => "accel",
        Sensor::Gyro => "gyro",
    }
}

const fn command_name(command: &Command) -> &'static str {
    match command {
        Command::ReadModule(_) => "read_module",
        Command::ReadBattery => "read_battery",
        Command::ReadAddress => "read_address",
        Command::Link(_) => "connection_parameters",
        Command::AccConfig(..) => "configure_accel",
        Command::GyrConfig(..) => "configure_gyro",
        Command::Route(..) => "sampling",
        Command::Power(..) => "power",
        Command::Notify(..) => "notify",
        Command::Create(..) => "create_processor",
        Command::NotifyProcessor(..) => "notify_processor",
        Command::NotifyProcessors(_) => "notify_processors",
        Command::RemoveProcessors => "remove_processors",
        Command::RemoveEvents => "remove_events",
        Command::RemoveLoggers => "remove_loggers",
        Command::Led(_) => "led_pattern",
        Command::LedPlay(_) => "led_play",
        Command::LedStop(_) => "led_stop",
        Command::Motor(..) => "motor",
        Command::Buzzer(_) => "buzzer",
        Command::Reset => "reset",
        Command::ResetWhenClean => "reset_when_clean",
        Command::Disconnect => "disconnect",
    }
}
