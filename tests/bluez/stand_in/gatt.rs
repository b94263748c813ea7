//! Services and characteristics of the stand-in, and the samples that come over them.

use super::device::path;
use super::{BluezError, MTU, Shared, changed, failed, utc_ns};
use firmware_protocol::open_motion::BATTERY_LEVEL;
use firmware_protocol::session::{Moment, Uuid};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};
use zbus::{Connection, OwnedObjectPath, OwnedVariant, interface};

const CHARACTERISTIC: &str = "org.bluez.GattCharacteristic1";
/// How long the air takes for a write or a read: one connection event of a quick connection.
const AIR: Duration = Duration::from_millis(8);

fn service_path(world: &Shared) -> String {
    format!("{}/service0010", world.path())
}

fn characteristic_path(world: &Shared, i: usize) -> String {
    format!("{}/char{:04x}", service_path(world), 0x11 + 3 * i)
}

pub(super) async fn add_services(c: &Connection, world: &Shared) -> zbus::Result<()> {
    let server = c.object_server();
    server.at(service_path(world), Service(world.clone())).await?;
    for i in 0..world.kind.characteristics().len() {
        let characteristic = Characteristic { world: world.clone(), i, busy: AtomicBool::new(false) };
        server.at(characteristic_path(world, i), characteristic).await?;
    }
    Ok(())
}

pub(super) async fn remove_services(c: &Connection, world: &Shared) {
    let server = c.object_server();
    for i in 0..world.kind.characteristics().len() {
        let _ = server.remove::<Characteristic, _>(characteristic_path(world, i)).await;
    }
    let _ = server.remove::<Service, _>(service_path(world)).await;
}

struct Service(Shared);

#[interface(name = "org.bluez.GattService1")]
impl Service {
    #[zbus(property, name = "UUID")]
    fn uuid(&self) -> String {
        self.0.kind.service().to_string()
    }
    #[zbus(property)]
    fn device(&self) -> OwnedObjectPath {
        path(&self.0.path())
    }
    #[zbus(property)]
    fn primary(&self) -> bool {
        true
    }
}

struct Characteristic {
    world: Shared,
    i: usize,
    /// A read or write is under way.
    busy: AtomicBool,
}

impl Characteristic {
    fn id(&self) -> Uuid {
        self.world.kind.characteristics()[self.i].0
    }

    /// One at a time, and only while connected.
    fn begin(&self) -> Result<(), BluezError> {
        if !self.world.connected.load(SeqCst) {
            return failed("Not connected");
        }
        if self.busy.swap(true, SeqCst) {
            self.world.overlaps.fetch_add(1, SeqCst);
            return Err(BluezError::InProgress("Operation already in progress".into()));
        }
        Ok(())
    }
}

#[interface(name = "org.bluez.GattCharacteristic1")]
impl Characteristic {
    #[zbus(property, name = "UUID")]
    fn uuid(&self) -> String {
        let Uuid(right) = self.id();
        // A tree of other things: each is off by one.
        Uuid(right + u128::from(self.world.faults.wrong_tree.load(SeqCst))).to_string()
    }
    #[zbus(property)]
    fn service(&self) -> OwnedObjectPath {
        path(&service_path(&self.world))
    }
    #[zbus(property)]
    fn flags(&self) -> Vec<&'static str> {
        self.world.kind.characteristics()[self.i].1.to_vec()
    }
    #[zbus(property, name = "MTU")]
    fn mtu(&self) -> u16 {
        MTU
    }

    async fn read_value(
        &self,
        _options: HashMap<String, OwnedVariant>,
        #[zbus(connection)] c: &Connection,
    ) -> Result<Vec<u8>, BluezError> {
        self.begin()?;
        tokio::time::sleep(AIR).await;
        let bytes = if self.id() == BATTERY_LEVEL {
            while self.world.faults.hang_reads.load(SeqCst) {
                tokio::time::sleep(AIR).await;
            }
            vec![self.world.charge.load(SeqCst)]
        } else {
            self.world.sensor.lock().unwrap().read(self.id())
        };
        self.busy.store(false, SeqCst);
        // A read comes as a value too.
        value(c, &self.world, self.i, bytes.clone()).await?;
        Ok(bytes)
    }

    async fn write_value(
        &self,
        value: Vec<u8>,
        _options: HashMap<String, OwnedVariant>,
        #[zbus(connection)] c: &Connection,
    ) -> Result<(), BluezError> {
        let refused = |left: u32| left.checked_sub(1);
        if self.world.faults.refuse_writes.fetch_update(SeqCst, SeqCst, refused).is_ok() {
            return Err(BluezError::InProgress("In Progress".into()));
        }
        self.begin()?;
        tokio::time::sleep(AIR).await;
        self.busy.store(false, SeqCst);
        let answer = self.world.sensor.lock().unwrap().write(self.world.now(), &value);
        self.world.writes.lock().unwrap().push((Instant::now(), value));
        match answer {
            Ok(None) => {}
            Ok(Some(bytes)) => notify(c, &self.world, bytes).await?,
            Err(error) => return failed(&format!("Operation failed with ATT error: 0x{:02x}", error as u8)),
        }
        Ok(())
    }

    fn start_notify(&self, #[zbus(connection)] c: &Connection) -> Result<(), BluezError> {
        if !self.world.connected.load(SeqCst) {
            return failed("Not connected");
        }
        if self.world.faults.held.load(SeqCst) {
            return Err(BluezError::NotPermitted("Notify acquired".into()));
        }
        self.world.notifying.store(true, SeqCst);
        start_pump(c, &self.world);
        Ok(())
    }

    fn stop_notify(&self) -> Result<(), BluezError> {
        if self.world.notifying.swap(false, SeqCst) { Ok(()) } else { failed("No notify session started") }
    }
}

async fn notify(c: &Connection, world: &Shared, bytes: Vec<u8>) -> zbus::Result<()> {
    value(c, world, 0, bytes).await
}

async fn value(c: &Connection, world: &Shared, i: usize, bytes: Vec<u8>) -> zbus::Result<()> {
    changed(c, &characteristic_path(world, i), CHARACTERISTIC, &[("Value", bytes.into())]).await
}

pub(super) fn start_pump(c: &Connection, world: &Shared) {
    if !world.pumping.swap(true, SeqCst) {
        tokio::spawn(pump(c.clone(), world.clone()));
    }
}

/// Samples all the time from the first subscription on; sends them while connected and subscribed.
async fn pump(c: Connection, world: Shared) {
    let mut due = Instant::now();
    let mut waiting = Vec::new();
    loop {
        tokio::time::sleep_until(due.into()).await;
        let n = world.next.fetch_add(1, SeqCst);
        let connected = world.connected.load(SeqCst) && world.notifying.load(SeqCst);
        let heard = connected && !world.faults.silent.load(SeqCst);
        let packet = {
            let mut sensor = world.sensor.lock().unwrap();
            // Taken when it was due, however late this task was woken.
            let at = Moment(due.duration_since(world.begun).as_nanos() as u64);
            due += Duration::from_secs_f64(1.0 / sensor.rate_hz());
            if heard {
                waiting.push(n);
                sensor.sample(n, at)
            } else {
                sensor.unsent();
                None
            }
        };
        if let Some(bytes) = packet {
            let at = utc_ns();
            if notify(&c, &world, bytes).await.is_err() {
                break;
            }
            world.sent.lock().unwrap().extend(waiting.drain(..).map(|n| (n, at)));
        }
    }
    world.pumping.store(false, SeqCst);
}
