use std::fmt::Write as _;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use super::Exposition;

/// How metrics are written: what Prometheus has asked for, else what everything understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    OpenMetrics,
}

impl Format {
    /// By the header `Accept`.
    pub(crate) fn wanted(accept: &str) -> Self {
        let (mut text, mut open_metrics) = (0.0, 0.0);
        for range in accept.split(',') {
            let mut words = range.split(';').map(str::trim);
            let media_type = words.next().unwrap_or_default().to_ascii_lowercase();
            let quality =
                words.find_map(|word| word.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
            let quality = quality.filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0);
            match media_type.as_str() {
                "application/openmetrics-text" => open_metrics = f64::max(open_metrics, quality),
                "text/plain" | "text/*" => text = f64::max(text, quality),
                _ => {}
            }
        }
        if open_metrics > 0.0 && open_metrics >= text { Self::OpenMetrics } else { Self::Text }
    }

    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    pub(crate) fn render(self, exposition: Exposition) -> Vec<u8> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(exposition));
        let mut open_metrics = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut open_metrics, &registry);
        match self {
            Self::OpenMetrics => open_metrics.into_bytes(),
            Self::Text => as_text(&open_metrics).into_bytes(),
        }
    }
}

/// The older format has no end mark, and calls a counter by the name of its sample.
fn as_text(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let counters: Vec<&str> = open_metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter"))
        .collect();
    for line in open_metrics.lines().filter(|line| *line != "# EOF") {
        let comment =
            ["# HELP ", "# TYPE "].into_iter().find_map(|start| Some((start, line.strip_prefix(start)?)));
        // Writing to a string does not fail.
        let _ = match comment.and_then(|(start, rest)| Some((start, rest.split_once(' ')?))) {
            Some((start, (name, rest))) if counters.contains(&name) => {
                writeln!(text, "{start}{name}_total {rest}")
            }
            _ => writeln!(text, "{line}"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_decides() {
        for (accept, format) in [
            ("", Format::Text),
            ("*/*", Format::Text),
            ("text/plain", Format::Text),
            ("application/openmetrics-text; version=1.0.0", Format::OpenMetrics),
            // Prometheus 2.42
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                Format::OpenMetrics,
            ),
            ("application/openmetrics-text;q=0.2, text/plain;q=0.9", Format::Text),
            ("application/openmetrics-text;q=0", Format::Text),
            ("application/openmetrics-text;q=nonsense", Format::Text),
            ("application/openmetrics-text;q=NaN,text/html", Format::Text),
        ] {
            assert_eq!(Format::wanted(accept), format, "{accept}");
        }
    }

    fn example() -> Exposition {
        let mut exposition = Exposition::default();
        exposition.gauge("example_seconds", "A gauge.", 1.5);
        exposition.gauges("none", "Not there.", []);
        let labels = |name: &str| vec![("name", name.to_owned())];
        exposition.counters(
            "example_tries",
            "A counter.",
            [(labels("plain"), 2_u32.into()), (labels("a\\b\"c\nd\u{202e}é"), true.into())],
        );
        exposition
    }

    #[test]
    fn both_formats() {
        let rendered = |format: Format| String::from_utf8(format.render(example())).unwrap();
        insta::assert_snapshot!(rendered(Format::Text));
        insta::assert_snapshot!(rendered(Format::OpenMetrics));
    }
}
