use std::fmt::Write as _;

use crate::hostile::is_hostile;

/// Escapes markup for HTML, and characters that would make a name look like another one.
pub(super) fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, c| {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c if is_hostile(c) => {
                // Writing to a string does not fail.
                let _ = write!(html, "{}", c.escape_unicode());
            }
            c => html.push(c),
        }
        html
    })
}
