//! One verdict for each failure: kind, retry, blame and advice.
//!
//! Everything that depends on the sort of a failure reads its [`Verdict`]: the kind in the API, in JSON and in
//! metrics, the exit code, the log-on guard, and the advice. Causes are closed enums and
//! are matched without a wildcard: a new cause does not compile until it is classified here. Only the numbers that
//! servers send (statuses, return codes, faults) are open, and have a default.
//!
//! | file | source of the failure |
//! |---|---|
//! | `connection` | resolver, TCP, deadline, this machine |
//! | `conversation` | the state machine of the protocol |
//! | `log_on` | what a failed log-on counts against, the status that answers SESSION_SETUP, and the log-on guard |
//! | `kerberos` | the system's Kerberos library, a domain controller |
//! | `answer` | a status, a return code or a fault from a server that logged the caller on |
//! | `system` | a return code of the system's own call |

mod answer;
mod connection;
mod conversation;
mod kerberos;
mod log_on;
#[cfg(any(windows, test))]
mod system;
mod verdict;

#[cfg(any(windows, test))]
pub(super) use system::step as system_step;
pub(super) use verdict::{Blames, Place, Verdict};

use super::Cause;

/// Judges a failure.
pub(super) fn classify(cause: &Cause, place: Place) -> Verdict {
    match cause {
        Cause::InvalidRequest(_) => Verdict::invalid_request(),
        Cause::Resolve(error) => connection::unresolved(error),
        Cause::Connect(tried) => connection::unconnected(tried),
        Cause::TimedOut(_) => connection::timed_out(place.step),
        Cause::Blocked(_) => log_on::blocked(),
        Cause::Unanswered(_) => log_on::unanswered(),
        Cause::ClientClosed => connection::client_closed(),
        Cause::Local(_) => connection::local(),
        #[cfg(any(windows, test))]
        Cause::System(code) => system::returned(*code, place),
        Cause::Kerberos(error) => kerberos::failed(error),
        Cause::Conversation(cause) => conversation::ended(cause, place),
    }
}
