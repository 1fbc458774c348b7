//! The server service, one file for each call (\[MS-SRVS\]).
//!
//! A file or folder of a call holds its request, which is an [`RpcCall`], and its response. What a call needs
//! beside that (bind, fragments, reassembly) is the same for all.

mod call;
mod code_alone;
mod connection_enum;
mod enumeration;
mod file_close;
mod file_enum;
mod file_get_info;
mod file_info;
mod info_response;
mod interface;
mod level;
mod remote_tod;
mod server_get_info;
mod session_del;
mod session_enum;
mod session_info;
mod share_enum;
mod share_info;
#[cfg(test)]
mod test_bytes;

pub use call::{CodedResponse, Filters, MAX_PREFERRED_LENGTH, Operation, ResponseError, Right, RpcCall};
pub use code_alone::CodeAlone;
pub use connection_enum::{ConnectionEnumRequest, ConnectionEnumResponse, ConnectionInfo, ConnectionLevel};
pub use enumeration::{Entry, EnumResponse, InfoLevel};
pub use file_close::FileCloseRequest;
pub use file_enum::{FileEnumRequest, FileEnumResponse};
pub use file_get_info::{FileGetInfoRequest, FileGetInfoResponse};
pub use file_info::{FileInfo, FileLevel};
pub use info_response::{Info, InfoResponse};
pub use interface::{INTERFACE, PIPE};
pub use level::Level;
pub use remote_tod::{RemoteTodRequest, RemoteTodResponse, TimeOfDay};
pub use server_get_info::{ServerGetInfoRequest, ServerGetInfoResponse, ServerInfo101};
pub use session_del::SessionDelRequest;
pub use session_enum::{SessionEnumRequest, SessionEnumResponse, SessionStream, Shape};
pub use session_info::SessionInfo;
pub use share_enum::{ShareEnumRequest, ShareEnumResponse};
pub use share_info::{ShareInfo, ShareLevel};
