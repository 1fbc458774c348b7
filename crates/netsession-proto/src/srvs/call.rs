use crate::erref::Win32Error;
use crate::plural::count;
use crate::wire::DecodeError;

/// "Everything that there is", as a preferred length (\[MS-SRVS\] 2.2.2.2).
pub const MAX_PREFERRED_LENGTH: u32 = 0xffff_ffff;

/// One call of the server service: its number, and the stubs of request and response.
///
/// A file of a call implements it for its request. What carries the stub (bind, fragments, reassembly) is the
/// same for all calls.
pub trait RpcCall {
    /// The number of the procedure, as in \[MS-SRVS\] 3.1.4.
    const OPNUM: u16;
    /// What it is for.
    const OPERATION: Operation;
    /// What the server answers.
    type Response;

    /// The stub of the request.
    fn encode(&self) -> Vec<u8>;

    /// Reads the stub of the answer to this request, of `max_entries` entries at most; a call without entries
    /// disregards the limit.
    ///
    /// # Errors
    /// The stub is malformed, answers another request, or has too many entries.
    fn decode_response(&self, stub: &[u8], max_entries: usize) -> Result<Self::Response, ResponseError>;
}

/// The response of a call that answers by itself: all of it, and the return code.
pub trait CodedResponse {
    /// The return value of the call.
    fn code(&self) -> Win32Error;
}

/// What a call is for: what failures of it are labelled with, what they mean, and whether it may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation {
    /// The call as the specification names it, such as `NetrSessionEnum`.
    pub call: &'static str,
    /// What it does, as an administrator would say it, such as `enumeration of sessions`.
    pub text: &'static str,
    /// Whether asking again after an answer that did not come does no harm. Closing may not be repeated.
    pub is_repeatable: bool,
    /// The right that it needs.
    pub right: Right,
    /// The filters that make its answer smaller.
    pub filters: Filters,
}

/// The right that a call needs on Windows and on Samba (\[MS-SRVS\] 3.1.4, "security checks").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// None beyond the log-on, at the lowest level of the call.
    Everyone,
    /// That of an administrator of the server.
    Administrator,
    /// The right to list sessions, which Windows can grant apart (SrvsvcSessionInfo): NetrSessionEnum.
    ListSessions,
    /// The right to end sessions, which is for fewer accounts on Samba than to list them: NetrSessionDel.
    EndSessions,
}

/// The filters of a call that this program sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Filters {
    /// None.
    None,
    /// The user.
    User,
    /// The client and the user.
    ClientAndUser,
}

impl Operation {
    /// A call that changes nothing, for administrators, without filters.
    #[must_use]
    pub const fn question(call: &'static str, text: &'static str) -> Self {
        Self { call, text, is_repeatable: true, right: Right::Administrator, filters: Filters::None }
    }

    /// A call that changes something, and is never repeated by itself.
    #[must_use]
    pub const fn change(call: &'static str, text: &'static str) -> Self {
        Self { is_repeatable: false, ..Self::question(call, text) }
    }

    /// The same call, as one that needs this right.
    #[must_use]
    pub const fn with_right(self, right: Right) -> Self {
        Self { right, ..self }
    }

    /// The same call, as one with these filters.
    #[must_use]
    pub const fn with_filters(self, filters: Filters) -> Self {
        Self { filters, ..self }
    }
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// The bytes are not an answer to this call. Asking again does not help.
    #[error("malformed answer: {0}")]
    Malformed(#[from] DecodeError),
    /// The answer is well formed and has more entries than the caller takes.
    #[error("the answer holds more than {}", count(*limit, "entry", "entries"))]
    TooManyEntries {
        /// How many the caller would have taken.
        limit: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_call_is_kept() {
        let change = Operation::change("NetrFileClose", "closing of a file");
        assert_eq!((change.is_repeatable, change.right), (false, Right::Administrator));
        let call = change.with_right(Right::EndSessions).with_filters(Filters::User);
        assert_eq!(
            (call.is_repeatable, call.right, call.filters),
            (false, Right::EndSessions, Filters::User)
        );
    }
}
