//! The calls of `netapi32`, one in each file, and all unsafe code of this backend.

#![expect(unsafe_code, reason = "this is where Windows is called, and nowhere else in this backend")]

mod answer;
mod connection_enum;
mod file_close;
mod file_enum;
mod remote_tod;
mod server_get_info;
mod session_del;
mod session_enum;
mod share_enum;
mod strings;

#[cfg(test)]
pub(super) use session_enum::session_enum;
