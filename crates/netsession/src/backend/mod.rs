//! The backends: the library's own SMB2 client, or the system's library.

mod choice;
mod driver;
pub(crate) mod smb;
#[cfg(windows)]
mod windows;

#[cfg(feature = "tokio")]
pub(crate) use driver::AsyncDriver;
pub(crate) use driver::{BlockingDriver, ConnectPlan};
