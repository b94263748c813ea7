//! A scenario played through files: `simulate` makes the recording, `analyze --acute` judges it, and this reads
//! what both wrote. Recordings and judgements are kept for the length of the run, so that tests share them.

use assert_cmd::Command;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use tempfile::TempDir;

/// Axes of a simulated scenario: mounted exactly.
pub(crate) const AXES: &str = "up=+x,right=+y,forward=+z";

pub(crate) type Row = BTreeMap<String, String>;

/// How the sensor is worn in a variation of a recording: columns change, movements do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Worn {
    /// As it was simulated.
    #[default]
    AsMade,
    /// The belt upside down: half a turn about forward.
    UpsideDown,
    /// The sensor on its side and its face inward, as the waist belts of `sisfall`: up is -y.
    OnItsSide,
    /// A wearer who is the mirror image, left for right.
    Mirrored,
}

impl Worn {
    fn axes(self) -> &'static str {
        match self {
            Self::AsMade | Self::Mirrored => AXES,
            Self::UpsideDown => "up=-x,right=-y,forward=+z",
            Self::OnItsSide => "up=-y,right=+x,forward=+z",
        }
    }

    /// The cells of one reading: three of acceleration, three of rotation rate.
    fn rewrite<'a>(self, cells: [&'a str; 6]) -> [String; 6] {
        let [ax, ay, az, gx, gy, gz] = cells;
        let plus = str::to_owned;
        let minus = |cell: &'a str| cell.strip_prefix('-').map_or_else(|| format!("-{cell}"), str::to_owned);
        match self {
            Self::AsMade => cells.map(plus),
            Self::UpsideDown => [minus(ax), minus(ay), plus(az), minus(gx), minus(gy), plus(gz)],
            Self::OnItsSide => [plus(ay), minus(ax), plus(az), plus(gy), minus(gx), plus(gz)],
            // A rate is a pseudo-vector: the mirror turns round what lies in its plane.
            Self::Mirrored => [plus(ax), minus(ay), plus(az), minus(gx), plus(gy), minus(gz)],
        }
    }
}

/// What to play: a scenario, and how it differs from its wording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Play {
    pub(crate) scenario: u8,
    /// Names the second case of its wording.
    pub(crate) suffix: &'static str,
    /// Where the sensor sits; the scenario's own place where it is empty.
    pub(crate) placement: &'static str,
    /// Samples a second; the scenario's own where it is 0.
    pub(crate) rate_hz: u32,
    pub(crate) worn: Worn,
    /// Whether `samples` is written.
    pub(crate) samples: bool,
}

/// One scenario, simulated and judged.
#[derive(Clone)]
pub(crate) struct Played {
    pub(crate) play: Play,
    folder: Arc<TempDir>,
    /// Name of the recording.
    name: String,
    out: PathBuf,
}

fn lumbard() -> Command {
    Command::new(env!("CARGO_BIN_EXE_lumbard"))
}

type Kept<K, V> = LazyLock<Mutex<HashMap<K, V>>>;

static RECORDINGS: Kept<(u8, &str, u32), Arc<TempDir>> = LazyLock::new(Mutex::default);
static JUDGED: Kept<Play, Played> = LazyLock::new(Mutex::default);

/// The folder with the recordings of a scenario, simulated once.
pub(crate) fn recordings(scenario: u8, placement: &'static str, rate_hz: u32) -> Arc<TempDir> {
    let mut kept = RECORDINGS.lock().unwrap();
    let made = kept.entry((scenario, placement, rate_hz)).or_insert_with(|| {
        let folder = tempfile::tempdir().unwrap();
        let (number, rate) = (scenario.to_string(), rate_hz.to_string());
        let mut asked = vec!["simulate", "--scenario", &number];
        if !placement.is_empty() {
            asked.extend(["--placement", placement]);
        }
        if rate_hz > 0 {
            asked.extend(["--rate-hz", &rate]);
        }
        lumbard().args(asked).arg("-o").arg(folder.path()).assert().success();
        Arc::new(folder)
    });
    Arc::clone(made)
}

