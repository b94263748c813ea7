//! Commands to a board, both ways. A wrong one is simply not answered, so each is a value with a meaning here.

use super::wire::{ACC_REGISTER, Chip, module};
use crate::bytes::Written;

/// What lets a sensor's samples through, or a sensor run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensor {
    /// Acceleration.
    Acc,
    /// Rotation rate.
    Gyro,
}

impl Sensor {
    const fn module(self) -> u8 {
        match self {
            Self::Acc => module::ACC,
            Self::Gyro => module::GYRO,
        }
    }

    const fn of(module: u8) -> Option<Self> {
        match module {
            module::ACC => Some(Self::Acc),
            module::GYRO => Some(Self::Gyro),
            _ => None,
        }
    }
}

/// Where a processor takes its samples from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Single accelerations.
    Acc,
    /// Single rotation rates, from the register of the chip.
    Gyro(Chip),
    /// The processor of this number, which gives pairs of both.
    Processor(u8),
}

impl Source {
    /// Module, register, number, and `(length - 1) << 5 | offset`, cut to eight bits.
    const fn bytes(self) -> [u8; 4] {
        match self {
            Self::Acc => [module::ACC, ACC_REGISTER, 0xff, 0xa0],
            Self::Gyro(chip) => [module::GYRO, chip.gyr_register(), 0xff, 0xa0],
            Self::Processor(id) => [module::PROCESSOR, 0x03, id, 0x60],
        }
    }

    fn parse(bytes: [u8; 4]) -> Option<Self> {
        let known = [Self::Acc, Self::Gyro(Chip::Bmi160), Self::Gyro(Chip::Bmi270), Self::Processor(bytes[2])];
        known.into_iter().find(|source| source.bytes() == bytes)
    }
}

/// What a processor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processor {
    /// Puts the number of the sample before it, four bytes.
    Count,
    /// Puts the board's clock before it, four bytes.
    Time,
    /// Holds the newest sample of six bytes.
    Buffer,
    /// Puts beside each sample what the buffer of this number holds.
    Fuser(u8),
}

/// A colour of the light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Colour {
    Green,
    Red,
    Blue,
}

impl Colour {
    const ALL: [Self; 3] = [Self::Green, Self::Red, Self::Blue];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Red => "red",
            Self::Blue => "blue",
        }
    }
}

/// How a light blinks: intensities 0 to 31, times in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Pattern {
    pub colour: Colour,
    pub high: u8,
    pub low: u8,
    pub rise_ms: u16,
    pub high_ms: u16,
    pub fall_ms: u16,
    pub period_ms: u16,
    /// Zero where the module has revision 0.
    pub delay_ms: u16,
    /// 255 is for ever.
    pub repeat: u8,
}

/// What the board is asked to ask of the host's radio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Least and most connection interval, in 1.25 ms.
    pub interval: [u16; 2],
    /// Intervals that the board may leave out.
    pub latency: u16,
    /// When the link counts as lost, in 10 ms.
    pub timeout: u16,
}

/// What the host asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// What a module is.
    ReadModule(u8),
    /// The charge.
    ReadBattery,
    /// The board's address.
    ReadAddress,
    /// Other connection parameters.
    Link(Link),
    /// Rate (as a code) and range of acceleration.
    AccConfig(Chip, u8, u8),
    /// Rate and range of rotation rate, both as codes.
    GyrConfig(u8, u8),
    /// Lets samples through, or not.
    Route(Sensor, bool),
    /// Off, on, or (2) on with the BMI270's saving of power.
    Power(Sensor, u8),
    /// Sends a register of a sensor, or not.
    Notify(Sensor, u8, bool),
    /// Makes a processor.
    Create(Source, Processor),
    /// Sends what a processor makes, or not.
    NotifyProcessor(u8, bool),
    /// Sends what processors make at all, or not.
    NotifyProcessors(bool),
    /// Removes all processors.
    RemoveProcessors,
    /// Removes everything that the board does by itself.
    RemoveEvents,
    /// Removes all recordings.
    RemoveLoggers,
    /// Sets how the light of one colour blinks.
    Led(Pattern),
    /// Begins or pauses blinking.
    LedPlay(bool),
    /// Ends blinking; with `true` the patterns go too.
    LedStop(bool),
    /// Runs the motor: percent, ms.
    Motor(u8, u16),
    /// Sounds the buzzer for so many ms.
    Buzzer(u16),
    /// Starts anew.
    Reset,
    /// Starts anew when everything is tidied up.
    ResetWhenClean,
    /// Ends the link.
    Disconnect,
}

