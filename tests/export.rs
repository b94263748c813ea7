//! `recordings`, `mark` and `export` from outside: what was stored is listed, and comes out as it went in.

use assert_cmd::Command;
use lumbard::frames::Placement;
use lumbard::link::GapCause;
use lumbard::raw::{Channel, Encoding, RawFormat, RawSample, Unit};
use lumbard::signal::{Event, Kind};
use lumbard::store::Store;
use lumbard::store::facts::{Fact, Gap, NewRecording, RecordingId};
use lumbard::units::{Seconds, Time, WallTime};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use std::path::Path;

/// 2024-05-01T22:30:00Z: half past midnight in Berlin.
const START: WallTime = WallTime(1_714_602_600_000_000_000);

/// Decimals of a text file in m/s² and rad/s, with an empty cell and a number that has no short decimal.
fn samples() -> Vec<RawSample> {
    (0..500_i64)
        .map(|i| {
            let mut sample = RawSample {
                t: Time(i * 10_000_000),
                seq: (i % 5 != 0).then_some(i as u64),
                acc: [9_806_650_000 + i * 1_230_000, -i * 70_000, i],
                gyr: [i * 100_000, 0, -i * 1_000_000],
                ..RawSample::default()
            };
            match i {
                7 => sample.acc[1] = RawSample::EMPTY,
                8 => {
                    sample.flags = RawSample::FLOAT_BITS;
                    sample.acc = [9.8_f64, 1.0 / 3.0, 1e-300].map(|value| value.to_bits() as i64);
                    sample.gyr = [0.1_f64, -0.2, 5e-9].map(|value| value.to_bits() as i64);
                }
                _ => {}
            }
            sample
        })
        .collect()
}

fn format() -> RawFormat {
    RawFormat {
        acc: Channel { encoding: Encoding::Nanos, unit: Unit::MetresPerSecond2 },
        gyr: Some(Channel { encoding: Encoding::Nanos, unit: Unit::RadiansPerSecond }),
        nominal_rate_hz: 100.0,
        tick_s: None,
    }
}

fn store(folder: &Path) -> RecordingId {
    let store = Store::open(folder).unwrap();
    let about = NewRecording {
        name: "made up".into(),
        source: "replay".into(),
        format: format(),
        start: START,
        zone: "Europe/Berlin".into(),
        placement: Placement::L1,
        calibration: None,
    };
    let mut recorder = store.begin_replay(about).unwrap();
    for sample in samples() {
        recorder.sample(sample).unwrap();
    }
    recorder.fact(Fact::Event(Event::new(Kind::Bend, Time::START + Seconds(1.0), Time(2), Time(3))));
    recorder.fact(Fact::Gap(Gap { from: Time(0), to: Time(5), lost: 1, cause: GapCause::Loss }));
    let id = recorder.end().unwrap();
    store.close().unwrap();
    id
}

fn lumbard(folder: &Path, words: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("lumbard").unwrap().arg("--data-dir").arg(folder).args(words).assert()
}

/// The six values of each sample, NaN where there is none.
fn values() -> Vec<[f64; 6]> {
    let format = format();
    let value = |stored, flags| format.acc.encoding.value(stored, flags);
    let both = |s: &RawSample| [s.acc, s.gyr].concat().iter().map(|&stored| value(stored, s.flags)).collect::<Vec<_>>();
    samples().iter().map(|sample| both(sample).try_into().unwrap()).collect()
}

