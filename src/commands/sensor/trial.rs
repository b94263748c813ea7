//! `sensor test`: buzzes, takes five seconds of samples, and says how it went. In: a connected sensor. Out: rate,
//! |a|, loss, delay, and a verdict with its reasons.

use super::super::devices::cue;
use super::super::text::{foreign, labelled, print};
use super::super::{Exit, Failure, Globals, print_json};
use super::probe::{Next, Probe};
use crate::link::{Item, LinkStatus};
use crate::raw::{RawFormat, RawSample};
use firmware_protocol::family::Family;
use firmware_protocol::session::Signal;
use serde::Serialize;
use std::time::{Duration, Instant};

/// Tries a sensor: lets it buzz and takes five seconds of samples
///
/// Hold it still or wear it. Without SENSOR, the first known one in reach. Exits 0 when all is well, 3 when
/// something is not as it should be.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Its name or address
    #[arg(value_name = "SENSOR")]
    sensor: Option<String>,
    /// Samples a second to ask for
    #[arg(long, value_name = "HZ", default_value_t = 100.0)]
    rate_hz: f64,
    /// How long to look for it, in seconds
    #[arg(long, value_name = "S", default_value_t = 30.0)]
    wait: f64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Seconds of samples that are taken. Source: issue 4, item 5.
const SECONDS: u64 = 5;
/// Fewer samples than this share of what the sensor claims is too slow. Chosen by us: the clocks of cheap sensors
/// are off by less than 5 %.
const FEWEST: f64 = 0.9;
/// More lost samples than this share are worth a word. Chosen by us: a loss of 1 % is common through a body.
const MOST_LOST: f64 = 0.02;
/// |a| of a sensor that is held or worn, in g, on the mean. Chosen by us: movement averages out, a wrong range does
/// not.
const GRAVITY_G: std::ops::RangeInclusive<f64> = 0.85..=1.15;
/// One sample in twenty later than this, beside the quickest, makes warnings late, in ms. Chosen by us: as long as a
/// warning may take in all (DESIGN §10), so that it would double.
const LATE_MS: f64 = 150.0;
/// Where in the sorted delays the usual and the late ones lie.
const USUAL: f64 = 0.5;
const LATE: f64 = 0.95;

/// How it went.
#[derive(Debug, Serialize)]
struct Answer {
    name: String,
    address: String,
    family: Option<&'static str>,
    well: bool,
    reasons: Vec<String>,
    samples: u64,
    seconds: f64,
    rate_hz: f64,
    nominal_rate_hz: f64,
    lost: u64,
    acc_min_g: f64,
    acc_mean_g: f64,
    acc_max_g: f64,
    /// How much later than the quickest sample: what the sensor itself and the quickest way take cannot be seen.
    delay_usual_ms: f64,
    delay_late_ms: f64,
    /// From movement to arrival at best, as known of the kind.
    kind_delay_ms: Option<[u16; 2]>,
    /// vibration, sound or light; null: it can do none of them.
    signal: Option<&'static str>,
    battery_percent: Option<u8>,
}

/// Runs the command.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    if !(1.0..=1000.0).contains(&args.rate_hz) {
        return Err(Failure::bad_input("--rate-hz wants a number between 1 and 1000, such as --rate-hz 100"));
    }
    let mut probe = Probe::start(globals, args.sensor.as_deref(), args.rate_hz, args.wait)?;
    let taken = take(&mut probe);
    let found = probe.found();
    probe.end();
    let (taken, signal) = taken?;
    let family = found.as_ref().map(|(_, family)| *family);
    let (name, address) =
        found.map_or_else(Default::default, |(found, _)| (foreign(found.called(), 40), found.address));
    let answer = taken.answer(name, address, family, signal);
    if args.json {
        print_json(&answer)?;
    } else {
        print(&answer.page(family))?;
    }
    Ok(if answer.well { Exit::Done } else { Exit::Degraded })
}

/// Connects, signals after the first second, and takes samples for [`SECONDS`].
fn take(probe: &mut Probe) -> Result<(Taken, Option<&'static str>), Failure> {
    let mut taken = Taken::default();
    probe.connect(|_| false)?.iter().for_each(|item| taken.take(item));
    let begun = Instant::now();
    let mut signal = None;
    for second in 1..=SECONDS {
        let (until, before) = (begun + Duration::from_secs(second), taken.norms.len());
        while let Next::Item(item) = probe.next_until(until)? {
            if let Item::Status(LinkStatus::Lost | LinkStatus::Quiet) = item {
                taken.interrupted = true;
            }
            taken.take(&item);
        }
        let new = &taken.norms[before..];
        let mean = new.iter().sum::<f64>() / new.len().max(1) as f64;
        eprintln!("second {second}: {:>3} samples, |a| {mean:.2} g, {} lost so far", new.len(), taken.lost);
        if second == 1 {
            signal = ask(probe);
        }
    }
    taken.seconds = begun.elapsed().as_secs_f64();
    Ok((taken, signal))
}

