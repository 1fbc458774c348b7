//! NetrSessionEnum: who is connected to the server (\[MS-SRVS\] 3.1.4.5).

mod container;
mod request;
mod response;
#[cfg(test)]
mod samba_bytes;

use crate::wire::DecodeError;

pub use request::SessionEnumRequest;
pub use response::{SessionEnumResponse, Shape};

/// The number of the call.
pub const OPNUM: u16 = 12;

/// "Everything that there is", as a preferred length (\[MS-SRVS\] 2.2.2.2).
pub const MAX_PREFERRED_LENGTH: u32 = 0xffff_ffff;

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionEnumError {
    /// The bytes are not an answer to this call. Asking again does not help.
    #[error("malformed answer: {0}")]
    Malformed(#[from] DecodeError),
    /// The answer is well formed and holds more sessions than the caller is willing to take.
    #[error("the answer holds more than {limit} sessions")]
    TooManyEntries {
        /// How many the caller would have taken.
        limit: usize,
    },
}
