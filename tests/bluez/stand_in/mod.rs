//! A stand-in for bluetoothd: `org.bluez` with one adapter and the sensors around it, on a private bus.
//!
//! It copies what bluetoothd 5.66 was seen to do: `Connect` answers before the services are resolved; a
//! lost link is one signal with both flags, leaves `Notifying` and the objects alone, and the subscription
//! is taken up again by itself on the next connection, so values come before anyone subscribes; a read comes
//! as a value too; a device that is not connected is forgotten when the scan stops. What it does wrong on
//! demand is in [`Faults`].

mod adapter;
mod device;
mod gatt;

use super::sensor::{Kind, Sensor};
use adapter::{ADAPTER, Adapter, Radio};
use firmware_protocol::session::Moment;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use zbus::{Connection, Variant, connection, fdo};

pub(crate) use device::lose_link;

const MTU: u16 = 23;

/// A sensor's world, and what a test does to it.
pub(crate) struct World {
    pub(crate) kind: Kind,
    pub(crate) address: String,
    /// What it calls itself.
    pub(crate) name: String,
    /// What it says of itself under a company's number.
    pub(crate) manufacturer: Mutex<Option<(u16, Vec<u8>)>>,
    begun: Instant,
    sensor: Mutex<Sensor>,
    /// The stand-in knows it: it was seen in this scan, or is connected.
    present: AtomicBool,
    connected: AtomicBool,
    resolved: AtomicBool,
    notifying: AtomicBool,
    pumping: AtomicBool,
    /// The next sample's number: the sensor counts from its start on, heard or not.
    next: AtomicU64,
    /// Samples that went out, in order: their numbers, and when, in ns since 1970.
    sent: Mutex<Vec<(u64, u64)>>,
    /// Everything written to the sensor, and when.
    pub(crate) writes: Mutex<Vec<(Instant, Vec<u8>)>>,
    /// Calls so far.
    pub(crate) connects: AtomicU32,
    pub(crate) disconnects: AtomicU32,
    /// Reads and writes that came while one was under way on the same characteristic.
    pub(crate) overlaps: AtomicU32,
    /// Its charge in percent.
    pub(crate) charge: AtomicU8,
    pub(crate) faults: Faults,
}

/// What goes wrong, until a test ends it.
#[derive(Default)]
pub(crate) struct Faults {
    /// Out of reach.
    pub(crate) hidden: AtomicBool,
    /// Samples come to a halt although the link stands.
    pub(crate) silent: AtomicBool,
    /// So many calls of Connect fail from now on, with these words.
    pub(crate) refuse_connects: AtomicU32,
    pub(crate) refusal: Mutex<&'static str>,
    /// So many calls of Connect are never answered, until Disconnect.
    pub(crate) hang_connects: AtomicU32,
    /// So many connections are resolved before the services are there.
    pub(crate) late_trees: AtomicU32,
    /// The services are those of something else.
    pub(crate) wrong_tree: AtomicBool,
    /// Another program has the notifications.
    pub(crate) held: AtomicBool,
    /// So many writes are refused from now on, as while another is under way.
    pub(crate) refuse_writes: AtomicU32,
    /// The charge is never told.
    pub(crate) hang_reads: AtomicBool,
    /// So many times its name is not known yet when it is asked for: it comes in a later packet.
    pub(crate) nameless: AtomicU32,
    /// Ending a connection takes the two seconds of a real bluetoothd.
    pub(crate) slow_disconnects: AtomicBool,
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
    NotConnected(String),
    NotPermitted(String),
}

fn failed<T>(words: &str) -> Result<T, BluezError> {
    Err(BluezError::Failed(words.into()))
}

fn takes_one(count: &AtomicU32) -> bool {
    count.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok()
}

