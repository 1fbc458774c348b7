//! Moments as people write them: `2026-11-24 15:00`, `yesterday 15:00`, `tuesday 15:00`, `2h ago`, RFC 3339.

use std::time::SystemTime;

use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Span, Timestamp, ToSpan as _, ZonedDateTime};

use super::{LocalClock, duration};

const FORMS: &str = "write it as 2026-11-24 15:00, 15:00, yesterday 15:00, tuesday 15:00, 2h ago, 3d ago, now or as RFC 3339 \
                     (2026-11-24T15:00:00Z)";

/// The moment that a text means, seen from the present of `clock` and in its time zone.
///
/// A time that is skipped when clocks are set forth means the one after it; of a time that is there twice, the first one.
pub(crate) fn parse(text: &str, clock: &LocalClock) -> Result<Timestamp, String> {
    let text = text.trim();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp);
    }
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "now" => return Ok(clock.timestamp()),
        "" => return Err(FORMS.into()),
        _ => {}
    }
    let now = &clock.zoned();
    if let Some(length) = lower.strip_suffix(" ago") {
        return ago(length.trim(), now).ok_or_else(|| FORMS.into());
    }
    // RFC 3339 has a T between date and time; tuesday begins with one.
    let split = lower.split_once(' ').or_else(|| lower.split_once('t').filter(|(day, _)| day.len() == 10));
    let (day, time) = match (split, parse_time(&lower)) {
        (Some((day, time)), _) => (day, Some(parse_time(time.trim_start()).ok_or(FORMS)?)),
        (None, Some(time)) => ("today", Some(time)),
        (None, None) => (lower.as_str(), None),
    };
    let time = time.unwrap_or(Time::midnight());
    let moment = parse_day(day, now).and_then(|date| civil(date, time, now));
    let moment = moment.ok_or(FORMS)?;
    // The same weekday means a week ago where the time of today is still to come.
    if weekday(day).is_some() && moment > now.timestamp() {
        let a_week_ago = parse_day(day, now).and_then(|date| date.checked_sub(7.days()).ok());
        return a_week_ago.and_then(|date| civil(date, time, now)).ok_or_else(|| FORMS.into());
    }
    Ok(moment)
}

fn civil(date: Date, time: Time, now: &ZonedDateTime) -> Option<Timestamp> {
    date.to_datetime(time).to_zoned_datetime(now.time_zone().clone()).ok().map(|zoned| zoned.timestamp())
}

fn ago(length: &str, now: &ZonedDateTime) -> Option<Timestamp> {
    let days = |text: &str| text.trim().parse::<i64>().ok().filter(|days| *days >= 0);
    for (unit, factor) in [("days", 1), ("day", 1), ("d", 1), ("weeks", 7), ("week", 7), ("w", 7)] {
        if let Some(days) = length.strip_suffix(unit).and_then(days) {
            // Days of the calendar: the same time of the day, also over a change of the clocks.
            let span = Span::new().try_days(days.checked_mul(factor)?).ok()?;
            return now.checked_sub(span).ok().map(|then| then.timestamp());
        }
    }
    let length = length.replace("minutes", "m").replace("minute", "m").replace("min", "m");
    let length = length.replace("hours", "h").replace("hour", "h").replace(' ', "");
    let longest = std::time::Duration::from_secs(10 * 365 * 86_400);
    let length = duration::parse_up_to(&length, longest).ok()?;
    now.timestamp().checked_sub(SignedDuration::try_from(length).ok()?).ok()
}

fn parse_day(day: &str, now: &ZonedDateTime) -> Option<Date> {
    let today = now.date();
    match day {
        "today" => Some(today),
        "yesterday" => today.yesterday().ok(),
        _ => match weekday(day) {
            Some(wanted) => {
                let days = today.weekday().since(wanted);
                today.checked_sub(i64::from(days).days()).ok()
            }
            // `2026-11-24`, and nothing after it.
            None => day.parse::<Date>().ok().filter(|_| day.len() == 10),
        },
    }
}

