use std::borrow::Cow;
use std::cmp::Ordering;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::text::{NameKey, human_time};

/// What a row has in a column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    /// Not known: `null` in JSON, empty elsewhere.
    Null,
    Text(Cow<'a, str>),
    Bool(bool),
    Number(i64),
    /// With a fraction: three digits of it in the table.
    Decimal(f64),
    /// A moment: RFC 3339 in UTC in the data formats, and as people read it, in local time.
    Moment(jiff::Timestamp, Cow<'a, str>),
    /// Whole seconds in the data formats, `2h 5m` in the table.
    Duration(Duration),
    /// Major and minor, such as 10.0, which is above 6.3.
    Version(u32, u32),
    /// An array in JSON, joined by `|` in CSV.
    Words(Vec<Cow<'a, str>>),
}

impl<'a> Value<'a> {
    /// As people read it. Not yet escaped.
    pub(super) fn for_people(self) -> Cow<'a, str> {
        match self {
            Self::Duration(duration) => human_time(duration).into(),
            Self::Moment(_, local) => local,
            Self::Decimal(number) => format!("{number:.3}").into(),
            Self::Words(words) => words.join(",").into(),
            Self::Null | Self::Text(_) | Self::Bool(_) | Self::Number(_) | Self::Version(..) => {
                self.for_csv()
            }
        }
    }

    /// As a field of CSV.
    pub(super) fn for_csv(self) -> Cow<'a, str> {
        match self {
            Self::Null => "".into(),
            Self::Text(text) => text,
            Self::Bool(value) => if value { "true" } else { "false" }.into(),
            Self::Number(number) => number.to_string().into(),
            Self::Decimal(number) => number.to_string().into(),
            Self::Duration(duration) => duration.as_secs().to_string().into(),
            Self::Words(words) => words.join("|").into(),
            Self::Moment(time, _) => time.to_string().into(),
            Self::Version(major, minor) => format!("{major}.{minor}").into(),
        }
    }

    /// What it is sorted by; `None` for what is not known.
    pub(super) fn sort_key(&self) -> Option<SortKey> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(SortKey::of_text(text)),
            Self::Words(words) => Some(SortKey::of_text(&words.join("|"))),
            Self::Bool(value) => Some(SortKey::Number((*value).into())),
            Self::Number(number) => Some(SortKey::Number(*number)),
            Self::Decimal(number) => Some(SortKey::Decimal(*number)),
            Self::Duration(duration) => Some(SortKey::Duration(*duration)),
            Self::Moment(time, _) => Some(SortKey::Number(time.as_second())),
            Self::Version(major, minor) => Some(SortKey::Number(i64::from(*major) << 32 | i64::from(*minor))),
        }
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Self::Decimal(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<Duration> for Value<'_> {
    fn from(duration: Duration) -> Self {
        Self::Duration(duration)
    }
}

/// As in JSON.
impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Decimal(number) => serializer.serialize_f64(*number),
            Self::Duration(duration) => serializer.serialize_u64(duration.as_secs()),
            Self::Words(words) => serializer.collect_seq(words),
            Self::Moment(time, _) => serializer.collect_str(time),
            Self::Version(major, minor) => serializer.collect_str(&format_args!("{major}.{minor}")),
        }
    }
}

/// A value as rows are sorted by it. Within a column all are of one kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SortKey {
    Number(i64),
    Decimal(f64),
    Duration(Duration),
    /// And the whole text, for those that differ in how they are written alone.
    Text(NameKey, String),
}

impl SortKey {
    fn of_text(text: &str) -> Self {
        Self::Text(NameKey::new(text), text.to_owned())
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Decimal(a), Self::Decimal(b)) => a.total_cmp(b),
            (Self::Duration(a), Self::Duration(b)) => a.cmp(b),
            (Self::Text(a, whole_a), Self::Text(b, whole_b)) => (a, whole_a).cmp(&(b, whole_b)),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Decimal(_) => 1,
            Self::Duration(_) => 2,
            Self::Text(..) => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_sorted_by_value() {
        let key = |major, minor| Value::Version(major, minor).sort_key().unwrap();
        assert_eq!(key(6, 1).compare(&key(6, 3)), Ordering::Less);
        assert_eq!(key(6, 3).compare(&key(10, 0)), Ordering::Less);
        assert_eq!(serde_json::to_string(&Value::Version(10, 0)).unwrap(), r#""10.0""#);
    }

    #[test]
    fn same_name_in_two_ways_has_one_order() {
        let texts = ["ws-2", "ws-1", "10.0.0.9", "WS-1"];
        let mut keys = texts.map(|text| (Value::from(text).sort_key().unwrap(), text));
        keys.sort_by(|(a, _), (b, _)| a.compare(b));
        assert_eq!(keys.map(|(_, text)| text), ["10.0.0.9", "WS-1", "ws-1", "ws-2"]);
    }

    #[test]
    fn each_kind_in_each_format() {
        let words = Value::Words(vec!["guest".into(), "0x4".into()]);
        for (value, people, csv, json) in [
            (Value::Null, "", "", "null"),
            ("a".into(), "a", "a", "\"a\""),
            (7_u32.into(), "7", "7", "7"),
            (true.into(), "true", "true", "true"),
            ((-0.25).into(), "-0.250", "-0.25", "-0.25"),
            (Duration::from_millis(3_605_900).into(), "1h", "3605", "3605"),
            (words, "guest,0x4", "guest|0x4", r#"["guest","0x4"]"#),
        ] {
            let shown = serde_json::to_string(&value).unwrap();
            assert_eq!((&*value.clone().for_people(), &*value.for_csv(), &*shown), (people, csv, json));
        }
    }
}
