//! Closing: what was chosen, and the question before it.

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

/// How far a closing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dialog {
    /// The server lists again.
    Listing,
    /// What will be closed. It waits for yes or no.
    Question(String),
    /// Yes was said.
    Closing,
}
