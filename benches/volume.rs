//! MAD and ENMO alone, from samples to the figures of 5 s epochs.
//!
//! Budget (the issue's): at most 3 ns a sample for both.
//!
//! ```text
//! cargo bench --bench volume
//! ```

use divan::{Bencher, black_box, counter::ItemsCount};
use lumbard::frames::{Placement, Vec3};
use lumbard::link::simulator::worn_day;
use lumbard::signal::volume::{enmo, mad};
use std::sync::LazyLock;

const RATE_HZ: f64 = 100.0;
/// Samples of one epoch.
const EPOCH: usize = 500;

static ACC: LazyLock<Vec<Vec3>> =
    LazyLock::new(|| worn_day(7, 1.0, RATE_HZ, Placement::L3).readings().map(|reading| reading.acc_g).collect());

fn main() {
    divan::main();
}

/// Norms as they are made for every epoch, then both figures.
#[divan::bench]
fn mad_and_enmo(bencher: Bencher) {
    let samples = &*ACC;
    let mut norms = Vec::with_capacity(EPOCH);
    bencher.counter(ItemsCount::new(samples.len())).bench_local(|| {
        for epoch in samples.chunks(EPOCH) {
            norms.clear();
            norms.extend(epoch.iter().map(Vec3::norm));
            black_box((mad(&norms), enmo(&norms)));
        }
    });
}

/// Both figures, from norms that are there already.
#[divan::bench]
fn of_norms(bencher: Bencher) {
    let norms: Vec<f64> = ACC.iter().map(Vec3::norm).collect();
    bencher.counter(ItemsCount::new(norms.len())).bench(|| {
        for epoch in norms.chunks(EPOCH) {
            black_box((mad(epoch), enmo(epoch)));
        }
    });
}
