//! `lumbard analyze` from outside: the program, its files, its words and its exit codes (DESIGN §7).
//!
//! Longer than most files here: one contract, and each of its lines has a test of a few lines.

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

const AXES: [&str; 2] = ["--axes", "up=+x,right=+y,forward=+z"];

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn run(&self, files: &[&Path], more: &[&str]) -> std::process::Output {
        let mut command = Command::cargo_bin("lumbard").unwrap();
        command.arg("analyze").args(files).arg("--out").arg(self.path("out")).args(more);
        command.output().unwrap()
    }

    fn analyze(&self, files: &[&Path], more: &[&str]) -> String {
        let output = self.run(files, more);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The message of a run that must be refused with exit code 2 and leave nothing behind.
    fn refused(&self, files: &[&Path], more: &[&str]) -> String {
        let output = self.run(files, more);
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(output.stdout.is_empty());
        assert!(!self.path("out").exists(), "left behind: {words}");
        words
    }

    fn table(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(self.path("out").join(name)).unwrap();
        let header = reader.headers().unwrap().clone();
        let row =
            |row: csv::StringRecord| header.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect();
        reader.records().map(|record| row(record.unwrap())).collect()
    }

    fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.path("out").join(name)).unwrap()).unwrap()
    }

    fn all_files(&self) -> BTreeMap<String, Vec<u8>> {
        fs::read_dir(self.path("out"))
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
            .collect()
    }
}

/// A made-up recording at 100 Hz: quiet standing, a bend forward by 60° for two seconds, standing, and
/// twelve seconds that go up and down as walking does.
fn recording(seconds: f64) -> Vec<[f64; 7]> {
    let rate = 100.0;
    (0..(seconds * rate) as u32)
        .map(|i| {
            let t = f64::from(i) / rate;
            let part = t % 40.0;
            let lean = match part {
                5.0..6.0 => part - 5.0,
                6.0..8.0 => 1.0,
                8.0..9.0 => 9.0 - part,
                _ => 0.0,
            } * 60.0_f64.to_radians();
            let rate_of_lean = match part {
                5.0..6.0 => 60.0_f64.to_radians(),
                8.0..9.0 => -60.0_f64.to_radians(),
                _ => 0.0,
            };
            let step =
                if (20.0..32.0).contains(&part) { (part * std::f64::consts::TAU * 1.8).sin() * 0.25 } else { 0.0 };
            let g = 9.806_65;
            [t, (lean.cos() + step) * g, 0.02 * g, -lean.sin() * g, 0.0, -rate_of_lean, 0.0]
        })
        .collect()
}

