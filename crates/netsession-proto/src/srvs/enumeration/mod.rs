//! What NetrConnectionEnum, NetrFileEnum and NetrShareEnum have in common (\[MS-SRVS\] 2.2.4, 3.1.4): a level, a union
//! of containers, pages.

mod entry;
mod request;
mod response;
#[cfg(test)]
mod tests;

pub(super) use entry::string_behind;
pub use entry::{Entry, InfoLevel};
pub(super) use request::EnumRequest;
pub use response::EnumResponse;
