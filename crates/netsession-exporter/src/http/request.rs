//! What a probe asks for. Everything in it may come from somebody who means harm.

use std::time::Duration;

use axum::http::HeaderMap;
use percent_encoding::percent_decode_str;

use crate::exporter::LONGEST;

/// Prometheus says in it how long it waits.
const TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";

/// The one parameter there is, once.
pub(crate) fn target(query: Option<&str>) -> Result<String, &'static str> {
    let mut target = None;
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decoded(name)? != "target" {
            return Err("the only parameter is target\n");
        }
        if target.replace(decoded(value)?).is_some() {
            return Err("the parameter target is there twice\n");
        }
    }
    match target {
        Some(target) if !target.is_empty() => Ok(target),
        _ => Err("the parameter target is missing: /probe?target=SERVER\n"),
    }
}

fn decoded(text: &str) -> Result<String, &'static str> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(|text| text.into_owned()).map_err(|_| "the parameters are not UTF-8\n")
}

/// How long the answer may take: a little less than Prometheus waits, so that the answer is there in time.
pub(crate) fn budget(headers: &HeaderMap, default: Duration) -> Duration {
    let value = headers.get(TIMEOUT).and_then(|value| value.to_str().ok());
    let seconds = value.and_then(|value| value.trim().parse::<f64>().ok());
    // Neither negative nor NaN is a duration; too much of it is as much as anybody waits.
    let waits = match seconds {
        Some(seconds) if seconds > LONGEST.as_secs_f64() => Some(LONGEST),
        Some(seconds) if seconds > 0.0 => Duration::try_from_secs_f64(seconds).ok(),
        _ => None,
    };
    let Some(waits) = waits else { return default };
    let margin = (waits / 10).min(Duration::from_millis(500));
    waits.saturating_sub(margin).max(Duration::from_millis(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_target_and_nothing_else() {
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
    fn the_answer_comes_before_prometheus_gives_up() {
        let budget = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(TIMEOUT, value.parse().unwrap());
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
