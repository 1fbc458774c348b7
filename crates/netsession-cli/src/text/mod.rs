//! Texts: what people type and read, without anything of this program's own.

pub(crate) mod duration;
pub(crate) mod fit;
mod human_time;
mod local_clock;
pub(crate) mod moment;
mod name_key;
mod plural;
pub(crate) mod size;
pub(crate) mod store_limit;

pub(crate) use human_time::human_time;
pub(crate) use local_clock::LocalClock;
pub(crate) use name_key::NameKey;
pub(crate) use netsession::escaped;
pub(crate) use plural::count;
