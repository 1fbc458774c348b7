//! What stands over the rows: closing with its question, and what went wrong.

use super::update::Failure;

/// What `x` is to close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The index of the server.
    pub(crate) server: usize,
    pub(crate) what: What,
}

/// As the row shows it: it is not closed if the server lists something else by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Session { client: String, user: String },
    File { id: u32, path: Option<String>, user: Option<String> },
}

/// What became of a closing.
#[derive(Debug)]
pub(crate) enum Ending {
    /// Closed, or left alone as the person said: in a line.
    AsWanted(String),
    /// What it is, in a line, and why the server did not do it.
    Problem { text: String, failure: Option<Failure> },
}

/// How far a closing is, or what is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dialog {
    /// The server lists again.
    Listing,
    /// What will be closed. It waits for yes or no.
    Question(String),
    /// Yes was said.
    Closing,
    Notice(Notice),
}

/// What went wrong, whole. It stays until a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) paragraphs: Vec<String>,
    /// The first line that is seen.
    pub(super) first: usize,
    /// Lines that had no room when it was drawn last.
    pub(super) hidden: usize,
}

impl Notice {
    pub(super) const fn new(paragraphs: Vec<String>) -> Self {
        Self { paragraphs, first: 0, hidden: 0 }
    }
}
