//! The adapter of the stand-in: what is around is seen while it scans.

use super::device::{add, remove};
use super::{BluezError, Shared, changed, failed, takes_one};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::time::Duration;
use zbus::{Connection, OwnedVariant, interface};

pub(super) const ADAPTER: &str = "/org/bluez/hci0";

/// The radio, and the sensors around it.
pub(crate) struct Radio {
    pub(super) worlds: Vec<Shared>,
    pub(super) powered: AtomicBool,
    pub(super) discovering: AtomicBool,
    /// A switch of the machine keeps it off.
    pub(crate) blocked: AtomicBool,
    /// So many scans cannot be started, because one is on.
    pub(crate) busy_scans: AtomicU32,
    /// Scans so far.
    pub(crate) scans: AtomicU32,
}

impl Radio {
    pub(super) fn new(worlds: &[Shared]) -> Self {
        Self {
            worlds: worlds.to_vec(),
            powered: AtomicBool::new(false),
            discovering: AtomicBool::new(false),
            blocked: AtomicBool::new(false),
            busy_scans: AtomicU32::new(0),
            scans: AtomicU32::new(0),
        }
    }
}

pub(super) struct Adapter(pub(super) Arc<Radio>);

#[interface(name = "org.bluez.Adapter1")]
impl Adapter {
    #[zbus(property)]
    fn address(&self) -> &str {
        "00:11:22:33:44:55"
    }
    #[zbus(property)]
    fn address_type(&self) -> &str {
        "public"
    }
    #[zbus(property)]
    fn name(&self) -> &str {
        "stand-in"
    }
    #[zbus(property)]
    fn alias(&self) -> &str {
        "stand-in"
    }
    #[zbus(property)]
    fn modalias(&self) -> &str {
        "usb:v1D6Bp0246d0542"
    }
    #[zbus(property)]
    fn discovering(&self) -> bool {
        self.0.discovering.load(SeqCst)
    }
    #[zbus(property)]
    fn powered(&self) -> bool {
        self.0.powered.load(SeqCst)
    }
    #[zbus(property)]
    fn set_powered(&self, on: bool) {
        self.0.powered.store(on && !self.0.blocked.load(SeqCst), SeqCst);
    }

    fn set_discovery_filter(&self, _filter: HashMap<String, OwnedVariant>) {}

    async fn start_discovery(&self, #[zbus(connection)] c: &Connection) -> Result<(), BluezError> {
        let radio = &self.0;
        if !radio.powered.load(SeqCst) {
            return Err(BluezError::NotReady("Resource Not Ready".into()));
        }
        let busy = takes_one(&radio.busy_scans);
        if radio.discovering.swap(true, SeqCst) || busy {
            if busy {
                // The scan that is on shows what is around as well.
                tokio::spawn(advertise(c.clone(), radio.clone()));
            }
            return Err(BluezError::InProgress("Operation already in progress".into()));
        }
        radio.scans.fetch_add(1, SeqCst);
        changed(c, ADAPTER, "org.bluez.Adapter1", &[("Discovering", true.into())]).await?;
        tokio::spawn(advertise(c.clone(), radio.clone()));
        Ok(())
    }

    async fn stop_discovery(&self, #[zbus(connection)] c: &Connection) -> Result<(), BluezError> {
        if !self.0.discovering.swap(false, SeqCst) {
            return failed("No discovery started");
        }
        changed(c, ADAPTER, "org.bluez.Adapter1", &[("Discovering", false.into())]).await?;
        for world in &self.0.worlds {
            if !world.connected.load(SeqCst) {
                remove(c, world).await;
            }
        }
        Ok(())
    }
}

/// Everything in reach shows itself ten times a second, as long as the scan is on.
async fn advertise(c: Connection, radio: Arc<Radio>) {
    tokio::time::sleep(Duration::from_millis(50)).await;
    let scan = radio.scans.load(SeqCst);
    let mut rssi = -60_i16;
    while radio.discovering.load(SeqCst) && radio.scans.load(SeqCst) == scan {
        for world in &radio.worlds {
            if world.faults.hidden.load(SeqCst) || world.connected.load(SeqCst) {
                continue;
            }
            add(&c, world).await;
            let _ = changed(&c, &world.path(), "org.bluez.Device1", &[("RSSI", rssi.into())]).await;
        }
        rssi = -121 - rssi;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
