//! `lumbard channel`: which ways lead from a signal to a person, and whether they work.
//!
//! | file | does |
//! |---|---|
//! | `add` | sets up what leaves the machine, and says what will leave |
//! | `trial` | `test`: sends one note, and says how each channel fared |

mod add;
mod trial;

use super::text::{print, table};
use super::{Exit, Failure, Globals, here, now, print_json};
use crate::notify::{CHANNELS, Choices, HAS_MQTT, MQTT, OFF, WEBHOOK, Wording};
use crate::store::Hand;
use clap::Subcommand;
use serde::Serialize;
use std::path::Path;

/// Chooses how you are told: buzz, desktop, page, terminal, and other machines if you want
///
/// What is on this machine is on until you switch it off. Nothing leaves the machine until you add where to.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Lists the channels: which are on, and where they lead
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    Add(add::Args),
    /// Forgets where a channel leads, or switches it off
    Remove(Named),
    /// Switches a channel on
    On(Named),
    /// Switches a channel off; where it leads is kept
    Off(Named),
    Test(trial::Args),
}

/// A channel that is named.
#[derive(clap::Args, Debug)]
struct Named {
    /// sensor, wrist, desktop, page, terminal, webhook or mqtt
    #[arg(value_name = "CHANNEL", value_parser = channel)]
    channel: &'static str,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let data_dir = globals.data_dir()?;
    match &args.what {
        What::List { json } => list(&data_dir, *json),
        What::Add(args) => add::run(&data_dir, args),
        What::Remove(named) => remove(&data_dir, named),
        What::On(named) => switch(&data_dir, named, true),
        What::Off(named) => switch(&data_dir, named, false),
        What::Test(args) => trial::run(&data_dir, args),
    }
}

/// Reads the name of a channel.
fn channel(name: &str) -> Result<&'static str, String> {
    let found = CHANNELS.into_iter().find(|channel| *channel == name);
    found.ok_or_else(|| format!("no channel is called that; there are {}", CHANNELS.join(", ")))
}

/// What was chosen in this data folder; the usual where nothing was.
fn choices(data_dir: &Path) -> Result<Choices, Failure> {
    match here::reader(data_dir)? {
        Some(reader) => Ok(Choices::read(|key| reader.setting(key))?),
        None => Ok(Choices::default()),
    }
}

/// One channel, as it is listed.
#[derive(Debug, Serialize)]
struct Listed {
    channel: &'static str,
    on: bool,
    leaves_machine: bool,
    /// Scheme and host; none where there is no address.
    address: Option<String>,
    /// `plain` or `discreet`; none for what stays here.
    wording: Option<&'static str>,
    words: String,
}

fn listed(choices: &Choices, channel: &'static str) -> Listed {
    let (address, wording) = match channel {
        "webhook" => choices.webhook.as_ref().map(|a| (a.shown(), a.wording())).unzip(),
        "mqtt" => choices.mqtt.as_ref().map(|a| (a.shown(), a.wording())).unzip(),
        _ => (None, None),
    };
    let leaves_machine = leaves(channel);
    let words = match (channel, &address) {
        ("sensor", _) => "the sensor itself vibrates or sounds, if it can".to_owned(),
        ("wrist", _) => "a watch buzzes; see: lumbard sensor add --role buzzer".to_owned(),
        ("desktop", _) => "a notice on the desktop of this machine".to_owned(),
        ("page", _) => "the local page, wherever it is open; sound where ticked".to_owned(),
        ("terminal", _) => "a line and a bell where lumbard run was started".to_owned(),
        ("mqtt", _) if !HAS_MQTT => NO_MQTT.to_owned(),
        (_, Some(address)) => format!("kind, time and a short text go to {address}"),
        _ => format!("nothing goes there; see: lumbard channel add {channel} --help"),
    };
    let wording = wording.map(|wording| if wording == Wording::Discreet { "discreet" } else { "plain" });
    Listed { channel, on: choices.is_on(channel), leaves_machine, address, wording, words }
}

