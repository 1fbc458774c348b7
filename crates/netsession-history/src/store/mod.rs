//! The database: nothing outside this module knows which one it is.

mod fault;
mod lock;
mod names;
mod overlay;
mod path;
mod read;
mod request;
mod rewrite;
mod rows;
mod size;
mod tables;
mod write;

pub(crate) use fault::Fault;
pub(crate) use lock::Lock;
pub(crate) use path::{FileId, check, is_empty};
pub(crate) use read::{Filter, View, Wanted, Window};
pub(crate) use request::{ask, find_requests, remove_answers};
pub(crate) use rewrite::{Dropped, Keep, remove_leftover, rewrite};
pub(crate) use rows::Row;
pub(crate) use size::StoredBytes;
pub(crate) use write::Store;