/// Codes of the accelerometer below this are below 12.5 Hz, where other bits hold.
const SLOW_CODES: u8 = 5;
const SLOW_BIT: u8 = 0x80;
const FILTER: u8 = 0x20;
/// The motor's byte at 100 %.
const FULL_DUTY: u16 = 248;
const BUZZER_DUTY: u8 = 0x7f;
/// Numbers of buffers that a fuser may have.
const REFERENCES: usize = 12;

fn acc_config(chip: Chip, code: u8) -> u8 {
    match (chip, code < SLOW_CODES) {
        (Chip::Bmi160, false) | (Chip::Bmi270, true) => FILTER | code,
        (Chip::Bmi160, true) => SLOW_BIT | code,
        (Chip::Bmi270, false) => SLOW_BIT | FILTER | code,
    }
}

impl Command {
    /// The bytes of this command.
    pub fn encode(&self) -> Written {
        let of = |parts: &[u8]| Written::of(&[parts]);
        match *self {
            Self::ReadModule(module) => of(&[module, 0x80]),
            Self::ReadBattery => of(&[module::SETTINGS, 0x8c]),
            Self::ReadAddress => of(&[module::SETTINGS, 0x8b]),
            Self::Link(Link { interval: [min, max], latency, timeout }) => Written::of(&[
                &[module::SETTINGS, 0x09],
                &min.to_le_bytes(),
                &max.to_le_bytes(),
                &latency.to_le_bytes(),
                &timeout.to_le_bytes(),
            ]),
            // Ranges that the chip does not have are the largest.
            Self::AccConfig(chip, code, range_g) => {
                let range = chip.acc_code(range_g).or(chip.acc_code(16)).unwrap_or(0);
                of(&[module::ACC, 0x03, acc_config(chip, code), range])
            }
            Self::GyrConfig(rate, range) => of(&[module::GYRO, 0x03, FILTER | rate, range]),
            Self::Route(sensor, on) => of(&[sensor.module(), 0x02, u8::from(on), u8::from(!on)]),
            Self::Power(sensor, how) => of(&[sensor.module(), 0x01, how]),
            Self::Notify(sensor, register, on) => of(&[sensor.module(), register, u8::from(on)]),
            Self::Create(source, processor) => {
                let mut does: ([u8; 2 + REFERENCES], usize) = ([0; 2 + REFERENCES], 2 + REFERENCES);
                match processor {
                    Processor::Count => (does.0[..3].copy_from_slice(&[0x11, 0x30, 0x03]), does.1 = 3),
                    Processor::Time => (does.0[..3].copy_from_slice(&[0x11, 0x31, 0x03]), does.1 = 3),
                    Processor::Buffer => (does.0[..2].copy_from_slice(&[0x0f, 0x05]), does.1 = 2),
                    Processor::Fuser(buffer) => (does.0[..3].copy_from_slice(&[0x1b, 1, buffer]), ()),
                };
                Written::of(&[&[module::PROCESSOR, 0x02], &source.bytes(), &does.0[..does.1]])
            }
            Self::NotifyProcessor(id, on) => of(&[module::PROCESSOR, 0x07, id, u8::from(on)]),
            Self::NotifyProcessors(on) => of(&[module::PROCESSOR, 0x03, u8::from(on)]),
            Self::RemoveProcessors => of(&[module::PROCESSOR, 0x08]),
            Self::RemoveEvents => of(&[module::EVENT, 0x05]),
            Self::RemoveLoggers => of(&[module::LOGGING, 0x0a]),
            Self::Led(pattern) => {
                let Pattern { colour, high, low, rise_ms, high_ms, fall_ms, period_ms, delay_ms, repeat } = pattern;
                let mut bytes =
                    [module::LED, 0x03, colour as u8, 0x02, high, low, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, repeat];
                let times = [rise_ms, high_ms, fall_ms, period_ms, delay_ms];
                for (pair, ms) in bytes[6..16].chunks_exact_mut(2).zip(times) {
                    pair.copy_from_slice(&ms.to_le_bytes());
                }
                of(&bytes)
            }
            Self::LedPlay(on) => of(&[module::LED, 0x01, u8::from(on)]),
            Self::LedStop(clear) => of(&[module::LED, 0x02, u8::from(clear)]),
            Self::Motor(percent, ms) => {
                // At most 248.
                let duty = (u16::from(percent.min(100)) * FULL_DUTY / 100) as u8;
                Written::of(&[&[module::HAPTIC, 0x01, duty], &ms.to_le_bytes(), &[0]])
            }
            Self::Buzzer(ms) => Written::of(&[&[module::HAPTIC, 0x01, BUZZER_DUTY], &ms.to_le_bytes(), &[1]]),
            Self::Reset => of(&[module::DEBUG, 0x01]),
            Self::ResetWhenClean => of(&[module::DEBUG, 0x05]),
            Self::Disconnect => of(&[module::DEBUG, 0x06]),
        }
    }

