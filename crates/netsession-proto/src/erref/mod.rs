//! Status and error codes with names and plain-English texts (\[MS-ERREF\]).
//!
//! The tables hold what an administrator of file servers can meet. A code that they lack is shown as its
//! number.

mod nt_status;
mod table;
mod win32_error;

pub use nt_status::NtStatus;
pub(crate) use table::code_table;
pub use win32_error::Win32Error;
