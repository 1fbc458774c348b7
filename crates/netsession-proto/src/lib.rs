//! `NetrSessionEnum` over SMB2 as a protocol without I/O.
//!
//! This crate turns bytes into values and values into bytes, and decides what to send next. It opens no
//! socket, reads no clock, draws no random number and starts no thread: whoever drives it hands those in.
//!
//! **Internal to `netsession`**: there is no promise of stability. Any release may change or remove any part of it,
//! without a new major version. The public API is that of the crate `netsession`.
//!
//! | module | holds | specification |
//! |---|---|---|
//! | [`wire`] | [`wire::Reader`], [`wire::Writer`]: the only code that touches raw offsets | |
//! | [`erref`] | status and error codes with names and plain-English texts | \[MS-ERREF\] |
//! | [`smb2`] | one file for each command; signing, sealing, key derivation | \[MS-SMB2\] |
//! | [`auth`] | SPNEGO and NTLM as tokens that end in a session key | \[MS-SPNG\], \[MS-NLMP\] |
//! | [`rpce`] | bind, request, response, fault, fragments | C706, \[MS-RPCE\] |
//! | [`ndr`] | pointers, strings, conformant arrays | C706 chapter 14 |
//! | [`srvs`] | one file for each call of the server service | \[MS-SRVS\] |
//! | [`client`] | from NEGOTIATE to a bound pipe that carries any call | |
//! | [`query`] | one question over as many calls as it takes | |
#![forbid(unsafe_code)]
#![warn(clippy::arithmetic_side_effects)]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::as_conversions))]

pub mod auth;
pub mod client;
pub mod erref;
pub mod ndr;
pub mod query;
pub mod rpce;
pub mod smb2;
pub mod srvs;
pub mod wire;
