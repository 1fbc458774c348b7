//! The parameters of a probe. All of them are untrusted input.

use std::time::Duration;

use axum::http::HeaderMap;
use percent_encoding::percent_decode_str;

use crate::exporter::MAX_BUDGET;

/// In this header Prometheus sends the timeout of the scrape.
const TIMEOUT_HEADER: &str = "x-prometheus-scrape-timeout-seconds";

/// The value of `target`, which is the only parameter.
pub(crate) fn target(query: Option<&str>) -> Result<String, &'static str> {
    let mut target = None;
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decode(name)? != "target" {
            return Err("unknown parameter: the only parameter is target\n");
        }
        if target.replace(decode(value)?).is_some() {
            return Err("the parameter target is given twice\n");
        }
    }
    match target {
        Some(target) if !target.is_empty() => Ok(target),
        _ => Err("the parameter target is missing: /probe?target=SERVER\n"),
    }
}

fn decode(text: &str) -> Result<String, &'static str> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(|text| text.into_owned()).map_err(|_| "the parameters are not valid UTF-8\n")
}

/// The time for a probe: the scrape timeout less a margin, so that the response arrives before Prometheus gives up.
pub(crate) fn budget(headers: &HeaderMap, default: Duration) -> Duration {
    let value = headers.get(TIMEOUT_HEADER).and_then(|value| value.to_str().ok());
    let seconds = value.and_then(|value| value.trim().parse::<f64>().ok());
    // Zero, negative numbers and NaN are no timeout; infinity is, and is limited like every long one.
    let scrape_timeout = match seconds {
        Some(seconds) if seconds > MAX_BUDGET.as_secs_f64() => Some(MAX_BUDGET),
        Some(seconds) if seconds > 0.0 => Duration::try_from_secs_f64(seconds).ok(),
        _ => None,
    };
    let Some(scrape_timeout) = scrape_timeout else { return default };
    let margin = (scrape_timeout / 10).min(Duration::from_millis(500));
    scrape_timeout.saturating_sub(margin).max(Duration::from_millis(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_target() {
        for (query, expected) in [
            ("target=fs1", "fs1"),
            ("target=fs1&", "fs1"),
            ("target=%5B%3A%3A1%5D%3A4455", "[::1]:4455"),
            ("t%61rget=a+b", "a b"),
        ] {
            assert_eq!(target(Some(query)).as_deref(), Ok(expected), "{query}");
        }
        for query in [
            "",
            "target",
            "target=",
            "target=a&target=a",
            "target=a&module=b",
            "Target=a",
            "target=%ff",
            "a=b",
        ] {
            assert!(target(Some(query)).is_err(), "{query}");
        }
        assert!(target(None).is_err());
    }

    #[test]
    fn budget_is_less_than_scrape_timeout() {
        let budget = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(TIMEOUT_HEADER, value.parse().unwrap());
            budget(&headers, Duration::from_secs(7))
        };
        for (value, milliseconds) in [
            ("10", 9500),
            ("10.000000", 9500),
            ("1", 900),
            (" 2 ", 1800),
            ("0.01", 9),
            ("1e-300", 1),
            ("1e300", 299_500),
            ("inf", 299_500),
            ("301", 299_500),
            ("0", 7000),
            ("-1", 7000),
            ("-inf", 7000),
            ("NaN", 7000),
            ("", 7000),
            ("ten", 7000),
            ("1,5", 7000),
        ] {
            assert_eq!(budget(value), Duration::from_millis(milliseconds), "{value}");
        }
    }
}
