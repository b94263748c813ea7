//! `simulate`: writes a made-up recording and the truth about it. Body and sensor live in `link::simulator`.

use super::{Exit, Failure, Globals};
use crate::frames::Placement;
use crate::link::simulator::{
    EXERCISES, FASTEST_HZ, SCENARIOS, SLOWEST_HZ, Simulation, USUAL_RATE_HZ, exercising, scenario, worn_day,
};
use crate::signal::Event;
use crate::units::STANDARD_GRAVITY;
use clap::Args as ClapArgs;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Longest day that is simulated, in hours: 31 days.
const LONGEST_H: f64 = 744.0;
/// Shortest, in hours: 36 s.
const SHORTEST_H: f64 = 0.01;
/// Writes a made-up recording, and the truth about it, for tests and trials.
///
/// NAME.csv holds `t_s`, acceleration in m/s² and rotation rate in rad/s; NAME.truth.csv holds what truly
/// happened, in the columns of `events`. A scenario's sensor is mounted exactly on the body's axes
/// (up=+x,right=+y,forward=+z); a day's sensor is worn up to 8° crooked about them.
#[derive(ClapArgs, Debug)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["hours", "scenario", "exercise"]))]
pub(super) struct Args {
    /// Number that everything random follows from; the same seed gives the same files.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// A worn day, or as many hours of one.
    #[arg(long, value_name = "H")]
    hours: Option<f64>,
    /// One of the reference scenarios, 1 to 15.
    #[arg(long, value_name = "1..15")]
    scenario: Option<u8>,
    /// A set of one exercise, with other movements between the repetitions: bridge, knee_to_chest, bird_dog, clamshell,
    /// seated_twist or walk.
    #[arg(long, value_name = "ID")]
    exercise: Option<String>,
    /// Samples a second, 12.5 to 400 [default: as the scenario says, else 100].
    #[arg(long, value_name = "HZ")]
    rate_hz: Option<f64>,
    /// Where the sensor sits: L1, L3, L5_S1 or unknown [default: as the scenario says; L3 for a day].
    #[arg(long, value_name = "PLACE")]
    placement: Option<String>,
    /// Folder to write to; made if it is not there.
    #[arg(short = 'o', long = "out", value_name = "DIR")]
    out: PathBuf,
}

/// Writes the files.
pub(super) fn run(_: &Globals, args: &Args) -> Result<Exit, Failure> {
    let simulations = plan(args)?;
    let unwritable = |path: &Path, error: io::Error| {
        Failure::failed(format!("cannot write {}: {error}; choose another folder with -o", path.display()))
    };
    std::fs::create_dir_all(&args.out).map_err(|error| unwritable(&args.out, error))?;
    for simulation in &simulations {
        let recording = args.out.join(format!("{}.csv", simulation.name()));
        let rows = write_new(&recording, |out| write_readings(simulation, out))
            .map_err(|error| unwritable(&recording, error))?;
        let truth = args.out.join(format!("{}.truth.csv", simulation.name()));
        write_new(&truth, |out| write_truth(simulation.truth(), out)).map_err(|error| unwritable(&truth, error))?;
        tell(simulation, &recording, &truth, rows);
    }
    if let Some(listed) = SCENARIOS.iter().find(|listed| Some(listed.number) == args.scenario && !listed.about_sensor) {
        eprintln!(
            "scenario {} ({}) is not about a sensor stream; this is an ordinary stretch of wearing to go with it",
            listed.number, listed.words
        );
    }
    Ok(Exit::Done)
}

/// What is to be simulated, or why it cannot be.
fn plan(args: &Args) -> Result<Vec<Simulation>, Failure> {
    if let Some(rate_hz) = args.rate_hz
        && !(SLOWEST_HZ..=FASTEST_HZ).contains(&rate_hz)
    {
        return Err(Failure::bad_input(format!(
            "--rate-hz {rate_hz} is not simulated; write a rate from {SLOWEST_HZ} to {FASTEST_HZ}"
        )));
    }
    let placement: Option<Placement> =
        args.placement.as_deref().map(str::parse).transpose().map_err(Failure::bad_input)?;
    if let Some(number) = args.scenario {
        return scenario(number, args.seed, args.rate_hz, placement)
            .ok_or_else(|| Failure::bad_input(format!("there is no scenario {number}; write a number from 1 to 15")));
    }
    let rate_hz = args.rate_hz.unwrap_or(USUAL_RATE_HZ);
    let placement = placement.unwrap_or(Placement::L3);
    if let Some(exercise) = &args.exercise {
        let id = exercise.replace('-', "_").to_lowercase();
        let simulation = exercising(&id, args.seed, rate_hz, placement).ok_or_else(|| {
            Failure::bad_input(format!("{exercise:?} is not simulated; write one of {}", EXERCISES.join(", ")))
        })?;
        return Ok(vec![simulation]);
    }
    let hours = args.hours.unwrap_or(24.0);
    if !(SHORTEST_H..=LONGEST_H).contains(&hours) {
        return Err(Failure::bad_input(format!(
            "--hours {hours} is not simulated; write a number from {SHORTEST_H} to {LONGEST_H}"
        )));
    }
    Ok(vec![worn_day(args.seed, hours, rate_hz, placement)])
}

