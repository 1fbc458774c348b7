//! The keys of one end, held by something that is not that end: it reads what went over the wire, and can then open,
//! change, sign and seal as that end does.

mod known;
mod message;
mod protection;

pub(crate) use known::Peer;
pub(crate) use message::overwrite;
pub(crate) use protection::Protection;
