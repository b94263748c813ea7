//! A watch's bytes for people.

use super::wire::{self, Alert};
use super::{CALL_ANSWER, NEW_ALERT, RAW, STEPS};
use crate::att::i32s;
use crate::explain::{Explain, Known, Tell, Unclear, Value, Way, scaled};
use crate::session::{Refusal, Uuid};
use crate::sig;

/// Takes the messages of one watch apart.
#[derive(Clone, Debug, Default)]
pub struct Explainer;

impl Explain for Explainer {
    fn message(
        &mut self,
        way: Way,
        characteristic: Uuid,
        bytes: &[u8],
        known: &dyn Known,
        tell: &mut dyn Tell,
    ) -> Result<(), Unclear> {
        const LENGTH: Unclear = Unclear::Refused(Refusal::Length);
        match characteristic {
            RAW => {
                let counts = wire::sample(bytes).ok_or(LENGTH)?;
                tell.value("accel_g", Value::Numbers(&scaled(counts, 1.0, wire::PER_G)));
                tell.value("clipped", Value::Flag(wire::is_clipped(counts)));
            }
            STEPS => {
                let [steps] = i32s(bytes).ok_or(LENGTH)?.map(i32::cast_unsigned);
                tell.value("steps", Value::Integer(steps.into()));
            }
            NEW_ALERT => alert(bytes, tell),
            CALL_ANSWER => {
                let answer = match bytes {
                    [0] => "reject",
                    [1] => "answer",
                    [2] => "mute",
                    [_] => return Err(Unclear::Refused(Refusal::Value)),
                    _ => return Err(LENGTH),
                };
                tell.value("call_answer", Value::Text(answer));
            }
            other => return sig::Explainer.message(way, other, bytes, known, tell),
        }
        Ok(())
    }
}

fn alert(bytes: &[u8], tell: &mut dyn Tell) {
    let Some(alert) = Alert::parse(bytes) else { return tell.value("ignored", Value::Flag(true)) };
    tell.value("category", Value::Integer(alert.category.into()));
    tell.value("count", Value::Integer(alert.count.into()));
    let texts = [alert.title, alert.body];
    tell.value("text", Value::Texts(&texts[..if alert.body.is_empty() { 1 } else { 2 }]));
    tell.value("felt", Value::Text(if alert.category == wire::CALL { "ringing" } else { "one buzz of 35 ms" }));
}
