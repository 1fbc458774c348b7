//! The parameters of requests. All of them are untrusted input.

use std::time::Duration;

use axum::http::HeaderMap;
use netsession::Account;
use percent_encoding::percent_decode_str;

use crate::loaded_config::MAX_BUDGET;

/// In this header Prometheus sends the timeout of the scrape.
const TIMEOUT_HEADER: &str = "x-prometheus-scrape-timeout-seconds";

/// What `/probe` is to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProbeRequest {
    /// The server, as it is named in the request.
    pub(crate) target: String,
    /// Whether the response is text for a person.
    pub(crate) debug: bool,
}

/// The parameters of `/probe`: `target`, and `debug`, as exporters with many targets have it.
pub(crate) fn probe(query: Option<&str>) -> Result<ProbeRequest, &'static str> {
    let unknown = "unknown parameter: the parameters are target and debug\n";
    let [target, debug] = parameters(query, ["target", "debug"], unknown)?;
    let target = target.filter(|target| !target.is_empty());
    let target = target.ok_or("the parameter target is missing: /probe?target=SERVER\n")?;
    let debug = match debug.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err("the parameter debug is true or false\n"),
    };
    Ok(ProbeRequest { target, debug })
}

/// The parameter of `/-/unblock`.
pub(crate) fn account(query: Option<&str>) -> Result<Account, &'static str> {
    let [account] = parameters(query, ["account"], "unknown parameter: the only parameter is account\n")?;
    let account = account.ok_or("the parameter account is missing: /-/unblock?account=ACCOUNT\n")?;
    account.parse().map_err(|_| "the account is not valid\n")
}

/// The values of these parameters. Any other one is an error, and so is one that is given twice.
fn parameters<const COUNT: usize>(
    query: Option<&str>,
    names: [&str; COUNT],
    unknown: &'static str,
) -> Result<[Option<String>; COUNT], &'static str> {
    let mut values = [const { None }; COUNT];
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name)?;
        let slot = names.iter().zip(&mut values).find(|(known, _)| **known == name).map(|(_, slot)| slot);
        if slot.ok_or(unknown)?.replace(decode(value)?).is_some() {
            return Err("a parameter is given twice\n");
        }
    }
    Ok(values)
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
    fn probe_names_exactly_one_target() {
        for (query, expected) in [
            ("target=fs1", "fs1"),
            ("target=fs1&", "fs1"),
            ("target=%5B%3A%3A1%5D%3A4455", "[::1]:4455"),
            ("t%61rget=a+b", "a b"),
        ] {
            let expected = ProbeRequest { target: expected.into(), debug: false };
            assert_eq!(probe(Some(query)), Ok(expected), "{query}");
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
            "debug=true",
            "target=a&debug=yes",
            "target=a&debug",
            "target=a&debug=true&debug=true",
        ] {
            assert!(probe(Some(query)).is_err(), "{query}");
        }
        assert!(probe(None).is_err());
        let debug = |query| probe(Some(query)).map(|request| request.debug);
        assert_eq!((debug("target=a&debug=true"), debug("debug=false&target=a")), (Ok(true), Ok(false)));
    }

    #[test]
    fn unblock_names_exactly_one_account() {
        for (query, expected) in
            [("account=LAB%5Cmonitor", r"LAB\monitor"), ("account=a%40LAB", "a@LAB"), ("account=x", "x")]
        {
            assert_eq!(account(Some(query)), Ok(expected.parse().unwrap()), "{query}");
        }
        for query in ["", "account=", "account=a&account=a", "target=a"] {
            assert!(account(Some(query)).is_err(), "{query}");
        }
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