fn weekday(day: &str) -> Option<Weekday> {
    match day {
        "monday" | "mon" => Some(Weekday::Monday),
        "tuesday" | "tue" => Some(Weekday::Tuesday),
        "wednesday" | "wed" => Some(Weekday::Wednesday),
        "thursday" | "thu" => Some(Weekday::Thursday),
        "friday" | "fri" => Some(Weekday::Friday),
        "saturday" | "sat" => Some(Weekday::Saturday),
        "sunday" | "sun" => Some(Weekday::Sunday),
        _ => None,
    }
}

/// `15:00`, `9:05` or `15:00:30`.
fn parse_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let mut part = |width: usize| -> Option<Option<i8>> {
        let Some(part) = parts.next() else { return Some(None) };
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit()) && (width..=2).contains(&part.len());
        if is_number { part.parse().ok().map(Some) } else { None }
    };
    let (hour, minute, second) = (part(1)??, part(2)??, part(2)?.unwrap_or(0));
    if parts.next().is_some() {
        return None;
    }
    Time::new(hour, minute, second, 0).ok()
}

/// The same moment for the standard library; 1970 where it cannot be told.
pub(crate) fn system_time(time: Timestamp) -> SystemTime {
    SystemTime::try_from(time).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// As people read it, in a time zone: `2026-11-24 15:00:00`.
pub(crate) fn local(time: &ZonedDateTime) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};

    use super::*;

    /// Thursday, 26 November 2026, 10:30 in a zone an hour east.
    fn now() -> ZonedDateTime {
        let zone = TimeZone::fixed(Offset::from_seconds(3600).unwrap());
        "2026-11-26T09:30:00Z".parse::<Timestamp>().unwrap().to_zoned_datetime(zone)
    }

    #[test]
    fn every_way_to_write_it() {
        for (text, expected) in [
            ("2026-11-24T15:00:00Z", "2026-11-24T15:00:00Z"),
            ("2026-11-24T15:00:00+02:00", "2026-11-24T13:00:00Z"),
            ("2026-11-24 15:00", "2026-11-24T14:00:00Z"),
            ("2026-11-24 15:00:30", "2026-11-24T14:00:30Z"),
            ("2026-11-24T15:00", "2026-11-24T14:00:00Z"),
            ("2026-11-24", "2026-11-23T23:00:00Z"),
            ("9:05", "2026-11-26T08:05:00Z"),
            ("today 09:05", "2026-11-26T08:05:00Z"),
            ("yesterday 15:00", "2026-11-25T14:00:00Z"),
            ("Yesterday", "2026-11-24T23:00:00Z"),
            ("tuesday 15:00", "2026-11-24T14:00:00Z"),
            ("tue 15:00", "2026-11-24T14:00:00Z"),
            ("thursday 10:00", "2026-11-26T09:00:00Z"),
            ("thursday 15:00", "2026-11-19T14:00:00Z"),
            ("friday", "2026-11-19T23:00:00Z"),
            ("2h ago", "2026-11-26T07:30:00Z"),
            ("1h30m ago", "2026-11-26T08:00:00Z"),
            ("90 minutes ago", "2026-11-26T08:00:00Z"),
            ("3d ago", "2026-11-23T09:30:00Z"),
            ("3 days ago", "2026-11-23T09:30:00Z"),
            ("2 weeks ago", "2026-11-12T09:30:00Z"),
            (" now ", "2026-11-26T09:30:00Z"),
        ] {
            assert_eq!(
                parse(text, &now().into()).map(|time| time.to_string()),
                Ok(expected.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "ago",
            "2h",
            "-2h ago",
            "25:00",
            "15",
            "15:60",
            "2026-13-01",
            "2026-11-24 25:00",
            "tomorrow",
            "15:00:00:00",
            "2026-11-24 15:00 x",
            "99999999999d ago",
            "9999999999999999999h ago",
            "t15:00",
            "1x ago",
            "٣h ago",
        ] {
            assert_eq!(parse(text, &now().into()).unwrap_err(), FORMS, "{text:?}");
        }
    }

    #[test]
    fn hours_that_are_skipped_or_there_twice_mean_one_moment() {
        let Ok(zone) = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3") else { panic!("the zone") };
        let now = now().with_time_zone(zone).into();
        assert_eq!(parse("2026-03-29 02:30", &now).unwrap().to_string(), "2026-03-29T01:30:00Z");
        assert_eq!(parse("2026-10-25 02:30", &now).unwrap().to_string(), "2026-10-25T00:30:00Z");
    }
}
