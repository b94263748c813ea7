//! A MetaMotion board seen from inside: answers reads, makes processors, sends samples through them.
//!
//! For simulators and tests: who owns it makes the counts and sends the bytes. Like the real one it says
//! nothing to a command it does not know, keeps its processors over the end of a link (but sends nothing until
//! it is asked again), and loses everything with its power.

use super::command::{Command, Processor, Sensor, Source};
use super::wire::{self, Axes, Chip, Info, LONGEST, Message, module};

/// Processors that fit on the board. Chosen by us.
const MOST: usize = 8;

/// What kind of board it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Make {
    /// Its motion chip.
    pub chip: Chip,
    /// What [`super::MODEL`] answers: `5` for R and RL, `6` for C, `8` for S.
    pub model: &'static str,
    /// It has a light sensor, as the R.
    pub light: bool,
    /// Revision of the processor module: from 1 on there is a fuser.
    pub processor_revision: u8,
}

/// A MetaMotionR.
pub const R: Make = Make { chip: Chip::Bmi160, model: "5", light: true, processor_revision: 1 };
/// A MetaMotionC.
pub const C: Make = Make { chip: Chip::Bmi160, model: "6", light: false, processor_revision: 1 };
/// A MetaMotionS.
pub const S: Make = Make { chip: Chip::Bmi270, model: "8", light: true, processor_revision: 1 };

#[derive(Clone, Copy, Debug)]
struct Made {
    source: Source,
    does: Processor,
    sends: bool,
    counter: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Channel {
    routed: bool,
    powered: bool,
    /// Single samples are sent.
    sends: bool,
}

/// The board's side of a connection.
#[derive(Clone, Debug)]
pub struct Peripheral {
    make: Make,
    code: u8,
    range_g: u8,
    range_dps: u16,
    acc: Channel,
    gyr: Channel,
    made: [Option<Made>; MOST],
    sends: bool,
    /// What the board's clock shows, in ticks of 1.46 ms.
    pub clock: u32,
    /// Its charge, 0 to 100 %.
    pub percent: u8,
    /// Its battery's voltage.
    pub millivolts: u16,
}

impl Peripheral {
    /// A board that was just switched on.
    pub const fn new(make: Make) -> Self {
        let off = Channel { routed: false, powered: false, sends: false };
        Self {
            make,
            code: 8,
            range_g: 2,
            range_dps: 2000,
            acc: off,
            gyr: off,
            made: [None; MOST],
            sends: false,
            clock: 0,
            percent: 100,
            millivolts: 4150,
        }
    }

    /// What a read of the model number gives.
    pub const fn model(&self) -> &'static str {
        self.make.model
    }

    /// Samples a second that it takes; none while its sensors are off.
    pub fn rate_hz(&self) -> Option<f64> {
        (self.acc.powered && self.gyr.powered).then(|| wire::rate_hz(self.code))
    }

    /// Counts per g and per °/s.
    pub fn counts_per_unit(&self) -> (f64, f64) {
        let per = |full_count, range| full_count / range;
        (per(wire::ACC_FULL_COUNT, f64::from(self.range_g)), per(wire::GYR_FULL_COUNT, f64::from(self.range_dps)))
    }

    /// The link is gone.
    pub fn disconnected(&mut self) {
        self.sends = false;
        self.made.iter_mut().flatten().for_each(|made| made.sends = false);
    }

    fn channel(&mut self, sensor: Sensor) -> &mut Channel {
        if sensor == Sensor::Acc { &mut self.acc } else { &mut self.gyr }
    }

    /// Takes what was written to the command characteristic; what it answers goes to `send`. False: it ends
    /// the link.
    pub fn write(&mut self, bytes: &[u8], send: &mut dyn FnMut(&[u8])) -> bool {
        let Some(command) = Command::parse(bytes) else { return true };
        match command {
            Command::ReadModule(module) => tell(&Message::Module(module, self.module(module)), send),
            Command::ReadBattery => {
                tell(&Message::Battery { percent: self.percent, millivolts: self.millivolts }, send);
            }
            Command::AccConfig(chip, code, range_g) if chip == self.make.chip => {
                (self.code, self.range_g) = (code, range_g);
            }
            Command::GyrConfig(_, range) => {
                if let Some(&dps) = wire::GYR_RANGES_DPS.get(usize::from(range)) {
                    self.range_dps = dps;
                }
            }
            Command::Route(sensor, on) => self.channel(sensor).routed = on,
            Command::Power(sensor, how) => self.channel(sensor).powered = how > 0,
            Command::Notify(Sensor::Acc, wire::ACC_REGISTER, on) => self.acc.sends = on,
            Command::Notify(Sensor::Gyro, register, on) if register == self.make.chip.gyr_register() => {
                self.gyr.sends = on;
            }
            Command::Create(source, does) => self.create(source, does, send),
            Command::NotifyProcessor(id, on) => {
                if let Some(Some(made)) = self.made.get_mut(usize::from(id)) {
                    made.sends = on;
                }
            }
            Command::NotifyProcessors(on) => self.sends = on,
            Command::RemoveProcessors => self.made = [None; MOST],
            Command::Reset | Command::ResetWhenClean => *self = Self { clock: 0, ..Self::new(self.make) },
            // Answers nothing, and nothing here shows it.
            _ => {}
        }
        !matches!(command, Command::Reset | Command::ResetWhenClean | Command::Disconnect)
    }

