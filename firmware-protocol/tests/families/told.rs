//! What an explainer tells, as JSON.

use firmware_protocol::explain::{Tell, Value};
use serde_json::{Map, Value as Json, json};

#[derive(Debug)]
enum Open {
    List(&'static str, Vec<Map<String, Json>>),
    Group(&'static str, Map<String, Json>),
}

/// Collects what is told.
#[derive(Debug)]
pub(crate) struct Told(Vec<Open>);

impl Default for Told {
    fn default() -> Self {
        Self(vec![Open::Group("", Map::new())])
    }
}

impl Told {
    /// All of it. Panics if a list or a group was not ended.
    pub(crate) fn json(mut self) -> Json {
        match (self.0.pop(), self.0.is_empty()) {
            (Some(Open::Group(_, map)), true) => Json::Object(map),
            (open, _) => panic!("not ended: {open:?}"),
        }
    }

    fn put(&mut self, name: &'static str, value: Json) {
        let map = match self.0.last_mut() {
            Some(Open::Group(_, map)) => map,
            Some(Open::List(list, entries)) => entries.last_mut().unwrap_or_else(|| panic!("{list} has no entry")),
            None => panic!("{name} comes after the end"),
        };
        let before = map.insert(name.to_owned(), value);
        assert_eq!(before, None, "{name} is told twice");
    }
}

impl Tell for Told {
    fn value(&mut self, name: &'static str, value: Value<'_>) {
        let json = match value {
            Value::Integer(n) => json!(n),
            Value::Number(n) => json!(n),
            Value::Integers(n) => json!(n),
            Value::Numbers(n) => json!(n),
            Value::Vectors(n) => json!(n),
            Value::Text(text) => json!(text),
            Value::Texts(texts) => json!(texts),
            Value::Hex(n, digits) => json!(format!("0x{n:0width$x}", width = usize::from(digits))),
            Value::Bytes(bytes) => json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
            Value::Flag(flag) => json!(flag),
            Value::Nothing => Json::Null,
        };
        self.put(name, json);
    }
    fn list(&mut self, name: &'static str) {
        self.0.push(Open::List(name, Vec::new()));
    }
    fn entry(&mut self) {
        match self.0.last_mut() {
            Some(Open::List(_, entries)) => entries.push(Map::new()),
            open => panic!("an entry in {open:?}"),
        }
    }
    fn group(&mut self, name: &'static str) {
        self.0.push(Open::Group(name, Map::new()));
    }
    fn end(&mut self) {
        match self.0.pop() {
            Some(Open::List(name, entries)) => {
                // An entry with no name is the value itself.
                let entry = |mut map: Map<String, Json>| map.remove("").unwrap_or(Json::Object(map));
                self.put(name, entries.into_iter().map(entry).collect());
            }
            Some(Open::Group(name, map)) => self.put(name, json!(map)),
            None => panic!("nothing to end"),
        }
    }
}
