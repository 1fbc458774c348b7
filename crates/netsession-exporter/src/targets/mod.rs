//! Which servers may be asked, and as whom.

mod allowed;
mod pattern;

pub(crate) use allowed::{Allowed, Entry, Refused};
pub use pattern::{ParsePatternError, Pattern};
