//! What the sensor sent against what was stored of it.
//!
//! In:  the sensor's [`Journal`], and the tables `raw` and `gaps` of lumbard's export as CSV.
//! Out: a [`Verdict`]: passed when what was sent and what was stored are the same list of numbers, and the
//! two holes between the connections are told, and no other.

use crate::journal::{BY_SENSOR, Connection, Journal};
use crate::peer::CONNECTIONS;
use crate::sensor::{Kind, number};
use std::collections::BTreeSet;
use std::fmt;

/// Counts in one g of both families: 32768 for 16 g.
const COUNTS_PER_G: f64 = 2048.0;
/// The rate that lumbard is told to ask for, in samples a second.
const RATE_HZ: f64 = 200.0;
/// Share by which the stored times may show another rate. Chosen by us: at the beginning of a recording times
/// still settle by up to one packet of 50 ms, which is 1 % of a connection of 1,000 samples.
const RATE_SLACK: f64 = 0.02;
/// Samples of a sensor without counter that may go by before its rate is known and the recording begins:
/// two seconds, for three tries to set it. Chosen by us from `firmware_protocol::witmotion`'s waits.
const EARLY_WITHOUT_COUNTER: usize = 400;
/// Without a counter, lumbard tells the extent of a hole from arrivals: within two periods and a tenth of a
/// second of scheduling, as in `tests/bluez`.
const HOLE_SLACK_WITHOUT_COUNTER: u64 = 22;
/// Samples that may be under way between controller and bluetoothd when a sensor ends its link from one
/// sample to the next: 0.1 s of them. bluetoothd 5.66 drops what it has not read by then; at most one notification was seen.
const CUT_OFF: usize = 20;

/// What became of the samples.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    counter: bool,
    /// Numbers sent on each connection.
    sent: Vec<usize>,
    ended: Vec<String>,
    all_sent: bool,
    stored: usize,
    /// Sent on the first connection before the recording began.
    early: usize,
    /// The last ones before each link that the sensor ended by itself, still under way then.
    cut_off: Vec<usize>,
    lost: Vec<u64>,
    twice: Vec<u64>,
    out_of_order: Vec<u64>,
    never_sent: Vec<u64>,
    /// Samples between the last stored one of a connection and the first of the next.
    holes: Vec<u64>,
    /// Extent and cause of the gaps that were stored.
    gaps: Vec<(u64, String)>,
    /// Rate that the stored times show, for each connection.
    rates_hz: Vec<f64>,
}

/// The columns of these names, row by row.
fn columns<'a, const N: usize>(csv: &'a str, names: [&str; N]) -> Result<Vec<[&'a str; N]>, String> {
    let mut lines = csv.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(names) {
        *place = head.iter().position(|column| *column == name).ok_or_else(|| format!("no column {name:?}"))?;
    }
    let row = |line: &'a str| {
        let cells: Vec<&str> = line.split(',').collect();
        places.map(|place| cells.get(place).copied().unwrap_or_default())
    };
    Ok(lines.map(row).collect())
}

fn decimal(cell: &str) -> Result<f64, String> {
    cell.parse().map_err(|_| format!("{cell:?} is no number"))
}

/// Number and time of each stored sample.
fn stored(raw: &str) -> Result<Vec<(u64, f64)>, String> {
    let rows = columns(raw, ["t_s", "acc_x_g", "acc_y_g", "acc_z_g"])?;
    let sample = |[t, x, y, z]: [&str; 4]| {
        let counts = |cell| decimal(cell).map(|g| (g * COUNTS_PER_G).round() as i64);
        Ok((number([counts(x)?, counts(y)?, counts(z)?]), decimal(t)?))
    };
    rows.into_iter().map(sample).collect()
}

pub(crate) fn judge(journal: &Journal, raw: &str, gaps: &str) -> Result<Verdict, String> {
    let stored = stored(raw)?;
    let gaps = columns(gaps, ["lost", "cause"])?.into_iter();
    let gap = |[lost, cause]: [&str; 2]| Ok((decimal(lost)? as u64, cause.to_owned()));
    let gaps = gaps.map(gap).collect::<Result<_, String>>()?;
    let sent: Vec<u64> = journal.connections.iter().flat_map(|connection| connection.sent.clone()).collect();
    let begun = stored.first().and_then(|first| sent.iter().position(|n| *n == first.0)).unwrap_or(0);
    let numbers: BTreeSet<u64> = stored.iter().map(|(n, _)| *n).collect();
    let cut_off: Vec<&[u64]> = journal.connections.iter().filter_map(|c| cut_off(c, &numbers)).collect();
    let missing = sent[begun..].iter().copied().filter(|n| !numbers.contains(n));
    let lost = missing.filter(|n| !cut_off.iter().any(|cut| cut.contains(n))).collect();
    let known: BTreeSet<u64> = sent.iter().copied().collect();
    let mut verdict = Verdict {
        counter: journal.kind == Kind::Open,
        sent: journal.connections.iter().map(|connection| connection.sent.len()).collect(),
        ended: journal.connections.iter().filter_map(|connection| connection.ended.clone()).collect(),
        all_sent: journal.done,
        stored: stored.len(),
        early: begun,
        cut_off: cut_off.iter().map(|cut| cut.len()).collect(),
        lost,
        twice: Vec::new(),
        out_of_order: Vec::new(),
        never_sent: numbers.difference(&known).copied().collect(),
        holes: journal.connections.windows(2).filter_map(|pair| hole(pair, &numbers)).collect(),
        gaps,
        rates_hz: journal.connections.iter().map(|connection| rate_hz(connection, &stored)).collect(),
    };
    let (mut seen, mut newest) = (BTreeSet::new(), None);
    for (n, _) in stored {
        if !seen.insert(n) {
            verdict.twice.push(n);
        } else if newest.is_some_and(|newest| n < newest) {
            verdict.out_of_order.push(n);
        }
        newest = newest.max(Some(n));
    }
    Ok(verdict)
}

