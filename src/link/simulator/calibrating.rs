//! Someone who does what a guided calibration asks for: stands still, bends comfortably twice, stands again.
//!
//! In:  a seed, how often, a rate and a placement. Out: one recording with its truth. The sensor is worn a
//! little crooked and has the errors of `Sensor::worn`. Times and depths are chosen by us.

use super::Simulation;
use super::activities::Bend;
use super::script::Script;
use super::sensor::Sensor;
use crate::frames::Placement;

/// Does it so many times, one after another.
pub fn calibrating(seed: u64, times: u32, rate_hz: f64, placement: Placement) -> Simulation {
    let mut script = Script::new(seed, placement);
    for _ in 0..times {
        let still = script.random.between(5.0, 7.0);
        script.stand(still);
        for _ in 0..2 {
            let (peak_deg, down_s) = (script.random.between(46.0, 58.0), script.random.between(1.2, 1.9));
            let (hold_s, up_s) = (script.random.between(0.2, 0.7), script.random.between(1.4, 2.1));
            script.bend(Bend { peak_deg, down_s, hold_s, up_s, side_deg: 0.0 });
            let pause = script.random.between(0.7, 1.4);
            script.stand(pause);
        }
    }
    script.stand(2.0);
    script.finish();
    Simulation {
        // The same sensor as that of the day of this seed, so that its calibration is found again.
        name: format!("day-seed{seed}"),
        placement,
        rate_hz,
        seed,
        script,
        sensor: Sensor::worn(seed),
        loss: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Sample;
    use crate::signal::mounting::guided::{Guided, Step};

    #[test]
    fn a_guided_calibration_finds_how_the_simulated_sensor_sits() {
        for (seed, placement) in [(1, Placement::L1), (2, Placement::L3), (3, Placement::L5S1), (4, Placement::L3)] {
            let simulation = calibrating(seed, 1, 50.0, placement);
            for gyro in [true, false] {
                let mut guided = Guided::default();
                for reading in simulation.readings() {
                    let gyr = gyro.then_some(reading.gyr);
                    guided.push(&Sample { t: reading.t, acc: reading.acc_g, gyr });
                }
                let Step::Over(Ok(calibration)) = guided.step() else { panic!("{seed}: {:?}", guided.step()) };
                let truth = simulation.sensor.sensor_from_body.inverse();
                let error = calibration.mounting.body_from_sensor.angle_to(&truth).to_degrees();
                assert!(error < 6.0, "seed {seed}, gyroscope {gyro}: {error}° off");
                assert!(guided.left().0 > 10.0, "{:?}", guided.left());
            }
        }
    }
}
