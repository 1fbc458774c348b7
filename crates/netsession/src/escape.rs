use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` for people, with control, bidirectional and zero-width characters as `\u{…}`.
///
/// The texts of a server come from its clients: a name can have characters that a terminal obeys, or that make it look like
/// another name. What is data, such as JSON, needs no escape.
///
/// ```
/// assert_eq!(netsession::escaped("\u{1b}[2Jgpj\u{202e}exe"), r"\u{1b}[2Jgpj\u{202e}exe");
/// assert_eq!(netsession::escaped(r"LAB\müller"), r"LAB\müller");
/// ```
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) || !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len().saturating_add(16));
    for c in text.chars() {
        if is_hostile(c) {
            // Writing to a string does not fail.
            let _ = write!(shown, "{}", c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Unicode's Cc, Cf, Zl and Zp, the fillers that are drawn as nothing, and the selectors of variants.
/// Combining marks are not among them: they are seen, and people's names have them.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' // soft hyphen
            | '\u{34f}' // combining grapheme joiner
            | '\u{61c}' // Arabic letter mark
            | '\u{115f}'..='\u{1160}' // Hangul fillers
            | '\u{17b4}'..='\u{17b5}' // Khmer inherent vowels
            | '\u{180b}'..='\u{180f}' // Mongolian selectors and vowel separator
            | '\u{200b}'..='\u{200f}' // zero-width space and joiners, directional marks
            | '\u{2028}'..='\u{202e}' // line and paragraph separator, embeddings, overrides
            | '\u{2060}'..='\u{206f}' // word joiner, invisible operators, isolates
            | '\u{3164}' // Hangul filler
            | '\u{fe00}'..='\u{fe0f}' // variation selectors
            | '\u{feff}' // byte order mark
            | '\u{ffa0}' // halfwidth Hangul filler
            | '\u{fff0}'..='\u{fffb}' // unassigned, interlinear annotation
            | '\u{1bca0}'..='\u{1bca3}' // shorthand format controls
            | '\u{1d173}'..='\u{1d17a}' // musical format controls
            | '\u{e0000}'..='\u{e0fff}' // tags and variation selectors
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters() {
        assert_eq!(escaped("\u{1b}[31mred\r\n\u{7}\u{9b}"), r"\u{1b}[31mred\u{d}\u{a}\u{7}\u{9b}");
        assert_eq!(escaped("\0\t\u{7f}"), r"\u{0}\u{9}\u{7f}");
    }

    #[test]
    fn invisible_characters() {
        assert_eq!(escaped("gpj\u{202e}exe"), r"gpj\u{202e}exe");
        assert_eq!(escaped("a\u{200b}b\u{feff}c\u{2066}d"), r"a\u{200b}b\u{feff}c\u{2066}d");
    }

    #[test]
    fn names_of_people_stay() {
        for name in ["alice", r"LAB\müller", "e\u{301}ve", "田中", "김", "علي", "\u{fffd}", "🦀", "a b"]
        {
            assert_eq!(escaped(name), name);
            assert!(matches!(escaped(name), Cow::Borrowed(_)));
        }
    }
}
