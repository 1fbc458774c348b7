use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use netsession_proto::client;

use super::plan::SmbPlan;
use crate::error::{Cause, Error, ErrorKind, Step};

/// Pause before a failed connect is retried.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

/// Whether to retry a failed TCP connect, after [`PAUSE`]. Only the connect: a later retry could be a second log-on,
/// which counts towards the lock of an account.
pub(super) fn is_worth_another(error: &Error, plan: &SmbPlan) -> bool {
    let left = plan.deadline.saturating_duration_since(Instant::now());
    let again = error.kind() == ErrorKind::Connect && left > PAUSE;
    if again {
        tracing::debug!(server = %plan.server, %error, "connecting once more");
    }
    again
}

/// Both ends of a new connection.
pub(super) fn local_address(
    local: io::Result<SocketAddr>,
    peer: io::Result<SocketAddr>,
) -> Result<(IpAddr, SocketAddr), Error> {
    match (local, peer) {
        (Ok(local), Ok(peer)) => Ok((local.ip(), peer)),
        // RACE: the connection succeeded, and the peer has reset it before this call.
        (Err(_), _) | (_, Err(_)) => {
            Err(Error::new(Step::Connect, Cause::Conversation(client::Cause::Closed)))
        }
    }
}
