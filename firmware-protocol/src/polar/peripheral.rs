//! A Polar sensor seen from inside: answers commands, gathers samples into frames.
//!
//! For simulators and tests: who owns it makes the counts ([`Peripheral::unit`] tells what one stands for) and
//! sends the bytes. Like the real one it refuses what it does not offer, SDK mode while a stream runs, and
//! everything while it is charging; and it fills a frame before it sends it.

use super::delta;
use super::frame::{self, Form, HEADER_LEN};
use super::wire::{self, Answer, Choice, Command, Features, Kind, Status};

/// Bytes of a notification that are not its value.
const ATT_OVERHEAD: usize = 3;
/// Samples in a frame of raw counts. Source: the frames of the H10 in the maker's tests.
const RAW_SAMPLES: usize = 36;
/// Most samples in a frame of differences. Source: a real frame of a Verity Sense (issue 186).
const DELTA_SAMPLES: usize = 63;
/// Most samples in a block of differences. Chosen by us: the blocks of that frame hold 10 to 29.
const BLOCK: u8 = 16;
/// Blocks that the longest frame takes.
const BLOCKS: usize = DELTA_SAMPLES.div_ceil(BLOCK as usize);

/// Which sensor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// A chest strap: acceleration as raw counts.
    H10,
    /// Acceleration at one rate; its form of differences in mg is chosen by us.
    Oh1,
    /// Acceleration and rotation rate, and SDK mode.
    VeritySense,
}

/// What a kind can be started with.
#[derive(Clone, Copy, Debug)]
struct Offer {
    rates: &'static [u16],
    ranges: &'static [u16],
    channels: Option<u8>,
}

const SDK_RATES: &[u16] = &[26, 52, 104, 208, 416];

impl Model {
    const fn features(self) -> Features {
        match self {
            Self::H10 => Features(0x01 | 1 << Kind::ACC.0),
            Self::Oh1 => Features(0x0a | 1 << Kind::ACC.0),
            Self::VeritySense => Features(0x4a | 1 << Kind::ACC.0 | 1 << Kind::GYRO.0 | 1 << Kind::SDK_MODE.0),
        }
    }

    fn offer(self, kind: Kind, sdk: bool) -> Option<Offer> {
        let offer = |rates, ranges, channels| Some(Offer { rates, ranges, channels });
        match (self, kind, sdk) {
            (Self::H10, Kind::ACC, _) => offer(&[25, 50, 100, 200], &[2, 4, 8], None),
            (Self::Oh1, Kind::ACC, _) => offer(&[50], &[8], None),
            (Self::VeritySense, Kind::ACC, false) => offer(&[52], &[8], Some(3)),
            (Self::VeritySense, Kind::ACC, true) => offer(SDK_RATES, &[2, 4, 8, 16], Some(3)),
            (Self::VeritySense, Kind::GYRO, false) => offer(&[52], &[2000], Some(3)),
            (Self::VeritySense, Kind::GYRO, true) => offer(SDK_RATES, &[250, 500, 1000, 2000], Some(3)),
            _ => None,
        }
    }

    const fn form(self, kind: Kind) -> Form {
        match (self, kind) {
            (Self::VeritySense, Kind::GYRO) => Form::GyrDelta,
            (Self::VeritySense, _) => Form::AccDelta,
            (Self::Oh1, _) => Form::AccMilliDelta,
            (Self::H10, _) => Form::Acc16,
        }
    }
}

/// A kind that runs, and its samples that wait for the frame to be full.
#[derive(Clone, Debug)]
struct Running {
    choice: Choice,
    form: Form,
    samples: [[i32; 3]; DELTA_SAMPLES],
    waits: usize,
    newest_ns: u64,
    /// Width and count of the blocks that they take.
    blocks: [(u8, u8); BLOCKS],
    used: usize,
}

impl Running {
    const fn new(choice: Choice, form: Form) -> Self {
        let (samples, blocks) = ([[0; 3]; DELTA_SAMPLES], [(1, 0); BLOCKS]);
        Self { choice, form, samples, waits: 0, newest_ns: 0, blocks, used: 0 }
    }