fn text(rows: &[[f64; 7]]) -> String {
    let mut text = "t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z\n".to_owned();
    for [t, cells @ ..] in rows {
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:.5}")).collect();
        writeln!(text, "{t:.2},{}", cells.join(",")).unwrap();
    }
    text
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn header(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn every_table_has_the_columns_of_the_contract_and_samples_has_every_row() {
    let bench = Bench::new();
    let file = bench.file("walk.csv", text(&recording(60.0)));
    let said = bench.analyze(&[&file], &[&AXES[..], &["--samples", "--epoch", "60", "--placement", "L1"]].concat());
    assert_eq!(said, "");
    let files = bench.all_files();
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "walk.epochs.csv",
            "walk.epochs_60s.csv",
            "walk.events.csv",
            "walk.postures.csv",
            "walk.provenance.json",
            "walk.samples.csv",
            "walk.steps.csv",
            "walk.summary.json"
        ]
    );
    let epochs = "start_s,duration_s,valid_share,mad_mg,enmo_mg,steps,cadence_spm,posture,sitting_probability,\
                  tea_p50_deg,tea_p95_deg,over_30_s,over_45_s,over_60_s";
    let events = "kind,start_s,end_s,decided_s,peak_tea_deg,peak_side_deg,peak_down_dps,peak_up_dps,over_30_s,\
                  over_45_s,over_60_s,steps,cadence_spm,angle_deg,exercise,style,confidence,flags";
    for (name, columns) in [
        ("walk.samples.csv", "t_s,q_w,q_x,q_y,q_z,tilt_deg,side_deg,tea_deg,posture"),
        ("walk.epochs.csv", epochs),
        ("walk.epochs_60s.csv", epochs),
        ("walk.events.csv", events),
        ("walk.steps.csv", "t_s,bout,decided_s"),
        ("walk.postures.csv", "start_s,end_s,posture,lying_side,decided_s"),
    ] {
        assert_eq!(header(&files[name]), columns, "{name}");
    }
    let samples = bench.table("walk.samples.csv");
    assert_eq!(samples.len(), 6000);
    assert_eq!((samples[0]["t_s"].as_str(), samples[5999]["t_s"].as_str()), ("0.000", "59.990"));
    assert_eq!(bench.table("walk.epochs.csv").len(), 12);
    assert_eq!(bench.table("walk.epochs_60s.csv").len(), 1);
    let bends: Vec<_> = bench.table("walk.events.csv").into_iter().filter(|event| event["kind"] == "bend").collect();
    assert!(!bends.is_empty(), "two bends of 60° are in there");
    let summary = bench.json("walk.summary.json");
    assert_eq!(summary["samples"], 6000);
    assert_eq!(summary["bends"], bends.len());
    assert_eq!(summary["rate_hz"], 100.0);
}

#[test]
fn short_recordings_give_every_table_with_its_header() {
    let bench = Bench::new();
    let file = bench.file("one.csv", "t_s,acc_x,acc_y,acc_z\n0,9.8,0,0\n");
    bench.analyze(&[&file], &[&AXES[..], &["--samples"]].concat());
    assert_eq!(bench.table("one.samples.csv").len(), 1);
    for name in ["one.epochs.csv", "one.events.csv", "one.steps.csv", "one.postures.csv"] {
        assert!(!header(&bench.all_files()[name]).is_empty(), "{name}");
    }
}

#[test]
fn a_row_without_values_is_counted_and_keeps_its_row_of_samples() {
    let bench = Bench::new();
    let mut rows: Vec<String> = text(&recording(20.0)).lines().map(str::to_owned).collect();
    for (line, cells) in [(500, "4.99,,0,0,0,0,0"), (501, "5.00,nan,0,0,0,0,0"), (502, "5.01,9.8,0,0,0,inf,0")] {
        rows[line] = cells.to_owned();
    }
    let file = bench.file("holes.csv", rows.join("\n"));
    bench.analyze(&[&file], &[&AXES[..], &["--samples"]].concat());
    let samples = bench.table("holes.samples.csv");
    assert_eq!(samples.len(), 2000);
    assert_eq!(samples[499]["q_w"], samples[498]["q_w"]);
    assert!(samples.iter().all(|row| row["tilt_deg"].parse::<f64>().is_ok_and(f64::is_finite)));
    assert_eq!(bench.json("holes.summary.json")["missing_samples"], 3);
    assert_eq!(bench.json("holes.provenance.json")["missing_samples"], 3);
}

