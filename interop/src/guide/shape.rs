//! What must be the same in an output and in the document: all but blanks, times and addresses.

use super::document::Step;

/// Where the output of a step is not what the document shows; `None` when it is. A line of `…` stands for
/// any lines, and one at the end of a line for its rest.
pub fn difference(step: &Step, printed: &[String]) -> Option<String> {
    let expected: Vec<_> =
        step.output.iter().map(|line| shape(line)).filter(|line| !line.is_empty()).collect();
    let actual: Vec<_> = printed.iter().map(|line| shape(line)).filter(|line| !line.is_empty()).collect();
    if matches(&expected, &actual) {
        return None;
    }
    Some(format!(
        "line {}: $ {}\nthe document shows:\n{}\nprinted is:\n{}\n",
        step.line,
        step.command,
        expected.join("\n"),
        printed.join("\n")
    ))
}

fn matches(expected: &[String], actual: &[String]) -> bool {
    match (expected.split_first(), actual.split_first()) {
        (None, None) => true,
        (Some((line, rest)), _) if line == "…" => {
            (0..=actual.len()).any(|skipped| matches(rest, &actual[skipped..]))
        }
        (Some((line, rest)), Some((printed, others))) => {
            let is_same = match line.strip_suffix('…') {
                Some(beginning) => printed.starts_with(beginning),
                None => line == printed,
            };
            is_same && matches(rest, others)
        }
        _ => false,
    }
}

/// The shape of a line: blanks as one, and what differs from one run to the next as `<…>`.
fn shape(line: &str) -> String {
    let words: Vec<String> = line.split_whitespace().map(shape_of_word).collect();
    let mut text = words.join(" ");
    for (pattern, by) in [("<time> <time>", "<time>"), ("<rule> <rule>", "<rule>")] {
        while text.contains(pattern) {
            text = text.replace(pattern, by);
        }
    }
    text
}

fn shape_of_word(word: &str) -> String {
    let digits = word.trim_end_matches(['s', 'm', 'h', 'd']);
    if digits.len() + 1 == word.len()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.is_empty()
    {
        return "<time>".to_owned();
    }
    if word.contains("_seconds\":") {
        return json(word);
    }
    if word.matches(',').count() == 10 {
        return csv(word);
    }
    if let Some((key @ ("Time" | "IdleTime"), _)) = word.split_once('=') {
        return format!("{key}=<seconds>");
    }
    without_address(word)
}

/// `10.0.0.5` or `(10.0.0.9:445)`: any IPv4 address, with its port.
fn without_address(word: &str) -> String {
    let bare = word.trim_matches(|c: char| "(),:\"{}".contains(c));
    let host = bare.split_once(':').map_or(bare, |(host, _)| host);
    if host.parse::<std::net::Ipv4Addr>().is_ok() { word.replace(bare, "<address>") } else { word.to_owned() }
}

fn json(word: &str) -> String {
    let fields = word.split(',').map(|field| match field.split_once(':') {
        Some((key, _)) if key.ends_with("_seconds\"") => format!("{key}:<seconds>"),
        Some((r#""client""#, _)) => r#""client":<address>"#.to_owned(),
        _ => field.to_owned(),
    });
    fields.collect::<Vec<_>>().join(",")
}

fn csv(word: &str) -> String {
    let fields = word.split(',').enumerate().map(|(place, field)| match place {
        2 => without_address(field),
        5 | 6 if field.parse::<u64>().is_ok() => "<seconds>".to_owned(),
        _ => field.to_owned(),
    });
    fields.collect::<Vec<_>>().join(",")
}