    /// The blocks with one more sample in them.
    fn with(&self, sample: [i32; 3]) -> ([(u8, u8); BLOCKS], usize) {
        let (mut blocks, mut used) = (self.blocks, self.used);
        let Some(&before) = self.samples[..self.waits].last() else { return (blocks, used) };
        let bits = delta::width(before, &[sample]);
        match blocks[..used].last_mut() {
            Some((widest, count)) if *count < BLOCK => (*widest, *count) = (bits.max(*widest), *count + 1),
            _ => {
                if let Some(block) = blocks.get_mut(used) {
                    *block = (bits, 1);
                    used += 1;
                }
            }
        }
        (blocks, used)
    }

    fn len(&self, blocks: &[(u8, u8)]) -> usize {
        if self.form.is_delta() {
            let block = |&(bits, count): &(u8, u8)| 2 + (3 * usize::from(bits) * usize::from(count)).div_ceil(8);
            HEADER_LEN + 6 + blocks.iter().map(block).sum::<usize>()
        } else {
            HEADER_LEN + 6 * (self.waits + 1)
        }
    }

    fn sample(&mut self, clock_ns: u64, sample: [i32; 3], longest: usize, into: &mut [u8]) -> Option<usize> {
        let most = if self.form.is_delta() { DELTA_SAMPLES } else { RAW_SAMPLES };
        let (mut blocks, mut used) = self.with(sample);
        let mut sent = None;
        if self.waits == most || self.len(&blocks[..used]) > longest {
            sent = self.flush(into);
            (blocks, used) = self.with(sample);
        }
        (self.blocks, self.used, self.newest_ns) = (blocks, used, clock_ns);
        self.samples[self.waits] = sample;
        self.waits += 1;
        if sent.is_none() && self.waits == most { self.flush(into) } else { sent }
    }

    fn flush(&mut self, into: &mut [u8]) -> Option<usize> {
        let blocks = self.blocks.into_iter().take(self.used);
        let len = frame::encode(self.form, self.newest_ns, &self.samples[..self.waits], blocks, into);
        (self.waits, self.used) = (0, 0);
        len
    }
}

/// The sensor's side of a connection.
#[derive(Clone, Debug)]
pub struct Peripheral {
    model: Model,
    mtu: usize,
    sdk: bool,
    acc: Option<Running>,
    gyr: Option<Running>,
    /// It stands in its charger.
    pub charging: bool,
    /// What [`super::BATTERY_LEVEL`] answers.
    pub percent: u8,
}

impl Peripheral {
    /// A sensor that was just switched on, on a link with this MTU.
    pub fn new(model: Model, mtu: usize) -> Self {
        Self { model, mtu, sdk: false, acc: None, gyr: None, charging: false, percent: 100 }
    }

    /// What a read of the control point gives.
    pub fn features(&self) -> [u8; 3] {
        self.model.features().encode()
    }

    /// Samples a second of a kind; none while it does not run.
    pub fn rate_hz(&self, kind: Kind) -> Option<u16> {
        self.running(kind).map(|running| running.choice.rate_hz)
    }

    /// What one count of a kind that runs stands for, in g or °/s.
    pub fn unit(&self, kind: Kind) -> Option<f64> {
        let running = self.running(kind)?;
        Some(running.form.unit(factor(running).map_or(1.0, f64::from)))
    }

    fn running(&self, kind: Kind) -> Option<&Running> {
        match kind {
            Kind::ACC => self.acc.as_ref(),
            Kind::GYRO => self.gyr.as_ref(),
            _ => None,
        }
    }

    fn slot(&mut self, kind: Kind) -> &mut Option<Running> {
        if kind == Kind::GYRO { &mut self.gyr } else { &mut self.acc }
    }

    /// Takes what was written to the control point; writes the answer into `into` and gives its length.
    pub fn write(&mut self, bytes: &[u8], into: &mut [u8]) -> Option<usize> {
        let mut parameters = [0; 64];
        let op = bytes.first().copied().unwrap_or(0);
        let kind = Kind(bytes.get(1).copied().unwrap_or(0));
        let done = match Command::parse(bytes) {
            None if wire::operation(op).is_none() => Err(Status(1)),
            None => Err(Status(5)),
            Some(Command::Settings(kind, sdk)) => self.settings(kind, sdk, &mut parameters),
            Some(Command::Start(kind, choice)) => self.start(kind, choice, &mut parameters),
            Some(Command::Stop(kind)) => self.stop(kind),
            Some(Command::Status | Command::SdkStatus) => Err(Status(3)),
        };
        let (status, len) = done.map_or_else(|status| (status, 0), |len| (Status::SUCCESS, len));
        Answer { op, kind, status, more: false, parameters: &parameters[..len] }.encode(into)
    }

