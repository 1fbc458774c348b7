//! The server's side of one connection, without I/O: no sockets, clock or randomness of its own.
//!
//! [`ServerConnection`] is driven as the client's state machine is, so that two peers can talk in memory
//! under a fake clock.
//!
//! | module | holds |
//! |---|---|
//! | `connection` | the entry points of a driver |
//! | `receive`, `send` | frames into operations, and replies into frames |
//! | `verify` | the checks before an operation is carried out |
//! | `commands` | the SMB2 commands, a file each |
//! | `respond`, `reply` | the reply to an operation |
//! | `state` | the state of the connection |
//! | `inbox`, `outbox` | bytes into frames, and frames into bytes that fall due |
//! | `ntlm`, `sequence_window`, `operation` | parts of the state |
//! | `pipe`, `association` | a pipe, and RPC on it: bind, requests, fragments |
//! | `calls` | the RPC calls, a file each |
//! | `faults` | the faults of the scenario |
//!
//! Each module imports only modules below it.

mod association;
mod calls;
mod commands;
mod connection;
mod faults;
mod inbox;
mod ntlm;
mod operation;
mod outbox;
mod pipe;
mod receive;
mod reply;
mod respond;
mod send;
mod sequence_window;
mod state;
mod verify;

pub use calls::answer_call;
pub use connection::ServerConnection;
pub use outbox::Transmit;
pub use state::{Entropy, Start};
