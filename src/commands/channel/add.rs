//! `channel add`: sets up where notes go. In: an address, and a yes after what will leave was said. Out: the address
//! in the settings, which only the owner of the folder can read.

use super::super::{Exit, Failure, ask, here, now};
use super::{NO_MQTT, channel, leaves, switched, told};
use crate::care::Locale;
use crate::notify::{HAS_MQTT, MQTT, MqttAddress, WEBHOOK, WebhookAddress, Wording, discreet_line};
use crate::store::Hand;
use std::io::BufRead;
use std::path::Path;

/// Sets up a channel: a webhook, an MQTT broker, or one of this machine that was switched off
///
/// Before anything is set up that leaves the machine, it says what will leave, and asks.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// webhook, mqtt, sensor, wrist, desktop, page or terminal
    #[arg(value_name = "CHANNEL", value_parser = channel)]
    channel: &'static str,
    /// Where to: https://HOST/PATH for a webhook, HOST or HOST:PORT for mqtt; - reads it from standard input, so that
    /// no list of processes shows it
    #[arg(value_name = "ADDRESS")]
    address: Option<String>,
    /// The topic to write to, such as home/lumbard; for mqtt
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// Send one neutral line in place of the message
    #[arg(long)]
    discreet: bool,
    /// Do not ask: what will leave the machine is known
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is to be kept.
struct New {
    key: &'static str,
    value: String,
    shown: String,
    is_open: bool,
}

pub(super) fn run(data_dir: &Path, args: &Args) -> Result<Exit, Failure> {
    if leaves(args.channel) {
        let new = read(args)?;
        eprint!("{}", leaving(&new, args, here::locale(data_dir)));
        agreed(args.yes)?;
        // A note, not a setting: the address is kept once, and not among the old values of `undo`.
        Hand::open(data_dir)?.note(new.key, &new.value, now())?;
    } else if args.address.is_some() || args.topic.is_some() || args.discreet {
        return Err(Failure::bad_input(format!(
            "{0} stays on this machine and needs no address; write: lumbard channel add {0}",
            args.channel
        )));
    }
    let choices = switched(data_dir, args.channel, true)?;
    let try_it = format!("is on; to try it: lumbard channel test {}", args.channel);
    told(&choices, args.channel, args.json, &try_it)
}

fn read(args: &Args) -> Result<New, Failure> {
    let wording = if args.discreet { Wording::Discreet } else { Wording::Plain };
    let address = address(args)?;
    let kept = |value: serde_json::Result<String>| value.map_err(|error| Failure::failed(error.to_string()));
    if args.channel == "webhook" {
        if args.topic.is_some() {
            return Err(Failure::bad_input("a webhook has no topic; leave --topic out, or add mqtt"));
        }
        let new = WebhookAddress::new(&address, wording).map_err(Failure::bad_input)?;
        let value = kept(serde_json::to_string(&new))?;
        return Ok(New { key: WEBHOOK, value, shown: new.shown(), is_open: new.is_open() });
    }
    if !HAS_MQTT {
        return Err(Failure::bad_input(format!("MQTT is {NO_MQTT}")));
    }
    let Some(topic) = &args.topic else {
        return Err(Failure::bad_input("which topic? Write: lumbard channel add mqtt HOST --topic home/lumbard"));
    };
    let new = MqttAddress::new(&address, topic, wording).map_err(Failure::bad_input)?;
    Ok(New { key: MQTT, value: kept(serde_json::to_string(&new))?, shown: new.shown(), is_open: true })
}

/// The address as typed, or the first line of standard input.
fn address(args: &Args) -> Result<String, Failure> {
    match args.address.as_deref() {
        Some("-") => {
            let mut line = String::new();
            let read = std::io::stdin().lock().read_line(&mut line);
            read.map_err(|error| Failure::failed(format!("no address came: {error}")))?;
            Ok(line.trim().to_owned())
        }
        Some(address) => Ok(address.to_owned()),
        None => {
            let example = if args.channel == "mqtt" { "home.local --topic home/lumbard" } else { "https://HOST/PATH" };
            Err(Failure::bad_input(format!("where to? Write: lumbard channel add {} {example}", args.channel)))
        }
    }
}

/// What will leave the machine, and what never does.
fn leaving(new: &New, args: &Args, locale: Locale) -> String {
    let (kind, text) = if args.discreet {
        ("note, whatever it is about".to_owned(), discreet_line(locale).to_owned())
    } else {
        let example = crate::care::messages::warning(crate::signal::WarningKind::W1, 0);
        let kinds = "warning with its rule (W1 to W4), summary, message, or note".to_owned();
        (kinds, format!("a short line such as: {}", example.text(locale)))
    };
    let mut said = format!(
        "This goes to {} for each signal, and when the sensor needs you:\n\
         \x20 kind   {kind}\n\
         \x20 at     day and time\n\
         \x20 text   {text}\n\
         Pain, angles, names, addresses and recordings never leave. Whoever runs the receiver sees when notes come.\n",
        new.shown
    );
    if new.is_open {
        said.push_str("Others on the way there can read it, as it is not encrypted.\n");
    }
    if !args.discreet {
        said.push_str("With --discreet it is one neutral line in place of the text.\n");
    }
    said
}

/// Goes on only after a yes.
fn agreed(yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !ask::possible() {
        return Err(Failure::bad_input("nothing was set up; if that may leave the machine, add --yes"));
    }
    let read = |answer: &str| match answer.to_lowercase().as_str() {
        "y" | "yes" => Ok(true),
        "n" | "no" | "" => Ok(false),
        _ => Err("Please type yes or no.".to_owned()),
    };
    if ask::until_understood("Set it up? (yes or no)", read)? {
        Ok(())
    } else {
        Err(Failure::failed("nothing was set up"))
    }
}
