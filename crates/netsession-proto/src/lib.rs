//! Calls of the server service (\[MS-SRVS\]) over SMB2, as a protocol without I/O.
//!
//! This crate turns bytes into values and values into bytes, and decides what to send next. It opens no
//! socket, reads no clock, draws no random number and starts no thread: the driver hands those in.
//!
//! A whole driver, against the double of `netsession-testserver`: carry bytes between a socket and a
//! [`client::Machine`] until it has an event, first for the handshake, then for each question.
//!
//! ```
//! use std::io::{ErrorKind, Read as _, Write as _};
//! use std::net::TcpStream;
//! use std::time::{Duration, Instant};
//!
//! use netsession_proto::auth::{Authenticator as _, ntlm::{NtlmAuthenticator, NtlmEntropy, NtlmIdentity}};
//! use netsession_proto::client::{Config, Entropy, Handshake, HandshakeEvent, Machine};
//! use netsession_proto::query::{Asking, AskingEvent, SessionFilter, SessionQuery, WantedLevel};
//!
//! fn next_event<M: Machine>(machine: &mut M, stream: &mut TcpStream) -> std::io::Result<M::Event> {
//!     let mut buffer = [0; 4096];
//!     loop {
//!         if let Some(event) = machine.poll_event() {
//!             return Ok(event);
//!         }
//!         while let Some(bytes) = machine.poll_transmit() {
//!             stream.write_all(&bytes)?;
//!         }
//!         let left = machine.poll_timeout().map(|at| at.saturating_duration_since(Instant::now()));
//!         stream.set_read_timeout(left.map(|left| left.max(Duration::from_millis(1))))?;
//!         match stream.read(&mut buffer) {
//!             Ok(0) => machine.handle_close(Instant::now()),
//!             Ok(length) => machine.handle_input(&buffer[..length], Instant::now()),
//!             Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
//!                 machine.handle_timeout(Instant::now());
//!             }
//!             Err(error) => return Err(error),
//!         }
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (address, _handle) = netsession_testserver::Server::start(netsession_testserver::scenario::shipped("windows")?)?;
//! let (now, mut stream) = (Instant::now(), TcpStream::connect(address)?);
//! let deadline = now + Duration::from_secs(10);
//! let random = NtlmEntropy { client_challenge: [7; 8], exported_session_key: [9; 16] }; // from a CSPRNG
//! let who = NtlmIdentity { domain: "LAB".into(), user: "admin".into(), password: String::from("Passw0rd!").into(), workstation: "WS1".into() };
//! let mut ntlm = NtlmAuthenticator::new(who, "fs1", random, 0)?;
//! let random = Entropy { client_guid: [1; 16], preauth_salt: [2; 32] };
//! let mut handshake = Handshake::new(Config::new("fs1", deadline), &random, now);
//! let pipe = loop {
//!     match next_event(&mut handshake, &mut stream)? {
//!         HandshakeEvent::NeedToken { input, stage } => handshake.provide_token(ntlm.step(stage, &input.0)),
//!         HandshakeEvent::Ready(pipe) => break pipe,
//!         HandshakeEvent::Failed(failure) => return Err(failure.cause.into()),
//!         HandshakeEvent::Reconnect(_) => return Err("the server wants single requests, on a new connection".into()),
//!         HandshakeEvent::Phase(_) => {}
//!     }
//! };
//! let query = SessionQuery::new(None, WantedLevel::Auto, SessionFilter::default(), pipe.limits());
//! let mut asking = Asking::new(*pipe, query, deadline, now);
//! let AskingEvent::Items(sessions) = next_event(&mut asking, &mut stream)? else { panic!("refused") };
//! assert_eq!(sessions[0].user.as_deref(), Some("alice"));
//! # Ok(())
//! # }
//! ```
//!
//! **Internal to `netsession`**: there is no promise of stability. Any release may change or remove any part of it,
//! without a new major version. The public API is that of the crate `netsession`.
//!
//! | module | holds | specification |
//! |---|---|---|
//! | [`wire`] | [`wire::Reader`], [`wire::Writer`]: the only code that touches raw offsets | |
//! | [`erref`] | status and error codes with names and plain-English texts | \[MS-ERREF\] |
//! | [`smb2`] | one file for each command; signing, sealing, key derivation | \[MS-SMB2\] |
//! | [`auth`] | SPNEGO, NTLM and Kerberos as tokens that end in a session key | \[MS-SPNG\], \[MS-NLMP\], RFC 4120 |
//! | [`rpce`] | bind, request, response, fault, fragments | C706, \[MS-RPCE\] |
//! | [`ndr`] | pointers, strings, conformant arrays | C706 chapter 14 |
//! | [`srvs`] | one file for each call of the server service | \[MS-SRVS\] |
//! | [`client`] | from NEGOTIATE to a bound pipe that carries any call | |
//! | [`query`] | one question over as many calls as it takes | |
#![forbid(unsafe_code)]
#![warn(clippy::arithmetic_side_effects)]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::as_conversions))]
#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod auth;
pub mod client;
pub mod erref;
pub mod ndr;
mod plural;
pub mod query;
pub mod rpce;
pub mod smb2;
pub mod srvs;
pub mod wire;
