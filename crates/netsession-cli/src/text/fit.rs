//! Texts within the columns of a terminal. Wide characters take two of them, combining marks none.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// `text`, cut to this width with `…` at its end.
pub(crate) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return text.into();
    }
    let (start, _) = split(text, limit.saturating_sub(1));
    format!("{start}…").into()
}

/// `text`, cut to this width with `…` in front of the byte `end`: what follows stays whole. `None` if that has no room.
pub(crate) fn cut_middle(text: &str, end: usize, limit: usize) -> Option<Cow<'_, str>> {
    if width(text) <= limit {
        return Some(text.into());
    }
    let (start, end) = text.split_at_checked(end)?;
    let room = limit.checked_sub(1)?.checked_sub(width(end))?;
    let (start, _) = split(start, room);
    Some(format!("{start}…{end}").into())
}

/// Where the last part of a path begins, with the separator in front of it. Folders may end with one.
pub(crate) fn name_start(path: &str) -> usize {
    path.trim_end_matches(['\\', '/']).rfind(['\\', '/']).unwrap_or(0)
}

/// `text` in pieces, broken between any two characters: the first one of this width, the others of that.
pub(crate) fn pieces(text: &str, first: usize, others: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let limit = if pieces.is_empty() { first } else { others };
        let (piece, after) = match split(rest, limit) {
            // A character that is wider than the limit.
            ("", _) => rest.split_at(rest.chars().next().map_or(0, char::len_utf8)),
            split => split,
        };
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// `text` in lines of this width, broken at blanks, and within a word that is wider than a line.
pub(crate) fn wrapped(text: &str, limit: usize) -> Vec<String> {
    if width(text) <= limit {
        return vec![text.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').flat_map(|word| pieces(word, limit, limit)) {
        match lines.last_mut() {
            Some(line) if width(line).saturating_add(1).saturating_add(width(word)) <= limit => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// As much of `text` as fits, and the rest. A mark stays with the character that it combines with.
fn split(text: &str, limit: usize) -> (&str, &str) {
    let mut used: usize = 0;
    let end = text.char_indices().find_map(|(index, c)| {
        used = used.saturating_add(c.width().unwrap_or_default());
        (used > limit).then_some(index)
    });
    text.split_at(end.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_by_columns() {
        for (text, limit, expected) in [
            ("alice", 5, "alice"),
            ("alice", 4, "ali…"),
            ("alice", 1, "…"),
            ("田中さん", 8, "田中さん"),
            ("田中さん", 7, "田中さ…"),
            ("田中さん", 6, "田中…"),
            ("e\u{301}ve", 3, "e\u{301}ve"),
            ("e\u{301}ve", 2, "e\u{301}…"),
        ] {
            assert_eq!(cut(text, limit), expected, "{text} {limit}");
        }
    }

    #[test]
    fn pieces_are_the_whole_text() {
        for (text, first, others, expected) in [
            ("2001:db8::1", 4, 4, vec!["2001", ":db8", "::1"]),
            ("2001:db8::1", 5, 3, vec!["2001:", "db8", "::1"]),
            ("田中さ", 3, 3, vec!["田", "中", "さ"]),
            ("e\u{301}ve\u{301}", 1, 1, vec!["e\u{301}", "v", "e\u{301}"]),
            ("田a", 1, 1, vec!["田", "a"]),
            ("", 5, 5, vec![]),
        ] {
            assert_eq!(pieces(text, first, others), expected, "{text} {first} {others}");
        }
    }

    #[test]
    fn lines_are_broken_at_blanks() {
        assert_eq!(wrapped("3 sessions, 2 users", 30), ["3 sessions, 2 users"]);
        assert_eq!(wrapped("3 sessions, 2 users", 12), ["3 sessions,", "2 users"]);
        assert_eq!(wrapped("fs1.example.com (level 1)", 8), ["fs1.exam", "ple.com", "(level", "1)"]);
    }
}
