//! A sensor on a virtual Bluetooth controller, and the judge of what was stored of it; for the virtual machine
//! that `run` in this folder starts.
//!
//! In:  what the kernel's Bluetooth asks through `/dev/vhci`; or a journal of what was sent, and an export.
//! Out: a sensor that can be found, connected and listened to, and loses its link twice; or the verdict.
//! Left to others: the kernel, bluetoothd and lumbard, which are the real ones.
//!
//! | file | holds |
//! |---|---|
//! | `controller` | the controller: commands and events of HCI, one connection |
//! | `gatt` | the sensor's attributes and the answers to requests for them |
//! | `sensor` | numbered samples in the bytes of a family, shared with `tests/bluez` |
//! | `peer` | the sensor's life: samples when due, the links that are lost, what goes into the journal |
//! | `journal` | what was sent on which connection, written and read |
//! | `judge` | what was sent against what was stored |

mod controller;
mod gatt;
mod journal;
mod judge;
mod peer;
#[path = "../../bluez/sensor.rs"]
#[allow(dead_code, reason = "shared with tests/bluez, which may use more of it")]
mod sensor;

use firmware_protocol::session::Moment;
use sensor::Kind;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const USAGE: &str = "vm-peer sensor open-motion|witmotion ADDRESS MTU SAMPLES JOURNAL
vm-peer judge JOURNAL RAW_CSV GAPS_CSV";
/// What a new virtual controller is asked for: a primary one, without quirks.
const CREATE: [u8; 2] = [0xff, 0x00];
/// The longest wait for anything; only so that the loop is never stuck.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// No packet of the kernel's is longer: the controller tells it to keep to 251 bytes.
const LONGEST_PACKET: usize = 1024;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["sensor", kind, address, mtu, samples, journal] => sensor(kind, address, mtu, samples, journal),
        ["judge", journal, raw, gaps] => judged(journal, raw, gaps),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(words) => {
            eprintln!("vm-peer: {words}");
            ExitCode::from(2)
        }
    }
}

fn judged(journal: &str, raw: &str, gaps: &str) -> Result<bool, String> {
    let read = |path: &str| std::fs::read_to_string(path).map_err(|error| format!("{path} cannot be read: {error}"));
    let journal = journal::Journal::parse(&read(journal)?)?;
    let verdict = judge::judge(&journal, &read(raw)?, &read(gaps)?)?;
    println!("{verdict}");
    Ok(verdict.passed())
}

/// The kind of sensor by the name of its family.
fn kind_of(name: &str) -> Result<Kind, String> {
    match name {
        "open-motion" => Ok(Kind::Open),
        "witmotion" => Ok(Kind::WitMotion),
        _ => Err(format!("{name:?} is no kind of sensor\n{USAGE}")),
    }
}

/// Six bytes, least significant first as on the air, of `C0:FF:EE:00:00:01`.
fn address_of(text: &str) -> Option<[u8; 6]> {
    let bytes: Option<Vec<u8>> = text.rsplit(':').map(|byte| u8::from_str_radix(byte, 16).ok()).collect();
    bytes?.try_into().ok()
}

fn sensor(kind: &str, address: &str, mtu: &str, samples: &str, journal: &str) -> Result<bool, String> {
    let kind = kind_of(kind)?;
    let address = address_of(address).ok_or_else(|| format!("{address:?} is no address\n{USAGE}"))?;
    let mtu = mtu.parse().map_err(|_| format!("{mtu:?} is no MTU\n{USAGE}"))?;
    let samples = samples.parse().map_err(|_| format!("{samples:?} is no number of samples\n{USAGE}"))?;
    let out = File::create(journal).map_err(|error| format!("{journal} cannot be written: {error}"))?;
    let peer = peer::Peer::new(kind, address, mtu, samples, journal::Writer::begin(out, kind));
    serve(peer).map(|()| true).map_err(|error| format!("/dev/vhci: {error}"))
}

/// Runs the sensor until the process is ended.
fn serve(mut peer: peer::Peer) -> std::io::Result<()> {
    let mut vhci = OpenOptions::new().read(true).write(true).open("/dev/vhci")?;
    let packets = packets_of(vhci.try_clone()?);
    vhci.write_all(&CREATE)?;
    let begun = Instant::now();
    let now = || Moment(u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX));
    loop {
        peer.wake(now())?;
        send(&mut vhci, &mut peer)?;
        let wait = peer.wake_at().map_or(LONGEST_WAIT, |at| Duration::from_nanos(at.nanos_since(now())));
        match packets.recv_timeout(wait.min(LONGEST_WAIT)) {
            Ok(packet) => peer.packet(now(), &packet?)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        send(&mut vhci, &mut peer)?;
    }
}

/// One write is one packet.
fn send(vhci: &mut File, peer: &mut peer::Peer) -> std::io::Result<()> {
    peer.outgoing().try_for_each(|packet| vhci.write_all(&packet))
}

/// What the kernel sends, read by a thread of its own, so that nothing here waits on two things at once.
fn packets_of(mut vhci: File) -> Receiver<std::io::Result<Vec<u8>>> {
    let (sender, packets) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; LONGEST_PACKET];
        loop {
            let packet = vhci.read(&mut buffer).map(|len| buffer[..len].to_vec());
            let failed = packet.is_err();
            if sender.send(packet).is_err() || failed {
                break;
            }
        }
    });
    packets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_goes_out_in_the_order_of_the_air() {
        assert_eq!(address_of("C0:FF:EE:00:00:01"), Some([1, 0, 0, 0xee, 0xff, 0xc0]));
        assert_eq!(address_of("C0:FF:EE:00:00"), None);
        assert_eq!(address_of("C0:FF:EE:00:00:xx"), None);
    }
}