/// What was sent last and not stored, if the sensor ended the connection.
fn cut_off<'a>(connection: &'a Connection, stored: &BTreeSet<u64>) -> Option<&'a [u64]> {
    let ended = connection.ended.as_deref() == Some(BY_SENSOR);
    let heard = connection.sent.iter().rposition(|n| stored.contains(n)).map_or(0, |last| last + 1);
    ended.then(|| &connection.sent[heard..])
}

/// Samples that were not stored between those of two connections.
fn hole(pair: &[Connection], stored: &BTreeSet<u64>) -> Option<u64> {
    let [before, after] = pair else { return None };
    let last = before.sent.iter().rfind(|n| stored.contains(n))?;
    let first = after.sent.iter().find(|n| stored.contains(n))?;
    first.checked_sub(last + 1)
}

/// The rate that the stored times of a connection's samples show.
fn rate_hz(connection: &Connection, stored: &[(u64, f64)]) -> f64 {
    let sent: BTreeSet<u64> = connection.sent.iter().copied().collect();
    let times: Vec<f64> = stored.iter().filter(|(n, _)| sent.contains(n)).map(|(_, t)| *t).collect();
    match times[..] {
        [first, .., last] => (times.len() - 1) as f64 / (last - first),
        _ => 0.0,
    }
}

impl Verdict {
    pub(crate) fn passed(&self) -> bool {
        self.faults().is_empty()
    }

    /// What was not as it must be, in words.
    fn faults(&self) -> Vec<&'static str> {
        let early = if self.counter { 0 } else { EARLY_WITHOUT_COUNTER };
        let slack = if self.counter { 0 } else { HOLE_SLACK_WITHOUT_COUNTER };
        let told =
            |(hole, (lost, cause)): (&u64, &(u64, String))| hole.abs_diff(*lost) <= slack && cause == "disconnected";
        let near = |rate: &f64| (rate / RATE_HZ - 1.0).abs() <= RATE_SLACK;
        let checks = [
            (self.all_sent, "the sensor could not send all that it was to send"),
            (self.sent.len() == CONNECTIONS, "another number of connections than three"),
            (self.stored > 0, "nothing was stored"),
            (self.early <= early, "samples were missed before the recording began"),
            (
                self.cut_off.iter().all(|cut| *cut <= CUT_OFF),
                "more was cut off at the end of a link than can be under way",
            ),
            (self.lost.is_empty(), "samples that were sent were not stored"),
            (self.twice.is_empty(), "samples were stored twice"),
            (self.out_of_order.is_empty(), "samples were stored out of order"),
            (self.never_sent.is_empty(), "samples were stored that were never sent"),
            (self.holes.len() == self.gaps.len(), "another number of gaps than of lost links"),
            (self.holes.iter().zip(&self.gaps).all(told), "a gap is told with another extent or cause"),
            (self.rates_hz.iter().all(near), "the stored times show another rate"),
        ];
        checks.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault).collect()
    }
}

