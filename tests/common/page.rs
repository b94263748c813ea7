//! `data/accuracy.md`: one table of what was measured, beside the bar and the peers. Each test that measures holds its
//! own rows to the page, within rounding; with `LUMBARD_BLESS=1` it writes them instead.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A row of the table, as its test names it.
struct Row {
    /// Title of the report and name of the figure.
    figure: (&'static str, &'static str),
    what: &'static str,
    data: &'static str,
    /// The same figure of others, scored the same way (DESIGN §10).
    peers: &'static str,
    /// The test that measures and asserts it.
    test: &'static str,
}

const fn row(
    figure: (&'static str, &'static str),
    what: &'static str,
    data: &'static str,
    peers: &'static str,
    test: &'static str,
) -> Row {
    Row { figure, what, data, peers, test }
}

const LIVE: &str = "broad, live: inclination error RMS, degrees";
const AFTER: &str = "broad, after the fact: inclination error RMS, degrees";
const NATIVE: &str = "mean over trials, native 286 Hz";
const SLOW: &str = "mean over trials, averaged to 100 Hz";
const DAY: &str = "the simulated day";
const DAYS: &str = "simulator, 9 days of 6 h";
const NO_PEER: &str = "–";

const ROWS: [Row; 23] = [
    row(
        (LIVE, NATIVE),
        "inclination, live, mean RMSE over trials, degrees",
        "broad, 8 trials at 286 Hz",
        "VQF 0.67",
        "accuracy/broad",
    ),
    row(
        (LIVE, SLOW),
        "inclination, live, averaged down to 100 Hz",
        "broad, 8 trials",
        "VQF 0.77; Madgwick 2.0; accelerometer alone 23",
        "accuracy/broad",
    ),
    row(
        (AFTER, NATIVE),
        "inclination, after the fact",
        "broad, 8 trials at 286 Hz",
        "offlineVQF 0.50",
        "accuracy/broad",
    ),
    row(
        (AFTER, SLOW),
        "inclination, after the fact, averaged down to 100 Hz",
        "broad, 8 trials",
        "offlineVQF 0.58",
        "accuracy/broad",
    ),
    row(
        ("gait_l5", "F1 within 0.25 s"),
        "steps within 0.25 s, F1",
        "gait_l5, 8 people, 46 walks",
        "mobgap 0.955 (axes by hand, looking ahead)",
        "accuracy/gait",
    ),
    row(
        ("gait_l5", "median count error, %"),
        "median error of the step count, %",
        "gait_l5",
        "mobgap 3.2",
        "accuracy/gait",
    ),
    row(
        ("gait_l5", "steps before the walk, per trial"),
        "steps before the walk, per trial",
        "gait_l5",
        NO_PEER,
        "accuracy/gait",
    ),
    row(
        ("mobgap", "F1 within 0.5 s"),
        "steps within 0.5 s, inside the reference bouts, F1",
        "mobgap, 1 person, 3 trials",
        "mobgap 0.87; skdh 0.14",
        "accuracy/gait",
    ),
    row(
        ("stepcounter", "median error of the total, %"),
        "step total from a trouser pocket, median error, %",
        "stepcounter, 2 people, 6 walks",
        "mobgap 48",
        "accuracy/gait",
    ),
    row(
        ("hapt", "balanced accuracy"),
        "walking and stairs, still upright, lying: balanced accuracy",
        "hapt, 10 people, 21 recordings",
        "0.998 (looking ahead, axes by hand)",
        "accuracy/hapt",
    ),
    row(
        ("hapt", "to and from lying within 2 s"),
        "to and from lying found within 2 s",
        "hapt",
        "1.0 (looking ahead, axes by hand)",
        "accuracy/hapt",
    ),
    row(
        ("sisfall", "exactly one bend (D15, D16)"),
        "exactly one bend in a trial of one bend",
        "sisfall, 5 people",
        "a plain tilt threshold 0.66",
        "accuracy/sisfall",
    ),
    row(
        ("sisfall", "false bends an hour"),
        "false bends an hour of walking, jogging, stairs, jumps",
        "sisfall",
        "a plain tilt threshold 157",
        "accuracy/sisfall",
    ),
    row(
        ("sisfall", "sitting called a bend"),
        "sitting down and rising called a bend",
        "sisfall",
        "a plain tilt threshold 0.81",
        "accuracy/sisfall",
    ),
    row(
        ("sisfall", "sitting found"),
        "sitting down and rising both found",
        "sisfall",
        "a plain tilt threshold 0",
        "accuracy/sisfall",
    ),
    row(
        ("mhad_hip", "exact counts"),
        "repetitions exact: bends, rises; 31 Hz, uncalibrated, axes unknown",
        "mhad_hip, 6 people",
        "a plain peak count 0.95 / 0.80 (axis chosen by hand)",
        "accuracy/mhad",
    ),
    row((DAY, "bends, F1"), "bends, F1", DAYS, NO_PEER, "worn_day"),
    row((DAY, "possible lifts, F1"), "possible lifts, F1", DAYS, NO_PEER, "worn_day"),
    row((DAY, "exercises, F1"), "repetitions of exercises, F1", DAYS, NO_PEER, "worn_day"),
    row((DAY, "W1, F1"), "warnings of deep bends, F1", DAYS, NO_PEER, "worn_day"),
    row((DAY, "W2 and W3 made up"), "warnings of holds and repeats, where there is none", DAYS, NO_PEER, "worn_day"),
    row((DAY, "W4, F1"), "warnings of lifts, F1", DAYS, NO_PEER, "worn_day"),
    row((DAY, "sitting down and rising, F1"), "sitting down and rising, F1", DAYS, NO_PEER, "worn_day"),
];

