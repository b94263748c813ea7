//! Reads Motion-BIDS `…_motion.tsv`, which has no header: `…_channels.tsv` beside it names the columns, and
//! `…_motion.json` gives the rate where there is no LATENCY channel.
//!
//! Of several tracked points the one called `LowerBack` is taken. Where a point has several channels of one
//! type and axis, the first counts. The wall time of `…_scans.tsv` is not read.

use super::Options;
use super::bytes::{self, Lines};
use super::columns::Columns;
use super::csv::Csv;
use super::error::{Reason, Refusal};
use crate::raw::Unit;
use std::path::{Path, PathBuf};

/// The end of a recording's name.
pub(super) const ENDING: &str = "_motion.tsv";
/// The tracked point that is taken where there are several. Source: domain.md §13.
const LOWER_BACK: &str = "LowerBack";
/// How a cell without a value is written. Source: BIDS, "Tabular files".
const NO_VALUE: &[u8] = b"n/a";
/// The files beside a recording are small; what is larger is something else.
const LARGEST_SIDECAR: u64 = 1 << 20;

/// Opens a recording with the files beside it.
pub(super) fn open(path: &Path, options: &Options) -> Result<Csv, Refusal> {
    let channels = sidecar(path, "_channels.tsv")?;
    let (columns, names) = columns(&read_small(&channels, "_channels.tsv")?)?;
    let mut options = *options;
    if columns.t_s.is_none() && options.rate_hz.is_none() {
        options.rate_hz = sidecar(path, "_motion.json").ok().and_then(|path| rate(&path));
    }
    Csv::new(Lines::new(bytes::open(path, false)?), columns, names, b'\t', Some(NO_VALUE), &options)
}

fn sidecar(path: &Path, ending: &'static str) -> Result<PathBuf, Reason> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // The name ends so whatever its case, or the file would not be read here.
    let stem = name.get(..name.len().saturating_sub(ENDING.len())).unwrap_or_default();
    let beside = path.with_file_name(format!("{stem}{ending}"));
    if beside.is_file() { Ok(beside) } else { Err(Reason::NoSidecar { ending }) }
}

fn read_small(path: &Path, ending: &'static str) -> Result<String, Reason> {
    let about = std::fs::metadata(path).map_err(Reason::of_read)?;
    if about.len() > LARGEST_SIDECAR {
        return Err(Reason::Sidecar { ending, words: "it is too large to be one".to_owned() });
    }
    std::fs::read_to_string(path).map_err(|error| Reason::Sidecar { ending, words: error.to_string() })
}

fn rate(path: &Path) -> Option<f64> {
    let text = read_small(path, "_motion.json").ok()?;
    serde_json::from_str::<serde_json::Value>(&text).ok()?.get("SamplingFrequency")?.as_f64().filter(|hz| *hz > 0.0)
}

/// One row of the channels file.
struct Described<'a> {
    name: &'a str,
    component: &'a str,
    kind: &'a str,
    point: &'a str,
    units: &'a str,
}

fn columns(text: &str) -> Result<(Columns, Vec<String>), Reason> {
    let wrong = |words: String| Reason::Sidecar { ending: "_channels.tsv", words };
    let mut lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').map(str::trim).collect();
    let place = |name: &str| {
        let found = header.iter().position(|column| *column == name);
        found.ok_or_else(|| wrong(format!("it has no column {name}")))
    };
    let places = [place("name")?, place("component")?, place("type")?, place("tracked_point")?, place("units")?];
    let mut channels = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let [Some(name), Some(component), Some(kind), Some(point), Some(units)] =
            places.map(|place| cells.get(place).copied())
        else {
            return Err(wrong(format!("a row has {} cells and the header {}", cells.len(), header.len())));
        };
        channels.push(Described { name, component, kind, point, units });
    }
    let points: Vec<&str> = channels.iter().filter(|c| c.kind == "ACCEL").map(|c| c.point).collect();
    let point = match points.as_slice() {
        [] => return Err(wrong("it names no channel of type ACCEL".to_owned())),
        [first, rest @ ..] if rest.iter().all(|point| point == first) => first,
        _ => points.iter().find(|point| **point == LOWER_BACK).ok_or_else(|| {
            wrong(format!("of several tracked points none is called {LOWER_BACK}; call the one on the back so"))
        })?,
    };
    let three = |kind: &str| -> Result<Option<([usize; 3], &str)>, Reason> {
        let find = |axis: &str| {
            channels.iter().position(|c| c.kind == kind && c.point == *point && c.component.eq_ignore_ascii_case(axis))
        };
        match [find("x"), find("y"), find("z")] {
            [None, None, None] => Ok(None),
            [Some(x), Some(y), Some(z)] => {
                let units = channels[x].units;
                let same = channels[y].units == units && channels[z].units == units;
                if same { Ok(Some(([x, y, z], units))) } else { Err(wrong(format!("its {kind} channels mix units"))) }
            }
            _ => Err(wrong(format!("it does not name x, y and z of {kind} for {point}"))),
        }
    };
    let Some((acc, acc_units)) = three("ACCEL")? else {
        return Err(wrong(format!("it names no ACCEL channels for {point}")));
    };
    let acc_unit = match acc_units {
        "g" => Unit::G,
        "m/s^2" | "m/s2" | "m/s²" => Unit::MetresPerSecond2,
        other => return Err(wrong(format!("the unit {other:?} of ACCEL is not known; write m/s^2 or g"))),
    };
    let gyr = three("GYRO")?;
    let gyr_unit = match gyr.map(|(_, units)| units) {
        None | Some("rad/s") => Unit::RadiansPerSecond,
        Some("deg/s" | "°/s" | "dps") => Unit::DegreesPerSecond,
        Some(other) => return Err(wrong(format!("the unit {other:?} of GYRO is not known; write rad/s or deg/s"))),
    };
    let columns = Columns {
        t_s: channels.iter().position(|channel| channel.kind == "LATENCY"),
        t_utc_ns: None,
        trial: None,
        acc,
        acc_unit,
        gyr: gyr.map(|(places, _)| places),
        gyr_unit,
        count: channels.len(),
    };
    Ok((columns, channels.iter().map(|channel| channel.name.to_owned()).collect()))
}

