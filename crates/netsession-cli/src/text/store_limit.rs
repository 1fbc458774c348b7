//! What bounds a store, as it is typed: how long, and how much.

use std::time::Duration;

use super::{duration, size};

const LONGEST_RETENTION: Duration = Duration::from_secs(100 * 366 * 86_400);

/// Days and weeks as well, which other durations do not have.
pub(crate) fn retention(text: &str) -> Result<Duration, String> {
    for (unit, seconds) in [('d', 86_400), ('w', 7 * 86_400)] {
        if let Some(Ok(number)) = text.strip_suffix(unit).map(str::parse::<u32>)
            && number > 0
        {
            return Ok(Duration::from_secs(u64::from(number).saturating_mul(seconds)).min(LONGEST_RETENTION));
        }
    }
    duration::parse_up_to(text, LONGEST_RETENTION).map_err(|_| "use 90d, 2w, 12h or 30m".into())
}

pub(crate) fn max_size(text: &str) -> Result<u64, String> {
    let bytes = u64::try_from(size::parse(text)?).map_err(|error| error.to_string())?;
    if bytes < 1 << 20 { Err("must be at least 1MiB".into()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_shorter_times() {
        for (text, hours) in
            [("90d", 2160), ("12h", 12), ("2160h", 2160), ("36600d", 36_600 * 24), ("2w", 336)]
        {
            assert_eq!(retention(text), Ok(Duration::from_secs(hours * 3600)), "{text}");
        }
        for text in ["", "0d", "d", "-1d", "1.5d", "0w", "w", "1w2d", "1y"] {
            assert_eq!(retention(text).unwrap_err(), "use 90d, 2w, 12h or 30m", "{text}");
        }
        assert_eq!((max_size("1MiB"), max_size("1GiB")), (Ok(1 << 20), Ok(1 << 30)));
        assert_eq!(max_size("1023KiB").unwrap_err(), "must be at least 1MiB");
    }
}
