//! DCE/RPC, connection-oriented, without security of its own (C706 chapter 12, \[MS-RPCE\]).
//!
//! One file for each PDU, each with `encode` and `decode`; [`Pdu::decode`] decodes any of them, and
//! [`split_pdu`] finds the end of a PDU in a stream of bytes. [`crate::client`] puts the fragments of an answer
//! together.

mod bind;
mod bind_ack;
mod bind_nak;
mod fault;
mod fault_status;
mod fragment;
mod header;
mod pdu;
mod request;
mod response;
mod syntax;

pub use bind::{Bind, PresentationContext};
pub use bind_ack::{BindAck, ContextResult, RejectionReason};
pub use bind_nak::{BindNak, NakReason};
pub use fault::Fault;
pub use fault_status::FaultStatus;
pub use fragment::{Fragment, MIN_FRAGMENT, fragments};
pub use header::{Header, PacketType, flags};
pub use pdu::{Pdu, PduAndRest, split_pdu};
pub use request::Request;
pub use response::Response;
pub use syntax::{SyntaxId, Uuid};