/// How many, and the first few of them.
fn some(numbers: &[u64]) -> String {
    const FEW: usize = 8;
    let few: Vec<String> = numbers.iter().take(FEW).map(u64::to_string).collect();
    match numbers.len() {
        0 => "0".to_owned(),
        all if all > FEW => format!("{all}: {}, …", few.join(", ")),
        all => format!("{all}: {}", few.join(", ")),
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: usize = self.sent.iter().sum();
        let gaps: Vec<String> = self.gaps.iter().map(|(lost, cause)| format!("{lost} ({cause})")).collect();
        let rates: Vec<String> = self.rates_hz.iter().map(|rate| format!("{rate:.2}")).collect();
        writeln!(f, "sent                 {total} on {} connections {:?}", self.sent.len(), self.sent)?;
        writeln!(f, "links ended          {}", self.ended.join(", "))?;
        writeln!(f, "stored               {}", self.stored)?;
        writeln!(f, "before the recording {}", self.early)?;
        writeln!(f, "cut off at the end   {:?}", self.cut_off)?;
        writeln!(f, "lost                 {}", some(&self.lost))?;
        writeln!(f, "twice                {}", some(&self.twice))?;
        writeln!(f, "out of order         {}", some(&self.out_of_order))?;
        writeln!(f, "never sent           {}", some(&self.never_sent))?;
        writeln!(f, "holes between them   {:?} samples", self.holes)?;
        writeln!(f, "gaps stored          {}", gaps.join(", "))?;
        writeln!(f, "rate stored (Hz)     {}", rates.join(", "))?;
        for fault in self.faults() {
            writeln!(f, "FAULT: {fault}")?;
        }
        write!(f, "{}", if self.passed() { "passed" } else { "FAILED" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{BY_HOST, OUT_OF_REACH};
    use std::fmt::Write as _;

    fn journal(kind: Kind) -> Journal {
        let connection = |sent: std::ops::Range<u64>, ended: &str| Connection {
            sent: sent.collect(),
            rate_hz: 200.0,
            ended: Some(ended.to_owned()),
        };
        let connections = vec![
            connection(0..500, BY_SENSOR),
            connection(600..1_100, OUT_OF_REACH),
            connection(1_300..1_800, BY_HOST),
        ];
        Journal { kind, connections, done: true }
    }

    const GAPS: &str = "start_s,end_s,lost,cause\n2.5,3.0,100,disconnected\n5.5,6.5,200,disconnected\n";

    fn raw(numbers: impl IntoIterator<Item = u64>) -> String {
        let mut raw = "t_utc_ns,t_s,acc_x_g,acc_y_g,acc_z_g,gyr_x_dps,gyr_y_dps,gyr_z_dps,seq,t_device\n".to_owned();
        for n in numbers {
            let acc = crate::sensor::numbered(n).map(|count| f64::from(count) / COUNTS_PER_G);
            writeln!(raw, "0,{},{},{},{},0,0,0,{n},", n as f64 / 200.0, acc[0], acc[1], acc[2]).unwrap();
        }
        raw
    }

    fn all() -> Vec<u64> {
        journal(Kind::Open).connections.into_iter().flat_map(|connection| connection.sent).collect()
    }

    fn check(kind: Kind, numbers: Vec<u64>, gaps: &str, faults: &[&str]) {
        let verdict = judge(&journal(kind), &raw(numbers), gaps).unwrap();
        assert_eq!(verdict.faults(), faults, "{verdict}");
    }

    #[test]
    fn all_of_it_in_order_passes_and_anything_else_does_not() {
        check(Kind::Open, all(), GAPS, &[]);
        let mut lost = all();
        lost.remove(700);
        check(Kind::Open, lost, GAPS, &["samples that were sent were not stored"]);
        let mut twice = all();
        twice.insert(700, twice[650]);
        check(Kind::Open, twice, GAPS, &["samples were stored twice"]);
        let mut swapped = all();
        swapped.swap(700, 701);
        check(Kind::Open, swapped, GAPS, &["samples were stored out of order"]);
        let mut strange = all();
        strange.insert(500, 550);
        check(Kind::Open, strange, GAPS, &["samples were stored that were never sent"]);
    }

    #[test]
    fn a_late_beginning_is_for_sensors_without_counter_only() {
        let late = || all().split_off(150);
        check(Kind::WitMotion, late(), GAPS, &[]);
        check(Kind::Open, late(), GAPS, &["samples were missed before the recording began"]);
    }

    #[test]
    fn only_what_a_sensor_cuts_off_itself_may_be_missing_and_only_a_little_of_it() {
        let without = |missing: std::ops::Range<u64>| all().into_iter().filter(|n| !missing.contains(n)).collect();
        check(Kind::Open, without(495..500), &GAPS.replace("100,", "105,"), &[]);
        let fault = "more was cut off at the end of a link than can be under way";
        check(Kind::Open, without(470..500), &GAPS.replace("100,", "130,"), &[fault]);
        let fault = "samples that were sent were not stored";
        check(Kind::Open, without(1_095..1_100), &GAPS.replace("200,", "205,"), &[fault]);
        check(Kind::Open, without(600..605), &GAPS.replace("100,", "105,"), &[fault]);
    }

    #[test]
    fn holes_must_be_told_as_they_were() {
        let near = GAPS.replace("100,", "103,");
        check(Kind::WitMotion, all(), &near, &[]);
        check(Kind::Open, all(), &near, &["a gap is told with another extent or cause"]);
        let loss = GAPS.replace("200,disconnected", "200,loss");
        check(Kind::WitMotion, all(), &loss, &["a gap is told with another extent or cause"]);
        let more = format!("{GAPS}8.0,8.1,3,loss\n");
        check(Kind::Open, all(), &more, &["another number of gaps than of lost links"]);
    }
}
