//! Status and error codes with names and plain-English texts (\[MS-ERREF\]).

mod nt_status;
mod win32_error;

pub use nt_status::NtStatus;
pub use win32_error::Win32Error;