#[test]
fn raw_samples_come_out_of_csv_and_parquet_as_they_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let id = store(folder.path()).to_string();
    let out = folder.path().join("out");
    for format in ["csv", "parquet"] {
        lumbard(folder.path(), &["export", format, "--recording", &id[..6], "-o", out.to_str().unwrap()]).success();
    }
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();

    let mut csv = csv::Reader::from_path(out.join(format!("{}.raw.csv", &id[..8]))).unwrap();
    let header: Vec<String> = csv.headers().unwrap().iter().map(Into::into).collect();
    assert_eq!(header.join(","), "t_utc_ns,t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z,seq,t_device");
    let mut rows = 0;
    for (row, (sample, values)) in csv.records().zip(samples().iter().zip(values())) {
        let row = row.unwrap();
        assert_eq!(row[0].parse::<i64>().unwrap(), START.0 + sample.t.0);
        assert_eq!(row[1].parse::<f64>().unwrap(), sample.t.seconds());
        assert_eq!(row[8].parse().ok(), sample.seq);
        let read: Vec<f64> = (2..8).map(|i| row[i].parse().unwrap_or(f64::NAN)).collect();
        assert_eq!(bits(&read), bits(&values), "row {rows}");
        rows += 1;
    }
    assert_eq!(rows, 500);

    let file = std::fs::File::open(out.join(format!("{}.raw.parquet", &id[..8]))).unwrap();
    let parquet = SerializedFileReader::new(file).unwrap();
    let mut rows = 0;
    for (row, values) in parquet.get_row_iter(None).unwrap().zip(values()) {
        let row = row.unwrap();
        let read = |name: &str| match row.get_column_iter().find(|(column, _)| *column == name) {
            Some((_, Field::Double(value))) => *value,
            Some((_, Field::Null)) => f64::NAN,
            other => panic!("{name} holds {other:?}"),
        };
        for (i, axis) in ["x", "y", "z"].into_iter().enumerate() {
            let g = Unit::MetresPerSecond2.to_core(values[i]);
            assert_eq!(read(&format!("acc_{axis}_g")).to_bits(), g.to_bits(), "row {rows}");
            let dps = read(&format!("gyr_{axis}_dps"));
            assert!((Unit::DegreesPerSecond.to_core(dps) - values[3 + i]).abs() <= values[3 + i].abs() * 3e-16);
        }
        rows += 1;
    }
    assert_eq!(rows, 500);
    // `analyze` takes the exported text as it is; one sample has no value.
    let (raw, judged) = (out.join(format!("{}.raw.csv", &id[..8])), folder.path().join("judged"));
    lumbard(folder.path(), &["analyze", raw.to_str().unwrap(), "--out", judged.to_str().unwrap()]).success();
    let summary = std::fs::read_to_string(judged.join(format!("{}.raw.summary.json", &id[..8]))).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!((&summary["samples"], &summary["start_utc"]), (&500.into(), &"2024-05-01T22:30:00Z".into()));

    let provenance = std::fs::read_to_string(out.join("provenance.json")).unwrap();
    let provenance: serde_json::Value = serde_json::from_str(&provenance).unwrap();
    assert_eq!(provenance["recordings"][0]["samples_written"], 500);
    assert_eq!(provenance["recordings"][0]["gaps"][0]["cause"], "loss");
}

#[test]
fn a_local_day_chooses_its_recordings_and_nothing_is_written_when_none_lies_in_it() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path());
    let out = folder.path().join("out");
    let export = |from: &str, to: &str| {
        let words = ["export", "csv", "--tables", "events", "--from", from, "--to", to, "-o", out.to_str().unwrap()];
        lumbard(folder.path(), &words)
    };
    // The recording began on the 2nd by the wearer's clock, though on the 1st in UTC.
    export("2024-05-01", "2024-05-01").code(2).stderr(predicates::str::contains("no recording lies in that time"));
    assert!(!out.exists());
    export("2024-05-02", "2024-05-02").success();
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 2);
    export("yesterday", "2024-05-02").code(2).stderr(predicates::str::contains("is no time"));
}

#[test]
fn recordings_are_listed_shown_and_marked() {
    let folder = tempfile::tempdir().unwrap();
    lumbard(folder.path(), &["recordings", "list"]).code(1).stderr(predicates::str::contains("no data of lumbard yet"));
    let id = store(folder.path()).to_string();
    lumbard(folder.path(), &["mark", "on", "the", "train"]).success();
    lumbard(folder.path(), &["recordings", "list"]).success().stdout(predicates::str::contains(&id[..8]));
    let shown = lumbard(folder.path(), &["recordings", "show", "--json"]).success();
    let shown: serde_json::Value = serde_json::from_slice(&shown.get_output().stdout).unwrap();
    assert_eq!((&shown["id"], &shown["samples"], &shown["events"]["bend"]), (&id.into(), &500.into(), &1.into()));
    lumbard(folder.path(), &["recordings", "show", "zz"])
        .code(2)
        .stderr(predicates::str::contains("no recording begins"));
}
