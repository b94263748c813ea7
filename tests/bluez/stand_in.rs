//! A stand-in for bluetoothd: `org.bluez` with one adapter and one sensor, on a private bus.
//!
//! It copies what bluetoothd 5.66 was seen to do: `Connect` answers before the services are resolved; a
//! lost link is one signal with both flags, leaves `Notifying` and the objects alone, and the subscription
//! is taken up again by itself on the next connection, so values come before anyone subscribes.

use super::sensor::{Kind, Sensor};
use firmware_protocol::session::{Moment, Uuid};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use zbus::{Connection, ObjectPath, OwnedObjectPath, OwnedVariant, Variant, connection, fdo, interface};

const ADAPTER: &str = "/org/bluez/hci0";
const DEVICE: &str = "/org/bluez/hci0/dev_C0_FF_EE_00_00_01";
const SERVICE: &str = "/org/bluez/hci0/dev_C0_FF_EE_00_00_01/service0010";
const CHARACTERISTIC: &str = "org.bluez.GattCharacteristic1";
pub(crate) const ADDRESS: &str = "C0:FF:EE:00:00:01";
const MTU: u16 = 23;

/// What the sensor's world is like, and what a test does to it.
pub(crate) struct World {
    pub(crate) kind: Kind,
    begun: Instant,
    sensor: Mutex<Sensor>,
    powered: AtomicBool,
    discovering: AtomicBool,
    present: AtomicBool,
    connected: AtomicBool,
    resolved: AtomicBool,
    notifying: AtomicBool,
    pumping: AtomicBool,
    /// The next sample's number: the sensor counts from its start on, heard or not.
    next: AtomicU64,
    /// Numbers of the samples that went out, in order.
    pub(crate) sent: Mutex<Vec<u64>>,
    /// Everything written to the sensor.
    pub(crate) writes: Mutex<Vec<Vec<u8>>>,
    /// Samples come to a halt although the link stands.
    pub(crate) silent: AtomicBool,
    /// So many calls of Connect fail from now on.
    pub(crate) refuse_connects: AtomicU32,
    /// Calls of Connect so far.
    pub(crate) connects: AtomicU32,
}

type Shared = Arc<World>;

#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.bluez.Error")]
enum BluezError {
    #[zbus(error)]
    ZBus(zbus::Error),
    Failed(String),
    NotReady(String),
    InProgress(String),
}

fn failed<T>(words: &str) -> Result<T, BluezError> {
    Err(BluezError::Failed(words.into()))
}

fn path(text: &str) -> OwnedObjectPath {
    ObjectPath::try_from(text.to_owned()).expect("a sound path").into()
}

