//! How the sensor is heard: in reach, distance, rate, loss, battery. In: a running daemon's sign of life, or else a
//! look around and a few seconds of a real connection. Out: a check for each.

use super::{Check, State, check};
use crate::care::Locale;
use crate::commands::heartbeat::Heartbeat;
use crate::link::ble::{self, BleError, Found, What};
use crate::link::{Item, LinkStatus, battery};
use crate::store::facts::{SensorRole, SensorRow};
use crate::store::{self, Reader};
use crate::web::live::link_words;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const NAMES: [&str; 5] = ["sensor", "distance", "rate", "loss", "battery"];

/// Looks around for so long. Chosen by us: sensors advertise once a second at the slowest.
const LOOK_FOR: Duration = Duration::from_secs(5);
/// Listens to samples for so long …
const LISTEN_FOR: Duration = Duration::from_secs(3);
/// … and gives up when none has come after this: two tries of a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(25);
/// Weaker than this, packets get lost when the wearer turns. Chosen by us, as usual for small Bluetooth LE antennas
/// worn on a body.
const WEAK_DBM: i16 = -80;
/// At least this share of the samples a second must come. Chosen by us.
const ENOUGH: f64 = 0.9;
/// More than this share lost needs attention. Chosen by us: bends are still found at 30 % (domain.md §16), and the
/// distance is cured more easily than guessed at.
const MUCH_LOST: f64 = 0.05;

/// What was heard.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Heard {
    samples: u64,
    lost: u64,
    lasting_s: f64,
    rate_hz: Option<f64>,
    battery: Option<u8>,
}

/// A check for each thing. `usable`: there is a radio to look with.
pub(super) fn checks(folder: &Path, usable: bool) -> Vec<Check> {
    if store::holder(folder).is_some() {
        return of_daemon(folder);
    }
    if !usable {
        return not_looked(0, "needs Bluetooth");
    }
    let mut known = Reader::open(folder).and_then(|reader| reader.sensors()).unwrap_or_default();
    known.retain(|sensor| sensor.role == SensorRole::Worn);
    match ble::scan(LOOK_FOR, &mut |_| ControlFlow::Continue(())) {
        Err(error) => {
            let mut checks = vec![check(NAMES[0], State::Attention, error.to_string())];
            checks.extend(not_looked(1, "needs a look around"));
            checks
        }
        Ok(found) => match choose(&found, &known) {
            Ok(sensor) => of_link(sensor),
            Err(error) => {
                let mut checks = vec![check(NAMES[0], State::Attention, error.to_string())];
                checks.extend(not_looked(1, "needs a sensor in reach"));
                checks
            }
        },
    }
}

fn not_looked(from: usize, why: &str) -> Vec<Check> {
    NAMES[from..].iter().map(|&name| check(name, State::NotLooked, why)).collect()
}

/// The sensor to listen to: a known one, else the nearest of a known kind.
fn choose<'a>(found: &'a [Found], known: &[SensorRow]) -> Result<&'a Found, BleError> {
    let is_known = |found: &&Found| known.iter().any(|row| row.uid.eq_ignore_ascii_case(&found.address));
    let usable = |found: &&Found| matches!(found.what, What::Sensor(_));
    if let Some(sensor) = found.iter().filter(usable).find(is_known) {
        return Ok(sensor);
    }
    if let Some(first) = known.first() {
        return Err(BleError::NotFound { sensor: first.name.clone() });
    }
    let refused = found.iter().find_map(|found| match found.what {
        What::Refused(_, why) => Some(BleError::Unusable { sensor: found.called().to_owned(), why: why.to_owned() }),
        _ => None,
    });
    let nobody = BleError::NotFound { sensor: "a sensor".to_owned() };
    found.iter().find(usable).ok_or(refused.unwrap_or(nobody))
}

fn of_daemon(folder: &Path) -> Vec<Check> {
    let before = Heartbeat::read(folder);
    std::thread::sleep(LISTEN_FOR);
    let (Some(before), Some(now)) = (before, Heartbeat::read(folder)) else {
        return not_looked(0, "a running lumbard has not said how it is; look at: lumbard status");
    };
    if now.source != "ble" {
        return not_looked(0, "the running lumbard plays no sensor");
    }
    if !now.streaming {
        let mut checks = vec![check(NAMES[0], State::Attention, now.link)];
        checks.extend(not_looked(1, "needs a sensor in reach"));
        return checks;
    }
    let heard = Heard {
        samples: now.samples.saturating_sub(before.samples),
        lost: now.lost_samples.saturating_sub(before.lost_samples),
        lasting_s: (now.written_utc_ns - before.written_utc_ns) as f64 * 1e-9,
        rate_hz: now.rate_hz,
        battery: now.battery_percent,
    };
    let mut checks = vec![
        check(NAMES[0], State::Fine, "connected to the running lumbard"),
        check(NAMES[1], State::NotLooked, "not told while connected; loss says it too"),
    ];
    checks.extend(judge(&heard));
    checks
}

fn of_link(sensor: &Found) -> Vec<Check> {
    let mut checks = Vec::new();
    match listen(sensor) {
        Ok(heard) => {
            checks.push(check(NAMES[0], State::Fine, format!("{} is in reach and sends", sensor.called())));
            checks.push(distance(sensor));
            checks.extend(judge(&heard));
        }
        Err(words) => {
            checks.push(check(NAMES[0], State::Attention, words));
            checks.push(distance(sensor));
            checks.extend(not_looked(2, "needs samples"));
        }
    }
    checks
}

