//! What stands in a row under a column.

use std::borrow::Cow;
use std::time::Duration;

use crate::text::{NameKey, human_time};

/// The sign for what a server does not report.
pub(super) const UNKNOWN: &str = "–";

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    /// The server does not report it.
    Unknown,
    Empty,
    Text(Cow<'a, str>),
    /// A path, whose last part is cut last.
    Path(&'a str),
    Number(u64),
    Time(Duration),
    Millis(u64),
    /// A sparkline.
    Bars(Vec<u32>),
}

/// What rows are sorted by. Within a column all are of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SortKey {
    Number(u64),
    Time(Duration),
    Text(NameKey),
    /// Last in either direction.
    Unknown,
}

impl<'a> Value<'a> {
    pub(super) fn from_text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Unknown, |text| Self::Text(text.into()))
    }

    pub(super) fn from_number(number: Option<impl Into<u64>>) -> Self {
        number.map_or(Self::Unknown, |number| Self::Number(number.into()))
    }

    pub(super) fn from_time(time: Option<Duration>) -> Self {
        time.map_or(Self::Unknown, Self::Time)
    }

    pub(super) fn from_count(count: usize) -> Self {
        Self::Number(u64::try_from(count).unwrap_or(u64::MAX))
    }

    pub(super) fn sort_key(&self) -> SortKey {
        match self {
            Self::Unknown | Self::Empty => SortKey::Unknown,
            Self::Number(number) | Self::Millis(number) => SortKey::Number(*number),
            Self::Time(time) => SortKey::Time(*time),
            Self::Bars(bars) => SortKey::Number(bars.iter().copied().map(u64::from).sum()),
            Self::Text(text) => SortKey::Text(NameKey::new(text)),
            Self::Path(path) => SortKey::Text(NameKey::new(path)),
        }
    }

    /// As people read it. Not yet escaped.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Unknown => UNKNOWN.into(),
            Self::Empty => "".into(),
            Self::Text(text) => (&**text).into(),
            Self::Path(path) => (*path).into(),
            Self::Number(number) => number.to_string().into(),
            Self::Time(time) => human_time(*time).into(),
            Self::Millis(millis) => format!("{millis}ms").into(),
            Self::Bars(bars) => sparkline(bars).into(),
        }
    }
}

/// A character for each bar, as high as its share of the highest; nothing for 0.
pub(super) fn sparkline(bars: &[u32]) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let highest = u64::from(bars.iter().copied().max().unwrap_or_default()).max(1);
    let bar = |bar: &u32| match u64::from(*bar) {
        0 => ' ',
        bar => {
            let height = bar.saturating_mul(8).div_ceil(highest).saturating_sub(1);
            HEIGHTS.get(usize::try_from(height).unwrap_or_default()).copied().unwrap_or('█')
        }
    };
    bars.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_share() {
        assert_eq!(sparkline(&[0, 1, 2, 4, 8]), " ▁▂▄█");
        assert_eq!(sparkline(&[0, 0]), "  ");
        assert_eq!(sparkline(&[1, 1]), "██");
        assert_eq!(sparkline(&[1, u32::MAX]), "▁█");
    }

    #[test]
    fn unknown_is_sorted_last() {
        assert!(SortKey::Unknown > Value::Number(u64::MAX).sort_key());
        assert!(SortKey::Unknown > Value::from_text(Some("zz")).sort_key());
    }
}