const HEAD: &str = "# What was measured

Held to what the tests measure, within rounding; a test fails when this page says otherwise. Recordings are other
people's, of the sets in `../shared/data` (see the README there); the simulator is our own, and stands in for what no
recording covers: it shares no code with the detectors, but no model moves as people in pain do. *Bar* is the aim;
a figure may not fall behind what had been reached, whatever the bar. Peers were scored the same way.

```text
cargo test --release --test accuracy --test worn_day                    # measures, and holds this page to it
LUMBARD_BLESS=1 cargo test --release --test accuracy --test worn_day    # the same, and writes the page
```

| what | data | bar | measured | peers | asserted in `tests/` |
|---|---|---|---|---|---|
";

/// What one figure came to.
pub(crate) struct Measured {
    pub(crate) figure: String,
    pub(crate) bar: String,
    pub(crate) value: f64,
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/accuracy.md")
}

/// Bar and measured value of each row of the page, by what and data.
fn read() -> BTreeMap<(String, String), (String, String)> {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    let rows = text.lines().filter(|line| line.starts_with("| ")).map(|line| {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        ((cells[0].clone(), cells[1].clone()), (cells[2].clone(), cells[3].clone()))
    });
    rows.collect()
}

fn write(known: &BTreeMap<(String, String), (String, String)>) {
    let mut page = HEAD.to_owned();
    for Row { what, data, peers, test, .. } in &ROWS {
        let none = (String::new(), "not measured".to_owned());
        let (bar, value) = known.get(&((*what).to_owned(), (*data).to_owned())).unwrap_or(&none);
        writeln!(page, "| {what} | {data} | {bar} | {value} | {peers} | {test} |").unwrap();
    }
    std::fs::write(path(), page).unwrap();
}

/// Holds the rows of one report to the page; returns what differs.
pub(crate) fn hold(title: &str, measured: &[Measured]) -> Vec<String> {
    // Tests measure side by side, and the page is one file.
    static PAGE: Mutex<()> = Mutex::new(());
    let _one = PAGE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let bless = std::env::var_os("LUMBARD_BLESS").is_some_and(|v| v == "1");
    let (mut known, mut wrong) = (read(), Vec::new());
    let keys: BTreeSet<_> = ROWS.iter().map(|row| (row.what, row.data)).collect();
    assert_eq!(keys.len(), ROWS.len(), "two rows of the page have one name");
    for Measured { figure, bar, value } in measured {
        let Some(row) = ROWS.iter().find(|row| row.figure == (title, figure.as_str())) else { continue };
        let key = (row.what.to_owned(), row.data.to_owned());
        if bless {
            known.insert(key, (bar.clone(), format!("{value:.3}")));
            continue;
        }
        let said = known.get(&key).filter(|said| said.0 == *bar).and_then(|said| said.1.parse::<f64>().ok());
        // One unit of the last place: other machines round the last bits their own way.
        if said.is_none_or(|said| (said - value).abs() > 0.0015) {
            wrong.push(format!("data/accuracy.md says {:?} of \"{}\", not {value:.3}", known.get(&key), row.what));
        }
    }
    if bless {
        write(&known);
    }
    wrong
}
