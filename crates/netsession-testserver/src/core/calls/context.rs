use netsession_proto::rpce::FaultStatus;

use crate::host::{Caller, Host};
use crate::scenario::FaultKind;

/// Answers a call: from the stub of the request to the stub of the response.
pub(super) type Handler = fn(&CallContext<'_>, &[u8]) -> Result<Vec<u8>, FaultStatus>;

/// What a call works on besides its own bytes.
#[derive(Debug, Clone, Copy)]
pub(in crate::core) struct CallContext<'a> {
    pub(in crate::core) host: &'a Host,
    pub(in crate::core) caller: &'a Caller,
    /// The server's clock, as a FILETIME: hundreds of nanoseconds since 1601, UTC.
    pub(in crate::core) filetime: u64,
    /// The faults of the answer.
    pub(in crate::core) faults: &'a [FaultKind],
}
