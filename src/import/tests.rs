//! What every format has in common, tried on CSV because it can be written by hand.

use super::*;
use crate::frames::Vec3;
use crate::units::STANDARD_GRAVITY;

struct Read {
    head: Head,
    rows: Vec<RawSample>,
    tally: Tally,
}

fn read(text: &str, options: Options) -> Result<Vec<Read>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.csv");
    std::fs::write(&path, text).unwrap();
    let mut file = Recordings::open(&path, &options).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    while let Some(head) = file.next_recording().map_err(|error| error.to_string())? {
        let (mut rows, mut block) = (Vec::new(), Vec::new());
        while file.read(&mut block).map_err(|error| error.to_string())? {
            rows.append(&mut block);
        }
        found.push(Read { head, rows, tally: file.tally() });
    }
    Ok(found)
}

fn refusal(text: &str) -> String {
    read(text, Options::default()).err().unwrap_or_else(|| panic!("was taken in: {text}"))
}

/// Rows at 100 Hz, upright and at rest.
fn still(rows: usize) -> String {
    let rows = (0..rows).map(|i| format!("{}.{:02},9.80665,0,0\n", i / 100, i % 100));
    "t_s,acc_x,acc_y,acc_z\n".to_owned() + &rows.collect::<String>()
}

#[test]
fn numbers_stay_those_of_the_text_and_mean_g() {
    let found = read("t_s,acc_x,acc_y,acc_z\n1.00,9.80665,-0.5,0\n1.01,9.80665,,0\n", Options::default()).unwrap();
    let [Read { head, rows, tally }] = &found[..] else { panic!() };
    assert_eq!(rows[0].acc, [9_806_650_000, -500_000_000, 0]);
    assert_eq!(head.format.sample(&rows[0]).acc, Vec3::new(1.0, -0.5 / STANDARD_GRAVITY, 0.0));
    assert_eq!((rows[0].t.0, rows[1].t.0), (0, 10_000_000));
    assert!(head.format.sample(&rows[1]).acc.y.is_nan());
    assert_eq!(*tally, Tally { rows: 2, missing: 1, spread: 0 });
}

#[test]
fn a_row_with_more_digits_keeps_its_floats() {
    let found = read("acc_z_g,acc_y_g,acc_x_g\n0.1,-0,0.92345678901234567\n", Options { rate_hz: Some(50.0) }).unwrap();
    let [Read { head, rows, .. }] = &found[..] else { panic!() };
    assert_eq!(head.format.sample(&rows[0]).acc, Vec3::new(0.923_456_789_012_345_6, 0.0, 0.1));
    assert_eq!(head.format.nominal_rate_hz, 50.0);
}

#[test]
fn a_trial_column_parts_recordings_and_each_begins_at_zero() {
    let mut text = "trial,t_s,acc_x_g,acc_y_g,acc_z_g\n".to_owned();
    for trial in ["a", "b"] {
        for i in 0..1500 {
            text += &format!("{trial},{},1,0,0\n", 7.0 + f64::from(i) / 100.0);
        }
    }
    let found = read(&text, Options::default()).unwrap();
    let names: Vec<_> = found.iter().map(|read| (read.head.trial.as_deref(), read.rows.len())).collect();
    assert_eq!(names, [(Some("a"), 1500), (Some("b"), 1500)]);
    assert_eq!(found[1].rows[0].t.0, 0);
    assert_eq!(found[1].rows[1499].t.0, 14_990_000_000);
    assert!(refusal(&(text + "a,0,1,0,0\n")).contains("r.csv, line 3002: the trial \"a\" was already over"));
}

#[test]
fn times_of_one_reading_are_spread_out_and_stay_in_order() {
    // Packets of ten samples share one time, 0.1 s apart; one packet comes late.
    let mut text = "t_s,acc_x_g,acc_y_g,acc_z_g\n".to_owned();
    for i in 0..2000 {
        let late = if i / 10 == 100 { 0.05 } else { 0.0 };
        text += &format!("{:.2},1,0,0\n", f64::from(i / 10) * 0.1 + late);
    }
    let found = read(&text, Options::default()).unwrap();
    let Read { head, rows, tally } = &found[0];
    assert!((head.format.nominal_rate_hz - 100.0).abs() < 1.0, "{}", head.format.nominal_rate_hz);
    assert_eq!(tally.rows, 2000);
    for (i, pair) in rows.windows(2).enumerate() {
        let step = pair[1].t.since(pair[0].t).0;
        assert!(step > 0.0, "row {i}");
        if !(990..1040).contains(&i) {
            assert!((0.005..0.02).contains(&step), "row {i}: {step}");
        }
    }
}

#[test]
fn cutting_a_recording_changes_no_time_before_the_cut() {
    let text: String = (0..3000).map(|i| format!("{:.1},1,0,0\n", f64::from(i) * 0.01)).collect();
    let text = "t_s,acc_x_g,acc_y_g,acc_z_g\n".to_owned() + &text;
    let whole = read(&text, Options::default()).unwrap();
    for rows in [1500, 2345, 2999] {
        let cut: String = text.split_inclusive('\n').take(rows + 1).collect();
        assert_eq!(read(&cut, Options::default()).unwrap()[0].rows, whole[0].rows[..rows]);
    }
}

