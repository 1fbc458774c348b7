use prometheus_client::collector::Collector;
use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;

/// The format of a response with metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExpositionFormat {
    Text,
    OpenMetrics,
}

impl ExpositionFormat {
    /// Negotiates the format by the `Accept` header. Text 0.0.4 is the default: every scraper reads it.
    pub(crate) fn negotiate(accept: &str) -> Self {
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
            Self::Text => prometheus_text::CONTENT_TYPE,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    pub(crate) fn render(self, metrics: impl Collector) -> Vec<u8> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(metrics));
        let mut rendered = String::new();
        // Writing to a string does not fail.
        let _ = match self {
            Self::Text => prometheus_text::encode(&mut rendered, &registry),
            Self::OpenMetrics => text::encode(&mut rendered, &registry),
        };
        rendered.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use prometheus_client::encoding::DescriptorEncoder;

    use super::*;
    use crate::metrics::families::Families;

    #[test]
    fn accept_header_selects_format() {
        for (accept, format) in [
            ("", ExpositionFormat::Text),
            ("*/*", ExpositionFormat::Text),
            ("text/plain", ExpositionFormat::Text),
            ("application/openmetrics-text; version=1.0.0", ExpositionFormat::OpenMetrics),
            // Prometheus 2.42
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                ExpositionFormat::OpenMetrics,
            ),
            ("application/openmetrics-text;q=0.2, text/plain;q=0.9", ExpositionFormat::Text),
            ("application/openmetrics-text;q=0", ExpositionFormat::Text),
            ("application/openmetrics-text;q=nonsense", ExpositionFormat::Text),
            ("application/openmetrics-text;q=NaN,text/html", ExpositionFormat::Text),
        ] {
            assert_eq!(ExpositionFormat::negotiate(accept), format, "{accept}");
        }
    }

    #[derive(Debug)]
    struct Example;

    impl Collector for Example {
        fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
            let mut families = Families::new(encoder);
            families.gauge("example_seconds", "A gauge.", 1.5)?;
            families.labelled_gauges("none", "Left out.", "name", [("", 0_u32); 0])?;
            let tries = [("plain", 2), ("a\\b\"c\nd\u{202e}é", 1)];
            families.labelled_counters("example_tries", "A counter.", "name", tries)
        }
    }

    #[test]
    fn both_formats() {
        let rendered = |format: ExpositionFormat| String::from_utf8(format.render(Example)).unwrap();
        insta::assert_snapshot!(rendered(ExpositionFormat::Text));
        insta::assert_snapshot!(rendered(ExpositionFormat::OpenMetrics));
    }
}
