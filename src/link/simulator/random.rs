//! Random numbers from a seed: the same on every machine, in every release.
//!
//! Generator: xoshiro256++ of D. Blackman and S. Vigna (2019, public domain description at
//! prng.di.unimi.it), its state filled by their splitmix64. Only integer arithmetic and exact scaling
//! is used, so no mathematics library can change a draw.

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(super) struct Random {
    state: [u64; 4],
}

impl Random {
    /// The stream of a seed. `purpose` keeps streams of one seed apart, so that drawing more noise
    /// does not move a bend.
    pub(super) fn new(seed: u64, purpose: Purpose) -> Self {
        let mut mixed = seed ^ ((purpose as u64) << 56);
        let mut next = || {
            mixed = mixed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let z = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        };
        Self { state: [next(), next(), next(), next()] }
    }

    fn next(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Evenly spread over `[0, 1)`.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Evenly spread over `[low, high)`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number of `[low, high]`.
    pub(super) fn count(&mut self, low: u32, high: u32) -> u32 {
        low + (self.unit() * f64::from(high - low + 1)) as u32
    }

    /// True with this chance.
    pub(super) fn chance(&mut self, of: f64) -> bool {
        self.unit() < of
    }

    /// +1 or −1.
    pub(super) fn sign(&mut self) -> f64 {
        if self.next() >> 63 == 0 { 1.0 } else { -1.0 }
    }

    /// Bell-shaped noise with mean 0 and SD 1: four 16-bit numbers of one draw, summed. Its tails
    /// end at 3.5 SD, as those of a sensor that clips spikes do, and it needs no logarithm.
    pub(super) fn bell(&mut self) -> f64 {
        let bits = self.next();
        let sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        // Mean of the sum: 4 * 65535 / 2. Its SD: sqrt(4 * (65536² − 1) / 12) = 37837.2.
        (sum as f64 - 131_070.0) * (1.0 / 37_837.2)
    }
}

/// What a stream of random numbers is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// What the wearer does, and when.
    Script = 1,
    /// How the sensor is worn and what it gets wrong.
    Sensor = 2,
    /// White noise of the sensor.
    Noise = 3,
    /// Which samples are lost.
    Loss = 4,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bell_noise_has_mean_zero_and_sd_one() {
        let mut random = Random::new(7, Purpose::Noise);
        let n = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = random.bell();
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(n);
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((squares / f64::from(n) - 1.0).abs() < 0.01);
    }

    #[test]
    fn purposes_of_one_seed_are_different_streams() {
        let first = |purpose| Random::new(1, purpose).next();
        assert_ne!(first(Purpose::Script), first(Purpose::Noise));
        assert_eq!(first(Purpose::Loss), first(Purpose::Loss));
    }

    #[test]
    fn counts_reach_both_ends_and_no_further() {
        let mut random = Random::new(3, Purpose::Script);
        let drawn: Vec<u32> = (0..200).map(|_| random.count(2, 4)).collect();
        assert!(drawn.iter().all(|n| (2..=4).contains(n)) && drawn.contains(&2) && drawn.contains(&4));
    }
}