#[test]
fn units_columns_and_packing_do_not_matter() {
    let rows = recording(60.0);
    let bench = Bench::new();
    let plain = text(&rows);
    let mut grams = "note,gyr_z_dps,gyr_y_dps,gyr_x_dps,acc_z_g,acc_y_g,acc_x_g,t_utc_ns\r\n".to_owned();
    for [t, ax, ay, az, gx, gy, gz] in &rows {
        let acc = [az, ay, ax].map(|v| format!("{}", v / 9.806_65)).join(",");
        let gyr = [gz, gy, gx].map(|v| format!("{}", v.to_degrees())).join(",");
        let ns = 1_732_147_200_000_000_000_i64 + (t * 100.0).round() as i64 * 10_000_000;
        write!(grams, "x,{gyr},{acc},{ns}\r\n").unwrap();
    }
    let a = bench.file("plain.csv", &plain);
    let b = bench.file("packed.csv.gz", gzip(plain.as_bytes()));
    let c = bench.file("grams.csv", grams);
    bench.analyze(&[&a, &b, &c], &AXES);
    let files = bench.all_files();
    for table in ["epochs", "events", "steps", "postures"] {
        assert_eq!(files[&format!("plain.{table}.csv")], files[&format!("packed.{table}.csv")], "{table}");
    }
    let kinds = |name: &str| -> Vec<(String, String)> {
        bench.table(name).iter().map(|row| (row["kind"].clone(), row["start_s"].clone())).collect()
    };
    assert_eq!(kinds("plain.events.csv"), kinds("grams.events.csv"));
    assert_eq!(bench.json("grams.summary.json")["start_utc"], "2024-11-21T00:00:00Z");
}

#[test]
fn a_trial_column_gives_each_trial_its_files() {
    let bench = Bench::new();
    let rows = text(&recording(12.0));
    let mut lines = rows.lines();
    let mut both = format!("trial,{}\n", lines.next().unwrap());
    let body: Vec<&str> = lines.collect();
    for trial in ["D01_R01", "D01_R02"] {
        for line in &body {
            writeln!(both, "{trial},{line}").unwrap();
        }
    }
    let file = bench.file("SA01.csv", both);
    let alone = bench.file("alone.csv", rows);
    bench.analyze(&[&file, &alone], &[&AXES[..], &["--samples"]].concat());
    let files = bench.all_files();
    assert_eq!(files.len(), 3 * 7);
    for table in ["samples", "epochs", "events", "steps", "postures"] {
        for trial in ["D01_R01", "D01_R02"] {
            assert_eq!(files[&format!("SA01.{trial}.{table}.csv")], files[&format!("alone.{table}.csv")], "{table}");
        }
    }
}

#[test]
fn jobs_and_repetition_change_no_byte() {
    let bench = Bench::new();
    let files: Vec<PathBuf> =
        (0..6).map(|i| bench.file(&format!("r{i}.csv"), text(&recording(20.0 + f64::from(i) * 7.0)))).collect();
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    bench.analyze(&files, &["--samples", "--acute"]);
    let first = bench.all_files();
    bench.analyze(&files, &["--samples", "--acute", "--jobs", "4"]);
    assert_eq!(first, bench.all_files());
    assert_eq!(first.len(), 6 * 7);
}

#[test]
fn cutting_a_recording_changes_nothing_that_was_decided_before() {
    let rows = recording(90.0);
    let whole = Bench::new();
    let options = [&AXES[..], &["--samples", "--acute", "--placement", "L1"]].concat();
    whole.analyze(&[&whole.file("r.csv", text(&rows))], &options);
    for cut in [2711, 4500, 7001] {
        let part = Bench::new();
        part.analyze(&[&part.file("r.csv", text(&rows[..cut]))], &options);
        for (table, when) in
            [("samples", "t_s"), ("events", "decided_s"), ("steps", "decided_s"), ("postures", "decided_s")]
        {
            let before = |bench: &Bench| -> Vec<BTreeMap<String, String>> {
                let mut rows = bench.table(&format!("r.{table}.csv"));
                rows.retain(|row| row[when].parse::<f64>().unwrap() < rows_t(cut));
                rows
            };
            assert_eq!(before(&whole), before(&part), "{table} cut at row {cut}");
        }
    }
}

fn rows_t(cut: usize) -> f64 {
    (cut - 1) as f64 / 100.0
}

