//! Requests that change something: closing a file, ending a session.

use super::verdict::{Blames, Verdict};
use crate::error::ErrorKind;

/// The request was sent, and its answer is missing.
pub(super) fn unknown_outcome() -> Verdict {
    Verdict::lasting(
        ErrorKind::UnknownOutcome,
        Blames::Server,
        "The request was sent and may have been carried out: its answer did not come or could not be read. It is not \
         repeated: list again to see.",
    )
}

/// What was to be closed is not what was listed.
pub(super) fn changed() -> Verdict {
    Verdict::lasting(
        ErrorKind::Changed,
        Blames::None,
        "Servers give the ids of closed files to other files. Nothing was closed: list again, and close the file by its \
         new id.",
    )
}