#[test]
fn what_cannot_be_judged_is_refused_with_its_line() {
    let good = still(300);
    for (text, words) in [
        (good.clone() + "2.00,9.8,0,0\n", "line 302: time goes backward, from 2.99 s to 2 s"),
        (good.clone() + "3.00,9.8,x,0\n", "line 302: \"x\" in column acc_y is no number"),
        (good.clone() + "3.00,9.8,0\n", "line 302: the row has 3 cells and the header 4"),
        (good.clone() + "3.00,9.8,0,0,0\n", "line 302: the row has 5 cells and the header 4"),
        (good.clone() + ",9.8,0,0\n", "line 302: the row has no time in column t_s"),
        (good.clone() + "1e300,9.8,0,0\n", "line 302: the time 1e300 is too large"),
        ("t_s,acc_x,acc_y,acc_z\n".to_owned(), "line 1: there is a header but no row under it"),
        ("t_s;acc_x;acc_y;acc_z\n".to_owned(), "line 1: the columns are parted by ';'"),
        ("x,acc_x,acc_y,acc_z\n1,9.8,0,0\n".to_owned(), "line 1: there is no column t_s or t_utc_ns"),
        ("t_s,acc_x,acc_y,acc_z\n0,nan,0,0\n0.01,inf,,\n".to_owned(), "has no usable sample"),
        (good.replace("9.80665", "1.0"), "line 2: |acc| is around 1.00 where gravity alone is 9.81 m/s²"),
        (
            good.replace("acc_x,acc_y,acc_z", "acc_x_g,acc_y_g,acc_z_g"),
            "|acc| is around 9.81 where gravity alone is 1 g",
        ),
        (good.replace("9.80665", "0.01"), "which gravity does not allow"),
    ] {
        let refusal = refusal(&text);
        assert!(refusal.starts_with("r.csv") && refusal.contains(words), "{words}: {refusal}");
    }
}

#[test]
fn rates_that_no_motion_sensor_has_are_refused() {
    let at = |step: f64| {
        let rows: String = (0..50).map(|i| format!("{},9.8,0,0\n", f64::from(i) * step)).collect();
        "t_s,acc_x,acc_y,acc_z\n".to_owned() + &rows
    };
    assert!(refusal(&at(10.0)).contains("0.1 samples a second"), "milliseconds in a seconds column");
    assert!(refusal(&at(0.0005)).contains("2000 samples a second"));
    assert!(refusal(&at(0.0)).contains("all have one time"));
    for rate in [12.5, 31.25, 100.0, 285.714, 500.0] {
        assert!(read(&at(1.0 / rate), Options::default()).is_ok(), "{rate}");
    }
}

#[test]
fn rows_of_two_units_are_refused() {
    let rows = |range: std::ops::Range<i32>, acc: [&str; 2]| -> String {
        range.map(|i| format!("{},{},0,0\n", f64::from(i) / 100.0, acc[i as usize % 2])).collect()
    };
    let head = "t_s,acc_x,acc_y,acc_z\n".to_owned();
    let halves = head.clone() + &rows(0..2000, ["9.8", "9.7"]) + &rows(2000..4000, ["1.0", "0.98"]);
    let refused = refusal(&halves);
    assert!(refused.contains("name the columns acc_x_g") || refused.contains("in one unit"), "{refused}");
    assert!(refusal(&(head + &rows(0..2000, ["9.8", "1.0"]))).contains("write all of them in one unit"));
}

#[test]
fn wall_time_comes_from_the_file() {
    let by_ns = "t_utc_ns,acc_x,acc_y,acc_z\n1732147200123456789,9.8,0,0\n1732147200133456789,9.8,0,0\n";
    let found = read(by_ns, Options::default()).unwrap();
    assert_eq!(found[0].head.start, Some(WallTime(1_732_147_200_123_456_789)));
    assert_eq!(found[0].rows[1].t.0, 10_000_000);
    let unix = "t_s,acc_x,acc_y,acc_z\n1732147200.5,9.8,0,0\n1732147200.51,9.8,0,0\n";
    assert_eq!(read(unix, Options::default()).unwrap()[0].head.start, Some(WallTime(1_732_147_200_500_000_000)));
    assert_eq!(read(&still(3), Options::default()).unwrap()[0].head.start, None);
}

#[test]
fn tables_of_other_programs_are_read() {
    // A byte order mark, quotes, carriage returns, blank lines and a name with a comma inside.
    let text = "\u{feff}\"t_s\",\"note\",\"acc_x\",\"acc_y\",\"acc_z\"\r\n0.00,\"a, b\",\"9.8\",0,0\r\n\r\n0.01,,9.8, 0.5 ,0\r\n";
    let found = read(text, Options::default()).unwrap();
    assert_eq!(found[0].rows[1].acc, [9_800_000_000, 500_000_000, 0]);
}
