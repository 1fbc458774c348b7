//! A binding to the system's GSSAPI: as much of it as a client's log-on needs (RFC 2743, RFC 2744).
//!
//! All `unsafe` code of this crate is in here. What the C functions hand out is owned by a type that releases it.

mod buffer;
mod context;
mod credential;
mod library;
mod name;
mod status;
mod types;

pub(super) use context::Context;
pub(super) use credential::Credential;
pub(super) use name::Name;
