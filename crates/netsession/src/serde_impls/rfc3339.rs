use std::time::{SystemTime, UNIX_EPOCH};

use jiff::{SignedDuration, civil};

const YEAR_1970: civil::DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// `2026-11-24T15:00:00.25Z`: in UTC with hundredths of a second, the rest cut off. `None` outside the years 0 to 9999,
/// which RFC 3339 cannot write.
pub(super) fn text(time: SystemTime) -> Option<String> {
    let utc = YEAR_1970.checked_add(SignedDuration::system_until(UNIX_EPOCH, time).ok()?).ok()?;
    (utc.year() >= 0).then(|| format!("{utc:.2}Z"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_as_date_prints_them() {
        // `date -u -d @SECONDS +%FT%TZ`
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00.00Z"),
            (951_782_399_999, "2000-02-28T23:59:59.99Z"),
            (951_868_799_000, "2000-02-29T23:59:59.00Z"),
            (951_868_800_000, "2000-03-01T00:00:00.00Z"),
            (1_735_689_599_000, "2024-12-31T23:59:59.00Z"),
            (1_764_000_000_250, "2025-11-24T16:00:00.25Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.00Z"),
            (4_294_967_295_990, "2106-02-07T06:28:15.99Z"),
            (253_402_300_799_000, "9999-12-31T23:59:59.00Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_millis(millis);
            assert_eq!(text(time).as_deref(), Some(expected), "{millis}");
        }
        let past = text(UNIX_EPOCH - Duration::from_millis(10));
        assert_eq!(past.as_deref(), Some("1969-12-31T23:59:59.99Z"));
    }

    #[test]
    fn years_of_other_than_four_digits_have_no_form() {
        assert_eq!(text(UNIX_EPOCH + Duration::from_secs(253_402_300_800)), None);
    }

    /// A clock of Windows begins in 1601.
    #[test]
    #[cfg(not(windows))]
    fn years_begin_with_0() {
        let past = |millis| text(UNIX_EPOCH - Duration::from_millis(millis));
        assert_eq!(past(62_167_219_200_000).as_deref(), Some("0000-01-01T00:00:00.00Z"));
        assert_eq!(past(62_167_219_200_001), None);
    }
}
