//! The server service, one file for each call (\[MS-SRVS\]).
//!
//! A file or folder of a call holds its request, which is an [`RpcCall`], and its response. What a call needs
//! beside that (bind, fragments, reassembly) is the same for all.

mod call;
mod interface;
mod level;
mod remote_tod;
mod session_enum;
mod session_info;

pub use call::{CodedResponse, MAX_PREFERRED_LENGTH, Operation, ResponseError, RpcCall};
pub use interface::{INTERFACE, PIPE};
pub use level::Level;
pub use remote_tod::{RemoteTodRequest, RemoteTodResponse, TimeOfDay};
pub use session_enum::{SessionEnumRequest, SessionEnumResponse, SessionStream, Shape};
pub use session_info::SessionInfo;
