use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_OF_A_DAY: i64 = 86_400;
/// From the first of March of the year 0, where the calendar begins below, to 1970.
const DAYS_BEFORE_1970: i64 = 719_468;
/// The calendar repeats itself after 400 years.
const DAYS_OF_400_YEARS: i64 = 146_097;

/// `2026-11-24T15:00:00.25Z`: in UTC with hundredths of a second, the rest cut off. `None` outside the years 0 to 9999,
/// which RFC 3339 cannot write.
pub(super) fn text(time: SystemTime) -> Option<String> {
    let (seconds, nanos) = since_1970(time)?;
    let (year, month, day) = date(seconds.div_euclid(SECONDS_OF_A_DAY));
    if !(0..=9999).contains(&year) {
        return None;
    }
    let second = seconds.rem_euclid(SECONDS_OF_A_DAY);
    let (hour, minute, second, hundredths) =
        (second / 3600, second / 60 % 60, second % 60, nanos / 10_000_000);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{hundredths:02}Z"))
}

/// Seconds, negative before 1970, and nanoseconds after that second.
fn since_1970(time: SystemTime) -> Option<(i64, u32)> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => Some((i64::try_from(after.as_secs()).ok()?, after.subsec_nanos())),
        Err(error) => {
            let before = error.duration();
            let seconds = i64::try_from(before.as_secs()).ok()?.checked_neg()?;
            match before.subsec_nanos() {
                0 => Some((seconds, 0)),
                nanos => Some((seconds.checked_sub(1)?, 1_000_000_000_u32.saturating_sub(nanos))),
            }
        }
    }
}

/// Year, month and day of the Gregorian calendar. Years begin with March here, so that the leap day is the last one.
fn date(days_since_1970: i64) -> (i64, i64, i64) {
    let days = days_since_1970 + DAYS_BEFORE_1970;
    let day = days.rem_euclid(DAYS_OF_400_YEARS);
    // Less the leap days of 4, 100 and 400 years.
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Five months from March on have 153 days, and so the next five.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = 400 * days.div_euclid(DAYS_OF_400_YEARS) + year;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
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
