//! The parts that all enumerations have in common (\[MS-SRVS\] 2.2.4, 3.1.4): the end of the request, the container of the
//! entries, the end of the answer. NetrSessionEnum takes these; the others are an [`EnumResponse`] of their entries.

mod container;
mod end;
mod entry;
mod request;
mod response;
#[cfg(test)]
mod tests;

pub(super) use container::decode_container;
pub(super) use end::EnumEnd;
pub use entry::{Entry, InfoLevel};
pub(super) use entry::{encode_strings, string_behind};
pub(super) use request::EnumRequest;
pub use response::EnumResponse;
