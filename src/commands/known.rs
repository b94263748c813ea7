//! Sensors that someone made known with `sensor add`. In: the store, and names as typed. Out: the list, one of it,
//! and what the link is to look for.

use super::Failure;
use super::here::reader;
use crate::link::wanted::WantedSensors;
use crate::store::facts::{SensorRole, SensorRow};
use std::path::Path;

/// All known sensors, those added first on top.
pub(super) fn sensors(data_dir: &Path) -> Result<Vec<SensorRow>, Failure> {
    Ok(reader(data_dir)?.map(|reader| reader.sensors()).transpose()?.unwrap_or_default())
}

/// The known sensor with this name or address; `None` if there is none.
pub(super) fn find<'a>(sensors: &'a [SensorRow], typed: &str) -> Result<Option<&'a SensorRow>, Failure> {
    if let Some(sensor) = sensors.iter().find(|sensor| sensor.uid.eq_ignore_ascii_case(typed)) {
        return Ok(Some(sensor));
    }
    let called: Vec<&SensorRow> = sensors.iter().filter(|sensor| sensor.name.eq_ignore_ascii_case(typed)).collect();
    match called[..] {
        [] => Ok(None),
        [sensor] => Ok(Some(sensor)),
        [..] => {
            let addresses: Vec<&str> = called.iter().map(|sensor| sensor.uid.as_str()).collect();
            Err(Failure::bad_input(format!(
                "{} known sensors are called {typed:?}; give the address: {}",
                called.len(),
                addresses.join(" or ")
            )))
        }
    }
}

/// What the link is to look for: the one that was typed, else those that are known, in their order, else any. Buzzers
/// come beside.
pub(super) fn wanted(sensors: &[SensorRow], typed: Option<&str>) -> Result<WantedSensors, Failure> {
    let of = |role| sensors.iter().filter(move |sensor| sensor.role == role).map(|sensor| sensor.uid.clone());
    let worn = match typed {
        // A name that is not known is what the sensor calls itself.
        Some(typed) => vec![find(sensors, typed)?.map_or_else(|| typed.to_owned(), |sensor| sensor.uid.clone())],
        None => of(SensorRole::Worn).collect(),
    };
    let buzzers = of(SensorRole::Buzzer).filter(|buzzer| !worn.contains(buzzer)).collect();
    Ok(WantedSensors { worn, buzzers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::Placement;
    use crate::units::WallTime;

    fn sensor(uid: &str, name: &str, role: SensorRole) -> SensorRow {
        SensorRow {
            uid: uid.into(),
            family: "witmotion".into(),
            name: name.into(),
            placement: Placement::Unknown,
            calibration: None,
            added: WallTime(0),
            role,
        }
    }

    #[test]
    fn the_known_ones_are_looked_for_in_their_order_and_buzzers_beside() {
        use SensorRole::{Buzzer, Worn};
        let sensors = [sensor("AA:01", "belt", Worn), sensor("AA:02", "watch", Buzzer), sensor("AA:03", "old", Worn)];
        let any = wanted(&sensors, None).unwrap();
        assert_eq!((any.worn, any.buzzers), (vec!["AA:01".into(), "AA:03".into()], vec!["AA:02".to_owned()]));
        let one = wanted(&sensors, Some("OLD")).unwrap();
        assert_eq!((one.worn, one.buzzers), (vec!["AA:03".into()], vec!["AA:02".to_owned()]));
        // One that is tried out is no buzzer beside itself.
        let tried = wanted(&sensors, Some("watch")).unwrap();
        assert_eq!((tried.worn, tried.buzzers), (vec!["AA:02".to_owned()], vec![]));
        assert_eq!(wanted(&sensors, Some("WT901")).unwrap().worn, ["WT901"]);
        assert_eq!(wanted(&[], None).unwrap(), WantedSensors::default());
    }

    #[test]
    fn two_of_one_name_are_told_apart_by_address() {
        let sensors = [sensor("AA:01", "DOT", SensorRole::Worn), sensor("AA:02", "dot", SensorRole::Worn)];
        let refusal = find(&sensors, "Dot").unwrap_err().words;
        assert!(refusal.contains("AA:01 or AA:02"), "{refusal}");
        assert_eq!(find(&sensors, "aa:02").unwrap().map(|sensor| sensor.uid.as_str()), Some("AA:02"));
        assert_eq!(find(&sensors, "other").unwrap(), None);
    }
}
