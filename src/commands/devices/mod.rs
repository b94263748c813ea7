//! `lumbard devices`: which kinds of sensors are supported, and what is known of each.

mod decode;
mod told;

use super::text::{labelled, table};
use super::{Exit, Failure, Globals, print_json};
use clap::Subcommand;
use firmware_protocol::family::{Checked, Cue, FAMILIES, Family, Suits};
use serde_json::{Value, json};

/// Shows which kinds of sensors are supported
///
/// Says of each kind what it measures, how late its samples come, how a loss is noticed, whether it can vibrate, and
/// what our knowledge of it was checked against.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand, Debug)]
enum What {
    Decode(decode::Args),
}

/// Said of every family without a guard.
const UNGUARDED: &str = "nothing on the air protects the payload; implausible samples are flagged";
/// Where the words begin that stand behind a label.
const WORDS_AT: usize = 12;

/// Runs the command.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    if let Some(What::Decode(args)) = &args.what {
        return decode::run(globals, args);
    }
    if args.json {
        print_json(&Value::from_iter(FAMILIES.map(as_json)))?;
        return Ok(Exit::Done);
    }
    super::text::print(&page())
}

/// Everything, for people.
fn page() -> String {
    let rows: Vec<[String; 9]> = FAMILIES.iter().map(|family| row(family)).collect();
    let mut text = table(["KIND", "UP TO", "DELAY ms", "GYRO", "CUE", "LOGS", "GUARD", "LIVE", "CHECKED"], &rows);
    text += "\nCUE: how it calls attention. LOGS: can record by itself while out of reach.\n\
             GUARD: a checksum over the samples. LIVE: suits warnings while a movement goes\n\
             on. CHECKED: what our knowledge of its bytes was held against.\n";
    for family in FAMILIES {
        text += &paragraph(family);
    }
    let logging: Vec<&str> = FAMILIES.iter().filter(|family| family.logs).map(|family| family.name).collect();
    let logging = format!(
        "A computer is not carried around, so hours out of reach are normal and kept as such. These can record on \
         board meanwhile: {}. lumbard does not fetch those recordings.",
        logging.join(", ")
    );
    text + "\n" + &labelled("", &logging, 0)
}

fn row(family: &Family) -> [String; 9] {
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let (best, slow) = family.delay_ms;
    [
        family.id.to_owned(),
        format!("{} Hz", family.highest_rate_hz),
        format!("{best}-{slow}"),
        yes(family.gyro),
        cue(family).to_owned(),
        yes(family.logs),
        yes(family.guard.is_some()),
        suits(family).0.to_owned(),
        match family.checked {
            Checked::SensorBytes => "real bytes",
            Checked::VendorExamples => "examples",
            Checked::LayoutOnly => "layout",
            Checked::OwnSpecification => "own spec",
        }
        .to_owned(),
    ]
}

fn paragraph(family: &Family) -> String {
    let mut text = format!("\n{} ({})\n", family.name, family.id);
    let mut say = |label: &str, words: &str| text += &labelled(&format!("  {label}"), words, WORDS_AT);
    say("models", &family.models.join(", "));
    say("range", family.range);
    say("rates", &rates(family));
    say("loss", family.loss);
    say("guard", family.guard.unwrap_or(UNGUARDED));
    say("live", &live(family));
    say("checked", &format!("against {}", family.checked.words()));
    say("note", family.note);
    for (start, why) in family.refuse_names {
        say("refused", &format!("names that begin with {start:?}: {why}"));
    }
    text
}

fn rates(family: &Family) -> String {
    let listed: Vec<String> = family.rates_hz.iter().map(ToString::to_string).collect();
    match &listed[..] {
        [] => format!("up to {} Hz", family.highest_rate_hz),
        [one] => format!("{one} Hz"),
        _ => format!("{} Hz", listed.join(", ")),
    }
}

/// How a kind can call attention to itself, in a word.
pub(super) fn cue(family: &Family) -> &'static str {
    match family.cue {
        Cue::Vibration => "vibration",
        Cue::Sound => "sound",
        Cue::Light => "light",
        Cue::Nothing => "none",
    }
}

/// How well a family suits live warnings, in a word, and what speaks against it.
pub(super) fn suits(family: &Family) -> (&'static str, Option<&'static str>) {
    match family.live {
        Suits::Well => ("well", None),
        Suits::Limited(why) => ("limited", Some(why)),
        Suits::No(why) => ("no", Some(why)),
    }
}

/// How well a family suits live warnings, in words.
pub(super) fn live(family: &Family) -> String {
    match family.live {
        Suits::Well => "well suited".to_owned(),
        Suits::Limited(why) => format!("with limits: {why}"),
        Suits::No(why) => format!("recordings only: {why}"),
    }
}

fn as_json(family: &Family) -> Value {
    let (suits, why) = suits(family);
    let refused: Vec<Value> =
        family.refuse_names.iter().map(|(start, why)| json!({ "name_begins": start, "why": why })).collect();
    let characteristics: Vec<String> = family.characteristics.iter().map(ToString::to_string).collect();
    json!({
        "family": family.id,
        "decode_as": family.device,
        "name": family.name,
        "models": family.models,
        "service": family.service.to_string(),
        "characteristics": characteristics,
        "names_begin": family.accept_names,
        "refused": refused,
        "gyroscope": family.gyro,
        "counter": family.counter,
        "clock": family.clock,
        "rates_hz": family.rates_hz,
        "highest_rate_hz": family.highest_rate_hz,
        "range": family.range,
        "delay_ms": [family.delay_ms.0, family.delay_ms.1],
        "loss_detection": family.loss,
        "guard": family.guard,
        "guard_words": family.guard.unwrap_or(UNGUARDED),
        "cue": cue(family),
        "vibrates": family.cue == Cue::Vibration,
        "logs_on_board": family.logs,
        "live_warnings": suits,
        "live_warnings_why": why,
        "checked_against": family.checked.words(),
        "note": family.note,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_fits_eighty_columns_and_names_every_kind_and_look_alike() {
        let page = page();
        for line in page.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        for family in FAMILIES {
            assert!(page.contains(&format!("\n{} ({})\n", family.name, family.id)));
            for (start, _) in family.refuse_names {
                assert!(page.contains(&format!("names that begin with {start:?}")), "{start}");
            }
        }
        let unguarded = FAMILIES.iter().filter(|family| family.guard.is_none()).count();
        assert_eq!(page.matches("nothing on the air protects the payload").count(), unguarded);
    }
}
