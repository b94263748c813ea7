//! Single steps of btleplug, each with its time limit. In: what is to be done. Out: that, or a [`BleError`]. The
//! order of the steps is left to `driver` and `buzzer`.

use super::failure::{BleError, Step};
use btleplug::api::Characteristic;
use btleplug::api::{
    Central, CentralEvent, CentralState, Manager as _, Peripheral as _, PeripheralProperties, ScanFilter,
};
use btleplug::platform::{Adapter, Manager, Peripheral, PeripheralId};
use firmware_protocol::family::{Advertised, Family, Recognised, recognise_advertised};
use firmware_protocol::session::Uuid;
use futures_util::stream::{Stream, StreamExt};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::timeout;

pub(super) type Events = Pin<Box<dyn Stream<Item = CentralEvent> + Send>>;

/// A device that was seen.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its name, if it told one.
    pub name: Option<String>,
    /// Its address; on some systems a number that only this machine knows.
    pub address: String,
    /// How strongly it was heard, in dBm.
    pub rssi_dbm: Option<i16>,
    /// What it is.
    pub what: What,
}

/// What a device turned out to be.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// A sensor of this family.
    Sensor(&'static Family),
    /// It looks like one of this family, but cannot be used, for this reason.
    Refused(&'static Family, &'static str),
    /// Something else.
    Other,
}

/// Wait before the services are read again, when they were not complete. Source: bluez issue 1489; the time
/// is chosen by us.
pub(super) const REDISCOVER: Duration = Duration::from_millis(500);
/// How often they are read. Chosen by us.
pub(super) const DISCOVERIES: u32 = 3;

/// Opens the bus. The bus library does that in one blocking call, so it has a thread of its own: a bus that
/// accepts and never answers would stop everything else.
pub(super) async fn open() -> Result<Manager, BleError> {
    let runtime = tokio::runtime::Handle::current();
    let opening = tokio::task::spawn_blocking(move || runtime.block_on(Manager::new()));
    let opened = async { opening.await.unwrap_or_else(|stopped| Err(btleplug::Error::Other(stopped.into()))) };
    match within(Step::Bus, opened).await {
        // Something is there that is no bus, or one that is stuck.
        Err(BleError::TimedOut { .. }) => Err(BleError::NoBus),
        opened => opened,
    }
}

/// The first adapter there is.
pub(super) async fn adapter(manager: &Manager) -> Result<Adapter, BleError> {
    within(Step::Adapters, manager.adapters()).await?.into_iter().next().ok_or(BleError::NoAdapter)
}

/// A call with its limit.
pub(super) async fn within<T>(step: Step, call: impl Future<Output = btleplug::Result<T>>) -> Result<T, BleError> {
    match timeout(step.limit(), call).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(BleError::at(step, &error)),
        Err(_) => Err(BleError::TimedOut { step: step.words(), limit: step.limit() }),
    }
}

/// Starts to look, after ending a look that may still be on.
pub(super) async fn start_scan(adapter: &Adapter) -> Result<(), BleError> {
    stop_scan(adapter).await;
    match within(Step::StartScan, adapter.start_scan(ScanFilter::default())).await {
        // One that is on is what was wanted.
        Err(BleError::Other { words, .. }) if words.contains("in progress") || words.contains("InProgress") => Ok(()),
        started => started,
    }
}

/// Ends a look; that there was none is no failure.
pub(super) async fn stop_scan(adapter: &Adapter) {
    let _ = stopped_scan(adapter).await;
}

/// The same, as a call that is awaited like others.
pub(super) async fn stopped_scan(adapter: &Adapter) -> Result<(), BleError> {
    match within(Step::StopScan, adapter.stop_scan()).await {
        Err(error @ BleError::TimedOut { .. }) => Err(error),
        _ => Ok(()),
    }
}

/// The device that an event of the adapter shows to be in reach.
pub(super) fn seen(event: &CentralEvent) -> Option<&PeripheralId> {
    match event {
        CentralEvent::DeviceDiscovered(id)
        | CentralEvent::DeviceUpdated(id)
        | CentralEvent::DeviceConnected(id)
        | CentralEvent::ManufacturerDataAdvertisement { id, .. }
        | CentralEvent::ServiceDataAdvertisement { id, .. }
        | CentralEvent::ServicesAdvertisement { id, .. }
        | CentralEvent::RssiUpdate { id, .. } => Some(id),
        _ => None,
    }
}