impl Play {
    /// Scenario `scenario`, as it is worded.
    pub(crate) fn worded(scenario: u8) -> Self {
        Self { scenario, ..Self::default() }
    }

    /// Plays it, once for all tests.
    pub(crate) fn play(self) -> Played {
        if let Some(played) = JUDGED.lock().unwrap().get(&self) {
            return played.clone();
        }
        let folder = recordings(self.scenario, self.placement, self.rate_hz);
        let name = format!("scenario-{}{}", self.scenario, self.suffix);
        let own = if self.scenario == 3 { "L5_S1" } else { "L1" };
        let placement = if self.placement.is_empty() { own } else { self.placement };
        let kept = folder.path().join(format!("{:?}", self.worn));
        let recording = folder.path().join(format!("{name}.csv"));
        let recording = if self.worn == Worn::AsMade { recording } else { rewritten(&recording, &kept, self.worn) };
        let out = kept.join(if self.samples { "out-samples" } else { "out" });
        let mut asked = vec!["analyze", "--acute", "--placement", placement, "--axes", self.worn.axes()];
        asked.extend(self.samples.then_some("--samples"));
        lumbard().args(asked).arg("--out").arg(&out).arg(recording).assert().success();
        let played = Played { play: self, folder, name, out };
        JUDGED.lock().unwrap().insert(self, played.clone());
        played
    }
}

/// Writes a recording anew with its columns changed; returns where it is.
fn rewritten(recording: &Path, folder: &Path, worn: Worn) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    let text = std::fs::read_to_string(recording).unwrap();
    let mut lines = text.lines();
    let mut new = format!("{}\n", lines.next().unwrap());
    for line in lines {
        let mut cells = line.split(',');
        let t = cells.next().unwrap();
        let cells: [&str; 6] = cells.collect::<Vec<_>>().try_into().unwrap();
        writeln!(new, "{t},{}", worn.rewrite(cells).join(",")).unwrap();
    }
    let path = folder.join(recording.file_name().unwrap());
    std::fs::write(&path, new).unwrap();
    path
}

pub(crate) fn table(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| header.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect();
    reader.records().map(|record| row(record.unwrap())).collect()
}

pub(crate) fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} in {row:?}"))
}

impl Played {
    pub(crate) fn table(&self, table_name: &str) -> Vec<Row> {
        table(&self.out.join(format!("{}.{table_name}.csv", self.name)))
    }
    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.out.join(format!("{}.{name}.json", self.name))).unwrap()).unwrap()
    }
    pub(crate) fn events(&self, kind: &str) -> Vec<Row> {
        self.table("events").into_iter().filter(|row| row["kind"] == kind).collect()
    }
    pub(crate) fn truth(&self, kind: &str) -> Vec<Row> {
        let path = self.folder.path().join(format!("{}.truth.csv", self.name));
        table(&path).into_iter().filter(|row| row["kind"] == kind).collect()
    }
    /// Moments of the signals by this rule.
    pub(crate) fn signals(&self, rule: &str) -> Vec<f64> {
        self.events("signal").iter().filter(|row| row["style"] == rule).map(|row| number(row, "start_s")).collect()
    }
    /// How many signals came by the rules W1, W2, W3 and W4.
    pub(crate) fn signal_counts(&self) -> [usize; 4] {
        ["W1", "W2", "W3", "W4"].map(|rule| self.signals(rule).len())
    }
    pub(crate) fn the_bend(&self) -> Row {
        let mut bends = self.events("bend");
        assert_eq!(bends.len(), 1, "{:?}: {bends:?}", self.play);
        bends.remove(0)
    }
}

pub(crate) fn near(what: &str, value: f64, expected: f64, within: f64) {
    assert!((value - expected).abs() <= within, "{what}: {value}, not {expected} ± {within}");
}
