//! The server's side of one connection, without I/O: no sockets, clock or randomness of its own.
//!
//! [`ServerConnection`] is driven as the client's state machine is, so that two peers can talk in memory
//! under a fake clock.
//!
//! | module | holds |
//! |---|---|
//! | `connection` | the whole, and what a driver calls |
//! | `inbox`, `outbox` | bytes into frames, and frames into bytes that fall due |
//! | `receive`, `send` | compounds, credits, signatures, encryption |
//! | `dispatch` | which command is whose |
//! | `negotiate`, `log_on`, `ntlm`, `share`, `ioctl` | the commands |
//! | `pipe` | RPC: bind, requests, fragments |
//! | `session_enum` | the call |
//! | `faults` | what the scenario does wrong, one small place each |

mod connection;
mod credits;
mod dispatch;
mod faults;
mod inbox;
mod ioctl;
mod log_on;
mod negotiate;
mod ntlm;
mod outbox;
mod pipe;
mod receive;
mod reply;
mod send;
mod session;
mod session_enum;
mod share;

pub use connection::{Entropy, ServerConnection, Start};
pub use outbox::Transmit;