/// What a device says of itself; `None` if it is gone again.
pub(super) async fn look(adapter: &Adapter, id: &PeripheralId) -> Option<(Peripheral, Found)> {
    let peripheral = within(Step::Look, adapter.peripheral(id)).await.ok()?;
    let properties = within(Step::Look, peripheral.properties()).await.ok()??;
    let found = describe(&peripheral, &properties);
    Some((peripheral, found))
}

fn describe(peripheral: &Peripheral, properties: &PeripheralProperties) -> Found {
    let services: Vec<Uuid> = properties.services.iter().map(|uuid| Uuid(uuid.as_u128())).collect();
    let name = properties.local_name.clone();
    let manufacturer: Vec<(u16, &[u8])> =
        properties.manufacturer_data.iter().map(|(company, data)| (*company, data.as_slice())).collect();
    let advertised = Advertised { name: name.as_deref(), services: &services, manufacturer: &manufacturer };
    let what = match recognise_advertised(&advertised) {
        Recognised::As(family) => What::Sensor(family),
        Recognised::Refused(family, why) => What::Refused(family, why),
        Recognised::Unknown => What::Other,
    };
    // Where the system hides addresses, the id is what tells devices apart.
    let hidden = properties.address == btleplug::api::BDAddr::default();
    let address = if hidden { peripheral.id().to_string() } else { properties.address.to_string() };
    Found { name, address, rssi_dbm: properties.rssi, what }
}

impl Found {
    /// Its name, or its address.
    pub fn called(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.address)
    }
}

/// The characteristics that a family needs, if the connected sensor has them all.
pub(super) fn characteristics(peripheral: &Peripheral, family: &Family) -> Option<Vec<Characteristic>> {
    let all: Vec<Characteristic> = peripheral.characteristics().into_iter().collect();
    let has = |uuid: &Uuid| all.iter().any(|c| c.uuid.as_u128() == uuid.0);
    family.characteristics.iter().all(has).then_some(all)
}

/// Goes as far as the adapter, and says whether it is on.
pub(super) async fn probe() -> Result<bool, BleError> {
    let manager = open().await?;
    let adapter = adapter(&manager).await?;
    Ok(within(Step::Look, adapter.adapter_state()).await? != CentralState::PoweredOff)
}

/// Looks around for a while, or until it is enough; `look_at` is shown what was found so far, each time that changes.
pub(super) async fn scan(
    lasting: Duration,
    look_at: &mut dyn FnMut(&[Found]) -> ControlFlow<()>,
) -> Result<Vec<Found>, BleError> {
    let manager = open().await?;
    let adapter = adapter(&manager).await?;
    let mut events = within(Step::Events, adapter.events()).await?;
    start_scan(&adapter).await?;
    let mut by_address: BTreeMap<String, Found> = BTreeMap::new();
    let mut found = Vec::new();
    let until = tokio::time::sleep(lasting);
    tokio::pin!(until);
    loop {
        let event = tokio::select! {
            () = &mut until => break,
            event = events.next() => event,
        };
        let Some(event) = event else { break };
        let Some(id) = seen(&event) else { continue };
        // A known device that is not heard now has no strength: it is somewhere else.
        if let Some((peripheral, device)) = look(&adapter, id).await
            && (device.rssi_dbm.is_some() || matches!(within(Step::Look, peripheral.is_connected()).await, Ok(true)))
        {
            by_address.insert(device.address.clone(), device);
            found = sorted(&by_address);
            if look_at(&found).is_break() {
                break;
            }
        }
    }
    stop_scan(&adapter).await;
    Ok(found)
}

/// Sensors first, the nearest on top.
fn sorted(by_address: &BTreeMap<String, Found>) -> Vec<Found> {
    let mut found: Vec<Found> = by_address.values().cloned().collect();
    let rank = |found: &Found| match found.what {
        What::Sensor(_) => 0,
        What::Refused(..) => 1,
        What::Other => 2,
    };
    found.sort_by_key(|device| (rank(device), std::cmp::Reverse(device.rssi_dbm.unwrap_or(i16::MIN))));
    found
}