fn distance(sensor: &Found) -> Check {
    match sensor.rssi_dbm {
        None => check(NAMES[1], State::NotLooked, "the system does not tell how strongly it is heard"),
        Some(dbm) if dbm < WEAK_DBM => check(
            NAMES[1],
            State::Attention,
            format!("heard weakly ({dbm} dBm), so samples get lost when you turn; bring sensor and computer closer"),
        ),
        Some(dbm) => check(NAMES[1], State::Fine, format!("heard well ({dbm} dBm)")),
    }
}

/// Connects, and listens to some seconds of samples.
fn listen(sensor: &Found) -> Result<Heard, String> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let (sender, mut items) = mpsc::channel(1_024);
    let stop = CancellationToken::new();
    let wanted = Some(sensor.address.clone()).into();
    let options = ble::Options { wanted, ..ble::Options::default() };
    let link = ble::start(options, sender, stop.clone())
        .map_err(|error| format!("the Bluetooth link could not be started: {error}; look at: lumbard scan"))?;
    let heard = runtime.block_on(take(&mut items));
    drop(items);
    stop.cancel();
    link.join();
    heard
}

async fn take(items: &mut mpsc::Receiver<Item>) -> Result<Heard, String> {
    let (mut heard, mut first, mut status) = (Heard::default(), None::<Instant>, LinkStatus::Searching);
    let mut until = tokio::time::Instant::now() + CONNECT_WITHIN;
    while let Ok(Some(item)) = tokio::time::timeout_at(until, items.recv()).await {
        match item {
            Item::Begin(beginning) => heard.rate_hz = Some(beginning.format.nominal_rate_hz),
            Item::Sample(_) => match first {
                None => {
                    first = Some(Instant::now());
                    until = tokio::time::Instant::now() + LISTEN_FOR;
                }
                Some(first) => {
                    heard.samples += 1;
                    heard.lasting_s = first.elapsed().as_secs_f64();
                }
            },
            Item::Gap { lost, .. } => heard.lost += u64::from(lost),
            Item::Battery(percent) => heard.battery = Some(percent),
            Item::Status(LinkStatus::Blocked(why)) => return Err(why),
            Item::Status(new) => status = new,
            _ => {}
        }
    }
    if heard.samples > 0 { Ok(heard) } else { Err(link_words(&status, Locale::En)) }
}

/// Rate, loss and battery.
fn judge(heard: &Heard) -> [Check; 3] {
    let came_hz = heard.samples as f64 / heard.lasting_s.max(f64::EPSILON);
    let rate = match heard.rate_hz {
        Some(wanted) if came_hz < wanted * ENOUGH => check(
            NAMES[2],
            State::Attention,
            format!(
                "{came_hz:.0} of {wanted:.0} samples a second come, so bends are told late or not at all; \
                 bring it closer, or ask for fewer: lumbard run --rate-hz 50"
            ),
        ),
        _ => check(NAMES[2], State::Fine, format!("{came_hz:.0} samples a second")),
    };
    let share = heard.lost as f64 / (heard.lost + heard.samples).max(1) as f64;
    let percent = share * 100.0;
    let loss = if share > MUCH_LOST {
        let words = format!("{percent:.1} % lost on the air; bring it closer, or move other radios away");
        check(NAMES[3], State::Attention, words)
    } else {
        check(NAMES[3], State::Fine, format!("{percent:.1} % lost on the air"))
    };
    let battery = match heard.battery {
        None => check(NAMES[4], State::NotLooked, "not told by the sensor so far"),
        Some(charge) if charge <= battery::LOW_PERCENT[0] => {
            check(NAMES[4], State::Attention, battery::words(charge, Locale::En))
        }
        Some(charge) => check(NAMES[4], State::Fine, format!("{charge} %")),
    };
    [rate, loss, battery]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(heard: &Heard) -> [State; 3] {
        judge(heard).map(|check| check.state)
    }

    #[test]
    fn rate_loss_and_battery_are_judged_by_what_came() {
        use State::{Attention, Fine, NotLooked};
        let good = Heard { samples: 297, lost: 3, lasting_s: 3.0, rate_hz: Some(100.0), battery: Some(80) };
        assert_eq!(states(&good), [Fine, Fine, Fine]);
        assert_eq!(states(&Heard { samples: 200, lost: 100, ..good }), [Attention, Attention, Fine]);
        assert_eq!(states(&Heard { battery: Some(9), ..good }), [Fine, Fine, Attention]);
        assert_eq!(states(&Heard { battery: None, ..good }), [Fine, Fine, NotLooked]);
    }

    #[test]
    fn a_known_sensor_is_chosen_before_a_nearer_one_and_a_look_alike_is_named() {
        let family = firmware_protocol::family::FAMILIES[0];
        let found = |address: &str, what| Found { name: None, address: address.into(), rssi_dbm: Some(-50), what };
        let near = found("AA:01", What::Sensor(family));
        let ours = found("AA:02", What::Sensor(family));
        let alike = found("AA:03", What::Refused(family, "measures something else"));
        let known = SensorRow {
            uid: "aa:02".into(),
            family: "open_motion".into(),
            name: "mine".into(),
            placement: crate::frames::Placement::L3,
            calibration: None,
            added: crate::units::WallTime(0),
            role: SensorRole::Worn,
        };
        let all = [near.clone(), ours, alike.clone()];
        assert_eq!(choose(&all, std::slice::from_ref(&known)).unwrap().address, "AA:02");
        assert_eq!(choose(&all, &[]).unwrap().address, "AA:01");
        assert_eq!(choose(&[near], &[known]).unwrap_err(), BleError::NotFound { sensor: "mine".into() });
        assert!(matches!(choose(&[alike], &[]), Err(BleError::Unusable { .. })));
        assert!(matches!(choose(&[], &[]), Err(BleError::NotFound { .. })));
    }
}
