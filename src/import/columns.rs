//! Finds the columns of a recording by their names, and the units that the names tell.

use super::error::Reason;
use crate::raw::Unit;

/// Where the cells of a recording stand in a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Columns {
    /// Seconds, from any origin.
    pub t_s: Option<usize>,
    /// Nanoseconds since 1970-01-01 UTC.
    pub t_utc_ns: Option<usize>,
    /// Name of the recording that a row belongs to.
    pub trial: Option<usize>,
    pub acc: [usize; 3],
    pub acc_unit: Unit,
    pub gyr: Option<[usize; 3]>,
    pub gyr_unit: Unit,
    /// Cells in a row.
    pub count: usize,
}

const ACC: [(&str, Unit); 2] = [("", Unit::MetresPerSecond2), ("_g", Unit::G)];
const GYR: [(&str, Unit); 2] = [("", Unit::RadiansPerSecond), ("_dps", Unit::DegreesPerSecond)];

impl Columns {
    /// Finds the columns in the names of a table.
    pub(super) fn find(names: &[String]) -> Result<Self, Reason> {
        let place = |name: &str| -> Result<Option<usize>, Reason> {
            let mut places = names.iter().enumerate().filter(|(_, found)| *found == name).map(|(i, _)| i);
            let first = places.next();
            match places.next() {
                Some(_) => Err(Reason::ColumnTwice { name: name.to_owned() }),
                None => Ok(first),
            }
        };
        let Some((acc, acc_unit)) = triple("acc", ACC, &place)? else {
            return Err(Reason::MissingColumn { missing: "acc_x".to_owned() });
        };
        let gyr = triple("gyr", GYR, &place)?;
        Ok(Self {
            t_s: place("t_s")?,
            t_utc_ns: place("t_utc_ns")?,
            trial: place("trial")?,
            acc,
            acc_unit,
            gyr: gyr.map(|(places, _)| places),
            gyr_unit: gyr.map_or(Unit::RadiansPerSecond, |(_, unit)| unit),
            count: names.len(),
        })
    }
}

/// The three columns of one sensor, in whichever of its two units they are named.
fn triple(
    sensor: &str,
    units: [(&str, Unit); 2],
    place: &impl Fn(&str) -> Result<Option<usize>, Reason>,
) -> Result<Option<([usize; 3], Unit)>, Reason> {
    let mut found = None;
    for (suffix, unit) in units {
        let names = ["x", "y", "z"].map(|axis| format!("{sensor}_{axis}{suffix}"));
        let [x, y, z] = [place(&names[0])?, place(&names[1])?, place(&names[2])?];
        let Some(first) = [x, y, z].iter().position(Option::is_some) else {
            continue;
        };
        if let Some((_, _, other)) = found.replace((unit, [x, y, z], names[first].clone())) {
            return Err(Reason::MixedColumns { one: other, other: names[first].clone() });
        }
    }
    let Some((unit, places, _)) = found else {
        return Ok(None);
    };
    let [Some(x), Some(y), Some(z)] = places else {
        let lacking = places.iter().position(Option::is_none).unwrap_or_default();
        let suffix = units.iter().find(|(_, known)| *known == unit).map_or("", |(suffix, _)| *suffix);
        return Err(Reason::MissingColumn { missing: format!("{sensor}_{}{suffix}", ["x", "y", "z"][lacking]) });
    };
    Ok(Some(([x, y, z], unit)))
}

/// Longest name of a trial: with a stem and a table's name it stays a file name everywhere.
const LONGEST_TRIAL: usize = 100;

/// A trial's name that can be part of a file's name.
pub(super) fn trial_name(text: &[u8]) -> Result<String, Reason> {
    let name = String::from_utf8_lossy(text.trim_ascii()).into_owned();
    let allowed = |c: char| c.is_alphanumeric() || "-_.+ ()".contains(c);
    if name.is_empty() || name.len() > LONGEST_TRIAL || name.starts_with('.') || !name.chars().all(allowed) {
        let trial = name.chars().take(LONGEST_TRIAL).collect();
        return Err(Reason::TrialName { trial, longest: LONGEST_TRIAL });
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &str) -> Result<Columns, String> {
        let names: Vec<String> = header.split(',').map(str::to_owned).collect();
        Columns::find(&names).map_err(|reason| reason.to_string())
    }

    #[test]
    fn columns_are_found_in_any_order_among_others() {
        let found = find("mag_x,gyr_z_dps,gyr_x_dps,gyr_y_dps,acc_z_g,acc_y_g,acc_x_g,t_s").unwrap();
        assert_eq!((found.acc, found.acc_unit), ([6, 5, 4], Unit::G));
        assert_eq!((found.gyr, found.gyr_unit), (Some([2, 3, 1]), Unit::DegreesPerSecond));
        assert_eq!((found.t_s, found.t_utc_ns, found.trial), (Some(7), None, None));
    }

    #[test]
    fn what_lacks_or_is_mixed_is_named() {
        for (header, words) in [
            ("t_s,x,y,z", "no column acc_x;"),
            ("t_s,acc_x,acc_y", "no column acc_z;"),
            ("t_s,acc_x_g,acc_z_g", "no column acc_y_g;"),
            ("t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y", "no column gyr_z;"),
            ("t_s,acc_x,acc_y,acc_z_g", "acc_x and acc_z_g mix two units"),
            ("t_s,acc_x,acc_x,acc_y,acc_z", "acc_x is there twice"),
        ] {
            let refusal = find(header).unwrap_err();
            assert!(refusal.contains(words), "{header}: {refusal}");
        }
    }

    #[test]
    fn a_trial_cannot_lead_out_of_the_folder() {
        for name in ["", "../x", "a/b", ".hidden", "a\\b", "a\nb", &"x".repeat(101)] {
            assert!(trial_name(name.as_bytes()).is_err(), "{name:?}");
        }
        assert_eq!(trial_name(b" a01_r1-L ").unwrap(), "a01_r1-L");
    }
}