async fn changed(c: &Connection, path: &str, interface: &str, properties: &[(&str, Variant<'_>)]) -> zbus::Result<()> {
    let map: HashMap<&str, &Variant<'_>> = properties.iter().map(|(name, value)| (*name, value)).collect();
    let body = (interface, map, Vec::<&str>::new());
    c.emit_signal(None::<&str>, path, "org.freedesktop.DBus.Properties", "PropertiesChanged", &body).await
}

impl World {
    pub(crate) fn new(kind: Kind) -> Shared {
        Arc::new(Self {
            kind,
            begun: Instant::now(),
            sensor: Mutex::new(kind.sensor(MTU)),
            powered: AtomicBool::new(false),
            discovering: AtomicBool::new(false),
            present: AtomicBool::new(false),
            connected: AtomicBool::new(false),
            resolved: AtomicBool::new(false),
            notifying: AtomicBool::new(false),
            pumping: AtomicBool::new(false),
            next: AtomicU64::new(0),
            sent: Mutex::new(Vec::new()),
            writes: Mutex::new(Vec::new()),
            silent: AtomicBool::new(false),
            refuse_connects: AtomicU32::new(0),
            connects: AtomicU32::new(0),
        })
    }

    fn now(&self) -> Moment {
        Moment(self.begun.elapsed().as_nanos() as u64)
    }

    pub(crate) fn sent_so_far(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    pub(crate) fn has_written(&self, bytes: &[u8]) -> bool {
        self.writes.lock().unwrap().iter().any(|written| written == bytes)
    }

    fn uuid_of(&self, i: usize) -> Uuid {
        self.kind.characteristics()[i].0
    }

    /// What becomes of the world when bluetoothd dies: nothing that it knew is left.
    pub(crate) fn forget(&self) {
        for flag in [&self.powered, &self.discovering, &self.present, &self.connected, &self.resolved, &self.notifying]
        {
            flag.store(false, SeqCst);
        }
    }
}

struct Adapter(Shared);

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
        self.0.powered.store(on, SeqCst);
    }

    fn set_discovery_filter(&self, _filter: HashMap<String, OwnedVariant>) {}

    async fn start_discovery(&self, #[zbus(connection)] c: &Connection) -> Result<(), BluezError> {
        if !self.0.powered.load(SeqCst) {
            return Err(BluezError::NotReady("Resource Not Ready".into()));
        }
        if self.0.discovering.swap(true, SeqCst) {
            return Err(BluezError::InProgress("Operation already in progress".into()));
        }
        changed(c, ADAPTER, "org.bluez.Adapter1", &[("Discovering", true.into())]).await?;
        let (world, c) = (self.0.clone(), c.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if world.discovering.load(SeqCst) && !world.present.swap(true, SeqCst) {
                let _ = c.object_server().at(DEVICE, Device(world.clone())).await;
            }
            let mut rssi = -60_i16;
            while world.discovering.load(SeqCst) {
                let _ = changed(&c, DEVICE, "org.bluez.Device1", &[("RSSI", rssi.into())]).await;
                rssi = -121 - rssi;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        Ok(())
    }

    async fn stop_discovery(&self, #[zbus(connection)] c: &Connection) -> Result<(), BluezError> {
        if !self.0.discovering.swap(false, SeqCst) {
            return failed("No discovery started");
        }
        changed(c, ADAPTER, "org.bluez.Adapter1", &[("Discovering", false.into())]).await?;
        Ok(())
    }
}

struct Device(Shared);

#[interface(name = "org.bluez.Device1")]
impl Device {
    #[zbus(property)]
    fn address(&self) -> &str {
        ADDRESS
    }
    #[zbus(property)]
    fn address_type(&self) -> &str {
        "random"
    }
    #[zbus(property)]
    fn name(&self) -> &str {
        self.0.kind.name()
    }
    #[zbus(property)]
    fn alias(&self) -> &str {
        self.0.kind.name()
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
    #[zbus(property, name = "RSSI")]
    fn rssi(&self) -> i16 {
        -60
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
        tokio::time::sleep(Duration::from_millis(50)).await;
        if world.refuse_connects.load(SeqCst) > 0 {
            world.refuse_connects.fetch_sub(1, SeqCst);
            return failed("le-connection-abort-by-local");
        }
        world.connected.store(true, SeqCst);
        changed(c, DEVICE, "org.bluez.Device1", &[("Connected", true.into())]).await?;
        let (world, c) = (world.clone(), c.clone());
        if world.notifying.load(SeqCst) {
            start_pump(&c, &world);
        }
        // The answer to Connect comes before the services are resolved.
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let _ = add_services(&c, &world).await;
            world.resolved.store(true, SeqCst);
            let uuids = vec![world.kind.service().to_string()];
            let resolved = [("ServicesResolved", true.into()), ("UUIDs", uuids.into())];
            let _ = changed(&c, DEVICE, "org.bluez.Device1", &resolved).await;
        });
        Ok(())
    }

    async fn disconnect(&self, #[zbus(connection)] c: &Connection) -> Result<(), BluezError> {
        // Shorter than bluetoothd's two seconds; values go on until then.
        tokio::time::sleep(Duration::from_millis(200)).await;
        lose_link(c, &self.0).await?;
        Ok(())
    }
}

async fn add_services(c: &Connection, world: &Shared) -> zbus::Result<()> {
    let server = c.object_server();
    server.at(SERVICE, Service(world.clone())).await?;
    for i in 0..world.kind.characteristics().len() {
        server.at(characteristic_path(i), Characteristic { world: world.clone(), i }).await?;
    }
    Ok(())
}

fn characteristic_path(i: usize) -> String {
    format!("{SERVICE}/char{:04x}", 0x11 + 3 * i)
}

/// The sensor goes out of reach: one signal with both flags, everything else stays.
pub(crate) async fn lose_link(c: &Connection, world: &Shared) -> zbus::Result<()> {
    world.resolved.store(false, SeqCst);
    world.connected.store(false, SeqCst);
    let gone = [("ServicesResolved", false.into()), ("Connected", false.into())];
    changed(c, DEVICE, "org.bluez.Device1", &gone).await
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
        path(DEVICE)
    }
    #[zbus(property)]
    fn primary(&self) -> bool {
        true
    }
}

struct Characteristic {
    world: Shared,
    i: usize,
}

#[interface(name = "org.bluez.GattCharacteristic1")]
impl Characteristic {
    #[zbus(property, name = "UUID")]
    fn uuid(&self) -> String {
        self.world.uuid_of(self.i).to_string()
    }
    #[zbus(property)]
    fn service(&self) -> OwnedObjectPath {
        path(SERVICE)
    }
    #[zbus(property)]
    fn flags(&self) -> Vec<&'static str> {
        self.world.kind.characteristics()[self.i].1.to_vec()
    }
    #[zbus(property, name = "MTU")]
    fn mtu(&self) -> u16 {
        MTU
    }

    fn read_value(&self, _options: HashMap<String, OwnedVariant>) -> Result<Vec<u8>, BluezError> {
        if !self.world.connected.load(SeqCst) {
            return failed("Not connected");
        }
        Ok(self.world.sensor.lock().unwrap().read(self.world.uuid_of(self.i)))
    }

    async fn write_value(
        &self,
        value: Vec<u8>,
        _options: HashMap<String, OwnedVariant>,
        #[zbus(connection)] c: &Connection,
    ) -> Result<(), BluezError> {
        if !self.world.connected.load(SeqCst) {
            return failed("Not connected");
        }
        let answer = self.world.sensor.lock().unwrap().write(self.world.now(), &value);
        self.world.writes.lock().unwrap().push(value);
        match answer {
            Ok(None) => {}
            Ok(Some(bytes)) => notify(c, bytes).await?,
            Err(error) => return failed(&format!("Operation failed with ATT error: 0x{:02x}", error as u8)),
        }
        Ok(())
    }

    fn start_notify(&self, #[zbus(connection)] c: &Connection) -> Result<(), BluezError> {
        if !self.world.connected.load(SeqCst) {
            return failed("Not connected");
        }
        self.world.notifying.store(true, SeqCst);
        start_pump(c, &self.world);
        Ok(())
    }

    fn stop_notify(&self) -> Result<(), BluezError> {
        if self.world.notifying.swap(false, SeqCst) { Ok(()) } else { failed("No notify session started") }
    }
}

async fn notify(c: &Connection, bytes: Vec<u8>) -> zbus::Result<()> {
    changed(c, &characteristic_path(0), CHARACTERISTIC, &[("Value", bytes.into())]).await
}

fn start_pump(c: &Connection, world: &Shared) {
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
        let heard = world.connected.load(SeqCst) && world.notifying.load(SeqCst) && !world.silent.load(SeqCst);
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
            if notify(&c, bytes).await.is_err() {
                break;
            }
            world.sent.lock().unwrap().append(&mut waiting);
        }
    }
    world.pumping.store(false, SeqCst);
}

/// Serves the stand-in on this bus, with or without an adapter, until the connection is closed.
pub(crate) async fn serve(address: &str, world: &Shared, with_adapter: bool) -> zbus::Result<Connection> {
    let builder = connection::Builder::address(address).serve_at("/", fdo::ObjectManager);
    let builder = if with_adapter { builder.serve_at(ADAPTER, Adapter(world.clone())) } else { builder };
    builder.name("org.bluez").build().await
}
