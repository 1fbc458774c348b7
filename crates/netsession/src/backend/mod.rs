//! Where the answer comes from: the wire, or the system's own library.

mod choice;
mod driver;
pub(crate) mod smb;
#[cfg(windows)]
mod windows;

#[cfg(feature = "tokio")]
pub(crate) use driver::AsyncDriver;
pub(crate) use driver::{BlockingDriver, ConnectPlan};
