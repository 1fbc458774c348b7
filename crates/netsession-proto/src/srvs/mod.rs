//! The server service, one file for each call (\[MS-SRVS\]).

mod level;
mod session_info;

pub use level::Level;
pub use session_info::SessionInfo;
