use std::collections::HashMap;
use std::fmt::Write as _;

/// Puts texts of the format 0.0.4 together into one, with a label that tells them apart. A metric has its description once,
/// and all of its samples below it, as the format demands.
pub(crate) fn with_label(label: &str, texts: &[(String, String)]) -> String {
    let mut families: Vec<Family<'_>> = Vec::new();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    for (value, text) in texts {
        let value = escape(value);
        let mut current = None;
        for line in text.lines() {
            if let Some(description) = line.strip_prefix("# ") {
                // `HELP name text`, then `TYPE name type`.
                let name = description.split(' ').nth(1).unwrap_or_default();
                let index = *by_name.entry(name).or_insert_with(|| {
                    families.push(Family::default());
                    families.len().saturating_sub(1)
                });
                current = Some(index);
                let family = families.get_mut(index);
                if let Some(family) = family.filter(|family| !family.description.contains(&line)) {
                    family.description.push(line);
                }
            } else if let Some(family) = current.and_then(|index| families.get_mut(index)) {
                family.samples.push_str(&labelled(line, label, &value));
            }
        }
    }
    let lines =
        families.iter().map(|family| format!("{}\n{}", family.description.join("\n"), family.samples));
    lines.collect()
}

/// A metric with its samples.
#[derive(Default)]
struct Family<'a> {
    /// `# HELP` and `# TYPE`.
    description: Vec<&'a str>,
    samples: String,
}

/// A sample with one label more, in front.
fn labelled(sample: &str, label: &str, value: &str) -> String {
    let mut line =
        String::with_capacity(sample.len().saturating_add(label.len()).saturating_add(value.len()));
    // Neither a name nor what is in front of the first brace or space has one of them.
    let (name, rest) = sample.split_at(sample.find(['{', ' ']).unwrap_or(sample.len()));
    // Writing to a string does not fail.
    let _ = match rest.strip_prefix('{') {
        Some(labels) => writeln!(line, "{name}{{{label}=\"{value}\",{labels}"),
        None => writeln!(line, "{name}{{{label}=\"{value}\"}}{rest}"),
    };
    line
}

/// As the format has it in labels: backslash, quote and line feed.
fn escape(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_description_for_all() {
        let text = |samples: &str| format!("# HELP up Is it up?\n# TYPE up gauge\n{samples}");
        let one = text("up 1\n# HELP x X.\n# TYPE x gauge\nx{a=\"b c\",d=\"{\"} 2.5\nx{a=\"e\"} 3\n");
        let other = text("up 0\n# HELP error E.\n# TYPE error gauge\nerror{kind=\"closed\"} 1\n");
        let merged = with_label("server", &[("fs1".into(), one), ("a\\b\"c\nd".into(), other)]);
        assert_eq!(
            merged,
            "# HELP up Is it up?\n# TYPE up gauge\nup{server=\"fs1\"} 1\nup{server=\"a\\\\b\\\"c\\nd\"} 0\n\
             # HELP x X.\n# TYPE x gauge\nx{server=\"fs1\",a=\"b c\",d=\"{\"} 2.5\nx{server=\"fs1\",a=\"e\"} 3\n\
             # HELP error E.\n# TYPE error gauge\nerror{server=\"a\\\\b\\\"c\\nd\",kind=\"closed\"} 1\n"
        );
        assert_eq!(with_label("server", &[]), "");
    }
}
