//! The open files of a server.

mod access;
mod clients;
mod listing;
mod open_file;
mod path_pattern;
mod question;
mod unc;

pub use access::FileAccess;
pub use listing::FileListing;
pub use open_file::OpenFile;
pub use path_pattern::PathPattern;
pub use question::Files;
