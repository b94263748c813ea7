//! Which sensors may be taken. In: names and addresses that someone gave. Out: whether one that was found is
//! wanted, and for what. Keeping the list is left to others.

/// Known sensors, by name or address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedSensors {
    /// One of these is worn: the first that is seen. With none named, any that is known of its kind.
    pub worn: Vec<String>,
    /// These are only buzzed, beside the one that is worn. The first that is seen is connected.
    pub buzzers: Vec<String>,
}

/// What a sensor is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its samples are taken.
    Worn,
    /// It carries signals, and nothing else.
    Buzzer,
}

impl WantedSensors {
    /// What a sensor with this name and address is wanted for.
    pub fn role(&self, name: Option<&str>, address: &str) -> Option<Role> {
        let named = |list: &[String]| list.iter().any(|wanted| is(name, address, wanted));
        if named(&self.buzzers) {
            Some(Role::Buzzer)
        } else {
            (self.worn.is_empty() || named(&self.worn)).then_some(Role::Worn)
        }
    }

    /// It was asked for by name or address, and not just as any.
    pub fn names(&self, name: Option<&str>, address: &str) -> bool {
        self.worn.iter().chain(&self.buzzers).any(|wanted| is(name, address, wanted))
    }

    /// Another worn sensor may take the place of one that is gone.
    pub fn has_choice(&self) -> bool {
        self.worn.len() > 1
    }

    /// What is looked for, in words.
    pub fn called(&self) -> String {
        match &self.worn[..] {
            [] => "a sensor".to_owned(),
            [one] => one.clone(),
            [first, ..] => format!("any of {} sensors ({first}, …)", self.worn.len()),
        }
    }
}

impl From<Option<String>> for WantedSensors {
    fn from(sensor: Option<String>) -> Self {
        Self { worn: sensor.into_iter().collect(), buzzers: Vec::new() }
    }
}

fn is(name: Option<&str>, address: &str, wanted: &str) -> bool {
    address.eq_ignore_ascii_case(wanted) || name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sensor_is_wanted_by_name_or_address_and_for_one_thing() {
        let wanted = WantedSensors { worn: vec!["back".into(), "AA:01".into()], buzzers: vec!["wrist".into()] };
        assert_eq!(wanted.role(Some("Back"), "AA:09"), Some(Role::Worn));
        assert_eq!(wanted.role(None, "aa:01"), Some(Role::Worn));
        assert_eq!(wanted.role(Some("wrist"), "AA:01"), Some(Role::Buzzer));
        assert_eq!(wanted.role(Some("other"), "AA:02"), None);
        assert!(wanted.has_choice());
    }

    #[test]
    fn with_none_named_any_is_taken_but_a_buzzer_is_not_worn() {
        let wanted = WantedSensors { buzzers: vec!["wrist".into()], ..WantedSensors::default() };
        assert_eq!(wanted.role(Some("any"), "AA:02"), Some(Role::Worn));
        assert_eq!(wanted.role(Some("wrist"), "AA:03"), Some(Role::Buzzer));
        assert!(!wanted.names(Some("any"), "AA:02") && wanted.names(Some("wrist"), "AA:03"));
        assert!(!wanted.has_choice());
    }
}
