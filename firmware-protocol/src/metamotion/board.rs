//! What the module table and the model number tell of a board.

use super::wire::{Chip, Info, module};

/// The modules that are asked for.
pub(super) const MODULES: [u8; 7] =
    [module::SETTINGS, module::ACC, module::GYRO, module::PROCESSOR, module::HAPTIC, module::LED, module::LIGHT];
/// Revision of the settings module from which on it tells the charge. Source: the device page.
const TELLS_BATTERY: u8 = 3;
/// Model number of the MetaMotionR and RL.
const MODEL_R: &[u8] = b"5";

/// What is known of the board.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Board {
    acc: Option<u8>,
    gyro: Option<u8>,
    pub(super) processor: Option<u8>,
    settings: u8,
    haptic: bool,
    pub(super) led: bool,
    light: bool,
    model_r: bool,
}

impl Board {
    /// Takes what the board says of one of [`MODULES`]; nothing if it has none such.
    pub(super) fn take(&mut self, module: u8, info: Option<&Info<'_>>) {
        match module {
            module::ACC => self.acc = info.map(|info| info.implementation),
            module::GYRO => self.gyro = info.map(|info| info.implementation),
            module::PROCESSOR => self.processor = info.map(|info| info.revision),
            module::SETTINGS => self.settings = info.map_or(0, |info| info.revision),
            module::HAPTIC => self.haptic = info.is_some(),
            module::LED => self.led = info.is_some(),
            _ => self.light = info.is_some(),
        }
    }

    /// The chip that accelerometer and gyroscope agree on.
    pub(super) fn chip(&self) -> Option<Chip> {
        let chip = Chip::of_acc(self.acc?)?;
        (chip.implementations().1 == self.gyro?).then_some(chip)
    }

    /// Takes the model number.
    pub(super) fn take_model(&mut self, number: &[u8]) {
        self.model_r = number == MODEL_R;
    }

    /// The settings module tells the charge.
    pub(super) const fn tells_battery(&self) -> bool {
        self.settings >= TELLS_BATTERY
    }

    /// A motor is on the driver: only the MetaMotionR may have one, the light sensor tells it from the RL.
    pub(super) const fn may_buzz(&self) -> bool {
        self.haptic && self.model_r && self.light
    }
}