    fn module(&self, module: u8) -> Option<Info<'static>> {
        let info = |implementation, revision| Some(Info { implementation, revision, extra: &[] });
        let (acc, gyr) = self.make.chip.implementations();
        match module {
            module::ACC => info(acc, 1),
            module::GYRO => info(gyr, u8::from(self.make.chip == Chip::Bmi160)),
            module::PROCESSOR => info(0, self.make.processor_revision),
            module::LED | module::DEBUG => info(0, 1),
            module::HAPTIC => info(0, 0),
            module::SETTINGS => Some(Info { implementation: 0, revision: 10, extra: &[7, 0] }),
            module::LIGHT if self.make.light => info(0, 0),
            _ => None,
        }
    }

    fn create(&mut self, source: Source, does: Processor, send: &mut dyn FnMut(&[u8])) {
        let known = match (source, does) {
            (_, Processor::Fuser(_)) if self.make.processor_revision == 0 => false,
            (Source::Gyro(chip), _) => chip == self.make.chip,
            (Source::Acc, _) => true,
            (Source::Processor(id), _) => matches!(self.made.get(usize::from(id)), Some(Some(_))),
        };
        if !known {
            return;
        }
        let free = self.made.iter().position(Option::is_none);
        if let Some((i, slot)) = free.and_then(|i| Some((u8::try_from(i).ok()?, self.made.get_mut(i)?))) {
            *slot = Some(Made { source, does, sends: false, counter: 0 });
            tell(&Message::Created(i), send);
        }
    }

    /// Both sensors took a sample; what the board makes of it goes to `send`.
    pub fn sample(&mut self, acc: [i16; 3], gyr: [i16; 3], send: &mut dyn FnMut(&[u8])) {
        let on = |channel: Channel| channel.routed && channel.powered;
        let gyr_on = on(self.gyr);
        if gyr_on {
            if self.gyr.sends {
                tell(&Message::Gyr(self.make.chip.gyr_register(), Axes::of(&[gyr])), send);
            }
            self.pass(Source::Gyro(self.make.chip), &[gyr], send);
        }
        if on(self.acc) {
            if self.acc.sends {
                tell(&Message::Acc(wire::ACC_REGISTER, Axes::of(&[acc])), send);
            }
            self.pass(Source::Acc, &[acc], send);
            // The buffer holds zeros until the gyroscope runs.
            let held = if gyr_on { gyr } else { [0; 3] };
            for id in 0..MOST {
                if let Some(Made { source: Source::Acc, does: Processor::Fuser(_), .. }) = self.made[id] {
                    self.pass(Source::Processor(id as u8), &[acc, held], send);
                }
            }
        }
    }

    /// Samples of a source go through the processors that count or clock it.
    fn pass(&mut self, source: Source, samples: &[[i16; 3]], send: &mut dyn FnMut(&[u8])) {
        for (id, made) in (0_u8..).zip(&mut self.made) {
            let Some(made) = made.as_mut().filter(|made| made.source == source) else { continue };
            let prefix = match made.does {
                Processor::Count => made.counter,
                Processor::Time => self.clock,
                Processor::Buffer | Processor::Fuser(_) => continue,
            };
            made.counter = made.counter.wrapping_add(1);
            if self.sends && made.sends {
                tell(&Message::Processed(id, prefix, Axes::of(samples)), send);
            }
        }
    }

    /// Sets every counter on the board, as after a long run.
    pub fn set_counters(&mut self, counter: u32) {
        self.made.iter_mut().flatten().for_each(|made| made.counter = counter);
    }
}

fn tell(message: &Message<'_>, send: &mut dyn FnMut(&[u8])) {
    let mut bytes = [0; LONGEST];
    let len = message.encode(&mut bytes);
    send(&bytes[..len]);
}
