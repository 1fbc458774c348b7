//! One verdict for each failure: kind, retry, blame and advice.
//!
//! Everything that depends on the sort of a failure reads its [`Verdict`]: the kind in the API, in JSON and in
//! metrics, the log-on guard, and the advice. Causes are closed enums and
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
//! | `changing` | a request that changes something |
//! | `system` | a return code of the system's own call |

mod answer;
mod changing;
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

use netsession_proto::client;

use super::code::Code;
use super::{Cause, Changed, InvalidRequest};

/// Judges a failure.
pub(super) fn classify(cause: &Cause, place: Place) -> Verdict {
    let changes = place.step.is_some_and(|step| !step.is_repeatable());
    if changes && may_be_carried_out(cause) {
        return changing::unknown_outcome();
    }
    let verdict = judge(cause, place);
    // An RPC fault or a status of SMB can be about the way to the call. Only its return code says that another try
    // does no harm.
    let is_safe = !changes || matches!(Code::from_cause(cause), Some(Code::Win32(_)));
    Verdict { is_retryable: verdict.is_retryable && is_safe, ..verdict }
}

fn judge(cause: &Cause, place: Place) -> Verdict {
    match cause {
        Cause::InvalidRequest(request) => invalid(request),
        Cause::Changed(Changed::OtherFile { .. } | Changed::SeveralFiles { .. }) => changing::changed(),
        Cause::Resolve(error) => connection::unresolved(error),
        Cause::Connect(tried) => connection::unconnected(tried),
        Cause::TimedOut(_) => connection::timed_out(place.step),
        Cause::Blocked(refusal) => log_on::blocked(refusal.reason),
        Cause::Unanswered(_) => log_on::unanswered(),
        Cause::ClientClosed => connection::client_closed(),
        Cause::Local(_) => connection::local(),
        #[cfg(any(windows, test))]
        Cause::System(code) => system::returned(*code, place),
        Cause::Kerberos(error) => kerberos::failed(error),
        Cause::Conversation(cause) => conversation::ended(cause, place),
    }
}

fn invalid(request: &InvalidRequest) -> Verdict {
    match request {
        InvalidRequest::Server(_)
        | InvalidRequest::ThisMachine
        | InvalidRequest::Account(_)
        | InvalidRequest::NoCredentials
        | InvalidRequest::ZeroTimeout
        | InvalidRequest::Dialects
        | InvalidRequest::NtlmAlone
        | InvalidRequest::KerberosAlone
        | InvalidRequest::Backend(_)
        | InvalidRequest::Name(_)
        | InvalidRequest::Qualifier
        | InvalidRequest::FileWithoutPath
        | InvalidRequest::NamelessSession
        | InvalidRequest::OwnSession => Verdict::invalid_request(),
    }
}

/// Whether a request that failed so was sent and has no answer that can be read.
fn may_be_carried_out(cause: &Cause) -> bool {
    match cause {
        // An error status of SMB is no answer of the call: the process behind the pipe may have ended after its work.
        Cause::Conversation(client::Cause::Status(status)) => !answer::is_before_the_call(*status),
        Cause::Conversation(cause) => {
            !cause.is_answer() && !matches!(cause, client::Cause::InvalidRequest(_))
        }
        Cause::TimedOut(_) => true,
        #[cfg(any(windows, test))]
        Cause::System(_) => true,
        Cause::InvalidRequest(_)
        | Cause::Changed(_)
        | Cause::Resolve(_)
        | Cause::Connect(_)
        | Cause::Blocked(_)
        | Cause::Unanswered(_)
        | Cause::ClientClosed
        | Cause::Local(_)
        | Cause::Kerberos(_) => false,
    }
}
