//! A device of the stand-in: seen, connected, lost, forgotten.

use super::adapter::ADAPTER;
use super::gatt::{add_services, remove_services, start_pump};
use super::{BluezError, Shared, changed, failed, takes_one};
use std::collections::HashMap;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use zbus::{Connection, ObjectPath, OwnedObjectPath, OwnedVariant, Variant, fdo, interface};

/// How late services come when they are late.
const LATE: Duration = Duration::from_millis(700);

pub(super) fn path(text: &str) -> OwnedObjectPath {
    ObjectPath::try_from(text.to_owned()).expect("a sound path").into()
}

/// The device is seen.
pub(super) async fn add(c: &Connection, world: &Shared) {
    if !world.present.swap(true, SeqCst) {
        let _ = c.object_server().at(world.path(), Device(world.clone())).await;
    }
}

/// The device is forgotten, with all that was known of it.
pub(super) async fn remove(c: &Connection, world: &Shared) {
    if world.present.swap(false, SeqCst) {
        remove_services(c, world).await;
        let _ = c.object_server().remove::<Device, _>(world.path()).await;
    }
}

pub(super) struct Device(Shared);

#[interface(name = "org.bluez.Device1")]
impl Device {
    #[zbus(property)]
    fn address(&self) -> &str {
        &self.0.address
    }
    #[zbus(property)]
    fn address_type(&self) -> &str {
        "random"
    }
    #[zbus(property)]
    fn name(&self) -> fdo::Result<&str> {
        let known = self.0.faults.nameless.load(SeqCst) == 0;
        known.then_some(self.0.name.as_str()).ok_or_else(|| fdo::Error::Failed("no name yet".into()))
    }
    // Not there where nothing was told.
    #[zbus(property)]
    fn manufacturer_data(&self) -> fdo::Result<HashMap<u16, OwnedVariant>> {
        let told = self.0.manufacturer.lock().unwrap().clone();
        let (company, data) = told.ok_or_else(|| fdo::Error::Failed("nothing told".into()))?;
        Ok(HashMap::from([(company, Variant::from(data).try_into().expect("bytes hold no descriptor"))]))
    }
    // Without a name, BlueZ makes one of the address.
    #[zbus(property)]
    fn alias(&self) -> String {
        if takes_one(&self.0.faults.nameless) { self.0.address.replace(':', "-") } else { self.0.name.clone() }
    }
    #[zbus(property)]
    fn paired(&self) -> bool {
        false
    }
    #[zbus(property)]
    fn trusted(&self) -> bool {
        false
    }
    #[zbus(property)]
    fn blocked(&self) -> bool {
        false
    }
    #[zbus(property)]
    fn legacy_pairing(&self) -> bool {
        false
    }
    // Not there while it is not heard.
    #[zbus(property, name = "RSSI")]
    fn rssi(&self) -> fdo::Result<i16> {
        let heard = !self.0.faults.hidden.load(SeqCst) && !self.0.connected.load(SeqCst);
        if heard { Ok(-60) } else { Err(fdo::Error::Failed("not heard".into())) }
    }
    #[zbus(property)]
    fn connected(&self) -> bool {
        self.0.connected.load(SeqCst)
    }
    #[zbus(property)]
    fn services_resolved(&self) -> bool {
        self.0.resolved.load(SeqCst)
    }
    #[zbus(property)]
    fn adapter(&self) -> OwnedObjectPath {
        path(ADAPTER)
    }

    async fn connect(&self, #[zbus(connection)] c: &Connection) -> Result<(), BluezError> {
        let world = &self.0;
        world.connects.fetch_add(1, SeqCst);
        if world.connected.load(SeqCst) {
            return Ok(());
        }
        if takes_one(&world.faults.hang_connects) {
            let before = world.disconnects.load(SeqCst);
            while world.disconnects.load(SeqCst) == before {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            return failed("le-connection-abort-by-local");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        if world.faults.hidden.load(SeqCst) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            return failed("le-connection-abort-by-local");
        }
        if takes_one(&world.faults.refuse_connects) {
            return failed(*world.faults.refusal.lock().unwrap());
        }
        world.connected.store(true, SeqCst);
        changed(c, &world.path(), "org.bluez.Device1", &[("Connected", true.into())]).await?;
        let (world, c) = (world.clone(), c.clone());
        if world.notifying.load(SeqCst) {
            start_pump(&c, &world);
        }
        // The answer to Connect comes before the services are resolved.
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let late = takes_one(&world.faults.late_trees);
            if late {
                remove_services(&c, &world).await;
            } else {
                let _ = add_services(&c, &world).await;
            }
            world.resolved.store(true, SeqCst);
            let uuids = vec![world.kind.service().to_string()];
            let resolved = [("ServicesResolved", true.into()), ("UUIDs", uuids.into())];
            let _ = changed(&c, &world.path(), "org.bluez.Device1", &resolved).await;
            if late {
                tokio::time::sleep(LATE).await;
                let _ = add_services(&c, &world).await;
            }
        });
        Ok(())
    }

    async fn disconnect(&self, #[zbus(connection)] c: &Connection) -> Result<(), BluezError> {
        self.0.disconnects.fetch_add(1, SeqCst);
        if !self.0.connected.load(SeqCst) {
            return Err(BluezError::NotConnected("Not Connected".into()));
        }
        // Mostly shorter than bluetoothd's two seconds; values go on until then.
        let slow = self.0.faults.slow_disconnects.load(SeqCst);
        tokio::time::sleep(Duration::from_millis(if slow { 2_000 } else { 200 })).await;
        lose_link(c, &self.0).await?;
        Ok(())
    }
}

/// The sensor goes out of reach: one signal with both flags, everything else stays.
pub(crate) async fn lose_link(c: &Connection, world: &Shared) -> zbus::Result<()> {
    world.resolved.store(false, SeqCst);
    world.connected.store(false, SeqCst);
    let gone = [("ServicesResolved", false.into()), ("Connected", false.into())];
    changed(c, &world.path(), "org.bluez.Device1", &gone).await
}