    /// Reads a command as a board does; `None` if it is none of these.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let command = Self::guess(bytes)?;
        // What is not the very bytes of a command means something else.
        (command.encode().as_slice() == bytes).then_some(command)
    }

    fn guess(bytes: &[u8]) -> Option<Self> {
        let u16_at = |i: usize| Some(u16::from_le_bytes([*bytes.get(i)?, *bytes.get(i + 1)?]));
        Some(match *bytes {
            [module, 0x80] => Self::ReadModule(module),
            [module::SETTINGS, 0x8c] => Self::ReadBattery,
            [module::SETTINGS, 0x8b] => Self::ReadAddress,
            [module::SETTINGS, 0x09, ..] => {
                Self::Link(Link { interval: [u16_at(2)?, u16_at(4)?], latency: u16_at(6)?, timeout: u16_at(8)? })
            }
            [module::ACC, 0x03, config, range] => {
                let code = config & 0x0f;
                let chip = [Chip::Bmi160, Chip::Bmi270].into_iter().find(|&chip| acc_config(chip, code) == config)?;
                Self::AccConfig(chip, code, chip.acc_range_g(range)?)
            }
            [module::GYRO, 0x03, config, range] => Self::GyrConfig(config & 0x0f, range),
            [module, 0x02, on, _] if Sensor::of(module).is_some() => Self::Route(Sensor::of(module)?, on == 1),
            [module, 0x01, how] if Sensor::of(module).is_some() => Self::Power(Sensor::of(module)?, how),
            [module, register, on] if Sensor::of(module).is_some() => {
                Self::Notify(Sensor::of(module)?, register, on == 1)
            }
            [module::PROCESSOR, 0x02, a, b, c, d, ref does @ ..] => {
                let processor = match *does {
                    [0x11, 0x30, ..] => Processor::Count,
                    [0x11, 0x31, ..] => Processor::Time,
                    [0x0f, ..] => Processor::Buffer,
                    [0x1b, _, buffer, ..] => Processor::Fuser(buffer),
                    _ => return None,
                };
                Self::Create(Source::parse([a, b, c, d])?, processor)
            }
            [module::PROCESSOR, 0x07, id, on] => Self::NotifyProcessor(id, on == 1),
            [module::PROCESSOR, 0x03, on] => Self::NotifyProcessors(on == 1),
            [module::PROCESSOR, 0x08] => Self::RemoveProcessors,
            [module::EVENT, 0x05] => Self::RemoveEvents,
            [module::LOGGING, 0x0a] => Self::RemoveLoggers,
            [module::LED, 0x03, colour, _, high, low, .., repeat] => Self::Led(Pattern {
                colour: *Colour::ALL.get(usize::from(colour))?,
                high,
                low,
                rise_ms: u16_at(6)?,
                high_ms: u16_at(8)?,
                fall_ms: u16_at(10)?,
                period_ms: u16_at(12)?,
                delay_ms: u16_at(14)?,
                repeat,
            }),
            [module::LED, 0x01, on] => Self::LedPlay(on == 1),
            [module::LED, 0x02, clear] => Self::LedStop(clear == 1),
            [module::HAPTIC, 0x01, _, _, _, 1] => Self::Buzzer(u16_at(3)?),
            // The least percentage that gives this byte.
            [module::HAPTIC, 0x01, duty, ..] => {
                Self::Motor(u8::try_from((u16::from(duty) * 100).div_ceil(FULL_DUTY)).ok()?, u16_at(3)?)
            }
            [module::DEBUG, 0x01] => Self::Reset,
            [module::DEBUG, 0x05] => Self::ResetWhenClean,
            [module::DEBUG, 0x06] => Self::Disconnect,
            _ => return None,
        })
    }
}
