//! From a TCP connection to a pipe that carries any call, without I/O: a driver carries the bytes.
//!
//! Two layers, the second made by the first: a [`Handshake`] ends in an [`RpcPipe`], which carries one call after
//! the other, each an [`Exchange`]. One piece of code, many drivers: the async and the blocking library, the
//! fuzzers and the tests with a fake clock all drive it as a [`Machine`], and none of them repeats a step.
//!
//! | module | holds |
//! |---|---|
//! | `machine` | what every driver carries |
//! | `handshake` | the states `negotiate` (ends in an `agreement`), `log_on`, `open_pipe`, each with what it needs |
//! | `rpc_pipe`, `exchange`, `reassembly` | the bound pipe; one call on it; its answer, put together from fragments |
//! | `validation` | the check against a downgrade, along with whatever is sent next |
//! | `channel`, `protection` | frames, message numbers, credits, signatures, encryption |
//! | `failure`, `misbehaviour` | why it failed |

mod agreement;
mod channel;
mod config;
mod exchange;
mod failure;
mod handshake;
mod log_on;
mod machine;
mod misbehaviour;
mod negotiate;
mod open_pipe;
mod protection;
mod reassembly;
mod rpc_pipe;
mod validation;

pub use config::{Config, Encryption, Entropy, Limits};
pub use exchange::{Call, Exchange, ExchangeEvent};
pub use failure::{BindRefusal, Cause, Failure, InvalidRequest, Limit, Refusal, SessionRefusal, Step};
pub use handshake::{Handshake, HandshakeEvent, Phase};
pub use machine::Machine;
pub use misbehaviour::{Misbehaviour, Tampering, Unsupported};
pub use rpc_pipe::{Negotiated, RpcPipe};

pub use crate::srvs::Operation;
