//! A reader that has nothing but btleplug: what the path costs without us.

use super::sensor::number;
use super::stand_in::utc_ns;
use btleplug::api::{Central as _, Manager as _, Peripheral as _, ScanFilter};
use btleplug::platform::Manager;
use firmware_protocol::open_motion::MOTION;
use firmware_protocol::open_motion::wire::Packet;
use futures_util::StreamExt as _;
use std::io::Write as _;
use std::time::Duration;

/// The child's side: prints every sample that it gets, until stdin ends.
pub(crate) fn run() {
    if std::env::var_os("LUMBARD_TEST_RATE_HZ").is_none() {
        println!("this is a reader beside the client; another test starts it");
        return;
    }
    std::thread::spawn(|| {
        std::io::stdin().lines().map_while(Result::ok).for_each(drop);
        std::process::exit(0);
    });
    // Printing must not hold up reading.
    let (sender, lines) = std::sync::mpsc::channel::<(u64, u64)>();
    std::thread::spawn(move || {
        let mut out = std::io::stdout().lock();
        for (number, at_ns) in lines {
            writeln!(out, "told sample {number} 0 {at_ns}").expect("the test listens");
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(read(&sender)).expect("the stand-in works");
}

async fn read(sender: &std::sync::mpsc::Sender<(u64, u64)>) -> btleplug::Result<()> {
    let manager = Manager::new().await?;
    let adapter = manager.adapters().await?.into_iter().next().expect("an adapter");
    let peripheral = loop {
        if let Some(peripheral) = adapter.peripherals().await?.into_iter().next() {
            break peripheral;
        }
        let _ = adapter.start_scan(ScanFilter::default()).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    peripheral.connect().await?;
    peripheral.discover_services().await?;
    let mut notifications = peripheral.notifications().await?;
    let motion = peripheral.characteristics().into_iter().find(|c| c.uuid.as_u128() == MOTION.0).expect("samples");
    peripheral.subscribe(&motion).await?;
    while let Some(notification) = notifications.next().await {
        let at_ns = utc_ns();
        let Ok(packet) = Packet::parse(&notification.value) else { continue };
        for sample in packet.samples() {
            let _ = sender.send((number(sample.acc.map(i64::from)), at_ns));
        }
    }
    Ok(())
}
