//! The open files of a server.

mod access;
#[cfg(feature = "testing")]
mod builder;
mod clients;
mod listing;
mod open_file;
mod path_pattern;
mod question;
mod unc;

pub use access::FileAccess;
#[cfg(feature = "testing")]
pub use builder::OpenFileBuilder;
pub use listing::FileListing;
pub use open_file::OpenFile;
pub use path_pattern::PathPattern;
pub use question::Files;
#[cfg(feature = "tokio")]
pub(crate) use question::{FileList, unless_refused};
