//! What an explainer tells, as JSON.

use firmware_protocol::explain::{Tell, Value};
use serde_json::{Map, Value as Json, json};

type Object = Map<String, Json>;

/// A list or a group that was begun and not ended.
#[derive(Debug)]
enum Open {
    List(&'static str, Vec<Object>),
    Group(&'static str, Object),
}

/// Collects what is told of one message.
#[derive(Debug, Default)]
pub(super) struct Told {
    message: Object,
    open: Vec<Open>,
}

impl Told {
    /// All of it.
    pub(super) fn json(mut self) -> Json {
        while !self.open.is_empty() {
            self.end();
        }
        Json::Object(self.message)
    }

    fn put(&mut self, name: &'static str, value: Json) {
        let object = match self.open.last_mut() {
            None => &mut self.message,
            Some(Open::Group(_, object)) => object,
            Some(Open::List(_, entries)) => {
                if entries.is_empty() {
                    entries.push(Object::new());
                }
                let last = entries.len() - 1;
                &mut entries[last]
            }
        };
        object.insert(name.to_owned(), value);
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
            Value::Bytes(bytes) => json!(hex(bytes)),
            Value::Flag(flag) => json!(flag),
            Value::Nothing => Json::Null,
        };
        self.put(name, json);
    }
    fn list(&mut self, name: &'static str) {
        self.open.push(Open::List(name, Vec::new()));
    }
    fn entry(&mut self) {
        if let Some(Open::List(_, entries)) = self.open.last_mut() {
            entries.push(Object::new());
        }
    }
    fn group(&mut self, name: &'static str) {
        self.open.push(Open::Group(name, Object::new()));
    }
    fn end(&mut self) {
        match self.open.pop() {
            Some(Open::List(name, entries)) => {
                // An entry with no name is the value itself.
                let entry = |mut object: Object| object.remove("").unwrap_or(Json::Object(object));
                self.put(name, entries.into_iter().map(entry).collect());
            }
            Some(Open::Group(name, object)) => self.put(name, Json::Object(object)),
            None => {}
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_protocol::explain::element;

    #[test]
    fn lists_and_groups_lie_where_they_were_begun() {
        let mut told = Told::default();
        told.value("rate_hz", Value::Number(50.0));
        told.list("samples");
        told.entry();
        told.value("raw", Value::Integers(&[1, 2]));
        told.entry();
        told.value("register", Value::Hex(0x0a, 2));
        told.end();
        told.list("types");
        element(Value::Text("ACC"), &mut told);
        element(Value::Text("GYRO"), &mut told);
        told.end();
        told.group("inside");
        told.value("bytes", Value::Bytes(&[0, 255]));
        told.value("nothing", Value::Nothing);
        // A group that nobody ended is not lost.
        assert_eq!(
            told.json(),
            json!({
                "rate_hz": 50.0,
                "samples": [{"raw": [1, 2]}, {"register": "0x0a"}],
                "types": ["ACC", "GYRO"],
                "inside": {"bytes": "00ff", "nothing": null},
            })
        );
    }
}
