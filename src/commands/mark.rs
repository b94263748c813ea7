//! `mark TEXT`: keeps a moment with a few words, in the recording that is open.

use super::recordings::utc;
use super::{Exit, Failure, Globals, now};
use crate::store::Hand;

/// Marks this moment with a few words, such as "back pain starts" or "on the train".
#[derive(clap::Args)]
pub(super) struct Args {
    /// The words.
    #[arg(value_name = "TEXT", required = true, num_args = 1..)]
    text: Vec<String>,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let text = args.text.join(" ");
    let text = text.trim();
    if text.is_empty() {
        return Err(Failure::bad_input("a mark needs a few words, such as: lumbard mark \"on the train\""));
    }
    let at = now();
    Hand::open(&globals.data_dir()?)?.add_mark(at, text)?;
    eprintln!("marked {}: {text}", utc(at));
    Ok(Exit::Done)
}
