//! NetrSessionEnum: who is connected to the server (\[MS-SRVS\] 3.1.4.5).

mod container;
mod fixed_parts;
mod request;
mod response;
#[cfg(test)]
mod samba_bytes;
mod stream;

pub use request::SessionEnumRequest;
pub use response::{SessionEnumResponse, Shape};
pub use stream::SessionStream;
