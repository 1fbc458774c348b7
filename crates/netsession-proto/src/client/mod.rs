//! From a TCP connection to a pipe that carries any call, without I/O: a driver carries the bytes.
//!
//! Two layers, the second made by the first: a [`Handshake`] ends in an [`RpcPipe`], which carries one call after
//! the other, each a [`PendingCall`]. The third layer, [`query`](crate::query), decides which calls these are, and makes
//! them in the same way as any other user of this module. One piece of code, many drivers: the async and the blocking
//! library, the fuzzers and the tests with a fake clock all drive it as a [`Machine`], and none of them repeats a step.
//!
//! | module | holds |
//! |---|---|
//! | `machine` | what every driver carries |
//! | `handshake` | the states `negotiate` (ends in an `agreement`), `log_on`, `open_pipe`, each with what it needs |
//! | `rpc_pipe`, `pending_call` | the bound pipe, and one call on it |
//! | `pending_pair` | two calls at the same time, on two pipes |
//! | `connection`, `pipe` | what the pipes of a connection share, and what each has of its own |
//! | `open_second` | a second pipe of the same connection |
//! | `under_way`, `reassembly` | a call on one of the pipes; its answer, put together from fragments |
//! | `task` | what is under way on a connection, up to a deadline |
//! | `bind` | CREATE and bind of a pipe |
//! | `validation` | the check against a downgrade, along with whatever is sent next |
//! | `channel`, `protection` | frames, message numbers, credits, signatures, encryption |
//! | `failure`, `misbehaviour` | why it failed |

mod agreement;
mod bind;
mod channel;
mod config;
mod connection;
mod failure;
mod handshake;
mod log_on;
mod machine;
mod misbehaviour;
mod negotiate;
mod open_pipe;
mod open_second;
mod pending_call;
mod pending_pair;
mod pipe;
mod protection;
mod reassembly;
mod rpc_pipe;
mod task;
mod under_way;
mod validation;

pub use config::{Config, Encryption, Entropy, Limits};
pub use connection::Negotiated;
pub use failure::{BindRefusal, Cause, Failure, InvalidRequest, Limit, Refusal, SessionRefusal, Step};
pub use handshake::{Handshake, HandshakeEvent, Phase, Reconnect};
pub use machine::Machine;
pub use misbehaviour::{Misbehaviour, Tampering, Unsupported};
pub use open_second::{OpenSecond, OpenSecondEvent};
pub use pending_call::{PendingCall, PendingCallEvent};
pub use pending_pair::{FreePipe, PendingPair, PendingPairEvent, WhichPipe};
pub use rpc_pipe::{PipePair, RpcPipe};
pub use under_way::Call;

pub use crate::srvs::Operation;
