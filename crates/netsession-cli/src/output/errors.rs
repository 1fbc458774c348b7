//! Errors as they stand on stderr: one line of what happened, and under it what to do.

use std::collections::HashSet;
use std::fmt::Write as _;

use netsession::Error;

use crate::text::escaped;

/// `netsession: what`, on one line.
pub(crate) fn line(what: &str) -> String {
    format!("netsession: {}\n", escaped(what))
}

/// The errors of one run. The same advice is given once: a hundred servers can fail for one reason.
#[derive(Debug, Default)]
pub(crate) struct ErrorTexts {
    advice_given: HashSet<String>,
}

impl ErrorTexts {
    /// The text for a server that failed. The error names the server it went to; if the configuration has another
    /// address for it, its own name comes first.
    pub(crate) fn text(&mut self, server: &str, error: &Error) -> String {
        let mut text = match error.server() {
            Some(named) if named != server => line(&format!("{server}: {error}")),
            _ => line(&error.to_string()),
        };
        if let Some(advice) = error.advice().filter(|advice| self.advice_given.insert(advice.clone())) {
            for line in advice.lines() {
                // Writing to a string does not fail.
                let _ = writeln!(text, "  {}", escaped(line));
            }
        }
        text
    }
}

/// How a server's trouble with its open files ends, see [`Trouble::new`].
pub(crate) const LISTS_FILES_AGAIN: &str = "lists its open files again";

/// The servers that have one kind of trouble. A command that stays says of each when it begins, and when it is over.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// What a server does that has it no more.
    over: &'static str,
    servers: HashSet<String>,
}

impl Trouble {
    pub(crate) fn new(over: &'static str) -> Self {
        Self { over, servers: HashSet::new() }
    }

    /// What is new about a server that was asked again, with this error or without one.
    pub(crate) fn update(
        &mut self,
        texts: &mut ErrorTexts,
        server: &str,
        error: Option<&Error>,
    ) -> Option<String> {
        match error {
            Some(error) if self.servers.insert(server.to_owned()) => Some(texts.text(server, error)),
            None if self.servers.remove(server) => Some(line(&format!("{server} {}", self.over))),
            _ => None,
        }
    }

    /// Whether no server has it now.
    pub(crate) fn is_over(&self) -> bool {
        self.servers.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::denied_error;

    #[test]
    fn names_are_escaped() {
        let hostile = "fs\u{200b}\u{1b}[2J\n\u{202e}1";
        let text = ErrorTexts::default().text(hostile, &denied_error(hostile));
        assert!(text.starts_with(r"netsession: fs\u{200b}\u{1b}[2J\u{a}\u{202e}1: "), "{text}");
        let text = ErrorTexts::default().text("alias", &denied_error(hostile));
        assert!(text.starts_with(r"netsession: alias: fs\u{200b}\u{1b}[2J\u{a}\u{202e}1: "), "{text}");
    }

    #[test]
    fn advice_is_given_once() {
        let mut errors = ErrorTexts::default();
        let error = denied_error("fs1");
        let (first, second) = (errors.text("fs1", &error), errors.text("fs1", &error));
        let advice = error.advice().map(|advice| advice.lines().count()).unwrap_or_default();
        assert_eq!((first.lines().count(), second.lines().count()), (advice + 1, 1));
        assert!(first.starts_with(&second));
    }
}