async fn changed(c: &Connection, path: &str, interface: &str, properties: &[(&str, Variant<'_>)]) -> zbus::Result<()> {
    let map: HashMap<&str, &Variant<'_>> = properties.iter().map(|(name, value)| (*name, value)).collect();
    let body = (interface, map, Vec::<&str>::new());
    c.emit_signal(None::<&str>, path, "org.freedesktop.DBus.Properties", "PropertiesChanged", &body).await
}

pub(crate) fn utc_ns() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// The address of the first sensor.
pub(crate) const ADDRESS: &str = "C0:FF:EE:00:00:01";

impl World {
    pub(crate) fn new(kind: Kind) -> Shared {
        Self::numbered(kind, 1, kind.name())
    }

    /// The `n`th sensor around, with a name of its own.
    pub(crate) fn numbered(kind: Kind, n: u8, name: &str) -> Shared {
        let faults = Faults { refusal: Mutex::new("le-connection-abort-by-local"), ..Faults::default() };
        Arc::new(Self {
            kind,
            address: format!("{}{n:02X}", &ADDRESS[..15]),
            name: name.to_owned(),
            manufacturer: Mutex::default(),
            begun: Instant::now(),
            sensor: Mutex::new(kind.sensor(MTU)),
            present: AtomicBool::new(false),
            connected: AtomicBool::new(false),
            resolved: AtomicBool::new(false),
            notifying: AtomicBool::new(false),
            pumping: AtomicBool::new(false),
            next: AtomicU64::new(0),
            sent: Mutex::default(),
            writes: Mutex::default(),
            connects: AtomicU32::new(0),
            disconnects: AtomicU32::new(0),
            overlaps: AtomicU32::new(0),
            charge: AtomicU8::new(80),
            faults,
        })
    }

    fn now(&self) -> Moment {
        Moment(self.begun.elapsed().as_nanos() as u64)
    }

    fn path(&self) -> String {
        format!("{ADAPTER}/dev_{}", self.address.replace(':', "_"))
    }

    /// Numbers of the samples that went out.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.sent.lock().unwrap().iter().map(|(number, _)| *number).collect()
    }

    /// The same with this one among them: it may have come before it was noted here.
    pub(crate) fn numbers_with(&self, newest: u64) -> Vec<u64> {
        for _ in 0..100 {
            let numbers = self.numbers();
            if numbers.iter().rev().take(1_000).any(|n| *n == newest) {
                return numbers;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.numbers()
    }

    /// When each went out.
    pub(crate) fn sent_at(&self) -> HashMap<u64, u64> {
        self.sent.lock().unwrap().iter().copied().collect()
    }

    pub(crate) fn sent_so_far(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    /// When these bytes were first written.
    pub(crate) fn written_at(&self, bytes: &[u8]) -> Option<Instant> {
        self.writes.lock().unwrap().iter().find(|(_, written)| written == bytes).map(|(at, _)| *at)
    }

    /// The sensor is connected just now.
    pub(crate) fn is_connected(&self) -> bool {
        self.connected.load(SeqCst)
    }

    /// What becomes of it when bluetoothd dies: nothing that it knew is left.
    pub(crate) fn forget(&self) {
        for flag in [&self.present, &self.connected, &self.resolved, &self.notifying] {
            flag.store(false, SeqCst);
        }
    }
}

/// A running stand-in.
pub(crate) struct Bluez {
    pub(crate) c: Connection,
    pub(crate) radio: Arc<Radio>,
}

impl Bluez {
    pub(crate) async fn close(self) -> zbus::Result<()> {
        self.radio.discovering.store(false, SeqCst);
        self.c.close().await
    }

    /// Someone switches the adapter off, and blocks it.
    pub(crate) async fn switch_off(&self) -> zbus::Result<()> {
        for flag in [&self.radio.powered, &self.radio.discovering] {
            flag.store(false, SeqCst);
        }
        self.radio.blocked.store(true, SeqCst);
        let off = [("Powered", false.into()), ("Discovering", false.into())];
        changed(&self.c, ADAPTER, "org.bluez.Adapter1", &off).await?;
        for world in &self.radio.worlds {
            lose_link(&self.c, world).await?;
        }
        Ok(())
    }
}

/// Serves the stand-in with one sensor on this bus, with or without an adapter, until it is closed.
pub(crate) async fn serve(address: &str, world: &Shared, with_adapter: bool) -> zbus::Result<Bluez> {
    serve_all(address, std::slice::from_ref(world), with_adapter).await
}

/// The same with these sensors around.
pub(crate) async fn serve_all(address: &str, worlds: &[Shared], with_adapter: bool) -> zbus::Result<Bluez> {
    let radio = Arc::new(Radio::new(worlds));
    let builder = connection::Builder::address(address).serve_at("/", fdo::ObjectManager);
    let builder = if with_adapter { builder.serve_at(ADAPTER, Adapter(radio.clone())) } else { builder };
    Ok(Bluez { c: builder.name("org.bluez").build().await?, radio })
}
