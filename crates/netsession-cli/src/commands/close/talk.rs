//! What a closing says on standard error, and the question before it.

use std::io::Write;

use super::confirm;
use crate::process::say;

/// What decides whether something is closed.
pub(crate) trait Confirm {
    /// Tells what will be closed, and asks. False: it is not to be closed.
    async fn confirm(&mut self, what: &str) -> bool;
}

/// What the work says, and whether it may go on.
pub(super) struct Talk<'a> {
    err: &'a mut dyn Write,
    mode: confirm::Mode,
}

impl<'a> Talk<'a> {
    pub(super) fn new(err: &'a mut dyn Write, mode: confirm::Mode) -> Self {
        Self { err, mode }
    }

    /// Where the work's words went, for the words after it.
    pub(super) fn into_writer(self) -> &'a mut dyn Write {
        self.err
    }
}

impl Confirm for Talk<'_> {
    async fn confirm(&mut self, what: &str) -> bool {
        if self.mode == confirm::Mode::DryRun {
            return false;
        }
        say(self.err, what);
        match self.mode {
            confirm::Mode::Yes | confirm::Mode::DryRun => true,
            confirm::Mode::Ask => confirm::ask(self.err).await,
        }
    }
}
