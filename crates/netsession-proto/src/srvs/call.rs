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

/// What a call is for: what failures of it are labelled with, and whether it may be made again after one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation {
    /// The call as the specification names it, such as `NetrSessionEnum`.
    pub call: &'static str,
    /// What it does, as an administrator would say it, such as `enumeration of sessions`.
    pub text: &'static str,
    /// Whether asking again after an answer that did not come does no harm. Closing may not be repeated.
    pub is_repeatable: bool,
    /// Whether every account may make it, on Windows and on Samba, at its lowest level.
    pub is_for_everyone: bool,
}

impl Operation {
    /// A call that changes nothing, for administrators.
    #[must_use]
    pub const fn question(call: &'static str, text: &'static str) -> Self {
        Self { call, text, is_repeatable: true, is_for_everyone: false }
    }

    /// A call that changes something, and is never repeated by itself.
    #[must_use]
    pub const fn change(call: &'static str, text: &'static str) -> Self {
        Self { is_repeatable: false, ..Self::question(call, text) }
    }

    /// The same call, as one that every account may make.
    #[must_use]
    pub const fn for_everyone(self) -> Self {
        Self { is_for_everyone: true, ..self }
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
