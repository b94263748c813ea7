//! Sorts what was seen by the direction in which specific force then pointed, in a fixed amount of memory.

use crate::frames::Vec3;

/// Patches along each edge of each face of a cube around the sensor: some 15° wide.
const EDGE: usize = 6;
const PATCHES: usize = 6 * EDGE * EDGE;

/// What was seen while specific force pointed into one patch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Seen {
    /// Seconds of walking, and the sum of mean specific force over them.
    pub(super) walked_s: f64,
    pub(super) walked_force: Vec3,
    /// Sum of the level swings at step frequency that go as forward acceleration, and of the sizes of all.
    pub(super) forward: Vec3,
    pub(super) swing: f64,
    /// Seconds of stillness, and the sum of specific force over them.
    pub(super) still_s: f64,
    pub(super) still_force: Vec3,
    /// Seconds of anything, and the sum of specific force over them.
    pub(super) seen_s: f64,
    pub(super) seen_force: Vec3,
    /// Sum of leanings from here, each weighed by its size, and of the squares of their sizes.
    pub(super) leaned: Vec3,
    pub(super) leaned2: f64,
    pub(super) leaned_s: f64,
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.walked_s += other.walked_s;
        self.walked_force += other.walked_force;
        self.forward += other.forward;
        self.swing += other.swing;
        self.seen_s += other.seen_s;
        self.seen_force += other.seen_force;
        self.still_s += other.still_s;
        self.still_force += other.still_force;
        self.leaned += other.leaned;
        self.leaned2 += other.leaned2;
        self.leaned_s += other.leaned_s;
    }
}

/// Everything seen, by direction.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Directions {
    patches: Vec<Seen>,
}

impl Directions {
    pub(super) fn new() -> Self {
        Self { patches: vec![Seen::default(); PATCHES] }
    }

    /// The patch into which a vector points.
    pub(super) fn at(&mut self, v: &Vec3) -> &mut Seen {
        &mut self.patches[patch(v)]
    }

    /// All that was seen within `angle` (rad) of a direction, patch by patch.
    pub(super) fn around(&self, direction: &Vec3, angle: f64) -> Seen {
        let mut sum = Seen::default();
        for (i, seen) in self.patches.iter().enumerate() {
            if centre(i).angle(direction) <= angle {
                sum.add(seen);
            }
        }
        sum
    }

    /// The sum of leanings, of the squares of their sizes and of their times, each weighed by how near to
    /// `up` it began: not at all from `angle` (rad) on.
    pub(super) fn leanings(&self, up: &Vec3, angle: f64) -> (Vec3, f64, f64) {
        let (mut leaned, mut leaned2, mut leaned_s) = (Vec3::zeros(), 0.0, 0.0);
        for (i, seen) in self.patches.iter().enumerate() {
            let near = (1.0 - centre(i).angle(up) / angle).max(0.0);
            let weight = near * near;
            leaned += seen.leaned * weight;
            leaned2 += seen.leaned2 * weight;
            leaned_s += seen.leaned_s * weight;
        }
        (leaned, leaned2, leaned_s)
    }

    /// The direction around which the most was seen, by the measure given; `None` where it is nowhere
    /// above zero.
    pub(super) fn most(&self, angle: f64, measure: impl Fn(&Seen) -> f64) -> Option<Vec3> {
        (0..PATCHES)
            .filter(|&i| measure(&self.patches[i]) > 0.0)
            .map(|i| (centre(i), measure(&self.around(&centre(i), angle))))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(direction, _)| direction)
    }

    /// The sum over all directions.
    pub(super) fn all(&self) -> Seen {
        self.around(&Vec3::x(), std::f64::consts::PI)
    }
}

fn patch(v: &Vec3) -> usize {
    let axis = v.iamax();
    let size = v[axis].abs().max(f64::MIN_POSITIVE);
    let along = |i: usize| {
        // The tangent bends the patches to nearly equal width.
        let place = (v[i] / size).atan() / std::f64::consts::FRAC_PI_4;
        (((place + 1.0) / 2.0 * EDGE as f64) as usize).min(EDGE - 1)
    };
    let face = 2 * axis + usize::from(v[axis] < 0.0);
    (face * EDGE + along((axis + 1) % 3)) * EDGE + along((axis + 2) % 3)
}

fn centre(patch: usize) -> Vec3 {
    let (face, row, column) = (patch / (EDGE * EDGE), patch / EDGE % EDGE, patch % EDGE);
    let axis = face / 2;
    let place = |i: usize| (((i as f64 + 0.5) / EDGE as f64 * 2.0 - 1.0) * std::f64::consts::FRAC_PI_4).tan();
    let mut v = Vec3::zeros();
    v[axis] = if face % 2 == 1 { -1.0 } else { 1.0 };
    v[(axis + 1) % 3] = place(row);
    v[(axis + 2) % 3] = place(column);
    v.normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_centre_of_a_patch_points_into_it() {
        for i in 0..PATCHES {
            assert_eq!(patch(&centre(i)), i);
        }
    }

    #[test]
    fn what_is_seen_around_a_direction_is_found_again() {
        let mut directions = Directions::new();
        let up = Vec3::new(0.2, -0.9, 0.3);
        directions.at(&up).still_s += 3.0;
        directions.at(&Vec3::z()).still_s += 2.0;
        let most = directions.most(0.4, |seen| seen.still_s).unwrap();
        assert!(most.angle(&up) < 0.2);
        assert_eq!(directions.all().still_s, 5.0);
    }
}