#[cfg(test)]
mod tests {
    use crate::frames::Vec3;
    use crate::import::{Options, Recordings};
    use crate::raw::RawSample;

    const CHANNELS: &str = "name\tcomponent\ttype\ttracked_point\tunits\nlatency\tn/a\tLATENCY\tn/a\ts\n\
                            ax\tx\tACCEL\tLowerBack\tm/s^2\nay\ty\tACCEL\tLowerBack\tm/s^2\naz\tz\tACCEL\tLowerBack\tm/s^2\n\
                            gx\tx\tGYRO\tLowerBack\tdeg/s\ngy\ty\tGYRO\tLowerBack\tdeg/s\ngz\tz\tGYRO\tLowerBack\tdeg/s\n";

    fn read(channels: Option<&str>, motion: &str, json: &str) -> Result<(Vec<RawSample>, Vec3), String> {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("sub-1_task-day_tracksys-back");
        let path = |end: &str| stem.with_file_name(format!("sub-1_task-day_tracksys-back{end}"));
        std::fs::write(path("_motion.tsv"), motion).unwrap();
        std::fs::write(path("_motion.json"), json).unwrap();
        if let Some(channels) = channels {
            std::fs::write(path("_channels.tsv"), channels).unwrap();
        }
        let words = |error: crate::import::ImportError| error.to_string();
        let mut file = Recordings::open(&path("_motion.tsv"), &Options::default()).map_err(words)?;
        let head = file.next_recording().map_err(words)?.unwrap();
        let mut block = Vec::new();
        file.read(&mut block).map_err(words)?;
        let first = head.format.sample(&block[0]).acc;
        Ok((block, first))
    }

    #[test]
    fn channels_name_the_columns_and_their_units() {
        let motion = "0.00\t9.80665\t0\t0\t0\t1\t0\n0.01\tn/a\tn/a\tn/a\tn/a\tn/a\tn/a\n0.02\t9.8\t0\t0\t0\t1\t0\n";
        let (rows, first) = read(Some(CHANNELS), motion, "{}").unwrap();
        assert_eq!((rows.len(), first), (3, Vec3::x()));
        assert_eq!(rows[1].acc, [RawSample::EMPTY; 3]);
        assert_eq!(rows[2].t.0, 20_000_000);
    }

    #[test]
    fn without_latency_the_rate_comes_from_the_sidecar() {
        let channels = CHANNELS.replace("LATENCY", "MISC");
        let motion = "x\t9.8\t0\t0\t0\t1\t0\nx\t9.8\t0\t0\t0\t1\t0\n";
        let (rows, _) = read(Some(&channels), motion, "{\"SamplingFrequency\": 50}").unwrap();
        assert_eq!(rows[1].t.0, 20_000_000);
        assert!(read(Some(&channels), motion, "{}").unwrap_err().contains("--rate-hz"));
    }

    #[test]
    fn a_sidecar_that_lacks_or_is_wrong_is_named() {
        let motion = "0\t9.8\t0\t0\t0\t1\t0\n";
        for (channels, words) in [
            (None, "ends in _channels.tsv is not beside it"),
            (Some(CHANNELS.replace("units", "unit")), "no column units"),
            (Some(CHANNELS.replace("m/s^2", "furlong")), "\"furlong\" of ACCEL is not known"),
            (Some(CHANNELS.replace("ay\ty\tACCEL", "ay\ty\tMISC")), "x, y and z of ACCEL"),
            (
                Some(CHANNELS.replace("ax\tx\tACCEL\tLowerBack", "ax\tx\tACCEL\tHead").replace("LowerBack", "Hip")),
                "several",
            ),
        ] {
            let refusal = read(channels.as_deref(), motion, "{}").unwrap_err();
            assert!(refusal.contains(words), "{words}: {refusal}");
        }
    }
}