#[test]
fn parquet_tables_hold_the_same_rows() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    let bench = Bench::new();
    let file = bench.file("r.csv", text(&recording(60.0)));
    let options = [&AXES[..], &["--samples"]].concat();
    bench.analyze(&[&file], &options);
    bench.analyze(&[&file], &[&options[..], &["--format", "parquet"]].concat());
    for table in ["samples", "epochs", "events", "steps", "postures"] {
        let csv = bench.table(&format!("r.{table}.csv"));
        let path = bench.path("out").join(format!("r.{table}.parquet"));
        let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), csv.len(), "{table}");
        for (row, text) in rows.iter().zip(&csv) {
            for (name, field) in row.get_column_iter() {
                let text = &text[name];
                match field {
                    Field::Null => assert_eq!(text, "", "{table}.{name}"),
                    Field::Str(word) => assert_eq!(text, word, "{table}.{name}"),
                    Field::Long(count) => assert_eq!(text, &count.to_string(), "{table}.{name}"),
                    Field::Double(value) => {
                        let shown: f64 = text.parse().unwrap();
                        assert!((shown - value).abs() <= 0.005 + 1e-9, "{table}.{name}: {shown} {value}");
                    }
                    other => panic!("{table}.{name} holds {other:?}"),
                }
            }
        }
    }
}

#[test]
fn timings_are_one_line_of_json() {
    let bench = Bench::new();
    let file = bench.file("r.csv", text(&recording(60.0)));
    let said = bench.analyze(&[&file], &["--timings"]);
    assert_eq!(said.lines().count(), 1);
    let timings: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(timings["samples"], 6000);
    for key in ["read_s", "monitor_s", "write_s"] {
        assert!(timings[key].as_f64().is_some_and(|s| s > 0.0), "{key}: {said}");
    }
    if cfg!(target_os = "linux") {
        assert!(timings["peak_rss_bytes"].as_u64().is_some_and(|bytes| bytes > 1 << 20), "{said}");
    }
}

#[test]
fn standing_is_taken_for_upright() {
    let bench = Bench::new();
    // The sensor leans forward by 20° while the wearer stands.
    let lean = 20.0_f64.to_radians();
    let rows: Vec<[f64; 7]> =
        recording(12.0).iter().map(|r| [r[0], lean.cos() * 9.81, 0.0, -lean.sin() * 9.81, 0.0, 0.0, 0.0]).collect();
    let file = bench.file("r.csv", text(&rows));
    let tilt = |more: &[&str]| -> f64 {
        bench.analyze(&[&file], &[&AXES[..], &["--samples"], more].concat());
        bench.table("r.samples.csv")[600]["tilt_deg"].parse().unwrap()
    };
    assert!((tilt(&[]) - 20.0).abs() < 0.5);
    assert!(tilt(&["--calibrate-from", "1..4"]).abs() < 0.5);
    let bad = Bench::new();
    let file = bad.file("r.csv", text(&recording(12.0)));
    assert!(bad.refused(&[&file], &["--calibrate-from", "4..9"]).contains("is no quiet standing"));
    assert!(bad.refused(&[&file], &["--calibrate-from", "100..109"]).contains("holds no sample"));
}

#[test]
fn same_named_results_are_replaced_and_others_stay() {
    let bench = Bench::new();
    fs::create_dir(bench.path("out")).unwrap();
    fs::write(bench.path("out").join("r.steps.csv"), "old").unwrap();
    fs::write(bench.path("out").join("other.steps.csv"), "kept").unwrap();
    bench.analyze(&[&bench.file("r.csv", text(&recording(20.0)))], &AXES);
    let files = bench.all_files();
    assert_eq!(header(&files["r.steps.csv"]), "t_s,bout,decided_s");
    assert_eq!(files["other.steps.csv"], b"kept");
    assert!(files.keys().all(|name| !name.starts_with('.')), "{:?}", files.keys());
}