/// Asks the sensor for the strongest thing that it can do, as its session says.
fn ask(probe: &Probe) -> Option<&'static str> {
    let family = probe.found().map(|(_, family)| family)?;
    let link = probe.link();
    if link.warns() {
        link.signal(Signal::Strong);
        eprintln!("It was asked for a {}.", cue(family));
        Some(cue(family))
    } else if link.can_identify() {
        link.signal(Signal::Identify);
        eprintln!("It cannot vibrate; it was asked to show its light.");
        Some("light")
    } else {
        None
    }
}

/// What came.
#[derive(Debug, Default)]
struct Taken {
    format: Option<RawFormat>,
    /// |a| of each sample, in g.
    norms: Vec<f64>,
    /// From the moment of a sample to its arrival, in ms, up to a constant.
    delays_ms: Vec<f64>,
    lost: u64,
    battery: Option<u8>,
    interrupted: bool,
    seconds: f64,
}

impl Taken {
    fn take(&mut self, item: &Item) {
        match item {
            Item::Begin(beginning) => self.format = Some(beginning.format),
            Item::Sample(raw) => self.sample(raw),
            Item::Gap { lost, .. } => self.lost += u64::from(*lost),
            Item::Battery(percent) => self.battery = Some(*percent),
            _ => {}
        }
    }

    fn sample(&mut self, raw: &RawSample) {
        let Some(format) = self.format else { return };
        self.norms.push(format.sample(raw).acc.norm());
        if let Some(arrival) = raw.arrival {
            // Nanoseconds of a few minutes are exact in f64.
            self.delays_ms.push((arrival.0 as f64 - raw.t.0 as f64) / 1e6);
        }
    }

    fn answer(
        mut self,
        name: String,
        address: String,
        family: Option<&'static Family>,
        signal: Option<&'static str>,
    ) -> Answer {
        self.delays_ms.sort_by(f64::total_cmp);
        let quickest = self.delays_ms.first().copied().unwrap_or(0.0);
        let delay = |share: f64| {
            let place = (self.delays_ms.len().saturating_sub(1) as f64 * share).round() as usize;
            self.delays_ms.get(place).map_or(0.0, |delay| delay - quickest)
        };
        let samples = self.norms.len() as u64;
        let extreme = |better: fn(f64, f64) -> f64| self.norms.iter().copied().reduce(better).unwrap_or(0.0);
        let mut answer = Answer {
            name,
            address,
            family: family.map(|family| family.id),
            well: true,
            reasons: Vec::new(),
            samples,
            seconds: self.seconds,
            rate_hz: samples as f64 / self.seconds.max(1e-3),
            nominal_rate_hz: self.format.map_or(0.0, |format| format.nominal_rate_hz),
            lost: self.lost,
            acc_min_g: extreme(f64::min),
            acc_mean_g: self.norms.iter().sum::<f64>() / samples.max(1) as f64,
            acc_max_g: extreme(f64::max),
            delay_usual_ms: delay(USUAL),
            delay_late_ms: delay(LATE),
            kind_delay_ms: family.map(|family| [family.delay_ms.0, family.delay_ms.1]),
            signal,
            battery_percent: self.battery,
        };
        answer.reasons = answer.judged(self.interrupted);
        answer.well = answer.reasons.is_empty();
        answer
    }
}

impl Answer {
    /// What is not as it should be, each with the one thing to do.
    fn judged(&self, interrupted: bool) -> Vec<String> {
        let mut reasons = Vec::new();
        if interrupted {
            reasons.push("the stream stopped in between: bring the sensor closer to this computer".to_owned());
        }
        if self.rate_hz < FEWEST * self.nominal_rate_hz {
            reasons.push(format!(
                "only {:.0} of {:.0} samples a second came: bring it closer, or ask for fewer with --rate-hz",
                self.rate_hz, self.nominal_rate_hz
            ));
        }
        let all = (self.samples + self.lost).max(1);
        if self.lost as f64 > MOST_LOST * all as f64 {
            reasons.push(format!("{} of {all} samples were lost on the air: bring it closer", self.lost));
        }
        if !GRAVITY_G.contains(&self.acc_mean_g) {
            reasons.push(format!(
                "gravity shows as {:.2} g instead of 1: hold it still and try again; if that stays, calibrate it with \
                 its maker's app",
                self.acc_mean_g
            ));
        }
        if self.delay_late_ms > LATE_MS {
            reasons.push(format!(
                "samples come up to {:.0} ms late, so warnings would too: end other Bluetooth transfers here",
                self.delay_late_ms
            ));
        }
        reasons
    }

