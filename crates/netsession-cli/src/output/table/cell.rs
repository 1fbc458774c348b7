//! What stands in a row under a column.

use std::borrow::Cow;

use crate::text::{escaped, fit};

/// A text, escaped, and how much of its end is never cut.
pub(super) struct Cell<'a> {
    text: Cow<'a, str>,
    /// Bytes of the end.
    kept: usize,
    /// Columns of the whole text.
    width: usize,
}

impl<'a> Cell<'a> {
    /// A text that may be cut at its end.
    pub(super) fn new(text: Cow<'a, str>) -> Self {
        Self::with_end(text, 0)
    }

    /// A path, which keeps the name of the file.
    pub(super) fn path(path: Cow<'a, str>) -> Self {
        // Before the path is escaped: `\u{202e}` has a backslash and is no folder.
        let (_, name) = path.split_at(fit::name_start(&path));
        let kept = escaped(name).len();
        Self::with_end(path, kept)
    }

    fn with_end(text: Cow<'a, str>, kept: usize) -> Self {
        let text = match escaped(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(escaped) => escaped.into(),
        };
        Self { width: fit::width(&text), text, kept }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The text in this width; `None` if what is never cut has no room in it.
    pub(super) fn cut(&self, width: usize) -> Option<Cow<'_, str>> {
        match self.kept {
            0 => Some(fit::cut(&self.text, width)),
            kept => fit::cut_middle(&self.text, self.text.len().saturating_sub(kept), width),
        }
    }

    /// Whether it is cut on a terminal of any width: a path, which loses its middle.
    pub(super) fn is_path(&self) -> bool {
        self.kept > 0
    }

    /// The least that is shown of it: of a path its name with `…` in front, of other texts all.
    pub(super) fn least(&self) -> Cow<'_, str> {
        let least = match self.kept {
            0 => None,
            kept => self.cut(fit::width(self.end(kept)).saturating_add(1)),
        };
        least.unwrap_or(Cow::Borrowed(&self.text))
    }

    fn end(&self, kept: usize) -> &str {
        self.text.get(self.text.len().saturating_sub(kept)..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_keep_the_name_of_the_file() {
        for (path, width, expected) in [
            (r"D:\projects\alpha\report.xlsx", 29, Some(r"D:\projects\alpha\report.xlsx")),
            (r"D:\projects\alpha\report.xlsx", 28, Some(r"D:\projects\alp…\report.xlsx")),
            (r"D:\projects\alpha\report.xlsx", 13, Some(r"…\report.xlsx")),
            (r"D:\projects\alpha\report.xlsx", 12, None),
            ("C:/srv/projects/report.xlsx", 16, Some("C:/…/report.xlsx")),
            (r"\\fs1\projects\report.xlsx:stream", 24, Some(r"\\fs…\report.xlsx:stream")),
            (r"D:\projects\alpha\", 12, Some(r"D:\p…\alpha\")),
            (r"D:\営業部\田中.txt", 12, Some(r"D:…\田中.txt")),
            ("report.xlsx", 10, None),
            (r"\\\\", 2, None),
            // The name has an escape of its own, which is whole too.
            ("D:\\projects\\x\u{202e}fdp.exe", 20, Some(r"D:…\x\u{202e}fdp.exe")),
            ("D:\\projects\\\u{1b}[31mx", 17, Some(r"D:\p…\\u{1b}[31mx")),
        ] {
            let cell = Cell::path(path.into());
            let shown = cell.cut(width);
            assert!(shown.as_deref().is_none_or(|text| fit::width(text) <= width), "{path}");
            assert_eq!(shown.as_deref(), expected, "{path} {width}");
        }
    }

    #[test]
    fn least_of_a_path_is_its_name() {
        for (path, expected) in [
            (r"D:\projects\alpha\report.xlsx", r"…\report.xlsx"),
            (r"D:\projects\alpha\", r"…\alpha\"),
            // As wide as the mark that would stand for it.
            (r"D\report.xlsx", r"D\report.xlsx"),
            (r"\report.xlsx", r"\report.xlsx"),
            ("report.xlsx", "report.xlsx"),
            (r"\PIPE\srvsvc", r"…\srvsvc"),
            ("", ""),
        ] {
            assert_eq!(Cell::path(path.into()).least(), expected, "{path}");
        }
    }

    #[test]
    fn other_texts_keep_their_beginning() {
        assert_eq!(Cell::new(r"LAB\alice".into()).least(), r"LAB\alice");
        assert_eq!(Cell::new(r"LAB\alice".into()).cut(6).as_deref(), Some(r"LAB\a…"));
    }
}