/// What a build without MQTT says of it.
const NO_MQTT: &str = "not in this build; it needs: cargo build --release --features mqtt";

/// Whether notes of this channel go to another machine.
fn leaves(channel: &str) -> bool {
    matches!(channel, "webhook" | "mqtt")
}

fn list(data_dir: &Path, json: bool) -> Result<Exit, Failure> {
    let choices = choices(data_dir)?;
    let all = CHANNELS.map(|channel| listed(&choices, channel));
    if json {
        print_json(&all)?;
        return Ok(Exit::Done);
    }
    let rows = all.map(|listed| {
        let wording = if listed.wording == Some("discreet") { ", discreetly" } else { "" };
        let on = if listed.on { "on" } else { "off" };
        [listed.channel.to_owned(), on.to_owned(), format!("{}{wording}", listed.words)]
    });
    print(&table(["CHANNEL", "IS", "WHAT IT DOES"], &rows))
}

fn switch(data_dir: &Path, named: &Named, on: bool) -> Result<Exit, Failure> {
    let choices = choices(data_dir)?;
    let none = listed(&choices, named.channel).address.is_none();
    if on && leaves(named.channel) && none {
        return Err(Failure::bad_input(format!(
            "no address is known for {0}, so it cannot go on; give one with: lumbard channel add {0} --help",
            named.channel
        )));
    }
    let choices = switched(data_dir, named.channel, on)?;
    told(&choices, named.channel, named.json, if on { "is on" } else { "is off" })
}

/// Keeps that a channel is on or off, where that is news: what changes nothing is nothing to undo.
fn switched(data_dir: &Path, channel: &'static str, on: bool) -> Result<Choices, Failure> {
    let mut choices = choices(data_dir)?;
    let before = choices.clone();
    let off = choices.switch(channel, on);
    if choices != before {
        Hand::open(data_dir)?.set_setting(OFF, &off, now())?;
    }
    Ok(choices)
}

fn remove(data_dir: &Path, named: &Named) -> Result<Exit, Failure> {
    let key = match named.channel {
        "webhook" => WEBHOOK,
        "mqtt" => MQTT,
        _ => return switch(data_dir, named, false),
    };
    // A note, not a setting: an address that was taken away is not kept to be taken back.
    Hand::open(data_dir)?.note(key, "", now())?;
    told(&choices(data_dir)?, named.channel, named.json, "is forgotten; nothing goes there any more")
}

/// Says what is so now.
fn told(choices: &Choices, channel: &'static str, json: bool, words: &str) -> Result<Exit, Failure> {
    if json {
        print_json(&listed(choices, channel))?;
    } else {
        eprintln!("lumbard: {channel} {words}");
    }
    if CHANNELS.iter().all(|channel| !choices.is_on(channel)) {
        eprintln!("lumbard: every channel is off now: signals are kept in the record and told nowhere");
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::WebhookAddress;

    #[test]
    fn a_list_shows_no_more_of_an_address_than_scheme_and_host() {
        let secret = WebhookAddress::new("https://anna:word@example.org/T0KEN", Wording::Discreet).unwrap();
        let kept = serde_json::to_string(&secret).unwrap();
        let choices = Choices::read(|key| Ok::<_, Failure>((key == WEBHOOK).then(|| kept.clone()))).unwrap();
        let listed = CHANNELS.map(|channel| listed(&choices, channel));
        let json = serde_json::to_string(&listed).unwrap();
        assert!(json.contains("https://example.org\"") && json.contains("discreet"), "{json}");
        for secret in ["anna", "word@", "T0KEN"] {
            assert!(!json.contains(secret), "{json}");
        }
    }

    #[test]
    fn a_channel_is_known_by_its_name() {
        assert_eq!(channel("desktop"), Ok("desktop"));
        assert!(channel("pigeon").unwrap_err().contains("webhook"));
    }
}
