use std::ops::Range;
use std::path::Path;

/// Something wrong in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: usize,
    pub(crate) reason: String,
}

impl Fault {
    /// A fault at this position of the text.
    pub(super) fn new(text: &str, span: &Range<usize>, reason: impl Into<String>) -> Self {
        let before = text.as_bytes().get(..span.start).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
        Self { line, reason: reason.into() }
    }

    /// `FILE:LINE: reason`
    pub(crate) fn line_in(&self, path: &Path) -> String {
        format!("{}:{}: {}", path.display(), self.line, self.reason)
    }
}
