//! Durations as people type them: `500ms`, `10s`, `1m30s`; a bare number is seconds.

use std::time::Duration;

/// More is most likely a typing error, and it stays far from what an instant can hold.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A duration above zero and up to a day.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    parse_up_to(text, LONGEST)
}

/// A duration above zero and up to another longest one.
pub(crate) fn parse_up_to(text: &str, longest: Duration) -> Result<Duration, String> {
    if days(text).is_some_and(|days| days > longest) {
        return Err(format!("must not be above {}", written(longest)));
    }
    let duration = total(text).ok_or("use 500ms, 10s or 1m30s; a bare number is seconds")?;
    if duration.is_zero() {
        return Err("must be above zero".into());
    }
    if duration > longest {
        return Err(format!("must not be above {}", written(longest)));
    }
    Ok(duration)
}

/// What is too long in any case is refused as that, and not for its unit.
fn days(text: &str) -> Option<Duration> {
    let number = |unit: char| text.strip_suffix(unit)?.parse::<u64>().ok();
    let days = number('d').or_else(|| number('w')?.checked_mul(7))?;
    Some(Duration::from_secs(days.saturating_mul(86_400)))
}

/// As it is typed, in one unit.
pub(crate) fn written(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let units = [("h", 3_600_000), ("m", 60_000), ("s", 1000)];
    let whole = units.into_iter().find(|(_, unit)| milliseconds > 0 && milliseconds.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{milliseconds}ms"), |(name, unit)| format!("{}{name}", milliseconds / unit))
}

fn total(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    // Each unit once, and the larger one first.
    let mut units: &[(&str, u64)] = &[("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let at = units.iter().position(|(name, _)| *name == unit)?;
        let (&(_, milliseconds), smaller) = units.get(at..)?.split_first()?;
        let part = Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(milliseconds)?);
        total = total.checked_add(part)?;
        units = smaller;
        rest = after;
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_type_it() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("10s", 10_000),
            ("1m30s", 90_000),
            ("1h", 3_600_000),
            ("1s500ms", 1500),
            ("7", 7000),
            ("0m1s", 1000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn written_as_typed() {
        for text in ["24h", "90m", "61s", "1500ms"] {
            assert_eq!(written(parse(text).unwrap()), text);
        }
    }

    #[test]
    fn zero_is_refused() {
        for text in ["0", "0s", "0ms", "0m0s", "00"] {
            assert_eq!(parse(text).unwrap_err(), "must be above zero", "{text}");
        }
    }

    #[test]
    fn a_day_is_the_most() {
        assert!(parse("24h").is_ok());
        for text in ["25h", "86401", "1000h", "400d", "1w"] {
            assert_eq!(parse(text).unwrap_err(), "must not be above 24h", "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            " ",
            "s",
            "ms",
            "-1",
            "+1",
            "1.5s",
            "1 s",
            "10x",
            "10s ",
            "30s1m",
            "1s1s",
            "1m30",
            "٣s",
            "1é",
            "99999999999999999999",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