    fn page(&self, family: Option<&Family>) -> String {
        let kind = family.map_or("unknown kind", |family| family.name);
        let verdict = if self.well { "works well" } else { "works, with reservations" };
        let mut text = format!("{} ({kind}, {}) {verdict}\n", self.name, self.address);
        let mut say = |label: &str, words: String| text += &labelled(&format!("  {label}"), &words, 12);
        say(
            "samples",
            format!(
                "{} in {:.1} s, {:.1} a second of {:.1}; {} lost",
                self.samples, self.seconds, self.rate_hz, self.nominal_rate_hz, self.lost
            ),
        );
        say("|a|", format!("{:.2} g, from {:.2} to {:.2}", self.acc_mean_g, self.acc_min_g, self.acc_max_g));
        let at_best = self
            .kind_delay_ms
            .map_or_else(String::new, |[best, _]| format!(", on top of about {best} ms that this kind takes at best"));
        say("delay", format!("mostly {:.0} ms, up to {:.0} ms{at_best}", self.delay_usual_ms, self.delay_late_ms));
        say(
            "signal",
            match self.signal {
                Some("light") => "a light only: warnings come from this computer or a wrist".to_owned(),
                Some(signal) => format!("{signal} was asked for; if you noticed none, it has none fitted"),
                None => "none: warnings come from this computer or a wrist".to_owned(),
            },
        );
        if let Some(percent) = self.battery_percent {
            say("battery", format!("{percent} %"));
        }
        self.reasons.iter().for_each(|reason| say("look", reason.clone()));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::{Channel, Encoding, Unit};
    use crate::units::{Arrival, Time};
    use firmware_protocol::witmotion;

    /// Samples of 1 g at this rate for five seconds, each this many ms late in turn.
    fn taken(rate_hz: f64, counts: i64, late_ms: &[u64]) -> Taken {
        let encoding = Encoding::Counts { full_scale: 16.0, full_count: 32_768.0 };
        let acc = Channel { encoding, unit: Unit::G };
        let format = RawFormat { acc, gyr: None, nominal_rate_hz: 100.0, tick_s: None };
        let mut taken = Taken { format: Some(format), seconds: 5.0, ..Taken::default() };
        for i in 0..(5.0 * rate_hz) as u64 {
            let t = i * (1e9 / rate_hz) as u64;
            let late = late_ms[i as usize % late_ms.len()] * 1_000_000;
            let arrival = Some(Arrival(7_000_000_000 + t + late));
            let raw = RawSample { t: Time(t as i64), arrival, acc: [0, 0, counts], ..RawSample::default() };
            taken.take(&Item::Sample(raw));
        }
        taken
    }

    fn answer(taken: Taken) -> Answer {
        taken.answer("belt".into(), "C0:FF:EE:00:00:01".into(), Some(&witmotion::FAMILY), None)
    }

    #[test]
    fn a_good_sensor_works_well_and_its_delay_is_that_beside_the_quickest() {
        let answer = answer(taken(100.0, 2048, &[0, 10, 10, 10, 30, 10, 10, 10, 10, 10]));
        assert!(answer.well, "{answer:?}");
        assert_eq!((answer.samples, answer.delay_usual_ms, answer.delay_late_ms), (500, 10.0, 30.0));
        assert!((answer.acc_mean_g - 1.0).abs() < 1e-9 && (answer.rate_hz - 100.0).abs() < 1e-9);
    }

    #[test]
    fn everything_that_is_not_well_is_named_with_what_to_do() {
        for (taken, words) in [
            (taken(50.0, 2048, &[0]), "only 50 of 100 samples"),
            (taken(100.0, 1024, &[0]), "gravity shows as 0.50 g"),
            (taken(100.0, 2048, &[0, 200]), "200 ms late"),
            (Taken { lost: 100, ..taken(100.0, 2048, &[0]) }, "100 of 600 samples were lost"),
            (Taken { interrupted: true, ..taken(100.0, 2048, &[0]) }, "stopped in between"),
        ] {
            let answer = answer(taken);
            assert!(!answer.well && answer.reasons.len() == 1, "{words}: {:?}", answer.reasons);
            assert!(answer.reasons[0].contains(words) && answer.reasons[0].contains(':'), "{:?}", answer.reasons);
            assert!(answer.page(None).lines().all(|line| line.chars().count() <= 80));
        }
    }

    #[test]
    fn a_sensor_that_sent_nothing_is_not_well() {
        let format = taken(1.0, 0, &[0]).format;
        let answer = answer(Taken { format, seconds: 5.0, ..Taken::default() });
        assert!(!answer.well && answer.samples == 0);
    }
}
