//! Closing an open file, and ending a session. What is closed is listed again right before.

mod file;
mod session;

pub use file::{CheckedFile, CloseFile};
pub use session::{CheckSession, CheckedSession, CloseSession};

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::question::{AskOnce, Carrier};

/// What became of a file that was to be closed, or a session that was to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Closed {
    /// The server closed it, and no longer lists it.
    Closed,
    /// It was gone before the request.
    AlreadyGone,
    /// The server said that it closed it, and still lists it: a client may have opened it again.
    StillListed,
    /// The server said that it closed it. It could not be listed again.
    Unverified,
}

/// Milliseconds before a server is asked again whether it still lists what it has closed, 1.55 s together. Samba hands the
/// request to the process of the file or session, and answers before that has carried it out.
const PAUSES: [u64; 5] = [50, 100, 200, 400, 800];

/// What is closed, and can be looked for among what the server lists.
trait Closable: Sync {
    /// Whether the server lists it.
    fn is_listed<C: Carrier>(
        &self,
        carrier: &mut C,
        deadline: Instant,
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Sends `request`, which closes it, and looks until it is gone.
async fn close<C: Carrier, R>(
    closable: &impl Closable,
    request: R,
    carrier: &mut C,
    deadline: Instant,
) -> Result<Closed, Error>
where
    R: AskOnce<Output = ()> + Clone + Send + Sync + 'static,
{
    let closed = carrier.ask(&request, deadline).await;
    // Without an answer the connection is not good for another request.
    if closed.as_ref().is_err_and(|error| !error.is_answer()) {
        return closed.map(|()| Closed::Unverified);
    }
    let mut pauses = pauses(deadline);
    loop {
        let after = closable.is_listed(carrier, deadline).await;
        match pauses.next() {
            Some(pause) if closed.is_ok() && matches!(after, Ok(true)) => carrier.pause(pause).await,
            _ => return outcome(closed, after),
        }
    }
}

/// The pauses that are left before `deadline`.
fn pauses(deadline: Instant) -> impl Iterator<Item = Duration> {
    PAUSES
        .into_iter()
        .map(Duration::from_millis)
        .take_while(move |pause| deadline.saturating_duration_since(Instant::now()) > pause.saturating_mul(2))
}

/// The outcome, by what the server lists after it answered the request. `after` is whether it is still listed.
fn outcome(closed: Result<(), Error>, after: Result<bool, Error>) -> Result<Closed, Error> {
    match (closed, after) {
        (Ok(()), Ok(false)) => Ok(Closed::Closed),
        (Ok(()), Ok(true)) => Ok(Closed::StillListed),
        (Ok(()), Err(error)) => {
            tracing::debug!(%error, "closed, and not listed again");
            Ok(Closed::Unverified)
        }
        // Samba refuses with "access denied" what is not there.
        (Err(_), Ok(false)) => Ok(Closed::AlreadyGone),
        (Err(error), Ok(true) | Err(_)) => Err(error),
    }
}