#[test]
fn a_refused_file_leaves_the_results_of_before() {
    let bench = Bench::new();
    let good = bench.file("good.csv", text(&recording(20.0)));
    let bad = bench.file("bad.csv", text(&recording(20.0)) + "1,9.8,0,0,0,0,0\n");
    bench.analyze(&[&good], &AXES);
    let before = bench.all_files();
    let output = bench.run(&[&good, &bad], &[&AXES[..], &["--samples"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(bench.all_files(), before);
}

#[test]
fn bad_input_is_refused_with_file_line_and_what_to_do() {
    let good = text(&recording(20.0));
    let header = "t_s,acc_x,acc_y,acc_z\n";
    let rows = |acc: &str| -> String { (0..600).map(|i| format!("{:.2},{acc}\n", f64::from(i) / 100.0)).collect() };
    let packed = gzip(good.as_bytes());
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        (
            "letter.csv",
            b"Dear Ada,\n\nthank you, and see you soon.\n".to_vec(),
            &["letter.csv, line 1:", "no column acc_x", "rename"],
        ),
        ("notes.txt", good.clone().into_bytes(), &["notes.txt:", "must end in one of", ".csv.gz"]),
        ("lacks.csv", b"t_s,acc_x,acc_z\n0,1,1\n".to_vec(), &["lacks.csv, line 1:", "no column acc_y"]),
        (
            "nan.csv",
            (header.to_owned() + &rows("nan,nan,nan")).into_bytes(),
            &["nan.csv:", "no usable sample", "again"],
        ),
        (
            "back.csv",
            (good.clone() + "3.00,9.8,0,0,0,0,0\n").into_bytes(),
            &["back.csv, line 2002:", "time goes backward", "sort the rows"],
        ),
        (
            "word.csv",
            (good.clone() + "20.00,9.8,0,zero,0,0,0\n").into_bytes(),
            &["word.csv, line 2002:", "\"zero\" in column acc_z is no number", "leave the cell empty"],
        ),
        (
            "ragged.csv",
            (good.clone() + "20.00,9.8,0\n").into_bytes(),
            &["ragged.csv, line 2002:", "3 cells and the header 7", "repair"],
        ),
        ("units.csv", (header.to_owned() + &rows("1.0,0,0")).into_bytes(), &["units.csv, line 2:", "acc_x_g"]),
        (
            "mixed.csv",
            (header.to_owned() + &rows("9.8,0,0") + &rows("0.99,0,0").replace("0.", "6.").replace("\n1.", "\n7."))
                .into_bytes(),
            &["mixed.csv, line"],
        ),
        ("columns.csv", b"t_s,acc_x,acc_y_g,acc_z\n0,1,1,1\n".to_vec(), &["columns.csv, line 1:", "mix two units"]),
        (
            "cut.csv.gz",
            packed[..packed.len() / 2].to_vec(),
            &["cut.csv.gz, line", "middle of its compressed data", "copy it again"],
        ),
        (
            "plain.csv.gz",
            good.clone().into_bytes(),
            &["plain.csv.gz", "compressed data are damaged", "copy the file again"],
        ),
        ("empty.csv", Vec::new(), &["empty.csv:", "empty"]),
        ("empty.parquet", Vec::new(), &["empty.parquet:", "empty"]),
        ("header.csv", header.into(), &["header.csv, line 1:", "no row under it"]),
        ("text.parquet", good.clone().into_bytes(), &["text.parquet:", "damaged or of another kind"]),
        ("binary.csv", vec![0; 300_000], &["binary.csv, line 1:", "not text"]),
        ("semicolons.csv", b"t_s;acc_x;acc_y;acc_z\n0;1;1;1\n".to_vec(), &["semicolons.csv, line 1:", "commas"]),
        ("timeless.csv", b"acc_x,acc_y,acc_z\n9.8,0,0\n".to_vec(), &["timeless.csv, line 1:", "--rate-hz"]),
        (
            "slow.csv",
            b"t_s,acc_x,acc_y,acc_z\n0,9.8,0,0\n1,9.8,0,0\n2,9.8,0,0\n".to_vec(),
            &["slow.csv, line 2:", "12.5 to 500"],
        ),
        (
            "trial.csv",
            b"trial,t_s,acc_x,acc_y,acc_z\n../../x,0,9.8,0,0\n".to_vec(),
            &["trial.csv, line 2:", "cannot be part of a file's name"],
        ),
    ];
    for (name, content, words) in cases {
        let bench = Bench::new();
        let file = bench.file(name, content);
        for more in [&AXES[..], &[]] {
            let refusal = bench.refused(&[&file], more);
            assert_eq!(refusal.lines().count(), 1, "{refusal}");
            for word in words {
                assert!(refusal.contains(word), "{name}: {word:?} is not in {refusal}");
            }
        }
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let bench = Bench::new();
    let folder = bench.path("folder.csv");
    fs::create_dir(&folder).unwrap();
    assert!(bench.refused(&[&folder], &[]).contains("folder.csv: this is a folder"));
    assert!(bench.refused(&[&bench.path("absent.csv")], &[]).contains("absent.csv: there is no such file"));
}

#[test]
fn ten_gigabytes_of_one_line_are_refused_at_once() {
    let bench = Bench::new();
    let sparse = bench.path("huge.csv");
    fs::File::create(&sparse).unwrap().set_len(10 << 30).unwrap();
    assert!(bench.refused(&[&sparse], &[]).contains("huge.csv, line 1: this is not text"));
    // The same as text, packed small: a header and then digits without end.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(b"t_s,acc_x,acc_y,acc_z\n").unwrap();
    for _ in 0..64 {
        encoder.write_all(&[b'1'; 1 << 20]).unwrap();
    }
    let packed = bench.file("bomb.csv.gz", encoder.finish().unwrap());
    assert!(bench.refused(&[&packed], &[]).contains("bomb.csv.gz, line 2: the line is longer than 65536 bytes"));
}

#[test]
fn two_files_of_one_stem_are_refused() {
    let bench = Bench::new();
    fs::create_dir(bench.path("a")).unwrap();
    let one = bench.file("r.csv", text(&recording(5.0)));
    let other = bench.file("a/r.csv.gz", gzip(text(&recording(5.0)).as_bytes()));
    assert!(bench.refused(&[&one, &other], &AXES).contains("would both be written as r"));
    // A trial can lead to the same name.
    let trial = "trial,t_s,acc_x,acc_y,acc_z\nb,0,9.8,0,0\n";
    let a = bench.file("a.csv", trial);
    let ab = bench.file("a.b.csv", trial[6..].replace("b,", ""));
    assert!(bench.refused(&[&a, &ab], &AXES).contains("would both be written as a.b"));
}

#[test]
fn wrong_flags_are_refused_with_the_right_spelling() {
    let bench = Bench::new();
    let file = bench.file("r.csv", text(&recording(5.0)));
    for (flags, words) in [
        (["--axes", "up=+x,right=+y,forward=-z"], "write up=+x,right=+y,forward=+z"),
        (["--axes", "up=+x,right=-x,forward=+z"], "same sensor axis"),
        (["--placement", "L9"], "L5_S1"),
        (["--format", "xml"], "csv or parquet"),
        (["--rate-hz", "5"], "12.5 to 500"),
        (["--jobs", "0"], "1..=256"),
        (["--exercise", "juggling@1..2"], "catalogue"),
        (["--calibrate-from", "5..2"], "START..END"),
    ] {
        assert!(bench.refused(&[&file], &flags).contains(words), "{flags:?}");
    }
    let out = bench.file("out-file", "kept");
    let output =
        Command::cargo_bin("lumbard").unwrap().arg("analyze").arg(&file).arg("--out").arg(&out).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read(&out).unwrap(), b"kept");
}

#[test]
fn files_without_times_have_the_rate_that_is_given() {
    let bench = Bench::new();
    let rows: String =
        text(&recording(10.0)).lines().map(|line| line.split_once(',').unwrap().1.to_owned() + "\n").collect();
    let file = bench.file("r.csv", rows);
    bench.analyze(&[&file], &[&AXES[..], &["--samples", "--rate-hz", "50"]].concat());
    assert_eq!(bench.table("r.samples.csv")[999]["t_s"], "19.980");
}
