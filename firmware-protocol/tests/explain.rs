//! Taking bytes apart beyond the vectors: the open profile's examples, what is guessed, and what is refused.
#![cfg(feature = "peripheral")]

mod families;

use families::told::Told;
use firmware_protocol::explain::{Explain, Known, Unclear, Way};
use firmware_protocol::family::{AnyExplain, FAMILIES};
use firmware_protocol::session::{Refusal, Uuid};
use firmware_protocol::{movella_dot, movesense, open_motion, witmotion};
use serde_json::{Value as Json, json};

fn hex(text: &str) -> Vec<u8> {
    let text = text.replace(' ', "");
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn explainer(device: &str) -> AnyExplain {
    (FAMILIES.iter().find(|family| family.device == device).unwrap().explain)()
}

fn explain(one: &mut AnyExplain, way: Way, at: Uuid, bytes: &str, known: &dyn Known) -> Result<Json, Unclear> {
    let mut told = Told::default();
    one.message(way, at, &hex(bytes), known, &mut told).map(|()| told.json())
}

struct Given(&'static str, &'static str);

impl Known for Given {
    fn text(&self, name: &str) -> Option<&str> {
        (name == self.0).then_some(self.1)
    }
}

const OPEN_INFO: &str = "01 0f 00 24 f4 00 00 94 35 77 a0 86 01 00 07 00 01 02 03 27";
const OPEN_ONE: &str = "10 e1 ff ff ff ff ff 00 08 00 00 00 00 00 00 00 00 00 00 2d";

#[test]
fn the_examples_of_the_open_profile_mean_what_its_specification_says() {
    use open_motion::{BATTERY_LEVEL, CONTROL, INFO, MOTION};
    let mut one = explainer("open-motion");
    let mut told = |way, at, bytes: &str| explain(&mut one, way, at, bytes, &()).unwrap();
    let packet = told(Way::FromSensor, MOTION, OPEN_ONE);
    assert_eq!(packet["samples"], json!([{"acc_raw": [2048, 0, 0], "gyro_raw": [0, 0, 0]}]));
    assert_eq!((&packet["counter"], &packet["clock_ticks"]), (&json!(65535), &json!(16_777_215)));
    let info = json!({
        "acc_range_g": 16.0, "gyro_range_dps": 2000.0, "rate_hz": 100.0, "start_number": 7, "firmware": "1.2.3",
        "vibrates": true, "rate_settable": true, "identifies": true,
    });
    assert_eq!(told(Way::FromSensor, INFO, OPEN_INFO), info);
    // Now the counts have a meaning.
    let packet = told(Way::FromSensor, MOTION, OPEN_ONE);
    assert_eq!(packet["samples"][0]["acc_g"], json!([1.0, 0.0, 0.0]));
    let two = told(Way::FromSensor, MOTION, "11 f2 00 00 47 01 00 ff 7f 00 00 00 00 00 08 00 00 00 00 71");
    assert_eq!((&two["clipped"], &two["form"]), (&json!(true), &json!("acceleration")));
    assert_eq!(two["samples"][1], json!({"acc_raw": [2048, 0, 0], "acc_g": [1.0, 0.0, 0.0]}));
    for (bytes, meaning) in [
        (
            "11 14 00 01 64 05",
            json!({"command": "vibrate", "on_ms": 200, "off_ms": 0, "times": 1, "strength_pct": 100}),
        ),
        ("12 50 c3 00 00 4e", json!({"command": "rate", "rate_hz": 50.0})),
        ("13 02 28", json!({"command": "identify", "seconds": 2})),
    ] {
        assert_eq!(told(Way::ToSensor, CONTROL, bytes), meaning);
    }
    assert_eq!(told(Way::FromSensor, BATTERY_LEVEL, "50"), json!({"battery_pct": 80}));
    let flipped = OPEN_ONE.replace("08", "09");
    let refused = explain(&mut one, Way::FromSensor, MOTION, &flipped, &());
    assert_eq!(refused, Err(Unclear::Refused(Refusal::Checksum)));
}

#[test]
fn ranges_can_be_given_where_info_was_not_seen() {
    let told = explain(
        &mut explainer("open-motion"),
        Way::FromSensor,
        open_motion::MOTION,
        OPEN_ONE,
        &Given("acc_range_g", "8"),
    );
    assert_eq!(told.unwrap()["samples"][0]["acc_g"], json!([0.5, 0.0, 0.0]));
}

#[test]
fn what_movesense_data_is_of_is_guessed_from_its_length_or_known_from_the_command() {
    let payload = |blocks: &[[f32; 3]]| {
        let numbers = blocks.iter().flatten().flat_map(|number| number.to_le_bytes());
        numbers.map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (up, turn) = ([0.0, 9.8, 0.5], [0.5, 0.25, -1.0]);
    let told = |one: &mut AnyExplain, blocks: &[[f32; 3]]| {
        explain(one, Way::FromSensor, movesense::DATA, &format!("020a00000000{}", payload(blocks)), &()).unwrap()
    };
    for (blocks, path) in [
        (vec![up; 4], "/Meas/Acc/52"),
        (vec![turn; 4], "/Meas/Gyro/52"),
        (vec![up, up, turn, turn], "/Meas/IMU6/26"),
        ([[up; 4], [turn; 4]].concat(), "/Meas/IMU6/52"),
        ([[up; 4], [turn; 4], [turn; 4]].concat(), "/Meas/IMU9/52"),
        ([[up; 8], [turn; 8]].concat(), "/Meas/IMU6/104"),
    ] {
        let told = told(&mut explainer("movesense"), &blocks);
        assert_eq!((&told["path"], &told["path_guessed"]), (&json!(path), &json!(true)));
    }
    let mut one = explainer("movesense");
    let subscribe = "010a2f4d6561732f4779726f2f353200";
    let command = explain(&mut one, Way::ToSensor, movesense::COMMAND, subscribe, &()).unwrap();
    assert_eq!(command["path"], json!("/Meas/Gyro/52"));
    let told = told(&mut one, &[up; 4]);
    assert_eq!((&told["path"], &told["path_guessed"]), (&json!("/Meas/Gyro/52"), &Json::Null));
}

#[test]
fn the_mode_of_a_dot_is_given_or_started_or_guessed() {
    let mut one = explainer("movella-dot");
    let zeros = |len: usize| "01".to_owned() + &"00".repeat(len - 1);
    let mut told = |way, at, bytes: &str, known: &dyn Known| explain(&mut one, way, at, bytes, known);
    let guessed = told(Way::FromSensor, movella_dot::MEDIUM, &zeros(28), &()).unwrap();
    assert_eq!((&guessed["payload_mode"], &guessed["payload_mode_guessed"]), (&json!(21), &json!(true)), "{guessed}");
    let given = told(Way::FromSensor, movella_dot::MEDIUM, &zeros(28), &Given("payload_mode", "16")).unwrap();
    assert_eq!(given["euler_deg"], json!([0.0, 0.0, 0.0]));
    told(Way::ToSensor, movella_dot::MEASUREMENT, "010110", &()).unwrap();
    let started = told(Way::FromSensor, movella_dot::MEDIUM, &zeros(28), &()).unwrap();
    assert_eq!((&started["payload_mode"], &started["payload_mode_guessed"]), (&json!(16), &Json::Null));
    let wrong = told(Way::FromSensor, movella_dot::MEDIUM, &zeros(28), &Given("payload_mode", "99"));
    assert!(matches!(wrong, Err(Unclear::Missing("payload_mode", _))));
    // Only the maker's decoder knows.
    let packed = told(Way::FromSensor, movella_dot::LONG, &zeros(51), &Given("payload_mode", "25")).unwrap();
    assert_eq!(packed["packed"].as_str().map(str::len), Some(94));
    let info = "665544332211 020100 e507 04 05 06 07 08 01000000 0200000000000000 58532d543031";
    let info = told(Way::FromSensor, movella_dot::INFO, info, &()).unwrap();
    assert_eq!((&info["address"], &info["firmware"]), (&json!("11:22:33:44:55:66"), &json!("2.1.0")));
    assert_eq!((&info["built"], &info["product_code"]), (&json!("2021-04-05T06:07:08"), &json!("XS-T01")));
}

#[test]
fn what_is_no_message_of_a_family_is_refused_in_words() {
    for (device, at) in [
        ("witmotion-ble", witmotion::DATA),
        ("open-motion", open_motion::INFO),
        ("movesense", movesense::DATA),
        ("movella-dot", movella_dot::BATTERY),
    ] {
        let mut one = explainer(device);
        let elsewhere = explain(&mut one, Way::FromSensor, Uuid::sig(0x2a00), "00", &());
        assert_eq!(elsewhere, Err(Unclear::Characteristic));
        let unclear = explain(&mut one, Way::FromSensor, at, "ff", &()).unwrap_err();
        assert!(matches!(unclear, Unclear::Refused(_)), "{device}: {unclear:?}");
        assert!(unclear.to_string().starts_with("refused ("));
    }
    let missing = Unclear::Missing("payload_mode", "21").to_string();
    assert_eq!(missing, "the bytes do not tell payload_mode; give it as payload_mode=21");
}