/// Says in words what was written.
fn tell(simulation: &Simulation, recording: &Path, truth: &Path, rows: u64) {
    eprintln!(
        "{}: {rows} samples, {:.1} s at {} Hz, placement {}; truth in {}",
        recording.display(),
        simulation.duration().0,
        simulation.rate_hz(),
        simulation.placement().name(),
        truth.display()
    );
    if simulation.on_body_axes() {
        eprintln!("  mounted exactly: --axes up=+x,right=+y,forward=+z");
    } else {
        eprintln!("  worn a little crooked about up=+x,right=+y,forward=+z; stand still or let --axes auto find it");
    }
    for set in simulation.exercise_sets() {
        eprintln!(
            "  an exercise set: --exercise {}@{:.1}..{:.1}",
            set.exercise,
            set.start.seconds(),
            set.end.seconds()
        );
    }
}

/// Writes a file beside its name and moves it there when it is whole.
fn write_new<T>(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>) -> io::Result<T> {
    let unfinished = path.with_extension("csv.part");
    let mut out = BufWriter::with_capacity(1 << 16, File::create(&unfinished)?);
    let written = write(&mut out).and_then(|value| out.flush().map(|()| value));
    match written {
        Ok(value) => std::fs::rename(&unfinished, path).map(|()| value),
        Err(error) => {
            // The first error is the one to tell; a leftover part file harms nothing.
            let _ = std::fs::remove_file(&unfinished);
            Err(error)
        }
    }
}

/// Writes all readings; returns how many.
fn write_readings(simulation: &Simulation, out: &mut impl Write) -> io::Result<u64> {
    out.write_all(b"t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z\n")?;
    let mut line = Vec::with_capacity(96);
    let mut rows = 0;
    for reading in simulation.readings() {
        line.clear();
        put_fixed(&mut line, reading.t.seconds());
        for value in reading.acc_g.iter().map(|g| g * STANDARD_GRAVITY).chain(reading.gyr.iter().copied()) {
            line.push(b',');
            put_fixed(&mut line, value);
        }
        line.push(b'\n');
        out.write_all(&line)?;
        rows += 1;
    }
    Ok(rows)
}

/// Appends a number with six places, rounded to the nearest. Far faster than the general formatting,
/// which a day of samples would feel.
fn put_fixed(line: &mut Vec<u8>, value: f64) {
    const UNIT: u64 = 1_000_000;
    const PAIRS: [[u8; 2]; 100] = {
        let mut pairs = [[0; 2]; 100];
        let mut i = 0;
        while i < 100 {
            pairs[i] = [b'0' + (i / 10) as u8, b'0' + (i % 10) as u8];
            i += 1;
        }
        pairs
    };
    if value < 0.0 {
        line.push(b'-');
    }
    let scaled = (value.abs() * UNIT as f64 + 0.5) as u64;
    // A whole part fills 14 digits at most, a part six.
    let (mut whole, part) = (scaled / UNIT, (scaled % UNIT) as usize);
    let mut digits = [b'0'; 24];
    let mut at = 17;
    digits[17] = b'.';
    for (place, pair) in [part / 10_000, part / 100 % 100, part % 100].into_iter().enumerate() {
        digits[18 + 2 * place..20 + 2 * place].copy_from_slice(&PAIRS[pair]);
    }
    loop {
        at -= 1;
        digits[at] = b'0' + (whole % 10) as u8;
        whole /= 10;
        if whole == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[at..]);
}

/// Writes the truth in the columns of `events`.
fn write_truth(events: &[Event], out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "kind,start_s,end_s,decided_s,peak_tea_deg,peak_side_deg,peak_down_dps,peak_up_dps,over_30_s,over_45_s,\
         over_60_s,steps,cadence_spm,angle_deg,exercise,style,confidence,flags"
    )?;
    for event in events {
        let optional = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.3}"));
        let bend = event.bend;
        let cells = [
            event.kind.name().to_owned(),
            format!("{:.3}", event.start.seconds()),
            format!("{:.3}", event.end.seconds()),
            format!("{:.3}", event.decided.seconds()),
            optional(bend.map(|bend| bend.peak_tea.degrees())),
            optional(bend.map(|bend| bend.peak_side.degrees())),
            optional(bend.map(|bend| bend.peak_down.degrees_per_second())),
            optional(bend.map(|bend| bend.peak_up.degrees_per_second())),
            optional(bend.map(|bend| bend.over_30.0)),
            optional(bend.map(|bend| bend.over_45.0)),
            optional(bend.map(|bend| bend.over_60.0)),
            event.steps.map_or(String::new(), |steps| steps.to_string()),
            optional(event.cadence_spm),
            optional(event.angle.map(crate::units::Angle::degrees)),
            event.exercise.unwrap_or_default().to_owned(),
            event.style.map_or("", crate::signal::Style::name).to_owned(),
            optional(event.confidence),
            event.flags.names().collect::<Vec<_>>().join(" "),
        ];
        writeln!(out, "{}", cells.join(","))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_like_the_general_formatting_does() {
        for value in [0.0, 9.806_65, -0.000_488, 86_399.99, -12.5, 0.999_999_9, 1e-9, 2_678_400.01] {
            let mut line = Vec::new();
            put_fixed(&mut line, value);
            assert_eq!(String::from_utf8(line).unwrap(), format!("{value:.6}"));
        }
    }
}
