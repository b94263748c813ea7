//! `data/parameters.md` lists every parameter of the detectors and the warnings: value, unit, meaning and origin, as
//! the source says it. This holds page and source together, and every parameter to an origin.
//!
//! ```text
//! cargo test --test parameters                    # fails when the page is out of date
//! LUMBARD_BLESS=1 cargo test --test parameters    # writes it anew
//! ```

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Words by which a sentence tells where a value comes from.
const ORIGINS: [&str; 9] =
    ["Source", "omain.md", "VQF", "skdh", "GGIR", "hosen by us", "by us", "the data sheet", "ecordings"];

const HEAD: &str = "# Where every parameter comes from

Made from the source by `LUMBARD_BLESS=1 cargo test --test parameters`; do not edit by hand. A test fails when it is
out of date, or when a parameter does not say where it comes from. *Chosen by us* means: by this project, from the
recordings or the reasoning that is named; such a value is an engineering choice and no finding about backs.
";

/// One parameter as the source has it.
struct Parameter {
    name: String,
    kind: String,
    doc: String,
    value: String,
}

/// The source files below a folder, in the order of their paths.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The lines of the item that begins with this line, up to the brace that closes it.
fn item<'a>(text: &'a str, begins: &str) -> Option<Vec<&'a str>> {
    let mut lines = text.lines().skip_while(|line| *line != begins).skip(1).peekable();
    lines.peek()?;
    Some(lines.take_while(|line| *line != "}").collect())
}

/// The doc comment right above a line.
fn doc_above(text: &str, line: &str) -> String {
    let above: Vec<&str> = text.lines().take_while(|other| *other != line).collect();
    let doc = above.iter().rev().skip_while(|line| line.starts_with("#[")).take_while(|line| line.starts_with("///"));
    let mut doc: Vec<&str> = doc.map(|line| line.trim_start_matches("///").trim()).collect();
    doc.reverse();
    doc.join(" ")
}

/// Value of each field, from the lines of `impl Default`; a nested or broken line belongs to its field.
fn values(lines: &[&str]) -> Vec<(String, String)> {
    let joined = lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    // The first `Self {` is the signature's.
    let Some(literal) = joined.splitn(3, "Self {").nth(2) else { return Vec::new() };
    let (mut depth, mut fields, mut field) = (0_i32, Vec::new(), String::new());
    for c in literal.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            break;
        }
        if c == ',' && depth == 0 {
            fields.push(std::mem::take(&mut field));
        } else {
            field.push(c);
        }
    }
    fields.push(field);
    let pair = |field: &String| field.split_once(':').map(|(name, value)| (name.trim().into(), value.trim().into()));
    fields.iter().filter_map(pair).collect()
}

/// The parameters of one `…Params` struct.
fn parameters(text: &str, name: &str) -> Vec<Parameter> {
    let values = item(text, &format!("impl Default for {name} {{")).map(|lines| values(&lines)).unwrap_or_default();
    let mut found = Vec::new();
    let mut doc: Vec<&str> = Vec::new();
    for line in item(text, &format!("pub struct {name} {{")).unwrap() {
        let line = line.trim();
        if let Some(words) = line.strip_prefix("///") {
            doc.push(words.trim());
        } else if let Some((field, kind)) = line.trim_end_matches(',').split_once(':') {
            let field = field.split_whitespace().last().unwrap();
            let value = values.iter().find(|(known, _)| known == field).map_or("", |(_, value)| value.as_str());
            let (kind, value, doc) = (kind.trim().into(), value.into(), std::mem::take(&mut doc).join(" "));
            found.push(Parameter { name: field.into(), kind, doc, value });
        }
    }
    found
}

/// A value as people read it.
fn readable(value: &str) -> String {
    for (before, after, unit) in [
        ("Seconds(", ")", " s"),
        ("Angle::from_degrees(", ")", "°"),
        ("AngularRate::from_degrees_per_second(", ")", " °/s"),
        ("AngularRate::from_radians_per_second(", ")", " rad/s"),
    ] {
        if let Some(number) = value.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)) {
            return format!("{}{unit}", number.trim_end_matches(".0"));
        }
    }
    value.to_owned()
}

/// Sentences of a text; an abbreviation that ends in a dot does not occur.
fn sentences(text: &str) -> Vec<String> {
    let (mut all, mut open) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
        if !open.is_empty() {
            open.push(' ');
        }
        open.push_str(word);
        if word.ends_with('.') {
            all.push(std::mem::take(&mut open));
        }
    }
    all.push(open);
    all.retain(|sentence| !sentence.is_empty());
    all
}

/// What of a text is meaning, and what is origin.
fn meaning_and_origin(doc: &str) -> (String, String) {
    let is_origin = |sentence: &String| ORIGINS.iter().any(|word| sentence.contains(word));
    let (origin, meaning): (Vec<String>, Vec<String>) = sentences(doc).into_iter().partition(is_origin);
    // What one sentence says of both is not cut in two.
    if meaning.is_empty() { (origin.join(" "), "as said".into()) } else { (meaning.join(" "), origin.join(" ")) }
}

/// The page, and the parameters that do not say where they come from.
fn page() -> (String, Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut page, mut silent) = (HEAD.to_owned(), Vec::new());
    for folder in ["src/signal", "src/warning"] {
        for path in sources(&root.join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let shown = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            let structs = text.lines().filter_map(|line| line.strip_prefix("pub struct ")?.strip_suffix("Params {"));
            for name in structs.map(|stem| format!("{stem}Params")) {
                let about = doc_above(&text, &format!("pub struct {name} {{"));
                let general = meaning_and_origin(&about).1;
                writeln!(page, "\n## {name}\n\n`{shown}`. {about}\n").unwrap();
                page.push_str("| parameter | default | meaning | origin |\n|---|---|---|---|\n");
                let all = parameters(&text, &name);
                for (i, parameter) in all.iter().enumerate() {
                    let Parameter { name: field, kind, doc, value } = parameter;
                    let (meaning, mut origin) = meaning_and_origin(doc);
                    // "See `other`" and a general source stand for one of its own; so does a group of parameters.
                    let elsewhere = all[..i].iter().any(|other| doc.contains(&format!("`{}`", other.name)));
                    if origin.is_empty() && elsewhere {
                        origin = "as there".into();
                    } else if origin.is_empty() {
                        origin.clone_from(&general);
                    }
                    if origin.is_empty() && kind.ends_with("Params") {
                        origin = "own table".into();
                    }
                    if origin.is_empty() {
                        silent.push(format!("{name}.{field}"));
                        origin = "**not stated**".into();
                    }
                    let value = if kind.ends_with("Params") { kind.clone() } else { readable(value) };
                    writeln!(page, "| {field} | `{value}` | {meaning} | {origin} |").unwrap();
                }
            }
        }
    }
    (page, silent)
}

#[test]
fn the_page_of_parameters_is_what_the_source_says() {
    let (want, _) = page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/parameters.md");
    if std::env::var_os("LUMBARD_BLESS").is_some_and(|v| v == "1") {
        fs::write(&path, &want).unwrap();
    }
    let got = fs::read_to_string(&path).unwrap_or_default();
    let differ = want.lines().zip(got.lines()).find(|(want, got)| want != got);
    assert!(
        want == got,
        "data/parameters.md is out of date ({differ:?}); run LUMBARD_BLESS=1 cargo test --test parameters"
    );
}

#[test]
fn every_parameter_says_where_it_comes_from() {
    let (page, silent) = page();
    assert!(page.matches("\n| ").count() > 150, "parameters are missing from the page");
    assert!(silent.is_empty(), "without an origin: {silent:?}");
}