    fn settings(&self, kind: Kind, sdk: bool, into: &mut [u8; 64]) -> Result<usize, Status> {
        let offer = self.model.offer(kind, sdk && self.model.features().has(Kind::SDK_MODE)).ok_or(Status(3))?;
        let mut len = 0;
        let mut put = |bytes: &[u8]| {
            into[len..len + bytes.len()].copy_from_slice(bytes);
            len += bytes.len();
        };
        for (setting, values) in [(wire::RATE, offer.rates), (wire::RESOLUTION, &[16]), (wire::RANGE, offer.ranges)] {
            // At most five.
            put(&[setting, values.len() as u8]);
            values.iter().for_each(|value| put(&value.to_le_bytes()));
        }
        if let Some(channels) = offer.channels {
            put(&[wire::CHANNELS, 1, channels]);
        }
        Ok(len)
    }

    fn start(&mut self, kind: Kind, choice: Option<Choice>, into: &mut [u8; 64]) -> Result<usize, Status> {
        if self.charging {
            return Err(Status::CHARGER);
        }
        if kind == Kind::SDK_MODE && self.model.features().has(kind) {
            let busy = self.acc.is_some() || self.gyr.is_some();
            let refused = if busy { Some(Status::STATE) } else { self.sdk.then_some(Status::ALREADY) };
            self.sdk |= !busy;
            return refused.map_or(Ok(0), Err);
        }
        let offer = self.model.offer(kind, self.sdk).ok_or(Status(3))?;
        let choice = choice.ok_or(Status(5))?;
        for (status, offered) in [
            (Status(8), offer.rates.contains(&choice.rate_hz)),
            (Status(7), choice.resolution == 16),
            (Status(9), offer.ranges.contains(&choice.range)),
            (Status(11), offer.channels == choice.channels),
            (Status::ALREADY, self.running(kind).is_none()),
        ] {
            if !offered {
                return Err(status);
            }
        }
        let running = Running::new(choice, self.model.form(kind));
        let factor = factor(&running);
        *self.slot(kind) = Some(running);
        let Some(factor) = factor else { return Ok(0) };
        into[..2].copy_from_slice(&[wire::FACTOR, 1]);
        into[2..6].copy_from_slice(&factor.to_le_bytes());
        Ok(6)
    }

    fn stop(&mut self, kind: Kind) -> Result<usize, Status> {
        let was_on = match kind {
            Kind::SDK_MODE => core::mem::take(&mut self.sdk),
            Kind::ACC | Kind::GYRO => self.slot(kind).take().is_some(),
            _ => return Err(Status(2)),
        };
        if was_on { Ok(0) } else { Err(Status::ALREADY) }
    }

    /// Stops everything of its own accord, as when it is put into its charger; gives what it then says.
    pub fn stop_all(&mut self, into: &mut [u8]) -> Option<usize> {
        let mut said = [wire::STOPPED, 0, 0];
        let mut len = 1;
        for kind in [Kind::ACC, Kind::GYRO] {
            if self.slot(kind).take().is_some() {
                said[len] = kind.0;
                len += 1;
            }
        }
        into.get_mut(..len)?.copy_from_slice(&said[..len]);
        Some(len)
    }

    /// A sample of a kind was taken when the sensor's clock showed `clock_ns`. When a frame is full, it is
    /// written into `into` and its length given; send it, or lose it.
    pub fn sample(&mut self, kind: Kind, clock_ns: u64, counts: [i16; 3], into: &mut [u8]) -> Option<usize> {
        let longest = self.mtu.saturating_sub(ATT_OVERHEAD);
        let running = self.slot(kind).as_mut().filter(|_| matches!(kind, Kind::ACC | Kind::GYRO))?;
        running.sample(clock_ns, counts.map(i32::from), longest, into)
    }
}

/// What one count of the sensor's chip stands for, where its form needs that told.
fn factor(running: &Running) -> Option<f32> {
    let in_units = matches!(running.form, Form::AccDelta | Form::GyrDelta);
    // Ranges are exact in 32 bits.
    in_units.then(|| f32::from(running.choice.range) / 32_768.0)
}
